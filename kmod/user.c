// SPDX-License-Identifier: GPL-2.0-only
/* What one user has in the queues and in the cache: the count that per-user limits look at. */
#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kmod/user.h"

static DEFINE_SPINLOCK(user_lock);
static DEFINE_HASHTABLE(user_table, 6);

/* Under user_lock. */
static struct cc_user *user_find(kuid_t uid)
{
	struct cc_user *user;

	hash_for_each_possible(user_table, user, node, __kuid_val(uid))
		if (uid_eq(user->uid, uid)) {
			refcount_inc(&user->refs);
			return user;
		}
	return NULL;
}

struct cc_user *cc_user_get(kuid_t uid)
{
	struct cc_user *user, *mine;

	spin_lock(&user_lock);
	user = user_find(uid);
	spin_unlock(&user_lock);
	if (user)
		return user;
	mine = kzalloc(sizeof(*mine), GFP_KERNEL_ACCOUNT);
	if (!mine)
		return NULL;
	refcount_set(&mine->refs, 1);
	mine->uid = uid;
	INIT_LIST_HEAD(&mine->entries);
	spin_lock(&user_lock);
	user = user_find(uid);
	if (!user) {
		hash_add(user_table, &mine->node, __kuid_val(uid));
		user = mine;
		mine = NULL;
	}
	spin_unlock(&user_lock);
	kfree(mine);
	return user;
}

void cc_user_put(struct cc_user *user)
{
	if (!user || refcount_dec_not_one(&user->refs))
		return;
	/* The last one, as it seems; under the lock nobody finds it any more. */
	spin_lock(&user_lock);
	if (refcount_dec_and_test(&user->refs))
		hash_del(&user->node);
	else
		user = NULL;
	spin_unlock(&user_lock);
	kfree(user);
}
