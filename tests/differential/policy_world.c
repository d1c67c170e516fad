// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Certificate policies: random ones, and the tree of RFC 5280 section 6.1 drawn as the RFC draws it,
 * node by node, to know what must come of them. The initial policy set is any-policy. */
#include <string.h>
#include "tests/differential/differential.h"

#define ANY 0 /* anyPolicy; 1 to 3 are the arcs below 1.2.3 */
#define POLICY_COUNT 4
#define BIT(policy) (1u << (policy))
#define NODES 512
#define NOT_THERE UINT32_MAX

/* What one certificate says. */
struct wish {
	uint32_t policies;		/* BIT()s; 0: no extension */
	uint32_t maps_to[POLICY_COUNT]; /* BIT()s, by issuerDomainPolicy */
	uint32_t require, inhibit_mapping, inhibit_any;
};

struct tree {
	struct {
		uint32_t depth, parent, policy, expected;
		bool dead;
	} node[NODES];
	uint32_t count;
	bool null;
};

static void grow(struct tree *t, uint32_t depth, uint32_t parent, uint32_t policy,
		 uint32_t expected)
{
	if (t->count == NODES)
		return;
	t->node[t->count].depth = depth;
	t->node[t->count].parent = parent;
	t->node[t->count].policy = policy;
	t->node[t->count].expected = expected;
	t->node[t->count++].dead = false;
}

static bool lives(const struct tree *t, uint32_t i, uint32_t depth)
{
	return !t->node[i].dead && t->node[i].depth == depth;
}

/* Section 6.1.3 (d) (3): what has no child above @depth goes, and so on upwards. */
static void prune(struct tree *t, uint32_t depth)
{
	uint32_t i, k;

	while (depth-- > 0) {
		for (i = 0; i < t->count; i++) {
			bool child = false;

			if (!lives(t, i, depth))
				continue;
			for (k = 0; k < t->count; k++)
				child |= lives(t, k, depth + 1) && t->node[k].parent == i;
			t->node[i].dead = !child;
		}
	}
	t->null = t->node[0].dead;
}

/* Section 6.1.3 (d) (1). */
static void named(struct tree *t, uint32_t depth, uint32_t policy)
{
	uint32_t i, end = t->count;
	bool matched = false;

	for (i = 0; i < end; i++) {
		if (!lives(t, i, depth - 1) || !(t->node[i].expected & BIT(policy)))
			continue;
		grow(t, depth, i, policy, BIT(policy));
		matched = true;
	}
	for (i = 0; i < end && !matched; i++)
		if (lives(t, i, depth - 1) && t->node[i].policy == ANY)
			grow(t, depth, i, policy, BIT(policy));
}

/* Section 6.1.3 (d) (2). */
static void wild(struct tree *t, uint32_t depth)
{
	uint32_t i, k, policy, end = t->count;

	for (i = 0; i < end; i++) {
		uint32_t missing = lives(t, i, depth - 1) ? t->node[i].expected : 0;

		for (k = 0; k < end; k++)
			if (lives(t, k, depth) && t->node[k].parent == i)
				missing &= ~BIT(t->node[k].policy);
		for (policy = 0; policy < POLICY_COUNT; policy++)
			if (missing & BIT(policy))
				grow(t, depth, i, policy, BIT(policy));
	}
}

/* Section 6.1.4 (b) for one issuerDomainPolicy. */
static void map(struct tree *t, uint32_t depth, uint32_t from, uint32_t to, bool allowed)
{
	uint32_t i, end = t->count;
	bool found = false;

	for (i = 0; i < end; i++) {
		if (!lives(t, i, depth) || t->node[i].policy != from)
			continue;
		found = true;
		t->node[i].expected = to;
		t->node[i].dead = !allowed;
	}
	if (!allowed) {
		prune(t, depth);
		return;
	}
	for (i = 0; i < end && !found; i++) {
		if (!lives(t, i, depth) || t->node[i].policy != ANY)
			continue;
		grow(t, depth, t->node[i].parent, from, to);
		found = true;
	}
}

static void lower(uint32_t *counter, bool step, uint32_t limit)
{
	if (step && *counter)
		--*counter;
	if (limit < *counter)
		*counter = limit;
}

