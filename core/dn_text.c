// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Distinguished names as RFC 4514 strings. */
#include "core/der.h"
#include "core/dn.h"
#include "core/oid.h"
#include "core/text.h"

static void put_escaped(struct cc_text *t, uint8_t c, bool first, bool last)
{
	bool special = c == ',' || c == '+' || c == '"' || c == '\\' || c == '<' || c == '>' ||
		       c == ';' || (first && c == '#') || ((first || last) && c == ' ');

	if (c < 0x20 || c > 0x7e) {
		cc_text_char(t, '\\');
		cc_text_hex(t, c);
		return;
	}
	if (special)
		cc_text_char(t, '\\');
	cc_text_char(t, (char)c);
}

/* UCS-2 as the octets of its UTF-8. */
static void put_bmp(struct cc_text *t, struct cc_span v)
{
	size_t i;

	for (i = 0; i + 1 < v.n; i += 2) {
		unsigned int c = (unsigned int)v.p[i] << 8 | v.p[i + 1];
		bool first = i == 0, last = i + 2 == v.n;

		if (c < 0x80) {
			put_escaped(t, (uint8_t)c, first, last);
		} else if (c < 0x800) {
			put_escaped(t, (uint8_t)(0xc0 | c >> 6), first, false);
			put_escaped(t, (uint8_t)(0x80 | (c & 0x3f)), false, last);
		} else {
			put_escaped(t, (uint8_t)(0xe0 | c >> 12), first, false);
			put_escaped(t, (uint8_t)(0x80 | (c >> 6 & 0x3f)), false, false);
			put_escaped(t, (uint8_t)(0x80 | (c & 0x3f)), false, last);
		}
	}
}

static bool is_text(uint8_t tag)
{
	switch (tag) {
	case CC_DER_UTF8_STRING:
	case CC_DER_PRINTABLE_STRING:
	case CC_DER_IA5_STRING:
	case CC_DER_VISIBLE_STRING:
	case CC_DER_NUMERIC_STRING:
	case CC_DER_TELETEX_STRING:
		return true;
	default:
		return false;
	}
}

/* "#" and the whole element in hex; it stands right behind the type. */
static void put_hex(struct cc_text *t, const struct cc_ava *ava)
{
	const uint8_t *p = ava->oid.p + ava->oid.n, *end = ava->value.p + ava->value.n;

	cc_text_char(t, '#');
	for (; p < end && !cc_text_full(t); p++)
		cc_text_hex(t, *p);
}

static void put_ava(struct cc_text *t, const struct cc_ava *ava)
{
	const char *name = cc_oid_text(cc_oid_find(ava->oid));
	char dotted[128];
	size_t i;

	if (!name) {
		cc_oid_format(ava->oid, dotted, sizeof(dotted));
		name = dotted;
	}
	cc_text_put(t, name);
	cc_text_char(t, '=');
	if (ava->tag == CC_DER_BMP_STRING && ava->value.n % 2 == 0) {
		put_bmp(t, ava->value);
	} else if (is_text(ava->tag)) {
		for (i = 0; i < ava->value.n && !cc_text_full(t); i++)
			put_escaped(t, ava->value.p[i], i == 0, i + 1 == ava->value.n);
	} else {
		put_hex(t, ava);
	}
}

size_t cc_dn_format(struct cc_span name, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	struct cc_span body, rest, rdn;
	size_t count = 0, i, k;
	struct cc_ava ava;

	if (cc_der_only(name, CC_DER_SEQUENCE, &body) || !cc_dn_valid(body)) {
		cc_text_char(&t, '?');
		return cc_text_end(&t);
	}
	for (rest = body; cc_rdn_next(&rest, &rdn) > 0;)
		count++;
	/* Last RDN first; walking again for each ends when the buffer is full. */
	for (i = count; i > 0 && !cc_text_full(&t); i--) {
		for (rest = body, k = 0; k < i; k++)
			cc_rdn_next(&rest, &rdn);
		if (i != count)
			cc_text_char(&t, ',');
		for (k = 0; cc_ava_next(&rdn, &ava) > 0; k++) {
			if (k)
				cc_text_char(&t, '+');
			put_ava(&t, &ava);
		}
	}
	return cc_text_end(&t);
}
