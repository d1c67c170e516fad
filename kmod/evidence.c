// SPDX-License-Identifier: GPL-2.0-only
/* Evidence: bytes that a verification may draw on, hashed once, immutable. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/digest.h"
#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/evidence.h"
#include "kmod/evidence_file.h"
#include "kmod/uaccess.h"

#define HASH_STEP (64 * 1024)

static void evidence_destroy(struct cc_object *object)
{
	struct cc_evidence *evidence = cc_evidence_of(object);

	cc_evidence_file_forget(evidence);
	kvfree(evidence->data);
	kfree(evidence);
}

static int evidence_info(struct cc_object *object, struct capcert_info *info)
{
	info->count = cc_evidence_of(object)->len;
	memcpy(info->digest, cc_evidence_of(object)->digest, sizeof(info->digest));
	return 0;
}

static const struct cc_object_ops evidence_ops = {
	.destroy = evidence_destroy,
	.info = evidence_info,
};

/* Long lists take a while: in steps, so that others get their turn. */
static int evidence_hash(struct cc_evidence *evidence)
{
	struct cc_digest digest;
	size_t at, n;

	cc_digest_init(&digest);
	for (at = 0; at < evidence->len; at += n) {
		n = min_t(size_t, evidence->len - at, HASH_STEP);
		cc_digest_absorb(&digest, evidence->data + at, n);
		cond_resched();
	}
	return cc_digest_final(&digest, evidence->digest);
}

struct cc_evidence *cc_evidence_alloc(u32 type, size_t len)
{
	struct cc_evidence *evidence;
	int error;

	if (!type || type > CAPCERT_EVIDENCE_LAST || !len)
		return ERR_PTR(-EINVAL);
	evidence = kzalloc(sizeof(*evidence), GFP_KERNEL_ACCOUNT);
	if (!evidence)
		return ERR_PTR(-ENOMEM);
	error = cc_object_init(&evidence->base, CAPCERT_KIND_EVIDENCE, &evidence_ops);
	if (error) {
		kfree(evidence);
		return ERR_PTR(error);
	}
	evidence->type = type;
	/* Paid for before it is taken: nobody ties up memory that he may not hold. */
	error = cc_object_charge(&evidence->base, (s64)(sizeof(*evidence) + len));
	if (error) {
		cc_object_put(&evidence->base);
		return ERR_PTR(error);
	}
	return evidence;
}

/* @data: its own from now on, or an error. */
static struct cc_evidence *evidence_fill(struct cc_evidence *evidence, void *data, size_t len)
{
	int error = PTR_ERR_OR_ZERO(data);

	if (!error) {
		evidence->data = data;
		evidence->len = len;
		error = evidence_hash(evidence);
	}
	if (error) {
		cc_object_put(&evidence->base);
		return ERR_PTR(error);
	}
	return evidence;
}

struct cc_evidence *cc_evidence_new(u32 type, u64 ptr, size_t len, size_t max)
{
	struct cc_evidence *evidence;

	if (len > max)
		return ERR_PTR(type && type <= CAPCERT_EVIDENCE_LAST ? -EMSGSIZE : -EINVAL);
	evidence = cc_evidence_alloc(type, len);
	if (IS_ERR(evidence))
		return evidence;
	return evidence_fill(evidence, cc_user_in(ptr, len, max), len);
}

struct cc_evidence *cc_evidence_copy(u32 type, const void *data, size_t len)
{
	struct cc_evidence *evidence = cc_evidence_alloc(type, len);
	void *copy;

	if (IS_ERR(evidence))
		return evidence;
	evidence->base.origin = CAPCERT_ORIGIN_SYSTEM;
	copy = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	if (!copy)
		return evidence_fill(evidence, ERR_PTR(-ENOMEM), 0);
	memcpy(copy, data, len);
	return evidence_fill(evidence, copy, len);
}

int cc_evidence_out(const struct cc_evidence *evidence, u64 ptr, u32 cap, u32 *ret_len)
{
	if (evidence->file)
		return cc_evidence_file_out(evidence, ptr, cap, ret_len);
	return cc_user_out_sized(ptr, cap, evidence->data, evidence->len, ret_len);
}

