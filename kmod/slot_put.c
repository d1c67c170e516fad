// SPDX-License-Identifier: GPL-2.0-only
/* SLOT_PUT: a value built and checked as a whole, then swapped in; SLOT_DELETE. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/cert.h"
#include "kmod/audit.h"
#include "kmod/chain.h"
#include "kmod/dispatch.h"
#include "kmod/private_key.h"
#include "kmod/slot_calls.h"
#include "kmod/slots.h"
#include "kmod/uaccess.h"

#define PUT_TRIES 16	/* while others replace what the staple is for */
#define PUT_USES (1u << CAPCERT_KEY_TLS_SERVER | 1u << CAPCERT_KEY_TLS_CLIENT)

struct slot_put {
	struct cc_call *call;
	struct capcert_slot_put *arg;
	struct cc_slot_view *view;
	struct cc_slot_name name;
	struct cc_slot_value *value;	/* counted; NULL once it is put */
	struct cc_handle *key;		/* counted, of the value */
	u64 key_id;
	u8 leaf[32];
	bool checked;			/* @leaf is known */
	const char *why;
	struct cc_chain chain;
};

int cc_slot_name_in(struct cc_slot_name *name, u64 ptr, u32 len)
{
	if (!len || len > CC_SLOT_NAME_MAX)
		return -EINVAL;
	if (cc_user_into(name->text, ptr, len))
		return -EFAULT;
	name->span = cc_span(name->text, len);
	return cc_slot_name_valid(name->span) ? 0 : -EINVAL;
}

bool cc_slot_seen(const struct cc_slot_view *view, const struct cc_slot_name *name)
{
	return cc_slot_patterns_match(cc_slot_view_patterns(view), name->span);
}

/* "the key is not the leaf's: web/www.example.org": the reason first, a name may be cut. */
void cc_slot_audit(const struct cc_call *call, struct cc_audit_event event, const char *why,
		   struct cc_span name)
{
	const struct cc_object *object = call->handle->object;
	char text[CAPCERT_SLOT_NAME_SIZE + 64];

	event.text_len = scnprintf(text, sizeof(text), "%s%s%.*s", why ?: "", why ? ": " : "",
				   (int)name.n, name.p);
	event.text = text;
	event.kind = object->kind;
	event.origin = object->origin;
	event.command = call->row->command;
	event.handle_id = call->handle->id;
	event.rights = call->handle->rights;
	event.object_id = object->id;
	event.reason = CAPCERT_REASON_NONE;
	cc_audit(&event);
}

/* The use of a key for TLS, as GET will hand it out: a handle of nobody's. */
static int put_key(struct slot_put *put)
{
	struct cc_private_key *key, *view;
	struct cc_handle *handle;
	int error = 0;

	if (put->arg->key_fd == -1)
		return 0;
	handle = cc_handle_from_fd(put->call, put->arg->key_fd, CAPCERT_KIND_KEY,
				   CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_TRANSFER);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	key = cc_private_key_of(handle->object);
	if (!(key->purposes & PUT_USES)) {
		put->why = "the key is not for TLS";
		error = -EACCES;
		goto out;
	}
	view = cc_private_key_derive(key, key->purposes & PUT_USES, 0, 0, 0);
	if (IS_ERR(view)) {
		error = PTR_ERR(view);
		goto out;
	}
	put->key_id = view->base.id;
	put->key = cc_handle_new(&view->base, handle->rights &
				 (CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_PUBLIC | CAPCERT_RIGHT_INFO |
				  CAPCERT_RIGHT_TRANSFER), handle->keys, handle->key_count, NULL);
	cc_object_put(&view->base);
	if (IS_ERR(put->key)) {
		error = PTR_ERR(put->key);
		put->key = NULL;
	}
out:
	cc_handle_put(handle);
	return error;
}

/* Lengths of everything, before there is memory for it. */
static int put_lengths(struct slot_put *put, u32 *ret_chain)
{
	const struct capcert_slot_put *arg = put->arg;
	size_t items;
	u32 i, len = 0;
	int error;

	if (arg->chain_count > CAPCERT_SLOT_MAX_CHAIN ||
	    arg->staple_len > CAPCERT_SLOT_MAX_STAPLE || arg->scts_len > CAPCERT_SLOT_MAX_SCTS)
		return -EMSGSIZE;
	error = cc_chain_take(&put->chain, put->call, arg->chain, arg->chain_count, &items);
	if (error)
		return error;
	for (i = 0; i < put->chain.count; i++)
		len += put->chain.blobs[i].len;
	*ret_chain = len;
	return len > CAPCERT_SLOT_MAX_CHAIN_BYTES ? -EMSGSIZE : 0;
}

static int put_copy(struct slot_put *put, struct cc_slot_value *value)
{
	const struct capcert_slot_put *arg = put->arg;
	u8 *at = value->data;
	int error = 0;
	u32 i;

	for (i = 0; i < put->chain.count; i++) {
		const u32 len = put->chain.blobs[i].len;

		error = cc_chain_copy(&put->chain, i, at);
		if (error)
			return error;
		/* One certificate in each place, and nothing behind it. */
		if (cc_cert_size(cc_span(at, len)) != len) {
			put->why = "a certificate does not parse";
			return -EBADMSG;
		}
		at += len;
	}
	error = cc_user_into(at, arg->staple, arg->staple_len);
	return error ?: cc_user_into(at + arg->staple_len, arg->scts, arg->scts_len);
}

