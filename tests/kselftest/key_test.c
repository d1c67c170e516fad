// SPDX-License-Identifier: GPL-2.0-only
/* Private keys: how they are made, what they sign and what not, limits, faults of the keeper. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_keyd.h"
#include "kselftest_harness.h"

#define KEY(name) CAPCERT_KEY_##name
#define MASK(name) (1u << CAPCERT_KEY_##name)

FIXTURE(key) {
	struct fake_keyd keyd;
	int key;		/* for tls-server */
	int fd;
	struct tcert cert;
};

FIXTURE_SETUP(key)
{
	t_session();
	tcert_leaf(T_NAME, 1, 1, &self->cert);
	ASSERT_EQ(0, keyd_start(&self->keyd));
	self->key = t_key_private("key", "tls-server");
	ASSERT_LT(0, self->key);
	self->fd = t_open(self->key, T_RIGHTS_KEY);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(key)
{
	close(self->fd);
	keyd_stop(&self->keyd);
	tcert_free(&self->cert);
}

/* A handle of a new key for @purposes. */
static int key_for(struct __test_metadata *_metadata, const char *purposes)
{
	int key = t_key_private("another", purposes), fd = -1;

	EXPECT_LT(0, key);
	fd = t_open(key, T_RIGHTS_KEY);
	EXPECT_LE(0, fd);
	return fd;
}

static int narrow(int fd, uint64_t rights, struct capcert_key_restrict *arg)
{
	int err;

	arg->size = sizeof(*arg);
	arg->rights = rights;
	err = t_ioctl(fd, CAPCERT_KEY_RESTRICT, arg);
	return err ?: arg->fd;
}

#define NARROW(fd, ...) narrow(fd, T_RIGHTS_KEY, &(struct capcert_key_restrict){ __VA_ARGS__ })

static int key_info(int fd, struct capcert_key_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->size = sizeof(*ret);
	return t_ioctl(fd, CAPCERT_KEY_INFO, ret);
}

/* The caller may go on before the keeper has seen how its reply was taken. */
static int write_error(struct fake_keyd *keyd)
{
	int err;

	pthread_mutex_lock(&keyd->agent.lock);
	err = keyd->agent.write_error;
	pthread_mutex_unlock(&keyd->agent.lock);
	return err;
}

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

/* ---- making keys ---- */

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

/* ---- what is signed ---- */

TEST_F(key, what_is_asked)
{
	const struct capcert_agent_request *r;
	const uint8_t *item;
	struct t_sign s;
	uint8_t spki[512];
	uint32_t len;

	t_sign_init(&s, "a message", 9);
	ASSERT_EQ(0, t_sign(self->fd, &s));
	EXPECT_EQ(8, s.arg.ret_len);
	EXPECT_EQ(0, memcmp("\x30\x06\x02\x01\x01\x02\x01\x01", s.signature, 8));
	EXPECT_EQ(0, s.signature[8]);
	pthread_mutex_lock(&self->keyd.agent.lock);
	r = (const void *)self->keyd.agent.last;
	EXPECT_EQ(CAPCERT_AGENT_OP_SIGN, r->op);
	EXPECT_EQ(0x0403, r->scheme);
	EXPECT_EQ(KEY(TLS_SERVER), r->purpose);
	EXPECT_EQ(3, r->item_count);
	item = request_item(r, 0, &len);
	ASSERT_EQ(strlen(T_CANONICAL), len);
	EXPECT_EQ(0, memcmp(T_CANONICAL, item, len));
	item = request_item(r, 1, &len);
	ASSERT_EQ(keyd_spki(KEYD_P256, spki), len);
	EXPECT_EQ(0, memcmp(spki, item, len));
	item = request_item(r, 2, &len);
	ASSERT_EQ(9, len);
	EXPECT_EQ(0, memcmp("a message", item, 9));
	pthread_mutex_unlock(&self->keyd.agent.lock);
	s.arg.flags = CAPCERT_SIGN_DIGEST;
	s.arg.message = (uintptr_t)spki;
	s.arg.message_len = 32;
	ASSERT_EQ(0, t_sign(self->fd, &s));
	EXPECT_EQ(CAPCERT_AGENT_OP_SIGN_DIGEST,
		  ((const struct capcert_agent_request *)self->keyd.agent.last)->op);
}

/* What each kind of key signs by, each scheme's digest, and the signature's length. */
TEST_F(key, schemes)
{
	static const struct {
		enum keyd_key key;
		uint32_t schemes[8];
		uint32_t len;
	} rows[] = {
		{ KEYD_P256, { 0x0403, 0x0503, 0x0603 }, 8 },
		{ KEYD_P384, { 0x0403, 0x0503, 0x0603 }, 8 },
		{ KEYD_P521, { 0x0403, 0x0503, 0x0603 }, 8 },
		{ KEYD_RSA2048, { 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806 }, 256 },
		{ KEYD_ED25519, { 0x0807 }, 64 },
	};
	static const uint32_t all[] = {
		0, 0x0201, 0x0203, 0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0804, 0x0805,
		0x0806, 0x0807, 0x0808, 0x0709, 0x070d, 0x0809, 0xffff, 0x10403,
	};
	size_t i, j, n;
	uint8_t digest[65] = { 0 };

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd;

		self->keyd.key = rows[i].key;
		fd = key_for(_metadata, "tls-server");
		for (j = 0; j < sizeof(all) / sizeof(all[0]); j++) {
			bool fits = false;
			struct t_sign s;

			for (n = 0; n < 8; n++)
				fits |= all[j] && rows[i].schemes[n] == all[j];
			t_sign_init(&s, "text", 4);
			s.arg.scheme = all[j];
			EXPECT_EQ(fits ? 0 : -EOPNOTSUPP, t_sign(fd, &s))
				TH_LOG("key %zu scheme %#x", i, all[j]);
			if (!fits)
				continue;
			EXPECT_EQ(rows[i].len, s.arg.ret_len);
			for (n = 0; n <= 65; n++) {
				size_t want = all[j] >> 8 == 4 || all[j] == 0x0804 ? 32 :
					      all[j] >> 8 == 5 || all[j] == 0x0805 ? 48 : 64;

				if (all[j] == 0x0807)
					want = 999;
				t_sign_init(&s, digest, n);
				s.arg.scheme = all[j];
				s.arg.flags = CAPCERT_SIGN_DIGEST;
				ASSERT_EQ(n == want ? 0 : -EINVAL, t_sign(fd, &s))
					TH_LOG("key %zu scheme %#x digest %zu", i, all[j], n);
			}
		}
		close(fd);
	}
}

