// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the policy and an anchor ask of SCTs. Everything fails closed: without a list of logs, with
 * one that is too old, without an issuer, without budget no SCT counts. */
#include <errno.h>
#include <stdlib.h>
#include "libcapcert/evidence.h"
#include "libcapcert/ocsp.h"
#include "libcapcert/sct.h"
#include "libcapcert/sct_evidence.h"

#define SAID_MAX 8

struct scts_judged {
	struct sct_judge judge;
	bool fresh;
	uint32_t said;
	struct {
		uint32_t status;
		const char *name; /* of the log, NULL unknown */
	} say[SAID_MAX];
};

static void judge_one(struct scts_judged *s, const struct cc_sct *sct, uint32_t source)
{
	struct sct_verdict v;

	sct_judge_one(&s->judge, sct, source, NULL, &v);
	if (v.status == CAPCERT_SCT_STATUS_VALID || s->said == SAID_MAX)
		return;
	s->say[s->said].status = v.status;
	s->say[s->said++].name = v.log ? v.log->description : NULL;
}

/* Malformed lists are none: RFC 6962 says nothing else, and nothing counts that is not there. */
static void judge_list(struct scts_judged *s, struct cc_span tls, uint32_t source)
{
	struct cc_span rest, one;
	struct cc_sct sct;
	int r;

	if (cc_sct_list_open(tls, &rest, NULL) != CC_SCT_OK)
		return;
	while (cc_sct_next(&rest, &one) > 0) {
		r = cc_sct_parse(one, &sct);
		if (r == CC_SCT_OK || r == CC_SCT_E_VERSION) {
			judge_one(s, &sct, source);
		} else {
			s->judge.total++;
			s->judge.failed++;
		}
	}
}

/* What OCSP says of the leaf, in a response that is signed and current: of staples and of others the
 * one that would decide. Whose SCTs do not count is not worth the check. */
static void judge_responses(struct evaluation *ev, const struct path *path)
{
	static const uint32_t kinds[] = { CC_EVIDENCE_STAPLE, CC_EVIDENCE_OCSP };
	struct status status;
	size_t i;

	if (path->count < 2 || !sct_counts(&ev->scts->judge, CAPCERT_SCT_OCSP))
		return;
	for (i = 0; i < CC_ARRAY_SIZE(kinds); i++) {
		if (!evidence_has(ev->request->evidence, kinds[i]))
			continue;
		status = ocsp_status(ev, path, 0, kinds[i], false);
		if (status.response)
			judge_list(ev->scts, status.scts, CAPCERT_SCT_OCSP);
	}
}

static void judge_brought(struct scts_judged *s, const capcert_evidence *evidence)
{
	const capcert_scts *scts = evidence_scts(evidence);
	size_t count = capcert_scts_count(scts), i;

	for (i = 0; i < count; i++) {
		const struct sct *sct = scts_get(scts, i);

		judge_one(s, &sct->parsed, sct->pub.source);
	}
}

/* A leaf that is the whole path has itself for issuer, if anybody. */
static const struct cc_cert *issuer_of(const struct path *path)
{
	if (path->count > 1)
		return path->node[1]->cert;
	return path->node[0]->self_issued ? path->node[0]->cert : NULL;
}

static bool same_issuer(const struct cc_cert *a, const struct cc_cert *b)
{
	return a == b || (a && b && cc_span_equal(a->spki, b->spki));
}

/* Judged once: issuers that can have signed one leaf have one key. */
static struct scts_judged *judged(struct evaluation *ev, const struct path *path)
{
	const struct cc_cert *issuer = issuer_of(path);
	struct scts_judged *s = ev->scts;

