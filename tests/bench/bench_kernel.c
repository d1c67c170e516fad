/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel paths against GnuTLS and bare system calls, all in one guest: cached outcomes, store use. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/x509.h>
#include <nettle/sha2.h>

#include <capcert/verify.h>
#include "tests/bench/report.h"

#define MAX_CERTS 8

/* Real chains in tests/data: leaf and intermediate are sent, the root is an anchor. */
static const struct real_chain {
	const char *kind, *prefix, *host;
	time_t time;
} real_chains[] = {
	{ "EC", "ec", "cloudflare.com", 1753012800 },
	{ "RSA", "rsa", "python.org", 1741262400 },
};
static time_t judged_at;

static time_t fixed_time(time_t *ret)
{
	if (ret)
		*ret = judged_at;
	return judged_at;
}

static void die(const char *what, int error)
{
	fprintf(stderr, "bench_kernel: %s: %s\n", what, capcert_strerror(error));
	exit(1);
}

static uint8_t *slurp(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *data;
	size_t at = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(path, -errno);
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		die(path, -ENOMEM);
	while (at < (size_t)st.st_size) {
		ssize_t n = read(fd, data + at, (size_t)st.st_size - at);

		if (n <= 0)
			die(path, n ? -errno : -EIO);
		at += (size_t)n;
	}
	close(fd);
	data[at] = 0;
	*ret_len = at;
	return data;
}

static int32_t new_key(const char *type, const char *payload)
{
	long serial = syscall(SYS_add_key, type, "bench", payload, payload ? strlen(payload) : 0,
			      -2 /* process keyring */);

	if (serial < 0)
		die(type, -errno);
	return (int32_t)serial;
}

struct bench {
	int store, verifier;
	const char *host;
	capcert_chain *chain;
	struct capcert_blob blobs[MAX_CERTS];
	gnutls_x509_trust_list_t gnutls_trust;
	gnutls_datum_t gnutls_der[MAX_CERTS];
	unsigned int count;
};

/* Every anchor of the PEM bundle into the kernel store; returns the bytes of DER put in. */
static size_t fill_store(int store, const char *path, uint32_t *ret_count)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	size_t len, total = 0;
	char *text = (char *)slurp(path, &len), *at = text;

	while ((at = strstr(at, begin)) != NULL) {
		char *next = strstr(at + 1, begin);
		size_t n = next ? (size_t)(next - at) : strlen(at);
		capcert_cert *cert;
		uint8_t pin[32];
		size_t der_len;
		const uint8_t *der;
		int r = capcert_cert_new((uint8_t *)at, n, &cert, NULL);

		if (r)
			die(path, r);
		der = capcert_cert_der(cert, &der_len);
		capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, pin);
		r = capcert_store_add(store, der, der_len, 0, pin, NULL);
		if (r && r != -EEXIST)
			die("adding an anchor", r);
		if (!r) {
			total += der_len;
			(*ret_count)++;
		}
		capcert_cert_free(cert);
		at += strlen(begin);
	}
	free(text);
	return total;
}

static uint64_t object_bytes(void)
{
	struct capcert_status status = { .size = sizeof(status) };
	int r = capcert_get_status(&status);

	if (r)
		die("status", r);
	return status.object_bytes;
}

static void load_chain(struct bench *b, const char *dir, const struct real_chain *real)
{
	static const char *const parts[] = { "leaf", "intermediate" };
	int r = capcert_chain_new(&b->chain);

	if (r)
		die("chain", r);
	b->host = real->host;
	b->count = 2;
	for (unsigned int i = 0; i < b->count; i++) {
		char path[512];
		capcert_cert *cert;
		uint8_t *data;
		const uint8_t *der;
		size_t len;

		snprintf(path, sizeof(path), "%s/%s-%s.der", dir, real->prefix, parts[i]);
		data = slurp(path, &len);
		r = capcert_cert_new(data, len, &cert, NULL);
		if (r)
			die(path, r);
		free(data);
		capcert_chain_push(b->chain, cert);
		der = capcert_cert_der(cert, &len);
		capcert_cert_free(cert); /* the chain has its own reference */
		b->blobs[i] = (struct capcert_blob){ .ptr = (uintptr_t)der,
						     .len = (uint32_t)len,
						     .fd = -1 };
		b->gnutls_der[i].data = (unsigned char *)(uintptr_t)der;
		b->gnutls_der[i].size = (unsigned int)len;
	}
}

