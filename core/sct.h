/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signed certificate timestamps in their TLS encoding, and what they sign (RFC 6962 section 3). */
#ifndef CORE_SCT_H
#define CORE_SCT_H

#include "core/span.h"

#define CC_SCT_V1 0	    /* Version of RFC 6962 */
#define CC_SCT_LOG_ID 32    /* octets: SHA-256 of the log's SubjectPublicKeyInfo */
/* HashAlgorithm and SignatureAlgorithm of RFC 5246 section 7.4.1.4.1 */
#define CC_SCT_HASH_SHA256 4
#define CC_SCT_SIG_RSA 1
#define CC_SCT_SIG_ECDSA 3

/*  X(number, NAME, text) - why bytes are no SCT, or no list of them. */
#define CC_SCT_ERRORS(X)                                                     \
	X(1, TRUNCATED, "bytes end early, or a length runs past the end")    \
	X(2, TRAILING, "bytes behind the last field")                        \
	X(3, EMPTY, "an empty list, or an empty SCT in one")                 \
	X(4, VERSION, "a version other than v1: well formed for all we know") \
	X(5, TOO_LARGE, "more than 65535 octets")

enum cc_sct_error {
	CC_SCT_OK = 0,
#define X(nr, name, text) CC_SCT_E_##name = (nr),
	CC_SCT_ERRORS(X)
#undef X
};

struct cc_sct {
	struct cc_span whole;	   /* the SCT from its version on, without a length in front */
	struct cc_span log_id;	   /* CC_SCT_LOG_ID octets */
	struct cc_span extensions; /* CtExtensions, verbatim: they are signed as they stand */
	struct cc_span signature;  /* DER for ECDSA */
	uint64_t timestamp;	   /* milliseconds since 1970, UTC */
	uint8_t version;	   /* CC_SCT_V1 */
	uint8_t hash_alg;
	uint8_t sig_alg;
};

/** cc_sct_parse() - one SCT, all of @tls and nothing behind it. What its fields say is not judged.
 *  Return: CC_SCT_OK; CC_SCT_E_VERSION, and then @ret has only whole and version; another
 *  CC_SCT_E_*, and then @ret is undefined. */
int cc_sct_parse(struct cc_span tls, struct cc_sct *ret);

/** cc_sct_list_open() - a SignedCertificateTimestampList (section 3.3), all of @tls: its contents,
 *  for cc_sct_next(). The list is walked: when this says CC_SCT_OK, every length in it fits.
 *  @ret_count: number of SCTs, at least 1; may be NULL. Return: CC_SCT_OK or CC_SCT_E_*. */
int cc_sct_list_open(struct cc_span tls, struct cc_span *ret_rest, uint32_t *ret_count);

/** cc_sct_next() - take one SerializedSCT, for cc_sct_parse(). 1 taken, 0 end, -1 malformed. */
int cc_sct_next(struct cc_span *rest, struct cc_span *ret_sct);

/** cc_sct_leaf_index() - the leaf_index extension (type 0, 40 bits) that logs of the static API put
 *  into an SCT. Extensions of other types are stepped over.
 *  Return: 1 with @ret filled, 0 there is none, -1 malformed, or there twice. */
int cc_sct_leaf_index(struct cc_span extensions, uint64_t *ret);

const char *cc_sct_error_text(int error);

/* What a log was given. */
struct cc_sct_entry {
	bool precert;		 /* @parts are a TBSCertificate (core/precert.h) */
	uint8_t issuer_key[32];	  /* of a precertificate's issuer: SHA-256 of its SPKI */
	const struct cc_span *parts;
	uint32_t part_count;	  /* at most CC_SCT_PARTS_MAX */
};

#define CC_SCT_PARTS_MAX 12

/* The octets that an SCT signs, as spans in a row. They point into this struct, the entry's parts
 * and the SCT. */
struct cc_sct_signed {
	struct cc_span span[CC_SCT_PARTS_MAX + 3];
	uint32_t count;
	uint8_t head[47]; /* version, type, timestamp, entry type, issuer's key, length */
	uint8_t tail[2];  /* length of the extensions */
};

/** cc_sct_signed() - section 3.2. The MerkleTreeLeaf of section 3.4 is octet for octet the same,
 *  because certificate_timestamp and timestamped_entry, and v1 and v1, are both 0.
 *  Return: false when the entry has no octets, or more than 2^24-1. */
bool cc_sct_signed(const struct cc_sct *sct, const struct cc_sct_entry *entry,
		   struct cc_sct_signed *ret);

#endif
