// SPDX-License-Identifier: GPL-2.0-only
/* Trust stores and views: which state is published, and how the next one is made. */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmod/filter.h"
#include "kmod/override.h"
#include "kmod/state.h"
#include "kmod/store.h"

#define STORE_MAX_BYTES (16 * 1024 * 1024) /* of DER in one store */
#define STORE_MAX_DEPTH 8		   /* LIVE views on LIVE views */
/* struct key counts a payload in 16 bits, together with the description. */
#define STORE_MAX_KEY_BYTES 60000

static struct cc_state *store_state_locked(struct cc_store *store)
{
	return rcu_dereference_protected(store->state, lockdep_is_held(&store->lock));
}

static void store_destroy(struct cc_object *object)
{
	struct cc_store *store = cc_store_of(object);

	/* Nobody else is left; the state may live on with whoever pinned it. */
	cc_state_put(rcu_dereference_protected(store->state, true));
	cc_filter_free(store->filter);
	cc_override_free(store->override);
	cc_store_put(store->parent);
	mutex_destroy(&store->lock);
	kfree(store);
}

static int store_info(struct cc_object *object, struct capcert_info *info)
{
	struct cc_store *store = cc_store_of(object);
	struct cc_state *state = cc_store_state_get(store);

	if (IS_ERR(state))
		return PTR_ERR(state);
	info->version = state->version;
	info->count = state->count;
	info->view = store->view;
	info->bundle_version = state->from.number;
	info->created = state->from.created;
	memcpy(info->signer, state->from.signer, sizeof(info->signer));
	memcpy(info->digest, state->digest, sizeof(info->digest));
	cc_state_put(state);
	return 0;
}

static const struct cc_object_ops store_ops = {
	.destroy = store_destroy,
	.info = store_info,
};

static struct cc_store *store_alloc(u32 view, bool system)
{
	struct cc_store *store = kzalloc(sizeof(*store), GFP_KERNEL_ACCOUNT);
	int error;

	if (!store)
		return ERR_PTR(-ENOMEM);
	mutex_init(&store->lock);
	store->view = view;
	error = system ? cc_object_init_system(&store->base, CAPCERT_KIND_STORE, &store_ops) :
			 cc_object_init(&store->base, CAPCERT_KIND_STORE, &store_ops);
	if (error) {
		mutex_destroy(&store->lock);
		kfree(store);
		return ERR_PTR(error);
	}
	return store;
}

/* Before anybody else sees the store: give up with cc_store_put() on error. */
static int store_first_state(struct cc_store *store, struct cc_state *state, u64 version)
{
	int error;

	if (!state)
		return -ENOMEM;
	RCU_INIT_POINTER(store->state, state);
	error = cc_state_seal(state, store->base.id, version);
	if (!error)
		error = cc_object_charge(&store->base, (s64)(sizeof(*store) +
					 struct_size(state, entries, state->count)));
	return error;
}

struct cc_store *cc_store_new(void)
{
	struct cc_store *store = store_alloc(CAPCERT_VIEW_DIRECT, false);
	int error;

	if (IS_ERR(store))
		return store;
	error = store_first_state(store, cc_state_alloc(0), 1);
	if (error) {
		cc_store_put(store);
		return ERR_PTR(error);
	}
	return store;
}

struct cc_store *cc_store_new_admitted(const char *name, u32 origin, struct cc_store *base)
{
	struct cc_store *store = store_alloc(CAPCERT_VIEW_DIRECT, true);
	int error;

	if (IS_ERR(store))
		return store;
	store->base.origin = origin;
	strscpy(store->base.bundle, name, sizeof(store->base.bundle));
	if (base) {
		store->parent = cc_store_get(base);
		store->base.parent_id = base->base.id;
	}
	error = store_first_state(store, cc_state_alloc(0), 0);
	if (error) {
		cc_store_put(store);
		return ERR_PTR(error);
	}
	return store;
}

/* What @filter keeps of @from, not sealed yet. NULL: out of memory. */
static struct cc_state *state_filter(const struct cc_state *from, const struct cc_filter *filter)
{
	unsigned long *kept = bitmap_zalloc(from->count, GFP_KERNEL_ACCOUNT);
	struct cc_state *state = NULL;
	u32 i;

