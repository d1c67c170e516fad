// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The DER cursor: what it refuses, what it takes, and that it moves on success only. */
#include "tests/unit/der_build.h"
#include "core/der.h"

static int take(const char *hex, uint8_t *tag, struct cc_span *body, struct cc_span *rest)
{
	*rest = der_exact(der_hex(hex));
	return cc_der_any(rest, tag, body);
}

static void refuses_elements(void **state)
{
	static const struct {
		const char *hex;
		int error;
	} rows[] = {
		{ "", CC_DER_E_TRUNCATED },
		{ "30", CC_DER_E_TRUNCATED },
		{ "0201", CC_DER_E_TRUNCATED },
		{ "30820100", CC_DER_E_TRUNCATED },
		{ "3082", CC_DER_E_TRUNCATED },
		{ "308201", CC_DER_E_TRUNCATED },
		{ "3081", CC_DER_E_TRUNCATED },
		{ "3080 0000", CC_DER_E_INVALID },    /* indefinite */
		{ "30ff 00", CC_DER_E_INVALID },      /* reserved */
		{ "0481 01 00", CC_DER_E_INVALID },   /* long form below 128 */
		{ "0482 0001 00", CC_DER_E_INVALID }, /* leading zero */
		{ "0483 000080", CC_DER_E_INVALID },
		{ "0485 0000000001 00", CC_DER_E_INVALID }, /* five octets */
		{ "0484 ffffffff 00", CC_DER_E_TRUNCATED },
		{ "0000", CC_DER_E_INVALID },	   /* end of contents */
		{ "1f8100 00", CC_DER_E_INVALID }, /* high tag number */
		{ "bf2001 00", CC_DER_E_INVALID },
		{ "2201 00", CC_DER_E_INVALID },     /* constructed INTEGER */
		{ "2403 040100", CC_DER_E_INVALID }, /* constructed OCTET STRING */
		{ "2c00", CC_DER_E_INVALID },
		{ "1000", CC_DER_E_INVALID }, /* primitive SEQUENCE */
		{ "1100", CC_DER_E_INVALID },
	};
	struct cc_span body, rest;
	uint8_t tag;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		size_t before = der_hex(rows[i].hex).n;

		if (take(rows[i].hex, &tag, &body, &rest) != rows[i].error)
			fail_msg("%s", rows[i].hex);
		assert_int_equal(rest.n, before);
	}
}

static void takes_elements(void **state)
{
	static const struct {
		const char *hex;
		uint8_t tag;
		size_t n, rest;
	} rows[] = {
		{ "0500", 0x05, 0, 0 },	  { "3003020105 0500", 0x30, 3, 2 },
		{ "800101", 0x80, 1, 0 }, { "a0030101ff", 0xa0, 3, 0 },
		{ "3100", 0x31, 0, 0 },
	};
	struct cc_span body, rest, in, big;
	uint8_t tag;
	size_t i, n;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		assert_int_equal(take(rows[i].hex, &tag, &body, &rest), 0);
		assert_int_equal(tag, rows[i].tag);
		assert_int_equal(body.n, rows[i].n);
		assert_int_equal(rest.n, rows[i].rest);
	}
	/* Every length of a header, on both sides of its limit. */
	for (n = 126; n < 70000; n = n < 300 ? n + 1 : n < 65530 ? n + 9973 : n + 1) {
		uint8_t *p = calloc(n, 1);

		big = der_exact(der_wrap(0x04, cc_span(p, n)));
		in = big;
		assert_int_equal(cc_der_get(&in, 0x04, &body), 0);
		assert_int_equal(body.n, n);
		assert_int_equal(in.n, 0);
		in = cc_span(big.p, big.n - 1);
		assert_int_equal(cc_der_get(&in, 0x04, &body), CC_DER_E_TRUNCATED);
		free(p);
		der_free(big);
		der_used = 0;
	}
}

