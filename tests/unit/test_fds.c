// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CAPCERT_FDS: its grammar, and the process it is for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <capcert/capcert.h>
#include "libcapcert/fds.h"

static const struct row {
	const char *text, *name;
	int want;
} rows[] = {
	{ "", "a", -ENOENT },
	{ "a=3", "a", 3 },
	{ "a=0", "a", 0 },
	{ "a=3,b=4", "b", 4 },
	{ "a=3,b=4", "c", -ENOENT },
	{ "store=12,verifier=7", "store", 12 },
	{ "ab=3", "a", -ENOENT },
	{ "a=3", "ab", -ENOENT },
	{ "a=2147483647", "a", 2147483647 },
	{ "a=3,b=3", "b", 3 },
	{ "a", "a", -EINVAL },
	{ "a=", "a", -EINVAL },
	{ "=3", "", -EINVAL },
	{ "a=3,", "a", -EINVAL },
	{ ",a=3", "a", -EINVAL },
	{ "a=3,,b=4", "a", -EINVAL },
	{ "a=-1", "a", -EINVAL },
	{ "a=+1", "a", -EINVAL },
	{ "a= 1", "a", -EINVAL },
	{ "a=1 ", "a", -EINVAL },
	{ "a=01", "a", -EINVAL },
	{ "a=0x3", "a", -EINVAL },
	{ "a=2147483648", "a", -EINVAL },
	{ "a=99999999999999999999", "a", -EINVAL },
	{ "a=3=4", "a", -EINVAL },
	{ "a=3,b=x", "a", -EINVAL }, /* found already, but who wrote this? */
	{ "a=3,a=4", "a", -EINVAL },
	{ "a=3,b=4,a=3", "a", -EINVAL },
};

static void test_rows(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fds_find(rows[i].text, rows[i].name) != rows[i].want)
			fail_msg("\"%s\" of \"%s\": %d, not %d", rows[i].name, rows[i].text,
				 fds_find(rows[i].text, rows[i].name), rows[i].want);
}

static void test_long(void **state)
{
	size_t n = 70000;
	char *text = calloc(1, n + 4);

	assert_non_null(text);
	memset(text, 'x', n);
	memcpy(text + n, "=3", 2);
	assert_int_equal(fds_find(text, "a"), -EINVAL);
	free(text);
}

static void test_entries(void **state)
{
	char name[8];

	assert_int_equal(fds_at("a=3,long=4", 0, name, sizeof(name)), 3);
	assert_string_equal(name, "a");
	assert_int_equal(fds_at("a=3,long=4", 1, name, 5), 4);
	assert_string_equal(name, "long");
	assert_int_equal(fds_at("a=3,long=4", 2, name, sizeof(name)), -ENOENT);
	assert_int_equal(fds_at("", 0, name, sizeof(name)), -ENOENT);
	assert_int_equal(fds_at("a=3,long=4", 1, name, 4), -EMSGSIZE);
	assert_int_equal(fds_at("a=3,b", 0, name, sizeof(name)), -EINVAL);
	assert_int_equal(fds_at("a=3,a=4", 0, name, sizeof(name)), -EINVAL);
	assert_int_equal(fds_at("a=3,b=4,b=5", 0, name, sizeof(name)), 3);
}

static void test_environment(void **state)
{
	char text[64];
	int fd = dup(STDIN_FILENO);

	unsetenv("CAPCERT_FDS");
	assert_int_equal(capcert_fd("store"), -ENOENT);
	snprintf(text, sizeof(text), "store=%d", fd);
	setenv("CAPCERT_FDS", text, 1);
	assert_int_equal(capcert_fd("store"), fd);
	assert_int_equal(capcert_fd("verifier"), -ENOENT);
	assert_int_equal(capcert_fd_at(0, text, sizeof(text)), fd);
	assert_string_equal(text, "store");
	assert_int_equal(capcert_fd_at(1, text, sizeof(text)), -ENOENT);
	close(fd);
	assert_int_equal(capcert_fd("store"), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
