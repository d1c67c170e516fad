// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The list of extensions: which is which, none twice, and iterators over their contents. */
#include "core/der.h"
#include "core/ext.h"

const char *cc_ext_name(uint32_t ext)
{
	switch (ext) {
#define X(bit, name, text) \
	case bit:          \
		return text;
		CC_EXTS(X)
#undef X
	default:
		return "?";
	}
}

/* id-ce: 2.5.29.n */
static enum cc_ext ce_ext(uint8_t n)
{
	switch (n) {
	case 9:
		return CC_EXT_SUBJECT_DIRECTORY;
	case 14:
		return CC_EXT_SUBJECT_KEY_ID;
	case 15:
		return CC_EXT_KEY_USAGE;
	case 17:
		return CC_EXT_SUBJECT_ALT_NAME;
	case 18:
		return CC_EXT_ISSUER_ALT_NAME;
	case 19:
		return CC_EXT_BASIC_CONSTRAINTS;
	case 30:
		return CC_EXT_NAME_CONSTRAINTS;
	case 31:
		return CC_EXT_CRL_DISTRIBUTION;
	case 32:
		return CC_EXT_POLICIES;
	case 33:
		return CC_EXT_POLICY_MAPPINGS;
	case 35:
		return CC_EXT_AUTHORITY_KEY_ID;
	case 36:
		return CC_EXT_POLICY_CONSTRAINTS;
	case 37:
		return CC_EXT_EXT_KEY_USAGE;
	case 46:
		return CC_EXT_FRESHEST_CRL;
	case 54:
		return CC_EXT_INHIBIT_ANY_POLICY;
	default:
		return CC_EXT_UNKNOWN;
	}
}

static enum cc_ext ext_of_oid(struct cc_span oid)
{
	static const uint8_t pe[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01 };
	static const uint8_t ct[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04 };
	static const uint8_t nocheck[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x05 };

	if (oid.n == 3 && oid.p[0] == 0x55 && oid.p[1] == 0x1d)
		return ce_ext(oid.p[2]);
	if (oid.n == sizeof(pe) + 1 && !memcmp(oid.p, pe, sizeof(pe))) {
		switch (oid.p[sizeof(pe)]) {
		case 1:
			return CC_EXT_AUTHORITY_INFO;
		case 11:
			return CC_EXT_SUBJECT_INFO;
		case 24:
			return CC_EXT_TLS_FEATURE;
		default:
			return CC_EXT_UNKNOWN;
		}
	}
	if (oid.n == sizeof(ct) + 1 && !memcmp(oid.p, ct, sizeof(ct))) {
		switch (oid.p[sizeof(ct)]) {
		case 2:
			return CC_EXT_SCT_LIST;
		case 3:
			return CC_EXT_CT_POISON;
		default:
			return CC_EXT_UNKNOWN;
		}
	}
	if (oid.n == sizeof(nocheck) && !memcmp(oid.p, nocheck, sizeof(nocheck)))
		return CC_EXT_OCSP_NOCHECK;
	return CC_EXT_UNKNOWN;
}

int cc_ext_next(struct cc_span *rest, struct cc_extension *ret)
{
	struct cc_span seq, body, in = *rest;

	if (in.n == 0)
		return 0;
	if (cc_der_get(&in, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_OID, &ret->oid))
		return -1;
	ret->id = ext_of_oid(ret->oid);
	if (ret->id == CC_EXT_UNKNOWN && !cc_der_oid_valid(ret->oid))
		return -1;
	ret->critical = cc_der_peek(seq, CC_DER_BOOLEAN);
	/* DEFAULT FALSE: what is written out must be TRUE (X.690 section 11.5). */
	if (ret->critical && (cc_der_get(&seq, CC_DER_BOOLEAN, &body) || cc_der_bool(body) != 1))
		return -1;
	if (cc_der_only(seq, CC_DER_OCTET_STRING, &ret->value))
		return -1;
	*rest = in;
	return 1;
}

bool cc_ext_stands_before(struct cc_span list, const uint8_t *end, struct cc_span oid)
{
	struct cc_extension ext;

	while (list.p < end && cc_ext_next(&list, &ext) > 0)
		if (cc_span_equal(ext.oid, oid))
			return true;
	return false;
}

