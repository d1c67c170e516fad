// SPDX-License-Identifier: GPL-2.0-only
/* The slot store object: its table, who sees what of it, and how it changes. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/time.h"
#include "kmod/clock.h"
#include "kmod/handle.h"
#include "kmod/slots.h"
#include "kmod/uaccess.h"
#include "kmod/user.h"

#define LINE_MAX (CAPCERT_SLOT_NAME_SIZE + 2 * 32 + CC_TIME_TEXT + 80)

static struct cc_slot_table *slots_table_locked(struct cc_slot_store *store)
{
	return rcu_dereference_protected(store->table, lockdep_is_held(&store->lock));
}

/* ---- lifetime ---- */

void cc_slot_store_put(struct cc_slot_store *store)
{
	struct cc_slot_table *table;
	u32 i;

	if (!refcount_dec_and_test(&store->refs))
		return;
	table = rcu_dereference_protected(store->table, true);
	for (i = 0; i < table->count; i++)
		cc_slot_value_put(table->values[i]);
	kvfree_rcu(table, rcu);
	for (i = 0; i < ARRAY_SIZE(store->log); i++)
		kfree(store->log[i]);
	cc_user_charge(store->user, -store->bytes);
	cc_user_put(store->user);
	mutex_destroy(&store->lock);
	kfree(store);
}

static void view_destroy(struct cc_object *object)
{
	struct cc_slot_view *view = cc_slot_view_of(object);

	cc_slot_store_put(view->store);
	kfree(view);
}

static int view_info(struct cc_object *object, struct capcert_info *info)
{
	const struct cc_slot_view *view = cc_slot_view_of(object);

	info->version = cc_slot_store_version(view->store);
	info->count = cc_slot_count(view);
	return 0;
}

static const struct cc_object_ops view_ops = {
	.destroy = view_destroy,
	.info = view_info,
};

/* Takes over the reference of @store, on failure too. */
static struct cc_slot_view *view_build(struct cc_slot_store *store, struct cc_span patterns)
{
	struct cc_slot_view *view;
	int error = -ENOMEM;

	view = kzalloc(struct_size(view, patterns, patterns.n), GFP_KERNEL_ACCOUNT);
	if (view)
		error = cc_object_init(&view->base, CAPCERT_KIND_SLOT, &view_ops);
	if (error) {
		kfree(view);
		cc_slot_store_put(store);
		return ERR_PTR(error);
	}
	view->store = store;
	view->patterns_len = patterns.n;
	if (patterns.n)
		memcpy(view->patterns, patterns.p, patterns.n);
	error = cc_object_charge(&view->base, struct_size(view, patterns, patterns.n));
	if (error) {
		cc_object_put(&view->base);
		return ERR_PTR(error);
	}
	return view;
}

static int store_charge(struct cc_slot_store *store, s64 delta)
{
	int error = cc_user_charge(store->user, delta);

	if (!error)
		store->bytes += delta;
	return error;
}

struct cc_slot_view *cc_slot_store_new(void)
{
	struct cc_slot_store *store = kzalloc(sizeof(*store), GFP_KERNEL_ACCOUNT);
	struct cc_slot_table *table = kvzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	int error = -ENOMEM;

	if (store)
		store->user = cc_user_get(current_fsuid());
	if (store && store->user && table)
		error = store_charge(store, sizeof(*store) + sizeof(*table));
	if (error) {
		if (store)
			cc_user_put(store->user);
		kfree(store);
		kvfree(table);
		return ERR_PTR(error);
	}
	refcount_set(&store->refs, 1);
	mutex_init(&store->lock);
	spin_lock_init(&store->log_lock);
	INIT_LIST_HEAD(&store->watches);
	RCU_INIT_POINTER(store->table, table);
	return view_build(store, cc_span(NULL, 0));
}

struct cc_slot_view *cc_slot_view_new(struct cc_slot_view *view, struct cc_span patterns)
{
	struct cc_slot_view *narrow;

	refcount_inc(&view->store->refs);
	narrow = view_build(view->store, patterns.n ? patterns : cc_slot_view_patterns(view));
	if (!IS_ERR(narrow))
		narrow->base.parent_id = view->base.id;
	return narrow;
}

