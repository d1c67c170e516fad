// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Bundle ::= SEQUENCE of docs/bundle-format.md: its head, and its three lists. */
#include "core/bundle.h"
#include "core/der.h"
#include "core/dn.h"
#include "core/outcome.h"
#include "core/time.h"

#define FINGERPRINT 32

const char *cc_bundle_error_text(int error)
{
	switch (error) {
	case CC_BUNDLE_OK:
		return "no error";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_BUNDLE_ERRORS(X)
#undef X
	default:
		return "?";
	}
}

const char *cc_bundle_kind_name(uint32_t kind)
{
	switch (kind) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_BUNDLE_KINDS(X)
#undef X
	default:
		return "?";
	}
}

static bool name_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool cc_bundle_name_valid(struct cc_span name)
{
	size_t i;

	if (name.n == 0 || name.n > CC_BUNDLE_NAME_MAX || !name_octet(name.p[0]))
		return false;
	for (i = 1; i < name.n; i++)
		if (!name_octet(name.p[i]) && name.p[i] != '.' && name.p[i] != '_' &&
		    name.p[i] != '-')
			return false;
	return true;
}

/* ---- the head ---- */

static int format_and_kind(struct cc_span *in, struct cc_bundle *b)
{
	struct cc_span body;
	int r = cc_der_get(in, CC_DER_INTEGER, &body);

	if (r)
		return r;
	if (body.n != 1 || body.p[0] != 1)
		return CC_BUNDLE_E_FORMAT;
	r = cc_der_get(in, CC_DER_ENUMERATED, &body);
	if (r)
		return r;
	if (body.n != 1 || body.p[0] >= CC_BUNDLE_KIND_COUNT)
		return CC_BUNDLE_E_FORMAT;
	b->kind = body.p[0];
	return CC_BUNDLE_OK;
}

static int name(struct cc_span *in, uint8_t tag, struct cc_span *ret)
{
	int r = cc_der_get(in, tag, ret);

	if (r)
		return r;
	return cc_bundle_name_valid(*ret) ? CC_BUNDLE_OK : CC_BUNDLE_E_NAME;
}

static int number(struct cc_span *in, uint8_t tag, uint64_t *ret)
{
	struct cc_span body;
	int r = cc_der_get(in, tag, &body);

	if (r)
		return r;
	return cc_der_uint63(body, ret) && *ret ? CC_BUNDLE_OK : CC_BUNDLE_E_NUMBER;
}

static int time(struct cc_span *in, uint8_t tag, int64_t *ret)
{
	struct cc_span body;
	int r = cc_der_get(in, tag, &body);

	if (r)
		return r;
	return cc_time_generalized(body, ret) ? CC_BUNDLE_OK : CC_BUNDLE_E_TIME;
}

static int expires(struct cc_span *in, struct cc_bundle *b)
{
	int r;

	if (!cc_der_peek(*in, CC_DER_CONTEXT(0)))
		return CC_BUNDLE_OK;
	r = time(in, CC_DER_CONTEXT(0), &b->expires);
	if (r)
		return r;
	b->has_expires = true;
	return b->expires > b->created ? CC_BUNDLE_OK : CC_BUNDLE_E_TIME;
}

/* There just in deltas. */
static int base(struct cc_span *in, struct cc_bundle *b)
{
	bool there = cc_der_peek(*in, CC_DER_CONTEXT(1));
	bool due = b->kind == CC_BUNDLE_DELTA;
	int r;

	if (there != due)
		return CC_BUNDLE_E_FIELDS;
	if (!there)
		return CC_BUNDLE_OK;
	r = number(in, CC_DER_CONTEXT(1), &b->base);
	if (r)
		return r;
	return b->base + 1 == b->number ? CC_BUNDLE_OK : CC_BUNDLE_E_NUMBER;
}

/* There just in overrides. */
static int of(struct cc_span *in, struct cc_bundle *b)
{
	bool there = cc_der_peek(*in, CC_DER_CONTEXT(2));
	bool due = b->kind == CC_BUNDLE_OVERRIDE;

	if (there != due)
		return CC_BUNDLE_E_FIELDS;
	return there ? name(in, CC_DER_CONTEXT(2), &b->of) : CC_BUNDLE_OK;
}

