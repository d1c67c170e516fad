/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One certificate by itself: leaf, issuing certificate, or anchor. */
#ifndef LIBCAPCERT_JUDGE_H
#define LIBCAPCERT_JUDGE_H

#include "libcapcert/evaluation.h"

enum role {
	ROLE_LEAF,
	ROLE_CA,
	ROLE_ANCHOR,
};

static inline enum role judge_role(const struct node *node)
{
	if (node->anchor)
		return ROLE_ANCHOR;
	return node->index == 0 ? ROLE_LEAF : ROLE_CA;
}

/** judge_node() - everything that does not depend on the rest of the path: distrust, validity,
 *  algorithms, extensions, basic constraints, key usage, purpose, the profile's rules, and for
 *  the leaf the name. The answer is kept in the node. */
const struct finding *judge_node(struct evaluation *ev, struct node *node);

/** judge_list_signer() - may this certificate, anywhere but in the path, be believed as the issuer
 *  of revocation lists? Not looked at: key usage, and what its own path says. NULL or why not. */
const char *judge_list_signer(struct evaluation *ev, struct node *node);

/** judge_ocsp_signer() - the same of one that an issuer lets sign OCSP responses. Extended key usage is
 *  not looked at either. */
const char *judge_ocsp_signer(struct evaluation *ev, struct node *node);

/** judge_key() - is this key of an algorithm and size that the policy allows? NULL or why not. */
const char *judge_key(const struct cc_policy *policy, const struct cc_cert *cert);

#endif
