/* SPDX-License-Identifier: GPL-2.0-only */
/* A handle: an anonymous file = object + rights + the keys it derives from + the bound process. */
#ifndef KMOD_HANDLE_H
#define KMOD_HANDLE_H

#include <linux/fs.h>
#include <linux/key.h>
#include <linux/kref.h>
#include <linux/pid.h>
#include <linux/types.h>

#include "kmod/object.h"

#define CC_HANDLE_KEYS_MAX 8

/* Immutable from cc_handle_new() on, so every reader goes without a lock. */
struct cc_handle {
	struct kref refs;	   /* the file's one, plus one per call that works with it */
	u64 id;			   /* of this handle, for audit; the object has its own */
	u64 rights;		   /* CAPCERT_RIGHT_* */
	struct cc_object *object;  /* counted */
	struct pid *bound;	   /* counted; thread group, NULL when TRANSFER is held */
	u32 key_count;
	struct key *keys[];	   /* counted; key_validate()d at every use; [0] gives the name */
};

/*
 * cc_handle_new() - a handle that no file refers to yet.
 * @object: takes a reference of its own. @rights: cut to what the kind may hold by the caller.
 * @keys: takes references of its own; may be empty.
 * @bound: thread group to bind to (takes a reference); NULL binds to the caller's, unless
 *	@rights has TRANSFER: then the handle is unbound and @bound must be NULL.
 * Return: the handle or ERR_PTR.
 */
struct cc_handle *cc_handle_new(struct cc_object *object, u64 rights, struct key *const *keys,
				u32 key_count, struct pid *bound);

/*
 * cc_handle_joined() - a handle that derives from the keys of @a, whose first gives the name, and
 * from those of @b; bound to the caller's thread group unless @rights has TRANSFER.
 * Return: the handle; ERR_PTR(-EMLINK) they are more than CC_HANDLE_KEYS_MAX; -ENOMEM.
 */
struct cc_handle *cc_handle_joined(struct cc_object *object, u64 rights,
				   const struct cc_handle *a, const struct cc_handle *b);

struct cc_handle *cc_handle_get(struct cc_handle *handle);
void cc_handle_put(struct cc_handle *handle); /* NULL is fine; may sleep */

/* cc_handle_keys_valid() - 0, or the first key's -EKEYREVOKED, -EKEYEXPIRED, -ENOKEY. */
int cc_handle_keys_valid(const struct cc_handle *handle);

/*
 * cc_handle_check() - may the current process use @handle with all of @rights?
 * Return: 0, -EXDEV (bound to another), a key's error, -EACCES; in this order.
 */
int cc_handle_check(const struct cc_handle *handle, u64 rights);

/* cc_rights_known() - no bit that this version has no name for. */
static inline bool cc_rights_known(u64 rights)
{
#define X(bit, name, meaning) | (u64)CC_RIGHT_##name
	return !(rights & ~(0 CC_RIGHTS(X)));
#undef X
}

/* cc_handle_of() - the handle behind @file, NULL when @file is none. No reference is taken. */
struct cc_handle *cc_handle_of(struct file *file);

/*
 * cc_handle_file() - the file of @handle, whose reference it takes over (on failure too).
 * Return: the file or ERR_PTR. Use cc_call_publish() to give it to the caller.
 */
struct file *cc_handle_file(struct cc_handle *handle);

u64 cc_handle_count(void);

#endif
