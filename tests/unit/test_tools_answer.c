// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A daemon's answer as the command shows it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>
#include <string.h>
#include "tools/answer.c"
#include "tools/text.c"

static json_t *good(const char *text)
{
	json_t *all = NULL;

	assert_int_equal(answer_read(text, strlen(text), &all), 0);
	return all;
}

static void test_values(void **state)
{
	json_t *all = good("{\"n\":-3,\"s\":\"a b\",\"real\":1.5,\"list\":[1]}");

	assert_int_equal(answer_number(all, "n"), -3);
	assert_int_equal(answer_number(all, "real"), 0);
	assert_int_equal(answer_number(all, "s"), 0);
	assert_int_equal(answer_number(NULL, "n"), 0);
	assert_string_equal(answer_string(all, "s"), "a b");
	assert_string_equal(answer_string(all, "n"), "?");
	assert_string_equal(answer_string(all, "none"), "?");
	assert_string_equal(answer_string(json_object_get(all, "list"), "s"), "?");
	assert_string_equal(answer_string(NULL, "s"), "?");
	json_decref(all);
}

/* Escape sequences of a terminal, in ASCII and beyond; and no text is escaped twice. */
static void test_plain(void **state)
{
	json_t *all = good("{\"s\":\"\\u001b[2J\\u009b\\n\\\\\",\"del\":\"\\u007f\"}");

	for (int i = 0; i < 2; i++)
		assert_string_equal(answer_string(all, "s"), "\\x1b[2J\\xc2\\x9b\\x0a\\x5c");
	assert_string_equal(answer_string(all, "del"), "\\x7f");
	json_decref(all);
}

static void test_bad(void **state)
{
	static const char whole[] = "{\"a\":[1,{\"b\":\"c\"}],\"d\":true}";
	static const char *const bad[] = { "[]",
					   "1",
					   "null",
					   "{\"a\":1,\"a\":2}",
					   "{} {}",
					   "{\"a\":\"\xff\"}",
					   "{\"a\":\"\\u0000\"}" };
	json_t *all = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(answer_read(bad[i], strlen(bad[i]), &all), -EBADMSG);
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_int_equal(answer_read(whole, n, &all), -EBADMSG);
	assert_null(all);
	json_decref(good(whole));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
