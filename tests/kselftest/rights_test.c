// SPDX-License-Identifier: GPL-2.0-only
/* Rights: no call without its right, no way to more, and what a key's permissions give. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define RIGHT_BITS 18

FIXTURE(rights) {
	struct t_world w;
	union t_arg arg;
	struct t_state before;
};

FIXTURE_SETUP(rights)
{
	ASSERT_EQ(0, t_world_make(&self->w));
}

FIXTURE_TEARDOWN(rights)
{
	t_world_free(&self->w);
}

static const uint32_t kinds[] = { CAPCERT_KIND_CERT, CAPCERT_KIND_STORE, CAPCERT_KIND_VERIFIER,
				  CAPCERT_KIND_PINS, CAPCERT_KIND_KEY, CAPCERT_KIND_AUDIT,
				  CAPCERT_KIND_OUTCOME, CAPCERT_KIND_EVIDENCE,
				  CAPCERT_KIND_SLOT, CAPCERT_KIND_WATCH,
				  CAPCERT_KIND_TLS };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The next subset of @mask after @subset; 0 comes after the whole mask. */
static uint64_t next_subset(uint64_t subset, uint64_t mask)
{
	return (subset - mask) & mask;
}

/* For every row: all rights but the one needed. */
TEST_F(rights, each_call_needs_its_right)
{
	const struct t_call *c;
	struct t_state after;
	size_t i;

	for (c = t_calls; c < t_calls + t_call_count; c++) {
		for (i = 0; i < KINDS; i++) {
			uint64_t all = t_rights_of_kind(kinds[i]);
			int fd;

			if (!c->right || !(c->kinds & (1u << kinds[i])))
				continue;
			fd = t_restrict(self->w.file[kinds[i]], all & ~c->right);
			ASSERT_LE(0, fd);
			t_call_prepare(&self->w, c, kinds[i], &self->arg);
			ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &self->before));
			EXPECT_EQ(-EACCES, t_call_run(c, fd, &self->arg))
				TH_LOG("%s on kind %u", c->name, kinds[i]);
			ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &after));
			EXPECT_TRUE(t_state_equal(&self->before, &after))
				TH_LOG("%s on kind %u", c->name, kinds[i]);
			t_state_free(&self->before);
			t_state_free(&after);
			close(fd);
			/* The same argument succeeds with the right: the refusal was about it. */
			EXPECT_EQ(0, t_call_run(c, self->w.file[kinds[i]], &self->arg))
				TH_LOG("%s on kind %u", c->name, kinds[i]);
		}
	}
}

/* Every subset of every kind: the handle has exactly it, and each call follows its right. */
TEST_F_TIMEOUT(rights, every_subset, 55)
{
	const struct t_call *c;
	size_t i;

	for (i = 0; i < KINDS; i++) {
		uint64_t all = t_rights_of_kind(kinds[i]), s = 0;

		do {
			struct capcert_info info;
			int fd = t_restrict(self->w.file[kinds[i]], s);

			ASSERT_LE(0, fd)
				TH_LOG("kind %u rights %#llx", kinds[i], (unsigned long long)s);
			if (s & RIGHT(INFO)) {
				ASSERT_EQ(0, t_info(fd, &info));
				ASSERT_EQ(s, info.rights);
			}
			for (c = t_calls; c < t_calls + t_call_count; c++) {
				if (!c->right || !(c->kinds & (1u << kinds[i])))
					continue;
				/* Calls that change things or ask the agent: refusals only. */
				if ((s & c->right) && (c->cmd == CAPCERT_ADD ||
						       c->cmd == CAPCERT_REMOVE ||
						       c->cmd == CAPCERT_PINS_ADD ||
						       c->cmd == CAPCERT_PINS_REMOVE ||
						       c->cmd == CAPCERT_VERIFY_SIG ||
						       c->cmd == CAPCERT_SLOT_PUT ||
						       c->cmd == CAPCERT_SLOT_DELETE ||
						       c->cmd == CAPCERT_SIGN))
					continue;
				t_call_prepare(&self->w, c, kinds[i], &self->arg);
				if (c->cmd == CAPCERT_RESTRICT)
					self->arg.restrict_.rights = s;
				if (c->cmd == CAPCERT_KEY_RESTRICT)
					self->arg.key_restrict.rights = s;
				if (c->cmd == CAPCERT_SLOT_RESTRICT)
					self->arg.slot_restrict.rights = s;
				ASSERT_EQ(s & c->right ? 0 : -EACCES, t_call_run(c, fd, &self->arg))
					TH_LOG("%s on kind %u rights %#llx", c->name, kinds[i],
					       (unsigned long long)s);
			}
			close(fd);
			s = next_subset(s, all);
		} while (s);
	}
}

