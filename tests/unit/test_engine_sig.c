// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signatures of messages and digests by a certificate's key. */
#include <errno.h>
#include <gnutls/crypto.h>
#include "libcapcert/engine.h"
#include "libcapcert/memo.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"
#include "libcapcert/sig_ecdsa.h"
#include "tests/unit/cert_build.h"
#include "tests/unit/der_text.h"
#include "tests/unit/engine_fixture.h"

static const uint8_t message[] = "what was signed";

struct key {
	enum pki_key alg;
	gnutls_sign_algorithm_t sign;
	uint32_t scheme, tls;
};

static const struct key keys[] = {
	{ PKI_P256, GNUTLS_SIGN_ECDSA_SHA256, CC_SCHEME_ECDSA_SHA256, 0x0403 },
	{ PKI_P384, GNUTLS_SIGN_ECDSA_SHA384, CC_SCHEME_ECDSA_SHA384, 0x0503 },
	{ PKI_P521, GNUTLS_SIGN_ECDSA_SHA512, CC_SCHEME_ECDSA_SHA512, 0x0603 },
	{ PKI_RSA, GNUTLS_SIGN_RSA_SHA256, CC_SCHEME_RSA_PKCS1_SHA256, 0x0401 },
	{ PKI_RSA, GNUTLS_SIGN_RSA_SHA512, CC_SCHEME_RSA_PKCS1_SHA512, 0x0601 },
	{ PKI_RSA, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, CC_SCHEME_RSA_PSS_SHA256, 0x0804 },
	{ PKI_PSS, GNUTLS_SIGN_RSA_PSS_SHA384, CC_SCHEME_RSA_PSS_SHA384, 0x0805 },
	{ PKI_ED25519, GNUTLS_SIGN_EDDSA_ED25519, CC_SCHEME_ED25519, 0x0807 },
	{ PKI_ED448, GNUTLS_SIGN_EDDSA_ED448, CC_SCHEME_ED448, 0x0808 },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static gnutls_datum_t sign(const struct pki *p, gnutls_sign_algorithm_t algo)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)message, sizeof(message) }, sig;

	PKI(gnutls_privkey_sign_data2(p->signer, algo, 0, &in, &sig));
	return sig;
}

static struct pki *make_signer(enum pki_key alg)
{
	struct pki_spec s = { LEAF_SPEC, .alg = alg };

	return pki_make(&s, NULL);
}

static size_t digest_of(uint32_t tls, uint8_t ret[64])
{
	struct sha512_ctx c;

	switch (tls) {
	case 0x0403:
	case 0x0401:
	case 0x0804:
		sha256_of(cc_span(message, sizeof(message)), ret);
		return 32;
	case 0x0503:
	case 0x0805:
		sha384_init(&c);
		sha384_update(&c, sizeof(message), message);
		sha384_digest(&c, 48, ret);
		return 48;
	case 0x0603:
	case 0x0601:
		sha512_init(&c);
		sha512_update(&c, sizeof(message), message);
		sha512_digest(&c, 64, ret);
		return 64;
	default:
		memcpy(ret, message, sizeof(message));
		return sizeof(message);
	}
}