	if (!kept)
		return NULL;
	cc_filter_candidates(filter, from, kept);
	/* Two rounds, so that a view of one anchor takes the memory of one. */
	for_each_set_bit(i, kept, from->count) {
		if (!cc_filter_keep(filter, from->entries[i].anchor, from->entries[i].purposes))
			__clear_bit(i, kept);
		cond_resched();
	}
	state = cc_state_alloc(bitmap_weight(kept, from->count));
	if (!state)
		goto out;
	state->from = from->from;
	for_each_set_bit(i, kept, from->count)
		cc_state_push(state, from->entries[i].anchor,
			      cc_filter_purposes(filter, from->entries[i].purposes));
out:
	bitmap_free(kept);
	return state;
}

static void store_derive(struct cc_store *store, const struct cc_store *parent)
{
	store->base.origin = parent->base.origin;
	store->base.parent_id = parent->base.id;
	memcpy(store->base.bundle, parent->base.bundle, sizeof(store->base.bundle));
}

struct cc_store *cc_store_snapshot(struct cc_store *parent, const struct cc_filter *filter)
{
	struct cc_state *from = cc_store_state_get(parent);
	struct cc_store *store;
	u32 i;
	int error;

	if (IS_ERR(from))
		return ERR_CAST(from);
	store = store_alloc(CAPCERT_VIEW_SNAPSHOT, false);
	if (IS_ERR(store))
		goto out;
	store_derive(store, parent);
	error = store_first_state(store, state_filter(from, filter), from->version);
	if (error) {
		cc_store_put(store);
		store = ERR_PTR(error);
		goto out;
	}
	mutex_lock(&store->lock);
	for (i = 0; i < store_state_locked(store)->count; i++)
		store->der_bytes += store_state_locked(store)->entries[i].anchor->der_len;
	mutex_unlock(&store->lock);
out:
	cc_state_put(from);
	return store;
}

struct cc_store *cc_store_live(struct cc_store *parent, struct cc_filter *filter)
{
	struct cc_store *store;
	int error;

	if (parent->depth >= STORE_MAX_DEPTH)
		return ERR_PTR(-EMLINK);
	store = store_alloc(CAPCERT_VIEW_LIVE, false);
	if (IS_ERR(store))
		return store;
	store_derive(store, parent);
	store->depth = parent->depth + 1;
	error = cc_object_charge(&store->base, (s64)(sizeof(*store) + cc_filter_bytes(filter)));
	if (error) {
		cc_store_put(store);
		return ERR_PTR(error);
	}
	store->parent = cc_store_get(parent);
	store->filter = filter;
	return store;
}

static struct cc_state *store_peek(struct cc_store *store)
{
	struct cc_state *state;

	rcu_read_lock();
	do {
		state = rcu_dereference(store->state);
	} while (state && !refcount_inc_not_zero(&state->refs));
	rcu_read_unlock();
	return state;
}

static s64 state_growth(const struct cc_state *next, const struct cc_state *last)
{
	return ((s64)next->count - (last ? last->count : 0)) * (s64)sizeof(next->entries[0]);
}

/* Under the lock: publish @next; the store's reference to the one before is dropped. */
static void store_publish(struct cc_store *store, struct cc_state *next)
{
	struct cc_state *last = store_state_locked(store);

	rcu_assign_pointer(store->state, next);
	cc_state_put(last);
}

/* What store makes of the state of its parent: the lock keeps the override in place. */
static struct cc_state *store_derive_state(struct cc_store *store, const struct cc_state *from)
{
	struct cc_state *next;

	if (store->override)
		return cc_override_apply(store->override, from);
	/* An override without one yet, which nobody has found: nothing, not all of the base. */
	next = store->view == CAPCERT_VIEW_LIVE ? state_filter(from, store->filter) :
						  cc_state_alloc(0);
	return next ?: ERR_PTR(-ENOMEM);
}

/* Under the lock: what the store makes of @from becomes its state. */
static int live_advance(struct cc_store *store, const struct cc_state *from)
{
	const struct cc_state *last = store_state_locked(store);
	struct cc_state *next = store_derive_state(store, from);
	int error;

	if (IS_ERR(next))
		return PTR_ERR(next);
	next->source_version = from->version;
	error = cc_state_seal(next, store->base.id, from->version + store->override_number);
	if (!error)
		error = cc_object_charge(&store->base, state_growth(next, last));
	if (error) {
		cc_state_put(next);
		return error;
	}
	store_publish(store, next);
	return 0;
}

