/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Name constraints of a whole path (RFC 5280 sections 4.2.1.10 and 6.1). */
#ifndef LIBCAPCERT_CONSTRAINTS_H
#define LIBCAPCERT_CONSTRAINTS_H

#include "libcapcert/evaluation.h"

/** constraints_check() - hold the names of every certificate against the constraints of all above
 *  it. @note is told about each certificate that fails. Spends comparisons; when they run out, it
 *  stops and ev->budget.spent is set. */
void constraints_check(struct evaluation *ev, const struct path *path,
		       void (*note)(void *ctx, uint32_t at, struct finding f), void *ctx);

/* Which name meets which constraint. */
struct clash {
	const struct cc_cert *holder; /* of the constraint */
	struct cc_general_name name;
	struct cc_general_name base; /* a permitted one stands for all of its form */
	bool excluded;
	bool unknown; /* the two cannot be compared, or one is malformed; no @base */
};

/** constraints_find() - for the report: why constraints_check() found certificate @at of @path at
 *  fault. Return: false when it cannot be said. */
bool constraints_find(struct evaluation *ev, const struct path *path, uint32_t at,
		      struct clash *ret);

#endif
