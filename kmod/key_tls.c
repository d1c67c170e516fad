// SPDX-License-Identifier: GPL-2.0-only
/* Key type captls: a TLS config that TLS_CONFIG made; nobody adds one by add_key(2). */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>

#include "kmod/handle.h"
#include "kmod/key.h"
#include "kmod/slots.h"
#include "kmod/tls.h"

#define TLS_KEY_PERM (KEY_POS_ALL | KEY_USR_VIEW)
#define TLS_DESCRIBED 160

/* From a payload of user space the address of our own memory never comes. */
static struct cc_tls *tls_seed; /* tls_seed_lock */
static DEFINE_MUTEX(tls_seed_lock);

static int tls_preparse(struct key_preparsed_payload *prep)
{
	if (prep->data != &tls_seed)
		return -EINVAL;
	cc_object_get(&tls_seed->base);
	prep->payload.data[0] = &tls_seed->base;
	prep->quotalen = sizeof(*tls_seed) + tls_seed->slots_len + tls_seed->alpn_len;
	return 0;
}

struct key *cc_key_tls_new(struct cc_tls *tls, const char *description)
{
	struct key *key;
	int error;

	key = key_alloc(&cc_key_tls, description, current_fsuid(), current_fsgid(),
			current_cred(), TLS_KEY_PERM, KEY_ALLOC_IN_QUOTA, NULL);
	if (IS_ERR(key))
		return key;
	mutex_lock(&tls_seed_lock);
	tls_seed = tls;
	error = key_instantiate_and_link(key, &tls_seed, sizeof(tls_seed), NULL, NULL);
	tls_seed = NULL;
	mutex_unlock(&tls_seed_lock);
	if (!error)
		return key;
	key_put(key);
	return ERR_PTR(error);
}

/* What was used of it ends with it: who watches its slots learns at once. */
static void tls_revoke(struct key *key)
{
	struct cc_object *object = cc_key_payload(key);
	const struct cc_handle *slots;

	if (!object)
		return;
	slots = cc_tls_of(object)->parts[CAPCERT_TLS_PART_SLOTS];
	if (slots)
		cc_slot_store_wake(cc_slot_view_of(slots->object)->store);
}

static void tls_describe(const struct key *key, struct seq_file *m)
{
	struct cc_object *object = cc_key_payload(key);
	char text[TLS_DESCRIBED];

	seq_puts(m, key->description);
	if (!object)
		return;
	cc_tls_format(cc_tls_of(object), text, sizeof(text));
	seq_printf(m, ": %s", text);
}

struct key_type cc_key_tls = {
	.name = "captls",
	.vet_description = cc_key_vet_description,
	.preparse = tls_preparse,
	.free_preparse = cc_key_free_preparse,
	.instantiate = cc_key_instantiate,
	.revoke = tls_revoke,
	.destroy = cc_key_destroy,
	.describe = tls_describe,
};