/* @from: the parent's state, from which the view may be behind. */
static struct cc_state *live_refilter(struct cc_store *store, const struct cc_state *from)
{
	struct cc_state *state;
	int error = 0;

	mutex_lock(&store->lock);
	state = store_state_locked(store);
	/* Another reader was here meanwhile, perhaps with a later version: never go back. */
	if (!state || state->source_version < from->version)
		error = live_advance(store, from);
	state = error ? ERR_PTR(error) : cc_state_get(store_state_locked(store));
	mutex_unlock(&store->lock);
	return state;
}

struct cc_state *cc_store_state_get(struct cc_store *store)
{
	struct cc_state *from, *state;

	if (!store->parent)
		return store_peek(store);
	/* At most STORE_MAX_DEPTH + 1 deep. A parent's lock is never taken inside a child's. */
	from = cc_store_state_get(store->parent);
	if (IS_ERR(from) || (store->view == CAPCERT_VIEW_LIVE && !store->filter))
		return from;
	state = store_peek(store);
	if (!state || state->source_version < from->version) {
		cc_state_put(state);
		state = live_refilter(store, from);
	}
	cc_state_put(from);
	return state;
}

/* Where changes through @store go: a LIVE view without a filter hands them on. */
static struct cc_store *store_target(struct cc_store *store)
{
	while (store->view == CAPCERT_VIEW_LIVE && !store->filter)
		store = store->parent;
	return store;
}

u64 cc_store_version(struct cc_store *store)
{
	u64 version = 0;

	while (store->view == CAPCERT_VIEW_LIVE)
		store = store->parent;
	/* An override's version is the base's and its own number: it grows when either does. */
	if (store->parent) {
		version = READ_ONCE(store->override_number);
		store = store->parent;
	}
	rcu_read_lock();
	version += rcu_dereference(store->state)->version;
	rcu_read_unlock();
	return version;
}

/* Under the lock: seal, pay for and publish @next, or drop it. */
static int store_commit(struct cc_store *store, struct cc_state *next, size_t der_bytes,
			struct cc_store_change *change)
{
	struct cc_state *last = store_state_locked(store);
	s64 delta = state_growth(next, last);
	int error = cc_state_seal(next, store->base.id, last->version + 1);

	if (!error)
		error = cc_object_charge(&store->base, delta);
	/* Takes the key user's spin lock only; our lock makes the key's own count consistent. */
	if (!error && change->key && store->view == CAPCERT_VIEW_DIRECT) {
		error = key_payload_reserve(change->key, min_t(size_t, der_bytes,
							       STORE_MAX_KEY_BYTES));
		if (error)
			cc_object_charge(&store->base, -delta);
	}
	if (error) {
		cc_state_put(next);
		return error;
	}
	store->der_bytes = der_bytes;
	change->version = next->version;
	store_publish(store, next);
	return 0;
}

void cc_store_admit(struct cc_store *store, struct cc_state *next, struct cc_override *override)
{
	mutex_lock(&store->lock);
	/* Root's account has no limit. */
	cc_object_charge(&store->base, state_growth(next, store_state_locked(store)));
	if (override) {
		swap(store->override, override);
		WRITE_ONCE(store->override_number, next->from.number);
	}
	store_publish(store, next);
	mutex_unlock(&store->lock);
	cc_override_free(override);
}

static int store_add_locked(struct cc_store *store, struct cc_anchor *anchor, u32 purposes,
			    struct cc_store_change *change)
{
	const struct cc_state *last = store_state_locked(store);
	const struct cc_entry *old = cc_state_find(last, anchor->fingerprint);
	const u32 at = cc_state_lower_bound(last, anchor->fingerprint);
	size_t der_bytes = store->der_bytes + (old ? 0 : anchor->der_len);
	struct cc_state *next;
	u32 i;