/* One kernel verification; @ret_flags tells whether it came from the cache. */
static uint32_t verify_once(const struct bench *b)
{
	struct capcert_outcome outcome;
	struct capcert_verify arg = {
		.size = sizeof(arg),
		.flags = CAPCERT_VERIFY_TIME,
		.time = judged_at,
		.store_fd = b->store,
		.pins_fd = -1,
		.chain = (uintptr_t)b->blobs,
		.chain_count = b->count,
		.name = (uintptr_t)b->host,
		.name_len = (uint32_t)strlen(b->host),
		.name_type = CAPCERT_NAME_DNS,
		.outcome = (uintptr_t)&outcome,
		.outcome_size = sizeof(outcome),
		.fd = -1,
	};

	if (ioctl(b->verifier, CAPCERT_VERIFY, &arg) < 0)
		die("verify", -errno);
	if (!outcome.valid) {
		fprintf(stderr, "bench_kernel: not valid: %s\n", outcome.detail);
		exit(1);
	}
	return outcome.flags;
}

static void run_cached(const struct bench *b, unsigned int n)
{
	while (n--)
		if (!(verify_once(b) & CAPCERT_OUTCOME_CACHED)) {
			fprintf(stderr, "bench_kernel: an outcome did not come from the cache\n");
			exit(1);
		}
}

static void run_floor(const struct bench *b, unsigned int n)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	uint8_t digest[32];

	while (n--) {
		struct sha256_ctx ctx;

		sha256_init(&ctx);
		for (unsigned int i = 0; i < b->count; i++)
			sha256_update(&ctx, b->blobs[i].len,
				      (const uint8_t *)(uintptr_t)b->blobs[i].ptr);
		sha256_digest(&ctx, sizeof(digest), digest);
		if (ioctl(null, CAPCERT_VERSION, digest) == 0)
			exit(1);
	}
	close(null);
}

static void run_gnutls(const struct bench *b, unsigned int n)
{
	while (n--) {
		gnutls_x509_crt_t crt[MAX_CERTS];
		unsigned int status = 1;
		gnutls_typed_vdata_st vdata = { .type = GNUTLS_DT_DNS_HOSTNAME,
						.data = (unsigned char *)(uintptr_t)b->host };

		for (unsigned int i = 0; i < b->count; i++) {
			gnutls_x509_crt_init(&crt[i]);
			gnutls_x509_crt_import(crt[i], &b->gnutls_der[i], GNUTLS_X509_FMT_DER);
		}
		if (gnutls_x509_trust_list_verify_crt2(b->gnutls_trust, crt, b->count, &vdata, 1, 0,
						       &status, NULL) < 0 ||
		    status) {
			fprintf(stderr, "bench_kernel: GnuTLS says status 0x%x\n", status);
			exit(1);
		}
		for (unsigned int i = 0; i < b->count; i++)
			gnutls_x509_crt_deinit(crt[i]);
	}
}

static void case_cached(void *arg, unsigned int n)
{
	run_cached(arg, n);
}

static void case_floor(void *arg, unsigned int n)
{
	run_floor(arg, n);
}

static void case_gnutls(void *arg, unsigned int n)
{
	run_gnutls(arg, n);
}

enum { CASE_CACHED, CASE_FLOOR, CASE_GNUTLS, CASES };

