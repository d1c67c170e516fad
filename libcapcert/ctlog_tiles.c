// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proofs out of tiles: each part of a proof from the complete subtrees it is made of. */

#include <errno.h>
#include "core/tile.h"
#include "libcapcert/ctlog.h"

/* Where tiles come from; the last one is kept, because neighbours of a proof often share it. */
struct tiles {
	uint64_t size;
	capcert_ct_tile_fn fn;
	void *ctx;
	bool have;
	struct cc_tile last;
	struct cc_tile_hash hashes[CC_TILE_WIDTH];
};

static int load(struct tiles *t, const struct cc_tile *tile)
{
	char path[CC_TILE_PATH_MAX];
	int r;

	_Static_assert(CAPCERT_CT_PATH_MAX == CC_TILE_PATH_MAX, "the public size of a path");
	_Static_assert(CAPCERT_CT_PROOF_MAX == CC_MERKLE_PROOF_MAX, "the public size of a proof");
	if (t->have && t->last.level == tile->level && t->last.index == tile->index)
		return 0;
	cc_tile_path(tile, path);
	t->have = false;
	r = t->fn(t->ctx, path, t->hashes[0].octets, (size_t)tile->width * CC_MERKLE_HASH);
	if (r)
		return r;
	t->last = *tile;
	t->have = true;
	return 0;
}

static int node_hash(struct tiles *t, unsigned int level, uint64_t index, uint8_t ret[32])
{
	struct cc_tile_hash copy[CC_TILE_WIDTH / 2];
	struct cc_tile_slice slice;
	uint16_t i;
	int r;

	if (!cc_tile_of_node(level, index, t->size, &slice))
		return -EINVAL;
	r = load(t, &slice.tile);
	if (r)
		return r;
	for (i = 0; i < slice.count; i++)
		copy[i] = t->hashes[slice.first + i];
	cc_tile_fold(&ctlog_hasher, copy, slice.count, ret);
	return 0;
}

/* The hash of a part, which is not empty: its peaks, folded from the right. */
static int part_hash(struct tiles *t, struct cc_merkle_part part, uint8_t ret[32])
{
	uint8_t peaks[64][CC_MERKLE_HASH];
	size_t count = 0;

	do {
		uint64_t index;
		unsigned int level = cc_merkle_peak(&part, &index);
		int r = node_hash(t, level, index, peaks[count++]);

		if (r)
			return r;
	} while (part.begin < part.end);
	memcpy(ret, peaks[--count], CC_MERKLE_HASH);
	while (count)
		cc_merkle_node(&ctlog_hasher, peaks[--count], ret, ret);
	return 0;
}

static int collect(struct tiles *t, const struct cc_merkle_part *parts, int count,
		   uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	int i, r;

	if (count < 0)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		r = part_hash(t, parts[i], ret[i]);
		if (r)
			return r;
	}
	*ret_count = (size_t)count;
	return 0;
}

int capcert_ct_inclusion_proof(uint64_t index, uint64_t tree_size, capcert_ct_tile_fn fn, void *ctx,
			       uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	struct cc_merkle_part parts[CC_MERKLE_PROOF_MAX];
	struct tiles t = { .size = tree_size, .fn = fn, .ctx = ctx };

	return collect(&t, parts, cc_merkle_inclusion_parts(index, tree_size, parts), ret,
		       ret_count);
}

int capcert_ct_consistency_proof(uint64_t first, uint64_t second, capcert_ct_tile_fn fn, void *ctx,
				 uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	struct cc_merkle_part parts[CC_MERKLE_PROOF_MAX];
	struct tiles t = { .size = second, .fn = fn, .ctx = ctx };

	return collect(&t, parts, cc_merkle_consistency_parts(first, second, parts), ret,
		       ret_count);
}

int capcert_ct_included(const struct capcert_sth *sth, const uint8_t leaf_hash[32], uint64_t index,
			capcert_ct_tile_fn fn, void *ctx)
{
	uint8_t proof[CAPCERT_CT_PROOF_MAX][32];
	size_t count;
	int r = capcert_ct_inclusion_proof(index, sth->tree_size, fn, ctx, proof, &count);

	if (r)
		return r;
	return capcert_ct_verify_inclusion(leaf_hash, index, sth->tree_size,
					   (const uint8_t(*)[32])proof, count, sth->root_hash);
}
