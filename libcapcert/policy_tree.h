/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificate policies of a whole path (RFC 5280 section 6.1, as a graph: RFC 9618). */
#ifndef LIBCAPCERT_POLICY_TREE_H
#define LIBCAPCERT_POLICY_TREE_H

#include "libcapcert/evaluation.h"

/** policy_tree_check() - NULL when the path's policies satisfy the policy, else what is wrong,
 *  with *@ret_at the certificate. Spends comparisons; when they run out, ev->budget.spent is set. */
const char *policy_tree_check(struct evaluation *ev, const struct path *path, uint32_t *ret_at);

#endif
