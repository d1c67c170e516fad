// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a key of one use may sign, the parts of certificates, CRLs and responses that are signed,
 * and the form of signatures. */
#include "core/key_use.h"
#include "core/signature.h"
#include "tests/unit/crl_build.h"
#include "tests/unit/ocsp_build.h"

#define ED CC_SCHEME_ED25519

static struct cc_span tbs_certificate(void)
{
	struct cert_parts p = cert_parts();

	return cert_tbs(&p);
}

static struct cc_span tbs_list(void)
{
	struct crl_parts p = crl_parts();

	return der(0x30, p.version, p.inner_alg, p.issuer, p.this_update, p.next_update);
}

static struct cc_span response_data(void)
{
	struct ocsp_parts p = ocsp_parts();
	struct cc_ocsp c;

	assert_int_equal(ocsp_parse(&p, &c), CC_OCSP_OK);
	return c.tbs;
}

/* CertificationRequestInfo, RFC 2986. */
static struct cc_span request_info(struct cc_span subject)
{
	return der(0x30, der_hex("020100"), subject, der_hex(ED25519_SPKI), der_hex("a000"));
}

static bool may(uint32_t use, struct cc_span message)
{
	struct cc_span s = der_exact(message);

	return !cc_key_use_refuses(use, ED, s);
}

static void each_its_own(void **state)
{
	struct cc_span messages[] = { tbs_certificate(), tbs_list(), response_data() };
	static const uint8_t uses[] = { CC_KEY_USE_CA_SIGN, CC_KEY_USE_CRL_SIGN,
					CC_KEY_USE_OCSP_SIGN };
	uint32_t use;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		for (use = 0; use < CC_KEY_USE_COUNT; use++)
			assert_int_equal(may(use, messages[i]), use == uses[i]);
}

static void the_algorithm_inside(void **state)
{
	(void)state;
	assert_non_null(
		cc_key_use_refuses(CC_KEY_USE_CA_SIGN, CC_SCHEME_ECDSA_SHA256, tbs_certificate()));
	assert_non_null(
		cc_key_use_refuses(CC_KEY_USE_CRL_SIGN, CC_SCHEME_ECDSA_SHA256, tbs_list()));
	assert_null(
		cc_key_use_refuses(CC_KEY_USE_OCSP_SIGN, CC_SCHEME_ECDSA_SHA256, response_data()));
}

static void truncated_anywhere(void **state)
{
	struct cc_span messages[] = { tbs_certificate(), tbs_list(), response_data() };
	static const uint8_t uses[] = { CC_KEY_USE_CA_SIGN, CC_KEY_USE_CRL_SIGN,
					CC_KEY_USE_OCSP_SIGN };
	size_t i, n;

	(void)state;
	for (i = 0; i < 3; i++) {
		for (n = 0; n < messages[i].n; n++) {
			struct cc_span s = der_exact(cc_span(messages[i].p, n));

			assert_non_null(cc_key_use_refuses(uses[i], ED, s));
			cc_key_use_refuses(CC_KEY_USE_CODE_SIGN, ED, s);
			der_free(s);
		}
		assert_false(may(uses[i], der_cat(messages[i], der_hex("00"), DER_END)));
	}
}

