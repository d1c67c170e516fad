// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One certificate, RFC 5280 section 4.1, into spans. Nothing is decided here. */
#include "core/cert.h"
#include "core/der.h"
#include "core/dn.h"
#include "core/ext.h"
#include "core/spki.h"
#include "core/time.h"

const char *cc_cert_error_text(int error)
{
	switch (error) {
	case CC_CERT_OK:
		return "no error";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_CERT_ERRORS(X)
#undef X
	default:
		return "?";
	}
}

size_t cc_cert_size(struct cc_span der)
{
	size_t head, len;

	if (der.n < 2 || !cc_der_tag_valid(der.p[0]) || cc_der_head(der, &head, &len))
		return 0;
	return head + len;
}

static int signature_algorithm(struct cc_span *cert, struct cc_cert *c)
{
	struct cc_span rest = *cert, seq;
	int r = cc_der_get_whole(&rest, CC_DER_SEQUENCE, &seq, &c->sig_alg);

	if (r)
		return r;
	c->scheme = (uint8_t)cc_scheme_of_alg(c->sig_alg);
	if (c->scheme == CC_SCHEME_OTHER)
		return cc_der_algorithm_get(cert, &c->sig_alg);
	*cert = rest;
	return CC_CERT_OK;
}

/* Section 4.1.1.2: the algorithm inside must be the one outside, which has been checked. */
static int same_algorithm(struct cc_span *tbs, const struct cc_cert *c)
{
	struct cc_span other;
	int r;

	if (tbs->n >= c->sig_alg.n && !memcmp(tbs->p, c->sig_alg.p, c->sig_alg.n)) {
		*tbs = cc_span(tbs->p + c->sig_alg.n, tbs->n - c->sig_alg.n);
		return CC_CERT_OK;
	}
	r = cc_der_algorithm_get(tbs, &other);
	return r ? r : CC_CERT_E_ALGORITHM;
}

/* version [0] EXPLICIT INTEGER DEFAULT v1: written out, it is v2 or v3. */
static int version(struct cc_span *tbs, struct cc_cert *c)
{
	struct cc_span outer, body;
	int r;

	c->version = 1;
	if (!cc_der_peek(*tbs, CC_DER_CONTEXT_CONS(0)))
		return CC_CERT_OK;
	r = cc_der_get(tbs, CC_DER_CONTEXT_CONS(0), &outer);
	if (r)
		return r;
	if (cc_der_only(outer, CC_DER_INTEGER, &body))
		return CC_CERT_E_DER;
	if (body.n != 1 || (body.p[0] != 1 && body.p[0] != 2))
		return CC_CERT_E_VERSION;
	c->version = (uint8_t)(body.p[0] + 1);
	return CC_CERT_OK;
}

static int serial(struct cc_span *tbs, struct cc_cert *c)
{
	struct cc_span s;
	int r = cc_der_get(tbs, CC_DER_INTEGER, &s);

	if (r)
		return r;
	if (!cc_der_integer_valid(s))
		return CC_CERT_E_SERIAL;
	c->serial = s;
	/* RFC 5280 section 4.1.2.2: positive, at most 20 octets. */
	c->serial_odd = s.n > 20 || s.p[0] >= 0x80 || (s.n == 1 && s.p[0] == 0);
	return CC_CERT_OK;
}

static int name(struct cc_span *tbs, struct cc_span *ret)
{
	struct cc_span body;
	int r = cc_der_get_whole(tbs, CC_DER_SEQUENCE, &body, ret);

	if (r)
		return r == CC_DER_E_TRUNCATED ? r : CC_CERT_E_NAME;
	return cc_dn_valid(body) ? CC_CERT_OK : CC_CERT_E_NAME;
}

static int validity(struct cc_span *tbs, struct cc_cert *c)
{
	struct cc_span seq;
	int r = cc_der_get(tbs, CC_DER_SEQUENCE, &seq);

	if (r)
		return r;
	if (!cc_time_get(&seq, &c->not_before, &c->time_odd) ||
	    !cc_time_get(&seq, &c->not_after, &c->time_odd) || seq.n)
		return CC_CERT_E_TIME;
	return CC_CERT_OK;
}

static int public_key(struct cc_span *tbs, struct cc_cert *c)
{
	struct cc_spki spki;

	if (cc_spki_get(tbs, &spki))
		return CC_CERT_E_KEY;
	c->spki = spki.whole;
	c->key = spki.key;
	c->key_alg = spki.alg;
	c->key_bits = spki.bits;
	c->rsa_exponent = spki.rsa_exponent;
	return CC_CERT_OK;
}

