/* SPDX-License-Identifier: GPL-2.0-only */
/* The base of everything a handle can name: kind, id, provenance, reference count, accounting. */
#ifndef KMOD_OBJECT_H
#define KMOD_OBJECT_H

#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/capcert.h>

#include "core/rights.h"

struct cc_object;
struct cc_user;
struct file;
struct poll_table_struct;

struct cc_object_ops {
	/* Last reference is gone: free everything, @object itself included. May sleep. */
	void (*destroy)(struct cc_object *object);
	/* Fill what this kind has beyond the base: version, digest, count, ...; may be NULL. */
	int (*info)(struct cc_object *object, struct capcert_info *info);
	/* poll() on a handle with right WATCH; may be NULL: then always EPOLLERR. */
	__poll_t (*poll)(struct cc_object *object, struct file *file,
			 struct poll_table_struct *wait);
};

/* Provenance: immutable, once the object is published. What moves stands in a store's state. */
struct cc_object {
	const struct cc_object_ops *ops;
	refcount_t refs;
	u32 kind;		/* CAPCERT_KIND_* */
	u32 origin;		/* CAPCERT_ORIGIN_* */
	kuid_t owner;		/* who made it */
	struct cc_user *user;	/* whose share @bytes counts in; counted */
	u64 id;			/* never reused, never a pointer */
	u64 parent_id;		/* object that this one was derived from, 0 = none */
	atomic64_t bytes;	/* kernel memory charged with cc_object_charge() */
	char bundle[64];	/* the name it was admitted by; NUL-terminated, empty = none */
};

/*
 * cc_object_init() - @object (zeroed by the caller) becomes live with one reference; origin user,
 * owner = the caller's fsuid. Counted in STATUS until the last cc_object_put(). From here on give
 * it up with cc_object_put() only. Return: 0 or -ENOMEM: then it is not live, free it as it is.
 */
int cc_object_init(struct cc_object *object, u32 kind, const struct cc_object_ops *ops);

/* cc_object_init_system() - the same for an object of nobody's: root's, whoever calls. */
int cc_object_init_system(struct cc_object *object, u32 kind, const struct cc_object_ops *ops);

struct cc_object *cc_object_get(struct cc_object *object);
void cc_object_put(struct cc_object *object); /* NULL is fine; may sleep */

/*
 * cc_object_charge() - account @delta bytes (negative: give back) to the object's owner.
 * Return: 0, or -EDQUOT when the owner's share would be exceeded: nothing is charged then.
 * What is still charged at the last put is given back.
 */
int cc_object_charge(struct cc_object *object, s64 delta);

/* cc_user_charge() - the same for memory that is no object's own; give back with -@delta. */
int cc_user_charge(struct cc_user *user, s64 delta);

/* cc_object_new_id() - the next id of the one sequence that objects and handles share. */
u64 cc_object_new_id(void);

/* Live figures for STATUS. */
u64 cc_object_count(void);
u64 cc_object_bytes(void);

#endif
