// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* sct_vectors SCT-CRATE VECTORS: the SCTs of two of Debian's packages through our engine and OpenSSL's.
 * SCT-CRATE: the sources of the Rust library sct (librust-sct-dev): SCTs with the keys of their logs, and
 * what its own tests expect of each. VECTORS: cryptography_vectors/x509 (python3-cryptography-vectors):
 * certificates and an OCSP response of the world, without the keys of their logs. Prints TAP. */
#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/ct.h>
#include "core/base64.h"
#include "core/ocsp.h"
#include "core/precert.h"
#include "libcapcert/sct.h"
#include "libcapcert/sha.h"
#include "libcapcert/x509.h"

static const char *crate, *vectors;
static unsigned int tests, failed;

static void report(bool ok, const char *what, const char *name)
{
	failed += !ok;
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++tests, name, what);
}

struct file {
	uint8_t *p;
	size_t n;
};

static struct file load(const char *dir, const char *format, ...)
{
	struct file f = { malloc(1 << 16), 0 };
	char path[512];
	va_list ap;
	size_t n = (size_t)snprintf(path, sizeof(path), "%s/", dir);
	FILE *in;

	va_start(ap, format);
	vsnprintf(path + n, sizeof(path) - n, format, ap);
	va_end(ap);
	in = fopen(path, "re");
	if (!in || !f.p) {
		perror(path);
		exit(2);
	}
	f.n = fread(f.p, 1, 1 << 16, in);
	fclose(in);
	return f;
}

/* ---- logs ---- */

