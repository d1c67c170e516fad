// SPDX-License-Identifier: GPL-2.0-only
/* References to private keys: how they are made, by whom, what the keeper may answer. */
#include "key.h"

/* Is there such a text in /proc/keys? */
static bool listed(const char *what)
{
	FILE *f = fopen("/proc/keys", "re");
	char line[512];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, what);
	if (f)
		fclose(f);
	return found;
}

TEST_F(key, what_the_keeper_is_asked)
{
	const struct capcert_agent_request *r = (const void *)self->keyd.agent.last;
	const uint8_t *item;
	uint32_t len;

	pthread_mutex_lock(&self->keyd.agent.lock);
	EXPECT_EQ(CAPCERT_AGENT_OP_KEY_OPEN, r->op);
	EXPECT_EQ(MASK(TLS_SERVER), r->purpose);
	EXPECT_EQ(1, r->item_count);
	item = request_item(r, 0, &len);
	ASSERT_EQ(strlen(T_CANONICAL), len);
	EXPECT_EQ(0, memcmp(T_CANONICAL, item, len));
	pthread_mutex_unlock(&self->keyd.agent.lock);
}

TEST_F(key, what_is_shown)
{
	struct capcert_public public = { .size = sizeof(public) };
	uint8_t spki[512], got[512], hash[32];
	struct capcert_key_info k;
	struct capcert_info info;
	char text[512];
	size_t n = keyd_spki(KEYD_P256, spki);

	t_sha256(spki, n, hash);
	ASSERT_EQ(0, key_info(self->fd, &k));
	EXPECT_EQ(2, k.algorithm);
	EXPECT_EQ(256, k.bits);
	EXPECT_EQ(MASK(TLS_SERVER), k.purposes);
	EXPECT_EQ(CAPCERT_KEY_PKCS11_HARDWARE, k.source);
	EXPECT_EQ(1700000000, k.created);
	EXPECT_EQ(UINT64_MAX, k.uses_left);
	EXPECT_EQ(INT64_MAX, k.not_after);
	EXPECT_EQ(0, k.per_minute);
	EXPECT_EQ(0, memcmp(hash, k.spki_hash, 32));
	ASSERT_EQ(0, t_info(self->fd, &info));
	EXPECT_EQ(CAPCERT_KIND_KEY, info.kind);
	EXPECT_EQ(CAPCERT_ORIGIN_USER, info.origin);
	EXPECT_EQ(T_RIGHTS_KEY, info.rights);
	EXPECT_EQ(0, memcmp(hash, info.digest, 32));
	public.buf = (uintptr_t)got;
	public.len = sizeof(got);
	ASSERT_EQ(0, t_ioctl(self->fd, CAPCERT_PUBLIC, &public));
	ASSERT_EQ(n, public.ret_len);
	EXPECT_EQ(0, memcmp(spki, got, n));
	EXPECT_TRUE(listed("key: p256 tls-server pkcs11-hardware"));
	EXPECT_FALSE(listed("token"));
	n = (size_t)keyctl_read(self->key, text, sizeof(text));
	ASSERT_EQ(strlen("p256 tls-server pkcs11-hardware"), n);
	EXPECT_EQ(0, memcmp("p256 tls-server pkcs11-hardware", text, n));
	ASSERT_LT(0, t_fdinfo(self->fd, "capcert-rights", text, sizeof(text)));
	EXPECT_STREQ("INFO+RESTRICT+TRANSFER+PUBLIC+SIGN", text);
	ASSERT_LT(0, t_fdinfo(self->fd, "capcert-purposes", text, sizeof(text)));
	EXPECT_STREQ("p256 tls-server pkcs11-hardware", text);
}

/* None of these reaches the keeper. */
TEST_F(key, payloads_refused)
{
	static const char *const bad[] = {
		"", "pkcs11:", T_URI, T_URI ";purpose=", T_URI ";purpose=tls", "token=T;object=O",
		T_URI ";purpose=tls-server;slot-id=1", T_URI ";purpose=tls-server;pin-value=1",
		T_URI ";purpose=tls-server;module-path=/x", T_URI ";purpose=tls-server?pin-value=1",
		"pkcs11:object=O;purpose=tls-server", "pkcs11:token=T;purpose=tls-server",
	};
	char id[2048];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(-EINVAL, t_key("capkey", "bad", bad[i], strlen(bad[i])))
			TH_LOG("number %zu", i);
	/* Short as it stands, too long once its octets are encoded. */
	snprintf(id, sizeof(id), "pkcs11:token=T;purpose=ca-sign;object=%0255d;id=%0255d", 0, 0);
	EXPECT_EQ(-EMSGSIZE, t_key("capkey", "bad", id, strlen(id)));
	EXPECT_EQ(1, self->keyd.opens);
}

static int not_root(void *arg)
{
	if (t_drop())
		return 1;
	t_session();
	return t_key_private("mine", "tls-server") == -EPERM ? 0 : 2;
}

