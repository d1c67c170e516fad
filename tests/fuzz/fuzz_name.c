// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two names split from the input: comparison is an equivalence that the hash and the prefix respect. */
#include <stdlib.h>
#include <string.h>

#include "core/der.h"
#include "core/dn.h"
#include "core/oid.h"
#include "libcapcert/dn_prep.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static void one(struct cc_span a)
{
	char text[200], small[8];
	struct cc_span value;
	size_t n = cc_dn_format(a, text, sizeof(text)), i;

	CHECK(cc_dn_equal(a, a));
	CHECK(n < sizeof(text) && text[n] == 0);
	for (i = 0; i < n; i++)
		CHECK(text[i] >= 0x20 && text[i] < 0x7f);
	CHECK(cc_dn_format(a, small, sizeof(small)) == (n < 7 ? n : 7));
	CHECK(!memcmp(small, text, n < 7 ? n : 7));
	if (cc_dn_attr(a, cc_oid_bytes(CC_OID_CN), &value) && value.n)
		CHECK(value.p > a.p && value.p + value.n <= a.p + a.n);
}

static void two(struct cc_span a, struct cc_span b)
{
	bool equal = cc_dn_equal(a, b), in_b = cc_dn_within(a, b), in_a = cc_dn_within(b, a);

	CHECK(equal == cc_dn_equal(b, a));
	if (equal)
		CHECK(cc_dn_hash(a) == cc_dn_hash(b));
	/* Well-formed names that lie in each other are the same name. */
	if (in_a && in_b)
		CHECK(equal);
	if (equal && cc_dn_within(a, a))
		CHECK(in_a && in_b);
}

/* A prepared name is a name if it was one, is prepared once and for all, and equal names stay so. */
static void prepared(struct cc_span a, struct cc_span b)
{
	struct prepared_dn x, y, again;
	struct cc_span body;

	CHECK(dn_prepare(a, &x) == 0 && dn_prepare(b, &y) == 0);
	if (x.owned)
		CHECK(!cc_der_only(x.name, CC_DER_SEQUENCE, &body) && cc_dn_valid(body));
	if (cc_dn_equal(a, b))
		CHECK(cc_dn_equal(x.name, y.name));
	CHECK(dn_prepare(x.name, &again) == 0);
	CHECK(cc_dn_equal(x.name, again.name));
	dn_release(&again);
	dn_release(&x);
	dn_release(&y);
}

/* The input's first octet says where the first name ends. The second is then the first with
 * the case of its letters flipped as well: still a name if it was one, and mostly an equal one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_span a, b;
	uint8_t copy[512];
	size_t cut, i;

	if (size < 1)
		return 0;
	cut = data[0] < size - 1 ? data[0] : size - 1;
	a = cc_span(data + 1, cut);
	b = cc_span(data + 1 + cut, size - 1 - cut);
	one(a);
	one(b);
	two(a, b);
	prepared(a, b);
	if (a.n > sizeof(copy))
		return 0;
	for (i = 0; i < a.n; i++)
		copy[i] = a.p[i] >= 'a' && a.p[i] <= 'z' ? (uint8_t)(a.p[i] - 32) : a.p[i];
	two(a, cc_span(copy, a.n));
	prepared(a, cc_span(copy, a.n));
	return 0;
}
