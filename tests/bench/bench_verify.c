// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verification of a three-certificate chain against the system's anchors: us, GnuTLS, OpenSSL, and
 * the floor that the signatures alone make. */
#include <errno.h>
#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/dsa.h>
#include <nettle/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <capcert/verify.h>
#include "core/cert.h"
#include "core/der.h"
#include "libcapcert/anchors.h"
#include "libcapcert/engine.h"
#include "libcapcert/memo.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"
#include "tests/bench/report.h"
#include "tests/pki.h"

#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define HOST "www.example.com"
#define PURPOSE CAPCERT_PURPOSE_TLS_SERVER_AUTH
#define LEAVES 1200 /* for the races in which no leaf may be seen twice */

struct world {
	const char *name, *host;
	time_t time;
	struct pki *root, *ca, *leaf[LEAVES];
	unsigned int leaves, next;
	capcert_policy *policy;
	capcert_store *store;
	gnutls_x509_trust_list_t list;
	X509_STORE *ossl;
};

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_verify: %s\n", what);
	exit(1);
}

/* ---- us ---- */

static void ours(struct world *w, const struct pki *leaf)
{
	struct capcert_params params = {
		.purpose = PURPOSE, .name = w->host, .have_time = 1, .time = w->time
	};
	struct capcert_result result;
	const struct pki *sent[3] = { leaf, w->ca, w->root };
	capcert_chain *chain;
	capcert_cert *cert;
	int i;

	check(capcert_chain_new(&chain) == 0, "chain");
	for (i = 0; i < 3; i++) {
		check(capcert_cert_new(sent[i]->der.data, sent[i]->der.size, &cert, NULL) == 0 &&
			      capcert_chain_push(chain, cert) == 0,
		      "certificate");
		capcert_cert_free(cert);
	}
	params.chain = chain;
	check(capcert_verify_local(w->policy, w->store, NULL, &params, &result) == 0, "verify");
	check((int)result.outcome.valid, result.outcome.detail);
	capcert_chain_free(chain);
}

static void ours_cold(void *arg, unsigned int n)
{
	struct world *w = arg;

	memo_disable(true);
	while (n--)
		ours(w, w->leaf[0]);
	memo_disable(false);
}

/* The intermediate is known, no leaf was ever seen. */
static void ours_known_intermediate(void *arg, unsigned int n)
{
	struct world *w = arg;

	while (n--) {
		check(w->next < w->leaves, "out of fresh leaves");
		ours(w, w->leaf[w->next++]);
	}
}

static void ours_known_chain(void *arg, unsigned int n)
{
	struct world *w = arg;

	while (n--)
		ours(w, w->leaf[0]);
}

/* ---- the engine alone: certificates in, verdict out ---- */

static void engine_cold(void *arg, unsigned int n)
{
	struct world *w = arg;
	struct cc_span chain[3] = { cc_span(w->leaf[0]->der.data, w->leaf[0]->der.size),
				    cc_span(w->ca->der.data, w->ca->der.size),
				    cc_span(w->root->der.data, w->root->der.size) };
	struct engine_request request = { .chain = chain,
					  .chain_count = 3,
					  .purpose = PURPOSE,
					  .name_type = CAPCERT_NAME_DNS,
					  .name = cc_span(w->host, strlen(w->host)),
					  .time = w->time,
					  .clock = CAPCERT_CLOCK_SYNCED };
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
	struct capcert_agent_reply reply;
	struct cc_policy policy;

	cc_policy_preset(CC_PRESET_WEBPKI_LENIENT, &policy);
	memo_disable(true);
	while (n--) {
		check(engine_verify(&policy, w->store, NULL, &request, &reply, path) == 0,
		      "engine");
		check((int)reply.valid, reply.detail);
	}
	memo_disable(false);
}

/* ---- GnuTLS ---- */

