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

/* What a public key is made of: views into its SubjectPublicKeyInfo, empty where its kind has none. */
struct capcert_pubkey_parts {
	uint32_t algorithm;	 /* as in struct capcert_key_info */
	uint32_t bits;		 /* of modulus or field */
	const uint8_t *modulus;	 /* RSA: big-endian, without zeros in front */
	size_t modulus_len;
	const uint8_t *exponent; /* the same */
	size_t exponent_len;
	const uint8_t *curve;	 /* ECDSA: whole DER OBJECT IDENTIFIER of a named curve */
	size_t curve_len;
	const uint8_t *point;	 /* ECDSA: as in SEC 1 section 2.3.3; EdDSA: the key (RFC 8032) */
	size_t point_len;
};

/** capcert_pubkey_parts() - Return: 0, -EBADMSG no public key, -EOPNOTSUPP of a kind or on a curve that
 *  is not known here. */
CAPCERT_API int capcert_pubkey_parts(const uint8_t *spki, size_t spki_len,
				     struct capcert_pubkey_parts *ret);

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
