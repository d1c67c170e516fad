// SPDX-License-Identifier: LGPL-2.1-or-later
/* Anchors into the trust store of a process: certificates, and what RFC 5914 has besides. */
#include <errno.h>
#include <stdlib.h>
#include <capcert/capcert.h>
#include "core/der.h"
#include "core/trust_anchor.h"
#include "libcapcert/sha.h"
#include "libcapcert/store.h"

static void changed(capcert_store *store)
{
	atomic_store(&store->ready, false);
	store->bundle_number = 0;
}

static uint32_t position(const capcert_store *store, const uint8_t fingerprint[32], bool *ret_found)
{
	uint32_t lo = 0, hi = store->count;

	*ret_found = false;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = memcmp(store->anchors[mid].fingerprint, fingerprint, 32);

		if (c == 0) {
			*ret_found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int make_room_of(capcert_store *store, uint32_t more, uint32_t max)
{
	struct anchor *anchors;
	uint32_t room = store->room ? store->room : 64;

	if (more > max || store->count > max - more)
		return -EMSGSIZE;
	if (store->count + more <= store->room)
		return 0;
	while (room < store->count + more)
		room *= 2;
	anchors = realloc(store->anchors, room * sizeof(*anchors));
	if (!anchors)
		return -ENOMEM;
	store->anchors = anchors;
	store->room = room;
	return 0;
}

static int make_room(capcert_store *store, uint32_t more)
{
	return make_room_of(store, more, CAPCERT_MAX_ANCHORS);
}

/* There is room for it. */
static void insert(capcert_store *store, uint32_t at, const struct anchor *a)
{
	memmove(store->anchors + at + 1, store->anchors + at,
		(store->count - at) * sizeof(*store->anchors));
	store->anchors[at] = *a;
	store->count++;
	changed(store);
}

static int check_purposes(uint32_t *purposes)
{
	if (*purposes == 0)
		*purposes = 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH;
	return *purposes >> CAPCERT_PURPOSE_COUNT ? -EINVAL : 0;
}

static void grant(capcert_store *store, struct anchor *a, uint32_t purposes)
{
	a->granted |= purposes;
	a->purposes = a->granted & a->allowed;
	changed(store);
}

static int name_it(struct anchor *a)
{
	int r = dn_prepare(a->cert.subject, &a->subject);

	if (r == 0)
		a->subject_hash = cc_dn_hash(a->subject.name);
	return r;
}

static int copy(struct anchor *a, struct cc_span der)
{
	a->owned = malloc(der.n ? der.n : 1);
	if (!a->owned)
		return -ENOMEM;
	a->owned_len = der.n;
	if (der.n)
		memcpy(a->owned, der.p, der.n);
	return 0;
}

static struct anchor blank(uint32_t purposes)
{
	struct anchor a = { .granted = purposes, .allowed = UINT32_MAX, .purposes = purposes };

	return a;
}

/* The caller releases @a, whatever comes. */
static int make_plain(struct anchor *a, struct cc_span der)
{
	int r = copy(a, der);

	if (r < 0)
		return r;
	if (cc_cert_parse(cc_span(a->owned, der.n), &a->cert) != CC_CERT_OK)
		return -EBADMSG;
	a->plain = true;
	return name_it(a);
}

int capcert_store_put(capcert_store *store, const uint8_t *der, size_t len, uint32_t purposes)
{
	struct anchor a;
	uint32_t at;
	bool found;
	int r = check_purposes(&purposes);

	if (r < 0)
		return r;
	a = blank(purposes);
	sha256_of(cc_span(der, len), a.fingerprint);
	at = position(store, a.fingerprint, &found);
	if (found) {
		if (store->anchors[at].plain)
			grant(store, &store->anchors[at], purposes);
		return -EEXIST;
	}
	r = make_plain(&a, cc_span(der, len));
	if (r == 0)
		r = make_room(store, 1);
	if (r < 0) {
		anchor_release(&a);
		return r;
	}
	insert(store, at, &a);
	return 0;
}

/* ---- RFC 5914 ---- */

/* A certificate in a TrustAnchorInfo has another tag in SEQUENCE's place. */
static void take_certificate(struct anchor *a, struct cc_span certificate)
{
	a->owned[certificate.p - a->owned] = CC_DER_SEQUENCE;
	sha256_of(certificate, a->fingerprint);
}

/* The caller releases @a, whatever comes. */
static int make_any(struct anchor *a, struct cc_span der, bool info)
{
	struct cc_trust_anchor ta;
	int r = copy(a, der);

	if (r < 0)
		return r;
	der = cc_span(a->owned, der.n);
	a->info = info;
	r = info ? cc_trust_anchor_info_parse(der, &ta) : cc_trust_anchor_parse(der, &ta);
	if (r != CC_CERT_OK)
		return -EBADMSG;
	a->cert = ta.cert;
	sha256_of(ta.body, a->body);
	memcpy(a->fingerprint, a->body, sizeof(a->fingerprint));
	a->plain = ta.kind == CC_ANCHOR_CERTIFICATE;
	if (ta.kind == CC_ANCHOR_INFO && ta.certificate.n)
		take_certificate(a, ta.certificate);
	/* RFC 5937 section 3.2. A plain certificate's policies say what was asked of its own
	 * issuer, as ever; here they stand among the constraints. */
	if (!a->plain)
		a->policies = ta.cert.policies;
	if (ta.purposes)
		a->allowed = ta.purposes;
	a->purposes = a->granted & a->allowed;
	a->has_date = ta.has_distrust_after;
	a->date = ta.distrust_after;
	a->has_sct_date = ta.has_sct_distrust_after;
	a->sct_date = ta.sct_distrust_after;
	return ta.named ? name_it(a) : 0;
}

int anchor_from_choice(struct anchor *a, struct cc_span choice, uint32_t purposes)
{
	*a = blank(purposes);
	return make_any(a, choice, false);
}

static int make_anchor(struct anchor *a, struct cc_span der, bool info)
{
	int r = make_any(a, der, info);

	return r == 0 && !a->cert.subject.n ? -EINVAL : r;
}

static bool same(const struct anchor *a, const struct anchor *b)
{
	return a->plain == b->plain && (a->plain || !memcmp(a->body, b->body, sizeof(a->body)));
}

struct batch {
	struct anchor *anchors;
	uint32_t count;
};

static void release_batch(struct batch *b)
{
	uint32_t i;

	for (i = 0; i < b->count; i++)
		anchor_release(&b->anchors[i]);
	free(b->anchors);
}

static int add_to_batch(struct batch *b, struct cc_span der, bool info, uint32_t purposes)
{
	b->anchors[b->count] = blank(purposes);
	return make_anchor(&b->anchors[b->count++], der, info);
}

static int read_list(struct batch *b, struct cc_span der, uint32_t purposes)
{
	struct cc_span list, rest, choice;
	uint32_t count = 0;
	int r;

	if (cc_trust_anchor_list(der, &list) != CC_CERT_OK)
		return -EBADMSG;
	for (rest = list; (r = cc_trust_anchor_next(&rest, &choice)) == 1;)
		if (++count > CAPCERT_MAX_ANCHORS)
			return -EMSGSIZE;
	if (r < 0)
		return -EBADMSG;
	b->anchors = calloc(count, sizeof(*b->anchors));
	if (!b->anchors)
		return -ENOMEM;
	r = 0;
	while (r == 0 && cc_trust_anchor_next(&list, &choice) == 1)
		r = add_to_batch(b, choice, false, purposes);
	return r;
}

static int read_one(struct batch *b, struct cc_span der, bool info, uint32_t purposes)
{
	b->anchors = calloc(1, sizeof(*b->anchors));
	if (!b->anchors)
		return -ENOMEM;
	return add_to_batch(b, der, info, purposes);
}

/* Does one of them contradict an anchor of the store, or another one of them? */
static bool contradicts(const capcert_store *store, const struct batch *b)
{
	uint32_t i, k, at;
	bool found;

	for (i = 0; i < b->count; i++) {
		const struct anchor *a = &b->anchors[i];

		at = position(store, a->fingerprint, &found);
		if (found && !same(&store->anchors[at], a))
			return true;
		for (k = 0; k < i; k++)
			if (!memcmp(b->anchors[k].fingerprint, a->fingerprint, 32) &&
			    !same(&b->anchors[k], a))
				return true;
	}
	return false;
}

/* There is room. What is in already is released. */
static void merge(capcert_store *store, struct batch *b, uint32_t purposes)
{
	uint32_t i, at;
	bool found;

	for (i = 0; i < b->count; i++) {
		at = position(store, b->anchors[i].fingerprint, &found);
		if (found) {
			grant(store, &store->anchors[at], purposes);
			anchor_release(&b->anchors[i]);
		} else {
			insert(store, at, &b->anchors[i]);
		}
	}
	free(b->anchors);
}

int capcert_store_put_anchor(capcert_store *store, const uint8_t *der, size_t len,
			     uint32_t purposes)
{
	struct cc_span in = cc_span(der, len);
	enum cc_trust_anchor_form form = cc_trust_anchor_form(in);
	struct batch b = { 0 };
	int r = check_purposes(&purposes);

	if (r < 0)
		return r;
	if (form == CC_ANCHOR_FORM_LIST)
		r = read_list(&b, in, purposes);
	else
		r = read_one(&b, in, form == CC_ANCHOR_FORM_INFO, purposes);
	if (r == 0 && contradicts(store, &b))
		r = -EEXIST;
	if (r == 0)
		r = make_room(store, b.count);
	if (r < 0) {
		release_batch(&b);
		return r;
	}
	merge(store, &b, purposes);
	return 0;
}

/* ---- of bundles ---- */

static void take_out_at(capcert_store *store, uint32_t at)
{
	anchor_release(&store->anchors[at]);
	store->count--;
	memmove(store->anchors + at, store->anchors + at + 1,
		(store->count - at) * sizeof(*store->anchors));
	changed(store);
}

int store_put_choice(capcert_store *store, struct cc_span choice, uint32_t purposes)
{
	struct anchor a = blank(purposes);
	uint32_t at = 0;
	bool found;
	int r = make_any(&a, choice, false);

	if (r == 0) {
		at = position(store, a.fingerprint, &found);
		if (found)
			take_out_at(store, at);
		r = make_room_of(store, 1, CC_BUNDLE_MAX_ANCHORS);
	}
	if (r < 0) {
		anchor_release(&a);
		return r;
	}
	insert(store, at, &a);
	return 0;
}

bool store_take_out(capcert_store *store, const uint8_t fingerprint[32])
{
	bool found;
	uint32_t at = position(store, fingerprint, &found);

	if (found)
		take_out_at(store, at);
	return found;
}

/* From the bytes that it was made from. */
static int remake(const struct anchor *from, struct anchor *to)
{
	struct cc_span der = from->owned ? cc_span(from->owned, from->owned_len) : from->cert.der;
	uint8_t *bytes;
	int r;

	*to = blank(from->granted);
	if (from->plain)
		return make_plain(to, from->cert.der);
	bytes = malloc(der.n);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, der.p, der.n);
	/* take_certificate() gave a certificate inside another tag. */
	if (from->cert.der.n)
		bytes[from->cert.der.p - der.p] = CC_DER_CONTEXT_CONS(0);
	r = make_any(to, cc_span(bytes, der.n), from->info);
	free(bytes);
	return r;
}

int store_copy(const capcert_store *from, capcert_store *to)
{
	uint32_t i;
	int r = make_room_of(to, from->count, CC_BUNDLE_MAX_ANCHORS);

	for (i = 0; r == 0 && i < from->count; i++) {
		const struct anchor *a = &from->anchors[i];
		struct anchor copy;

		r = remake(a, &copy);
		if (r < 0) {
			anchor_release(&copy);
			break;
		}
		memcpy(copy.fingerprint, a->fingerprint, sizeof(copy.fingerprint));
		memcpy(copy.body, a->body, sizeof(copy.body));
		copy.has_date = a->has_date;
		copy.has_sct_date = a->has_sct_date;
		copy.date = a->date;
		copy.sct_date = a->sct_date;
		copy.allowed = a->allowed;
		copy.purposes = a->purposes;
		insert(to, to->count, &copy);
	}
	return r;
}

/* ---- limits ---- */

/* What a later version added is nothing here as long as it is zero. */
static int check_limits(const struct capcert_anchor_limits *limits)
{
	const uint8_t *p = (const uint8_t *)limits;
	size_t i;

	if (limits->size < sizeof(*limits))
		return -EINVAL;
	for (i = sizeof(*limits); i < limits->size; i++)
		if (p[i])
			return -E2BIG;
	return limits->purposes >> CAPCERT_PURPOSE_COUNT ? -EINVAL : 0;
}

int capcert_store_limit(capcert_store *store, const uint8_t fingerprint[32],
			const struct capcert_anchor_limits *limits)
{
	struct anchor *a;
	uint32_t at;
	bool found;
	int r = check_limits(limits);

	if (r < 0)
		return r;
	at = position(store, fingerprint, &found);
	if (!found)
		return -ENOENT;
	a = &store->anchors[at];
	/* A plain anchor's body is its certificate. */
	if (a->plain)
		memcpy(a->body, a->fingerprint, sizeof(a->body));
	a->has_date = limits->have_distrust_after != 0;
	a->date = a->has_date ? limits->distrust_after : 0;
	a->allowed = limits->purposes ? limits->purposes : UINT32_MAX;
	grant(store, a, 0);
	return 0;
}