TEST_F(key, only_the_administrator_makes_them)
{
	EXPECT_EQ(0, t_child(not_root, NULL));
	EXPECT_EQ(1, self->keyd.opens);
}

TEST_F(key, no_update)
{
	static const char text[] = T_URI ";purpose=ca-sign";

	EXPECT_EQ(-1, keyctl_update(self->key, text, sizeof(text) - 1));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(1, self->keyd.opens);
}

TEST_F(key, the_keeper_can_not)
{
	self->keyd.open_error = -ENODEV;
	EXPECT_EQ(-ENODEV, t_key_private("no token", "tls-server"));
	self->keyd.open_error = -ENOKEY;
	EXPECT_EQ(-ENOKEY, t_key_private("no object", "tls-server"));
}

TEST_F(key, purposes_are_narrowed_by_the_keeper)
{
	struct capcert_key_info k;
	int fd;

	self->keyd.purposes = MASK(TLS_CLIENT);
	fd = key_for(_metadata, "tls-server,tls-client");
	ASSERT_EQ(0, key_info(fd, &k));
	EXPECT_EQ(MASK(TLS_CLIENT), k.purposes);
	EXPECT_EQ(-EACCES, t_sign_text(fd, KEY(TLS_SERVER), "text"));
	EXPECT_EQ(0, t_sign_text(fd, KEY(TLS_CLIENT), "text"));
	self->keyd.purposes = MASK(CA_SIGN);
	EXPECT_EQ(-EIO, t_key_private("wider", "tls-server"));
}

static struct capcert_agent_key *reply_key(struct fake_reply *reply)
{
	return (struct capcert_agent_key *)reply->data;
}

static void no_purpose(struct fake_reply *r) { reply_key(r)->purposes = 0; }
static void no_source(struct fake_reply *r) { reply_key(r)->source = 0; }
static void new_source(struct fake_reply *r) { reply_key(r)->source = 5; }
static void wrong_size(struct fake_reply *r) { reply_key(r)->size++; }
static void longer_spki(struct fake_reply *r) { reply_key(r)->spki_len++; }
static void shorter_spki(struct fake_reply *r) { reply_key(r)->spki_len--; }
static void before_time(struct fake_reply *r) { reply_key(r)->created = -1; }
static void no_spki(struct fake_reply *r) { reply_key(r + 0)[1].size = 0; }
static void no_data(struct fake_reply *r) { r->r.data_len = 0; }
static void cut_short(struct fake_reply *r) { r->r.data_len = sizeof(struct capcert_agent_key) - 1; }

static void trailing(struct fake_reply *r)
{
	reply_key(r)->spki_len++;
	r->r.data_len++;
}

TEST_F(key, answers_that_make_no_sense)
{
	static void (*const spoil[])(struct fake_reply *) = {
		no_purpose, no_source, new_source, wrong_size, longer_spki, shorter_spki,
		before_time, no_spki, no_data, cut_short, trailing,
	};
	struct capcert_status before, after;
	size_t i;

	t_settle(&before);
	for (i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		self->keyd.spoil = spoil[i];
		EXPECT_EQ(-EIO, t_key_private("nonsense", "tls-server"))
			TH_LOG("number %zu", i);
		EXPECT_EQ(0, write_error(&self->keyd));
	}
	t_settle(&after);
	EXPECT_EQ(before.objects, after.objects);
}

static void a_path(struct fake_reply *r)
{
	r->r.path_count = 1;
	r->r.data_len = 0;
}

static void not_valid(struct fake_reply *r) { r->r.valid = 0; }
static void error_and_data(struct fake_reply *r) { r->r.error = -EIO; }

/* These are not even well-formed: the agent is told. */
TEST_F(key, malformed_replies)
{
	static void (*const spoil[])(struct fake_reply *) = { a_path, not_valid, error_and_data };
	size_t i;

	for (i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		self->keyd.spoil = spoil[i];
		EXPECT_EQ(-EIO, t_key_private("malformed", "tls-server"))
			TH_LOG("number %zu", i);
		EXPECT_EQ(-EINVAL, write_error(&self->keyd));
		EXPECT_EQ(-EIO, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
	}
}

TEST_F(key, keys_that_nothing_is_signed_by)
{
	self->keyd.key = KEYD_RSA1024;
	EXPECT_EQ(-EOPNOTSUPP, t_key_private("weak", "tls-server"));
	self->keyd.key = KEYD_ED448;
	EXPECT_EQ(-EOPNOTSUPP, t_key_private("rare", "tls-server"));
}

TEST_F(key, development_keys)
{
	struct capcert_status s;
	struct capcert_info info;
	int fd;

	ASSERT_EQ(0, t_status(&s));
	self->keyd.source = CAPCERT_KEY_SOFTHSM_DEV;
	if (s.profile == CAPCERT_PROFILE_PRODUCTION) {
		EXPECT_EQ(-EKEYREJECTED, t_key_private("dev", "tls-server"));
		return;
	}
	fd = key_for(_metadata, "tls-server");
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_EQ(CAPCERT_ORIGIN_DEV, info.origin);
}

TEST_HARNESS_MAIN
