/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Admission of signed bundles beside one RSA-4096 verification by the same kernel, and views by subject among 150 and
 * among 15,000 anchors beside a filter that looks at each of them. In the guest, by root. */
#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <linux/keyctl.h>

#include <capcert/bundle.h>
#include <capcert/capcert.h>
#include <capcert/verify.h>
#include "tests/bench/report.h"

#define ANCHORS 150
#define MANY 15000
/* report_race() runs a case of @n operations this often. */
#define RUNS(n) ((n) / 10 + 1 + REPORT_ROUNDS * (n))
#define ADMISSIONS 2

static void die(const char *what, int error)
{
	fprintf(stderr, "bench_admit: %s: %s\n", what, capcert_strerror(error));
	exit(1);
}

/* ---- bundles ---- */

struct signer {
	capcert_cert *cert;
	char *pem; /* of the key */
	size_t pem_len;
};

struct bytes {
	uint8_t *p;
	size_t n;
};

struct roots {
	struct bytes der[512];
	size_t count;
};

static struct signer load_signer(const char *dir)
{
	struct signer s;
	char path[512];
	uint8_t *pem;
	size_t n;
	int r;

	snprintf(path, sizeof(path), "%s/cert.pem", dir);
	pem = report_file(path, &n);
	r = capcert_cert_new(pem, n, &s.cert, NULL);
	if (r)
		die(path, r);
	free(pem);
	snprintf(path, sizeof(path), "%s/key.pem", dir);
	s.pem = (char *)report_file(path, &s.pem_len);
	s.pem[s.pem_len] = '\0';
	return s;
}

static void load_roots(const char *path, struct roots *roots)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	size_t len;
	char *text = (char *)report_file(path, &len), *at = text;

	text[len] = '\0';
	while ((at = strstr(at, begin)) && roots->count < 512) {
		char *next = strstr(at + 1, begin);
		struct bytes *root = &roots->der[roots->count++];
		capcert_cert *cert;
		const uint8_t *der;
		int r = capcert_cert_new((uint8_t *)at, next ? (size_t)(next - at) : strlen(at),
					 &cert, NULL);

		if (r)
			die(path, r);
		der = capcert_cert_der(cert, &root->n);
		root->p = malloc(root->n);
		if (!root->p)
			die(path, -ENOMEM);
		memcpy(root->p, der, root->n);
		capcert_cert_free(cert);
		at += sizeof(begin) - 1;
	}
	free(text);
	if (!roots->count)
		die(path, -ENODATA);
}

/* Digits over the last octets of the subject, which no parser minds: another name each. */
static void rename_root(uint8_t *der, size_t n, size_t number)
{
	const uint8_t *own, *subject;
	capcert_cert *cert;
	char digits[16];
	size_t len;

	if (capcert_cert_new(der, n, &cert, NULL))
		die("a root", -EBADMSG);
	own = capcert_cert_der(cert, &len);
	subject = capcert_cert_subject(cert, &len);
	snprintf(digits, sizeof(digits), "%05zu", number % 100000);
	memcpy(der + (subject - own) + len - 5, digits, 5);
	capcert_cert_free(cert);
}

static void add_root(capcert_bundle_builder *b, const struct bytes *root, bool as_it_is,
		     size_t number)
{
	uint8_t *copy = malloc(root->n);
	int r;

	if (!copy)
		die("a root", -ENOMEM);
	memcpy(copy, root->p, root->n);
	if (!as_it_is)
		rename_root(copy, root->n, number);
	r = capcert_bundle_add_certificate(b, copy, root->n, NULL);
	free(copy);
	if (r)
		die("a root", r);
}

/* The first @count of @roots; where there are no more, the last one again, under other names. */
static struct bytes make_bundle(const struct signer *by, const char *name, uint64_t number,
				const struct roots *roots, size_t count)
{
	capcert_bundle_builder *b;
	struct bytes content, ret = { 0 };
	const char *why = NULL;
	int r = capcert_bundle_new(CAPCERT_BUNDLE_STORE, name, number, &b);

	if (r)
		die(name, r);
	for (size_t i = 0; i < count; i++) {
		const bool there = i < roots->count;

		add_root(b, &roots->der[there ? i : roots->count - 1], there, i);
	}
	r = capcert_bundle_set_created(b, time(NULL));
	if (!r)
		r = capcert_bundle_content(b, &content.p, &content.n, &why);
	capcert_bundle_builder_free(b);
	if (!r)
		r = capcert_bundle_sign(content.p, content.n, by->cert, by->pem, time(NULL), &ret.p,
					&ret.n, &why);
	if (r)
		die(why ? why : name, r);
	free(content.p);
	return ret;
}

