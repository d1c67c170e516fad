/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Revocation lists: the status of one certificate (RFC 5280 section 6.3). */
#ifndef LIBCAPCERT_CRL_H
#define LIBCAPCERT_CRL_H

#include "libcapcert/evaluation.h"
#include "libcapcert/evidence.h"

/* CRL issuers whose own certificates are asked about, one for the other. */
#define CRL_DEPTH 4

/* One question while it is answered. */
struct inquiry {
	struct evaluation *ev;
	const struct path *path; /* the certificate stands in; those above it are sound */
	uint32_t at;
	const struct inquiry *parent;  /* @path is that of a CRL issuer, for this question */
	const struct node *signer;     /* that CRL issuer: path->node[0] */
	unsigned int depth;
	bool circular;		       /* lists may count that are signed by who is asked about */
	uint32_t reasons;	       /* reasons_mask */
	unsigned int closest;	       /* enum crl_stage of status.why */
	struct status status;
};

/* How far the evidence came that did not count; the furthest is reported. */
enum crl_stage {
	CRL_STAGE_NONE,
	CRL_STAGE_ISSUER, /* a list of the name, but not in scope */
	CRL_STAGE_USE,	  /* in scope, but must not be used */
	CRL_STAGE_TIME,
	CRL_STAGE_SIGNER,
	CRL_STAGE_FORM,	  /* genuine, but not as RFC 5280 wants it */
	CRL_STAGE_PARTLY, /* counted, but not for every reason */
};

/** inquiry_note() - remember @why a list does not count, unless another came further. */
void inquiry_note(struct inquiry *q, enum crl_stage stage, const char *why);

/**
 * crl_status() - ask the evidence's lists about certificate @at of @path, all above which has been
 * found sound.
 * @parent, @signer: NULL, or the question that this one is part of.
 * Spends comparisons, steps and signatures of the budget; when they run out, ev->budget.spent is
 * set and the answer means nothing.
 */
struct status crl_status(struct evaluation *ev, const struct path *path, uint32_t at,
			 const struct inquiry *parent, const struct node *signer);

#endif