/* @w: of the certificates below the anchor, leaf first. */
static bool holds(const struct wish *w, uint32_t n, bool explicit_at_start)
{
	uint32_t require = explicit_at_start ? 0 : n + 1, mapping = n + 1, any = n + 1, i, p;
	static struct tree t;

	memset(&t, 0, sizeof(t));
	grow(&t, 0, 0, ANY, BIT(ANY));
	for (i = 1; i <= n; i++) {
		const struct wish *cert = &w[n - i];

		t.null |= !cert->policies;
		for (p = 1; p < POLICY_COUNT && !t.null; p++)
			if (cert->policies & BIT(p))
				named(&t, i, p);
		if (!t.null && (cert->policies & BIT(ANY)) && any > 0)
			wild(&t, i);
		if (!t.null)
			prune(&t, i);
		if (require == 0 && t.null)
			return false;
		if (i == n)
			break;
		for (p = 1; p < POLICY_COUNT && !t.null; p++)
			if (cert->maps_to[p])
				map(&t, i, p, cert->maps_to[p], mapping > 0);
		lower(&require, true, cert->require);
		lower(&mapping, true, cert->inhibit_mapping);
		lower(&any, true, cert->inhibit_any);
	}
	lower(&require, true, w[0].require == 0 ? 0 : NOT_THERE);
	return require > 0 || !t.null;
}

static const char *oid(uint32_t policy)
{
	return policy == ANY ? "06{551d2000}" : make_text("06{2a03%02x}", policy);
}

static const char *policies_text(uint32_t set)
{
	const char *list = "";
	uint32_t p;

	for (p = 0; p < POLICY_COUNT; p++)
		if (set & BIT(p))
			list = make_text("%s 30{%s}", list, oid(p));
	return set ? make_text("30{%s}", list) : "-";
}

static const char *mappings_text(const struct wish *w)
{
	const char *list = "";
	uint32_t from, to;

	for (from = 1; from < POLICY_COUNT; from++)
		for (to = 1; to < POLICY_COUNT; to++)
			if (w->maps_to[from] & BIT(to))
				list = make_text("%s 30{%s %s}", list, oid(from), oid(to));
	return *list ? make_text("!30{%s}", list) : NULL;
}

static const char *limits_text(const struct wish *w)
{
	if (w->require == NOT_THERE && w->inhibit_mapping == NOT_THERE)
		return NULL;
	return make_text(
		"!30{%s%s}", w->require == NOT_THERE ? "" : make_text("8001%02x", w->require),
		w->inhibit_mapping == NOT_THERE ? "" : make_text(" 8101%02x", w->inhibit_mapping));
}

static uint32_t maybe(void)
{
	return random_below(4) ? NOT_THERE : random_below(3);
}

static void wish(struct wish *w, bool ca)
{
	*w = (struct wish){ random_below(6) ? random_below(1u << POLICY_COUNT) : BIT(ANY),
			    { 0 },
			    NOT_THERE,
			    NOT_THERE,
			    NOT_THERE };
	if (!ca)
		return;
	w->require = maybe();
	w->inhibit_mapping = maybe();
	w->inhibit_any = maybe();
	if (random_below(3) == 0)
		w->maps_to[1 + random_below(3)] = random_below(8) << 1;
	if (random_below(6) == 0)
		w->maps_to[1 + random_below(3)] = random_below(8) << 1;
}

bool policy_world_make(struct diff_case *c)
{
	struct wish w[DIFF_CERTS];
	uint32_t i;

	for (i = 0; i < c->root; i++) {
		wish(&w[i], i > 0);
		c->spec[i].part[POLICIES] = policies_text(w[i].policies);
		c->spec[i].part[MAPPINGS] = mappings_text(&w[i]);
		c->spec[i].part[POLICY_LIMITS] = limits_text(&w[i]);
		if (w[i].inhibit_any != NOT_THERE)
			c->spec[i].part[NO_ANY] = make_text("!0201%02x", w[i].inhibit_any);
	}
	return holds(w, c->root, c->explicit_policy);
}
