/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a token gives as bare numbers, in the DER that the rest of the world reads. */
#ifndef PKCS11_CONSUMER_DER_H
#define PKCS11_CONSUMER_DER_H

#include <stdint.h>
#include <p11-kit/pkcs11.h>

/** der_ecdsa() - r || s of equal length (PKCS #11 section 6.3.1) as Ecdsa-Sig-Value (RFC 3279 section 2.2.3).
 *  @n: of both, at most 132. Return: octets written to @ret, -EIO when one is zero or the length
 *  is odd, -EMSGSIZE when @cap is too little. */
int der_ecdsa(const uint8_t *rs, size_t n, uint8_t *ret, size_t cap);

/** What a public key is made of, as the token has it; those that its kind does not have are empty. */
struct der_key {
	CK_KEY_TYPE type;
	CK_ATTRIBUTE modulus, exponent; /* big-endian numbers */
	CK_ATTRIBUTE params;		/* CKA_EC_PARAMS */
	CK_ATTRIBUTE point;		/* CKA_EC_POINT: an OCTET STRING, or the bare point */
};

/** der_spki() - SubjectPublicKeyInfo (RFC 3279, 5480, 8410) of @key.
 *  @ret_algorithm: CAPCERT_VAULT_*; @ret_bits: of modulus or field. Return: octets written to @ret,
 *  -EOPNOTSUPP for a kind of key or a curve that is not for us, -EBADMSG, -EMSGSIZE. */
int der_spki(const struct der_key *key, uint32_t *ret_algorithm, uint32_t *ret_bits, uint8_t *ret,
	     size_t cap);

/** der_ec_params() - CKA_EC_PARAMS of CAPCERT_VAULT_*, NULL when it is no curve. */
const uint8_t *der_ec_params(uint32_t algorithm, size_t *ret_len);

/** der_of_spki() - kind and size of a SubjectPublicKeyInfo that somebody else wrote, a certificate's.
 *  Return: 0, -EOPNOTSUPP, -EBADMSG. */
int der_of_spki(const uint8_t *spki, size_t len, uint32_t *ret_algorithm, uint32_t *ret_bits);

#endif
