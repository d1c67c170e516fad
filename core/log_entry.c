// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Entries of logs. */
#include "core/log_entry.h"

#define FINGERPRINT 32

bool cc_log_entry_get(struct cc_span *in, struct cc_log_entry *ret)
{
	struct cc_span rest = *in;
	uint64_t type;

	ret->issuer_hash = cc_span(in->p, 0);
	if (!cc_tls_uint(&rest, 8, &ret->timestamp) || !cc_tls_uint(&rest, 2, &type) ||
	    type > CC_LOG_ENTRY_PRECERT)
		return false;
	if (type == CC_LOG_ENTRY_PRECERT && !cc_tls_bytes(&rest, FINGERPRINT, &ret->issuer_hash))
		return false;
	if (!cc_tls_vector(&rest, 3, 1, &ret->certificate) ||
	    !cc_tls_vector(&rest, 2, 0, &ret->extensions))
		return false;
	ret->type = (uint8_t)type;
	ret->body = cc_span(in->p, in->n - rest.n);
	*in = rest;
	return true;
}

bool cc_log_leaf_parse(struct cc_span leaf, struct cc_log_entry *ret)
{
	uint64_t version, type;

	return cc_tls_uint(&leaf, 1, &version) && version == 0 && cc_tls_uint(&leaf, 1, &type) &&
	       type == 0 && cc_log_entry_get(&leaf, ret) && leaf.n == 0;
}

void cc_log_leaf_hash(const struct cc_hasher *h, const struct cc_log_entry *e, uint8_t ret[32])
{
	/* The prefix of leaves, then version v1 and type timestamped_entry. */
	const struct cc_span parts[] = { cc_span("\x00\x00\x00", 3), e->body };

	h->sha256(h->ctx, parts, CC_ARRAY_SIZE(parts), ret);
}

int cc_log_chain_next(struct cc_span *chain, struct cc_span *ret_der)
{
	if (!chain->n)
		return 0;
	return cc_tls_vector(chain, 3, 1, ret_der) ? 1 : -1;
}

bool cc_log_extra_parse(struct cc_span extra, uint8_t type, struct cc_log_extra *ret)
{
	struct cc_span rest, der;
	int r;

	ret->precertificate = cc_span(extra.p, 0);
	if (type == CC_LOG_ENTRY_PRECERT && !cc_tls_vector(&extra, 3, 1, &ret->precertificate))
		return false;
	if (!cc_tls_vector(&extra, 3, 0, &ret->chain) || extra.n)
		return false;
	rest = ret->chain;
	do {
		r = cc_log_chain_next(&rest, &der);
	} while (r > 0);
	return r == 0;
}

int cc_tile_leaf_next(struct cc_span *tile, struct cc_tile_leaf *ret)
{
	struct cc_span rest = *tile;

	if (!rest.n)
		return 0;
	if (!cc_log_entry_get(&rest, &ret->entry))
		return -1;
	ret->precertificate = cc_span(rest.p, 0);
	if (ret->entry.type == CC_LOG_ENTRY_PRECERT &&
	    !cc_tls_vector(&rest, 3, 1, &ret->precertificate))
		return -1;
	if (!cc_tls_vector(&rest, 2, 0, &ret->fingerprints) || ret->fingerprints.n % FINGERPRINT)
		return -1;
	*tile = rest;
	return 1;
}
