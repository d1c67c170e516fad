/* SPDX-License-Identifier: GPL-2.0-only */
/* Evidence: bytes that a verification may draw on, copied and hashed once, immutable. */
#ifndef KMOD_EVIDENCE_H
#define KMOD_EVIDENCE_H

#include <linux/refcount.h>
#include <linux/types.h>

#include "kmod/object.h"

struct cc_evidence {
	struct cc_object base;
	u8 digest[32];		/* SHA-256 of @data */
	u32 type;		/* CAPCERT_EVIDENCE_* */
	u32 len;
	void *data;		/* kvfree() */
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
