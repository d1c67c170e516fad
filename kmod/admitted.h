/* SPDX-License-Identifier: GPL-2.0-only */
/* What was admitted under which name, and the number below which nothing is any more. */
#ifndef KMOD_ADMITTED_H
#define KMOD_ADMITTED_H

#include <linux/list.h>
#include <linux/mutex.h>

#include "core/bundle.h"
#include "kmod/store.h"

#define CC_ADMITTED_MAX_NAMES 1024

/*
 * One name. It stays until the module goes: a floor never falls, whatever keys come and go. The
 * store is the system's; every key of that name has it.
 */
struct cc_admitted {
	struct list_head list;	/* cc_admitted_lock */
	u64 floor;		/* the same: numbers up to this one are refused */
	u64 number;		/* the same: of what is in force, 0 = nothing is */
	u32 kind;		/* the same: enum cc_bundle_kind, never DELTA; when @store */
	struct cc_store *store;	/* counted; set once, under the lock, by a release */
	struct cc_store *base;	/* of an override; borrowed from @store */
	char name[CC_BUNDLE_NAME_MAX + 1];
};

/*
 * Held when an admission takes effect, inside of the key service's locks. Inside of it come the
 * lock of a store, that of the distrust list and the semaphore of the system's keyring, which has a
 * lock class of its own.
 */
extern struct mutex cc_admitted_lock;

/* cc_admitted_find() - under the lock; NULL when the name means nothing. */
struct cc_admitted *cc_admitted_find(const char *name);

/*
 * cc_admitted_store() - the system's store of that name, or NULL. Takes no lock: names never go while
 * the module is there, and neither does what stands for them. No reference is taken.
 */
struct cc_store *cc_admitted_store(const char *name);

/*
 * cc_admitted_reserve() - see to it that cc_admitted_find() finds @name. Never undone: it allows
 * nothing. May sleep; takes the lock. 0, -ENOMEM, -ENOSPC.
 */
int cc_admitted_reserve(const char *name);

int cc_admitted_init(void);
void cc_admitted_exit(void);

#endif
