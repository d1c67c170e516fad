// SPDX-License-Identifier: GPL-2.0-only
/* Signed bundles: what is admitted, what is refused and leaves everything as it was, and who sees it. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <capcert/bundle.h>
#include <capcert/capcert.h>

#include "bundles.h"
#include "calls.h"
#include "libcapcert/anchors.h"
#include "libcapcert/engine.h"
#include "kselftest_harness.h"

#define SLOW 300
#define RIGHT(name) CAPCERT_RIGHT_##name
#define RIGHTS (T_RIGHTS_ANY | RIGHT(VERIFY))
#define ROOTS 6
#define NAME_MAX_ 64

FIXTURE(admit) {
	struct tcert root[ROOTS];
	struct tbundle b;
	struct tbytes der;
	struct t_state before;
	struct t_state after;
	char name[NAME_MAX_];	/* of this test: floors stay for as long as the module does */
	uint64_t first;		/* a number above every one of a run before */
	uint64_t audit_from;
	int audit;
	int key;
};

static uint64_t audit_sequence(void)
{
	struct capcert_status s = { 0 };

	t_status(&s);
	return s.audit_sequence;
}

FIXTURE_SETUP(admit)
{
	static unsigned int nth;
	uint32_t i;

	if (!tsigner_there(TSIGN_BUILT_IN))
		SKIP(return, "no key to sign by: make bundle-keys");
	t_session();
	for (i = 0; i < ROOTS; i++)
		tcert_root(i, &self->root[i]);
	self->first = (uint64_t)time(NULL) << 16;
	snprintf(self->name, sizeof(self->name), "t%d-%u", (int)getpid(), nth++);
	self->b.name = self->name;
	self->b.number = self->first;
	tbundle_anchors(&self->b, self->root, 3);
	self->audit = t_open_audit(T_RIGHTS_AUDIT);
	ASSERT_LE(0, self->audit);
	self->audit_from = audit_sequence();
}

FIXTURE_TEARDOWN(admit)
{
	uint32_t i;

	for (i = 0; i < ROOTS; i++)
		tcert_free(&self->root[i]);
	tbundle_free(&self->b);
	tbytes_free(&self->der);
	t_state_free(&self->before);
	t_state_free(&self->after);
	close(self->audit);
}

#define SELF FIXTURE_DATA(admit) *self

static int add(const char *name, const struct tbytes *der)
{
	int key = (int)add_key("captrust", name, der->p, der->n, KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? -errno : key;
}

/* self->b, signed by @who, into the session keyring. */
static int admit_by(SELF, enum tsigner who)
{
	tbundle_make(&self->b, who, &self->der);
	return add(self->name, &self->der);
}

static int admit(SELF)
{
	return admit_by(self, TSIGN_BUILT_IN);
}

static int open_system(const char *name, uint64_t rights)
{
	return t_open_name(CAPCERT_OPEN_SYSTEM, CAPCERT_KIND_STORE, name, rights);
}

static int system_state(const char *name, struct t_state *ret)
{
	int fd = open_system(name, RIGHTS), err;

	if (fd < 0)
		return fd;
	err = t_state(fd, ret);
	close(fd);
	return err;
}

static int take(SELF, struct t_state *ret)
{
	t_state_free(ret);
	return system_state(self->name, ret);
}

/* The newest ADMIT record since the test began: its text. */
static const char *reason(SELF)
{
	static struct capcert_audit_record r[64];
	static char text[sizeof(r->text)];
	uint64_t from = self->audit_from + 1;
	uint32_t i;

	text[0] = 0;
	for (;;) {
		struct capcert_audit_read a = {
			.size = sizeof(a), .from = from, .buf = (uintptr_t)r, .count = 64,
			.record_size = sizeof(*r),
		};

		if (t_ioctl(self->audit, CAPCERT_AUDIT_READ, &a) || !a.count)
			return text;
		for (i = 0; i < a.count; i++)
			if (r[i].op == CAPCERT_AUDIT_ADMIT)
				memcpy(text, r[i].text, sizeof(text));
		from = a.next;
	}
}

/* A bundle is refused with @error_ and a reason that has @words; the store is as it was. */
#define REFUSED(error_, words, call) \
	do { \
		ASSERT_EQ(0, take(self, &self->before)); \
		EXPECT_EQ(error_, call); \
		EXPECT_NE(NULL, strstr(reason(self), words)) \
			TH_LOG("reason: %s, not: %s", reason(self), words); \
		ASSERT_EQ(0, take(self, &self->after)); \
		EXPECT_TRUE(t_state_equal(&self->before, &self->after)); \
	} while (0)

TEST_F(admit, first_and_newer)
{
	struct capcert_info info, again;
	uint8_t digest[32];
	int key, fd;

	EXPECT_EQ(-ENOKEY, open_system(self->name, RIGHTS));
	key = admit(self);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, take(self, &self->before));
	EXPECT_EQ(3, self->before.count);
	EXPECT_EQ(self->first, self->before.version);
	t_state_digest(&self->before, digest);
	EXPECT_EQ(0, memcmp(digest, self->before.digest, 32));
	fd = open_system(self->name, RIGHTS);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_STREQ(self->name, info.bundle);
	EXPECT_EQ(self->first, info.bundle_version);
	EXPECT_EQ(t_date(2026, 1, 1), info.created);
	EXPECT_EQ(0, info.owner_uid);
	EXPECT_NE(NULL, strstr(info.signer, "CN=capcert "));

	/* The same key by .update, another key of the name by .instantiate: one object. */
	self->b.number++;
	tbundle_anchors(&self->b, self->root, 0);
	ASSERT_EQ(key, admit(self));
	ASSERT_EQ(0, t_info(fd, &again));
	EXPECT_EQ(info.id, again.id);
	EXPECT_EQ(self->first + 1, again.bundle_version);
	keyctl_clear(KEY_SPEC_SESSION_KEYRING);
	self->b.number++;
	key = admit(self);
	ASSERT_LT(0, key);
	close(fd);
	fd = t_open(key, RIGHT(INFO));
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &again));
	EXPECT_EQ(info.id, again.id);
	EXPECT_EQ(self->first + 2, again.version);
	close(fd);
}

