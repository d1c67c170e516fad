// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tree heads as a log signs them. */
#include "core/tree_head.h"
#include "core/alg.h"

void cc_tree_head_signed(const struct cc_tree_head *head, uint8_t ret[CC_TREE_HEAD_SIGNED])
{
	uint8_t *to = cc_tls_put(ret, 1, 0); /* v1 */

	to = cc_tls_put(to, 1, 1); /* tree_hash */
	to = cc_tls_put(to, 8, head->timestamp);
	to = cc_tls_put(to, 8, head->size);
	memcpy(to, head->root, sizeof(head->root));
}

bool cc_digitally_signed_get(struct cc_span *in, struct cc_digitally_signed *ret)
{
	struct cc_span rest = *in, signature;
	uint64_t hash, algorithm;

	if (!cc_tls_uint(&rest, 1, &hash) || !cc_tls_uint(&rest, 1, &algorithm) ||
	    !cc_tls_vector(&rest, 2, 1, &signature))
		return false;
	*in = rest;
	*ret = (struct cc_digitally_signed){ (uint8_t)hash, (uint8_t)algorithm, signature };
	return true;
}

uint32_t cc_digitally_signed_scheme(const struct cc_digitally_signed *s)
{
	if (s->hash != CC_TLS_HASH_SHA256)
		return CC_SCHEME_OTHER;
	if (s->algorithm == CC_TLS_SIGNATURE_ECDSA)
		return CC_SCHEME_ECDSA_SHA256;
	if (s->algorithm == CC_TLS_SIGNATURE_RSA)
		return CC_SCHEME_RSA_PKCS1_SHA256;
	return CC_SCHEME_OTHER;
}