static void gnutls_one(struct world *w, const struct pki *leaf, bool import)
{
	/* What the others check too: the name and the purpose. */
	gnutls_typed_vdata_st want[2] = {
		{ GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)w->host, 0 },
		{ GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER,
		  0 },
	};
	const struct pki *sent[3] = { leaf, w->ca, w->root };
	gnutls_x509_crt_t certs[3] = { leaf->crt, w->ca->crt, w->root->crt };
	unsigned int status = ~0u, i;

	for (i = 0; import && i < 3; i++)
		check(gnutls_x509_crt_init(&certs[i]) == 0 &&
			      gnutls_x509_crt_import(certs[i], &sent[i]->der,
						     GNUTLS_X509_FMT_DER) == 0,
		      "import");
	if (gnutls_x509_trust_list_verify_crt2(w->list, certs, 3, want, 2, 0, &status, NULL) ||
	    status) {
		fprintf(stderr, "GnuTLS finds the chain invalid: %#x\n", status);
		exit(1);
	}
	for (i = 0; import && i < 3; i++)
		gnutls_x509_crt_deinit(certs[i]);
}

static void gnutls_cold(void *arg, unsigned int n)
{
	struct world *w = arg;

	while (n--)
		gnutls_one(w, w->leaf[0], true);
}

static void gnutls_warm(void *arg, unsigned int n)
{
	struct world *w = arg;

	while (n--)
		gnutls_one(w, w->leaf[0], false);
}

/* ---- OpenSSL ---- */

static X509 *openssl_cert(const struct pki *p)
{
	const unsigned char *der = p->der.data;

	return d2i_X509(NULL, &der, p->der.size);
}

static void openssl_cold(void *arg, unsigned int n)
{
	struct world *w = arg;

	while (n--) {
		X509 *leaf = openssl_cert(w->leaf[0]), *ca = openssl_cert(w->ca);
		X509 *root = openssl_cert(w->root);
		X509_STORE_CTX *ctx = X509_STORE_CTX_new();
		STACK_OF(X509) *rest = sk_X509_new_null();
		X509_VERIFY_PARAM *param;

		sk_X509_push(rest, ca);
		sk_X509_push(rest, root);
		check(X509_STORE_CTX_init(ctx, w->ossl, leaf, rest), "OpenSSL");
		param = X509_STORE_CTX_get0_param(ctx);
		X509_VERIFY_PARAM_set1_host(param, w->host, 0);
		X509_VERIFY_PARAM_set_time(param, w->time);
		X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
		check(X509_verify_cert(ctx) == 1, "OpenSSL finds the chain invalid");
		X509_STORE_CTX_free(ctx);
		sk_X509_free(rest);
		X509_free(leaf);
		X509_free(ca);
		X509_free(root);
	}
}

/* ---- the floor: digest and signature checks with keys that are there ---- */

struct floor_link {
	struct cc_cert cert;
	struct ecc_point point;
	struct rsa_public_key rsa;
	bool ec, sha384;
};
static struct floor_link floor_links[2];

static void floor_key(struct floor_link *l, const struct cc_cert *issuer)
{
	struct cc_span seq, n, e;

	l->ec = issuer->key_alg != CC_KEY_RSA;
	if (l->ec) {
		size_t half = (issuer->key.n - 1) / 2;
		mpz_t x, y;

		mpz_init(x);
		nettle_mpz_set_str_256_u(x, half, issuer->key.p + 1);
		mpz_init(y);
		nettle_mpz_set_str_256_u(y, half, issuer->key.p + 1 + half);
		ecc_point_init(&l->point, issuer->key_alg == CC_KEY_P384 ? nettle_get_secp_384r1()
									 : nettle_get_secp_256r1());
		check(ecc_point_set(&l->point, x, y), "point");
		mpz_clear(x);
		mpz_clear(y);
		return;
	}
	check(!cc_der_only(issuer->key, CC_DER_SEQUENCE, &seq) &&
		      !cc_der_get(&seq, CC_DER_INTEGER, &n) &&
		      !cc_der_get(&seq, CC_DER_INTEGER, &e),
	      "RSA key");
	rsa_public_key_init(&l->rsa);
	nettle_mpz_set_str_256_u(l->rsa.n, n.n, n.p);
	nettle_mpz_set_str_256_u(l->rsa.e, e.n, e.p);
	check(rsa_public_key_prepare(&l->rsa), "RSA key");
}

