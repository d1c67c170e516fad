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

/** Policy: "capcert-policy-v1", be32 length, canonical text of cc_policy_format(). */
void cc_absorb_policy(cc_absorb *absorb, void *ctx, struct cc_span text);

#endif
