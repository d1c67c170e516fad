/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trust anchors: parsed once, found by subject name. */
#ifndef LIBCAPCERT_ANCHORS_H
#define LIBCAPCERT_ANCHORS_H

#include "capcert/verify.h"
#include "core/cert.h"
#include "libcapcert/dn_prep.h"

struct anchor {
	struct cc_cert cert;
	uint8_t fingerprint[32];
	uint32_t purposes;     /* mask of 1 << CAPCERT_PURPOSE_* */
	struct prepared_dn subject;
	uint32_t subject_hash; /* cc_dn_hash() of it */
	uint32_t next;	       /* in the same bucket: position + 1, 0 = last */
	uint8_t *owned;	       /* DER to free, NULL when it lies in the store's own state */
};

/** anchors_ready() - index and digest are built; 0 or -ENOMEM. Call before the two below. */
int anchors_ready(const capcert_store *store);

/** anchors_next() - anchors whose subject is @subject (prepared by dn_prepare(); @hash =
 *  cc_dn_hash() of it), ascending by fingerprint whatever order they were put in. @prev: NULL to begin. NULL at the end. */
const struct anchor *anchors_next(const capcert_store *store, uint32_t hash, struct cc_span subject,
				  const struct anchor *prev);

/** anchors_at() - anchor number @at, ascending by fingerprint. */
const struct anchor *anchors_at(const capcert_store *store, uint32_t at);

/** anchors_digest() - the store digest of core/digest.h. */
const uint8_t *anchors_digest(const capcert_store *store);

#endif
