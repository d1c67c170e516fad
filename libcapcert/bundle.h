/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bundles: what builder, signer and reader share. */
#ifndef LIBCAPCERT_BUNDLE_H
#define LIBCAPCERT_BUNDLE_H

#include <capcert/bundle.h>
#include "core/bundle.h"
#include "libcapcert/der_write.h"

/* One anchor of an opened bundle; spans lie in the content. */
struct bundle_anchor {
	uint8_t fingerprint[32];
	struct cc_span choice;
	uint32_t stated; /* purposes that it states itself; 0 = none */
};

struct capcert_bundle {
	struct cc_bundle head;
	uint8_t *content; /* owned */
	size_t content_len;
	struct bundle_anchor *anchors; /* owned; head.anchor_count */
	size_t signer;
	char name[CC_BUNDLE_NAME_MAX + 1];
	char of[CC_BUNDLE_NAME_MAX + 1];
};

/** bundle_load() - take a copy of @content and check all of it. 0; -EBADMSG; -ENOMEM. */
int bundle_load(struct cc_span content, capcert_bundle **ret, const char **ret_error);

/** bundle_fingerprint() - of an anchor: its certificate's, or the body's; and is a log's key
 *  identifier the hash of its key? */
bool bundle_fingerprint(const struct cc_trust_anchor *ta, uint8_t ret[32]);

/** bundle_write_anchor() - TrustAnchorChoice of a certificate with constraints, NULL for none.
 *  0; -EBADMSG; -EINVAL; -ENOMEM. @ret malloc()ed. */
int bundle_write_anchor(struct cc_span cert, const struct capcert_bundle_constraints *constraints,
			uint8_t **ret, size_t *ret_len);

/** bundle_say() - @ret_error may be NULL. Return: @error. */
static inline int bundle_say(int error, const char *text, const char **ret_error)
{
	if (ret_error)
		*ret_error = text;
	return error;
}

#endif
