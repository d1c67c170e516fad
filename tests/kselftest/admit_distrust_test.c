// SPDX-License-Identifier: GPL-2.0-only
/* The distrust list, which is a bundle: it counts for every store. */

#include "admit.h"
#include "calls.h"

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

TEST_HARNESS_MAIN