static void test_messages_and_digests(void **state)
{
	size_t i, j;

	for (i = 0; i < KEYS; i++) {
		struct pki *p = make_signer(keys[i].alg);
		gnutls_datum_t sig = sign(p, keys[i].sign);
		struct cc_span msg = cc_span(message, sizeof(message)),
			       s = cc_span(sig.data, sig.size);
		uint8_t digest[64], area[2048] = { 0 };
		size_t n = digest_of(keys[i].tls, digest);
		struct cc_cert cert;

		assert_int_equal(cc_cert_parse(cc_span(p->der.data, p->der.size), &cert), 0);
		assert_int_equal(engine_verify_message(&cert, keys[i].scheme, msg, s), 1);
		assert_int_equal(
			engine_verify_digest(&cert, keys[i].scheme, cc_span(digest, n), s, false),
			1);
		/* As the kernel's pkey_verify hands it over: more bytes than the signature has. */
		memcpy(area, sig.data, sig.size);
		assert_int_equal(engine_verify_digest(&cert, keys[i].scheme, cc_span(digest, n),
						      cc_span(area, sizeof(area)), true),
				 1);
		assert_int_not_equal(engine_verify_digest(&cert, keys[i].scheme, cc_span(digest, n),
							  cc_span(area, sizeof(area)), false),
				     1);
		assert_int_not_equal(engine_verify_digest(&cert, keys[i].scheme, cc_span(digest, n),
							  cc_span(area, sig.size / 2), true),
				     1);
		digest[0] ^= 1;
		assert_int_equal(
			engine_verify_digest(&cert, keys[i].scheme, cc_span(digest, n), s, false),
			0);
		for (j = 0; j < sig.size; j++) {
			sig.data[j] ^= 0x10;
			assert_int_not_equal(engine_verify_message(&cert, keys[i].scheme, msg, s),
					     1);
			sig.data[j] ^= 0x10;
		}
		assert_int_not_equal(engine_verify_message(&cert, keys[i].scheme, msg,
							   cc_span(sig.data, sig.size - 1)),
				     1);
		assert_int_not_equal(
			engine_verify_message(&cert, keys[i].scheme, msg, cc_span(sig.data, 0)), 1);
		for (j = 0; j < KEYS; j++) /* every other scheme */
			if (keys[j].scheme != keys[i].scheme)
				assert_int_not_equal(
					engine_verify_message(&cert, keys[j].scheme, msg, s), 1);
		assert_int_equal(engine_verify_message(&cert, CC_SCHEME_RSA_PKCS1_SHA1, msg, s),
				 -EOPNOTSUPP);
		assert_int_equal(
			engine_verify_digest(&cert, CC_SCHEME_OTHER, cc_span(digest, n), s, false),
			-EOPNOTSUPP);
		digest[0] ^= 1;
		assert_int_not_equal(engine_verify_digest(&cert, keys[i].scheme,
							  cc_span(digest, n - 1), s, false),
				     1);
		assert_int_not_equal(engine_verify_digest(&cert, keys[i].scheme, cc_span(digest, n),
							  cc_span(NULL, 0), true),
				     1);
		assert_int_equal(engine_verify_message(&cert, CC_SCHEME_OTHER, msg, s),
				 -EOPNOTSUPP);
		assert_int_equal(engine_verify_message(&cert, 4711, msg, s), -EOPNOTSUPP);
		gnutls_free(sig.data);
		pki_free(p);
	}
}

/* Keys that a certificate may hold and no signature is checked with. */
static void test_keys_of_no_use(void **state)
{
	static const struct {
		const char *spki;
		uint32_t scheme;
	} rows[] = {
		/* The point compressed: the base point of P-256. */
		{ "30{30{06{2a8648ce3d0201} 06{2a8648ce3d030107}} 03{00 03 6b17d1f2e12c4247f8bce6e5"
		  "63a440f277037d812deb33a0f4a13945d898c296}}",
		  CC_SCHEME_ECDSA_SHA256 },
		/* GOST digests: GnuTLS has no call for them. */
		{ "30{30{06{2a85030701010101} 30{06{2a850302022301}}} 03{00 04{*64(01)}}}",
		  CC_SCHEME_GOST256 },
		{ "30{30{06{2a85030701010102} 30{06{2a850307010201 0201}}} 03{00 04{*128(01)}}}",
		  CC_SCHEME_GOST512 },
	};
	struct cc_span sig = der_text("30{02{01} 02{01}}"), digest = der_text("*32(00)");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cert_parts p = cert_parts();
		struct cc_cert cert;

		p.spki = der_text(rows[i].spki);
		assert_int_equal(cert_parse_parts(&p, &cert), 0);
		assert_int_equal(engine_verify_digest(&cert, rows[i].scheme, digest, sig, false),
				 -EOPNOTSUPP);
		assert_int_not_equal(engine_verify_message(&cert, rows[i].scheme, digest, sig), 1);
	}
}

/* A key that comes without a certificate: remembered once it was good, and only then. */
static void test_bare_keys(void **state)
{
	struct cc_span msg = cc_span(message, sizeof(message));
	size_t i;

	for (i = 0; i < KEYS; i++) {
		struct pki *p = make_signer(keys[i].alg);
		gnutls_datum_t sig = sign(p, keys[i].sign);
		struct cc_span s = cc_span(sig.data, sig.size), key;
		struct cc_spki spki;
		struct cc_cert cert;
		uint8_t more[1024];

		assert_int_equal(cc_cert_parse(cc_span(p->der.data, p->der.size), &cert), 0);
		memo_clear();
		assert_int_equal(sig_check_spki(cert.spki, keys[i].scheme, msg, s), 1);
		assert_int_equal(sig_check_spki(cert.spki, keys[i].scheme, msg, s), 1);
		assert_int_not_equal(sig_check_spki(cert.spki, keys[i].scheme,
						    cc_span(message, sizeof(message) - 1), s),
				     1);
		sig.data[sig.size - 1] ^= 1;
		assert_int_not_equal(sig_check_spki(cert.spki, keys[i].scheme, msg, s), 1);
		sig.data[sig.size - 1] ^= 1;
		assert_int_equal(sig_check_spki(cert.spki, CC_SCHEME_OTHER, msg, s), -EOPNOTSUPP);
		assert_int_equal(sig_check_spki(cc_span(cert.spki.p, cert.spki.n - 1),
						keys[i].scheme, msg, s),
				 -EOPNOTSUPP);
		memcpy(more, cert.spki.p, cert.spki.n);
		more[cert.spki.n] = 0;
		assert_int_equal(
			sig_check_spki(cc_span(more, cert.spki.n + 1), keys[i].scheme, msg, s),
			-EOPNOTSUPP);
		key = cert.spki;
		assert_int_equal(cc_spki_get(&key, &spki), 0);
		assert_int_equal(sig_price_spki(keys[i].scheme, 100, &spki),
				 sig_price(keys[i].scheme, 100, &cert));
		gnutls_free(sig.data);
		pki_free(p);
	}
}

