// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ContentInfo with the SignedData that a bundle comes in: RFC 5652 sections 3 and 5, narrowed to
 * one signer by issuer and serial number, with nothing that is not needed and nothing unsigned. */
#include "core/alg.h"
#include "core/cms.h"
#include "core/der.h"
#include "core/dn.h"
#include "core/oid.h"

/* RSA keys have 2048 to 8192 bits; a signature is as long as the modulus. */
#define SIGNATURE_MIN 256
#define SIGNATURE_MAX 1024

static const uint8_t signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const uint8_t plain_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };

const char *cc_cms_error_text(int error)
{
	switch (error) {
	case CC_CMS_OK:
		return "no error";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_CMS_ERRORS(X)
#undef X
	default:
		return "?";
	}
}

static int object_type(struct cc_span *in, const uint8_t *oid, size_t n)
{
	struct cc_span body;
	int r = cc_der_oid_get(in, &body);

	if (r)
		return r;
	return cc_span_equal(body, cc_span(oid, n)) ? CC_CMS_OK : CC_CMS_E_TYPE;
}

/* CMSVersion: SignedData and SignerInfo have 1 here, by RFC 5652 sections 5.1 and 5.3. */
static int version(struct cc_span *in)
{
	struct cc_span body;
	int r = cc_der_get(in, CC_DER_INTEGER, &body);

	if (r)
		return r;
	return body.n == 1 && body.p[0] == 1 ? CC_CMS_OK : CC_CMS_E_VERSION;
}

/* AlgorithmIdentifier whose parameters are absent or NULL. */
static int algorithm(struct cc_span *in, bool need_null, enum cc_oid *ret)
{
	struct cc_span seq, oid, body;
	bool null;
	int r = cc_der_get(in, CC_DER_SEQUENCE, &seq);

	if (!r)
		r = cc_der_oid_get(&seq, &oid);
	if (r)
		return r;
	null = seq.n != 0;
	if (null && (cc_der_only(seq, CC_DER_NULL, &body) || body.n))
		return CC_CMS_E_ALGORITHM;
	if (need_null && !null)
		return CC_CMS_E_ALGORITHM;
	*ret = cc_oid_find(oid);
	return CC_CMS_OK;
}

static int digest(struct cc_span *in, enum cc_oid *ret)
{
	int r = algorithm(in, false, ret);

	if (r)
		return r;
	return *ret == CC_OID_SHA256 || *ret == CC_OID_SHA384 || *ret == CC_OID_SHA512
		       ? CC_CMS_OK
		       : CC_CMS_E_ALGORITHM;
}

/* DigestAlgorithmIdentifiers: just one. */
static int digests(struct cc_span *in, enum cc_oid *ret)
{
	struct cc_span set;
	int r = cc_der_get(in, CC_DER_SET, &set);

	if (r)
		return r;
	if (set.n == 0)
		return CC_CMS_E_ALGORITHM;
	r = digest(&set, ret);
	if (r)
		return r;
	return set.n ? CC_CMS_E_ALGORITHM : CC_CMS_OK;
}

/* EncapsulatedContentInfo: [0] EXPLICIT OCTET STRING. */
static int content(struct cc_span *in, struct cc_span *ret)
{
	struct cc_span seq, outer;
	int r = cc_der_get(in, CC_DER_SEQUENCE, &seq);

	if (!r)
		r = object_type(&seq, plain_data, sizeof(plain_data));
	if (r)
		return r;
	if (seq.n == 0)
		return CC_CMS_E_DETACHED;
	r = cc_der_get(&seq, CC_DER_CONTEXT_CONS(0), &outer);
	if (!r)
		r = cc_der_get(&outer, CC_DER_OCTET_STRING, ret);
	if (r)
		return r;
	return seq.n || outer.n ? CC_CMS_E_DER : CC_CMS_OK;
}

/* SignerIdentifier: IssuerAndSerialNumber. */
static int signer_id(struct cc_span *in, struct cc_cms *cms)
{
	struct cc_span seq, name;
	int r;

	if (!cc_der_peek(*in, CC_DER_SEQUENCE))
		return CC_CMS_E_SIGNER;
	r = cc_der_get(in, CC_DER_SEQUENCE, &seq);
	if (!r)
		r = cc_der_get_whole(&seq, CC_DER_SEQUENCE, &name, &cms->issuer);
	if (!r)
		r = cc_der_get(&seq, CC_DER_INTEGER, &cms->serial);
	if (r)
		return r;
	if (seq.n || !cc_dn_valid(name) || !cc_der_integer_valid(cms->serial))
		return CC_CMS_E_SIGNER;
	return CC_CMS_OK;
}

