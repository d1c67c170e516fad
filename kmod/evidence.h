/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence: bytes that a verification may draw on, hashed once: a copy, or a sealed file. */
#ifndef KMOD_EVIDENCE_H
#define KMOD_EVIDENCE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "kmod/object.h"

struct cc_evidence {
	struct cc_object base;
	u8 digest[32];		/* SHA-256 of the bytes */
	u32 type;		/* CAPCERT_EVIDENCE_* */
	u32 len;
	void *data;		/* kvfree(); NULL: @file has them */
	struct file *file;	/* counted, a sealed memfd; or NULL */
	struct hlist_node node;	/* with @file: by its inode, under evidence_files_lock */
	u32 kept;		/* answers of FETCH that hold it, under their lock */
};

static inline struct cc_evidence *cc_evidence_of(struct cc_object *object)
{
	return container_of(object, struct cc_evidence, base);
}

/*
 * cc_evidence_new() - a copy of @len bytes at user address @ptr. May sleep.
 * Return: object with one reference; ERR_PTR: -EINVAL for an unknown type or no bytes, -EMSGSIZE
 * over @max, -EFAULT, -ENOMEM, -EDQUOT when the user's objects may hold no more.
 */
struct cc_evidence *cc_evidence_new(u32 type, u64 ptr, size_t len, size_t max);

/*
 * cc_evidence_copy() - the same of @len bytes of the kernel's, at most CAPCERT_MAX_EVIDENCE_INLINE;
 * of the system's origin. Charged to the caller's user like all evidence.
 */
struct cc_evidence *cc_evidence_copy(u32 type, const void *data, size_t len);

/*
 * cc_evidence_of_file() - the evidence whose bytes are those of @file, of cc_memfd_get(); it takes
 * a reference of its own. While it lives, all who come with that file get the
 * same object: one SHA-256, and nobody pays but the first. May sleep.
 * Return: a reference; ERR_PTR: -EINTR on a fatal signal, -EIO, -ENOMEM, -EDQUOT.
 */
struct cc_evidence *cc_evidence_of_file(u32 type, struct file *file, size_t len);

/* cc_evidence_out() - the bytes to a user's buffer of @cap, as cc_user_out_sized(). */
int cc_evidence_out(const struct cc_evidence *evidence, u64 ptr, u32 cap, u32 *ret_len);

/*
 * The evidence of one verification, in the order it was given. Immutable once made.
 * @digest: of "capcert-evidence-v1", be32 count, and for each be32 type, 32-byte SHA-256.
 */
struct cc_evidence_set {
	refcount_t refs;
	u32 count;
	u8 digest[32];
	struct cc_evidence *item[];	/* counted */
};

struct cc_call;

/*
 * cc_evidence_set_new() - from the caller's struct capcert_evidence_item[@count] at @ptr: bytes, or
 * handles with READ. Return: the set with one reference, or ERR_PTR: -EMSGSIZE over the limits of
 * the ABI, else as cc_evidence_new() and cc_handle_from_fd().
 */
struct cc_evidence_set *cc_evidence_set_new(struct cc_call *call, u64 ptr, u32 count);
struct cc_evidence_set *cc_evidence_set_get(struct cc_evidence_set *set);
void cc_evidence_set_put(struct cc_evidence_set *set); /* NULL is fine; may sleep */

#endif
