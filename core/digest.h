/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is hashed for the digests of states: the bytes, not the hash. The caller brings SHA-256. */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include "core/span.h"

/** Takes @n more bytes into the hash that @ctx stands for. */
typedef void cc_absorb(void *ctx, const void *p, size_t n);

/** Chain: "capcert-chain-v1", be32 count, then per certificate be32 length and the DER. */
void cc_absorb_chain_head(cc_absorb *absorb, void *ctx, uint32_t count);
void cc_absorb_chain_cert(cc_absorb *absorb, void *ctx, struct cc_span der);

/** Trust store: "capcert-store-v1", be32 count, then per anchor, ascending by fingerprint, the
 *  32-byte SHA-256 fingerprint and be32 purposes. Equal digests mean equal content. */
void cc_absorb_store_head(cc_absorb *absorb, void *ctx, uint32_t count);
void cc_absorb_store_anchor(cc_absorb *absorb, void *ctx, const uint8_t fingerprint[32],
			    uint32_t purposes);

/* Dates of an anchor; what is not there is 0. */
struct cc_absorb_dates {
	bool has_date;	   /* leaves issued later are distrusted */
	bool has_sct_date; /* leaves without an SCT of at most this time are distrusted */
	int64_t date;	   /* seconds since 1970, UTC */
	int64_t sct_date;
};

/** An anchor with more to it than a certificate and its purposes (RFC 5914 constraints, a date of
 *  distrust): the same with bit 31 of the purposes set, then the 32-byte SHA-256 @body of what
 *  the anchor was made from, be32 1 or 0 and be64 of the date, 0 without one. With a date of SCTs
 *  bit 30 is set too, and be64 of it follows.
 *  @body is the SHA-256 of the certificate, TrustAnchorInfo or TBSCertificate, each with the tag of
 *  a SEQUENCE; dates that stand in a TrustAnchorInfo (docs/bundle-format.md) are among @dates. */
void cc_absorb_store_limited(cc_absorb *absorb, void *ctx, const uint8_t fingerprint[32],
			     uint32_t purposes, const uint8_t body[32],
			     const struct cc_absorb_dates *dates);

/** Policy: "capcert-policy-v1", be32 length, canonical text of cc_policy_format(). */
void cc_absorb_policy(cc_absorb *absorb, void *ctx, struct cc_span text);

/** Pin set: "capcert-pins-v1", be32 length, canonical text of cc_pins_format(). */
void cc_absorb_pins(cc_absorb *absorb, void *ctx, struct cc_span text);

/** Evidence: "capcert-evidence-v1", be32 count, then per item be32 type and the 32-byte SHA-256 of
 *  its bytes, in the order it was given. */
void cc_absorb_evidence_head(cc_absorb *absorb, void *ctx, uint32_t count);
void cc_absorb_evidence_item(cc_absorb *absorb, void *ctx, uint32_t type,
			     const uint8_t digest[32]);

#endif
