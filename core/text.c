// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writing text into a buffer of the caller, and comparing ASCII. */
#include "core/text.h"

void cc_text_put(struct cc_text *t, const char *s)
{
	for (; *s; s++)
		cc_text_char(t, *s);
}

void cc_text_number(struct cc_text *t, uint64_t value)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (n)
		cc_text_char(t, digits[--n]);
}

void cc_text_hex(struct cc_text *t, uint8_t byte)
{
	static const char hex[16] = { '0', '1', '2', '3', '4', '5', '6', '7',
				      '8', '9', 'A', 'B', 'C', 'D', 'E', 'F' };

	cc_text_char(t, hex[byte >> 4]);
	cc_text_char(t, hex[byte & 15]);
}

bool cc_text_is(const char *p, size_t n, const char *s)
{
	return cc_span_equal(cc_span(p, n), cc_span(s, strlen(s)));
}

bool cc_text_is_nocase(const char *p, size_t n, const char *s)
{
	return cc_ascii_equal(cc_span(p, n), cc_span(s, strlen(s)));
}

bool cc_ascii_equal(struct cc_span a, struct cc_span b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++)
		if (cc_ascii_lower(a.p[i]) != cc_ascii_lower(b.p[i]))
			return false;
	return true;
}

size_t cc_utf8_size(struct cc_span s)
{
	uint8_t lead = s.p[0], low = 0x80, high = 0xbf;
	size_t n, i;

	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (s.n < n)
		return 0;
	if (lead == 0xe0)
		low = 0xa0; /* shorter forms exist */
	else if (lead == 0xed)
		high = 0x9f; /* surrogates */
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f; /* beyond U+10FFFF */
	if (s.p[1] < low || s.p[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool cc_utf8_line(struct cc_span s)
{
	while (s.n) {
		size_t n = cc_utf8_size(s);

		/* U+0000-001F, 007F; 0080-009F */
		if (!n || s.p[0] < 0x20 || s.p[0] == 0x7f ||
		    (n == 2 && s.p[0] == 0xc2 && s.p[1] < 0xa0))
			return false;
		s = cc_span(s.p + n, s.n - n);
	}
	return true;
}
