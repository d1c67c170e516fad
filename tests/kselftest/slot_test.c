// SPDX-License-Identifier: GPL-2.0-only
/* Certificate slots: what may be put, what is got, who sees which, events in order. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_keyd.h"
#include "kselftest_harness.h"
#include "slots.h"

#define WEB "web/" T_NAME
#define RIGHT(name) CAPCERT_RIGHT_##name

FIXTURE(slot) {
	struct tcert root;
	struct tcert leaf;
	struct tcert other;	/* another leaf of the same root */
	struct fake_keyd keyd;
	int ring_key;		/* capslot */
	int slots;
	int key;		/* handle of the leaf's key */
	struct t_put put;
	struct t_get get;
};

FIXTURE_SETUP(slot)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	tcert_leaf(T_NAME, 2, 1, &self->other);
	self->keyd.cert = &self->leaf;
	ASSERT_EQ(0, keyd_start(&self->keyd));
	self->ring_key = t_key_slots("slots");
	ASSERT_LT(0, self->ring_key);
	self->slots = t_open(self->ring_key, T_RIGHTS_SLOT);
	ASSERT_LE(0, self->slots);
	self->key = t_open(t_key_private("leaf", "tls-server,ca-sign"), T_RIGHTS_KEY);
	ASSERT_LE(0, self->key);
	t_put_init(&self->put, WEB, &self->leaf, &self->root);
}

FIXTURE_TEARDOWN(slot)
{
	close(self->slots);
	close(self->key);
	keyd_stop(&self->keyd);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
	tcert_free(&self->other);
}

static int readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

/* ---- one value ---- */

TEST_F(slot, what_is_put_is_got)
{
	struct t_put *p = &self->put;
	struct t_get *g = &self->get;

	p->arg.staple_len = (uint32_t)t_staple(&self->leaf, &self->root, t_now() + 3600, 0,
					       p->staple);
	p->arg.scts_len = (uint32_t)t_scts(p->scts);
	p->arg.key_fd = self->key;
	ASSERT_EQ(0, t_put(self->slots, p));
	EXPECT_EQ(1, p->arg.version);
	EXPECT_LE(t_now() - 5, p->arg.time);
	ASSERT_EQ(0, t_get(self->slots, WEB, 0, g));
	EXPECT_EQ(-1, g->arg.key_fd);
	EXPECT_NE(0, g->arg.key_id);
	EXPECT_EQ(1, g->arg.version);
	EXPECT_EQ(p->arg.time, g->arg.time);
	EXPECT_EQ(2, g->arg.chain_count);
	EXPECT_EQ(self->leaf.not_after, g->arg.not_after);
	EXPECT_EQ(0, memcmp(g->arg.leaf, self->leaf.fingerprint, 32));
	ASSERT_EQ(self->leaf.len + self->root.len, g->arg.chain_len);
	EXPECT_EQ(0, memcmp(g->chain, self->leaf.der, self->leaf.len));
	EXPECT_EQ(0, memcmp(g->chain + self->leaf.len, self->root.der, self->root.len));
	ASSERT_EQ(p->arg.staple_len, g->arg.staple_len);
	EXPECT_EQ(0, memcmp(g->staple, p->staple, p->arg.staple_len));
	ASSERT_EQ(p->arg.scts_len, g->arg.scts_len);
	EXPECT_EQ(0, memcmp(g->scts, p->scts, p->arg.scts_len));
	EXPECT_EQ(1, t_slot_version(self->slots, WEB));
}

