// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* TrustAnchorChoice, RFC 5914. The module's tags are IMPLICIT but where it says EXPLICIT. */
#include "core/bundle.h"
#include "core/ct_log.h"
#include "core/der.h"
#include "core/dn.h"
#include "core/ext.h"
#include "core/outcome.h"
#include "core/spki.h"
#include "core/text.h"
#include "core/time.h"
#include "core/trust_anchor.h"

#define FOREVER 0x7fffffffffffffffLL
#define TITLE_MAX 64 /* characters, section 2.4 */

/* CertPolicyFlags, section 2.5 */
#define INHIBIT_MAPPING (1u << 0)
#define REQUIRE_EXPLICIT (1u << 1)
#define INHIBIT_ANY (1u << 2)

static bool title_valid(struct cc_span s)
{
	unsigned int count = 0;

	for (; s.n && count <= TITLE_MAX; count++) {
		size_t n = cc_utf8_size(s);

		if (!n)
			return false;
		s = cc_span(s.p + n, s.n - n);
	}
	return count >= 1 && count <= TITLE_MAX;
}

/* A language tag is letters, digits and hyphens (RFC 5646 section 2.1). */
static bool language_valid(struct cc_span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		uint8_t c = s.p[i], lower = c | 0x20;

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return s.n > 0;
}

static int public_key(struct cc_span *in, struct cc_spki *ret)
{
	/* version is DEFAULT v1, and no other is known: it cannot stand there. */
	if (cc_der_peek(*in, CC_DER_INTEGER))
		return CC_CERT_E_VERSION;
	return cc_spki_get(in, ret) ? CC_CERT_E_KEY : CC_CERT_OK;
}

static int title(struct cc_span *in, struct cc_trust_anchor *ta)
{
	int r;

	if (!cc_der_peek(*in, CC_DER_UTF8_STRING))
		return CC_CERT_OK;
	r = cc_der_get(in, CC_DER_UTF8_STRING, &ta->title);
	if (r)
		return r;
	return title_valid(ta->title) ? CC_CERT_OK : CC_CERT_E_DER;
}

static int title_language(struct cc_span *in, struct cc_trust_anchor *ta)
{
	int r;

	if (!cc_der_peek(*in, CC_DER_CONTEXT(2)))
		return CC_CERT_OK;
	r = cc_der_get(in, CC_DER_CONTEXT(2), &ta->title_lang);
	if (r)
		return r;
	return language_valid(ta->title_lang) ? CC_CERT_OK : CC_CERT_E_DER;
}

/* certificate [0]: carries the same name, key and key identifier (section 2.5). */
static int embedded(struct cc_span *in, struct cc_trust_anchor *ta, struct cc_span name,
		    const struct cc_spki *key, struct cc_span key_id)
{
	struct cc_span body;
	int r;

	if (!cc_der_peek(*in, CC_DER_CONTEXT_CONS(0)))
		return CC_CERT_OK;
	r = cc_der_get_whole(in, CC_DER_CONTEXT_CONS(0), &body, &ta->certificate);
	if (!r)
		r = cc_cert_parse_tagged(ta->certificate, CC_DER_CONTEXT_CONS(0), &ta->cert);
	if (r)
		return r;
	if (!cc_span_equal(ta->cert.subject, name) || !cc_span_equal(ta->cert.spki, key->whole) ||
	    ((ta->cert.ext_present & CC_EXT_BIT(SUBJECT_KEY_ID)) &&
	     !cc_span_equal(ta->cert.skid, key_id)))
		return CC_CERT_E_OTHER;
	return CC_CERT_OK;
}

static void without_certificate(struct cc_cert *c, struct cc_span name, const struct cc_spki *key)
{
	cc_cert_clear(c);
	c->version = 3;
	c->subject = name;
	c->spki = key->whole;
	c->key = key->key;
	c->key_alg = key->alg;
	c->key_bits = key->bits;
	c->rsa_exponent = key->rsa_exponent;
	c->not_before = -FOREVER - 1;
	c->not_after = FOREVER;
}

static void present(struct cc_cert *c, uint32_t bit, bool critical)
{
	c->ext_present |= bit;
	c->ext_critical = critical ? c->ext_critical | bit : c->ext_critical & ~bit;
}

