// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values of certificate extensions, RFC 5280 section 4.2, each checked down to its leaves. */
#include "core/der.h"
#include "core/dist_point.h"
#include "core/ext.h"

/* GeneralNames ::= SEQUENCE SIZE (1..MAX): @names are its contents. */
bool cc_general_names_valid(struct cc_span names)
{
	struct cc_general_name gn;
	int r;

	if (names.n == 0)
		return false;
	while ((r = cc_gn_next(&names, &gn)) > 0)
		if (gn.type == CC_GN_IP && gn.value.n != 4 && gn.value.n != 16)
			return false;
	return r == 0;
}

static bool alt_name(struct cc_span value, struct cc_span *ret)
{
	return !cc_der_only(value, CC_DER_SEQUENCE, ret) && cc_general_names_valid(*ret);
}

bool cc_akid_parse(struct cc_span value, struct cc_akid *ret)
{
	struct cc_span seq;

	memset(ret, 0, sizeof(*ret));
	if (cc_der_only(value, CC_DER_SEQUENCE, &seq))
		return false;
	if (cc_der_peek(seq, CC_DER_CONTEXT(0)) && cc_der_get(&seq, CC_DER_CONTEXT(0), &ret->id))
		return false;
	if (cc_der_peek(seq, CC_DER_CONTEXT_CONS(1)) &&
	    (cc_der_get(&seq, CC_DER_CONTEXT_CONS(1), &ret->issuer) ||
	     !cc_general_names_valid(ret->issuer)))
		return false;
	if (cc_der_peek(seq, CC_DER_CONTEXT(2)) &&
	    (cc_der_get(&seq, CC_DER_CONTEXT(2), &ret->serial) ||
	     !cc_der_integer_valid(ret->serial)))
		return false;
	return seq.n == 0;
}

static bool authority_key_id(struct cc_span value, struct cc_cert *c)
{
	struct cc_akid akid;

	if (!cc_akid_parse(value, &akid))
		return false;
	c->akid = akid.id;
	c->akid_issuer = akid.issuer;
	c->akid_serial = akid.serial;
	return true;
}

static bool key_usage(struct cc_span value, struct cc_cert *c)
{
	struct cc_span body;
	uint32_t mask;

	if (cc_der_only(value, CC_DER_BIT_STRING, &body) || !cc_der_named_bits(body, &mask) ||
	    mask > 0x1ff)
		return false;
	c->key_usage = (uint16_t)mask;
	return true;
}

static uint32_t eku_bit(struct cc_span oid)
{
	static const uint8_t kp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03 };

	if (oid.n == sizeof(kp) + 1 && !memcmp(oid.p, kp, sizeof(kp))) {
		switch (oid.p[sizeof(kp)]) {
		case 1:
			return CC_EKU_SERVER_AUTH;
		case 2:
			return CC_EKU_CLIENT_AUTH;
		case 3:
			return CC_EKU_CODE_SIGNING;
		case 4:
			return CC_EKU_EMAIL;
		case 8:
			return CC_EKU_TIME_STAMPING;
		case 9:
			return CC_EKU_OCSP_SIGNING;
		default:
			return CC_EKU_UNKNOWN;
		}
	}
	if (cc_oid_is(oid, CC_OID_ANY_EKU))
		return CC_EKU_ANY;
	if (cc_oid_is(oid, CC_OID_CT_PRECERT))
		return CC_EKU_CT_PRECERT_SIGNING;
	return CC_EKU_UNKNOWN;
}

static bool ext_key_usage(struct cc_span value, struct cc_cert *c)
{
	struct cc_span rest, oid;
	int r;

	if (cc_der_only(value, CC_DER_SEQUENCE, &c->eku) || c->eku.n == 0)
		return false;
	rest = c->eku;
	while ((r = cc_oid_next(&rest, &oid)) > 0)
		c->eku_mask |= eku_bit(oid);
	return r == 0;
}