/* A key as the crate has it: a bare point of P-256, or PEM. */
static struct file spki_of(struct file key)
{
	static const uint8_t p256[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
					0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
					0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
	struct file ret = { malloc(2048), 0 };
	uint8_t *to = ret.p;
	EVP_PKEY *pub;
	BIO *bio;

	if (key.n == 65) {
		memcpy(to, p256, sizeof(p256));
		memcpy(to + sizeof(p256), key.p, 65);
		ret.n = sizeof(p256) + 65;
	} else {
		bio = BIO_new_mem_buf(key.p, (int)key.n);
		pub = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
		ret.n = (size_t)i2d_PUBKEY(pub, &to);
		EVP_PKEY_free(pub);
		BIO_free(bio);
	}
	free(key.p);
	return ret;
}

static capcert_loglist *list_of(const struct file *spki, size_t count)
{
	capcert_loglist *list, *more;
	size_t i;

	if (capcert_loglist_new(&list))
		abort();
	for (i = 0; i < count; i++) {
		if (capcert_loglist_add_key(list, spki[i].p, spki[i].n, NULL, NULL, &more, NULL))
			abort();
		capcert_loglist_free(list);
		list = more;
	}
	return list;
}

/* OpenSSL takes logs from a configuration file only. */
static CTLOG_STORE *store_of(const struct file *spki, size_t count)
{
	char path[] = "/tmp/sct-vectors-XXXXXX", key[2048];
	CTLOG_STORE *store = CTLOG_STORE_new();
	FILE *f = fdopen(mkstemp(path), "w");
	size_t i;

	fputs("enabled_logs=", f);
	for (i = 0; i < count; i++)
		fprintf(f, "%sl%zu", i ? "," : "", i);
	for (i = 0; i < count; i++) {
		memset(key, 0, sizeof(key));
		cc_base64_encode(cc_span(spki[i].p, spki[i].n), key);
		fprintf(f, "\n[l%zu]\ndescription=l%zu\nkey=%s", i, i, key);
	}
	fputc('\n', f);
	fclose(f);
	if (CTLOG_STORE_load_file(store, path) != 1)
		abort();
	unlink(path);
	return store;
}

/* ---- the crate's own tests: SCTs over the four octets "cert" ---- */

#define MALFORMED (-1)

#define UNREAD (-1)

struct made {
	const char *file, *key;
	int status;	      /* ours: CAPCERT_SCT_STATUS_*, or MALFORMED */
	int theirs;	      /* OpenSSL: is the signature right? UNREAD */
	const char *stricter; /* where not all three agree: why */
};

#define P256 "ecdsa-prime256v1"
#define BAD CAPCERT_SCT_STATUS_INVALID_SIGNATURE
#define GOOD CAPCERT_SCT_STATUS_VALID
#define SHA384 "SHA-384, which RFC 6962 section 2.1.4 does not have: only the crate takes it"
#define UNNAMED "OpenSSL does not read SCTs of other algorithms, we judge them"

static const struct made made[] = {
	{ "ecdsa_p256-basic", P256, GOOD, 1, NULL },
	{ "ecdsa_p256-short", P256, GOOD, 1, NULL },
	{ "ecdsa_p256-wrongtime", P256, BAD, 0, NULL },
	{ "ecdsa_p256-wrongext", P256, BAD, 0, NULL },
	{ "ecdsa_p256-wrongcert", P256, BAD, 0, NULL },
	{ "ecdsa_p256-wrongid", P256, CAPCERT_SCT_STATUS_UNKNOWN_LOG, 1, NULL },
	{ "ecdsa_p256-version", P256, CAPCERT_SCT_STATUS_UNSUPPORTED_VERSION, 0, NULL },
	{ "ecdsa_p256-badsigalg", P256, BAD, UNREAD, UNNAMED },
	{ "ecdsa_p256-junk", P256, MALFORMED, 1, "OpenSSL reads over octets behind an SCT" },
	{ "ecdsa_p384-basic", "ecdsa-secp384r1", BAD, UNREAD, SHA384 },
	{ "ecdsa_p384-wrongtime", "ecdsa-secp384r1", BAD, UNREAD, UNNAMED },
	{ "ecdsa_p384-wrongcert", "ecdsa-secp384r1", BAD, UNREAD, UNNAMED },
	{ "rsa2048-basic", "rsa-2048", GOOD, 1, NULL },
	{ "rsa2048-wrongtime", "rsa-2048", BAD, 0, NULL },
	{ "rsa2048-wrongcert", "rsa-2048", BAD, 0, NULL },
	{ "rsa3072-basic", "rsa-3072", BAD, UNREAD, SHA384 },
	{ "rsa3072-wrongtime", "rsa-3072", BAD, UNREAD, UNNAMED },
	{ "rsa3072-wrongcert", "rsa-3072", BAD, UNREAD, UNNAMED },
	{ "rsa4096-basic", "rsa-4096", BAD, UNREAD, SHA384 },
	{ "rsa4096-wrongtime", "rsa-4096", BAD, UNREAD, UNNAMED },
	{ "rsa4096-wrongcert", "rsa-4096", BAD, UNREAD, UNNAMED },
};

/* The engine below the parsing of certificates, which "cert" is not. @now: seconds. */
static int judge_octets(struct file sct, struct cc_span subject, const capcert_loglist *logs,
			int64_t now)
{
	struct cc_cert cert = { .der = subject, .not_after = INT64_MAX / 2 };
	struct window window = window_at(now);
	struct sct_judge j = { .logs = logs, .cert = &cert, .window = &window, .sources = ~0u };
	struct sct_verdict v;
	struct cc_sct parsed;
	int r = cc_sct_parse(cc_span(sct.p, sct.n), &parsed);

	if (r != CC_SCT_OK && r != CC_SCT_E_VERSION)
		return MALFORMED;
	sct_judge_one(&j, &parsed, CAPCERT_SCT_TLS, NULL, &v);
	return (int)v.status;
}

static void number(uint8_t **to, uint64_t value, int octets)
{
	while (octets--)
		*(*to)++ = (uint8_t)(value >> 8 * octets);
}

/* OpenSSL's reading of it, and its check of the signature over RFC 6962 section 3.2 written down by
 * hand, since SCT_validate() wants a certificate. -1: cannot read it. */
static int openssl_octets(struct file sct, const char *subject, struct file spki)
{
	const unsigned char *p = sct.p, *k = spki.p;
	uint8_t text[512], *to = text;
	unsigned char *ext, *sig;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	SCT *s = o2i_SCT(NULL, &p, sct.n);
	EVP_PKEY *pub = d2i_PUBKEY(NULL, &k, (long)spki.n);
	int r = -1;

	if (s && pub && SCT_get_version(s) == SCT_VERSION_V1) {
		size_t ext_len = SCT_get0_extensions(s, &ext), n = SCT_get0_signature(s, &sig);

		number(&to, 0, 2);
		number(&to, SCT_get_timestamp(s), 8);
		number(&to, 0, 2);
		number(&to, strlen(subject), 3);
		memcpy(to, subject, strlen(subject));
		to += strlen(subject);
		number(&to, ext_len, 2);
		if (ext_len)
			memcpy(to, ext, ext_len);
		to += ext_len;
		r = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pub) == 1 &&
		    EVP_DigestVerify(ctx, sig, n, text, (size_t)(to - text)) == 1;
	} else if (s) {
		r = 0;
	}
	EVP_PKEY_free(pub);
	EVP_MD_CTX_free(ctx);
	SCT_free(s);
	ERR_clear_error();
	return r;
}