TEST_F(admit, origin_is_the_profiles)
{
	struct capcert_status status;
	struct capcert_info info;
	int fd;

	ASSERT_EQ(0, t_status(&status));
	ASSERT_LT(0, admit(self));
	fd = open_system(self->name, RIGHTS);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_EQ(status.profile == CAPCERT_PROFILE_DEV ? CAPCERT_ORIGIN_DEV :
							  CAPCERT_ORIGIN_SYSTEM, info.origin);
	close(fd);
}

TEST_F(admit, under_its_own_name)
{
	int key;

	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	key = add("", &self->der);
	ASSERT_LT(0, key);
	EXPECT_EQ(key, keyctl_search(KEY_SPEC_SESSION_KEYRING, "captrust", self->name, 0));
}

TEST_F(admit, rollback)
{
	ASSERT_LT(0, admit(self));
	REFUSED(-ESTALE, "not above the floor", admit(self));
	self->b.number--;
	REFUSED(-ESTALE, "not above the floor", admit(self));
	/* Whatever keyring: */
	keyctl_clear(KEY_SPEC_SESSION_KEYRING);
	REFUSED(-ESTALE, "not above the floor", admit(self));
}

TEST_F(admit, signatures)
{
	ASSERT_LT(0, admit(self));
	self->b.number++;
	REFUSED(-EKEYREJECTED, "does not fit the content", admit_by(self, TSIGN_STRANGER));
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	self->der.p[self->der.n / 2] ^= 1;
	REFUSED(-EKEYREJECTED, "does not fit the content", add(self->name, &self->der));
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	self->der.p[self->der.n - 1] ^= 1;
	REFUSED(-EKEYREJECTED, "does not fit the content", add(self->name, &self->der));
}

TEST_F(admit, expired_signer)
{
	struct capcert_status status;

	if (!tsigner_there(TSIGN_EXPIRED))
		SKIP(return, "no key that has expired: make bundle-keys");
	ASSERT_LT(0, admit(self));
	self->b.number++;
	EXPECT_EQ(0, take(self, &self->before));
	if (admit_by(self, TSIGN_EXPIRED) == -EKEYREJECTED &&
	    strstr(reason(self), "nobody this module knows"))
		SKIP(return, "this module was built without it: module-6.12 and module-debug have it");
	REFUSED(-EKEYEXPIRED, "signer's certificate has expired", admit_by(self, TSIGN_EXPIRED));
}

TEST_F_TIMEOUT(admit, truncated, SLOW)
{
	size_t n, whole;

	ASSERT_LT(0, admit(self));
	self->b.number++;
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	whole = self->der.n;
	ASSERT_EQ(0, take(self, &self->before));
	for (n = 1; n < whole; n += n < 64 ? 1 : 37) {
		self->der.n = n;
		EXPECT_EQ(-EBADMSG, add(self->name, &self->der))
			TH_LOG("%zu of %zu octets", n, whole);
	}
	self->der.n = whole;
	tbytes_put(&self->der, "", 1);
	EXPECT_EQ(-EBADMSG, add(self->name, &self->der));
	ASSERT_EQ(0, take(self, &self->after));
	EXPECT_TRUE(t_state_equal(&self->before, &self->after));
	self->der.n = whole;
	EXPECT_LT(0, add(self->name, &self->der));
}

TEST_F(admit, contents)
{
	struct tbytes good = { 0 };

	ASSERT_LT(0, admit(self));
	self->b.number++;
	self->b.expires = "20260102000000Z";
	REFUSED(-EKEYEXPIRED, "the bundle has expired", admit(self));
	self->b.expires = NULL;
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	REFUSED(-EINVAL, "another name than the bundle", add("somebody-else", &self->der));

	/* Twice the same, and in the wrong order. */
	tbytes_put(&good, self->b.anchors.p, self->b.anchors.n);
	tbytes_put(&self->b.anchors, self->root[0].der, self->root[0].len);
	REFUSED(-EBADMSG, "ascending", admit(self));
	self->b.anchors.n = 0;
	tbytes_put(&self->b.anchors, self->root[0].der, self->root[0].len);
	tbytes_put(&self->b.anchors, self->root[0].der, self->root[0].len);
	REFUSED(-EBADMSG, "ascending", admit(self));

	self->b.anchors.n = 0;
	tanchor_limited(&self->b.anchors, &self->root[0], &(struct tlimits){ .unknown = true });
	REFUSED(-EBADMSG, "unknown constraint", admit(self));
	self->b.anchors.n = 0;
	tanchor_limited(&self->b.anchors, &self->root[0], &(struct tlimits){ .purposes = 2 });
	REFUSED(-EBADMSG, "purposes", admit(self));
	self->b.anchors.n = 0;
	self->b.purposes = 1u << CAPCERT_PURPOSE_CT_LOG;
	tanchor_log(&self->b.anchors, &self->root[0], true);
	REFUSED(-EBADMSG, "anchor is malformed", admit(self));
	self->b.anchors.n = 0;
	tbytes_put(&self->b.anchors, good.p, good.n);
	REFUSED(-EBADMSG, "", admit(self)); /* certificates are no CT logs */
	self->b.purposes = 0;
	EXPECT_LT(0, admit(self));
	tbytes_free(&good);
}

