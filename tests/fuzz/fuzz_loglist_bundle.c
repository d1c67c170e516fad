// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists of CT logs out of bundles: what is taken is written as a bundle that reads as the same list. */
#include <capcert/loglist.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	capcert_loglist *list, *again;
	const char *error = NULL;
	uint8_t *der;
	size_t len;

	if (capcert_loglist_from_bundle(data, size, &list, &error) < 0) {
		if (!error)
			abort();
		return 0;
	}
	if (capcert_loglist_to_bundle(list, "ct-logs", 1, CAPCERT_TIME_UNKNOWN, &der, &len) < 0 ||
	    capcert_loglist_from_bundle(der, len, &again, NULL) < 0)
		abort();
	if (memcmp(capcert_loglist_digest(list), capcert_loglist_digest(again), 32) != 0)
		abort();
	capcert_loglist_free(list);
	capcert_loglist_free(again);
	free(der);
	return 0;
}
