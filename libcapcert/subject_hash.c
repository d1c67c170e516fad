// SPDX-License-Identifier: LGPL-2.1-or-later
/* OpenSSL's canonical form of a distinguished name, and the hash over it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/sha1.h>
#include "core/der.h"
#include "core/dn.h"
#include "core/text.h"
#include "libcapcert/subject_hash.h"
#include "libcapcert/x509.h"

#define UNICODE_LAST 0x10ffff
#define VIDEOTEX_STRING 0x15
#define GENERAL_STRING 0x1b

/* A buffer that was made large enough; writing past its end is lost, and remembered. */
struct out {
	uint8_t *p;
	size_t n, cap;
	bool full;
};

static void put(struct out *out, uint8_t c)
{
	if (out->n < out->cap)
		out->p[out->n++] = c;
	else
		out->full = true;
}

static void put_span(struct out *out, struct cc_span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		put(out, s.p[i]);
}

static void put_head(struct out *out, uint8_t tag, size_t len)
{
	put(out, tag);
	if (len < 0x80) {
		put(out, (uint8_t)len);
	} else if (len < 0x100) {
		put(out, 0x81);
		put(out, (uint8_t)len);
	} else {
		/* A Name is part of a certificate of at most 65535 octets; see name_canonical(). */
		size_t octets = len < 0x10000 ? 2 : 3;

		put(out, (uint8_t)(0x80 | octets));
		if (octets == 3)
			put(out, (uint8_t)(len >> 16));
		put(out, (uint8_t)(len >> 8));
		put(out, (uint8_t)len);
	}
}

static size_t head_size(size_t len)
{
	if (len < 0x80)
		return 2;
	if (len < 0x100)
		return 3;
	return len < 0x10000 ? 4 : 5;
}

/* ---- characters ---- */