/* From every subset that may RESTRICT, no right outside comes back. */
TEST_F_TIMEOUT(rights, restrict_never_adds, 55)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		uint64_t all = t_rights_of_kind(kinds[i]), s = 0;

		do {
			unsigned int bit;
			int fd;

			if (!(s & RIGHT(RESTRICT))) {
				s = next_subset(s, all);
				continue;
			}
			fd = t_restrict(self->w.file[kinds[i]], s);
			ASSERT_LE(0, fd);
			for (bit = 0; bit < RIGHT_BITS; bit++) {
				uint64_t r = 1ULL << bit;

				if (s & r)
					continue;
				ASSERT_EQ(-EACCES, t_restrict(fd, s | r))
					TH_LOG("kind %u, %#llx + %#llx", kinds[i],
					       (unsigned long long)s, (unsigned long long)r);
				ASSERT_EQ(-EACCES, t_restrict(fd, r));
			}
			close(fd);
			s = next_subset(s, all);
		} while (s);
	}
}

/* No kind may hold a right that is not its own, even for the owner of everything. */
TEST_F(rights, mask_per_kind)
{
	unsigned int bit;
	size_t i;

	for (i = 0; i < KINDS; i++) {
		for (bit = 0; bit < RIGHT_BITS; bit++) {
			uint64_t r = 1ULL << bit;
			bool own = t_rights_of_kind(kinds[i]) & r;
			int fd = -EACCES;

			if (self->w.key[kinds[i]])
				fd = t_open(self->w.key[kinds[i]], r);
			else if (kinds[i] == CAPCERT_KIND_AUDIT)
				fd = t_open_audit(r);
			else
				fd = own ? 0 : -EACCES;
			/* OPEN_AUDIT has no key that grants: its rights are an enumeration. */
			EXPECT_EQ(own ? 0 : kinds[i] == CAPCERT_KIND_AUDIT ? -EINVAL : -EACCES,
				  fd < 0 ? fd : 0)
				TH_LOG("kind %u right %u", kinds[i], bit);
			if (fd > 0)
				close(fd);
			if (!own)
				EXPECT_EQ(-EACCES, t_restrict(self->w.file[kinds[i]], r));
		}
	}
}

