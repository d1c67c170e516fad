// SPDX-License-Identifier: LGPL-2.1-or-later
/* CRL issuers: candidates by name, the signature, and a certification path of their own. */
#include <errno.h>
#include <stdlib.h>
#include "libcapcert/chain.h"
#include "libcapcert/crl_issuer.h"
#include "libcapcert/judge.h"
#include "libcapcert/path.h"
#include "libcapcert/revocation.h"

/* Signatures that are remembered; more than the budget allows to check are not. */
#define SIGNERS_MAX 128

struct crl_signers {
	uint32_t count;
	struct {
		const struct crl *crl;
		const struct node *node;
		enum edge_state state;
	} seen[SIGNERS_MAX];
};

void crl_signers_free(struct evaluation *ev)
{
	free(ev->crl_signers);
	ev->crl_signers = NULL;
}

static enum edge_state check_signature(struct evaluation *ev, const struct crl *crl,
				       const struct node *node)
{
	if (!budget_signature(&ev->budget, sig_price(crl->list.scheme, 0, node->cert)))
		return EDGE_UNKNOWN;
	switch (sig_check_prepared(crl_signature(crl), node->cert)) {
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

/* Certificates with the same key share the answer. */
static enum edge_state signature_of(struct evaluation *ev, const struct crl *crl,
				    const struct node *node)
{
	struct crl_signers *s = ev->crl_signers;
	enum edge_state state;
	uint32_t i;

	if (!s) {
		s = ev->crl_signers = calloc(1, sizeof(*s));
		if (!s) {
			ev->no_memory = true;
			return EDGE_UNKNOWN;
		}
	}
	for (i = 0; i < s->count; i++)
		if (s->seen[i].crl == crl &&
		    cc_span_equal(s->seen[i].node->cert->spki, node->cert->spki))
			return s->seen[i].state;
	state = check_signature(ev, crl, node);
	if (state != EDGE_UNKNOWN && s->count < SIGNERS_MAX) {
		s->seen[s->count].crl = crl;
		s->seen[s->count].node = node;
		s->seen[s->count++].state = state;
	}
	return state;
}

bool crl_signed_by(struct evaluation *ev, const struct crl *crl, const struct node *node)
{
	return signature_of(ev, crl, node) == EDGE_GOOD;
}

/* A path from a CRL issuer up to the anchor that the certificate in question has. */
struct climb {
	struct inquiry *q;
	struct path path;
};

/* Section 6.1 over the path, and the status of every certificate of it that the policy asks for.
 * Policies of certificates are not asked about: nobody relies on them here. */
static bool path_holds(struct climb *c)
{
	struct evaluation *ev = c->q->ev;
	struct path *path = &c->path;
	uint32_t i;

	path->complete = true;
	for (i = 0; i < path->count; i++)
		path->found[i] = FINDING_NONE;
	if (!chain_rules_hold(ev, path))
		return false;
	if (!ev->policy->revocation_chain)
		return true;
	for (i = path->count - 1; i-- > 0;)
		if (!revocation_good(ev, path, i, c->q))
			return false;
	return true;
}

static bool climb(struct climb *c)
{
	struct path *path = &c->path;
	struct evaluation *ev = c->q->ev;
	struct node *node = path->node[path->count - 1];
	const struct path *target = c->q->path;
	const struct node *anchor = target->node[target->count - 1];
	uint32_t i;
	bool found;

	if (!path_gather(ev, node))
		return false;
	for (i = 0; i < node->issuer_count; i++) {
		struct edge *e = &node->issuers[i];

		if (!budget_step(&ev->budget))
			return false;
		if (path->count == CAPCERT_MAX_PATH || path_loops(ev, path, e->issuer))
			continue;
		if (e->issuer->anchor && e->issuer != anchor)
			continue;
		if (judge_node(ev, e->issuer)->reason != CC_REASON_NONE ||
		    path_check_edge(ev, node, e) != EDGE_GOOD)
			continue;
		path->node[path->count++] = e->issuer;
		found = e->issuer->anchor ? path_holds(c) : climb(c);
		path->count--;
		if (found || ev->budget.spent || ev->no_memory)
			return found;
	}
	return false;
}

static bool in_path_above(const struct inquiry *q, const struct node *node)
{
	uint32_t i;

	for (i = q->at + 1; i < q->path->count; i++)
		if (q->path->node[i] == node)
			return true;
	return false;
}

/* Is @node a CRL issuer whose own status is being asked about right now? Then a list of its own
 * may say so, if its certificates' issuer sends us to that list and nothing else is there: what is
 * assumed is that it is not revoked, and the list may contradict. */
static bool being_asked_about(const struct inquiry *q, const struct node *node)
{
	for (; q; q = q->parent)
		if (q->signer == node)
			return true;
	return false;
}

static bool issuer_valid(struct inquiry *q, struct node *node)
{
	struct climb *c;
	const char *text;
	bool valid;

	if (in_path_above(q, node))
		return true;
	if (being_asked_about(q, node)) {
		if (!q->circular)
			inquiry_note(q, CRL_STAGE_SIGNER,
				     "the list is signed by the one whose status it would tell");
		return q->circular;
	}
	text = judge_list_signer(q->ev, node);
	if (text) {
		inquiry_note(q, CRL_STAGE_SIGNER, text);
		return false;
	}
	if (q->depth >= CRL_DEPTH) {
		inquiry_note(q, CRL_STAGE_SIGNER, "too many CRL issuers depend on one another");
		return false;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		q->ev->no_memory = true;
		return false;
	}
	c->q = q;
	c->path.node[c->path.count++] = node;
	valid = climb(c);
	free(c);
	if (!valid)
		inquiry_note(q, CRL_STAGE_SIGNER,
			     "the list's issuer has no valid path to the same anchor");
	return valid;
}

static bool may_sign_lists(const struct cc_cert *cert)
{
	return !(cert->ext_present & CC_EXT_BIT(KEY_USAGE)) || (cert->key_usage & CC_KU_CRL_SIGN);
}

static bool is_signer(struct inquiry *q, const struct crl *crl, struct node *node)
{
	struct evaluation *ev = q->ev;

	if (!budget_compare(&ev->budget) ||
	    !evaluation_same_name(ev, node->subject.name, crl->issuer.name))
		return false;
	if (!may_sign_lists(node->cert)) {
		inquiry_note(q, CRL_STAGE_SIGNER,
			     "the list's issuer may not sign lists (key usage)");
		return false;
	}
	switch (signature_of(ev, crl, node)) {
	case EDGE_GOOD:
		return issuer_valid(q, node);
	case EDGE_UNSUPPORTED:
		inquiry_note(q, CRL_STAGE_SIGNER,
			     "the list's signature algorithm is not known, or does not fit the "
			     "issuer's key");
		return false;
	default:
		inquiry_note(q, CRL_STAGE_SIGNER, "the list is not signed by its issuer's key");
		return false;
	}
}

static bool mismatch(const struct crl *crl, const struct node *node)
{
	return crl->list.akid.n && node->cert->skid.n &&
	       !cc_span_equal(crl->list.akid, node->cert->skid);
}

/* Candidate number @i: the path's certificates from the issuer up, then all of the chain. */
static struct node *candidate(const struct inquiry *q, uint32_t i)
{
	uint32_t above = q->path->count - q->at - 1;

	if (i < above)
		return q->path->node[q->at + 1 + i];
	i -= above;
	return i < q->ev->count ? &q->ev->nodes[i] : NULL;
}

static bool stop(const struct evaluation *ev)
{
	return ev->budget.spent || ev->no_memory;
}

struct node *crl_signer(struct inquiry *q, const struct crl *crl)
{
	uint32_t number = crl->list.scheme;
	struct node *node;
	int pass;
	uint32_t i;

	if (number >= 32 || !(q->ev->policy->schemes >> number & 1)) {
		inquiry_note(q, CRL_STAGE_SIGNER,
			     "the list is signed with an algorithm that the policy does not allow");
		return NULL;
	}
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; (node = candidate(q, i)); i++) {
			bool before = i >= q->path->count - q->at - 1 && in_path_above(q, node);

			if (before || mismatch(crl, node) != (pass == 1))
				continue;
			if (is_signer(q, crl, node))
				return node;
			if (stop(q->ev))
				return NULL;
		}
	}
	if (q->closest < CRL_STAGE_SIGNER)
		inquiry_note(q, CRL_STAGE_SIGNER, "there is no certificate of the list's issuer");
	return NULL;
}