static void put_utf8(struct out *out, uint32_t c)
{
	if (c < 0x80) {
		put(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		put(out, (uint8_t)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			put(out, (uint8_t)(0xe0 | c >> 12));
		} else {
			put(out, (uint8_t)(0xf0 | c >> 18));
			put(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		}
		put(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	}
	put(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* Octets of the UTF-8 sequence at @s, 0 when it is none: the shortest form only (RFC 3629). */
static size_t take_utf8(struct cc_span s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t c = s.p[0];
	size_t size, i;
	uint32_t value;

	if (c < 0x80) {
		*ret = c;
		return 1;
	}
	if (c < 0xc0 || c >= 0xf8)
		return 0;
	size = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (s.n < size)
		return 0;
	value = c & (0x7fu >> size);
	for (i = 1; i < size; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s.p[i] & 0x3f);
	}
	if (value < least[size])
		return 0;
	*ret = value;
	return size;
}

/* Octets per character of a string type, 0 for UTF-8, -1 for what is no text here. */
static int width(uint8_t tag)
{
	switch (tag) {
	case CC_DER_UTF8_STRING:
		return 0;
	case CC_DER_PRINTABLE_STRING:
	case CC_DER_TELETEX_STRING:
	case CC_DER_IA5_STRING:
	case CC_DER_VISIBLE_STRING:
	case VIDEOTEX_STRING:
	case GENERAL_STRING:
		return 1;
	case CC_DER_BMP_STRING:
		return 2;
	case CC_DER_UNIVERSAL_STRING:
		return 4;
	default:
		return -1;
	}
}

/* The next character of @s, which moves behind it. */
static bool take(struct cc_span *s, size_t octets, uint32_t *ret)
{
	uint32_t c = 0;
	size_t i;

	if (octets == 0) {
		octets = take_utf8(*s, &c);
		if (octets == 0)
			return false;
	} else {
		if (s->n < octets)
			return false;
		for (i = 0; i < octets; i++)
			c = c << 8 | s->p[i];
	}
	if (c > UNICODE_LAST || (c >= 0xd800 && c < 0xe000))
		return false;
	s->p += octets;
	s->n -= octets;
	*ret = c;
	return true;
}

static bool space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A string value in canonical form. */
static bool put_text(struct out *out, struct cc_span value, size_t octets)
{
	bool pending = false, begun = false;
	uint32_t c;

	while (value.n) {
		if (!take(&value, octets, &c))
			return false;
		if (space(c)) {
			pending = begun;
			continue;
		}
		if (pending)
			put(out, ' ');
		pending = false;
		begun = true;
		put_utf8(out, c < 0x80 ? cc_ascii_lower((uint8_t)c) : c);
	}
	return true;
}

/* ---- attributes, RDNs ---- */

/* One attribute behind what @out holds. @scratch: as large as @out, for the value. */
static bool put_ava(struct out *out, const struct cc_ava *ava, uint8_t *scratch)
{
	struct out value = { scratch, 0, out->cap, false };
	int octets = width(ava->tag);
	uint8_t tag = ava->tag;

	if (octets >= 0) {
		tag = CC_DER_UTF8_STRING;
		if (!put_text(&value, ava->value, (size_t)octets))
			return false;
	} else {
		put_span(&value, ava->value);
	}
	put_head(out, CC_DER_SEQUENCE,
		 head_size(ava->oid.n) + ava->oid.n + head_size(value.n) + value.n);
	put_head(out, CC_DER_OID, ava->oid.n);
	put_span(out, ava->oid);
	put_head(out, tag, value.n);
	put_span(out, cc_span(value.p, value.n));
	return !value.full;
}

static int by_octets(const void *a, const void *b)
{
	const struct cc_span *x = a, *y = b;
	int d = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return d ? d : (x->n > y->n) - (x->n < y->n);
}

/* @work: two buffers of @out's size one behind the other. */
static bool put_rdn(struct out *out, struct cc_span rdn, uint8_t *work)
{
	struct out set = { work, 0, out->cap, false };
	struct cc_span avas[CC_DN_AVA_MAX];
	size_t count = 0, i;
	struct cc_ava ava;

	while (cc_ava_next(&rdn, &ava) > 0) {
		size_t before = set.n;

		if (!put_ava(&set, &ava, work + out->cap))
			return false;
		avas[count++] = cc_span(set.p + before, set.n - before);
	}
	qsort(avas, count, sizeof(*avas), by_octets);
	put_head(out, CC_DER_SET, set.n);
	for (i = 0; i < count; i++)
		put_span(out, avas[i]);
	return !set.full;
}

int name_canonical(struct cc_span name, uint8_t **ret, size_t *ret_len)
{
	struct cc_span body, rdn;
	struct out out = { 0 };
	bool done = true;
	uint8_t *work;

	if (name.n > CC_CERT_MAX || cc_der_only(name, CC_DER_SEQUENCE, &body) || !cc_dn_valid(body))
		return -EBADMSG;
	if (body.n == 0) {
		*ret = NULL;
		*ret_len = 0;
		return 0;
	}
	/* Latin-1 doubles; lengths of values that long then take an octet more, at three levels. */
	out.cap = 3 * name.n;
	out.p = malloc(out.cap);
	work = malloc(2 * out.cap);
	while (out.p && work && done && cc_rdn_next(&body, &rdn) > 0)
		done = put_rdn(&out, rdn, work);
	if (!out.p || !work || !done || out.full) {
		int r = out.p && work ? -EBADMSG : -ENOMEM;

		free(out.p);
		free(work);
		return r;
	}
	free(work);
	*ret = out.p;
	*ret_len = out.n;
	return 0;
}

int name_hash(struct cc_span name, uint32_t *ret)
{
	uint8_t *canonical, digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx ctx;
	size_t n;
	int r = name_canonical(name, &canonical, &n);

	if (r < 0)
		return r;
	sha1_init(&ctx);
	sha1_update(&ctx, n, canonical);
	sha1_digest(&ctx, sizeof(digest), digest);
	free(canonical);
	*ret = (uint32_t)digest[0] | (uint32_t)digest[1] << 8 | (uint32_t)digest[2] << 16 |
	       (uint32_t)digest[3] << 24;
	return 0;
}

int capcert_name_hash(const uint8_t *name, size_t len, uint32_t *ret)
{
	return name_hash(cc_span(name, len), ret);
}

int capcert_cert_subject_hash(const capcert_cert *cert, uint32_t *ret)
{
	return name_hash(cert->parsed.subject, ret);
}

void capcert_cert_sha1(const capcert_cert *cert, uint8_t ret[20])
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	sha1_update(&ctx, cert->parsed.der.n, cert->parsed.der.p);
	sha1_digest(&ctx, SHA1_DIGEST_SIZE, ret);
}
