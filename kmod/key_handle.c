// SPDX-License-Identifier: GPL-2.0-only
/* Handles of private keys: KEY_INFO, and KEY_RESTRICT for fewer purposes and uses. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/pid.h>

#include "kmod/dispatch.h"
#include "kmod/private_key.h"
#include "kmod/restrict.h"

#define PURPOSES_ALL ((1u << CAPCERT_KEY_PURPOSES) - 1)

int cc_key_info_ioctl(struct cc_call *call, void *arg)
{
	cc_private_key_info(cc_private_key_of(call->handle->object), arg);
	return 0;
}

static int key_restrict_check(const struct cc_call *call, const struct capcert_key_restrict *args)
{
	const struct cc_private_key *key = cc_private_key_of(call->handle->object);
	int error = cc_restrict_check(call->handle, args->rights, args->flags);

	if (args->purposes & ~PURPOSES_ALL || args->not_after < 0)
		return -EINVAL;
	if (!error && args->purposes & ~key->purposes)
		error = -EACCES;
	if (error == -EACCES)
		cc_restrict_audit(call, args->rights, 0, error);
	return error;
}

int cc_key_restrict_ioctl(struct cc_call *call, void *arg)
{
	struct cc_private_key *key = cc_private_key_of(call->handle->object);
	struct capcert_key_restrict *args = arg;
	struct cc_private_key *view;
	struct pid *bound;
	int error;

	error = key_restrict_check(call, args);
	if (error)
		return error;
	bound = cc_restrict_bound(args->flags, args->pidfd);
	if (IS_ERR(bound))
		return PTR_ERR(bound);
	view = cc_private_key_derive(key, args->purposes ?: key->purposes, args->max_uses,
				     args->not_after, args->per_minute);
	error = PTR_ERR_OR_ZERO(view);
	if (!error) {
		args->fd = cc_restrict_publish(call, &view->base, args->rights, bound);
		error = min(args->fd, 0);
		args->id = view->base.id;
		cc_object_put(&view->base);
	}
	put_pid(bound);
	return error;
}
