// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Command lines against a verb's table: what is taken, what is refused and in which words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "tools/opt.c"

static const struct opt options[] = {
	{ .name = "flag", .letter = 'f' },
	{ .name = "value", .letter = 'v', .meta = "V" },
	{ .name = "many", .meta = "M", .many = true },
	{ 0 },
};

static const struct verb verb = {
	.name = "do", .usage = "WORD [WORD]", .opts = options, .min_words = 1, .max_words = 2
};
static const struct verb runner = {
	.name = "run", .usage = "-- CMD", .opts = options, .command = true, .command_needed = true
};

static struct args args;
static char error[200];

static int parse(const struct verb *v, ...)
{
	char *argv[32];
	va_list list;
	int argc = 0;

	va_start(list, v);
	do
		argv[argc] = va_arg(list, char *);
	while (argv[argc++]);
	va_end(list);
	memset(&args, 0, sizeof(args));
	args.verb = v;
	*error = '\0';
	return opt_parse(argc - 1, argv, &args, error, sizeof(error));
}

static void test_taken(void **state)
{
	assert_int_equal(parse(&verb, "a", "--flag", "b", NULL), 0);
	assert_int_equal(args.word_count, 2);
	assert_string_equal(args.words[1], "b");
	assert_true(opt_has(&args, "flag"));
	assert_false(opt_has(&args, "json"));
	assert_int_equal(parse(&verb, "a", "--value=x=y", "--json", NULL), 0);
	assert_string_equal(opt_text(&args, "value"), "x=y");
	assert_true(opt_has(&args, "json"));
	assert_int_equal(parse(&verb, "a", "--value", "--flag", NULL), 0);
	assert_string_equal(opt_text(&args, "value"), "--flag");
	assert_int_equal(parse(&verb, "-", "-vx", NULL), 0);
	assert_string_equal(args.words[0], "-");
	assert_string_equal(opt_text(&args, "value"), "x");
	assert_int_equal(parse(&verb, "a", "--many", "1", "--many=2", NULL), 0);
	assert_string_equal(opt_nth(&args, "many", 1), "2");
	assert_null(opt_nth(&args, "many", 2));
	assert_int_equal(parse(&verb, "--help", NULL), 0);
	assert_true(args.help);
	assert_int_equal(parse(&verb, "-h", NULL), 0);
	assert_true(args.help);
}

static void refused(int status, const char *text)
{
	assert_int_equal(status, -1);
	if (!strstr(error, text))
		fail_msg("'%s' does not say '%s'", error, text);
}

static void test_refused(void **state)
{
	refused(parse(&verb, NULL), "missing");
	refused(parse(&verb, "a", "b", "c", NULL), "'c' is one word too many");
	refused(parse(&verb, "a", "--flg", NULL), "did you mean --flag?");
	refused(parse(&verb, "a", "--unlike-anything", NULL), "unknown option");
	refused(parse(&verb, "a", "-x", NULL), "unknown option '-x'");
	refused(parse(&verb, "a", "-fx", NULL), "unknown option '-fx'");
	refused(parse(&verb, "a", "--flag=1", NULL), "takes no value");
	refused(parse(&verb, "a", "--value", NULL), "needs a value: V");
	refused(parse(&verb, "a", "--value", "1", "--value", "2", NULL), "given twice");
	refused(parse(&verb, "a", "--", "cmd", NULL), "runs no other command");
	refused(parse(&verb, "a", "--", NULL), "nothing follows");
	refused(parse(&runner, "--flag", NULL), "command to run is missing");
	refused(parse(&runner, "word", "--", "cmd", NULL), "one word too many");
}

static void test_command(void **state)
{
	assert_int_equal(parse(&runner, "--many", "1", "--", "cmd", "--flag", "--", "x", NULL), 0);
	assert_string_equal(args.command[0], "cmd");
	assert_string_equal(args.command[3], "x");
	assert_null(args.command[4]);
	assert_false(opt_has(&args, "flag"));
}

static void test_many_limit(void **state)
{
	char *argv[2 * OPT_MAX_VALUES + 3];
	int i;

	memset(&args, 0, sizeof(args));
	args.verb = &verb;
	argv[0] = (char *)"a";
	for (i = 0; i <= OPT_MAX_VALUES; i++) {
		argv[1 + 2 * i] = (char *)"--many";
		argv[2 + 2 * i] = (char *)"1";
	}
	assert_int_equal(opt_parse(1 + 2 * OPT_MAX_VALUES, argv, &args, error, sizeof(error)), 0);
	memset(&args, 0, sizeof(args));
	args.verb = &verb;
	refused(opt_parse(3 + 2 * OPT_MAX_VALUES, argv, &args, error, sizeof(error)), "more than");
}

static void test_distance(void **state)
{
	assert_int_equal(opt_distance("", ""), 0);
	assert_int_equal(opt_distance("trust", "trust"), 0);
	assert_int_equal(opt_distance("turst", "trust"), 2);
	assert_int_equal(opt_distance("verify", "verifier"), 3);
	assert_int_equal(opt_distance("abc", ""), 3);
	assert_true(opt_distance("a word much longer than any option is", "x") > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),	 cmocka_unit_test(test_refused),
		cmocka_unit_test(test_command),	 cmocka_unit_test(test_many_limit),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
