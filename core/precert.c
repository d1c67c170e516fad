// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A TBSCertificate with an extension taken out, as spans of what is there and new headers. */
#include "core/precert.h"
#include "core/der.h"

const char *cc_precert_error_text(int error)
{
	switch (error) {
	case CC_PRECERT_OK:
		return "no error";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_PRECERT_ERRORS(X)
#undef X
	default:
		return "?";
	}
}

/* Octets of an element's header; two certificates (CC_CERT_MAX) are below 2^24. */
static size_t head_size(size_t len)
{
	return len < 0x80 ? 2 : len < 0x100 ? 3 : len < 0x10000 ? 4 : 5;
}

static size_t whole_size(size_t len)
{
	return head_size(len) + len;
}

static void put(struct cc_precert *r, struct cc_span s)
{
	struct cc_span *last = r->count ? &r->span[r->count - 1] : NULL;

	if (s.n == 0)
		return;
	r->len += s.n;
	if (last && last->p + last->n == s.p)
		last->n += s.n; /* headers made one after the other */
	else
		r->span[r->count++] = s;
}

static void put_between(struct cc_precert *r, const uint8_t *from, const uint8_t *to)
{
	put(r, cc_span(from, (size_t)(to - from)));
}

static void put_head(struct cc_precert *r, uint8_t tag, size_t len)
{
	size_t size = head_size(len), i;
	uint8_t *p = r->head + r->used;

	p[0] = tag;
	p[1] = (uint8_t)(size == 2 ? len : 0x80 + size - 2);
	for (i = size - 1; i > 1; i--) {
		p[i] = (uint8_t)len;
		len >>= 8;
	}
	r->used = (uint8_t)(r->used + size);
	put(r, cc_span(p, size));
}

/* One extension in its place. */
struct part {
	struct cc_span whole; /* empty: it is not there */
	struct cc_extension ext;
};

static void find(struct cc_span extensions, enum cc_ext id, struct part *ret)
{
	struct cc_span rest = extensions;
	const uint8_t *start = rest.p;

	memset(ret, 0, sizeof(*ret));
	while (cc_ext_next(&rest, &ret->ext) > 0) {
		if (ret->ext.id == id) {
			ret->whole = cc_span(start, (size_t)(rest.p - start));
			return;
		}
		start = rest.p;
	}
}

/* What changes. */
struct edit {
	struct cc_span removed; /* an extension, whole */
	struct cc_span issuer;	/* Name to put in place of the issuer's, empty: it stays */
	struct part akid;	/* extension whose value changes, to: */
	struct cc_span akid_value;
};

static size_t akid_body(const struct edit *e)
{
	/* What stands before the value, identifier and perhaps a BOOLEAN, stays. */
	struct cc_span seq = { NULL, 0 };

	cc_der_only(e->akid.whole, CC_DER_SEQUENCE, &seq);
	return seq.n - whole_size(e->akid.ext.value.n) + whole_size(e->akid_value.n);
}

static void put_akid(struct cc_precert *r, const struct edit *e)
{
	struct cc_span seq = { NULL, 0 };

	cc_der_only(e->akid.whole, CC_DER_SEQUENCE, &seq);
	put_head(r, CC_DER_SEQUENCE, akid_body(e));
	put(r, cc_span(seq.p, seq.n - whole_size(e->akid.ext.value.n)));
	put_head(r, CC_DER_OCTET_STRING, e->akid_value.n);
	put(r, e->akid_value);
}

/* The extensions without the removed one and with the other key identifier, in their order. */
static void put_extensions(struct cc_precert *r, struct cc_span all, const struct edit *e)
{
	const uint8_t *at = all.p, *end = all.p + all.n;
	const uint8_t *gone = e->removed.p, *akid = e->akid.whole.p;

	if (akid && akid < gone) {
		put_between(r, at, akid);
		put_akid(r, e);
		at = akid + e->akid.whole.n;
	}
	put_between(r, at, gone);
	at = gone + e->removed.n;
	if (akid && akid > gone) {
		put_between(r, at, akid);
		put_akid(r, e);
		at = akid + e->akid.whole.n;
	}
	put_between(r, at, end);
}

