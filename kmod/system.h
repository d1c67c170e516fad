/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's own keyring of system objects. */
#ifndef KMOD_SYSTEM_H
#define KMOD_SYSTEM_H

#include <linux/key.h>

#include "kmod/store.h"

int cc_system_init(void);
void cc_system_exit(void);

/*
 * cc_system_key() - a key for @store that is in no keyring yet. Once it is everyone may look at it,
 * read it and link it, nobody change it, revoke it, let it expire or invalidate it. May sleep; no
 * lock may be held. Return: with a reference, or ERR_PTR().
 */
struct key *cc_system_key(struct cc_store *store, const char *name);

/* cc_system_link() - put it into the keyring. May be called from a key type's .instantiate. */
int cc_system_link(struct key *key);

/* cc_system_seed() - for the key type: the store whose key is being made from @data, or NULL. */
struct cc_store *cc_system_seed(const void *data);

/* cc_system_find() - a key with a reference, or ERR_PTR(-ENOKEY). */
struct key *cc_system_find(struct key_type *type, const char *name);

#endif
