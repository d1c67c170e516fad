// SPDX-License-Identifier: LGPL-2.1-or-later
/* Typed views of a certificate: every field and extension as lists that callers just read. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/x509_ext.h>
#include "core/cert.h"
#include "core/der.h"
#include "core/sct.h"

struct view {
	struct capcert_cert_view pub; /* first: callers hold a pointer to it */
	struct cc_cert parsed;
	capcert_cert *cert;
};

static struct capcert_bytes bytes(struct cc_span s)
{
	return (struct capcert_bytes){ s.p, s.n };
}

static struct cc_span span(struct capcert_bytes b)
{
	return cc_span(b.data, b.len);
}

/* Room for one more element in a list; doubles, so that a list of n costs O(n). */
static void *grow(void **list, size_t *count, size_t size)
{
	size_t n = *count;
	char *p;

	if ((n & (n - 1)) == 0) {
		p = reallocarray(*list, n ? 2 * n : 1, size);
		if (!p)
			return NULL;
		*list = p;
	}
	p = (char *)*list + n * size;
	memset(p, 0, size);
	*count = n + 1;
	return p;
}

#define APPEND(list, count) grow((void **)&(list), &(count), sizeof(*(list)))

static int take_attrs(struct cc_span name, struct capcert_name_attr **list, size_t *count)
{
	struct cc_span rdns, rdn, ava;
	uint32_t number = 0;

	if (cc_der_only(name, CC_DER_SEQUENCE, &rdns))
		return -EBADMSG;
	for (; rdns.n; number++) {
		if (cc_der_get(&rdns, CC_DER_SET, &rdn))
			return -EBADMSG;
		while (rdn.n) {
			struct capcert_name_attr *attr;
			struct cc_span oid, value;
			uint8_t tag;

			if (cc_der_get(&rdn, CC_DER_SEQUENCE, &ava) || cc_der_oid_get(&ava, &oid) ||
			    cc_der_any(&ava, &tag, &value) || ava.n)
				return -EBADMSG;
			attr = APPEND(*list, *count);
			if (!attr)
				return -ENOMEM;
			attr->rdn = number;
			attr->tag = tag;
			attr->oid = bytes(oid);
			attr->value = bytes(value);
		}
	}
	return 0;
}

static int add_name(const struct cc_general_name *gn, struct capcert_general_name **list,
		    size_t *count)
{
	struct capcert_general_name *name = APPEND(*list, *count);

	if (!name)
		return -ENOMEM;
	name->type = gn->type;
	name->value = bytes(gn->value);
	return 0;
}

static int take_names(struct cc_span rest, int (*next)(struct cc_span *, struct cc_general_name *),
		      struct capcert_general_name **list, size_t *count)
{
	struct cc_general_name gn;
	int r;

	while ((r = next(&rest, &gn)) > 0) {
		r = add_name(&gn, list, count);
		if (r)
			return r;
	}
	return r < 0 ? -EBADMSG : 0;
}

static int take_ekus(struct cc_span rest, struct capcert_cert_view *v)
{
	/* id-kp (1.3.6.1.5.5.7.3), anyExtendedKeyUsage, RFC 6962 section 3.1's precertificate
	 * signing. */
	static const uint8_t id_kp[] = { 0x2b, 6, 1, 5, 5, 7, 3 };
	static const uint8_t any[] = { 0x55, 0x1d, 0x25, 0 };
	static const uint8_t ct[] = { 0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 4 };
	static const uint8_t of_arc[] = {
		[1] = CAPCERT_EKU_SERVER_AUTH,	 [2] = CAPCERT_EKU_CLIENT_AUTH,
		[3] = CAPCERT_EKU_CODE_SIGNING,	 [4] = CAPCERT_EKU_EMAIL,
		[8] = CAPCERT_EKU_TIME_STAMPING, [9] = CAPCERT_EKU_OCSP_SIGNING,
	};
	struct cc_span oid;
	int r;

	while ((r = cc_oid_next(&rest, &oid)) > 0) {
		struct capcert_eku *eku = APPEND(v->ekus, v->eku_count);

		if (!eku)
			return -ENOMEM;
		eku->oid = bytes(oid);
		if (cc_span_equal(oid, cc_span(any, sizeof(any))))
			eku->id = CAPCERT_EKU_ANY;
		else if (cc_span_equal(oid, cc_span(ct, sizeof(ct))))
			eku->id = CAPCERT_EKU_CT_PRECERT;
		else if (oid.n == sizeof(id_kp) + 1 && !memcmp(oid.p, id_kp, sizeof(id_kp)) &&
			 oid.p[sizeof(id_kp)] < sizeof(of_arc))
			eku->id = of_arc[oid.p[sizeof(id_kp)]];
	}
	return r < 0 ? -EBADMSG : 0;
}

