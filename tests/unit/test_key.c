// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Private keys in the library: texts, what may be signed, and calls on what is no handle. */
#include "tests/unit/cert_build.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <capcert/key.h>

static void uris(void **state)
{
	static const char text[] = "pkcs11:object=O;token=T;purpose=tls-server,ca-sign";
	char uri[CAPCERT_MAX_KEY_URI + 2], longest[CAPCERT_MAX_KEY_URI + 1];
	const char *error = NULL;
	uint32_t purposes = 0;
	int n;

	(void)state;
	n = capcert_key_uri(text, strlen(text), uri, &purposes, &error);
	assert_int_equal(n, strlen("pkcs11:token=T;object=O;type=private"));
	assert_string_equal(uri, "pkcs11:token=T;object=O;type=private");
	assert_int_equal(purposes, 1u << CAPCERT_KEY_TLS_SERVER | 1u << CAPCERT_KEY_CA_SIGN);
	assert_null(error);
	assert_int_equal(capcert_key_uri(uri, (size_t)n, uri, NULL, NULL), n);
	assert_int_equal(capcert_key_uri("pkcs11:token=T;slot-id=1", 24, uri, NULL, &error),
			 -EINVAL);
	assert_non_null(strstr(error, "name the token"));
	assert_int_equal(capcert_key_uri("x", 1, uri, NULL, NULL), -EINVAL);
	n = snprintf(longest, sizeof(longest), "pkcs11:token=T;object=%0255d;id=%0255d", 0, 0);
	assert_int_equal(capcert_key_uri(longest, (size_t)n, uri, NULL, NULL), -EMSGSIZE);
}

static void names(void **state)
{
	char text[96];

	(void)state;
	assert_string_equal(capcert_key_purpose_name(CAPCERT_KEY_CT_LOG), "ct-log");
	assert_string_equal(capcert_key_purpose_name(CAPCERT_KEY_PURPOSES), "?");
	assert_string_equal(capcert_key_source_name(CAPCERT_KEY_CLOUD_KMS), "cloud-kms");
	assert_string_equal(capcert_key_source_name(0), "?");
	assert_int_equal(capcert_key_purposes_parse("crl-sign"), 1u << CAPCERT_KEY_CRL_SIGN);
	assert_int_equal(capcert_key_purposes_parse("crl-sign,none"), 0);
	capcert_key_purposes_text((1u << CAPCERT_KEY_PURPOSES) - 1, text, sizeof(text));
	assert_int_equal(capcert_key_purposes_parse(text), (1u << CAPCERT_KEY_PURPOSES) - 1);
}

static void contents(void **state)
{
	struct cert_parts p = cert_parts();
	struct cc_span tbs = cert_tbs(&p);

	(void)state;
	assert_null(capcert_key_refuses(CAPCERT_KEY_CA_SIGN, 0x0807, tbs.p, tbs.n));
	assert_non_null(capcert_key_refuses(CAPCERT_KEY_CA_SIGN, 0x0403, tbs.p, tbs.n));
	assert_non_null(capcert_key_refuses(CAPCERT_KEY_TLS_SERVER, 0x0807, tbs.p, tbs.n));
	assert_null(capcert_key_refuses(CAPCERT_KEY_TLS_SERVER, 0x0807, "text", 4));
	assert_non_null(capcert_key_refuses(CAPCERT_KEY_PURPOSES, 0x0807, "text", 4));
	assert_true(capcert_key_takes_digests(1u << CAPCERT_KEY_TLS_SERVER));
	assert_false(capcert_key_takes_digests(1u << CAPCERT_KEY_TLS_SERVER |
					       1u << CAPCERT_KEY_OCSP_SIGN));
	tbs = der_hex(ED25519_SPKI);
	assert_true(capcert_key_signature_form(tbs.p, tbs.n, der_arena, 64));
	assert_false(capcert_key_signature_form(tbs.p, tbs.n, der_arena, 63));
	assert_false(capcert_key_signature_form(tbs.p, tbs.n - 1, der_arena, 64));
}

static void no_handles(void **state)
{
	struct capcert_key_limits limits = { .max_uses = 1 };
	struct capcert_key_info info;
	uint8_t buf[8], *spki = NULL;
	size_t n = sizeof(buf);
	int fd[2], out = -1;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(capcert_key_info(fd[0], &info), -ENOTTY);
	assert_int_equal(capcert_key_public(fd[0], &spki, &n), -ENOTTY);
	assert_int_equal(capcert_key_sign(fd[0], 0, 0x0403, 0, "x", 1, 0, buf, &n), -ENOTTY);
	assert_int_equal(
		capcert_key_sign(fd[0], 0, 0x0403, 0, "x", CAPCERT_MAX_MESSAGE + 1, 0, buf, &n),
		-EMSGSIZE);
	assert_int_equal(n, sizeof(buf));
	assert_int_equal(capcert_key_restrict(fd[0], 0, &limits, -1, &out), -ENOTTY);
	assert_int_equal(capcert_key_restrict(fd[0], 0, NULL, 0, &out), -ENOTTY);
	assert_int_equal(out, -1);
	assert_int_equal(capcert_key_info(-1, &info), -EBADF);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uris),
		cmocka_unit_test(names),
		cmocka_unit_test(contents),
		cmocka_unit_test(no_handles),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
