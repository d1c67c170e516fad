// SPDX-License-Identifier: LGPL-2.1-or-later
/* Everything is hashed here and given to the token as a digest: its own hashing mechanisms are
 * slower, and not every token has them. */
#include <errno.h>
#include <string.h>
#include <capcert/vault.h>
#include <capcert/x509.h>
#include "pkcs11/consumer/scheme.h"

enum kind { PKCS1, PSS, ECDSA, EDDSA };

static const struct scheme {
	uint32_t code;
	enum kind kind;
	uint32_t hash; /* CAPCERT_HASH_* */
} schemes[] = {
	{ 0x0401, PKCS1, CAPCERT_HASH_SHA256 }, { 0x0501, PKCS1, CAPCERT_HASH_SHA384 },
	{ 0x0601, PKCS1, CAPCERT_HASH_SHA512 }, { 0x0804, PSS, CAPCERT_HASH_SHA256 },
	{ 0x0805, PSS, CAPCERT_HASH_SHA384 },	{ 0x0806, PSS, CAPCERT_HASH_SHA512 },
	{ 0x0403, ECDSA, CAPCERT_HASH_SHA256 }, { 0x0503, ECDSA, CAPCERT_HASH_SHA384 },
	{ 0x0603, ECDSA, CAPCERT_HASH_SHA512 }, { 0x0807, EDDSA, 0 },
};

/* By CAPCERT_HASH_*. DigestInfo up to the digest: RFC 8017 section 9.2, note 1. */
static const struct hash {
	size_t size;
	CK_MECHANISM_TYPE mechanism;
	CK_RSA_PKCS_MGF_TYPE mgf;
	uint8_t info[19];
} hashes[] = {
	[CAPCERT_HASH_SHA256] = { 32,
				  CKM_SHA256,
				  CKG_MGF1_SHA256,
				  { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
				    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 } },
	[CAPCERT_HASH_SHA384] = { 48,
				  CKM_SHA384,
				  CKG_MGF1_SHA384,
				  { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
				    0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30 } },
	[CAPCERT_HASH_SHA512] = { 64,
				  CKM_SHA512,
				  CKG_MGF1_SHA512,
				  { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
				    0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40 } },
};

static const struct scheme *find(uint32_t code)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (schemes[i].code == code)
			return &schemes[i];
	return NULL;
}

static bool fits(enum kind kind, uint32_t algorithm)
{
	switch (algorithm) {
	case CAPCERT_VAULT_RSA:
		return kind == PKCS1 || kind == PSS;
	case CAPCERT_VAULT_P256:
	case CAPCERT_VAULT_P384:
	case CAPCERT_VAULT_P521:
		return kind == ECDSA;
	case CAPCERT_VAULT_ED25519:
		return kind == EDDSA;
	default:
		return false;
	}
}

static void prepare_hashed(enum kind kind, const struct hash *hash, uint32_t bits,
			   struct scheme_call *c)
{
	switch (kind) {
	case PKCS1:
		memmove(c->buf + sizeof(hash->info), c->buf, hash->size);
		memcpy(c->buf, hash->info, sizeof(hash->info));
		c->len = sizeof(hash->info) + hash->size;
		c->mechanism.mechanism = CKM_RSA_PKCS;
		break;
	case PSS:
		c->pss = (CK_RSA_PKCS_PSS_PARAMS){ hash->mechanism, hash->mgf, hash->size };
		c->len = hash->size;
		c->mechanism = (CK_MECHANISM){ CKM_RSA_PKCS_PSS, &c->pss, sizeof(c->pss) };
		break;
	default:
		/* FIPS 186-4 section 6.4: the leftmost bits of a longer hash. Not every token cuts it. */
		c->len = hash->size < (bits + 7) / 8 ? hash->size : (bits + 7) / 8;
		c->mechanism.mechanism = CKM_ECDSA;
	}
	c->input = c->buf;
}

int scheme_prepare(uint32_t code, uint32_t algorithm, uint32_t bits, bool digest,
		   const uint8_t *data, size_t len, struct scheme_call *ret)
{
	const struct scheme *scheme = find(code);
	const struct hash *hash;

	memset(ret, 0, sizeof(*ret));
	if (!scheme || !fits(scheme->kind, algorithm))
		return -EOPNOTSUPP;
	if (scheme->kind == EDDSA) {
		if (digest)
			return -EINVAL;
		ret->input = data;
		ret->len = len;
		ret->mechanism.mechanism = CKM_EDDSA;
		return 0;
	}
	hash = &hashes[scheme->hash];
	if (digest && len != hash->size)
		return -EINVAL;
	if (digest)
		memcpy(ret->buf, data, len);
	else
		capcert_hash(scheme->hash, data, len, ret->buf);
	prepare_hashed(scheme->kind, hash, bits, ret);
	return 0;
}
