/* SPDX-License-Identifier: GPL-2.0-only */
/* How states are built: only store.c does, before anybody else can see them. */
#ifndef KMOD_STATE_H
#define KMOD_STATE_H

#include "core/bundle.h"
#include "kmod/store.h"

/*
 * cc_anchor_new() - parse and hash one DER certificate. May sleep.
 * Return: with one reference; -EMSGSIZE, -EBADMSG, -ENOMEM.
 */
struct cc_anchor *cc_anchor_new(const void *der, size_t len);

/*
 * cc_anchor_new_choice() - one anchor of @bundle, checked against it. Its memory counts as the
 * system's. May sleep.
 * @scratch: room to parse in; what is there afterwards means nothing.
 * @ret_purposes: what it is good for.
 * @ret_error: CC_BUNDLE_E_* with -EBADMSG.
 * Return: with one reference; -EBADMSG, -EMSGSIZE, -ENOMEM.
 */
struct cc_anchor *cc_anchor_new_choice(const struct cc_bundle *bundle, struct cc_span choice,
				       struct cc_trust_anchor *scratch, u32 *ret_purposes,
				       int *ret_error);

void cc_anchor_put(struct cc_anchor *anchor); /* NULL is fine; may sleep */

/* cc_state_alloc() - an empty state with room for @capacity entries; NULL: out of memory. */
struct cc_state *cc_state_alloc(u32 capacity);

/* cc_state_push() - append; the caller keeps order and room. Takes a reference of its own. */
void cc_state_push(struct cc_state *state, struct cc_anchor *anchor, u32 purposes);

/* cc_state_seal() - number and digest: nothing changes from here on. 0 or -errno. */
int cc_state_seal(struct cc_state *state, u64 store_id, u64 version);

/* cc_state_lower_bound() - index of the first entry not below @fingerprint. */
u32 cc_state_lower_bound(const struct cc_state *state, const u8 fingerprint[32]);

#endif
