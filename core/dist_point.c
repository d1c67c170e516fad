// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Distribution points, RFC 5280 section 4.2.1.13. */
#include "core/der.h"
#include "core/dist_point.h"
#include "core/dn.h"
#include "core/ext.h"

/* fullName [0] GeneralNames or nameRelativeToCRLIssuer [1] RelativeDistinguishedName. */
bool cc_dist_name_parse(struct cc_span body, struct cc_dist_name *ret)
{
	struct cc_span rest;
	struct cc_ava ava;
	unsigned int count = 0;
	int r;

	ret->full = cc_span(NULL, 0);
	ret->relative = cc_span(NULL, 0);
	if (cc_der_peek(body, CC_DER_CONTEXT_CONS(0)))
		return !cc_der_only(body, CC_DER_CONTEXT_CONS(0), &ret->full) &&
		       cc_general_names_valid(ret->full);
	if (cc_der_only(body, CC_DER_CONTEXT_CONS(1), &ret->relative) || ret->relative.n == 0)
		return false;
	rest = ret->relative;
	while ((r = cc_ava_next(&rest, &ava)) > 0)
		if (++count > CC_DN_AVA_MAX)
			return false;
	return r == 0;
}

int cc_dist_point_next(struct cc_span *rest, struct cc_dist_point *ret)
{
	struct cc_span point, body, in = *rest;

	if (in.n == 0)
		return 0;
	memset(ret, 0, sizeof(*ret));
	ret->reasons = CC_REASON_FLAGS_ALL;
	if (cc_der_get(&in, CC_DER_SEQUENCE, &point))
		return -1;
	if (cc_der_peek(point, CC_DER_CONTEXT_CONS(0)) &&
	    (cc_der_get(&point, CC_DER_CONTEXT_CONS(0), &body) ||
	     !cc_dist_name_parse(body, &ret->name)))
		return -1;
	if (cc_der_peek(point, CC_DER_CONTEXT(1)) &&
	    (cc_der_get(&point, CC_DER_CONTEXT(1), &body) ||
	     !cc_der_named_bits(body, &ret->reasons)))
		return -1;
	if (cc_der_peek(point, CC_DER_CONTEXT_CONS(2)) &&
	    (cc_der_get(&point, CC_DER_CONTEXT_CONS(2), &ret->crl_issuer) ||
	     !cc_general_names_valid(ret->crl_issuer)))
		return -1;
	/* Reasons alone mean nothing: it names a place or an issuer of CRLs. */
	if (point.n || !(ret->name.full.n || ret->name.relative.n || ret->crl_issuer.n))
		return -1;
	ret->reasons &= CC_REASON_FLAGS_ALL;
	*rest = in;
	return 1;
}

bool cc_dist_points_parse(struct cc_span value, struct cc_span *ret)
{
	struct cc_dist_point point;
	struct cc_span rest;
	int r;

	if (cc_der_only(value, CC_DER_SEQUENCE, ret) || ret->n == 0)
		return false;
	rest = *ret;
	while ((r = cc_dist_point_next(&rest, &point)) > 0)
		;
	return r == 0;
}
