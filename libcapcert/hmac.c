// SPDX-License-Identifier: LGPL-2.1-or-later
/* RFC 2104 by nettle: what is authenticated by a secret that two sides share. */
#include <errno.h>
#include <nettle/hmac.h>
#include <string.h>
#include <capcert/x509.h>

int capcert_hmac(uint32_t hash, const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t *ret)
{
	union {
		struct hmac_sha256_ctx sha256;
		struct hmac_sha512_ctx sha512; /* SHA-384 is its like */
	} ctx;
	int n;

	switch (hash) {
	case CAPCERT_HASH_SHA256:
		hmac_sha256_set_key(&ctx.sha256, key_len, key);
		hmac_sha256_update(&ctx.sha256, len, data);
		hmac_sha256_digest(&ctx.sha256, SHA256_DIGEST_SIZE, ret);
		n = SHA256_DIGEST_SIZE;
		break;
	case CAPCERT_HASH_SHA384:
		hmac_sha384_set_key(&ctx.sha512, key_len, key);
		hmac_sha384_update(&ctx.sha512, len, data);
		hmac_sha384_digest(&ctx.sha512, SHA384_DIGEST_SIZE, ret);
		n = SHA384_DIGEST_SIZE;
		break;
	case CAPCERT_HASH_SHA512:
		hmac_sha512_set_key(&ctx.sha512, key_len, key);
		hmac_sha512_update(&ctx.sha512, len, data);
		hmac_sha512_digest(&ctx.sha512, SHA512_DIGEST_SIZE, ret);
		n = SHA512_DIGEST_SIZE;
		break;
	default:
		return -EINVAL;
	}
	explicit_bzero(&ctx, sizeof(ctx));
	return n;
}
