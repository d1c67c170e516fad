// SPDX-License-Identifier: GPL-2.0-only
/* What the status agent is asked: certificate, issuer, the others in their order. */
#include <linux/slab.h>
#include <linux/string.h>

#include "core/digest.h"
#include "core/policy.h"
#include "core/trust_anchor.h"
#include "kmod/digest.h"
#include "kmod/question.h"
#include "kmod/store.h"

int cc_question_key(const struct cc_question *q, u8 ret[32])
{
	static const char domain[] = "capcert-fetch-v1";
	const __be32 more[] = { cpu_to_be32(q->want), cpu_to_be32(q->policy->max_age),
				cpu_to_be32(q->policy->ocsp_nonce) };
	const bool anchor = q->anchor.n;
	struct cc_digest digest;
	u32 i;

	cc_digest_init(&digest);
	cc_digest_absorb(&digest, domain, sizeof(domain) - 1);
	cc_digest_absorb(&digest, more, sizeof(more));
	cc_absorb_chain_cert(cc_digest_absorb, &digest, q->certs[q->subject]);
	cc_absorb_chain_cert(cc_digest_absorb, &digest, anchor ? q->anchor : q->certs[q->issuer]);
	for (i = 0; i < q->count; i++)
		if (i != q->subject && (anchor || i != q->issuer))
			cc_absorb_chain_cert(cc_digest_absorb, &digest, q->certs[i]);
	return cc_digest_final(&digest, ret);
}

int cc_question_anchor(const struct cc_anchor *anchor, u8 **ret, u32 *ret_len)
{
	struct cc_trust_anchor *ta = kmalloc(sizeof(*ta), GFP_KERNEL);
	int error = 0;
	u8 *der;

	if (!ta)
		return -ENOMEM;
	if (cc_trust_anchor_parse(cc_span(anchor->der, anchor->der_len), ta) != CC_CERT_OK ||
	    !ta->certificate.n || ta->certificate.n > CAPCERT_MAX_CERT)
		error = -EOPNOTSUPP;
	if (!error) {
		der = kmemdup(ta->certificate.p, ta->certificate.n, GFP_KERNEL_ACCOUNT);
		if (!der)
			error = -ENOMEM;
	}
	if (!error) {
		der[0] = 0x30;
		*ret = der;
		*ret_len = ta->certificate.n;
	}
	kfree(ta);
	return error;
}
