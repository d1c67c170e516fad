// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of bundles: rollback, deltas from one to the next, floors. */

#include "admit.h"

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

/* ---- floors ---- */

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
