// SPDX-License-Identifier: GPL-2.0-only
/* Who sees the system's stores, and how nobody changes them but by a bundle. */

#include <stdlib.h>

#include "admit.h"

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

/* Refused, and by what: a call that is not there at all would also fail. */
#define DENIED(error_, call) \
	do { \
		errno = 0; \
		EXPECT_EQ(-1, call); \
		EXPECT_EQ(error_, errno) \
			TH_LOG("%s: %s", #call, strerror(errno)); \
	} while (0)

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
	DENIED(EACCES, keyctl_update(sys, self->der.p, self->der.n < 4096 ? self->der.n : 4096));
	DENIED(EACCES, keyctl_update(sys, NULL, 0));
	DENIED(EACCES, keyctl_revoke(sys));
	DENIED(EPERM, keyctl_invalidate(sys));
	DENIED(EACCES, keyctl_set_timeout(sys, 1));
	DENIED(EACCES, keyctl_setperm(sys, KEY_POS_ALL | KEY_USR_ALL));
	DENIED(EACCES, keyctl_chown(sys, 12345, (gid_t)-1));
	DENIED(EPERM, keyctl_instantiate(sys, "", 0, 0));
	DENIED(EPERM, keyctl_negate(sys, 1, 0));
	DENIED(EPERM, keyctl_reject(sys, 1, EKEYREVOKED, 0));
	DENIED(EACCES, keyctl_clear(sys));
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
	DENIED(EACCES, keyctl_link(key, ring));
	DENIED(EACCES, keyctl_unlink(info.serial, ring));
	DENIED(EACCES, keyctl_clear(ring));
	DENIED(EACCES, keyctl_revoke(ring));
	DENIED(EPERM, keyctl_invalidate(ring));
	DENIED(EACCES, keyctl_set_timeout(ring, 1));
	DENIED(EACCES, keyctl_setperm(ring, KEY_POS_ALL | KEY_USR_ALL));
	DENIED(EACCES, keyctl_chown(ring, 12345, (gid_t)-1));
	DENIED(EACCES, keyctl_restrict_keyring(ring, NULL, NULL));
	DENIED(EACCES, keyctl_move(info.serial, ring, KEY_SPEC_SESSION_KEYRING, 0));
	DENIED(EACCES, (int)add_key("captrust", "x", NULL, 0, ring));
	DENIED(EACCES, keyctl_link(ring, KEY_SPEC_SESSION_KEYRING));
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

TEST_HARNESS_MAIN
