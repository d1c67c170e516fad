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

#define SERIALS 64

/* A list of serial numbers under the name @cn: SERIALS in a row, @leaf's among them or left out. */
static int distrust_issued(SELF, const char *cn, const struct tcert *leaf, bool hit)
{
	struct tbundle d = { .kind = 2, .name = "distrust" };
	uint8_t serial[6];
	struct tcert issuer;
	uint64_t floor;
	int i, err = floor_of("distrust", 0, &floor);

	if (err || leaf->serial_len != sizeof(serial))
		return err ?: -EINVAL;
	tcert_make(&(struct tcert_spec){ .subject = cn, .seed = 77 }, &issuer);
	memcpy(serial, leaf->der + leaf->serial_off, sizeof(serial));
	serial[5] = 0;
	for (i = 0; i < SERIALS; i++, serial[5]++) {
		const size_t from = d.entries.n;

		if (!hit && !memcmp(serial, leaf->der + leaf->serial_off, sizeof(serial)))
			continue;
		tbytes_put(&d.entries, tcert_subject(&issuer), issuer.subject_len);
		tbytes_put(&d.entries, serial, sizeof(serial));
		tder(&d.entries, 0xa2, from);
	}
	d.number = floor + 1;
	tbundle_make(&d, TSIGN_BUILT_IN, &self->der);
	tbundle_free(&d);
	tcert_free(&issuer);
	err = add("distrust", &self->der);
	return err < 0 ? err : 0;
}

/* By issuer, however its name is written, and serial number. */
TEST_F(admit, distrust_by_issuer_and_serial)
{
	struct t_world w;
	struct t_verify v;
	int verifier;

	ASSERT_EQ(0, t_world_make(&w));
	verifier = w.file[CAPCERT_KIND_VERIFIER];
	t_verify_init(&v, w.file[CAPCERT_KIND_STORE], &w.leaf);
	ASSERT_EQ(0, t_verify_run(&v, verifier));
	ASSERT_GT(SERIALS, w.leaf.der[w.leaf.serial_off + 5]);
	ASSERT_EQ(0, distrust_issued(self, "root 1", &w.leaf, true));
	EXPECT_EQ(-EIO, t_verify_run(&v, verifier));
	ASSERT_EQ(0, distrust_issued(self, " ROOT  1", &w.leaf, true));
	EXPECT_EQ(-EIO, t_verify_run(&v, verifier));
	ASSERT_EQ(0, distrust_issued(self, "root 1", &w.leaf, false));
	EXPECT_EQ(0, t_verify_run(&v, verifier));
	ASSERT_EQ(0, distrust_issued(self, "root 2", &w.leaf, true));
	EXPECT_EQ(0, t_verify_run(&v, verifier));
	ASSERT_EQ(0, distrust(self, NULL));
	t_world_free(&w);
}

TEST_HARNESS_MAIN
