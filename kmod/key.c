// SPDX-License-Identifier: GPL-2.0-only
/* What the key types share: the object's way into a key and out of it again. */
#include <linux/err.h>
#include <linux/module.h>

#include "kmod/audit.h"
#include "kmod/key.h"

/* struct key counts in 16 bits what the payload and the description take together. */
#define KEY_MAX_QUOTA 60000

static struct key_type *const key_types[] = {
	&cc_key_cert, &cc_key_store, &cc_key_verifier, &cc_key_pins, &cc_key_private,
	&cc_key_slots, &cc_key_tls,
};

struct key_type *cc_key_type(u32 kind)
{
	switch (kind) {
	case CAPCERT_KIND_CERT:
		return &cc_key_cert;
	case CAPCERT_KIND_STORE:
		return &cc_key_store;
	case CAPCERT_KIND_VERIFIER:
		return &cc_key_verifier;
	case CAPCERT_KIND_PINS:
		return &cc_key_pins;
	case CAPCERT_KIND_KEY:
		return &cc_key_private;
	case CAPCERT_KIND_SLOT:
		return &cc_key_slots;
	case CAPCERT_KIND_TLS:
		return &cc_key_tls;
	default:
		return NULL;
	}
}

struct cc_object *cc_key_payload(const struct key *key)
{
	/* Pairs with the release of the key service when it marks the key instantiated. */
	return smp_load_acquire(&key->state) == KEY_IS_POSITIVE ? key->payload.data[0] : NULL;
}

struct cc_object *cc_key_object(const struct key *key)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(key_types); i++)
		if (key->type == key_types[i])
			return cc_key_payload(key);
	return NULL;
}

int cc_key_vet_description(const char *description)
{
	size_t i;

	for (i = 0; description[i]; i++)
		if (i == 255 || (u8)description[i] < 0x20 || description[i] == 0x7f)
			return -EINVAL;
	return i ? 0 : -EINVAL;
}

void cc_key_free_preparse(struct key_preparsed_payload *prep)
{
	cc_object_put(prep->payload.data[0]);
}

void cc_key_audit(const struct key *key, const struct cc_object *object, u32 op)
{
	cc_audit(&CC_AUDIT_EVENT(op, .kind = object->kind, .origin = object->origin,
				 .object_id = object->id, .object_version = 1,
				 .text = key->description, .text_len = strlen(key->description)));
}

int cc_key_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	int error = key_payload_reserve(key, min_t(size_t, prep->quotalen, KEY_MAX_QUOTA));

	if (error)
		return error;
	/* Key types have no owner: unloading would pull the type from under the key. */
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	key->payload.data[0] = prep->payload.data[0];
	prep->payload.data[0] = NULL;
	cc_key_audit(key, key->payload.data[0], CAPCERT_AUDIT_CREATE);
	return 0;
}

void cc_key_destroy(struct key *key)
{
	cc_key_audit(key, key->payload.data[0], CAPCERT_AUDIT_DESTROY);
	cc_object_put(key->payload.data[0]);
	if (key->payload.data[1])
		return;
	/* Unloading waits for the key service's collector, which is what calls this. */
	module_put(THIS_MODULE);
}

int cc_key_types_init(void)
{
	int i, error;

	for (i = 0; i < ARRAY_SIZE(key_types); i++) {
		error = register_key_type(key_types[i]);
		if (error)
			goto undo;
	}
	return 0;
undo:
	while (i--)
		unregister_key_type(key_types[i]);
	return error;
}

void cc_key_types_exit(void)
{
	int i;

	for (i = ARRAY_SIZE(key_types) - 1; i >= 0; i--)
		unregister_key_type(key_types[i]);
}
