/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a log says of its tree, and what it signs for that (RFC 6962 section 3.5). */
#ifndef CORE_TREE_HEAD_H
#define CORE_TREE_HEAD_H

#include "core/tls.h"

struct cc_tree_head {
	uint64_t size;	    /* leaves, at most 2^63 */
	uint64_t timestamp; /* milliseconds since 1970, UTC */
	uint8_t root[32];
};

#define CC_TREE_HEAD_SIGNED 50

/** cc_tree_head_signed() - the octets under the signature: TreeHeadSignature of version 1. */
void cc_tree_head_signed(const struct cc_tree_head *head, uint8_t ret[CC_TREE_HEAD_SIGNED]);

/* DigitallySigned (RFC 5246 section 4.7); the numbers of the registries are kept as they are. */
struct cc_digitally_signed {
	uint8_t hash;	   /* 4 is SHA-256, the only one that logs may use */
	uint8_t algorithm; /* 1 RSA, 3 ECDSA */
	struct cc_span signature;
};

#define CC_TLS_HASH_SHA256 4
#define CC_TLS_SIGNATURE_RSA 1
#define CC_TLS_SIGNATURE_ECDSA 3

/** cc_digitally_signed_get() - take one. False: truncated, or no signature in it. */
bool cc_digitally_signed_get(struct cc_span *in, struct cc_digitally_signed *ret);

/** cc_digitally_signed_scheme() - the enum cc_scheme that it names: RSA PKCS #1 or ECDSA, over
 *  SHA-256; anything else is CC_SCHEME_OTHER (RFC 6962 section 2.1.4). */
uint32_t cc_digitally_signed_scheme(const struct cc_digitally_signed *s);

#endif
