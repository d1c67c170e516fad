/* SPDX-License-Identifier: GPL-2.0-only */
/* Trust stores: anchors, the immutable states that list them, and who publishes states. */
#ifndef KMOD_STORE_H
#define KMOD_STORE_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "core/name.h"
#include "core/span.h"
#include "kmod/object.h"

/* A trust anchor, shared by every state that lists it. Immutable. */
struct cc_anchor {
	refcount_t refs;
	u32 der_len;
	u32 flags; /* CAPCERT_ANCHOR_* */
	u32 own_purposes; /* that the anchor itself is limited to, 0 = none stated */
	u32 subject_off; /* Name, whole TLV, inside @der */
	u32 subject_len; /* 0: a key without a name */
	u32 subject_hash; /* cc_dn_hash() */
	u32 spki_off; /* SubjectPublicKeyInfo, whole TLV, inside @der */
	u32 spki_len;
	u32 charged; /* bytes, to @user */
	struct cc_user *user; /* whose share the memory counts in; counted */
	const u8 *der; /* TrustAnchorChoice: in @room, or by itself, whichever takes less */
	s64 distrust_after; /* seconds since the epoch; where @flags say so */
	s64 sct_distrust_after;
	u8 fingerprint[32];
	u8 spki_hash[32];
	u8 body[32]; /* SHA-256 of what it was made from, where it is LIMITED */
	u8 room[];
};

struct cc_entry {
	struct cc_anchor *anchor; /* counted */
	u32 purposes;		  /* mask of 1 << CAPCERT_PURPOSE_* */
};

/* The bundle that a state comes from; all zero without one. */
struct cc_provenance {
	u64 number;
	s64 created;	/* seconds since the epoch */
	u32 purposes;	/* of the bundle: the most that an anchor may have */
	u32 entries;	/* of a distrust list */
	char signer[64];
};

/*
 * One version of a store (or of a view): frozen, sorted by fingerprint, no fingerprint twice.
 * Found under RCU or the store's lock; whoever keeps it holds a reference.
 */
struct cc_state {
	refcount_t refs;
	u32 count;
	u32 capacity;
	bool sct_dates;	/* an anchor asks for SCTs, whatever a policy does */
	struct cc_provenance from;
	u64 store_id; /* of the store or view it belongs to */
	u64 version;
	u64 source_version; /* of a store with a parent: the parent's version it was made from */
	u8 digest[32]; /* core/digest.h cc_absorb_store_*() */
	u32 *by_subject; /* indices of entries, sorted by hash of the subject; behind @entries */
	struct rcu_head rcu;
	struct cc_entry entries[];
};

struct cc_filter;
struct cc_override;
struct cc_user;

/*
 * A store or a view of one. DIRECT: backed by a key. SNAPSHOT: a store of its own that began as
 * a filtered copy. LIVE: has a parent and filters anew when the parent's version has moved. An
 * override store is DIRECT with a parent, and is laid over it anew when the parent's version moved.
 */
struct cc_store {
	struct cc_object base;
	struct mutex lock;		/* serialises whoever replaces @state */
	struct cc_state __rcu *state;	/* counted; replaced under @lock */
	u32 view;			/* CAPCERT_VIEW_*; immutable */
	u32 depth;			/* LIVE views below a store; immutable */
	struct cc_store *parent;	/* LIVE, override: counted, immutable */
	struct cc_override *override;	/* override: owned; replaced under @lock */
	u64 override_number;		/* of it; written under @lock, read without */
	struct cc_filter *filter;	/* LIVE: owned, immutable; NULL keeps everything */
	size_t der_bytes;		/* of all anchors; under @lock; not kept for LIVE */
};

static inline struct cc_store *cc_store_of(struct cc_object *object)
{
	return container_of(object, struct cc_store, base);
}

static inline struct cc_store *cc_store_get(struct cc_store *store)
{
	cc_object_get(&store->base);
	return store;
}

static inline void cc_store_put(struct cc_store *store)
{
	if (store)
		cc_object_put(&store->base);
}

/*
 * cc_store_state_get() - the state of @store as it is now; a LIVE view is filtered anew if need
 * be. May sleep. Return: with a reference for cc_state_put(), or ERR_PTR(-ENOMEM).
 */
struct cc_state *cc_store_state_get(struct cc_store *store);