/* The key comes with SIGN alone, for TLS alone, and to this process alone. */
TEST_F(slot, key_of_a_slot)
{
	struct capcert_key_info key = { .size = sizeof(key) };
	struct capcert_info info;
	int narrow;

	self->put.arg.key_fd = self->key;
	ASSERT_EQ(0, t_put(self->slots, &self->put));
	narrow = t_restrict(self->slots, RIGHT(GET));
	ASSERT_LE(0, narrow);
	EXPECT_EQ(-EACCES, t_get(narrow, WEB, CAPCERT_SLOT_KEY, &self->get));
	EXPECT_EQ(0, t_get(narrow, WEB, 0, &self->get));
	ASSERT_EQ(0, t_get(self->slots, WEB, CAPCERT_SLOT_KEY, &self->get));
	ASSERT_LE(0, self->get.arg.key_fd);
	ASSERT_EQ(0, t_info(self->get.arg.key_fd, &info));
	EXPECT_EQ(RIGHT(SIGN) | RIGHT(PUBLIC) | RIGHT(INFO), info.rights);
	EXPECT_EQ((uint32_t)getpid(), info.bound_pid);
	EXPECT_EQ(self->get.arg.key_id, info.id);
	ASSERT_EQ(0, t_ioctl(self->get.arg.key_fd, CAPCERT_KEY_INFO, &key));
	EXPECT_EQ(1u << CAPCERT_KEY_TLS_SERVER, key.purposes);
	EXPECT_EQ(0, t_sign_text(self->get.arg.key_fd, CAPCERT_KEY_TLS_SERVER, "hello"));
	EXPECT_EQ(-EACCES, t_sign_text(self->get.arg.key_fd, CAPCERT_KEY_CA_SIGN, "hello"));
	close(self->get.arg.key_fd);
	close(narrow);
	/* A slot without a key has none to give. */
	ASSERT_EQ(0, t_put_leaf(self->slots, "bare", &self->leaf));
	ASSERT_EQ(0, t_get(self->slots, "bare", CAPCERT_SLOT_KEY, &self->get));
	EXPECT_EQ(-1, self->get.arg.key_fd);
	EXPECT_EQ(0, self->get.arg.key_id);
}

/* Key and slots each end it: what was handed out, and what would be. */
TEST_F(slot, key_ends_with_its_keys)
{
	int key = t_key_private("short", "tls-server"), fd = t_open(key, T_RIGHTS_KEY), got;

	ASSERT_LE(0, fd);
	self->put.arg.key_fd = fd;
	ASSERT_EQ(0, t_put(self->slots, &self->put));
	close(fd);
	ASSERT_EQ(0, t_get(self->slots, WEB, CAPCERT_SLOT_KEY, &self->get));
	got = self->get.arg.key_fd;
	ASSERT_EQ(0, keyctl_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, t_sign_text(got, CAPCERT_KEY_TLS_SERVER, "hello"));
	EXPECT_EQ(-EKEYREVOKED, t_get(self->slots, WEB, CAPCERT_SLOT_KEY, &self->get));
	EXPECT_EQ(0, t_get(self->slots, WEB, 0, &self->get));
	close(got);
	self->put.arg.key_fd = self->key;
	ASSERT_EQ(0, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_get(self->slots, WEB, CAPCERT_SLOT_KEY, &self->get));
	got = self->get.arg.key_fd;
	ASSERT_EQ(0, keyctl_revoke(self->ring_key));
	EXPECT_EQ(-EKEYREVOKED, t_sign_text(got, CAPCERT_KEY_TLS_SERVER, "hello"));
	EXPECT_EQ(-EKEYREVOKED, t_get(self->slots, WEB, 0, &self->get));
	EXPECT_EQ(0, t_sign_text(self->key, CAPCERT_KEY_TLS_SERVER, "hello"));
	close(got);
}

TEST_F(slot, key_that_may_not_be_put)
{
	struct capcert_key_restrict arg = {
		.size = sizeof(arg), .rights = T_RIGHTS_KEY,
		.purposes = 1u << CAPCERT_KEY_CA_SIGN, .pidfd = -1,
	};
	int bound = t_restrict(self->key, T_RIGHTS_KEY & ~RIGHT(TRANSFER));
	int mute = t_restrict(self->key, T_RIGHTS_KEY & ~RIGHT(SIGN));

	self->put.arg.key_fd = bound;
	EXPECT_EQ(-EACCES, t_put(self->slots, &self->put));
	self->put.arg.key_fd = mute;
	EXPECT_EQ(-EACCES, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_ioctl(self->key, CAPCERT_KEY_RESTRICT, &arg));
	self->put.arg.key_fd = arg.fd;
	EXPECT_EQ(-EACCES, t_put(self->slots, &self->put));
	self->put.arg.key_fd = self->slots;
	EXPECT_EQ(-EBADFD, t_put(self->slots, &self->put));
	self->put.arg.key_fd = -2;
	EXPECT_EQ(-EBADF, t_put(self->slots, &self->put));
	/* Another key than the leaf's. */
	t_put_init(&self->put, WEB, &self->other, &self->root);
	self->put.arg.key_fd = self->key;
	EXPECT_EQ(-EKEYREJECTED, t_put(self->slots, &self->put));
	EXPECT_EQ(0, t_slot_version(self->slots, WEB));
	close(arg.fd);
	close(bound);
	close(mute);
}

/* ---- what belongs together ---- */