TEST_F(admit, kinds_of_one_name)
{
	ASSERT_LT(0, admit(self));
	self->b.number++;
	self->b.kind = 3;
	self->b.of = self->name;
	REFUSED(-EINVAL, "another kind", admit(self));
	self->b.of = NULL;
	self->b.kind = 2;
	self->b.anchors.n = 0;
	REFUSED(-EINVAL, "called distrust", admit(self));
	self->b.kind = 0;
	self->b.name = "distrust";
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	REFUSED(-EINVAL, "called distrust", add("distrust", &self->der));
}

static int stranger(void *arg)
{
	const SELF = arg;
	struct t_state s = { 0 };
	struct capcert_admit ioctl_arg = { .size = sizeof(ioctl_arg) };
	struct capcert_floor floor = { .size = sizeof(floor), .name = (uintptr_t)self->name,
				       .name_len = (uint32_t)strlen(self->name) };
	int fd;

	ioctl_arg.fd = t_memfd(self->der.p, self->der.n);
	if (t_drop())
		return 1;
	t_session();
	if (add(self->name, &self->der) != -EPERM)
		return 2;
	if (t_ioctl(t_dev(), CAPCERT_ADMIT, &ioctl_arg) != -EPERM)
		return 3;
	/* A store of his own of the same name is his, and no way to the system's. */
	if (t_key_store(self->name) < 0)
		return 4;
	if (add(self->name, &self->der) != -EPERM)
		return 5;
	fd = open_system(self->name, RIGHTS);
	if (fd < 0 || t_state(fd, &s) || s.count != 3)
		return 6;
	if (open_system(self->name, RIGHT(ADD)) != -EACCES ||
	    open_system(self->name, RIGHT(REMOVE)) != -EACCES)
		return 7;
	if (t_ioctl(t_dev(), CAPCERT_FLOOR, &floor) || !floor.number)
		return 8;
	floor.number++;
	if (t_ioctl(t_dev(), CAPCERT_FLOOR, &floor) != -EPERM)
		return 9;
	return 0;
}

TEST_F(admit, others)
{
	ASSERT_LT(0, admit(self));
	ASSERT_EQ(0, take(self, &self->before));
	self->b.number++;
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	EXPECT_EQ(0, t_child(stranger, self));
	ASSERT_EQ(0, take(self, &self->after));
	EXPECT_TRUE(t_state_equal(&self->before, &self->after));
}

/* Its own store of that name is no way for a bundle into the system, not even root's. */
TEST_F(admit, own_store_of_that_name)
{
	ASSERT_LT(0, admit(self));
	keyctl_clear(KEY_SPEC_SESSION_KEYRING);
	ASSERT_LT(0, t_key_store(self->name));
	self->b.number++;
	REFUSED(-EEXIST, "somebody's own", admit(self));
}

TEST_F(admit, no_right_to_change)
{
	struct capcert_restrict r = { .rights = RIGHT(INFO) | RIGHT(READ), .pidfd = -1 };
	int key = admit(self), fd, copy;

	ASSERT_LT(0, key);
	EXPECT_EQ(-EACCES, t_open(key, RIGHT(ADD)));
	EXPECT_EQ(-EACCES, t_open(key, RIGHT(REMOVE) | RIGHT(READ)));
	EXPECT_EQ(-EACCES, open_system(self->name, RIGHT(ADD)));
	fd = open_system(self->name, RIGHTS);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EACCES, t_add(fd, &self->root[4], 0));
	EXPECT_EQ(-EACCES, t_remove(fd, &self->root[0]));
	/* A private copy keeps what it is; the store goes on. */
	r.fingerprints = (uintptr_t)self->root[1].fingerprint;
	r.fingerprint_count = 1;
	copy = t_restrict_arg(fd, &r);
	ASSERT_LE(0, copy);
	self->b.number++;
	ASSERT_LT(0, admit(self));
	ASSERT_EQ(0, t_state(copy, &self->after));
	EXPECT_EQ(1, self->after.count);
	EXPECT_EQ(self->first, self->after.version);
	close(copy);
	close(fd);
}

