// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any sizes and proofs: lengths agree with parts, tiles hold every node, nothing reads beyond. */
#include <stdlib.h>
#include "core/tile.h"
#include "libcapcert/sha.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static void sha256_parts(void *ctx, const struct cc_span *parts, size_t count, uint8_t ret[32])
{
	struct sha256_ctx sha;
	size_t i;

	sha256_init(&sha);
	for (i = 0; i < count; i++)
		sha256_update(&sha, parts[i].n, parts[i].p);
	sha256_digest(&sha, 32, ret);
}

static const struct cc_hasher hasher = { sha256_parts, NULL };

static uint64_t number(const uint8_t *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void check_part(struct cc_merkle_part part, uint64_t size)
{
	CHECK(part.begin < part.end && part.end <= size);
	while (part.begin < part.end) {
		struct cc_tile_slice slice;
		struct cc_tile again;
		char path[CC_TILE_PATH_MAX];
		uint64_t index;
		unsigned int level = cc_merkle_peak(&part, &index);
		size_t n;

		CHECK(part.begin <= part.end);
		CHECK(cc_tile_of_node(level, index, size, &slice));
		CHECK(slice.first + slice.count <= slice.tile.width);
		n = cc_tile_path(&slice.tile, path);
		CHECK(cc_tile_path_parse(cc_span(path, n), &again));
		CHECK(again.index == slice.tile.index && again.width == slice.tile.width &&
		      again.level == slice.tile.level);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_merkle_part parts[CC_MERKLE_PROOF_MAX];
	struct cc_span proof;
	struct cc_tile tile;
	char path[CC_TILE_PATH_MAX];
	uint64_t a, b;
	int i, n, r;

	if (cc_tile_path_parse(cc_span(data, size), &tile))
		CHECK(cc_tile_path(&tile, path) == size && !memcmp(path, data, size));
	if (size < 80)
		return 0;
	a = number(data);
	b = number(data + 8);
	proof = cc_span(data + 80, size - 80);
	n = cc_merkle_inclusion_length(a, b);
	CHECK(cc_merkle_inclusion_parts(a, b, parts) == n && n < CC_MERKLE_PROOF_MAX);
	for (i = 0; i < n; i++)
		check_part(parts[i], b);
	r = cc_merkle_inclusion(&hasher, data + 16, a, b, proof, data + 48);
	CHECK((r == CC_MERKLE_E_ARGUMENT) == (n < 0));
	CHECK((r == CC_MERKLE_OK || r == CC_MERKLE_E_MISMATCH) ==
	      (n >= 0 && proof.n == (size_t)n * 32));
	n = cc_merkle_consistency_length(a, b);
	CHECK(cc_merkle_consistency_parts(a, b, parts) == n && n <= CC_MERKLE_PROOF_MAX);
	for (i = 0; i < n; i++)
		check_part(parts[i], b);
	r = cc_merkle_consistency(&hasher, a, b, data + 16, data + 48, proof);
	CHECK((r == CC_MERKLE_E_ARGUMENT) == (n < 0));
	return 0;
}
