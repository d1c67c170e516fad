// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One embedded SCT: ours, the P-256 check in it, OpenSSL; and what is left without the check. */
#include <gnutls/abstract.h>
#include <openssl/ct.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <capcert/ct.h>
#include "core/base64.h"
#include "core/precert.h"
#include "core/sct.h"
#include "libcapcert/memo.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"
#include "tests/bench/report.h"
#include "tests/pki.h"

struct world {
	struct pki *ca, *leaf;
	gnutls_privkey_t log;
	gnutls_datum_t log_key;
	capcert_cert *cert, *issuer;
	capcert_scts *scts;
	capcert_loglist *logs;
	struct capcert_ct_context context;
	struct cc_spki key;
	gnutls_pubkey_t imported;
	struct sig_prepared bare; /* the SCT's signature by itself */
	X509 *their_cert, *their_issuer;
	CT_POLICY_EVAL_CTX *theirs;
	STACK_OF(SCT) * their_scts;
	CTLOG_STORE *their_logs;
};

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_ct: %s\n", what);
	exit(1);
}

static void make_log(struct world *w)
{
	gnutls_pubkey_t pub;

	PKI(gnutls_privkey_init(&w->log));
	PKI(gnutls_privkey_generate(w->log, GNUTLS_PK_ECDSA,
				    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	PKI(gnutls_pubkey_init(&pub));
	PKI(gnutls_pubkey_import_privkey(pub, w->log, 0, 0));
	PKI(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &w->log_key));
	w->imported = pub;
}

/* An SCT over the leaf's TBSCertificate as it is now, into @ret (without its signature: @sct). */
static size_t make_sct(struct world *w, uint8_t ret[256])
{
	struct cc_span spans[CC_SCT_PARTS_MAX];
	struct cc_sct_entry entry = { .precert = true, .parts = spans, .part_count = 1 };
	uint64_t ms = (uint64_t)PKI_NOW * 1000;
	struct cc_cert leaf, ca;
	struct cc_sct_signed to_sign;
	struct cc_sct sct;
	struct sha256_ctx hash;
	uint8_t digest[32];
	gnutls_datum_t in = { digest, 32 }, sig;
	size_t n = 0;
	int i;

	check(!cc_cert_parse(cc_span(w->leaf->der.data, w->leaf->der.size), &leaf) &&
		      !cc_cert_parse(cc_span(w->ca->der.data, w->ca->der.size), &ca),
	      "parse");
	spans[0] = leaf.tbs;
	sha256_of(ca.spki, entry.issuer_key);
	ret[n++] = 0;
	sha256_of(cc_span(w->log_key.data, w->log_key.size), ret + n);
	n += 32;
	for (i = 7; i >= 0; i--)
		ret[n++] = (uint8_t)(ms >> 8 * i);
	memcpy(ret + n, "\0\0\4\3\0\0", 6); /* no extensions, SHA-256, ECDSA, no signature yet */
	check(cc_sct_parse(cc_span(ret, n + 6), &sct) == 0 && cc_sct_signed(&sct, &entry, &to_sign),
	      "SCT");
	sha256_init(&hash);
	for (i = 0; i < (int)to_sign.count; i++)
		sha256_update(&hash, to_sign.span[i].n, to_sign.span[i].p);
	sha256_digest(&hash, 32, digest);
	PKI(gnutls_privkey_sign_hash2(w->log, GNUTLS_SIGN_ECDSA_SHA256, 0, &in, &sig));
	n += 4;
	ret[n++] = 0;
	ret[n++] = (uint8_t)sig.size;
	memcpy(ret + n, sig.data, sig.size);
	gnutls_free(sig.data);
	return n + sig.size;
}

/* The leaf anew with the SCT in it. */
static void embed(struct world *w)
{
	uint8_t list[300];
	size_t n = make_sct(w, list + 7);

	check(n < 0x7a, "SCT too long");
	list[0] = 0x04;
	list[1] = 0x81;
	list[2] = (uint8_t)(n + 4);
	list[3] = 0;
	list[4] = (uint8_t)(n + 2);
	list[5] = 0;
	list[6] = (uint8_t)n;
	if (n + 4 < 0x80) { /* DER: the short form where it fits */
		list[1] = (uint8_t)(n + 4);
		memmove(list + 2, list + 3, n + 4);
	}
	PKI(gnutls_x509_crt_set_extension_by_oid(w->leaf->crt, "1.3.6.1.4.1.11129.2.4.2", list,
						 n + (n + 4 < 0x80 ? 6 : 7), 0));
	PKI(gnutls_x509_crt_privkey_sign(w->leaf->crt, w->ca->crt, w->ca->signer, GNUTLS_DIG_SHA256,
					 0));
	gnutls_free(w->leaf->der.data);
	PKI(gnutls_x509_crt_export2(w->leaf->crt, GNUTLS_X509_FMT_DER, &w->leaf->der));
}

static void ours_setup(struct world *w)
{
	struct cc_span key = cc_span(w->log_key.data, w->log_key.size);
	capcert_loglist *none = NULL;

	check(!capcert_cert_new(w->leaf->der.data, w->leaf->der.size, &w->cert, NULL) &&
		      !capcert_cert_new(w->ca->der.data, w->ca->der.size, &w->issuer, NULL) &&
		      !capcert_scts_new(&w->scts) &&
		      capcert_scts_add_embedded(w->scts, w->cert) == 1 &&
		      !capcert_loglist_new(&none) &&
		      !capcert_loglist_add_key(none, w->log_key.data, w->log_key.size, NULL, NULL,
					       &w->logs, NULL),
	      "setup");
	capcert_loglist_free(none);
	w->context = (struct capcert_ct_context)CAPCERT_CT_CONTEXT;
	w->context.logs = w->logs;
	w->context.have_time = 1;
	w->context.time = PKI_NOW;
	check(!cc_spki_get(&key, &w->key), "key");
}

/* The check by itself: the same key, digest and signature. */
static void bare_setup(struct world *w)
{
	const struct capcert_sct *sct = capcert_scts_at(w->scts, 0);
	struct cc_precert pre;
	struct cc_sct_entry entry = { .precert = true };
	struct cc_sct_signed octets;
	struct cc_sct parsed;
	struct cc_cert leaf, ca;
	struct sha256_ctx hash;
	size_t i;

	check(!cc_cert_parse(cc_span(w->leaf->der.data, w->leaf->der.size), &leaf) &&
		      !cc_cert_parse(cc_span(w->ca->der.data, w->ca->der.size), &ca) &&
		      !cc_precert_from_cert(&leaf, &pre) &&
		      !cc_sct_parse(cc_span(sct->raw.data, sct->raw.len), &parsed),
	      "parse");
	entry.parts = pre.span;
	entry.part_count = pre.count;
	sha256_of(ca.spki, entry.issuer_key);
	check(cc_sct_signed(&parsed, &entry, &octets), "SCT");
	sha256_init(&hash);
	for (i = 0; i < octets.count; i++)
		sha256_update(&hash, octets.span[i].n, octets.span[i].p);
	w->bare.scheme = CC_SCHEME_ECDSA_SHA256;
	w->bare.digest_len = 32;
	sha256_digest(&hash, 32, w->bare.digest);
	w->bare.signature = cc_span(sct->signature.data, sct->signature.len);
}

static void theirs_setup(struct world *w)
{
	const unsigned char *p = w->leaf->der.data, *q = w->ca->der.data;
	char path[] = "/tmp/bench-ct-XXXXXX", key[256] = "";
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	check(f != NULL, "cannot write a file for OpenSSL");
	cc_base64_encode(cc_span(w->log_key.data, w->log_key.size), key);
	fprintf(f, "enabled_logs=a\n[a]\ndescription=a\nkey=%s\n", key);
	fclose(f);
	w->their_logs = CTLOG_STORE_new();
	check(CTLOG_STORE_load_file(w->their_logs, path) == 1, "OpenSSL's log");
	unlink(path);
	w->their_cert = d2i_X509(NULL, &p, (long)w->leaf->der.size);
	w->their_issuer = d2i_X509(NULL, &q, (long)w->ca->der.size);
	w->theirs = CT_POLICY_EVAL_CTX_new();
	w->their_scts = X509_get_ext_d2i(w->their_cert, NID_ct_precert_scts, NULL, NULL);
	check(w->theirs && w->their_scts, "OpenSSL's SCT");
	CT_POLICY_EVAL_CTX_set1_cert(w->theirs, w->their_cert);
	CT_POLICY_EVAL_CTX_set1_issuer(w->theirs, w->their_issuer);
	CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(w->theirs, w->their_logs);
	CT_POLICY_EVAL_CTX_set_time(w->theirs, (uint64_t)PKI_NOW * 1000);
}

static void run_ours(void *arg, unsigned int n)
{
	const struct world *w = arg;

	memo_disable(true);
	while (n--)
		check(capcert_ct_check(&w->context, w->scts, w->cert, w->issuer) == 1, "SCT");
	memo_disable(false);
}

static void run_remembered(void *arg, unsigned int n)
{
	const struct world *w = arg;

	while (n--)
		check(capcert_ct_check(&w->context, w->scts, w->cert, w->issuer) == 1, "SCT");
}

static void run_bare(void *arg, unsigned int n)
{
	const struct world *w = arg;

	memo_disable(true);
	while (n--)
		check(sig_check_prepared_spki(&w->bare, &w->key) == 1, "signature");
	memo_disable(false);
}

/* The same by GnuTLS: what a check costs whoever does not go to nettle. */
static void run_gnutls(void *arg, unsigned int n)
{
	const struct world *w = arg;
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)w->bare.digest, 32 };
	gnutls_datum_t sig = { (unsigned char *)(uintptr_t)w->bare.signature.p,
			       (unsigned int)w->bare.signature.n };

	while (n--)
		check(gnutls_pubkey_verify_hash2(w->imported, GNUTLS_SIGN_ECDSA_SHA256, 0, &in,
						 &sig) >= 0,
		      "GnuTLS");
}