static bool policy_set(struct cc_span *seq, struct cc_cert *c)
{
	struct cc_span body, rest, oid, quals;

	if (!cc_der_peek(*seq, CC_DER_CONTEXT_CONS(1)))
		return true;
	if (cc_der_get(seq, CC_DER_CONTEXT_CONS(1), &body) || !cc_policies_parse(body, c))
		return false;
	for (rest = body; cc_policy_info_next(&rest, &oid, &quals) == 1;)
		if (quals.n)
			return false;
	present(c, CC_EXT_BIT(POLICIES), false);
	return true;
}

static bool policy_flags(struct cc_span *seq, struct cc_cert *c)
{
	struct cc_span body;
	uint32_t flags;

	if (!cc_der_peek(*seq, CC_DER_CONTEXT(2)))
		return true;
	if (cc_der_get(seq, CC_DER_CONTEXT(2), &body) ||
	    !cc_der_flags(body, INHIBIT_MAPPING | REQUIRE_EXPLICIT | INHIBIT_ANY, &flags))
		return false;
	if (flags & INHIBIT_MAPPING)
		c->inhibit_mapping = 0;
	if (flags & REQUIRE_EXPLICIT)
		c->require_explicit = 0;
	if (flags & INHIBIT_ANY)
		c->inhibit_any = 0;
	return true;
}

static bool name_constraints(struct cc_span *seq, struct cc_cert *c)
{
	struct cc_span body;

	if (!cc_der_peek(*seq, CC_DER_CONTEXT_CONS(3)))
		return true;
	if (cc_der_get(seq, CC_DER_CONTEXT_CONS(3), &body))
		return false;
	c->permitted = cc_span(NULL, 0);
	c->excluded = cc_span(NULL, 0);
	present(c, CC_EXT_BIT(NAME_CONSTRAINTS), true);
	return cc_name_constraints_parse(body, c);
}

static void shorten(struct cc_cert *c, int32_t limit)
{
	if (limit >= 0 && (c->path_len < 0 || limit < c->path_len))
		c->path_len = limit;
}

static bool path_length(struct cc_span *seq, struct cc_cert *c)
{
	struct cc_span body;
	int32_t limit;

	if (!cc_der_peek(*seq, CC_DER_CONTEXT(4)))
		return true;
	if (cc_der_get(seq, CC_DER_CONTEXT(4), &body))
		return false;
	limit = cc_der_int31(body);
	shorten(c, limit);
	return limit >= 0;
}

/* CertPathControls, section 2.5. */
static int path_controls(struct cc_span seq, struct cc_trust_anchor *ta, const struct cc_spki *key,
			 struct cc_span key_id)
{
	struct cc_span body, name;
	int r = cc_der_get_whole(&seq, CC_DER_SEQUENCE, &body, &name);

	if (r)
		return r;
	if (body.n == 0 || !cc_dn_valid(body))
		return CC_CERT_E_NAME;
	ta->named = true;
	r = embedded(&seq, ta, name, key, key_id);
	if (r)
		return r;
	if (ta->certificate.n == 0) {
		without_certificate(&ta->cert, name, key);
		ta->cert.is_ca = true;
		present(&ta->cert, CC_EXT_BIT(BASIC_CONSTRAINTS), true);
	}
	if (!policy_set(&seq, &ta->cert) || !policy_flags(&seq, &ta->cert) ||
	    !name_constraints(&seq, &ta->cert) || !path_length(&seq, &ta->cert) || seq.n)
		return CC_CERT_E_CONTROLS;
	return CC_CERT_OK;
}

/* What has a field of its own must not come a second way. */
#define ELSEWHERE                                                                          \
	(CC_EXT_BIT(SUBJECT_KEY_ID) | CC_EXT_BIT(POLICIES) | CC_EXT_BIT(POLICY_MAPPINGS) | \
	 CC_EXT_BIT(POLICY_CONSTRAINTS) | CC_EXT_BIT(INHIBIT_ANY_POLICY) |                 \
	 CC_EXT_BIT(NAME_CONSTRAINTS))

static bool date(struct cc_span value, int64_t *ret)
{
	struct cc_span body;

	return !cc_der_only(value, CC_DER_GENERALIZED_TIME, &body) &&
	       cc_time_generalized(body, ret);
}

