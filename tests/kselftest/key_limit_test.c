// SPDX-License-Identifier: GPL-2.0-only
/* Limits of a handle: uses, uses in a minute, its end. */
#include "key.h"

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

TEST_HARNESS_MAIN