TEST_F(slot, chains_that_are_refused)
{
	struct tcert stranger;
	struct t_put *p = &self->put;
	uint8_t two[4096];
	int i;

	tcert_root(7, &stranger);
	/* The issuer is another one, or the order is. */
	t_put_init(p, WEB, &self->leaf, &stranger);
	EXPECT_EQ(-EBADMSG, t_put(self->slots, p));
	t_put_init(p, WEB, &self->root, &self->leaf);
	EXPECT_EQ(-EBADMSG, t_put(self->slots, p));
	/* Bytes behind a certificate, two in one place, half a one. */
	memcpy(two, self->leaf.der, self->leaf.len);
	memcpy(two + self->leaf.len, self->root.der, self->root.len);
	t_put_init(p, WEB, &self->leaf, NULL);
	p->chain[0].ptr = (uintptr_t)two;
	p->chain[0].len = (uint32_t)(self->leaf.len + self->root.len);
	EXPECT_EQ(-EBADMSG, t_put(self->slots, p));
	p->chain[0].len = (uint32_t)self->leaf.len - 1;
	EXPECT_EQ(-EBADMSG, t_put(self->slots, p));
	p->chain[0].len = 0;
	EXPECT_EQ(-EINVAL, t_put(self->slots, p));
	p->arg.chain_count = 0;
	EXPECT_EQ(-EINVAL, t_put(self->slots, p));
	/* Itself as its issuer, over and over: a root may be, and 17 are too many. */
	t_put_init(p, WEB, &self->root, NULL);
	for (i = 0; i <= CAPCERT_SLOT_MAX_CHAIN; i++)
		p->chain[i] = p->chain[0];
	p->arg.chain_count = CAPCERT_SLOT_MAX_CHAIN + 1;
	EXPECT_EQ(-EMSGSIZE, t_put(self->slots, p));
	p->arg.chain_count = CAPCERT_SLOT_MAX_CHAIN;
	EXPECT_EQ(0, t_put(self->slots, p));
	EXPECT_EQ(1, t_slot_version(self->slots, WEB));
	tcert_free(&stranger);
}

TEST_F(slot, chain_of_handles)
{
	int leaf = t_cert("leaf", &self->leaf), root = t_cert("root", &self->root), blind;

	ASSERT_LE(0, leaf);
	blind = t_restrict(root, T_RIGHTS_CERT & ~RIGHT(READ));
	self->put.chain[0] = (struct capcert_blob){ .fd = leaf };
	self->put.chain[1] = (struct capcert_blob){ .fd = blind };
	EXPECT_EQ(-EACCES, t_put(self->slots, &self->put));
	self->put.chain[1].fd = root;
	EXPECT_EQ(0, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_get(self->slots, WEB, 0, &self->get));
	EXPECT_EQ(0, memcmp(self->get.chain, self->leaf.der, self->leaf.len));
	close(leaf);
	close(root);
	close(blind);
}

TEST_F(slot, staples)
{
	static const struct {
		unsigned int flags;
		int expect;
	} rows[] = {
		{ 0, 0 },
		{ T_STAPLE_NO_END, 0 },
		{ T_STAPLE_OTHER_KEY, -EBADMSG },
		{ T_STAPLE_OTHER_SERIAL, -EBADMSG },
		{ T_STAPLE_TWO, -EBADMSG },
		{ T_STAPLE_TRY_LATER, -EBADMSG },
	};
	struct t_put *p = &self->put;
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p->arg.staple_len = (uint32_t)t_staple(&self->leaf, &self->root, t_now() + 3600,
						       rows[i].flags, p->staple);
		EXPECT_EQ(rows[i].expect, t_put(self->slots, p))
			TH_LOG("flags %u", rows[i].flags);
	}
	/* About another certificate, and cut short anywhere. */
	p->arg.staple_len = (uint32_t)t_staple(&self->other, &self->root, t_now() + 3600, 0,
					       p->staple);
	EXPECT_EQ(-EBADMSG, t_put(self->slots, p));
	n = t_staple(&self->leaf, &self->root, t_now() + 3600, 0, p->staple);
	for (i = 1; i < n; i++) {
		p->arg.staple_len = (uint32_t)i;
		ASSERT_EQ(-EBADMSG, t_put(self->slots, p));
	}
	EXPECT_EQ(2, t_slot_version(self->slots, WEB));
	/* Without the issuer in the chain its key is not known; its name and the number are. */
	t_put_init(p, "short", &self->leaf, NULL);
	p->arg.staple_len = (uint32_t)t_staple(&self->leaf, &self->root, t_now() + 3600,
					       T_STAPLE_OTHER_KEY, p->staple);
	EXPECT_EQ(0, t_put(self->slots, p));
	p->arg.staple_len = (uint32_t)t_staple(&self->leaf, &self->root, t_now() + 3600,
					       T_STAPLE_OTHER_SERIAL, p->staple);
	EXPECT_EQ(-EBADMSG, t_put(self->slots, p));
	p->arg.staple_len = CAPCERT_SLOT_MAX_STAPLE + 1;
	EXPECT_EQ(-EMSGSIZE, t_put(self->slots, p));
}

