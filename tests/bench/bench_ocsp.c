// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* OCSP responses: judging one, and what one, or a list, adds to a verification. */
#include <gnutls/ocsp.h>
#include <openssl/ocsp.h>
#include <capcert/ocsp.h>
#include "libcapcert/memo.h"
#include "tests/bench/report.h"
#include "tests/pki.h"

#define HOST "www.example.com"
#define POLICY                                                               \
	"profile=rfc5280;time=any;revocation_mode=hard;revocation=ocsp,crl;" \
	"revocation_scope=leaf"

static struct world {
	struct pki *root, *ca, *leaf;
	capcert_cert *leaf_cert, *ca_cert;
	capcert_chain *chain;
	capcert_store *store;
	capcert_policy *policy;
	capcert_evidence *evidence, *list;
	X509 *ossl_leaf, *ossl_ca;
	X509_STORE *ossl_store;
	uint8_t *der;
	int len;
	time_t now; /* the peers have no other time */
} w;

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_ocsp: %s\n", what);
	exit(1);
}

static void ours_run(unsigned int n, bool remember)
{
	struct capcert_ocsp_verdict v;

	memo_disable(!remember);
	while (n--) {
		check(capcert_ocsp_check(w.policy, w.leaf_cert, w.ca_cert, NULL, w.der,
					 (size_t)w.len, w.now, &v) == 0,
		      "check");
		check(v.counts && v.status == CAPCERT_OCSP_GOOD, v.why ? v.why : "not good");
	}
	memo_disable(false);
}

static void ours(void *arg, unsigned int n)
{
	ours_run(n, false);
}

static void ours_known(void *arg, unsigned int n)
{
	ours_run(n, true);
}

static void by_gnutls(void *arg, unsigned int n)
{
	gnutls_datum_t der = { w.der, (unsigned int)w.len };
	unsigned int status, said;
	gnutls_ocsp_resp_t r;

	while (n--) {
		PKI(gnutls_ocsp_resp_init(&r));
		PKI(gnutls_ocsp_resp_import(r, &der));
		PKI(gnutls_ocsp_resp_check_crt(r, 0, w.leaf->crt));
		PKI(gnutls_ocsp_resp_verify_direct(r, w.ca->crt, &status, 0));
		PKI(gnutls_ocsp_resp_get_single(r, 0, NULL, NULL, NULL, NULL, &said, NULL, NULL,
						NULL, NULL));
		check(status == 0 && said == GNUTLS_OCSP_CERT_GOOD, "GnuTLS finds it bad");
		gnutls_ocsp_resp_deinit(r);
	}
}

static void by_openssl(void *arg, unsigned int n)
{
	ASN1_GENERALIZEDTIME *from, *until;
	int status, reason;

	while (n--) {
		const unsigned char *p = w.der;
		OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, w.len);
		OCSP_BASICRESP *basic = OCSP_response_get1_basic(r);
		OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), w.ossl_leaf, w.ossl_ca);
		STACK_OF(X509) *signers = sk_X509_new_null();

		check(sk_X509_push(signers, w.ossl_ca) == 1, "OpenSSL");
		check(OCSP_basic_verify(basic, signers, w.ossl_store, OCSP_TRUSTOTHER) == 1 &&
			      OCSP_resp_find_status(basic, id, &status, &reason, NULL, &from,
						    &until) &&
			      status == V_OCSP_CERTSTATUS_GOOD,
		      "OpenSSL finds it bad");
		sk_X509_free(signers);
		OCSP_CERTID_free(id);
		OCSP_BASICRESP_free(basic);
		OCSP_RESPONSE_free(r);
	}
}

static void verify(unsigned int n, const capcert_evidence *evidence)
{
	struct capcert_params params = { .chain = w.chain,
					 .purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH,
					 .name = HOST,
					 .have_time = 1,
					 .time = w.now,
					 .evidence = evidence };
	struct capcert_result result;

	while (n--) {
		check(capcert_verify_local(w.policy, w.store, NULL, &params, &result) == 0,
		      "verify");
		check(!evidence || result.outcome.valid, result.outcome.detail);
	}
}

static void with_response(void *arg, unsigned int n)
{
	verify(n, w.evidence);
}

static void without(void *arg, unsigned int n)
{
	verify(n, NULL);
}

static X509 *ossl_cert(const struct pki *p)
{
	const unsigned char *der = p->der.data;

	return d2i_X509(NULL, &der, p->der.size);
}

static EVP_PKEY *ossl_key(const struct pki *p)
{
	gnutls_datum_t der;
	const unsigned char *at;
	EVP_PKEY *key;

	PKI(gnutls_x509_privkey_export2(p->key, GNUTLS_X509_FMT_DER, &der));
	at = der.data;
	key = d2i_AutoPrivateKey(NULL, &at, der.size);
	gnutls_free(der.data);
	return key;
}

