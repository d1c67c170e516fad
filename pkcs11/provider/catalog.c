// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sorted arrays of pointers: built once per change, searched ever after. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "pkcs11/provider/catalog.h"

/* ---- orders ---- */

static int by_handle(const struct object *a, const struct object *b)
{
	return a->handle < b->handle ? -1 : a->handle > b->handle;
}

static int compare_handle(const void *a, const void *b)
{
	return by_handle(*(struct object *const *)a, *(struct object *const *)b);
}

static int by_identity(const struct object *a, const struct object *b)
{
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return memcmp(a->identity, b->identity, sizeof(a->identity));
}

static int compare_identity(const void *a, const void *b)
{
	return by_identity(*(struct object *const *)a, *(struct object *const *)b);
}

/* Shorter first; an object without the attribute before all others. */
static int by_value(const void *a, size_t n, const void *b, size_t m)
{
	if (n != m)
		return n < m ? -1 : 1;
	return n ? memcmp(a, b, n) : 0;
}

static const void *value_of(const struct object *o, CK_ATTRIBUTE_TYPE type, size_t *ret_len)
{
	const struct attribute *a = object_attribute(o, type);

	*ret_len = a && a->len != HIDDEN ? a->len : 0;
	return a ? o->bytes + a->at : NULL;
}

static int compare_attribute(const struct object *a, const struct object *b, CK_ATTRIBUTE_TYPE type)
{
	size_t n, m;
	const void *p = value_of(a, type, &n), *q = value_of(b, type, &m);
	int order = by_value(p, n, q, m);

	return order ? order : by_handle(a, b);
}

static int compare_id(const void *a, const void *b)
{
	return compare_attribute(*(struct object *const *)a, *(struct object *const *)b, CKA_ID);
}

static int compare_label(const void *a, const void *b)
{
	return compare_attribute(*(struct object *const *)a, *(struct object *const *)b, CKA_LABEL);
}

static int (*const orders[CATALOG_INDEXES])(const void *, const void *) = {
	[BY_IDENTITY] = compare_identity,
	[BY_ID] = compare_id,
	[BY_LABEL] = compare_label,
};

/* ---- building ---- */

static int put(struct catalog *c, struct object *o)
{
	if (!o)
		return -ENOMEM;
	c->objects[c->count++] = o;
	return 0;
}

static int put_keys(struct catalog *c, const struct holdings *h,
		    const struct held_cert *const *cert_of)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->key_count; i++) {
		r = put(c, object_of_public(&h->keys[i]));
		if (r == 0 && h->keys[i].signs)
			r = put(c, object_of_private(&h->keys[i], cert_of[i]));
	}
	return r;
}

/* Certificates; for each key, in @cert_of, the first that is for it. */
static int put_certs(struct catalog *c, const struct holdings *h, const struct held_cert **cert_of)
{
	const struct held_key *key;
	uint8_t hash[32];
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->cert_count; i++) {
		const struct held_cert *cert = &h->certs[i];

		capcert_cert_spki_hash(cert->cert, CAPCERT_HASH_SHA256, hash);
		key = holdings_key(h, hash);
		if (key && !cert_of[key - h->keys])
			cert_of[key - h->keys] = cert;
		r = put(c, object_of_cert(cert, key));
		if (r == 0 && cert->anchor)
			r = put(c, object_of_trust(cert));
		if (r == 0 && cert->anchor)
			r = put(c, object_of_usages(cert));
	}
	return r;
}

static int put_all(struct catalog *c, const struct holdings *h)
{
	const struct held_cert **cert_of = calloc(h->key_count + 1, sizeof(*cert_of));
	int r;

	if (!cert_of)
		return -ENOMEM;
	r = put_certs(c, h, cert_of);
	if (r == 0)
		r = put_keys(c, h, cert_of);
	free(cert_of);
	return r;
}

static void number(struct catalog *c, const struct catalog *before, CK_OBJECT_HANDLE *next)
{
	struct object **old;

	for (size_t i = 0; i < c->count; i++) {
		old = before && before->count
			      ? bsearch(&c->objects[i], before->by[BY_IDENTITY], before->count,
					sizeof(*old), compare_identity)
			      : NULL;
		c->objects[i]->handle = old ? (*old)->handle : (*next)++;
	}
	qsort(c->objects, c->count, sizeof(*c->objects), compare_handle);
}

static int index_all(struct catalog *c)
{
	for (size_t i = 0; i < CATALOG_INDEXES; i++) {
		c->by[i] = calloc(c->count + 1, sizeof(*c->by[i]));
		if (!c->by[i])
			return -ENOMEM;
		memcpy(c->by[i], c->objects, c->count * sizeof(*c->objects));
		qsort(c->by[i], c->count, sizeof(*c->by[i]), orders[i]);
	}
	return 0;
}

int catalog_build(const struct holdings *h, const struct catalog *before, CK_OBJECT_HANDLE *next,
		  struct catalog **ret)
{
	struct catalog *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->objects = calloc(2 * h->key_count + 3 * h->cert_count + 1, sizeof(*c->objects));
	r = c->objects ? put_all(c, h) : -ENOMEM;
	if (r == 0) {
		number(c, before, next);
		r = index_all(c);
	}
	if (r < 0) {
		catalog_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void catalog_free(struct catalog *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		object_unref(c->objects[i]);
	for (size_t i = 0; i < CATALOG_INDEXES; i++)
		free(c->by[i]);
	free(c->objects);
	free(c);
}

bool catalog_same(const struct catalog *a, const struct catalog *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->objects[i]->handle != b->objects[i]->handle)
			return false;
	return true;
}

/* ---- looking ---- */

struct object *catalog_at(const struct catalog *c, CK_OBJECT_HANDLE handle)
{
	const struct object key = { .handle = handle };
	const struct object *wanted = &key;
	struct object **found;

	found = bsearch(&wanted, c->objects, c->count, sizeof(*found), compare_handle);
	return found ? *found : NULL;
}

/* The objects whose attribute @t->type is @t's: from *@ret_from on, up to the one returned. */
static size_t range(struct object *const *list, size_t count, const CK_ATTRIBUTE *t,
		    size_t *ret_from)
{
	size_t ends[2];

	for (int upper = 0; upper < 2; upper++) {
		size_t low = 0, high = count;

		while (low < high) {
			size_t middle = low + (high - low) / 2, n;
			const void *p = value_of(list[middle], t->type, &n);

			if (by_value(p, n, t->pValue, t->ulValueLen) < upper)
				low = middle + 1;
			else
				high = middle;
		}
		ends[upper] = low;
	}
	*ret_from = ends[0];
	return ends[1];
}

int catalog_find(const struct catalog *c, const CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE **ret,
		 size_t *ret_count)
{
	struct object *const *list = c->objects;
	size_t from = 0, to = c->count, found = 0;
	CK_OBJECT_HANDLE *handles;

	for (CK_ULONG i = 0; i < n; i++) {
		if (t[i].type != CKA_ID && t[i].type != CKA_LABEL)
			continue;
		list = c->by[t[i].type == CKA_ID ? BY_ID : BY_LABEL];
		to = range(list, c->count, &t[i], &from);
		break;
	}
	handles = calloc(to - from + 1, sizeof(*handles));
	if (!handles)
		return -ENOMEM;
	for (size_t i = from; i < to; i++)
		if (object_matches(list[i], t, n))
			handles[found++] = list[i]->handle;
	*ret = handles;
	*ret_count = found;
	return 0;
}
