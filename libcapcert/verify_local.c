// SPDX-License-Identifier: LGPL-2.1-or-later
/* Verification in this process: the engine's answer as the outcome the kernel would give. */
#include <errno.h>
#include <time.h>
#include "core/alg.h"
#include "libcapcert/anchors.h"
#include "libcapcert/engine.h"
#include "libcapcert/evidence.h"
#include "libcapcert/judge.h"
#include "libcapcert/names.h"
#include "libcapcert/pins.h"
#include "libcapcert/policy.h"
#include "libcapcert/report.h"
#include "libcapcert/sha.h"
#include "libcapcert/x509.h"

static void fill(struct capcert_outcome *out, const capcert_policy *policy,
		 const capcert_store *store, const capcert_pins *pins,
		 const struct engine_request *request, const struct capcert_agent_reply *reply,
		 const struct capcert_path_entry *path)
{
	const char *preset = cc_preset_name(policy->policy.preset);

	out->size = sizeof(*out);
	out->valid = reply->valid;
	out->reason = reply->reason;
	out->depth = reply->depth;
	out->purpose = request->purpose;
	out->name_type = request->name_type;
	out->name_len = (uint32_t)request->name.n;
	out->clock = request->clock;
	out->path_len = reply->path_count;
	out->sct_count = reply->sct_count;
	out->ocsp_status = reply->ocsp_status;
	out->flags = reply->flags;
	out->store_origin = CAPCERT_ORIGIN_USER;
	out->policy_origin = CAPCERT_ORIGIN_USER;
	out->time = request->time;
	out->valid_from = reply->valid_from;
	out->valid_until = reply->valid_until;
	out->chain_not_after = reply->chain_not_after;
	if (reply->path_count) {
		const struct capcert_path_entry *last = &path[reply->path_count - 1];

		if (last->source == CAPCERT_SOURCE_ANCHOR)
			memcpy(out->anchor, last->fingerprint, sizeof(out->anchor));
	}
	memcpy(out->store_digest, anchors_digest(store), sizeof(out->store_digest));
	memcpy(out->policy_digest, policy->digest, sizeof(out->policy_digest));
	evidence_digest(request->evidence, out->evidence_digest);
	if (pins)
		memcpy(out->pins_digest, pins->digest, sizeof(out->pins_digest));
	memcpy(out->preset, preset, strnlen(preset, sizeof(out->preset) - 1));
	memcpy(out->name, request->name.p, request->name.n);
	memcpy(out->detail, reply->detail, sizeof(out->detail));
}

static int load_request(const capcert_policy *policy, const struct capcert_params *params,
			struct engine_request *request, uint8_t name[CAPCERT_MAX_NAME])
{
	uint32_t len = 0;
	int r;

	if (params->purpose >= CAPCERT_PURPOSE_COUNT)
		return -EINVAL;
	if (params->have_time && !policy->policy.time_any)
		return -EPERM;
	request->purpose = params->purpose;
	request->name_type = CAPCERT_NAME_NONE;
	request->time = params->have_time ? params->time : time(NULL);
	request->clock = engine_clock();
	request->evidence = params->evidence;
	request->logs = params->logs;
	request->pins = engine_pins(params->pins);
	if (params->name) {
		r = names_parse(params->name, &request->name_type, name, &len);
		if (r < 0)
			return r;
	}
	request->name = cc_span(name, len);
	return 0;
}

static int verify(const capcert_policy *policy, const capcert_store *store,
		  const capcert_distrust_list *distrust, const struct capcert_params *params,
		  struct capcert_result *ret, struct report *report)
{
	struct cc_span chain[CAPCERT_MAX_CHAIN];
	uint8_t name[CAPCERT_MAX_NAME];
	struct engine_request request = { .chain = chain, .report = report };
	struct capcert_agent_reply reply;
	struct capcert_result result = { 0 };
	int r;

	r = load_request(policy, params, &request, name);
	if (r < 0)
		return r;
	r = chain_spans(params->chain, chain, &request.chain_count, result.outcome.chain_digest);
	if (r < 0)
		return r;
	r = engine_verify(&policy->policy, store, distrust, &request, &reply, result.path);
	if (r < 0)
		return r;
	result.path_count = reply.path_count;
	fill(&result.outcome, policy, store, params->pins, &request, &reply, result.path);
	result.outcome.time_source = params->have_time ? CAPCERT_TIME_CALLER : CAPCERT_TIME_NOW;
	if (reply.path_count)
		memcpy(result.outcome.leaf, result.path[0].fingerprint, 32);
	else
		sha256_of(chain[0], result.outcome.leaf);
	*ret = result;
	return 0;
}

int capcert_verify_local(const capcert_policy *policy, const capcert_store *store,
			 const capcert_distrust_list *distrust, const struct capcert_params *params,
			 struct capcert_result *ret)
{
	return verify(policy, store, distrust, params, ret, NULL);
}

int capcert_verify_local_report(const capcert_policy *policy, const capcert_store *store,
				const capcert_distrust_list *distrust,
				const struct capcert_params *params, struct capcert_result *ret,
				capcert_report **ret_report)
{
	struct capcert_result result;
	struct report *report;
	int r = report_new(&report);

	if (r < 0)
		return r;
	r = verify(policy, store, distrust, params, &result, report);
	if (r < 0) {
		report_free(report);
		return r;
	}
	r = report_take(report, ret_report);
	if (r == 0)
		*ret = result;
	return r;
}

int engine_verify_sig(const struct cc_policy *policy, const struct cc_cert *cert, uint32_t scheme,
		      struct cc_span message, struct cc_span signature, int *ret_ok,
		      int32_t *ret_reason)
{
	uint32_t number = cc_scheme_from_tls(scheme);
	int r;

	*ret_ok = 0;
	*ret_reason = CC_REASON_WEAK_ALGORITHM;
	if (!(policy->schemes >> number & 1) || judge_key(policy, cert))
		return 0;
	r = engine_verify_message(cert, number, message, signature);
	if (r < 0)
		return r == -EOPNOTSUPP ? 0 : r;
	*ret_ok = r;
	*ret_reason = r ? CC_REASON_NONE : CC_REASON_SIGNATURE_MISMATCH;
	return 0;
}

int capcert_verify_sig_local(const capcert_policy *policy, const capcert_cert *cert,
			     uint32_t scheme, const uint8_t *message, size_t message_len,
			     const uint8_t *signature, size_t signature_len, int *ret_ok,
			     int32_t *ret_reason)
{
	struct cc_cert parsed;
	struct cc_span der;
	int32_t reason;
	int ok, r;

	if (message_len > CAPCERT_MAX_MESSAGE || signature_len > CAPCERT_MAX_SIGNATURE)
		return -EMSGSIZE;
	der.p = capcert_cert_der(cert, &der.n);
	if (cc_cert_parse(der, &parsed) != CC_CERT_OK)
		return -EBADMSG;
	r = engine_verify_sig(&policy->policy, &parsed, scheme, cc_span(message, message_len),
			      cc_span(signature, signature_len), &ok, &reason);
	if (r < 0)
		return r;
	*ret_ok = ok;
	if (ret_reason)
		*ret_reason = reason;
	return 0;
}
