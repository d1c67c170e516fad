/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A strict DER cursor: definite minimal lengths, low tag numbers, canonical primitives (X.690). */
#ifndef CORE_DER_H
#define CORE_DER_H

#include "core/span.h"

/* Universal tags with their constructed bit where DER asks for it. */
#define CC_DER_BOOLEAN 0x01
#define CC_DER_INTEGER 0x02
#define CC_DER_BIT_STRING 0x03
#define CC_DER_OCTET_STRING 0x04
#define CC_DER_NULL 0x05
#define CC_DER_OID 0x06
#define CC_DER_ENUMERATED 0x0a
#define CC_DER_UTF8_STRING 0x0c
#define CC_DER_NUMERIC_STRING 0x12
#define CC_DER_PRINTABLE_STRING 0x13
#define CC_DER_TELETEX_STRING 0x14
#define CC_DER_IA5_STRING 0x16
#define CC_DER_UTC_TIME 0x17
#define CC_DER_GENERALIZED_TIME 0x18
#define CC_DER_VISIBLE_STRING 0x1a
#define CC_DER_UNIVERSAL_STRING 0x1c
#define CC_DER_BMP_STRING 0x1e
#define CC_DER_SEQUENCE 0x30
#define CC_DER_SET 0x31
#define CC_DER_CONTEXT(n) (0x80 | (n))	       /* IMPLICIT, primitive */
#define CC_DER_CONTEXT_CONS(n) (0xa0 | (n))    /* EXPLICIT, or IMPLICIT of a SEQUENCE */

/* Results; the first two are CC_CERT_E_TRUNCATED and CC_CERT_E_DER. */
#define CC_DER_OK 0
#define CC_DER_E_TRUNCATED 1
#define CC_DER_E_INVALID 2

/** cc_der_length() - the long form: 1 to 4 octets, minimal. @p: n bytes, n >= 2, p[1] >= 0x80. */
int cc_der_length(const uint8_t *p, size_t n, size_t *ret_len, size_t *ret_head);

/** cc_der_tag_valid() - may this identifier octet stand in DER? No high tag numbers, no
 *  end-of-contents, strings primitive, SEQUENCE and SET constructed. */
static inline bool cc_der_tag_valid(uint8_t tag)
{
	/* Universal tags 1-30 primitive, without the always-constructed 8, 11, 16 and 17 ... */
	const uint64_t primitive = 0x7ffcf6feULL;
	/* ... which stand constructed at 0x28, 0x2b, 0x30 and 0x31. */
	const uint64_t constructed = 0x30900ULL << 32;

	if (tag < 0x40)
		return ((primitive | constructed) >> tag) & 1;
	return (tag & 0x1f) != 0x1f;
}

/** cc_der_head() - split the element at the start of @in, whatever its tag.
 *  The caller has seen to @in->n >= 2. Nothing is checked about the tag. */
static inline int cc_der_head(struct cc_span in, size_t *ret_head, size_t *ret_len)
{
	size_t len = in.p[1], head = 2;

	if (len >= 0x80) {
		int r = cc_der_length(in.p, in.n, &len, &head);

		if (r)
			return r;
	}
	if (len > in.n - head)
		return CC_DER_E_TRUNCATED;
	*ret_head = head;
	*ret_len = len;
	return CC_DER_OK;
}

/** cc_der_any() - take one element of any tag; the cursor moves on success only. */
static inline int cc_der_any(struct cc_span *in, uint8_t *ret_tag, struct cc_span *ret_body)
{
	size_t head, len;
	int r;

	if (in->n < 2)
		return CC_DER_E_TRUNCATED;
	if (!cc_der_tag_valid(in->p[0]))
		return CC_DER_E_INVALID;
	r = cc_der_head(*in, &head, &len);
	if (r)
		return r;
	*ret_tag = in->p[0];
	ret_body->p = in->p + head;
	ret_body->n = len;
	in->p += head + len;
	in->n -= head + len;
	return CC_DER_OK;
}

/** cc_der_get() - take one element that must have @tag. */
static inline int cc_der_get(struct cc_span *in, uint8_t tag, struct cc_span *ret_body)
{
	size_t head, len;
	int r;

	if (in->n < 2)
		return CC_DER_E_TRUNCATED;
	if (in->p[0] != tag)
		return CC_DER_E_INVALID;
	r = cc_der_head(*in, &head, &len);
	if (r)
		return r;
	ret_body->p = in->p + head;
	ret_body->n = len;
	in->p += head + len;
	in->n -= head + len;
	return CC_DER_OK;
}

