// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One OCSP response, RFC 6960 section 4.2.1, into spans. Nothing is decided here. */
#include "core/der.h"
#include "core/dn.h"
#include "core/ocsp.h"
#include "core/ocsp_ext.h"
#include "core/oid.h"
#include "core/time.h"

const char *cc_ocsp_error_text(int error)
{
	switch (error) {
	case CC_OCSP_OK:
		return "no error";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_OCSP_ERRORS(X)
#undef X
	default:
		return "?";
	}
}

const char *cc_ocsp_status_text(uint32_t status)
{
	switch (status) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_OCSP_STATUSES(X)
#undef X
	default:
		return "?";
	}
}

const char *cc_ocsp_cert_status_text(uint32_t status)
{
	static const char *const texts[] = { "good", "revoked", "unknown" };

	return status < CC_ARRAY_SIZE(texts) ? texts[status] : "?";
}

/* AlgorithmIdentifier: an OID and at most one element of any kind. */
static bool algorithm(struct cc_span seq, struct cc_span *ret_oid, uint8_t *ret_tag,
		      struct cc_span *ret_params)
{
	*ret_tag = 0;
	if (cc_der_oid_get(&seq, ret_oid) || (seq.n && cc_der_any(&seq, ret_tag, ret_params)))
		return false;
	return seq.n == 0;
}

/* [@nr] EXPLICIT GeneralizedTime, or without tag when @nr < 0. */
static bool time_get(struct cc_span *in, int nr, int64_t *ret)
{
	struct cc_span rest = *in, body;

	if (nr >= 0) {
		if (cc_der_get(&rest, (uint8_t)CC_DER_CONTEXT_CONS(nr), &body) ||
		    cc_der_only(body, CC_DER_GENERALIZED_TIME, &body))
			return false;
	} else if (cc_der_get(&rest, CC_DER_GENERALIZED_TIME, &body)) {
		return false;
	}
	if (!cc_time_generalized(body, ret))
		return false;
	*in = rest;
	return true;
}

/* The hash of CertID; its parameters are NULL or absent (RFC 4055 section 2.1). */
static bool hash_algorithm(struct cc_span seq, uint8_t *ret)
{
	static const uint8_t sha1[] = { 0x2b, 0x0e, 0x03, 0x02, 0x1a };
	struct cc_span oid, params = { NULL, 0 };
	uint8_t tag;

	if (!algorithm(seq, &oid, &tag, &params))
		return false;
	*ret = CC_OCSP_HASH_OTHER;
	if (tag && (tag != CC_DER_NULL || params.n))
		return true;
	if (cc_span_equal(oid, cc_span(sha1, sizeof(sha1))))
		*ret = CC_OCSP_HASH_SHA1;
	else if (cc_oid_is(oid, CC_OID_SHA256))
		*ret = CC_OCSP_HASH_SHA256;
	return true;
}

static bool cert_id(struct cc_span *in, struct cc_ocsp_id *ret)
{
	static const uint8_t sizes[] = { 20, 32 };
	struct cc_span seq, alg;

	if (cc_der_get_whole(in, CC_DER_SEQUENCE, &seq, &ret->whole) ||
	    cc_der_get(&seq, CC_DER_SEQUENCE, &alg) || !hash_algorithm(alg, &ret->hash) ||
	    cc_der_get(&seq, CC_DER_OCTET_STRING, &ret->name_hash) ||
	    cc_der_get(&seq, CC_DER_OCTET_STRING, &ret->key_hash) ||
	    cc_der_only(seq, CC_DER_INTEGER, &ret->serial) || !cc_der_integer_valid(ret->serial))
		return false;
	return ret->hash == CC_OCSP_HASH_OTHER ||
	       (ret->name_hash.n == sizes[ret->hash] && ret->key_hash.n == sizes[ret->hash]);
}

/* RevokedInfo: when, and [0] EXPLICIT CRLReason. */
static bool revoked_info(struct cc_span body, struct cc_ocsp_single *s)
{
	struct cc_span reason;

	if (!time_get(&body, -1, &s->revoked_at))
		return false;
	s->has_reason = body.n != 0;
	return !body.n || (!cc_der_only(body, CC_DER_CONTEXT_CONS(0), &reason) &&
			   cc_ocsp_reason_get(reason, &s->reason));
}

