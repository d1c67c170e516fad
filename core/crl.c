// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One revocation list, RFC 5280 section 5.1, into spans. Nothing is decided here. */
#include "core/crl.h"
#include "core/crl_entry.h"
#include "core/crl_ext.h"
#include "core/der.h"
#include "core/dn.h"
#include "core/time.h"

const char *cc_crl_error_text(int error)
{
	switch (error) {
	case CC_CRL_OK:
		return "no error";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_CRL_ERRORS(X)
#undef X
	default:
		return "?";
	}
}

const char *cc_crl_reason_name(uint32_t reason)
{
	switch (reason) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_CRL_REASONS(X)
#undef X
	default:
		return "?";
	}
}

int cc_crl_number_compare(struct cc_span a, struct cc_span b)
{
	/* Minimal and not negative: at most one zero in front. */
	if (a.n && a.p[0] == 0)
		a = cc_span(a.p + 1, a.n - 1);
	if (b.n && b.p[0] == 0)
		b = cc_span(b.p + 1, b.n - 1);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

/* version INTEGER OPTIONAL: written out, it is v2. */
static int version(struct cc_span *tbs, struct cc_crl *c)
{
	struct cc_span body;
	int r;

	c->version = 1;
	if (!cc_der_peek(*tbs, CC_DER_INTEGER))
		return CC_CRL_OK;
	r = cc_der_get(tbs, CC_DER_INTEGER, &body);
	if (r)
		return r;
	if (body.n != 1 || body.p[0] != 1)
		return CC_CRL_E_VERSION;
	c->version = 2;
	return CC_CRL_OK;
}

static int issuer(struct cc_span *tbs, struct cc_crl *c)
{
	struct cc_span body;
	int r = cc_der_get_whole(tbs, CC_DER_SEQUENCE, &body, &c->issuer);

	if (r)
		return r == CC_DER_E_TRUNCATED ? r : CC_CRL_E_NAME;
	return cc_dn_valid(body) ? CC_CRL_OK : CC_CRL_E_NAME;
}

static bool time_next(struct cc_span tbs)
{
	return cc_der_peek(tbs, CC_DER_UTC_TIME) || cc_der_peek(tbs, CC_DER_GENERALIZED_TIME);
}

static int times(struct cc_span *tbs, struct cc_crl *c)
{
	if (!cc_time_get(tbs, &c->this_update, &c->time_odd))
		return CC_CRL_E_TIME;
	c->has_next_update = time_next(*tbs);
	if (c->has_next_update && !cc_time_get(tbs, &c->next_update, &c->time_odd))
		return CC_CRL_E_TIME;
	return CC_CRL_OK;
}

int cc_crl_entry_next(struct cc_span *rest, struct cc_crl_entry *entry)
{
	struct cc_span seq, list, in = *rest;
	bool odd = false;

	if (in.n == 0)
		return 0;
	entry->present = 0;
	entry->critical = 0;
	entry->reason = CC_CRL_REASON_UNSPECIFIED;
	entry->unknown_critical = cc_span(NULL, 0);
	if (cc_der_get(&in, CC_DER_SEQUENCE, &seq) ||
	    cc_der_get(&seq, CC_DER_INTEGER, &entry->serial) ||
	    !cc_der_integer_valid(entry->serial) || !cc_time_get(&seq, &entry->date, &odd))
		return -1;
	if (seq.n && (cc_der_only(seq, CC_DER_SEQUENCE, &list) ||
		      cc_crl_entry_exts_parse(list, entry) != CC_CRL_OK))
		return -1;
	*rest = in;
	return 1;
}

struct cc_crl_read cc_crl_entry_other(struct cc_crl *c, const uint8_t *p, size_t n)
{
	struct cc_crl_entry entry = { .present = 0 };
	struct cc_crl_read read = { .size = 0 };
	struct cc_span rest = cc_span(p, n);

	if (cc_crl_entry_next(&rest, &entry) != 1)
		return read;
	c->entry_count++;
	c->entry_present |= entry.present;
	c->entry_critical |= entry.critical;
	/* The first of the list, in which extensions of its own stand behind the entries. */
	if (entry.unknown_critical.n &&
	    (c->unknown_critical.n == 0 || c->unknown_critical.p > entry.unknown_critical.p))
		c->unknown_critical = entry.unknown_critical;
	read.size = (uint32_t)(n - rest.n);
	read.present = entry.present;
	read.serial = entry.serial;
	return read;
}

int cc_crl_entries_end(const struct cc_crl *c)
{
	return c->version == 1 && c->entry_present ? CC_CRL_E_VERSION : CC_CRL_OK;
}

/* Where they are; and what is in them, if they are to be @read. */
static int entries(struct cc_span *tbs, struct cc_crl *c, bool read)
{
	const uint8_t *p, *end;
	uint32_t size;
	int r;

	if (!cc_der_peek(*tbs, CC_DER_SEQUENCE))
		return CC_CRL_OK;
	r = cc_der_get(tbs, CC_DER_SEQUENCE, &c->entries);
	if (r || !read)
		return r;
	end = c->entries.p + c->entries.n;
	for (p = c->entries.p; p < end; p += size) {
		size = cc_crl_entry_read(c, p, (size_t)(end - p)).size;
		if (size == 0)
			return CC_CRL_E_ENTRY;
	}
	return cc_crl_entries_end(c);
}

/* crlExtensions [0] EXPLICIT: version 2 only. */
static int extensions(struct cc_span *tbs, struct cc_crl *c)
{
	struct cc_span outer;
	int r;

	if (!cc_der_peek(*tbs, CC_DER_CONTEXT_CONS(0)))
		return CC_CRL_OK;
	r = cc_der_get(tbs, CC_DER_CONTEXT_CONS(0), &outer);
	if (r)
		return r;
	if (c->version != 2)
		return CC_CRL_E_VERSION;
	if (cc_der_only(outer, CC_DER_SEQUENCE, &c->extensions))
		return CC_CRL_E_EXTENSION;
	return cc_crl_exts_parse(c);
}

static int tbs_list(struct cc_span tbs, struct cc_crl *c, bool read)
{
	struct cc_span inner = { NULL, 0 };
	int r;

	r = version(&tbs, c);
	if (!r)
		r = cc_der_algorithm_get(&tbs, &inner);
	if (!r && !cc_span_equal(inner, c->sig_alg)) /* section 5.1.1.2 */
		r = CC_CRL_E_ALGORITHM;
	if (!r)
		r = issuer(&tbs, c);
	if (!r)
		r = times(&tbs, c);
	if (!r)
		r = entries(&tbs, c, read);
	if (!r)
		r = extensions(&tbs, c);
	if (r)
		return r;
	return tbs.n ? CC_CRL_E_DER : CC_CRL_OK;
}

/* The one SEQUENCE that @der is; @ret becomes empty. */
static int begin(struct cc_span der, struct cc_span *ret_body, struct cc_crl *ret)
{
	int r;

	if (der.n == 0)
		return CC_CRL_E_EMPTY;
	if (der.n > CC_CRL_MAX)
		return CC_CRL_E_TOO_LARGE;
	r = cc_der_get(&der, CC_DER_SEQUENCE, ret_body);
	if (r)
		return r;
	if (der.n)
		return CC_CRL_E_TRAILING;
	memset(ret, 0, sizeof(*ret));
	ret->idp_reasons = CC_REASON_FLAGS_ALL;
	return CC_CRL_OK;
}

int cc_crl_tbs_parse(struct cc_span der, struct cc_crl *ret)
{
	struct cc_span tbs, rest;
	int r = begin(der, &tbs, ret);

	if (r)
		return r;
	ret->tbs = der;
	rest = tbs;
	r = version(&rest, ret);
	if (!r)
		r = cc_der_algorithm_get(&rest, &ret->sig_alg);
	if (r)
		return r;
	ret->scheme = (uint8_t)cc_scheme_of_alg(ret->sig_alg);
	return tbs_list(tbs, ret, true);
}

static int parse(struct cc_span der, struct cc_crl *ret, bool read)
{
	struct cc_span list, tbs, bits;
	int r = begin(der, &list, ret);

	if (r)
		return r;
	ret->der = der;
	r = cc_der_get_whole(&list, CC_DER_SEQUENCE, &tbs, &ret->tbs);
	if (!r)
		r = cc_der_algorithm_get(&list, &ret->sig_alg);
	if (!r)
		r = cc_der_get(&list, CC_DER_BIT_STRING, &bits);
	if (r)
		return r;
	if (list.n || !cc_der_octets(bits, &ret->signature))
		return CC_CRL_E_DER;
	ret->scheme = (uint8_t)cc_scheme_of_alg(ret->sig_alg);
	return tbs_list(tbs, ret, read);
}

int cc_crl_parse(struct cc_span der, struct cc_crl *ret)
{
	return parse(der, ret, true);
}

int cc_crl_parse_around(struct cc_span der, struct cc_crl *ret)
{
	return parse(der, ret, false);
}
