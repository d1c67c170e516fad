// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as a certificate: spans stay inside, iterators end, parsing again gives the same. */
#include <stdlib.h>

#include "core/cert.h"
#include "core/der.h"

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

static void names(struct cc_span rest)
{
	struct cc_general_name gn;
	size_t before = rest.n + 1;
	int r;

	while ((r = cc_gn_next(&rest, &gn)) > 0) {
		CHECK(rest.n < before);
		before = rest.n;
		inside(gn.value);
	}
	CHECK(r == 0);
}

static void trees(struct cc_span rest)
{
	struct cc_general_name gn;
	int r;

	while ((r = cc_subtree_next(&rest, &gn)) > 0)
		inside(gn.value);
	CHECK(r == 0);
}

static void lists(const struct cc_cert *c)
{
	struct cc_span rest, a, b;
	struct cc_general_name gn;
	struct cc_extension ext;
	unsigned int count = 0;
	int r;

	for (rest = c->extensions; (r = cc_ext_next(&rest, &ext)) > 0; count++) {
		inside(ext.oid);
		inside(ext.value);
		CHECK(c->ext_present >> ext.id & 1);
	}
	CHECK(r == 0 && count <= CC_EXT_MAX);
	for (rest = c->eku; (r = cc_oid_next(&rest, &a)) > 0;)
		CHECK(cc_der_oid_valid(a));
	CHECK(r == 0);
	for (rest = c->policies; (r = cc_policy_info_next(&rest, &a, &b)) > 0;)
		inside(b);
	CHECK(r == 0);
	for (rest = c->mappings; (r = cc_policy_mapping_next(&rest, &a, &b)) > 0;)
		inside(b);
	CHECK(r == 0);
	for (rest = c->aia; (r = cc_access_next(&rest, &a, &gn)) > 0;)
		inside(gn.value);
	CHECK(r == 0);
	names(c->san);
	names(c->ian);
	names(c->akid_issuer);
	trees(c->permitted);
	trees(c->excluded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_cert c;
	char text[300];
	int r;

	input = cc_span(data, size);
	r = cc_cert_parse(input, &c);
	CHECK(r >= 0 && r <= CC_CERT_E_EMPTY);
	if (r)
		return 0;
	CHECK(cc_cert_size(input) == size);
	/* No proper prefix, and nothing longer, is a certificate too. */
	CHECK(cc_cert_parse(cc_span(data, size - 1), &(struct cc_cert){ 0 }));
	inside(c.tbs);
	inside(c.serial);
	inside(c.issuer);
	inside(c.subject);
	inside(c.spki);
	inside(c.key);
	inside(c.signature);
	inside(c.skid);
	inside(c.akid);
	inside(c.crldp);
	inside(c.freshest);
	inside(c.scts);
	inside(c.unknown_critical);
	CHECK(c.version >= 1 && c.version <= 3);
	CHECK(c.version == 3 || c.ext_present == 0);
	CHECK((c.ext_critical & ~c.ext_present) == 0);
	CHECK(c.scheme < CC_SCHEME_COUNT && c.key_alg < CC_KEY_COUNT);
	lists(&c);
	CHECK(cc_dn_format(c.subject, text, sizeof(text)) < sizeof(text));
	CHECK(cc_dn_equal(c.subject, c.subject));
	return 0;
}