/* As root and as possessor: every way that the key service has of changing a key. */
TEST_F(admit, keyctl_changes_nothing)
{
	int key = admit(self), ring, sys, fd;
	struct capcert_info info;

	ASSERT_LT(0, key);
	fd = open_system(self->name, RIGHTS);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	sys = info.serial;
	ASSERT_NE(key, sys);
	ring = (int)keyctl_search(KEY_SPEC_SESSION_KEYRING, "keyring", ".capcert_system", 0);
	ASSERT_EQ(0, take(self, &self->before));
	ASSERT_EQ(0, keyctl_link(sys, KEY_SPEC_SESSION_KEYRING));
	self->b.number++;
	tbundle_make(&self->b, TSIGN_STRANGER, &self->der);
	EXPECT_EQ(-1, keyctl_update(sys, self->der.p, self->der.n < 4096 ? self->der.n : 4096));
	EXPECT_EQ(-1, keyctl_update(sys, NULL, 0));
	EXPECT_EQ(-1, keyctl_revoke(sys));
	EXPECT_EQ(-1, keyctl_invalidate(sys));
	EXPECT_EQ(-1, keyctl_set_timeout(sys, 1));
	EXPECT_EQ(-1, keyctl_setperm(sys, KEY_POS_ALL | KEY_USR_ALL));
	EXPECT_EQ(-1, keyctl_chown(sys, 12345, (gid_t)-1));
	EXPECT_EQ(-1, keyctl_instantiate(sys, "", 0, 0));
	EXPECT_EQ(-1, keyctl_negate(sys, 1, 0));
	EXPECT_EQ(-1, keyctl_reject(sys, 1, EKEYREVOKED, 0));
	EXPECT_EQ(-1, keyctl_clear(sys));
	EXPECT_EQ(-1, ring);
	EXPECT_EQ(0, keyctl_unlink(sys, KEY_SPEC_SESSION_KEYRING));
	ASSERT_EQ(0, take(self, &self->after));
	EXPECT_TRUE(t_state_equal(&self->before, &self->after));
	close(fd);
}

static int system_ring(void)
{
	char line[256];
	FILE *f = fopen("/proc/keys", "r");
	int serial = -1;

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "keyring   .capcert_system"))
			serial = (int)strtoul(line, NULL, 16);
	if (f)
		fclose(f);
	return serial;
}

TEST_F(admit, the_keyring_too)
{
	int key = admit(self), ring = system_ring(), fd;
	struct capcert_info info;

	ASSERT_LT(0, key);
	ASSERT_LT(0, ring);
	fd = open_system(self->name, RIGHTS);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_EQ(-1, keyctl_link(key, ring));
	EXPECT_EQ(-1, keyctl_unlink(info.serial, ring));
	EXPECT_EQ(-1, keyctl_clear(ring));
	EXPECT_EQ(-1, keyctl_revoke(ring));
	EXPECT_EQ(-1, keyctl_invalidate(ring));
	EXPECT_EQ(-1, keyctl_set_timeout(ring, 1));
	EXPECT_EQ(-1, keyctl_setperm(ring, KEY_POS_ALL | KEY_USR_ALL));
	EXPECT_EQ(-1, keyctl_chown(ring, 12345, (gid_t)-1));
	EXPECT_EQ(-1, keyctl_restrict_keyring(ring, NULL, NULL));
	EXPECT_EQ(-1, keyctl_move(info.serial, ring, KEY_SPEC_SESSION_KEYRING, 0));
	EXPECT_EQ(-1, (int)add_key("captrust", "x", NULL, 0, ring));
	EXPECT_EQ(-1, keyctl_link(ring, KEY_SPEC_SESSION_KEYRING));
	EXPECT_EQ(0, take(self, &self->after));
	close(fd);
}

TEST_F(admit, key_goes_store_stays)
{
	int key = admit(self), fd;

	ASSERT_LT(0, key);
	fd = t_open(key, RIGHT(INFO));
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, keyctl_revoke(key));
	EXPECT_EQ(-EKEYREVOKED, t_info(fd, &(struct capcert_info){ 0 }));
	EXPECT_EQ(0, take(self, &self->after));
	close(fd);
}

/* ---- deltas ---- */

static int delta(SELF, uint64_t base)
{
	self->b.kind = 1;
	self->b.base = base;
	self->b.number = base + 1;
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	return keyctl_update(self->key, self->der.p, self->der.n) ? -errno : 0;
}

TEST_F(admit, deltas)
{
	self->key = admit(self);
	ASSERT_LT(0, self->key);
	self->b.anchors.n = 0;
	tbundle_anchors(&self->b, &self->root[3], 1);
	tbytes_put(&self->b.remove, self->root[0].fingerprint, 32);
	EXPECT_EQ(0, delta(self, self->first));
	ASSERT_EQ(0, take(self, &self->after));
	EXPECT_EQ(3, self->after.count);
	EXPECT_EQ(self->first + 1, self->after.version);
	EXPECT_FALSE(t_state_has(&self->after, &self->root[0]));
	EXPECT_TRUE(t_state_has(&self->after, &self->root[3]));

	REFUSED(-ESTALE, "floor", delta(self, self->first));
	REFUSED(-ESTALE, "another number", delta(self, self->first + 2));
	/* It is gone already. */
	REFUSED(-ENOENT, "not there", delta(self, self->first + 1));
	/* CT logs do not become of certificates, by way of the purposes of a delta. */
	self->b.remove.n = 0;
	self->b.anchors.n = 0;
	tanchor_log(&self->b.anchors, &self->root[5], false);
	self->b.purposes = 1u << CAPCERT_PURPOSE_CT_LOG;
	REFUSED(-EINVAL, "not for the purposes", delta(self, self->first + 1));
	self->b.purposes = 3;
	self->b.anchors.n = 0;
	tbundle_anchors(&self->b, &self->root[4], 1);
	EXPECT_EQ(0, delta(self, self->first + 1));
	ASSERT_EQ(0, take(self, &self->after));
	EXPECT_EQ(4, self->after.count);
	EXPECT_EQ(3, self->after.anchors[0].purposes);
	self->b.name = "not-there";
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	EXPECT_EQ(-ENOENT, add("not-there", &self->der));
}

