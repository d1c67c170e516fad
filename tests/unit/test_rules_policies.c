// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Certificate policies, RFC 5280 sections 6.1.2 to 6.1.5 with the graph of RFC 9618. */
#include "tests/unit/rule_fixture.h"

/* Policies 1.2.3.1 to 1.2.3.9 and anyPolicy. */
#define P(n) "30{06{2a030" #n "}}"
#define ANY "30{06{551d2000}}"
#define MAP(a, b) "30{06{2a030" #a "} 06{2a030" #b "}}"
#define HAS(who, list)                        \
	{                                     \
		who, POLICIES, "30{" list "}" \
	}
#define MAPS(who, list)                        \
	{                                      \
		who, MAPPINGS, "!30{" list "}" \
	}
/* policyConstraints: requireExplicitPolicy [0], inhibitPolicyMapping [1]. */
#define EXPLICIT(who, n)                               \
	{                                              \
		who, POLICY_LIMITS, "!30{80{0" #n "}}" \
	}
#define NO_MAPPING(who, n)                             \
	{                                              \
		who, POLICY_LIMITS, "!30{81{0" #n "}}" \
	}
#define INHIBIT_ANY(who, n)                 \
	{                                   \
		who, NO_ANY, "!02{0" #n "}" \
	}

/* A self-issued CA certificate: a new key of the one above. */
#define CA_IS_UPPER                                                \
	{ CA, SUBJECT, "30{31{30{06{550403} 0c{'Upper'}}}}" },     \
	{                                                          \
		LEAF, ISSUER, "30{31{30{06{550403} 0c{'Upper'}}}}" \
	}

#define ASK RFC5280 ";explicit_policy=yes"
#define WANT(oid) ASK ";policies=1.2.3." oid

static const char none_left[] = "no certificate policy is left, and one is required";
static const char none_wanted[] = "no certificate policy that the policy accepts is left";

