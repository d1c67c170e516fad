// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as DER: what the cursor takes is what encoding it again gives, so nothing has two forms. */
#include <stdlib.h>
#include <string.h>

#include "core/der.h"
#include "core/oid.h"
#include "core/time.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

/* The one header that this tag and length have. */
static size_t header(uint8_t tag, size_t len, uint8_t out[6])
{
	size_t octets = 0, k;

	out[0] = tag;
	if (len < 0x80) {
		out[1] = (uint8_t)len;
		return 2;
	}
	while (len >> 8 * octets)
		octets++;
	out[1] = (uint8_t)(0x80 | octets);
	for (k = 0; k < octets; k++)
		out[2 + k] = (uint8_t)(len >> 8 * (octets - 1 - k));
	return 2 + octets;
}

static void primitive(struct cc_span body)
{
	struct cc_span bits;
	struct cc_civil civil;
	uint8_t back[80];
	char text[400];
	unsigned int unused;
	uint32_t mask;
	int64_t time, again;

	if (cc_der_oid_valid(body) && body.n <= sizeof(back)) {
		size_t n = cc_oid_format(body, text, sizeof(text));
		size_t m = cc_oid_parse(text, n, back, sizeof(back));

		CHECK(m == 0 || cc_span_equal(cc_span(back, m), body));
	}
	if (cc_der_named_bits(body, &mask))
		CHECK(cc_der_bits(body, &bits, &unused) && bits.n <= 4);
	if (cc_der_int31(body) >= 0)
		CHECK(cc_der_integer_valid(body));
	if (cc_time_utc(body, &time) || cc_time_generalized(body, &time))
		CHECK(cc_time_to_civil(time, &civil) && cc_time_from_civil(&civil, &again) &&
		      again == time);
}

static void walk(struct cc_span in, unsigned int depth)
{
	struct cc_span body, before = in;
	uint8_t tag, head[6];
	size_t n;

	while (in.n) {
		if (cc_der_any(&in, &tag, &body)) {
			CHECK(in.p == before.p && in.n == before.n);
			return;
		}
		n = header(tag, body.n, head);
		CHECK(body.p == before.p + n && !memcmp(before.p, head, n));
		CHECK(in.p == body.p + body.n && before.n - in.n == n + body.n);
		if ((tag & 0x20) && depth < 32)
			walk(body, depth + 1);
		else
			primitive(body);
		before = in;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(cc_span(data, size), 0);
	primitive(cc_span(data, size));
	return 0;
}