static void run_made(void)
{
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(made); i++) {
		const struct made *m = &made[i];
		struct file sct = load(crate, "src/testdata/%s-sct.bin", m->file);
		struct file spki = spki_of(load(crate, "test/%s-pub.pem", m->key));
		capcert_loglist *logs = list_of(&spki, 1);

		report(judge_octets(sct, cc_span("cert", 4), logs, 2) == m->status,
		       m->stricter ? m->stricter : "as its tests expect", m->file);
		report(openssl_octets(sct, "cert", spki) == m->theirs, "OpenSSL on its signature",
		       m->file);
		capcert_loglist_free(logs);
		free(sct.p);
		free(spki.p);
	}
}

/* Cut short anywhere nobody reads it; a millisecond too late for the second of the check it is of the
 * future. */
static void run_short_and_late(void)
{
	struct file sct = load(crate, "src/testdata/ecdsa_p256-short-sct.bin");
	struct file late = load(crate, "src/testdata/ecdsa_p256-future-sct.bin");
	struct file spki = spki_of(load(crate, "test/" P256 "-pub.pem"));
	capcert_loglist *logs = list_of(&spki, 1);
	unsigned int ours = 0, theirs = 0;
	size_t all = sct.n;

	for (sct.n = 1; sct.n < all; sct.n++) {
		ours += judge_octets(sct, cc_span("cert", 4), logs, 2) != MALFORMED;
		theirs += openssl_octets(sct, "cert", spki) != UNREAD;
	}
	report(!ours, "cut short anywhere", "ecdsa_p256-short");
	report(!theirs, "OpenSSL, too", "ecdsa_p256-short");
	report(judge_octets(late, cc_span("cert", 4), logs, 1) == CAPCERT_SCT_STATUS_IN_FUTURE,
	       "of the future", "ecdsa_p256-future");
	capcert_loglist_free(logs);
	free(sct.p);
	free(late.p);
	free(spki.p);
}

/* ---- certificates of the world ---- */

struct world {
	capcert_loglist *ours;
	CTLOG_STORE *theirs;
};

static capcert_cert *cert_of(struct file f)
{
	capcert_cert *c = NULL;

	if (capcert_cert_new(f.p, f.n, &c, NULL))
		c = NULL;
	return c;
}

static X509 *x509_of(const capcert_cert *cert)
{
	size_t len;
	const unsigned char *p = cert ? capcert_cert_der(cert, &len) : NULL;

	return p ? d2i_X509(NULL, &p, (long)len) : NULL;
}

static bool same_fields(const struct capcert_sct *a, const SCT *b)
{
	unsigned char *id, *ext, *sig;
	size_t id_len = SCT_get0_log_id(b, &id), ext_len = SCT_get0_extensions(b, &ext);
	size_t sig_len = SCT_get0_signature(b, &sig);

	return a->version == (uint32_t)SCT_get_version(b) && id_len == 32 &&
	       !memcmp(a->log_id, id, 32) && a->timestamp == SCT_get_timestamp(b) &&
	       a->extensions.len == ext_len &&
	       (!ext_len || !memcmp(a->extensions.data, ext, ext_len)) &&
	       a->signature.len == sig_len && !memcmp(a->signature.data, sig, sig_len);
}

static bool same_lists(const capcert_scts *ours, const STACK_OF(SCT) * theirs)
{
	int i, n = sk_SCT_num(theirs);
	bool same = n > 0 && capcert_scts_count(ours) == (size_t)n;

	for (i = 0; same && i < n; i++)
		same = same_fields(capcert_scts_at(ours, (size_t)i), sk_SCT_value(theirs, i));
	return same;
}

static sct_validation_status_t expected(uint32_t status)
{
	switch (status) {
	case CAPCERT_SCT_STATUS_VALID:
		return SCT_VALIDATION_STATUS_VALID;
	case CAPCERT_SCT_STATUS_UNKNOWN_LOG:
		return SCT_VALIDATION_STATUS_UNKNOWN_LOG;
	default:
		return SCT_VALIDATION_STATUS_INVALID;
	}
}

