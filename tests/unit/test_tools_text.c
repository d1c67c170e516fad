// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Words of the command line into values. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "tools/text.c"

#define H32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static bool hex(const char *text)
{
	uint8_t out[32], want[32];
	size_t i;

	for (i = 0; i < 32; i++)
		want[i] = (uint8_t)i;
	return text_hex(text, strlen(text), out, 32) && !memcmp(out, want, 32);
}

static void test_hex(void **state)
{
	assert_true(hex(H32));
	assert_true(hex("sha256:" H32));
	assert_true(hex("00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"
			"10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F"));
	assert_false(hex(""));
	assert_false(hex("sha256:"));
	assert_false(hex("sha1:" H32));
	assert_false(hex(H32 "0"));
	assert_false(hex(H32 "00"));
	assert_false(hex(H32 ":"));
	assert_false(hex(":" H32));
	assert_false(hex("0g0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
	assert_false(hex("0:00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
}

static void test_hex_keeps_on_failure(void **state)
{
	uint8_t out[32] = { 7 };

	assert_false(text_hex("00zz", 4, out, 2));
	assert_int_equal(out[0], 7);
}

static void test_number(void **state)
{
	uint64_t n = 5;

	assert_true(text_number("0", 10, &n) && n == 0);
	assert_true(text_number("18446744073709551615", UINT64_MAX, &n) && n == UINT64_MAX);
	assert_false(text_number("18446744073709551616", UINT64_MAX, &n));
	assert_true(text_number("2147483647", INT32_MAX, &n));
	assert_false(text_number("2147483648", INT32_MAX, &n));
	assert_false(text_number("", 10, &n));
	assert_false(text_number("-1", 10, &n));
	assert_false(text_number("+1", 10, &n));
	assert_false(text_number("1 ", 10, &n));
	assert_false(text_number("0x10", 100, &n));
}

static void test_time(void **state)
{
	static const struct {
		const char *text;
		int64_t time; /* -1 = refused */
	} cases[] = {
		{ "0", 0 },
		{ "1492441716", 1492441716 },
		{ "@1492441716", 1492441716 },
		{ "2017-04-17T15:08:36Z", 1492441716 },
		{ "2017-04-17", 1492387200 },
		{ "2000-02-29", 951782400 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2100-02-29", -1 },
		{ "2017-04-31", -1 },
		{ "2017-13-01", -1 },
		{ "2017-00-01", -1 },
		{ "2017-04-17T24:00:00Z", -1 },
		{ "2017-04-17T15:08:60Z", -1 },
		{ "2017-04-17T15:08:36", -1 },
		{ "2017-04-17 15:08:36Z", -1 },
		{ "2017-4-17", -1 },
		{ "tomorrow", -1 },
		{ "", -1 },
		{ "@", -1 },
		{ "-5", -1 },
	};
	int64_t t;
	bool now;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool ok = text_time(cases[i].text, &t, &now);

		if (ok != (cases[i].time >= 0) || (ok && t != cases[i].time))
			fail_msg("%s", cases[i].text);
		assert_false(now);
	}
	assert_true(text_time("now", &t, &now) && now);
}

static void test_time_round_trip(void **state)
{
	char text[32];

	assert_string_equal(text_of_time(1492441716, text), "2017-04-17T15:08:36Z");
	assert_string_equal(text_of_time(253402300799, text), "9999-12-31T23:59:59Z");
	assert_string_equal(text_of_time(253402300800, text), "@253402300800");
	assert_string_equal(text_of_time(INT64_MAX, text), "@9223372036854775807");
}

static void test_with(void **state)
{
	struct text_with w;

	assert_true(text_with("store=captrust:web:VERIFY+INFO", &w));
	assert_int_equal(w.name_len, 5);
	assert_int_equal(w.key_len, 12);
	assert_memory_equal(w.key, "captrust:web", 12);
	assert_string_equal(w.rights, "VERIFY+INFO");
	assert_true(text_with("s=123:VERIFY", &w));
	assert_int_equal(w.key_len, 3);
	assert_true(text_with("s=captrust:a=b:c:READ", &w));
	assert_int_equal(w.key_len, 14);
	assert_false(text_with("s=123", &w));
	assert_false(text_with("s=123:", &w));
	assert_false(text_with("s=:VERIFY", &w));
	assert_false(text_with("=123:VERIFY", &w));
	assert_false(text_with("123:VERIFY", &w));
	assert_false(text_with("12=123:VERIFY", &w));
	assert_false(text_with("a,b=123:VERIFY", &w));
}

static void test_name(void **state)
{
	assert_true(text_name_valid("store-1.a_b", 11));
	assert_false(text_name_valid("", 0));
	assert_false(text_name_valid("12", 2));
	assert_false(text_name_valid("a=b", 3));
	assert_false(text_name_valid("a,b", 3));
	assert_false(text_name_valid("a b", 3));
	assert_false(text_name_valid("\xc3\xa4", 2));
	assert_false(text_name_valid(
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 64));
}

static void test_next(void **state)
{
	const char *rest = "a,,bc", *part;
	size_t len;

	assert_true(text_next(&rest, ",", &part, &len) && len == 1 && *part == 'a');
	assert_true(text_next(&rest, ",", &part, &len) && len == 0);
	assert_true(text_next(&rest, ",", &part, &len) && len == 2 && *part == 'b');
	assert_false(text_next(&rest, ",", &part, &len));
}

static void test_escape(void **state)
{
	char buf[32];

	assert_string_equal(text_escape("a\n\\\x1b", 4, buf, sizeof(buf)), "a\\x0a\\x5c\\x1b");
	assert_string_equal(text_escape("abc", 3, buf, 7), "ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_hex_keeps_on_failure),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_time_round_trip),
		cmocka_unit_test(test_with),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
