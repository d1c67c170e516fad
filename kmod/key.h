/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The key types behind objects: capcert to capkey. payload.data[0] is the object;
 * payload.data[1] is set in keys of the module's own, which do not pin it.
 */
#ifndef KMOD_KEY_H
#define KMOD_KEY_H

#include <linux/key-type.h>

#include "kmod/object.h"

extern struct key_type cc_key_cert;
extern struct key_type cc_key_store;
extern struct key_type cc_key_verifier;
extern struct key_type cc_key_pins;
extern struct key_type cc_key_private;
extern struct key_type cc_key_slots;
extern struct key_type cc_key_tls;

int cc_key_types_init(void);
void cc_key_types_exit(void);

/* cc_key_type() - the type whose keys stand for objects of @kind; NULL when there is none. */
struct key_type *cc_key_type(u32 kind);

/*
 * cc_key_object() - the object of a key of one of our types; NULL for other types, and as long
 * as the key is not instantiated. No reference is taken: the key holds one until it is freed.
 */
struct cc_object *cc_key_object(const struct key *key);

/* ---- what the types share ---- */

/* As the type's .vet_description: 1..255 bytes, no control characters. */
int cc_key_vet_description(const char *description);

/* As .free_preparse: drops the object that .instantiate did not take. */
void cc_key_free_preparse(struct key_preparsed_payload *prep);

/* As .instantiate: charges prep->quotalen, pins the module, takes the object of the preparse. */
int cc_key_instantiate(struct key *key, struct key_preparsed_payload *prep);

/* cc_key_audit() - that a key was made, or destroyed. */
void cc_key_audit(const struct key *key, const struct cc_object *object, u32 op);

/* As .destroy. */
void cc_key_destroy(struct key *key);

/* The object that .describe and .read work on; never NULL in .read. */
struct cc_object *cc_key_payload(const struct key *key);

#endif
