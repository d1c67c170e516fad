// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* GeneralName, RFC 5280 section 4.2.1.6: one of nine forms, each checked for its own syntax. */
#include "core/der.h"
#include "core/dn.h"
#include "core/text.h"

/* OtherName: type-id, value [0] EXPLICIT ANY. */
static bool other_name(struct cc_span body)
{
	struct cc_span oid, value, any;
	uint8_t tag;

	return !cc_der_oid_get(&body, &oid) && !cc_der_only(body, CC_DER_CONTEXT_CONS(0), &value) &&
	       !cc_der_any(&value, &tag, &any) && value.n == 0;
}

/* directoryName [4] is EXPLICIT, because Name is a CHOICE. */
static bool directory_name(struct cc_span body)
{
	struct cc_span rdns;

	return !cc_der_only(body, CC_DER_SEQUENCE, &rdns) && cc_dn_valid(rdns);
}

int cc_gn_next(struct cc_span *rest, struct cc_general_name *ret)
{
	struct cc_span body, in = *rest;
	uint8_t tag;
	bool ok;

	if (in.n == 0)
		return 0;
	if (cc_der_any(&in, &tag, &body))
		return -1;
	switch (tag) {
	case CC_DER_CONTEXT(CC_GN_EMAIL):
	case CC_DER_CONTEXT(CC_GN_DNS):
	case CC_DER_CONTEXT(CC_GN_URI):
		ok = cc_ascii(body); /* IA5String */
		break;
	case CC_DER_CONTEXT(CC_GN_IP):
		/* 4 or 16 as a name, 8 or 32 as a constraint: the caller knows which. */
		ok = body.n == 4 || body.n == 16 || body.n == 8 || body.n == 32;
		break;
	case CC_DER_CONTEXT(CC_GN_RID):
		ok = cc_der_oid_valid(body);
		break;
	case CC_DER_CONTEXT_CONS(CC_GN_OTHER):
		ok = other_name(body);
		break;
	case CC_DER_CONTEXT_CONS(CC_GN_DIRECTORY):
		ok = directory_name(body);
		break;
	case CC_DER_CONTEXT_CONS(CC_GN_X400):
	case CC_DER_CONTEXT_CONS(CC_GN_EDI):
		ok = true;
		break;
	default:
		ok = false;
	}
	if (!ok)
		return -1;
	ret->type = (enum cc_gn_type)(tag & 0x1f);
	ret->value = body;
	*rest = in;
	return 1;
}