static int purposes(struct cc_span *in, struct cc_bundle *b)
{
	struct cc_span body;
	int r = cc_der_get(in, CC_DER_BIT_STRING, &body);

	if (r)
		return r;
	if (!cc_purposes_parse(body, &b->purposes))
		return CC_BUNDLE_E_PURPOSES;
	return (b->purposes == 0) == (b->kind == CC_BUNDLE_DISTRUST) ? CC_BUNDLE_OK
								     : CC_BUNDLE_E_PURPOSES;
}

static int head(struct cc_span *in, struct cc_bundle *b)
{
	int r = format_and_kind(in, b);

	if (!r)
		r = name(in, CC_DER_UTF8_STRING, &b->name);
	if (!r)
		r = number(in, CC_DER_INTEGER, &b->number);
	if (!r)
		r = time(in, CC_DER_GENERALIZED_TIME, &b->created);
	if (!r)
		r = expires(in, b);
	if (!r)
		r = base(in, b);
	if (!r)
		r = of(in, b);
	return r ? r : purposes(in, b);
}

/* ---- the lists ---- */

/* A list that may (@may) or must (@must) be there; @must lets it be empty. */
static int list(struct cc_span *in, uint8_t tag, bool may, bool must, struct cc_span *ret)
{
	int r;

	if (!cc_der_peek(*in, tag))
		return must ? CC_BUNDLE_E_FIELDS : CC_BUNDLE_OK;
	if (!may && !must)
		return CC_BUNDLE_E_FIELDS;
	r = cc_der_get(in, tag, ret);
	if (r)
		return r;
	return ret->n || must ? CC_BUNDLE_OK : CC_BUNDLE_E_FIELDS;
}

int cc_bundle_remove_next(struct cc_span *rest, const uint8_t **ret_fingerprint)
{
	struct cc_span body;

	if (rest->n == 0)
		return 0;
	if (cc_der_get(rest, CC_DER_OCTET_STRING, &body) || body.n != FINGERPRINT)
		return -1;
	*ret_fingerprint = body.p;
	return 1;
}

/* More than a store has cannot be removed. */
static int check_remove(struct cc_span rest, uint32_t *ret_count)
{
	const uint8_t *last = NULL, *one;
	uint32_t count = 0;
	int r;

	while ((r = cc_bundle_remove_next(&rest, &one)) == 1) {
		if (last && memcmp(last, one, FINGERPRINT) >= 0)
			return CC_BUNDLE_E_ORDER;
		if (++count > CC_BUNDLE_MAX_ANCHORS)
			return CC_BUNDLE_E_TOO_LARGE;
		last = one;
	}
	*ret_count = count;
	return r < 0 ? CC_BUNDLE_E_DER : CC_BUNDLE_OK;
}

static int check_anchors(struct cc_span rest, uint32_t *ret_count)
{
	struct cc_span one;
	uint32_t count = 0;
	int r;

	while ((r = cc_trust_anchor_next(&rest, &one)) == 1)
		if (++count > CC_BUNDLE_MAX_ANCHORS || one.n > CC_TRUST_ANCHOR_MAX)
			return CC_BUNDLE_E_TOO_LARGE;
	*ret_count = count;
	return r < 0 ? CC_BUNDLE_E_ANCHOR : CC_BUNDLE_OK;
}

static bool issuer_serial_valid(struct cc_span in)
{
	struct cc_span issuer, serial;

	return !cc_der_get(&in, CC_DER_SEQUENCE, &issuer) && cc_dn_valid(issuer) &&
	       !cc_der_only(in, CC_DER_INTEGER, &serial) && cc_der_integer_valid(serial);
}

