/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Entries of logs: as get-entries gives them (RFC 6962 sections 3.4, 4.6), and as data tiles hold
 * them (static-ct-api). The leaf of the tree is the same in both. */
#ifndef CORE_LOG_ENTRY_H
#define CORE_LOG_ENTRY_H

#include "core/merkle.h"
#include "core/tls.h"

#define CC_LOG_ENTRY_X509 0
#define CC_LOG_ENTRY_PRECERT 1

/* TimestampedEntry. */
struct cc_log_entry {
	uint64_t timestamp;	    /* milliseconds since 1970, UTC */
	uint8_t type;		    /* CC_LOG_ENTRY_* */
	struct cc_span body;	    /* the whole TimestampedEntry, which the leaf hash covers */
	struct cc_span issuer_hash; /* precertificates: SHA-256 of the issuer's key, 32 octets */
	struct cc_span certificate; /* DER; of a precertificate its TBSCertificate, no poison */
	struct cc_span extensions;  /* CtExtensions, without their length: cc_sct_leaf_index() */
};

/** cc_log_entry_get() - take one TimestampedEntry; an unknown type is malformed. */
bool cc_log_entry_get(struct cc_span *in, struct cc_log_entry *ret);

/** cc_log_leaf_parse() - a MerkleTreeLeaf of version 1 and nothing behind it ("leaf_input"). */
bool cc_log_leaf_parse(struct cc_span leaf, struct cc_log_entry *ret);

/** cc_log_leaf_hash() - the hash of the leaf that @e->body is in. */
void cc_log_leaf_hash(const struct cc_hasher *h, const struct cc_log_entry *e, uint8_t ret[32]);

/* "extra_data": what was submitted beside the leaf. */
struct cc_log_extra {
	struct cc_span precertificate; /* as it was submitted; empty for CC_LOG_ENTRY_X509 */
	struct cc_span chain;	       /* for cc_log_chain_next() */
};

/** cc_log_extra_parse() - for an entry of @type. Every certificate of the chain is looked at. */
bool cc_log_extra_parse(struct cc_span extra, uint8_t type, struct cc_log_extra *ret);

/** cc_log_chain_next() - take one certificate. Return: 1 taken, 0 end, -1 malformed. */
int cc_log_chain_next(struct cc_span *chain, struct cc_span *ret_der);

/* One entry of a data tile. */
struct cc_tile_leaf {
	struct cc_log_entry entry;
	struct cc_span precertificate; /* empty for CC_LOG_ENTRY_X509 */
	struct cc_span fingerprints;   /* SHA-256 of each certificate of the chain */
};

/** cc_tile_leaf_next() - take one. Return: 1 taken, 0 end, -1 malformed. */
int cc_tile_leaf_next(struct cc_span *tile, struct cc_tile_leaf *ret);

#endif
