/* SPDX-License-Identifier: GPL-2.0-only */
/* A caller's chain of certificates: bytes in his memory, or handles. */
#ifndef KMOD_CHAIN_H
#define KMOD_CHAIN_H

#include <linux/capcert.h>
#include <linux/types.h>

struct cc_call;
struct cc_handle;

/* The counts are cleared by the caller; the rest is written before it is read. */
struct cc_chain {
	u32 count;
	u32 cert_count;
	struct cc_handle *certs[CAPCERT_MAX_CHAIN];	/* counted, @cert_count of them */
	struct capcert_blob blobs[CAPCERT_MAX_CHAIN];	/* @len is the certificate's, always */
};

/*
 * cc_chain_take() - @count blobs at user address @ptr: lengths checked, handles resolved (READ).
 * @ret_items: what the certificates take in a request, all of them.
 * Return: 0; -EINVAL none, or an empty one; -EMSGSIZE over a limit; else as cc_handle_from_fd().
 * What was taken until then is for cc_chain_release() in every case.
 */
int cc_chain_take(struct cc_chain *chain, struct cc_call *call, u64 ptr, u32 count,
		  size_t *ret_items);

/* cc_chain_copy() - the bytes of certificate @i, its length's worth. 0 or -EFAULT. */
int cc_chain_copy(const struct cc_chain *chain, u32 i, void *to);

/* cc_chain_check() - may the handles still be used? Asked again after a wait. */
int cc_chain_check(const struct cc_chain *chain);

void cc_chain_release(struct cc_chain *chain);

#endif