/* By OpenSSL, signed by the CA, about the leaf, for a week around now. */
static void make_response(void)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), w.ossl_leaf, w.ossl_ca);
	ASN1_TIME *from = ASN1_TIME_set(NULL, w.now - PKI_DAY);
	ASN1_TIME *until = ASN1_TIME_set(NULL, w.now + 6 * PKI_DAY);
	EVP_PKEY *key = ossl_key(w.ca);
	OCSP_RESPONSE *r;

	check(OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, from, until) !=
		      NULL,
	      "OpenSSL: status");
	check(OCSP_basic_sign(basic, w.ossl_ca, key, EVP_sha256(), NULL, OCSP_NOCERTS) == 1,
	      "OpenSSL: sign");
	r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	w.len = i2d_OCSP_RESPONSE(r, &w.der);
	check(w.len > 0, "OpenSSL: encode");
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	EVP_PKEY_free(key);
}

static void make(enum pki_key alg)
{
	int64_t from = time(NULL) - PKI_NOW - PKI_DAY, until = from + 30 * PKI_DAY;
	struct pki_spec root = {
		.cn = "Root", .ca = true, .alg = alg, .from = from, .until = until
	};
	struct pki_spec ca = { .cn = "CA", .ca = true, .alg = alg, .from = from, .until = until };
	struct pki_spec leaf = {
		.cn = HOST, .dns = { HOST }, .alg = alg, .from = from, .until = until
	};

	memset(&w, 0, sizeof(w));
	w.now = time(NULL);
	w.root = pki_make(&root, NULL);
	w.ca = pki_make(&ca, w.root);
	w.leaf = pki_make(&leaf, w.ca);
	w.ossl_leaf = ossl_cert(w.leaf);
	w.ossl_ca = ossl_cert(w.ca);
	w.ossl_store = X509_STORE_new();
	make_response();
	w.now = time(NULL); /* not before producedAt */
	check(capcert_cert_new(w.leaf->der.data, w.leaf->der.size, &w.leaf_cert, NULL) == 0 &&
		      capcert_cert_new(w.ca->der.data, w.ca->der.size, &w.ca_cert, NULL) == 0 &&
		      capcert_chain_new(&w.chain) == 0 &&
		      capcert_chain_push(w.chain, w.leaf_cert) == 0 &&
		      capcert_chain_push(w.chain, w.ca_cert) == 0 &&
		      capcert_policy_new(POLICY, &w.policy, NULL) == 0 &&
		      capcert_store_new(&w.store) == 0 &&
		      capcert_store_put(w.store, w.root->der.data, w.root->der.size,
					(1u << CAPCERT_PURPOSE_COUNT) - 1) == 0 &&
		      capcert_evidence_new(&w.evidence) == 0 &&
		      capcert_evidence_put_ocsp(w.evidence, w.der, (size_t)w.len) == 0,
	      "setup");
}

static void make_list(void)
{
	gnutls_x509_crl_t crl;
	gnutls_datum_t der;

	PKI(gnutls_x509_crl_init(&crl));
	PKI(gnutls_x509_crl_set_version(crl, 2));
	PKI(gnutls_x509_crl_set_this_update(crl, w.now - 3600));
	PKI(gnutls_x509_crl_set_next_update(crl, w.now + PKI_DAY));
	PKI(gnutls_x509_crl_set_number(crl, "\x01", 1));
	PKI(gnutls_x509_crl_privkey_sign(crl, w.ca->crt, w.ca->signer, GNUTLS_DIG_SHA256, 0));
	PKI(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der));
	check(capcert_evidence_new(&w.list) == 0 &&
		      capcert_evidence_put_crl(w.list, der.data, der.size) == 0,
	      "a list");
	gnutls_free(der.data);
	gnutls_x509_crl_deinit(crl);
}

/* Signatures that are checked because of it, beside those of the chain. */
static void count_added(const char *what, const char *kind, const capcert_evidence *evidence)
{
	uint64_t before, first;
	char name[64];

	memo_clear();
	verify(1, NULL);
	before = memo_misses();
	verify(1, evidence);
	first = memo_misses() - before;
	snprintf(name, sizeof(name), "signatures a %s adds, %s", what, kind);
	report(name, (double)first, 1, "the goal", "  ");
	verify(1, evidence);
	check(memo_misses() - before == first, "the second time costs a signature again");
	printf("# %s, %s: none the second time\n", what, kind);
}

static void race(const char *kind, enum pki_key alg)
{
	struct report_case c[] = {
		{ "ours", ours, NULL, 60, 0 },		 { "known", ours_known, NULL, 600, 0 },
		{ "gnutls", by_gnutls, NULL, 60, 0 },	 { "openssl", by_openssl, NULL, 60, 0 },
		{ "with", with_response, NULL, 600, 0 }, { "without", without, NULL, 600, 0 },
	};
	char name[64];

	make(alg);
	make_list();
	report_race(c, sizeof(c) / sizeof(*c));
	snprintf(name, sizeof(name), "judge an OCSP response, %s", kind);
	report(name, c[0].us, c[2].us, "GnuTLS", "us");
	report(name, c[0].us, c[3].us, "OpenSSL 3", "us");
	snprintf(name, sizeof(name), "the same once more, %s", kind);
	report(name, c[1].us, c[2].us, "GnuTLS", "us");
	snprintf(name, sizeof(name), "known chain with a known response, %s", kind);
	report(name, c[4].us, c[5].us, "without any response", "us");
	count_added("response", kind, w.evidence);
	count_added("list", kind, w.list);
}

int main(void)
{
	race("EC", PKI_P256);
	race("RSA", PKI_RSA);
	return 0;
}
