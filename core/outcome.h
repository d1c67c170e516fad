/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reasons, purposes and statuses of a verification: one list each. */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include "core/span.h"

/*  X(number, NAME, text) - FailureReason; 0-14 by requirement, from 15 on ours. */
#define CC_REASONS(X)                                          \
	X(0, UNKNOWN_ANCHOR, "unknownAnchor")                  \
	X(1, EXPIRED, "expired")                               \
	X(2, NOT_YET_VALID, "notYetValid")                     \
	X(3, SIGNATURE_MISMATCH, "signatureMismatch")          \
	X(4, NAME_MISMATCH, "nameMismatch")                    \
	X(5, INSUFFICIENT_SCTS, "insufficientScts")            \
	X(6, REVOKED, "revoked")                               \
	X(7, OCSP_UNAVAILABLE, "ocspUnavailable")              \
	X(8, WEAK_ALGORITHM, "weakAlgorithm")                  \
	X(9, POLICY_VIOLATION, "policyViolation")              \
	X(10, BAD_EKU, "badEku")                               \
	X(11, CHAIN_TOO_LONG, "chainTooLong")                  \
	X(12, NAME_CONSTRAINT_VIOLATION, "nameConstraintViolation") \
	X(13, MUST_STAPLE_MISSING, "mustStapleMissing")        \
	X(14, PIN_MISMATCH, "pinMismatch")                     \
	X(15, BUDGET_EXHAUSTED, "budgetExhausted")             \
	X(16, LOG_LIST_STALE, "logListStale")                  \
	X(17, KEY_REVOKED, "keyRevoked")                       \
	X(18, CLOCK_UNTRUSTED, "clockUntrusted")               \
	X(19, DISTRUSTED, "distrusted")                        \
	X(20, INTERNAL, "internal")                            \
	X(21, MALFORMED, "malformed")

enum cc_reason {
	CC_REASON_NONE = -1,
#define X(nr, name, text) CC_REASON_##name = (nr),
	CC_REASONS(X)
#undef X
};

/*  X(number, NAME, text) - CertPurpose. */
#define CC_PURPOSES(X)                               \
	X(0, TLS_SERVER_AUTH, "tlsServerAuth")       \
	X(1, TLS_CLIENT_AUTH, "tlsClientAuth")       \
	X(2, CODE_SIGNING, "codeSigning")            \
	X(3, EMAIL_SMIME, "emailSmime")              \
	X(4, CLIENT_IDENTITY, "clientIdentity")      \
	X(5, CT_LOG, "ctLog")                        \
	X(6, OCSP_SIGNING, "ocspSigning")            \
	X(7, WEBAUTHN_ROOT, "webauthnRoot")

enum cc_purpose {
#define X(nr, name, text) CC_PURPOSE_##name = (nr),
	CC_PURPOSES(X)
#undef X
	CC_PURPOSE_COUNT
};

/** Texts for numbers ("unknownAnchor", "valid" for CC_REASON_NONE); "?" for unknown ones. */
const char *cc_reason_name(int32_t reason);
const char *cc_purpose_name(uint32_t purpose);
const char *cc_origin_name(uint32_t origin);
const char *cc_clock_name(uint32_t clock);
const char *cc_ocsp_status_name(uint32_t status);

/** cc_purpose_parse() - number of a purpose's text (case-insensitive), or -1. */
int cc_purpose_parse(const char *text, size_t len);

/** cc_purposes_parse() - contents of a BIT STRING in which bit n is purpose n
 *  (docs/bundle-format.md): none unknown, no trailing zero bits; may be empty.
 *  @ret: mask 1 << enum cc_purpose. */
bool cc_purposes_parse(struct cc_span body, uint32_t *ret);

/** cc_reason_cacheable() - false for verdicts about resources, not about the chain:
 *  budget, internal, untrusted clock. */
bool cc_reason_cacheable(int32_t reason);

#endif
