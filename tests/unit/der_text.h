/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: DER as one writes it down. "30{06{2a0304} 82{'a.example'}}" is a SEQUENCE of an OID and
 * a tagged string: hexadecimal octets, 'text', TAG{...} around what is inside, with its length, and
 * *20(c1) for twenty octets c1. */
#ifndef TESTS_UNIT_DER_TEXT_H
#define TESTS_UNIT_DER_TEXT_H

#include "tests/unit/der_build.h"

static inline unsigned int der_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *d = c ? strchr(digits, c | 0x20) : NULL;

	if (!d)
		abort();
	return (unsigned int)(d - digits);
}

static inline struct cc_span der_text_until(const char **at, char end)
{
	struct cc_span out = { NULL, 0 };

	while (**at != end) {
		if (**at == ' ') {
			++*at;
		} else if (**at == '\'') {
			const char *close = strchr(++*at, '\'');

			if (!close)
				abort();
			out = der_cat(out, cc_span(*at, (size_t)(close - *at)), DER_END);
			*at = close + 1;
		} else if (**at == '*') {
			char *open;
			size_t n = strtoul(*at + 1, &open, 10);
			uint8_t *p = der_alloc(n);

			if (*open != '(')
				abort();
			memset(p, (int)(der_digit(open[1]) << 4 | der_digit(open[2])), n);
			out = der_cat(out, cc_span(p, n), DER_END);
			*at = open + 4;
		} else {
			uint8_t octet = (uint8_t)(der_digit((*at)[0]) << 4 | der_digit((*at)[1]));

			*at += 2;
			if (**at == '{') {
				++*at;
				out = der_cat(out, der_wrap(octet, der_text_until(at, '}')), DER_END);
				++*at;
			} else {
				out = der_cat(out, cc_span(&octet, 1), DER_END);
			}
		}
	}
	return out;
}

static inline struct cc_span der_text(const char *text)
{
	return der_text_until(&text, '\0');
}

#endif
