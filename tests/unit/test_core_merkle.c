// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Merkle proofs against the recursive definition of RFC 6962, for every size up to 130; what is
 * altered anywhere is refused; sizes up to 2^63. */
#include "tests/unit/der_build.h"
#include "tests/unit/merkle_reference.h"
#include "core/merkle.h"

#define SIZES 130
#define H (&ref_hasher)

static ref_hash roots[SIZES + 1];

static int setup(void **state)
{
	size_t n;

	for (n = 0; n <= SIZES; n++)
		ref_root(0, n, roots[n]);
	return 0;
}

/* Roots of the trees over the first leaves that many logs' own tests begin with. */
static void known_answers(void **state)
{
	static const char *const leaves[] = { "", "00", "10", "2021" };
	static const char *const want[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	};
	uint8_t peaks[3][32];
	struct cc_merkle_tree tree = { .room = 3, .peaks = peaks };
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(want); i++) {
		uint8_t hash[32];

		cc_merkle_tree_root(H, &tree, hash);
		if (memcmp(hash, der_hex(want[i]).p, 32))
			fail_msg("root of %zu leaves", i);
		if (i == CC_ARRAY_SIZE(leaves))
			break;
		cc_merkle_leaf(H, der_hex(leaves[i]), hash);
		assert_true(cc_merkle_tree_add(H, &tree, hash));
	}
}

static void grows(void **state)
{
	uint8_t peaks[63][32], leaf[32], root[32];
	struct cc_merkle_tree tree = { .room = 63, .peaks = peaks };
	struct cc_merkle_tree small = { .room = 2, .peaks = peaks };
	size_t n;

	for (n = 0; n <= SIZES; n++) {
		assert_int_equal(tree.size, n);
		cc_merkle_tree_root(H, &tree, root);
		assert_memory_equal(root, roots[n], 32);
		ref_leaf(n, leaf);
		assert_true(cc_merkle_tree_add(H, &tree, leaf));
	}
	for (n = 0; n < 3; n++)
		assert_true(cc_merkle_tree_add(H, &small, leaf));
	/* The fourth leaf needs one peak, the seventh needs three. */
	for (n = 3; n < 6; n++)
		assert_true(cc_merkle_tree_add(H, &small, leaf));
	cc_merkle_tree_root(H, &small, root);
	assert_false(cc_merkle_tree_add(H, &small, leaf));
	assert_int_equal(small.size, 6);
	tree.size = CC_MERKLE_SIZE_MAX - 1;
	assert_false(cc_merkle_tree_add(H, &tree, leaf));
}

/* Any one octet of the proof, of the leaf or of the root; one hash more or less. */
static void spoil_inclusion(const uint8_t leaf[32], size_t i, size_t n, ref_hash *proof,
			    size_t count)
{
	const struct cc_span whole = cc_span(proof, count * 32);
	size_t k;

	for (k = 0; k < count; k++) {
		proof[k][i % 32] ^= 0x80;
		assert_int_equal(cc_merkle_inclusion(H, leaf, i, n, whole, roots[n]),
				 CC_MERKLE_E_MISMATCH);
		proof[k][i % 32] ^= 0x80;
	}
	assert_int_equal(cc_merkle_inclusion(H, roots[0], i, n, whole, roots[n]),
			 CC_MERKLE_E_MISMATCH);
	assert_int_equal(cc_merkle_inclusion(H, leaf, i, n, whole, roots[n - 1]),
			 CC_MERKLE_E_MISMATCH);
	assert_int_equal(cc_merkle_inclusion(H, leaf, i, n, cc_span(proof, whole.n + 32), roots[n]),
			 CC_MERKLE_E_LENGTH);
	if (count) {
		assert_int_equal(
			cc_merkle_inclusion(H, leaf, i, n, cc_span(proof, whole.n - 32), roots[n]),
			CC_MERKLE_E_LENGTH);
		assert_int_equal(
			cc_merkle_inclusion(H, leaf, i, n, cc_span(proof, whole.n - 1), roots[n]),
			CC_MERKLE_E_LENGTH);
	}
}

static void inclusion(void **state)
{
	ref_hash proof[CC_MERKLE_PROOF_MAX + 1], leaf;
	size_t i, n;

	memset(proof, 0, sizeof(proof));
	for (n = 1; n <= SIZES; n++)
		for (i = 0; i < n; i++) {
			size_t count = ref_path(i, 0, n, proof);

			ref_leaf(i, leaf);
			assert_int_equal(cc_merkle_inclusion_length(i, n), count);
			if (cc_merkle_inclusion(H, leaf, i, n, cc_span(proof, count * 32),
						roots[n]))
				fail_msg("leaf %zu of %zu", i, n);
			spoil_inclusion(leaf, i, n, proof, count);
		}
}