/* SCT by SCT at @now; all are @status. */
static void judge_both(const char *name, const struct world *w, const capcert_scts *scts,
		       STACK_OF(SCT) * list, const capcert_cert *cert, const capcert_cert *issuer,
		       int64_t now, uint32_t status)
{
	struct capcert_ct_context c = CAPCERT_CT_CONTEXT;
	CT_POLICY_EVAL_CTX *ctx = CT_POLICY_EVAL_CTX_new();
	X509 *x = x509_of(cert), *y = x509_of(issuer);
	struct capcert_ct_report *r;
	bool agree = true, all = true;
	int i;

	c.logs = w->ours;
	c.have_time = 1;
	c.time = now;
	if (capcert_ct_report_new(&c, scts, cert, issuer, &r))
		abort();
	CT_POLICY_EVAL_CTX_set1_cert(ctx, x);
	if (y)
		CT_POLICY_EVAL_CTX_set1_issuer(ctx, y);
	CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(ctx, w->theirs);
	CT_POLICY_EVAL_CTX_set_time(ctx, (uint64_t)now * 1000);
	SCT_LIST_validate(list, ctx);
	for (i = 0; i < sk_SCT_num(list) && (size_t)i < r->result_count; i++) {
		agree &= SCT_get_validation_status(sk_SCT_value(list, i)) ==
			 expected(r->results[i].status);
		all &= r->results[i].status == status;
	}
	report(i > 0 && agree, "as OpenSSL judges each SCT", name);
	report(i > 0 && all, capcert_sct_status_name(status), name);
	capcert_ct_report_free(r);
	CT_POLICY_EVAL_CTX_free(ctx);
	X509_free(x);
	X509_free(y);
	ERR_clear_error();
}

/* A certificate of Google's and two SCTs that its server sent, of 2017; and with an octet altered. */
static void run_google(const struct world *w)
{
	struct file der = load(crate, "src/testdata/google-cert.bin"), sct;
	int i, flip;

	for (flip = 0; flip < 2; flip++)
		for (i = 0; i < 2; i++) {
			STACK_OF(SCT) *list = sk_SCT_new_null();
			const unsigned char *p;
			capcert_scts *scts;
			capcert_cert *cert;

			sct = load(crate, "src/testdata/google-sct%d.bin", i);
			sct.p[sct.n - 1] ^= (uint8_t)flip;
			p = sct.p;
			cert = cert_of(der);
			if (!cert || capcert_scts_new(&scts) ||
			    capcert_scts_add(scts, sct.p, sct.n, CAPCERT_SCT_TLS))
				abort();
			sk_SCT_push(list, o2i_SCT(NULL, &p, sct.n));
			SCT_set_source(sk_SCT_value(list, 0), SCT_SOURCE_TLS_EXTENSION);
			report(same_lists(scts, list), "the same fields", "google");
			judge_both(flip ? "google, altered" : "google", w, scts, list, cert, NULL,
				   1499619464, flip ? BAD : GOOD);
			SCT_LIST_free(list);
			capcert_scts_free(scts);
			capcert_cert_free(cert);
			free(sct.p);
		}
	free(der.p);
}

/* What its SCTs sign is rebuilt to the octet that others rebuilt. */
static void run_precert(void)
{
	capcert_cert *cert = cert_of(load(vectors, "cryptography-scts.pem"));
	struct file tbs = load(vectors, "cryptography-scts-tbs-precert.der");
	struct cc_precert pre;
	uint8_t *all = malloc(1 << 16);
	size_t n = 0;
	uint32_t i;

	if (cert && all && cc_precert_from_cert(&cert->parsed, &pre) == CC_PRECERT_OK)
		for (i = 0; i < pre.count; n += pre.span[i++].n)
			memcpy(all + n, pre.span[i].p, pre.span[i].n);
	report(n == tbs.n && !memcmp(all, tbs.p, n), "the precertificate's TBSCertificate",
	       "cryptography-scts.pem");
	capcert_cert_free(cert);
	free(all);
	free(tbs.p);
}

struct embedded {
	const char *file, *issuer;
	bool readable; /* by us */
	bool theirs;   /* by OpenSSL */
	uint32_t status;
	const char *note; /* where they differ: why */
};

