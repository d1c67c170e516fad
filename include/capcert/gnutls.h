/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Key handles for programs that use GnuTLS. */
#ifndef CAPCERT_GNUTLS_H
#define CAPCERT_GNUTLS_H

#include <gnutls/abstract.h>
#include <capcert/capcert.h>
#include <capcert/tls.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * capcert_key_gnutls() - rights INFO and SIGN: the key of @key_fd as a private key of GnuTLS.
 * @purpose: CAPCERT_KEY_*: what everything that GnuTLS has signed is for.
 * @ret: gnutls_privkey_deinit() it; it has an fd of its own.
 * GnuTLS signs digests: keys for CA_SIGN, OCSP_SIGN and CRL_SIGN, which must see what they sign, are refused.
 * capcert_key_sign_der() is for them.
 * Return: 0; -EACCES not this key's purpose; -EOPNOTSUPP such a key, or a kind that GnuTLS does not have;
 * what capcert_key_info() says; -ENOMEM.
 */
CAPCERT_API int capcert_key_gnutls(int key_fd, uint32_t purpose, gnutls_privkey_t *ret);

/**
 * capcert_tls_slots_put_gnutls() - capcert_tls_slots_put() with a key of GnuTLS, which belongs to the
 * slots once this has returned 0. @value->key_fd must be -1.
 */
CAPCERT_API int capcert_tls_slots_put_gnutls(capcert_tls_slots *slots, const char *name,
					     const struct capcert_tls_value *value,
					     gnutls_privkey_t key, uint64_t *ret_version);

/** capcert_tls_gnutls() - the session that is beneath: to look at, not to read, write or configure. */
CAPCERT_API gnutls_session_t capcert_tls_gnutls(const capcert_tls *tls);

#ifdef __cplusplus
}
#endif
#endif