/* ---- anchors with more to them ---- */

TEST_F(admit, limited_anchors)
{
	const struct tlimits limits = { .distrust_after = "20250101000000Z",
					.sct_distrust_after = "20250601000000Z", .purposes = 1 };
	capcert_store *store;
	uint8_t print[8192];
	int fd, key;
	long n;

	self->b.anchors.n = 0;
	self->b.purposes = 3;
	tanchor_limited(&self->b.anchors, &self->root[0], &limits);
	key = admit(self);
	ASSERT_LT(0, key);
	ASSERT_EQ(0, take(self, &self->after));
	ASSERT_EQ(1, self->after.count);
	EXPECT_TRUE(t_state_has(&self->after, &self->root[0]));
	EXPECT_EQ(1, self->after.anchors[0].purposes);
	EXPECT_EQ(CAPCERT_ANCHOR_LIMITED | CAPCERT_ANCHOR_DISTRUST_AFTER |
		  CAPCERT_ANCHOR_SCT_DISTRUST_AFTER, self->after.anchors[0].flags);
	EXPECT_EQ(t_date(2025, 1, 1), self->after.anchors[0].distrust_after);
	EXPECT_EQ(t_date(2025, 6, 1), self->after.anchors[0].sct_distrust_after);
	n = keyctl_read(key, (char *)print, sizeof(print) - 1);
	ASSERT_LT(0, n);
	print[n] = 0;
	EXPECT_NE(NULL, strstr((char *)print, "limited distrust-after=2025-01-01T00:00:00Z"));

	/* The library makes the same of it. */
	fd = open_system(self->name, RIGHTS);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, capcert_store_from_handle(fd, &store));
	ASSERT_EQ(0, anchors_ready(store));
	EXPECT_EQ(0, memcmp(anchors_digest(store), self->after.digest, 32));
	capcert_store_free(store);
	close(fd);
}

struct seen {
	struct capcert_state_store head;
	int err;
};

/* Reads the store that the request pins, as the agents do, and builds it as they do. */
static void answer_state(struct fake_agent *a, const struct capcert_agent_request *request)
{
	static uint8_t state[65536];
	struct capcert_agent_state arg = {
		.size = sizeof(arg), .id = request->id, .what = CAPCERT_STATE_STORE,
		.len = sizeof(state), .buf = (uintptr_t)state,
	};
	struct seen *seen = a->user;
	struct fake_reply reply = { 0 };
	capcert_store *store;

	seen->err = t_ioctl(a->fd, CAPCERT_AGENT_STATE, &arg);
	if (!seen->err) {
		memcpy(&seen->head, state, sizeof(seen->head));
		seen->err = engine_store_from_state(state, arg.ret_len, &store);
	}
	if (!seen->err)
		capcert_store_free(store);
	reply.r.error = -EIO;
	agent_write(a->fd, &reply, request->id);
}

TEST_F(admit, agents_get_the_same)
{
	struct fake_agent agent = { .answer = answer_state };
	struct seen seen = { .err = -1 };
	struct tcert leaf;
	struct t_verify v;
	int store, verifier;

	self->b.anchors.n = 0;
	self->b.purposes = 1u << CAPCERT_PURPOSE_CT_LOG;
	tanchor_log(&self->b.anchors, &self->root[0], false);
	ASSERT_LT(0, admit(self));
	tcert_leaf(T_NAME, 1, 1, &leaf);
	agent.user = &seen;
	ASSERT_EQ(0, agent_start(&agent));
	store = open_system(self->name, RIGHTS);
	ASSERT_LE(0, store);
	verifier = t_verifier("v", "preset=webpki-lenient");
	ASSERT_LE(0, verifier);
	t_verify_init(&v, store, &leaf);
	EXPECT_EQ(-EIO, t_verify_run(&v, verifier));
	EXPECT_EQ(0, seen.err);
	EXPECT_EQ(1, seen.head.count);
	EXPECT_EQ(self->first, seen.head.number);
	EXPECT_EQ(t_date(2026, 1, 1), seen.head.created);
	agent_stop(&agent);
	close(store);
	close(verifier);
	tcert_free(&leaf);
}