static bool cert_status(struct cc_span *in, struct cc_ocsp_single *s)
{
	struct cc_span body;
	uint8_t tag;

	if (cc_der_any(in, &tag, &body))
		return false;
	switch (tag) {
	case CC_DER_CONTEXT(0):
		s->status = CC_OCSP_GOOD;
		return body.n == 0;
	case CC_DER_CONTEXT_CONS(1):
		s->status = CC_OCSP_REVOKED;
		return revoked_info(body, s);
	case CC_DER_CONTEXT(2):
		s->status = CC_OCSP_UNKNOWN;
		return body.n == 0;
	default:
		return false;
	}
}

int cc_ocsp_single_next(struct cc_span *rest, struct cc_ocsp_single *ret)
{
	struct cc_span seq, outer, in = *rest;

	if (in.n == 0)
		return 0;
	memset(ret, 0, sizeof(*ret));
	if (cc_der_get(&in, CC_DER_SEQUENCE, &seq) || !cert_id(&seq, &ret->id) ||
	    !cert_status(&seq, ret) || !time_get(&seq, -1, &ret->this_update))
		return -1;
	ret->has_next_update = cc_der_peek(seq, CC_DER_CONTEXT_CONS(0));
	if (ret->has_next_update && !time_get(&seq, 0, &ret->next_update))
		return -1;
	if (seq.n && (cc_der_only(seq, CC_DER_CONTEXT_CONS(1), &outer) ||
		      cc_der_only(outer, CC_DER_SEQUENCE, &ret->extensions) ||
		      cc_ocsp_single_exts_parse(ret) != CC_OCSP_OK))
		return -1;
	*rest = in;
	return 1;
}

int cc_ocsp_cert_next(struct cc_span *rest, struct cc_span *ret_der)
{
	struct cc_span body, in = *rest;

	if (in.n == 0)
		return 0;
	if (cc_der_get_whole(&in, CC_DER_SEQUENCE, &body, ret_der))
		return -1;
	*rest = in;
	return 1;
}

/* version [0] EXPLICIT INTEGER DEFAULT v1: there is no other, and DER leaves a default out. */
static int version(struct cc_span tbs)
{
	return cc_der_peek(tbs, CC_DER_CONTEXT_CONS(0)) ? CC_OCSP_E_VERSION : CC_OCSP_OK;
}

static int responder(struct cc_span *tbs, struct cc_ocsp *c)
{
	struct cc_span body, name;
	uint8_t tag;
	int r = cc_der_any(tbs, &tag, &body);

	if (r)
		return r;
	switch (tag) {
	case CC_DER_CONTEXT_CONS(1):
		c->responder = body;
		return !cc_der_only(body, CC_DER_SEQUENCE, &name) && cc_dn_valid(name)
			       ? CC_OCSP_OK
			       : CC_OCSP_E_RESPONDER;
	case CC_DER_CONTEXT_CONS(2):
		c->by_key = true;
		return !cc_der_only(body, CC_DER_OCTET_STRING, &c->responder) &&
				       c->responder.n == 20
			       ? CC_OCSP_OK
			       : CC_OCSP_E_RESPONDER;
	default:
		return CC_OCSP_E_RESPONDER;
	}
}

static int singles(struct cc_span *tbs, struct cc_ocsp *c)
{
	struct cc_ocsp_single single;
	struct cc_span rest;
	int r = cc_der_get(tbs, CC_DER_SEQUENCE, &c->singles);

	if (r)
		return r;
	rest = c->singles;
	while ((r = cc_ocsp_single_next(&rest, &single)) > 0)
		c->single_count++;
	return r < 0 || c->single_count == 0 ? CC_OCSP_E_SINGLE : CC_OCSP_OK;
}

static int extensions(struct cc_span tbs, struct cc_ocsp *c)
{
	struct cc_span outer;

	if (tbs.n == 0)
		return CC_OCSP_OK;
	if (cc_der_only(tbs, CC_DER_CONTEXT_CONS(1), &outer))
		return CC_OCSP_E_DER;
	if (cc_der_only(outer, CC_DER_SEQUENCE, &c->extensions))
		return CC_OCSP_E_EXTENSION;
	return cc_ocsp_exts_parse(c);
}

static int response_data(struct cc_span tbs, struct cc_ocsp *c)
{
	int r = version(tbs);

	if (!r)
		r = responder(&tbs, c);
	if (!r && !time_get(&tbs, -1, &c->produced_at))
		r = CC_OCSP_E_TIME;
	if (!r)
		r = singles(&tbs, c);
	if (!r)
		r = extensions(tbs, c);
	return r;
}