/* issuerUniqueID [1] and subjectUniqueID [2], IMPLICIT BIT STRING: from version 2 on. */
static int unique_id(struct cc_span *tbs, uint8_t nr, const struct cc_cert *c)
{
	struct cc_span body, bits;
	unsigned int unused;
	int r;

	if (!cc_der_peek(*tbs, CC_DER_CONTEXT(nr)))
		return CC_CERT_OK;
	r = cc_der_get(tbs, CC_DER_CONTEXT(nr), &body);
	if (r)
		return r;
	if (c->version < 2)
		return CC_CERT_E_VERSION;
	return cc_der_bits(body, &bits, &unused) ? CC_CERT_OK : CC_CERT_E_DER;
}

/* extensions [3] EXPLICIT: version 3 only. */
static int extensions(struct cc_span *tbs, struct cc_cert *c)
{
	struct cc_span outer;
	int r;

	if (!cc_der_peek(*tbs, CC_DER_CONTEXT_CONS(3)))
		return CC_CERT_OK;
	r = cc_der_get(tbs, CC_DER_CONTEXT_CONS(3), &outer);
	if (r)
		return r;
	if (c->version != 3)
		return CC_CERT_E_VERSION;
	if (cc_der_only(outer, CC_DER_SEQUENCE, &c->extensions))
		return CC_CERT_E_EXTENSION;
	return cc_exts_parse(c);
}

static int tbs_certificate(struct cc_span tbs, struct cc_cert *c)
{
	int r;

	r = version(&tbs, c);
	if (!r)
		r = serial(&tbs, c);
	if (!r)
		r = c->sig_alg.n ? same_algorithm(&tbs, c) : signature_algorithm(&tbs, c);
	if (!r)
		r = name(&tbs, &c->issuer);
	if (!r)
		r = validity(&tbs, c);
	if (!r)
		r = name(&tbs, &c->subject);
	if (!r)
		r = public_key(&tbs, c);
	if (!r)
		r = unique_id(&tbs, 1, c);
	if (!r)
		r = unique_id(&tbs, 2, c);
	if (!r)
		r = extensions(&tbs, c);
	if (r)
		return r;
	return tbs.n ? CC_CERT_E_DER : CC_CERT_OK;
}

void cc_cert_clear(struct cc_cert *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->path_len = -1;
	ret->require_explicit = -1;
	ret->inhibit_mapping = -1;
	ret->inhibit_any = -1;
}

/* The one element of @der, which must have @tag. */
static int open_only(struct cc_span der, uint8_t tag, struct cc_span *ret_body)
{
	int r;

	if (der.n == 0)
		return CC_CERT_E_EMPTY;
	if (der.n > CC_CERT_MAX)
		return CC_CERT_E_TOO_LARGE;
	r = cc_der_get(&der, tag, ret_body);
	if (r)
		return r;
	return der.n ? CC_CERT_E_TRAILING : CC_CERT_OK;
}

int cc_cert_parse_tagged(struct cc_span der, uint8_t tag, struct cc_cert *ret)
{
	struct cc_span cert, tbs, bits;
	int r = open_only(der, tag, &cert);

	if (r)
		return r;
	cc_cert_clear(ret);
	ret->der = der;
	r = cc_der_get_whole(&cert, CC_DER_SEQUENCE, &tbs, &ret->tbs);
	if (!r)
		r = signature_algorithm(&cert, ret);
	if (!r)
		r = cc_der_get(&cert, CC_DER_BIT_STRING, &bits);
	if (r)
		return r;
	if (cert.n || !cc_der_octets(bits, &ret->signature))
		return CC_CERT_E_DER;
	return tbs_certificate(tbs, ret);
}

int cc_cert_parse(struct cc_span der, struct cc_cert *ret)
{
	return cc_cert_parse_tagged(der, CC_DER_SEQUENCE, ret);
}

int cc_tbs_parse(struct cc_span der, struct cc_cert *ret)
{
	struct cc_span tbs;
	int r = open_only(der, CC_DER_SEQUENCE, &tbs);

	if (r)
		return r;
	cc_cert_clear(ret);
	ret->tbs = der;
	return tbs_certificate(tbs, ret);
}