TEST_F(key, sizes)
{
	uint8_t *large = calloc(1, CAPCERT_MAX_MESSAGE + 1);
	struct t_sign s;

	ASSERT_NE(NULL, large);
	t_sign_init(&s, large, 0);
	EXPECT_EQ(-EINVAL, t_sign(self->fd, &s));
	t_sign_init(&s, large, CAPCERT_MAX_MESSAGE);
	EXPECT_EQ(0, t_sign(self->fd, &s));
	t_sign_init(&s, large, CAPCERT_MAX_MESSAGE + 1);
	EXPECT_EQ(-EMSGSIZE, t_sign(self->fd, &s));
	EXPECT_EQ(1, keyd_signs(&self->keyd));
	/* Nothing is signed for which there is no room. */
	t_sign_init(&s, large, 1);
	s.arg.signature_len = 71;
	EXPECT_EQ(-EMSGSIZE, t_sign(self->fd, &s));
	EXPECT_EQ(72, s.arg.ret_len);
	EXPECT_EQ(1, keyd_signs(&self->keyd));
	s.arg.signature_len = 72;
	EXPECT_EQ(0, t_sign(self->fd, &s));
	s.arg.timeout_ms = 60001;
	EXPECT_EQ(-EINVAL, t_sign(self->fd, &s));
	free(large);
}

