// SPDX-License-Identifier: LGPL-2.1-or-later
/* What comes of bundles: stores, changed stores, distrust lists; and the change between two. The
 * module composes by the same rules (docs/bundle-format.md), so that store digests agree. */
#include <errno.h>
#include <stdlib.h>
#include "libcapcert/bundle.h"
#include "libcapcert/store.h"

static int put_anchors(const capcert_bundle *b, capcert_store *store)
{
	uint32_t i;
	int r = 0;

	for (i = 0; r == 0 && i < b->head.anchor_count; i++)
		r = store_put_choice(store, b->anchors[i].choice, b->head.purposes);
	return r;
}

/* In an override what is not there need not go. */
static int take_out(const capcert_bundle *b, capcert_store *store)
{
	struct cc_span rest = b->head.remove;
	const uint8_t *fingerprint;

	while (cc_bundle_remove_next(&rest, &fingerprint) == 1)
		if (!store_take_out(store, fingerprint) && b->head.kind == CC_BUNDLE_DELTA)
			return -ENOENT;
	return 0;
}

/* The purposes of a delta are those of the store from now on. */
static int regrant(const capcert_bundle *b, capcert_store *store)
{
	uint32_t i, purposes = b->head.purposes;

	for (i = 0; i < store->count; i++) {
		struct anchor *a = &store->anchors[i];

		if (a->allowed != UINT32_MAX && (a->allowed & ~purposes))
			return -EPERM;
		a->granted = purposes;
		a->purposes = purposes & a->allowed;
	}
	return 0;
}

/* Anchors from below keep their purposes as far as the override has them. */
static void narrow(const capcert_bundle *b, capcert_store *store)
{
	uint32_t i = 0;

	while (i < store->count) {
		struct anchor *a = &store->anchors[i];
		uint8_t fingerprint[32];

		a->granted &= b->head.purposes;
		a->purposes = a->granted & a->allowed;
		if (a->purposes) {
			i++;
			continue;
		}
		memcpy(fingerprint, a->fingerprint, sizeof(fingerprint));
		store_take_out(store, fingerprint);
	}
}

static int check_base(const capcert_bundle *b, const capcert_store *base)
{
	if (b->head.kind == CC_BUNDLE_DISTRUST || (b->head.kind == CC_BUNDLE_STORE) != !base)
		return -EINVAL;
	if (b->head.kind == CC_BUNDLE_DELTA &&
	    (base->bundle_number != b->head.base || strcmp(base->bundle_name, b->name)))
		return -ESTALE;
	if (b->head.kind == CC_BUNDLE_OVERRIDE && base->bundle_number &&
	    strcmp(base->bundle_name, b->of))
		return -ESTALE;
	return 0;
}

static int compose(const capcert_bundle *b, const capcert_store *base, capcert_store *store)
{
	int r = base ? store_copy(base, store) : 0;

	if (r == 0)
		r = take_out(b, store);
	if (r == 0 && b->head.kind == CC_BUNDLE_OVERRIDE)
		narrow(b, store);
	if (r == 0)
		r = put_anchors(b, store);
	if (r == 0 && b->head.kind == CC_BUNDLE_DELTA)
		r = regrant(b, store);
	return r;
}

int capcert_bundle_apply(const capcert_bundle *b, const capcert_store *base, capcert_store **ret)
{
	capcert_store *store;
	int r = check_base(b, base);

	if (r == 0)
		r = capcert_store_new(&store);
	if (r < 0)
		return r;
	r = compose(b, base, store);
	if (r < 0) {
		capcert_store_free(store);
		return r;
	}
	memcpy(store->bundle_name, b->name, sizeof(store->bundle_name));
	store->bundle_number = b->head.number;
	*ret = store;
	return 0;
}

int capcert_bundle_distrust(const capcert_bundle *b, capcert_distrust_list *list)
{
	struct cc_span rest = b->head.entries;
	struct cc_bundle_entry e;
	int r = 0;

	if (b->head.kind != CC_BUNDLE_DISTRUST)
		return -EINVAL;
	while (r == 0 && cc_bundle_entry_next(&rest, &e) == 1)
		r = capcert_distrust_list_add(list, e.what, e.bytes.p, e.bytes.n);
	return r;
}

/* ---- the change between two ---- */

/* Both ascend. What is in one alone, or differs, is removed or added. */
static int differences(const capcert_bundle *from, const capcert_bundle *to,
		       capcert_bundle_builder *b)
{
	uint32_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < from->head.anchor_count || k < to->head.anchor_count)) {
		const struct bundle_anchor *old = &from->anchors[i], *new = &to->anchors[k];
		int c = i == from->head.anchor_count ? 1
			: k == to->head.anchor_count
				? -1
				: memcmp(old->fingerprint, new->fingerprint, 32);

		if (c < 0)
			r = capcert_bundle_remove(b, old->fingerprint);
		else if (c > 0 || !cc_span_equal(old->choice, new->choice))
			r = capcert_bundle_add_anchor(b, new->choice.p, new->choice.n);
		i += c <= 0;
		k += c >= 0;
	}
	return r;
}

int capcert_bundle_delta(const capcert_bundle *from, const capcert_bundle *to, uint8_t **ret,
			 size_t *ret_len)
{
	capcert_bundle_builder *b;
	int r;

	if (from->head.kind != CC_BUNDLE_STORE || to->head.kind != CC_BUNDLE_STORE ||
	    strcmp(from->name, to->name) || from->head.number + 1 != to->head.number)
		return -EINVAL;
	r = capcert_bundle_new(CC_BUNDLE_DELTA, to->name, to->head.number, &b);
	if (r < 0)
		return r;
	r = capcert_bundle_set_created(b, to->head.created);
	if (r == 0 && to->head.has_expires)
		r = capcert_bundle_set_expires(b, to->head.expires);
	if (r == 0)
		r = capcert_bundle_set_purposes(b, to->head.purposes);
	if (r == 0)
		r = differences(from, to, b);
	if (r == 0)
		r = capcert_bundle_content(b, ret, ret_len, NULL);
	capcert_bundle_builder_free(b);
	return r;
}

/* ---- what is in a store ---- */

int capcert_store_at(const capcert_store *store, size_t index, struct capcert_store_anchor *ret)
{
	const struct anchor *a;

	if (index >= store->count)
		return -ENOENT;
	a = &store->anchors[index];
	*ret = (struct capcert_store_anchor){
		.purposes = a->purposes,
		.plain = !anchors_limited(a) && (a->allowed == UINT32_MAX),
		.have_distrust_after = a->has_date,
		.have_sct_distrust_after = a->has_sct_date,
		.distrust_after = a->date,
		.sct_distrust_after = a->sct_date,
		.der = a->cert.der.p,
		.der_len = a->cert.der.n,
		.subject = a->cert.subject.p,
		.subject_len = a->cert.subject.n,
		.spki = a->cert.spki.p,
		.spki_len = a->cert.spki.n,
		.path_len = a->cert.path_len,
		.named_subtrees = (a->cert.ext_present & CC_EXT_BIT(NAME_CONSTRAINTS)) != 0,
	};
	memcpy(ret->fingerprint, a->fingerprint, sizeof(ret->fingerprint));
	if (!a->plain)
		memcpy(ret->body, a->body, sizeof(ret->body));
	return 0;
}

int capcert_store_digest(const capcert_store *store, uint8_t ret[32])
{
	int r = anchors_ready(store);

	if (r == 0)
		memcpy(ret, anchors_digest(store), 32);
	return r;
}
