// SPDX-License-Identifier: LGPL-2.1-or-later
/* The trust store of a process: anchors sorted by fingerprint, with an index by subject name. */
#include <errno.h>
#include <stdlib.h>
#include "core/digest.h"
#include "libcapcert/anchors.h"
#include "libcapcert/engine.h"
#include "libcapcert/sha.h"
#include "libcapcert/store.h"

int capcert_store_new(capcert_store **ret)
{
	capcert_store *store = calloc(1, sizeof(*store));

	if (!store)
		return -ENOMEM;
	pthread_mutex_init(&store->lock, NULL);
	*ret = store;
	return 0;
}

void anchor_release(struct anchor *anchor)
{
	dn_release(&anchor->subject);
	free(anchor->owned);
}

void capcert_store_free(capcert_store *store)
{
	uint32_t i;

	if (!store)
		return;
	for (i = 0; i < store->count; i++)
		anchor_release(&store->anchors[i]);
	free(store->anchors);
	free(store->buckets);
	free(store->state);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

size_t capcert_store_count(const capcert_store *store)
{
	return store->count;
}

static void absorb_anchor(struct sha256_ctx *ctx, const struct anchor *a)
{
	const struct cc_absorb_dates dates = { a->has_date, a->has_sct_date, a->date, a->sct_date };

	if (anchors_limited(a))
		cc_absorb_store_limited(sha256_absorb, ctx, a->fingerprint, a->purposes, a->body,
					&dates);
	else
		cc_absorb_store_anchor(sha256_absorb, ctx, a->fingerprint, a->purposes);
}

static int build(capcert_store *store)
{
	uint32_t size = 16, i, *buckets;
	struct sha256_ctx ctx;

	while (size < 2 * store->count)
		size *= 2;
	buckets = calloc(size, sizeof(*buckets));
	if (!buckets)
		return -ENOMEM;
	free(store->buckets);
	store->buckets = buckets;
	store->bucket_mask = size - 1;
	sha256_init(&ctx);
	cc_absorb_store_head(sha256_absorb, &ctx, store->count);
	for (i = 0; i < store->count; i++)
		absorb_anchor(&ctx, &store->anchors[i]);
	sha256_digest(&ctx, 32, store->digest);
	for (i = store->count; i-- > 0;) { /* backwards: each bucket then lists them forwards */
		struct anchor *a = &store->anchors[i];
		uint32_t *bucket = &buckets[a->subject_hash & store->bucket_mask];

		if (!a->cert.subject.n)
			continue; /* a bare key: no path ends in it */
		a->next = *bucket;
		*bucket = i + 1;
	}
	return 0;
}

int anchors_ready(const capcert_store *const_store)
{
	/* The index is a cache of what the caller sees as constant. */
	capcert_store *store = (capcert_store *)(uintptr_t)const_store;
	int r = 0;

	if (atomic_load_explicit(&store->ready, memory_order_acquire))
		return 0;
	pthread_mutex_lock(&store->lock);
	if (!atomic_load_explicit(&store->ready, memory_order_relaxed)) {
		r = build(store);
		if (r == 0)
			atomic_store_explicit(&store->ready, true, memory_order_release);
	}
	pthread_mutex_unlock(&store->lock);
	return r;
}

const uint8_t *anchors_digest(const capcert_store *store)
{
	return store->digest;
}

const struct anchor *anchors_at(const capcert_store *store, uint32_t at)
{
	return &store->anchors[at];
}

const struct anchor *anchors_next(const capcert_store *store, uint32_t hash, struct cc_span subject,
				  const struct anchor *prev)
{
	uint32_t at = prev ? prev->next : store->buckets[hash & store->bucket_mask];

	while (at) {
		const struct anchor *a = &store->anchors[at - 1];

		if (a->subject_hash == hash && cc_dn_equal(a->subject.name, subject))
			return a;
		at = a->next;
	}
	return NULL;
}

static int read_plain(struct anchor *a, const struct capcert_anchor *head, struct cc_span der)
{
	if (cc_cert_parse(der, &a->cert) != CC_CERT_OK)
		return -EBADMSG;
	memcpy(a->fingerprint, head->fingerprint, 32);
	a->purposes = a->granted = head->purposes;
	a->allowed = UINT32_MAX;
	a->plain = true;
	a->owned = NULL;
	if (dn_prepare(a->cert.subject, &a->subject) < 0)
		return -ENOMEM;
	a->subject_hash = cc_dn_hash(a->subject.name);
	return 0;
}

/* What the module says of it must be what it says itself. */
static int read_limited(struct anchor *a, const struct capcert_anchor *head, struct cc_span der)
{
	int r = anchor_from_choice(a, der, head->purposes);

	if (r == 0 && (a->plain || a->purposes != head->purposes ||
		       memcmp(a->fingerprint, head->fingerprint, 32) != 0))
		r = -EBADMSG;
	if (r < 0)
		anchor_release(a);
	return r;
}

/* One anchor of a serialised state, at *@at. */
static int read_anchor(capcert_store *store, size_t len, size_t *at)
{
	struct capcert_anchor head;
	struct anchor *a = &store->anchors[store->count];
	struct cc_span der;
	int r;

	if (len - *at < sizeof(head))
		return -EBADMSG;
	memcpy(&head, store->state + *at, sizeof(head));
	*at += sizeof(head);
	if (head.der_len > len - *at)
		return -EBADMSG;
	der = cc_span(store->state + *at, head.der_len);
	r = head.flags & CAPCERT_ANCHOR_LIMITED ? read_limited(a, &head, der)
						: read_plain(a, &head, der);
	if (r < 0)
		return r;
	store->count++;
	*at += ((size_t)head.der_len + 7) & ~(size_t)7;
	if (*at > len)
		*at = len; /* the last padding may be missing */
	return 0;
}

static int by_fingerprint(const void *a, const void *b)
{
	return memcmp(((const struct anchor *)a)->fingerprint,
		      ((const struct anchor *)b)->fingerprint, 32);
}

/* Ascending, as it mostly is already; false when an anchor stands twice. */
static bool sort(capcert_store *store)
{
	uint32_t i;
	int c = -1;

	for (i = 1; i < store->count && c < 0; i++)
		c = by_fingerprint(&store->anchors[i - 1], &store->anchors[i]);
	if (c < 0)
		return true;
	qsort(store->anchors, store->count, sizeof(*store->anchors), by_fingerprint);
	for (i = 1; i < store->count; i++)
		if (by_fingerprint(&store->anchors[i - 1], &store->anchors[i]) == 0)
			return false;
	return true;
}

int engine_store_from_state(const uint8_t *state, size_t len, capcert_store **ret)
{
	struct capcert_state_store head;
	size_t at = sizeof(head);
	capcert_store *store;
	uint32_t i;
	int r;

	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, state, sizeof(head));
	if (head.count > CAPCERT_MAX_ANCHORS)
		return -EBADMSG;
	r = capcert_store_new(&store);
	if (r < 0)
		return r;
	store->room = head.count;
	store->anchors = calloc(head.count ? head.count : 1, sizeof(*store->anchors));
	store->state = malloc(len);
	if (!store->anchors || !store->state) {
		capcert_store_free(store);
		return -ENOMEM;
	}
	memcpy(store->state, state, len);
	for (i = 0; r == 0 && i < head.count; i++)
		r = read_anchor(store, len, &at);
	if (r == 0 && !sort(store))
		r = -EBADMSG;
	if (r == 0)
		r = anchors_ready(store);
	if (r == 0 && memcmp(store->digest, head.digest, 32) != 0)
		r = -EBADMSG;
	if (r < 0) {
		capcert_store_free(store);
		return r;
	}
	*ret = store;
	return 0;
}