/* RFC 6962 hashes with SHA-256 whatever the curve. */
static void test_p384_with_sha256(void **state)
{
	struct pki *p = make_signer(PKI_P384);
	gnutls_datum_t sig = sign(p, GNUTLS_SIGN_ECDSA_SHA256);
	struct cc_span msg = cc_span(message, sizeof(message));
	struct cc_cert cert;

	assert_int_equal(cc_cert_parse(cc_span(p->der.data, p->der.size), &cert), 0);
	assert_int_equal(
		sig_check_spki(cert.spki, CC_SCHEME_ECDSA_SHA256, msg, cc_span(sig.data, sig.size)),
		1);
	assert_int_equal(
		sig_check_spki(cert.spki, CC_SCHEME_ECDSA_SHA384, msg, cc_span(sig.data, sig.size)),
		0);
	gnutls_free(sig.data);
	pki_free(p);
}

/* ECDSA signatures that are not DER: what a lax reader would let pass. */
static void test_strict_ecdsa(void **state)
{
	struct pki *p = make_signer(PKI_P256);
	struct cc_span msg = cc_span(message, sizeof(message));
	gnutls_datum_t sig = sign(p, GNUTLS_SIGN_ECDSA_SHA256);
	struct cc_cert cert;
	uint8_t lax[128];

	assert_int_equal(cc_cert_parse(cc_span(p->der.data, p->der.size), &cert), 0);
	lax[0] = 0x30; /* a long length where a short one fits */
	lax[1] = 0x81;
	memcpy(lax + 2, sig.data + 1, sig.size - 1);
	assert_int_equal(engine_verify_message(&cert, CC_SCHEME_ECDSA_SHA256, msg,
					       cc_span(lax, sig.size + 1)),
			 0);
	memcpy(lax, sig.data, sig.size); /* an integer with a superfluous zero */
	lax[1]++;
	lax[3]++;
	memmove(lax + 5, sig.data + 4, sig.size - 4);
	lax[4] = 0;
	assert_int_equal(engine_verify_message(&cert, CC_SCHEME_ECDSA_SHA256, msg,
					       cc_span(lax, sig.size + 1)),
			 0);
	memcpy(lax, sig.data, sig.size); /* something behind it */
	lax[sig.size] = 0;
	assert_int_equal(engine_verify_message(&cert, CC_SCHEME_ECDSA_SHA256, msg,
					       cc_span(lax, sig.size + 1)),
			 0);
	gnutls_free(sig.data);
	pki_free(p);
}

static void expect_sig(const char *text, capcert_cert *cert, uint32_t tls, gnutls_datum_t sig,
		       int ok, int32_t reason)
{
	capcert_policy *policy;
	int32_t got_reason = 77;
	int got = 77;

	assert_int_equal(capcert_policy_new(text, &policy, NULL), 0);
	assert_int_equal(capcert_verify_sig_local(policy, cert, tls, message, sizeof(message),
						  sig.data, sig.size, &got, &got_reason),
			 0);
	assert_int_equal(got, ok);
	assert_int_equal(got_reason, reason);
	capcert_policy_free(policy);
}