	if (old && !(purposes & ~old->purposes))
		return -EEXIST;
	/* Each ADD makes a state of all anchors: more is for bundles. */
	if (!old && (last->count >= CAPCERT_MAX_ADDED || der_bytes > STORE_MAX_BYTES))
		return -ENOSPC;
	next = cc_state_alloc(last->count + !old);
	if (!next)
		return -ENOMEM;
	for (i = 0; i < at; i++)
		cc_state_push(next, last->entries[i].anchor, last->entries[i].purposes);
	if (old)
		cc_state_push(next, old->anchor, old->purposes | purposes);
	else
		cc_state_push(next, anchor, purposes);
	for (i = at + !!old; i < last->count; i++)
		cc_state_push(next, last->entries[i].anchor, last->entries[i].purposes);
	return store_commit(store, next, der_bytes, change);
}

int cc_store_add(struct cc_store *store, struct cc_anchor *anchor, u32 purposes,
		 struct cc_store_change *change)
{
	int error = -EACCES;

	store = store_target(store);
	/* RESTRICT gives no filtered LIVE view a right to change anything. */
	if (WARN_ON_ONCE(store->view == CAPCERT_VIEW_LIVE))
		return error;
	mutex_lock(&store->lock);
	error = store_add_locked(store, anchor, purposes, change);
	mutex_unlock(&store->lock);
	return error;
}

/* Marks in @gone what has this fingerprint, or when it is NULL this subject. Return: how many. */
static u32 state_select(const struct cc_state *state, const u8 *fingerprint,
			struct cc_span subject, unsigned long *gone)
{
	const struct cc_entry *entry = fingerprint ? cc_state_find(state, fingerprint) : NULL;
	const u32 hash = fingerprint ? 0 : cc_dn_hash(subject);
	u32 i, at = 0, count = 0;

	if (entry)
		__set_bit(entry - state->entries, gone);
	if (fingerprint)
		return !!entry;
	while (cc_state_subject_next(state, hash, &at, &i)) {
		if (!cc_dn_equal(cc_anchor_subject(state->entries[i].anchor), subject))
			continue;
		__set_bit(i, gone);
		count++;
	}
	return count;
}

/* The state without the @count entries that @gone marks. NULL: out of memory. */
static struct cc_state *state_without(const struct cc_state *last, const unsigned long *gone,
				      u32 count, size_t *der_bytes)
{
	struct cc_state *next = cc_state_alloc(last->count - count);
	u32 i;

	for (i = 0; next && i < last->count; i++)
		if (test_bit(i, gone))
			*der_bytes -= last->entries[i].anchor->der_len;
		else
			cc_state_push(next, last->entries[i].anchor, last->entries[i].purposes);
	return next;
}

static int store_remove_locked(struct cc_store *store, const u8 *fingerprint,
			       struct cc_span subject, struct cc_store_change *change)
{
	const struct cc_state *last = store_state_locked(store);
	unsigned long *gone = bitmap_zalloc(last->count, GFP_KERNEL_ACCOUNT);
	size_t der_bytes = store->der_bytes;
	struct cc_state *next;
	int error = -ENOENT;
	u32 count;

	if (!gone)
		return -ENOMEM;
	count = state_select(last, fingerprint, subject, gone);
	if (count) {
		next = state_without(last, gone, count, &der_bytes);
		error = next ? store_commit(store, next, der_bytes, change) : -ENOMEM;
	}
	if (!error)
		change->count = count;
	bitmap_free(gone);
	return error;
}

static int store_remove(struct cc_store *store, const u8 *fingerprint, struct cc_span subject,
			struct cc_store_change *change)
{
	int error = -EACCES;

	store = store_target(store);
	if (WARN_ON_ONCE(store->view == CAPCERT_VIEW_LIVE))
		return error;
	mutex_lock(&store->lock);
	error = store_remove_locked(store, fingerprint, subject, change);
	mutex_unlock(&store->lock);
	return error;
}

int cc_store_remove_fingerprint(struct cc_store *store, const u8 fingerprint[32],
				struct cc_store_change *change)
{
	return store_remove(store, fingerprint, cc_span(NULL, 0), change);
}

int cc_store_remove_subject(struct cc_store *store, struct cc_span subject,
			    struct cc_store_change *change)
{
	return store_remove(store, NULL, subject, change);
}
