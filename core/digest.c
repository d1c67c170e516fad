// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The bytes that digests of chains, stores and policies are made of: tagged, length-prefixed. */
#include "core/digest.h"

static void absorb_be32(cc_absorb *absorb, void *ctx, uint32_t value)
{
	uint8_t b[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			 (uint8_t)value };

	absorb(ctx, b, sizeof(b));
}

static void absorb_be64(cc_absorb *absorb, void *ctx, uint64_t value)
{
	absorb_be32(absorb, ctx, (uint32_t)(value >> 32));
	absorb_be32(absorb, ctx, (uint32_t)value);
}

static void absorb_tag(cc_absorb *absorb, void *ctx, const char *tag)
{
	absorb(ctx, tag, strlen(tag));
}

void cc_absorb_chain_head(cc_absorb *absorb, void *ctx, uint32_t count)
{
	absorb_tag(absorb, ctx, "capcert-chain-v1");
	absorb_be32(absorb, ctx, count);
}

void cc_absorb_chain_cert(cc_absorb *absorb, void *ctx, struct cc_span der)
{
	absorb_be32(absorb, ctx, (uint32_t)der.n);
	absorb(ctx, der.p, der.n);
}

void cc_absorb_store_head(cc_absorb *absorb, void *ctx, uint32_t count)
{
	absorb_tag(absorb, ctx, "capcert-store-v1");
	absorb_be32(absorb, ctx, count);
}

void cc_absorb_store_anchor(cc_absorb *absorb, void *ctx, const uint8_t fingerprint[32],
			    uint32_t purposes)
{
	absorb(ctx, fingerprint, 32);
	absorb_be32(absorb, ctx, purposes);
}

void cc_absorb_store_limited(cc_absorb *absorb, void *ctx, const uint8_t fingerprint[32],
			     uint32_t purposes, const uint8_t body[32],
			     const struct cc_absorb_dates *dates)
{
	uint32_t marks = 1u << 31 | (dates->has_sct_date ? 1u << 30 : 0);

	cc_absorb_store_anchor(absorb, ctx, fingerprint, purposes | marks);
	absorb(ctx, body, 32);
	absorb_be32(absorb, ctx, dates->has_date);
	absorb_be64(absorb, ctx, dates->has_date ? (uint64_t)dates->date : 0);
	if (dates->has_sct_date)
		absorb_be64(absorb, ctx, (uint64_t)dates->sct_date);
}

void cc_absorb_policy(cc_absorb *absorb, void *ctx, struct cc_span text)
{
	absorb_tag(absorb, ctx, "capcert-policy-v1");
	absorb_be32(absorb, ctx, (uint32_t)text.n);
	absorb(ctx, text.p, text.n);
}

void cc_absorb_pins(cc_absorb *absorb, void *ctx, struct cc_span text)
{
	absorb_tag(absorb, ctx, "capcert-pins-v1");
	absorb_be32(absorb, ctx, (uint32_t)text.n);
	absorb(ctx, text.p, text.n);
}

void cc_absorb_evidence_head(cc_absorb *absorb, void *ctx, uint32_t count)
{
	absorb_tag(absorb, ctx, "capcert-evidence-v1");
	absorb_be32(absorb, ctx, count);
}

void cc_absorb_evidence_item(cc_absorb *absorb, void *ctx, uint32_t type, const uint8_t digest[32])
{
	absorb_be32(absorb, ctx, type);
	absorb(ctx, digest, 32);
}