/* The last good staple is given until its time is over, never after. */
TEST_F(slot, staple_that_is_over)
{
	self->put.arg.staple_len = (uint32_t)t_staple(&self->leaf, &self->root, t_now() - 10, 0,
						      self->put.staple);
	ASSERT_EQ(0, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_get(self->slots, WEB, 0, &self->get));
	EXPECT_EQ(0, self->get.arg.staple_len);
	EXPECT_GT(t_now(), self->get.arg.staple_until);
	EXPECT_NE(0, self->get.arg.staple_until);
}

TEST_F(slot, scts_that_are_refused)
{
	struct t_put *p = &self->put;
	size_t n = t_scts(p->scts), i;

	for (i = 1; i <= n; i++) {
		p->arg.scts_len = (uint32_t)i;
		ASSERT_EQ(i < n ? -EBADMSG : 0, t_put(self->slots, p));
	}
	p->scts[1]++;
	p->arg.scts_len = (uint32_t)n;
	EXPECT_EQ(-EBADMSG, t_put(self->slots, p));
	p->arg.scts_len = CAPCERT_SLOT_MAX_SCTS + 1;
	EXPECT_EQ(-EMSGSIZE, t_put(self->slots, p));
	EXPECT_EQ(1, t_slot_version(self->slots, WEB));
}

TEST_F(slot, the_staple_alone)
{
	struct t_put *p = &self->put, s;

	t_put_init(&s, WEB, &self->leaf, NULL);
	s.arg.flags = CAPCERT_SLOT_STAPLE;
	s.arg.chain = 0;
	s.arg.scts = 0;
	s.arg.chain_count = 0;
	s.arg.staple_len = (uint32_t)t_staple(&self->leaf, &self->root, t_now() + 3600, 0,
					      s.staple);
	EXPECT_EQ(-ENOENT, t_put(self->slots, &s));
	p->arg.scts_len = (uint32_t)t_scts(p->scts);
	p->arg.key_fd = self->key;
	ASSERT_EQ(0, t_put(self->slots, p));
	ASSERT_EQ(0, t_put(self->slots, &s));
	EXPECT_EQ(2, s.arg.version);
	ASSERT_EQ(0, t_get(self->slots, WEB, CAPCERT_SLOT_KEY, &self->get));
	EXPECT_LE(0, self->get.arg.key_fd);
	close(self->get.arg.key_fd);
	EXPECT_EQ(2, self->get.arg.chain_count);
	EXPECT_EQ(s.arg.staple_len, self->get.arg.staple_len);
	EXPECT_EQ(0, memcmp(self->get.scts, p->scts, p->arg.scts_len));
	/* Nothing else in the call, and about this leaf alone. */
	s.arg.key_fd = self->key;
	EXPECT_EQ(-EINVAL, t_put(self->slots, &s));
	s.arg.key_fd = -1;
	s.arg.chain_count = 1;
	EXPECT_EQ(-EINVAL, t_put(self->slots, &s));
	s.arg.chain_count = 0;
	s.arg.staple_len = (uint32_t)t_staple(&self->other, &self->root, t_now() + 3600, 0,
					      s.staple);
	EXPECT_EQ(-EBADMSG, t_put(self->slots, &s));
	s.arg.staple_len = 0;
	ASSERT_EQ(0, t_put(self->slots, &s));
	ASSERT_EQ(0, t_get(self->slots, WEB, 0, &self->get));
	EXPECT_EQ(0, self->get.arg.staple_len);
	EXPECT_EQ(0, self->get.arg.staple_until);
	EXPECT_EQ(3, self->get.arg.version);
}