static void expects_tags(void **state)
{
	struct cc_span in = der_hex("020105 0500"), body, whole;

	assert_int_equal(cc_der_get(&in, CC_DER_OCTET_STRING, &body), CC_DER_E_INVALID);
	assert_int_equal(in.n, 5);
	assert_int_equal(cc_der_only(in, CC_DER_INTEGER, &body), CC_DER_E_INVALID);
	assert_int_equal(cc_der_get_whole(&in, CC_DER_INTEGER, &body, &whole), 0);
	assert_int_equal(whole.n, 3);
	assert_int_equal(body.n, 1);
	assert_true(cc_der_peek(in, CC_DER_NULL));
	assert_int_equal(cc_der_only(in, CC_DER_NULL, &body), 0);
	assert_false(cc_der_peek(cc_span(NULL, 0), CC_DER_NULL));
}

static void integers(void **state)
{
	static const struct {
		const char *hex;
		bool valid;
		int32_t value;
	} rows[] = {
		{ "", false, -1 },
		{ "00", true, 0 },
		{ "7f", true, 127 },
		{ "0080", true, 128 },
		{ "007f", false, -1 },
		{ "0000", false, -1 },
		{ "ff", true, -1 },
		{ "ff80", false, -1 },
		{ "ff7f", true, -1 },
		{ "80", true, -1 },
		{ "7fffffff", true, 0x7fffffff },
		{ "0080000000", true, 0x7fffffff },
		{ "010000000000000000", true, 0x7fffffff },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span s = der_exact(der_hex(rows[i].hex));

		if (cc_der_integer_valid(s) != rows[i].valid || cc_der_int31(s) != rows[i].value)
			fail_msg("%s", rows[i].hex);
	}
}

static void booleans(void **state)
{
	assert_int_equal(cc_der_bool(der_hex("ff")), 1);
	assert_int_equal(cc_der_bool(der_hex("00")), 0);
	assert_int_equal(cc_der_bool(der_hex("01")), -1);
	assert_int_equal(cc_der_bool(der_hex("7f")), -1);
	assert_int_equal(cc_der_bool(der_hex("")), -1);
	assert_int_equal(cc_der_bool(der_hex("ffff")), -1);
}

static void bit_strings(void **state)
{
	static const struct {
		const char *hex;
		bool valid, octets, named;
		uint32_t mask;
	} rows[] = {
		{ "", false, false, false, 0 },
		{ "00", true, true, true, 0 },
		{ "01", false, false, false, 0 },
		{ "0780", true, false, true, 1 },
		{ "07c0", false, false, false, 0 }, /* an unused bit is one */
		{ "0880", false, false, false, 0 },
		{ "0106", true, false, true, 0x60 },
		{ "0006", true, true, true, 0x60 }, /* trailing zero: tolerated */
		{ "070600", true, false, true, 0x60 },
		{ "07 00 80", true, false, true, 0x100 },
		{ "00 00000000 80", true, true, false, 0 },
	};
	struct cc_span bits;
	unsigned int unused;
	uint32_t mask = 0;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span s = der_exact(der_hex(rows[i].hex));

		if (cc_der_bits(s, &bits, &unused) != rows[i].valid ||
		    cc_der_octets(s, &bits) != rows[i].octets ||
		    cc_der_named_bits(s, &mask) != rows[i].named ||
		    (rows[i].named && mask != rows[i].mask))
			fail_msg("%s", rows[i].hex);
	}
}

static void oids(void **state)
{
	static const struct {
		const char *hex;
		bool valid;
	} rows[] = {
		{ "", false },
		{ "55", true },
		{ "551d0f", true },
		{ "551d8f", false },
		{ "80551d", false },
		{ "558001", false },
		{ "558100", true },
		{ "2b06010505070301", true },
		{ "2b06010505070381", false },
		{ "2b06010580070301", false },
		{ "2a864886f70d010101", true },
		{ "80", false },
		{ "ff", false },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (cc_der_oid_valid(der_exact(der_hex(rows[i].hex))) != rows[i].valid)
			fail_msg("%s", rows[i].hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_elements),
		cmocka_unit_test(takes_elements),
		cmocka_unit_test(expects_tags),
		cmocka_unit_test(integers),
		cmocka_unit_test(booleans),
		cmocka_unit_test(bit_strings),
		cmocka_unit_test(oids),
	};

	return cmocka_run_group_tests_name("core/der", tests, NULL, NULL);
}
