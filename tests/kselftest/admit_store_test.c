// SPDX-License-Identifier: GPL-2.0-only
/* Bundles of stores: what is admitted, what is refused and leaves everything as it was. */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "admit.h"
#include "core/bundle.h"

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
	REFUSED(-EBADMSG, "an anchor is malformed", admit(self)); /* certificates are no CT logs */
	self->b.purposes = 0;
	EXPECT_LT(0, admit(self));
	tbytes_free(&good);
}

static int admit_fd(int fd, struct capcert_admit *ret)
{
	*ret = (struct capcert_admit){ .size = sizeof(*ret), .fd = fd };
	return t_ioctl(t_dev(), CAPCERT_ADMIT, ret);
}

/* One more than there may be of anything. */
TEST_F_TIMEOUT(admit, over_limits, SLOW)
{
	struct tbundle d = { .kind = 2, .name = "distrust", .number = self->first };
	char name[CC_BUNDLE_NAME_MAX + 2];
	struct capcert_admit a;
	uint32_t i;
	int fd;

	ASSERT_LT(0, admit(self));
	self->b.number++;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	self->b.name = name;
	REFUSED(-EBADMSG, "a name that is not 1 to 63", admit(self));
	self->b.name = self->name;

	/* The count comes before the order. */
	self->b.anchors.n = 0;
	for (i = 0; i <= CAPCERT_MAX_ANCHORS; i++)
		tbytes_put(&self->b.anchors, self->root[0].der, self->root[0].len);
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	fd = t_memfd(self->der.p, self->der.n);
	ASSERT_LE(0, fd);
	REFUSED(-EBADMSG, "too many anchors", admit_fd(fd, &a));
	close(fd);

	for (i = 0; i <= CC_BUNDLE_MAX_ENTRIES; i++) {
		const size_t from = d.entries.n;
		const uint8_t fingerprint[32] = { (uint8_t)(i >> 8), (uint8_t)i };

		tbytes_put(&d.entries, fingerprint, sizeof(fingerprint));
		tder(&d.entries, 0x80, from);
	}
	tbundle_make(&d, TSIGN_BUILT_IN, &self->der);
	REFUSED(-EBADMSG, "too many anchors or entries", add("distrust", &self->der));
	tbundle_free(&d);
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

/* ---- memfds ---- */

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

TEST_HARNESS_MAIN
