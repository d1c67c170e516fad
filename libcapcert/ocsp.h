/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OCSP responses: the status of one certificate (RFC 6960 section 3.2). */
#ifndef LIBCAPCERT_OCSP_H
#define LIBCAPCERT_OCSP_H

#include "libcapcert/evaluation.h"
#include "libcapcert/evidence.h"

/* How far the evidence came that did not count; the furthest is reported. */
enum ocsp_stage {
	OCSP_STAGE_NONE,
	OCSP_STAGE_ANSWER, /* the responder refused to answer */
	OCSP_STAGE_MATCH,  /* about other certificates */
	OCSP_STAGE_USE,	   /* about this one, but must not be used */
	OCSP_STAGE_TIME,
	OCSP_STAGE_SIGNER,
	OCSP_STAGE_UNKNOWN, /* counted, and the responder does not know the certificate */
};

/* Digests that CertIDs of one issuer have: by enum cc_ocsp_hash. */
struct ocsp_issuer_hashes {
	bool known[2];
	uint8_t name[2][32], key[2][32];
};

/* One question while it is answered. */
struct ocsp_question {
	struct evaluation *ev;
	const struct path *path; /* the certificate stands in; those above it are sound */
	uint32_t at;
	bool nested; /* on behalf of somebody who signed evidence: asks nobody else in turn */
	struct ocsp_issuer_hashes hashes;
	unsigned int closest; /* enum ocsp_stage of status.why */
	struct status status;
};

/** ocsp_note() - remember @why a response does not count, unless another came further. */
void ocsp_note(struct ocsp_question *q, enum ocsp_stage stage, const char *why);

/** ocsp_signer_holds() - is the response signed by the certificate's issuer, or by somebody whom that
 *  issuer certified for it (section 4.2.2.2)? No: @q has been told why, unless ev->budget.spent or
 *  ev->no_memory say so. */
bool ocsp_signer_holds(struct ocsp_question *q, const struct ocsp_response *response);

/**
 * ocsp_status() - ask the evidence's responses about certificate @at of @path, which has an issuer
 * there, and all above which has been found sound.
 * @kinds: CC_EVIDENCE_STAPLE and CC_EVIDENCE_OCSP, whichever count. @nested: as above.
 * Spends comparisons and signatures of the budget; when they run out, ev->budget.spent is set and the
 * answer means nothing.
 */
struct status ocsp_status(struct evaluation *ev, const struct path *path, uint32_t at,
			  uint32_t kinds, bool nested);

/** no_status_address() - neither an OCSP responder nor a CRL is named. */
bool no_status_address(const struct cc_cert *cert);

#endif
