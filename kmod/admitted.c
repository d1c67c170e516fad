// SPDX-License-Identifier: GPL-2.0-only
/* What was admitted under which name, and the number below which nothing is any more. */
#include <linux/capability.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/admitted.h"
#include "kmod/audit.h"
#include "kmod/bundle_keys.h"
#include "kmod/dispatch.h"
#include "kmod/uaccess.h"

/* What its header says: floors, and what stands for a name. */
DEFINE_MUTEX(cc_admitted_lock);
static LIST_HEAD(admitted_names); /* cc_admitted_lock to add; read under RCU */
static u32 admitted_count;	  /* the same */

struct cc_admitted *cc_admitted_find(const char *name)
{
	struct cc_admitted *admitted;

	lockdep_assert_held(&cc_admitted_lock);
	list_for_each_entry(admitted, &admitted_names, list)
		if (!strcmp(admitted->name, name))
			return admitted;
	return NULL;
}

struct cc_store *cc_admitted_store(const char *name)
{
	struct cc_store *store = NULL;
	struct cc_admitted *admitted;

	rcu_read_lock();
	list_for_each_entry_rcu(admitted, &admitted_names, list) {
		if (strcmp(admitted->name, name))
			continue;
		/* Pairs with the release of whoever admits the first bundle of the name. */
		store = smp_load_acquire(&admitted->store);
		break;
	}
	rcu_read_unlock();
	return store;
}

int cc_admitted_reserve(const char *name)
{
	struct cc_admitted *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	int error = 0;

	if (!fresh)
		return -ENOMEM;
	strscpy(fresh->name, name, sizeof(fresh->name));
	mutex_lock(&cc_admitted_lock);
	if (cc_admitted_find(name)) {
		kfree(fresh);
	} else if (admitted_count >= CC_ADMITTED_MAX_NAMES) {
		kfree(fresh);
		error = -ENOSPC;
	} else {
		list_add_tail_rcu(&fresh->list, &admitted_names);
		admitted_count++;
	}
	mutex_unlock(&cc_admitted_lock);
	return error;
}

/* Raise the floor of @name to @number, 0 to leave it; the floor as it is then, 0 for none. */
static u64 admitted_floor(const char *name, u64 number)
{
	struct cc_admitted *admitted;
	u64 floor = 0;

	mutex_lock(&cc_admitted_lock);
	admitted = cc_admitted_find(name);
	if (admitted) {
		admitted->floor = max(admitted->floor, number);
		floor = admitted->floor;
	}
	mutex_unlock(&cc_admitted_lock);
	return floor;
}

static int floor_name(const struct capcert_floor *args, char name[CC_BUNDLE_NAME_MAX + 1])
{
	if (!args->name_len || args->name_len > CC_BUNDLE_NAME_MAX)
		return -EINVAL;
	if (cc_user_into(name, args->name, args->name_len))
		return -EFAULT;
	name[args->name_len] = 0;
	return cc_bundle_name_valid(cc_span(name, args->name_len)) ? 0 : -EINVAL;
}

static void floor_audit(const char *name, u64 number, int error)
{
	cc_audit(&CC_AUDIT_EVENT(CAPCERT_AUDIT_FLOOR, .command = CAPCERT_FLOOR, .error = error,
				 .kind = CAPCERT_KIND_STORE, .object_version = number,
				 .text = name, .text_len = (u32)strlen(name)));
}

int cc_floor_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_floor *args = arg;
	char name[CC_BUNDLE_NAME_MAX + 1];
	int error = floor_name(args, name);

	if (error)
		return error;
	if (args->number) {
		error = capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
		if (!error)
			error = cc_admitted_reserve(name);
		floor_audit(name, args->number, error);
		if (error)
			return error;
	}
	args->number = admitted_floor(name, args->number);
	return 0;
}

int cc_admitted_init(void)
{
	const struct bundle_floor *floor;
	int error;

	for (floor = cc_bundle_floors(); floor->name; floor++) {
		error = cc_admitted_reserve(floor->name);
		if (error) {
			cc_admitted_exit();
			return error;
		}
		admitted_floor(floor->name, floor->number);
	}
	return 0;
}

void cc_admitted_exit(void)
{
	struct cc_admitted *admitted, *next;

	list_for_each_entry_safe(admitted, next, &admitted_names, list) {
		list_del(&admitted->list);
		cc_store_put(admitted->store);
		kfree(admitted);
	}
	admitted_count = 0;
}
