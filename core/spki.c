// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Public keys: the algorithm's parameters, and the key in the form its algorithm asks for. */
#include "core/der.h"
#include "core/oid.h"
#include "core/spki.h"

/* Bits of a positive INTEGER; 0 when it is malformed, zero or negative. */
static uint32_t integer_bits(struct cc_span body)
{
	uint32_t bits;
	uint8_t top;

	if (!cc_der_integer_valid(body) || body.p[0] >= 0x80)
		return 0;
	if (body.p[0] == 0 && body.n > 1)
		body = cc_span(body.p + 1, body.n - 1);
	bits = (uint32_t)(body.n - 1) * 8;
	for (top = body.p[0]; top; top >>= 1)
		bits++;
	return bits;
}

/* RSAPublicKey, RFC 8017 appendix A.1.1. */
static bool rsa_key(struct cc_spki *k)
{
	struct cc_span seq, n, e;
	size_t i;

	if (cc_der_only(k->key, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_INTEGER, &n) ||
	    cc_der_only(seq, CC_DER_INTEGER, &e))
		return false;
	k->bits = integer_bits(n);
	if (k->bits == 0 || integer_bits(e) == 0)
		return false;
	if (integer_bits(e) <= 32)
		for (i = 0; i < e.n; i++)
			k->rsa_exponent = k->rsa_exponent << 8 | e.p[i];
	return true;
}

/* ECPoint, RFC 5480 section 2.2: uncompressed or compressed, coordinates of the curve's size. */
static bool ec_point(struct cc_span key, size_t size)
{
	if (key.n == 1 + 2 * size)
		return key.p[0] == 0x04;
	return key.n == 1 + size && (key.p[0] == 0x02 || key.p[0] == 0x03);
}

/* Curves by name only: implicit and specified parameters must not be used (RFC 5480 2.1.1), so
 * whoever uses them gets an algorithm that no policy allows. */
static bool ec_key(struct cc_spki *k, struct cc_span params)
{
	struct cc_span curve;

	if (cc_der_only(params, CC_DER_OID, &curve)) {
		k->alg = CC_KEY_OTHER;
		return true;
	}
	if (cc_oid_is(curve, CC_OID_P256)) {
		k->alg = CC_KEY_P256;
		k->bits = 256;
		return ec_point(k->key, 32);
	}
	if (cc_oid_is(curve, CC_OID_P384)) {
		k->alg = CC_KEY_P384;
		k->bits = 384;
		return ec_point(k->key, 48);
	}
	if (cc_oid_is(curve, CC_OID_P521)) {
		k->alg = CC_KEY_P521;
		k->bits = 521;
		return ec_point(k->key, 66);
	}
	k->alg = CC_KEY_OTHER;
	return cc_der_oid_valid(curve);
}

/* RFC 8410 section 3: no parameters, the key as it is. */
static bool edwards_key(struct cc_spki *k, struct cc_span params, uint8_t alg, size_t size)
{
	k->alg = alg;
	k->bits = (uint32_t)(size == 32 ? 256 : 456);
	return params.n == 0 && k->key.n == size;
}

/* RFC 9215 section 4: parameters are a SEQUENCE, the key an OCTET STRING in the BIT STRING. */
static bool gost_key(struct cc_spki *k, struct cc_span params, uint8_t alg, size_t size)
{
	struct cc_span seq, point;

	k->alg = alg;
	k->bits = (uint32_t)size * 4;
	return !cc_der_only(params, CC_DER_SEQUENCE, &seq) &&
	       !cc_der_only(k->key, CC_DER_OCTET_STRING, &point) && point.n == size;
}

/* RFC 3279 section 2.3.2; parameters may be inherited, hence absent. */
static bool dsa_key(struct cc_spki *k, struct cc_span params)
{
	struct cc_span seq, p, y;

	k->alg = CC_KEY_DSA;
	if (params.n) {
		if (cc_der_only(params, CC_DER_SEQUENCE, &seq) ||
		    cc_der_get(&seq, CC_DER_INTEGER, &p))
			return false;
		k->bits = integer_bits(p);
	}
	return !cc_der_only(k->key, CC_DER_INTEGER, &y) && integer_bits(y);
}

static bool key_by_alg(struct cc_spki *k, struct cc_span oid, struct cc_span params)
{
	struct cc_span seq;

	if (cc_oid_is(oid, CC_OID_EC))
		return ec_key(k, params);
	if (cc_oid_is(oid, CC_OID_RSA)) {
		/* RFC 3279 section 2.3.1: the parameters are NULL, not absent. */
		k->alg = CC_KEY_RSA;
		return params.n == 2 && params.p[0] == CC_DER_NULL && params.p[1] == 0 &&
		       rsa_key(k);
	}
	if (cc_oid_is(oid, CC_OID_ED25519))
		return edwards_key(k, params, CC_KEY_ED25519, 32);
	if (cc_oid_is(oid, CC_OID_ED448))
		return edwards_key(k, params, CC_KEY_ED448, 57);
	if (cc_oid_is(oid, CC_OID_RSA_PSS)) {
		k->alg = CC_KEY_RSA_PSS;
		return (params.n == 0 || !cc_der_only(params, CC_DER_SEQUENCE, &seq)) && rsa_key(k);
	}
	if (cc_oid_is(oid, CC_OID_GOST256))
		return gost_key(k, params, CC_KEY_GOST256, 64);
	if (cc_oid_is(oid, CC_OID_GOST512))
		return gost_key(k, params, CC_KEY_GOST512, 128);
	if (cc_oid_is(oid, CC_OID_DSA))
		return dsa_key(k, params);
	k->alg = CC_KEY_OTHER;
	return cc_der_oid_valid(oid);
}

int cc_spki_get(struct cc_span *in, struct cc_spki *ret)
{
	struct cc_span seq, alg, oid, bits;

	if (cc_der_get_whole(in, CC_DER_SEQUENCE, &seq, &ret->whole) ||
	    cc_der_get(&seq, CC_DER_SEQUENCE, &alg) || cc_der_get(&alg, CC_DER_OID, &oid) ||
	    cc_der_only(seq, CC_DER_BIT_STRING, &bits) || !cc_der_octets(bits, &ret->key))
		return CC_DER_E_INVALID;
	if (alg.n) {
		struct cc_span rest = alg, body;
		uint8_t tag;

		if (cc_der_any(&rest, &tag, &body) || rest.n)
			return CC_DER_E_INVALID;
	}
	ret->bits = 0;
	ret->rsa_exponent = 0;
	return key_by_alg(ret, oid, alg) ? CC_DER_OK : CC_DER_E_INVALID;
}
