// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Object identifiers: the table of known ones, dotted decimal both ways. */
#include "core/der.h"
#include "core/oid.h"
#include "core/text.h"

#define X(name, text, ...) static const uint8_t oid_##name[] = { __VA_ARGS__ };
CC_OIDS(X)
#undef X

static const struct {
	const uint8_t *p;
	size_t n;
	const char *text;
} table[CC_OID_COUNT] = { [CC_OID_UNKNOWN] = { NULL, 0, NULL },
#define X(name, string, ...) [CC_OID_##name] = { oid_##name, sizeof(oid_##name), string },
			  CC_OIDS(X)
#undef X
};

struct cc_span cc_oid_bytes(enum cc_oid oid)
{
	return cc_span(table[oid].p, table[oid].n);
}

enum cc_oid cc_oid_find(struct cc_span bytes)
{
	unsigned int i;

	for (i = 1; i < CC_OID_COUNT; i++)
		if (cc_oid_is(bytes, (enum cc_oid)i))
			return (enum cc_oid)i;
	return CC_OID_UNKNOWN;
}

const char *cc_oid_text(enum cc_oid oid)
{
	return table[oid].text;
}

int cc_oid_next(struct cc_span *rest, struct cc_span *ret_oid)
{
	if (rest->n == 0)
		return 0;
	return cc_der_oid_get(rest, ret_oid) ? -1 : 1;
}

#define ARC_DIGITS 40 /* decimal digits of 2^128 and one to spare */

/* One arc in base 128, minus @bias, as decimal. Digits are kept least significant first. */
static void put_arc(struct cc_text *t, struct cc_span arc, unsigned int bias)
{
	uint8_t digits[ARC_DIGITS] = { 0 };
	unsigned int count = 1, i;
	size_t k;

	for (k = 0; k < arc.n; k++) {
		unsigned int carry = arc.p[k] & 0x7f;

		for (i = 0; i < count; i++) {
			carry += digits[i] * 128u;
			digits[i] = (uint8_t)(carry % 10);
			carry /= 10;
		}
		for (; carry && count < ARC_DIGITS; carry /= 10)
			digits[count++] = (uint8_t)(carry % 10);
		if (carry) {
			cc_text_char(t, '?');
			return;
		}
	}
	for (i = 0; bias; i++) {
		unsigned int take = bias % 10;

		bias /= 10;
		if (digits[i] < take) {
			digits[i] = (uint8_t)(digits[i] + 10);
			bias++;
		}
		digits[i] = (uint8_t)(digits[i] - take);
	}
	while (count > 1 && digits[count - 1] == 0)
		count--;
	while (count)
		cc_text_char(t, (char)('0' + digits[--count]));
}

size_t cc_oid_format(struct cc_span oid, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	size_t start = 0, i;

	if (!cc_der_oid_valid(oid)) {
		cc_text_char(&t, '?');
		return cc_text_end(&t);
	}
	for (i = 0; i < oid.n && !cc_text_full(&t); i++) {
		unsigned int bias = 0;

		if (oid.p[i] >= 0x80)
			continue;
		if (start == 0) {
			/* The first two arcs share one number: 40 * first + second. */
			bias = i == 0 && oid.p[0] < 40 ? 0 : i == 0 && oid.p[0] < 80 ? 40 : 80;
			cc_text_char(&t, (char)('0' + bias / 40));
		}
		cc_text_char(&t, '.');
		put_arc(&t, cc_span(oid.p + start, i + 1 - start), bias);
		start = i + 1;
	}
	return cc_text_end(&t);
}

/* One decimal number without leading zeros, below 2^63 - 80. Return: octets of text, 0 = none. */
static size_t take_number(const char *p, size_t n, uint64_t *ret)
{
	const uint64_t limit = (1ULL << 63) - 80;
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < n && cc_ascii_digit((uint8_t)p[i]); i++) {
		unsigned int digit = (unsigned int)(p[i] - '0');

		if (i == 1 && p[0] == '0')
			return 0;
		if (value > (limit - digit) / 10)
			return 0;
		value = value * 10 + digit;
	}
	*ret = value;
	return i;
}

static size_t put_base128(uint64_t value, uint8_t *buf, size_t cap)
{
	unsigned int shift = 0;
	size_t n = 0;

	while (shift < 63 && value >> (shift + 7))
		shift += 7;
	for (;; shift -= 7) {
		if (n == cap)
			return 0;
		buf[n++] = (uint8_t)((value >> shift & 0x7f) | (shift ? 0x80 : 0));
		if (shift == 0)
			return n;
	}
}

size_t cc_oid_parse(const char *text, size_t len, uint8_t *buf, size_t cap)
{
	uint64_t arc, first = 0;
	size_t at = 0, n = 0, arcs = 0, got;

	for (;;) {
		got = take_number(text + at, len - at, &arc);
		if (!got)
			return 0;
		at += got;
		if (arcs == 0) {
			if (arc > 2)
				return 0;
			first = arc;
		} else {
			if (arcs == 1) {
				if (first < 2 && arc > 39)
					return 0;
				arc += first * 40;
			}
			got = put_base128(arc, buf + n, cap - n);
			if (!got)
				return 0;
			n += got;
		}
		arcs++;
		if (at == len)
			return arcs < 2 ? 0 : n;
		if (text[at++] != '.')
			return 0;
	}
}
