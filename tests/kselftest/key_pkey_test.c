// SPDX-License-Identifier: GPL-2.0-only
/* keyctl pkey_query and pkey_sign. */
#include "key.h"

static int pkey_sign(int key, const char *info, const void *in, size_t len, uint8_t *out)
{
	struct keyctl_pkey_query q;

	if (keyctl_pkey_query(key, info, &q))
		return -errno;
	if (keyctl_pkey_sign(key, info, in, len, out, q.max_sig_size) < 0)
		return -errno;
	return 0;
}

TEST_F(key, pkey_query)
{
	struct keyctl_pkey_query q;

	ASSERT_EQ(0, keyctl_pkey_query(self->key, "enc=x962 hash=sha256", &q));
	EXPECT_EQ(KEYCTL_SUPPORTS_SIGN, q.supported_ops);
	EXPECT_EQ(256, q.key_size);
	EXPECT_EQ(72, q.max_sig_size);
	EXPECT_EQ(64, q.max_data_size);
}

TEST_F(key, pkey_sign)
{
	uint8_t digest[64] = { 0 }, out[512];
	const struct capcert_agent_request *r;
	int rsa, ed;

	ASSERT_EQ(8, keyctl_pkey_sign(self->key, "enc=x962 hash=sha256", digest, 32, out, 72));
	EXPECT_EQ(0, memcmp("\x30\x06\x02\x01\x01\x02\x01\x01", out, 8));
	r = (const void *)self->keyd.agent.last;
	EXPECT_EQ(CAPCERT_AGENT_OP_SIGN_DIGEST, r->op);
	EXPECT_EQ(KEY(TLS_SERVER), r->purpose);
	EXPECT_EQ(0x0403, r->scheme);
	EXPECT_EQ(0, pkey_sign(self->key, "enc=x962 hash=sha384", digest, 48, out));
	EXPECT_EQ(0, pkey_sign(self->key, "enc=x962 hash=sha512", digest, 64, out));
	EXPECT_EQ(3, keyd_signs(&self->keyd));
	EXPECT_EQ(-EINVAL, pkey_sign(self->key, "enc=x962 hash=sha256", digest, 31, out));
	EXPECT_EQ(-EINVAL, pkey_sign(self->key, "enc=x962 hash=sha384", digest, 32, out));
	EXPECT_EQ(-EOPNOTSUPP, pkey_sign(self->key, "enc=pkcs1 hash=sha256", digest, 32, out));
	EXPECT_EQ(-EOPNOTSUPP, pkey_sign(self->key, "enc=x962 hash=sha1", digest, 20, out));
	EXPECT_EQ(-EOPNOTSUPP, pkey_sign(self->key, "enc=raw", digest, 32, out));
	/* The key service knows no such word. */
	EXPECT_EQ(-EINVAL, pkey_sign(self->key, "enc=x962 hash=sha256 purpose=ca-sign", digest, 32,
				     out));
	EXPECT_EQ(-1, keyctl_pkey_decrypt(self->key, "enc=pkcs1", digest, 32, out, 32));
	EXPECT_EQ(3, keyd_signs(&self->keyd));
	self->keyd.key = KEYD_RSA2048;
	rsa = t_key_private("rsa", "code-sign");
	ASSERT_LT(0, rsa);
	EXPECT_EQ(0, pkey_sign(rsa, "enc=pkcs1 hash=sha256", digest, 32, out));
	EXPECT_EQ(0, pkey_sign(rsa, "enc=pss hash=sha512", digest, 64, out));
	EXPECT_EQ(-EOPNOTSUPP, pkey_sign(rsa, "enc=x962 hash=sha256", digest, 32, out));
	self->keyd.key = KEYD_ED25519;
	ed = t_key_private("ed", "code-sign");
	ASSERT_LT(0, ed);
	EXPECT_EQ(0, pkey_sign(ed, "enc=raw", "text", 4, out));
	EXPECT_EQ(CAPCERT_AGENT_OP_SIGN,
		  ((const struct capcert_agent_request *)self->keyd.agent.last)->op);
}

/* keyctl can't say for what: only a key with one purpose is used this way. */
TEST_F(key, pkey_needs_one_purpose)
{
	uint8_t digest[32] = { 0 }, out[72];
	int two = t_key_private("two", "tls-server,tls-client"), ca = t_key_private("ca", "ca-sign");

	ASSERT_LT(0, two);
	ASSERT_LT(0, ca);
	EXPECT_EQ(-EOPNOTSUPP, pkey_sign(two, "enc=x962 hash=sha256", digest, 32, out));
	EXPECT_EQ(-EOPNOTSUPP, pkey_sign(ca, "enc=x962 hash=sha256", digest, 32, out));
	EXPECT_EQ(0, keyd_signs(&self->keyd));
}

/* SEARCH is all that the key service asks for: it must come from possession. */
TEST_F(key, pkey_needs_possession)
{
	static const key_perm_t wide[] = { KEY_USR_SEARCH, KEY_GRP_SEARCH, KEY_OTH_SEARCH };
	uint8_t digest[32] = { 0 }, out[72];
	size_t i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, keyctl_setperm(self->key, T_PERM | wide[i]));
		EXPECT_EQ(-EACCES, pkey_sign(self->key, "enc=x962 hash=sha256", digest, 32, out));
		EXPECT_EQ(-EACCES, t_open(self->key, T_RIGHTS_KEY));
	}
	EXPECT_EQ(0, keyd_signs(&self->keyd));
	ASSERT_EQ(0, keyctl_setperm(self->key, T_PERM));
	EXPECT_EQ(0, pkey_sign(self->key, "enc=x962 hash=sha256", digest, 32, out));
	pausing_key = self->key;
	self->keyd.pause = revoke_meanwhile;
	EXPECT_EQ(-EKEYREVOKED, pkey_sign(self->key, "enc=x962 hash=sha256", digest, 32, out));
}

TEST_HARNESS_MAIN