/* Extensions ::= SEQUENCE SIZE (1..MAX): with the only one the whole field goes. */
static void rebuild(const struct cc_cert *c, const struct edit *e, struct cc_precert *r)
{
	size_t exts = c->extensions.n - e->removed.n, field = 0, tbs;
	struct cc_span body = { NULL, 0 };
	const uint8_t *end_of_fields;

	cc_der_only(c->tbs, CC_DER_SEQUENCE, &body);
	/* The parser has seen to it that the extensions end where the TBSCertificate ends. */
	end_of_fields = body.p + body.n - whole_size(whole_size(c->extensions.n));
	if (e->akid.whole.n)
		exts += whole_size(akid_body(e)) - e->akid.whole.n;
	if (exts)
		field = whole_size(whole_size(exts));
	tbs = (size_t)(end_of_fields - body.p) + field;
	if (e->issuer.n)
		tbs = tbs - c->issuer.n + e->issuer.n;
	memset(r, 0, sizeof(*r));
	put_head(r, CC_DER_SEQUENCE, tbs);
	if (e->issuer.n) {
		put_between(r, body.p, c->issuer.p);
		put(r, e->issuer);
		put_between(r, c->issuer.p + c->issuer.n, end_of_fields);
	} else {
		put_between(r, body.p, end_of_fields);
	}
	if (!exts)
		return;
	put_head(r, CC_DER_CONTEXT_CONS(3), whole_size(exts));
	put_head(r, CC_DER_SEQUENCE, exts);
	put_extensions(r, c->extensions, e);
}

static int find_marker(const struct cc_cert *cert, enum cc_ext id, struct part *ret)
{
	const uint32_t both = CC_EXT_BIT(SCT_LIST) | CC_EXT_BIT(CT_POISON);

	if ((cert->ext_present & both) == both)
		return CC_PRECERT_E_BOTH;
	if (!(cert->ext_present & 1u << id))
		return CC_PRECERT_E_NONE;
	find(cert->extensions, id, ret);
	return CC_PRECERT_OK;
}

int cc_precert_from_cert(const struct cc_cert *cert, struct cc_precert *ret)
{
	struct edit e = { .removed = { NULL, 0 } };
	struct part list;
	int r = find_marker(cert, CC_EXT_SCT_LIST, &list);

	if (r)
		return r;
	e.removed = list.whole;
	rebuild(cert, &e, ret);
	return CC_PRECERT_OK;
}

/* Section 3.2: "the TBSCertificate also has its Authority Key Identifier changed to match the final
 * issuer", so both must have one, or neither. */
static int use_final_issuer(const struct cc_cert *precert, const struct cc_cert *signer,
			    struct edit *e)
{
	const uint32_t akid = CC_EXT_BIT(AUTHORITY_KEY_ID);
	struct part theirs;

	if ((precert->ext_present & akid) != (signer->ext_present & akid))
		return CC_PRECERT_E_KEY_ID;
	e->issuer = signer->issuer;
	if (!(precert->ext_present & akid))
		return CC_PRECERT_OK;
	find(precert->extensions, CC_EXT_AUTHORITY_KEY_ID, &e->akid);
	find(signer->extensions, CC_EXT_AUTHORITY_KEY_ID, &theirs);
	e->akid_value = theirs.ext.value;
	return CC_PRECERT_OK;
}

int cc_precert_from_precert(const struct cc_cert *precert, const struct cc_cert *signer,
			    struct cc_precert *ret)
{
	struct edit e = { .removed = { NULL, 0 } };
	struct part poison;
	int r = find_marker(precert, CC_EXT_CT_POISON, &poison);

	if (r)
		return r;
	/* Section 3.1. That it is NULL the parser has seen. */
	if (!poison.ext.critical)
		return CC_PRECERT_E_NOT_CRITICAL;
	if (!signer->is_ca || !cc_dn_equal(precert->issuer, signer->subject))
		return CC_PRECERT_E_SIGNER;
	e.removed = poison.whole;
	if (cc_precert_signer(signer)) {
		r = use_final_issuer(precert, signer, &e);
		if (r)
			return r;
	}
	rebuild(precert, &e, ret);
	return CC_PRECERT_OK;
}
