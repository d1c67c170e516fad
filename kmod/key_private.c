// SPDX-License-Identifier: GPL-2.0-only
/* Key type capkey: a reference to a private key in a token, given as a PKCS#11 URI and purposes. */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/keyctl.h>
#include <linux/seq_file.h>

#include "core/signature.h"
#include "kmod/audit.h"
#include "kmod/key.h"
#include "kmod/private_key.h"

/* That no key was made, and why; the name where there is no better word. */
static void private_audit(const struct key_preparsed_payload *prep, int error, const char *why)
{
	const char *text = why ?: prep->orig_description;

	cc_audit(&CC_AUDIT_EVENT(CAPCERT_AUDIT_CREATE, .kind = CAPCERT_KIND_KEY, .error = error,
				 .text = text, .text_len = text ? strlen(text) : 0));
}

/*
 * Who may name a token's object may have it sign: the administrator, for anybody else it would be
 * a way to everybody's keys. No lock is held here, and the keeper is asked.
 */
static int private_preparse(struct key_preparsed_payload *prep)
{
	struct cc_private_key *key;
	const char *why = NULL;

	if (!capable(CAP_SYS_ADMIN)) {
		private_audit(prep, -EPERM, NULL);
		return -EPERM;
	}
	key = cc_private_key_new(prep->data ?: "", prep->datalen, &why);
	if (IS_ERR(key)) {
		private_audit(prep, PTR_ERR(key), why);
		return PTR_ERR(key);
	}
	prep->payload.data[0] = &key->base;
	prep->quotalen = key->ref->uri_len + key->ref->spki_len;
	return 0;
}

static void private_describe(const struct key *key, struct seq_file *m)
{
	struct cc_object *object = cc_key_payload(key);
	char text[CC_PRIVATE_KEY_TEXT];

	seq_puts(m, key->description);
	if (!object)
		return;
	cc_private_key_format(cc_private_key_of(object), text, sizeof(text));
	seq_printf(m, ": %s", text);
}

/* What describe says: where the key lies is the keeper's business. */
static long private_read(const struct key *key, char *buffer, size_t len)
{
	char text[CC_PRIVATE_KEY_TEXT];
	size_t n = cc_private_key_format(cc_private_key_of(cc_key_payload(key)), text,
					 sizeof(text));

	if (buffer)
		memcpy(buffer, text, min(n, len));
	return (long)n;
}

static int private_query(const struct kernel_pkey_params *params, struct kernel_pkey_query *info)
{
	const struct cc_private_key *key = cc_private_key_of(cc_key_payload(params->key));
	int size = cc_pkey_sign_size(key);

	if (size < 0)
		return size;
	memset(info, 0, sizeof(*info));
	info->supported_ops = KEYCTL_SUPPORTS_SIGN;
	info->key_size = key->ref->bits;
	/* A digest; Ed25519 takes the message. */
	info->max_data_size = key->ref->algorithm == CC_KEY_ED25519 ? U16_MAX : 64;
	/* Exactly: the key service copies out what it gets, beyond the caller's buffer. */
	info->max_sig_size = (u16)size;
	return 0;
}

/* No .update: handles name this very key. The same name again is a new key. */
struct key_type cc_key_private = {
	.name = "capkey",
	.vet_description = cc_key_vet_description,
	.preparse = private_preparse,
	.free_preparse = cc_key_free_preparse,
	.instantiate = cc_key_instantiate,
	.destroy = cc_key_destroy,
	.describe = private_describe,
	.read = private_read,
	.asym_query = private_query,
	.asym_eds_op = cc_pkey_sign,
};
