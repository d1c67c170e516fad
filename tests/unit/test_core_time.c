// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Times: the one form each type may have, ranges, the calendar against the C library's. */
#include <time.h>
#include "tests/unit/der_build.h"
#include "core/der.h"
#include "core/time.h"

static void refuses(void **state)
{
	static const char *const utc[] = {
		"",
		"Z",
		"2601312359Z",
		"260131235959",
		"260131235959+0000",
		"260131235959z",
		"260131235960Z",
		"260131236000Z",
		"260131240000Z",
		"260132000000Z",
		"260100000000Z",
		"261301000000Z",
		"260001000000Z",
		"260229000000Z",
		"26013123595 Z",
		" 60131235959Z",
		"2601312359-9Z",
		"260131235959.",
		"20260131235959Z",
	};
	static const char *const generalized[] = {
		"",
		"260131235959Z",
		"20500131235959",
		"20500131235959.5Z",
		"2050013123595Z",
		"20500131235960Z",
		"20500229000000Z",
		"21000229000000Z",
		"2050013123595aZ",
		"20500131235959+",
		"+0500131235959Z",
	};
	int64_t t = 42;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(utc); i++)
		if (cc_time_utc(der_exact(der_str(utc[i])), &t))
			fail_msg("%s", utc[i]);
	for (i = 0; i < CC_ARRAY_SIZE(generalized); i++)
		if (cc_time_generalized(der_exact(der_str(generalized[i])), &t))
			fail_msg("%s", generalized[i]);
	assert_int_equal(t, 42);
}

static void reads(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} rows[] = {
		{ "700101000000Z", 0 },
		{ "500101000000Z", -631152000 },
		{ "491231235959Z", 2524607999 },
		{ "240229120000Z", 1709208000 },
		{ "000229000000Z", 951782400 },
		{ "20500101000000Z", 2524608000 },
		{ "99991231235959Z", 253402300799 },
		{ "00000101000000Z", -62167219200 },
		{ "19700101000000Z", 0 },
	};
	size_t i;
	int64_t t;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span s = der_exact(der_str(rows[i].text));

		if (!(s.n == 13 ? cc_time_utc(s, &t) : cc_time_generalized(s, &t)) ||
		    t != rows[i].time)
			fail_msg("%s", rows[i].text);
	}
}

static void takes_elements(void **state)
{
	struct cc_span utc = der_wrap(CC_DER_UTC_TIME, der_str("700101000001Z"));
	struct cc_span late = der_wrap(CC_DER_GENERALIZED_TIME, der_str("20500101000000Z"));
	struct cc_span early = der_wrap(CC_DER_GENERALIZED_TIME, der_str("20491231235959Z"));
	struct cc_span other = der_wrap(CC_DER_UTF8_STRING, der_str("700101000001Z"));
	struct cc_span in = der_cat(utc, late, early, other, DER_END);
	bool odd = false;
	int64_t t;

	assert_true(cc_time_get(&in, &t, &odd));
	assert_int_equal(t, 1);
	assert_true(cc_time_get(&in, &t, &odd));
	assert_int_equal(t, 2524608000);
	assert_false(odd);
	assert_true(cc_time_get(&in, &t, &odd));
	assert_true(odd);
	assert_int_equal(in.n, other.n);
	assert_false(cc_time_get(&in, &t, &odd));
	assert_int_equal(in.n, other.n);
	assert_int_equal(t, 2524607999);
	/* UTCTime in GeneralizedTime's form and the other way round. */
	in = der_wrap(CC_DER_UTC_TIME, der_str("20500101000000Z"));
	assert_false(cc_time_get(&in, &t, &odd));
	in = der_wrap(CC_DER_GENERALIZED_TIME, der_str("700101000001Z"));
	assert_false(cc_time_get(&in, &t, &odd));
}

static void calendar(void **state)
{
	const int64_t last = 253402300799;
	struct cc_civil c;
	char text[CC_TIME_TEXT];
	int64_t t, back;

	for (t = -62167219200; t <= last; t += 86399 * 5) {
		time_t sys = (time_t)t;
		struct tm tm;

		gmtime_r(&sys, &tm);
		assert_true(cc_time_to_civil(t, &c));
		assert_true(cc_time_from_civil(&c, &back));
		assert_int_equal(back, t);
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
		    c.day != tm.tm_mday || c.hour != tm.tm_hour || c.minute != tm.tm_min ||
		    c.second != tm.tm_sec)
			fail_msg("%lld", (long long)t);
	}
	assert_false(cc_time_to_civil(last + 1, &c));
	assert_false(cc_time_to_civil(-62167219201, &c));
	assert_int_equal(cc_time_format(last, text, sizeof(text)), 20);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	cc_time_format(last + 1, text, sizeof(text));
	assert_string_equal(text, "?");
	assert_int_equal(cc_time_format(0, text, 5), 4);
	assert_string_equal(text, "1970");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(reads),
		cmocka_unit_test(takes_elements),
		cmocka_unit_test(calendar),
	};

	return cmocka_run_group_tests_name("core/time", tests, NULL, NULL);
}
