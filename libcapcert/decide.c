// SPDX-License-Identifier: LGPL-2.1-or-later
/* The outcome: the reason that counts, the path it is about, and words for people. */
#include <arpa/inet.h>
#include <string.h>
#include "core/text.h"
#include "core/time.h"
#include "libcapcert/decide.h"
#include "libcapcert/judge.h"
#include "libcapcert/pin_check.h"
#include "libcapcert/revocation.h"
#include "libcapcert/sct_evidence.h"

#define NAME_TEXT 100

static const int32_t order[] = {
	CC_REASON_INTERNAL,
	CC_REASON_CLOCK_UNTRUSTED,
	CC_REASON_MALFORMED,
	CC_REASON_DISTRUSTED,
	CC_REASON_REVOKED,
	CC_REASON_KEY_REVOKED,
	CC_REASON_BUDGET_EXHAUSTED,
	CC_REASON_UNKNOWN_ANCHOR,
	CC_REASON_SIGNATURE_MISMATCH,
	CC_REASON_CHAIN_TOO_LONG,
	CC_REASON_NOT_YET_VALID,
	CC_REASON_EXPIRED,
	CC_REASON_WEAK_ALGORITHM,
	CC_REASON_POLICY_VIOLATION,
	CC_REASON_BAD_EKU,
	CC_REASON_NAME_CONSTRAINT_VIOLATION,
	CC_REASON_NAME_MISMATCH,
	CC_REASON_LOG_LIST_STALE,
	CC_REASON_INSUFFICIENT_SCTS,
	CC_REASON_MUST_STAPLE_MISSING,
	CC_REASON_OCSP_UNAVAILABLE,
	CC_REASON_PIN_MISMATCH,
	CC_REASON_NONE,
};

unsigned int decide_rank(int32_t reason)
{
	unsigned int i;

	for (i = 0; i < CC_ARRAY_SIZE(order); i++)
		if (order[i] == reason)
			return i;
	return 0;
}

/* What the policy asks beyond a trusted path. Revocation and staples are asked about in the search
 * (revocation.c). */
struct finding decide_evidence(struct evaluation *ev, const struct path *path, uint32_t *ret_at)
{
	struct finding f = sct_evidence_check(ev, path);

	*ret_at = 0;
	return f;
}

static void put_name(struct cc_text *t, struct cc_span name)
{
	char text[NAME_TEXT];

	cc_dn_format(name, text, sizeof(text));
	cc_text_put(t, text[0] ? text : "no name");
}

static void put_time(struct cc_text *t, int64_t time)
{
	char text[CC_TIME_TEXT];

	cc_time_format(time, text, sizeof(text));
	cc_text_put(t, text);
}

static void put_requested_name(struct cc_text *t, const struct engine_request *request)
{
	static const char *const forms[] = { "", " (host ", " (address ", " (mailbox " };
	struct cc_span name = request->name;
	char address[INET6_ADDRSTRLEN];
	size_t i;

	if (request->name_type == CAPCERT_NAME_NONE || request->name_type >= CC_ARRAY_SIZE(forms))
		return;
	cc_text_put(t, forms[request->name_type]);
	if (request->name_type == CAPCERT_NAME_IP && (name.n == 4 || name.n == 16)) {
		inet_ntop(name.n == 4 ? AF_INET : AF_INET6, name.p, address, sizeof(address));
		name = cc_span(address, strlen(address));
	}
	for (i = 0; i < name.n; i++)
		cc_text_char(t, name.p[i] > 0x20 && name.p[i] < 0x7f ? (char)name.p[i] : '?');
	cc_text_char(t, ')');
}

/* "leaf (CN=example.com): expired at 2026-01-31T23:59:59Z" */
static void describe(const struct evaluation *ev, const struct path *path, uint32_t at,
		     struct finding f, char detail[256])
{
	struct cc_text t = cc_text(detail, 256);
	const struct node *node = path->node[at];

