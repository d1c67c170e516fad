// SPDX-License-Identifier: GPL-2.0-only
/* The outcome object: what a verification found, immutable, to be shown to others. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/dispatch.h"
#include "kmod/distrust.h"
#include "kmod/outcome.h"
#include "kmod/uaccess.h"

static void outcome_destroy(struct cc_object *object)
{
	struct cc_outcome *outcome = cc_outcome_of(object);
	u32 i;

	for (i = 0; i < outcome->key_count; i++)
		key_put(outcome->keys[i]);
	cc_store_put(outcome->store);
	if (outcome->pins)
		cc_object_put(&outcome->pins->base);
	kfree(outcome);
}

static int outcome_info(struct cc_object *object, struct capcert_info *info)
{
	const struct cc_outcome *outcome = cc_outcome_of(object);

	info->version = 1;
	info->count = outcome->path_count;
	info->superseded = cc_outcome_superseded(outcome);
	memcpy(info->digest, outcome->outcome.chain_digest, sizeof(info->digest));
	return 0;
}

static const struct cc_object_ops outcome_ops = {
	.destroy = outcome_destroy,
	.info = outcome_info,
};

static void outcome_keep_keys(struct cc_outcome *outcome, const struct cc_handle *handle)
{
	u32 i;

	for (i = 0; i < handle->key_count; i++)
		if (!WARN_ON_ONCE(outcome->key_count >= ARRAY_SIZE(outcome->keys)))
			outcome->keys[outcome->key_count++] = key_get(handle->keys[i]);
}

struct cc_outcome *cc_outcome_new(const struct capcert_outcome *outcome,
				  const struct capcert_path_entry *path,
				  const struct cc_handle *verifier, const struct cc_handle *store,
				  const struct cc_handle *pins)
{
	u32 count = outcome->path_len;
	struct cc_outcome *mine;
	size_t size = struct_size(mine, path, count);
	int ret;

	mine = kzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!mine)
		return ERR_PTR(-ENOMEM);
	ret = cc_object_init(&mine->base, CAPCERT_KIND_OUTCOME, &outcome_ops);
	if (ret) {
		kfree(mine);
		return ERR_PTR(ret);
	}
	mine->base.parent_id = outcome->policy_id;
	mine->outcome = *outcome;
	mine->path_count = count;
	memcpy(mine->path, path, count * sizeof(*path));
	mine->store = cc_store_get(cc_store_of(store->object));
	outcome_keep_keys(mine, verifier);
	outcome_keep_keys(mine, store);
	if (pins) {
		mine->pins = cc_pin_set_of(cc_object_get(pins->object));
		outcome_keep_keys(mine, pins);
	}
	ret = cc_object_charge(&mine->base, size);
	if (ret) {
		cc_object_put(&mine->base);
		return ERR_PTR(ret);
	}
	return mine;
}

bool cc_outcome_superseded(const struct cc_outcome *outcome)
{
	u32 i;

	if (outcome->outcome.distrust_generation != cc_distrust_generation() ||
	    outcome->outcome.store_version != cc_store_version(outcome->store))
		return true;
	if (outcome->pins && outcome->outcome.pins_version != cc_pin_set_version(outcome->pins))
		return true;
	for (i = 0; i < outcome->key_count; i++)
		if (key_validate(outcome->keys[i]))
			return true;
	return false;
}

int cc_outcome_get_ioctl(struct cc_call *call, void *arg)
{
	const struct cc_outcome *outcome = cc_outcome_of(call->handle->object);
	struct capcert_outcome_get *get = arg;
	int ret;

	if (get->outcome_size < CC_OUTCOME_MIN_SIZE)
		return -EINVAL;
	ret = cc_user_out_struct(get->outcome, get->outcome_size, &outcome->outcome,
				 sizeof(outcome->outcome));
	if (ret)
		return ret;
	get->path_count = outcome->path_count;
	get->superseded = cc_outcome_superseded(outcome);
	return cc_user_out(get->path, outcome->path,
			   min(get->path_max, outcome->path_count) * sizeof(outcome->path[0]));
}
