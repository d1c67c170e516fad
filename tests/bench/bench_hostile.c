// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Inputs made to be expensive: CPU time of ours beside GnuTLS and OpenSSL on the same bytes. */
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcapcert/memo.h"
#include "tests/bench/hostile.h"
#include "tests/bench/report.h"

/* A peer that has not answered by then is killed. */
#define LIMIT_SECONDS 20
#define HOST HOSTILE_HOST

static void run_ours(const struct hostile *h)
{
	struct hostile_verdict v;

	memo_clear();
	hostile_ask(h, &v, false);
}

static void run_gnutls(const struct hostile *h)
{
	gnutls_x509_trust_list_t list;
	gnutls_x509_crt_t crt[HOSTILE_CHAIN];
	unsigned int status, i;
	gnutls_typed_vdata_st name = { .type = GNUTLS_DT_DNS_HOSTNAME,
				       .data = (unsigned char *)(uintptr_t)HOST };

	gnutls_x509_trust_list_init(&list, 0);
	for (i = 0; i < h->anchor_count; i++) {
		gnutls_x509_crt_t a;

		gnutls_x509_crt_init(&a);
		if (gnutls_x509_crt_import(a, &h->anchors[i], GNUTLS_X509_FMT_DER) == 0)
			gnutls_x509_trust_list_add_cas(list, &a, 1, 0);
	}
	for (i = 0; i < h->chain_count; i++) {
		gnutls_x509_crt_init(&crt[i]);
		gnutls_x509_crt_import(crt[i], &h->chain[i], GNUTLS_X509_FMT_DER);
	}
	gnutls_x509_trust_list_verify_crt2(list, crt, h->chain_count, &name, 1, 0, &status, NULL);
}

static void run_openssl(const struct hostile *h)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	X509_VERIFY_PARAM *param;
	const unsigned char *p;
	X509 *leaf = NULL;
	uint32_t i;

	for (i = 0; i < h->anchor_count; i++) {
		p = h->anchors[i].data;
		X509_STORE_add_cert(store, d2i_X509(NULL, &p, (long)h->anchors[i].size));
	}
	for (i = 0; i < h->chain_count; i++) {
		p = h->chain[i].data;
		X509 *x = d2i_X509(NULL, &p, (long)h->chain[i].size);

		if (i == 0)
			leaf = x;
		else if (x)
			sk_X509_push(others, x);
	}
	if (!leaf)
		return;
	X509_STORE_CTX_init(ctx, store, leaf, others);
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, PKI_NOW);
	X509_VERIFY_PARAM_set1_host(param, HOST, 0);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_POLICY_CHECK);
	X509_verify_cert(ctx);
}

/* CPU milliseconds of one @run, the mean of 300 ms of them in a child of its own, or LIMIT_SECONDS if that was not enough. */
static double measure(void (*run)(const struct hostile *h), const struct hostile *h)
{
	static volatile double *shared;
	struct rlimit limit = { LIMIT_SECONDS, LIMIT_SECONDS };
	pid_t pid;
	int status;

	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		abort();
	*shared = LIMIT_SECONDS * 1e3;
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		double start = report_cpu_us();
		int n = 0;

		setrlimit(RLIMIT_CPU, &limit);
		do {
			run(h);
			n++;
		} while (report_cpu_us() - start < 3e5);
		*shared = (report_cpu_us() - start) / 1e3 / n;
		_exit(0);
	}
	if (waitpid(pid, &status, 0) < 0)
		abort();
	if (status && !(WIFSIGNALED(status) &&
			(WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))) {
		fprintf(stderr, "%s: a child ended with status 0x%x\n", h->name,
			(unsigned int)status);
		exit(1);
	}
	return *shared;
}

/* The least of three: another's work on the machine is no work of ours. */
static double least(void (*run)(const struct hostile *h), const struct hostile *h)
{
	double best = measure(run, h);
	int i;

	for (i = 0; i < 2 && best < 1e3; i++) {
		double ms = measure(run, h);

		best = ms < best ? ms : best;
	}
	return best;
}

static void peer(const struct hostile *h, double ours, void (*run)(const struct hostile *h),
		 const char *who)
{
	double ms = least(run, h);
	char name[64], label[64];

	snprintf(name, sizeof(name), "hostile: %s", h->name);
	snprintf(label, sizeof(label), "%s%s", who, ms >= LIMIT_SECONDS * 1e3 ? ", >20 s" : "");
	report(name, ours, ms, label, "ms");
}

static time_t judged_at(time_t *ret)
{
	if (ret)
		*ret = PKI_NOW;
	return PKI_NOW;
}

int main(void)
{
	size_t i;

	gnutls_global_set_time_function(judged_at);
	for (i = 0; i < HOSTILE_CASES; i++) {
		struct hostile h = hostile_make(i);
		struct hostile_verdict v;
		double ours = least(run_ours, &h);

		peer(&h, ours, run_gnutls, "GnuTLS");
		peer(&h, ours, run_openssl, "OpenSSL");
		hostile_ask(&h, &v, false);
		printf("    %u certificates, %zu bytes: %s\n", h.chain_count, hostile_bytes(&h),
		       v.detail);
		hostile_free(&h);
	}
	return 0;
}
