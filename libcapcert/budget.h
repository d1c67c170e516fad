/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one verification may cost. A peer can lengthen every loop that is charged here. */
#ifndef LIBCAPCERT_BUDGET_H
#define LIBCAPCERT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* An honest chain needs 2-4 signatures, as many steps and one path; the largest public bridge
 * meshes stay below a tenth of these. */
#define BUDGET_SIGNATURES 100	  /* signature checks, counted whether remembered or not */
#define BUDGET_STEPS 4000	  /* issuers tried */
#define BUDGET_PATHS 200	  /* whole paths judged */
#define BUDGET_COMPARISONS 250000 /* name constraint against name, policy against policy */
#define BUDGET_WORK 25000000	  /* see below; a verification of today's web needs 300,000 */

/* For the report on a chain that is already known to be invalid. */
#define BUDGET_EXPLAIN_SIGNATURES 16
#define BUDGET_EXPLAIN_STEPS 400
#define BUDGET_EXPLAIN_PATHS 16
#define BUDGET_EXPLAIN_WORK 5000000

/*
 * Counting is not enough where one of a kind can cost a thousand times another: a P-521 signature
 * four P-256 ones, a comparison of names of 60 kB as much as both. Work is what each costs in
 * nanoseconds of a 2023 server core (Sapphire Rapids, nettle 3.8), measured once and written down
 * here and in sig.c. It is counted, never timed: the same request spends the same everywhere.
 */
#define WORK_NAME(n) (20 + 5 * (uint64_t)(n))	    /* compare two names of n octets (core/dn.c) */
#define WORK_CONSTRAINT(n) (20 + 2 * (uint64_t)(n)) /* a name and a base of n octets together */
#define WORK_PREPARE(n) (300 * (uint64_t)(n))	    /* prepare n octets of a name (dn_prep.c) */
#define WORK_ALT_NAMES(n) (100 * (uint64_t)(n))	    /* all rules about n octets of alt names */
#define WORK_POLICY(n) (10 + (uint64_t)(n) / 8)	    /* compare two OIDs of n octets */
#define WORK_HASH(n) (2 * (uint64_t)(n))	    /* hash n octets before a signature check */

struct budget {
	uint32_t signatures;
	uint32_t steps;
	uint32_t paths;
	uint32_t comparisons;
	uint32_t work;
	const char *spent; /* what ran out first, NULL while nothing has */
};

static inline bool budget_take(struct budget *b, uint32_t *left, const char *what)
{
	if (*left) {
		--*left;
		return true;
	}
	if (!b->spent)
		b->spent = what;
	return false;
}

static inline bool budget_work(struct budget *b, uint64_t work)
{
	if (work <= b->work) {
		b->work -= (uint32_t)work;
		return true;
	}
	b->work = 0;
	if (!b->spent)
		b->spent = "work on keys and names";
	return false;
}

/* @cost: what sig_cost() says. */
static inline bool budget_signature(struct budget *b, uint64_t cost)
{
	return budget_take(b, &b->signatures, "signature checks") && budget_work(b, cost);
}

/* Full, for a new verification. */
static inline struct budget budget_new(void)
{
	return (struct budget){ BUDGET_SIGNATURES,  BUDGET_STEPS, BUDGET_PATHS,
				BUDGET_COMPARISONS, BUDGET_WORK,  NULL };
}

static inline bool budget_step(struct budget *b)
{
	return budget_take(b, &b->steps, "path building steps");
}

static inline bool budget_path(struct budget *b)
{
	return budget_take(b, &b->paths, "candidate paths");
}

static inline bool budget_compare(struct budget *b)
{
	return budget_take(b, &b->comparisons, "name and policy comparisons");
}

#endif