static int distrust(SELF, const struct tcert *cert)
{
	struct tbundle d = { .kind = 2, .name = "distrust" };
	struct capcert_floor floor = { .size = sizeof(floor), .name = (uintptr_t)"distrust",
				       .name_len = 8 };
	int err = t_ioctl(t_dev(), CAPCERT_FLOOR, &floor);

	if (err)
		return err;
	d.number = floor.number + 1;
	if (cert) {
		tbytes_put(&d.entries, cert->fingerprint, 32);
		tder(&d.entries, 0x80, 0);
	}
	tbundle_make(&d, TSIGN_BUILT_IN, &self->der);
	tbundle_free(&d);
	err = add("distrust", &self->der);
	return err < 0 ? err : 0;
}

/* A path may end in it: it has the fingerprint and the validity of the certificate in it. */
TEST_F(admit, path_to_a_limited_anchor)
{
	const struct tlimits limits = { .distrust_after = "20350101000000Z" };
	struct fake_agent agent = { 0 };
	struct tcert leaf;
	struct t_verify v;
	int store, verifier;

	self->b.anchors.n = 0;
	tbundle_anchors_but(&self->b, self->root, 3, 1, &limits);
	ASSERT_LT(0, admit(self));
	tcert_leaf(T_NAME, 1, 1, &leaf);
	fake_valid(&agent.reply, &leaf, &self->root[1]);
	ASSERT_EQ(0, agent_start(&agent));
	store = open_system(self->name, RIGHTS);
	ASSERT_LE(0, store);
	verifier = t_verifier("v", "preset=webpki-lenient");
	ASSERT_LE(0, verifier);
	t_verify_init(&v, store, &leaf);
	ASSERT_EQ(0, t_verify_run(&v, verifier));
	EXPECT_EQ(1, v.outcome.valid);
	EXPECT_EQ(0, memcmp(v.outcome.anchor, self->root[1].fingerprint, 32));

	/* What an agent says of it is checked as of any other. */
	agent.reply.path[1].not_after--;
	t_unique_name(&v);
	EXPECT_EQ(-EIO, t_verify_run(&v, verifier));
	agent.reply.path[1].not_after++;
	agent.reply.path[1].fingerprint[31] ^= 1;
	EXPECT_EQ(-EIO, t_verify_run(&v, verifier));
	agent.reply.path[1].fingerprint[31] ^= 1;
	ASSERT_EQ(0, distrust(self, &self->root[1]));
	EXPECT_EQ(-EIO, t_verify_run(&v, verifier));
	ASSERT_EQ(0, distrust(self, NULL));
	EXPECT_EQ(0, t_verify_run(&v, verifier));
	agent_stop(&agent);
	close(store);
	close(verifier);
	tcert_free(&leaf);
}

/* ---- overrides ---- */

TEST_F(admit, overrides)
{
	char base[NAME_MAX_], over[NAME_MAX_ + 8];
	struct tbundle o = { .kind = 3 };
	struct t_state s = { 0 };
	uint64_t version;
	int fd, live;

	snprintf(base, sizeof(base), "%s", self->name);
	snprintf(over, sizeof(over), "%s-over", self->name);
	o.name = over;
	o.of = base;
	o.number = 1;
	tbytes_put(&o.remove, self->root[1].fingerprint, 32);
	tbundle_anchors(&o, &self->root[4], 1);
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	EXPECT_EQ(-ENOENT, add(over, &self->der));
	EXPECT_NE(NULL, strstr(reason(self), "store that is not there"));
	ASSERT_LT(0, admit(self));
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	EXPECT_LT(0, add(over, &self->der));
	ASSERT_EQ(0, system_state(over, &s));
	EXPECT_EQ(3, s.count);
	EXPECT_FALSE(t_state_has(&s, &self->root[1]));
	EXPECT_TRUE(t_state_has(&s, &self->root[4]));
	version = s.version;
	t_state_free(&s);

	/* The base moves: so does the override, and a live view of it. */
	fd = open_system(over, RIGHTS);
	ASSERT_LE(0, fd);
	live = t_restrict_arg(fd, &(struct capcert_restrict){
		.rights = RIGHT(INFO) | RIGHT(READ), .pidfd = -1, .purposes = 1,
		.flags = CAPCERT_RESTRICT_LIVE });
	ASSERT_LE(0, live);
	self->b.number++;
	self->b.anchors.n = 0;
	tbundle_anchors(&self->b, self->root, 4);
	ASSERT_LT(0, admit(self));
	ASSERT_EQ(0, t_state(live, &s));
	EXPECT_EQ(4, s.count);
	EXPECT_EQ(version + 1, s.version);
	EXPECT_FALSE(t_state_has(&s, &self->root[1]));
	EXPECT_TRUE(t_state_has(&s, &self->root[3]));
	t_state_free(&s);

	/* It moves itself: what was removed is back, what stood there is limited. */
	o.number = 2;
	o.remove.n = 0;
	o.anchors.n = 0;
	tanchor_limited(&o.anchors, &self->root[0],
			&(struct tlimits){ .distrust_after = "20250101000000Z" });
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	ASSERT_LT(0, add(over, &self->der));
	ASSERT_EQ(0, t_state(live, &s));
	EXPECT_EQ(4, s.count);
	EXPECT_EQ(version + 2, s.version);
	EXPECT_TRUE(t_state_has(&s, &self->root[1]));
	t_state_free(&s);
	close(live);
	close(fd);

	/* Of another store, and of an override: neither. */
	o.number = 3;
	o.of = over;
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	EXPECT_EQ(-EINVAL, add(over, &self->der));
	tbundle_free(&o);
}

