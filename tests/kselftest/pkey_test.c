// SPDX-License-Identifier: GPL-2.0-only
/* keyctl pkey_query and pkey_verify on certificate keys: what the agent is asked, what comes back. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define SIG_LEN 70	/* shorter than the 72 bytes that the longest P-256 signature takes */

FIXTURE(pkey) {
	struct tcert leaf;
	int key;
	struct fake_agent agent;
	uint8_t digest[64];
	uint8_t signature[SIG_LEN];
};

FIXTURE_SETUP(pkey)
{
	t_session();
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	self->key = t_key_cert("leaf", &self->leaf);
	ASSERT_LT(0, self->key);
	memset(self->digest, 0xd1, sizeof(self->digest));
	memset(self->signature, 0x51, sizeof(self->signature));
	self->agent.reply.r.valid = 1;
	self->agent.reply.r.reason = CAPCERT_REASON_NONE;
	ASSERT_EQ(0, agent_start(&self->agent));
}

FIXTURE_TEARDOWN(pkey)
{
	agent_stop(&self->agent);
	tcert_free(&self->leaf);
}

static int verify(int key, const char *info, const void *digest, size_t digest_len,
		  const void *signature, size_t signature_len)
{
	return keyctl_pkey_verify(key, info, digest, digest_len, signature, signature_len) ?
		-errno : 0;
}

#define VERIFY(info, len) verify(self->key, info, self->digest, len, self->signature, SIG_LEN)

TEST_F(pkey, query)
{
	struct keyctl_pkey_query q;

	ASSERT_EQ(0, keyctl_pkey_query(self->key, "enc=x962 hash=sha256", &q));
	EXPECT_EQ(KEYCTL_SUPPORTS_VERIFY, q.supported_ops);
	EXPECT_EQ(256, q.key_size);
	EXPECT_EQ(72, q.max_sig_size);
	EXPECT_EQ(64, q.max_data_size);
}

TEST_F(pkey, what_is_asked)
{
	const struct capcert_agent_request *r;
	const uint8_t *item;
	uint32_t len;

	ASSERT_EQ(0, VERIFY("enc=x962 hash=sha256", 32));
	ASSERT_EQ(1, agent_asked(&self->agent));
	pthread_mutex_lock(&self->agent.lock);
	r = (const void *)self->agent.last;
	EXPECT_EQ(CAPCERT_AGENT_OP_VERIFY_DIGEST, r->op);
	EXPECT_EQ(0x0403, r->scheme);
	EXPECT_EQ(3, r->item_count);
	item = request_item(r, 0, &len);
	ASSERT_EQ(self->leaf.len, len);
	EXPECT_EQ(0, memcmp(self->leaf.der, item, len));
	item = request_item(r, 1, &len);
	ASSERT_EQ(32, len);
	EXPECT_EQ(0, memcmp(self->digest, item, len));
	/* The key service hands over max_sig_size bytes: the signature stands at their beginning. */
	item = request_item(r, 2, &len);
	ASSERT_LE(SIG_LEN, len);
	EXPECT_EQ(0, memcmp(self->signature, item, SIG_LEN));
	pthread_mutex_unlock(&self->agent.lock);
}

TEST_F(pkey, every_hash)
{
	EXPECT_EQ(0, VERIFY("enc=x962 hash=sha256", 32));
	EXPECT_EQ(0, VERIFY("enc=x962 hash=sha384", 48));
	EXPECT_EQ(0, VERIFY("enc=x962 hash=sha512", 64));
	EXPECT_EQ(3, agent_asked(&self->agent));
}

/* None of these reaches an agent. */
TEST_F(pkey, refused_at_once)
{
	EXPECT_EQ(-EINVAL, VERIFY("enc=x962 hash=sha256", 31));
	EXPECT_EQ(-EINVAL, VERIFY("enc=x962 hash=sha384", 32));
	EXPECT_EQ(-EOPNOTSUPP, VERIFY("enc=pkcs1 hash=sha256", 32));
	EXPECT_EQ(-EOPNOTSUPP, VERIFY("enc=pss hash=sha256", 32));
	EXPECT_EQ(-EOPNOTSUPP, VERIFY("enc=raw hash=sha256", 32));
	EXPECT_EQ(-EOPNOTSUPP, VERIFY("enc=x962 hash=sha1", 20));
	EXPECT_EQ(-EOPNOTSUPP, VERIFY("enc=x962", 32));
	EXPECT_EQ(0, agent_asked(&self->agent));
}

TEST_F(pkey, a_bad_signature)
{
	pthread_mutex_lock(&self->agent.lock);
	self->agent.reply.r.valid = 0;
	self->agent.reply.r.reason = CAPCERT_REASON_SIGNATURE_MISMATCH;
	pthread_mutex_unlock(&self->agent.lock);
	EXPECT_EQ(-EKEYREJECTED, VERIFY("enc=x962 hash=sha256", 32));
	EXPECT_EQ(1, agent_asked(&self->agent));
}

TEST_F(pkey, the_agent_can_not)
{
	pthread_mutex_lock(&self->agent.lock);
	self->agent.reply.r.valid = 0;
	self->agent.reply.r.error = -EOPNOTSUPP;
	pthread_mutex_unlock(&self->agent.lock);
	EXPECT_EQ(-EOPNOTSUPP, VERIFY("enc=x962 hash=sha256", 32));
}

TEST_F(pkey, a_distrusted_certificate)
{
	struct capcert_distrust_entry d = {
		.size = sizeof(d), .what = CAPCERT_DISTRUST_FINGERPRINT, .len = 32,
		.ptr = (uintptr_t)self->leaf.fingerprint,
	};
	int err = t_ioctl(t_dev(), CAPCERT_DISTRUST, &d);

	if (err == -EPERM)
		SKIP(return, "the production profile refuses DISTRUST");
	ASSERT_EQ(0, err);
	EXPECT_EQ(-EKEYREJECTED, VERIFY("enc=x962 hash=sha256", 32));
	EXPECT_EQ(0, agent_asked(&self->agent));
	d.flags = CAPCERT_DISTRUST_REMOVE;
	ASSERT_EQ(0, t_ioctl(t_dev(), CAPCERT_DISTRUST, &d));
	EXPECT_EQ(0, VERIFY("enc=x962 hash=sha256", 32));
}

TEST_F(pkey, a_revoked_key)
{
	ASSERT_EQ(0, keyctl_revoke(self->key));
	EXPECT_EQ(-EKEYREVOKED, VERIFY("enc=x962 hash=sha256", 32));
	EXPECT_EQ(0, agent_asked(&self->agent));
}

TEST_HARNESS_MAIN
