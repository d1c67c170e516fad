/* SPDX-License-Identifier: GPL-2.0-only */
/* Deriving a handle: what RESTRICT and KEY_RESTRICT share. */
#ifndef KMOD_RESTRICT_H
#define KMOD_RESTRICT_H

#include <linux/types.h>

struct cc_call;
struct cc_handle;
struct cc_object;
struct pid;

/*
 * cc_restrict_check() - may a handle with @rights be derived from @handle?
 * @flags: CAPCERT_RESTRICT_PIDFD counts.
 * Return: 0; -EINVAL an unknown right, or TRANSFER with a process; -EACCES more than it has.
 */
int cc_restrict_check(const struct cc_handle *handle, u64 rights, u32 flags);

/*
 * cc_restrict_bound() - the thread group of @pidfd with a reference; NULL: @flags asks for none.
 * Return: ERR_PTR(-EBADF) also when it is no pidfd, ERR_PTR(-ESRCH) the process is over.
 */
struct pid *cc_restrict_bound(u32 flags, int pidfd);

/* cc_restrict_publish() - a handle of @object for the caller, audited. Return: fd or -errno. */
int cc_restrict_publish(struct cc_call *call, struct cc_object *object, u64 rights,
			struct pid *bound);

/* cc_restrict_audit() - a refusal is audited as well: @id is 0 then. */
void cc_restrict_audit(const struct cc_call *call, u64 rights, u64 id, int error);

#endif
