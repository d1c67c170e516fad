/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One candidate path, judged as a whole (RFC 5280 section 6.1). */
#ifndef LIBCAPCERT_CHAIN_H
#define LIBCAPCERT_CHAIN_H

#include "libcapcert/evaluation.h"

/** chain_check() - fill path->found. @links: state of the signature of each certificate by the
 *  one above it. Return: true when nothing is wrong with a complete path, all of whose links are
 *  good and whose names chain. */
bool chain_check(struct evaluation *ev, struct path *path, const enum edge_state *links);

/** chain_rules_hold() - of section 6.1 what depends on more than one certificate and is not about
 *  policies: path length, name constraints. For a complete path whose certificates and links have
 *  been found good one by one; path->found is FINDING_NONE throughout. */
bool chain_rules_hold(struct evaluation *ev, struct path *path);

/** chain_limit() - most certificates a path may have, leaf and anchor included. */
uint32_t chain_limit(const struct cc_policy *policy);

/** issuer_limit() - CAs that a path may have, anchor included, self-issued intermediates not. */
uint32_t issuer_limit(const struct cc_policy *policy);

#endif
