/* SPDX-License-Identifier: GPL-2.0-only */
/* Does what was fetched say something about this certificate that a verifier would believe? The engine
 * itself is asked, with the issuer as the only anchor and nothing but this one piece of evidence. */
#ifndef HELPERS_STATUSD_JUDGE_H
#define HELPERS_STATUSD_JUDGE_H

#include <stddef.h>
#include <capcert/verify.h>

enum judge_kind { JUDGE_OCSP, JUDGE_CRL };

/** What is asked about; the certificates and the chain are borrowed. */
struct judge_subject {
	const capcert_cert *cert;
	const capcert_cert *issuer;
	const capcert_chain *others; /* that may have signed evidence; NULL: none */
	capcert_chain *chain;	     /* all of them but the issuer */
	capcert_store *store;	     /* the issuer */
	capcert_policy *policy;
};

#define JUDGE_TEXT 160

struct judge_verdict {
	uint32_t status;      /* CAPCERT_OCSP_GOOD or _REVOKED, of lists, too */
	int64_t this_update;  /* seconds since 1970, as @until */
	int64_t until;	      /* last second at which it counts */
	char why[JUDGE_TEXT]; /* does not count: one line */
};

/** judge_new() - @cert was issued by @issuer, says who asks. @max_age: seconds that evidence without an
 *  end counts, 0 = as a policy has it that does not say. Return: 0, -ENOMEM, -EMSGSIZE. */
int judge_new(capcert_cert *cert, capcert_cert *issuer, const capcert_chain *others,
	      uint32_t max_age, struct judge_subject *ret);
void judge_free(struct judge_subject *s);

/**
 * judge_evidence() - does @data say at @now that the subject is good, or that it is revoked?
 * Return: 0 with @ret filled; -EBADMSG it does not: not for this certificate, out of date, signed by nobody
 * who may; @ret->why says it; -ENOMEM.
 */
int judge_evidence(const struct judge_subject *s, enum judge_kind kind, const uint8_t *data,
		   size_t len, int64_t now, struct judge_verdict *ret);

#endif
