/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 by the kernel's fastest implementation, as the sink that core/digest.h absorbs into. */
#ifndef KMOD_DIGEST_H
#define KMOD_DIGEST_H

#include <crypto/hash.h>
#include <linux/types.h>

#include "core/digest.h"

/* One running hash; lives on the stack of one task. */
struct cc_digest {
	int error; /* first error of the implementation; sticky, told by cc_digest_final() */
	union {
		struct shash_desc desc;
		u8 room[sizeof(struct shash_desc) + HASH_MAX_DESCSIZE];
	} __aligned(__alignof__(struct shash_desc));
};

void cc_digest_init(struct cc_digest *d);

/* cc_digest_absorb() - a cc_absorb; @ctx is the struct cc_digest. */
void cc_digest_absorb(void *ctx, const void *p, size_t n);

/* cc_digest_final() - 0 and @ret filled, or -errno. Wipes the running state in every case. */
int cc_digest_final(struct cc_digest *d, u8 ret[32]);

/* cc_sha256() - the whole of @p at once. */
int cc_sha256(const void *p, size_t n, u8 ret[32]);

/*
 * cc_hash() - one of CAPCERT_HASH_*; may sleep and load a module.
 * Return: length of the digest in @ret (which holds 64 bytes), -EINVAL for an unknown hash,
 * -ENOPKG when this kernel has no implementation of it.
 */
int cc_hash(u32 hash, const void *p, size_t n, u8 ret[64]);

/* cc_hash_size() - length of a CAPCERT_HASH_* digest, 0 when unknown. */
size_t cc_hash_size(u32 hash);

int cc_digest_setup(void);
void cc_digest_teardown(void);

#endif
