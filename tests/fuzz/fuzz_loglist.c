// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists of CT logs as text, JSON of every form and CTKnownLogs.h: what is taken is written as a list
 * that reads as the same one, and merges with itself into itself. */
#include <capcert/loglist.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const capcert_loglist *a, const capcert_loglist *b)
{
	if (memcmp(capcert_loglist_digest(a), capcert_loglist_digest(b), 32) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[CAPCERT_LOGLIST_ERROR], *text;
	capcert_loglist *list, *again;
	size_t len;

	if (capcert_loglist_import(CAPCERT_LOGLIST_ANY, data, size, &list, error) < 0) {
		if (!*error || strnlen(error, sizeof(error)) == sizeof(error))
			abort();
		return 0;
	}
	if (capcert_loglist_to_json(list, &text, &len) < 0 ||
	    capcert_loglist_import(CAPCERT_LOGLIST_CAPCERT, text, len, &again, error) < 0)
		abort();
	same(list, again);
	capcert_loglist_free(again);
	if (capcert_loglist_merge(list, list, &again) < 0)
		abort();
	same(list, again);
	capcert_loglist_free(again);
	capcert_loglist_free(list);
	free(text);
	return 0;
}