static bool basic_constraints(struct cc_span value, struct cc_cert *c)
{
	struct cc_span seq, body;

	if (cc_der_only(value, CC_DER_SEQUENCE, &seq))
		return false;
	if (cc_der_peek(seq, CC_DER_BOOLEAN)) {
		if (cc_der_get(&seq, CC_DER_BOOLEAN, &body) || cc_der_bool(body) != 1)
			return false;
		c->is_ca = true;
	}
	if (seq.n == 0)
		return true;
	if (cc_der_only(seq, CC_DER_INTEGER, &body))
		return false;
	c->path_len = cc_der_int31(body);
	return c->path_len >= 0;
}

static bool subtrees(struct cc_span *seq, uint8_t nr, struct cc_span *ret)
{
	struct cc_general_name base;
	struct cc_span rest;
	int r;

	if (!cc_der_peek(*seq, CC_DER_CONTEXT_CONS(nr)))
		return true;
	if (cc_der_get(seq, CC_DER_CONTEXT_CONS(nr), ret) || ret->n == 0)
		return false;
	rest = *ret;
	while ((r = cc_subtree_next(&rest, &base)) > 0)
		;
	return r == 0;
}

bool cc_name_constraints_parse(struct cc_span seq, struct cc_cert *c)
{
	return seq.n && subtrees(&seq, 0, &c->permitted) && subtrees(&seq, 1, &c->excluded) &&
	       seq.n == 0;
}

static bool name_constraints(struct cc_span value, struct cc_cert *c)
{
	struct cc_span seq;

	return !cc_der_only(value, CC_DER_SEQUENCE, &seq) && cc_name_constraints_parse(seq, c);
}

/* PolicyQualifierInfo: an OID and one element of any kind. */
static bool qualifiers(struct cc_span rest)
{
	struct cc_span info, oid, any;
	uint8_t tag;

	while (rest.n)
		if (cc_der_get(&rest, CC_DER_SEQUENCE, &info) || cc_der_oid_get(&info, &oid) ||
		    cc_der_any(&info, &tag, &any) || info.n)
			return false;
	return true;
}

bool cc_policies_parse(struct cc_span policies, struct cc_cert *c)
{
	struct cc_span rest = policies, oid, quals;
	int r;

	c->policies = policies;
	if (policies.n == 0)
		return false;
	while ((r = cc_policy_info_next(&rest, &oid, &quals)) > 0)
		if (!qualifiers(quals))
			return false;
	return r == 0;
}

static bool policies(struct cc_span value, struct cc_cert *c)
{
	struct cc_span seq;

	return !cc_der_only(value, CC_DER_SEQUENCE, &seq) && cc_policies_parse(seq, c);
}

static bool policy_mappings(struct cc_span value, struct cc_cert *c)
{
	struct cc_span rest, issuer, subject;
	int r;

	if (cc_der_only(value, CC_DER_SEQUENCE, &c->mappings) || c->mappings.n == 0)
		return false;
	rest = c->mappings;
	while ((r = cc_policy_mapping_next(&rest, &issuer, &subject)) > 0)
		;
	return r == 0;
}

static bool optional_skip_certs(struct cc_span *seq, uint8_t nr, int32_t *ret)
{
	struct cc_span body;

	if (!cc_der_peek(*seq, CC_DER_CONTEXT(nr)))
		return true;
	if (cc_der_get(seq, CC_DER_CONTEXT(nr), &body))
		return false;
	*ret = cc_der_int31(body);
	return *ret >= 0;
}

static bool policy_constraints(struct cc_span value, struct cc_cert *c)
{
	struct cc_span seq;

	return !cc_der_only(value, CC_DER_SEQUENCE, &seq) && seq.n &&
	       optional_skip_certs(&seq, 0, &c->require_explicit) &&
	       optional_skip_certs(&seq, 1, &c->inhibit_mapping) && seq.n == 0;
}

static bool inhibit_any(struct cc_span value, struct cc_cert *c)
{
	struct cc_span body;

	if (cc_der_only(value, CC_DER_INTEGER, &body))
		return false;
	c->inhibit_any = cc_der_int31(body);
	return c->inhibit_any >= 0;
}

