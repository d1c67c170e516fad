// SPDX-License-Identifier: LGPL-2.1-or-later
/* The valid policy graph. A tree as RFC 5280 draws it can grow exponentially with the path; RFC
 * 9618 merges equal policies of one depth. All that is ever asked of it is whether some policy of
 * the initial set survives, so one depth is kept, and per policy whether its origin is in the set. */
#include "libcapcert/policy_tree.h"

/* Policies of one certificate, and of one depth. Certificates in use have fewer than ten. */
#define LEVEL_MAX 128

struct policy_node {
	struct cc_span policy; /* valid_policy */
	bool any;	       /* it is anyPolicy */
	bool wanted;	       /* it stems from a policy of the initial set */
	bool mapped;	       /* expected_policy_set: the certificate's mappings; else itself */
};

struct level {
	struct policy_node node[LEVEL_MAX];
	uint32_t count;
	struct cc_span mappings; /* of the certificate of this level */
};

struct policies {
	struct evaluation *ev;
	struct level level[2];
	struct level *now;
	struct cc_span anchor_set; /* policies of the anchor's own initial set; empty = any */
	uint32_t explicit_policy;  /* certificates until a policy must be left */
	uint32_t policy_mapping;
	uint32_t inhibit_any;
	bool overflow;
};

static const uint8_t any_policy_oid[] = { 0x55, 0x1d, 0x20, 0x00 };

static bool is_any(struct cc_span oid)
{
	return cc_span_equal(oid, cc_span(any_policy_oid, sizeof(any_policy_oid)));
}

static bool oid_equal(struct policies *p, struct cc_span a, struct cc_span b)
{
	return budget_compare(&p->ev->budget) &&
	       budget_names(&p->ev->budget, a.n == b.n ? a.n / 8 : 0, 1) && cc_span_equal(a, b);
}

/* Is @oid in the caller's initial policy set? An empty set stands for anyPolicy. */
static bool in_callers_set(const struct cc_policy *policy, struct cc_span oid)
{
	uint32_t i;

	if (policy->policy_oid_count == 0)
		return true;
	for (i = 0; i < policy->policy_oid_count; i++)
		if (cc_span_equal(oid, cc_span(policy->policy_oids[i].p, policy->policy_oids[i].n)))
			return true;
	return false;
}

/* The same of the anchor's. */
static bool in_anchors_set(struct policies *p, struct cc_span oid)
{
	struct cc_span rest = p->anchor_set, member, quals;

	if (!rest.n)
		return true;
	while (cc_policy_info_next(&rest, &member, &quals) == 1)
		if (is_any(member) || oid_equal(p, member, oid))
			return true;
	return false;
}

/* The initial policy set is what both have (RFC 5937 section 3.2). */
static bool in_initial_set(struct policies *p, struct cc_span oid)
{
	return in_callers_set(p->ev->policy, oid) && in_anchors_set(p, oid);
}

/* Is there nothing in it? Policies that met and had none in common hold one OID of no length. */
static bool initial_set_empty(struct policies *p)
{
	const struct cc_policy *policy = p->ev->policy;
	uint32_t i;

	if (policy->policy_oid_count == 0)
		return false;
	for (i = 0; i < policy->policy_oid_count; i++) {
		struct cc_span oid = cc_span(policy->policy_oids[i].p, policy->policy_oids[i].n);

		if (oid.n && in_anchors_set(p, oid))
			return false;
	}
	return true;
}

static struct policy_node *find(struct policies *p, struct level *level, struct cc_span oid)
{
	uint32_t i;

	for (i = 0; i < level->count; i++)
		if (oid_equal(p, level->node[i].policy, oid))
			return &level->node[i];
	return NULL;
}

/* Add to @level, or join what is there: one node per policy and depth. */
static struct policy_node *add(struct policies *p, struct level *level, struct cc_span oid,
			       bool wanted)
{
	struct policy_node *n = find(p, level, oid);

	if (!n) {
		if (level->count == LEVEL_MAX) {
			p->overflow = true;
			return NULL;
		}
		n = &level->node[level->count++];
		*n = (struct policy_node){ .policy = oid, .any = is_any(oid) };
	}
	n->wanted |= wanted;
	return n;
}

static struct policy_node *find_any(struct level *level)
{
	uint32_t i;

	for (i = 0; i < level->count; i++)
		if (level->node[i].any)
			return &level->node[i];
	return NULL;
}

