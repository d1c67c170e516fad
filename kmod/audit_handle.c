// SPDX-License-Identifier: GPL-2.0-only
/* The audit log as an object: OPEN_AUDIT, AUDIT_READ, poll() with WATCH. */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "kmod/audit.h"
#include "kmod/dispatch.h"
#include "kmod/ring.h"
#include "kmod/uaccess.h"

#define AUDIT_CHUNK	64	/* records copied at once */

/* One opener's view; handles restricted from it share its position. */
struct audit_log {
	struct cc_object base;
	atomic64_t next;	/* where the last AUDIT_READ ended: poll() waits for this record */
};

static struct audit_log *audit_log_of(struct cc_object *object)
{
	return container_of(object, struct audit_log, base);
}

static void audit_log_destroy(struct cc_object *object)
{
	kfree(audit_log_of(object));
}

static int audit_log_info(struct cc_object *object, struct capcert_info *info)
{
	info->version = cc_ring_sequence();
	return 0;
}

static __poll_t audit_log_poll(struct cc_object *object, struct file *file,
			       struct poll_table_struct *wait)
{
	poll_wait(file, cc_ring_wait(), wait);
	if (cc_ring_sequence() >= atomic64_read(&audit_log_of(object)->next))
		return EPOLLIN | EPOLLRDNORM;
	return 0;
}

static const struct cc_object_ops audit_log_ops = {
	.destroy = audit_log_destroy,
	.info = audit_log_info,
	.poll = audit_log_poll,
};

static struct audit_log *audit_log_new(void)
{
	struct audit_log *log = kzalloc(sizeof(*log), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!log)
		return ERR_PTR(-ENOMEM);
	atomic64_set(&log->next, 1);
	ret = cc_object_init(&log->base, CAPCERT_KIND_AUDIT, &audit_log_ops);
	if (ret) {
		kfree(log);
		return ERR_PTR(ret);
	}
	log->base.origin = CAPCERT_ORIGIN_SYSTEM;
	return log;
}

int cc_open_audit_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_open_audit *open = arg;
	struct cc_handle *handle;
	struct audit_log *log;
	u64 id;
	int ret;

	if (!capable(CAP_AUDIT_READ) && !capable(CAP_SYS_ADMIN)) {
		cc_audit_refused(CAPCERT_OPEN_AUDIT, -EPERM, "OPEN_AUDIT");
		return -EPERM;
	}
	if (!open->rights || !cc_rights_subset(open->rights, cc_rights_of_kind(CAPCERT_KIND_AUDIT)))
		return -EINVAL;
	log = audit_log_new();
	if (IS_ERR(log))
		return PTR_ERR(log);
	id = log->base.id;
	handle = cc_handle_new(&log->base, open->rights, NULL, 0, NULL);
	cc_object_put(&log->base);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	ret = cc_call_publish(call, handle);
	if (ret < 0)
		return ret;
	open->fd = ret;
	cc_audit(&CC_AUDIT_EVENT(CAPCERT_AUDIT_OPEN, .command = CAPCERT_OPEN_AUDIT,
				 .kind = CAPCERT_KIND_AUDIT, .origin = CAPCERT_ORIGIN_SYSTEM,
				 .object_id = id, .rights = open->rights));
	return 0;
}

int cc_audit_read_ioctl(struct cc_call *call, void *arg)
{
	struct audit_log *log = audit_log_of(call->handle->object);
	struct capcert_audit_read *read = arg;
	struct capcert_audit_record *chunk;
	u64 next = max(read->from, 1ULL), lost = 0, gap;
	u32 done = 0;
	int ret = 0, n;

	if (read->record_size != sizeof(*chunk))
		return -EINVAL;
	chunk = kvmalloc_array(AUDIT_CHUNK, sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return -ENOMEM;
	do {
		u64 from = next;

		n = cc_ring_fetch(from, chunk, min_t(u32, read->count - done, AUDIT_CHUNK), &next,
				  &gap);
		if (n < 0)
			break;
		if (!done)
			lost = gap;
		else if (gap)	/* the ring ran over in between: the next call counts them */
			next = from;
		if (next == from || !n)
			break;
		ret = cc_user_out(read->buf + (u64)done * sizeof(*chunk), chunk,
				  n * sizeof(*chunk));
		done += n;
	} while (!ret && done < read->count);
	kvfree(chunk);
	if (ret || n < 0)
		return ret ?: n;
	read->count = done;
	read->next = next;
	read->lost = lost;
	atomic64_set(&log->next, next);
	return 0;
}
