/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SubjectPublicKeyInfo: which key, how large, and is it well formed for its algorithm. */
#ifndef CORE_SPKI_H
#define CORE_SPKI_H

#include "core/alg.h"

struct cc_spki {
	struct cc_span whole;  /* SubjectPublicKeyInfo, whole TLV */
	struct cc_span key;    /* subjectPublicKey: bits without the unused-bits octet */
	uint8_t alg;	       /* enum cc_key_alg */
	uint32_t bits;	       /* RSA modulus, DSA p, curve size; 0 when unknown */
	uint32_t rsa_exponent; /* 0 when larger than 32 bits or not RSA */
};

/** cc_spki_get() - take one SubjectPublicKeyInfo (RFC 3279, 4055, 5480, 8410, 9215).
 *  An unknown algorithm or curve is CC_KEY_OTHER and its key is not looked into.
 *  Return: CC_DER_OK, or CC_DER_E_*; @ret is undefined then. */
int cc_spki_get(struct cc_span *in, struct cc_spki *ret);

#endif
