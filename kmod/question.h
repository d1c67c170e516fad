/* SPDX-License-Identifier: GPL-2.0-only */
/* What the status agent is asked: certificate, issuer, the others in their order. */
#ifndef KMOD_QUESTION_H
#define KMOD_QUESTION_H

#include <linux/capcert.h>
#include <linux/types.h>

#include "core/span.h"

#define CC_QUESTION_WANT (CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL)

struct cc_anchor;
struct cc_policy;

/*
 * struct cc_question - one of them. Certificates are numbered as in the chain.
 * @certs: of @count.
 * @anchor: of the issuer, when it is none of @certs; else empty.
 * @policy: how old an answer may be, and whether with a nonce.
 */
struct cc_question {
	const struct cc_span *certs;
	u32 count;
	u32 subject;
	u32 issuer;
	struct cc_span anchor;
	u32 want;
	const struct cc_policy *policy;
};

/* cc_question_key() - equal ones have equal keys, others do not. May sleep. Return: 0 or -errno. */
int cc_question_key(const struct cc_question *question, u8 ret[32]);

/*
 * cc_question_anchor() - the certificate of an anchor, which may stand in a TrustAnchorInfo with
 * another tag. @ret: kfree(). Return: 0, -EOPNOTSUPP when it has none, -ENOMEM.
 */
int cc_question_anchor(const struct cc_anchor *anchor, u8 **ret, u32 *ret_len);

#endif