	if (at == 0) {
		cc_text_put(&t, "leaf");
	} else if (node->anchor) {
		cc_text_put(&t, "anchor");
	} else {
		cc_text_put(&t, "certificate ");
		cc_text_number(&t, node->index);
		cc_text_put(&t, " of the chain");
	}
	cc_text_put(&t, " (");
	put_name(&t, node->cert->subject);
	cc_text_put(&t, "): ");
	cc_text_put(&t, f.text);
	switch (f.reason) {
	case CC_REASON_EXPIRED:
		cc_text_put(&t, " at ");
		put_time(&t, node->cert->not_after);
		break;
	case CC_REASON_NOT_YET_VALID:
		cc_text_put(&t, " before ");
		put_time(&t, node->cert->not_before);
		break;
	case CC_REASON_NAME_MISMATCH:
		put_requested_name(&t, ev->request);
		break;
	case CC_REASON_UNKNOWN_ANCHOR:
		cc_text_put(&t, "; issuer ");
		put_name(&t, node->cert->issuer);
		if (ev->wrong_purpose)
			cc_text_put(&t, " (an anchor of a name asked for is not for this purpose)");
		break;
	case CC_REASON_POLICY_VIOLATION:
		if (node->cert->ext_critical & CC_EXT_BIT(UNKNOWN)) {
			char oid[64];

			cc_oid_format(node->cert->unknown_critical, oid, sizeof(oid));
			cc_text_put(&t, " (critical and unknown: ");
			cc_text_put(&t, oid);
			cc_text_char(&t, ')');
		}
		break;
	case CC_REASON_INSUFFICIENT_SCTS:
		sct_evidence_say(ev, &t);
		break;
	case CC_REASON_REVOKED:
	case CC_REASON_OCSP_UNAVAILABLE:
	case CC_REASON_MUST_STAPLE_MISSING:
		if (revocation_said(&path->status[at])) {
			cc_text_put(&t, f.reason == CC_REASON_REVOKED ? " " : ": ");
			revocation_say(&path->status[at], &t);
		}
		revocation_say_missing(path->missing[at], &t);
		break;
	default:
		break;
	}
	cc_text_end(&t);
}

static void set_detail(char detail[256], const char *text)
{
	struct cc_text t = cc_text(detail, 256);

	cc_text_put(&t, text);
	cc_text_end(&t);
}

static void fill_path(struct path *path, struct capcert_path_entry *entries)
{
	uint32_t i;

	for (i = 0; i < path->count; i++) {
		struct node *node = path->node[i];
		struct capcert_path_entry *e = &entries[i];
		/* A leaf that is a whole path stands there as its own anchor. */
		bool anchor = node->anchor || (path->complete && i == path->count - 1);

		memcpy(e->fingerprint, evaluation_fingerprint(node), sizeof(e->fingerprint));
		e->reason = path->found[i].reason;
		e->source = anchor ? CAPCERT_SOURCE_ANCHOR : CAPCERT_SOURCE_CHAIN;
		e->index = anchor ? 0 : node->index;
		e->not_before = node->cert->not_before;
		e->not_after = node->cert->not_after;
		e->missing = path->missing[i];
	}
}

static struct finding worst(const struct path *path, uint32_t *ret_at)
{
	struct finding f = FINDING_NONE;
	uint32_t i;

	*ret_at = 0;
	for (i = 0; i < path->count; i++)
		if (decide_rank(path->found[i].reason) < decide_rank(f.reason)) {
			f = path->found[i];
			*ret_at = i;
		}
	return f;
}

/* The search ran out of its budget: no verdict about the certificates, but about the chain. */
static void describe_spent(const struct evaluation *ev, char detail[256])
{
	struct cc_text t = cc_text(detail, 256);

	cc_text_put(&t, "no path found within the budget for ");
	cc_text_put(&t, ev->budget.spent);
	cc_text_end(&t);
}

/* A certificate that could not be read may have been the one that is missing. */
static void describe_malformed(const struct evaluation *ev, char detail[256])
{
	struct cc_text t = cc_text(detail, 256);

	cc_text_put(&t, "certificate ");
	cc_text_number(&t, (uint64_t)ev->malformed);
	cc_text_put(&t, " of the chain cannot be read (");
	cc_text_put(&t, cc_cert_error_text(ev->malformed_why));
	cc_text_put(&t, "), and without it there is no path to an anchor");
	cc_text_end(&t);
}

/* "; 2 other paths fail too" */
static void describe_others(const struct evaluation *ev, char detail[256])
{
	struct cc_text t = cc_text(detail, 256);

	if (ev->failing < 2)
		return;
	t.n = strlen(detail);
	cc_text_put(&t, ev->more_failing ? "; at least " : "; ");
	cc_text_number(&t, ev->failing - 1);
	cc_text_put(&t, ev->failing == 2 ? " other path fails too" : " other paths fail too");
	cc_text_end(&t);
}