static bool parse_sct(struct cc_span in, struct capcert_sct *ret)
{
	struct cc_sct sct;
	int r = cc_sct_parse(in, &sct);

	ret->raw = bytes(in);
	ret->version = sct.version;
	if (r == CC_SCT_E_VERSION)
		return true; /* a later version: only the raw bytes can be given */
	if (r != CC_SCT_OK)
		return false;
	memcpy(ret->log_id, sct.log_id.p, sizeof(ret->log_id));
	ret->timestamp = sct.timestamp;
	ret->hash_alg = sct.hash_alg;
	ret->sig_alg = sct.sig_alg;
	ret->extensions = bytes(sct.extensions);
	ret->signature = bytes(sct.signature);
	return true;
}

static int take_scts(struct cc_span in, struct capcert_cert_view *v)
{
	struct cc_span list, one;

	if (cc_sct_list_open(in, &list, NULL) != CC_SCT_OK)
		goto malformed;
	while (cc_sct_next(&list, &one) > 0) {
		struct capcert_sct *sct = APPEND(v->scts, v->sct_count);

		if (!sct)
			return -ENOMEM;
		if (!parse_sct(one, sct))
			goto malformed;
	}
	return 0;
malformed:
	v->scts_malformed = 1;
	v->sct_count = 0;
	return 0;
}

static int take_policies(struct cc_span rest, struct capcert_cert_view *v)
{
	struct cc_span oid, qualifiers;
	int r;

	while ((r = cc_policy_info_next(&rest, &oid, &qualifiers)) > 0) {
		struct capcert_bytes *policy = APPEND(v->policies, v->policy_count);

		if (!policy)
			return -ENOMEM;
		*policy = bytes(oid);
	}
	return r < 0 ? -EBADMSG : 0;
}

static int take_access(struct cc_span rest, struct capcert_cert_view *v)
{
	struct cc_general_name location;
	struct cc_span method;
	int r;

	while ((r = cc_access_next(&rest, &method, &location)) > 0) {
		struct capcert_access *access = APPEND(v->access, v->access_count);

		if (!access)
			return -ENOMEM;
		access->method = bytes(method);
		access->location.type = location.type;
		access->location.value = bytes(location.value);
	}
	return r < 0 ? -EBADMSG : 0;
}

/* DistributionPoint ::= SEQUENCE { distributionPoint [0] { fullName [0] GeneralNames | ... } ... }:
 * only full names are listed (RFC 5280 section 4.2.1.13 discourages the other form). */
static int take_crls(struct cc_span rest, struct capcert_cert_view *v)
{
	struct cc_span point, choice, names;
	int r;

	while (rest.n) {
		if (cc_der_get(&rest, CC_DER_SEQUENCE, &point))
			return -EBADMSG;
		if (!cc_der_peek(point, CC_DER_CONTEXT_CONS(0)))
			continue;
		if (cc_der_get(&point, CC_DER_CONTEXT_CONS(0), &choice))
			return -EBADMSG;
		if (!cc_der_peek(choice, CC_DER_CONTEXT_CONS(0)))
			continue;
		if (cc_der_get(&choice, CC_DER_CONTEXT_CONS(0), &names))
			return -EBADMSG;
		r = take_names(names, cc_gn_next, &v->crls, &v->crl_count);
		if (r)
			return r;
	}
	return 0;
}

static int take_extensions(struct cc_span rest, struct capcert_cert_view *v)
{
	struct cc_extension ext;
	int r;

	while ((r = cc_ext_next(&rest, &ext)) > 0) {
		struct capcert_extension *e = APPEND(v->extensions, v->extension_count);

		if (!e)
			return -ENOMEM;
		e->oid = bytes(ext.oid);
		e->value = bytes(ext.value);
		e->name = cc_ext_name(ext.id);
		e->critical = ext.critical;
	}
	return r < 0 ? -EBADMSG : 0;
}

static uint32_t kind_alone(const struct cc_cert *c)
{
	if (!c->is_ca && !(c->version < 3 && cc_cert_self_issued(c)))
		return CAPCERT_CERT_END_ENTITY;
	return cc_cert_self_issued(c) ? CAPCERT_CERT_TRUST_ANCHOR : CAPCERT_CERT_INTERMEDIATE;
}