/* cc_store_new() - an empty store of the caller's own. May sleep. */
struct cc_store *cc_store_new(void);

/*
 * cc_store_snapshot() - a store of its own that begins as what @filter keeps of @parent now, with
 * the version that @parent has now: who compares sees when it is out of date.
 * cc_store_live() - a view that follows @parent; takes over @filter on success. -EMLINK when
 * views on views get too deep.
 */
struct cc_store *cc_store_snapshot(struct cc_store *parent, const struct cc_filter *filter);
struct cc_store *cc_store_live(struct cc_store *parent, struct cc_filter *filter);

/*
 * cc_store_new_admitted() - a store of the system's, empty and of version 0 until cc_store_admit().
 * @base: what an override lies upon, else NULL.
 */
struct cc_store *cc_store_new_admitted(const char *name, u32 origin, struct cc_store *base);

/*
 * cc_store_admit() - publish @next, which is sealed for this store, and for an override what it was
 * made by. Takes over both, and cannot fail. The caller sees to it that versions only grow.
 */
void cc_store_admit(struct cc_store *store, struct cc_state *next, struct cc_override *override);

/* cc_store_admitted() - is it a store of the system's, which only bundles change? */
static inline bool cc_store_admitted(const struct cc_store *store)
{
	return store->base.bundle[0] && store->view == CAPCERT_VIEW_DIRECT;
}

struct cc_store_change {
	struct key *key; /* charged with the store's size when it backs the store, or NULL */
	u64 version;	 /* out: after the change */
	u32 count;	 /* out: anchors removed */
};

/*
 * cc_store_add() - add @anchor, or purposes to the entry that has it.
 * Return: 0, -EEXIST when it is there with these purposes, -ENOSPC when the store is full, -EDQUOT,
 * -ENOMEM.
 * cc_store_remove_*() - by fingerprint, or by subject (every match). 0, -ENOENT, -ENOMEM.
 * Nothing has changed after an error.
 */
int cc_store_add(struct cc_store *store, struct cc_anchor *anchor, u32 purposes,
		 struct cc_store_change *change);
int cc_store_remove_fingerprint(struct cc_store *store, const u8 fingerprint[32],
				struct cc_store_change *change);
int cc_store_remove_subject(struct cc_store *store, struct cc_span subject,
			    struct cc_store_change *change);

/*
 * cc_store_version() - the version that cc_store_state_get() would give, without making it.
 * For "has it moved since": never sleeps.
 */
u64 cc_store_version(struct cc_store *store);

static inline struct cc_state *cc_state_get(struct cc_state *state)
{
	refcount_inc(&state->refs);
	return state;
}

void cc_state_put(struct cc_state *state); /* NULL is fine; may sleep */

/* cc_state_find() - the entry with this SHA-256 fingerprint, or NULL. */
const struct cc_entry *cc_state_find(const struct cc_state *state, const u8 fingerprint[32]);

/*
 * cc_state_subject_next() - the entries whose subjects have this cc_dn_hash(), one after another,
 * by binary search: the caller compares the names.
 * @position: 0 to begin with, then what the call before left there.
 * @ret_entry: index in state->entries; where there is none, it means nothing.
 */
bool cc_state_subject_next(const struct cc_state *state, u32 hash, u32 *position, u32 *ret_entry);

/* cc_entry_wire() - how userspace sees an entry. */
void cc_entry_wire(const struct cc_entry *entry, struct capcert_anchor *ret);

/* cc_state_wire_size() - bytes of cc_state_serialise(). */
size_t cc_state_wire_size(const struct cc_state *state);

/* cc_state_serialise() - struct capcert_state_store and its anchors, as the agents read it. */
void cc_state_serialise(const struct cc_state *state, void *buf);

/* cc_subject_valid() - a well-formed Name: the empty Name is a prefix of every such one. */
static inline bool cc_subject_valid(struct cc_span subject)
{
	return cc_dn_within(subject, cc_span("\x30\x00", 2));
}

static inline struct cc_span cc_anchor_spki(const struct cc_anchor *anchor)
{
	return cc_span(anchor->der + anchor->spki_off, anchor->spki_len);
}

static inline struct cc_span cc_anchor_subject(const struct cc_anchor *anchor)
{
	return cc_span(anchor->der + anchor->subject_off, anchor->subject_len);
}

#endif