static const struct embedded embedded[] = {
	{ "cryptography-scts.pem", "letsencryptx3.pem", true, true, CAPCERT_SCT_STATUS_UNKNOWN_LOG,
	  NULL },
	{ "badssl-sct.pem", NULL, true, true, CAPCERT_SCT_STATUS_UNKNOWN_LOG, NULL },
	{ "badssl-sct-none-hash.der", NULL, true, false, 0, UNNAMED },
	{ "badssl-sct-anonymous-sig.der", NULL, true, false, 0, UNNAMED },
	{ "custom/invalid-sct-version.der", NULL, true, true,
	  CAPCERT_SCT_STATUS_UNSUPPORTED_VERSION, NULL },
	{ "custom/invalid-sct-length.der", NULL, false, false, 0, NULL },
};

static void run_embedded(const struct world *w, const struct embedded *e)
{
	capcert_cert *cert = cert_of(load(vectors, "%s", e->file)), *issuer = NULL;
	X509 *x = x509_of(cert);
	STACK_OF(SCT) *list = x ? X509_get_ext_d2i(x, NID_ct_precert_scts, NULL, NULL) : NULL;
	capcert_scts *scts = NULL;
	bool readable;

	if (e->issuer)
		issuer = cert_of(load(vectors, "%s", e->issuer));
	if (!cert || capcert_scts_new(&scts))
		abort();
	readable = capcert_scts_add_embedded(scts, cert) > 0;
	report(readable == e->readable, "readable or not", e->file);
	report((list != NULL) == e->theirs, e->note ? e->note : "the same for OpenSSL", e->file);
	if (readable && list) {
		if (e->status != CAPCERT_SCT_STATUS_UNSUPPORTED_VERSION) {
			report(same_lists(scts, list), "the same fields", e->file);
			judge_both(e->file, w, scts, list, cert, issuer, 1540000000, e->status);
		} else {
			report(SCT_get_version(sk_SCT_value(list, 0)) != SCT_VERSION_V1 &&
				       capcert_scts_at(scts, 0)->version != 0,
			       "not version 1", e->file);
		}
	}
	SCT_LIST_free(list);
	X509_free(x);
	capcert_scts_free(scts);
	capcert_cert_free(cert);
	capcert_cert_free(issuer);
	ERR_clear_error();
}

/* SwissSign's responder put SCTs into its answer of November 2019. */
static void run_ocsp(void)
{
	static const char name[] = "resp-sct-extension.der";
	struct file f = load(vectors, "ocsp/%s", name);
	const unsigned char *p = f.p;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)f.n);
	OCSP_BASICRESP *basic = response ? OCSP_response_get1_basic(response) : NULL;
	STACK_OF(SCT) *list = NULL;
	struct cc_ocsp_single single;
	struct cc_span rest;
	struct cc_ocsp ours;
	capcert_scts *scts;
	bool good;

	if (basic)
		list = OCSP_SINGLERESP_get1_ext_d2i(OCSP_resp_get0(basic, 0), NID_ct_cert_scts,
						    NULL, NULL);
	good = cc_ocsp_parse(cc_span(f.p, f.n), &ours) == CC_OCSP_OK;
	rest = ours.singles;
	good = good && cc_ocsp_single_next(&rest, &single) == 1;
	if (!good || capcert_scts_new(&scts))
		abort();
	report(capcert_scts_add_list(scts, single.scts.p, single.scts.n, CAPCERT_SCT_OCSP) > 1,
	       "its SCTs", name);
	report(list && same_lists(scts, list), "the same fields", name);
	SCT_LIST_free(list);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	capcert_scts_free(scts);
	free(f.p);
}

int main(int argc, char **argv)
{
	struct file keys[2];
	struct world w;
	size_t i;

	if (argc != 3) {
		fprintf(stderr, "usage: sct_vectors SCT-CRATE VECTORS\n");
		return 2;
	}
	crate = argv[1];
	vectors = argv[2];
	keys[0] = spki_of(load(crate, "src/testdata/google-pilot-pubkey.bin"));
	keys[1] = spki_of(load(crate, "src/testdata/symantec-log-pubkey.bin"));
	w.ours = list_of(keys, 2);
	w.theirs = store_of(keys, 2);
	run_made();
	run_short_and_late();
	run_google(&w);
	run_precert();
	for (i = 0; i < CC_ARRAY_SIZE(embedded); i++)
		run_embedded(&w, &embedded[i]);
	run_ocsp();
	printf("1..%u\n", tests);
	capcert_loglist_free(w.ours);
	CTLOG_STORE_free(w.theirs);
	free(keys[0].p);
	free(keys[1].p);
	return failed != 0;
}
