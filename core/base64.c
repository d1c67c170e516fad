// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Base 64, one text for each value. */
#include "core/base64.h"

static int value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* @digits of four: 2, 3 or 4. False: another character, or bits that no octet takes. */
static bool decode_group(const uint8_t *text, unsigned int digits, uint8_t ret[3])
{
	uint32_t bits = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		int v = i < digits ? value_of(text[i]) : 0;

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
	}
	ret[0] = (uint8_t)(bits >> 16);
	ret[1] = (uint8_t)(bits >> 8);
	ret[2] = (uint8_t)bits;
	return digits == 4 || (digits == 3 && !ret[2]) || (digits == 2 && !ret[1] && !ret[2]);
}

long cc_base64_decode(struct cc_span text, uint8_t *ret, size_t cap)
{
	size_t at, n = 0;

	if (text.n % 4)
		return -1;
	for (at = 0; at < text.n; at += 4) {
		unsigned int digits = 4;
		uint8_t group[3];

		if (at + 4 == text.n && text.p[at + 3] == '=')
			digits = text.p[at + 2] == '=' ? 2 : 3;
		if (!decode_group(text.p + at, digits, group) || cap - n < digits - 1)
			return -1;
		memcpy(ret + n, group, digits - 1);
		n += digits - 1;
	}
	return (long)n;
}

size_t cc_base64_encode(struct cc_span in, char *ret)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at, n = 0;

	for (at = 0; at < in.n; at += 3) {
		size_t left = in.n - at;
		uint32_t bits = (uint32_t)in.p[at] << 16;

		if (left > 1)
			bits |= (uint32_t)in.p[at + 1] << 8;
		if (left > 2)
			bits |= in.p[at + 2];
		ret[n++] = digits[bits >> 18];
		ret[n++] = digits[bits >> 12 & 63];
		ret[n++] = left > 1 ? digits[bits >> 6 & 63] : '=';
		ret[n++] = left > 2 ? digits[bits & 63] : '=';
	}
	return n;
}