TEST_F(slot, compare_and_swap)
{
	struct capcert_slot_delete d = {
		.size = sizeof(d), .flags = CAPCERT_SLOT_EXPECT, .expect = 9,
		.name = (uintptr_t)WEB, .name_len = sizeof(WEB) - 1,
	};
	struct t_put *p = &self->put;

	p->arg.flags = CAPCERT_SLOT_EXPECT;
	p->arg.expect = 1;
	EXPECT_EQ(-ESTALE, t_put(self->slots, p));
	p->arg.expect = 0;
	EXPECT_EQ(0, t_put(self->slots, p));
	EXPECT_EQ(-ESTALE, t_put(self->slots, p));
	p->arg.expect = 1;
	EXPECT_EQ(0, t_put(self->slots, p));
	EXPECT_EQ(2, p->arg.version);
	EXPECT_EQ(-ESTALE, t_ioctl(self->slots, CAPCERT_SLOT_DELETE, &d));
	d.expect = 2;
	EXPECT_EQ(0, t_ioctl(self->slots, CAPCERT_SLOT_DELETE, &d));
	EXPECT_EQ(3, d.version);
	d.flags = 0;
	EXPECT_EQ(-ENOENT, t_ioctl(self->slots, CAPCERT_SLOT_DELETE, &d));
}

/* ---- names ---- */

TEST_F(slot, names)
{
	static const char *const bad[] = { "/", "a/", "/a", "a//b", "..", "a/..", "a b", "a,b" };
	char name[CAPCERT_SLOT_NAME_SIZE + 1];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(-EINVAL, t_put_leaf(self->slots, bad[i], &self->leaf))
			TH_LOG("name %zu", i);
	EXPECT_EQ(-EINVAL, t_put_leaf(self->slots, "", &self->leaf));
	memset(name, 'x', sizeof(name));
	name[CAPCERT_SLOT_NAME_SIZE] = 0;
	EXPECT_EQ(-EINVAL, t_put_leaf(self->slots, name, &self->leaf));
	name[CAPCERT_SLOT_NAME_SIZE - 1] = 0;
	EXPECT_EQ(0, t_put_leaf(self->slots, name, &self->leaf));
	EXPECT_EQ(1, t_slot_version(self->slots, name));
}

static int list(int slots, const char *after, struct capcert_slot_entry *out, uint32_t count)
{
	struct capcert_slot_list arg = {
		.size = sizeof(arg), .buf = (uintptr_t)out, .count = count,
		.entry_size = sizeof(*out), .after = (uintptr_t)after,
		.after_len = after ? (uint32_t)strlen(after) : 0,
	};
	int err = t_ioctl(slots, CAPCERT_SLOT_LIST, &arg);

	return err ?: (int)arg.count;
}

TEST_F(slot, list_in_pages)
{
	struct capcert_slot_entry e[CAPCERT_SLOT_LIST_MAX];
	char name[32], after[CAPCERT_SLOT_NAME_SIZE] = "";
	int total = 0, n, i;

	for (i = 149; i >= 0; i--) {
		snprintf(name, sizeof(name), "s/%03d", i);
		ASSERT_EQ(0, t_put_leaf(self->slots, name, &self->leaf));
	}
	do {
		n = list(self->slots, *after ? after : NULL, e, 100);
		ASSERT_LE(0, n);
		for (i = 0; i < n; i++, total++) {
			snprintf(name, sizeof(name), "s/%03d", total);
			ASSERT_STREQ(name, e[i].name);
			ASSERT_EQ((uint64_t)(150 - total), e[i].version);
			ASSERT_EQ(0, memcmp(e[i].leaf, self->leaf.fingerprint, 32));
		}
		if (n)
			strcpy(after, e[n - 1].name);
	} while (n == CAPCERT_SLOT_LIST_MAX);
	EXPECT_EQ(150, total);
	EXPECT_EQ(1, list(self->slots, "s/148", e, 2));
	EXPECT_EQ(1, list(self->slots, "s/1485", e, 2));
	EXPECT_EQ(0, list(self->slots, "s/149", e, 2));
	EXPECT_EQ(0, list(self->slots, NULL, e, 0));
}

