// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of mechanisms. */
#include <capcert/vault.h>
#include "pkcs11/provider/digest_info.h"
#include "pkcs11/provider/mech.h"

enum family { PKCS1, PSS, ECDSA, EDDSA };

/* TLS SignatureScheme of family and hash: RFC 8446 section 4.2.3. */
static const struct mech {
	CK_MECHANISM_TYPE type;
	enum family family;
	uint32_t scheme; /* 0: as parameters or data say */
} mechs[] = {
	{ CKM_RSA_PKCS, PKCS1, 0 },
	{ CKM_SHA256_RSA_PKCS, PKCS1, 0x0401 },
	{ CKM_SHA384_RSA_PKCS, PKCS1, 0x0501 },
	{ CKM_SHA512_RSA_PKCS, PKCS1, 0x0601 },
	{ CKM_RSA_PKCS_PSS, PSS, 0 },
	{ CKM_SHA256_RSA_PKCS_PSS, PSS, 0x0804 },
	{ CKM_SHA384_RSA_PKCS_PSS, PSS, 0x0805 },
	{ CKM_SHA512_RSA_PKCS_PSS, PSS, 0x0806 },
	{ CKM_ECDSA, ECDSA, 0 },
	{ CKM_ECDSA_SHA256, ECDSA, 0x0403 },
	{ CKM_ECDSA_SHA384, ECDSA, 0x0503 },
	{ CKM_ECDSA_SHA512, ECDSA, 0x0603 },
	{ CKM_EDDSA, EDDSA, 0x0807 },
};
#define MECHS (sizeof(mechs) / sizeof(*mechs))

static const struct {
	CK_MECHANISM_TYPE hash;
	CK_RSA_PKCS_MGF_TYPE mgf;
	size_t size;
	uint32_t pkcs1, pss, ecdsa;
} hashes[] = {
	{ CKM_SHA256, CKG_MGF1_SHA256, 32, 0x0401, 0x0804, 0x0403 },
	{ CKM_SHA384, CKG_MGF1_SHA384, 48, 0x0501, 0x0805, 0x0503 },
	{ CKM_SHA512, CKG_MGF1_SHA512, 64, 0x0601, 0x0806, 0x0603 },
};
#define HASHES (sizeof(hashes) / sizeof(*hashes))

CK_KEY_TYPE mech_key_type(uint32_t algorithm)
{
	switch (algorithm) {
	case CAPCERT_VAULT_RSA:
		return CKK_RSA;
	case CAPCERT_VAULT_P256:
	case CAPCERT_VAULT_P384:
	case CAPCERT_VAULT_P521:
		return CKK_EC;
	case CAPCERT_VAULT_ED25519:
		return CKK_EC_EDWARDS;
	default:
		return CK_UNAVAILABLE_INFORMATION;
	}
}

static CK_KEY_TYPE key_type_of(const struct mech *m)
{
	return m->family == ECDSA ? CKK_EC : m->family == EDDSA ? CKK_EC_EDWARDS : CKK_RSA;
}

static const struct mech *find(CK_MECHANISM_TYPE type)
{
	for (size_t i = 0; i < MECHS; i++)
		if (mechs[i].type == type)
			return &mechs[i];
	return NULL;
}

size_t mech_all(CK_MECHANISM_TYPE ret[MECH_MOST])
{
	for (size_t i = 0; i < MECHS; i++)
		ret[i] = mechs[i].type;
	return MECHS;
}

size_t mech_of_algorithm(uint32_t algorithm, CK_MECHANISM_TYPE ret[MECH_MOST])
{
	CK_KEY_TYPE type = mech_key_type(algorithm);
	size_t n = 0;

	for (size_t i = 0; i < MECHS; i++)
		if (key_type_of(&mechs[i]) == type)
			ret[n++] = mechs[i].type;
	return n;
}

CK_RV mech_info(CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *ret)
{
	const struct mech *m = find(type);

	if (!m)
		return CKR_MECHANISM_INVALID;
	*ret = (CK_MECHANISM_INFO){ .flags = CKF_SIGN | CKF_VERIFY };
	switch (m->family) {
	case ECDSA:
		ret->ulMinKeySize = 256;
		ret->ulMaxKeySize = 521;
		ret->flags |= CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
		break;
	case EDDSA:
		ret->ulMinKeySize = 255;
		ret->ulMaxKeySize = 256;
		break;
	default:
		ret->ulMinKeySize = 2048;
		ret->ulMaxKeySize = 16384;
	}
	return CKR_OK;
}

static CK_RV use_pss(const CK_MECHANISM *m, struct mech_use *use)
{
	const CK_RSA_PKCS_PSS_PARAMS *p = m->pParameter;

	if (!p || m->ulParameterLen != sizeof(*p))
		return CKR_MECHANISM_PARAM_INVALID;
	for (size_t i = 0; i < HASHES; i++) {
		if (p->hashAlg != hashes[i].hash || p->mgf != hashes[i].mgf ||
		    p->sLen != hashes[i].size || (use->scheme && use->scheme != hashes[i].pss))
			continue;
		use->digest = use->scheme ? 0 : hashes[i].size;
		use->scheme = hashes[i].pss;
		return CKR_OK;
	}
	return CKR_MECHANISM_PARAM_INVALID;
}

/* CK_EDDSA_PARAMS would ask for Ed25519ph or a context: neither is signed here. */
static CK_RV no_parameter(const CK_MECHANISM *m)
{
	return m->ulParameterLen ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

CK_RV mech_use(const CK_MECHANISM *m, uint32_t algorithm, uint32_t bits, struct mech_use *ret)
{
	const struct mech *mech = find(m->mechanism);

	if (!mech)
		return CKR_MECHANISM_INVALID;
	if (key_type_of(mech) != mech_key_type(algorithm))
		return CKR_KEY_TYPE_INCONSISTENT;
	*ret = (struct mech_use){ .type = mech->type, .scheme = mech->scheme };
	ret->size = mech->family == EDDSA ? 64 : (size_t)(bits + 7) / 8;
	if (mech->family == ECDSA)
		ret->size *= 2;
	return mech->family == PSS ? use_pss(m, ret) : no_parameter(m);
}

static CK_RV by_length(const struct mech_use *use, struct mech_input *ret)
{
	for (size_t i = 0; i < HASHES; i++) {
		if (ret->len != hashes[i].size)
			continue;
		ret->scheme = use->type == CKM_ECDSA ? hashes[i].ecdsa : hashes[i].pkcs1;
		return CKR_OK;
	}
	return CKR_DATA_LEN_RANGE;
}

CK_RV mech_input(const struct mech_use *use, const uint8_t *data, size_t len,
		 struct mech_input *ret)
{
	*ret = (struct mech_input){ use->scheme, use->digest != 0, data, len };
	if (use->digest)
		return len == use->digest ? CKR_OK : CKR_DATA_LEN_RANGE;
	if (use->scheme)
		return CKR_OK;
	ret->digest = true;
	if (use->type == CKM_RSA_PKCS) {
		ret->len = digest_info_parse(data, len, &ret->data);
		if (!ret->len)
			return CKR_DATA_INVALID;
	}
	return by_length(use, ret);
}
