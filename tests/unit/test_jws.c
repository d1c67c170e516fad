// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JWS: the examples of RFC 7515 and 8037, signed again by who knows only these signatures. And the
 * SEQUENCE of X.509. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <capcert/jws.h>
#include "core/alg.h"
#include "core/base64.h"
#include "core/der.h"
#include "libcapcert/jws.h"
#include "tests/unit/jose_keys.h"

/* RFC 7515 appendix A.2.1: the payload has line ends of its own. */
static const char payload[] =
	"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

static struct {
	const char *want; /* what must be signed, NULL = anything */
	uint32_t scheme;
	uint8_t sig[512];
	size_t len;
	int r;
	int asked;
} signer;

static int sign(void *ctx, uint32_t scheme, const void *message, size_t message_len, uint8_t *sig,
		size_t *len)
{
	signer.asked++;
	assert_int_equal(scheme, signer.scheme);
	if (signer.want) {
		assert_int_equal(message_len, strlen(signer.want));
		assert_memory_equal(message, signer.want, message_len);
	}
	assert_true(*len >= signer.len);
	memcpy(sig, signer.sig, signer.len);
	*len = signer.len;
	return signer.r;
}

static struct cc_span decode(const char *base64, uint8_t *buf, size_t cap)
{
	long n = cc_base64_decode(cc_span(base64, strlen(base64)), buf, cap);

	assert_true(n > 0);
	return cc_span(buf, (size_t)n);
}

static void prepare(const char *want, uint32_t scheme, const char *sig)
{
	memset(&signer, 0, sizeof(signer));
	signer.want = want;
	signer.scheme = scheme;
	signer.len = decode(sig, signer.sig, sizeof(signer.sig)).n;
}

static void test_rs256(void **state)
{
	uint8_t buf[512];
	struct cc_span spki = decode(JOSE_RSA_SPKI_A2, buf, sizeof(buf));
	char *jws = NULL;

	prepare(JOSE_RSA_INPUT, 0x0401, JOSE_RSA_SIGNATURE);
	assert_int_equal(
		jws_build(spki, NULL, cc_span(payload, strlen(payload)), 0, sign, NULL, &jws), 0);
	assert_string_equal(jws, JOSE_RSA_COMPACT);
	free(jws);
	assert_int_equal(jws_build(spki, "{}", cc_span(payload, strlen(payload)),
				   CAPCERT_JWS_FLATTENED, sign, NULL, &jws),
			 0);
	assert_string_equal(jws, JOSE_RSA_FLATTENED);
	free(jws);
}

/* Appendix A.3, whose signature is r || s; its signer gives DER. */
static void test_es256(void **state)
{
	uint8_t buf[512];
	struct cc_span spki = decode(JOSE_P256_SPKI, buf, sizeof(buf));
	char *jws = NULL;

	prepare(JOSE_P256_INPUT, 0x0403, JOSE_P256_SIGNATURE_DER);
	assert_int_equal(
		jws_build(spki, NULL, cc_span(payload, strlen(payload)), 0, sign, NULL, &jws), 0);
	assert_string_equal(jws, JOSE_P256_COMPACT);
	free(jws);
	/* Spoiled at any octet of its structure, or cut off: nothing leaves. */
	for (size_t n = 0; n < signer.len; n++) {
		size_t len = signer.len;

		signer.len = n;
		jws = NULL;
		assert_int_equal(jws_build(spki, NULL, cc_span(payload, strlen(payload)), 0, sign,
					   NULL, &jws),
				 -EIO);
		assert_null(jws);
		signer.len = len;
	}
	signer.sig[1]++;
	assert_int_equal(
		jws_build(spki, NULL, cc_span(payload, strlen(payload)), 0, sign, NULL, &jws),
		-EIO);
}

static void test_eddsa(void **state)
{
	uint8_t buf[512];
	struct cc_span spki = decode(JOSE_ED25519_SPKI, buf, sizeof(buf));
	const char text[] = "Example of Ed25519 signing";
	char *jws = NULL;

	prepare(JOSE_ED25519_INPUT, 0x0807, JOSE_ED25519_SIGNATURE);
	assert_int_equal(jws_build(spki, NULL, cc_span(text, strlen(text)), 0, sign, NULL, &jws),
			 0);
	assert_string_equal(jws, JOSE_ED25519_COMPACT);
	free(jws);
}