	if (s && same_issuer(s->judge.issuer, issuer))
		return s;
	if (!s)
		s = ev->scts = malloc(sizeof(*s));
	if (!s) {
		ev->no_memory = true;
		return NULL;
	}
	memset(s, 0, sizeof(*s));
	s->judge.logs = ev->policy->ct_logs[0] ? ev->request->logs : NULL;
	s->judge.cert = path->node[0]->cert;
	s->judge.issuer = issuer;
	s->judge.window = &ev->window;
	s->judge.budget = &ev->budget;
	s->judge.skew = ev->policy->clock_skew;
	s->judge.max_list_age = ev->policy->max_log_list_age;
	s->judge.sources = ev->policy->sct_sources;
	s->judge.flags = ev->policy->sct_within_validity ? CAPCERT_CT_STRICT_VALIDITY : 0;
	s->fresh = sct_list_fresh(&s->judge);
	if (s->judge.cert->ext_present & CC_EXT_BIT(SCT_LIST))
		judge_list(s, s->judge.cert->scts, CAPCERT_SCT_EMBEDDED);
	judge_responses(ev, path);
	judge_brought(s, ev->request->evidence);
	if (s->judge.no_memory)
		ev->no_memory = true;
	return s;
}

struct finding sct_evidence_check(struct evaluation *ev, const struct path *path)
{
	const struct cc_policy *policy = ev->policy;
	struct sct_rule rule = { policy->ct_rule, policy->min_scts, policy->min_scts };
	struct scts_judged *s;
	const char *why;

	if (policy->min_scts == 0 && policy->ct_rule < CC_CT_ALL)
		return FINDING_NONE;
	s = judged(ev, path);
	if (!s)
		return finding(CC_REASON_INTERNAL, "out of memory");
	why = sct_rule_misses(&s->judge, &rule);
	if (!why)
		return FINDING_NONE;
	if (!s->judge.logs)
		return finding(CC_REASON_INSUFFICIENT_SCTS,
			       "the policy asks for SCTs, and there is no list of CT logs");
	if (!s->fresh)
		return finding(CC_REASON_LOG_LIST_STALE,
			       "the policy asks for SCTs, and the list of CT logs is too old");
	if (!s->judge.total)
		return finding(CC_REASON_INSUFFICIENT_SCTS,
			       "the policy asks for SCTs, and there is none");
	if (s->judge.over_budget)
		return finding(CC_REASON_BUDGET_EXHAUSTED, "too many SCTs to check them all");
	return finding(CC_REASON_INSUFFICIENT_SCTS, why);
}

bool sct_date_check(struct evaluation *ev, struct path *path)
{
	const struct anchor *anchor = path->node[path->count - 1]->anchor;
	struct scts_judged *s;
	uint32_t i;

	if (!anchor || !anchor->has_sct_date)
		return true;
	s = judged(ev, path);
	for (i = 0; s && i < s->judge.seen_count; i++) {
		const struct sct_seen *seen = &s->judge.seen[i];

		if (seen->valid && sct_counts(&s->judge, seen->source) &&
		    seen->time <= anchor->sct_date)
			return true;
	}
	path->found[path->count - 1] =
		finding(CC_REASON_DISTRUSTED,
			"trusted only for certificates with an SCT of an earlier date");
	return false;
}

void sct_evidence_say(const struct evaluation *ev, struct cc_text *t)
{
	const struct scts_judged *s = ev->scts;
	uint32_t i;

	if (!s || !s->said)
		return;
	for (i = 0; i < s->said; i++) {
		cc_text_put(t, i ? "; SCT of " : " (SCT of ");
		cc_text_put(t, s->say[i].name ? s->say[i].name : "a log");
		cc_text_put(t, ": ");
		cc_text_put(t, capcert_sct_status_name(s->say[i].status));
	}
	cc_text_char(t, ')');
}

uint32_t sct_evidence_count(const struct evaluation *ev)
{
	return ev->scts ? sct_count(&ev->scts->judge, true).logs : 0;
}

void sct_evidence_free(struct evaluation *ev)
{
	free(ev->scts);
	ev->scts = NULL;
}
