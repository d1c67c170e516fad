// SPDX-License-Identifier: LGPL-2.1-or-later
/* String preparation of distinguished names. Core compares ASCII; what is beyond ASCII, or in one
 * of the old string types, is brought into a form here in which that comparison is right. Without
 * it, a name that a constraint excludes could pass in another encoding of the same text. */
#include <errno.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include "core/der.h"
#include "core/dn.h"
#include "libcapcert/dn_prep.h"

/* A value of DN_PREP_VALUE_MAX octets in UTF-8, mapped and normalised: NFKC can make one
 * character eighteen, which is then too long and left alone. */
#define PREPARED_MAX (4 * DN_PREP_VALUE_MAX)

struct output {
	uint8_t *p;
	size_t n;
	size_t room;
};

struct preparation {
	struct output out;
	bool odd;
	bool no_memory;
};

static bool plain_value(const struct cc_ava *ava)
{
	size_t i;

	switch (ava->tag) {
	case CC_DER_TELETEX_STRING:
	case CC_DER_BMP_STRING:
	case CC_DER_UNIVERSAL_STRING:
		return false;
	case CC_DER_UTF8_STRING:
	case CC_DER_PRINTABLE_STRING:
	case CC_DER_IA5_STRING:
	case CC_DER_VISIBLE_STRING:
	case CC_DER_NUMERIC_STRING:
		for (i = 0; i < ava->value.n; i++)
			if (ava->value.p[i] < 0x20 || ava->value.p[i] > 0x7e)
				return false;
		return true;
	default:
		return true; /* no text */
	}
}

/* Is every value plain? Malformed names are left alone, too: they equal only themselves. */
static bool plain_name(struct cc_span body)
{
	struct cc_span whole = body, rdn;
	struct cc_ava ava;

	while (cc_rdn_next(&body, &rdn) > 0)
		while (cc_ava_next(&rdn, &ava) > 0)
			if (!plain_value(&ava))
				return !cc_dn_valid(whole);
	return true;
}

/* Code points of a value; 0 when its octets are none of its type. */
static size_t decode(const struct cc_ava *ava, uint32_t *ret)
{
	size_t i, n = 0, width = 1;
	struct cc_span v = ava->value;

	if (ava->tag == CC_DER_UTF8_STRING) {
		while (v.n) {
			ucs4_t c;
			int len = u8_mbtoucr(&c, v.p, v.n);

			if (len <= 0)
				return 0;
			ret[n++] = c;
			v = cc_span(v.p + len, v.n - (size_t)len);
		}
		return n;
	}
	if (ava->tag == CC_DER_BMP_STRING)
		width = 2;
	if (ava->tag == CC_DER_UNIVERSAL_STRING)
		width = 4;
	if (v.n % width)
		return 0;
	for (i = 0; i < v.n; i += width) {
		uint32_t c = 0;
		size_t k;

		for (k = 0; k < width; k++)
			c = c << 8 | v.p[i + k];
		/* What is called TeletexString has been Latin-1 wherever it was used. */
		if (width == 1 && ava->tag != CC_DER_TELETEX_STRING && c > 0x7f)
			return 0;
		ret[n++] = c;
	}
	return n;
}

static bool in(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* RFC 4518 section 2.2: what is not there for the reader. */
static bool mapped_to_nothing(uint32_t c)
{
	return c == 0xad || c == 0x1806 || c == 0x34f || in(c, 0x180b, 0x180e) ||
	       in(c, 0xfe00, 0xfe0f) || c == 0xfffc || in(c, 0, 0x1f) || in(c, 0x7f, 0x9f) ||
	       c == 0x6dd || c == 0x70f || in(c, 0x200b, 0x200f) || in(c, 0x202a, 0x202e) ||
	       in(c, 0x2060, 0x2063) || in(c, 0x206a, 0x206f) || c == 0xfeff ||
	       in(c, 0xfff9, 0xfffb) || in(c, 0x1d173, 0x1d17a) || c == 0xe0001 ||
	       in(c, 0xe0020, 0xe007f);
}

/* The same section: white space is SPACE. */
static bool mapped_to_space(uint32_t c)
{
	return in(c, 0x09, 0x0d) || c == 0x85 || uc_is_general_category(c, UC_SEPARATOR);
}

/* Section 2.4. Unassigned is what today's Unicode has not assigned, not that of 2002. */
static bool prohibited(uint32_t c)
{
	return c > 0x10ffff || c == 0xfffd || (c & 0xfffe) == 0xfffe || in(c, 0xfdd0, 0xfdef) ||
	       uc_is_general_category(c, UC_SURROGATE) ||
	       uc_is_general_category(c, UC_PRIVATE_USE) ||
	       uc_is_general_category(c, UC_UNASSIGNED);
}

static bool map(uint32_t *text, size_t *n)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++) {
		if (mapped_to_space(text[i]))
			text[kept++] = ' ';
		else if (prohibited(text[i]))
			return false;
		else if (!mapped_to_nothing(text[i]))
			text[kept++] = text[i];
	}
	*n = kept;
	return true;
}

