// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as a revocation list: spans stay inside, iterators end, masks agree with entries. */
#include <stdlib.h>

#include "core/cert.h"
#include "core/crl_entry.h"

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

static void names(struct cc_span rest)
{
	struct cc_general_name gn;
	int r;

	while ((r = cc_gn_next(&rest, &gn)) > 0)
		inside(gn.value);
	CHECK(r == 0);
}

static void points(struct cc_span rest)
{
	struct cc_dist_point point;
	int r;

	while ((r = cc_dist_point_next(&rest, &point)) > 0) {
		inside(point.name.full);
		inside(point.name.relative);
		names(point.name.full);
		names(point.crl_issuer);
		CHECK((point.reasons & ~CC_REASON_FLAGS_ALL) == 0);
	}
	CHECK(r == 0);
}

/* Recognized at once or taken apart, an entry is the same. */
static void entry_at(struct cc_span rest)
{
	struct cc_crl at_once = { .version = 2 }, apart = { .version = 2 };
	struct cc_crl_read a = cc_crl_entry_read(&at_once, rest.p, rest.n);
	struct cc_crl_read b = cc_crl_entry_other(&apart, rest.p, rest.n);

	CHECK(a.size == b.size && a.present == b.present);
	CHECK(a.serial.p == b.serial.p && a.serial.n == b.serial.n);
	CHECK(memcmp(&at_once, &apart, sizeof(apart)) == 0);
}

static void entries(const struct cc_crl *c)
{
	struct cc_crl_entry entry = { 0 };
	struct cc_span rest = c->entries;
	uint32_t count = 0;
	int r;

	entry_at(rest);
	while ((r = cc_crl_entry_next(&rest, &entry)) > 0) {
		entry_at(rest);
		count++;
		inside(entry.serial);
		inside(entry.issuer);
		inside(entry.unknown_critical);
		names(entry.issuer);
		CHECK(entry.serial.n > 0);
		CHECK((entry.present & ~c->entry_present) == 0);
		CHECK((entry.critical & ~entry.present) == 0);
		CHECK((entry.critical & ~c->entry_critical) == 0);
	}
	CHECK(r == 0 && count == c->entry_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_crl c;
	int r;

	input = cc_span(data, size);
	entry_at(input);
	r = cc_crl_parse(input, &c);
	CHECK(r >= 0 && r <= CC_CRL_E_EMPTY);
	if (r)
		return 0;
	/* No proper prefix is a list too. */
	CHECK(cc_crl_parse(cc_span(data, size - 1), &(struct cc_crl){ 0 }));
	inside(c.tbs);
	inside(c.issuer);
	inside(c.signature);
	inside(c.number);
	inside(c.base);
	inside(c.akid);
	inside(c.idp);
	inside(c.idp_name.relative);
	inside(c.unknown_critical);
	CHECK(c.version == 1 || c.version == 2);
	CHECK(c.version == 2 || (c.ext_present == 0 && c.entry_present == 0));
	CHECK((c.ext_critical & ~c.ext_present) == 0);
	CHECK((c.idp_reasons & ~CC_REASON_FLAGS_ALL) == 0);
	CHECK(c.scheme < CC_SCHEME_COUNT);
	CHECK(cc_crl_number_compare(c.number, c.number) == 0);
	names(c.idp_name.full);
	points(c.freshest);
	entries(&c);
	return 0;
}
