// SPDX-License-Identifier: GPL-2.0-only
/* SHA-256 by the kernel's fastest implementation, as the sink that core/digest.h absorbs into. */
#include <linux/capcert.h>
#include <linux/err.h>
#include <linux/string.h>

#include "kmod/digest.h"

static struct crypto_shash *digest_sha256;

void cc_digest_init(struct cc_digest *d)
{
	d->desc.tfm = digest_sha256;
	d->error = crypto_shash_init(&d->desc);
}

void cc_digest_absorb(void *ctx, const void *p, size_t n)
{
	struct cc_digest *d = ctx;

	/* Lengths are far below 4 GiB: every input has a limit in the UAPI. */
	if (!d->error && n)
		d->error = crypto_shash_update(&d->desc, p, (unsigned int)n);
}

int cc_digest_final(struct cc_digest *d, u8 ret[32])
{
	int error = d->error;

	if (!error)
		error = crypto_shash_final(&d->desc, ret);
	memzero_explicit(d->room, sizeof(d->room));
	return error;
}

int cc_sha256(const void *p, size_t n, u8 ret[32])
{
	struct cc_digest d;

	cc_digest_init(&d);
	cc_digest_absorb(&d, p, n);
	return cc_digest_final(&d, ret);
}

static const struct {
	const char *name;
	size_t size;
} digest_hashes[] = {
	[CAPCERT_HASH_SHA256] = { "sha256", 32 },
	[CAPCERT_HASH_SHA384] = { "sha384", 48 },
	[CAPCERT_HASH_SHA512] = { "sha512", 64 },
};

size_t cc_hash_size(u32 hash)
{
	return hash < ARRAY_SIZE(digest_hashes) ? digest_hashes[hash].size : 0;
}

int cc_hash(u32 hash, const void *p, size_t n, u8 ret[64])
{
	struct crypto_shash *tfm;
	int error;

	if (!cc_hash_size(hash))
		return -EINVAL;
	if (hash == CAPCERT_HASH_SHA256) {
		error = cc_sha256(p, n, ret);
		return error ?: 32;
	}
	tfm = crypto_alloc_shash(digest_hashes[hash].name, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm) == -ENOENT ? -ENOPKG : PTR_ERR(tfm);
	error = crypto_shash_tfm_digest(tfm, p, (unsigned int)n, ret);
	crypto_free_shash(tfm);
	return error ?: (int)digest_hashes[hash].size;
}

int cc_digest_setup(void)
{
	digest_sha256 = crypto_alloc_shash("sha256", 0, 0);
	return PTR_ERR_OR_ZERO(digest_sha256);
}

void cc_digest_teardown(void)
{
	crypto_free_shash(digest_sha256);
}
