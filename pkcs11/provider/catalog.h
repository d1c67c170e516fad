/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All objects of one moment, found by handle, identity, CKA_ID and CKA_LABEL without looking at each. */
#ifndef PKCS11_PROVIDER_CATALOG_H
#define PKCS11_PROVIDER_CATALOG_H

#include "pkcs11/provider/object.h"

enum catalog_index { BY_IDENTITY, BY_ID, BY_LABEL, CATALOG_INDEXES };

struct catalog {
	struct object **objects; /* by handle */
	size_t count;
	struct object **by[CATALOG_INDEXES];
};

/** catalog_build() - the objects of @h. Those that @before has too keep their handles, others get
 *  new ones from @next on. @before: NULL the first time. Return: 0, -ENOMEM. */
int catalog_build(const struct holdings *h, const struct catalog *before, CK_OBJECT_HANDLE *next,
		  struct catalog **ret);
void catalog_free(struct catalog *c); /* NULL is fine */

/** catalog_same() - do both have the same objects, whatever is in them? */
bool catalog_same(const struct catalog *a, const struct catalog *b);

/** catalog_at() - NULL: there is none of this handle. */
struct object *catalog_at(const struct catalog *c, CK_OBJECT_HANDLE handle);

/** catalog_find() - handles of all that match, which the caller frees. Return: 0, -ENOMEM. */
int catalog_find(const struct catalog *c, const CK_ATTRIBUTE *t, CK_ULONG n,
		 CK_OBJECT_HANDLE **ret, size_t *ret_count);

#endif