/* certs [0] EXPLICIT SEQUENCE OF Certificate. */
static int certificates(struct cc_span in, struct cc_ocsp *c)
{
	struct cc_span outer, rest, der;
	int r;

	if (in.n == 0)
		return CC_OCSP_OK;
	if (cc_der_only(in, CC_DER_CONTEXT_CONS(0), &outer) ||
	    cc_der_only(outer, CC_DER_SEQUENCE, &c->certs))
		return CC_OCSP_E_CERTS;
	rest = c->certs;
	while ((r = cc_ocsp_cert_next(&rest, &der)) > 0)
		c->cert_count++;
	return r < 0 || c->cert_count > CC_OCSP_CERTS_MAX ? CC_OCSP_E_CERTS : CC_OCSP_OK;
}

static int basic(struct cc_span der, struct cc_ocsp *c)
{
	struct cc_span seq, tbs, alg, oid, params, bits;
	uint8_t tag;
	int r = cc_der_only(der, CC_DER_SEQUENCE, &seq);

	if (!r)
		r = cc_der_get_whole(&seq, CC_DER_SEQUENCE, &tbs, &c->tbs);
	if (!r)
		r = response_data(tbs, c);
	if (!r)
		r = cc_der_get_whole(&seq, CC_DER_SEQUENCE, &alg, &c->sig_alg);
	if (!r && !algorithm(alg, &oid, &tag, &params))
		r = CC_OCSP_E_DER;
	if (!r)
		r = cc_der_get(&seq, CC_DER_BIT_STRING, &bits);
	if (!r && !cc_der_octets(bits, &c->signature))
		r = CC_OCSP_E_DER;
	if (r)
		return r;
	c->scheme = (uint8_t)cc_scheme_of_alg(c->sig_alg);
	return certificates(seq, c);
}

static int status(struct cc_span *in, struct cc_ocsp *c)
{
	struct cc_span body;
	int r = cc_der_get(in, CC_DER_ENUMERATED, &body);

	if (r)
		return r;
	if (body.n != 1 || body.p[0] > CC_OCSP_STATUS_UNAUTHORIZED || body.p[0] == 4)
		return CC_OCSP_E_STATUS;
	c->status = body.p[0];
	/* Section 4.2.1: only a successful one has responseBytes, and it must. */
	return (c->status == CC_OCSP_STATUS_SUCCESSFUL) == (in->n != 0) ? CC_OCSP_OK
									: CC_OCSP_E_STATUS;
}

static int response_bytes(struct cc_span in, struct cc_ocsp *c)
{
	static const uint8_t type[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01 };
	struct cc_span outer, seq, oid, octets;
	int r = cc_der_only(in, CC_DER_CONTEXT_CONS(0), &outer);

	if (!r)
		r = cc_der_only(outer, CC_DER_SEQUENCE, &seq);
	if (!r)
		r = cc_der_oid_get(&seq, &oid);
	if (r)
		return r;
	if (!cc_span_equal(oid, cc_span(type, sizeof(type))))
		return CC_OCSP_E_TYPE;
	r = cc_der_only(seq, CC_DER_OCTET_STRING, &octets);
	return r ? r : basic(octets, c);
}

int cc_ocsp_parse(struct cc_span der, struct cc_ocsp *ret)
{
	struct cc_span in = der, body;
	int r;

	if (der.n == 0)
		return CC_OCSP_E_EMPTY;
	if (der.n > CC_OCSP_MAX)
		return CC_OCSP_E_TOO_LARGE;
	r = cc_der_get(&in, CC_DER_SEQUENCE, &body);
	if (r)
		return r;
	if (in.n)
		return CC_OCSP_E_TRAILING;
	memset(ret, 0, sizeof(*ret));
	ret->der = der;
	r = status(&body, ret);
	if (r || body.n == 0)
		return r;
	return response_bytes(body, ret);
}

int cc_ocsp_data_parse(struct cc_span der, struct cc_ocsp *ret)
{
	struct cc_span in = der, body;
	int r;

	if (der.n == 0)
		return CC_OCSP_E_EMPTY;
	if (der.n > CC_OCSP_MAX)
		return CC_OCSP_E_TOO_LARGE;
	r = cc_der_get(&in, CC_DER_SEQUENCE, &body);
	if (r)
		return r;
	if (in.n)
		return CC_OCSP_E_TRAILING;
	memset(ret, 0, sizeof(*ret));
	ret->tbs = der;
	return response_data(body, ret);
}
