// SPDX-License-Identifier: GPL-2.0-only
/* What a trust store's handle can do to it: ADD, REMOVE, VERSION. */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/name.h"
#include "kmod/audit.h"
#include "kmod/cert.h"
#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/state.h"
#include "kmod/uaccess.h"

#define AUDIT_SUBJECT 96

/* Audited whether it worked or not. @fingerprint may be NULL, @name empty. */
static void anchors_audit(const struct cc_call *call, u32 op, int error, u64 version,
			  const u8 *fingerprint, struct cc_span name)
{
	const struct cc_object *object = call->handle->object;
	struct cc_audit_event event = CC_AUDIT_EVENT(op,
		.kind = object->kind, .origin = object->origin, .command = call->row->command,
		.error = error, .handle_id = call->handle->id, .rights = call->handle->rights,
		.object_id = object->id, .object_version = version, .digest = fingerprint);
	char subject[AUDIT_SUBJECT];

	if (name.n) {
		event.text_len = (u32)cc_dn_format(name, subject, sizeof(subject));
		event.text_len = min_t(u32, event.text_len, sizeof(subject) - 1);
		event.text = subject;
	}
	cc_audit(&event);
}

static struct cc_anchor *anchor_from_blob(struct cc_call *call, const struct capcert_blob *blob)
{
	const struct cc_certificate *cert;
	struct cc_handle *handle;
	struct cc_anchor *anchor;
	void *der;

	if (blob->fd == -1) {
		der = cc_user_in(blob->ptr, blob->len, CAPCERT_MAX_CERT);
		if (IS_ERR(der))
			return der;
		anchor = cc_anchor_new(der, blob->len);
		kvfree(der);
		return anchor;
	}
	if (blob->ptr || blob->len)
		return ERR_PTR(-EINVAL);
	handle = cc_handle_from_fd(call, blob->fd, CAPCERT_KIND_CERT, CAPCERT_RIGHT_READ);
	if (IS_ERR(handle))
		return ERR_CAST(handle);
	cert = cc_certificate_of(handle->object);
	anchor = cc_anchor_new(cert->der, cert->der_len);
	cc_handle_put(handle);
	return anchor;
}

/* AnchorPin: the caller says which key he means, so that a mix-up of files adds nothing. */
static int anchor_check_pin(const struct cc_anchor *anchor, const struct capcert_add *args,
			    const u8 *pin)
{
	const struct cc_span spki = cc_anchor_spki(anchor);
	u8 hash[64];
	int n = cc_hash(args->pin_hash, spki.p, spki.n, hash);

	if (n < 0)
		return n;
	return memcmp(hash, pin, n) ? -EKEYREJECTED : 0;
}

int cc_add_ioctl(struct cc_call *call, void *arg)
{
	struct cc_store *store = cc_store_of(call->handle->object);
	const struct cc_handle *handle = call->handle;
	struct cc_store_change change = {
		.key = handle->key_count ? handle->keys[0] : NULL,
	};
	struct capcert_add *args = arg;
	struct cc_anchor *anchor;
	u8 pin[64];
	int error;

	if (args->purposes >> CAPCERT_PURPOSE_COUNT)
		return -EINVAL;
	if (!args->pin_len || args->pin_len != cc_hash_size(args->pin_hash))
		return -EINVAL;
	if (cc_user_into(pin, args->pin, args->pin_len))
		return -EFAULT;
	anchor = anchor_from_blob(call, &args->cert);
	error = PTR_ERR_OR_ZERO(anchor);
	if (!error)
		error = anchor_check_pin(anchor, args, pin);
	if (!error)
		error = cc_store_add(store, anchor,
				     args->purposes ?: 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH,
				     &change);
	args->version = change.version;
	if (IS_ERR(anchor)) {
		anchors_audit(call, CAPCERT_AUDIT_ADD, error, 0, NULL, cc_span(NULL, 0));
		return error;
	}
	anchors_audit(call, CAPCERT_AUDIT_ADD, error, change.version, anchor->fingerprint,
		      cc_anchor_subject(anchor));
	cc_anchor_put(anchor);
	return error;
}

int cc_remove_ioctl(struct cc_call *call, void *arg)
{
	struct cc_store *store = cc_store_of(call->handle->object);
	const struct cc_handle *handle = call->handle;
	struct cc_store_change change = {
		.key = handle->key_count ? handle->keys[0] : NULL,
	};
	struct capcert_remove *args = arg;
	const u8 *fingerprint = NULL;
	struct cc_span name = cc_span(NULL, 0);
	u8 *selector;
	int error;

	if (args->select != CAPCERT_SELECT_FINGERPRINT && args->select != CAPCERT_SELECT_SUBJECT)
		return -EINVAL;
	if (!args->len || (args->select == CAPCERT_SELECT_FINGERPRINT && args->len != 32))
		return -EINVAL;
	selector = cc_user_in(args->ptr, args->len, CAPCERT_MAX_CERT);
	if (IS_ERR(selector))
		return PTR_ERR(selector);
	if (args->select == CAPCERT_SELECT_FINGERPRINT) {
		fingerprint = selector;
		error = cc_store_remove_fingerprint(store, fingerprint, &change);
	} else {
		name = cc_span(selector, args->len);
		error = cc_subject_valid(name) ? cc_store_remove_subject(store, name, &change) :
						 -EINVAL;
	}
	args->count = change.count;
	args->version = change.version;
	anchors_audit(call, CAPCERT_AUDIT_REMOVE, error, change.version, fingerprint, name);
	kvfree(selector);
	return error;
}

int cc_version_ioctl(struct cc_call *call, void *arg)
{
	struct cc_state *state = cc_store_state_get(cc_store_of(call->handle->object));
	struct capcert_version *args = arg;

	if (IS_ERR(state))
		return PTR_ERR(state);
	args->version = state->version;
	args->count = state->count;
	memcpy(args->digest, state->digest, sizeof(args->digest));
	cc_state_put(state);
	return 0;
}
