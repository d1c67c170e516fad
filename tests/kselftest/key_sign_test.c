// SPDX-License-Identifier: GPL-2.0-only
/* What a private key signs and what not; each signature on record. */
#include "key.h"

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
