/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public keys as they travel: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), JWK (RFC 7517), and what can
 * be done with one alone. Calls return 0 or a negative errno; ret_ outputs are untouched on failure. */
#ifndef CAPCERT_PUBKEY_H
#define CAPCERT_PUBKEY_H

#include <stdbool.h>
#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * capcert_pubkey_verify() - is @sig over @data by the key of @spki (whole DER SubjectPublicKeyInfo)?
 * @scheme: TLS SignatureScheme (RFC 8446 section 4.2.3), those without SHA-1.
 * @digest: @data is the digest of @scheme's hash, not the message.
 * Return: 0 it is; -EKEYREJECTED it is not; -EOPNOTSUPP scheme and key do not fit or are not known;
 * -EBADMSG no public key; -EINVAL a digest for a scheme that takes the message, or of another length;
 * -ENOMEM.
 */
CAPCERT_API int capcert_pubkey_verify(const uint8_t *spki, size_t spki_len, uint32_t scheme,
				      bool digest, const uint8_t *data, size_t len,
				      const uint8_t *sig, size_t sig_len);

/** capcert_pubkey_jwk() - the key as a JWK with its required members alone, in the order and without the
 *  blanks of RFC 7638 section 3.3: EC P-256, P-384, P-521 (RFC 7518), RSA, Ed25519 (RFC 8037).
 *  @ret: malloc()ed text that the caller frees. Return: 0, -EBADMSG, -EOPNOTSUPP, -ENOMEM. */
CAPCERT_API int capcert_pubkey_jwk(const uint8_t *spki, size_t spki_len, char **ret);

#define CAPCERT_THUMBPRINT_TEXT 44

/** capcert_pubkey_thumbprint() - RFC 7638: base64url of the SHA-256 of that JWK. Return: as above. */
CAPCERT_API int capcert_pubkey_thumbprint(const uint8_t *spki, size_t spki_len,
					  char ret[CAPCERT_THUMBPRINT_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