/* Is @oid in the expected policy set of @n, a node of @level? */
static bool expects(struct policies *p, const struct level *level, const struct policy_node *n,
		    struct cc_span oid)
{
	struct cc_span mappings = level->mappings, from, to;

	if (!n->mapped)
		return oid_equal(p, n->policy, oid);
	while (cc_policy_mapping_next(&mappings, &from, &to) == 1)
		if (oid_equal(p, from, n->policy) && oid_equal(p, to, oid))
			return true;
	return false;
}

/* Section 6.1.3 (d) (1): a policy that the certificate names. */
static void take_policy(struct policies *p, struct level *next, struct cc_span oid)
{
	struct policy_node *parent;
	bool matched = false;
	uint32_t i;

	for (i = 0; i < p->now->count; i++) {
		parent = &p->now->node[i];
		if (!parent->any && expects(p, p->now, parent, oid)) {
			add(p, next, oid, parent->wanted);
			matched = true;
		}
	}
	parent = matched ? NULL : find_any(p->now);
	if (parent) /* its origin: below anyPolicy a policy enters in the initial set's domain */
		add(p, next, oid, in_initial_set(p, oid));
}

/* Section 6.1.3 (d) (2): anyPolicy of the certificate carries all that was expected. */
static void take_any(struct policies *p, struct level *next)
{
	struct cc_span mappings, from, to;
	uint32_t i;

	for (i = 0; i < p->now->count; i++) {
		struct policy_node *parent = &p->now->node[i];

		if (!parent->mapped) {
			add(p, next, parent->policy, parent->wanted);
			continue;
		}
		mappings = p->now->mappings;
		while (cc_policy_mapping_next(&mappings, &from, &to) == 1)
			if (oid_equal(p, from, parent->policy))
				add(p, next, to, parent->wanted);
	}
}

/* Section 6.1.3 (d) and (e). */
static const char *take_policies(struct policies *p, const struct cc_cert *cert, bool any_allowed)
{
	struct level *next = p->now == &p->level[0] ? &p->level[1] : &p->level[0];
	struct cc_span rest = cert->policies, oid, quals;
	uint32_t n = 0;
	bool any = false;
	int r;

	next->count = 0;
	next->mappings = cert->mappings;
	while (p->now->count && (r = cc_policy_info_next(&rest, &oid, &quals)) != 0) {
		if (r < 0)
			return "certificatePolicies is malformed";
		if (n++ == LEVEL_MAX) {
			p->overflow = true;
			break;
		}
		if (is_any(oid))
			any = true;
		else
			take_policy(p, next, oid);
	}
	if (any && any_allowed)
		take_any(p, next);
	p->now = next;
	return NULL;
}

/* Section 6.1.4 (b) (2): without mapping, a mapped policy ends here. */
static void drop(struct policies *p, struct cc_span oid)
{
	struct policy_node *n = find(p, p->now, oid);

	if (n)
		*n = p->now->node[--p->now->count];
}

/* Section 6.1.4 (a) and (b). */
static const char *take_mappings(struct policies *p, const struct cc_cert *cert)
{
	struct cc_span rest = cert->mappings, from, to;
	struct policy_node *n;
	int r;

	while ((r = cc_policy_mapping_next(&rest, &from, &to)) == 1) {
		if (!budget_compare(&p->ev->budget))
			return NULL;
		if (is_any(from) || is_any(to))
			return "anyPolicy is mapped (RFC 5280 section 6.1.4)";
		if (p->policy_mapping == 0) {
			drop(p, from);
			continue;
		}
		n = find(p, p->now, from);
		if (!n && find_any(p->now))
			n = add(p, p->now, from, in_initial_set(p, from));
		if (n)
			n->mapped = true;
	}
	return r < 0 ? "policyMappings is malformed" : NULL;
}

static void lower(uint32_t *counter, int32_t value)
{
	if (value >= 0 && (uint32_t)value < *counter)
		*counter = (uint32_t)value;
}

/* Section 6.1.4 (h) to (j). */
static void count_down(struct policies *p, const struct node *node)
{
	if (!node->self_issued) {
		p->explicit_policy -= p->explicit_policy > 0;
		p->policy_mapping -= p->policy_mapping > 0;
		p->inhibit_any -= p->inhibit_any > 0;
	}
	lower(&p->explicit_policy, node->cert->require_explicit);
	lower(&p->policy_mapping, node->cert->inhibit_mapping);
	lower(&p->inhibit_any, node->cert->inhibit_any);
}