static void floor_verify(struct floor_link *l)
{
	uint8_t digest[SHA384_DIGEST_SIZE];
	struct cc_span seq, r, s;
	size_t n = SHA256_DIGEST_SIZE;
	mpz_t sig;
	int ok;

	if (l->cert.scheme == CC_SCHEME_ECDSA_SHA384) {
		struct sha384_ctx ctx;

		sha384_init(&ctx);
		sha384_update(&ctx, l->cert.tbs.n, l->cert.tbs.p);
		sha384_digest(&ctx, n = SHA384_DIGEST_SIZE, digest);
	} else {
		sha256_of(l->cert.tbs, digest);
	}
	if (l->ec) {
		struct dsa_signature dsa;

		if (cc_der_only(l->cert.signature, CC_DER_SEQUENCE, &seq) ||
		    cc_der_get(&seq, CC_DER_INTEGER, &r) || cc_der_get(&seq, CC_DER_INTEGER, &s))
			abort();
		dsa_signature_init(&dsa);
		nettle_mpz_set_str_256_u(dsa.r, r.n, r.p);
		nettle_mpz_set_str_256_u(dsa.s, s.n, s.p);
		ok = ecdsa_verify(&l->point, n, digest, &dsa);
		dsa_signature_clear(&dsa);
	} else {
		mpz_init(sig);
		nettle_mpz_set_str_256_u(sig, l->cert.signature.n, l->cert.signature.p);
		ok = rsa_sha256_verify_digest(&l->rsa, digest, sig);
		mpz_clear(sig);
	}
	check(ok, "floor signature");
}

static void floor_both(void *arg, unsigned int n)
{
	(void)arg;
	while (n--) {
		floor_verify(&floor_links[0]);
		floor_verify(&floor_links[1]);
	}
}

/* The same through GnuTLS, which the library has to use: keys imported, digests made. */
static void floor_gnutls(void *arg, unsigned int n)
{
	const struct world *w = arg;
	const struct pki *chain[3] = { w->leaf[0], w->ca, w->root };
	struct cc_cert issuer[2];
	int i;

	memo_disable(true);
	for (i = 0; i < 2; i++)
		check(!cc_cert_parse(cc_span(chain[i + 1]->der.data, chain[i + 1]->der.size),
				     &issuer[i]),
		      "parse");
	while (n--)
		for (i = 0; i < 2; i++)
			check(sig_check_message(&issuer[i], floor_links[i].cert.scheme,
						floor_links[i].cert.tbs,
						floor_links[i].cert.signature) == 1,
			      "signature");
	memo_disable(false);
}

static void floor_leaf(void *arg, unsigned int n)
{
	(void)arg;
	while (n--)
		floor_verify(&floor_links[0]);
}

static void floor_setup(const struct world *w)
{
	const struct pki *chain[3] = { w->leaf[0], w->ca, w->root };
	struct cc_cert issuer;
	int i;

	for (i = 0; i < 2; i++) {
		check(!cc_cert_parse(cc_span(chain[i]->der.data, chain[i]->der.size),
				     &floor_links[i].cert) &&
			      !cc_cert_parse(
				      cc_span(chain[i + 1]->der.data, chain[i + 1]->der.size),
				      &issuer),
		      "parse");
		floor_key(&floor_links[i], &issuer);
	}
}

/* ---- worlds ---- */

/* The system's anchors, and @w's root, for every contestant. */
static void trust(struct world *w)
{
	X509 *root_x509 = openssl_cert(w->root);
	uint32_t added, bad;
	const char *error;
	int r;

	check(capcert_policy_new("preset=webpki-lenient;time=any", &w->policy, &error) == 0, error);
	check(capcert_store_new(&w->store) == 0 &&
		      capcert_store_load_pem(w->store, BUNDLE, 0, &added, &bad) == 0,
	      "cannot load " BUNDLE);
	r = capcert_store_put(w->store, w->root->der.data, w->root->der.size, 0);
	check(r == 0 || r == -EEXIST, "root");
	check(gnutls_x509_trust_list_init(&w->list, 0) == 0 &&
		      gnutls_x509_trust_list_add_trust_file(w->list, BUNDLE, NULL,
							    GNUTLS_X509_FMT_PEM, 0, 0) > 0,
	      "GnuTLS list");
	w->ossl = X509_STORE_new();
	check(X509_STORE_load_file(w->ossl, BUNDLE), "OpenSSL store");
	if (r == 0) {
		check(gnutls_x509_trust_list_add_cas(w->list, &w->root->crt, 1, 0) == 1,
		      "GnuTLS root");
		check(X509_STORE_add_cert(w->ossl, root_x509), "OpenSSL root");
	}
	X509_free(root_x509);
}