/* A narrower handle sees, changes and hears of its own slots only. */
TEST_F(slot, patterns)
{
	struct capcert_slot_event e[4];
	struct capcert_slot_entry l[4];
	struct capcert_info info;
	int web, one, watch;
	char text[64];

	web = t_slot_restrict(self->slots, T_RIGHTS_SLOT, "web/,mail");
	ASSERT_LE(0, web);
	ASSERT_EQ(0, t_put_leaf(self->slots, "db", &self->leaf));
	ASSERT_EQ(0, t_put_leaf(self->slots, "web/a", &self->leaf));
	ASSERT_EQ(0, t_put_leaf(self->slots, "web/b", &self->leaf));
	EXPECT_EQ(-ENOENT, t_get(web, "db", 0, &self->get));
	EXPECT_EQ(-EACCES, t_put_leaf(web, "db", &self->leaf));
	EXPECT_EQ(-EACCES, t_put_leaf(web, "web", &self->leaf));
	EXPECT_EQ(-EACCES, t_slot_delete(web, "db"));
	EXPECT_EQ(0, t_put_leaf(web, "mail", &self->leaf));
	EXPECT_EQ(3, list(web, NULL, l, 4));
	EXPECT_STREQ("mail", l[0].name);
	ASSERT_EQ(0, t_info(web, &info));
	EXPECT_EQ(3, info.count);
	EXPECT_EQ(4, info.version);
	EXPECT_LT(0, t_fdinfo(web, "capcert-slots", text, sizeof(text)));
	EXPECT_STREQ("web/,mail", text);
	/* Narrower yet, never wider. */
	EXPECT_EQ(-EACCES, t_slot_restrict(web, RIGHT(GET), "db"));
	EXPECT_EQ(-EACCES, t_slot_restrict(web, RIGHT(GET), "web/,mail,db"));
	EXPECT_EQ(-EINVAL, t_slot_restrict(web, RIGHT(GET), "web/,"));
	EXPECT_EQ(-EACCES, t_watch(web, "db", NULL));
	one = t_slot_restrict(web, T_RIGHTS_SLOT, "web/b");
	ASSERT_LE(0, one);
	EXPECT_EQ(-ENOENT, t_get(one, "web/a", 0, &self->get));
	EXPECT_EQ(1, list(one, NULL, l, 4));
	watch = t_watch(one, NULL, NULL);
	ASSERT_LE(0, watch);
	ASSERT_EQ(0, t_put_leaf(self->slots, "web/a", &self->leaf));
	EXPECT_EQ(0, readable(watch));
	EXPECT_EQ(0, t_next(watch, e, 4));
	ASSERT_EQ(0, t_put_leaf(self->slots, "web/b", &self->leaf));
	EXPECT_EQ(POLLIN, readable(watch));
	EXPECT_EQ(1, t_next(watch, e, 4));
	EXPECT_STREQ("web/b", e[0].name);
	/* A RESTRICT without patterns keeps them. */
	close(one);
	one = t_restrict(web, RIGHT(GET));
	EXPECT_EQ(-ENOENT, t_get(one, "db", 0, &self->get));
	close(one);
	close(web);
	close(watch);
}

/* ---- events ---- */

TEST_F(slot, events_in_order)
{
	struct capcert_slot_event e[8];
	uint64_t zero = 0, later = 99;
	struct t_put s;
	int w, again;

	w = t_watch(self->slots, NULL, NULL);
	ASSERT_LE(0, w);
	EXPECT_EQ(0, readable(w));
	EXPECT_EQ(0, t_next(w, e, 8));
	ASSERT_EQ(0, t_put(self->slots, &self->put));
	t_put_init(&s, WEB, &self->leaf, NULL);
	s.arg.flags = CAPCERT_SLOT_STAPLE;
	s.arg.chain = 0;
	s.arg.chain_count = 0;
	s.arg.scts = 0;
	ASSERT_EQ(0, t_put(self->slots, &s));
	ASSERT_EQ(0, t_put_leaf(self->slots, "b", &self->leaf));
	ASSERT_EQ(0, t_slot_delete(self->slots, WEB));
	EXPECT_EQ(POLLIN, readable(w));
	ASSERT_EQ(3, t_next(w, e, 3));
	EXPECT_EQ(CAPCERT_SLOT_EVENT_PUT, e[0].what);
	EXPECT_EQ(1, e[0].version);
	EXPECT_STREQ(WEB, e[0].name);
	EXPECT_EQ(CAPCERT_SLOT_EVENT_STAPLE, e[1].what);
	EXPECT_EQ(2, e[1].version);
	EXPECT_STREQ("b", e[2].name);
	EXPECT_EQ(POLLIN, readable(w));
	ASSERT_EQ(1, t_next(w, e, 8));
	EXPECT_EQ(CAPCERT_SLOT_EVENT_DELETE, e[0].what);
	EXPECT_EQ(4, e[0].version);
	EXPECT_EQ(0, readable(w));
	EXPECT_EQ(0, t_next(w, e, 8));
	/* From a version on: what came after it. */
	again = t_watch(self->slots, "b", &zero);
	ASSERT_LE(0, again);
	ASSERT_EQ(1, t_next(again, e, 8));
	EXPECT_EQ(3, e[0].version);
	EXPECT_EQ(-EINVAL, t_watch(self->slots, NULL, &later));
	/* A buffer that cannot be written costs no event. */
	ASSERT_EQ(0, t_put_leaf(self->slots, "b", &self->leaf));
	EXPECT_EQ(-EFAULT, t_next(again, (void *)1, 8));
	EXPECT_EQ(1, t_next(again, e, 8));
	close(w);
	close(again);
}