int cc_bundle_entry_next(struct cc_span *rest, struct cc_bundle_entry *ret)
{
	uint8_t tag;

	if (rest->n == 0)
		return 0;
	if (cc_der_any(rest, &tag, &ret->bytes))
		return -1;
	switch (tag) {
	case CC_DER_CONTEXT(0):
	case CC_DER_CONTEXT(1):
		ret->what = tag == CC_DER_CONTEXT(0) ? CC_BUNDLE_ENTRY_FINGERPRINT
						     : CC_BUNDLE_ENTRY_SPKI;
		return ret->bytes.n == FINGERPRINT ? 1 : -1;
	case CC_DER_CONTEXT_CONS(2):
		ret->what = CC_BUNDLE_ENTRY_ISSUER_SERIAL;
		return ret->bytes.n <= CC_BUNDLE_MAX_ENTRY && issuer_serial_valid(ret->bytes) ? 1
											      : -1;
	default:
		return -1;
	}
}

static bool entry_before(const struct cc_bundle_entry *a, const struct cc_bundle_entry *b)
{
	if (a->what != b->what)
		return a->what < b->what;
	if (a->bytes.n != b->bytes.n)
		return a->bytes.n < b->bytes.n;
	return memcmp(a->bytes.p, b->bytes.p, a->bytes.n) < 0;
}

static int check_entries(struct cc_span rest, uint32_t *ret_count)
{
	struct cc_bundle_entry last, one;
	uint32_t count = 0;
	int r;

	while ((r = cc_bundle_entry_next(&rest, &one)) == 1) {
		if (count && !entry_before(&last, &one))
			return CC_BUNDLE_E_ORDER;
		if (++count > CC_BUNDLE_MAX_ENTRIES)
			return CC_BUNDLE_E_TOO_LARGE;
		last = one;
	}
	*ret_count = count;
	return r < 0 ? CC_BUNDLE_E_ENTRY : CC_BUNDLE_OK;
}

static int lists(struct cc_span *in, struct cc_bundle *b)
{
	bool changes = b->kind == CC_BUNDLE_DELTA || b->kind == CC_BUNDLE_OVERRIDE;
	int r = list(in, CC_DER_CONTEXT_CONS(3), changes, false, &b->remove);

	if (!r)
		r = list(in, CC_DER_CONTEXT_CONS(4), changes, b->kind == CC_BUNDLE_STORE,
			 &b->anchors);
	if (!r)
		r = list(in, CC_DER_CONTEXT_CONS(5), false, b->kind == CC_BUNDLE_DISTRUST,
			 &b->entries);
	if (r)
		return r;
	if (in->n)
		return CC_BUNDLE_E_DER;
	r = check_remove(b->remove, &b->remove_count);
	if (!r)
		r = check_anchors(b->anchors, &b->anchor_count);
	return r ? r : check_entries(b->entries, &b->entry_count);
}

int cc_bundle_parse(struct cc_span der, struct cc_bundle *ret)
{
	struct cc_span in;
	int r;

	if (der.n == 0)
		return CC_BUNDLE_E_EMPTY;
	if (der.n > CC_BUNDLE_MAX)
		return CC_BUNDLE_E_TOO_LARGE;
	r = cc_der_get(&der, CC_DER_SEQUENCE, &in);
	if (r)
		return r;
	if (der.n)
		return CC_BUNDLE_E_TRAILING;
	memset(ret, 0, sizeof(*ret));
	r = head(&in, ret);
	return r ? r : lists(&in, ret);
}

/* ---- one anchor ---- */

/* A log's anchor is a bare key that says all about the log, and good for nothing else. */
static bool log_fits(const struct cc_trust_anchor *ta, uint32_t mask)
{
	uint32_t ct_log = 1u << CC_PURPOSE_CT_LOG;

	return ta->ct_log.n ? mask == ct_log : !(mask & ct_log);
}

int cc_bundle_anchor(const struct cc_bundle *b, struct cc_span choice, struct cc_trust_anchor *ret,
		     uint32_t *ret_purposes)
{
	uint32_t mask = b->purposes;

	if (cc_trust_anchor_parse(choice, ret))
		return CC_BUNDLE_E_ANCHOR;
	if (ret->purposes & ~mask)
		return CC_BUNDLE_E_PURPOSES;
	if (ret->purposes)
		mask = ret->purposes;
	if (!log_fits(ret, mask))
		return CC_BUNDLE_E_ANCHOR;
	*ret_purposes = mask;
	return CC_BUNDLE_OK;
}
