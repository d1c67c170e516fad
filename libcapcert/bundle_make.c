// SPDX-License-Identifier: LGPL-2.1-or-later
/* The builder of bundles: what comes in any order is kept sorted, so that the same inputs make the
 * same bytes. */
#include <errno.h>
#include <stdlib.h>
#include "core/der.h"
#include "core/outcome.h"
#include "core/time.h"
#include "libcapcert/bundle.h"

/* One element of a list, whole TLV; elements of a list are sorted by @rank, then by the length of
 * @key (which is the same wherever it does not count), then by its octets. */
struct item {
	uint8_t rank;
	uint8_t fingerprint[32];
	struct cc_span key; /* @fingerprint, or in @der */
	uint8_t *der;
	size_t len;
};

struct list {
	struct item **items;
	uint32_t count;
	uint32_t room;
};

struct capcert_bundle_builder {
	uint32_t kind;
	uint32_t purposes;
	uint64_t number;
	bool has_created;
	bool has_expires;
	int64_t created;
	int64_t expires;
	char name[CC_BUNDLE_NAME_MAX + 1];
	char of[CC_BUNDLE_NAME_MAX + 1];
	struct list remove;
	struct list anchors;
	struct list entries;
};

/* ---- sorted lists ---- */

static int compare(const struct item *a, const struct item *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->key.n != b->key.n)
		return a->key.n < b->key.n ? -1 : 1;
	return memcmp(a->key.p, b->key.p, a->key.n);
}

static void release(struct item *item)
{
	if (item)
		free(item->der);
	free(item);
}

