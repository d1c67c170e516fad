// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any certificate, final or not: the TBSCertificate that is rebuilt from it is one, and the same but
 * for what was taken out. */
#include <stdlib.h>

#include "core/precert.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t flat[2 * CC_CERT_MAX + 64];

static struct cc_span flatten(const struct cc_precert *p)
{
	size_t n = 0;
	uint32_t i;

	CHECK(p->count <= CC_PRECERT_SPANS && p->used <= sizeof(p->head));
	for (i = 0; i < p->count; i++) {
		CHECK(p->span[i].n && p->span[i].n <= sizeof(flat) - n);
		memcpy(flat + n, p->span[i].p, p->span[i].n);
		n += p->span[i].n;
	}
	CHECK(n == p->len);
	return cc_span(flat, n);
}

static int next(struct cc_span *rest, uint32_t without, struct cc_extension *ret)
{
	int r;

	while ((r = cc_ext_next(rest, ret)) > 0 && ret->id == without)
		;
	CHECK(r >= 0);
	return r;
}

/* @akid: the value that the key identifier must have now, or nothing. */
static void same_but(const struct cc_cert *was, const struct cc_precert *p, uint32_t without,
		     struct cc_span issuer, struct cc_span akid)
{
	struct cc_span left, right, tbs = flatten(p);
	struct cc_extension a, b;
	struct cc_cert is;
	int r = cc_tbs_parse(tbs, &is);

	/* Two certificates' worth of octets may be more than one can have. */
	if (r == CC_CERT_E_TOO_LARGE && tbs.n > CC_CERT_MAX)
		return;
	CHECK(r == CC_CERT_OK);
	CHECK(cc_span_equal(is.tbs, tbs) && is.version == was->version);
	CHECK(cc_span_equal(is.serial, was->serial) && cc_span_equal(is.issuer, issuer));
	CHECK(cc_span_equal(is.subject, was->subject) && cc_span_equal(is.spki, was->spki));
	CHECK(is.not_before == was->not_before && is.not_after == was->not_after);
	CHECK((is.ext_present | 1u << without) == was->ext_present);
	CHECK(!(is.ext_present & 1u << without));
	left = was->extensions;
	right = is.extensions;
	while ((r = next(&left, without, &a)) > 0) {
		CHECK(next(&right, without, &b) == 1);
		CHECK(a.id == b.id && a.critical == b.critical && cc_span_equal(a.oid, b.oid));
		if (akid.n && a.id == CC_EXT_AUTHORITY_KEY_ID)
			CHECK(cc_span_equal(b.value, akid));
		else
			CHECK(cc_span_equal(a.value, b.value));
	}
	CHECK(next(&right, without, &b) == 0);
}

static struct cc_span akid_of(const struct cc_cert *c)
{
	struct cc_span rest = c->extensions;
	struct cc_extension ext;

	while (cc_ext_next(&rest, &ext) > 0)
		if (ext.id == CC_EXT_AUTHORITY_KEY_ID)
			return ext.value;
	return cc_span(NULL, 0);
}

/* Two certificates, the first one's length in front: the second signs the first. */
static void pair(const uint8_t *data, size_t size)
{
	static const struct cc_span none;
	struct cc_cert c, signer;
	struct cc_precert p;
	size_t n;
	bool special;

	if (size < 2)
		return;
	n = (size_t)data[0] << 8 | data[1];
	if (n > size - 2 || cc_cert_parse(cc_span(data + 2, n), &c) ||
	    cc_cert_parse(cc_span(data + 2 + n, size - 2 - n), &signer))
		return;
	if (cc_precert_from_precert(&c, &signer, &p))
		return;
	special = cc_precert_signer(&signer);
	same_but(&c, &p, CC_EXT_CT_POISON, special ? signer.issuer : c.issuer,
		 special ? akid_of(&signer) : none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cc_span none;
	struct cc_precert p;
	struct cc_cert c;
	int r;

	pair(data, size);
	if (cc_cert_parse(cc_span(data, size), &c))
		return 0;
	r = cc_precert_from_cert(&c, &p);
	if (r == CC_PRECERT_OK)
		same_but(&c, &p, CC_EXT_SCT_LIST, c.issuer, none);
	else
		CHECK(r == CC_PRECERT_E_BOTH || !(c.ext_present & CC_EXT_BIT(SCT_LIST)));
	return 0;
}