TEST_F(key, purposes)
{
	uint32_t p;
	int fd = key_for(_metadata, "tls-client,code-sign,bundle-sign,ct-log"), narrow_fd;
	const uint32_t have = MASK(TLS_CLIENT) | MASK(CODE_SIGN) | MASK(BUNDLE_SIGN) | MASK(CT_LOG);

	for (p = 0; p < CAPCERT_KEY_PURPOSES; p++)
		EXPECT_EQ(have >> p & 1 ? 0 : -EACCES, t_sign_text(fd, p, "text"))
			TH_LOG("purpose %u", p);
	EXPECT_EQ(-EINVAL, t_sign_text(fd, CAPCERT_KEY_PURPOSES, "text"));
	EXPECT_EQ(-EINVAL, t_sign_text(fd, 0xffffffff, "text"));
	narrow_fd = NARROW(fd, .purposes = MASK(CT_LOG));
	ASSERT_LE(0, narrow_fd);
	EXPECT_EQ(0, t_sign_text(narrow_fd, KEY(CT_LOG), "text"));
	EXPECT_EQ(-EACCES, t_sign_text(narrow_fd, KEY(CODE_SIGN), "text"));
	EXPECT_EQ(-EACCES, NARROW(narrow_fd, .purposes = MASK(CODE_SIGN)));
	EXPECT_EQ(-EACCES, NARROW(narrow_fd, .purposes = MASK(CT_LOG) | MASK(CODE_SIGN)));
	EXPECT_EQ(-EINVAL, NARROW(narrow_fd, .purposes = 1u << CAPCERT_KEY_PURPOSES));
}

/* The part of a certificate that is signed. */
static size_t tbs(const struct tcert *cert, const uint8_t **ret)
{
	const uint8_t *p = cert->der + (cert->der[1] < 0x80 ? 2 : 2 + (cert->der[1] & 0x7f));
	size_t n = p[1], head = 2, i;

	if (n >= 0x80) {
		head += n & 0x7f;
		for (n = 0, i = 2; i < head; i++)
			n = n << 8 | p[i];
	}
	*ret = p;
	return head + n;
}

TEST_F(key, certificates_are_for_ca_sign_alone)
{
	int ca = key_for(_metadata, "ca-sign"), both, server;
	uint8_t digest[32] = { 0 };
	const uint8_t *message;
	struct t_sign s;
	size_t n = tbs(&self->cert, &message);

	t_sign_init(&s, message, n);
	s.arg.purpose = KEY(CA_SIGN);
	EXPECT_EQ(0, t_sign(ca, &s));
	s.arg.scheme = 0x0503;		/* not the one that stands in it */
	EXPECT_EQ(-EACCES, t_sign(ca, &s));
	s.arg.scheme = 0x0403;
	s.arg.message_len--;
	EXPECT_EQ(-EACCES, t_sign(ca, &s));
	EXPECT_EQ(-EACCES, t_sign_text(ca, KEY(CA_SIGN), "text"));
	t_sign_init(&s, digest, 32);
	s.arg.purpose = KEY(CA_SIGN);
	s.arg.flags = CAPCERT_SIGN_DIGEST;
	EXPECT_EQ(-EINVAL, t_sign(ca, &s));
	t_sign_init(&s, message, n);
	EXPECT_EQ(-EACCES, t_sign(self->fd, &s));
	/* A key that signs certificates signs no digest for anything, by no handle. */
	both = key_for(_metadata, "tls-server,ca-sign");
	server = NARROW(both, .purposes = MASK(TLS_SERVER));
	ASSERT_LE(0, server);
	EXPECT_EQ(-EACCES, t_sign(server, &s));
	EXPECT_EQ(0, t_sign_text(server, KEY(TLS_SERVER), "text"));
	t_sign_init(&s, digest, 32);
	s.arg.flags = CAPCERT_SIGN_DIGEST;
	EXPECT_EQ(-EINVAL, t_sign(server, &s));
	EXPECT_EQ(-EINVAL, t_sign(both, &s));
}

