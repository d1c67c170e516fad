// SPDX-License-Identifier: GPL-2.0-only
/* Anchors and the immutable states that list them. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/capcert_agent.h>

#include "core/cert.h"
#include "kmod/digest.h"
#include "kmod/state.h"
#include "kmod/user.h"

/* What the allocation takes, not what was asked for: slabs come in powers of two. */
static s64 anchor_size(const struct cc_anchor *anchor, size_t der_len)
{
	return is_vmalloc_addr(anchor) ? (s64)PAGE_ALIGN(struct_size(anchor, der, der_len)) :
					 (s64)ksize(anchor);
}

void cc_anchor_put(struct cc_anchor *anchor)
{
	if (!anchor || !refcount_dec_and_test(&anchor->refs))
		return;
	cc_user_charge(anchor->user, -anchor_size(anchor, anchor->der_len));
	cc_user_put(anchor->user);
	kvfree(anchor);
}

static int anchor_fill(struct cc_anchor *anchor, const void *der, size_t len)
{
	struct cc_cert *cert;
	int error;

	memcpy(anchor->der, der, len);
	cert = kmalloc(sizeof(*cert), GFP_KERNEL_ACCOUNT);
	if (!cert)
		return -ENOMEM;
	error = -EBADMSG;
	if (cc_cert_parse(cc_span(anchor->der, len), cert) == CC_CERT_OK) {
		anchor->subject_off = (u32)(cert->subject.p - anchor->der);
		anchor->subject_len = (u32)cert->subject.n;
		anchor->subject_hash = cc_dn_hash(cert->subject);
		anchor->spki_off = (u32)(cert->spki.p - anchor->der);
		anchor->spki_len = (u32)cert->spki.n;
		error = cc_sha256(anchor->der, len, anchor->fingerprint);
		if (!error)
			error = cc_sha256(cert->spki.p, cert->spki.n, anchor->spki_hash);
	}
	kfree(cert);
	return error;
}

static int anchor_charge(struct cc_anchor *anchor, size_t len)
{
	int error;

	anchor->user = cc_user_get(current_fsuid());
	if (!anchor->user)
		return -ENOMEM;
	error = cc_user_charge(anchor->user, anchor_size(anchor, len));
	if (error)
		cc_user_put(anchor->user);
	return error;
}

struct cc_anchor *cc_anchor_new(const void *der, size_t len)
{
	struct cc_anchor *anchor;
	int error;

	if (len > CAPCERT_MAX_CERT)
		return ERR_PTR(-EMSGSIZE);
	anchor = kvmalloc(struct_size(anchor, der, len), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!anchor)
		return ERR_PTR(-ENOMEM);
	error = anchor_charge(anchor, len);
	if (error) {
		kvfree(anchor);
		return ERR_PTR(error);
	}
	anchor->der_len = (u32)len;
	refcount_set(&anchor->refs, 1);
	error = anchor_fill(anchor, der, len);
	if (error) {
		cc_anchor_put(anchor);
		return ERR_PTR(error);
	}
	return anchor;
}

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