static void make(struct world *w, enum pki_key root, enum pki_key rest,
		 gnutls_digest_algorithm_t by_root)
{
	struct pki_spec spec = {
		.cn = "Bench Root", .org = "Example", .country = "US", .ca = true, .alg = root
	};

	w->host = HOST;
	w->time = PKI_NOW;
	w->root = pki_make(&spec, NULL);
	spec = (struct pki_spec){ .cn = "Bench CA",
				  .org = "Example",
				  .country = "US",
				  .ca = true,
				  .alg = rest,
				  .digest = by_root,
				  .eku = { GNUTLS_KP_TLS_WWW_SERVER } };
	w->ca = pki_make(&spec, w->root);
	for (w->leaves = 0; w->leaves < LEAVES; w->leaves++) {
		spec = (struct pki_spec){ .cn = HOST,
					  .dns = { HOST, "example.com" },
					  .alg = rest,
					  .policy = "2.23.140.1.2.1",
					  .rich = true,
					  .key_of = w->leaves ? w->leaf[0] : NULL };
		w->leaf[w->leaves] = pki_make(&spec, w->ca);
	}
	trust(w);
}

static struct pki *load(const char *dir, const char *kind, const char *what)
{
	struct pki *p = calloc(1, sizeof(*p));
	char path[512];
	size_t n;

	snprintf(path, sizeof(path), "%s/%s-%s.der", dir, kind, what);
	p->der.data = report_file(path, &n);
	p->der.size = (unsigned int)n;
	PKI(gnutls_x509_crt_init(&p->crt));
	PKI(gnutls_x509_crt_import(p->crt, &p->der, GNUTLS_X509_FMT_DER));
	return p;
}

static time_t the_time;

static time_t fixed_time(time_t *t)
{
	if (t)
		*t = the_time;
	return the_time;
}

#define LINE(text, us, peer, peer_name)                                       \
	do {                                                                  \
		snprintf(name, sizeof(name), "verify %s, %s", w->name, text); \
		report(name, us, peer, peer_name, "us");                      \
	} while (0)

/* A chain as a real server sends it. */
static void race_real(struct world *w, const char *dir, const char *kind)
{
	struct report_case c[] = {
		{ "ours", ours_cold, w, 40, 0 },
		{ "engine", engine_cold, w, 40, 0 },
		{ "gnutls", gnutls_cold, w, 40, 0 },
		{ "gnutls warm", gnutls_warm, w, 40, 0 },
		{ "openssl", openssl_cold, w, 40, 0 },
		{ "floor", floor_both, w, 40, 0 },
		{ "known chain", ours_known_chain, w, 2000, 0 },
		{ "floor gnutls", floor_gnutls, w, 40, 0 },
	};
	char name[64];

	w->leaf[0] = load(dir, kind, "leaf");
	w->ca = load(dir, kind, "intermediate");
	w->root = load(dir, kind, "root");
	the_time = w->time;
	trust(w);
	memo_clear();
	floor_setup(w);
	report_race(c, sizeof(c) / sizeof(c[0]));
	LINE("cold", c[0].us, c[2].us, "GnuTLS");
	LINE("cold", c[0].us, c[3].us, "GnuTLS, parsed before");
	LINE("cold", c[0].us, c[4].us, "OpenSSL 3");
	LINE("cold", c[0].us, c[7].us, "GnuTLS, signatures alone");
	LINE("cold", c[0].us, c[5].us, "nettle, signatures alone");
	LINE("known chain", c[6].us, c[2].us, "GnuTLS");
	printf("# %s: %.1f us of our own beside the signatures through GnuTLS (%.1f in the "
	       "engine)\n",
	       w->name, c[0].us - c[7].us, c[1].us - c[7].us);
}

