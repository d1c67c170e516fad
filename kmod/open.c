// SPDX-License-Identifier: GPL-2.0-only
/* Handles of keys: OPEN, OPEN_NAME, OPEN_SYSTEM. The key's permissions cap the rights. */
#include <linux/err.h>
#include <linux/key.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/dispatch.h"
#include "kmod/key.h"
#include "kmod/store.h"
#include "kmod/system.h"
#include "kmod/uaccess.h"

#define OPEN_MAX_NAME 255

/* Whoever has SEARCH may invalidate the key for everybody: only possession may give it. */
#define OPEN_FOREIGN_SEARCH (KEY_USR_SEARCH | KEY_GRP_SEARCH | KEY_OTH_SEARCH)

/* Which permission on the key each right needs; a right that is in no row cannot be opened. */
static const struct {
	u64 rights;
	enum key_need_perm need;
	bool possessed;
} open_needs[] = {
	{ CAPCERT_RIGHT_INFO, KEY_NEED_VIEW },
	{ CAPCERT_RIGHT_READ | CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_VERIFY_SIG |
	  CAPCERT_RIGHT_PUBLIC | CAPCERT_RIGHT_WATCH | CAPCERT_RIGHT_ENFORCE |
	  CAPCERT_RIGHT_GET | CAPCERT_RIGHT_LIST, KEY_NEED_READ },
	{ CAPCERT_RIGHT_ADD | CAPCERT_RIGHT_REMOVE | CAPCERT_RIGHT_PUT | CAPCERT_RIGHT_DELETE,
	  KEY_NEED_WRITE },
	{ CAPCERT_RIGHT_RESTRICT | CAPCERT_RIGHT_TRANSFER, KEY_NEED_LINK },
	{ CAPCERT_RIGHT_FETCH | CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_USE, KEY_NEED_SEARCH, true },
};

struct open_ask {
	u64 rights;
	u32 kind;	     /* 0 = any */
	const char *name;    /* for the audit trail; the caller's, or the key's; may be NULL */
	key_serial_t serial; /* > 0 */
	s32 fd;		     /* out */
	u64 id;		     /* out */
};

static void open_audit(const struct cc_call *call, const struct open_ask *ask, int error,
		       const struct cc_object *object, u64 handle_id)
{
	struct cc_audit_event event = CC_AUDIT_EVENT(CAPCERT_AUDIT_OPEN,
		.kind = ask->kind, .command = call->row->command, .error = error,
		.rights = ask->rights, .handle_id = handle_id);

	if (object) {
		event.kind = object->kind;
		event.origin = object->origin;
		event.object_id = object->id;
	}
	if (ask->name) {
		event.text = ask->name;
		event.text_len = (u32)strlen(ask->name);
	}
	cc_audit(&event);
}

/*
 * The key of ask->serial, when the caller's credentials have every permission that the rights
 * ask for. The reference of the first look-up keeps the serial number from being used again.
 */
static struct key *open_lookup(const struct open_ask *ask)
{
	struct key *key = NULL;
	u64 left = ask->rights;
	int i;

	for (i = 0; i < ARRAY_SIZE(open_needs); i++) {
		key_ref_t ref;

		if (!(ask->rights & open_needs[i].rights))
			continue;
		left &= ~open_needs[i].rights;
		ref = lookup_user_key(ask->serial, 0, open_needs[i].need);
		if (!IS_ERR(ref) && open_needs[i].possessed && !is_key_possessed(ref)) {
			key_ref_put(ref);
			ref = ERR_PTR(-EACCES);
		}
		if (IS_ERR(ref)) {
			key_put(key);
			return ERR_CAST(ref);
		}
		if (key)
			key_ref_put(ref);
		else
			key = key_ref_to_ptr(ref);
	}
	if (left) {
		key_put(key);
		return ERR_PTR(-EACCES);
	}
	return key;
}

