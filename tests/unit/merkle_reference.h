/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: the tree, its roots and its proofs, word by word as RFC 6962 section 2.1 defines them,
 * by recursion over all leaves. */
#ifndef TESTS_UNIT_MERKLE_REFERENCE_H
#define TESTS_UNIT_MERKLE_REFERENCE_H

#include <nettle/sha2.h>
#include "core/merkle.h"

typedef uint8_t ref_hash[32];

static inline void ref_sha256(void *ctx, const struct cc_span *parts, size_t count, uint8_t ret[32])
{
	struct sha256_ctx sha;
	size_t i;

	(void)ctx;
	sha256_init(&sha);
	for (i = 0; i < count; i++)
		sha256_update(&sha, parts[i].n, parts[i].p);
	sha256_digest(&sha, 32, ret);
}

static const struct cc_hasher ref_hasher = { ref_sha256, NULL };

/* Leaf i is the text of its number. */
static inline void ref_leaf(size_t i, ref_hash ret)
{
	char data[32] = { 0 };
	int n = snprintf(data + 1, sizeof(data) - 1, "leaf %zu", i);
	struct cc_span whole = cc_span(data, (size_t)n + 1);

	ref_sha256(NULL, &whole, 1, ret);
}

static inline size_t ref_split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* MTH(D[begin:end]) */
static inline void ref_root(size_t begin, size_t end, ref_hash ret)
{
	uint8_t both[65] = { 1 };
	struct cc_span whole = cc_span(both, sizeof(both));
	size_t k;

	if (end - begin == 0) {
		ref_sha256(NULL, NULL, 0, ret);
		return;
	}
	if (end - begin == 1) {
		ref_leaf(begin, ret);
		return;
	}
	k = ref_split(end - begin);
	ref_root(begin, begin + k, both + 1);
	ref_root(begin + k, end, both + 33);
	ref_sha256(NULL, &whole, 1, ret);
}

/* PATH(m, D[begin:end]), appended to @ret. Return: how many. */
static inline size_t ref_path(size_t m, size_t begin, size_t end, ref_hash *ret)
{
	size_t k, n;

	if (end - begin <= 1)
		return 0;
	k = ref_split(end - begin);
	if (m < k) {
		n = ref_path(m, begin, begin + k, ret);
		ref_root(begin + k, end, ret[n]);
	} else {
		n = ref_path(m - k, begin + k, end, ret);
		ref_root(begin, begin + k, ret[n]);
	}
	return n + 1;
}

/* SUBPROOF(m, D[begin:end], b) */
static inline size_t ref_subproof(size_t m, size_t begin, size_t end, bool b, ref_hash *ret)
{
	size_t k, n;

	if (m == end - begin) {
		if (b)
			return 0;
		ref_root(begin, end, ret[0]);
		return 1;
	}
	k = ref_split(end - begin);
	if (m <= k) {
		n = ref_subproof(m, begin, begin + k, b, ret);
		ref_root(begin + k, end, ret[n]);
	} else {
		n = ref_subproof(m - k, begin + k, end, false, ret);
		ref_root(begin, begin + k, ret[n]);
	}
	return n + 1;
}

#endif