static int put_check(struct slot_put *put)
{
	int error = cc_slot_value_check(put->value, &put->why);

	if (!error) {
		memcpy(put->leaf, put->value->leaf, sizeof(put->leaf));
		put->checked = true;
	}
	return error;
}

static int put_change(struct slot_put *put, u32 what, const struct cc_slot_value *base)
{
	struct capcert_slot_put *arg = put->arg;
	u64 version;
	s64 time;
	int error;

	error = cc_slot_change(put->view->store, put->name.span, put->value, what,
			       arg->flags & CAPCERT_SLOT_EXPECT ? &arg->expect : NULL, base,
			       &version, &time);
	if (error)
		return error;
	put->value = NULL;
	arg->version = version;
	arg->time = time;
	return 0;
}

static int put_all(struct slot_put *put)
{
	u32 chain_len;
	int error;

	error = put_lengths(put, &chain_len) ?: put_key(put);
	if (error)
		return error;
	put->value = cc_slot_value_new(put->name.span, chain_len, put->arg->staple_len,
				       put->arg->scts_len);
	if (IS_ERR(put->value)) {
		error = PTR_ERR(put->value);
		put->value = NULL;
		return error;
	}
	put->value->chain_count = put->chain.count;
	if (put->key) {
		put->value->key = cc_handle_get(put->key);
		put->value->key_id = put->key_id;
	}
	error = put_copy(put, put->value) ?: put_check(put);
	return error ?: put_change(put, CAPCERT_SLOT_EVENT_PUT, NULL);
}

/* All that is there now, with another staple. */
static int put_staple_on(struct slot_put *put, const struct cc_slot_value *base)
{
	const struct capcert_slot_put *arg = put->arg;
	struct cc_slot_value *value;
	int error;

	value = cc_slot_value_new(put->name.span, base->chain_len, arg->staple_len,
				  base->scts_len);
	if (IS_ERR(value))
		return PTR_ERR(value);
	put->value = value;
	value->chain_count = base->chain_count;
	if (base->key) {
		value->key = cc_handle_get(base->key);
		value->key_id = base->key_id;
		put->key_id = base->key_id;
	}
	memcpy(value->data, base->data, base->chain_len);
	memcpy((u8 *)cc_slot_value_scts(value).p, cc_slot_value_scts(base).p, base->scts_len);
	error = cc_user_into((u8 *)cc_slot_value_staple(value).p, arg->staple, arg->staple_len);
	if (!error)
		error = put_check(put);
	return error ?: put_change(put, CAPCERT_SLOT_EVENT_STAPLE, base);
}

static int put_staple(struct slot_put *put)
{
	const struct capcert_slot_put *arg = put->arg;
	struct cc_slot_value *base;
	int error = -EAGAIN, i;

	if (arg->chain_count || arg->chain || arg->scts_len || arg->scts || arg->key_fd != -1)
		return -EINVAL;
	if (arg->staple_len > CAPCERT_SLOT_MAX_STAPLE)
		return -EMSGSIZE;
	for (i = 0; i < PUT_TRIES && error == -EAGAIN; i++) {
		base = cc_slot_get(put->view->store, put->name.span);
		if (!base)
			return arg->flags & CAPCERT_SLOT_EXPECT && arg->expect ? -ESTALE : -ENOENT;
		cc_slot_value_put(put->value);
		put->value = NULL;
		error = put_staple_on(put, base);
		cc_slot_value_put(base);
	}
	return error;
}

int cc_slot_put_ioctl(struct cc_call *call, void *arg)
{
	struct slot_put *put = kzalloc(sizeof(*put), GFP_KERNEL);
	struct cc_audit_event event = { .op = CAPCERT_AUDIT_SLOT_PUT };
	int error;

	if (!put)
		return -ENOMEM;
	put->call = call;
	put->arg = arg;
	put->view = cc_slot_view_of(call->handle->object);
	error = cc_slot_name_in(&put->name, put->arg->name, put->arg->name_len);
	if (error) {
		kfree(put);
		return error;
	}
	if (!cc_slot_seen(put->view, &put->name)) {
		put->why = "not a slot of this handle";
		error = -EACCES;
	} else {
		error = put->arg->flags & CAPCERT_SLOT_STAPLE ? put_staple(put) : put_all(put);
	}
	event.error = error;
	event.object_version = error ? 0 : put->arg->version;
	event.other_id = put->key_id;
	event.digest = put->checked ? put->leaf : NULL;
	cc_slot_audit(call, event, error ? put->why : NULL, put->name.span);
	cc_slot_value_put(put->value);
	cc_handle_put(put->key);
	cc_chain_release(&put->chain);
	kfree(put);
	return error;
}

int cc_slot_delete_ioctl(struct cc_call *call, void *arg)
{
	struct cc_slot_view *view = cc_slot_view_of(call->handle->object);
	struct cc_audit_event event = { .op = CAPCERT_AUDIT_SLOT_DELETE };
	struct capcert_slot_delete *args = arg;
	struct cc_slot_name name;
	u64 version = 0;
	s64 time;
	int error;

	error = cc_slot_name_in(&name, args->name, args->name_len);
	if (error)
		return error;
	if (cc_slot_seen(view, &name))
		error = cc_slot_change(view->store, name.span, NULL, CAPCERT_SLOT_EVENT_DELETE,
				       args->flags & CAPCERT_SLOT_EXPECT ? &args->expect : NULL,
				       NULL, &version, &time);
	else
		error = -EACCES;
	event.error = error;
	event.object_version = version;
	cc_slot_audit(call, event, error == -EACCES ? "not a slot of this handle" : NULL,
		      name.span);
	args->version = version;
	return error;
}
