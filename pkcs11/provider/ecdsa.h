/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ECDSA signatures: Ecdsa-Sig-Value (RFC 3279 section 2.2.3) outside, r || s (PKCS #11 section 2.3.1) here. */
#ifndef PKCS11_PROVIDER_ECDSA_H
#define PKCS11_PROVIDER_ECDSA_H

#include <stddef.h>
#include <stdint.h>

#define ECDSA_SIZE_MOST 66 /* octets of one number, P-521 */

/** ecdsa_to_raw() - @ret gets 2 * @size octets. Return: 0, -EBADMSG: no strict DER, a number that is zero,
 *  negative or too large, or anything behind it. */
int ecdsa_to_raw(const uint8_t *der, size_t len, size_t size, uint8_t *ret);

/** ecdsa_to_der() - the inverse. @ret: 2 * @size + 9 octets suffice. Return: octets written; -EBADMSG when
 *  one of the two numbers is zero. */
int ecdsa_to_der(const uint8_t *raw, size_t size, uint8_t *ret);

#endif