static int make_room(struct list *list)
{
	uint32_t room = list->room ? 2 * list->room : 64;
	struct item **items;

	if (list->count < list->room)
		return 0;
	items = realloc(list->items, room * sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	list->room = room;
	return 0;
}

/* Takes @item, whatever comes. */
static int insert(struct list *list, struct item *item, uint32_t max)
{
	uint32_t lo = 0, hi = list->count;
	int r = list->count < max ? make_room(list) : -EMSGSIZE;

	while (r == 0 && lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = compare(list->items[mid], item);

		if (c == 0)
			r = -EEXIST;
		else if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (r < 0) {
		release(item);
		return r;
	}
	memmove(list->items + lo + 1, list->items + lo, (list->count - lo) * sizeof(item));
	list->items[lo] = item;
	list->count++;
	return 0;
}

static void release_list(struct list *list)
{
	uint32_t i;

	for (i = 0; i < list->count; i++)
		release(list->items[i]);
	free(list->items);
}

/* ---- the head ---- */

static bool copy_name(char to[CC_BUNDLE_NAME_MAX + 1], const char *name)
{
	size_t n = strlen(name);

	if (!cc_bundle_name_valid(cc_span(name, n)))
		return false;
	memcpy(to, name, n + 1);
	return true;
}

int capcert_bundle_new(uint32_t kind, const char *name, uint64_t number,
		       capcert_bundle_builder **ret)
{
	capcert_bundle_builder *b;

	if (kind >= CC_BUNDLE_KIND_COUNT || number > INT64_MAX ||
	    number < (kind == CC_BUNDLE_DELTA ? 2 : 1))
		return -EINVAL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->kind = kind;
	b->number = number;
	b->purposes = kind == CC_BUNDLE_DISTRUST ? 0 : 1u << CC_PURPOSE_TLS_SERVER_AUTH;
	if (!copy_name(b->name, name)) {
		free(b);
		return -EINVAL;
	}
	*ret = b;
	return 0;
}

void capcert_bundle_builder_free(capcert_bundle_builder *b)
{
	if (!b)
		return;
	release_list(&b->remove);
	release_list(&b->anchors);
	release_list(&b->entries);
	free(b);
}

static bool writable(int64_t time)
{
	struct cc_civil civil;

	return cc_time_to_civil(time, &civil);
}

int capcert_bundle_set_created(capcert_bundle_builder *b, int64_t time)
{
	if (!writable(time))
		return -EINVAL;
	b->has_created = true;
	b->created = time;
	return 0;
}

int capcert_bundle_set_expires(capcert_bundle_builder *b, int64_t time)
{
	if (!writable(time))
		return -EINVAL;
	b->has_expires = true;
	b->expires = time;
	return 0;
}

int capcert_bundle_set_purposes(capcert_bundle_builder *b, uint32_t purposes)
{
	if (!purposes || purposes >> CC_PURPOSE_COUNT || b->kind == CC_BUNDLE_DISTRUST)
		return -EINVAL;
	b->purposes = purposes;
	return 0;
}

int capcert_bundle_set_of(capcert_bundle_builder *b, const char *name)
{
	return b->kind == CC_BUNDLE_OVERRIDE && copy_name(b->of, name) ? 0 : -EINVAL;
}

/* ---- the lists ---- */

/* Takes @der, whatever comes. */
static int add_choice(capcert_bundle_builder *b, uint8_t *der, size_t len)
{
	struct cc_trust_anchor ta;
	struct item *item;

	if (cc_trust_anchor_parse(cc_span(der, len), &ta) != CC_CERT_OK) {
		free(der);
		return -EBADMSG;
	}
	item = calloc(1, sizeof(*item));
	if (!item) {
		free(der);
		return -ENOMEM;
	}
	item->der = der;
	item->len = len;
	item->key = cc_span(item->fingerprint, sizeof(item->fingerprint));
	if (!bundle_fingerprint(&ta, item->fingerprint)) {
		release(item);
		return -EBADMSG;
	}
	return insert(&b->anchors, item, CC_BUNDLE_MAX_ANCHORS);
}

int capcert_bundle_add_certificate(capcert_bundle_builder *b, const uint8_t *der, size_t len,
				   const struct capcert_bundle_constraints *constraints)
{
	uint8_t *choice;
	size_t n;
	int r;

	if (b->kind == CC_BUNDLE_DISTRUST)
		return -EINVAL;
	r = bundle_write_anchor(cc_span(der, len), constraints, &choice, &n);
	return r < 0 ? r : add_choice(b, choice, n);
}

int capcert_bundle_add_anchor(capcert_bundle_builder *b, const uint8_t *der, size_t len)
{
	uint8_t *copy;

	if (b->kind == CC_BUNDLE_DISTRUST)
		return -EINVAL;
	copy = malloc(len ? len : 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, der, len);
	return add_choice(b, copy, len);
}

/* @value within @tag, sorted by @rank and by itself. */
static int add_value(struct list *list, uint32_t max, uint8_t rank, uint8_t tag,
		     struct cc_span value)
{
	struct item *item = calloc(1, sizeof(*item));
	struct der_out out = { 0 };
	int r;

	if (!item)
		return -ENOMEM;
	der_put_bytes(&out, tag, value);
	r = der_finish(&out, &item->der, &item->len);
	if (r < 0) {
		release(item);
		return r;
	}
	item->rank = rank;
	item->key = cc_span(item->der + item->len - value.n, value.n);
	return insert(list, item, max);
}

int capcert_bundle_remove(capcert_bundle_builder *b, const uint8_t fingerprint[32])
{
	if (b->kind != CC_BUNDLE_DELTA && b->kind != CC_BUNDLE_OVERRIDE)
		return -EINVAL;
	return add_value(&b->remove, CC_BUNDLE_MAX_ANCHORS, 0, CC_DER_OCTET_STRING,
			 cc_span(fingerprint, 32));
}

int capcert_bundle_add_distrust(capcert_bundle_builder *b, uint32_t what, const void *value,
				size_t len)
{
	static const uint8_t tags[] = { 0, CC_DER_CONTEXT(0), CC_DER_CONTEXT(1),
					CC_DER_CONTEXT_CONS(2) };
	struct cc_bundle_entry entry;
	struct der_out out = { 0 };
	struct cc_span rest;
	uint8_t *der;
	size_t n;
	int r;

	if (b->kind != CC_BUNDLE_DISTRUST || what == 0 || what >= sizeof(tags))
		return -EINVAL;
	if (len > CC_BUNDLE_MAX_ENTRY)
		return -EMSGSIZE;
	der_put_bytes(&out, tags[what], cc_span(value, len));
	r = der_finish(&out, &der, &n);
	if (r < 0)
		return r;
	rest = cc_span(der, n);
	r = cc_bundle_entry_next(&rest, &entry);
	free(der);
	if (r != 1)
		return -EINVAL;
	return add_value(&b->entries, CC_BUNDLE_MAX_ENTRIES, (uint8_t)what, tags[what],
			 cc_span(value, len));
}

/* ---- the content ---- */

static void put_list(struct der_out *out, uint8_t tag, const struct list *list, bool always)
{
	size_t mark = der_mark(out);
	uint32_t i;

	if (!list->count && !always)
		return;
	for (i = list->count; i-- > 0;)
		der_put_raw(out, cc_span(list->items[i]->der, list->items[i]->len));
	der_put_head(out, tag, mark);
}

static struct cc_span text(const char *s)
{
	return cc_span(s, strlen(s));
}

static void write_content(struct der_out *out, const capcert_bundle_builder *b)
{
	put_list(out, CC_DER_CONTEXT_CONS(5), &b->entries, b->kind == CC_BUNDLE_DISTRUST);
	put_list(out, CC_DER_CONTEXT_CONS(4), &b->anchors, b->kind == CC_BUNDLE_STORE);
	put_list(out, CC_DER_CONTEXT_CONS(3), &b->remove, false);
	der_put_flags(out, CC_DER_BIT_STRING, b->purposes);
	if (b->of[0])
		der_put_bytes(out, CC_DER_CONTEXT(2), text(b->of));
	if (b->kind == CC_BUNDLE_DELTA)
		der_put_number(out, CC_DER_CONTEXT(1), b->number - 1);
	if (b->has_expires)
		der_put_time(out, CC_DER_CONTEXT(0), b->expires);
	der_put_time(out, CC_DER_GENERALIZED_TIME, b->created);
	der_put_number(out, CC_DER_INTEGER, b->number);
	der_put_bytes(out, CC_DER_UTF8_STRING, text(b->name));
	der_put_number(out, CC_DER_ENUMERATED, b->kind);
	der_put_number(out, CC_DER_INTEGER, 1);
	der_put_head(out, CC_DER_SEQUENCE, 0);
}

int capcert_bundle_content(const capcert_bundle_builder *b, uint8_t **ret, size_t *ret_len,
			   const char **ret_error)
{
	struct der_out out = { 0 };
	capcert_bundle *check;
	uint8_t *der;
	size_t n;
	int r;

	if (!b->has_created)
		return bundle_say(-EINVAL, "the time of creation is not set", ret_error);
	if (b->kind == CC_BUNDLE_OVERRIDE && !b->of[0])
		return bundle_say(-EINVAL, "the store that an override changes is not set",
				  ret_error);
	write_content(&out, b);
	r = der_finish(&out, &der, &n);
	if (r < 0)
		return bundle_say(r, "no memory", ret_error);
	if (n > CC_BUNDLE_MAX) {
		free(der);
		return bundle_say(-EMSGSIZE, cc_bundle_error_text(CC_BUNDLE_E_TOO_LARGE),
				  ret_error);
	}
	/* What is written is read again by the reader: dates in order, purposes that fit. */
	r = bundle_load(cc_span(der, n), &check, ret_error);
	if (r < 0) {
		free(der);
		return r == -EBADMSG ? -EINVAL : r;
	}
	capcert_bundle_free(check);
	*ret = der;
	*ret_len = n;
	return 0;
}
