// SPDX-License-Identifier: GPL-2.0-only
/* The module's own keyring of system objects: everyone may list it, nobody may change it. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/key.h>
#include <linux/slab.h>

#include "kmod/key.h"
#include "kmod/system.h"

#define SYSTEM_RING ".capcert_system"

static struct key *system_ring;

/* What the module adds itself bypasses this. */
static int system_refuse(struct key *ring, const struct key_type *type,
			 const union key_payload *payload, struct key *restriction_key)
{
	return -EPERM;
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
	system_ring = ring;
	return 0;
}

void cc_system_exit(void)
{
	key_put(system_ring);
}

struct key *cc_system_find(struct key_type *type, const char *name)
{
	key_ref_t ref = keyring_search(make_key_ref(system_ring, true), type, name, false);

	if (IS_ERR(ref))
		return ERR_PTR(PTR_ERR(ref) == -EAGAIN ? -ENOKEY : PTR_ERR(ref));
	return key_ref_to_ptr(ref);
}