/* Unknown extensions share one bit: look among the earlier ones, but only where a 64-bit sieve of
 * the last octet and the length says that it might be there. */
static bool unknown_twice(const struct cc_cert *c, const struct cc_extension *ext,
			  const uint8_t *start, uint64_t *sieve)
{
	uint64_t bit = 1ULL << ((ext->oid.p[ext->oid.n - 1] + ext->oid.n * 8) & 63);
	bool maybe = (*sieve & bit) != 0;

	*sieve |= bit;
	return maybe && cc_ext_stands_before(c->extensions, start, ext->oid);
}

int cc_exts_parse(struct cc_cert *c)
{
	struct cc_span rest = c->extensions;
	struct cc_extension ext;
	const uint8_t *start;
	unsigned int count = 0;
	uint64_t sieve = 0;
	uint32_t bit;

	/* Extensions ::= SEQUENCE SIZE (1..MAX) */
	if (rest.n == 0)
		return CC_CERT_E_EXTENSION;
	while (rest.n) {
		start = rest.p;
		if (cc_ext_next(&rest, &ext) < 0)
			return CC_CERT_E_EXTENSION;
		if (++count > CC_EXT_MAX)
			return CC_CERT_E_TOO_LARGE;
		bit = 1u << ext.id;
		if (ext.id == CC_EXT_UNKNOWN ? unknown_twice(c, &ext, start, &sieve)
					     : (c->ext_present & bit) != 0)
			return CC_CERT_E_DUPLICATE;
		c->ext_present |= bit;
		if (ext.critical)
			c->ext_critical |= bit;
		if (ext.id == CC_EXT_UNKNOWN) {
			if (ext.critical && c->unknown_critical.n == 0)
				c->unknown_critical = ext.oid;
		} else if (!cc_ext_parse(&ext, c)) {
			return CC_CERT_E_EXTENSION;
		}
	}
	return CC_CERT_OK;
}

int cc_subtree_next(struct cc_span *rest, struct cc_general_name *ret_base)
{
	struct cc_span tree, in = *rest;

	if (in.n == 0)
		return 0;
	/* minimum is 0 by default and maximum absent: nothing may follow the base. */
	if (cc_der_get(&in, CC_DER_SEQUENCE, &tree) || cc_gn_next(&tree, ret_base) <= 0 || tree.n)
		return -1;
	if (ret_base->type == CC_GN_IP && ret_base->value.n != 8 && ret_base->value.n != 32)
		return -1;
	*rest = in;
	return 1;
}

int cc_policy_info_next(struct cc_span *rest, struct cc_span *ret_oid, struct cc_span *ret_quals)
{
	struct cc_span info, in = *rest;

	if (in.n == 0)
		return 0;
	if (cc_der_get(&in, CC_DER_SEQUENCE, &info) || cc_der_oid_get(&info, ret_oid))
		return -1;
	*ret_quals = cc_span(NULL, 0);
	if (info.n && (cc_der_only(info, CC_DER_SEQUENCE, ret_quals) || ret_quals->n == 0))
		return -1;
	*rest = in;
	return 1;
}

int cc_policy_mapping_next(struct cc_span *rest, struct cc_span *ret_issuer,
			   struct cc_span *ret_subject)
{
	struct cc_span pair, in = *rest;

	if (in.n == 0)
		return 0;
	if (cc_der_get(&in, CC_DER_SEQUENCE, &pair) || cc_der_oid_get(&pair, ret_issuer) ||
	    cc_der_oid_get(&pair, ret_subject) || pair.n)
		return -1;
	*rest = in;
	return 1;
}

int cc_access_next(struct cc_span *rest, struct cc_span *ret_method,
		   struct cc_general_name *ret_location)
{
	struct cc_span access, in = *rest;

	if (in.n == 0)
		return 0;
	if (cc_der_get(&in, CC_DER_SEQUENCE, &access) || cc_der_oid_get(&access, ret_method) ||
	    cc_gn_next(&access, ret_location) <= 0 || access.n)
		return -1;
	*rest = in;
	return 1;
}
