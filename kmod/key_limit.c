// SPDX-License-Identifier: GPL-2.0-only
/* How often a private key may still be used by a handle: counts that stand on each other. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "kmod/key_limit.h"

struct cc_key_limit *cc_key_limit_new(struct cc_key_limit *parent, u64 max_uses, u32 per_minute)
{
	struct cc_key_limit *limit;

	if (parent && parent->depth >= CC_KEY_LIMIT_DEPTH)
		return ERR_PTR(-ENOSPC);
	limit = kzalloc(sizeof(*limit), GFP_KERNEL_ACCOUNT);
	if (!limit)
		return ERR_PTR(-ENOMEM);
	refcount_set(&limit->refs, 1);
	limit->parent = cc_key_limit_get(parent);
	limit->depth = parent ? parent->depth + 1 : 1;
	limit->max_uses = max_uses ?: U64_MAX;
	limit->per_minute = per_minute;
	return limit;
}

struct cc_key_limit *cc_key_limit_get(struct cc_key_limit *limit)
{
	if (limit)
		refcount_inc(&limit->refs);
	return limit;
}

void cc_key_limit_put(struct cc_key_limit *limit)
{
	while (limit && refcount_dec_and_test(&limit->refs)) {
		struct cc_key_limit *parent = limit->parent;

		kfree(limit);
		limit = parent;
	}
}

/* Under the key's lock. A minute begins with the first use after the last one ended. */
static bool limit_has_room(struct cc_key_limit *limit, time64_t now)
{
	if (limit->used >= limit->max_uses)
		return false;
	if (!limit->per_minute)
		return true;
	if (!limit->in_minute || now - limit->minute >= 60) {
		limit->minute = now;
		limit->in_minute = 0;
	}
	return limit->in_minute < limit->per_minute;
}

int cc_key_limit_take(struct cc_key_limit *limit, spinlock_t *lock)
{
	const time64_t now = ktime_get_boottime_seconds();
	struct cc_key_limit *l;
	int error = 0;

	if (!limit)
		return 0;
	/* All of them under one lock: two callers cannot both take the last use of any. */
	spin_lock(lock);
	for (l = limit; l && !error; l = l->parent)
		if (!limit_has_room(l, now))
			error = -EDQUOT;
	for (l = limit; l && !error; l = l->parent) {
		l->used++;
		if (l->per_minute)
			l->in_minute++;
	}
	spin_unlock(lock);
	return error;
}

void cc_key_limit_give_back(struct cc_key_limit *limit, spinlock_t *lock)
{
	spin_lock(lock);
	for (; limit; limit = limit->parent)
		limit->used--;
	spin_unlock(lock);
}

void cc_key_limit_show(struct cc_key_limit *limit, spinlock_t *lock, u64 *ret_left,
		       u32 *ret_per_minute)
{
	u32 per_minute = 0;
	u64 left = U64_MAX;

	spin_lock(lock);
	for (; limit; limit = limit->parent) {
		if (limit->max_uses != U64_MAX)
			left = min(left, limit->max_uses - limit->used);
		if (limit->per_minute)
			per_minute = min_not_zero(per_minute, limit->per_minute);
	}
	spin_unlock(lock);
	*ret_left = left;
	*ret_per_minute = per_minute;
}