/* ---- admission ---- */

struct admission {
	const char *name;
	struct bytes bundle[RUNS(ADMISSIONS)];
	size_t next;
};

static void run_admit(void *arg, unsigned int n)
{
	struct admission *a = arg;

	while (n--) {
		const struct bytes *b = &a->bundle[a->next++];

		if (syscall(SYS_add_key, "captrust", a->name, b->p, b->n,
			    KEY_SPEC_PROCESS_KEYRING) < 0)
			die(a->name, -errno);
	}
}

struct rsa {
	int32_t key;
	uint8_t digest[32];
	gnutls_datum_t sig;
};

static void run_rsa(void *arg, unsigned int n)
{
	const struct rsa *rsa = arg;
	struct keyctl_pkey_params params = {
		.key_id = rsa->key,
		.in_len = sizeof(rsa->digest),
		.in2_len = rsa->sig.size,
	};

	while (n--)
		if (syscall(SYS_keyctl, KEYCTL_PKEY_VERIFY, &params, "enc=pkcs1 hash=sha256",
			    rsa->digest, rsa->sig.data))
			die("pkey_verify", -errno);
}

/* The signer's own key, as a key of the kernel, and a signature that it made. */
static struct rsa make_rsa(const struct signer *by)
{
	gnutls_datum_t pem = { (unsigned char *)by->pem, (unsigned int)by->pem_len };
	const gnutls_datum_t text = { (unsigned char *)"bench", 5 };
	gnutls_privkey_t key;
	const uint8_t *der;
	struct rsa rsa;
	size_t n;

	der = capcert_cert_der(by->cert, &n);
	rsa.key = (int32_t)syscall(SYS_add_key, "asymmetric", "bench", der, n,
				   KEY_SPEC_PROCESS_KEYRING);
	if (rsa.key < 0)
		die("the signer's certificate as a key", -errno);
	if (gnutls_privkey_init(&key) ||
	    gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0) ||
	    gnutls_privkey_sign_data(key, GNUTLS_DIG_SHA256, 0, &text, &rsa.sig) ||
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, text.data, text.size, rsa.digest))
		die("a signature", -EIO);
	gnutls_privkey_deinit(key);
	if (rsa.sig.size != 512)
		die("the signer's key is not of 4096 bits", -EINVAL);
	return rsa;
}

/* In a guest whose clock counts instructions, 8 ns stand for one of them. */
static double scale = 1;
static const char *unit = "us";

static void bench_admission(const struct signer *by, const struct roots *roots, size_t count,
			    struct rsa *rsa)
{
	static struct admission a;
	struct report_case cases[] = { { "admit", run_admit, &a, ADMISSIONS, 0 },
				       { "RSA", run_rsa, rsa, 20, 0 } };
	char name[32], title[64];

	snprintf(name, sizeof(name), "bench-%zu", count);
	a.name = name;
	a.next = 0;
	for (size_t i = 0; i < RUNS(ADMISSIONS); i++)
		a.bundle[i] = make_bundle(by, name, ((uint64_t)time(NULL) << 16) + i, roots, count);
	report_race(cases, 2);
	snprintf(title, sizeof(title), "admit %zu anchors, %zu bytes", count, a.bundle[0].n);
	report(title, cases[0].us * scale, cases[1].us * scale, "one RSA-4096 pkey_verify", unit);
	printf("    %.1f times one RSA-4096 verification\n", cases[0].us / cases[1].us);
	for (size_t i = 0; i < RUNS(ADMISSIONS); i++)
		free(a.bundle[i].p);
}

/* ---- views ---- */

struct views {
	int store;
	struct bytes names[16]; /* of anchors that are there, all over the store */
	size_t next;
};

