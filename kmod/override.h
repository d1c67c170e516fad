/* SPDX-License-Identifier: GPL-2.0-only */
/* What an override bundle changes about the store it lies upon. Immutable. */
#ifndef KMOD_OVERRIDE_H
#define KMOD_OVERRIDE_H

#include "core/bundle.h"
#include "kmod/store.h"

struct cc_override;

/*
 * cc_override_new() - from an override bundle and the anchors in it, whose reference it takes over
 * (on failure too). NULL: out of memory.
 */
struct cc_override *cc_override_new(const struct cc_bundle *bundle, struct cc_state *anchors);
void cc_override_free(struct cc_override *override); /* NULL is fine; may sleep */

/*
 * cc_override_apply() - what becomes of @base, not sealed yet: less what is removed, the rest for
 * those of its purposes that the override has too and gone where none is left, with what is added,
 * which replaces what has the same fingerprint. How old it is, is how old @base is.
 * Return: ERR_PTR(-ENOMEM), or -ENOSPC when it is more than a store holds.
 */
struct cc_state *cc_override_apply(const struct cc_override *override,
				   const struct cc_state *base);

#endif
