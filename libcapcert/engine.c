// SPDX-License-Identifier: LGPL-2.1-or-later
/* The verification engine's front: certificates in, outcome out, nothing else touched. */
#include <errno.h>
#include <stdlib.h>
#include "libcapcert/decide.h"
#include "libcapcert/names.h"
#include "libcapcert/path.h"
#include "libcapcert/pin_check.h"
#include "libcapcert/report.h"
#include "libcapcert/sct_evidence.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"

static bool repeated(const struct evaluation *ev, struct cc_span der)
{
	uint32_t i;

	for (i = 0; i < ev->count; i++)
		if (cc_span_equal(ev->certs[i].der, der))
			return true;
	return false;
}

static int prepare_names(struct evaluation *ev, struct node *node)
{
	int r = evaluation_prepare(ev, node->cert->subject, &node->subject);

	if (r == 0)
		r = evaluation_prepare(ev, node->cert->issuer, &node->issuer);
	if (r < 0)
		return r;
	node->subject_hash = cc_dn_hash(node->subject.name);
	node->issuer_hash = cc_dn_hash(node->issuer.name);
	node->self_issued = node->subject_hash == node->issuer_hash &&
			    evaluation_same_name(ev, node->subject.name, node->issuer.name);
	return 0;
}

static void left_out(const struct engine_request *request, uint32_t kind, size_t at,
		     const char *text)
{
	if (request->report)
		report_unread(request->report, kind, request->chain[at], (uint32_t)at, text);
}

/* Parse the chain. What is malformed, or there already, takes no part; a malformed leaf is the
 * caller's to see. */
static int parse(struct evaluation *ev, const struct engine_request *request)
{
	size_t i;

	ev->malformed = -1;
	for (i = 0; i < request->chain_count; i++) {
		struct cc_cert *cert = &ev->certs[ev->count];
		struct node *node = &ev->nodes[ev->count];
		int r;

		if (repeated(ev, request->chain[i])) {
			left_out(request, CAPCERT_NOTE_REPEATED, i, NULL);
			continue;
		}
		r = cc_cert_parse(request->chain[i], cert);
		if (r != CC_CERT_OK) {
			left_out(request, CAPCERT_NOTE_MALFORMED, i, cc_cert_error_text(r));
			if (ev->malformed < 0) {
				ev->malformed = (int)i;
				ev->malformed_why = r;
			}
			if (i == 0)
				return 0;
			continue;
		}
		node->cert = cert;
		node->index = (uint16_t)i;
		ev->count++;
		r = prepare_names(ev, node);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What needs no path. */
static struct finding check_request(const struct cc_policy *policy,
				    const struct engine_request *request)
{
	if (request->clock < policy->clock)
		return finding(CC_REASON_CLOCK_UNTRUSTED,
			       "the clock is worth less than the policy asks for");
	if (request->purpose == CC_PURPOSE_CT_LOG)
		return finding(CC_REASON_POLICY_VIOLATION,
			       "purpose ctLog is for the keys of logs, not for chains");
	return FINDING_NONE;
}

static void decide_malformed_leaf(const struct evaluation *ev, struct capcert_agent_reply *ret,
				  struct capcert_path_entry *entry)
{
	decide_without_path(ret,
			    finding(CC_REASON_MALFORMED, cc_cert_error_text(ev->malformed_why)));
	sha256_of(ev->request->chain[0], entry->fingerprint);
	entry->reason = CC_REASON_MALFORMED;
	ret->path_count = 1;
}

static int run(struct evaluation *ev, struct capcert_agent_reply *ret,
	       struct capcert_path_entry path[CAPCERT_MAX_PATH])
{
	const struct engine_request *request = ev->request;
	int r = -ENOMEM;

	ev->certs = malloc(request->chain_count * sizeof(*ev->certs));
	ev->nodes = calloc(request->chain_count, sizeof(*ev->nodes));
	if (ev->certs && ev->nodes) {
		r = parse(ev, request);
		if (r == 0 && ev->malformed == 0) {
			decide_malformed_leaf(ev, ret, path);
		} else if (r == 0) {
			path_search(ev);
			if (!ev->no_memory)
				decide(ev, ret, path);
			if (!ev->no_memory && request->report)
				path_survey(ev);
			r = ev->no_memory ? -ENOMEM : 0;
		}
		path_free(ev);
		sct_evidence_free(ev);
	}
	free(ev->certs);
	free(ev->nodes);
	return r;
}

int engine_verify(const struct cc_policy *policy, const capcert_store *store,
		  const capcert_distrust_list *distrust, const struct engine_request *request,
		  struct capcert_agent_reply *ret, struct capcert_path_entry path[CAPCERT_MAX_PATH])
{
	struct evaluation *ev;
	struct finding f;
	int r;

	if (request->chain_count == 0 || request->chain_count > CAPCERT_MAX_CHAIN ||
	    request->purpose >= CC_PURPOSE_COUNT)
		return -EINVAL;
	r = anchors_ready(store);
	if (r < 0)
		return r;
	memset(ret, 0, sizeof(*ret));
	memset(path, 0, CAPCERT_MAX_PATH * sizeof(*path));
	ret->clock = request->clock;
	f = check_request(policy, request);
	if (f.reason != CC_REASON_NONE) {
		decide_without_path(ret, f);
	} else {
		ev = calloc(1, sizeof(*ev));
		if (!ev)
			return -ENOMEM;
		ev->policy = policy;
		ev->store = store;
		ev->distrust = distrust_empty(distrust) ? NULL : distrust;
		ev->request = request;
		ev->window = window_at(request->time);
		ev->budget = budget_whole();
		pin_begin(ev);
		r = run(ev, ret, path);
		free(ev);
	}
	ret->size = (uint32_t)(sizeof(*ret) + ret->path_count * sizeof(*path));
	return r;
}

int engine_verify_message(const struct cc_cert *cert, uint32_t scheme, struct cc_span message,
			  struct cc_span signature)
{
	return sig_check_message(cert, scheme, message, signature);
}

int engine_verify_digest(const struct cc_cert *cert, uint32_t scheme, struct cc_span digest,
			 struct cc_span signature, bool padded)
{
	return sig_check_digest(cert, scheme, digest, signature, padded);
}
