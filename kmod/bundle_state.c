// SPDX-License-Identifier: GPL-2.0-only
/* States of stores out of bundles. */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/bundle_state.h"
#include "kmod/state.h"

#define STATE_MAX_BYTES (16 * 1024 * 1024) /* of anchors in one store */

static struct cc_state *state_fail(struct cc_state *state, const char **ret_why, const char *text,
				   int error)
{
	*ret_why = text;
	cc_state_put(state);
	return ERR_PTR(error);
}

static void state_from(struct cc_state *state, const struct cc_bundle *bundle, const char *signer)
{
	state->from.number = bundle->number;
	state->from.created = bundle->created;
	state->from.purposes = bundle->purposes;
	state->from.entries = bundle->entry_count;
	strscpy(state->from.signer, signer, sizeof(state->from.signer));
}

/* One anchor onto the end of @state. NULL, or why not with @ret_error. */
static const char *push_choice(struct cc_state *state, const struct cc_bundle *bundle,
			       struct cc_span choice, struct cc_trust_anchor *scratch,
			       int *ret_error)
{
	struct cc_anchor *anchor;
	u32 purposes;
	int order = -1, why;

	anchor = cc_anchor_new_choice(bundle, choice, scratch, &purposes, &why);
	if (IS_ERR(anchor)) {
		*ret_error = PTR_ERR(anchor);
		return why ? cc_bundle_error_text(why) : "no memory for an anchor";
	}
	if (state->count)
		order = memcmp(state->entries[state->count - 1].anchor->fingerprint,
			       anchor->fingerprint, 32);
	if (order < 0)
		cc_state_push(state, anchor, purposes);
	cc_anchor_put(anchor);
	*ret_error = order < 0 ? 0 : -EBADMSG;
	return order < 0 ? NULL : cc_bundle_error_text(CC_BUNDLE_E_ORDER);
}

struct cc_state *cc_bundle_anchors(const struct cc_bundle *bundle, const char *signer,
				   const char **ret_why)
{
	struct cc_state *state = cc_state_alloc(bundle->anchor_count);
	struct cc_trust_anchor *scratch = kmalloc(sizeof(*scratch), GFP_KERNEL);
	struct cc_span rest = bundle->anchors, choice;
	const char *wrong = NULL;
	int error = 0;

	if (!state || !scratch) {
		kfree(scratch);
		return state_fail(state, ret_why, "no memory for the anchors", -ENOMEM);
	}
	state_from(state, bundle, signer);
	while (!wrong && cc_trust_anchor_next(&rest, &choice) == 1) {
		/* The count was taken by the same function. */
		if (WARN_ON_ONCE(state->count >= state->capacity))
			wrong = "more anchors than there are";
		else
			wrong = push_choice(state, bundle, choice, scratch, &error);
		cond_resched();
	}
	kfree(scratch);
	return wrong ? state_fail(state, ret_why, wrong, error ?: -EBADMSG) : state;
}

static bool delta_removes(struct cc_span *rest, const u8 **next, const u8 fingerprint[32])
{
	if (!*next || memcmp(*next, fingerprint, 32))
		return false;
	if (cc_bundle_remove_next(rest, next) != 1)
		*next = NULL;
	return true;
}

/* What an anchor that stays is good for under the purposes of the delta. 0: for nothing. */
static u32 delta_purposes(const struct cc_bundle *bundle, const struct cc_state *base,
			  const struct cc_entry *entry, struct cc_trust_anchor *scratch)
{
	const struct cc_anchor *anchor = entry->anchor;
	u32 purposes;

	if (bundle->purposes == base->from.purposes)
		return entry->purposes;
	/* The same check as if it came with the delta: what is no CT log must not become one. */
	if (cc_bundle_anchor(bundle, cc_span(anchor->der, anchor->der_len), scratch, &purposes))
		return 0;
	return purposes;
}

/* Both are sorted, and so is what is removed. NULL, or why not with @ret_error. */
static const char *delta_merge(struct cc_state *next, const struct cc_bundle *bundle,
			       const struct cc_state *base, const struct cc_state *added,
			       struct cc_trust_anchor *scratch, int *ret_error)
{
	struct cc_span rest = bundle->remove;
	const u8 *remove = NULL;
	u32 i, k = 0;

	if (cc_bundle_remove_next(&rest, &remove) != 1)
		remove = NULL;
	for (i = 0; i < base->count; i++) {
		const struct cc_entry *entry = &base->entries[i];
		const u8 *fingerprint = entry->anchor->fingerprint;
		bool gone = delta_removes(&rest, &remove, fingerprint);
		u32 purposes;

		while (k < added->count &&
		       memcmp(added->entries[k].anchor->fingerprint, fingerprint, 32) <= 0) {
			gone |= !memcmp(added->entries[k].anchor->fingerprint, fingerprint, 32);
			cc_state_push(next, added->entries[k].anchor, added->entries[k].purposes);
			k++;
		}
		cond_resched();
		if (gone)
			continue;
		purposes = delta_purposes(bundle, base, entry, scratch);
		*ret_error = -EINVAL;
		if (!purposes)
			return "an anchor that stays is not for the purposes of the delta";
		cc_state_push(next, entry->anchor, purposes);
	}
	for (; k < added->count; k++)
		cc_state_push(next, added->entries[k].anchor, added->entries[k].purposes);
	*ret_error = -ENOENT;
	return remove ? "an anchor to be removed is not there" : NULL;
}

struct cc_state *cc_bundle_delta(const struct cc_bundle *bundle, const struct cc_state *base,
				 const struct cc_state *added, const char **ret_why)
{
	struct cc_state *next = cc_state_alloc(base->count + added->count);
	struct cc_trust_anchor *scratch = kmalloc(sizeof(*scratch), GFP_KERNEL);
	const char *wrong = NULL;
	size_t bytes = 0;
	int error;
	u32 i;

	if (!next || !scratch) {
		kfree(scratch);
		return state_fail(next, ret_why, "no memory for the anchors", -ENOMEM);
	}
	next->from = added->from;
	wrong = delta_merge(next, bundle, base, added, scratch, &error);
	kfree(scratch);
	if (wrong)
		return state_fail(next, ret_why, wrong, error);
	for (i = 0; i < next->count; i++)
		bytes += next->entries[i].anchor->der_len;
	if (next->count > CAPCERT_MAX_ANCHORS || bytes > STATE_MAX_BYTES)
		return state_fail(next, ret_why, "more than a store holds", -ENOSPC);
	return next;
}
