/* SPDX-License-Identifier: GPL-2.0-only */
/* The pin set object: hashes of keys of which an accepted path must have one. */
#ifndef KMOD_PINS_H
#define KMOD_PINS_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "core/pins.h"
#include "kmod/object.h"

/* Immutable once published. */
struct cc_pin_state {
	refcount_t refs;
	struct rcu_head rcu;
	u64 version;
	u8 digest[32];		/* core/digest.h cc_absorb_pins() */
	struct cc_pins set;
	u32 text_len;
	char text[];		/* canonical, no NUL */
};

struct cc_pin_set {
	struct cc_object base;
	struct mutex lock;			/* between writers */
	struct cc_pin_state __rcu *state;	/* NULL only once it was adopted */
};

static inline struct cc_pin_set *cc_pin_set_of(struct cc_object *object)
{
	return container_of(object, struct cc_pin_set, base);
}

/*
 * cc_pin_set_new() - from text. May sleep.
 * Return: object with one reference, -EMSGSIZE over CC_PINS_TEXT_MAX, -EINVAL when the text is no
 * pin set (why is said in the kernel log at debug level), -ENOMEM, -EDQUOT.
 */
struct cc_pin_set *cc_pin_set_new(const char *text, size_t len);

/* cc_pin_set_state_get() - what is published now, with a reference. Takes no lock. */
struct cc_pin_state *cc_pin_set_state_get(struct cc_pin_set *set);
struct cc_pin_state *cc_pin_state_get(struct cc_pin_state *state);
void cc_pin_state_put(struct cc_pin_state *state); /* NULL is fine */

/* cc_pin_set_version() - of what is published now. Takes no lock. */
u64 cc_pin_set_version(struct cc_pin_set *set);

/*
 * cc_pin_set_adopt() - as @set's next version, the state of @from, which nobody else knows of and
 * which is good for nothing afterwards. Return: 0 or -EDQUOT.
 */
int cc_pin_set_adopt(struct cc_pin_set *set, struct cc_pin_set *from);

/*
 * cc_pin_match() - is there a pin for this SubjectPublicKeyInfo? May sleep.
 * Return: 1, 0, or -errno when this kernel lacks a hash that the set has pins of.
 */
int cc_pin_match(const struct cc_pins *set, struct cc_span spki);

#endif
