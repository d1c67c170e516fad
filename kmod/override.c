// SPDX-License-Identifier: GPL-2.0-only
/* What an override bundle changes about the store it lies upon. Immutable. */
#include <linux/bsearch.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmod/override.h"
#include "kmod/state.h"

struct cc_override {
	struct cc_state *anchors; /* counted; sorted as every state is, purposes included */
	u32 count;
	u8 remove[][32]; /* SHA-256 fingerprints, sorted */
};

struct cc_override *cc_override_new(const struct cc_bundle *bundle, struct cc_state *anchors)
{
	struct cc_span rest = bundle->remove;
	struct cc_override *override;
	const u8 *fingerprint;

	override = kvzalloc(struct_size(override, remove, bundle->remove_count),
			    GFP_KERNEL_ACCOUNT);
	if (!override) {
		cc_state_put(anchors);
		return NULL;
	}
	override->anchors = anchors;
	while (cc_bundle_remove_next(&rest, &fingerprint) == 1)
		memcpy(override->remove[override->count++], fingerprint, 32);
	return override;
}

void cc_override_free(struct cc_override *override)
{
	if (!override)
		return;
	cc_state_put(override->anchors);
	kvfree(override);
}

static int compare_fingerprint(const void *key, const void *element)
{
	return memcmp(key, element, 32);
}

static bool override_removes(const struct cc_override *override, const u8 fingerprint[32])
{
	return bsearch(fingerprint, override->remove, override->count, 32, compare_fingerprint);
}

/* What is left of an anchor of the base: the override names the most that it may be for. */
static void push_narrowed(struct cc_state *next, const struct cc_override *override,
			  const struct cc_entry *entry)
{
	const u32 purposes = entry->purposes & override->anchors->from.purposes;

	if (purposes && !override_removes(override, entry->anchor->fingerprint))
		cc_state_push(next, entry->anchor, purposes);
}

struct cc_state *cc_override_apply(const struct cc_override *override, const struct cc_state *base)
{
	const struct cc_state *added = override->anchors;
	struct cc_state *next = cc_state_alloc(base->count + added->count);
	u32 i, k = 0;

	if (!next)
		return ERR_PTR(-ENOMEM);
	next->from = added->from;
	next->from.created = base->from.created;
	for (i = 0; i < base->count; i++) {
		const struct cc_entry *entry = &base->entries[i];
		int order = -1;

		while (k < added->count) {
			order = memcmp(added->entries[k].anchor->fingerprint,
				       entry->anchor->fingerprint, 32);
			if (order > 0)
				break;
			cc_state_push(next, added->entries[k].anchor, added->entries[k].purposes);
			k++;
			if (!order)
				break;
		}
		if (order)
			push_narrowed(next, override, entry);
		cond_resched();
	}
	for (; k < added->count; k++)
		cc_state_push(next, added->entries[k].anchor, added->entries[k].purposes);
	if (next->count > CAPCERT_MAX_ANCHORS) {
		cc_state_put(next);
		return ERR_PTR(-ENOSPC);
	}
	return next;
}
