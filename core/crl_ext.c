// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Extensions of revocation lists and of their entries, RFC 5280 sections 5.2 and 5.3. */
#include "core/crl_ext.h"
#include "core/der.h"
#include "core/ext.h"
#include "core/time.h"

/* Section 5.2.3: numbers have at most 20 octets. */
#define NUMBER_MAX 20

static enum cc_crl_ext list_ext(struct cc_span oid)
{
	static const uint8_t aia[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01 };

	if (cc_span_equal(oid, cc_span(aia, sizeof(aia))))
		return CC_CRL_EXT_AUTHORITY_INFO;
	if (oid.n != 3 || oid.p[0] != 0x55 || oid.p[1] != 0x1d) /* id-ce */
		return CC_CRL_EXT_UNKNOWN;
	switch (oid.p[2]) {
	case 18:
		return CC_CRL_EXT_ISSUER_ALT_NAME;
	case 20:
		return CC_CRL_EXT_NUMBER;
	case 27:
		return CC_CRL_EXT_DELTA;
	case 28:
		return CC_CRL_EXT_ISSUING_POINT;
	case 35:
		return CC_CRL_EXT_AUTHORITY_KEY_ID;
	case 46:
		return CC_CRL_EXT_FRESHEST_CRL;
	default:
		return CC_CRL_EXT_UNKNOWN;
	}
}

static enum cc_crl_entry_ext entry_ext(struct cc_span oid)
{
	if (oid.n != 3 || oid.p[0] != 0x55 || oid.p[1] != 0x1d)
		return CC_CRL_ENTRY_EXT_UNKNOWN;
	switch (oid.p[2]) {
	case 21:
		return CC_CRL_ENTRY_EXT_REASON;
	case 24:
		return CC_CRL_ENTRY_EXT_INVALIDITY_DATE;
	case 29:
		return CC_CRL_ENTRY_EXT_ISSUER;
	default:
		return CC_CRL_ENTRY_EXT_UNKNOWN;
	}
}

static bool number(struct cc_span value, struct cc_span *ret)
{
	return !cc_der_only(value, CC_DER_INTEGER, ret) && cc_der_integer_valid(*ret) &&
	       ret->p[0] < 0x80 && ret->n <= NUMBER_MAX + (ret->p[0] == 0);
}

/* A BOOLEAN DEFAULT FALSE: written out it is TRUE. */
static bool flag(struct cc_span *seq, uint8_t nr, bool *ret)
{
	struct cc_span body;

	if (!cc_der_peek(*seq, CC_DER_CONTEXT(nr)))
		return true;
	*ret = true;
	return !cc_der_get(seq, CC_DER_CONTEXT(nr), &body) && cc_der_bool(body) == 1;
}

static bool issuing_point(struct cc_span value, struct cc_crl *c)
{
	struct cc_span seq, body;

	c->idp = value;
	if (cc_der_only(value, CC_DER_SEQUENCE, &seq))
		return false;
	if (cc_der_peek(seq, CC_DER_CONTEXT_CONS(0)) &&
	    (cc_der_get(&seq, CC_DER_CONTEXT_CONS(0), &body) ||
	     !cc_dist_name_parse(body, &c->idp_name)))
		return false;
	if (!flag(&seq, 1, &c->only_user) || !flag(&seq, 2, &c->only_ca))
		return false;
	if (cc_der_peek(seq, CC_DER_CONTEXT(3))) {
		if (cc_der_get(&seq, CC_DER_CONTEXT(3), &body) ||
		    !cc_der_named_bits(body, &c->idp_reasons))
			return false;
		c->idp_reasons &= CC_REASON_FLAGS_ALL;
	}
	return flag(&seq, 4, &c->indirect) && flag(&seq, 5, &c->only_attribute) && seq.n == 0;
}

static bool alt_name(struct cc_span value)
{
	struct cc_span names;

	return !cc_der_only(value, CC_DER_SEQUENCE, &names) && cc_general_names_valid(names);
}

