// SPDX-License-Identifier: GPL-2.0-only
/* The base of everything a handle can name: kind, id, provenance, reference count, accounting. */
#include <linux/cred.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "kmod/object.h"
#include "kmod/user.h"

/* Anchors and DER that one user's objects may hold; what keys hold counts in the key quota too. */
static unsigned int user_kbytes = 64 * 1024;
module_param(user_kbytes, uint, 0644);
MODULE_PARM_DESC(user_kbytes, "KiB that the objects of one user other than root may hold");

static atomic64_t object_ids = ATOMIC64_INIT(0);
static atomic64_t object_count = ATOMIC64_INIT(0);
static atomic64_t object_bytes = ATOMIC64_INIT(0);

u64 cc_object_new_id(void)
{
	return (u64)atomic64_inc_return(&object_ids);
}

u64 cc_object_count(void)
{
	return (u64)atomic64_read(&object_count);
}

u64 cc_object_bytes(void)
{
	return (u64)atomic64_read(&object_bytes);
}

static int object_init(struct cc_object *object, u32 kind, const struct cc_object_ops *ops,
		       kuid_t owner)
{
	object->owner = owner;
	object->user = cc_user_get(object->owner);
	if (!object->user)
		return -ENOMEM;
	object->ops = ops;
	refcount_set(&object->refs, 1);
	object->kind = kind;
	object->origin = CAPCERT_ORIGIN_USER;
	object->id = cc_object_new_id();
	atomic64_set(&object->bytes, 0);
	atomic64_inc(&object_count);
	return 0;
}

int cc_object_init(struct cc_object *object, u32 kind, const struct cc_object_ops *ops)
{
	return object_init(object, kind, ops, current_fsuid());
}

int cc_object_init_system(struct cc_object *object, u32 kind, const struct cc_object_ops *ops)
{
	return object_init(object, kind, ops, GLOBAL_ROOT_UID);
}

struct cc_object *cc_object_get(struct cc_object *object)
{
	refcount_inc(&object->refs);
	return object;
}

void cc_object_put(struct cc_object *object)
{
	if (!object || !refcount_dec_and_test(&object->refs))
		return;
	cc_object_charge(object, -atomic64_read(&object->bytes));
	cc_user_put(object->user);
	atomic64_dec(&object_count);
	object->ops->destroy(object);
}

int cc_user_charge(struct cc_user *user, s64 delta)
{
	s64 limit = (s64)READ_ONCE(user_kbytes) * 1024;

	/* Added before it is compared: two callers at once cannot both slip under the limit. */
	if (atomic64_add_return(delta, &user->bytes) > limit && delta > 0 &&
	    !uid_eq(user->uid, GLOBAL_ROOT_UID)) {
		atomic64_sub(delta, &user->bytes);
		return -EDQUOT;
	}
	atomic64_add(delta, &object_bytes);
	return 0;
}

int cc_object_charge(struct cc_object *object, s64 delta)
{
	int error = cc_user_charge(object->user, delta);

	if (!error)
		atomic64_add(delta, &object->bytes);
	return error;
}
