// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names and patterns of slots, names of protocols: what a filter lets through never grows. */
#include <stdlib.h>
#include <string.h>

#include "core/alpn.h"
#include "core/slot.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Up to a newline; the rest moves behind it. */
static struct cc_span line(struct cc_span *rest)
{
	const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	struct cc_span one = cc_span(rest->p, n);

	rest->p += n + (end != NULL);
	rest->n -= n + (end != NULL);
	return one;
}

static void candidates(struct cc_span patterns, struct cc_span host)
{
	char name[CC_SLOT_NAME_MAX + 1];
	uint32_t at = 0, count = 0;
	size_t n;

	while ((n = cc_slot_candidate(patterns, host, &at, name))) {
		CHECK(strlen(name) == n && cc_slot_name_valid(cc_span(name, n)));
		CHECK(cc_slot_patterns_match(patterns, cc_span(name, n)));
		CHECK(++count <= 2 * CC_SLOT_PATTERNS_MAX);
	}
	CHECK(!cc_slot_candidate(patterns, host, &at, name));
}

/* Three lines: a name (also taken as patterns, and as a list of protocols), patterns, a host. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_span rest = cc_span(data, size), name, patterns, host, one;
	uint32_t count = 0;

	name = line(&rest);
	patterns = line(&rest);
	host = line(&rest);
	if (cc_alpn_valid(name)) {
		struct cc_span list = name;

		while (cc_alpn_next(&list, &one) == 1)
			CHECK(one.n && one.n < 256 && ++count);
		CHECK(count && !list.n);
	}
	if (patterns.n && !cc_slot_patterns_valid(patterns))
		return 0;
	candidates(patterns, host);
	CHECK(cc_slot_patterns_within(patterns, patterns));
	cc_slot_patterns_within(name, patterns); /* whatever it says */
	if (cc_slot_name_valid(name)) {
		CHECK(cc_slot_pattern_valid(name) && cc_slot_patterns_valid(name));
		CHECK(cc_slot_patterns_match(patterns, name) ==
		      cc_slot_patterns_within(name, patterns));
	} else if (cc_slot_patterns_valid(name) && cc_slot_patterns_within(name, patterns)) {
		/* What is within lets nothing through that is not without. */
		while (cc_slot_patterns_next(&name, &one) == 1)
			if (cc_slot_name_valid(one))
				CHECK(cc_slot_patterns_match(patterns, one));
	}
	return 0;
}