static bool list_value(enum cc_crl_ext id, struct cc_span value, struct cc_crl *c)
{
	struct cc_akid akid;

	switch (id) {
	case CC_CRL_EXT_AUTHORITY_KEY_ID:
		if (!cc_akid_parse(value, &akid))
			return false;
		c->akid = akid.id;
		return true;
	case CC_CRL_EXT_ISSUER_ALT_NAME:
		return alt_name(value);
	case CC_CRL_EXT_NUMBER:
		return number(value, &c->number);
	case CC_CRL_EXT_DELTA:
		return number(value, &c->base);
	case CC_CRL_EXT_ISSUING_POINT:
		return issuing_point(value, c);
	case CC_CRL_EXT_FRESHEST_CRL:
		return cc_dist_points_parse(value, &c->freshest);
	case CC_CRL_EXT_AUTHORITY_INFO:
		return cc_access_descriptions_parse(value, &c->aia);
	default:
		return true;
	}
}

int cc_crl_exts_parse(struct cc_crl *c)
{
	struct cc_span rest = c->extensions;
	struct cc_extension ext;
	unsigned int count = 0;
	const uint8_t *start;
	enum cc_crl_ext id;

	if (rest.n == 0)
		return CC_CRL_E_EXTENSION;
	while (rest.n) {
		start = rest.p;
		if (cc_ext_next(&rest, &ext) < 0)
			return CC_CRL_E_EXTENSION;
		if (++count > CC_CRL_EXT_MAX)
			return CC_CRL_E_TOO_LARGE;
		if (cc_ext_stands_before(c->extensions, start, ext.oid))
			return CC_CRL_E_DUPLICATE;
		id = list_ext(ext.oid);
		c->ext_present |= 1u << id;
		if (ext.critical)
			c->ext_critical |= 1u << id;
		if (!list_value(id, ext.value, c))
			return CC_CRL_E_EXTENSION;
		if (id == CC_CRL_EXT_UNKNOWN && ext.critical && c->unknown_critical.n == 0)
			c->unknown_critical = ext.oid;
	}
	return CC_CRL_OK;
}

static bool reason_code(struct cc_span value, struct cc_crl_entry *entry)
{
	struct cc_span body;
	int32_t reason;

	if (cc_der_only(value, CC_DER_ENUMERATED, &body))
		return false;
	reason = cc_der_int31(body);
	entry->reason = (uint8_t)(reason > 255 ? 255 : reason);
	return reason >= 0;
}

static bool invalidity_date(struct cc_span value, struct cc_crl_entry *entry)
{
	struct cc_span body;

	return !cc_der_only(value, CC_DER_GENERALIZED_TIME, &body) &&
	       cc_time_generalized(body, &entry->invalidity_date);
}

static bool entry_value(enum cc_crl_entry_ext id, struct cc_span value, struct cc_crl_entry *entry)
{
	switch (id) {
	case CC_CRL_ENTRY_EXT_REASON:
		return reason_code(value, entry);
	case CC_CRL_ENTRY_EXT_INVALIDITY_DATE:
		return invalidity_date(value, entry);
	case CC_CRL_ENTRY_EXT_ISSUER:
		return !cc_der_only(value, CC_DER_SEQUENCE, &entry->issuer) &&
		       cc_general_names_valid(entry->issuer);
	default:
		return true;
	}
}

int cc_crl_entry_exts_parse(struct cc_span list, struct cc_crl_entry *entry)
{
	struct cc_span rest = list;
	struct cc_extension ext;
	unsigned int count = 0;
	const uint8_t *start;
	enum cc_crl_entry_ext id;

	if (rest.n == 0)
		return CC_CRL_E_EXTENSION;
	while (rest.n) {
		start = rest.p;
		if (cc_ext_next(&rest, &ext) < 0)
			return CC_CRL_E_EXTENSION;
		if (++count > CC_CRL_ENTRY_EXT_MAX)
			return CC_CRL_E_TOO_LARGE;
		if (cc_ext_stands_before(list, start, ext.oid))
			return CC_CRL_E_DUPLICATE;
		id = entry_ext(ext.oid);
		entry->present |= 1u << id;
		if (ext.critical)
			entry->critical |= 1u << id;
		if (!entry_value(id, ext.value, entry))
			return CC_CRL_E_EXTENSION;
		if (id == CC_CRL_ENTRY_EXT_UNKNOWN && ext.critical &&
		    entry->unknown_critical.n == 0)
			entry->unknown_critical = ext.oid;
	}
	return CC_CRL_OK;
}