TEST_F(key, signatures_that_can_not_be)
{
	static const struct {
		const char *bytes;
		uint32_t len;
	} bad[] = {
		{ "", 0 },
		{ "\x30\x06\x02\x01\x00\x02\x01\x01", 8 },
		{ "\x30\x06\x02\x01\x01\x02\x01\xff", 8 },
		{ "\x30\x06\x02\x01\x01\x02\x01\x01\x00", 9 },
		{ "\x30\x81\x06\x02\x01\x01\x02\x01\x01", 9 },
		{ "\x30\x06\x02\x01\x01\x02\x01", 7 },
		{ "noise", 5 },
	};
	static const uint8_t zeros[300];
	int rsa, ed;
	struct t_sign s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		self->keyd.signature = (const uint8_t *)bad[i].bytes;
		self->keyd.signature_len = bad[i].len;
		t_sign_init(&s, "text", 4);
		EXPECT_EQ(-EIO, t_sign(self->fd, &s))
			TH_LOG("number %zu", i);
		EXPECT_EQ(0, s.signature[0]);
	}
	self->keyd.key = KEYD_RSA2048;
	rsa = key_for(_metadata, "tls-server");
	self->keyd.key = KEYD_ED25519;
	ed = key_for(_metadata, "tls-server");
	self->keyd.signature = zeros;
	for (i = 60; i < 260; i++) {
		self->keyd.signature_len = (uint32_t)i;
		t_sign_init(&s, "text", 4);
		s.arg.scheme = 0x0804;
		EXPECT_EQ(i == 256 ? 0 : -EIO, t_sign(rsa, &s));
		s.arg.scheme = 0x0807;
		EXPECT_EQ(i == 64 ? 0 : -EIO, t_sign(ed, &s));
	}
}

TEST_F(key, the_keepers_errors)
{
	static const int errors[] = { -ENODEV, -EACCES, -EOPNOTSUPP, -EKEYREJECTED };
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		self->keyd.sign_error = errors[i];
		EXPECT_EQ(errors[i], t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
	}
}

TEST_F(key, rights)
{
	static const uint64_t all[] = { CAPCERT_RIGHT_INFO, CAPCERT_RIGHT_RESTRICT,
					CAPCERT_RIGHT_TRANSFER, CAPCERT_RIGHT_PUBLIC,
					CAPCERT_RIGHT_SIGN };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int fd = narrow(self->fd, all[i], &(struct capcert_key_restrict){ 0 });
		struct capcert_key_info k;

		ASSERT_LE(0, fd);
		EXPECT_EQ(all[i] == CAPCERT_RIGHT_SIGN ? 0 : -EACCES,
			  t_sign_text(fd, KEY(TLS_SERVER), "text"));
		EXPECT_EQ(all[i] == CAPCERT_RIGHT_INFO ? 0 : -EACCES, key_info(fd, &k));
		EXPECT_EQ(-EACCES, narrow(fd, T_RIGHTS_KEY, &(struct capcert_key_restrict){ 0 }));
		close(fd);
	}
	EXPECT_EQ(-EACCES, t_open(self->key, T_RIGHTS_KEY | CAPCERT_RIGHT_READ));
}

/* ---- limits ---- */

struct racer {
	pthread_t thread;
	int fd, tries;
	unsigned int good, quota, other;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	int i;

	for (i = 0; i < r->tries; i++) {
		int err = t_sign_text(r->fd, KEY(TLS_SERVER), "text");

		r->good += !err;
		r->quota += err == -EDQUOT;
		r->other += err && err != -EDQUOT;
	}
	return NULL;
}