/* RFC 8555 section 6.2: url, nonce and kid are protected, the payload of POST-as-GET is empty. */
static void test_header(void **state)
{
	uint8_t buf[512];
	struct cc_span spki = decode(JOSE_ED25519_SPKI, buf, sizeof(buf)), none = cc_span("", 0);
	static const char *const bad[] = { "[]", "1", "{\"alg\":\"none\"}", "{\"a\":1,\"a\":2}",
					   "{",	 "" };
	char *jws = NULL;

	prepare(NULL, 0x0807, JOSE_ED25519_SIGNATURE);
	assert_int_equal(jws_build(spki, "{\"nonce\": \"n\", \"url\": \"u\"}", none,
				   CAPCERT_JWS_FLATTENED, sign, NULL, &jws),
			 0);
	/* {"nonce":"n","url":"u","alg":"EdDSA"} */
	assert_non_null(
		strstr(jws, "{\"protected\":\"eyJub25jZSI6Im4iLCJ1cmwiOiJ1IiwiYWxnIjoiRWREU0EifQ\","
			    "\"payload\":\"\",\"signature\":\""));
	free(jws);
	jws = NULL;
	signer.asked = 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(jws_build(spki, bad[i], none, 0, sign, NULL, &jws), -EINVAL);
	assert_int_equal(jws_build(spki, NULL, none, 2, sign, NULL, &jws), -EINVAL);
	assert_int_equal(jws_build(cc_span(buf, 10), NULL, none, 0, sign, NULL, &jws), -EOPNOTSUPP);
	assert_int_equal(signer.asked, 0);
	signer.r = -EACCES;
	assert_int_equal(jws_build(spki, NULL, none, 0, sign, NULL, &jws), -EACCES);
	assert_null(jws);
}

/* ---- X.509 ---- */

static const uint8_t tbs[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };

static void test_signed_der(void **state)
{
	static const struct {
		uint32_t tls, scheme;
	} cases[] = {
		{ 0x0401, CC_SCHEME_RSA_PKCS1_SHA256 }, { 0x0501, CC_SCHEME_RSA_PKCS1_SHA384 },
		{ 0x0601, CC_SCHEME_RSA_PKCS1_SHA512 }, { 0x0804, CC_SCHEME_RSA_PSS_SHA256 },
		{ 0x0805, CC_SCHEME_RSA_PSS_SHA384 },	{ 0x0806, CC_SCHEME_RSA_PSS_SHA512 },
		{ 0x0403, CC_SCHEME_ECDSA_SHA256 },	{ 0x0503, CC_SCHEME_ECDSA_SHA384 },
		{ 0x0603, CC_SCHEME_ECDSA_SHA512 },	{ 0x0807, CC_SCHEME_ED25519 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cc_span in, seq = { 0 }, body = { 0 }, whole = { 0 }, alg = { 0 };
		uint8_t *der;
		size_t len;

		prepare(NULL, cases[i].tls, JOSE_RSA_SIGNATURE);
		assert_int_equal(signed_der_build(cases[i].tls, cc_span(tbs, sizeof(tbs)), sign,
						  NULL, &der, &len),
				 0);
		in = cc_span(der, len);
		assert_int_equal(cc_der_only(in, CC_DER_SEQUENCE, &seq), 0);
		assert_int_equal(cc_der_get_whole(&seq, CC_DER_SEQUENCE, &body, &whole), 0);
		assert_int_equal(whole.n, sizeof(tbs));
		assert_memory_equal(whole.p, tbs, sizeof(tbs));
		assert_int_equal(cc_der_get_whole(&seq, CC_DER_SEQUENCE, &body, &alg), 0);
		assert_int_equal(cc_scheme_of_alg(alg), cases[i].scheme);
		assert_int_equal(cc_der_get(&seq, CC_DER_BIT_STRING, &body), 0);
		assert_int_equal(seq.n, 0);
		assert_int_equal(body.n, 1 + signer.len);
		assert_int_equal(body.p[0], 0);
		assert_memory_equal(body.p + 1, signer.sig, signer.len);
		free(der);
	}
}

static void test_signed_der_refused(void **state)
{
	uint8_t *der = NULL, longer[sizeof(tbs) + 1] = { 0 };
	size_t len;

	prepare(NULL, 0x0807, JOSE_ED25519_SIGNATURE);
	memcpy(longer, tbs, sizeof(tbs));
	for (size_t n = 0; n <= sizeof(longer); n++)
		if (n != sizeof(tbs))
			assert_int_equal(signed_der_build(0x0807, cc_span(longer, n), sign, NULL,
							  &der, &len),
					 -EINVAL);
	assert_int_equal(
		signed_der_build(0x0201, cc_span(tbs, sizeof(tbs)), sign, NULL, &der, &len),
		-EOPNOTSUPP);
	assert_int_equal(
		signed_der_build(0x0809, cc_span(tbs, sizeof(tbs)), sign, NULL, &der, &len),
		-EOPNOTSUPP);
	assert_int_equal(signer.asked, 0);
	signer.r = -ENODEV;
	assert_int_equal(
		signed_der_build(0x0807, cc_span(tbs, sizeof(tbs)), sign, NULL, &der, &len),
		-ENODEV);
	assert_null(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rs256),	   cmocka_unit_test(test_es256),
		cmocka_unit_test(test_eddsa),	   cmocka_unit_test(test_header),
		cmocka_unit_test(test_signed_der), cmocka_unit_test(test_signed_der_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
