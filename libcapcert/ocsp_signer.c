// SPDX-License-Identifier: LGPL-2.1-or-later
/* Who signed an OCSP response, and may that one be believed (RFC 6960 section 4.2.2.2). */
#include <errno.h>
#include <stdlib.h>
#include "libcapcert/crl.h"
#include "libcapcert/judge.h"
#include "libcapcert/ocsp.h"
#include "libcapcert/sha.h"

static enum edge_state checked(struct evaluation *ev, int r)
{
	switch (r) {
	case 1:
		return EDGE_GOOD;
	case 0:
		return EDGE_BAD;
	case -EOPNOTSUPP:
		return EDGE_UNSUPPORTED;
	default:
		ev->no_memory = true;
		return EDGE_UNKNOWN;
	}
}

static bool signed_by(struct ocsp_question *q, const struct ocsp_response *response,
		      const struct cc_cert *signer)
{
	struct evaluation *ev = q->ev;

	if (!budget_signature(&ev->budget, sig_price(response->ocsp.scheme, 0, signer)))
		return false;
	switch (checked(ev, sig_check_prepared(&response->signature, signer))) {
	case EDGE_GOOD:
		return true;
	case EDGE_UNSUPPORTED:
		ocsp_note(q, OCSP_STAGE_SIGNER,
			  "the response's signature algorithm is not known, or does not fit the "
			  "signer's key");
		return false;
	default:
		ocsp_note(q, OCSP_STAGE_SIGNER, "the response is not signed by its signer's key");
		return false;
	}
}

/* ResponderID: the SHA-1 of the key, or the name. */
static bool named(struct ocsp_question *q, const struct ocsp_response *response,
		  const struct cc_cert *cert, struct cc_span subject)
{
	uint8_t hash[SHA1_DIGEST_SIZE];

	if (!budget_compare(&q->ev->budget))
		return false;
	if (!response->ocsp.by_key)
		return evaluation_same_name(q->ev, response->responder.name, subject);
	sha1_of(cert->key, hash);
	return memcmp(response->ocsp.responder.p, hash, sizeof(hash)) == 0;
}

/* Section 4.2.2.2: the certificate says by name what it is for, and is issued by the key that issued
 * the certificate in question, not by another of the same CA. */
static const char *delegated(struct ocsp_question *q, struct node *signer)
{
	const struct node *issuer = q->path->node[q->at + 1];
	const struct cc_cert *cert = signer->cert;
	struct evaluation *ev = q->ev;

	if (!evaluation_same_name(ev, signer->issuer.name, issuer->subject.name))
		return "the response's signer was not issued by the certificate's issuer";
	if (!(cert->eku_mask & CC_EKU_OCSP_SIGNING))
		return "the response's signer may not sign responses (extended key usage)";
	if ((cert->ext_present & CC_EXT_BIT(KEY_USAGE)) &&
	    !(cert->key_usage & CC_KU_DIGITAL_SIGNATURE))
		return "the response's signer may not sign (key usage)";
	if (!budget_signature(&ev->budget, sig_price(cert->scheme, cert->tbs.n, issuer->cert)))
		return "not checked";
	if (checked(ev, sig_check_issued(cert, issuer->cert)) != EDGE_GOOD)
		return "the response's signer was not issued by the certificate's issuer";
	return judge_ocsp_signer(ev, signer);
}

/* Section 4.2.2.2.1. A signer that does not say nocheck can be revoked like anybody else: lists tell,
 * and where they must be had and are not, it does not count. One that names no address cannot be
 * asked about, which is the CA's choice. */
static const char *signer_revoked(struct ocsp_question *q, struct node *signer)
{
	const struct cc_cert *cert = signer->cert;
	const struct cc_policy *policy = q->ev->policy;
	struct path *path;
	struct status s = { 0 };

	if ((cert->ext_present & CC_EXT_BIT(OCSP_NOCHECK)) ||
	    policy->revocation_mode == CC_REVOCATION_OFF)
		return NULL;
	if (policy->revocation & CC_EVIDENCE_CRL &&
	    evidence_has(q->ev->request->evidence, CC_EVIDENCE_CRL) && !q->nested) {
		path = calloc(1, sizeof(*path));
		if (!path) {
			q->ev->no_memory = true;
			return "not checked";
		}
		path->node[0] = signer;
		memcpy(path->node + 1, q->path->node + q->at + 1,
		       (q->path->count - q->at - 1) * sizeof(path->node[0]));
		path->count = q->path->count - q->at;
		path->complete = true;
		s = crl_status(q->ev, path, 0, NULL, NULL);
		free(path);
	}
	if (s.state == STATUS_REVOKED)
		return "the response's signer is revoked";
	if (s.state == STATUS_UNKNOWN && policy->revocation_mode == CC_REVOCATION_HARD &&
	    !no_status_address(cert))
		return "the response's signer may be revoked: it has no nocheck, and its own "
		       "status is not known";
	return NULL;
}

static bool delegate_holds(struct ocsp_question *q, const struct ocsp_response *response,
			   struct node *signer)
{
	const char *why;

	if (!named(q, response, signer->cert, signer->subject.name))
		return false;
	why = cc_span_equal(signer->cert->der, q->path->node[q->at]->cert->der)
		      ? "the response is signed by the certificate that it is about"
		      : delegated(q, signer);
	if (!why && !signed_by(q, response, signer->cert))
		return false;
	if (!why)
		why = signer_revoked(q, signer);
	if (why)
		ocsp_note(q, OCSP_STAGE_SIGNER, why);
	return !why;
}

static bool stop(const struct evaluation *ev)
{
	return ev->budget.spent || ev->no_memory;
}

/* Those that the response carries, then those of the chain: it need not carry what we have. */
static bool any_delegate_holds(struct ocsp_question *q, const struct ocsp_response *response)
{
	struct evaluation *ev = q->ev;
	uint32_t i;

	for (i = 0; i < response->cert_count && !stop(ev); i++) {
		const struct ocsp_cert *c = &response->certs[i];
		struct node signer = { .cert = &c->cert,
				       .index = UINT16_MAX,
				       .subject = c->subject,
				       .issuer = c->issuer,
				       .issuer_hash = c->issuer_hash };

		if (delegate_holds(q, response, &signer))
			return true;
	}
	for (i = 0; i < ev->count && !stop(ev); i++)
		if (delegate_holds(q, response, &ev->nodes[i]))
			return true;
	return false;
}

bool ocsp_signer_holds(struct ocsp_question *q, const struct ocsp_response *response)
{
	const struct node *issuer = q->path->node[q->at + 1];
	uint32_t number = response->ocsp.scheme;

	if (!(q->ev->policy->schemes >> number & 1)) {
		ocsp_note(q, OCSP_STAGE_SIGNER,
			  "the response is signed with an algorithm that the policy does not "
			  "allow");
		return false;
	}
	if (named(q, response, issuer->cert, issuer->subject.name) &&
	    signed_by(q, response, issuer->cert))
		return true;
	if (any_delegate_holds(q, response))
		return true;
	ocsp_note(q, OCSP_STAGE_SIGNER,
		  "the response is signed by somebody who is neither the certificate's issuer nor "
		  "known to it");
	return false;
}
