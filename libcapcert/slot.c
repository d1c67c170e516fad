// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of certificate slots: which there can be, and which may serve a host. */
#include <errno.h>
#include <string.h>
#include <capcert/slot.h>
#include "core/slot.h"

_Static_assert(CC_SLOT_NAME_MAX + 1 == CAPCERT_SLOT_NAME_SIZE, "size of slot names");

bool capcert_slot_name_valid(const char *name)
{
	return cc_slot_name_valid(cc_span(name, strlen(name)));
}

bool capcert_slot_patterns_valid(const char *patterns)
{
	return cc_slot_patterns_valid(cc_span(patterns, strlen(patterns)));
}

int capcert_slot_for_host(const char *patterns, const char *host, uint32_t *at,
			  char ret_name[CAPCERT_SLOT_NAME_SIZE])
{
	char lower[CC_SLOT_NAME_MAX + 1], name[CC_SLOT_NAME_MAX + 1];
	struct cc_span text = cc_span(patterns, patterns ? strlen(patterns) : 0);
	size_t n = strlen(host);

	if (n > CC_SLOT_NAME_MAX || (text.n && !cc_slot_patterns_valid(text)))
		return -ENOENT;
	for (size_t i = 0; i < n; i++)
		lower[i] = host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] + 32) : host[i];
	n = cc_slot_candidate(text, cc_span(lower, n), at, name);
	if (!n)
		return -ENOENT;
	memcpy(ret_name, name, n + 1);
	return 0;
}
