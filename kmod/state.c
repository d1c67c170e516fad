// SPDX-License-Identifier: GPL-2.0-only
/* The immutable states of trust stores: lists of anchors. */
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/capcert_agent.h>

#include "kmod/digest.h"
#include "kmod/state.h"

struct cc_state *cc_state_alloc(u32 capacity)
{
	struct cc_state *state;
	size_t size = struct_size(state, entries, capacity);

	state = kvzalloc(size_add(size, array_size(capacity, sizeof(*state->by_subject))),
			 GFP_KERNEL_ACCOUNT);
	if (!state)
		return NULL;
	refcount_set(&state->refs, 1);
	state->capacity = capacity;
	state->by_subject = (void *)state + size;
	return state;
}

void cc_state_push(struct cc_state *state, struct cc_anchor *anchor, u32 purposes)
{
	refcount_inc(&anchor->refs);
	state->entries[state->count].anchor = anchor;
	state->entries[state->count].purposes = purposes;
	state->count++;
}

static int subject_cmp(const void *a, const void *b, const void *priv)
{
	const struct cc_state *state = priv;
	const u32 x = *(const u32 *)a, y = *(const u32 *)b;
	const u32 hash_x = state->entries[x].anchor->subject_hash;
	const u32 hash_y = state->entries[y].anchor->subject_hash;

	if (hash_x != hash_y)
		return hash_x < hash_y ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void seal_entry(struct cc_digest *digest, const struct cc_entry *entry)
{
	const struct cc_anchor *anchor = entry->anchor;
	const struct cc_absorb_dates dates = {
		.has_date = anchor->flags & CAPCERT_ANCHOR_DISTRUST_AFTER,
		.has_sct_date = anchor->flags & CAPCERT_ANCHOR_SCT_DISTRUST_AFTER,
		.date = anchor->distrust_after,
		.sct_date = anchor->sct_distrust_after,
	};

	if (anchor->flags & CAPCERT_ANCHOR_LIMITED)
		cc_absorb_store_limited(cc_digest_absorb, digest, anchor->fingerprint,
					entry->purposes, anchor->body, &dates);
	else
		cc_absorb_store_anchor(cc_digest_absorb, digest, anchor->fingerprint,
				       entry->purposes);
}

int cc_state_seal(struct cc_state *state, u64 store_id, u64 version)
{
	struct cc_digest digest;
	u32 i;

	state->store_id = store_id;
	state->version = version;
	cc_digest_init(&digest);
	cc_absorb_store_head(cc_digest_absorb, &digest, state->count);
	for (i = 0; i < state->count; i++) {
		seal_entry(&digest, &state->entries[i]);
		if (state->entries[i].anchor->flags & CAPCERT_ANCHOR_SCT_DISTRUST_AFTER)
			state->sct_dates = true;
		state->by_subject[i] = i;
	}
	sort_r(state->by_subject, state->count, sizeof(*state->by_subject), subject_cmp, NULL,
	       state);
	return cc_digest_final(&digest, state->digest);
}

void cc_state_put(struct cc_state *state)
{
	u32 i;

	if (!state || !refcount_dec_and_test(&state->refs))
		return;
	/* RCU readers touch nothing but the count of references before they hold one. */
	for (i = 0; i < state->count; i++)
		cc_anchor_put(state->entries[i].anchor);
	kvfree_rcu(state, rcu);
}

u32 cc_state_lower_bound(const struct cc_state *state, const u8 fingerprint[32])
{
	u32 low = 0, high = state->count;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (memcmp(state->entries[mid].anchor->fingerprint, fingerprint, 32) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct cc_entry *cc_state_find(const struct cc_state *state, const u8 fingerprint[32])
{
	u32 at = cc_state_lower_bound(state, fingerprint);

	if (at < state->count && !memcmp(state->entries[at].anchor->fingerprint, fingerprint, 32))
		return &state->entries[at];
	return NULL;
}

/* The first position in by_subject whose subject has no lower hash. */
static u32 subject_lower_bound(const struct cc_state *state, u32 hash)
{
	u32 low = 0, high = state->count;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (state->entries[state->by_subject[mid]].anchor->subject_hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool cc_state_subject_next(const struct cc_state *state, u32 hash, u32 *position, u32 *ret_entry)
{
	u32 at = *position;

	if (!at)
		at = subject_lower_bound(state, hash);
	if (at >= state->count)
		return false;
	*ret_entry = state->by_subject[at];
	*position = at + 1;
	return state->entries[*ret_entry].anchor->subject_hash == hash;
}

void cc_entry_wire(const struct cc_entry *entry, struct capcert_anchor *ret)
{
	const struct cc_anchor *anchor = entry->anchor;

	memset(ret, 0, sizeof(*ret));
	memcpy(ret->fingerprint, anchor->fingerprint, sizeof(ret->fingerprint));
	memcpy(ret->spki_hash, anchor->spki_hash, sizeof(ret->spki_hash));
	ret->purposes = entry->purposes;
	ret->der_len = anchor->der_len;
	ret->flags = anchor->flags;
	ret->distrust_after = anchor->distrust_after;
	ret->sct_distrust_after = anchor->sct_distrust_after;
}

static size_t wire_entry_size(const struct cc_anchor *anchor)
{
	return ALIGN(sizeof(struct capcert_anchor) + anchor->der_len, 8);
}

size_t cc_state_wire_size(const struct cc_state *state)
{
	size_t size = sizeof(struct capcert_state_store);
	u32 i;

	for (i = 0; i < state->count; i++)
		size += wire_entry_size(state->entries[i].anchor);
	return size;
}

void cc_state_serialise(const struct cc_state *state, void *buf)
{
	struct capcert_state_store *head = buf;
	u8 *at = buf + sizeof(*head);
	u32 i;

	memset(head, 0, sizeof(*head));
	head->id = state->store_id;
	head->version = state->version;
	memcpy(head->digest, state->digest, sizeof(head->digest));
	head->count = state->count;
	head->number = state->from.number;
	head->created = state->from.created;
	for (i = 0; i < state->count; i++) {
		const struct cc_anchor *anchor = state->entries[i].anchor;
		const size_t size = wire_entry_size(anchor);
		struct capcert_anchor *out = (struct capcert_anchor *)at;

		cc_entry_wire(&state->entries[i], out);
		memcpy(at + sizeof(*out), anchor->der, anchor->der_len);
		memset(at + sizeof(*out) + anchor->der_len, 0,
		       size - sizeof(*out) - anchor->der_len);
		at += size;
	}
}
