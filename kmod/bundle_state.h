/* SPDX-License-Identifier: GPL-2.0-only */
/* States of stores out of bundles. */
#ifndef KMOD_BUNDLE_STATE_H
#define KMOD_BUNDLE_STATE_H

#include "core/bundle.h"
#include "kmod/store.h"

/*
 * cc_bundle_anchors() - the anchors of @bundle as a state, not sealed, with the provenance of the
 * bundle. May sleep.
 * @signer: NUL-terminated, at most 63 octets.
 * @ret_why: why not: a literal.
 * Return: ERR_PTR(-EBADMSG): malformed, not ascending, or not for this bundle; -ENOSPC: more than a
 * store holds; -ENOMEM.
 */
struct cc_state *cc_bundle_anchors(const struct cc_bundle *bundle, const char *signer,
				   const char **ret_why);

/*
 * cc_bundle_delta() - what a delta makes of @base: not sealed, with the provenance of the delta.
 * @added: its anchors, as cc_bundle_anchors() gives them.
 * Return: ERR_PTR(-ENOENT): something to remove is not there; -EINVAL: an anchor that stays is not
 * for the purposes that the delta leaves; -ENOSPC, -ENOMEM.
 */
struct cc_state *cc_bundle_delta(const struct cc_bundle *bundle, const struct cc_state *base,
				 const struct cc_state *added, const char **ret_why);

#endif
