// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signatures without arithmetic: schemes and keys, lengths, the form of an Ecdsa-Sig-Value. */
#include "core/der.h"
#include "core/signature.h"

#define ALG(alg) (1u << CC_KEY_##alg)
#define EC (ALG(P256) | ALG(P384) | ALG(P521))
#define RSA_ANY (ALG(RSA) | ALG(RSA_PSS))

static const struct {
	uint16_t keys; /* mask of enum cc_key_alg */
	uint8_t digest;
} schemes[] = {
	[CC_SCHEME_RSA_PKCS1_SHA256] = { ALG(RSA), 32 },
	[CC_SCHEME_RSA_PKCS1_SHA384] = { ALG(RSA), 48 },
	[CC_SCHEME_RSA_PKCS1_SHA512] = { ALG(RSA), 64 },
	[CC_SCHEME_RSA_PSS_SHA256] = { RSA_ANY, 32 },
	[CC_SCHEME_RSA_PSS_SHA384] = { RSA_ANY, 48 },
	[CC_SCHEME_RSA_PSS_SHA512] = { RSA_ANY, 64 },
	[CC_SCHEME_ECDSA_SHA256] = { EC, 32 },
	[CC_SCHEME_ECDSA_SHA384] = { EC, 48 },
	[CC_SCHEME_ECDSA_SHA512] = { EC, 64 },
	[CC_SCHEME_ED25519] = { ALG(ED25519), 0 },
	[CC_SCHEME_ED448] = { ALG(ED448), 0 },
};

bool cc_scheme_fits(uint32_t scheme, uint32_t key_alg)
{
	return scheme < CC_ARRAY_SIZE(schemes) && key_alg < CC_KEY_COUNT &&
	       schemes[scheme].keys >> key_alg & 1;
}

size_t cc_scheme_digest_size(uint32_t scheme)
{
	return scheme < CC_ARRAY_SIZE(schemes) ? schemes[scheme].digest : 0;
}

/* Orders of the curves' groups (SEC 2 sections 2.4.2, 2.5.1, 2.6.1), big-endian. */
static const uint8_t order_p256[] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
	0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

static const uint8_t order_p384[] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
	0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
};

static const uint8_t order_p521[] = {
	0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b,
	0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c,
	0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
};

static struct cc_span order_of(uint32_t key_alg)
{
	switch (key_alg) {
	case CC_KEY_P256:
		return cc_span(order_p256, sizeof(order_p256));
	case CC_KEY_P384:
		return cc_span(order_p384, sizeof(order_p384));
	default:
		return cc_span(order_p521, sizeof(order_p521));
	}
}

size_t cc_signature_max(uint32_t key_alg, uint32_t bits)
{
	switch (key_alg) {
	case CC_KEY_RSA:
	case CC_KEY_RSA_PSS:
		return (bits + 7) / 8;
	case CC_KEY_P256:
		return 72;
	case CC_KEY_P384:
		return 104;
	case CC_KEY_P521:
		return 139;
	case CC_KEY_ED25519:
		return 64;
	case CC_KEY_ED448:
		return 114;
	default:
		return 0;
	}
}

/* Take an INTEGER from 1 to @order - 1. */
static bool scalar(struct cc_span *in, struct cc_span order)
{
	struct cc_span v;

	if (cc_der_get(in, CC_DER_INTEGER, &v) || !cc_der_integer_valid(v) || v.p[0] >= 0x80)
		return false;
	if (v.p[0] == 0)
		v = cc_span(v.p + 1, v.n - 1);
	if (v.n != order.n)
		return v.n && v.n < order.n;
	return memcmp(v.p, order.p, v.n) < 0;
}

static bool ecdsa_form(struct cc_span der, struct cc_span order)
{
	struct cc_span seq;

	return !cc_der_only(der, CC_DER_SEQUENCE, &seq) && scalar(&seq, order) &&
	       scalar(&seq, order) && !seq.n;
}

bool cc_signature_form(uint32_t key_alg, uint32_t bits, struct cc_span signature)
{
	switch (key_alg) {
	case CC_KEY_P256:
	case CC_KEY_P384:
	case CC_KEY_P521:
		return ecdsa_form(signature, order_of(key_alg));
	default:
		return signature.n && signature.n == cc_signature_max(key_alg, bits);
	}
}
