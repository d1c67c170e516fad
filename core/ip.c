// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* IP literals: four decimal numbers; IPv6 after RFC 4291 section 2.2. */
#include "core/name.h"
#include "core/text.h"

/* Exactly dddd.dddd: decimal, no leading zero, nothing left out. */
static bool parse_v4(struct cc_span s, uint8_t ret[4])
{
	unsigned int part = 0, value = 0, digits = 0;
	size_t i;

	for (i = 0; i <= s.n; i++) {
		if (i < s.n && cc_ascii_digit(s.p[i])) {
			if (digits && value == 0)
				return false;
			value = value * 10 + (s.p[i] - (unsigned int)'0');
			if (++digits > 3 || value > 255)
				return false;
			continue;
		}
		if (digits == 0 || part > 3 || (i < s.n && s.p[i] != '.'))
			return false;
		ret[part++] = (uint8_t)value;
		value = 0;
		digits = 0;
	}
	return part == 4;
}

static int hex_digit(uint8_t c)
{
	if (cc_ascii_digit(c))
		return c - '0';
	c = cc_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One group of 1 to 4 hex digits at @i; false when there is none. */
static bool take_group(struct cc_span s, size_t *i, uint8_t *ret)
{
	unsigned int value = 0, digits = 0;

	while (*i < s.n && digits < 5 && hex_digit(s.p[*i]) >= 0) {
		value = value << 4 | (unsigned int)hex_digit(s.p[*i]);
		digits++;
		++*i;
	}
	if (digits == 0 || digits > 4)
		return false;
	ret[0] = (uint8_t)(value >> 8);
	ret[1] = (uint8_t)value;
	return true;
}

/* An embedded IPv4 address must be the rest of the text. */
static bool rest_is_v4(struct cc_span s, size_t i)
{
	for (; i < s.n && cc_ascii_digit(s.p[i]); i++)
		;
	return i < s.n && s.p[i] == '.';
}

static bool parse_v6(struct cc_span s, uint8_t ret[16])
{
	uint8_t out[16] = { 0 };
	size_t i = 0, n = 0, gap = 17, k;

	if (s.n >= 2 && s.p[0] == ':' && s.p[1] == ':') {
		gap = 0;
		i = 2;
	}
	while (i < s.n) {
		if (n == 16)
			return false;
		if (n <= 12 && rest_is_v4(s, i)) {
			if (!parse_v4(cc_span(s.p + i, s.n - i), out + n))
				return false;
			n += 4;
			break;
		}
		if (!take_group(s, &i, out + n))
			return false;
		n += 2;
		if (i == s.n)
			break;
		if (s.p[i++] != ':' || i == s.n)
			return false;
		if (s.p[i] == ':') {
			if (gap != 17)
				return false;
			gap = n;
			i++;
		}
	}
	/* "::" stands for at least one group. */
	if (gap == 17 ? n != 16 : n > 14)
		return false;
	memset(ret, 0, 16);
	for (k = 0; k < n; k++)
		ret[gap == 17 || k < gap ? k : k + 16 - n] = out[k];
	return true;
}

size_t cc_ip_parse(struct cc_span text, uint8_t ret[16])
{
	if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		return parse_v6(cc_span(text.p + 1, text.n - 2), ret) ? 16 : 0;
	if (text.n == 0 || text.n > 45)
		return 0;
	if (parse_v4(text, ret))
		return 4;
	return parse_v6(text, ret) ? 16 : 0;
}
