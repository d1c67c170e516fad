// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Host names, wildcards, addresses, constraints: two texts apart at the first NUL. */
#include <stdlib.h>
#include <string.h>

#include "core/name.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static size_t dots(struct cc_span s)
{
	size_t n = 0, i;

	for (i = 0; i < s.n; i++)
		n += s.p[i] == '.';
	return n;
}

static void host(struct cc_span s)
{
	uint8_t ip[16];

	/* A text is a name or an address, never both. */
	if (cc_hostname_valid(s))
		CHECK(cc_ip_parse(s, ip) == 0 && s.n <= 254);
	if (cc_hostname_valid(s) && s.p[s.n - 1] != '.') {
		CHECK(cc_hostname_match(s, s));
		CHECK(cc_dns_within(s, s) == 1);
		CHECK(cc_dns_within(s, cc_span("", 0)) == 1);
	}
}

static void pair(struct cc_span a, struct cc_span b)
{
	bool plain_b = b.n && b.p[b.n - 1] != '.';
	int r;

	if (cc_hostname_match(a, b)) {
		CHECK(cc_hostname_valid(b));
		/* Exactly one label for a wildcard, the same labels without one. */
		CHECK(dots(a) == dots(b) - (plain_b ? 0 : 1));
		if (plain_b && a.p[0] != '*')
			CHECK(cc_hostname_match(b, a));
	}
	r = cc_dns_within(a, b);
	CHECK(r >= -1 && r <= 1);
	if (r == 1 && cc_dns_within(b, a) == 1)
		CHECK(a.n == b.n);
	if (r == 1)
		CHECK(a.n >= b.n);
	r = cc_email_within(a, b);
	CHECK(r >= -1 && r <= 1);
	r = cc_uri_within(a, b);
	CHECK(r >= -1 && r <= 1);
	r = cc_ip_within(a, b);
	CHECK(r >= -1 && r <= 1);
	if (r >= 0)
		CHECK((a.n == 4 || a.n == 16) && (b.n == 8 || b.n == 32));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t first = nul ? (size_t)(nul - data) : size;
	struct cc_span a = cc_span(data, first), b = cc_span("", 0), rest;
	struct cc_general_name gn;

	if (nul)
		b = cc_span(nul + 1, size - first - 1);
	host(a);
	host(b);
	pair(a, b);
	pair(b, a);
	rest = cc_span(data, size);
	while (cc_gn_next(&rest, &gn) > 0)
		CHECK(gn.value.n <= size);
	return 0;
}