/* @procs processes at once, each with its own interleaved rounds; the mean of their medians. */
static void race(struct bench *b, unsigned int procs, double ret_us[CASES])
{
	double(*us)[CASES] = mmap(NULL, sizeof(*us) * procs, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (us == MAP_FAILED)
		die("mmap", -errno);
	for (unsigned int p = 0; p < procs; p++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork", -errno);
		if (!pid) {
			struct report_case cases[CASES] = {
				[CASE_CACHED] = { "cached", case_cached, b, 800 / procs, 0 },
				[CASE_FLOOR] = { "floor", case_floor, b, 800 / procs, 0 },
				[CASE_GNUTLS] = { "GnuTLS", case_gnutls, b, 1, 0 },
			};

			report_race(cases, CASES);
			for (unsigned int i = 0; i < CASES; i++)
				us[p][i] = cases[i].us;
			_exit(0);
		}
	}
	for (unsigned int p = 0; p < procs; p++) {
		int status;

		if (wait(&status) < 0 || status) {
			fprintf(stderr, "bench_kernel: a process failed\n");
			exit(1);
		}
	}
	for (unsigned int i = 0; i < CASES; i++) {
		ret_us[i] = 0;
		for (unsigned int p = 0; p < procs; p++)
			ret_us[i] += us[p][i] / procs;
	}
	munmap(us, sizeof(*us) * procs);
}

/* In a guest whose clock counts instructions, 8 ns stand for one of them. */
static double scale = 1;
static const char *unit = "us";

static void bench_cached(struct bench *b, const char *kind)
{
	static const unsigned int procs[] = { 1, 2, 8 };
	double us[CASES];
	char name[96];

	verify_once(b); /* the miss that fills the cache */
	for (size_t i = 0; i < sizeof(procs) / sizeof(procs[0]); i++) {
		race(b, procs[i], us);
		snprintf(name, sizeof(name), "cached outcome, %s, %u processes", kind, procs[i]);
		report(name, us[CASE_CACHED] * scale, us[CASE_FLOOR] * scale, "SHA-256 + ioctl",
		       unit);
		report(name, us[CASE_CACHED] * scale, us[CASE_GNUTLS] * scale, "GnuTLS verify",
		       unit);
	}
}

static long private_kb(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	char line[128];
	long kb = 0, v;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Private_Dirty: %ld", &v) == 1)
			kb += v;
	if (f)
		fclose(f);
	return kb;
}

/* What a process pays to have the trust store: a handle, or GnuTLS' own copy. */
static void bench_store_use(int32_t serial)
{
	const unsigned int n = 500;
	gnutls_x509_trust_list_t list;
	struct capcert_info info;
	long before, ours_kb, peer_kb;
	double t0, ours, peer;
	int fd, r;

	before = private_kb();
	t0 = report_cpu_us();
	for (unsigned int i = 0; i < n; i++) {
		r = capcert_open(serial, CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_VERIFY, &fd);
		if (!r)
			r = capcert_get_info(fd, &info);
		if (r)
			die("open", r);
		close(fd);
	}
	ours = (report_cpu_us() - t0) / n;
	ours_kb = private_kb() - before;

	before = private_kb();
	t0 = report_cpu_us();
	gnutls_x509_trust_list_init(&list, 0);
	r = gnutls_x509_trust_list_add_system_trust(list, 0, 0);
	if (r <= 0) {
		fprintf(stderr, "bench_kernel: GnuTLS found no system trust\n");
		exit(1);
	}
	peer = report_cpu_us() - t0;
	peer_kb = private_kb() - before;
	gnutls_x509_trust_list_deinit(list, 1);
	report("use a trust store", ours * scale, peer * scale, "GnuTLS load system trust", unit);
	printf("    private memory per process: %ld kB ours, %ld kB GnuTLS\n", ours_kb, peer_kb);
}

int main(int argc, char **argv)
{
	struct bench b = { .store = -1 };
	uint64_t before,
		rights = CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_TRANSFER;
	int32_t serial;
	uint32_t count = 0;
	size_t der;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: bench_kernel ROOTS.pem DATA   (DATA: tests/data)\n");
		return 2;
	}
	if (getenv("BENCH_ICOUNT")) {
		scale = 1 / 8.0;
		unit = "ki";
	}
	before = object_bytes();
	serial = new_key("captrust", NULL);
	r = capcert_open(serial, rights | CAPCERT_RIGHT_ADD, &b.store);
	if (r)
		die("store", r);
	der = fill_store(b.store, argv[1], &count);
	printf("store of %u anchors\n", count);
	report("kernel memory of a store", (double)(object_bytes() - before) / 1024,
	       (double)der / 1024, "DER bytes", "kB");
	bench_store_use(serial);

	r = capcert_open(new_key("capverify", "preset=webpki-lenient;time=any"), rights,
			 &b.verifier);
	if (r)
		die("verifier", r);
	gnutls_global_set_time_function(fixed_time);
	gnutls_x509_trust_list_init(&b.gnutls_trust, 0);
	gnutls_x509_trust_list_add_trust_file(b.gnutls_trust, argv[1], NULL, GNUTLS_X509_FMT_PEM, 0,
					      0);
	for (size_t i = 0; i < sizeof(real_chains) / sizeof(real_chains[0]); i++) {
		judged_at = real_chains[i].time;
		load_chain(&b, argv[2], &real_chains[i]);
		bench_cached(&b, real_chains[i].kind);
		capcert_chain_free(b.chain);
	}
	gnutls_x509_trust_list_deinit(b.gnutls_trust, 1);
	return 0;
}