static const struct rule_row plain[] = {
	/* Nobody asks: nothing of this matters. */
	{ RFC5280, { HAS(CA, P(1)), HAS(LEAF, P(2)) }, OK },
	{ RFC5280, { HAS(CA, P(1)), INHIBIT_ANY(CA, 0) }, OK },
	{ ASK, { HAS(LEAF, P(1)) }, PV, 1, none_left },
	{ ASK, { HAS(CA, P(1)) }, PV, 0, none_left },
	{ ASK, { HAS(CA, P(1)), HAS(LEAF, P(2)) }, PV, 0, none_left },
	{ ASK, { HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ ASK, { HAS(CA, P(1) P(2)), HAS(LEAF, P(3) P(2)) }, OK },
	{ ASK, { HAS(CA, ANY), HAS(LEAF, P(2)) }, OK },
	{ ASK, { HAS(CA, P(1)), HAS(LEAF, ANY) }, OK },
	{ ASK, { HAS(CA, ANY), HAS(LEAF, ANY) }, OK },
	/* The root's own policies are not part of the path. */
	{ ASK, { HAS(ROOT, P(9)), HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	/* Longer, and through both ends of anyPolicy. */
	{ ASK, { HAS(UPPER, P(1)), HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ ASK, { HAS(UPPER, P(1)), HAS(CA, ANY), HAS(LEAF, P(1)) }, OK },
	{ ASK, { HAS(UPPER, P(1)), HAS(CA, ANY), HAS(LEAF, P(2)) }, PV, 0, none_left },
	{ ASK, { HAS(UPPER, ANY), HAS(CA, P(1)), HAS(LEAF, P(2)) }, PV, 0, none_left },
	{ ASK, { HAS(UPPER, ANY P(3)), HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ ASK, { HAS(UPPER, P(1)), HAS(CA, P(2)), HAS(LEAF, P(2)) }, PV, 1, none_left },
	/* Section 4.2.1.4: each once, whether policies matter or not. */
	{ RFC5280, { HAS(LEAF, P(1) P(1)) }, PV, 0, "a policy stands twice" },
	{ RFC5280, { HAS(CA, P(1) P(2) P(1)) }, PV, 1, "a policy stands twice" },
	{ RFC5280, { HAS(ROOT, P(1) P(1)), HAS(LEAF, P(1) P(2)) }, OK },
	{ ASK, { HAS(CA, P(1)), HAS(LEAF, P(1) P(1)) }, PV, 0, "a policy stands twice" },
	{ ASK, { HAS(CA, ANY ANY), HAS(LEAF, P(1)) }, PV, 1, "a policy stands twice" },
};

static const struct rule_row wanted[] = {
	{ WANT("1"), { HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ WANT("2"), { HAS(CA, P(1)), HAS(LEAF, P(1)) }, PV, 0, none_wanted },
	{ WANT("2,1.2.3.1"), { HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ WANT("2"), { HAS(CA, P(1) P(2)), HAS(LEAF, P(1)) }, PV, 0, none_wanted },
	{ WANT("2"), { HAS(CA, P(1) P(2)), HAS(LEAF, P(1) P(2)) }, OK },
	{ WANT("2"), { HAS(CA, ANY), HAS(LEAF, P(2)) }, OK },
	{ WANT("2"), { HAS(CA, ANY), HAS(LEAF, P(1)) }, PV, 0, none_wanted },
	{ WANT("2"), { HAS(CA, ANY), HAS(LEAF, ANY) }, OK },
	{ WANT("2"), { HAS(CA, P(1)), HAS(LEAF, ANY) }, PV, 0, none_wanted },
	{ WANT("2"), { HAS(UPPER, ANY), HAS(CA, P(2)), HAS(LEAF, ANY) }, OK },
	/* An initial set without a demand for any policy: does not matter (section 6.1.5 (g)). */
	{ RFC5280 ";policies=1.2.3.2", { HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ RFC5280 ";policies=1.2.3.2",
	  { HAS(CA, P(1)), HAS(LEAF, P(1)), EXPLICIT(CA, 0) },
	  PV,
	  0,
	  none_wanted },
};

static const struct rule_row mapped[] = {
	{ ASK, { HAS(CA, P(1)), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) }, OK },
	{ ASK, { HAS(CA, P(1)), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(1)) }, PV, 0, none_left },
	{ ASK, { HAS(CA, P(1)), MAPS(CA, MAP(1, 2) MAP(1, 3)), HAS(LEAF, P(3)) }, OK },
	{ ASK, { HAS(CA, P(1) P(4)), MAPS(CA, MAP(1, 2) MAP(4, 3)), HAS(LEAF, P(3)) }, OK },
	{ ASK, { HAS(CA, P(1) P(4)), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(4)) }, OK },
	/* Whose origin counts is the issuer's policy, not what it is called below. */
	{ WANT("1"), { HAS(CA, P(1)), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) }, OK },
	{ WANT("2"), { HAS(CA, P(1)), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) }, PV, 0, none_wanted },
	{ WANT("4"), { HAS(CA, P(1) P(4)), MAPS(CA, MAP(1, 3) MAP(4, 3)), HAS(LEAF, P(3)) }, OK },
	/* A policy that the certificate has only through anyPolicy (6.1.4 (b) (1)). */
	{ ASK, { HAS(CA, ANY), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) }, OK },
	{ WANT("1"), { HAS(CA, ANY), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) }, OK },
	{ WANT("3"), { HAS(CA, ANY), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) }, PV, 0, none_wanted },
	/* A mapping of a policy that is not there maps nothing. */
	{ ASK, { HAS(CA, P(1)), MAPS(CA, MAP(5, 2)), HAS(LEAF, P(2)) }, PV, 0, none_left },
	{ ASK, { HAS(CA, P(1)), MAPS(CA, MAP(5, 2)), HAS(LEAF, P(1)) }, OK },
	/* anyPolicy below carries what is expected, not what it was called. */
	{ WANT("1"), { HAS(CA, P(1)), MAPS(CA, MAP(1, 2)), HAS(LEAF, ANY) }, OK },
	{ ASK, { HAS(UPPER, P(1)), MAPS(UPPER, MAP(1, 2)), HAS(CA, ANY), HAS(LEAF, P(2)) }, OK },
	{ ASK,
	  { HAS(UPPER, P(1)), MAPS(UPPER, MAP(1, 2)), HAS(CA, ANY), HAS(LEAF, P(1)) },
	  PV,
	  0,
	  none_left },
	{ ASK,
	  { HAS(UPPER, P(1) P(4)), MAPS(UPPER, MAP(4, 3)), HAS(CA, ANY), HAS(LEAF, P(3)) },
	  OK },
	/* Twice on the way. */
	{ WANT("1"),
	  { HAS(UPPER, P(1)), MAPS(UPPER, MAP(1, 2)), HAS(CA, P(2)), MAPS(CA, MAP(2, 3)),
	    HAS(LEAF, P(3)) },
	  OK },
	/* Section 6.1.4 (a), even where no policy is asked for. */
	{ RFC5280,
	  { HAS(CA, P(1)), MAPS(CA, "30{06{551d2000} 06{2a0302}}"), HAS(LEAF, P(2)) },
	  PV,
	  1,
	  "anyPolicy is mapped" },
	{ RFC5280,
	  { HAS(CA, P(1)), MAPS(CA, "30{06{2a0301} 06{551d2000}}"), HAS(LEAF, P(2)) },
	  PV,
	  1,
	  "anyPolicy is mapped" },
	/* The leaf's own mappings are not looked at (section 6.1.5). */
	{ ASK, { HAS(CA, P(1)), HAS(LEAF, P(1)), MAPS(LEAF, "30{06{551d2000} 06{2a0302}}") }, OK },
	/* Nothing left to map. */
	{ RFC5280, { MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) }, OK },
};