static void test_under_a_policy(void **state)
{
	const int32_t weak = CAPCERT_REASON_WEAK_ALGORITHM;
	size_t i;

	for (i = 0; i < KEYS; i++) {
		struct pki *p = make_signer(keys[i].alg);
		gnutls_datum_t sig = sign(p, keys[i].sign);
		capcert_policy *policy;
		capcert_cert *cert;
		int32_t reason;
		int ok;

		assert_int_equal(capcert_cert_new(p->der.data, p->der.size, &cert, NULL), 0);
		expect_sig(RFC5280, cert, keys[i].tls, sig, 1, CAPCERT_REASON_NONE);
		expect_sig(RFC5280 ";schemes=none", cert, keys[i].tls, sig, 0, weak);
		expect_sig(RFC5280 ";algs=none", cert, keys[i].tls, sig, 0, weak);
		expect_sig(RFC5280 ";schemes=all;algs=all", cert, 0x0201, sig, 0, weak);
		expect_sig(RFC5280, cert, 0xffff, sig, 0, weak);
		sig.data[sig.size - 1] ^= 1;
		expect_sig(RFC5280, cert, keys[i].tls, sig, 0, CAPCERT_REASON_SIGNATURE_MISMATCH);
		assert_int_equal(capcert_policy_new(RFC5280, &policy, NULL), 0);
		assert_int_equal(capcert_verify_sig_local(policy, cert, keys[i].tls, message,
							  CAPCERT_MAX_MESSAGE + 1, sig.data,
							  sig.size, &ok, &reason),
				 -EMSGSIZE);
		capcert_policy_free(policy);
		capcert_cert_free(cert);
		gnutls_free(sig.data);
		pki_free(p);
	}
}

/* GOST R 34.10-2012, where GnuTLS was built with it, and only if the policy names it. */
static void test_gost(void **state)
{
	static const enum pki_key algs[] = { PKI_GOST256, PKI_GOST512 };
	gnutls_x509_privkey_t key;
	size_t i;
	int r;

	PKI(gnutls_x509_privkey_init(&key));
	r = gnutls_x509_privkey_generate(key, GNUTLS_PK_GOST_12_256,
					 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_GOST256B), 0);
	gnutls_x509_privkey_deinit(key);
	if (r < 0)
		skip();
	for (i = 0; i < 2; i++) {
		struct pki_spec root_spec = { ROOT_SPEC, .alg = algs[i] }, spec = { LEAF_SPEC };
		struct pki *root = pki_make(&root_spec, NULL), *leaf = pki_make(&spec, root);
		struct question q = { .policy = RFC5280 ";algs=all;schemes=all",
				      .chain = { leaf },
				      .anchors = { root } };

		expect_valid(&q);
		q.policy = RFC5280;
		expect_reason(&q, CAPCERT_REASON_WEAK_ALGORITHM, 0);
		leaf->der.data[leaf->der.size - 1] ^= 1;
		q.policy = RFC5280 ";algs=all;schemes=all";
		expect_reason(&q, CAPCERT_REASON_SIGNATURE_MISMATCH, 0);
		pki_free(leaf);
		pki_free(root);
	}
}

/* What is altered of a good check, bit by bit. */
struct ecdsa_parts {
	uint8_t point[97], digest[64], r[49], s[49];
	size_t point_len, digest_len, n;
};

static int nettle_says(const struct ecdsa_parts *p, uint8_t alg)
{
	const struct cc_spki key = { .key = cc_span(p->point, p->point_len), .alg = alg };

	return sig_ecdsa_check(&key, cc_span(p->digest, p->digest_len), cc_span(p->r, p->n),
			       cc_span(p->s, p->n));
}

static int gnutls_says(const struct ecdsa_parts *p, gnutls_ecc_curve_t curve,
		       gnutls_sign_algorithm_t sign)
{
	size_t half = (p->point_len - 1) / 2;
	gnutls_datum_t x = { (unsigned char *)(uintptr_t)p->point + 1, (unsigned int)half };
	gnutls_datum_t y = { x.data + half, (unsigned int)half }, sig;
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)p->digest, (unsigned int)p->digest_len };
	gnutls_datum_t r = { (unsigned char *)(uintptr_t)p->r, (unsigned int)p->n };
	gnutls_datum_t s = { (unsigned char *)(uintptr_t)p->s, (unsigned int)p->n };
	gnutls_pubkey_t pub;
	int good;

	PKI(gnutls_pubkey_init(&pub));
	PKI(gnutls_encode_rs_value(&sig, &r, &s));
	good = gnutls_pubkey_import_ecc_raw(pub, curve, &x, &y) >= 0 &&
	       gnutls_pubkey_verify_hash2(pub, sign, 0, &in, &sig) >= 0;
	gnutls_free(sig.data);
	gnutls_pubkey_deinit(pub);
	return good;
}