/* 300 events that nobody read: one marker in their place, and then on from there. */
TEST_F(slot, slow_reader_gets_one_resync)
{
	struct capcert_slot_event e[8];
	int slow, picky, i;

	slow = t_watch(self->slots, NULL, NULL);
	picky = t_watch(self->slots, "quiet", NULL);
	ASSERT_LE(0, picky);
	for (i = 0; i < 300; i++)
		ASSERT_EQ(0, t_put_leaf(self->slots, "busy", &self->leaf));
	EXPECT_EQ(POLLIN, readable(slow));
	ASSERT_EQ(1, t_next(slow, e, 8));
	EXPECT_EQ(CAPCERT_SLOT_EVENT_RESYNC, e[0].what);
	EXPECT_EQ(300, e[0].version);
	EXPECT_STREQ("", e[0].name);
	EXPECT_EQ(0, readable(slow));
	ASSERT_EQ(0, t_put_leaf(self->slots, "busy", &self->leaf));
	ASSERT_EQ(1, t_next(slow, e, 8));
	EXPECT_EQ(CAPCERT_SLOT_EVENT_PUT, e[0].what);
	EXPECT_EQ(301, e[0].version);
	/* Whose slots were quiet has missed nothing. */
	EXPECT_EQ(0, readable(picky));
	ASSERT_EQ(0, t_put_leaf(self->slots, "quiet", &self->leaf));
	ASSERT_EQ(1, t_next(picky, e, 8));
	EXPECT_EQ(CAPCERT_SLOT_EVENT_PUT, e[0].what);
	/* 256 are remembered, no more and no less. */
	for (i = 0; i < CAPCERT_SLOT_EVENTS; i++)
		ASSERT_EQ(0, t_put_leaf(self->slots, "busy", &self->leaf));
	ASSERT_EQ(1, t_next(slow, e, 1));
	EXPECT_EQ(CAPCERT_SLOT_EVENT_RESYNC, e[0].what);
	for (i = 0; i < CAPCERT_SLOT_EVENTS; i++)
		ASSERT_EQ(0, t_put_leaf(self->slots, "busy", &self->leaf));
	ASSERT_EQ(1, t_next(slow, e, 1));
	EXPECT_EQ(CAPCERT_SLOT_EVENT_PUT, e[0].what);
	close(slow);
	close(picky);
}

static int wait_for(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };

	return poll(&p, 1, 20000) == 1 ? p.revents : 0;
}

/* Who waits is woken: by an event, and by the end of the key. */
TEST_F(slot, revocation_ends_a_watch)
{
	struct capcert_slot_event e[1];
	int w = t_watch(self->slots, NULL, NULL), bound, status;
	pid_t pid;

	ASSERT_LE(0, w);
	pid = fork();
	if (!pid)
		_exit(wait_for(&w));
	usleep(50000);
	ASSERT_EQ(0, t_put_leaf(self->slots, "a", &self->leaf));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(POLLIN, WEXITSTATUS(status));
	ASSERT_EQ(1, t_next(w, e, 1));
	bound = t_restrict(w, RIGHT(WATCH));
	ASSERT_LE(0, bound);
	pid = fork();
	if (!pid)
		_exit(wait_for(&w));
	usleep(50000);
	ASSERT_EQ(0, keyctl_revoke(self->ring_key));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(POLLERR | POLLHUP, WEXITSTATUS(status));
	EXPECT_EQ(-EKEYREVOKED, t_next(w, e, 1));
	EXPECT_EQ(POLLERR | POLLHUP, readable(bound));
	close(bound);
	close(w);
}

/* ---- keyctl, limits, audit ---- */

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

