/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Merkle trees of logs (RFC 6962 section 2.1, RFC 9162 section 2.1): hashes, proofs, and of which
 * parts a proof is made. The caller brings SHA-256. */
#ifndef CORE_MERKLE_H
#define CORE_MERKLE_H

#include "core/span.h"

#define CC_MERKLE_HASH 32
/* Trees have at most 2^63 leaves; a proof of either kind then has at most this many hashes. */
#define CC_MERKLE_PROOF_MAX 64
#define CC_MERKLE_SIZE_MAX (1ULL << 63)

/* SHA-256 over @count parts, one behind the other. @ret may be one of the parts. */
struct cc_hasher {
	void (*sha256)(void *ctx, const struct cc_span *parts, size_t count, uint8_t ret[32]);
	void *ctx;
};

/* Results of proofs. Only a mismatch says that the log contradicts itself. */
#define CC_MERKLE_OK 0
#define CC_MERKLE_E_ARGUMENT 1 /* no such leaf, or sizes that cannot be */
#define CC_MERKLE_E_LENGTH 2   /* not the number of hashes that such a proof has */
#define CC_MERKLE_E_MISMATCH 3 /* the proof leads to another root */

/** cc_merkle_empty() - the root of a tree without leaves: SHA-256 of nothing. */
void cc_merkle_empty(const struct cc_hasher *h, uint8_t ret[32]);

/** cc_merkle_leaf() - SHA-256(0x00, data). */
void cc_merkle_leaf(const struct cc_hasher *h, struct cc_span data, uint8_t ret[32]);

/** cc_merkle_node() - SHA-256(0x01, left, right). @ret may be either. */
void cc_merkle_node(const struct cc_hasher *h, const uint8_t left[32], const uint8_t right[32],
		    uint8_t ret[32]);

/** cc_merkle_inclusion_length() - hashes in the proof of leaf @index in @size leaves. -1: there is
 *  no such leaf. */
int cc_merkle_inclusion_length(uint64_t index, uint64_t size);

/** cc_merkle_consistency_length() - hashes in the proof between two sizes; none from an empty tree
 *  or to the same. -1: @first is larger than @second. */
int cc_merkle_consistency_length(uint64_t first, uint64_t second);

/** cc_merkle_inclusion() - is @leaf (a leaf hash) at @index of the tree with @root?
 *  @proof: hashes one behind the other, nearest the leaf first. RFC 9162 section 2.1.3.2. */
int cc_merkle_inclusion(const struct cc_hasher *h, const uint8_t leaf[32], uint64_t index,
			uint64_t size, struct cc_span proof, const uint8_t root[32]);

/** cc_merkle_consistency() - does the tree with @second_root begin with the one of @first_root?
 *  RFC 9162 section 2.1.4.2. The empty tree begins every tree; equal sizes need equal roots. */
int cc_merkle_consistency(const struct cc_hasher *h, uint64_t first, uint64_t second,
			  const uint8_t first_root[32], const uint8_t second_root[32],
			  struct cc_span proof);

/* The leaves [begin, end) under one hash of a proof. */
struct cc_merkle_part {
	uint64_t begin;
	uint64_t end;
};

/** cc_merkle_inclusion_parts() - what each hash of the proof covers, in the order of the proof
 *  (RFC 6962 section 2.1.1). Return: how many, or -1. */
int cc_merkle_inclusion_parts(uint64_t index, uint64_t size,
			      struct cc_merkle_part ret[CC_MERKLE_PROOF_MAX]);

/** cc_merkle_consistency_parts() - the same between two sizes (RFC 6962 section 2.1.2). */
int cc_merkle_consistency_parts(uint64_t first, uint64_t second,
				struct cc_merkle_part ret[CC_MERKLE_PROOF_MAX]);

/** cc_merkle_peak() - take the largest complete subtree that starts at @part->begin. A part's hash
 *  is that of its first peak and of the rest, folded from the right. @part is not empty.
 *  @ret_index: counted among the subtrees of that level. Return: its level; leaves are level 0. */
unsigned int cc_merkle_peak(struct cc_merkle_part *part, uint64_t *ret_index);

/* A tree that grows at its end and knows only its peaks, largest first. The caller owns them:
 * @room for 63 is enough for any tree; n peaks suffice up to 2^n - 1 leaves. */
struct cc_merkle_tree {
	uint64_t size;
	uint32_t count;
	uint32_t room;
	uint8_t (*peaks)[CC_MERKLE_HASH];
};

/** cc_merkle_tree_add() - one more leaf hash. False: no room, nothing changed. */
bool cc_merkle_tree_add(const struct cc_hasher *h, struct cc_merkle_tree *tree,
			const uint8_t leaf[32]);

/** cc_merkle_tree_root() - of the leaves so far. */
void cc_merkle_tree_root(const struct cc_hasher *h, const struct cc_merkle_tree *tree,
			 uint8_t ret[32]);

#endif