static int open_check(const struct open_ask *ask, const struct key *key,
		      struct cc_object *object)
{
	if (!object || (ask->kind && object->kind != ask->kind))
		return -EINVAL;
	if (!cc_rights_subset(ask->rights, cc_rights_of_kind(object->kind)))
		return -EACCES;
	/* Only a bundle changes what a bundle made. */
	if (object->kind == CAPCERT_KIND_STORE && cc_store_admitted(cc_store_of(object)) &&
	    ask->rights & (CAPCERT_RIGHT_ADD | CAPCERT_RIGHT_REMOVE))
		return -EACCES;
	return READ_ONCE(key->perm) & OPEN_FOREIGN_SEARCH ? -EACCES : 0;
}

static int open_publish(struct cc_call *call, struct open_ask *ask, struct key *key,
			struct cc_object *object)
{
	struct cc_handle *handle = cc_handle_new(object, ask->rights, &key, 1, NULL);

	if (IS_ERR(handle))
		return PTR_ERR(handle);
	open_audit(call, ask, 0, object, handle->id);
	ask->fd = cc_call_publish(call, handle);
	if (ask->fd < 0)
		return ask->fd;
	ask->kind = object->kind;
	ask->id = object->id;
	return 0;
}

static int open_serial(struct cc_call *call, struct open_ask *ask)
{
	struct cc_object *object = NULL;
	struct key *key;
	int error;

	/* The special ids make keyrings as a side effect. */
	if (ask->serial < 1 || !ask->rights || !cc_rights_known(ask->rights))
		return -EINVAL;
	key = open_lookup(ask);
	error = PTR_ERR_OR_ZERO(key);
	if (!error) {
		object = cc_key_object(key);
		if (object && !ask->name)
			ask->name = key->description; /* immutable, as long as the key lives */
		error = open_check(ask, key, object);
		if (!error) {
			error = open_publish(call, ask, key, object);
			key_put(key);
			return error;
		}
	}
	open_audit(call, ask, error, object, 0);
	if (!IS_ERR(key))
		key_put(key);
	return error;
}

int cc_open_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_open *args = arg;
	struct open_ask ask = { .rights = args->rights, .serial = args->serial };
	int error = open_serial(call, &ask);

	if (error)
		return error;
	args->fd = ask.fd;
	args->kind = ask.kind;
	args->id = ask.id;
	return 0;
}

static char *open_name(const struct capcert_open_name *args)
{
	char *name;

	if (!args->name_len || args->name_len > OPEN_MAX_NAME)
		return ERR_PTR(-EINVAL);
	name = kzalloc(args->name_len + 1, GFP_KERNEL_ACCOUNT);
	if (!name)
		return ERR_PTR(-ENOMEM);
	if (cc_user_into(name, args->name, args->name_len)) {
		kfree(name);
		return ERR_PTR(-EFAULT);
	}
	if (memchr(name, 0, args->name_len)) {
		kfree(name);
		return ERR_PTR(-EINVAL);
	}
	return name;
}

/* @find gives the key that the name stands for; the caller's permissions on it decide after. */
static int open_by_name(struct cc_call *call, struct capcert_open_name *args,
			struct key *(*find)(struct key_type *type, const char *name))
{
	struct open_ask ask = { .rights = args->rights, .kind = args->kind };
	struct key_type *type = cc_key_type(args->kind);
	struct key *key;
	char *name;
	int error;

	if (!type)
		return -EINVAL;
	name = open_name(args);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ask.name = name;
	key = find(type, name);
	error = PTR_ERR_OR_ZERO(key);
	if (error) {
		open_audit(call, &ask, error, NULL, 0);
	} else {
		ask.serial = key->serial;
		error = open_serial(call, &ask);
		key_put(key);
	}
	kfree(name);
	if (error)
		return error;
	args->fd = ask.fd;
	args->id = ask.id;
	return 0;
}

/* The caller's own keyrings and nothing else: no call-out makes what is not there. */
static struct key *open_find_own(struct key_type *type, const char *name)
{
	return request_key(type, name, NULL);
}

int cc_open_name_ioctl(struct cc_call *call, void *arg)
{
	return open_by_name(call, arg, open_find_own);
}

int cc_open_system_ioctl(struct cc_call *call, void *arg)
{
	return open_by_name(call, arg, cc_system_find);
}