static void take_fields(const struct cc_cert *c, struct capcert_cert_view *v)
{
	v->version = c->version;
	v->kind = kind_alone(c);
	v->key_algorithm = cc_key_alg_name(c->key_alg);
	v->key_bits = c->key_bits;
	v->signature_scheme = cc_scheme_name(c->scheme);
	v->serial = bytes(c->serial);
	v->subject = bytes(c->subject);
	v->issuer = bytes(c->issuer);
	v->spki = bytes(c->spki);
	v->not_before = c->not_before;
	v->not_after = c->not_after;
	v->have_key_usage = !!(c->ext_present & CC_EXT_BIT(KEY_USAGE));
	v->key_usage = c->key_usage;
	v->have_basic_constraints = !!(c->ext_present & CC_EXT_BIT(BASIC_CONSTRAINTS));
	v->ca = c->is_ca;
	v->path_len = c->path_len;
	v->must_staple = c->must_staple;
	v->have_name_constraints = !!(c->ext_present & CC_EXT_BIT(NAME_CONSTRAINTS));
	v->subject_key_id = bytes(c->skid);
	v->authority_key_id = bytes(c->akid);
}

static int take_lists(const struct cc_cert *c, struct capcert_cert_view *v)
{
	int r = take_attrs(c->subject, &v->subject_attrs, &v->subject_attr_count);

	if (!r)
		r = take_attrs(c->issuer, &v->issuer_attrs, &v->issuer_attr_count);
	if (!r)
		r = take_names(c->san, cc_gn_next, &v->alt_names, &v->alt_name_count);
	if (!r)
		r = take_names(c->permitted, cc_subtree_next, &v->permitted, &v->permitted_count);
	if (!r)
		r = take_names(c->excluded, cc_subtree_next, &v->excluded, &v->excluded_count);
	if (!r)
		r = take_ekus(c->eku, v);
	if (!r)
		r = take_policies(c->policies, v);
	if (!r)
		r = take_access(c->aia, v);
	if (!r)
		r = take_crls(c->crldp, v);
	if (!r)
		r = take_extensions(c->extensions, v);
	if (!r && c->ext_present & CC_EXT_BIT(SCT_LIST))
		r = take_scts(c->scts, v);
	return r;
}

int capcert_cert_view_new(capcert_cert *cert, const struct capcert_cert_view **ret)
{
	struct view *view;
	size_t len;
	const uint8_t *der = capcert_cert_der(cert, &len);
	int r;

	view = calloc(1, sizeof(*view));
	if (!view)
		return -ENOMEM;
	view->cert = capcert_cert_ref(cert);
	r = cc_cert_parse(cc_span(der, len), &view->parsed) == CC_CERT_OK ? 0 : -EBADMSG;
	if (!r) {
		take_fields(&view->parsed, &view->pub);
		r = take_lists(&view->parsed, &view->pub);
	}
	if (r) {
		capcert_cert_view_free(&view->pub);
		return r;
	}
	*ret = &view->pub;
	return 0;
}

void capcert_cert_view_free(const struct capcert_cert_view *pub)
{
	struct view *view = (struct view *)(uintptr_t)pub;

	if (!view)
		return;
	free(view->pub.subject_attrs);
	free(view->pub.issuer_attrs);
	free(view->pub.alt_names);
	free(view->pub.ekus);
	free(view->pub.permitted);
	free(view->pub.excluded);
	free(view->pub.scts);
	free(view->pub.policies);
	free(view->pub.access);
	free(view->pub.crls);
	free(view->pub.extensions);
	capcert_cert_free(view->cert);
	free(view);
}

/* The same subject and key under another issuer: one of the two is a cross-sign. */
static bool is_cross_sign(const struct cc_cert *a, const capcert_cert *other)
{
	struct cc_cert b;
	size_t len;
	const uint8_t *der = capcert_cert_der(other, &len);

	return cc_cert_parse(cc_span(der, len), &b) == CC_CERT_OK &&
	       cc_dn_equal(a->subject, b.subject) && cc_span_equal(a->spki, b.spki) &&
	       !cc_dn_equal(a->issuer, b.issuer);
}

uint32_t capcert_cert_kind(const capcert_cert *cert, const capcert_chain *others)
{
	struct cc_cert c;
	size_t i, len;
	const uint8_t *der = capcert_cert_der(cert, &len);
	uint32_t kind;

	if (cc_cert_parse(cc_span(der, len), &c) != CC_CERT_OK)
		return CAPCERT_CERT_END_ENTITY;
	kind = kind_alone(&c);
	if (kind != CAPCERT_CERT_INTERMEDIATE || !others)
		return kind;
	for (i = 0; i < capcert_chain_count(others); i++)
		if (is_cross_sign(&c, capcert_chain_at(others, i)))
			return CAPCERT_CERT_CROSS_SIGNED;
	return kind;
}

size_t capcert_oid_text(struct capcert_bytes oid, char *buf, size_t cap)
{
	return cc_oid_format(span(oid), buf, cap);
}

size_t capcert_name_text(struct capcert_bytes name, char *buf, size_t cap)
{
	return cc_dn_format(span(name), buf, cap);
}
