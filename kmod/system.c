// SPDX-License-Identifier: GPL-2.0-only
/* The module's own keyring of system objects: everyone may list it, nobody may change it. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/key.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "kmod/key.h"
#include "kmod/system.h"

#define SYSTEM_RING ".capcert_system"

/*
 * Who links the key into a keyring of his own possesses it: that adds SEARCH, which invalidating
 * needs and KEEP refuses. LINK is for RESTRICT, and for whoever wants the store among his own keys.
 * There is no WRITE and no SETATTR for anybody, root included.
 */
#define SYSTEM_KEY_PERM                                                                        \
	(KEY_POS_VIEW | KEY_POS_READ | KEY_POS_SEARCH | KEY_POS_LINK |                         \
	 KEY_USR_VIEW | KEY_USR_READ | KEY_USR_LINK | KEY_OTH_VIEW | KEY_OTH_READ | KEY_OTH_LINK)

static struct key *system_ring;
static struct task_struct *system_linker; /* in cc_system_link(); cc_admitted_lock */

/* .instantiate links a key while it holds the semaphore of the user's keyring: not our class. */
static struct lock_class_key system_ring_class;

/* From a payload of user space the address of our own memory never comes. */
static struct cc_store *system_seed; /* system_seed_lock */
static DEFINE_MUTEX(system_seed_lock);

/* Nobody but the module has the permission to add; this is the second lock on that door. */
static int system_refuse(struct key *ring, const struct key_type *type,
			 const union key_payload *payload, struct key *restriction_key)
{
	return READ_ONCE(system_linker) == current ? 0 : -EPERM;
}

int cc_system_init(void)
{
	struct key_restriction *restriction;
	struct key *ring;

	restriction = kzalloc(sizeof(*restriction), GFP_KERNEL);
	if (!restriction)
		return -ENOMEM;
	restriction->check = system_refuse;
	/* The key service forgets our function when this type goes, before the module does. */
	restriction->keytype = &cc_key_store;
	/*
	 * `keyctl show` needs SEARCH, which is all that invalidating needs too: hence KEEP. No LINK
	 * for anybody: nobody but the module comes to possess the ring.
	 */
	ring = keyring_alloc(SYSTEM_RING, GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, current_cred(),
			     KEY_POS_WRITE | KEY_POS_SEARCH | KEY_POS_VIEW | KEY_POS_READ |
			     KEY_USR_VIEW | KEY_USR_READ | KEY_USR_SEARCH |
			     KEY_OTH_VIEW | KEY_OTH_READ | KEY_OTH_SEARCH,
			     KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_SET_KEEP, restriction, NULL);
	if (IS_ERR(ring)) {
		kfree(restriction);
		return PTR_ERR(ring);
	}
	lockdep_set_class(&ring->sem, &system_ring_class);
	system_ring = ring;
	return 0;
}

void cc_system_exit(void)
{
	key_put(system_ring);
}

struct cc_store *cc_system_seed(const void *data)
{
	return data == &system_seed ? system_seed : NULL;
}

struct key *cc_system_key(struct cc_store *store, const char *name)
{
	struct key *key;
	int error;

	key = key_alloc(&cc_key_store, name, GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, current_cred(),
			0, KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_SET_KEEP, NULL);
	if (IS_ERR(key))
		return key;
	mutex_lock(&system_seed_lock);
	system_seed = store;
	error = key_instantiate_and_link(key, &system_seed, sizeof(system_seed), NULL, NULL);
	system_seed = NULL;
	mutex_unlock(&system_seed_lock);
	if (!error)
		return key;
	key_put(key);
	return ERR_PTR(error);
}

int cc_system_link(struct key *key)
{
	int error;

	WRITE_ONCE(system_linker, current);
	error = key_link(system_ring, key);
	WRITE_ONCE(system_linker, NULL);
	/* Until now it was nobody's: a serial number is easily guessed. */
	if (!error)
		WRITE_ONCE(key->perm, SYSTEM_KEY_PERM);
	return error;
}

struct key *cc_system_find(struct key_type *type, const char *name)
{
	key_ref_t ref = keyring_search(make_key_ref(system_ring, true), type, name, false);

	if (IS_ERR(ref))
		return ERR_PTR(PTR_ERR(ref) == -EAGAIN ? -ENOKEY : PTR_ERR(ref));
	return key_ref_to_ptr(ref);
}
