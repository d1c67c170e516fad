/* SPDX-License-Identifier: GPL-2.0-only */
/* The slot store object: named values that are swapped as one, and what happened to them. */
#ifndef KMOD_SLOTS_H
#define KMOD_SLOTS_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "core/slot.h"
#include "kmod/object.h"
#include "kmod/slot_value.h"

/* Immutable; sorted by name. Holds one reference of each value, which moves to the next table. */
struct cc_slot_table {
	struct rcu_head rcu;
	u32 count;
	struct cc_slot_value *values[];
};

/* What happened, as SLOT_NEXT tells it; number @version of the store. */
struct cc_slot_happened {
	u64 version;
	s64 time;
	u32 what;	/* CAPCERT_SLOT_EVENT_* */
	u32 name_len;
	char name[];
};

/* Shared by all views of it, and by their watches. */
struct cc_slot_store {
	refcount_t refs;
	struct cc_user *user;	/* whose share @bytes counts in; counted */
	struct mutex lock;	/* between writers */
	struct cc_slot_table __rcu *table;
	s64 bytes;		/* charged; @lock */

	spinlock_t log_lock;	/* inside @lock; all below */
	u64 version;		/* of the newest event, and of the store */
	u32 watch_count;
	struct list_head watches;
	struct cc_slot_happened *log[CAPCERT_SLOT_EVENTS];	/* by version, the newest */
};

/* The object of a handle. Immutable. */
struct cc_slot_view {
	struct cc_object base;
	struct cc_slot_store *store;	/* counted */
	u32 patterns_len;		/* 0 = all slots */
	u8 patterns[];
};

struct cc_slot_watch {
	struct cc_object base;
	struct cc_slot_view *view;	/* counted: whose patterns it has */
	struct list_head in_store;	/* the store's log_lock */
	wait_queue_head_t wait;
	struct mutex reading;		/* one reader at a time: none takes another's events */
	u64 seen;			/* versions up to it are done with; the store's log_lock */
};

static inline struct cc_slot_view *cc_slot_view_of(struct cc_object *object)
{
	return container_of(object, struct cc_slot_view, base);
}

static inline struct cc_slot_watch *cc_slot_watch_of(struct cc_object *object)
{
	return container_of(object, struct cc_slot_watch, base);
}

static inline struct cc_span cc_slot_view_patterns(const struct cc_slot_view *view)
{
	return cc_span(view->patterns, view->patterns_len);
}

/* cc_slot_store_new() - an empty store, and the view of all of it. Return: with one reference, or
 * ERR_PTR. */
struct cc_slot_view *cc_slot_store_new(void);
void cc_slot_store_put(struct cc_slot_store *store);

/* cc_slot_view_new() - a view of @view's store by patterns that lie within its own; none: as it.
 * Return: with one reference, or ERR_PTR. */
struct cc_slot_view *cc_slot_view_new(struct cc_slot_view *view, struct cc_span patterns);

/* cc_slot_patterns_in() - patterns from user memory, within @view's. *@ret: free with kvfree().
 * Return: 0; -EINVAL they are none; -EACCES of more than the view; -EMSGSIZE, -EFAULT, -ENOMEM. */
int cc_slot_patterns_in(const struct cc_slot_view *view, u64 ptr, u32 len, void **ret);

/* cc_slot_store_version() - of the newest change. */
u64 cc_slot_store_version(struct cc_slot_store *store);

/* cc_slot_find() - under rcu_read_lock(): the value of a slot now, or NULL. */
const struct cc_slot_value *cc_slot_find(struct cc_slot_store *store, struct cc_span name);

/* cc_slot_get() - the same with a reference, and without the lock. */
struct cc_slot_value *cc_slot_get(struct cc_slot_store *store, struct cc_span name);

/*
 * cc_slot_change() - @next becomes the value of its slot, or with NULL the slot @name goes.
 * @next: the reference is taken over on success; version and time are filled in.
 * @what: CAPCERT_SLOT_EVENT_*. @expect: NULL, or the version that it must have now, 0 = not there.
 * @base: NULL, or the value that @next was made from: another one there is -EAGAIN.
 * Return: 0 with *@ret_version and @ret_time; -ESTALE, -ENOENT, -ENOSPC, -EDQUOT, -ENOMEM.
 */
int cc_slot_change(struct cc_slot_store *store, struct cc_span name, struct cc_slot_value *next,
		   u32 what, const u64 *expect, const struct cc_slot_value *base,
		   u64 *ret_version, s64 *ret_time);

/* cc_slot_store_wake() - all watches look whether they may go on. */
void cc_slot_store_wake(struct cc_slot_store *store);

/* cc_slot_remember() - with both locks of the store: number it, remember it, wake who waits.
 * Return: the event that is forgotten for it, to be freed; NULL when there is none. */
struct cc_slot_happened *cc_slot_remember(struct cc_slot_store *store,
					  struct cc_slot_happened *event);

/* cc_slot_print() - a line for each slot with @separator between them, for `keyctl print`.
 * Return: octets in all, or -errno. */
long cc_slot_print(struct cc_slot_store *store, const char *separator, char *buffer, size_t len);

/*
 * cc_slot_list() - @view's slots by name, from the first behind @after on (none: from the first).
 * @fill: of one; does not sleep. Return: how many, @room at most; @ret_version: of the store.
 */
u32 cc_slot_list(const struct cc_slot_view *view, struct cc_span after,
		 struct capcert_slot_entry *entries, u32 room,
		 void (*fill)(const struct cc_slot_value *, struct capcert_slot_entry *),
		 u64 *ret_version);

/* cc_slot_count() - how many slots @view stands for. */
u32 cc_slot_count(const struct cc_slot_view *view);

#endif