/* Whose OID stands under our arc, the number behind it; else 0. */
static uint8_t own_number(struct cc_span oid)
{
	static const uint8_t arc[] = { CC_BUNDLE_ARC };

	if (oid.n != sizeof(arc) + 1 || memcmp(oid.p, arc, sizeof(arc)))
		return 0;
	return oid.p[sizeof(arc)];
}

/* The extensions of docs/bundle-format.md, which are all critical. */
static bool own_extension(const struct cc_extension *ext, struct cc_trust_anchor *ta)
{
	struct cc_ct_log log;
	struct cc_span body;

	if (!ext->critical)
		return false;
	switch (own_number(ext->oid)) {
	case CC_BUNDLE_EXT_PURPOSES:
		return !cc_der_only(ext->value, CC_DER_BIT_STRING, &body) &&
		       cc_purposes_parse(body, &ta->purposes) && ta->purposes;
	case CC_BUNDLE_EXT_DISTRUST_AFTER:
		ta->has_distrust_after = true;
		return date(ext->value, &ta->distrust_after);
	case CC_BUNDLE_EXT_SCT_DISTRUST_AFTER:
		ta->has_sct_distrust_after = true;
		return date(ext->value, &ta->sct_distrust_after);
	case CC_BUNDLE_EXT_CT_LOG:
		ta->ct_log = ext->value;
		return !ta->named && cc_ct_log_parse(ext->value, &log);
	default:
		return false;
	}
}

static bool extension(const struct cc_extension *ext, struct cc_trust_anchor *ta)
{
	struct cc_cert *c = &ta->cert;
	int32_t limit = c->path_len;

	if (ext->id == CC_EXT_UNKNOWN) {
		uint8_t own = own_number(ext->oid);

		if (own >= CC_BUNDLE_EXT_PURPOSES && own <= CC_BUNDLE_EXT_CT_LOG)
			return own_extension(ext, ta);
		return !ext->critical;
	}
	if (1u << ext->id & ELSEWHERE)
		return false;
	if (ext->id == CC_EXT_EXT_KEY_USAGE)
		c->eku_mask = 0;
	if (ext->id == CC_EXT_BASIC_CONSTRAINTS) {
		c->is_ca = false;
		c->path_len = -1;
	}
	present(c, 1u << ext->id, ext->critical);
	if (!cc_ext_parse(ext, c))
		return false;
	shorten(c, limit);
	return true;
}

/* exts [1] EXPLICIT Extensions, section 2.6. */
static int extensions(struct cc_span *in, struct cc_trust_anchor *ta)
{
	struct cc_span outer, list, rest;
	struct cc_extension ext;
	unsigned int count = 0;
	int r;

	if (!cc_der_peek(*in, CC_DER_CONTEXT_CONS(1)))
		return CC_CERT_OK;
	r = cc_der_get(in, CC_DER_CONTEXT_CONS(1), &outer);
	if (r)
		return r;
	if (cc_der_only(outer, CC_DER_SEQUENCE, &list) || list.n == 0)
		return CC_CERT_E_EXTENSION;
	for (rest = list; rest.n;) {
		const uint8_t *start = rest.p;

		if (cc_ext_next(&rest, &ext) < 0)
			return CC_CERT_E_EXTENSION;
		if (++count > CC_EXT_MAX)
			return CC_CERT_E_TOO_LARGE;
		if (cc_ext_stands_before(list, start, ext.oid))
			return CC_CERT_E_DUPLICATE;
		if (!extension(&ext, ta))
			return CC_CERT_E_EXTENSION;
	}
	return CC_CERT_OK;
}

static int info(struct cc_span in, struct cc_trust_anchor *ta)
{
	struct cc_span key_id, controls;
	struct cc_spki key;
	int r = public_key(&in, &key);

	if (!r)
		r = cc_der_get(&in, CC_DER_OCTET_STRING, &key_id);
	if (!r)
		r = title(&in, ta);
	if (r)
		return r;
	if (cc_der_peek(in, CC_DER_SEQUENCE)) {
		r = cc_der_get(&in, CC_DER_SEQUENCE, &controls);
		if (!r)
			r = path_controls(controls, ta, &key, key_id);
	} else {
		without_certificate(&ta->cert, cc_span(NULL, 0), &key);
	}
	if (!r)
		r = extensions(&in, ta);
	if (!r)
		r = title_language(&in, ta);
	if (r)
		return r;
	/* A log is known by the SHA-256 of its key. */
	if (ta->ct_log.n && key_id.n != 32)
		return CC_CERT_E_KEY;
	ta->cert.skid = key_id;
	present(&ta->cert, CC_EXT_BIT(SUBJECT_KEY_ID), false);
	return in.n ? CC_CERT_E_DER : CC_CERT_OK;
}

