// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as a list of SCTs: spans stay inside, counts agree, and what was read can be written
 * down again octet for octet. */
#include <stdlib.h>

#include "core/sct.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static struct cc_span input;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct cc_span s)
{
	if (s.n)
		CHECK(s.p >= input.p && s.n <= input.n && (size_t)(s.p - input.p) <= input.n - s.n);
}

static void sign(const struct cc_sct *s)
{
	struct cc_sct_entry entry = { .parts = &input, .part_count = 1 };
	struct cc_sct_signed out;
	size_t len = 0;
	uint32_t i;

	for (entry.precert = false;; entry.precert = true) {
		CHECK(cc_sct_signed(s, &entry, &out));
		for (i = 0, len = 0; i < out.count; i++)
			len += out.span[i].n;
		CHECK(len == 12u + (entry.precert ? 32 : 0) + 3 + input.n + 2 + s->extensions.n);
		if (entry.precert)
			break;
	}
}

static void one_sct(struct cc_span tls)
{
	struct cc_sct s;
	uint64_t leaf = 0;
	int r = cc_sct_parse(tls, &s);

	CHECK(r >= 0 && r <= CC_SCT_E_TOO_LARGE);
	CHECK(cc_sct_error_text(r)[0] != '?');
	if (r == CC_SCT_E_VERSION)
		CHECK(s.version != CC_SCT_V1 && cc_span_equal(s.whole, tls));
	if (r)
		return;
	inside(s.whole);
	inside(s.log_id);
	inside(s.extensions);
	inside(s.signature);
	CHECK(s.log_id.n == CC_SCT_LOG_ID && s.version == CC_SCT_V1);
	CHECK(1 + 32 + 8 + 2 + s.extensions.n + 2 + 2 + s.signature.n == tls.n);
	/* No proper prefix is an SCT too. */
	CHECK(cc_sct_parse(cc_span(tls.p, tls.n - 1), &s) == CC_SCT_E_TRUNCATED);
	CHECK(cc_sct_parse(tls, &s) == CC_SCT_OK);
	if (cc_sct_leaf_index(s.extensions, &leaf) == 1)
		CHECK(leaf < 1ULL << 40);
	sign(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_span rest, one;
	uint32_t count, seen = 0;
	size_t octets = 0;
	int r;

	input = cc_span(data, size);
	one_sct(input);
	r = cc_sct_list_open(input, &rest, &count);
	CHECK(r >= 0 && r <= CC_SCT_E_TOO_LARGE && r != CC_SCT_E_VERSION);
	if (r)
		return 0;
	while ((r = cc_sct_next(&rest, &one)) > 0) {
		inside(one);
		CHECK(one.n > 0);
		one_sct(one);
		octets += 2 + one.n;
		seen++;
	}
	CHECK(r == 0 && seen == count && count > 0 && octets + 2 == size);
	return 0;
}
