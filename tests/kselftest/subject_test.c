// SPDX-License-Identifier: GPL-2.0-only
/* Anchors looked up by name: many of one subject, subjects of one hash, and what is written otherwise. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "core/name.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define VIEW (RIGHT(INFO) | RIGHT(READ))
#define TWINS 40
#define OTHERS 40

/* Two names of one cc_dn_hash(), found by trying: where the hash changes, two others have to be found. */
#define CLASH_A "name 1101cb8e"
#define CLASH_B "name 0f1bd9b5"

FIXTURE(subject) {
	int fd;
	struct tcert twin[TWINS];	/* one subject, written in three ways */
	struct tcert other[OTHERS];	/* root 0 and so on */
	struct tcert clash[2];
	struct t_state state;
};

FIXTURE_SETUP(subject)
{
	static const char *const written[] = { "The Twin", "the twin", " THE   twin " };
	uint32_t i;

	t_session();
	self->fd = t_store("store");
	ASSERT_LE(0, self->fd);
	/* One after the other: what belongs together does not stand together. */
	for (i = 0; i < TWINS; i++) {
		tcert_make(&(struct tcert_spec){ .subject = written[i % 3], .seed = 100 + i,
						 .flags = TCERT_CA }, &self->twin[i]);
		tcert_root(i, &self->other[i]);
		ASSERT_EQ(0, t_add(self->fd, &self->twin[i], 0));
		ASSERT_EQ(0, t_add(self->fd, &self->other[i], 0));
	}
	for (i = 0; i < 2; i++) {
		tcert_make(&(struct tcert_spec){ .subject = i ? CLASH_B : CLASH_A,
						 .seed = 200 + i, .flags = TCERT_CA },
			   &self->clash[i]);
		ASSERT_EQ(0, t_add(self->fd, &self->clash[i], 0));
	}
	ASSERT_EQ(cc_dn_hash(cc_span(tcert_subject(&self->clash[0]), self->clash[0].subject_len)),
		  cc_dn_hash(cc_span(tcert_subject(&self->clash[1]), self->clash[1].subject_len)));
}

FIXTURE_TEARDOWN(subject)
{
	uint32_t i;

	for (i = 0; i < TWINS; i++) {
		tcert_free(&self->twin[i]);
		tcert_free(&self->other[i]);
	}
	tcert_free(&self->clash[0]);
	tcert_free(&self->clash[1]);
	t_state_free(&self->state);
	close(self->fd);
}

#define SELF FIXTURE_DATA(subject) *self

static int look(SELF, int fd)
{
	t_state_free(&self->state);
	return t_state(fd, &self->state);
}

/* How many of @certs the state has. */
static uint32_t has(SELF, const struct tcert *certs, uint32_t count)
{
	uint32_t i, n = 0;

	for (i = 0; i < count; i++)
		n += t_state_has(&self->state, &certs[i]);
	return n;
}

static bool digest_fits(SELF)
{
	uint8_t digest[32];

	t_state_digest(&self->state, digest);
	return !memcmp(digest, self->state.digest, sizeof(digest));
}

TEST_F(subject, all_of_one_name_are_removed)
{
	uint32_t count = 0;

	ASSERT_EQ(0, t_remove_subject(self->fd, &self->twin[1], &count));
	EXPECT_EQ(TWINS, count);
	ASSERT_EQ(0, look(self, self->fd));
	EXPECT_EQ(OTHERS + 2, self->state.count);
	EXPECT_EQ(OTHERS, has(self, self->other, OTHERS));
	EXPECT_EQ(0, has(self, self->twin, TWINS));
	EXPECT_TRUE(digest_fits(self));
	EXPECT_EQ(-ENOENT, t_remove_subject(self->fd, &self->twin[0], &count));
	/* Each of the others is still found, the first and the last of the index, too. */
	while (self->state.count > 2) {
		const uint32_t left = self->state.count - 3;

		ASSERT_EQ(0, t_remove_subject(self->fd, &self->other[left], &count));
		EXPECT_EQ(1, count);
		ASSERT_EQ(0, look(self, self->fd));
		ASSERT_EQ(left + 2, self->state.count);
		EXPECT_FALSE(t_state_has(&self->state, &self->other[left]));
	}
	EXPECT_TRUE(digest_fits(self));
}

TEST_F(subject, one_hash_is_not_one_name)
{
	uint32_t count = 0;

	ASSERT_EQ(0, t_remove_subject(self->fd, &self->clash[0], &count));
	EXPECT_EQ(1, count);
	ASSERT_EQ(0, look(self, self->fd));
	EXPECT_EQ(1, has(self, self->clash, 2));
	EXPECT_TRUE(t_state_has(&self->state, &self->clash[1]));
	EXPECT_EQ(-ENOENT, t_remove_subject(self->fd, &self->clash[0], &count));
	ASSERT_EQ(0, t_remove_subject(self->fd, &self->clash[1], &count));
	EXPECT_EQ(1, count);
}

