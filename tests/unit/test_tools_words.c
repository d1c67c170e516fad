// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Short names and spans of time. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "tools/words.c"

static void short_is(const char *subject, const char *want)
{
	char buf[64];

	assert_string_equal(words_short(subject, buf, sizeof(buf)), want);
}

static void test_short(void **state)
{
	short_is("CN=www.example.org", "CN=www.example.org");
	short_is("CN=www.example.org,O=Acme,C=XX", "CN=www.example.org");
	short_is("C=XX,O=Acme,CN=Root", "CN=Root");
	short_is("CN=a+UID=b,C=XX", "CN=a");
	short_is("O=Acme,C=XX", "O=Acme,C=XX");
	short_is("", "(no name)");
	short_is(NULL, "(no name)");
	/* A comma inside a value begins no attribute, and a name in another value is no name. */
	short_is("CN=Acme\\, Inc.,C=XX", "CN=Acme\\, Inc.");
	short_is("O=evil\\,CN=bank.example,CN=evil", "CN=evil");
	short_is("O=evil\\,CN=bank.example", "O=evil\\,CN=bank.example");
	short_is("O=xCN=bank.example,CN=evil", "CN=evil");
	short_is("CN=a\\\\,O=b", "CN=a\\\\");
	short_is("CN=cut\\", "CN=cut\\");
}

static void span_is(int64_t seconds, const char *want)
{
	char buf[48];

	assert_string_equal(words_span(seconds, buf), want);
}

static void test_span(void **state)
{
	span_is(0, "0 seconds");
	span_is(1, "1 second");
	span_is(59, "59 seconds");
	span_is(60, "1 minute");
	span_is(3599, "59 minutes");
	span_is(2 * 3600, "2 hours");
	span_is(DAY - 1, "23 hours");
	span_is(DAY, "1 day");
	span_is(729 * DAY, "729 days");
	span_is(730 * DAY, "2 years");
	span_is(INT64_C(9999) * 365 * DAY, "9999 years");
}

static void test_format(void **state)
{
	char *text = words_format("%s %d", "a", 1);

	assert_string_equal(text, "a 1");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
