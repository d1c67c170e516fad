// SPDX-License-Identifier: LGPL-2.1-or-later
/* ECDSA by nettle itself. GnuTLS asks the same function, and takes 5 to 10 us more to get there: every
 * key and signature becomes objects of its own first. */
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <nettle/ecdsa.h>
#include "libcapcert/sig_ecdsa.h"

/* Octets of a coordinate. */
static size_t width(const struct cc_spki *key)
{
	return key->alg == CC_KEY_P256 ? 32 : 48;
}

bool sig_ecdsa_knows(const struct cc_spki *key)
{
	return (key->alg == CC_KEY_P256 || key->alg == CC_KEY_P384) &&
	       key->key.n == 2 * width(key) + 1 && key->key.p[0] == 0x04;
}

static void number(mpz_t ret, struct cc_span s)
{
	mpz_init(ret);
	mpz_import(ret, s.n, 1, 1, 0, 0, s.p);
}

/* False: not on the curve (SEC 1 section 3.2.2.1). */
static bool point(struct ecc_point *ret, const struct cc_spki *key)
{
	size_t n = width(key);
	mpz_t x, y;
	bool ok;

	number(x, cc_span(key->key.p + 1, n));
	number(y, cc_span(key->key.p + 1 + n, n));
	ok = ecc_point_set(ret, x, y) == 1;
	mpz_clear(x);
	mpz_clear(y);
	return ok;
}

int sig_ecdsa_check(const struct cc_spki *key, struct cc_span digest, struct cc_span r,
		    struct cc_span s)
{
	const struct ecc_curve *curve =
		key->alg == CC_KEY_P256 ? nettle_get_secp_256r1() : nettle_get_secp_384r1();
	struct dsa_signature signature;
	struct ecc_point pub;
	int ok;

	ecc_point_init(&pub, curve);
	number(signature.r, r);
	number(signature.s, s);
	ok = point(&pub, key) && ecdsa_verify(&pub, digest.n, digest.p, &signature) == 1;
	mpz_clear(signature.r);
	mpz_clear(signature.s);
	ecc_point_clear(&pub);
	return ok;
}