static struct capcert_blob blob(const struct tcert *cert)
{
	return (struct capcert_blob){ (uintptr_t)tcert_subject(cert), (uint32_t)cert->subject_len,
				      -1 };
}

static int restricted(int fd, struct capcert_restrict *r)
{
	r->rights = VIEW;
	r->pidfd = -1;
	return t_restrict_arg(fd, r);
}

TEST_F(subject, a_view_of_some_names)
{
	struct capcert_blob subjects[] = { blob(&self->twin[2]), blob(&self->clash[1]),
					   blob(&self->other[7]), blob(&self->twin[0]) };
	struct capcert_restrict r = { .subjects = (uintptr_t)subjects, .subject_count = 4 };
	int view;

	view = restricted(self->fd, &r);
	ASSERT_LE(0, view);
	ASSERT_EQ(0, look(self, view));
	EXPECT_EQ(TWINS + 2, self->state.count);
	EXPECT_EQ(TWINS, has(self, self->twin, TWINS));
	EXPECT_TRUE(t_state_has(&self->state, &self->clash[1]));
	EXPECT_FALSE(t_state_has(&self->state, &self->clash[0]));
	EXPECT_TRUE(t_state_has(&self->state, &self->other[7]));
	EXPECT_TRUE(digest_fits(self));
	close(view);

	/* Every other list narrows what the names found. */
	r.exclude = (uintptr_t)self->twin[3].fingerprint;
	r.exclude_count = 1;
	view = restricted(self->fd, &r);
	ASSERT_LE(0, view);
	ASSERT_EQ(0, look(self, view));
	EXPECT_EQ(TWINS + 1, self->state.count);
	EXPECT_FALSE(t_state_has(&self->state, &self->twin[3]));
	close(view);
	r.fingerprints = (uintptr_t)self->twin[4].fingerprint;
	r.fingerprint_count = 1;
	view = restricted(self->fd, &r);
	ASSERT_LE(0, view);
	ASSERT_EQ(0, look(self, view));
	EXPECT_EQ(1, self->state.count);
	EXPECT_TRUE(t_state_has(&self->state, &self->twin[4]));
	close(view);
	r.purposes = 1u << CAPCERT_PURPOSE_CODE_SIGNING;
	view = restricted(self->fd, &r);
	ASSERT_LE(0, view);
	ASSERT_EQ(0, look(self, view));
	EXPECT_EQ(0, self->state.count);
	close(view);
}

/* A live view follows, and a list longer than the store finds the same as a short one. */
TEST_F(subject, live_and_long_lists)
{
	struct capcert_blob subjects[OTHERS + TWINS + 1];
	struct capcert_restrict r = { .subjects = (uintptr_t)subjects,
				      .subject_count = OTHERS + TWINS + 1,
				      .flags = CAPCERT_RESTRICT_LIVE };
	uint32_t i, count;
	int view;

	for (i = 0; i < OTHERS; i++) {
		subjects[i] = blob(&self->other[i]);
		subjects[OTHERS + i] = blob(&self->twin[i]);
	}
	subjects[2 * OTHERS] = blob(&self->clash[0]);
	view = restricted(self->fd, &r);
	ASSERT_LE(0, view);
	ASSERT_EQ(0, look(self, view));
	EXPECT_EQ(OTHERS + TWINS + 1, self->state.count);
	EXPECT_FALSE(t_state_has(&self->state, &self->clash[1]));
	ASSERT_EQ(0, t_remove_subject(self->fd, &self->twin[0], &count));
	ASSERT_EQ(0, t_remove(self->fd, &self->other[OTHERS - 1]));
	/* Now the store is shorter than the list. */
	ASSERT_EQ(0, look(self, view));
	EXPECT_EQ(OTHERS, self->state.count);
	EXPECT_EQ(OTHERS - 1, has(self, self->other, OTHERS));
	EXPECT_TRUE(t_state_has(&self->state, &self->clash[0]));
	EXPECT_FALSE(t_state_has(&self->state, &self->clash[1]));
	ASSERT_EQ(0, t_add(self->fd, &self->twin[5], 0));
	ASSERT_EQ(0, look(self, view));
	EXPECT_EQ(OTHERS + 1, self->state.count);
	EXPECT_TRUE(t_state_has(&self->state, &self->twin[5]));
	close(view);
}

TEST_HARNESS_MAIN