static const struct rule_row limits[] = {
	/* requireExplicitPolicy counts the certificates below, and once more at the end (6.1.5 (a)). */
	{ RFC5280, { EXPLICIT(CA, 0) }, PV, 0, none_left },
	{ RFC5280, { EXPLICIT(CA, 1) }, PV, 0, none_wanted },
	{ RFC5280, { EXPLICIT(CA, 1), HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ RFC5280, { EXPLICIT(CA, 2) }, OK },
	{ RFC5280, { EXPLICIT(UPPER, 0) }, PV, 1, none_left },
	{ RFC5280, { EXPLICIT(UPPER, 1) }, PV, 0, none_left },
	{ RFC5280, { EXPLICIT(UPPER, 2) }, PV, 0, none_wanted },
	{ RFC5280, { EXPLICIT(UPPER, 3) }, OK },
	{ RFC5280, { EXPLICIT(LEAF, 0) }, PV, 0, none_wanted }, /* section 6.1.5 (b) */
	{ RFC5280, { EXPLICIT(LEAF, 1) }, OK },
	{ RFC5280, { EXPLICIT(LEAF, 0), HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	{ RFC5280,
	  { EXPLICIT(UPPER, 0), EXPLICIT(CA, 5), HAS(UPPER, P(1)), HAS(CA, P(1)) },
	  PV,
	  0,
	  none_left },
	/* The anchor's own (RFC 5937 section 3.2). */
	{ RFC5280, { EXPLICIT(ROOT, 0) }, PV, 1, none_left },
	{ RFC5280, { EXPLICIT(ROOT, 0), HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	/* A self-issued certificate does not count (sections 6.1.4 (h), (i), (j)). */
	{ RFC5280, { EXPLICIT(UPPER, 2), CA_IS_UPPER }, OK },
	{ RFC5280, { EXPLICIT(UPPER, 1), CA_IS_UPPER }, PV, 0, none_wanted },
	/* inhibitPolicyMapping */
	{ ASK,
	  { NO_MAPPING(UPPER, 0), HAS(UPPER, P(1)), HAS(CA, P(1)), MAPS(CA, MAP(1, 2)),
	    HAS(LEAF, P(2)) },
	  PV,
	  0,
	  none_left },
	{ ASK,
	  { NO_MAPPING(UPPER, 1), HAS(UPPER, P(1)), HAS(CA, P(1)), MAPS(CA, MAP(1, 2)),
	    HAS(LEAF, P(2)) },
	  OK },
	{ ASK,
	  { NO_MAPPING(ROOT, 1), HAS(UPPER, P(1)), HAS(CA, P(1)), MAPS(CA, MAP(1, 2)),
	    HAS(LEAF, P(2)) },
	  PV,
	  0,
	  none_left },
	{ ASK,
	  { NO_MAPPING(ROOT, 2), HAS(UPPER, P(1)), HAS(CA, P(1)), MAPS(CA, MAP(1, 2)),
	    HAS(LEAF, P(2)) },
	  OK },
	{ ASK ";inhibit_mapping=yes",
	  { HAS(CA, P(1)), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(2)) },
	  PV,
	  0,
	  none_left },
	{ ASK ";inhibit_mapping=yes",
	  { HAS(CA, P(1)), MAPS(CA, MAP(1, 2)), HAS(LEAF, P(1)) },
	  PV,
	  0,
	  none_left },
	{ ASK ";inhibit_mapping=yes", { HAS(CA, P(1)), MAPS(CA, MAP(3, 2)), HAS(LEAF, P(1)) }, OK },
	/* inhibitAnyPolicy */
	{ ASK, { INHIBIT_ANY(CA, 0), HAS(CA, P(1)), HAS(LEAF, ANY) }, PV, 0, none_left },
	{ ASK, { INHIBIT_ANY(CA, 1), HAS(CA, P(1)), HAS(LEAF, ANY) }, OK },
	{ ASK,
	  { INHIBIT_ANY(UPPER, 0), HAS(UPPER, P(1)), HAS(CA, ANY), HAS(LEAF, P(1)) },
	  PV,
	  1,
	  none_left },
	{ ASK, { INHIBIT_ANY(UPPER, 1), HAS(UPPER, P(1)), HAS(CA, ANY), HAS(LEAF, P(1)) }, OK },
	{ ASK,
	  { INHIBIT_ANY(UPPER, 1), HAS(UPPER, P(1)), HAS(CA, P(1)), HAS(LEAF, ANY) },
	  PV,
	  0,
	  none_left },
	{ ASK, { INHIBIT_ANY(ROOT, 0), HAS(CA, ANY), HAS(LEAF, P(1)) }, PV, 1, none_left },
	{ ASK ";inhibit_any=yes", { HAS(CA, ANY), HAS(LEAF, P(1)) }, PV, 1, none_left },
	{ ASK ";inhibit_any=yes", { HAS(CA, P(1)), HAS(LEAF, P(1)) }, OK },
	/* but a self-issued certificate on the way may say anyPolicy (section 6.1.3 (d) (2)), */
	{ ASK,
	  { INHIBIT_ANY(UPPER, 0), HAS(UPPER, P(1)), HAS(CA, ANY), HAS(LEAF, P(1)), CA_IS_UPPER },
	  OK },
	{ ASK,
	  { INHIBIT_ANY(UPPER, 1), HAS(UPPER, P(1)), HAS(CA, P(1)), HAS(LEAF, ANY), CA_IS_UPPER },
	  OK },
	/* the leaf not. */
	{ ASK,
	  { INHIBIT_ANY(CA, 0),
	    HAS(CA, P(1)),
	    HAS(LEAF, ANY),
	    { LEAF, SUBJECT, "30{31{30{06{550403} 0c{'CA'}}}}" } },
	  PV,
	  0,
	  none_left },
};

static void test_plain(void **state)
{
	rule_table(plain);
}

static void test_wanted(void **state)
{
	rule_table(wanted);
}

static void test_mapped(void **state)
{
	rule_table(mapped);
}

static void test_limits(void **state)
{
	rule_table(limits);
}

/* @n different policies, 1.2.<128 and up>. */
static const char *many(unsigned int n, char *buf)
{
	unsigned int i;
	char *p = buf;

	p += sprintf(p, "30{");
	for (i = 0; i < n; i++)
		p += sprintf(p, "30{06{2a%02x%02x}}", 0x81 + i / 128, i % 128);
	sprintf(p, "}");
	return buf;
}

/* One level holds 128 policies: certificates in use have fewer than ten. */
static void test_too_many(void **state)
{
	static char buf[8192];
	struct rule_row row = { .policy = ASK,
				.change = { { LEAF, POLICIES, buf }, HAS(CA, ANY) } };

	many(128, buf);
	row.reason = OK;
	rule_check(&row, 128);
	many(129, buf);
	row.reason = CAPCERT_REASON_BUDGET_EXHAUSTED;
	row.says = "certificate policies";
	rule_check(&row, 129);
}

/* Mappings of policies that are there only through anyPolicy fill a level as well. */
static void test_too_many_mapped(void **state)
{
	static char buf[8192];
	struct rule_row row = {
		.policy = ASK, .change = { { CA, MAPPINGS, buf }, HAS(CA, ANY), HAS(LEAF, P(1)) }
	};
	unsigned int n, i;
	char *p;

	for (n = 127; n <= 128; n++) {
		p = buf + sprintf(buf, "!30{30{06{2a0309} 06{2a0301}}");
		for (i = 1; i < n; i++)
			p += sprintf(p, "30{06{2a%02x%02x} 06{2a0302}}", 0x81 + i / 128, i % 128);
		sprintf(p, "}");
		row.reason = n == 127 ? OK : CAPCERT_REASON_BUDGET_EXHAUSTED;
		row.says = n == 127 ? NULL : "certificate policies";
		rule_check(&row, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	 cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_mapped),	 cmocka_unit_test(test_limits),
		cmocka_unit_test(test_too_many), cmocka_unit_test(test_too_many_mapped),
	};
	int r = cmocka_run_group_tests_name("rules/policies", tests, NULL, NULL);

	rule_keys_free();
	return r;
}
