// SPDX-License-Identifier: GPL-2.0-only
/* The immutable states of trust stores: lists of anchors. */
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/capcert_agent.h>

#include "kmod/digest.h"
#include "kmod/state.h"

struct cc_state *cc_state_alloc(u32 capacity)
{
	struct cc_state *state;

	state = kvzalloc(struct_size(state, entries, capacity), GFP_KERNEL_ACCOUNT);
	if (state)
		refcount_set(&state->refs, 1);
	return state;
}

void cc_state_push(struct cc_state *state, struct cc_anchor *anchor, u32 purposes)
{
	refcount_inc(&anchor->refs);
	state->entries[state->count].anchor = anchor;
	state->entries[state->count].purposes = purposes;
	state->count++;
}

int cc_state_seal(struct cc_state *state, u64 store_id, u64 version)
{
	struct cc_digest digest;
	u32 i;

	state->store_id = store_id;
	state->version = version;
	cc_digest_init(&digest);
	cc_absorb_store_head(cc_digest_absorb, &digest, state->count);
	for (i = 0; i < state->count; i++)
		cc_absorb_store_anchor(cc_digest_absorb, &digest,
				       state->entries[i].anchor->fingerprint,
				       state->entries[i].purposes);
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
	for (i = 0; i < state->count; i++) {
		const struct cc_anchor *anchor = state->entries[i].anchor;
		const size_t size = wire_entry_size(anchor);
		struct capcert_anchor *out = (struct capcert_anchor *)at;

		memcpy(out->fingerprint, anchor->fingerprint, sizeof(out->fingerprint));
		memcpy(out->spki_hash, anchor->spki_hash, sizeof(out->spki_hash));
		out->purposes = state->entries[i].purposes;
		out->der_len = anchor->der_len;
		memcpy(at + sizeof(*out), anchor->der, anchor->der_len);
		memset(at + sizeof(*out) + anchor->der_len, 0,
		       size - sizeof(*out) - anchor->der_len);
		at += size;
	}
}