static void view(const struct views *v, const struct capcert_filter *filter, uint32_t want)
{
	struct capcert_info info;
	int fd, r = capcert_derive(v->store, CAPCERT_RIGHT_INFO, filter, 0, &fd);

	if (!r)
		r = capcert_get_info(fd, &info);
	if (r || info.count != want)
		die("a view", r ? r : -EIO);
	close(fd);
}

static void run_subject(void *arg, unsigned int n)
{
	struct views *v = arg;

	while (n--) {
		const struct bytes *name = &v->names[v->next++ % 16];
		struct capcert_blob subject = { .ptr = (uintptr_t)name->p,
						.len = (uint32_t)name->n,
						.fd = -1 };
		struct capcert_filter filter = { .subjects = &subject, .subject_count = 1 };

		view(v, &filter, 1);
	}
}

/* Nobody has this purpose: an empty view, for which every anchor was looked at. */
static void run_purpose(void *arg, unsigned int n)
{
	const struct capcert_filter filter = { .purposes = 1u << CAPCERT_PURPOSE_WEBAUTHN_ROOT };

	while (n--)
		view(arg, &filter, 0);
}

static void take_names(struct views *v, const struct bytes *root, size_t count)
{
	for (size_t i = 0; i < 16; i++) {
		uint8_t *copy = malloc(root->n);
		const uint8_t *subject;
		capcert_cert *cert;
		size_t n;

		if (!copy)
			die("a name", -ENOMEM);
		memcpy(copy, root->p, root->n);
		rename_root(copy, root->n, 1 + (i * 7919) % (count - 1));
		if (capcert_cert_new(copy, root->n, &cert, NULL))
			die("a name", -EBADMSG);
		free(copy);
		subject = capcert_cert_subject(cert, &n);
		v->names[i].p = malloc(n);
		if (!v->names[i].p)
			die("a name", -ENOMEM);
		memcpy(v->names[i].p, subject, n);
		v->names[i].n = n;
		capcert_cert_free(cert);
	}
}

static void bench_views(const struct signer *by, const struct bytes *root, size_t count)
{
	struct roots one = { .der = { *root }, .count = 1 };
	unsigned int n = count > 1000 ? 20 : 200;
	struct views v = { .store = -1 };
	struct report_case cases[] = { { "subject", run_subject, &v, n, 0 },
				       { "each", run_purpose, &v, n, 0 } };
	char name[32], title[64];
	struct bytes bundle;
	struct capcert_admit answer;
	int r;

	snprintf(name, sizeof(name), "views-%zu", count);
	bundle = make_bundle(by, name, (uint64_t)time(NULL), &one, count);
	r = capcert_admit(bundle.p, bundle.n, &answer);
	free(bundle.p);
	if (!r)
		r = capcert_open_system(CAPCERT_KIND_STORE, name,
					CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_RESTRICT, &v.store);
	if (r || answer.count != count)
		die(name, r ? r : -EIO);
	take_names(&v, root, count);
	report_race(cases, 2);
	snprintf(title, sizeof(title), "view of one subject of %zu", count);
	report(title, cases[0].us * scale, cases[1].us * scale, "a view that looks at each", unit);
	for (size_t i = 0; i < 16; i++)
		free(v.names[i].p);
	close(v.store);
}

int main(int argc, char **argv)
{
	static struct roots roots;
	struct bytes ec_root;
	struct signer signer;
	char path[512];
	struct rsa rsa;

	if (argc != 4) {
		fprintf(stderr, "usage: bench_admit ROOTS.pem DATA KEYS   (DATA: tests/data)\n");
		return 2;
	}
	if (getenv("BENCH_ICOUNT")) {
		scale = 1 / 8.0;
		unit = "ki";
	}
	load_roots(argv[1], &roots);
	signer = load_signer(argv[3]);
	rsa = make_rsa(&signer);
	bench_admission(&signer, &roots, 1, &rsa);
	bench_admission(&signer, &roots, ANCHORS, &rsa);
	snprintf(path, sizeof(path), "%s/ec-root.der", argv[2]);
	ec_root.p = report_file(path, &ec_root.n);
	bench_views(&signer, &ec_root, ANCHORS);
	bench_views(&signer, &ec_root, MANY);
	gnutls_free(rsa.sig.data);
	return 0;
}
