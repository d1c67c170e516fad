// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Merkle proofs: their lengths are known beforehand, so that none is followed which cannot hold. */
#include "core/merkle.h"

/* Loops, because a compiler may make calls of the builtins. */
static unsigned int bit_length(uint64_t v)
{
	unsigned int n = 0;

	for (; v; v >>= 1)
		n++;
	return n;
}

static unsigned int bit_count(uint64_t v)
{
	unsigned int n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}

static unsigned int trailing_zeros(uint64_t v)
{
	unsigned int n = 0;

	for (; !(v & 1); v >>= 1)
		n++;
	return n;
}

/* The largest power of two smaller than @n; @n > 1. */
static uint64_t split_point(uint64_t n)
{
	return 1ULL << (bit_length(n - 1) - 1);
}

void cc_merkle_empty(const struct cc_hasher *h, uint8_t ret[32])
{
	h->sha256(h->ctx, NULL, 0, ret);
}

void cc_merkle_leaf(const struct cc_hasher *h, struct cc_span data, uint8_t ret[32])
{
	const struct cc_span parts[] = { cc_span("\x00", 1), data };

	h->sha256(h->ctx, parts, CC_ARRAY_SIZE(parts), ret);
}

void cc_merkle_node(const struct cc_hasher *h, const uint8_t left[32], const uint8_t right[32],
		    uint8_t ret[32])
{
	const struct cc_span parts[] = { cc_span("\x01", 1), cc_span(left, CC_MERKLE_HASH),
					 cc_span(right, CC_MERKLE_HASH) };

	h->sha256(h->ctx, parts, CC_ARRAY_SIZE(parts), ret);
}

int cc_merkle_inclusion_length(uint64_t index, uint64_t size)
{
	unsigned int inner;

	if (size > CC_MERKLE_SIZE_MAX || index >= size)
		return -1;
	/* Below the level where the paths of this leaf and of the last one meet, every level has a
	 * sibling; above it only those where the path comes from the right.
	 */
	inner = bit_length(index ^ (size - 1));
	return (int)(inner + bit_count(index >> inner));
}

int cc_merkle_consistency_length(uint64_t first, uint64_t second)
{
	unsigned int inner, shift;

	if (second > CC_MERKLE_SIZE_MAX || first > second)
		return -1;
	if (first == 0 || first == second)
		return 0;
	/* The path of the first tree's last leaf, from the top of its last complete subtree on. */
	shift = trailing_zeros(first);
	inner = bit_length((first - 1) ^ (second - 1));
	return (int)(inner - shift + bit_count((first - 1) >> inner) +
		     (first == 1ULL << shift ? 0 : 1));
}

/* The walk of both proofs: from leaf @fn, in a tree whose last leaf is @sn, to the top. */
struct climb {
	const struct cc_hasher *h;
	uint64_t fn;
	uint64_t sn;
};

/* One sibling more. Return: is it on the left? */
static bool climb_left(struct climb *c)
{
	bool left = (c->fn & 1) || c->fn == c->sn;

	if (left)
		while (!(c->fn & 1) && c->fn) {
			c->fn >>= 1;
			c->sn >>= 1;
		}
	c->fn >>= 1;
	c->sn >>= 1;
	return left;
}

int cc_merkle_inclusion(const struct cc_hasher *h, const uint8_t leaf[32], uint64_t index,
			uint64_t size, struct cc_span proof, const uint8_t root[32])
{
	struct climb c = { h, index, size - 1 };
	int count = cc_merkle_inclusion_length(index, size);
	uint8_t r[CC_MERKLE_HASH];
	int i;

	if (count < 0)
		return CC_MERKLE_E_ARGUMENT;
	if (proof.n != (size_t)count * CC_MERKLE_HASH)
		return CC_MERKLE_E_LENGTH;
	memcpy(r, leaf, sizeof(r));
	for (i = 0; i < count; i++) {
		const uint8_t *p = proof.p + (size_t)i * CC_MERKLE_HASH;

		if (climb_left(&c))
			cc_merkle_node(h, p, r, r);
		else
			cc_merkle_node(h, r, p, r);
	}
	return memcmp(r, root, sizeof(r)) ? CC_MERKLE_E_MISMATCH : CC_MERKLE_OK;
}

/* 0 < @first < @second, and the length is right. */
static int consistency_walk(const struct cc_hasher *h, uint64_t first, uint64_t second,
			    const uint8_t first_root[32], const uint8_t second_root[32],
			    struct cc_span proof)
{
	const unsigned int shift = trailing_zeros(first);
	struct climb c = { h, (first - 1) >> shift, (second - 1) >> shift };
	uint8_t fr[CC_MERKLE_HASH], sr[CC_MERKLE_HASH];
	size_t at = 0;

