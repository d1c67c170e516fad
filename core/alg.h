/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Public-key algorithms and signature schemes: numbers, names, OIDs' meaning. */
#ifndef CORE_ALG_H
#define CORE_ALG_H

#include "core/span.h"

/*  X(bit, NAME, text) - AsymmetricAlgorithm; a policy holds a mask of 1 << bit. */
#define CC_KEY_ALGS(X)                 \
	X(0, RSA, "rsa")               \
	X(1, RSA_PSS, "rsa-pss")       \
	X(2, P256, "p256")             \
	X(3, P384, "p384")             \
	X(4, P521, "p521")             \
	X(5, ED25519, "ed25519")       \
	X(6, ED448, "ed448")           \
	X(7, GOST256, "gost256")       \
	X(8, GOST512, "gost512")       \
	X(9, DSA, "dsa")               \
	X(10, OTHER, "other")

enum cc_key_alg {
#define X(nr, name, text) CC_KEY_##name = (nr),
	CC_KEY_ALGS(X)
#undef X
	CC_KEY_COUNT
};

/*  X(bit, NAME, tls code point or 0, text) - SignatureScheme as it occurs in X.509. An ECDSA
 *  scheme in X.509 names only the hash; the TLS code point is that of the usual curve. */
#define CC_SCHEMES(X)                                              \
	X(0, RSA_PKCS1_SHA256, 0x0401, "rsa-pkcs1-sha256")         \
	X(1, RSA_PKCS1_SHA384, 0x0501, "rsa-pkcs1-sha384")         \
	X(2, RSA_PKCS1_SHA512, 0x0601, "rsa-pkcs1-sha512")         \
	X(3, RSA_PSS_SHA256, 0x0804, "rsa-pss-sha256")             \
	X(4, RSA_PSS_SHA384, 0x0805, "rsa-pss-sha384")             \
	X(5, RSA_PSS_SHA512, 0x0806, "rsa-pss-sha512")             \
	X(6, ECDSA_SHA256, 0x0403, "ecdsa-sha256")                 \
	X(7, ECDSA_SHA384, 0x0503, "ecdsa-sha384")                 \
	X(8, ECDSA_SHA512, 0x0603, "ecdsa-sha512")                 \
	X(9, ED25519, 0x0807, "ed25519")                           \
	X(10, ED448, 0x0808, "ed448")                              \
	X(11, GOST256, 0x0709, "gost256")                          \
	X(12, GOST512, 0x070d, "gost512")                          \
	X(13, RSA_PKCS1_SHA1, 0x0201, "rsa-pkcs1-sha1")            \
	X(14, ECDSA_SHA1, 0x0203, "ecdsa-sha1")                    \
	X(15, OTHER, 0, "other")

enum cc_scheme {
#define X(nr, name, tls, text) CC_SCHEME_##name = (nr),
	CC_SCHEMES(X)
#undef X
	CC_SCHEME_COUNT
};

const char *cc_key_alg_name(uint32_t alg);
const char *cc_scheme_name(uint32_t scheme);
int cc_key_alg_parse(const char *text, size_t len); /* number or -1 */
int cc_scheme_parse(const char *text, size_t len);  /* number or -1 */

/** cc_scheme_of_alg() - scheme of a whole DER AlgorithmIdentifier; parameters are checked
 *  (NULL or absent for RSA PKCS#1, absent for ECDSA and EdDSA, RSA-PSS with MGF1 of the same
 *  hash, salt length = hash length, trailer 1: RFC 4055, 5758, 8410). Anything else, and a
 *  known OID with wrong parameters, is CC_SCHEME_OTHER. */
uint32_t cc_scheme_of_alg(struct cc_span alg);

/** cc_scheme_from_tls() - scheme for a TLS SignatureScheme code point, CC_SCHEME_OTHER if none. */
uint32_t cc_scheme_from_tls(uint32_t code);

#endif
