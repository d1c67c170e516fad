/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Distinguished names prepared for comparison (RFC 5280 section 7.1, RFC 4518). */
#ifndef LIBCAPCERT_DN_PREP_H
#define LIBCAPCERT_DN_PREP_H

#include "core/name.h"

/* A value longer than this is not prepared: X.520 and RFC 5280 end theirs at 128 characters. */
#define DN_PREP_VALUE_MAX 2048

/* A Name whose values core's comparison can read: ASCII, or UTF-8 folded and normalised. */
struct prepared_dn {
	struct cc_span name; /* whole TLV; the caller's bytes, or those at @owned */
	uint8_t *owned;	     /* NULL when the name was plain already */
	bool odd;	     /* a value cannot be prepared; it stands as it was */
};

/**
 * dn_prepare() - rewrite @name so that cc_dn_equal(), cc_dn_within() and cc_dn_hash() hold names
 * equal that RFC 5280 section 7.1 holds equal: every string type becomes UTF-8, mapped, case-folded
 * and normalised (NFKC) as RFC 4518 sections 2.1 to 2.4 say; spaces are left to the comparison.
 * Plain names, nearly all there are, are returned as they are.
 * @ret: filled on success; free with dn_release(). A malformed name stays as it is.
 * Return: 0 or -ENOMEM.
 */
int dn_prepare(struct cc_span name, struct prepared_dn *ret);

void dn_release(struct prepared_dn *dn);

#endif
