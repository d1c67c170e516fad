/* SPDX-License-Identifier: GPL-2.0-only */
/* The outcome object: what a verification found, immutable, to be shown to others. */
#ifndef KMOD_OUTCOME_H
#define KMOD_OUTCOME_H

#include <linux/capcert.h>
#include <linux/key.h>
#include <linux/types.h>

#include "kmod/handle.h"
#include "kmod/object.h"
#include "kmod/pins.h"
#include "kmod/store.h"

/* Rights of a new outcome handle: all that its kind may hold. */
#define CC_OUTCOME_RIGHTS \
	(CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ | CAPCERT_RIGHT_RESTRICT | CAPCERT_RIGHT_TRANSFER)

/* Of the struct's first version: a caller's buffer is never smaller. */
#define CC_OUTCOME_MIN_SIZE	offsetofend(struct capcert_outcome, detail)

/*
 * The handle has no keys of its own: an outcome stays readable when the store's or verifier's
 * key is revoked, and says that it is superseded.
 */
struct cc_outcome {
	struct cc_object base;
	struct capcert_outcome outcome;
	struct cc_store *store;		/* counted: to ask for its version, nothing else */
	struct cc_pin_set *pins;	/* counted or NULL: the same */
	u32 key_count;
	struct key *keys[3 * CC_HANDLE_KEYS_MAX];	/* counted: of these and the verifier */
	u32 path_count;
	struct capcert_path_entry path[];
};

static inline struct cc_outcome *cc_outcome_of(struct cc_object *object)
{
	return container_of(object, struct cc_outcome, base);
}

/**
 * cc_outcome_new() - an outcome object with a copy of everything.
 * @verifier, @store, @pins: the handles the verification was made with; @pins may be NULL.
 * Return: object with one reference, or ERR_PTR: -ENOMEM, -EDQUOT.
 */
struct cc_outcome *cc_outcome_new(const struct capcert_outcome *outcome,
				  const struct capcert_path_entry *path,
				  const struct cc_handle *verifier, const struct cc_handle *store,
				  const struct cc_handle *pins);

/** cc_outcome_superseded() - store, pin set, one of the keys, or the distrust list moved since. */
bool cc_outcome_superseded(const struct cc_outcome *outcome);

#endif
