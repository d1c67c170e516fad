// SPDX-License-Identifier: GPL-2.0-only
/* RESTRICT: a new handle with fewer rights, for a store with fewer anchors too. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>

#include "kmod/audit.h"
#include "kmod/compat.h"
#include "kmod/dispatch.h"
#include "kmod/filter.h"
#include "kmod/restrict.h"
#include "kmod/store.h"

#define RIGHTS_CHANGE (CAPCERT_RIGHT_ADD | CAPCERT_RIGHT_REMOVE)

int cc_restrict_check(const struct cc_handle *handle, u64 rights, u32 flags)
{
	if (!cc_rights_known(rights))
		return -EINVAL;
	if (!cc_rights_subset(rights, handle->rights))
		return -EACCES;
	if (!(flags & CAPCERT_RESTRICT_PIDFD))
		return 0;
	if (rights & CAPCERT_RIGHT_TRANSFER)
		return -EINVAL;
	/* To bind to another process is to transfer. */
	return handle->rights & CAPCERT_RIGHT_TRANSFER ? 0 : -EACCES;
}

struct pid *cc_restrict_bound(u32 flags, int pidfd)
{
	struct file *file;
	struct pid *pid;

	if (!(flags & CAPCERT_RESTRICT_PIDFD))
		return NULL;
	file = pidfd >= 0 ? fget(pidfd) : NULL;
	if (!file)
		return ERR_PTR(-EBADF);
	pid = cc_compat_pidfd_pid(file);
	if (!pid)
		pid = ERR_PTR(-EBADF);
	else if (!pid_has_task(pid, PIDTYPE_TGID))
		pid = ERR_PTR(-ESRCH);
	else
		get_pid(pid);
	fput(file);
	return pid;
}

static int restrict_check(const struct cc_handle *handle, const struct capcert_restrict *args)
{
	const bool live = args->flags & CAPCERT_RESTRICT_LIVE;
	const bool filter = cc_filter_asked(args);
	int error = cc_restrict_check(handle, args->rights, args->flags);

	if (error)
		return error;
	if (handle->object->kind != CAPCERT_KIND_STORE && (live || filter))
		return -EINVAL;
	/* What is behind the filter is not there for this handle, so it cannot change it either. */
	return live && filter && args->rights & RIGHTS_CHANGE ? -EINVAL : 0;
}

static struct cc_object *restrict_store(struct cc_store *parent,
					const struct capcert_restrict *args)
{
	struct cc_filter *filter = cc_filter_read(args);
	struct cc_store *store;

	if (IS_ERR(filter))
		return ERR_CAST(filter);
	if (args->flags & CAPCERT_RESTRICT_LIVE) {
		store = cc_store_live(parent, filter);
		if (IS_ERR(store))
			cc_filter_free(filter);
	} else {
		store = cc_store_snapshot(parent, filter);
		cc_filter_free(filter);
		/* What its holder can add to is its holder's, whatever it began as. */
		if (!IS_ERR(store) && args->rights & CAPCERT_RIGHT_ADD)
			store->base.origin = CAPCERT_ORIGIN_USER;
	}
	return IS_ERR(store) ? ERR_CAST(store) : &store->base;
}

void cc_restrict_audit(const struct cc_call *call, u64 rights, u64 id, int error)
{
	const struct cc_object *object = call->handle->object;
	struct cc_audit_event event = CC_AUDIT_EVENT(CAPCERT_AUDIT_RESTRICT,
		.kind = object->kind, .origin = object->origin, .command = call->row->command,
		.error = error, .handle_id = call->handle->id, .rights = rights,
		.object_id = object->id, .other_id = id);

	cc_audit(&event);
}

int cc_restrict_publish(struct cc_call *call, struct cc_object *object, u64 rights,
			struct pid *bound)
{
	const struct cc_handle *parent = call->handle;
	struct cc_handle *handle;

	handle = cc_handle_new(object, rights, parent->keys, parent->key_count, bound);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	cc_restrict_audit(call, rights, object->id, 0);
	return cc_call_publish(call, handle);
}

int cc_restrict_ioctl(struct cc_call *call, void *arg)
{
	struct cc_object *object = call->handle->object;
	struct capcert_restrict *args = arg;
	struct pid *bound;
	int error;

	error = restrict_check(call->handle, args);
	if (error == -EACCES)
		cc_restrict_audit(call, args->rights, 0, error);
	if (error)
		return error;
	bound = cc_restrict_bound(args->flags, args->pidfd);
	if (IS_ERR(bound))
		return PTR_ERR(bound);
	object = object->kind == CAPCERT_KIND_STORE ? restrict_store(cc_store_of(object), args) :
						      cc_object_get(object);
	error = PTR_ERR_OR_ZERO(object);
	if (!error) {
		args->fd = cc_restrict_publish(call, object, args->rights, bound);
		error = min(args->fd, 0);
		args->id = object->id;
		cc_object_put(object);
	}
	put_pid(bound);
	return error;
}
