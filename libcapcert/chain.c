// SPDX-License-Identifier: LGPL-2.1-or-later
/* RFC 5280 section 6.1 over one path: what depends on more than one certificate. */
#include "core/der.h"
#include "libcapcert/chain.h"
#include "libcapcert/constraints.h"
#include "libcapcert/decide.h"
#include "libcapcert/judge.h"
#include "libcapcert/policy_tree.h"
#include "libcapcert/revocation.h"

/* Keep, per certificate, the finding that counts first. */
static void note(void *ctx, uint32_t at, struct finding f)
{
	struct path *path = ctx;

	if (decide_rank(f.reason) < decide_rank(path->found[at].reason))
		path->found[at] = f;
}

uint32_t chain_limit(const struct cc_policy *policy)
{
	return policy->max_chain_length ? policy->max_chain_length : CAPCERT_MAX_PATH;
}

uint32_t issuer_limit(const struct cc_policy *policy)
{
	return policy->max_issuers ? policy->max_issuers : CAPCERT_MAX_PATH;
}

/* Names chain, and each signature is the next one's (section 6.1.3 (a) (1), (4)). */
static void check_links(struct evaluation *ev, struct path *path, const enum edge_state *links)
{
	uint32_t i;

	for (i = 0; i + 1 < path->count; i++) {
		if (!evaluation_same_name(ev, path->node[i]->issuer.name,
					  path->node[i + 1]->subject.name))
			note(path, i,
			     finding(CC_REASON_UNKNOWN_ANCHOR,
				     "issuer name is not the subject of the next"));
		switch (links[i]) {
		case EDGE_GOOD:
			break;
		case EDGE_UNSUPPORTED:
			note(path, i,
			     finding(CC_REASON_WEAK_ALGORITHM,
				     "signature algorithm is not known, or does not fit "
				     "the issuer's key"));
			break;
		case EDGE_BAD:
			note(path, i,
			     finding(CC_REASON_SIGNATURE_MISMATCH,
				     "signature is not by the issuer's key"));
			break;
		default:
			note(path, i,
			     finding(CC_REASON_BUDGET_EXHAUSTED,
				     "signature was not checked: too many before it"));
			break;
		}
	}
}

/* Section 6.1.4 (l) and (m). The leaf is no intermediate, whatever it is. */
static void check_path_length(struct path *path)
{
	uint32_t i, left = UINT32_MAX;

	for (i = path->count; i-- > 1;) {
		const struct node *node = path->node[i];
		bool anchor = i == path->count - 1;

		if (!anchor && !node->self_issued) {
			if (left == 0)
				note(path, i,
				     finding(CC_REASON_CHAIN_TOO_LONG,
					     "more CA certificates than an issuer's "
					     "pathLenConstraint allows"));
			else
				left--;
		}
		if (node->cert->path_len >= 0 && (uint32_t)node->cert->path_len < left)
			left = (uint32_t)node->cert->path_len;
	}
}

/* max_chain counts certificates; max_issuers as section 6.1.4 (l) does, where a CA that issued
 * itself a new certificate is no further CA. */
static void check_length(const struct cc_policy *policy, struct path *path)
{
	uint32_t i, issuers = 0;

	for (i = 1; i < path->count; i++)
		issuers += path->node[i]->anchor || !path->node[i]->self_issued;
	if (issuers > issuer_limit(policy))
		note(path, path->count - 1,
		     finding(CC_REASON_CHAIN_TOO_LONG,
			     "the path has more CAs than the policy allows"));
	if (path->count > chain_limit(policy))
		note(path, path->count - 1,
		     finding(CC_REASON_CHAIN_TOO_LONG,
			     "the path has more certificates than the policy allows"));
}

static bool has_feature(const struct cc_cert *cert, struct cc_span feature)
{
	struct cc_span rest = cert->tls_feature, one;

	while (rest.n && !cc_der_get(&rest, CC_DER_INTEGER, &one))
		if (cc_span_equal(one, feature))
			return true;
	return false;
}

/* What a CA's TLS features ask for, all that it issues must offer (RFC 7633 section 4.2.2). */
static void check_tls_features(struct path *path)
{
	uint32_t i;

	for (i = 1; i < path->count; i++) {
		struct cc_span rest = path->node[i]->cert->tls_feature, one;

		while (rest.n && !cc_der_get(&rest, CC_DER_INTEGER, &one))
			if (!has_feature(path->node[i - 1]->cert, one))
				note(path, i - 1,
				     finding(CC_REASON_POLICY_VIOLATION,
					     "lacks a TLS feature that its issuer's certificate "
					     "asks for (RFC 7633 section 4.2.2)"));
	}
}

static bool sound(const struct path *path)
{
	uint32_t i;

	for (i = 0; i < path->count; i++)
		if (path->found[i].reason != CC_REASON_NONE)
			return false;
	return true;
}

bool chain_rules_hold(struct evaluation *ev, struct path *path)
{
	check_path_length(path);
	check_length(ev->policy, path);
	check_tls_features(path);
	constraints_check(ev, path, note, path);
	return !ev->budget.spent && sound(path);
}

bool chain_check(struct evaluation *ev, struct path *path, const enum edge_state *links)
{
	const char *text;
	uint32_t i, at;

	memset(path->status, 0, path->count * sizeof(path->status[0]));
	memset(path->missing, 0, path->count * sizeof(path->missing[0]));
	for (i = 0; i < path->count; i++)
		path->found[i] = *judge_node(ev, path->node[i]);
	check_links(ev, path, links);
	check_path_length(path);
	check_length(ev->policy, path);
	check_tls_features(path);
	constraints_check(ev, path, note, path);
	if (path->complete) {
		text = policy_tree_check(ev, path, &at);
		if (text)
			note(path, at, finding(CC_REASON_POLICY_VIOLATION, text));
	} else {
		note(path, path->count - 1,
		     finding(CC_REASON_UNKNOWN_ANCHOR, "no issuer that leads to an anchor"));
	}
	if (path->complete && !ev->budget.spent)
		revocation_check(ev, path, links, note, path);
	return !ev->budget.spent && path->complete && sound(path);
}
