/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a key handle signs, in the forms that are sent: JWS (RFC 7515), and the SEQUENCE of what is signed,
 * algorithm and signature that certificates, requests and lists are. */
#ifndef CAPCERT_JWS_H
#define CAPCERT_JWS_H

#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPCERT_JWS_FLATTENED (1u << 0) /* JSON, RFC 7515 section 7.2.2; else compact */

/**
 * capcert_jws_sign() - rights SIGN and PUBLIC: sign @payload with the key of @key_fd.
 * @purpose: CAPCERT_KEY_*; CAPCERT_KEY_ACME_ACCOUNT for RFC 8555.
 * @header: a JSON object: the protected header without "alg", which is the key's: ES256, ES384, ES512,
 *   RS256, EdDSA (RFC 7518, 8037). NULL = nothing but that.
 * @payload: may be empty, as in POST-as-GET (RFC 8555 section 6.3).
 * @ret: malloc()ed text that the caller frees.
 * Return: 0; -EINVAL the header is no object, or has an "alg"; -EOPNOTSUPP no JWS by this kind of key; what
 * capcert_key_sign() says; -ENOMEM.
 */
CAPCERT_API int capcert_jws_sign(int key_fd, uint32_t purpose, const char *header,
				 const void *payload, size_t payload_len, uint32_t flags,
				 char **ret);

/**
 * capcert_key_sign_der() - right SIGN: SEQUENCE { @tbs, AlgorithmIdentifier, BIT STRING }: a Certificate of a
 * TBSCertificate (CA_SIGN), a CertificateList of a TBSCertList (CRL_SIGN), a BasicOCSPResponse of a
 * ResponseData (OCSP_SIGN), a CertificationRequest of its Info.
 * @scheme: TLS SignatureScheme; where @tbs names an algorithm itself it must be this one.
 * @tbs: one DER SEQUENCE. @ret: malloc()ed.
 * Return: 0; -EINVAL no SEQUENCE; -EOPNOTSUPP a scheme that X.509 has no name for; what capcert_key_sign()
 * says; -ENOMEM.
 */
CAPCERT_API int capcert_key_sign_der(int key_fd, uint32_t purpose, uint32_t scheme,
				     const uint8_t *tbs, size_t tbs_len, uint8_t **ret,
				     size_t *ret_len);

#ifdef __cplusplus
}
#endif
#endif
