/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library's own files see of a certificate and a chain. */
#ifndef LIBCAPCERT_X509_H
#define LIBCAPCERT_X509_H

#include <stdatomic.h>
#include <capcert/x509.h>
#include "core/cert.h"

/* Immutable after creation, but for the count. */
struct capcert_cert {
	atomic_uint refs;
	struct cc_cert parsed; /* points into @der */
	uint8_t der[];
};

struct capcert_chain {
	size_t count;
	capcert_cert *certs[CAPCERT_MAX_CHAIN]; /* one reference each */
};

/** cert_from_der() - @der is copied. Return: 0, -ENOMEM, or -EBADMSG with @ret_error (may be
 *  NULL) set to a static line. */
int cert_from_der(struct cc_span der, capcert_cert **ret, const char **ret_error);

/** chain_spans() - the DER of each certificate, and the digest of the chain (core/digest.h).
 *  Return: 0, -EINVAL for an empty chain, -EMSGSIZE over the limits of the ABI. */
int chain_spans(const capcert_chain *chain, struct cc_span spans[CAPCERT_MAX_CHAIN],
		size_t *ret_count, uint8_t digest[32]);

/** hash_of() - CAPCERT_HASH_* over @in. Return: 32, 48, 64 or -EINVAL. */
int hash_of(uint32_t hash, struct cc_span in, uint8_t *ret);

#endif
