// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CtLog: kind, description, merge delay, who ran the log and in which state it was since when. */
#include "core/ct_log.h"
#include "core/der.h"
#include "core/text.h"
#include "core/time.h"

#define MMD_MAX 0x7fffffffu

const char *cc_ct_log_state_name(uint32_t state)
{
	switch (state) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_CT_LOG_STATES(X)
#undef X
	default:
		return "?";
	}
}

/* An ENUMERATED below @count, which is at most 128. */
static bool enumerated(struct cc_span *in, uint32_t count, uint32_t *ret)
{
	struct cc_span body;

	if (cc_der_get(in, CC_DER_ENUMERATED, &body) || body.n != 1 || body.p[0] >= count)
		return false;
	*ret = body.p[0];
	return true;
}

static bool line(struct cc_span *in, uint8_t tag, size_t max, struct cc_span *ret)
{
	return !cc_der_get(in, tag, ret) && ret->n >= 1 && ret->n <= max && cc_utf8_line(*ret);
}

static bool time(struct cc_span *in, int64_t *ret)
{
	struct cc_span body;

	return !cc_der_get(in, CC_DER_GENERALIZED_TIME, &body) && cc_time_generalized(body, ret);
}

int cc_ct_log_operator_next(struct cc_span *rest, struct cc_span *ret_name, int64_t *ret_since)
{
	struct cc_span one;

	if (rest->n == 0)
		return 0;
	if (cc_der_get(rest, CC_DER_SEQUENCE, &one) ||
	    !line(&one, CC_DER_UTF8_STRING, CC_CT_LOG_OPERATOR_MAX, ret_name) ||
	    !time(&one, ret_since) || one.n)
		return -1;
	return 1;
}

int cc_ct_log_state_next(struct cc_span *rest, uint32_t *ret_state, int64_t *ret_since)
{
	struct cc_span one;

	if (rest->n == 0)
		return 0;
	if (cc_der_get(rest, CC_DER_SEQUENCE, &one) ||
	    !enumerated(&one, CC_CT_LOG_STATE_COUNT, ret_state) || !time(&one, ret_since) || one.n)
		return -1;
	return 1;
}

static bool operators(struct cc_span rest, uint32_t *ret_count)
{
	int64_t since, last = 0;
	struct cc_span name;
	uint32_t count = 0;
	int r;

	while ((r = cc_ct_log_operator_next(&rest, &name, &since)) == 1) {
		if (count++ && since <= last)
			return false;
		last = since;
	}
	*ret_count = count;
	return r == 0 && count >= 1 && count <= CC_CT_LOG_HISTORY_MAX;
}

static bool states(struct cc_span rest, uint32_t *ret_count)
{
	int64_t since, last = 0;
	uint32_t state, count = 0;
	int r;

	while ((r = cc_ct_log_state_next(&rest, &state, &since)) == 1) {
		if (count++ && since <= last)
			return false;
		last = since;
	}
	*ret_count = count;
	return r == 0 && count >= 1 && count <= CC_CT_LOG_HISTORY_MAX;
}

static bool interval(struct cc_span *in, struct cc_ct_log *log)
{
	struct cc_span seq;

	if (!cc_der_peek(*in, CC_DER_CONTEXT_CONS(0)))
		return true;
	log->has_interval = true;
	return !cc_der_get(in, CC_DER_CONTEXT_CONS(0), &seq) && time(&seq, &log->interval_start) &&
	       time(&seq, &log->interval_end) && seq.n == 0 &&
	       log->interval_start < log->interval_end;
}

/* The UTF8String with this tag, if it is there: printable ASCII without blanks. */
static bool url(struct cc_span *in, uint8_t tag, struct cc_span *ret)
{
	size_t i;

	if (!cc_der_peek(*in, tag))
		return true;
	if (cc_der_get(in, tag, ret) || ret->n == 0 || ret->n > CC_CT_LOG_URL_MAX)
		return false;
	for (i = 0; i < ret->n; i++)
		if (ret->p[i] <= 0x20 || ret->p[i] >= 0x7f)
			return false;
	return true;
}

bool cc_ct_log_parse(struct cc_span der, struct cc_ct_log *ret)
{
	struct cc_span in, body;
	uint64_t mmd;
	uint32_t kind;

	memset(ret, 0, sizeof(*ret));
	if (cc_der_only(der, CC_DER_SEQUENCE, &in) ||
	    !enumerated(&in, CC_CT_LOG_KIND_COUNT, &kind) ||
	    !line(&in, CC_DER_UTF8_STRING, CC_CT_LOG_DESCRIPTION_MAX, &ret->description) ||
	    cc_der_get(&in, CC_DER_INTEGER, &body) || !cc_der_uint63(body, &mmd) || mmd > MMD_MAX)
		return false;
	ret->kind = (uint8_t)kind;
	ret->mmd = (uint32_t)mmd;
	return !cc_der_get(&in, CC_DER_SEQUENCE, &ret->operators) &&
	       operators(ret->operators, &ret->operator_count) &&
	       !cc_der_get(&in, CC_DER_SEQUENCE, &ret->states) &&
	       states(ret->states, &ret->state_count) && interval(&in, ret) &&
	       url(&in, CC_DER_CONTEXT(1), &ret->submission) &&
	       url(&in, CC_DER_CONTEXT(2), &ret->monitoring) && in.n == 0;
}