static capcert_bundle *content_of(const struct tbundle *b)
{
	struct tbytes content = { 0 };
	capcert_bundle *ret = NULL;
	const char *why;

	tbundle_content(b, &content);
	if (capcert_bundle_open_unsigned(content.p, content.n, &ret, &why))
		ksft_print_msg("%s\n", why);
	tbytes_free(&content);
	return ret;
}

/* What the library makes of @base and @over, by the digest that an outcome names the store by. */
static int library_digest(const struct tbundle *base, const struct tbundle *over, uint8_t ret[32])
{
	capcert_bundle *below = content_of(base), *above = content_of(over);
	capcert_store *store = NULL, *both = NULL;
	int err = !below || !above ? -EBADMSG : capcert_bundle_apply(below, NULL, &store);

	if (!err)
		err = capcert_bundle_apply(above, store, &both);
	if (!err)
		err = capcert_store_digest(both, ret);
	capcert_store_free(store);
	capcert_store_free(both);
	capcert_bundle_free(below);
	capcert_bundle_free(above);
	return err;
}

static uint32_t purposes_of(const struct t_state *s, const struct tcert *cert)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (!memcmp(s->anchors[i].fingerprint, cert->fingerprint, 32))
			return s->anchors[i].purposes;
	return 0;
}

TEST_F(admit, override_narrows_purposes)
{
	const struct tlimits client = { .purposes = 2 };
	char over[NAME_MAX_ + 8];
	struct tbundle o = { .kind = 3, .name = over, .of = self->name, .number = 1 };
	uint8_t digest[32];

	snprintf(over, sizeof(over), "%s-over", self->name);
	self->b.purposes = 3;
	self->b.anchors.n = 0;
	tbundle_anchors_but(&self->b, self->root, 4, 3, &client);
	ASSERT_LT(0, admit(self));
	/* Roots 0 and 2 are narrowed, 1 removed, 3 good for nothing that is left, 4 new. */
	tbytes_put(&o.remove, self->root[1].fingerprint, 32);
	tbundle_anchors(&o, &self->root[4], 1);
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	ASSERT_LT(0, add(over, &self->der));
	ASSERT_EQ(0, system_state(over, &self->after));
	EXPECT_EQ(3, self->after.count);
	EXPECT_EQ(1, purposes_of(&self->after, &self->root[0]));
	EXPECT_EQ(1, purposes_of(&self->after, &self->root[2]));
	EXPECT_EQ(0, purposes_of(&self->after, &self->root[3]));
	EXPECT_EQ(1, purposes_of(&self->after, &self->root[4]));
	ASSERT_EQ(0, library_digest(&self->b, &o, digest));
	EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));

	/* The next one has more purposes: what the store below has is there again. */
	o.number = 2;
	o.purposes = 7;
	o.remove.n = 0;
	o.anchors.n = 0;
	tbundle_anchors_but(&o, self->root, 1, 0, &client);
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	ASSERT_LT(0, add(over, &self->der));
	t_state_free(&self->after);
	ASSERT_EQ(0, system_state(over, &self->after));
	EXPECT_EQ(4, self->after.count);
	EXPECT_EQ(2, purposes_of(&self->after, &self->root[0]));
	EXPECT_EQ(3, purposes_of(&self->after, &self->root[1]));
	EXPECT_EQ(2, purposes_of(&self->after, &self->root[3]));
	ASSERT_EQ(0, library_digest(&self->b, &o, digest));
	EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));

	/* The store below moves. */
	self->b.number++;
	self->b.purposes = 2;
	self->b.anchors.n = 0;
	tbundle_anchors(&self->b, &self->root[2], 3);
	ASSERT_LT(0, admit(self));
	t_state_free(&self->after);
	ASSERT_EQ(0, system_state(over, &self->after));
	EXPECT_EQ(4, self->after.count);
	EXPECT_EQ(2, purposes_of(&self->after, &self->root[4]));
	EXPECT_EQ(0, purposes_of(&self->after, &self->root[1]));
	ASSERT_EQ(0, library_digest(&self->b, &o, digest));
	EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));
	tbundle_free(&o);
}

/* ---- distrust ---- */

TEST_F(admit, distrust_list)
{
	struct capcert_status before, after;
	struct t_world w;
	struct t_verify v;

	ASSERT_EQ(0, t_world_make(&w));
	t_verify_init(&v, w.file[CAPCERT_KIND_STORE], &w.leaf);
	ASSERT_EQ(0, t_verify_run(&v, w.file[CAPCERT_KIND_VERIFIER]));
	ASSERT_EQ(0, t_status(&before));
	ASSERT_EQ(0, distrust(self, &w.leaf));
	ASSERT_EQ(0, t_status(&after));
	EXPECT_EQ(before.distrust_generation + 1, after.distrust_generation);
	/* The cached outcome is none any more; the agent, which knows nothing, is not believed. */
	EXPECT_EQ(-EIO, t_verify_run(&v, w.file[CAPCERT_KIND_VERIFIER]));
	ASSERT_EQ(0, distrust(self, NULL));
	EXPECT_EQ(0, t_verify_run(&v, w.file[CAPCERT_KIND_VERIFIER]));
	t_world_free(&w);
}

/* ---- memfds ---- */

