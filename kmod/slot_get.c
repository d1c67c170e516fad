// SPDX-License-Identifier: GPL-2.0-only
/* What is in the slots: SLOT_GET, SLOT_LIST; SLOT_RESTRICT. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/clock.h"
#include "kmod/dispatch.h"
#include "kmod/restrict.h"
#include "kmod/slot_calls.h"
#include "kmod/slots.h"
#include "kmod/uaccess.h"

/* The cheap question: no memory but the caller's struct, no lock. */
static int get_version(struct cc_slot_view *view, const struct cc_slot_name *name,
		       struct capcert_slot_get *get)
{
	const struct cc_slot_value *value;
	int error = -ENOENT;

	rcu_read_lock();
	value = cc_slot_find(view->store, name->span);
	if (value) {
		get->version = value->version;
		get->time = value->time;
		memcpy(get->leaf, value->leaf, sizeof(get->leaf));
		error = 0;
	}
	rcu_read_unlock();
	return error;
}

/* A handle of the slot's key for this process: it ends with the slots' keys and with its own. */
static int get_key(struct cc_call *call, const struct cc_slot_value *value, int *ret_fd)
{
	const u64 rights = value->key->rights & ~CAPCERT_RIGHT_TRANSFER;
	struct cc_handle *handle;
	int error;

	error = cc_handle_keys_valid(value->key);
	if (error)
		return error;
	handle = cc_handle_joined(value->key->object, rights, value->key, call->handle);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	*ret_fd = cc_call_publish(call, handle);
	return min(*ret_fd, 0);
}

static int get_out(u64 buf, u32 room, struct cc_span s)
{
	return s.n > room ? -EMSGSIZE : cc_user_out(buf, s.p, s.n);
}

static void get_facts(const struct cc_slot_value *value, struct cc_span staple,
		      struct capcert_slot_get *get)
{
	get->chain_len = value->chain_len;
	get->staple_len = staple.n;
	get->scts_len = value->scts_len;
	get->chain_count = value->chain_count;
	get->version = value->version;
	get->time = value->time;
	get->not_after = value->not_after;
	get->staple_until = value->staple_until;
	get->key_id = value->key_id;
	memcpy(get->leaf, value->leaf, sizeof(get->leaf));
}

/* The handle first: the caller's memory is written only when nothing else can fail. */
static int get_value(struct cc_call *call, const struct cc_slot_value *value,
		     struct capcert_slot_get *get)
{
	const u32 chain_room = get->chain_len, staple_room = get->staple_len;
	const u32 scts_room = get->scts_len;
	struct cc_span staple = cc_slot_value_staple(value);
	int error = 0;

	if (value->staple_until < cc_clock_wall())
		staple.n = 0;
	get_facts(value, staple, get);
	get->key_fd = -1;
	if (value->chain_len > chain_room || staple.n > staple_room || value->scts_len > scts_room)
		return -EMSGSIZE;
	if (get->flags & CAPCERT_SLOT_KEY && value->key)
		error = get_key(call, value, &get->key_fd);
	if (!error)
		error = get_out(get->chain, chain_room, cc_slot_value_chain(value));
	if (!error)
		error = get_out(get->staple, staple_room, staple);
	return error ?: get_out(get->scts, scts_room, cc_slot_value_scts(value));
}

static void get_audit(const struct cc_call *call, const struct cc_slot_value *value, int error)
{
	struct cc_audit_event event = {
		.op = CAPCERT_AUDIT_SLOT_GET, .error = error, .object_version = value->version,
		.other_id = value->key_id, .digest = value->leaf,
	};

	cc_slot_audit(call, event, NULL, cc_slot_value_name(value));
}

