/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From findings to an outcome: which reason counts, and what the policy asks beyond trust. */
#ifndef LIBCAPCERT_DECIDE_H
#define LIBCAPCERT_DECIDE_H

#include "libcapcert/evaluation.h"

/*
 * Several things may be wrong at once. The best failing path is reported: a complete one before
 * one that reaches no anchor, then the one with fewer bad certificates, then the one whose worst
 * finding stands later in this list, then the first found. Of that path the finding that stands
 * first in this list counts, and of equal ones the one nearest the leaf:
 *
 *  internal, clockUntrusted    no verdict about the chain is possible
 *  malformed                   the certificate cannot be read
 *  distrusted, revoked, keyRevoked
 *  budgetExhausted             no path within the budget; more might exist
 *  unknownAnchor               nothing else said about the chain could be believed
 *  signatureMismatch
 *  chainTooLong                maximum length, or a pathLenConstraint
 *  notYetValid, expired
 *  weakAlgorithm
 *  policyViolation             extensions, basic constraints, key usage, policies, profile
 *  badEku
 *  nameConstraintViolation
 *  nameMismatch
 *  logListStale, insufficientScts, mustStapleMissing, ocspUnavailable, pinMismatch
 *                              asked only about a path with nothing of the above
 */

/** decide_rank() - place of a reason in the list; smaller = counts first. */
unsigned int decide_rank(int32_t reason);

/** decide_evidence() - what the policy asks beyond a trusted path and the revocation status of its
 *  certificates. FINDING_NONE: nothing more. */
struct finding decide_evidence(struct evaluation *ev, const struct path *path, uint32_t *ret_at);

/** decide() - fill the answer from a finished search. */
void decide(struct evaluation *ev, struct capcert_agent_reply *ret,
	    struct capcert_path_entry entries[CAPCERT_MAX_PATH]);

/** decide_without_path() - an answer that no path was searched for. */
void decide_without_path(struct capcert_agent_reply *ret, struct finding f);

#endif
