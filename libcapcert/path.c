// SPDX-License-Identifier: LGPL-2.1-or-later
/* Path building: depth first, best candidate first, each signature checked at most once. */
#include <errno.h>
#include <stdlib.h>
#include "libcapcert/chain.h"
#include "libcapcert/decide.h"
#include "libcapcert/judge.h"
#include "libcapcert/crl_issuer.h"
#include "libcapcert/path.h"
#include "libcapcert/pin_check.h"
#include "libcapcert/sct_evidence.h"
#include "libcapcert/revocation.h"
#include "libcapcert/report.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"

/* Anchors of one name that are considered. */
#define ANCHORS_PER_NAME 64

const uint8_t *evaluation_fingerprint(struct node *node)
{
	if (!node->hashed) {
		sha256_of(node->cert->der, node->fingerprint);
		node->hashed = true;
	}
	return node->fingerprint;
}

/* Names that differ in no octet are the rule, and cheap. */
bool evaluation_same_name(struct evaluation *ev, struct cc_span a, struct cc_span b)
{
	bool same = cc_span_equal(a, b);
	uint32_t price = same ? 1 : PRICE_NAME_EQUAL;

	return budget_names(&ev->budget, a.n / 2 + b.n / 2 + 1, price) &&
	       (same || cc_dn_equal(a, b));
}

int evaluation_prepare(struct evaluation *ev, struct cc_span name, struct prepared_dn *ret)
{
	int r;

	*ret = (struct prepared_dn){ .name = name };
	if (!budget_names(&ev->budget, name.n, PRICE_NAME_HASH))
		return 0;
	r = dn_prepare(name, ret);
	if (r == 0 && ret->owned)
		budget_names(&ev->budget, name.n, PRICE_NAME_PREPARE);
	return r;
}

static struct node *anchor_node(struct evaluation *ev, const struct anchor *anchor)
{
	struct node *n;

	for (n = ev->anchors; n; n = n->next_anchor)
		if (n->anchor == anchor)
			return n;
	n = calloc(1, sizeof(*n));
	if (!n) {
		ev->no_memory = true;
		return NULL;
	}
	n->cert = &anchor->cert;
	n->anchor = anchor;
	n->subject = (struct prepared_dn){ anchor->subject.name, NULL, anchor->subject.odd };
	n->subject_hash = anchor->subject_hash;
	n->hashed = true;
	memcpy(n->fingerprint, anchor->fingerprint, sizeof(n->fingerprint));
	n->next_anchor = ev->anchors;
	ev->anchors = n;
	return n;
}

static enum edge_hint hint(const struct cc_cert *cert, const struct cc_cert *issuer)
{
	if (!cert->akid.n || !issuer->skid.n)
		return HINT_NONE;
	return cc_span_equal(cert->akid, issuer->skid) ? HINT_MATCH : HINT_MISMATCH;
}

static bool add_edge(struct node *node, struct node *issuer, uint32_t *room)
{
	struct edge *e;

	if (node->issuer_count == *room) {
		*room = *room ? *room * 4 : 4;
		e = realloc(node->issuers, *room * sizeof(*e));
		if (!e)
			return false;
		node->issuers = e;
	}
	e = &node->issuers[node->issuer_count++];
	e->issuer = issuer;
	e->state = EDGE_UNKNOWN;
	e->hint = hint(node->cert, issuer->cert);
	return true;
}

/* Is candidate @a to be tried before @b? Sound ones first, then the key identifier, then anchors;
 * what is equal in all of that keeps its order, which is the chain's and the fingerprints'. */
static bool before(struct evaluation *ev, const struct edge *a, const struct edge *b)
{
	bool sound_a = judge_node(ev, a->issuer)->reason == CC_REASON_NONE;
	bool sound_b = judge_node(ev, b->issuer)->reason == CC_REASON_NONE;

	if (sound_a != sound_b)
		return sound_a;
	if (a->hint != b->hint)
		return a->hint < b->hint;
	return a->issuer->anchor && !b->issuer->anchor;
}

static void sort(struct evaluation *ev, struct node *node)
{
	uint32_t i, j;

	for (i = 1; i < node->issuer_count; i++) {
		struct edge e = node->issuers[i];

		for (j = i; j > 0 && before(ev, &e, &node->issuers[j - 1]); j--)
			node->issuers[j] = node->issuers[j - 1];
		node->issuers[j] = e;
	}
}

