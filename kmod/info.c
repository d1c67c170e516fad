// SPDX-License-Identifier: GPL-2.0-only
/* What a handle tells: INFO, READ, PUBLIC. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "kmod/cert.h"
#include "kmod/dispatch.h"
#include "kmod/evidence.h"
#include "kmod/info.h"
#include "kmod/pins.h"
#include "kmod/policy.h"
#include "kmod/private_key.h"
#include "kmod/store.h"
#include "kmod/uaccess.h"

static void info_key(const struct key *key, struct capcert_info *info)
{
	time64_t expiry = READ_ONCE(key->expiry);

	info->serial = key->serial;
	/* "Never" is 0 or TIME64_MAX, depending on the kernel. */
	info->expires = expiry == TIME64_MAX ? 0 : expiry;
	strscpy(info->description, key->description, sizeof(info->description));
}

int cc_info_fill(const struct cc_handle *handle, struct capcert_info *info)
{
	struct cc_object *object = handle->object;

	info->kind = object->kind;
	info->origin = object->origin;
	info->rights = handle->rights;
	info->id = object->id;
	info->parent_id = object->parent_id;
	info->version = 1;
	memcpy(info->bundle, object->bundle, sizeof(info->bundle));
	if (handle->key_count)
		info_key(handle->keys[0], info);
	return object->ops->info ? object->ops->info(object, info) : 0;
}

int cc_info_ioctl(struct cc_call *call, void *arg)
{
	const struct cc_handle *handle = call->handle;
	struct capcert_info *info = arg;
	const u32 size = info->size;
	int error;

	memset(info, 0, sizeof(*info));
	info->size = size;
	error = cc_info_fill(handle, info);
	if (error)
		return error;
	info->owner_uid = from_kuid_munged(current_user_ns(), handle->object->owner);
	info->bound_pid = handle->bound ? (u32)pid_vnr(handle->bound) : 0;
	return 0;
}

/* As many whole records as fit, from @index on; too small for one only when there is one. */
static int read_anchors(const struct cc_state *state, struct capcert_read *read)
{
	const u32 size = sizeof(struct capcert_anchor);
	u32 left = read->index < state->count ? state->count - read->index : 0;
	u32 n = min(left, read->len / size);
	struct capcert_anchor *out;
	int error;
	u32 i;

	if (left && !n) {
		read->ret_len = left * size;
		return -EMSGSIZE;
	}
	out = kvmalloc_array(n ?: 1, size, GFP_KERNEL_ACCOUNT);
	if (!out)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		cc_entry_wire(&state->entries[read->index + i], &out[i]);
	error = cc_user_out_sized(read->buf, read->len, out, (size_t)n * size, &read->ret_len);
	kvfree(out);
	return error;
}

static int read_store(struct cc_store *store, struct capcert_read *read)
{
	struct cc_state *state = cc_store_state_get(store);
	const struct cc_anchor *anchor;
	int error;

	if (IS_ERR(state))
		return PTR_ERR(state);
	if (read->what == CAPCERT_READ_ANCHORS) {
		error = read_anchors(state, read);
	} else if (read->index >= state->count) {
		error = -ENOENT;
	} else {
		anchor = state->entries[read->index].anchor;
		error = cc_user_out_sized(read->buf, read->len, anchor->der, anchor->der_len,
					  &read->ret_len);
	}
	if (!error)
		read->version = state->version;
	cc_state_put(state);
	return error;
}

static int read_bytes(struct capcert_read *read, const void *p, size_t len)
{
	int error;

	if (read->index)
		return -EINVAL;
	error = cc_user_out_sized(read->buf, read->len, p, len, &read->ret_len);
	if (!error)
		read->version = 1;
	return error;
}

static int read_evidence(const struct cc_evidence *evidence, struct capcert_read *read)
{
	int error;

	if (read->index)
		return -EINVAL;
	error = cc_evidence_out(evidence, read->buf, read->len, &read->ret_len);
	if (!error)
		read->version = 1;
	return error;
}

static int read_pins(struct cc_pin_set *set, struct capcert_read *read)
{
	struct cc_pin_state *state = cc_pin_set_state_get(set);
	int error = read_bytes(read, state->text, state->text_len);

	if (!error)
		read->version = state->version;
	cc_pin_state_put(state);
	return error;
}

int cc_read_ioctl(struct cc_call *call, void *arg)
{
	struct cc_object *object = call->handle->object;
	struct capcert_read *read = arg;

	switch (read->what) {
	case CAPCERT_READ_DER:
		if (object->kind != CAPCERT_KIND_CERT)
			return -EINVAL;
		return read_bytes(read, cc_certificate_of(object)->der,
				  cc_certificate_of(object)->der_len);
	case CAPCERT_READ_ANCHORS:
	case CAPCERT_READ_ANCHOR_DER:
		if (object->kind != CAPCERT_KIND_STORE)
			return -EINVAL;
		return read_store(cc_store_of(object), read);
	case CAPCERT_READ_POLICY:
		if (object->kind != CAPCERT_KIND_VERIFIER)
			return -EINVAL;
		return read_bytes(read, cc_verifier_of(object)->text,
				  cc_verifier_of(object)->text_len);
	case CAPCERT_READ_EVIDENCE:
		if (object->kind != CAPCERT_KIND_EVIDENCE)
			return -EINVAL;
		return read_evidence(cc_evidence_of(object), read);
	case CAPCERT_READ_PINS:
		if (object->kind != CAPCERT_KIND_PINS)
			return -EINVAL;
		return read_pins(cc_pin_set_of(object), read);
	default:
		return -EINVAL;
	}
}

int cc_public_ioctl(struct cc_call *call, void *arg)
{
	struct cc_object *object = call->handle->object;
	struct capcert_public *public = arg;
	struct cc_span spki;

	if (object->kind == CAPCERT_KIND_KEY)
		spki = cc_key_ref_spki(cc_private_key_of(object)->ref);
	else
		spki = cc_certificate_of(object)->cert.spki;
	return cc_user_out_sized(public->buf, public->len, spki.p, spki.n, &public->ret_len);
}
