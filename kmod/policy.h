/* SPDX-License-Identifier: GPL-2.0-only */
/* The verifier object: a frozen policy, its canonical text and digest. Immutable. */
#ifndef KMOD_POLICY_H
#define KMOD_POLICY_H

#include <linux/types.h>

#include "core/policy.h"
#include "kmod/object.h"

struct cc_verifier {
	struct cc_object base;
	u8 digest[32]; /* core/digest.h cc_absorb_policy() */
	struct cc_policy policy;
	u32 text_len;
	char text[]; /* canonical, no NUL */
};

static inline struct cc_verifier *cc_verifier_of(struct cc_object *object)
{
	return container_of(object, struct cc_verifier, base);
}

/*
 * cc_verifier_new() - from policy text. May sleep.
 * Return: object with one reference, -EMSGSIZE over CAPCERT_MAX_POLICY_TEXT, -EINVAL when the
 * text is not a policy (why is said in the kernel log at debug level), -ENOMEM.
 */
struct cc_verifier *cc_verifier_new(const char *text, size_t len);

static inline struct cc_verifier *cc_verifier_get(struct cc_verifier *verifier)
{
	cc_object_get(&verifier->base);
	return verifier;
}

static inline void cc_verifier_put(struct cc_verifier *verifier)
{
	if (verifier)
		cc_object_put(&verifier->base);
}

#endif
