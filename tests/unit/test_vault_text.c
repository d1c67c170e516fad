// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the vault reads and writes without a token: URIs, and signatures as DER. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <capcert/vault.h>
#include "pkcs11/consumer/der.h"
#include "pkcs11/consumer/uri.h"

#define TOKEN "pkcs11:token=alpha"

static void test_uris(void **state)
{
	static const struct {
		const char *text;
		bool object;
		int r;
	} cases[] = {
		{ TOKEN, false, 0 },
		{ TOKEN, true, -EINVAL },
		{ TOKEN ";object=a", true, 0 },
		{ TOKEN ";id=%01%02", true, 0 },
		{ "pkcs11:serial=0102;id=%01", true, 0 },
		{ TOKEN ";object=a;type=private", true, 0 },
		{ TOKEN ";object=a;type=public", true, -EINVAL },
		{ TOKEN ";object=a;type=cert", true, -EINVAL },
		{ TOKEN ";id=", true, -EINVAL },
		{ "pkcs11:object=a", true, -EINVAL },
		{ "pkcs11:manufacturer=SoftHSM;object=a", true, -EINVAL },
		{ "pkcs11:", false, -EINVAL },
		{ "", false, -EINVAL },
		{ "file:/x", false, -EINVAL },
		{ TOKEN ";slot-id=3", false, -EINVAL },
		{ TOKEN ";slot-description=a", false, -EINVAL },
		{ TOKEN ";slot-manufacturer=a", false, -EINVAL },
		{ TOKEN "?pin-value=1234", false, -EINVAL },
		{ TOKEN "?pin-source=file:/pin", false, -EINVAL },
		{ TOKEN "?module-path=/tmp/evil.so", false, -EINVAL },
		{ TOKEN "?module-name=evil", false, -EINVAL },
		{ TOKEN ";purpose=tls-server", false, -EINVAL },
		{ TOKEN ";object=%zz", true, -EINVAL },
	};
	char longest[CAPCERT_MAX_KEY_URI + 2];
	P11KitUri *uri;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int r = uri_parse(cases[i].text, cases[i].object, &uri);

		if (r != cases[i].r)
			fail_msg("%s: %d", cases[i].text, r);
		if (r == 0)
			p11_kit_uri_free(uri);
	}
	assert_int_equal(uri_parse(NULL, false, &uri), -EINVAL);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, TOKEN ";object=", sizeof(TOKEN ";object=") - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(uri_parse(longest, true, &uri), -EINVAL);
	longest[sizeof(longest) - 2] = '\0';
	assert_int_equal(uri_parse(longest, true, &uri), 0);
	p11_kit_uri_free(uri);
}

static void test_der_ecdsa(void **state)
{
	static const uint8_t want[] = {
		0x30, 0x08, 0x02, 0x02, 0x00, 0x80, 0x02, 0x02, 0x01, 0x02
	};
	static const uint8_t rs[] = { 0x00, 0x00, 0x80, 0x00, 0x01, 0x02 };
	static const uint8_t zero[] = { 0, 0, 0, 1 };
	uint8_t out[160], most[134];

	assert_int_equal(der_ecdsa(rs, 6, out, sizeof(out)), sizeof(want));
	assert_memory_equal(out, want, sizeof(want));
	for (size_t cap = 0; cap < sizeof(want); cap++)
		assert_int_equal(der_ecdsa(rs, 6, out, cap), -EMSGSIZE);
	assert_int_equal(der_ecdsa(rs, 6, out, sizeof(want)), sizeof(want));
	assert_int_equal(der_ecdsa(rs, 5, out, sizeof(out)), -EIO);
	assert_int_equal(der_ecdsa(rs, 0, out, sizeof(out)), -EIO);
	assert_int_equal(der_ecdsa(zero, 4, out, sizeof(out)), -EIO);
	memset(most, 0xff, sizeof(most));
	assert_int_equal(der_ecdsa(most, 134, out, sizeof(out)), -EIO);
	/* 2 * (1 + 1 + 1 + 66), and a length in two octets */
	assert_int_equal(der_ecdsa(most, 132, out, sizeof(out)), 3 + 2 * 69);
	assert_int_equal(out[1], 0x81);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uris),
		cmocka_unit_test(test_der_ecdsa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
