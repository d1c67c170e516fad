// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as an OCSP response: spans stay inside, iterators end, counts and masks agree. */
#include <stdlib.h>

#include "core/cert.h"
#include "core/ocsp.h"

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

static void exts(struct cc_span rest)
{
	struct cc_extension ext;
	unsigned int count = 0;
	int r;

	while ((r = cc_ext_next(&rest, &ext)) > 0)
		count++;
	CHECK(r == 0 && count <= CC_OCSP_EXT_MAX);
}

static void singles(const struct cc_ocsp *c)
{
	struct cc_span rest = c->singles;
	struct cc_ocsp_single s;
	uint32_t count = 0;
	int r;

	while ((r = cc_ocsp_single_next(&rest, &s)) > 0) {
		count++;
		inside(s.id.whole);
		inside(s.id.name_hash);
		inside(s.id.key_hash);
		inside(s.id.serial);
		inside(s.scts);
		inside(s.unknown_critical);
		exts(s.extensions);
		CHECK(s.id.serial.n > 0);
		CHECK(s.id.hash <= CC_OCSP_HASH_OTHER);
		CHECK(s.status <= CC_OCSP_UNKNOWN);
		CHECK(s.status == CC_OCSP_REVOKED || !s.has_reason);
		CHECK((s.ext_critical & ~s.ext_present) == 0);
		CHECK(!(s.ext_critical & CC_OCSP_EXT_BIT(UNKNOWN)) == !s.unknown_critical.n);
	}
	CHECK(r == 0 && count == c->single_count && count > 0);
}

static void certs(const struct cc_ocsp *c)
{
	struct cc_span rest = c->certs, der;
	uint32_t count = 0;
	int r;

	while ((r = cc_ocsp_cert_next(&rest, &der)) > 0) {
		count++;
		inside(der);
		CHECK(der.n >= 2);
	}
	CHECK(r == 0 && count == c->cert_count && count <= CC_OCSP_CERTS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_ocsp c;
	int r;

	input = cc_span(data, size);
	r = cc_ocsp_parse(input, &c);
	CHECK(r >= 0 && r <= CC_OCSP_E_EMPTY);
	if (r)
		return 0;
	/* No proper prefix is a response too. */
	CHECK(cc_ocsp_parse(cc_span(data, size - 1), &(struct cc_ocsp){ 0 }));
	CHECK(cc_ocsp_status_text(c.status)[0] != '?');
	if (c.status != CC_OCSP_STATUS_SUCCESSFUL) {
		CHECK(!c.single_count && !c.tbs.n);
		return 0;
	}
	inside(c.tbs);
	inside(c.responder);
	inside(c.signature);
	inside(c.nonce);
	inside(c.unknown_critical);
	exts(c.extensions);
	CHECK(!c.by_key || c.responder.n == 20);
	CHECK(c.nonce.n <= CC_OCSP_NONCE_MAX);
	CHECK((c.ext_critical & ~c.ext_present) == 0);
	CHECK(c.scheme < CC_SCHEME_COUNT);
	singles(&c);
	certs(&c);
	return 0;
}