/* Handles as arguments need rights of their own. */
TEST_F(rights, argument_handles)
{
	int store = t_restrict(self->w.file[CAPCERT_KIND_STORE], T_RIGHTS_STORE & ~RIGHT(VERIFY));
	int cert = t_restrict(self->w.file[CAPCERT_KIND_CERT], T_RIGHTS_CERT & ~RIGHT(READ));
	int pub = t_restrict(self->w.file[CAPCERT_KIND_CERT], T_RIGHTS_CERT & ~RIGHT(VERIFY_SIG));
	int pins = t_restrict(self->w.file[CAPCERT_KIND_PINS], T_RIGHTS_PINS & ~RIGHT(ENFORCE));
	int verifier = self->w.file[CAPCERT_KIND_VERIFIER];
	const struct t_call *c;
	struct t_state after;

	ASSERT_LE(0, store);
	ASSERT_LE(0, cert);
	ASSERT_LE(0, pub);
	ASSERT_LE(0, pins);
	for (c = t_calls; c < t_calls + t_call_count; c++) {
		if (c->cmd == CAPCERT_VERIFY) {
			t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
			self->arg.verify.store_fd = store;
			EXPECT_EQ(-EACCES, t_call_run(c, verifier, &self->arg));
			t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
			self->w.chain[0] = (struct capcert_blob){ .fd = cert };
			EXPECT_EQ(-EACCES, t_call_run(c, verifier, &self->arg));
			self->w.chain[0] = (struct capcert_blob){ .fd = pub };
			EXPECT_EQ(0, t_call_run(c, verifier, &self->arg));
			t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
			self->arg.verify.pins_fd = pins;
			EXPECT_EQ(-EACCES, t_call_run(c, verifier, &self->arg));
		} else if (c->cmd == CAPCERT_VERIFY_SIG) {
			t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
			self->arg.verify_sig.cert_fd = pub;
			EXPECT_EQ(-EACCES, t_call_run(c, verifier, &self->arg));
			self->arg.verify_sig.cert_fd = cert;
			EXPECT_EQ(0, t_call_run(c, verifier, &self->arg));
		} else if (c->cmd == CAPCERT_ADD) {
			struct capcert_add *a = &self->arg.add;

			ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &self->before));
			t_call_prepare(&self->w, c, CAPCERT_KIND_STORE, &self->arg);
			a->cert = (struct capcert_blob){ .fd = cert };
			a->pin = (uintptr_t)self->w.leaf.spki_hash;
			EXPECT_EQ(-EACCES, t_call_run(c, self->w.file[CAPCERT_KIND_STORE],
						      &self->arg));
			ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &after));
			EXPECT_TRUE(t_state_equal(&self->before, &after));
			t_state_free(&self->before);
			t_state_free(&after);
		}
	}
}

/* ---- what a key's permissions give ---- */

static const char policy[] = "preset=webpki-lenient";

static int make_key(uint32_t kind, const char *name, const struct tcert *cert)
{
	switch (kind) {
	case CAPCERT_KIND_CERT:
		return t_key_cert(name, cert);
	case CAPCERT_KIND_STORE:
		return t_key_store(name);
	case CAPCERT_KIND_PINS:
		return t_key_pins(name, "expires=never");
	case CAPCERT_KIND_KEY:
		return t_key_private(name, "tls-server");
	case CAPCERT_KIND_SLOT:
		return t_key_slots(name);
	default:
		return t_key_verifier(name, policy);
	}
}

/* Permission bits VIEW 1, READ 2, WRITE 4, SEARCH 8, LINK 16, SETATTR 32, in any position. */
static uint64_t granted(uint32_t bits, bool possessed)
{
	uint64_t r = 0;

	if (bits & 1)
		r |= RIGHT(INFO);
	if (bits & 2)
		r |= RIGHT(READ) | RIGHT(VERIFY) | RIGHT(VERIFY_SIG) | RIGHT(PUBLIC) |
		     RIGHT(WATCH) | RIGHT(ENFORCE) | RIGHT(GET) | RIGHT(LIST);
	if (bits & 4)
		r |= RIGHT(ADD) | RIGHT(REMOVE) | RIGHT(PUT) | RIGHT(DELETE);
	if (bits & 16)
		r |= RIGHT(RESTRICT) | RIGHT(TRANSFER);
	if ((bits & 8) && possessed)
		r |= RIGHT(FETCH) | RIGHT(SIGN) | RIGHT(USE);
	return r;
}

struct grant_error {
	uint32_t kind, bits, right;
	int got;
};

/* Try each right alone, and all that should be granted at once. */
static bool grants_are(int key, uint32_t kind, uint64_t want, struct grant_error *e)
{
	uint64_t all = t_rights_of_kind(kind), r;
	unsigned int bit;
	int fd;

	for (bit = 0; bit <= RIGHT_BITS; bit++) {
		r = bit < RIGHT_BITS ? 1ULL << bit : want & all;
		if (!(r & all))
			continue;
		fd = t_open(key, r);
		if (fd >= 0)
			close(fd);
		if (r & ~want ? fd != -EACCES : fd < 0) {
			e->right = bit;
			e->got = fd;
			return false;
		}
	}
	return true;
}