/* No proof of a leaf says anything of another one. */
static void inclusion_elsewhere(void **state)
{
	ref_hash proof[CC_MERKLE_PROOF_MAX], leaf;
	const size_t n = 21;
	size_t i, k;

	for (i = 0; i < n; i++) {
		size_t count = ref_path(i, 0, n, proof);

		ref_leaf(i, leaf);
		for (k = 0; k < n; k++)
			if (k != i)
				assert_true(cc_merkle_inclusion(
					H, leaf, k, n, cc_span(proof, count * 32), roots[n]));
	}
	assert_int_equal(cc_merkle_inclusion(H, leaf, 21, 21, cc_span(proof, 0), roots[21]),
			 CC_MERKLE_E_ARGUMENT);
	assert_int_equal(cc_merkle_inclusion(H, leaf, 0, 0, cc_span(proof, 0), roots[0]),
			 CC_MERKLE_E_ARGUMENT);
}

static void spoil_consistency(size_t m, size_t n, ref_hash *proof, size_t count)
{
	const struct cc_span whole = cc_span(proof, count * 32);
	size_t k;

	for (k = 0; k < count; k++) {
		proof[k][n % 32] ^= 1;
		assert_int_equal(cc_merkle_consistency(H, m, n, roots[m], roots[n], whole),
				 CC_MERKLE_E_MISMATCH);
		proof[k][n % 32] ^= 1;
	}
	assert_int_equal(cc_merkle_consistency(H, m, n, roots[m], roots[m - 1], whole),
			 CC_MERKLE_E_MISMATCH);
	assert_int_equal(cc_merkle_consistency(H, m, n, roots[m - 1], roots[n], whole),
			 CC_MERKLE_E_MISMATCH);
	assert_int_equal(
		cc_merkle_consistency(H, m, n, roots[m], roots[n], cc_span(proof, whole.n + 32)),
		CC_MERKLE_E_LENGTH);
	if (count)
		assert_int_equal(cc_merkle_consistency(H, m, n, roots[m], roots[n],
						       cc_span(proof, whole.n - 32)),
				 CC_MERKLE_E_LENGTH);
}

static void consistency(void **state)
{
	ref_hash proof[CC_MERKLE_PROOF_MAX + 1];
	size_t m, n;

	memset(proof, 0, sizeof(proof));
	for (n = 1; n <= SIZES; n++)
		for (m = 1; m <= n; m++) {
			size_t count = ref_subproof(m, 0, n, true, proof);

			assert_int_equal(cc_merkle_consistency_length(m, n), count);
			if (cc_merkle_consistency(H, m, n, roots[m], roots[n],
						  cc_span(proof, count * 32)))
				fail_msg("%zu to %zu", m, n);
			spoil_consistency(m, n, proof, count);
		}
}

static void consistency_of_nothing(void **state)
{
	const struct cc_span none = cc_span(NULL, 0);

	assert_int_equal(cc_merkle_consistency(H, 0, 0, roots[0], roots[0], none), 0);
	assert_int_equal(cc_merkle_consistency(H, 0, 5, roots[0], roots[5], none), 0);
	assert_int_equal(cc_merkle_consistency(H, 0, 5, roots[1], roots[5], none),
			 CC_MERKLE_E_MISMATCH);
	assert_int_equal(cc_merkle_consistency(H, 0, 0, roots[0], roots[1], none),
			 CC_MERKLE_E_MISMATCH);
	assert_int_equal(cc_merkle_consistency(H, 6, 5, roots[6], roots[5], none),
			 CC_MERKLE_E_ARGUMENT);
	assert_int_equal(cc_merkle_consistency(H, 0, 5, roots[0], roots[5], cc_span(roots[0], 32)),
			 CC_MERKLE_E_LENGTH);
}

/* A part by its peaks, folded from the right, is the subtree's root. */
static void hash_part(struct cc_merkle_part part, ref_hash ret)
{
	ref_hash peaks[64];
	size_t count = 0;

	assert_true(part.begin < part.end);
	do {
		uint64_t index, begin = part.begin;
		unsigned int level = cc_merkle_peak(&part, &index);

		assert_int_equal(index << level, begin);
		assert_int_equal(part.begin, begin + (1ULL << level));
		ref_root(begin, part.begin, peaks[count++]);
	} while (part.begin < part.end);
	memcpy(ret, peaks[--count], 32);
	while (count)
		cc_merkle_node(H, peaks[--count], ret, ret);
}

