// SPDX-License-Identifier: LGPL-2.1-or-later
/* SCTs of one certificate against a context: yes or no, and the whole report. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "libcapcert/sct.h"
#include "libcapcert/x509.h"

static int check_context(const struct capcert_ct_context *c)
{
	if (!c || c->size < sizeof(*c))
		return -EINVAL;
	if (c->size > sizeof(*c))
		return -E2BIG;
	if (c->rule > CAPCERT_CT_ALL_AND_CHROME ||
	    (c->flags & ~(CAPCERT_CT_STRICT_VALIDITY | CAPCERT_CT_COUNT_OCSP)))
		return -EINVAL;
	return 0;
}

struct judgement {
	struct sct_judge judge;
	struct window window;
	struct sct_rule rule;
};

static struct judgement *begin(const struct capcert_ct_context *c, const capcert_cert *cert,
			       const capcert_cert *issuer)
{
	struct judgement *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->window = window_at(c->have_time ? c->time : time(NULL));
	j->rule = (struct sct_rule){ c->rule, c->count, c->min_scts };
	j->judge.logs = c->logs;
	j->judge.cert = &cert->parsed;
	j->judge.issuer = issuer ? &issuer->parsed : NULL;
	j->judge.window = &j->window;
	j->judge.skew = c->skew;
	j->judge.max_list_age = c->max_list_age;
	j->judge.flags = c->flags;
	j->judge.sources = c->flags & CAPCERT_CT_COUNT_OCSP ? ~0u : ~(1u << CAPCERT_SCT_OCSP);
	return j;
}

static void judge_at(struct judgement *j, const capcert_scts *scts, size_t at,
		     struct sct_verdict *ret)
{
	const struct sct *sct = scts_get(scts, at);

	sct_judge_one(&j->judge, &sct->parsed, sct->pub.source, sct->has_proof ? &sct->proof : NULL,
		      ret);
}

int capcert_ct_check(const struct capcert_ct_context *context, const capcert_scts *scts,
		     const capcert_cert *cert, const capcert_cert *issuer)
{
	size_t count = capcert_scts_count(scts), i;
	struct sct_verdict verdict;
	struct judgement *j;
	int r;

	if (check_context(context) < 0 || !cert)
		return 0;
	j = begin(context, cert, issuer);
	if (!j)
		return 0;
	for (i = 0; i < count && !j->judge.no_memory && !sct_rule_done(&j->judge, &j->rule); i++)
		judge_at(j, scts, i, &verdict);
	r = !j->judge.no_memory && !sct_rule_misses(&j->judge, &j->rule);
	free(j);
	return r;
}

static void fill(struct judgement *j, const capcert_scts *scts, size_t at,
		 struct capcert_sct_result *ret)
{
	struct sct_verdict v;

	judge_at(j, scts, at, &v);
	ret->sct = capcert_scts_at(scts, at);
	ret->log = v.log ? capcert_loglist_find(j->judge.logs, v.log->id) : NULL;
	ret->status = v.status;
	ret->valid = v.status == CAPCERT_SCT_STATUS_VALID;
	ret->counts = ret->valid && sct_counts(&j->judge, ret->sct->source);
	ret->outside_validity = v.outside_validity;
	ret->log_state = v.state;
	ret->operator_name = v.operator_name;
	ret->detail = v.detail;
}

static void conclude(struct judgement *j, struct capcert_ct_report *r)
{
	struct sct_tally valid = sct_count(&j->judge, false);

	r->time = j->window.time;
	r->valid_count = valid.scts;
	r->distinct_valid_logs = valid.logs;
	r->operators = valid.operators;
	r->counted_logs = sct_count(&j->judge, true).logs;
	r->why = sct_rule_misses(&j->judge, &j->rule);
	r->passed = !r->why;
}

static int judge_all(const struct capcert_ct_context *context, const capcert_scts *scts,
		     const capcert_cert *cert, const capcert_cert *issuer,
		     struct capcert_ct_report *r)
{
	size_t count = capcert_scts_count(scts), i;
	struct judgement *j;
	int error = 0;

	j = begin(context, cert, issuer);
	if (!j)
		return -ENOMEM;
	r->results = calloc(count ? count : 1, sizeof(*r->results));
	if (!r->results)
		error = -ENOMEM;
	for (i = 0; i < count && !error; i++) {
		fill(j, scts, i, &r->results[i]);
		r->result_count++;
		if (j->judge.no_memory)
			error = -ENOMEM;
	}
	if (!error)
		conclude(j, r);
	free(j);
	return error;
}

int capcert_ct_report_new(const struct capcert_ct_context *context, const capcert_scts *scts,
			  const capcert_cert *cert, const capcert_cert *issuer,
			  struct capcert_ct_report **ret)
{
	struct capcert_ct_report *report;
	int r = check_context(context);

	if (r < 0)
		return r;
	report = calloc(1, sizeof(*report));
	if (!report)
		return -ENOMEM;
	report->rule = context->rule;
	report->count = context->count;
	report->min_scts = context->min_scts;
	report->time = context->have_time ? context->time : time(NULL);
	report->why = "certificate or issuer is missing";
	if (context->logs)
		report->logs = capcert_loglist_ref(context->logs);
	if (cert)
		r = judge_all(context, scts, cert, issuer, report);
	if (r < 0) {
		capcert_ct_report_free(report);
		return r;
	}
	*ret = report;
	return 0;
}

int capcert_ct_report_chain(const struct capcert_ct_context *context, const capcert_scts *scts,
			    const capcert_chain *chain, struct capcert_ct_report **ret)
{
	if (!chain || chain->count < 2)
		return capcert_ct_report_new(context, NULL, NULL, NULL, ret);
	return capcert_ct_report_new(context, scts, chain->certs[0], chain->certs[1], ret);
}

void capcert_ct_report_free(struct capcert_ct_report *report)
{
	if (!report)
		return;
	capcert_loglist_free(report->logs);
	free(report->results);
	free(report);
}
