/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text into a caller's buffer: cut at the end, always NUL-terminated. And ASCII comparisons. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "core/span.h"

struct cc_text {
	char *buf;
	size_t cap;
	size_t n;
};

static inline struct cc_text cc_text(char *buf, size_t cap)
{
	struct cc_text t = { buf, cap, 0 };

	return t;
}

static inline bool cc_text_full(const struct cc_text *t)
{
	return t->n + 1 >= t->cap;
}

static inline void cc_text_char(struct cc_text *t, char c)
{
	if (!cc_text_full(t))
		t->buf[t->n++] = c;
}

/** cc_text_end() - terminate. Return: length without NUL. */
static inline size_t cc_text_end(struct cc_text *t)
{
	if (t->cap)
		t->buf[t->n] = '\0';
	return t->n;
}

void cc_text_put(struct cc_text *t, const char *s);
void cc_text_number(struct cc_text *t, uint64_t value);
void cc_text_hex(struct cc_text *t, uint8_t byte); /* two digits, upper case */

/** cc_text_is() - the @n bytes at @p are the string @s. cc_text_is_nocase(): in ASCII. */
bool cc_text_is(const char *p, size_t n, const char *s);
bool cc_text_is_nocase(const char *p, size_t n, const char *s);

static inline uint8_t cc_ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static inline bool cc_ascii_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/** cc_ascii() - every octet below 0x80. */
static inline bool cc_ascii(struct cc_span s)
{
	const uint8_t *p = s.p, *end = s.p + s.n;
	uint64_t high = 0, word;

	for (; end - p >= 8; p += 8) {
		memcpy(&word, p, 8);
		high |= word;
	}
	for (; p < end; p++)
		high |= *p;
	/* The last loop leaves its octets in the lowest byte. */
	return (high & 0x8080808080808080ULL) == 0;
}

/** cc_utf8_size() - octets of the UTF-8 character at @s, which is not empty (RFC 3629 section 4).
 *  Return: 0 when it is none. */
size_t cc_utf8_size(struct cc_span s);

/** cc_utf8_line() - UTF-8 without control characters; may be empty. */
bool cc_utf8_line(struct cc_span s);

/** cc_ascii_equal() - same bytes but for the case of A-Z. */
bool cc_ascii_equal(struct cc_span a, struct cc_span b);

#endif
