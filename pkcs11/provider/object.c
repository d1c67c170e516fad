// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attributes of one object. */
#include <stdlib.h>
#include <string.h>
#include "pkcs11/provider/object.h"
#include "pkcs11/provider/source.h"

struct object *object_new(CK_OBJECT_CLASS class, const uint8_t identity[32])
{
	struct object *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->refs = 1;
	o->class = class;
	memcpy(o->identity, identity, sizeof(o->identity));
	object_put_number(o, CKA_CLASS, class);
	object_put_bool(o, CKA_TOKEN, true);
	object_put_bool(o, CKA_PRIVATE, false);
	object_put_bool(o, CKA_MODIFIABLE, false);
	object_put_bool(o, CKA_COPYABLE, false);
	object_put_bool(o, CKA_DESTROYABLE, false);
	return o;
}

struct object *object_ref(struct object *o)
{
	o->refs++;
	return o;
}

void object_unref(struct object *o)
{
	if (!o || --o->refs)
		return;
	if (o->key)
		source_release(o->key);
	held_key_free(o->key);
	free(o->attributes);
	free(o->bytes);
	free(o);
}

static struct attribute *add(struct object *o, CK_ATTRIBUTE_TYPE type)
{
	struct attribute *grown;

	if (o->failed)
		return NULL;
	/* Room for 16 at a time. */
	if (o->count % 16 == 0) {
		grown = reallocarray(o->attributes, o->count + 16, sizeof(*grown));
		if (!grown) {
			o->failed = true;
			return NULL;
		}
		o->attributes = grown;
	}
	o->attributes[o->count] = (struct attribute){ .type = type, .at = o->used };
	return &o->attributes[o->count++];
}

void object_put(struct object *o, CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
	struct attribute *a = add(o, type);
	uint8_t *grown;

	if (!a || !len)
		return;
	grown = realloc(o->bytes, o->used + len);
	if (!grown) {
		o->failed = true;
		return;
	}
	o->bytes = grown;
	memcpy(o->bytes + o->used, value, len);
	o->used += len;
	a->len = len;
}

void object_put_bool(struct object *o, CK_ATTRIBUTE_TYPE type, bool value)
{
	CK_BBOOL b = value ? CK_TRUE : CK_FALSE;

	object_put(o, type, &b, sizeof(b));
}

void object_put_number(struct object *o, CK_ATTRIBUTE_TYPE type, CK_ULONG value)
{
	object_put(o, type, &value, sizeof(value));
}

void object_hide(struct object *o, CK_ATTRIBUTE_TYPE type)
{
	struct attribute *a = add(o, type);

	if (a)
		a->len = HIDDEN;
}

const struct attribute *object_attribute(const struct object *o, CK_ATTRIBUTE_TYPE type)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->attributes[i].type == type)
			return &o->attributes[i];
	return NULL;
}

bool object_matches(const struct object *o, const CK_ATTRIBUTE *t, CK_ULONG n)
{
	const struct attribute *a;

	for (CK_ULONG i = 0; i < n; i++) {
		a = object_attribute(o, t[i].type);
		if (!a || a->len == HIDDEN || a->len != t[i].ulValueLen)
			return false;
		if (a->len && memcmp(o->bytes + a->at, t[i].pValue, a->len) != 0)
			return false;
	}
	return true;
}

static CK_RV get_one(const struct object *o, CK_ATTRIBUTE *t)
{
	const struct attribute *a = object_attribute(o, t->type);
	CK_ULONG room = t->ulValueLen;

	t->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	if (!a)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (a->len == HIDDEN)
		return CKR_ATTRIBUTE_SENSITIVE;
	if (t->pValue && room < a->len)
		return CKR_BUFFER_TOO_SMALL;
	t->ulValueLen = a->len;
	if (t->pValue && a->len)
		memcpy(t->pValue, o->bytes + a->at, a->len);
	return CKR_OK;
}

CK_RV object_get(const struct object *o, CK_ATTRIBUTE *t, CK_ULONG n)
{
	CK_RV ret = CKR_OK, rv;

	for (CK_ULONG i = 0; i < n; i++) {
		rv = get_one(o, &t[i]);
		if (rv != CKR_OK)
			ret = rv;
	}
	return ret;
}