/* Eight threads, two handles that draw on one count, one of which has a count of its own. */
TEST_F(key, uses_are_counted_exactly)
{
	struct racer r[8];
	struct capcert_key_info k;
	int parent = NARROW(self->fd, .max_uses = 100), child;
	unsigned int good = 0, by_child = 0, i;

	ASSERT_LE(0, parent);
	child = NARROW(parent, .max_uses = 30);
	ASSERT_LE(0, child);
	memset(r, 0, sizeof(r));
	for (i = 0; i < 8; i++) {
		r[i].fd = i & 1 ? child : parent;
		r[i].tries = 40;
		ASSERT_EQ(0, pthread_create(&r[i].thread, NULL, race, &r[i]));
	}
	for (i = 0; i < 8; i++) {
		pthread_join(r[i].thread, NULL);
		EXPECT_EQ(0, r[i].other);
		good += r[i].good;
		by_child += i & 1 ? r[i].good : 0;
	}
	EXPECT_EQ(100, good);
	EXPECT_GE(30, by_child);
	EXPECT_EQ(100, keyd_signs(&self->keyd));
	ASSERT_EQ(0, key_info(parent, &k));
	EXPECT_EQ(0, k.uses_left);
	ASSERT_EQ(0, key_info(child, &k));
	EXPECT_EQ(0, k.uses_left);
	/* The handle that has no limit has none. */
	EXPECT_EQ(0, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
}

TEST_F(key, limits_only_get_stricter)
{
	struct capcert_key_info k;
	int a = NARROW(self->fd, .max_uses = 2, .per_minute = 5, .not_after = t_now() + 1000), b, c;

	ASSERT_LE(0, a);
	b = NARROW(a, .max_uses = 50, .per_minute = 50, .not_after = t_now() + 5000);
	ASSERT_LE(0, b);
	ASSERT_EQ(0, key_info(b, &k));
	EXPECT_EQ(2, k.uses_left);
	EXPECT_EQ(5, k.per_minute);
	EXPECT_GE(t_now() + 1000, k.not_after);
	c = NARROW(b);
	ASSERT_LE(0, c);
	ASSERT_EQ(0, t_sign_text(c, KEY(TLS_SERVER), "text"));
	/* RESTRICT keeps them, too. */
	close(c);
	c = t_restrict(b, CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_INFO);
	ASSERT_LE(0, c);
	ASSERT_EQ(0, key_info(c, &k));
	EXPECT_EQ(1, k.uses_left);
	ASSERT_EQ(0, t_sign_text(c, KEY(TLS_SERVER), "text"));
	EXPECT_EQ(-EDQUOT, t_sign_text(c, KEY(TLS_SERVER), "text"));
	EXPECT_EQ(-EDQUOT, t_sign_text(a, KEY(TLS_SERVER), "text"));
	EXPECT_EQ(2, keyd_signs(&self->keyd));
}

TEST_F(key, per_minute)
{
	int fd = NARROW(self->fd, .per_minute = 3), i;

	ASSERT_LE(0, fd);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, t_sign_text(fd, KEY(TLS_SERVER), "text"));
	EXPECT_EQ(-EDQUOT, t_sign_text(fd, KEY(TLS_SERVER), "text"));
	EXPECT_EQ(3, keyd_signs(&self->keyd));
}

TEST_F(key, not_after)
{
	int fd = NARROW(self->fd, .not_after = t_now() - 1);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EKEYEXPIRED, t_sign_text(fd, KEY(TLS_SERVER), "text"));
	EXPECT_EQ(0, keyd_signs(&self->keyd));
	EXPECT_EQ(-EINVAL, NARROW(self->fd, .not_after = -1));
	close(fd);
	fd = NARROW(self->fd, .not_after = t_now() + 60);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, t_sign_text(fd, KEY(TLS_SERVER), "text"));
}

TEST_F(key, limits_stand_on_each_other)
{
	int fd = dup(self->fd), i, next;

	for (i = 0; i < 16; i++) {
		next = NARROW(fd, .max_uses = 100);
		ASSERT_LE(0, next);
		close(fd);
		fd = next;
	}
	EXPECT_EQ(-ENOSPC, NARROW(fd, .max_uses = 1));
	/* Without a new limit there is no end. */
	next = NARROW(fd);
	EXPECT_LE(0, next);
	EXPECT_EQ(0, t_sign_text(next, KEY(TLS_SERVER), "text"));
}