/* A server seen for the first time, whose intermediate was seen before. */
static void race_known(struct world *w)
{
	struct report_case c[] = {
		{ "known", ours_known_intermediate, w, 80, 0 },
		{ "gnutls", gnutls_cold, w, 40, 0 },
		{ "gnutls warm", gnutls_warm, w, 40, 0 },
		{ "floor leaf", floor_leaf, w, 40, 0 },
	};
	char name[64];

	the_time = w->time;
	memo_clear();
	ours(w, w->leaf[w->next++]);
	floor_setup(w);
	report_race(c, sizeof(c) / sizeof(c[0]));
	LINE("known intermediate", c[0].us, c[1].us, "GnuTLS");
	LINE("known intermediate", c[0].us, c[2].us, "GnuTLS, parsed before");
	LINE("known intermediate", c[0].us, c[3].us, "nettle, the leaf's alone");
}

/* ---- stores ---- */

struct state {
	uint8_t *data;
	size_t len;
};

static void state_append(struct state *s, const void *p, size_t n)
{
	size_t padded = (n + 7) & ~(size_t)7;

	s->data = realloc(s->data, s->len + padded);
	check(s->data != NULL, "memory");
	memset(s->data + s->len, 0, padded);
	memcpy(s->data + s->len, p, n);
	s->len += padded;
}

/* The same anchors as the kernel hands them to an agent. */
static void serialise(const capcert_store *store, struct state *s)
{
	struct capcert_state_store head = { .count = (uint32_t)capcert_store_count(store) };
	uint32_t i;

	check(anchors_ready(store) == 0, "index");
	memcpy(head.digest, anchors_digest(store), 32);
	state_append(s, &head, sizeof(head));
	for (i = 0; i < head.count; i++) {
		const struct anchor *a = anchors_at(store, i);
		struct capcert_anchor entry = { .purposes = a->purposes,
						.der_len = (uint32_t)a->cert.der.n };

		memcpy(entry.fingerprint, a->fingerprint, 32);
		sha256_of(a->cert.spki, entry.spki_hash);
		state_append(s, &entry, sizeof(entry));
		state_append(s, a->cert.der.p, a->cert.der.n);
	}
}

static void load_state(void *arg, unsigned int n)
{
	struct state *s = arg;

	while (n--) {
		capcert_store *store;

		check(engine_store_from_state(s->data, s->len, &store) == 0, "state");
		capcert_store_free(store);
	}
}

static void load_pem(void *arg, unsigned int n)
{
	(void)arg;
	while (n--) {
		capcert_store *store;
		uint32_t added, bad;

		check(capcert_store_new(&store) == 0 &&
			      capcert_store_load_pem(store, BUNDLE, 0, &added, &bad) == 0,
		      "PEM");
		capcert_store_free(store);
	}
}

static void load_gnutls(void *arg, unsigned int n)
{
	(void)arg;
	while (n--) {
		gnutls_x509_trust_list_t list;

		check(gnutls_x509_trust_list_init(&list, 0) == 0 &&
			      gnutls_x509_trust_list_add_system_trust(list, 0, 0) > 0,
		      "system trust");
		gnutls_x509_trust_list_deinit(list, 1);
	}
}

static void race_stores(const capcert_store *store)
{
	struct state s = { NULL, 0 };
	struct report_case c[] = {
		{ "state", load_state, &s, 50, 0 },
		{ "pem", load_pem, NULL, 10, 0 },
		{ "gnutls", load_gnutls, NULL, 3, 0 },
	};

	serialise(store, &s);
	report_race(c, 3);
	report("load store, kernel's state", c[0].us, c[2].us, "GnuTLS, system trust", "us");
	report("load store, PEM file", c[1].us, c[2].us, "GnuTLS, system trust", "us");
	free(s.data);
}

int main(int argc, char **argv)
{
	static struct world real_ec = { .name = "EC",
					.host = "cloudflare.com",
					.time = 1752969600 };
	static struct world real_rsa = { .name = "RSA", .host = "python.org", .time = 1741219200 };
	static struct world ec = { .name = "EC" }, rsa = { .name = "RSA" };
	const char *dir = argc > 1 ? argv[1] : "tests/data";

	gnutls_global_set_time_function(fixed_time);
	race_real(&real_ec, dir, "ec");
	race_real(&real_rsa, dir, "rsa");
	make(&ec, PKI_P384, PKI_P256, GNUTLS_DIG_SHA384);
	race_known(&ec);
	make(&rsa, PKI_RSA4096, PKI_RSA, GNUTLS_DIG_SHA256);
	race_known(&rsa);
	race_stores(real_ec.store);
	return 0;
}
