// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as leaf, extra data and data tile: spans stay inside, iterators end. */
#include <stdlib.h>
#include "core/log_entry.h"
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

static void entry(const struct cc_log_entry *e)
{
	uint64_t index;

	inside(e->body);
	inside(e->certificate);
	inside(e->extensions);
	CHECK(e->certificate.n > 0);
	CHECK(e->issuer_hash.n == (e->type == CC_LOG_ENTRY_PRECERT ? 32 : 0));
	CHECK(e->body.n == 8 + 2 + e->issuer_hash.n + 3 + e->certificate.n + 2 + e->extensions.n);
	cc_sct_leaf_index(e->extensions, &index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_tile_leaf leaf;
	struct cc_log_entry e;
	struct cc_log_extra x;
	struct cc_span rest, der;
	uint8_t type;
	int r;

	input = cc_span(data, size);
	if (cc_log_leaf_parse(input, &e)) {
		entry(&e);
		CHECK(e.body.n == size - 2);
	}
	for (type = 0; type < 2; type++)
		if (cc_log_extra_parse(input, type, &x)) {
			inside(x.precertificate);
			inside(x.chain);
			while ((r = cc_log_chain_next(&x.chain, &der)) > 0)
				inside(der);
			CHECK(r == 0);
		}
	rest = input;
	while ((r = cc_tile_leaf_next(&rest, &leaf)) > 0) {
		entry(&leaf.entry);
		inside(leaf.precertificate);
		inside(leaf.fingerprints);
		CHECK(leaf.fingerprints.n % 32 == 0);
		CHECK((leaf.precertificate.n > 0) == (leaf.entry.type == CC_LOG_ENTRY_PRECERT));
	}
	CHECK(r < 0 || rest.n == 0);
	return 0;
}
