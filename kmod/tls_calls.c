// SPDX-License-Identifier: GPL-2.0-only
/* TLS configs: TLS_CONFIG makes one of handles, TLS_INFO and TLS_USE. */
#include <linux/err.h>
#include <linux/key.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/dispatch.h"
#include "kmod/key.h"
#include "kmod/private_key.h"
#include "kmod/slots.h"
#include "kmod/tls.h"
#include "kmod/uaccess.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define MAX_DESCRIPTION 255

struct tls_make {
	struct cc_call *call;
	struct capcert_tls_config *arg;
	struct cc_tls *tls;		/* counted */
	struct key *key;		/* counted, NULL = none */
	struct key *ring;		/* counted, NULL = none */
	char description[MAX_DESCRIPTION + 1];
};

/* What each part must have, and what of it is passed on beyond that, if it is there. */
static const struct {
	u32 kind;
	u64 needs;
	u64 keeps;
} tls_parts[CAPCERT_TLS_PARTS] = {
	[CAPCERT_TLS_PART_SLOTS] = { CAPCERT_KIND_SLOT, RIGHT(GET) | RIGHT(WATCH), RIGHT(INFO) },
	[CAPCERT_TLS_PART_KEY] = { CAPCERT_KIND_KEY, RIGHT(SIGN), RIGHT(INFO) | RIGHT(PUBLIC) },
	[CAPCERT_TLS_PART_VERIFIER] = { CAPCERT_KIND_VERIFIER, RIGHT(VERIFY),
					RIGHT(INFO) | RIGHT(FETCH) },
	[CAPCERT_TLS_PART_STORE] = { CAPCERT_KIND_STORE, RIGHT(VERIFY), RIGHT(INFO) },
	[CAPCERT_TLS_PART_PINS] = { CAPCERT_KIND_PINS, RIGHT(ENFORCE), RIGHT(INFO) },
};

/* ---- fields ---- */

static int make_text(char *to, size_t cap, u64 ptr, u32 len)
{
	if (len >= cap)
		return -EINVAL;
	if (cc_user_into(to, ptr, len))
		return -EFAULT;
	/* Zeros behind it: a text with one in it would be another here than there. */
	return memchr(to, 0, len) ? -EINVAL : 0;
}

static int make_fields(struct tls_make *make)
{
	const struct capcert_tls_config *arg = make->arg;
	struct cc_tls *tls;
	int error;

	if (arg->slots_len > CAPCERT_SLOT_MAX_PATTERN_TEXT || arg->alpn_len > CAPCERT_TLS_MAX_ALPN)
		return -EMSGSIZE;
	tls = cc_tls_new(arg->slots_len, arg->alpn_len);
	if (IS_ERR(tls))
		return PTR_ERR(tls);
	make->tls = tls;
	tls->role = arg->role;
	tls->client_auth = arg->client_auth;
	tls->cipher_policy = arg->cipher_policy;
	tls->options = arg->flags;
	tls->min_version = arg->min_version;
	if (tls->cipher_policy == CAPCERT_TLS_MODERN && tls->min_version == CAPCERT_TLS_12)
		tls->min_version = CAPCERT_TLS_13;
	error = cc_user_into(tls->bytes, arg->slots, arg->slots_len) ?:
		cc_user_into(tls->bytes + arg->slots_len, arg->alpn, arg->alpn_len) ?:
		make_text(tls->default_slot, sizeof(tls->default_slot), arg->default_slot,
			  arg->default_slot_len) ?:
		make_text(tls->host, sizeof(tls->host), arg->host, arg->host_len);
	return error ?: make_text(make->description, sizeof(make->description), arg->description,
				  arg->description_len);
}

/* ---- parts ---- */

static u32 make_use(const struct cc_tls *tls)
{
	return tls->role == CAPCERT_TLS_SERVER ? 1u << CAPCERT_KEY_TLS_SERVER :
						 1u << CAPCERT_KEY_TLS_CLIENT;
}

/* The object that the part is of from now on: narrower, where it can be. */
static struct cc_object *part_object(const struct tls_make *make, u32 part,
				     struct cc_object *object)
{
	const struct cc_tls *tls = make->tls;
	struct cc_private_key *key;
	struct cc_slot_view *view;