/* Of authority and subject information only the first is kept; both are checked. */
bool cc_access_descriptions_parse(struct cc_span value, struct cc_span *ret)
{
	struct cc_general_name location;
	struct cc_span rest, method;
	int r;

	if (cc_der_only(value, CC_DER_SEQUENCE, ret) || ret->n == 0)
		return false;
	rest = *ret;
	while ((r = cc_access_next(&rest, &method, &location)) > 0)
		;
	return r == 0;
}

static bool directory_attributes(struct cc_span value)
{
	struct cc_span rest, attr, oid, set;

	if (cc_der_only(value, CC_DER_SEQUENCE, &rest) || rest.n == 0)
		return false;
	while (rest.n)
		if (cc_der_get(&rest, CC_DER_SEQUENCE, &attr) || cc_der_oid_get(&attr, &oid) ||
		    cc_der_only(attr, CC_DER_SET, &set) || set.n == 0)
			return false;
	return true;
}

#define TLS_STATUS_REQUEST 5

static bool tls_feature(struct cc_span value, struct cc_cert *c)
{
	struct cc_span rest, body;
	int32_t feature;

	if (cc_der_only(value, CC_DER_SEQUENCE, &c->tls_feature))
		return false;
	for (rest = c->tls_feature; rest.n;) {
		if (cc_der_get(&rest, CC_DER_INTEGER, &body))
			return false;
		feature = cc_der_int31(body);
		if (feature < 0 || feature > 65535)
			return false;
		if (feature == TLS_STATUS_REQUEST)
			c->must_staple = true;
	}
	return true;
}

static bool null_value(struct cc_span value)
{
	return value.n == 2 && value.p[0] == CC_DER_NULL && value.p[1] == 0;
}

bool cc_ext_parse(const struct cc_extension *ext, struct cc_cert *c)
{
	struct cc_span unused;

	switch (ext->id) {
	case CC_EXT_SUBJECT_KEY_ID:
		return !cc_der_only(ext->value, CC_DER_OCTET_STRING, &c->skid);
	case CC_EXT_AUTHORITY_KEY_ID:
		return authority_key_id(ext->value, c);
	case CC_EXT_KEY_USAGE:
		return key_usage(ext->value, c);
	case CC_EXT_EXT_KEY_USAGE:
		return ext_key_usage(ext->value, c);
	case CC_EXT_BASIC_CONSTRAINTS:
		return basic_constraints(ext->value, c);
	case CC_EXT_NAME_CONSTRAINTS:
		return name_constraints(ext->value, c);
	case CC_EXT_SUBJECT_ALT_NAME:
		return alt_name(ext->value, &c->san);
	case CC_EXT_ISSUER_ALT_NAME:
		return alt_name(ext->value, &c->ian);
	case CC_EXT_POLICIES:
		return policies(ext->value, c);
	case CC_EXT_POLICY_MAPPINGS:
		return policy_mappings(ext->value, c);
	case CC_EXT_POLICY_CONSTRAINTS:
		return policy_constraints(ext->value, c);
	case CC_EXT_INHIBIT_ANY_POLICY:
		return inhibit_any(ext->value, c);
	case CC_EXT_CRL_DISTRIBUTION:
		return cc_dist_points_parse(ext->value, &c->crldp);
	case CC_EXT_FRESHEST_CRL:
		return cc_dist_points_parse(ext->value, &c->freshest);
	case CC_EXT_AUTHORITY_INFO:
		return cc_access_descriptions_parse(ext->value, &c->aia);
	case CC_EXT_SUBJECT_INFO:
		return cc_access_descriptions_parse(ext->value, &unused);
	case CC_EXT_SUBJECT_DIRECTORY:
		return directory_attributes(ext->value);
	case CC_EXT_TLS_FEATURE:
		return tls_feature(ext->value, c);
	case CC_EXT_SCT_LIST:
		return !cc_der_only(ext->value, CC_DER_OCTET_STRING, &c->scts);
	case CC_EXT_CT_POISON:
	case CC_EXT_OCSP_NOCHECK:
		return null_value(ext->value);
	case CC_EXT_UNKNOWN:
	case CC_EXT_COUNT:
		break;
	}
	return true;
}