static void run_openssl(void *arg, unsigned int n)
{
	const struct world *w = arg;

	while (n--)
		check(SCT_LIST_validate(w->their_scts, w->theirs) == 1, "OpenSSL");
}

#define report_pair(what, ours, peer)                      \
	report_ratio(what, cases[ours].us, cases[peer].us, \
		     report_times(rounds[ours], rounds[peer]), cases[peer].name, "us")

int main(void)
{
	report_rounds rounds[5];
	struct pki_spec ca = { .cn = "CA", .ca = true };
	struct pki_spec leaf = { .cn = "www.example.com", .dns = { "www.example.com" } };
	struct world w = { .ca = pki_make(&ca, NULL) };
	struct report_case cases[] = {
		{ "one embedded SCT", run_ours, &w, 200, 0 },
		{ "its P-256 check alone", run_bare, &w, 200, 0 },
		{ "GnuTLS's check, key at hand", run_gnutls, &w, 200, 0 },
		{ "OpenSSL", run_openssl, &w, 50, 0 },
		{ "seen before", run_remembered, &w, 5000, 0 },
	};

	w.leaf = pki_make(&leaf, w.ca);
	make_log(&w);
	embed(&w);
	ours_setup(&w);
	bare_setup(&w);
	theirs_setup(&w);
	report_race_rounds(cases, 5, rounds);
	report_pair("one embedded SCT", 0, 1);
	report_pair("one embedded SCT", 0, 2);
	report_pair("one embedded SCT", 0, 3);
	report_pair("one embedded SCT, signature seen before", 4, 3);
	printf("one embedded SCT costs its signature check and %.2f us\n",
	       report_more(rounds[0], rounds[1]));
	return 0;
}