/* All certificates whose subject is @node's issuer (RFC 5280 section 6.1.3 (a) (4)). */
static bool gather(struct evaluation *ev, struct node *node)
{
	uint32_t purpose = 1u << ev->request->purpose, room = 0, i, anchors = 0;
	const struct anchor *a = NULL;

	node->gathered = true;
	while ((a = anchors_next(ev->store, node->issuer_hash, node->issuer.name, a))) {
		struct node *n;

		if (!budget_names(&ev->budget, node->issuer.name.n + 1, PRICE_NAME_HASH))
			return true;
		if (!(a->purposes & purpose)) {
			ev->wrong_purpose = true;
			continue;
		}
		if (++anchors > ANCHORS_PER_NAME)
			break;
		n = anchor_node(ev, a);
		if (!n || !add_edge(node, n, &room))
			return false;
	}
	for (i = 1; i < ev->count; i++) {
		struct node *n = &ev->nodes[i];

		if (n != node && n->subject_hash == node->issuer_hash &&
		    evaluation_same_name(ev, n->subject.name, node->issuer.name) &&
		    !add_edge(node, n, &room))
			return false;
	}
	sort(ev, node);
	return true;
}

bool path_gather(struct evaluation *ev, struct node *node)
{
	if (!node->gathered && !gather(ev, node))
		ev->no_memory = true;
	return !ev->no_memory;
}

/* Are these the same key? Charged by what there is to compare. */
static bool same_key(struct evaluation *ev, const struct node *a, const struct node *b)
{
	struct cc_span x = a->cert->spki, y = b->cert->spki;

	return x.n == y.n && budget_work(&ev->budget, x.n / 8, 1, "path building steps") &&
	       cc_span_equal(x, y);
}

/* The signature of @node by @e's key. Candidates with the same key share the answer. */
enum edge_state path_check_edge(struct evaluation *ev, struct node *node, struct edge *e)
{
	uint32_t i;

	for (i = 0; e->state == EDGE_UNKNOWN && i < node->issuer_count; i++)
		if (node->issuers[i].state != EDGE_UNKNOWN &&
		    same_key(ev, node->issuers[i].issuer, e->issuer))
			e->state = node->issuers[i].state;
	if (e->state != EDGE_UNKNOWN ||
	    !budget_signature(&ev->budget,
			      sig_price(node->cert->scheme, node->cert->tbs.n, e->issuer->cert)))
		return e->state;
	switch (sig_check_issued(node->cert, e->issuer->cert)) {
	case 1:
		e->state = EDGE_GOOD;
		break;
	case 0:
		e->state = EDGE_BAD;
		break;
	case -EOPNOTSUPP:
		e->state = EDGE_UNSUPPORTED;
		break;
	default:
		ev->no_memory = true;
		break;
	}
	return e->state;
}

/* A path that comes back to a name and key it has already been through proves nothing that the
 * same path without the loop does not. */
bool path_loops(struct evaluation *ev, const struct path *path, const struct node *next)
{
	uint32_t i;

	for (i = 0; i < path->count; i++) {
		const struct node *n = path->node[i];

		if (n == next)
			return true;
		if (i > 0 && n->subject_hash == next->subject_hash && same_key(ev, n, next) &&
		    evaluation_same_name(ev, n->subject.name, next->subject.name))
			return true;
	}
	return false;
}

/* Would @next on top of the path break its own pathLenConstraint, or a limit of the policy? */
static bool too_long(const struct evaluation *ev, const struct node *next)
{
	const struct path *path = &ev->path;
	uint32_t i, between = 0;

	for (i = 1; i < path->count; i++)
		between += !path->node[i]->self_issued;
	/* @next's CA is another one, and above one that is no anchor there must be one. */
	if (between + (next->anchor || !next->self_issued) + !next->anchor >
	    issuer_limit(ev->policy))
		return true;
	if (next->cert->path_len >= 0 && between > (uint32_t)next->cert->path_len)
		return true;
	return path->count + 1 > chain_limit(ev->policy);
}

static uint32_t bad_count(const struct path *path, unsigned int *ret_rank)
{
	uint32_t i, n = 0;

	*ret_rank = decide_rank(CC_REASON_NONE);
	for (i = 0; i < path->count; i++) {
		unsigned int rank = decide_rank(path->found[i].reason);

		n += path->found[i].reason != CC_REASON_NONE;
		if (rank < *ret_rank)
			*ret_rank = rank;
	}
	return n;
}

