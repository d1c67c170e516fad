// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: proofs over a hash that can be followed by hand, and where tiles lie. */
#include "core/merkle.h"
#include "core/selftest_part.h"
#include "core/tile.h"

/* Not a hash to rely on: here only the walk is tested. */
static void toy_hash(void *ctx, const struct cc_span *parts, size_t count, uint8_t ret[32])
{
	uint64_t v = 0xcbf29ce484222325ULL;
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = 0; k < parts[i].n; k++)
			v = (v ^ parts[i].p[k]) * 0x100000001b3ULL;
	for (i = 0; i < 32; i++)
		ret[i] = (uint8_t)(v >> 8 * (i % 8));
}

#define SIZE 7

/* Leaves 0..6, and the subtrees over 0-1, 2-3, 4-5, 0-3, 4-6, 0-6. */
struct small_tree {
	uint8_t leaf[SIZE][32];
	uint8_t n01[32], n23[32], n45[32], n03[32], n46[32], root[32];
};

static void grow(const struct cc_hasher *h, struct small_tree *t)
{
	uint8_t i;

	for (i = 0; i < SIZE; i++)
		cc_merkle_leaf(h, cc_span(&i, 1), t->leaf[i]);
	cc_merkle_node(h, t->leaf[0], t->leaf[1], t->n01);
	cc_merkle_node(h, t->leaf[2], t->leaf[3], t->n23);
	cc_merkle_node(h, t->leaf[4], t->leaf[5], t->n45);
	cc_merkle_node(h, t->n01, t->n23, t->n03);
	cc_merkle_node(h, t->n45, t->leaf[6], t->n46);
	cc_merkle_node(h, t->n03, t->n46, t->root);
}

static const char *test_proofs(const struct cc_hasher *h, const struct small_tree *t)
{
	uint8_t proof[3 * 32], first[32];

	memcpy(proof, t->leaf[3], 32);
	memcpy(proof + 32, t->n01, 32);
	memcpy(proof + 64, t->n46, 32);
	if (cc_merkle_inclusion(h, t->leaf[2], 2, SIZE, cc_span(proof, 96), t->root))
		return "merkle: inclusion";
	if (cc_merkle_inclusion(h, t->leaf[2], 3, SIZE, cc_span(proof, 96), t->root) !=
	    CC_MERKLE_E_MISMATCH)
		return "merkle: inclusion elsewhere";
	if (cc_merkle_inclusion(h, t->leaf[2], 2, SIZE, cc_span(proof, 95), t->root) !=
	    CC_MERKLE_E_LENGTH)
		return "merkle: inclusion cut off";
	memcpy(proof, t->n45, 32);
	memcpy(proof + 32, t->leaf[6], 32);
	memcpy(proof + 64, t->n03, 32);
	cc_merkle_node(h, t->n03, t->n45, first);
	if (cc_merkle_consistency(h, 6, SIZE, first, t->root, cc_span(proof, 96)))
		return "merkle: consistency";
	if (cc_merkle_consistency(h, 4, SIZE, t->n03, t->root, cc_span(t->n46, 32)))
		return "merkle: consistency of a complete tree";
	proof[40] ^= 1;
	if (cc_merkle_consistency(h, 6, SIZE, first, t->root, cc_span(proof, 96)) !=
	    CC_MERKLE_E_MISMATCH)
		return "merkle: consistency of another tree";
	return NULL;
}

static const char *test_growth(const struct cc_hasher *h, const struct small_tree *t)
{
	uint8_t peaks[3][32], root[32];
	struct cc_merkle_tree tree = { .room = 3, .peaks = peaks };
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		if (!cc_merkle_tree_add(h, &tree, t->leaf[i]))
			return "merkle: growth";
	cc_merkle_tree_root(h, &tree, root);
	return memcmp(root, t->root, sizeof(root)) ? "merkle: root" : NULL;
}

static const char *test_tiles(void)
{
	static const char path[] = "tile/data/x001/x234/067.p/5";
	struct cc_tile tile = { .index = 1234067, .width = 5, .level = CC_TILE_LEVEL_DATA };
	struct cc_tile_slice slice;
	char text[CC_TILE_PATH_MAX];

	if (cc_tile_path(&tile, text) != sizeof(path) - 1 || memcmp(text, path, sizeof(path)))
		return "tile: path";
	if (!cc_tile_path_parse(cc_span(path, sizeof(path) - 1), &tile) || tile.index != 1234067 ||
	    tile.width != 5 || tile.level != CC_TILE_LEVEL_DATA)
		return "tile: path read";
	if (!cc_tile_of_node(9, 3, 70000, &slice) || slice.tile.level != 1 ||
	    slice.tile.index != 0 || slice.tile.width != 256 || slice.first != 6 ||
	    slice.count != 2)
		return "tile: of a node";
	return NULL;
}

const char *cc_selftest_merkle(void)
{
	const struct cc_hasher h = { toy_hash, NULL };
	struct small_tree t;
	const char *failed;

	grow(&h, &t);
	failed = test_proofs(&h, &t);
	if (!failed)
		failed = test_growth(&h, &t);
	return failed ? failed : test_tiles();
}