TEST_F(slot, keyctl_shows_them)
{
	char text[1024];
	long n;

	EXPECT_EQ(-EINVAL, t_key("capslot", "text", "x", 1));
	self->put.arg.key_fd = self->key;
	ASSERT_EQ(0, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_put_leaf(self->slots, "a", &self->leaf));
	n = keyctl_read(self->ring_key, text, sizeof(text) - 1);
	ASSERT_LT(0, n);
	text[n] = 0;
	EXPECT_TRUE(strstr(text, "a version=2 leaf=") == text);
	EXPECT_NE(NULL, strstr(text, "; " WEB " version=1 leaf="));
	EXPECT_NE(NULL, strstr(text, " not-after=2"));
	EXPECT_NE(NULL, strstr(text, " key"));
	EXPECT_EQ(n, keyctl_read(self->ring_key, text, 10));
	EXPECT_TRUE(listed("slots: version 2, 2 slots"));
}

TEST_F(slot, nothing_is_left)
{
	struct capcert_status before, after;
	uint64_t big;
	int i, w;

	ASSERT_EQ(0, t_settle(&before));
	w = t_watch(self->slots, NULL, NULL);
	self->put.arg.key_fd = self->key;
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_settle(&after));
	big = after.object_bytes;
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_settle(&after));
	EXPECT_EQ(big, after.object_bytes);
	close(w);
	ASSERT_EQ(0, t_slot_delete(self->slots, WEB));
	ASSERT_EQ(0, t_settle(&after));
	EXPECT_EQ(before.objects, after.objects);
	EXPECT_EQ(before.handles, after.handles);
	EXPECT_EQ(before.object_bytes, after.object_bytes);
}

TEST_F_TIMEOUT(slot, as_many_as_there_may_be, 120)
{
	char name[32];
	int i;

	for (i = 0; i < CAPCERT_SLOT_MAX_SLOTS; i++) {
		snprintf(name, sizeof(name), "%d", i);
		ASSERT_EQ(0, t_put_leaf(self->slots, name, &self->leaf));
	}
	EXPECT_EQ(-ENOSPC, t_put_leaf(self->slots, "more", &self->leaf));
	EXPECT_EQ(0, t_put_leaf(self->slots, "7", &self->leaf));
	EXPECT_EQ(0, t_slot_delete(self->slots, "8"));
	EXPECT_EQ(0, t_put_leaf(self->slots, "more", &self->leaf));
}

static bool audited(int audit, uint64_t from, uint32_t op, int error, const char *text)
{
	struct capcert_audit_record r[64];
	struct capcert_audit_read arg = {
		.size = sizeof(arg), .from = from, .buf = (uintptr_t)r, .count = 64,
		.record_size = sizeof(r[0]),
	};
	uint32_t i;

	if (t_ioctl(audit, CAPCERT_AUDIT_READ, &arg))
		return false;
	for (i = 0; i < arg.count; i++)
		if (r[i].op == op && r[i].error == error && r[i].kind == CAPCERT_KIND_SLOT &&
		    !strcmp(r[i].text, text))
			return true;
	return false;
}

TEST_F(slot, audit_records)
{
	struct capcert_status s;
	int audit = t_open_audit(T_RIGHTS_AUDIT);
	uint64_t from;

	ASSERT_LE(0, audit);
	ASSERT_EQ(0, t_status(&s));
	from = s.audit_sequence + 1;
	self->put.arg.key_fd = self->key;
	ASSERT_EQ(0, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_get(self->slots, WEB, CAPCERT_SLOT_KEY, &self->get));
	close(self->get.arg.key_fd);
	t_put_init(&self->put, WEB, &self->other, &self->root);
	self->put.arg.key_fd = self->key;
	ASSERT_EQ(-EKEYREJECTED, t_put(self->slots, &self->put));
	ASSERT_EQ(0, t_slot_delete(self->slots, WEB));
	EXPECT_TRUE(audited(audit, from, CAPCERT_AUDIT_SLOT_PUT, 0, WEB));
	EXPECT_TRUE(audited(audit, from, CAPCERT_AUDIT_SLOT_GET, 0, WEB));
	EXPECT_TRUE(audited(audit, from, CAPCERT_AUDIT_SLOT_PUT, -EKEYREJECTED,
			    "the key is not the leaf's: " WEB));
	EXPECT_TRUE(audited(audit, from, CAPCERT_AUDIT_SLOT_DELETE, 0, WEB));
	close(audit);
}

TEST_HARNESS_MAIN
