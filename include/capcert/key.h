/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private keys by handle: what they are, signatures by them, narrower handles; and the texts that
 * name them. docs/keys.md says how to use them. A handle never gives the key: it lies in a token
 * that capcert-keyd keeps. */
#ifndef CAPCERT_KEY_H
#define CAPCERT_KEY_H

#include <stdbool.h>
#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

/** capcert_key_info() - right INFO: algorithm, purposes, source, and the limits of this handle. */
CAPCERT_API int capcert_key_info(int key_fd, struct capcert_key_info *ret);

/** capcert_key_public() - right PUBLIC: the DER SubjectPublicKeyInfo; free() it. */
CAPCERT_API int capcert_key_public(int key_fd, uint8_t **ret_spki, size_t *ret_len);

/**
 * capcert_key_sign() - right SIGN: one signature.
 * @purpose: one CAPCERT_KEY_*, which key and handle must be for.
 * @scheme: TLS SignatureScheme (RFC 8446 section 4.2.3).
 * @flags: 0: @data is the message, which is hashed where the key is; CAPCERT_SIGN_DIGEST: its
 *	digest by the scheme's hash.
 * @timeout_ms: 0 = the module's default; at most 60000.
 * @signature: ECDSA as DER Ecdsa-Sig-Value, RSA and Ed25519 as they are.
 * @len: in: room of @signature; out: octets written; after -EMSGSIZE octets needed: nothing was
 *	signed then. CAPCERT_MAX_SIGNATURE always suffices.
 * Return: 0; -EINVAL a digest of the wrong length, or where a message must be; -EACCES not this
 * key's or handle's purpose, or @data is not what that purpose signs; -EOPNOTSUPP not this key's
 * scheme; -EDQUOT no use left, too many in this minute, or the user's share of the queue is full;
 * -EKEYEXPIRED after the handle's end; -ENODEV the token is not there; -ETIMEDOUT, -EBUSY, -EIO as
 * in <linux/capcert.h>: whether a signature was made is not known after the last.
 */
CAPCERT_API int capcert_key_sign(int key_fd, uint32_t purpose, uint32_t scheme, uint32_t flags,
				 const void *data, size_t data_len, uint32_t timeout_ms,
				 uint8_t *signature, size_t *len);

/* What a narrower handle may still do; 0 = as the handle it is made from. */
struct capcert_key_limits {
	uint32_t purposes;	/* mask of 1 << CAPCERT_KEY_* */
	uint32_t per_minute;	/* signatures in any one minute that is counted */
	uint64_t max_uses;	/* signatures by this handle and all made from it */
	int64_t not_after;	/* last second of use, since 1970 */
};

/**
 * capcert_key_restrict() - right RESTRICT: a handle with fewer rights and uses.
 * @limits: NULL = none.
 * @pidfd: of the process that alone may use it (needs TRANSFER), -1 = not bound so.
 * Return: 0; -EACCES more than the handle has; -EINVAL an unknown right or purpose; -ENOSPC too
 * many limits stand on each other.
 */
CAPCERT_API int capcert_key_restrict(int key_fd, uint64_t rights,
				     const struct capcert_key_limits *limits, int pidfd,
				     int *ret_fd);

/**
 * capcert_key_refuses() - what the kernel checks of a message before it is signed, for keepers who
 * check again.
 * Return: NULL when a key of @purpose may sign the message by @scheme (a TLS SignatureScheme), else
 * a static line that says why not.
 */
CAPCERT_API const char *capcert_key_refuses(uint32_t purpose, uint32_t scheme, const void *message,
					    size_t len);

/** capcert_key_takes_digests() - may a key with this mask of purposes sign digests at all? */
CAPCERT_API bool capcert_key_takes_digests(uint32_t purposes);

/** capcert_key_signature_form() - could the octets be a signature by the key of the DER @spki?
 *  Exact length for RSA and EdDSA; strict DER of numbers below the order for ECDSA. */
CAPCERT_API bool capcert_key_signature_form(const void *spki, size_t spki_len,
					    const void *signature, size_t len);

/**
 * capcert_key_uri() - the canonical form of a PKCS#11 URI (RFC 7512), as key type capkey takes and
 * keeps it: by token and object, without PIN, slot number and module.
 * @ret_uri: at least CAPCERT_MAX_KEY_URI + 2 octets.
 * @ret_purposes: NULL, or the mask that its purpose= names; 0 when there is none.
 * @ret_error: NULL, or points to a static line on -EINVAL.
 * Return: length of the URI without NUL; -EINVAL, -EMSGSIZE.
 */
CAPCERT_API int capcert_key_uri(const char *text, size_t len, char *ret_uri,
				uint32_t *ret_purposes, const char **ret_error);

/** capcert_key_purpose_name() - "tls-server" for CAPCERT_KEY_TLS_SERVER; "?". */
CAPCERT_API const char *capcert_key_purpose_name(uint32_t purpose);

/** capcert_key_purposes_parse() - "tls-server,ca-sign". Return: the mask; 0 for anything else. */
CAPCERT_API uint32_t capcert_key_purposes_parse(const char *text);

/** capcert_key_purposes_text() - the inverse; cut at @cap - 1, 96 suffice. */
CAPCERT_API void capcert_key_purposes_text(uint32_t purposes, char *buf, size_t cap);

/** capcert_key_source_name() - "softhsm-dev" for CAPCERT_KEY_SOFTHSM_DEV; "?". */
CAPCERT_API const char *capcert_key_source_name(uint32_t source);

#ifdef __cplusplus
}
#endif
#endif
