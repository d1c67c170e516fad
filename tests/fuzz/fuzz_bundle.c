// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as the content of a bundle: lists end, hold as many as they say, ascend, and stay inside;
 * every anchor that is taken keeps to the bundle's purposes; CT logs can be walked. */
#include <stdlib.h>
#include "core/bundle.h"
#include "core/ct_log.h"
#include "core/outcome.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static struct cc_span input;

static void inside(struct cc_span s)
{
	if (s.n)
		CHECK(s.p >= input.p && s.n <= input.n && (size_t)(s.p - input.p) <= input.n - s.n);
}

static void walk_log(struct cc_span der)
{
	struct cc_ct_log log;
	struct cc_span name;
	int64_t since, last = INT64_MIN;
	uint32_t state, n = 0;

	CHECK(cc_ct_log_parse(der, &log));
	for (; cc_ct_log_operator_next(&log.operators, &name, &since) > 0; n++, last = since)
		CHECK(name.n && name.n <= CC_CT_LOG_OPERATOR_MAX && since > last);
	CHECK(n == log.operator_count && n && n <= CC_CT_LOG_HISTORY_MAX);
	last = INT64_MIN;
	for (n = 0; cc_ct_log_state_next(&log.states, &state, &since) > 0; n++, last = since)
		CHECK(state < CC_CT_LOG_STATE_COUNT && since > last);
	CHECK(n == log.state_count && n && n <= CC_CT_LOG_HISTORY_MAX);
	CHECK(!log.has_interval || log.interval_start < log.interval_end);
}

static void walk_anchors(const struct cc_bundle *b)
{
	struct cc_span rest = b->anchors, one;
	struct cc_trust_anchor ta;
	uint32_t purposes, n = 0;
	int r;

	for (; (r = cc_trust_anchor_next(&rest, &one)) > 0; n++) {
		inside(one);
		if (cc_bundle_anchor(b, one, &ta, &purposes))
			continue;
		CHECK(purposes && !(purposes & ~b->purposes));
		CHECK(!ta.purposes || ta.purposes == purposes);
		CHECK((ta.ct_log.n != 0) == (purposes >> CC_PURPOSE_CT_LOG & 1));
		if (ta.ct_log.n)
			walk_log(ta.ct_log);
	}
	CHECK(r == 0 && n == b->anchor_count && n <= CC_BUNDLE_MAX_ANCHORS);
}

static void walk_entries(const struct cc_bundle *b)
{
	struct cc_span rest = b->entries;
	struct cc_bundle_entry e;
	uint32_t n = 0, last = 0;

	for (; cc_bundle_entry_next(&rest, &e) > 0; n++, last = e.what) {
		inside(e.bytes);
		CHECK(e.what >= last && e.what <= CC_BUNDLE_ENTRY_ISSUER_SERIAL);
	}
	CHECK(rest.n == 0 && n == b->entry_count && n <= CC_BUNDLE_MAX_ENTRIES);
}

static void walk_remove(const struct cc_bundle *b)
{
	struct cc_span rest = b->remove;
	const uint8_t *fingerprint;
	uint32_t n = 0;

	for (; cc_bundle_remove_next(&rest, &fingerprint) > 0; n++)
		inside(cc_span(fingerprint, 32));
	CHECK(rest.n == 0 && n == b->remove_count && n <= CC_BUNDLE_MAX_ANCHORS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_bundle b;
	struct cc_ct_log log;

	input = cc_span(data, size);
	if (cc_ct_log_parse(input, &log))
		walk_log(input);
	if (cc_bundle_parse(input, &b))
		return 0;
	CHECK(b.kind < CC_BUNDLE_KIND_COUNT && cc_bundle_name_valid(b.name));
	CHECK(b.number >= 1 && b.number <= INT64_MAX);
	CHECK((b.kind == CC_BUNDLE_DELTA) == (b.base != 0));
	CHECK((b.kind == CC_BUNDLE_OVERRIDE) == (b.of.n != 0));
	CHECK((b.kind == CC_BUNDLE_DISTRUST) == (b.purposes == 0));
	walk_remove(&b);
	walk_anchors(&b);
	walk_entries(&b);
	return 0;
}
