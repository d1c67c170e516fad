// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists of CT logs without memory: every allocation fails once, and what was there stays as it is. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "failing_memory.h"
#include "libcapcert/loglist.h"

static char *texts[2];
static size_t lens[2];

static int read_and_merge(void)
{
	capcert_loglist *a = NULL, *b = NULL, *both = NULL;
	capcert_log *logs[1];
	char *text = NULL;
	size_t len;
	int r = capcert_loglist_import(0, texts[0], lens[0], &a, NULL);

	if (r == 0)
		r = capcert_loglist_import(0, texts[1], lens[1], &b, NULL);
	if (r == 0)
		r = capcert_loglist_merge(a, b, &both);
	if (r == 0)
		r = capcert_loglist_to_json(both, &text, &len);
	if (r == 0) {
		logs[0] = (capcert_log *)(uintptr_t)capcert_loglist_at(a, 0);
		capcert_loglist_free(both);
		both = NULL;
		r = capcert_loglist_adding(b, logs, 1, &both);
	}
	free(text);
	capcert_loglist_free(a);
	capcert_loglist_free(b);
	capcert_loglist_free(both);
	return r;
}

static int load(void)
{
	capcert_loglist *list = NULL, *more = NULL;
	int r = capcert_loglist_load("tests/fuzz/corpus/loglist/known", &list, NULL);

	if (r == 0)
		r = capcert_loglist_add_key(list, "QUJD", 0, "a", NULL, &more, NULL) == -EBADMSG
			    ? 0
			    : -EIO;
	capcert_loglist_free(list);
	return r;
}

static int as_bundle(void)
{
	capcert_loglist *list = NULL, *again = NULL;
	const char *error;
	uint8_t *der = NULL;
	size_t len;
	int r = capcert_loglist_import(0, texts[0], lens[0], &list, NULL);

	if (r == 0)
		r = capcert_loglist_to_bundle(list, "a", 1, CAPCERT_TIME_UNKNOWN, &der, &len);
	if (r == 0)
		r = capcert_loglist_from_bundle(der, len, &again, &error);
	free(der);
	capcert_loglist_free(list);
	capcert_loglist_free(again);
	return r;
}

static void test_exhaust(void **state)
{
	exhaust(read_and_merge, 12, false);
	exhaust(load, 3, false);
	exhaust(as_bundle, 10, false);
}

static void slurp(const char *path, char **ret, size_t *ret_len)
{
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	*ret = calloc(1, 1 << 16);
	*ret_len = fread(*ret, 1, 1 << 16, f);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_exhaust) };
	int r;

	slurp("tests/fuzz/corpus/loglist/v3", &texts[0], &lens[0]);
	slurp("tests/fuzz/corpus/loglist/header", &texts[1], &lens[1]);
	r = cmocka_run_group_tests_name("loglist memory", tests, NULL, NULL);
	free(texts[0]);
	free(texts[1]);
	return r;
}
