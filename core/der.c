// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* DER lengths and primitive values, each in its one canonical form (X.690 sections 8, 10, 11). */
#include "core/der.h"
#include "core/text.h"

int cc_der_length(const uint8_t *p, size_t n, size_t *ret_len, size_t *ret_head)
{
	size_t count = p[1] & 0x7f, len = 0, i;

	if (count == 2 && n >= 4 && p[2]) {
		*ret_len = (size_t)p[2] << 8 | p[3];
		*ret_head = 4;
		return CC_DER_OK;
	}
	/* 0x80 is the indefinite form, 0xff reserved; four octets cover any input there is. */
	if (count == 0 || count > 4)
		return CC_DER_E_INVALID;
	if (n - 2 < count)
		return CC_DER_E_TRUNCATED;
	for (i = 0; i < count; i++)
		len = len << 8 | p[2 + i];
	if (len < 0x80 || p[2] == 0)
		return CC_DER_E_INVALID;
	*ret_len = len;
	*ret_head = 2 + count;
	return CC_DER_OK;
}

int cc_der_bool(struct cc_span body)
{
	if (body.n != 1 || (body.p[0] != 0x00 && body.p[0] != 0xff))
		return -1;
	return body.p[0] & 1;
}

int32_t cc_der_int31(struct cc_span body)
{
	uint32_t value = 0;
	size_t i;

	if (!cc_der_integer_valid(body) || body.p[0] >= 0x80)
		return -1;
	if (body.n > 4)
		return 0x7fffffff;
	for (i = 0; i < body.n; i++)
		value = value << 8 | body.p[i];
	return (int32_t)value;
}

bool cc_der_arcs_valid(struct cc_span body)
{
	bool start = true;
	size_t i = 0;

	if (body.n == 8 && cc_ascii(body))
		return true;
	for (; i < body.n; i++) {
		if (start && body.p[i] == 0x80)
			return false;
		start = body.p[i] < 0x80;
	}
	return body.n != 0 && start;
}

bool cc_der_uint63(struct cc_span body, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i;

	if (!cc_der_integer_valid(body) || body.n > 8 || body.p[0] >= 0x80)
		return false;
	for (i = 0; i < body.n; i++)
		value = value << 8 | body.p[i];
	*ret = value;
	return true;
}

bool cc_der_bits(struct cc_span body, struct cc_span *ret_bits, unsigned int *ret_unused)
{
	unsigned int unused;

	if (body.n == 0)
		return false;
	unused = body.p[0];
	if (unused > 7 || (body.n == 1 && unused))
		return false;
	if (unused && (body.p[body.n - 1] & ((1u << unused) - 1)))
		return false;
	ret_bits->p = body.p + 1;
	ret_bits->n = body.n - 1;
	*ret_unused = unused;
	return true;
}

bool cc_der_octets(struct cc_span body, struct cc_span *ret_bits)
{
	if (body.n == 0 || body.p[0] != 0)
		return false;
	ret_bits->p = body.p + 1;
	ret_bits->n = body.n - 1;
	return true;
}

bool cc_der_named_bits(struct cc_span body, uint32_t *ret_mask)
{
	struct cc_span bits;
	unsigned int unused, bit;
	uint32_t mask = 0;
	size_t i;

	if (!cc_der_bits(body, &bits, &unused) || bits.n > 4)
		return false;
	for (i = 0; i < bits.n; i++)
		for (bit = 0; bit < 8; bit++)
			if (bits.p[i] & (0x80u >> bit))
				mask |= 1u << (i * 8 + bit);
	*ret_mask = mask;
	return true;
}

bool cc_der_flags(struct cc_span body, uint32_t known, uint32_t *ret_mask)
{
	uint32_t mask;

	if (!cc_der_named_bits(body, &mask) || (mask & ~known))
		return false;
	if (body.n > 1 && !(body.p[body.n - 1] >> body.p[0] & 1))
		return false;
	*ret_mask = mask;
	return true;
}

int cc_der_algorithm_get(struct cc_span *in, struct cc_span *ret_whole)
{
	struct cc_span seq, oid, params;
	uint8_t tag;
	int r = cc_der_get_whole(in, CC_DER_SEQUENCE, &seq, ret_whole);

	if (r)
		return r;
	if (cc_der_oid_get(&seq, &oid) || (seq.n && cc_der_any(&seq, &tag, &params)) || seq.n)
		return CC_DER_E_INVALID;
	return CC_DER_OK;
}
