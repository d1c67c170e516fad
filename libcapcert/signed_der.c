// SPDX-License-Identifier: LGPL-2.1-or-later
/* SEQUENCE { what is signed, AlgorithmIdentifier, BIT STRING }: the SIGNED of X.509. */
#include <errno.h>
#include <stdlib.h>
#include <capcert/jws.h>
#include "core/alg.h"
#include "core/der.h"
#include "libcapcert/der_write.h"
#include "libcapcert/jws.h"

/* Contents of the OIDs: RFC 8017 appendix C, RFC 5758, RFC 8410. */
#define RSA(n)                                                            \
	{                                                                 \
		9,                                                        \
		{                                                         \
			0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, n \
		}                                                         \
	}
#define ECDSA(n)                                                    \
	{                                                           \
		8,                                                  \
		{                                                   \
			0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, n \
		}                                                   \
	}

static const struct oid {
	uint8_t n;
	uint8_t p[9];
} oids[CC_SCHEME_COUNT] = {
	[CC_SCHEME_RSA_PKCS1_SHA256] = RSA(11), [CC_SCHEME_RSA_PKCS1_SHA384] = RSA(12),
	[CC_SCHEME_RSA_PKCS1_SHA512] = RSA(13), [CC_SCHEME_RSA_PSS_SHA256] = RSA(10),
	[CC_SCHEME_RSA_PSS_SHA384] = RSA(10),	[CC_SCHEME_RSA_PSS_SHA512] = RSA(10),
	[CC_SCHEME_ECDSA_SHA256] = ECDSA(2),	[CC_SCHEME_ECDSA_SHA384] = ECDSA(3),
	[CC_SCHEME_ECDSA_SHA512] = ECDSA(4),	[CC_SCHEME_ED25519] = { 3, { 0x2b, 0x65, 0x70 } },
};

/* RFC 4055 section 3.1: hash, MGF1 with the same, salt as long as the hash. */
static void put_pss(struct der_out *out, uint8_t hash, uint8_t size)
{
	const uint8_t sha[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash };
	const uint8_t mgf1[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08 };
	size_t all = der_mark(out), mark = all;

	der_put_number(out, CC_DER_INTEGER, size);
	der_put_head(out, CC_DER_CONTEXT_CONS(2), mark);
	mark = der_mark(out);
	der_put_bytes(out, CC_DER_NULL, cc_span(NULL, 0));
	der_put_bytes(out, CC_DER_OID, cc_span(sha, sizeof(sha)));
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_bytes(out, CC_DER_OID, cc_span(mgf1, sizeof(mgf1)));
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_CONTEXT_CONS(1), mark);
	mark = der_mark(out);
	der_put_bytes(out, CC_DER_NULL, cc_span(NULL, 0));
	der_put_bytes(out, CC_DER_OID, cc_span(sha, sizeof(sha)));
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_CONTEXT_CONS(0), mark);
	der_put_head(out, CC_DER_SEQUENCE, all);
}

static void put_algorithm(struct der_out *out, uint32_t scheme)
{
	size_t mark = der_mark(out);

	switch (scheme) {
	case CC_SCHEME_RSA_PSS_SHA256:
		put_pss(out, 1, 32);
		break;
	case CC_SCHEME_RSA_PSS_SHA384:
		put_pss(out, 2, 48);
		break;
	case CC_SCHEME_RSA_PSS_SHA512:
		put_pss(out, 3, 64);
		break;
	case CC_SCHEME_RSA_PKCS1_SHA256:
	case CC_SCHEME_RSA_PKCS1_SHA384:
	case CC_SCHEME_RSA_PKCS1_SHA512:
		der_put_bytes(out, CC_DER_NULL, cc_span(NULL, 0));
		break;
	default:
		break;
	}
	der_put_bytes(out, CC_DER_OID, cc_span(oids[scheme].p, oids[scheme].n));
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

int signed_der_algorithm(struct der_out *out, uint32_t tls)
{
	uint32_t scheme = cc_scheme_from_tls(tls);

	if (scheme >= CC_SCHEME_COUNT || !oids[scheme].n)
		return -EOPNOTSUPP;
	put_algorithm(out, scheme);
	return 0;
}

int signed_der_build(uint32_t tls, struct cc_span tbs, jws_signer sign, void *ctx, uint8_t **ret,
		     size_t *ret_len)
{
	uint32_t scheme = cc_scheme_from_tls(tls);
	uint8_t sig[1 + CAPCERT_MAX_SIGNATURE] = { 0 }; /* no unused bits */
	size_t len = CAPCERT_MAX_SIGNATURE;
	struct der_out out = { 0 };
	struct cc_span body;
	int r;

	if (scheme >= CC_SCHEME_COUNT || !oids[scheme].n)
		return -EOPNOTSUPP;
	if (cc_der_only(tbs, CC_DER_SEQUENCE, &body))
		return -EINVAL;
	r = sign(ctx, tls, tbs.p, tbs.n, sig + 1, &len);
	if (r < 0)
		return r;
	der_put_bytes(&out, CC_DER_BIT_STRING, cc_span(sig, 1 + len));
	put_algorithm(&out, scheme);
	der_put_raw(&out, tbs);
	der_put_head(&out, CC_DER_SEQUENCE, 0);
	return der_finish(&out, ret, ret_len);
}
