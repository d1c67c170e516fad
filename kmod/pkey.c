// SPDX-License-Identifier: GPL-2.0-only
/* What an encoding and a hash of the key service mean. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/keyctl.h>
#include <linux/string.h>

#include "core/alg.h"
#include "kmod/pkey.h"

#define PKEY_RSA	(1u << CC_KEY_RSA)
#define PKEY_RSA_ANY	(1u << CC_KEY_RSA | 1u << CC_KEY_RSA_PSS)
#define PKEY_EC		(1u << CC_KEY_P256 | 1u << CC_KEY_P384 | 1u << CC_KEY_P521)

static const struct {
	const char *encoding;
	const char *hash;	/* NULL: none may be named */
	u32 key_algs;
	u16 scheme;
	u16 digest_len;		/* 0: a message of any length */
} pkey_schemes[] = {
	{ "pkcs1", "sha256", PKEY_RSA, 0x0401, 32 },
	{ "pkcs1", "sha384", PKEY_RSA, 0x0501, 48 },
	{ "pkcs1", "sha512", PKEY_RSA, 0x0601, 64 },
	{ "pss", "sha256", PKEY_RSA_ANY, 0x0804, 32 },
	{ "pss", "sha384", PKEY_RSA_ANY, 0x0805, 48 },
	{ "pss", "sha512", PKEY_RSA_ANY, 0x0806, 64 },
	{ "x962", "sha256", PKEY_EC, 0x0403, 32 },
	{ "x962", "sha384", PKEY_EC, 0x0503, 48 },
	{ "x962", "sha512", PKEY_EC, 0x0603, 64 },
	{ "raw", NULL, 1u << CC_KEY_ED25519, 0x0807, 0 },
	{ "raw", NULL, 1u << CC_KEY_ED448, 0x0808, 0 },
};

static bool same_hash(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

int cc_pkey_scheme(u32 key_alg, const struct kernel_pkey_params *params, bool *ret_digest)
{
	int i;

	if (!params->encoding)
		return -EOPNOTSUPP;
	for (i = 0; i < ARRAY_SIZE(pkey_schemes); i++) {
		if (!(pkey_schemes[i].key_algs & 1u << key_alg) ||
		    strcmp(pkey_schemes[i].encoding, params->encoding) ||
		    !same_hash(pkey_schemes[i].hash, params->hash_algo))
			continue;
		*ret_digest = pkey_schemes[i].digest_len;
		if (*ret_digest && params->in_len != pkey_schemes[i].digest_len)
			return -EINVAL;
		return pkey_schemes[i].scheme;
	}
	return -EOPNOTSUPP;
}