/* One certificate, @last: the leaf. Sections 6.1.3 (d)-(f), 6.1.4 (a)-(b), (h)-(j). */
static const char *take_cert(struct policies *p, const struct node *node, bool last)
{
	bool has = (node->cert->ext_present & CC_EXT_BIT(POLICIES)) != 0;
	bool any_allowed = p->inhibit_any > 0 || (!last && node->self_issued);
	const char *text = NULL;

	if (has)
		text = take_policies(p, node->cert, any_allowed);
	else
		p->now->count = 0;
	if (text)
		return text;
	if (p->explicit_policy == 0 && p->now->count == 0)
		return "no certificate policy is left, and one is required";
	if (last)
		return NULL;
	text = take_mappings(p, node->cert);
	if (!text)
		count_down(p, node);
	return text;
}

static void start(struct policies *p, struct evaluation *ev, const struct path *path)
{
	const struct cc_policy *policy = ev->policy;
	const struct node *top = path->node[path->count - 1];
	const struct cc_cert *anchor = top->cert;
	uint32_t n = path->count; /* certificates below the anchor, and one */

	p->ev = ev;
	p->overflow = false;
	p->anchor_set = top->anchor ? top->anchor->policies : cc_span(NULL, 0);
	p->now = &p->level[0];
	p->now->count = 0;
	p->now->mappings = cc_span(NULL, 0);
	/* Every policy that enters below anyPolicy is judged then (in_initial_set()). AnyPolicy
	 * itself, when it reaches the leaf, stands for all of the initial set. */
	add(p, p->now, cc_span(any_policy_oid, sizeof(any_policy_oid)), !initial_set_empty(p));
	p->explicit_policy = policy->require_explicit_policy ? 0 : n;
	p->policy_mapping = policy->inhibit_policy_mapping ? 0 : n;
	p->inhibit_any = policy->inhibit_any_policy ? 0 : n;
	/* The anchor's own constraints (RFC 5937 section 3.2). */
	lower(&p->explicit_policy, anchor->require_explicit);
	lower(&p->policy_mapping, anchor->inhibit_mapping);
	lower(&p->inhibit_any, anchor->inhibit_any);
}

/* Can the policies of this path matter at all? */
static bool matters(const struct evaluation *ev, const struct path *path)
{
	uint32_t i;

	if (ev->policy->require_explicit_policy)
		return true;
	for (i = 0; i < path->count; i++) {
		const struct cc_cert *c = path->node[i]->cert;

		if (c->require_explicit >= 0 || c->mappings.n)
			return true;
	}
	return false;
}

/* Section 4.2.1.4 forbids it, whether policies matter to this path or not. */
static const char *check_repeated(struct evaluation *ev, const struct cc_cert *cert)
{
	struct cc_span rest = cert->policies, before, oid, other, quals;

	while (cc_policy_info_next(&rest, &oid, &quals) == 1) {
		before = cert->policies;
		while (cc_policy_info_next(&before, &other, &quals) == 1 && other.p != oid.p) {
			if (!budget_compare(&ev->budget))
				return NULL;
			if (cc_span_equal(oid, other))
				return "a policy stands twice (RFC 5280 section 4.2.1.4)";
		}
	}
	return NULL;
}

const char *policy_tree_check(struct evaluation *ev, const struct path *path, uint32_t *ret_at)
{
	struct policies p;
	const char *text;
	uint32_t i;

	for (i = 0; i + 1 < path->count; i++) {
		*ret_at = i;
		text = check_repeated(ev, path->node[i]->cert);
		if (text || ev->budget.spent)
			return text;
	}
	if (path->count < 2 || !matters(ev, path))
		return NULL;
	start(&p, ev, path);
	for (i = path->count - 1; i-- > 0;) {
		*ret_at = i;
		text = take_cert(&p, path->node[i], i == 0);
		if (p.overflow && !ev->budget.spent)
			ev->budget.spent = "certificate policies";
		if (text || ev->budget.spent)
			return text;
	}
	/* Section 6.1.5 (a), (b) and (g). */
	*ret_at = 0;
	p.explicit_policy -= p.explicit_policy > 0;
	if (path->node[0]->cert->require_explicit == 0)
		p.explicit_policy = 0;
	if (p.explicit_policy > 0)
		return NULL;
	for (i = 0; i < p.now->count; i++)
		if (p.now->node[i].wanted)
			return NULL;
	return "no certificate policy that the policy accepts is left";
}
