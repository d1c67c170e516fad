// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JWKs and thumbprints: the examples of the RFCs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <capcert/pubkey.h>
#include "core/base64.h"
#include "tests/unit/jose_keys.h"

static void check(const char *base64, const char *want_jwk, const char *want_thumbprint)
{
	char thumbprint[CAPCERT_THUMBPRINT_TEXT];
	uint8_t spki[1024];
	long n = cc_base64_decode(cc_span(base64, strlen(base64)), spki, sizeof(spki));
	char *jwk = NULL;

	assert_true(n > 0);
	assert_int_equal(capcert_pubkey_jwk(spki, (size_t)n, &jwk), 0);
	assert_string_equal(jwk, want_jwk);
	free(jwk);
	assert_int_equal(capcert_pubkey_thumbprint(spki, (size_t)n, thumbprint), 0);
	if (want_thumbprint)
		assert_string_equal(thumbprint, want_thumbprint);
	for (long i = 0; i < n; i++)
		assert_int_equal(capcert_pubkey_jwk(spki, (size_t)i, &jwk), -EBADMSG);
}

static void test_jwk(void **state)
{
	check(JOSE_RSA_SPKI, JOSE_RSA_JWK, JOSE_RSA_THUMBPRINT);
	check(JOSE_P256_SPKI, JOSE_P256_JWK, NULL);
	check(JOSE_ED25519_SPKI, JOSE_ED25519_JWK, JOSE_ED25519_THUMBPRINT);
}

/* RFC 7515 appendix A.2: RS256; RFC 8037 appendix A.4: Ed25519. */
static void verify(const char *base64, uint32_t scheme, const char *text, const char *sig64)
{
	uint8_t spki[1024], sig[512];
	long n = cc_base64_decode(cc_span(base64, strlen(base64)), spki, sizeof(spki));
	long m = cc_base64_decode(cc_span(sig64, strlen(sig64)), sig, sizeof(sig));

	assert_true(n > 0 && m > 0);
	assert_int_equal(capcert_pubkey_verify(spki, (size_t)n, scheme, false,
					       (const uint8_t *)text, strlen(text), sig, (size_t)m),
			 0);
	assert_int_equal(capcert_pubkey_verify(spki, (size_t)n, scheme, false,
					       (const uint8_t *)text, strlen(text) - 1, sig,
					       (size_t)m),
			 -EKEYREJECTED);
	assert_int_equal(capcert_pubkey_verify(spki, (size_t)n, 0x0403, false,
					       (const uint8_t *)text, strlen(text), sig, (size_t)m),
			 -EOPNOTSUPP);
	assert_int_equal(capcert_pubkey_verify(spki, (size_t)n, 0xffff, false,
					       (const uint8_t *)text, strlen(text), sig, (size_t)m),
			 -EOPNOTSUPP);
}

static void test_verify(void **state)
{
	verify(JOSE_RSA_SPKI_A2, 0x0401, JOSE_RSA_INPUT, JOSE_RSA_SIGNATURE);
	verify(JOSE_ED25519_SPKI, 0x0807, JOSE_ED25519_INPUT, JOSE_ED25519_SIGNATURE);
}

static void test_refused(void **state)
{
	char thumbprint[CAPCERT_THUMBPRINT_TEXT] = "as it was";
	uint8_t spki[512];
	char *jwk = NULL;
	long n = cc_base64_decode(cc_span(JOSE_K256_SPKI, strlen(JOSE_K256_SPKI)), spki,
				  sizeof(spki));

	assert_true(n > 0);
	assert_int_equal(capcert_pubkey_jwk(spki, (size_t)n, &jwk), -EOPNOTSUPP);
	assert_int_equal(capcert_pubkey_thumbprint(spki, (size_t)n, thumbprint), -EOPNOTSUPP);
	assert_string_equal(thumbprint, "as it was");
	assert_null(jwk);
}

static void test_parts(void **state)
{
	static const uint8_t f4[] = { 1, 0, 1 }, p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48,
							    0xce, 0x3d, 0x03, 0x01, 0x07 };
	struct capcert_pubkey_parts parts;
	uint8_t spki[1024];
	long n =
		cc_base64_decode(cc_span(JOSE_RSA_SPKI, strlen(JOSE_RSA_SPKI)), spki, sizeof(spki));

	assert_int_equal(capcert_pubkey_parts(spki, (size_t)n, &parts), 0);
	assert_int_equal(parts.bits, 2048);
	assert_int_equal(parts.modulus_len, 256);
	assert_int_not_equal(parts.modulus[0], 0);
	assert_int_equal(parts.exponent_len, 3);
	assert_memory_equal(parts.exponent, f4, 3);
	assert_null(parts.curve);
	assert_null(parts.point);
	n = cc_base64_decode(cc_span(JOSE_P256_SPKI, strlen(JOSE_P256_SPKI)), spki, sizeof(spki));
	assert_int_equal(capcert_pubkey_parts(spki, (size_t)n, &parts), 0);
	assert_int_equal(parts.curve_len, sizeof(p256));
	assert_memory_equal(parts.curve, p256, sizeof(p256));
	assert_int_equal(parts.point_len, 65);
	assert_ptr_equal(parts.point + 65, spki + n);
	assert_null(parts.modulus);
	for (long i = 0; i < n; i++)
		assert_int_equal(capcert_pubkey_parts(spki, (size_t)i, &parts), -EBADMSG);
	n = cc_base64_decode(cc_span(JOSE_ED25519_SPKI, strlen(JOSE_ED25519_SPKI)), spki,
			     sizeof(spki));
	assert_int_equal(capcert_pubkey_parts(spki, (size_t)n, &parts), 0);
	assert_int_equal(parts.point_len, 32);
	assert_null(parts.curve);
	n = cc_base64_decode(cc_span(JOSE_K256_SPKI, strlen(JOSE_K256_SPKI)), spki, sizeof(spki));
	assert_int_equal(capcert_pubkey_parts(spki, (size_t)n, &parts), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jwk),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