static int admit_fd(int fd, struct capcert_admit *ret)
{
	*ret = (struct capcert_admit){ .size = sizeof(*ret), .fd = fd };
	return t_ioctl(t_dev(), CAPCERT_ADMIT, ret);
}

TEST_F(admit, by_memfd)
{
	struct capcert_admit a;
	int fd;

	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	fd = t_memfd(self->der.p, self->der.n);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, admit_fd(fd, &a));
	EXPECT_STREQ(self->name, a.name);
	EXPECT_EQ(0, a.kind);
	EXPECT_EQ(3, a.count);
	EXPECT_EQ(self->first, a.number);
	EXPECT_EQ(self->first, a.version);
	ASSERT_EQ(0, take(self, &self->before));
	EXPECT_EQ(-ESTALE, admit_fd(fd, &a));
	close(fd);
}

TEST_F(admit, seals)
{
	const int seals[] = { F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE };
	const int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	struct capcert_admit a;
	int fd, i;

	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	for (i = 0; i < 4; i++) {
		fd = memfd_create("t", MFD_ALLOW_SEALING);
		ASSERT_LE(0, fd);
		ASSERT_EQ((ssize_t)self->der.n, write(fd, self->der.p, self->der.n));
		ASSERT_EQ(0, fcntl(fd, F_ADD_SEALS, all & ~seals[i]));
		EXPECT_EQ(-EINVAL, admit_fd(fd, &a));
		close(fd);
	}
	fd = open("/dev/null", O_RDONLY);
	EXPECT_EQ(-EINVAL, admit_fd(fd, &a));
	close(fd);
	EXPECT_EQ(-EBADF, admit_fd(-1, &a));
	EXPECT_EQ(-EBADF, admit_fd(fd, &a));
	fd = t_memfd("", 0);
	EXPECT_EQ(-ENODATA, admit_fd(fd, &a));
	close(fd);
	fd = memfd_create("t", MFD_ALLOW_SEALING);
	ASSERT_EQ(0, ftruncate(fd, CAPCERT_MAX_BUNDLE + 1));
	ASSERT_EQ(0, fcntl(fd, F_ADD_SEALS, all));
	EXPECT_EQ(-EMSGSIZE, admit_fd(fd, &a));
	close(fd);
	EXPECT_EQ(-ENOKEY, open_system(self->name, RIGHTS));
}

#define MANY 6000
TEST_F_TIMEOUT(admit, more_than_a_key_takes, SLOW)
{
	struct tcert *many = calloc(MANY, sizeof(*many));
	struct capcert_admit a;
	uint32_t i;
	int fd;

	ASSERT_NE(NULL, many);
	for (i = 0; i < MANY; i++)
		tcert_root(1000 + i, &many[i]);
	self->b.anchors.n = 0;
	tbundle_anchors(&self->b, many, MANY);
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	EXPECT_LT(1024 * 1024, self->der.n);
	fd = t_memfd(self->der.p, self->der.n);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, admit_fd(fd, &a));
	EXPECT_EQ(MANY, a.count);
	ASSERT_EQ(0, take(self, &self->after));
	EXPECT_TRUE(t_state_has(&self->after, &many[MANY / 2]));
	for (i = 0; i < MANY; i++)
		tcert_free(&many[i]);
	free(many);
	close(fd);
}

/* ---- floors ---- */

static int floor_of(const char *name, uint64_t raise, uint64_t *ret)
{
	struct capcert_floor f = { .size = sizeof(f), .name = (uintptr_t)name,
				   .name_len = (uint32_t)strlen(name), .number = raise };
	int err = t_ioctl(t_dev(), CAPCERT_FLOOR, &f);

	*ret = f.number;
	return err;
}

TEST_F(admit, floors)
{
	uint64_t floor;

	ASSERT_EQ(0, floor_of(self->name, 0, &floor));
	EXPECT_EQ(0, floor);
	ASSERT_EQ(0, floor_of(self->name, self->first, &floor));
	EXPECT_EQ(self->first, floor);
	EXPECT_EQ(-ESTALE, admit(self));
	EXPECT_EQ(-ENOKEY, open_system(self->name, RIGHTS));
	/* It never falls. */
	ASSERT_EQ(0, floor_of(self->name, 1, &floor));
	EXPECT_EQ(self->first, floor);
	self->b.number++;
	ASSERT_LT(0, admit(self));
	ASSERT_EQ(0, floor_of(self->name, 0, &floor));
	EXPECT_EQ(self->first + 1, floor);
	EXPECT_EQ(-EINVAL, floor_of("No Name", 0, &floor));
	EXPECT_EQ(-EINVAL, floor_of("", 0, &floor));
}

TEST_F(admit, built_in_floor)
{
	struct capcert_status status;
	uint64_t floor;

	ASSERT_EQ(0, t_status(&status));
	ASSERT_EQ(0, floor_of("built-in-floor", 0, &floor));
	if (status.profile == CAPCERT_PROFILE_DEV)
		SKIP(return, "module-6.12 has one");
	EXPECT_LE(7, floor);
	self->b.name = "built-in-floor";
	self->b.number = 7;
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	EXPECT_EQ(-ESTALE, add("built-in-floor", &self->der));
}

TEST_HARNESS_MAIN