static int check_size(struct cc_span der)
{
	if (der.n == 0)
		return CC_CERT_E_EMPTY;
	return der.n > CC_TRUST_ANCHOR_MAX ? CC_CERT_E_TOO_LARGE : CC_CERT_OK;
}

int cc_trust_anchor_info_parse(struct cc_span der, struct cc_trust_anchor *ret)
{
	struct cc_span in = der, seq;
	int r = check_size(der);

	if (!r)
		r = cc_der_get(&in, CC_DER_SEQUENCE, &seq);
	if (r)
		return r;
	if (in.n)
		return CC_CERT_E_TRAILING;
	memset(ret, 0, sizeof(*ret));
	ret->kind = CC_ANCHOR_INFO;
	ret->body = der;
	return info(seq, ret);
}

static int certificate(struct cc_span der, struct cc_trust_anchor *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = CC_ANCHOR_CERTIFICATE;
	ret->body = der;
	ret->certificate = der;
	ret->named = true;
	return cc_cert_parse(der, &ret->cert);
}

static int tbs(struct cc_span der, struct cc_trust_anchor *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = CC_ANCHOR_TBS;
	ret->body = der;
	ret->named = true;
	return cc_tbs_parse(der, &ret->cert);
}

int cc_trust_anchor_parse(struct cc_span der, struct cc_trust_anchor *ret)
{
	struct cc_span in = der, inner;
	uint8_t tag;
	int r = check_size(der);

	if (r)
		return r;
	if (cc_der_peek(der, CC_DER_SEQUENCE))
		return certificate(der, ret);
	r = cc_der_any(&in, &tag, &inner);
	if (r)
		return r;
	if (in.n)
		return CC_CERT_E_TRAILING;
	if (tag == CC_DER_CONTEXT_CONS(1))
		return tbs(inner, ret);
	if (tag == CC_DER_CONTEXT_CONS(2))
		return cc_trust_anchor_info_parse(inner, ret);
	return CC_CERT_E_DER;
}

/* A TrustAnchorInfo begins with a key and an OCTET STRING; a Certificate is two SEQUENCEs and a
 * BIT STRING; the elements of a list are SEQUENCEs or have the tag of a choice. */
enum cc_trust_anchor_form cc_trust_anchor_form(struct cc_span der)
{
	uint8_t tags[3] = { 0 };
	struct cc_span seq, body;
	unsigned int i;

	if (!cc_der_peek(der, CC_DER_SEQUENCE) || cc_der_get(&der, CC_DER_SEQUENCE, &seq))
		return CC_ANCHOR_FORM_CHOICE;
	for (i = 0; i < 3 && !cc_der_any(&seq, &tags[i], &body); i++)
		;
	if (tags[0] == CC_DER_INTEGER || tags[1] == CC_DER_OCTET_STRING)
		return CC_ANCHOR_FORM_INFO;
	return tags[2] == CC_DER_BIT_STRING ? CC_ANCHOR_FORM_CHOICE : CC_ANCHOR_FORM_LIST;
}

int cc_trust_anchor_list(struct cc_span der, struct cc_span *ret_rest)
{
	int r;

	if (der.n == 0)
		return CC_CERT_E_EMPTY;
	r = cc_der_get(&der, CC_DER_SEQUENCE, ret_rest);
	if (r)
		return r;
	if (der.n)
		return CC_CERT_E_TRAILING;
	return ret_rest->n ? CC_CERT_OK : CC_CERT_E_EMPTY;
}

int cc_trust_anchor_next(struct cc_span *rest, struct cc_span *ret)
{
	struct cc_span in = *rest, body;
	uint8_t tag;

	if (in.n == 0)
		return 0;
	if (cc_der_any(&in, &tag, &body))
		return -1;
	if (tag != CC_DER_SEQUENCE && tag != CC_DER_CONTEXT_CONS(1) &&
	    tag != CC_DER_CONTEXT_CONS(2))
		return -1;
	*ret = cc_span(rest->p, (size_t)(in.p - rest->p));
	*rest = in;
	return 1;
}