/* Others, in encodings that only lenient readers take. */
static void what_looks_like_it(void **state)
{
	static const struct {
		const char *hex;
		bool may;
	} rows[] = {
		{ "", true },
		{ "30", true },
		{ "3000", true },
		{ "3003 020100", false },	/* it could go on */
		{ "3080 a003020102", false },	/* indefinite length */
		{ "308100 a003020102", false }, /* not minimal */
		{ "3084000000ff a003020102", false },
		{ "3010 8001", false },
		{ "3010 a114", false },
		{ "3010 a214", false },
		{ "3010 020101 3003 06012a", false },
		{ "3010 02810101 3003 06012a", false },
		{ "3010 0282000101 3080 06012a", false },
		{ "3010 02850100000001 00", false }, /* hides what is behind it */
		{ "3010 3003 06012a", false },
		{ "3010 020100 3000 3000", true },
		{ "3010 020100 3102 3000", true },
		{ "3010 020100 300b 3109", true }, /* a Name */
		{ "3010 06012a", true },	   /* ContentInfo */
		{ "3110 a003020102", true },	   /* signed attributes of CMS */
		{ "a003020102", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (may(CC_KEY_USE_BUNDLE_SIGN, der_hex(rows[i].hex)) != rows[i].may)
			fail_msg("%s", rows[i].hex);
}

static void requests(void **state)
{
	struct cc_span named = request_info(der_name("subject")),
		       bare = request_info(der_hex("3000"));

	(void)state;
	assert_true(may(CC_KEY_USE_TLS_SERVER, named));
	assert_true(may(CC_KEY_USE_TLS_CLIENT, bare));
	assert_true(may(CC_KEY_USE_CODE_SIGN, named));
	assert_false(may(CC_KEY_USE_CA_SIGN, named));
	assert_false(may(CC_KEY_USE_ACME_ACCOUNT, named));
}

/* RFC 8737 section 3: nobody but who asks for it may take it. */
#define ACME_IDENTIFIER "2b 06 01 05 05 07 01 1f"

static struct cert_parts challenge_parts(void)
{
	struct cert_parts p = cert_parts();

	p.subject = p.issuer;
	p.extensions = cert_exts(cert_ext("551d11", false, "3003 820161"),
				 cert_ext(ACME_IDENTIFIER, true, "0401aa"));
	return p;
}

static void challenges(void **state)
{
	struct cert_parts good = challenge_parts(), p;
	struct cc_span s = cert_tbs(&good);

	(void)state;
	for (uint32_t use = 0; use < CC_KEY_USE_COUNT; use++)
		assert_int_equal(may(use, s),
				 use == CC_KEY_USE_TLS_SERVER || use == CC_KEY_USE_CA_SIGN);
	for (size_t n = 8; n < s.n; n++)
		assert_false(may(CC_KEY_USE_TLS_SERVER, cc_span(s.p, n)));
	assert_non_null(cc_key_use_refuses(CC_KEY_USE_TLS_SERVER, CC_SCHEME_ECDSA_SHA256, s));
	p = good;
	p.subject = der_name("subject");
	assert_false(may(CC_KEY_USE_TLS_SERVER, cert_tbs(&p)));
	p.subject = good.subject;
	p.extensions = cert_exts(cert_ext(ACME_IDENTIFIER, false, "0401aa"));
	assert_false(may(CC_KEY_USE_TLS_SERVER, cert_tbs(&p)));
	p.extensions = cert_exts(cert_ext(ACME_IDENTIFIER "00", true, "0401aa"));
	assert_false(may(CC_KEY_USE_TLS_SERVER, cert_tbs(&p)));
	p.extensions = cert_exts(cert_ext(ACME_IDENTIFIER, true, "0401aa"),
				 cert_ext("551d13", true, "3003 0101ff"));
	assert_false(may(CC_KEY_USE_TLS_SERVER, cert_tbs(&p)));
}

static struct cc_span certificate_verify(const char *context, size_t spaces, uint8_t end)
{
	char text[256];

	memset(text, ' ', spaces);
	strcpy(text + spaces, context);
	return der_cat(der_str(text), cc_span(&end, 1), der_str("12345678901234567890123456789012"),
		       DER_END);
}

static void tls13(void **state)
{
	static const char server[] = "TLS 1.3, server CertificateVerify";
	static const char client[] = "TLS 1.3, client CertificateVerify";

	(void)state;
	assert_true(may(CC_KEY_USE_TLS_SERVER, certificate_verify(server, 64, 0)));
	assert_true(may(CC_KEY_USE_TLS_CLIENT, certificate_verify(client, 64, 0)));
	assert_false(may(CC_KEY_USE_TLS_SERVER, certificate_verify(client, 64, 0)));
	assert_false(may(CC_KEY_USE_TLS_CLIENT, certificate_verify(server, 64, 0)));
	assert_false(may(CC_KEY_USE_TLS_SERVER, certificate_verify(server, 64, 1)));
	assert_false(may(CC_KEY_USE_CODE_SIGN, certificate_verify(server, 64, 0)));
	assert_false(may(CC_KEY_USE_CT_LOG, certificate_verify(client, 64, 0)));
	assert_true(may(CC_KEY_USE_CODE_SIGN, certificate_verify(server, 63, 0)));
	assert_false(may(CC_KEY_USE_TLS_SERVER, certificate_verify("", 64, 0)));
	assert_true(may(CC_KEY_USE_TLS_SERVER, der_str("random octets of TLS 1.2")));
}

static void jws(void **state)
{
	(void)state;
	assert_true(may(CC_KEY_USE_ACME_ACCOUNT, der_str("eyJhbGciOiJFUzI1NiJ9.eyJ-_")));
	assert_true(may(CC_KEY_USE_ACME_ACCOUNT, der_str("eyJhbGciOiJFUzI1NiJ9.")));
	assert_false(may(CC_KEY_USE_ACME_ACCOUNT, der_str("")));
	assert_false(may(CC_KEY_USE_ACME_ACCOUNT, der_str(".eyJ")));
	assert_false(may(CC_KEY_USE_ACME_ACCOUNT, der_str("eyJ")));
	assert_false(may(CC_KEY_USE_ACME_ACCOUNT, der_str("e.y.J")));
	assert_false(may(CC_KEY_USE_ACME_ACCOUNT, der_str("e+.y")));
	assert_false(may(CC_KEY_USE_ACME_ACCOUNT, der_str("e.y=")));
}

static void parts_alone(void **state)
{
	struct cc_crl crl;
	struct cc_ocsp ocsp;

	(void)state;
	assert_int_equal(cc_crl_tbs_parse(der_exact(tbs_list()), &crl), CC_CRL_OK);
	assert_int_equal(crl.scheme, ED);
	assert_true(cc_span_equal(crl.tbs, tbs_list()));
	assert_int_equal(crl.der.n, 0);
	assert_int_equal(cc_crl_tbs_parse(NONE, &crl), CC_CRL_E_EMPTY);
	assert_int_equal(cc_crl_tbs_parse(cc_span(&crl, CC_CRL_MAX + 1), &crl), CC_CRL_E_TOO_LARGE);
	assert_int_equal(cc_crl_tbs_parse(der_hex("3000"), &crl), CC_CRL_E_TRUNCATED);
	assert_int_equal(cc_crl_tbs_parse(der_hex("3100"), &crl), CC_CRL_E_DER);
	assert_int_equal(cc_crl_tbs_parse(der_hex("300000"), &crl), CC_CRL_E_TRAILING);
	assert_int_equal(cc_ocsp_data_parse(der_exact(response_data()), &ocsp), CC_OCSP_OK);
	assert_true(ocsp.single_count > 0);
	assert_int_equal(ocsp.der.n, 0);
	assert_int_equal(cc_ocsp_data_parse(NONE, &ocsp), CC_OCSP_E_EMPTY);
	assert_int_equal(cc_ocsp_data_parse(cc_span(&ocsp, CC_OCSP_MAX + 1), &ocsp),
			 CC_OCSP_E_TOO_LARGE);
	assert_int_equal(cc_ocsp_data_parse(der_hex("3100"), &ocsp), CC_OCSP_E_DER);
	assert_int_equal(cc_ocsp_data_parse(der_hex("300000"), &ocsp), CC_OCSP_E_TRAILING);
}

static void schemes_of_keys(void **state)
{
	uint32_t scheme, alg, fits = 0;

	(void)state;
	for (scheme = 0; scheme < CC_SCHEME_COUNT + 3; scheme++)
		for (alg = 0; alg < CC_KEY_COUNT + 30; alg++)
			fits += cc_scheme_fits(scheme, alg);
	/* 3 + 3 of RSA, 3 of RSA-PSS, 3 on each curve, 2 Edwards. */
	assert_int_equal(fits, 6 + 3 + 9 + 2);
	assert_true(cc_scheme_fits(CC_SCHEME_RSA_PSS_SHA256, CC_KEY_RSA_PSS));
	assert_false(cc_scheme_fits(CC_SCHEME_RSA_PKCS1_SHA256, CC_KEY_RSA_PSS));
	assert_false(cc_scheme_fits(CC_SCHEME_ECDSA_SHA256, CC_KEY_RSA));
	assert_false(cc_scheme_fits(CC_SCHEME_ECDSA_SHA1, CC_KEY_P256));
	assert_int_equal(cc_scheme_digest_size(CC_SCHEME_ECDSA_SHA384), 48);
	assert_int_equal(cc_scheme_digest_size(ED), 0);
	assert_int_equal(cc_scheme_digest_size(CC_SCHEME_OTHER), 0);
}

static bool form(uint32_t alg, struct cc_span signature)
{
	return cc_signature_form(alg, 0, der_exact(signature));
}

#define N256 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63255"
#define N384                                               \
	"ffffffffffffffffffffffffffffffffffffffffffffffff" \
	"c7634d81f4372ddf581a0db248b0a77aecec196accc5297"
#define N521                                                                  \
	"01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" \
	"a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e9138640"

static void ecdsa(void **state)
{
	static const struct {
		uint8_t alg;
		const char *hex;
		bool good;
	} rows[] = {
		{ CC_KEY_P256, "3006 020101 020101", true },
		{ CC_KEY_P256, "3007 02020080 020101", true },
		{ CC_KEY_P256, "3006 020100 020101", false }, /* zero */
		{ CC_KEY_P256, "3006 020101 020100", false },
		{ CC_KEY_P256, "3006 020180 020101", false },	/* negative */
		{ CC_KEY_P256, "3007 02020001 020101", false }, /* not minimal */
		{ CC_KEY_P256, "3005 0200 020101", false },
		{ CC_KEY_P256, "3003 020101", false },
		{ CC_KEY_P256, "3009 020101 020101 020101", false },
		{ CC_KEY_P256, "3006 020101 020101 00", false },
		{ CC_KEY_P256, "308106 020101 020101", false },
		{ CC_KEY_P256, "3106 020101 020101", false },
		{ CC_KEY_P256, "", false },
		{ CC_KEY_P256, "3026 022100" N256 "0 020101", true },
		{ CC_KEY_P256, "3026 022100" N256 "1 020101", false },
		{ CC_KEY_P256, "3026 020101 022100" N256 "2", false },
		{ CC_KEY_P256, "3027 02220001" N256 "0 020101", false },
		{ CC_KEY_P384, "3036 023100" N384 "2 020101", true },
		{ CC_KEY_P384, "3036 023100" N384 "3 020101", false },
		{ CC_KEY_P384, "3036 020101 023100" N384 "4", false },
		{ CC_KEY_P521, "3047 0242" N521 "8 020101", true },
		{ CC_KEY_P521, "3047 0242" N521 "9 020101", false },
		{ CC_KEY_P521, "3047 020101 0242" N521 "8", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (form(rows[i].alg, der_hex(rows[i].hex)) != rows[i].good)
			fail_msg("%s", rows[i].hex);
}

static void fixed_lengths(void **state)
{
	static const uint8_t zeros[512];

	(void)state;
	assert_true(cc_signature_form(CC_KEY_RSA, 2048, cc_span(zeros, 256)));
	assert_false(cc_signature_form(CC_KEY_RSA, 2048, cc_span(zeros, 255)));
	assert_true(cc_signature_form(CC_KEY_RSA_PSS, 2049, cc_span(zeros, 257)));
	assert_true(cc_signature_form(CC_KEY_ED25519, 256, cc_span(zeros, 64)));
	assert_false(cc_signature_form(CC_KEY_ED25519, 256, cc_span(zeros, 65)));
	assert_true(cc_signature_form(CC_KEY_ED448, 456, cc_span(zeros, 114)));
	assert_false(cc_signature_form(CC_KEY_DSA, 2048, cc_span(zeros, 0)));
	assert_int_equal(cc_signature_max(CC_KEY_P256, 256), 72);
	assert_int_equal(cc_signature_max(CC_KEY_P384, 384), 104);
	assert_int_equal(cc_signature_max(CC_KEY_P521, 521), 139);
	assert_int_equal(cc_signature_max(CC_KEY_DSA, 2048), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_its_own),
		cmocka_unit_test(the_algorithm_inside),
		cmocka_unit_test(truncated_anywhere),
		cmocka_unit_test(what_looks_like_it),
		cmocka_unit_test(requests),
		cmocka_unit_test(challenges),
		cmocka_unit_test(tls13),
		cmocka_unit_test(jws),
		cmocka_unit_test(parts_alone),
		cmocka_unit_test(schemes_of_keys),
		cmocka_unit_test(ecdsa),
		cmocka_unit_test(fixed_lengths),
	};

	return cmocka_run_group_tests_name("core/key_use", tests, NULL, NULL);
}