int cc_slot_get_ioctl(struct cc_call *call, void *arg)
{
	struct cc_slot_view *view = cc_slot_view_of(call->handle->object);
	struct capcert_slot_get *get = arg;
	struct cc_slot_value *value;
	struct cc_slot_name name;
	int error;

	if (get->flags == (CAPCERT_SLOT_VERSION | CAPCERT_SLOT_KEY))
		return -EINVAL;
	error = cc_slot_name_in(&name, get->name, get->name_len);
	if (error)
		return error;
	if (get->flags & CAPCERT_SLOT_KEY && !(call->handle->rights & CAPCERT_RIGHT_SIGN))
		return -EACCES;
	if (!cc_slot_seen(view, &name))
		return -ENOENT;
	if (get->flags & CAPCERT_SLOT_VERSION)
		return get_version(view, &name, get);
	value = cc_slot_get(view->store, name.span);
	if (!value)
		return -ENOENT;
	error = get_value(call, value, get);
	if (get->flags & CAPCERT_SLOT_KEY && value->key && error != -EMSGSIZE)
		get_audit(call, value, error);
	cc_slot_value_put(value);
	return error;
}

static void list_entry_of(const struct cc_slot_value *value, struct capcert_slot_entry *entry)
{
	entry->version = value->version;
	entry->time = value->time;
	entry->not_after = value->not_after;
	entry->staple_until = value->staple_until;
	entry->key_id = value->key_id;
	entry->chain_count = value->chain_count;
	entry->flags = (value->key_id ? CAPCERT_SLOT_HAS_KEY : 0) |
		       (value->staple_len ? CAPCERT_SLOT_HAS_STAPLE : 0) |
		       (value->scts_len ? CAPCERT_SLOT_HAS_SCTS : 0);
	memcpy(entry->leaf, value->leaf, sizeof(entry->leaf));
	memcpy(entry->name, value->name, sizeof(entry->name));
}

int cc_slot_list_ioctl(struct cc_call *call, void *arg)
{
	struct cc_slot_view *view = cc_slot_view_of(call->handle->object);
	struct capcert_slot_list *list = arg;
	const u32 room = min_t(u32, list->count, CAPCERT_SLOT_LIST_MAX);
	struct cc_slot_name after = { .span = cc_span(NULL, 0) };
	struct capcert_slot_entry *entries;
	int error = 0;
	u32 n;

	if (list->entry_size != sizeof(*entries))
		return -EINVAL;
	if (list->after_len)
		error = cc_slot_name_in(&after, list->after, list->after_len);
	if (error)
		return error;
	entries = kvcalloc(room ?: 1, sizeof(*entries), GFP_KERNEL_ACCOUNT);
	if (!entries)
		return -ENOMEM;
	n = cc_slot_list(view, after.span, entries, room, list_entry_of, &list->version);
	error = cc_user_out(list->buf, entries, n * sizeof(*entries));
	kvfree(entries);
	list->count = n;
	return error;
}

int cc_slot_restrict_ioctl(struct cc_call *call, void *arg)
{
	struct cc_slot_view *view = cc_slot_view_of(call->handle->object), *narrow;
	struct capcert_slot_restrict *args = arg;
	void *patterns = NULL;
	struct pid *bound;
	int error;

	error = cc_restrict_check(call->handle, args->rights, args->flags);
	if (!error)
		error = cc_slot_patterns_in(view, args->patterns, args->patterns_len, &patterns);
	if (error == -EACCES)
		cc_restrict_audit(call, args->rights, 0, error);
	if (error)
		return error;
	bound = cc_restrict_bound(args->flags, args->pidfd);
	if (IS_ERR(bound)) {
		kvfree(patterns);
		return PTR_ERR(bound);
	}
	narrow = cc_slot_view_new(view, cc_span(patterns, args->patterns_len));
	kvfree(patterns);
	error = PTR_ERR_OR_ZERO(narrow);
	if (!error) {
		args->fd = cc_restrict_publish(call, &narrow->base, args->rights, bound);
		error = min(args->fd, 0);
		args->id = narrow->base.id;
		cc_object_put(&narrow->base);
	}
	put_pid(bound);
	return error;
}
