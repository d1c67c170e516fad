/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees of Certificate Transparency logs: proofs, signed heads, tiles (RFC 6962, RFC 9162
 * section 2.1, static-ct-api). Nothing here has a network: the caller brings the bytes.
 * Calls return 0 or a negative errno; ret_ outputs are untouched on failure. */
#ifndef CAPCERT_CTLOG_H
#define CAPCERT_CTLOG_H

#include <capcert/loglist.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPCERT_CT_PROOF_MAX 64	       /* hashes of 32 octets in one proof */
#define CAPCERT_CT_PATH_MAX 56	       /* of a tile, with its NUL */
#define CAPCERT_STH_SIGNATURE_MAX 1028 /* DigitallySigned of an RSA key of 8192 bits */

/** What a log says of its tree. */
struct capcert_sth {
	uint64_t tree_size; /* leaves, at most 2^63 */
	uint64_t timestamp; /* milliseconds since 1970, UTC */
	uint8_t root_hash[32];
	uint8_t signature[CAPCERT_STH_SIGNATURE_MAX]; /* DigitallySigned: 2 octets of algorithms,
						       * 2 of length, then the signature */
	size_t signature_len;
};

/** capcert_ct_leaf_hash() - hash of a MerkleTreeLeaf (RFC 6962 section 3.4), as proofs have it. */
CAPCERT_API void capcert_ct_leaf_hash(const uint8_t *leaf, size_t len, uint8_t ret[32]);

/**
 * capcert_ct_verify_inclusion() - is this leaf in the tree (RFC 9162 section 2.1.3.2)?
 * @proof: @count hashes, the one nearest the leaf first.
 * Return: 0 it is; -EBADMSG merkleProofMismatch: the proof has a wrong length or leads to another
 * root; -EINVAL @index is not below @tree_size, or that above 2^63.
 */
CAPCERT_API int capcert_ct_verify_inclusion(const uint8_t leaf_hash[32], uint64_t index,
					    uint64_t tree_size, const uint8_t (*proof)[32],
					    size_t count, const uint8_t root_hash[32]);

/**
 * capcert_ct_verify_consistency() - does the second tree begin with the first (RFC 9162 section
 * 2.1.4.2)? From an empty tree, and between equal sizes, the proof is empty; equal sizes need equal
 * roots.
 * Return: 0 it does; -EBADMSG merkleProofMismatch; -EINVAL @first above @second, or that above 2^63.
 */
CAPCERT_API int capcert_ct_verify_consistency(uint64_t first, uint64_t second,
					      const uint8_t first_root[32],
					      const uint8_t second_root[32],
					      const uint8_t (*proof)[32], size_t count);

/**
 * capcert_sth_verify() - is the head signed by this log (RFC 6962 section 3.5)? Its age is the
 * caller's to judge.
 * Return: 0; -EKEYREJECTED by another key, or over another head; -EBADMSG the signature is
 * malformed; -EOPNOTSUPP it names another hash than SHA-256, or does not fit the key; -ENOMEM.
 */
CAPCERT_API int capcert_sth_verify(const capcert_log *log, const struct capcert_sth *sth);

/**
 * capcert_checkpoint_verify() - a checkpoint of a static-ct log: a signed note whose signature line
 * carries timestamp and signature of a tree head (static-ct-api). Signatures by others are passed
 * over, extension lines refused: this signature does not cover them.
 * @origin: its first line must be this; NULL: the log's submission URL without scheme and slash.
 * @ret: the head, verified.
 * Return: 0; -EBADMSG malformed, another origin, or extension lines; -EKEYREJECTED no signature by
 * this log, or a bad one; -EINVAL no @origin and the log has no URL; as capcert_sth_verify().
 */
CAPCERT_API int capcert_checkpoint_verify(const capcert_log *log, const char *origin,
					  const char *text, size_t len, struct capcert_sth *ret);

/**
 * Brings tiles: what lies at @path ("tile/0/x001/234.p/5") below the log's monitoring URL.
 * @buf: gets exactly @len octets: 32 per hash. A full tile may stand in for a partial one; its first
 * @len octets are the same.
 * Return: 0, or a negative errno that ends the call which asked.
 */
typedef int (*capcert_ct_tile_fn)(void *ctx, const char *path, uint8_t *buf, size_t len);

/**
 * capcert_ct_inclusion_proof() - the proof that a leaf is in a tree, out of its tiles.
 * Tiles prove nothing by themselves: give the result to capcert_ct_verify_inclusion().
 * Return: 0 with @ret_count hashes; -EINVAL as there; what @fn returned.
 */
CAPCERT_API int capcert_ct_inclusion_proof(uint64_t index, uint64_t tree_size,
					   capcert_ct_tile_fn fn, void *ctx,
					   uint8_t ret[CAPCERT_CT_PROOF_MAX][32],
					   size_t *ret_count);

/** capcert_ct_consistency_proof() - the same between two sizes, out of the tiles of the second. */
CAPCERT_API int capcert_ct_consistency_proof(uint64_t first, uint64_t second,
					     capcert_ct_tile_fn fn, void *ctx,
					     uint8_t ret[CAPCERT_CT_PROOF_MAX][32],
					     size_t *ret_count);

/** capcert_ct_included() - is this leaf in the tree of @sth, by its tiles? Both calls above in one.
 *  @sth has been verified by the caller. */
CAPCERT_API int capcert_ct_included(const struct capcert_sth *sth, const uint8_t leaf_hash[32],
				    uint64_t index, capcert_ct_tile_fn fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
