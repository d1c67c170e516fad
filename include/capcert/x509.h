/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates and chains in this process: parsed once, shared by reference. */
#ifndef CAPCERT_X509_H
#define CAPCERT_X509_H

#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct capcert_cert capcert_cert;
typedef struct capcert_chain capcert_chain;

/** capcert_cert_new() - from DER (copied) or one PEM block. -EBADMSG: @ret_error, if not NULL,
 *  points to a static line that says what is wrong with the bytes. */
CAPCERT_API int capcert_cert_new(const uint8_t *data, size_t len, capcert_cert **ret,
				 const char **ret_error);
CAPCERT_API int capcert_cert_from_handle(int cert_fd, capcert_cert **ret);
CAPCERT_API capcert_cert *capcert_cert_ref(capcert_cert *cert);
CAPCERT_API void capcert_cert_free(capcert_cert *cert);

/* Views into the certificate: valid as long as it is. */
CAPCERT_API const uint8_t *capcert_cert_der(const capcert_cert *cert, size_t *ret_len);
CAPCERT_API const uint8_t *capcert_cert_subject(const capcert_cert *cert, size_t *ret_len);
CAPCERT_API const uint8_t *capcert_cert_issuer(const capcert_cert *cert, size_t *ret_len);
CAPCERT_API const uint8_t *capcert_cert_serial(const capcert_cert *cert, size_t *ret_len);
CAPCERT_API const uint8_t *capcert_cert_spki(const capcert_cert *cert, size_t *ret_len);
CAPCERT_API int64_t capcert_cert_not_before(const capcert_cert *cert);
CAPCERT_API int64_t capcert_cert_not_after(const capcert_cert *cert);
CAPCERT_API int capcert_cert_is_ca(const capcert_cert *cert, int *ret_path_len); /* -1 = none */
CAPCERT_API int capcert_cert_must_staple(const capcert_cert *cert);
/** RFC 4514 text. Return: length without NUL, cut at @cap - 1. */
CAPCERT_API size_t capcert_cert_subject_text(const capcert_cert *cert, char *buf, size_t cap);
CAPCERT_API size_t capcert_cert_issuer_text(const capcert_cert *cert, char *buf, size_t cap);
/** @hash: CAPCERT_HASH_*; @ret gets 32, 48 or 64 bytes. Return: that size or -EINVAL. */
CAPCERT_API int capcert_cert_fingerprint(const capcert_cert *cert, uint32_t hash, uint8_t *ret);
CAPCERT_API int capcert_cert_spki_hash(const capcert_cert *cert, uint32_t hash, uint8_t *ret);

/** capcert_cert_subject_hash() - the hash of the subject by which OpenSSL names files in a directory
 *  of trusted certificates: `openssl x509 -subject_hash`, %08x. It finds, it proves nothing.
 *  Return: 0, -ENOMEM, or -EBADMSG for a string that is not text of its type (OpenSSL refuses it). */
CAPCERT_API int capcert_cert_subject_hash(const capcert_cert *cert, uint32_t *ret);
/** capcert_name_hash() - the same of any DER Name (whole TLV, at most 65535 octets). */
CAPCERT_API int capcert_name_hash(const uint8_t *name, size_t len, uint32_t *ret);
/** capcert_cert_sha1() - SHA-1 of the DER, as lists of roots name certificates. For finding only:
 *  SHA-1 is broken, whoever decides compares SHA-256 or the bytes. */
CAPCERT_API void capcert_cert_sha1(const capcert_cert *cert, uint8_t ret[20]);

/** capcert_hash() - of any bytes. @hash, @ret, return: as above. */
CAPCERT_API int capcert_hash(uint32_t hash, const void *data, size_t len, uint8_t *ret);
/** capcert_hmac() - RFC 2104 with @hash: of @data under a key of any length. @hash, @ret, return: as above. */
CAPCERT_API int capcert_hmac(uint32_t hash, const void *key, size_t key_len, const void *data,
			     size_t len, uint8_t *ret);

/** capcert_cert_to_pem() - one PEM block with a NUL behind it, malloc()ed: the caller frees it. */
CAPCERT_API int capcert_cert_to_pem(const capcert_cert *cert, char **ret_text, size_t *ret_len);

CAPCERT_API int capcert_chain_new(capcert_chain **ret);
/** Takes its own reference. -EMSGSIZE beyond CAPCERT_MAX_CHAIN certificates. */
CAPCERT_API int capcert_chain_push(capcert_chain *chain, capcert_cert *cert);
/** From a PEM bundle, or concatenated DER; leaf first. */
CAPCERT_API int capcert_chain_parse(const uint8_t *data, size_t len, capcert_chain **ret,
				    const char **ret_error);
CAPCERT_API size_t capcert_chain_count(const capcert_chain *chain);
CAPCERT_API capcert_cert *capcert_chain_at(const capcert_chain *chain, size_t index); /* borrowed */
CAPCERT_API void capcert_chain_free(capcert_chain *chain);

#ifdef __cplusplus
}
#endif
#endif
