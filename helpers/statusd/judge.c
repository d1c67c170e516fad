// SPDX-License-Identifier: GPL-2.0-only
/* Evidence on trial: one certificate, its issuer as anchor, and a policy that asks for nothing else. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <capcert/crl.h>
#include <capcert/ocsp.h>
#include "helpers/statusd/judge.h"
#include "helpers/statusd/lists.h"

/* time=any: the clock is read once for each step of the daemon, not in here. */
#define POLICY "profile=rfc5280;time=any;clock_skew=60s;revocation_mode=hard;revocation=crl"

static int fill_chain(capcert_chain *chain, capcert_cert *cert, const capcert_chain *others)
{
	size_t count = others ? capcert_chain_count(others) : 0;
	int r = capcert_chain_push(chain, cert);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = capcert_chain_push(chain, capcert_chain_at(others, i));
	return r;
}

int judge_new(capcert_cert *cert, capcert_cert *issuer, const capcert_chain *others,
	      uint32_t max_age, struct judge_subject *ret)
{
	char text[sizeof(POLICY) + 24];
	struct judge_subject s = { .cert = cert, .issuer = issuer, .others = others };
	size_t n;
	const uint8_t *der = capcert_cert_der(issuer, &n);
	int r = capcert_chain_new(&s.chain);

	if (r == 0)
		r = fill_chain(s.chain, cert, others);
	if (r == 0)
		r = capcert_store_new(&s.store);
	if (r == 0)
		r = capcert_store_put(s.store, der, n, (1u << CAPCERT_PURPOSE_COUNT) - 1);
	snprintf(text, sizeof(text), max_age ? POLICY ";max_age=%us" : POLICY, max_age);
	if (r == 0)
		r = capcert_policy_new(text, &s.policy, NULL);
	if (r < 0)
		judge_free(&s);
	else
		*ret = s;
	return r;
}

void judge_free(struct judge_subject *s)
{
	capcert_chain_free(s->chain);
	capcert_store_free(s->store);
	capcert_policy_free(s->policy);
	memset(s, 0, sizeof(*s));
}

static int judge_ocsp(const struct judge_subject *s, const uint8_t *data, size_t len, int64_t now,
		      struct judge_verdict *ret)
{
	struct capcert_ocsp_verdict verdict;
	int r = capcert_ocsp_check(s->policy, s->cert, s->issuer, s->others, data, len, now,
				   &verdict);

	if (r < 0) {
		snprintf(ret->why, sizeof(ret->why), "what came is no OCSP response");
		return r == -ENOMEM ? r : -EBADMSG;
	}
	if (!verdict.counts || verdict.status == CAPCERT_OCSP_UNKNOWN) {
		snprintf(ret->why, sizeof(ret->why), "%s",
			 verdict.why ? verdict.why : "the responder does not know it");
		return -EBADMSG;
	}
	ret->status = verdict.status;
	ret->this_update = verdict.this_update;
	ret->until = verdict.until;
	return 0;
}

/* Whatever else the certificate is for, here it is for something that it may be used for. */
static int verify(const struct judge_subject *s, const capcert_evidence *evidence, int64_t now,
		  struct capcert_result *ret)
{
	static const uint32_t purposes[] = {
		CAPCERT_PURPOSE_TLS_SERVER_AUTH, CAPCERT_PURPOSE_TLS_CLIENT_AUTH,
		CAPCERT_PURPOSE_CODE_SIGNING,	 CAPCERT_PURPOSE_EMAIL_SMIME,
		CAPCERT_PURPOSE_OCSP_SIGNING,
	};
	struct capcert_params params = {
		.chain = s->chain, .have_time = 1, .time = now, .evidence = evidence
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(purposes) / sizeof(*purposes); i++) {
		params.purpose = purposes[i];
		r = capcert_verify_local(s->policy, s->store, NULL, &params, ret);
		if (r < 0 || ret->outcome.reason != CAPCERT_REASON_BAD_EKU)
			break;
	}
	return r;
}

static int judge_crl(const struct judge_subject *s, const uint8_t *data, size_t len, int64_t now,
		     struct judge_verdict *ret)
{
	struct capcert_result result;
	struct capcert_crl_info info;
	capcert_evidence *evidence;
	const capcert_crl *crl;
	int r = capcert_evidence_new(&evidence);

	if (r < 0)
		return r;
	r = lists_get(data, len, &crl);
	if (r < 0)
		snprintf(ret->why, sizeof(ret->why), "what came is no revocation list");
	if (r == 0)
		r = capcert_evidence_put_parsed_crl(evidence, crl);
	if (r == 0)
		r = verify(s, evidence, now, &result);
	capcert_evidence_free(evidence);
	if (r == 0) {
		/* The engine says until when a list counts, but not since when it does. */
		capcert_crl_get(crl, &info);
		ret->this_update = info.this_update;
	}
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (!result.outcome.valid && result.outcome.reason != CAPCERT_REASON_REVOKED) {
		snprintf(ret->why, sizeof(ret->why), "%.*s", JUDGE_TEXT - 1, result.outcome.detail);
		return -EBADMSG;
	}
	ret->status = result.outcome.valid ? CAPCERT_OCSP_GOOD : CAPCERT_OCSP_REVOKED;
	ret->until = result.outcome.valid_until;
	return 0;
}

int judge_evidence(const struct judge_subject *s, enum judge_kind kind, const uint8_t *data,
		   size_t len, int64_t now, struct judge_verdict *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (kind == JUDGE_OCSP)
		return judge_ocsp(s, data, len, now, ret);
	return judge_crl(s, data, len, now, ret);
}
