// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signature AlgorithmIdentifiers and their parameters (RFC 4055, 5758, 8410, 9215). */
#include "core/alg.h"
#include "core/der.h"
#include "core/oid.h"
#include "core/text.h"

const char *cc_key_alg_name(uint32_t alg)
{
	switch (alg) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_KEY_ALGS(X)
#undef X
	default:
		return "?";
	}
}

const char *cc_scheme_name(uint32_t scheme)
{
	switch (scheme) {
#define X(nr, name, tls, text) \
	case nr:               \
		return text;
		CC_SCHEMES(X)
#undef X
	default:
		return "?";
	}
}

int cc_key_alg_parse(const char *text, size_t len)
{
	int i;

	for (i = 0; i < CC_KEY_COUNT; i++)
		if (cc_text_is(text, len, cc_key_alg_name((uint32_t)i)))
			return i;
	return -1;
}

int cc_scheme_parse(const char *text, size_t len)
{
	int i;

	for (i = 0; i < CC_SCHEME_COUNT; i++)
		if (cc_text_is(text, len, cc_scheme_name((uint32_t)i)))
			return i;
	return -1;
}

uint32_t cc_scheme_from_tls(uint32_t code)
{
	switch (code) {
#define X(nr, name, tls, text) \
	case (tls) ? (tls):    \
		0x10000 + (nr) : return nr;
		CC_SCHEMES(X)
#undef X
	default:
		return CC_SCHEME_OTHER;
	}
}

/* An AlgorithmIdentifier of a hash function: parameters NULL or absent (RFC 4055 section 2.1). */
static bool hash_alg(struct cc_span *in, enum cc_oid *ret)
{
	struct cc_span seq, oid, null;

	if (cc_der_get(in, CC_DER_SEQUENCE, &seq) || cc_der_oid_get(&seq, &oid))
		return false;
	if (seq.n && (cc_der_only(seq, CC_DER_NULL, &null) || null.n))
		return false;
	*ret = cc_oid_find(oid);
	return true;
}

/* Take [@nr] EXPLICIT INTEGER. */
static bool tagged_int(struct cc_span *in, uint8_t nr, int32_t *ret)
{
	struct cc_span outer, body;

	if (cc_der_get(in, CC_DER_CONTEXT_CONS(nr), &outer) ||
	    cc_der_only(outer, CC_DER_INTEGER, &body))
		return false;
	*ret = cc_der_int31(body);
	return *ret >= 0;
}

/* RSASSA-PSS-params, RFC 4055 section 3.1: one hash for both, salt as long as it, trailer 1. */
static uint32_t pss_scheme(struct cc_span params)
{
	struct cc_span seq, field, mgf, oid;
	enum cc_oid hash, mgf_hash;
	int32_t salt, trailer = 1;

	if (cc_der_only(params, CC_DER_SEQUENCE, &seq) ||
	    cc_der_get(&seq, CC_DER_CONTEXT_CONS(0), &field) || !hash_alg(&field, &hash) || field.n)
		return CC_SCHEME_OTHER;
	if (cc_der_get(&seq, CC_DER_CONTEXT_CONS(1), &field) ||
	    cc_der_only(field, CC_DER_SEQUENCE, &mgf) || cc_der_oid_get(&mgf, &oid) ||
	    !cc_oid_is(oid, CC_OID_MGF1) || !hash_alg(&mgf, &mgf_hash) || mgf.n)
		return CC_SCHEME_OTHER;
	if (!tagged_int(&seq, 2, &salt))
		return CC_SCHEME_OTHER;
	/* Explicit or by default: section 3.1 tells verifiers to take both. */
	if (seq.n && !tagged_int(&seq, 3, &trailer))
		return CC_SCHEME_OTHER;
	if (seq.n || trailer != 1 || hash != mgf_hash)
		return CC_SCHEME_OTHER;
	if (hash == CC_OID_SHA256 && salt == 32)
		return CC_SCHEME_RSA_PSS_SHA256;
	if (hash == CC_OID_SHA384 && salt == 48)
		return CC_SCHEME_RSA_PSS_SHA384;
	if (hash == CC_OID_SHA512 && salt == 64)
		return CC_SCHEME_RSA_PSS_SHA512;
	return CC_SCHEME_OTHER;
}

static const struct {
	uint8_t oid;
	uint8_t scheme;
	bool null_allowed; /* RSA PKCS#1: parameters NULL, absence tolerated; others: absent */
} schemes[] = {
	{ CC_OID_RSA_SHA256, CC_SCHEME_RSA_PKCS1_SHA256, true },
	{ CC_OID_ECDSA_SHA256, CC_SCHEME_ECDSA_SHA256, false },
	{ CC_OID_ECDSA_SHA384, CC_SCHEME_ECDSA_SHA384, false },
	{ CC_OID_RSA_SHA384, CC_SCHEME_RSA_PKCS1_SHA384, true },
	{ CC_OID_RSA_SHA512, CC_SCHEME_RSA_PKCS1_SHA512, true },
	{ CC_OID_ECDSA_SHA512, CC_SCHEME_ECDSA_SHA512, false },
	{ CC_OID_ED25519, CC_SCHEME_ED25519, false },
	{ CC_OID_ED448, CC_SCHEME_ED448, false },
	{ CC_OID_GOST256_SIG, CC_SCHEME_GOST256, false },
	{ CC_OID_GOST512_SIG, CC_SCHEME_GOST512, false },
	{ CC_OID_RSA_SHA1, CC_SCHEME_RSA_PKCS1_SHA1, true },
	{ CC_OID_ECDSA_SHA1, CC_SCHEME_ECDSA_SHA1, false },
};

uint32_t cc_scheme_of_alg(struct cc_span alg)
{
	struct cc_span seq, oid;
	unsigned int i;

	if (cc_der_only(alg, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_OID, &oid))
		return CC_SCHEME_OTHER;
	for (i = 0; i < CC_ARRAY_SIZE(schemes); i++) {
		if (!cc_oid_is(oid, (enum cc_oid)schemes[i].oid))
			continue;
		if (seq.n == 0)
			return schemes[i].scheme;
		if (schemes[i].null_allowed && seq.n == 2 && seq.p[0] == CC_DER_NULL &&
		    seq.p[1] == 0)
			return schemes[i].scheme;
		return CC_SCHEME_OTHER;
	}
	if (cc_oid_is(oid, CC_OID_RSA_PSS))
		return pss_scheme(seq);
	return CC_SCHEME_OTHER;
}