int cc_slot_patterns_in(const struct cc_slot_view *view, u64 ptr, u32 len, void **ret)
{
	u8 *text = cc_user_in(ptr, len, CAPCERT_SLOT_MAX_PATTERN_TEXT);
	int error = 0;

	if (IS_ERR(text))
		return PTR_ERR(text);
	if (len && !cc_slot_patterns_valid(cc_span(text, len)))
		error = -EINVAL;
	else if (len && !cc_slot_patterns_within(cc_span(text, len), cc_slot_view_patterns(view)))
		error = -EACCES;
	if (error)
		kvfree(text);
	else
		*ret = text;
	return error;
}

/* ---- readers ---- */

u64 cc_slot_store_version(struct cc_slot_store *store)
{
	u64 version;

	spin_lock(&store->log_lock);
	version = store->version;
	spin_unlock(&store->log_lock);
	return version;
}

static int slots_compare(struct cc_span a, struct cc_span b)
{
	int r = memcmp(a.p, b.p, min(a.n, b.n));

	return r ?: (a.n > b.n) - (a.n < b.n);
}

/* The place of @name, or that it would have. */
static u32 slots_place(const struct cc_slot_table *table, struct cc_span name, bool *ret_there)
{
	u32 low = 0, high = table->count;

	*ret_there = false;
	while (low < high) {
		const u32 at = low + (high - low) / 2;
		const int r = slots_compare(cc_slot_value_name(table->values[at]), name);

		if (!r) {
			*ret_there = true;
			return at;
		}
		if (r < 0)
			low = at + 1;
		else
			high = at;
	}
	return low;
}

const struct cc_slot_value *cc_slot_find(struct cc_slot_store *store, struct cc_span name)
{
	const struct cc_slot_table *table = rcu_dereference(store->table);
	bool there;
	u32 at = slots_place(table, name, &there);

	return there ? table->values[at] : NULL;
}

struct cc_slot_value *cc_slot_get(struct cc_slot_store *store, struct cc_span name)
{
	struct cc_slot_value *value;

	rcu_read_lock();
	do {
		value = (struct cc_slot_value *)cc_slot_find(store, name);
	} while (value && !refcount_inc_not_zero(&value->refs));
	rcu_read_unlock();
	return value;
}

u32 cc_slot_count(const struct cc_slot_view *view)
{
	const struct cc_slot_table *table;
	u32 i, count = 0;

	rcu_read_lock();
	table = rcu_dereference(view->store->table);
	for (i = 0; i < table->count; i++)
		count += cc_slot_patterns_match(cc_slot_view_patterns(view),
						cc_slot_value_name(table->values[i]));
	rcu_read_unlock();
	return count;
}

u32 cc_slot_list(const struct cc_slot_view *view, struct cc_span after,
		 struct capcert_slot_entry *entries, u32 room,
		 void (*fill)(const struct cc_slot_value *, struct capcert_slot_entry *),
		 u64 *ret_version)
{
	const struct cc_slot_table *table;
	bool there = false;
	u32 i = 0, n = 0;

	/* Before the table: who looks again from here on misses nothing. */
	*ret_version = cc_slot_store_version(view->store);
	rcu_read_lock();
	table = rcu_dereference(view->store->table);
	if (after.n)
		i = slots_place(table, after, &there) + there;
	for (; i < table->count && n < room; i++)
		if (cc_slot_patterns_match(cc_slot_view_patterns(view),
					   cc_slot_value_name(table->values[i])))
			fill(table->values[i], &entries[n++]);
	rcu_read_unlock();
	return n;
}

static size_t slots_line(char *line, const struct cc_slot_value *value, const char *separator)
{
	char until[CC_TIME_TEXT];

	cc_time_format(value->not_after, until, sizeof(until));
	return scnprintf(line, LINE_MAX, "%s%s version=%llu leaf=%*phN not-after=%s%s%s%s",
			 separator, value->name, value->version, 32, value->leaf, until,
			 value->key_id ? " key" : "", value->staple_len ? " staple" : "",
			 value->scts_len ? " scts" : "");
}

long cc_slot_print(struct cc_slot_store *store, const char *separator, char *buffer, size_t len)
{
	char *line = kmalloc(LINE_MAX, GFP_KERNEL);
	const struct cc_slot_table *table;
	size_t at = 0, n;
	u32 i;

	if (!line)
		return -ENOMEM;
	rcu_read_lock();
	table = rcu_dereference(store->table);
	for (i = 0; i < table->count; i++) {
		n = slots_line(line, table->values[i], i ? separator : "");
		if (buffer && at < len)
			memcpy(buffer + at, line, min(n, len - at));
		at += n;
	}
	rcu_read_unlock();
	kfree(line);
	return (long)at;
}

