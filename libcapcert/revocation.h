/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the policy asks about revocation, over all kinds of evidence. */
#ifndef LIBCAPCERT_REVOCATION_H
#define LIBCAPCERT_REVOCATION_H

#include "core/text.h"
#include "libcapcert/crl.h"

/** revocation_check() - ask about the certificates of a complete path that the policy wants to know
 *  of, and are below nothing but sound ones. Tells @note about those that are revoked, and, where
 *  nothing else is wrong with the path, about those whose status must be known and is not, and a
 *  leaf that must be stapled and is not. Fills path->status and path->missing, which
 *  the caller has cleared. */
void revocation_check(struct evaluation *ev, struct path *path, const enum edge_state *links,
		      void (*note)(void *ctx, uint32_t at, struct finding f), void *ctx);

/** revocation_good() - for the path of one who signed evidence: may certificate @at be relied on,
 *  as the policy says? @q: the question that the evidence is for. */
bool revocation_good(struct evaluation *ev, const struct path *path, uint32_t at,
		     const struct inquiry *q);

/** revocation_say() - "at 2026-01-31T23:59:59Z, keyCompromise, by the list of CN=CA of ...", or why
 *  nothing is known; revocation_said(): is there anything to say? */
void revocation_say(const struct status *status, struct cc_text *t);
bool revocation_said(const struct status *status);

/** revocation_open() - could more evidence mend this finding? Nothing being wrong counts too. */
static inline bool revocation_open(int32_t reason)
{
	return reason == CC_REASON_NONE || reason == CC_REASON_OCSP_UNAVAILABLE ||
	       reason == CC_REASON_MUST_STAPLE_MISSING;
}

/** revocation_told() - what OCSP says of the leaf, CAPCERT_OCSP_*. */
uint32_t revocation_told(const struct path *path);

/** revocation_say_missing() - " (would tell: staple, OCSP, CRL)"; nothing for no bit of
 *  CAPCERT_MISSING_*. */
void revocation_say_missing(uint32_t missing, struct cc_text *t);

/** revocation_hopeless() - there is no evidence at all: no other path can know more. */
bool revocation_hopeless(const struct evaluation *ev);

#endif
