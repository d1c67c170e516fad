// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public keys without a certificate round them. */
#include <errno.h>
#include <capcert/pubkey.h>
#include "core/der.h"
#include "core/spki.h"
#include "libcapcert/sig.h"

static int parse(const uint8_t *spki, size_t len, struct cc_spki *ret)
{
	struct cc_span in = cc_span(spki, len);

	return cc_spki_get(&in, ret) || in.n ? -EBADMSG : 0;
}

int capcert_pubkey_verify(const uint8_t *spki, size_t spki_len, uint32_t scheme, bool digest,
			  const uint8_t *data, size_t len, const uint8_t *sig, size_t sig_len)
{
	struct cc_spki key;
	int r = parse(spki, spki_len, &key);

	if (r < 0)
		return r;
	r = sig_check_raw(&key, cc_scheme_from_tls(scheme), digest, cc_span(data, len),
			  cc_span(sig, sig_len));
	return r == 1 ? 0 : r == 0 ? -EKEYREJECTED : r;
}

/* INTEGER contents of a positive number without the zero that keeps it positive. */
static struct cc_span magnitude(struct cc_span n)
{
	return n.n > 1 && !n.p[0] ? cc_span(n.p + 1, n.n - 1) : n;
}

static int rsa_parts(const struct cc_spki *key, struct capcert_pubkey_parts *ret)
{
	struct cc_span seq, n, e;

	if (cc_der_only(key->key, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_INTEGER, &n) ||
	    cc_der_only(seq, CC_DER_INTEGER, &e))
		return -EBADMSG;
	n = magnitude(n);
	e = magnitude(e);
	ret->modulus = n.p;
	ret->modulus_len = n.n;
	ret->exponent = e.p;
	ret->exponent_len = e.n;
	return 0;
}

/* What follows the OID in the AlgorithmIdentifier of an EC key: cc_spki_get() saw that it is a curve. */
static int curve_of(const struct cc_spki *key, struct capcert_pubkey_parts *ret)
{
	struct cc_span in = key->whole, seq, alg, oid, curve, whole;

	if (cc_der_get(&in, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_SEQUENCE, &alg) ||
	    cc_der_get(&alg, CC_DER_OID, &oid) ||
	    cc_der_get_whole(&alg, CC_DER_OID, &curve, &whole))
		return -EBADMSG;
	ret->curve = whole.p;
	ret->curve_len = whole.n;
	return 0;
}

int capcert_pubkey_parts(const uint8_t *spki, size_t spki_len, struct capcert_pubkey_parts *ret)
{
	struct capcert_pubkey_parts parts = { 0 };
	struct cc_spki key;
	int r = parse(spki, spki_len, &key);

	if (r < 0)
		return r;
	parts.algorithm = key.alg;
	parts.bits = key.bits;
	switch (key.alg) {
	case CC_KEY_RSA:
	case CC_KEY_RSA_PSS:
		r = rsa_parts(&key, &parts);
		break;
	case CC_KEY_P256:
	case CC_KEY_P384:
	case CC_KEY_P521:
		r = curve_of(&key, &parts);
		/* fall through */
	case CC_KEY_ED25519:
	case CC_KEY_ED448:
		parts.point = key.key.p;
		parts.point_len = key.key.n;
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (r == 0)
		*ret = parts;
	return r;
}
