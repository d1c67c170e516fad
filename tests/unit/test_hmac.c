// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capcert_hmac() by the vectors of RFC 4231, cases 2 and 6. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <capcert/x509.h>

static const struct {
	uint32_t hash;
	const char *jefe, *larger;
} rows[] = {
	{ CAPCERT_HASH_SHA256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ CAPCERT_HASH_SHA384,
	  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
	  "8e2240ca5e69e2c78b3239ecfab21649",
	  "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
	  "0c2ef6ab4030fe8296248df163f44952" },
	{ CAPCERT_HASH_SHA512,
	  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
	  "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
	  "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
};

static void is(uint32_t hash, const void *key, size_t key_len, const char *text, const char *want)
{
	uint8_t mac[64];
	char hex[129];
	int n = capcert_hmac(hash, key, key_len, text, strlen(text), mac);

	assert_int_equal(n, strlen(want) / 2);
	for (int i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", mac[i]);
	assert_string_equal(hex, want);
}

static void vectors(void **state)
{
	uint8_t larger[131];

	memset(larger, 0xaa, sizeof(larger));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is(rows[i].hash, "Jefe", 4, "what do ya want for nothing?", rows[i].jefe);
		is(rows[i].hash, larger, sizeof(larger),
		   "Test Using Larger Than Block-Size Key - Hash Key First", rows[i].larger);
	}
}

static void others(void **state)
{
	uint8_t mac[64];

	assert_int_equal(capcert_hmac(0, "k", 1, "m", 1, mac), -EINVAL);
	assert_int_equal(capcert_hmac(77, "k", 1, "m", 1, mac), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(vectors), cmocka_unit_test(others) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
