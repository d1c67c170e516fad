/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The DigestInfo that programs hand to CKM_RSA_PKCS. */
#ifndef PKCS11_PROVIDER_DIGEST_INFO_H
#define PKCS11_PROVIDER_DIGEST_INFO_H

#include <stddef.h>
#include <stdint.h>

/** digest_info_parse() - whose digest is it? DigestInfo of SHA-256, SHA-384 or SHA-512 in the one
 *  encoding of RFC 8017 section 9.2 note 1, parameters NULL: the token puts these very octets in front of
 *  the digest again, and what is signed must be what was given.
 *  @ret_digest: points into @data, behind which nothing may stand.
 *  Return: length of the digest, 32, 48 or 64; 0: anything else. */
size_t digest_info_parse(const uint8_t *data, size_t len, const uint8_t **ret_digest);

#endif