/* The value in UTF-8, mapped, folded and normalised; false when it cannot be prepared. */
static bool prepare_value(struct preparation *prep, const struct cc_ava *ava, uint8_t *ret,
			  size_t *ret_n)
{
	uint32_t text[DN_PREP_VALUE_MAX], *folded;
	uint8_t *utf8;
	size_t n, room = PREPARED_MAX;

	if (ava->value.n > DN_PREP_VALUE_MAX)
		return false;
	n = decode(ava, text);
	if ((n == 0 && ava->value.n) || !map(text, &n))
		return false;
	*ret_n = 0;
	if (n == 0)
		return true;
	folded = u32_casefold(text, n, NULL, UNINORM_NFKC, NULL, &n);
	if (!folded) {
		prep->no_memory = true;
		return false;
	}
	utf8 = u32_to_u8(folded, n, ret, &room);
	free(folded);
	if (utf8 != ret) { /* longer than any name is */
		free(utf8);
		return false;
	}
	*ret_n = room;
	return true;
}

static void put(struct preparation *prep, const void *bytes, size_t n)
{
	struct output *out = &prep->out;

	if (out->n + n > out->room) {
		size_t room = 2 * (out->n + n) + 256;
		uint8_t *p = realloc(out->p, room);

		if (!p) {
			prep->no_memory = true;
			return;
		}
		out->p = p;
		out->room = room;
	}
	if (n)
		memcpy(out->p + out->n, bytes, n);
	out->n += n;
}

/* Make an element of what was put since @start: its header goes before it. */
static void wrap(struct preparation *prep, size_t start, uint8_t tag)
{
	size_t len = prep->out.n - start, head = 2, i, rest;
	uint8_t h[6] = { tag };

	if (len < 0x80) {
		h[1] = (uint8_t)len;
	} else {
		for (rest = len; rest; rest >>= 8)
			head++;
		h[1] = (uint8_t)(0x80 | (head - 2));
		for (i = head, rest = len; i-- > 2; rest >>= 8)
			h[i] = (uint8_t)rest;
	}
	put(prep, h, head);
	if (prep->no_memory)
		return;
	memmove(prep->out.p + start + head, prep->out.p + start, len);
	memcpy(prep->out.p + start, h, head);
}

static void put_ava(struct preparation *prep, struct cc_span whole, const struct cc_ava *ava)
{
	uint8_t value[PREPARED_MAX];
	size_t start = prep->out.n, at, n;

	if (plain_value(ava)) {
		put(prep, whole.p, whole.n);
		return;
	}
	if (!prepare_value(prep, ava, value, &n)) {
		prep->odd = true;
		put(prep, whole.p, whole.n);
		return;
	}
	put(prep, ava->oid.p, ava->oid.n);
	wrap(prep, start, CC_DER_OID);
	at = prep->out.n;
	put(prep, value, n);
	wrap(prep, at, CC_DER_UTF8_STRING);
	wrap(prep, start, CC_DER_SEQUENCE);
}

/* Rewritten elements of a set have another order (X.690 section 11.6). */
static void sort_set(struct preparation *prep, uint8_t *set, size_t n)
{
	struct cc_span element[CC_DN_AVA_MAX], rest = cc_span(set, n), body;
	uint32_t count = 0, i, j;
	uint8_t *copy, tag;
	size_t at = 0;

	while (rest.n && count < CC_DN_AVA_MAX) {
		const uint8_t *start = rest.p;

		if (cc_der_any(&rest, &tag, &body))
			return;
		element[count++] = cc_span(start, (size_t)(rest.p - start));
	}
	for (i = 1; i < count; i++) {
		struct cc_span e = element[i];

		for (j = i; j > 0; j--) {
			struct cc_span before = element[j - 1];

			if (memcmp(before.p, e.p, before.n < e.n ? before.n : e.n) <= 0)
				break;
			element[j] = before;
		}
		element[j] = e;
	}
	copy = malloc(n);
	if (!copy) {
		prep->no_memory = true;
		return;
	}
	for (i = 0; i < count; i++) {
		memcpy(copy + at, element[i].p, element[i].n);
		at += element[i].n;
	}
	memcpy(set, copy, n);
	free(copy);
}

static void put_rdn(struct preparation *prep, struct cc_span rdn)
{
	size_t start = prep->out.n, count = 0;
	struct cc_ava ava;

	while (rdn.n) {
		const uint8_t *from = rdn.p;

		if (cc_ava_next(&rdn, &ava) <= 0)
			return;
		put_ava(prep, cc_span(from, (size_t)(rdn.p - from)), &ava);
		count++;
	}
	if (count > 1 && !prep->no_memory)
		sort_set(prep, prep->out.p + start, prep->out.n - start);
	wrap(prep, start, CC_DER_SET);
}

int dn_prepare(struct cc_span name, struct prepared_dn *ret)
{
	struct preparation prep = { 0 };
	struct cc_span body, rdn;

	*ret = (struct prepared_dn){ .name = name };
	if (cc_der_only(name, CC_DER_SEQUENCE, &body) || plain_name(body))
		return 0;
	while (!prep.no_memory && cc_rdn_next(&body, &rdn) > 0)
		put_rdn(&prep, rdn);
	wrap(&prep, 0, CC_DER_SEQUENCE);
	if (prep.no_memory) {
		free(prep.out.p);
		return -ENOMEM;
	}
	ret->owned = prep.out.p;
	ret->name = cc_span(prep.out.p, prep.out.n);
	ret->odd = prep.odd;
	return 0;
}

void dn_release(struct prepared_dn *dn)
{
	free(dn->owned);
	*dn = (struct prepared_dn){ 0 };
}
