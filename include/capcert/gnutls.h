/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Key handles for programs that use GnuTLS. */
#ifndef CAPCERT_GNUTLS_H
#define CAPCERT_GNUTLS_H

#include <gnutls/abstract.h>
#include <capcert/capcert.h>

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

#ifdef __cplusplus
}
#endif
#endif