	switch (part) {
	case CAPCERT_TLS_PART_SLOTS:
		view = cc_tls_view(tls, cc_slot_view_of(object));
		return IS_ERR(view) ? ERR_CAST(view) : &view->base;
	case CAPCERT_TLS_PART_KEY:
		key = cc_private_key_of(object);
		if (!(key->purposes & make_use(tls)))
			return ERR_PTR(-EACCES);
		key = cc_private_key_derive(key, make_use(tls), 0, 0, 0);
		return IS_ERR(key) ? ERR_CAST(key) : &key->base;
	default:
		return cc_object_get(object);
	}
}

/* A config that others can get passes its parts on: then each must be one that may be. */
static u64 part_needs(const struct tls_make *make, u32 part)
{
	u64 needs = tls_parts[part].needs;

	if (part == CAPCERT_TLS_PART_SLOTS && make->arg->key_fd == -1)
		needs |= RIGHT(SIGN);
	if (make->arg->ring || make->arg->rights & RIGHT(TRANSFER))
		needs |= RIGHT(TRANSFER);
	return needs;
}

static int make_part(struct tls_make *make, u32 part, int fd)
{
	const u64 needs = part_needs(make, part);
	struct cc_handle *given, *kept;
	struct cc_object *object;

	if (fd == -1)
		return 0;
	given = cc_handle_from_fd(make->call, fd, tls_parts[part].kind, needs);
	if (IS_ERR(given))
		return PTR_ERR(given);
	/* A handle of nobody's: TRANSFER leaves it unbound, and USE takes that away again. */
	object = part_object(make, part, given->object);
	if (IS_ERR(object)) {
		kept = ERR_CAST(object);
	} else {
		kept = cc_handle_new(object, needs | (given->rights & tls_parts[part].keeps) |
				     RIGHT(TRANSFER), given->keys, given->key_count, NULL);
		cc_object_put(object);
	}
	cc_handle_put(given);
	if (IS_ERR(kept))
		return PTR_ERR(kept);
	make->tls->parts[part] = kept;
	return 0;
}

/* Slots last: which there are is only known to be sound when the fields are. */
static int make_parts(struct tls_make *make)
{
	const struct capcert_tls_config *arg = make->arg;
	int error;

	if (arg->role != CAPCERT_TLS_SERVER && arg->role != CAPCERT_TLS_CLIENT)
		return -EINVAL;
	error = make_part(make, CAPCERT_TLS_PART_KEY, arg->key_fd) ?:
		make_part(make, CAPCERT_TLS_PART_VERIFIER, arg->verifier_fd) ?:
		make_part(make, CAPCERT_TLS_PART_STORE, arg->store_fd) ?:
		make_part(make, CAPCERT_TLS_PART_PINS, arg->pins_fd);
	if (!error && arg->slots_fd != -1 && !arg->slots_len && !arg->default_slot_len)
		error = -EINVAL;
	if (!error)
		error = make_part(make, CAPCERT_TLS_PART_SLOTS, arg->slots_fd);
	return error ?: cc_tls_check(make->tls);
}

/* ---- the key, and the handle ---- */

static int make_key(struct tls_make *make)
{
	key_ref_t ref;
	int error;

	if (!make->arg->ring)
		return make->arg->description_len ? -EINVAL : 0;
	if (make->arg->ring < 0 || cc_key_vet_description(make->description))
		return -EINVAL;
	ref = lookup_user_key(make->arg->ring, 0, KEY_NEED_WRITE);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	make->ring = key_ref_to_ptr(ref);
	if (make->ring->type != &key_type_keyring)
		return -ENOTDIR;
	make->key = cc_key_tls_new(make->tls, make->description);
	error = PTR_ERR_OR_ZERO(make->key);
	if (error)
		make->key = NULL;
	return error;
}

/* The fd can be dropped again, a link is for all to see: it comes last. */
static int make_publish(struct tls_make *make)
{
	struct capcert_tls_config *arg = make->arg;
	struct cc_handle *handle;
	int error;

	handle = cc_handle_new(&make->tls->base, arg->rights, &make->key, !!make->key, NULL);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	arg->fd = cc_call_publish(make->call, handle);
	if (arg->fd < 0)
		return arg->fd;
	arg->id = make->tls->base.id;
	arg->serial = 0;
	if (!make->key)
		return 0;
	error = key_link(make->ring, make->key);
	if (!error)
		arg->serial = make->key->serial;
	return error;
}