/* What was refused, or never seen by a keeper, is no use. */
TEST_F(key, what_is_not_counted)
{
	int fd = NARROW(self->fd, .max_uses = 5);
	struct capcert_key_info k;
	struct t_sign s;

	ASSERT_LE(0, fd);
	t_sign_init(&s, "text", 4);
	s.arg.scheme = 0x0804;
	EXPECT_EQ(-EOPNOTSUPP, t_sign(fd, &s));
	EXPECT_EQ(-EACCES, t_sign_text(fd, KEY(CA_SIGN), "text"));
	keyd_stop(&self->keyd);
	t_sign_init(&s, "text", 4);
	s.arg.timeout_ms = 100;
	EXPECT_EQ(-ETIMEDOUT, t_sign(fd, &s));
	ASSERT_EQ(0, key_info(fd, &k));
	EXPECT_EQ(5, k.uses_left);
	ASSERT_EQ(0, keyd_start(&self->keyd));
	/* An answer that is none may hide a signature. */
	self->keyd.sign_error = -EIO;
	EXPECT_EQ(-EIO, t_sign_text(fd, KEY(TLS_SERVER), "text"));
	ASSERT_EQ(0, key_info(fd, &k));
	EXPECT_EQ(4, k.uses_left);
}

/* ---- revocation, death, waiting ---- */

static int pausing_key;

static void revoke_meanwhile(struct fake_keyd *keyd)
{
	keyctl_revoke(pausing_key);
}

static void invalidate_meanwhile(struct fake_keyd *keyd)
{
	keyctl_invalidate(pausing_key);
}

/* Revoked while the keeper works: its signature is not handed out. */
TEST_F(key, revoked_meanwhile)
{
	struct t_sign s;

	pausing_key = self->key;
	self->keyd.pause = revoke_meanwhile;
	t_sign_init(&s, "text", 4);
	EXPECT_EQ(-EKEYREVOKED, t_sign(self->fd, &s));
	EXPECT_EQ(0, s.signature[0]);
	EXPECT_EQ(1, keyd_signs(&self->keyd));
	EXPECT_EQ(-EKEYREVOKED, t_sign(self->fd, &s));
	EXPECT_EQ(1, keyd_signs(&self->keyd));
}

TEST_F(key, invalidated_meanwhile)
{
	pausing_key = self->key;
	self->keyd.pause = invalidate_meanwhile;
	EXPECT_EQ(-ENOKEY, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
}

static int asking_fd;

static void *ask(void *arg)
{
	*(int *)arg = t_sign_text(asking_fd, KEY(TLS_SERVER), "text");
	return NULL;
}

/* Its keeper died of it: the caller is told, and no other one ever sees it. */
TEST_F(key, the_keeper_dies)
{
	uint8_t *buf = malloc(AGENT_BUF);
	struct capcert_agent_request *r = (void *)buf;
	int first, second, ret = 0, fd = NARROW(self->fd, .max_uses = 3);
	struct capcert_key_info k;
	struct fake_reply reply;
	pthread_t thread;

	ASSERT_LE(0, fd);
	keyd_stop(&self->keyd);
	first = agent_hello(CAPCERT_CLASS_SIGN, 0);
	second = agent_hello(CAPCERT_CLASS_SIGN, O_NONBLOCK);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	asking_fd = fd;
	ASSERT_EQ(0, pthread_create(&thread, NULL, ask, &ret));
	ASSERT_LT(0, agent_read(first, buf));
	EXPECT_EQ(CAPCERT_AGENT_OP_SIGN, r->op);
	/* Another's answer is nobody's. */
	keyd_reply(&self->keyd, r, &reply);
	EXPECT_EQ(-ENOENT, agent_write(second, &reply, r->id));
	close(first);
	pthread_join(thread, NULL);
	EXPECT_EQ(-EIO, ret);
	EXPECT_EQ(-EAGAIN, agent_read(second, buf));
	ASSERT_EQ(0, key_info(fd, &k));
	EXPECT_EQ(2, k.uses_left);
	close(second);
	free(buf);
	ASSERT_EQ(0, keyd_start(&self->keyd));
}

/* One answer counts, once; what comes after it finds nothing. */
TEST_F(key, answered_twice)
{
	uint8_t *buf = malloc(AGENT_BUF);
	struct capcert_agent_request *r = (void *)buf;
	struct fake_reply reply;
	pthread_t thread;
	int agent, ret = -1;

	keyd_stop(&self->keyd);
	agent = agent_hello(CAPCERT_CLASS_SIGN, 0);
	ASSERT_LE(0, agent);
	asking_fd = self->fd;
	ASSERT_EQ(0, pthread_create(&thread, NULL, ask, &ret));
	ASSERT_LT(0, agent_read(agent, buf));
	keyd_reply(&self->keyd, r, &reply);
	EXPECT_EQ(0, agent_write(agent, &reply, r->id));
	EXPECT_EQ(-ENOENT, agent_write(agent, &reply, r->id));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, ret);
	close(agent);
	free(buf);
	ASSERT_EQ(0, keyd_start(&self->keyd));
}