/* decide.h says which of two failing paths is the better one. */
static bool better(const struct path *a, const struct path *b)
{
	unsigned int rank_a, rank_b;
	uint32_t bad_a = bad_count(a, &rank_a), bad_b = bad_count(b, &rank_b);

	if (a->complete != b->complete)
		return a->complete;
	if (bad_a != bad_b)
		return bad_a < bad_b;
	if (rank_a != rank_b)
		return rank_a > rank_b;
	return !a->complete && a->count > b->count;
}

/* Is the path's only fault one that every path of this leaf has? Then no other explains more. */
static bool only_leaf_is_bad(const struct evaluation *ev, const struct path *path)
{
	uint32_t i;

	for (i = 1; i < path->count; i++)
		if (path->found[i].reason != CC_REASON_NONE)
			return false;
	return path->complete && ev->nodes[0].own.reason != CC_REASON_NONE &&
	       path->found[0].reason == ev->nodes[0].own.reason;
}

/* Is the leaf revoked, or is there nothing that could tell and nothing else wrong? Neither can be
 * otherwise on another path. */
static bool status_settles(const struct evaluation *ev, const struct path *path)
{
	uint32_t i;

	if (path->found[0].reason == CC_REASON_REVOKED)
		return true;
	if (path->found[0].reason == CC_REASON_NONE || !revocation_hopeless(ev))
		return false;
	for (i = 0; i < path->count; i++)
		if (!revocation_open(path->found[i].reason))
			return false;
	return true;
}

/* The report's word on a path is the whole one, with what the policy asks beyond trust. */
static void survey_path(struct evaluation *ev, struct path *path)
{
	struct finding f = FINDING_NONE;
	uint32_t at = 0;

	if (ev->valid)
		f = decide_evidence(ev, path, &at);
	if (f.reason != CC_REASON_NONE)
		path->found[at] = f;
	report_path(ev, path, ev->valid && f.reason == CC_REASON_NONE);
}

/* Judge the path as it stands. */
static void finish(struct evaluation *ev, const enum edge_state *links, bool complete)
{
	struct path *path = &ev->path;

	if (complete && !budget_path(&ev->budget))
		return;
	path->complete = complete;
	ev->valid = chain_check(ev, path, links) && sct_date_check(ev, path) && pin_check(ev, path);
	if (ev->survey) {
		survey_path(ev, path);
		return;
	}
	ev->failing += ev->explain;
	ev->settled = ev->valid || only_leaf_is_bad(ev, path) || status_settles(ev, path);
	if (ev->settled || !ev->have_best || better(path, &ev->best)) {
		ev->best = *path;
		ev->have_best = true;
	}
}

static bool stop(const struct evaluation *ev)
{
	return (ev->settled && !ev->survey) || ev->no_memory || ev->budget.spent;
}

/* May the search go through @e? In the search for a valid path only where everything that can be
 * known already is good; in the search for an explanation also elsewhere, in passes: bad
 * signatures only by a key that the certificate itself names, or does not rule out. */
static bool passable(struct evaluation *ev, struct node *node, struct edge *e, int pass)
{
	bool sound = judge_node(ev, e->issuer)->reason == CC_REASON_NONE;

	if (!ev->explain)
		return sound && !too_long(ev, e->issuer) &&
		       path_check_edge(ev, node, e) == EDGE_GOOD;
	switch (pass) {
	case 0:
		return sound && path_check_edge(ev, node, e) == EDGE_GOOD;
	case 1:
		return !sound && path_check_edge(ev, node, e) == EDGE_GOOD;
	default:
		path_check_edge(ev, node, e);
		return e->state == EDGE_UNSUPPORTED ||
		       (e->state == EDGE_BAD && e->hint != HINT_MISMATCH);
	}
}

/* A certificate of the issuer's name that did not sign: the report names it. */
static void survey_refused(struct evaluation *ev, struct node *node, const struct edge *e)
{
	if (e->state == EDGE_BAD)
		report_refused(ev, node, e->issuer, CAPCERT_NOTE_BAD_SIGNATURE);
	else if (e->state == EDGE_UNKNOWN)
		report_refused(ev, node, e->issuer, CAPCERT_NOTE_UNCHECKED);
}