static void make_audit(const struct tls_make *make, int error)
{
	char text[sizeof_field(struct capcert_audit_record, text)];
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_TLS_CONFIG, .kind = CAPCERT_KIND_TLS, .error = error,
			       .command = CAPCERT_TLS_CONFIG, .rights = make->arg->rights);

	if (make->tls) {
		event.object_id = make->tls->base.id;
		event.origin = make->tls->base.origin;
		event.object_version = 1;
	}
	if (!error) {
		event.text_len = cc_tls_format(make->tls, text, sizeof(text));
		event.text = text;
	}
	cc_audit(&event);
}

int cc_tls_config_ioctl(struct cc_call *call, void *arg)
{
	struct tls_make *make = kzalloc(sizeof(*make), GFP_KERNEL);
	struct capcert_tls_config *args = arg;
	int error = -EINVAL;

	if (!make)
		return -ENOMEM;
	make->call = call;
	make->arg = args;
	if (args->rights && cc_rights_subset(args->rights, cc_rights_of_kind(CAPCERT_KIND_TLS)))
		error = make_fields(make);
	if (!error)
		error = make_parts(make);
	if (!error)
		error = make_key(make);
	if (!error)
		error = make_publish(make);
	make_audit(make, error);
	key_put(make->key);
	key_put(make->ring);
	if (make->tls)
		cc_object_put(&make->tls->base);
	kfree(make);
	return error;
}

/* ---- its handle ---- */

int cc_tls_info_ioctl(struct cc_call *call, void *arg)
{
	const struct cc_tls *tls = cc_tls_of(call->handle->object);
	struct capcert_tls_info *info = arg;
	const u32 slots_room = info->slots_len, alpn_room = info->alpn_len;

	info->role = tls->role;
	info->client_auth = tls->client_auth;
	info->min_version = tls->min_version;
	info->cipher_policy = tls->cipher_policy;
	info->options = tls->options;
	info->parts = cc_tls_parts(tls);
	info->slots_len = tls->slots_len;
	info->alpn_len = tls->alpn_len;
	strscpy_pad(info->default_slot, tls->default_slot, sizeof(info->default_slot));
	strscpy_pad(info->host, tls->host, sizeof(info->host));
	if (tls->slots_len > slots_room || tls->alpn_len > alpn_room)
		return -EMSGSIZE;
	return cc_user_out(info->slots, cc_tls_slots(tls).p, tls->slots_len) ?:
	       cc_user_out(info->alpn, cc_tls_alpn(tls).p, tls->alpn_len);
}

static int use_part(struct cc_call *call, const struct cc_tls *tls, struct capcert_tls_use *use)
{
	const struct cc_handle *part = tls->parts[use->part];
	struct cc_handle *handle;
	int error;

	if (!part)
		return -ENOENT;
	error = cc_tls_valid(tls);
	if (error)
		return error;
	use->rights = part->rights & ~RIGHT(TRANSFER);
	use->id = part->object->id;
	handle = cc_handle_joined(part->object, use->rights, part, call->handle);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	use->fd = cc_call_publish(call, handle);
	return min(use->fd, 0);
}

int cc_tls_use_ioctl(struct cc_call *call, void *arg)
{
	const struct cc_tls *tls = cc_tls_of(call->handle->object);
	struct capcert_tls_use *use = arg;
	const char *name = cc_tls_part_name(use->part);
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_TLS_USE, .kind = CAPCERT_KIND_TLS,
			       .command = CAPCERT_TLS_USE, .origin = tls->base.origin,
			       .handle_id = call->handle->id, .rights = call->handle->rights,
			       .object_id = tls->base.id, .object_version = 1);

	if (!name)
		return -EINVAL;
	event.error = use_part(call, tls, use);
	event.other_id = event.error ? 0 : use->id;
	event.text = name;
	event.text_len = strlen(name);
	cc_audit(&event);
	return event.error;
}
