/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one verification may cost. A peer can lengthen every loop that is charged here. */
#ifndef LIBCAPCERT_BUDGET_H
#define LIBCAPCERT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* An honest chain needs 2-4 signatures, as many steps and one path; the largest public bridge
 * meshes stay below a tenth of these. */
#define BUDGET_SIGNATURES 100	   /* signature checks, counted whether remembered or not */
#define BUDGET_STEPS 4000	   /* issuers tried */
#define BUDGET_PATHS 200	   /* whole paths judged */
#define BUDGET_COMPARISONS 250000  /* name constraint against name, policy against policy */

/* For the report on a chain that is already known to be invalid. */
#define BUDGET_EXPLAIN_SIGNATURES 16
#define BUDGET_EXPLAIN_STEPS 400
#define BUDGET_EXPLAIN_PATHS 16

struct budget {
	uint32_t signatures;
	uint32_t steps;
	uint32_t paths;
	uint32_t comparisons;
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

static inline bool budget_signature(struct budget *b)
{
	return budget_take(b, &b->signatures, "signature checks");
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
