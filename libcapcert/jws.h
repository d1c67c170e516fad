/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forms of what was signed, by whatever signs. */
#ifndef LIBCAPCERT_JWS_H
#define LIBCAPCERT_JWS_H

#include "core/span.h"

/** jws_signer - sign the message by a TLS SignatureScheme; @len: in room, out written. Return: 0 or -errno. */
typedef int (*jws_signer)(void *ctx, uint32_t scheme, const void *message, size_t message_len,
			  uint8_t *signature, size_t *len);

/** jws_build() - capcert_jws_sign() by @sign and the key of @spki. */
int jws_build(struct cc_span spki, const char *header, struct cc_span payload, uint32_t flags,
	      jws_signer sign, void *ctx, char **ret);

struct der_out;

/** signed_der_algorithm() - the AlgorithmIdentifier of a TLS SignatureScheme. Return: 0, -EOPNOTSUPP. */
int signed_der_algorithm(struct der_out *out, uint32_t scheme);

/** signed_der_build() - capcert_key_sign_der() by @sign. */
int signed_der_build(uint32_t scheme, struct cc_span tbs, jws_signer sign, void *ctx, uint8_t **ret,
		     size_t *ret_len);

#endif