/* ---- writers ---- */

/* A table with @value in the place of @name, or without it. Values keep their references. */
static struct cc_slot_table *table_make(const struct cc_slot_table *last, u32 at, bool there,
					struct cc_slot_value *value)
{
	const u32 count = last->count - there + !!value;
	struct cc_slot_table *table;

	table = kvzalloc(struct_size(table, values, count), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!table)
		return ERR_PTR(-ENOMEM);
	table->count = count;
	memcpy(table->values, last->values, at * sizeof(last->values[0]));
	if (value)
		table->values[at] = value;
	memcpy(table->values + at + !!value, last->values + at + there,
	       (last->count - at - there) * sizeof(last->values[0]));
	return table;
}

static int change_check(const struct cc_slot_value *now, const struct cc_slot_value *next,
			const u64 *expect, const struct cc_slot_value *base)
{
	if (expect && *expect != (now ? now->version : 0))
		return -ESTALE;
	if (!now && (!next || base))
		return -ENOENT;
	return base && now != base ? -EAGAIN : 0;
}

static s64 change_bytes(const struct cc_slot_value *now, const struct cc_slot_value *next)
{
	s64 bytes = 0;

	if (next)
		bytes += cc_slot_value_size(next) + sizeof(next);
	if (now)
		bytes -= cc_slot_value_size(now) + sizeof(now);
	return bytes;
}

/* Under the lock, with nothing left that can fail. */
static void change_publish(struct cc_slot_store *store, struct cc_slot_table *table,
			   struct cc_slot_value *next, struct cc_slot_happened *event)
{
	struct cc_slot_table *last = slots_table_locked(store);
	struct cc_slot_happened *forgotten;

	event->version = cc_slot_store_version(store) + 1;
	event->time = cc_clock_wall();
	if (next) {
		next->version = event->version;
		next->time = event->time;
	}
	/* Whoever has seen the value finds the store at its version. */
	spin_lock(&store->log_lock);
	rcu_assign_pointer(store->table, table);
	forgotten = cc_slot_remember(store, event);
	spin_unlock(&store->log_lock);
	kfree(forgotten);
	kvfree_rcu(last, rcu);
}

static int change_locked(struct cc_slot_store *store, struct cc_span name,
			 struct cc_slot_value *next, struct cc_slot_happened *event,
			 const u64 *expect, const struct cc_slot_value *base,
			 struct cc_slot_value **ret_last)
{
	struct cc_slot_table *last = slots_table_locked(store), *table;
	struct cc_slot_value *now;
	bool there;
	u32 at = slots_place(last, name, &there);
	int error;

	now = there ? last->values[at] : NULL;
	error = change_check(now, next, expect, base);
	if (!error && next && !now && last->count >= CAPCERT_SLOT_MAX_SLOTS)
		error = -ENOSPC;
	if (error)
		return error;
	table = table_make(last, at, there, next);
	if (IS_ERR(table))
		return PTR_ERR(table);
	error = store_charge(store, change_bytes(now, next));
	if (error) {
		kvfree(table);
		return error;
	}
	change_publish(store, table, next, event);
	*ret_last = now;
	return 0;
}

int cc_slot_change(struct cc_slot_store *store, struct cc_span name, struct cc_slot_value *next,
		   u32 what, const u64 *expect, const struct cc_slot_value *base,
		   u64 *ret_version, s64 *ret_time)
{
	struct cc_slot_value *last = NULL;
	struct cc_slot_happened *event;
	int error;

	event = kzalloc(struct_size(event, name, name.n), GFP_KERNEL_ACCOUNT);
	if (!event)
		return -ENOMEM;
	event->what = what;
	event->name_len = name.n;
	memcpy(event->name, name.p, name.n);
	mutex_lock(&store->lock);
	error = change_locked(store, name, next, event, expect, base, &last);
	/* Remembered, and for others to forget, once the lock is given up. */
	if (!error) {
		*ret_version = event->version;
		*ret_time = event->time;
	}
	mutex_unlock(&store->lock);
	if (error)
		kfree(event);
	cc_slot_value_put(last);
	return error;
}