FIXTURE(perms) {
	struct tcert cert;
	struct fake_keyd keyd;
};

FIXTURE_SETUP(perms)
{
	t_session();
	tcert_root(1, &self->cert);
	ASSERT_EQ(0, keyd_start(&self->keyd));
}

FIXTURE_TEARDOWN(perms)
{
	keyd_stop(&self->keyd);
	tcert_free(&self->cert);
}

/*
 * A key whose possessor lacks SEARCH is not found in his keyrings, so it is not possessed and
 * only the owner's bits count: none here.
 */
TEST_F(perms, possessor)
{
	struct grant_error e;
	uint32_t kind, bits;
	char name[64];

	for (kind = CAPCERT_KIND_CERT; kind <= CAPCERT_KIND_SLOT; kind++) {
		for (bits = 0; bits < 64; bits++) {
			int key;

			snprintf(name, sizeof(name), "pos %u %u", kind, bits);
			key = make_key(kind, name, &self->cert);
			ASSERT_LT(0, key);
			ASSERT_EQ(0, keyctl_setperm(key, bits << 24));
			EXPECT_TRUE(grants_are(key, kind, bits & 8 ? granted(bits, true) : 0, &e))
				TH_LOG("kind %u, permission %#x, right %u: %d", kind, bits << 24,
				       e.right, e.got);
		}
	}
}

static int not_possessed(uint32_t kind, const char *name, const struct tcert *cert, key_perm_t perm)
{
	int key = make_key(kind, name, cert);

	if (key < 0)
		return key;
	if (keyctl_link(key, KEY_SPEC_USER_KEYRING) || keyctl_setperm(key, perm) ||
	    keyctl_unlink(key, KEY_SPEC_SESSION_KEYRING))
		return -errno;
	return key;
}

/* The owner's bits without possession; SEARCH among them is refused altogether. */
TEST_F(perms, owner_without_possession)
{
	struct grant_error e;
	uint32_t kind, bits;
	char name[64];

	for (kind = CAPCERT_KIND_CERT; kind <= CAPCERT_KIND_SLOT; kind++) {
		for (bits = 0; bits < 64; bits++) {
			uint64_t want = bits & 8 ? 0 : granted(bits, false);
			int key;

			snprintf(name, sizeof(name), "usr %u %u", kind, bits);
			key = not_possessed(kind, name, &self->cert, KEY_POS_ALL | bits << 16);
			ASSERT_LT(0, key);
			EXPECT_TRUE(grants_are(key, kind, want, &e))
				TH_LOG("kind %u, permission %#x, right %u: %d", kind, bits << 16,
				       e.right, e.got);
			keyctl_clear(KEY_SPEC_USER_KEYRING);
		}
	}
}

/* Whoever has SEARCH may invalidate the key or use it round the handle: no handles of such keys. */
TEST_F(perms, others_with_search)
{
	static const key_perm_t wide[] = { KEY_USR_SEARCH, KEY_GRP_SEARCH, KEY_OTH_SEARCH };
	uint32_t kind;
	char name[64];
	size_t i;

	for (kind = CAPCERT_KIND_CERT; kind <= CAPCERT_KIND_SLOT; kind++) {
		for (i = 0; i < 3; i++) {
			struct capcert_status before, after;
			int key, fd;

			snprintf(name, sizeof(name), "wide %u %zu", kind, i);
			key = make_key(kind, name, &self->cert);
			ASSERT_LT(0, key);
			fd = t_open(key, RIGHT(INFO));
			EXPECT_LE(0, fd);
			close(fd);
			ASSERT_EQ(0, keyctl_setperm(key, T_PERM | wide[i]));
			ASSERT_EQ(0, t_status(&before));
			EXPECT_EQ(-EACCES, t_open(key, RIGHT(INFO)));
			EXPECT_EQ(-EACCES, t_open(key, t_rights_of_kind(kind)));
			EXPECT_EQ(-EACCES, t_open_name(CAPCERT_OPEN_NAME, kind, name, RIGHT(INFO)));
			ASSERT_EQ(0, t_status(&after));
			EXPECT_EQ(before.handles, after.handles);
			ASSERT_EQ(0, keyctl_setperm(key, T_PERM));
			fd = t_open(key, RIGHT(INFO));
			EXPECT_LE(0, fd);
			close(fd);
		}
	}
}

