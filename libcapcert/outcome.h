/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is an outcome what a relying party demands? A pure comparison. */
#ifndef LIBCAPCERT_OUTCOME_H
#define LIBCAPCERT_OUTCOME_H

#include <capcert/verify.h>

/**
 * outcome_check() - compare @outcome with @expect at time @now.
 * Return: 0, or what capcert_outcome_require() says of it: -EBADMSG, -EKEYREJECTED, -ESTALE, in
 * this order when several hold; -EINVAL when @expect itself is malformed.
 */
int outcome_check(const struct capcert_outcome *outcome, int superseded,
		  const struct capcert_expect *expect, int64_t now);

#endif
