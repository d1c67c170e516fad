/* SPDX-License-Identifier: GPL-2.0-only */
/* How often a private key may still be used by a handle: counts that stand on each other. */
#ifndef KMOD_KEY_LIMIT_H
#define KMOD_KEY_LIMIT_H

#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define CC_KEY_LIMIT_DEPTH 16

/*
 * One limit; handles that are derived from the one it was made for count in it as well. A use is
 * one of every limit from the handle's own up to the first, or of none.
 */
struct cc_key_limit {
	refcount_t refs;
	u32 depth;			/* limits from this one up */
	struct cc_key_limit *parent;	/* counted, NULL = none */
	u64 max_uses;			/* U64_MAX = without limit */
	u64 used;			/* the key's lock */
	u32 per_minute;			/* 0 = without limit */
	u32 in_minute;			/* the key's lock */
	time64_t minute;		/* the key's lock: when it began, seconds since boot */
};

/*
 * cc_key_limit_new() - a limit below @parent (takes a reference of its own; may be NULL).
 * @max_uses, @per_minute: 0 = no further one. Return: the limit; ERR_PTR(-ENOSPC) when too many
 * stand on each other, ERR_PTR(-ENOMEM).
 */
struct cc_key_limit *cc_key_limit_new(struct cc_key_limit *parent, u64 max_uses, u32 per_minute);
struct cc_key_limit *cc_key_limit_get(struct cc_key_limit *limit); /* NULL is fine */
void cc_key_limit_put(struct cc_key_limit *limit);		   /* NULL is fine */

/* cc_key_limit_take() - one use. 0 or -EDQUOT: nothing is counted then. NULL: always 0. */
int cc_key_limit_take(struct cc_key_limit *limit, spinlock_t *lock);

/* cc_key_limit_give_back() - the use was none; the minute keeps it. */
void cc_key_limit_give_back(struct cc_key_limit *limit, spinlock_t *lock);

/* cc_key_limit_show() - what is left by the strictest: U64_MAX and 0 = without limit. */
void cc_key_limit_show(struct cc_key_limit *limit, spinlock_t *lock, u64 *ret_left,
		       u32 *ret_per_minute);

#endif
