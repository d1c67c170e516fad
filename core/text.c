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
