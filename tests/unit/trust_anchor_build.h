/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: TrustAnchorInfo (RFC 5914) from parts, each of which can be left out or be wrong. */
#ifndef TESTS_UNIT_TRUST_ANCHOR_BUILD_H
#define TESTS_UNIT_TRUST_ANCHOR_BUILD_H

#include "tests/unit/der_build.h"

/* Whole elements, in order; an empty one is left out. */
struct info_parts {
	struct cc_span version, key, key_id, title;
	bool no_controls;
	struct cc_span name, certificate, policies, flags, names, path_len, controls_after;
	struct cc_span exts, language, after;
};

static inline struct cc_span info_der(const struct info_parts *p)
{
	struct cc_span controls = cc_span(NULL, 0);

	if (!p->no_controls)
		controls = der(0x30, p->name, p->certificate, p->policies, p->flags, p->names,
			       p->path_len, p->controls_after);
	return der(0x30, p->version, p->key, p->key_id, p->title, controls, p->exts, p->language,
		   p->after);
}

/* The TrustAnchorChoice. */
static inline struct cc_span info_choice(const struct info_parts *p)
{
	return der_wrap(0xa2, info_der(p));
}

/* An element with the IMPLICIT tag @tag in place of its own. */
static inline struct cc_span retag(uint8_t tag, struct cc_span element)
{
	struct cc_span copy = der_cat(element, DER_END);

	((uint8_t *)(uintptr_t)copy.p)[0] = tag;
	return copy;
}

/* GeneralSubtree of a DNS name. */
static inline struct cc_span subtree_dns(const char *base)
{
	return der(0x30, der_wrap(0x82, der_str(base)));
}

/* nameConstr [3]; NULL leaves one out. */
static inline struct cc_span name_controls(const char *permit, const char *exclude)
{
	struct cc_span none = cc_span(NULL, 0);

	return der(0xa3, permit ? der(0xa0, subtree_dns(permit)) : none,
		   exclude ? der(0xa1, subtree_dns(exclude)) : none);
}

/* policySet [1] with one policy. */
static inline struct cc_span policy_control(const char *oid)
{
	return der(0xa1, der(0x30, der_wrap(0x06, der_hex(oid))));
}

#endif
