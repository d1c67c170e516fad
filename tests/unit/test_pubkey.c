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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jwk),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
