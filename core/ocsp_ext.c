// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Extensions of OCSP responses and of single responses, RFC 6960 section 4.4. */
#include "core/cert.h"
#include "core/der.h"
#include "core/ext.h"
#include "core/ocsp_ext.h"
#include "core/time.h"

static enum cc_ocsp_ext pkix_ocsp_ext(uint8_t n)
{
	switch (n) {
	case 2:
		return CC_OCSP_EXT_NONCE;
	case 3:
		return CC_OCSP_EXT_CRL_REFERENCE;
	case 6:
		return CC_OCSP_EXT_ARCHIVE_CUTOFF;
	case 9:
		return CC_OCSP_EXT_EXTENDED_REVOKE;
	default:
		return CC_OCSP_EXT_UNKNOWN;
	}
}

static enum cc_ocsp_ext ext_of_oid(struct cc_span oid)
{
	/* id-pkix-ocsp; 1.3.6.1.4.1.11129.2.4.5 */
	static const uint8_t ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
	static const uint8_t scts[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 5 };

	if (oid.n == sizeof(ocsp) + 1 && !memcmp(oid.p, ocsp, sizeof(ocsp)))
		return pkix_ocsp_ext(oid.p[sizeof(ocsp)]);
	if (cc_span_equal(oid, cc_span(scts, sizeof(scts))))
		return CC_OCSP_EXT_SCT_LIST;
	if (oid.n == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1d) { /* id-ce: of CRL entries */
		if (oid.p[2] == 21)
			return CC_OCSP_EXT_REASON;
		if (oid.p[2] == 24)
			return CC_OCSP_EXT_INVALIDITY_DATE;
	}
	return CC_OCSP_EXT_UNKNOWN;
}

bool cc_ocsp_reason_get(struct cc_span in, uint8_t *ret)
{
	struct cc_span body;
	int32_t reason;

	if (cc_der_only(in, CC_DER_ENUMERATED, &body))
		return false;
	reason = cc_der_int31(body);
	*ret = (uint8_t)(reason > 255 ? 255 : reason);
	return reason >= 0;
}

static bool generalized(struct cc_span value)
{
	struct cc_span body;
	int64_t time;

	return !cc_der_only(value, CC_DER_GENERALIZED_TIME, &body) &&
	       cc_time_generalized(body, &time);
}

/* RFC 9654 section 2.1: 1 to 128 octets. Older responders echo what they were sent, so that
 * whoever asked in the form of the RFC gets that form back. */
static bool nonce(struct cc_span value, struct cc_span *ret)
{
	return !cc_der_only(value, CC_DER_OCTET_STRING, ret) && ret->n > 0 &&
	       ret->n <= CC_OCSP_NONCE_MAX;
}

/* CrlID: three optional members, nothing of which is used. */
static bool crl_reference(struct cc_span value)
{
	struct cc_span seq, member;
	uint8_t nr;

	if (cc_der_only(value, CC_DER_SEQUENCE, &seq))
		return false;
	for (nr = 0; nr < 3; nr++)
		if (cc_der_peek(seq, CC_DER_CONTEXT_CONS(nr)) &&
		    cc_der_get(&seq, CC_DER_CONTEXT_CONS(nr), &member))
			return false;
	return seq.n == 0;
}

static bool null(struct cc_span value)
{
	struct cc_span body;

	return !cc_der_only(value, CC_DER_NULL, &body) && body.n == 0;
}

/* Which stand where (section 4.4): a list of SCTs in the response itself says nothing. */
#define OF_RESPONSE (CC_OCSP_EXT_BIT(NONCE) | CC_OCSP_EXT_BIT(EXTENDED_REVOKE))

struct target {
	uint32_t known, present, critical;
	struct cc_span *nonce, *scts;
	struct cc_span unknown_critical;
};

static bool value_valid(enum cc_ocsp_ext id, struct cc_span value, struct target *t)
{
	uint8_t reason;

	switch (id) {
	case CC_OCSP_EXT_NONCE:
		return nonce(value, t->nonce);
	case CC_OCSP_EXT_EXTENDED_REVOKE:
		return null(value);
	case CC_OCSP_EXT_SCT_LIST:
		return !cc_der_only(value, CC_DER_OCTET_STRING, t->scts);
	case CC_OCSP_EXT_ARCHIVE_CUTOFF:
	case CC_OCSP_EXT_INVALIDITY_DATE:
		return generalized(value);
	case CC_OCSP_EXT_CRL_REFERENCE:
		return crl_reference(value);
	case CC_OCSP_EXT_REASON:
		return cc_ocsp_reason_get(value, &reason);
	default:
		return true;
	}
}

static int parse(struct cc_span list, struct target *t)
{
	struct cc_span rest = list;
	struct cc_extension ext;
	unsigned int count = 0;
	const uint8_t *start;
	enum cc_ocsp_ext id;

	if (rest.n == 0)
		return CC_OCSP_E_EXTENSION;
	while (rest.n) {
		start = rest.p;
		if (cc_ext_next(&rest, &ext) < 0)
			return CC_OCSP_E_EXTENSION;
		if (++count > CC_OCSP_EXT_MAX)
			return CC_OCSP_E_TOO_LARGE;
		if (cc_ext_stands_before(list, start, ext.oid))
			return CC_OCSP_E_DUPLICATE;
		id = ext_of_oid(ext.oid);
		if (!(t->known >> id & 1))
			id = CC_OCSP_EXT_UNKNOWN;
		t->present |= 1u << id;
		if (ext.critical)
			t->critical |= 1u << id;
		if (!value_valid(id, ext.value, t))
			return CC_OCSP_E_EXTENSION;
		if (id == CC_OCSP_EXT_UNKNOWN && ext.critical && t->unknown_critical.n == 0)
			t->unknown_critical = ext.oid;
	}
	return CC_OCSP_OK;
}

int cc_ocsp_exts_parse(struct cc_ocsp *c)
{
	struct target t = { .known = OF_RESPONSE, .nonce = &c->nonce };
	int r = parse(c->extensions, &t);

	c->ext_present = t.present;
	c->ext_critical = t.critical;
	c->unknown_critical = t.unknown_critical;
	return r;
}

int cc_ocsp_single_exts_parse(struct cc_ocsp_single *s)
{
	struct target t = { .known = ~OF_RESPONSE, .scts = &s->scts };
	int r = parse(s->extensions, &t);

	s->ext_present = t.present;
	s->ext_critical = t.critical;
	s->unknown_critical = t.unknown_critical;
	return r;
}
