// SPDX-License-Identifier: LGPL-2.1-or-later
/* Evidence as the wire has it: pieces of a type, each by its bytes and their hash. */
#include <errno.h>
#include "core/digest.h"
#include "libcapcert/engine.h"
#include "libcapcert/evidence.h"
#include "libcapcert/sha.h"

void evidence_digest(const capcert_evidence *e, uint8_t ret[32])
{
	uint32_t count = evidence_items(e), i, type;
	uint8_t hash[32];
	struct sha256_ctx ctx;

	memset(ret, 0, 32);
	if (count == 0)
		return;
	sha256_init(&ctx);
	cc_absorb_evidence_head(sha256_absorb, &ctx, count);
	for (i = 0; i < count; i++) {
		sha256_of(evidence_item(e, i, &type), hash);
		cc_absorb_evidence_item(sha256_absorb, &ctx, type, hash);
	}
	sha256_digest(&ctx, 32, ret);
}

void engine_evidence_digest(const struct capcert_agent_evidence *table, uint32_t count,
			    uint8_t ret[32])
{
	struct sha256_ctx ctx;
	uint32_t i;

	sha256_init(&ctx);
	cc_absorb_evidence_head(sha256_absorb, &ctx, count);
	for (i = 0; i < count; i++)
		cc_absorb_evidence_item(sha256_absorb, &ctx, table[i].type, table[i].digest);
	sha256_digest(&ctx, 32, ret);
}

static int put(capcert_evidence *e, uint32_t type, const uint8_t *bytes, size_t len)
{
	switch (type) {
	case CAPCERT_EVIDENCE_CRL:
		return capcert_evidence_put_crl(e, bytes, len);
	case CAPCERT_EVIDENCE_OCSP:
		return capcert_evidence_put_ocsp(e, bytes, len);
	case CAPCERT_EVIDENCE_STAPLE:
		return capcert_evidence_put_staple(e, bytes, len);
	case CAPCERT_EVIDENCE_UNREACHABLE:
		return len == 32 ? capcert_evidence_put_unreachable(e, bytes) : -EBADMSG;
	case CAPCERT_EVIDENCE_SCTS:
		return capcert_evidence_put_scts(e, CAPCERT_SCT_TLS, bytes, len);
	case CAPCERT_EVIDENCE_OCSP_SCTS:
		return capcert_evidence_put_scts(e, CAPCERT_SCT_OCSP, bytes, len);
	default:
		return -EOPNOTSUPP;
	}
}

int engine_evidence_put(capcert_evidence *e, uint32_t type, const uint8_t *bytes, size_t len,
			const uint8_t digest[32])
{
	uint8_t hash[32];
	int r;

	sha256_of(cc_span(bytes, len), hash);
	if (memcmp(hash, digest, sizeof(hash)) != 0)
		return -EPROTO;
	r = put(e, type, bytes, len);
	/* Said twice is said once. */
	return r == -EEXIST ? 0 : r;
}