static int scheme(enum cc_oid hash, enum cc_oid key, uint8_t *ret)
{
	switch (hash) {
	case CC_OID_SHA256:
		*ret = CC_SCHEME_RSA_PKCS1_SHA256;
		return key == CC_OID_RSA || key == CC_OID_RSA_SHA256 ? 0 : CC_CMS_E_ALGORITHM;
	case CC_OID_SHA384:
		*ret = CC_SCHEME_RSA_PKCS1_SHA384;
		return key == CC_OID_RSA || key == CC_OID_RSA_SHA384 ? 0 : CC_CMS_E_ALGORITHM;
	default:
		*ret = CC_SCHEME_RSA_PKCS1_SHA512;
		return key == CC_OID_RSA || key == CC_OID_RSA_SHA512 ? 0 : CC_CMS_E_ALGORITHM;
	}
}

static int signature(struct cc_span *in, enum cc_oid hash, struct cc_cms *cms)
{
	enum cc_oid key;
	int r = algorithm(in, true, &key);

	if (!r)
		r = scheme(hash, key, &cms->scheme);
	if (!r)
		r = cc_der_get(in, CC_DER_OCTET_STRING, &cms->signature);
	if (r)
		return r;
	return cms->signature.n >= SIGNATURE_MIN && cms->signature.n <= SIGNATURE_MAX
		       ? CC_CMS_OK
		       : CC_CMS_E_SIGNATURE;
}

static int signer(struct cc_span *in, enum cc_oid announced, struct cc_cms *cms)
{
	enum cc_oid hash;
	struct cc_span seq;
	int r = cc_der_get(in, CC_DER_SEQUENCE, &seq);

	if (!r)
		r = version(&seq);
	if (!r)
		r = signer_id(&seq, cms);
	if (!r)
		r = digest(&seq, &hash);
	if (r)
		return r;
	if (hash != announced)
		return CC_CMS_E_ALGORITHM;
	if (cc_der_peek(seq, CC_DER_CONTEXT_CONS(0)))
		return CC_CMS_E_ATTRIBUTES;
	r = signature(&seq, hash, cms);
	if (r)
		return r;
	if (cc_der_peek(seq, CC_DER_CONTEXT_CONS(1)))
		return CC_CMS_E_ATTRIBUTES;
	return seq.n ? CC_CMS_E_DER : CC_CMS_OK;
}

static int signers(struct cc_span *in, enum cc_oid hash, struct cc_cms *cms)
{
	struct cc_span set;
	int r = cc_der_get(in, CC_DER_SET, &set);

	if (r)
		return r;
	if (set.n == 0)
		return CC_CMS_E_SIGNERS;
	r = signer(&set, hash, cms);
	if (r)
		return r;
	return set.n ? CC_CMS_E_SIGNERS : CC_CMS_OK;
}

static int body(struct cc_span in, struct cc_cms *cms)
{
	enum cc_oid hash;
	int r = version(&in);

	if (!r)
		r = digests(&in, &hash);
	if (!r)
		r = content(&in, &cms->content);
	if (r)
		return r;
	if (cc_der_peek(in, CC_DER_CONTEXT_CONS(0)) || cc_der_peek(in, CC_DER_CONTEXT_CONS(1)))
		return CC_CMS_E_CERTIFICATES;
	r = signers(&in, hash, cms);
	if (r)
		return r;
	return in.n ? CC_CMS_E_DER : CC_CMS_OK;
}

int cc_cms_parse(struct cc_span der, struct cc_cms *ret)
{
	struct cc_span info, outer, seq;
	int r = cc_der_get(&der, CC_DER_SEQUENCE, &info);

	if (r)
		return r;
	if (der.n)
		return CC_CMS_E_TRAILING;
	memset(ret, 0, sizeof(*ret));
	r = object_type(&info, signed_data, sizeof(signed_data));
	if (!r)
		r = cc_der_get(&info, CC_DER_CONTEXT_CONS(0), &outer);
	if (!r)
		r = cc_der_get(&outer, CC_DER_SEQUENCE, &seq);
	if (r)
		return r;
	if (info.n || outer.n)
		return CC_CMS_E_DER;
	return body(seq, ret);
}