TEST_F(key, deadline)
{
	uint64_t before = t_ms();
	struct t_sign s;

	keyd_stop(&self->keyd);
	t_sign_init(&s, "text", 4);
	s.arg.timeout_ms = 200;
	EXPECT_EQ(-ETIMEDOUT, t_sign(self->fd, &s));
	EXPECT_LE(190, t_ms() - before);
	EXPECT_TRUE(t_pending_becomes(0));
	ASSERT_EQ(0, keyd_start(&self->keyd));
}

/* As many as a user may have wait; the next is refused at once; a killed caller leaves nothing. */
TEST_F(key, queue_and_killed_callers)
{
	pid_t pid;
	int i;

	keyd_stop(&self->keyd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		pthread_t thread;
		int ret[64];

		asking_fd = self->fd;
		for (i = 0; i < 64; i++)
			pthread_create(&thread, NULL, ask, &ret[i]);
		pause();
		_exit(1);
	}
	EXPECT_TRUE(t_pending_becomes(64));
	EXPECT_EQ(-EDQUOT, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_TRUE(t_pending_becomes(0));
	ASSERT_EQ(0, keyd_start(&self->keyd));
	EXPECT_EQ(0, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
}

/* ---- keyctl ---- */

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

/* ---- audit ---- */

TEST_F(key, every_signature_is_audited)
{
	struct capcert_audit_record rec[8];
	struct capcert_audit_read a = {
		.size = sizeof(a), .buf = (uintptr_t)rec, .count = 8, .record_size = sizeof(rec[0]),
	};
	int log = t_open_audit(T_RIGHTS_AUDIT);
	struct capcert_status s;
	uint8_t hash[32];
	uint32_t i, seen = 0;

	ASSERT_LE(0, log);
	ASSERT_EQ(0, t_status(&s));
	ASSERT_EQ(0, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
	ASSERT_EQ(-EACCES, t_sign_text(self->fd, KEY(CA_SIGN), "text"));
	t_sha256("text", 4, hash);
	a.from = s.audit_sequence + 1;
	ASSERT_EQ(0, t_ioctl(log, CAPCERT_AUDIT_READ, &a));
	for (i = 0; i < a.count; i++) {
		if (rec[i].op != CAPCERT_AUDIT_SIGN)
			continue;
		EXPECT_EQ(CAPCERT_KIND_KEY, rec[i].kind);
		EXPECT_EQ(seen ? -EACCES : 0, rec[i].error);
		EXPECT_STREQ(seen ? "ca-sign ecdsa-sha256" : "tls-server ecdsa-sha256", rec[i].text);
		if (!seen)
			EXPECT_EQ(0, memcmp(hash, rec[i].digest, 32));
		seen++;
	}
	EXPECT_EQ(2, seen);
}

TEST_HARNESS_MAIN