/** cc_der_get_whole() - the same, and the element with its header. */
static inline int cc_der_get_whole(struct cc_span *in, uint8_t tag, struct cc_span *ret_body,
				   struct cc_span *ret_whole)
{
	const uint8_t *start = in->p;
	int r = cc_der_get(in, tag, ret_body);

	if (r)
		return r;
	ret_whole->p = start;
	ret_whole->n = (size_t)(in->p - start);
	return CC_DER_OK;
}

/** cc_der_peek() - is @tag next? */
static inline bool cc_der_peek(struct cc_span in, uint8_t tag)
{
	return in.n && in.p[0] == tag;
}

/** cc_der_only() - @in is exactly one element with @tag. */
static inline int cc_der_only(struct cc_span in, uint8_t tag, struct cc_span *ret_body)
{
	int r = cc_der_get(&in, tag, ret_body);

	if (r)
		return r;
	return in.n ? CC_DER_E_INVALID : CC_DER_OK;
}

/** cc_der_integer_valid() - INTEGER contents: not empty, minimal (X.690 section 8.3.2). */
static inline bool cc_der_integer_valid(struct cc_span body)
{
	if (body.n < 2)
		return body.n == 1;
	return !((body.p[0] == 0x00 && body.p[1] < 0x80) ||
		 (body.p[0] == 0xff && body.p[1] >= 0x80));
}

/** cc_der_arcs_valid() - cc_der_oid_valid() for any length. */
bool cc_der_arcs_valid(struct cc_span body);

/** cc_der_oid_valid() - OBJECT IDENTIFIER contents: not empty, every arc minimal and ended. */
static inline bool cc_der_oid_valid(struct cc_span body)
{
	/* Most are three octets, one per arc: attribute types, extensions. */
	if (body.n == 3 && (body.p[0] | body.p[1] | body.p[2]) < 0x80)
		return true;
	return cc_der_arcs_valid(body);
}

/** cc_der_bool() - BOOLEAN contents, 0x00 or 0xff. Return: 0, 1, or -1 malformed. */
int cc_der_bool(struct cc_span body);

/** cc_der_int31() - non-negative INTEGER contents; larger ones become 0x7fffffff.
 *  Return: value, or -1 for a negative or malformed one. */
int32_t cc_der_int31(struct cc_span body);

/** cc_der_uint63() - INTEGER contents from 0 to 2^63 - 1. */
bool cc_der_uint63(struct cc_span body, uint64_t *ret);

/** cc_der_bits() - BIT STRING contents, unused bits zero. @ret_bits: octets behind the count. */
bool cc_der_bits(struct cc_span body, struct cc_span *ret_bits, unsigned int *ret_unused);

/** cc_der_octets() - BIT STRING contents that are whole octets (keys, signatures). */
bool cc_der_octets(struct cc_span body, struct cc_span *ret_bits);

/** cc_der_named_bits() - BIT STRING contents of a named bit list; bit n becomes 1 << n. Trailing
 *  zero bits should be gone (X.690 section 11.2.2), but roots in everyone's store have them.
 *  False also for more than 32 bits. */
bool cc_der_named_bits(struct cc_span body, uint32_t *ret_mask);

/** cc_der_flags() - the same as DER wants it, without trailing zero bits, and no bit that is not in
 *  @known. */
bool cc_der_flags(struct cc_span body, uint32_t known, uint32_t *ret_mask);

/** cc_der_oid_get() - take one valid OBJECT IDENTIFIER. */
static inline int cc_der_oid_get(struct cc_span *in, struct cc_span *ret_oid)
{
	struct cc_span rest = *in;
	int r = cc_der_get(&rest, CC_DER_OID, ret_oid);

	if (r)
		return r;
	if (!cc_der_oid_valid(*ret_oid))
		return CC_DER_E_INVALID;
	*in = rest;
	return CC_DER_OK;
}

/** cc_der_algorithm_get() - take an AlgorithmIdentifier, header and all: an OID and at most one
 *  element of any kind (RFC 5280 section 4.1.1.2). */
int cc_der_algorithm_get(struct cc_span *in, struct cc_span *ret_whole);

#endif