struct stranger {
	int store, other;
};

static int stranger(void *arg)
{
	struct stranger *s = arg;
	struct grant_error e;

	if (t_drop())
		return 1;
	if (!grants_are(s->store, CAPCERT_KIND_STORE, 0, &e))
		return 2;
	if (!grants_are(s->other, CAPCERT_KIND_STORE,
			RIGHT(INFO) | RIGHT(READ) | RIGHT(VERIFY), &e))
		return 3;
	if (t_open_name(CAPCERT_OPEN_NAME, CAPCERT_KIND_STORE, "strange", RIGHT(INFO)) != -ENOKEY)
		return 4;
	return 0;
}

/* Another user: nothing by default, OTHER's bits when the owner gives them. */
TEST_F(perms, another_user)
{
	struct stranger s = { t_key_store("strange"), t_key_store("open to others") };

	ASSERT_LT(0, s.store);
	ASSERT_LT(0, s.other);
	ASSERT_EQ(0, keyctl_setperm(s.other, T_PERM | KEY_OTH_VIEW | KEY_OTH_READ));
	EXPECT_EQ(0, t_child(stranger, &s));
}

TEST_F(perms, keys_of_other_types)
{
	key_serial_t user = add_key("user", "not ours", "x", 1, KEY_SPEC_SESSION_KEYRING);
	key_serial_t ring = keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0);

	ASSERT_LT(0, user);
	EXPECT_EQ(-EINVAL, t_open(user, RIGHT(INFO)));
	EXPECT_EQ(-EINVAL, t_open(ring, RIGHT(INFO)));
	EXPECT_EQ(-ENOKEY, t_open(0x7ffffff0, RIGHT(INFO)));
	EXPECT_EQ(-ENOKEY, t_open_name(CAPCERT_OPEN_NAME, CAPCERT_KIND_STORE, "not ours",
				       RIGHT(INFO)));
}

TEST_F(perms, names_are_per_process)
{
	struct capcert_info info;
	int key = t_key_store("webpki"), fd;

	ASSERT_LT(0, key);
	fd = t_open_name(CAPCERT_OPEN_NAME, CAPCERT_KIND_STORE, "webpki", T_RIGHTS_STORE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_EQ(key, info.serial);
	EXPECT_EQ(CAPCERT_ORIGIN_USER, info.origin);
	/* A user's own "webpki" is never the system's. */
	EXPECT_EQ(-ENOKEY, t_open_name(CAPCERT_OPEN_SYSTEM, CAPCERT_KIND_STORE, "webpki",
				       RIGHT(INFO)));
	EXPECT_EQ(-ENOKEY, t_open_name(CAPCERT_OPEN_NAME, CAPCERT_KIND_CERT, "webpki",
				       RIGHT(INFO)));
	t_session();
	EXPECT_EQ(-ENOKEY, t_open_name(CAPCERT_OPEN_NAME, CAPCERT_KIND_STORE, "webpki",
				       RIGHT(INFO)));
}

/* Rights are taken when the handle is made: later permissions touch later handles only. */
TEST_F(perms, permissions_changed_later)
{
	int key = t_key_store("later"), fd;

	ASSERT_LT(0, key);
	fd = t_open(key, T_RIGHTS_STORE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, keyctl_setperm(key, KEY_POS_SEARCH | KEY_POS_VIEW));
	EXPECT_EQ(-EACCES, t_open(key, T_RIGHTS_STORE));
	EXPECT_EQ(0, t_add(fd, &self->cert, 0));
	EXPECT_EQ(0, t_remove(fd, &self->cert));
}

TEST_HARNESS_MAIN
