/* SPDX-License-Identifier: GPL-2.0-only */
/* What one user has in the queues and in the cache: the count that per-user limits look at. */
#ifndef KMOD_USER_H
#define KMOD_USER_H

#include <linux/capcert_agent.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct cc_user {
	struct hlist_node node;		/* user_lock */
	refcount_t refs;
	atomic64_t bytes;		/* held by the user's objects */
	kuid_t uid;
	u32 pending[CAPCERT_CLASS_STATUS + 1];	/* lock of that class's queue: requests */
	u64 pending_bytes[CAPCERT_CLASS_STATUS + 1];	/* the same: bytes of their wire forms */
	u32 cached;			/* cache lock */
	struct list_head entries;	/* cache lock */
};

/** cc_user_get() - the user's counts, made when there are none. NULL: out of memory. */
struct cc_user *cc_user_get(kuid_t uid);
void cc_user_put(struct cc_user *user);

#endif
