// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: a certificate with an SCT in it, what the SCT says, and what it signs. */
#include "core/precert.h"
#include "core/sct.h"
#include "core/selftest_part.h"

/* Key identifier, one SCT with the leaf index 7, key usage. Its signatures are noise. */
static const struct cc_octets good =
	CC_OCTETS("\x30\x82\x01\x0e\x30\x81\xf9\xa0\x03\x02\x01\x02\x02\x01\x05\x30"
		  "\x05\x06\x03\x2b\x65\x70\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04"
		  "\x03\x0c\x06\x69\x73\x73\x75\x65\x72\x30\x1e\x17\x0d\x32\x35\x30"
		  "\x31\x30\x31\x30\x30\x30\x30\x30\x30\x5a\x17\x0d\x32\x35\x30\x34"
		  "\x30\x31\x30\x30\x30\x30\x30\x30\x5a\x30\x0f\x31\x0d\x30\x0b\x06"
		  "\x03\x55\x04\x03\x0c\x04\x6c\x65\x61\x66\x30\x2a\x30\x05\x06\x03"
		  "\x2b\x65\x70\x03\x21\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"
		  "\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a"
		  "\x1b\x1c\x1d\x1e\x1f\x20\xa3\x78\x30\x76\x30\x0f\x06\x03\x55\x1d"
		  "\x23\x04\x08\x30\x06\x80\x04\x01\x02\x03\x04\x30\x53\x06\x0a\x2b"
		  "\x06\x01\x04\x01\xd6\x79\x02\x04\x02\x04\x45\x04\x43\x00\x41\x00"
		  "\x3f\x00\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		  "\xaa\xaa\x00\x00\x01\x90\x12\x34\x56\x78\x00\x08\x00\x00\x05\x00"
		  "\x00\x00\x00\x07\x04\x03\x00\x08\x30\x06\x02\x01\x01\x02\x01\x01"
		  "\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x07\x80"
		  "\x30\x05\x06\x03\x2b\x65\x70\x03\x09\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00");

#define LIST_AT 173
#define LIST_SIZE 67

/* The TBSCertificate without the list: new headers before octets that stay. */
static const struct {
	struct cc_octets head;
	uint16_t from, to;
} rebuilt[] = {
	{ CC_OCTETS("\x30\x81\xa4"), 7, 134 },
	{ CC_OCTETS("\xa3\x23\x30\x21"), 138, 155 }, /* key identifier */
	{ CC_OCTETS(""), 240, 256 },		     /* key usage */
};

static bool open_list(struct cc_sct *ret)
{
	struct cc_span rest, one;
	uint32_t count;

	return cc_sct_list_open(cc_span(good.p + LIST_AT, LIST_SIZE), &rest, &count) == CC_SCT_OK &&
	       count == 1 && cc_sct_next(&rest, &one) == 1 && cc_sct_next(&rest, &one) == 0 &&
	       cc_sct_parse(one, ret) == CC_SCT_OK;
}

static const char *test_sct(struct cc_sct *s)
{
	struct cc_span none;
	uint64_t leaf;
	size_t n;

	if (!open_list(s))
		return "sct: a good list";
	if (s->version != CC_SCT_V1 || s->log_id.n != CC_SCT_LOG_ID ||
	    s->timestamp != 0x19012345678ULL || s->hash_alg != CC_SCT_HASH_SHA256 ||
	    s->sig_alg != CC_SCT_SIG_ECDSA || s->signature.n != 8)
		return "sct: fields";
	if (cc_sct_leaf_index(s->extensions, &leaf) != 1 || leaf != 7)
		return "sct: leaf index";
	for (n = 0; n < LIST_SIZE; n++)
		if (cc_sct_list_open(cc_span(good.p + LIST_AT, n), &none, NULL) !=
		    CC_SCT_E_TRUNCATED)
			return "sct: list cut off";
	return NULL;
}

static bool begins(struct cc_span *in, struct cc_span with)
{
	if (in->n < with.n || memcmp(in->p, with.p, with.n))
		return false;
	*in = cc_span(in->p + with.n, in->n - with.n);
	return true;
}

/* The spans in a row, into @buf. */
static struct cc_span flatten(const struct cc_span *spans, uint32_t count, uint8_t *buf, size_t cap)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (spans[i].n > cap - n)
			return cc_span(buf, 0);
		memcpy(buf + n, spans[i].p, spans[i].n);
		n += spans[i].n;
	}
	return cc_span(buf, n);
}

static const char *test_precert(struct cc_precert *p)
{
	struct cc_cert c;
	struct cc_span out;
	uint8_t buf[256];
	size_t i;

	if (cc_cert_parse(cc_octets_span(good), &c) || cc_precert_from_cert(&c, p))
		return "precert: a good certificate";
	out = flatten(p->span, p->count, buf, sizeof(buf));
	if (out.n != p->len)
		return "precert: length";
	for (i = 0; i < CC_ARRAY_SIZE(rebuilt); i++)
		if (!begins(&out, cc_octets_span(rebuilt[i].head)) ||
		    !begins(&out, cc_span(good.p + rebuilt[i].from,
					  (size_t)(rebuilt[i].to - rebuilt[i].from))))
			return "precert: TBSCertificate";
	return out.n ? "precert: more behind it" : NULL;
}

static const char *test_signed(const struct cc_sct *s, const struct cc_precert *p)
{
	/* version, type, timestamp, entry type; then the issuer's key, 24 bits of length */
	static const struct cc_octets head =
		CC_OCTETS("\x00\x00\x00\x00\x01\x90\x12\x34\x56\x78\x00\x01");
	static const struct cc_octets length = CC_OCTETS("\x00\x00\xa7");
	static const struct cc_octets tail = CC_OCTETS("\x00\x08\x00\x00\x05\x00\x00\x00\x00\x07");
	struct cc_sct_entry entry = { .precert = true, .parts = p->span, .part_count = p->count };
	struct cc_sct_signed out;
	struct cc_span flat;
	uint8_t buf[256];

	if (!cc_sct_signed(s, &entry, &out))
		return "sct: what it signs";
	flat = flatten(out.span, out.count, buf, sizeof(buf));
	if (!begins(&flat, cc_octets_span(head)) ||
	    !begins(&flat, cc_span(entry.issuer_key, sizeof(entry.issuer_key))) ||
	    !begins(&flat, cc_octets_span(length)) || flat.n != p->len + tail.n)
		return "sct: head of what it signs";
	flat = cc_span(flat.p + p->len, tail.n);
	return begins(&flat, cc_octets_span(tail)) ? NULL : "sct: extensions in what it signs";
}

const char *cc_selftest_sct(void)
{
	struct cc_precert p;
	struct cc_sct s;
	const char *failed = test_sct(&s);

	if (!failed)
		failed = test_precert(&p);
	if (!failed)
		failed = test_signed(&s, &p);
	return failed;
}
