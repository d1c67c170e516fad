/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An object as a program sees it: attributes, set once, then read by any thread. */
#ifndef PKCS11_PROVIDER_OBJECT_H
#define PKCS11_PROVIDER_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <p11-kit/pkcs11.h>
#include "pkcs11/provider/holdings.h"

struct attribute {
	CK_ATTRIBUTE_TYPE type;
	size_t at, len; /* in bytes[]; hidden: len is HIDDEN */
};
#define HIDDEN SIZE_MAX

struct object {
	unsigned int refs; /* by the module's lock */
	CK_OBJECT_HANDLE handle;
	CK_OBJECT_CLASS class;
	uint8_t identity[32]; /* what makes it the same object later, within its class */
	struct held_key *key; /* keys: its own copy, with the SubjectPublicKeyInfo */
	struct attribute *attributes;
	size_t count;
	uint8_t *bytes;
	size_t used;
	bool failed; /* out of memory while it was made */
};

/** object_new() - with CKA_CLASS and what is the same of all objects here. NULL: out of memory. */
struct object *object_new(CK_OBJECT_CLASS class, const uint8_t identity[32]);
struct object *object_ref(struct object *o);
void object_unref(struct object *o); /* NULL is fine */

/* One attribute each; @o->failed when there is no memory. */
void object_put(struct object *o, CK_ATTRIBUTE_TYPE type, const void *value, size_t len);
void object_put_bool(struct object *o, CK_ATTRIBUTE_TYPE type, bool value);
void object_put_number(struct object *o, CK_ATTRIBUTE_TYPE type, CK_ULONG value);
/** object_hide() - the attribute is there and is not told: CKR_ATTRIBUTE_SENSITIVE. */
void object_hide(struct object *o, CK_ATTRIBUTE_TYPE type);

const struct attribute *object_attribute(const struct object *o, CK_ATTRIBUTE_TYPE type);
/** object_matches() - has it each attribute of @t with exactly that value? Hidden ones match nothing. */
bool object_matches(const struct object *o, const CK_ATTRIBUTE *t, CK_ULONG n);
/** object_get() - PKCS #11 section 5.7.5: every attribute is tried, one error of those that came up. */
CK_RV object_get(const struct object *o, CK_ATTRIBUTE *t, CK_ULONG n);

/* ---- what there is to make (key_objects.c, cert_objects.c); NULL: out of memory ---- */
struct object *object_of_private(const struct held_key *key, const struct held_cert *cert);
struct object *object_of_public(const struct held_key *key);
struct object *object_of_cert(const struct held_cert *cert, const struct held_key *key);
struct object *object_of_trust(const struct held_cert *cert);
struct object *object_of_usages(const struct held_cert *cert);

#endif