/* Valid all the same, in mode soft: whose status is not known, and what would tell. */
static void describe_unknown(const struct path *path, struct cc_text *t)
{
	uint32_t i;

	for (i = 0; i < path->count; i++) {
		if (!path->missing[i])
			continue;
		cc_text_put(t, i ? "; revocation status of certificate "
				 : "; revocation status of the leaf");
		if (i) {
			cc_text_number(t, i);
			cc_text_put(t, " of the path");
		}
		cc_text_put(t, " not known");
		if (revocation_said(&path->status[i])) {
			cc_text_put(t, ": ");
			revocation_say(&path->status[i], t);
		}
		revocation_say_missing(path->missing[i], t);
	}
}

static void decide_valid(struct evaluation *ev, struct capcert_agent_reply *ret)
{
	const struct cc_cert *leaf = ev->nodes[0].cert;
	struct path *path = &ev->best;
	struct cc_text t;
	uint32_t i;

	ret->valid = 1;
	ret->reason = CC_REASON_NONE;
	ret->chain_not_after = leaf->not_after;
	for (i = 1; i < path->count; i++)
		if (path->node[i]->cert->not_after < ret->chain_not_after)
			ret->chain_not_after = path->node[i]->cert->not_after;
	t = cc_text(ret->detail, sizeof(ret->detail));
	cc_text_put(&t, "valid for ");
	cc_text_put(&t, cc_purpose_name(ev->request->purpose));
	cc_text_put(&t, " by anchor ");
	put_name(&t, path->node[path->count - 1]->cert->subject);
	describe_unknown(path, &t);
	cc_text_end(&t);
}

static void decide_invalid(struct evaluation *ev, struct capcert_agent_reply *ret)
{
	struct path *path = &ev->best;
	struct finding f;

	if (ev->budget.spent) {
		ret->reason = CC_REASON_BUDGET_EXHAUSTED;
		describe_spent(ev, ret->detail);
		return;
	}
	f = worst(path, &ret->depth);
	ret->reason = f.reason;
	if (f.reason == CC_REASON_UNKNOWN_ANCHOR && ev->malformed >= 0) {
		ret->reason = CC_REASON_MALFORMED;
		describe_malformed(ev, ret->detail);
		return;
	}
	describe(ev, path, ret->depth, f, ret->detail);
	describe_others(ev, ret->detail);
}

/* The search for a reason ran out of its own budget before any path came to an end: all that can
 * be said is that none was found from the leaf. */
static void blame_leaf(struct evaluation *ev)
{
	struct path *path = &ev->best;

	path->count = 1;
	path->complete = false;
	path->node[0] = &ev->nodes[0];
	path->found[0] = *judge_node(ev, &ev->nodes[0]);
	if (decide_rank(path->found[0].reason) > decide_rank(CC_REASON_UNKNOWN_ANCHOR))
		path->found[0] =
			finding(CC_REASON_UNKNOWN_ANCHOR, "no issuer that leads to an anchor");
	ev->have_best = true;
}

/* What the policy asks beyond trust counts where nothing else is wrong; a status that is not known
 * comes after it. */
static void add_evidence(struct evaluation *ev, struct path *path)
{
	struct finding f;
	uint32_t at;

	if (!ev->valid && (ev->budget.spent || !revocation_open(worst(path, &at).reason)))
		return;
	f = decide_evidence(ev, path, &at);
	if (decide_rank(f.reason) >= decide_rank(path->found[at].reason))
		return;
	path->found[at] = f;
	ev->valid = false;
}

void decide(struct evaluation *ev, struct capcert_agent_reply *ret,
	    struct capcert_path_entry entries[CAPCERT_MAX_PATH])
{
	struct path *path = &ev->best;

	if (!ev->have_best)
		blame_leaf(ev);
	add_evidence(ev, path);
	ret->ocsp_status = revocation_told(path);
	ret->sct_count = sct_evidence_count(ev);
	ret->valid_from = ev->window.lo;
	ret->valid_until = ev->window.hi;
	if (ev->valid)
		decide_valid(ev, ret);
	else
		decide_invalid(ev, ret);
	ret->flags = pin_flags(ev, ret->reason);
	fill_path(path, entries);
	ret->path_count = path->count;
}

void decide_without_path(struct capcert_agent_reply *ret, struct finding f)
{
	ret->reason = f.reason;
	ret->ocsp_status = CAPCERT_OCSP_STAPLED_ABSENT;
	ret->valid_from = INT64_MIN;
	ret->valid_until = INT64_MAX;
	set_detail(ret->detail, f.text);
}
