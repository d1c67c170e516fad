// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory that runs out while a list of roots is read and indexed: -ENOMEM or the right answer, and nothing
 * leaks. */

#include "tests/unit/cert_build.h"
#include <errno.h>
#include <capcert/nss_roots.h>
#include <capcert/root_index.h>
#include "tests/unit/failing_memory.h"

static char text[1 << 16];
static size_t text_len;

static int run_list(void)
{
	capcert_nss_roots *list = NULL;
	const struct capcert_nss_root *root;
	capcert_root_index *index = NULL;
	const char *error = NULL;
	size_t line = 0, count;
	int r = capcert_nss_roots_parse(text, text_len, &list, &line, &error);

	if (r)
		return r;
	root = capcert_nss_roots_all(list);
	r = capcert_nss_roots_count(list) == 1 && root->cert &&
			    root->server_auth == CAPCERT_NSS_TRUSTED_DELEGATOR
		    ? 0
		    : 1;
	if (!r)
		r = capcert_root_index_new(&root->cert, NULL, 1, &index);
	if (!r &&
	    (!capcert_root_index_by_hash(index, capcert_root_index_all(index)->hash, &count) ||
	     count != 1))
		r = 1;
	capcert_root_index_free(index);
	capcert_nss_roots_free(list);
	return r;
}

static void lists(void **state)
{
	exhaust(run_list, 10, false);
}

static int setup(void **state)
{
	FILE *f = fopen("tests/fuzz/corpus/certdata/one", "re");

	if (!f)
		return -1;
	text_len = fread(text, 1, sizeof(text), f);
	return fclose(f);
}

int main(void)
{
	const struct CMUnitTest all[] = { cmocka_unit_test(lists) };

	return cmocka_run_group_tests(all, setup, NULL);
}