	/* A first tree that is complete is a subtree of the second: its root need not be sent. */
	if (first != 1ULL << shift) {
		memcpy(fr, proof.p, sizeof(fr));
		at = CC_MERKLE_HASH;
	} else {
		memcpy(fr, first_root, sizeof(fr));
	}
	memcpy(sr, fr, sizeof(sr));
	for (; at < proof.n; at += CC_MERKLE_HASH) {
		const uint8_t *p = proof.p + at;

		if (climb_left(&c)) {
			cc_merkle_node(h, p, fr, fr);
			cc_merkle_node(h, p, sr, sr);
		} else {
			cc_merkle_node(h, sr, p, sr);
		}
	}
	if (memcmp(fr, first_root, sizeof(fr)) || memcmp(sr, second_root, sizeof(sr)))
		return CC_MERKLE_E_MISMATCH;
	return CC_MERKLE_OK;
}

int cc_merkle_consistency(const struct cc_hasher *h, uint64_t first, uint64_t second,
			  const uint8_t first_root[32], const uint8_t second_root[32],
			  struct cc_span proof)
{
	int count = cc_merkle_consistency_length(first, second);
	uint8_t empty[CC_MERKLE_HASH];

	if (count < 0)
		return CC_MERKLE_E_ARGUMENT;
	if (proof.n != (size_t)count * CC_MERKLE_HASH)
		return CC_MERKLE_E_LENGTH;
	if (first != 0 && first != second)
		return consistency_walk(h, first, second, first_root, second_root, proof);
	if (first == 0) {
		cc_merkle_empty(h, empty);
		if (memcmp(first_root, empty, sizeof(empty)))
			return CC_MERKLE_E_MISMATCH;
	}
	if (first == second && memcmp(first_root, second_root, CC_MERKLE_HASH))
		return CC_MERKLE_E_MISMATCH;
	return CC_MERKLE_OK;
}

/* Parts are found from the top down, proofs go from the bottom up. */
static void reverse(struct cc_merkle_part *list, int count)
{
	int i;

	for (i = 0; i < count / 2; i++) {
		struct cc_merkle_part swap = list[i];

		list[i] = list[count - 1 - i];
		list[count - 1 - i] = swap;
	}
}

int cc_merkle_inclusion_parts(uint64_t index, uint64_t size,
			      struct cc_merkle_part ret[CC_MERKLE_PROOF_MAX])
{
	uint64_t begin = 0, end = size;
	int count = 0;

	if (cc_merkle_inclusion_length(index, size) < 0)
		return -1;
	while (end - begin > 1) {
		uint64_t middle = begin + split_point(end - begin);

		if (index < middle) {
			ret[count++] = (struct cc_merkle_part){ middle, end };
			end = middle;
		} else {
			ret[count++] = (struct cc_merkle_part){ begin, middle };
			begin = middle;
		}
	}
	reverse(ret, count);
	return count;
}

int cc_merkle_consistency_parts(uint64_t first, uint64_t second,
				struct cc_merkle_part ret[CC_MERKLE_PROOF_MAX])
{
	uint64_t begin = 0, end = second;
	int count = 0;

	if (cc_merkle_consistency_length(first, second) < 0)
		return -1;
	if (first == 0 || first == second)
		return 0;
	while (end != first) {
		uint64_t middle = begin + split_point(end - begin);

		if (first <= middle) {
			ret[count++] = (struct cc_merkle_part){ middle, end };
			end = middle;
		} else {
			ret[count++] = (struct cc_merkle_part){ begin, middle };
			begin = middle;
		}
	}
	if (begin != 0)
		ret[count++] = (struct cc_merkle_part){ begin, end };
	reverse(ret, count);
	return count;
}

unsigned int cc_merkle_peak(struct cc_merkle_part *part, uint64_t *ret_index)
{
	unsigned int level = bit_length(part->end - part->begin) - 1;

	*ret_index = part->begin >> level;
	part->begin += 1ULL << level;
	return level;
}

bool cc_merkle_tree_add(const struct cc_hasher *h, struct cc_merkle_tree *tree,
			const uint8_t leaf[32])
{
	/* Each trailing one of the size is a peak that the new leaf completes a larger one with. */
	unsigned int full = trailing_zeros(~tree->size);
	uint8_t r[CC_MERKLE_HASH];

	if (tree->size >= CC_MERKLE_SIZE_MAX - 1 || tree->count - full >= tree->room)
		return false;
	memcpy(r, leaf, sizeof(r));
	for (; full; full--)
		cc_merkle_node(h, tree->peaks[--tree->count], r, r);
	memcpy(tree->peaks[tree->count++], r, sizeof(r));
	tree->size++;
	return true;
}

void cc_merkle_tree_root(const struct cc_hasher *h, const struct cc_merkle_tree *tree,
			 uint8_t ret[32])
{
	uint32_t i = tree->count;

	if (!i) {
		cc_merkle_empty(h, ret);
		return;
	}
	memcpy(ret, tree->peaks[--i], CC_MERKLE_HASH);
	while (i)
		cc_merkle_node(h, tree->peaks[--i], ret, ret);
}