static void parts(void **state)
{
	struct cc_merkle_part list[CC_MERKLE_PROOF_MAX];
	ref_hash proof[CC_MERKLE_PROOF_MAX], hash;
	size_t i, k, n;

	for (n = 1; n <= SIZES; n += n < 40 ? 1 : 13)
		for (i = 0; i < n; i++) {
			size_t count = ref_path(i, 0, n, proof);

			assert_int_equal(cc_merkle_inclusion_parts(i, n, list), count);
			for (k = 0; k < count; k++) {
				hash_part(list[k], hash);
				assert_memory_equal(hash, proof[k], 32);
			}
			count = ref_subproof(i + 1, 0, n, true, proof);
			assert_int_equal(cc_merkle_consistency_parts(i + 1, n, list), count);
			for (k = 0; k < count; k++) {
				hash_part(list[k], hash);
				assert_memory_equal(hash, proof[k], 32);
			}
		}
	assert_int_equal(cc_merkle_inclusion_parts(5, 5, list), -1);
	assert_int_equal(cc_merkle_consistency_parts(6, 5, list), -1);
	assert_int_equal(cc_merkle_consistency_parts(0, 5, list), 0);
}

/* A tree of @size leaves, all of them alike: roots of complete subtrees by level. */
static ref_hash alike[64];

static void hash_alike(struct cc_merkle_part part, ref_hash ret)
{
	uint8_t levels[64];
	uint64_t index;
	size_t count = 0;

	do {
		levels[count++] = (uint8_t)cc_merkle_peak(&part, &index);
	} while (part.begin < part.end);
	memcpy(ret, alike[levels[--count]], 32);
	while (count)
		cc_merkle_node(H, alike[levels[--count]], ret, ret);
}

static void huge(void **state)
{
	static const uint64_t sizes[] = { CC_MERKLE_SIZE_MAX, CC_MERKLE_SIZE_MAX - 1,
					  (1ULL << 62) + 1, 0x5555555555555555, 4294967297 };
	struct cc_merkle_part list[CC_MERKLE_PROOF_MAX];
	ref_hash proof[CC_MERKLE_PROOF_MAX], root, first;
	size_t i, k;
	int n, at;

	ref_leaf(0, alike[0]);
	for (i = 1; i < 64; i++)
		cc_merkle_node(H, alike[i - 1], alike[i - 1], alike[i]);
	for (i = 0; i < CC_ARRAY_SIZE(sizes); i++) {
		const uint64_t size = sizes[i];
		const uint64_t which[] = { 0, 1, size / 3, size / 2, size - 2, size - 1 };

		hash_alike((struct cc_merkle_part){ 0, size }, root);
		for (k = 0; k < CC_ARRAY_SIZE(which); k++) {
			n = cc_merkle_inclusion_parts(which[k], size, list);
			assert_in_range(n, 0, 63);
			for (at = 0; at < n; at++)
				hash_alike(list[at], proof[at]);
			assert_int_equal(cc_merkle_inclusion(H, alike[0], which[k], size,
							     cc_span(proof, (size_t)n * 32), root),
					 0);
			if (!which[k])
				continue;
			n = cc_merkle_consistency_parts(which[k], size, list);
			assert_in_range(n, 0, CC_MERKLE_PROOF_MAX);
			for (at = 0; at < n; at++)
				hash_alike(list[at], proof[at]);
			hash_alike((struct cc_merkle_part){ 0, which[k] }, first);
			assert_int_equal(cc_merkle_consistency(H, which[k], size, first, root,
							       cc_span(proof, (size_t)n * 32)),
					 0);
		}
	}
	assert_int_equal(cc_merkle_inclusion_length(0, CC_MERKLE_SIZE_MAX + 1), -1);
	assert_int_equal(cc_merkle_consistency_length(1, CC_MERKLE_SIZE_MAX + 1), -1);
	assert_int_equal(cc_merkle_consistency_length((1ULL << 63) - 1, 1ULL << 63), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers), cmocka_unit_test(grows),
		cmocka_unit_test(inclusion),	 cmocka_unit_test(inclusion_elsewhere),
		cmocka_unit_test(consistency),	 cmocka_unit_test(consistency_of_nothing),
		cmocka_unit_test(parts),	 cmocka_unit_test(huge),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