static void extend(struct evaluation *ev, enum edge_state *links)
{
	struct path *path = &ev->path;
	struct node *node = path->node[path->count - 1];
	int pass, passes = ev->explain ? 3 : 1;
	bool dead_end = true;
	uint32_t i;

	if (!path_gather(ev, node))
		return;
	for (pass = 0; pass < passes; pass++) {
		for (i = 0; i < node->issuer_count; i++) {
			struct edge *e = &node->issuers[i];

			if (!budget_step(&ev->budget) || stop(ev))
				return;
			if (path->count == CAPCERT_MAX_PATH || path_loops(ev, path, e->issuer)) {
				if (ev->survey)
					report_refused(ev, node, e->issuer,
						       path->count == CAPCERT_MAX_PATH
							       ? CAPCERT_NOTE_TOO_LONG
							       : CAPCERT_NOTE_LOOP);
				continue;
			}
			if (!passable(ev, node, e, pass)) {
				if (ev->survey && pass == passes - 1)
					survey_refused(ev, node, e);
				continue;
			}
			dead_end = false;
			links[path->count - 1] = e->state;
			path->node[path->count++] = e->issuer;
			if (e->issuer->anchor)
				finish(ev, links, true);
			else
				extend(ev, links);
			path->count--;
			if (stop(ev))
				return;
		}
	}
	if (dead_end && ev->explain)
		finish(ev, links, false);
}

/* A self-signed leaf that is itself an anchor, bit for bit, is a path of one (S0-034). An anchor
 * with constraints of its own has to stand above what it constrains: the leaf below it, as a path
 * of two. */
static bool leaf_is_anchor(struct evaluation *ev)
{
	struct node *leaf = &ev->nodes[0];
	const struct anchor *a = NULL;

	if (!leaf->self_issued)
		return false;
	while ((a = anchors_next(ev->store, leaf->issuer_hash, leaf->subject.name, a)))
		if ((a->purposes >> ev->request->purpose & 1) && !anchors_limited(a) &&
		    cc_span_equal(a->cert.der, leaf->cert->der))
			return budget_signature(&ev->budget,
						sig_price(leaf->cert->scheme, leaf->cert->tbs.n,
							  leaf->cert)) &&
			       sig_check_issued(leaf->cert, leaf->cert) == 1;
	return false;
}

static void search(struct evaluation *ev)
{
	enum edge_state links[CAPCERT_MAX_PATH];

	ev->path.count = 1;
	ev->path.node[0] = &ev->nodes[0];
	extend(ev, links);
}

void path_search(struct evaluation *ev)
{
	bool whole = leaf_is_anchor(ev);
	struct budget left;

	if (whole) {
		ev->path.count = 1;
		ev->path.node[0] = &ev->nodes[0];
		finish(ev, NULL, true);
	} else {
		search(ev);
	}
	if (ev->request->report)
		report_spent(ev->request->report, &ev->budget);
	pin_fall_back(ev);
	if (whole || ev->settled || ev->no_memory)
		return;
	/* The verdict is made; what follows only looks for the best reason. */
	left = ev->budget;
	ev->explain = true;
	ev->budget.spent = NULL;
	ev->budget.signatures = BUDGET_EXPLAIN_SIGNATURES;
	ev->budget.steps = BUDGET_EXPLAIN_STEPS;
	ev->budget.paths = BUDGET_EXPLAIN_PATHS;
	ev->budget.work = BUDGET_EXPLAIN_WORK;
	search(ev);
	ev->valid = false;
	ev->more_failing = ev->budget.spent != NULL;
	ev->budget = left; /* what the reason cost is no part of the verdict */
}

void path_survey(struct evaluation *ev)
{
	report_path(ev, &ev->best, ev->valid);
	ev->survey = ev->explain = true;
	ev->budget = budget_whole();
	ev->budget.work = BUDGET_EXPLAIN_WORK; /* a report is no reason to work much longer */
	search(ev);
	report_rest(ev);
}

void path_free(struct evaluation *ev)
{
	struct node *n, *next;
	uint32_t i;

	crl_signers_free(ev);
	for (i = 0; i < ev->count; i++) {
		dn_release(&ev->nodes[i].subject);
		dn_release(&ev->nodes[i].issuer);
		free(ev->nodes[i].issuers);
	}
	for (n = ev->anchors; n; n = next) {
		next = n->next_anchor;
		free(n->issuers);
		free(n);
	}
}
