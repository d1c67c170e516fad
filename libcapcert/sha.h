/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digests, straight from nettle: a TLS library's own wrapper costs three times the hash itself. */
#ifndef LIBCAPCERT_SHA_H
#define LIBCAPCERT_SHA_H

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include "core/span.h"

#define SHA_MAX SHA512_DIGEST_SIZE

static inline void sha256_of(struct cc_span in, uint8_t ret[SHA256_DIGEST_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, in.n, in.p);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, ret);
}

/** sha1_of() - for identifiers that RFC 6960 makes of SHA-1, where no collision helps anybody who is
 *  not believed anyway; never for a signature. */
static inline void sha1_of(struct cc_span in, uint8_t ret[SHA1_DIGEST_SIZE])
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	sha1_update(&ctx, in.n, in.p);
	sha1_digest(&ctx, SHA1_DIGEST_SIZE, ret);
}

/** sha256_absorb() - a cc_absorb over a struct sha256_ctx. */
static inline void sha256_absorb(void *ctx, const void *p, size_t n)
{
	sha256_update((struct sha256_ctx *)ctx, n, (const uint8_t *)p);
}

#endif
