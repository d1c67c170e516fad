// SPDX-License-Identifier: GPL-2.0-only
/* A handle: an anonymous file = object + rights + the keys it derives from + the bound process. */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmod/dispatch.h"
#include "kmod/fdinfo.h"
#include "kmod/handle.h"

static atomic64_t handle_count = ATOMIC64_INIT(0);

u64 cc_handle_count(void)
{
	return (u64)atomic64_read(&handle_count);
}

struct cc_handle *cc_handle_new(struct cc_object *object, u64 rights, struct key *const *keys,
				u32 key_count, struct pid *bound)
{
	struct cc_handle *handle;
	u32 i;

	if (WARN_ON_ONCE(!cc_rights_subset(rights, cc_rights_of_kind(object->kind)) ||
			 key_count > CC_HANDLE_KEYS_MAX ||
			 (bound && rights & CAPCERT_RIGHT_TRANSFER)))
		return ERR_PTR(-EINVAL);
	handle = kzalloc(struct_size(handle, keys, key_count), GFP_KERNEL_ACCOUNT);
	if (!handle)
		return ERR_PTR(-ENOMEM);
	kref_init(&handle->refs);
	handle->id = cc_object_new_id();
	handle->rights = rights;
	handle->object = cc_object_get(object);
	if (!(rights & CAPCERT_RIGHT_TRANSFER))
		handle->bound = get_pid(bound ?: task_tgid(current));
	for (i = 0; i < key_count; i++)
		handle->keys[i] = key_get(keys[i]);
	handle->key_count = key_count;
	atomic64_inc(&handle_count);
	return handle;
}

/* Those of @from that are not there yet. Return: how many there are then; -EMLINK. */
static int handle_keys_add(struct key **keys, int count, const struct cc_handle *from)
{
	u32 i;
	int k;

	for (i = 0; i < from->key_count; i++) {
		for (k = 0; k < count && keys[k] != from->keys[i]; k++)
			;
		if (k < count)
			continue;
		if (count == CC_HANDLE_KEYS_MAX)
			return -EMLINK;
		keys[count++] = from->keys[i];
	}
	return count;
}

struct cc_handle *cc_handle_joined(struct cc_object *object, u64 rights,
				   const struct cc_handle *a, const struct cc_handle *b)
{
	struct key *keys[CC_HANDLE_KEYS_MAX];
	int count = handle_keys_add(keys, 0, a);

	if (count >= 0)
		count = handle_keys_add(keys, count, b);
	if (count < 0)
		return ERR_PTR(count);
	return cc_handle_new(object, rights, keys, count, NULL);
}

struct cc_handle *cc_handle_get(struct cc_handle *handle)
{
	kref_get(&handle->refs);
	return handle;
}

static void handle_free(struct kref *refs)
{
	struct cc_handle *handle = container_of(refs, struct cc_handle, refs);
	u32 i;

	for (i = 0; i < handle->key_count; i++)
		key_put(handle->keys[i]);
	put_pid(handle->bound);
	cc_object_put(handle->object);
	atomic64_dec(&handle_count);
	kfree(handle);
}

void cc_handle_put(struct cc_handle *handle)
{
	if (handle)
		kref_put(&handle->refs, handle_free);
}

int cc_handle_keys_valid(const struct cc_handle *handle)
{
	int error = 0;
	u32 i;

	/* Nothing in a key type is called on expiry or invalidation: ask at every use. */
	for (i = 0; i < handle->key_count && !error; i++)
		error = key_validate(handle->keys[i]);
	return error;
}

int cc_handle_check(const struct cc_handle *handle, u64 rights)
{
	int error;

	/* A referenced struct pid is not reused: its number may be, but that is another one. */
	if (handle->bound && handle->bound != task_tgid(current))
		return -EXDEV;
	error = cc_handle_keys_valid(handle);
	if (error)
		return error;
	return cc_rights_subset(rights, handle->rights) ? 0 : -EACCES;
}

static int handle_release(struct inode *inode, struct file *file)
{
	cc_handle_put(file->private_data);
	return 0;
}

static __poll_t handle_poll(struct file *file, struct poll_table_struct *wait)
{
	struct cc_handle *handle = file->private_data;
	__poll_t events;

	if (!handle->object->ops->poll || cc_handle_check(handle, CAPCERT_RIGHT_WATCH))
		return cc_handle_keys_valid(handle) ? EPOLLERR | EPOLLHUP : EPOLLERR;
	events = handle->object->ops->poll(handle->object, file, wait);
	/* Revoked before we stood in the queue of those who are woken for it. */
	return cc_handle_keys_valid(handle) ? EPOLLERR | EPOLLHUP : events;
}

/* .owner: an open handle keeps the module loaded. */
static const struct file_operations handle_fops = {
	.owner = THIS_MODULE,
	.release = handle_release,
	.poll = handle_poll,
	.unlocked_ioctl = cc_dispatch_handle,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = cc_fdinfo_show,
#endif
};

struct cc_handle *cc_handle_of(struct file *file)
{
	return file->f_op == &handle_fops ? file->private_data : NULL;
}

struct file *cc_handle_file(struct cc_handle *handle)
{
	struct file *file;

	file = anon_inode_getfile("[capcert]", &handle_fops, handle, O_RDWR);
	if (IS_ERR(file))
		cc_handle_put(handle);
	return file;
}
