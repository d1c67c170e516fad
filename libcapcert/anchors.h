/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trust anchors: parsed once, found by subject name. */
#ifndef LIBCAPCERT_ANCHORS_H
#define LIBCAPCERT_ANCHORS_H

#include "capcert/verify.h"
#include "core/cert.h"
#include "libcapcert/dn_prep.h"

struct anchor {
	struct cc_cert cert;
	uint8_t fingerprint[32]; /* of the certificate if there is one, else of @body's bytes */
	uint8_t body[32];      /* SHA-256 of what it was made from, when not plain */
	bool plain;	       /* a certificate as it is */
	bool has_date;	       /* leaves issued later than @date are refused */
	bool has_sct_date;     /* leaves without an SCT of at most @sct_date are refused */
	int64_t date;
	int64_t sct_date;
	uint32_t granted;      /* purposes that it was put for, 1 << CAPCERT_PURPOSE_* */
	uint32_t allowed;      /* purposes that its limits leave */
	uint32_t purposes;     /* both */
	struct cc_span policies; /* initial policy set, for cc_policy_info_next(); empty = any */
	struct prepared_dn subject;
	uint32_t subject_hash; /* cc_dn_hash() of it */
	uint32_t next;	       /* in the same bucket: position + 1, 0 = last */
	uint8_t *owned;	       /* DER to free, NULL when it lies in the store's own state */
	size_t owned_len;
	bool info;	       /* @owned is a TrustAnchorInfo, not a TrustAnchorChoice */
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

/** anchors_limited() - is there more to it than a certificate and its purposes? */
static inline bool anchors_limited(const struct anchor *anchor)
{
	return !anchor->plain || anchor->has_date || anchor->has_sct_date;
}

#endif