static void ecdsa_parts(const struct pki *p, const struct key *k, struct ecdsa_parts *ret)
{
	gnutls_datum_t sig = sign(p, k->sign), r, s;
	struct cc_cert cert;

	assert_int_equal(cc_cert_parse(cc_span(p->der.data, p->der.size), &cert), CC_CERT_OK);
	memset(ret, 0, sizeof(*ret));
	ret->point_len = cert.key.n;
	memcpy(ret->point, cert.key.p, cert.key.n);
	ret->digest_len = digest_of(k->tls, ret->digest);
	PKI(gnutls_decode_rs_value(&sig, &r, &s));
	ret->n = (cert.key.n - 1) / 2 + 1;
	memcpy(ret->r + ret->n - r.size, r.data, r.size);
	memcpy(ret->s + ret->n - s.size, s.data, s.size);
	gnutls_free(sig.data);
	gnutls_free(r.data);
	gnutls_free(s.data);
}

/* Asked directly nettle says what it says through GnuTLS, of altered keys, digests and signatures, and of
 * numbers that are none of the group. */
static void test_nettle_directly(void **state)
{
	static const gnutls_ecc_curve_t curves[] = { GNUTLS_ECC_CURVE_SECP256R1,
						     GNUTLS_ECC_CURVE_SECP384R1 };
	size_t i, bit;

	for (i = 0; i < 2; i++) {
		struct pki *p = make_signer(keys[i].alg);
		uint8_t alg = i ? CC_KEY_P384 : CC_KEY_P256;
		struct ecdsa_parts good, bad;
		size_t n;

		ecdsa_parts(p, &keys[i], &good);
		n = good.n;
		assert_int_equal(nettle_says(&good, alg), 1);
		assert_int_equal(gnutls_says(&good, curves[i], keys[i].sign), 1);
		for (bit = 0; bit < 8 * n; bit += 29) {
			uint8_t flip = (uint8_t)(1 << bit % 8);
			uint8_t *of[] = { bad.r + bit / 8, bad.s + bit / 8, bad.point + 1 + bit / 8,
					  bad.digest + bit / 8 };
			size_t k;

			for (k = 0; k < (bit / 8 < n - 1 ? 4 : 2); k++) {
				bad = good;
				*of[k] ^= flip;
				assert_int_equal(nettle_says(&bad, alg), 0);
				assert_int_equal(gnutls_says(&bad, curves[i], keys[i].sign), 0);
			}
		}
		bad = good;
		memset(bad.r, 0, n);
		assert_int_equal(nettle_says(&bad, alg), 0);
		bad = good;
		memset(bad.s, 0, n);
		assert_int_equal(nettle_says(&bad, alg), 0);
		bad = good;
		memset(bad.s, 0xff, n); /* beyond the order */
		assert_int_equal(nettle_says(&bad, alg), 0);
		memset(bad.point + 1, 0xff, n - 1); /* beyond the field */
		assert_int_equal(nettle_says(&bad, alg), 0);
		memset(bad.point + 1, 0, bad.point_len - 1);
		assert_int_equal(nettle_says(&bad, alg), 0);
		/* Of a longer digest the leftmost bits count. */
		bad = good;
		bad.digest_len = 64;
		assert_int_equal(nettle_says(&bad, alg), 1);
		pki_free(p);
	}
}

static void test_whom_nettle_is_asked_about(void **state)
{
	static const uint8_t point[133] = { 4 }, compressed[33] = { 2 };
	const struct cc_spki good[] = { { .key = { point, 65 }, .alg = CC_KEY_P256 },
					{ .key = { point, 97 }, .alg = CC_KEY_P384 } };
	const struct cc_spki bad[] = { { .key = { point, 133 }, .alg = CC_KEY_P521 },
				       { .key = { point, 97 }, .alg = CC_KEY_P256 },
				       { .key = { point, 65 }, .alg = CC_KEY_P384 },
				       { .key = { point, 0 }, .alg = CC_KEY_P256 },
				       { .key = { compressed, 33 }, .alg = CC_KEY_P256 },
				       { .key = { point, 65 }, .alg = CC_KEY_RSA } };
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(good); i++)
		assert_true(sig_ecdsa_knows(&good[i]));
	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		assert_false(sig_ecdsa_knows(&bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_and_digests),
		cmocka_unit_test(test_keys_of_no_use),
		cmocka_unit_test(test_bare_keys),
		cmocka_unit_test(test_p384_with_sha256),
		cmocka_unit_test(test_strict_ecdsa),
		cmocka_unit_test(test_under_a_policy),
		cmocka_unit_test(test_gost),
		cmocka_unit_test(test_nettle_directly),
		cmocka_unit_test(test_whom_nettle_is_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