int cc_evidence_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_make_evidence *args = arg;
	struct cc_evidence *evidence;
	struct cc_handle *handle;
	int fd;

	evidence = cc_evidence_new(args->type, args->ptr, args->len, CAPCERT_MAX_EVIDENCE_BYTES);
	if (IS_ERR(evidence))
		return PTR_ERR(evidence);
	args->id = evidence->base.id;
	memcpy(args->digest, evidence->digest, sizeof(args->digest));
	handle = cc_handle_new(&evidence->base, cc_rights_of_kind(CAPCERT_KIND_EVIDENCE), NULL, 0,
			       NULL);
	cc_object_put(&evidence->base);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	fd = cc_call_publish(call, handle);
	if (fd < 0)
		return fd;
	args->fd = fd;
	return 0;
}

/* One item of the caller's; @room: bytes that may still come inline. */
static struct cc_evidence *evidence_item(struct cc_call *call,
					 const struct capcert_evidence_item *item, size_t *room)
{
	const struct capcert_blob *blob = &item->blob;
	struct cc_evidence *evidence;
	struct cc_handle *handle;

	if (item->flags)
		return ERR_PTR(-EINVAL);
	if (blob->fd == -1) {
		evidence = cc_evidence_new(item->type, blob->ptr, blob->len, *room);
		if (!IS_ERR(evidence))
			*room -= blob->len;
		return evidence;
	}
	if (blob->ptr || blob->len)
		return ERR_PTR(-EINVAL);
	handle = cc_handle_from_fd(call, blob->fd, CAPCERT_KIND_EVIDENCE, CAPCERT_RIGHT_READ);
	if (IS_ERR(handle))
		return ERR_CAST(handle);
	evidence = cc_evidence_of(cc_object_get(handle->object));
	cc_handle_put(handle);
	if (evidence->type != item->type) {
		cc_object_put(&evidence->base);
		return ERR_PTR(-EINVAL);
	}
	return evidence;
}

static int evidence_set_seal(struct cc_evidence_set *set)
{
	struct cc_digest digest;
	u32 i;

	cc_digest_init(&digest);
	cc_absorb_evidence_head(cc_digest_absorb, &digest, set->count);
	for (i = 0; i < set->count; i++)
		cc_absorb_evidence_item(cc_digest_absorb, &digest, set->item[i]->type,
					set->item[i]->digest);
	return cc_digest_final(&digest, set->digest);
}

struct cc_evidence_set *cc_evidence_set_new(struct cc_call *call, u64 ptr, u32 count)
{
	size_t room = CAPCERT_MAX_EVIDENCE_INLINE;
	struct capcert_evidence_item *items;
	struct cc_evidence_set *set;
	int error = 0;

	items = cc_user_in_array(ptr, count, sizeof(*items), CAPCERT_MAX_EVIDENCE);
	if (IS_ERR(items))
		return ERR_CAST(items);
	set = kzalloc(struct_size(set, item, count), GFP_KERNEL_ACCOUNT);
	if (!set) {
		kvfree(items);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&set->refs, 1);
	while (!error && set->count < count) {
		struct cc_evidence *one = evidence_item(call, &items[set->count], &room);

		error = PTR_ERR_OR_ZERO(one);
		if (!error)
			set->item[set->count++] = one;
	}
	kvfree(items);
	if (!error)
		error = evidence_set_seal(set);
	if (error) {
		cc_evidence_set_put(set);
		return ERR_PTR(error);
	}
	return set;
}

struct cc_evidence_set *cc_evidence_set_get(struct cc_evidence_set *set)
{
	refcount_inc(&set->refs);
	return set;
}

void cc_evidence_set_put(struct cc_evidence_set *set)
{
	u32 i;

	if (!set || !refcount_dec_and_test(&set->refs))
		return;
	for (i = 0; i < set->count; i++)
		cc_object_put(&set->item[i]->base);
	kfree(set);
}
