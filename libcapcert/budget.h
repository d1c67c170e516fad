/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one verification may cost. A peer can lengthen every loop that is charged here. */
#ifndef LIBCAPCERT_BUDGET_H
#define LIBCAPCERT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An honest chain needs 2-4 signatures, as many steps and one path; the largest public bridge
 * meshes stay below a tenth of these. */
#define BUDGET_SIGNATURES 100	   /* signature checks, counted whether remembered or not */
#define BUDGET_STEPS 4000	   /* issuers tried */
#define BUDGET_PATHS 200	   /* whole paths judged */
#define BUDGET_COMPARISONS 250000  /* name constraint against name, policy against policy */
#define BUDGET_WORK 24000000	   /* what all of it weighs, in nanoseconds as priced below */

/* For the report on a chain that is already known to be invalid. */
#define BUDGET_EXPLAIN_SIGNATURES 16
#define BUDGET_EXPLAIN_STEPS 400
#define BUDGET_EXPLAIN_PATHS 16
#define BUDGET_EXPLAIN_WORK 8000000

/* Prices in nanoseconds, measured on a core of the Sapphire Rapids class and rounded up. They are
 * constants, not a clock: the same request costs the same wherever and whenever it is judged.
 * Signatures are priced in sig.c. */
#define PRICE_STEP 500	      /* an issuer tried: the path below, the other candidates */
#define PRICE_COMPARISON 60   /* a short name, an object identifier */
#define PRICE_SUFFIX 1500     /* a look at the public suffix list */
/* For one byte. */
#define PRICE_JUDGE 12	      /* of a certificate, looked at once by itself */
#define PRICE_NAME_HASH 3     /* of a Name, read and hashed */
#define PRICE_NAME_PREPARE 70 /* of a Name that is not plain ASCII: NFKC and case folding */
#define PRICE_NAME_EQUAL 32   /* of Names that differ in octets: sets of attributes are compared */
			      /* each with each */
#define PRICE_TEXT 4	      /* of a name held against a constraint, or stepped over */

struct budget {
	uint32_t signatures;
	uint32_t steps;
	uint32_t paths;
	uint32_t comparisons;
	uint32_t work;
	const char *spent; /* what ran out first, NULL while nothing has */
};

static inline struct budget budget_whole(void)
{
	return (struct budget){ BUDGET_SIGNATURES,  BUDGET_STEPS, BUDGET_PATHS,
				BUDGET_COMPARISONS, BUDGET_WORK,  NULL };
}

static inline bool budget_over(struct budget *b, const char *what)
{
	if (!b->spent)
		b->spent = what;
	return false;
}

/* Charge @bytes at @price, for @what. */
static inline bool budget_work(struct budget *b, size_t bytes, uint32_t price, const char *what)
{
	uint64_t cost = bytes > UINT32_MAX ? UINT64_MAX : (uint64_t)bytes * price;

	if (cost <= b->work) {
		b->work -= (uint32_t)cost;
		return true;
	}
	b->work = 0;
	return budget_over(b, what);
}

static inline bool budget_take(struct budget *b, uint32_t *left, const char *what)
{
	if (!*left)
		return budget_over(b, what);
	--*left;
	return true;
}

#define BUDGET_NAMES_TEXT "name and policy comparisons"

/* @price: what sig_price() says. */
static inline bool budget_signature(struct budget *b, uint32_t price)
{
	static const char what[] = "signature checks";

	return budget_take(b, &b->signatures, what) && budget_work(b, 1, price, what);
}

static inline bool budget_step(struct budget *b)
{
	static const char what[] = "path building steps";

	return budget_take(b, &b->steps, what) && budget_work(b, 1, PRICE_STEP, what);
}

static inline bool budget_path(struct budget *b)
{
	return budget_take(b, &b->paths, "candidate paths");
}

static inline bool budget_compare(struct budget *b)
{
	return budget_take(b, &b->comparisons, BUDGET_NAMES_TEXT) &&
	       budget_work(b, 1, PRICE_COMPARISON, BUDGET_NAMES_TEXT);
}

/* @bytes of names are read at @price each. */
static inline bool budget_names(struct budget *b, size_t bytes, uint32_t price)
{
	return budget_work(b, bytes, price, BUDGET_NAMES_TEXT);
}

#endif
