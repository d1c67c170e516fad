/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS signature schemes as mechanisms of PKCS #11. */
#ifndef PKCS11_CONSUMER_SCHEME_H
#define PKCS11_CONSUMER_SCHEME_H

#include <stdbool.h>
#include <stdint.h>
#include <p11-kit/pkcs11.h>

/** What a token is asked for. */
struct scheme_call {
	CK_MECHANISM mechanism;
	CK_RSA_PKCS_PSS_PARAMS pss; /* where @mechanism.pParameter points, for PSS */
	const uint8_t *input;	    /* @buf, or the message itself */
	size_t len;
	uint8_t buf[96];
};

/** scheme_prepare() - @ret stays where it is: it points into itself.
 *  @algorithm, @bits: of the key. @digest: @data is the digest. Return: 0, -EOPNOTSUPP: @code is not for
 *  this kind of key; -EINVAL: not the length of such a digest, or no digest is possible. */
int scheme_prepare(uint32_t code, uint32_t algorithm, uint32_t bits, bool digest,
		   const uint8_t *data, size_t len, struct scheme_call *ret);

#endif
