// SPDX-License-Identifier: GPL-2.0-only
/* Views of trust stores: filters, snapshots that stay, live views that follow. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define PURPOSE(name) (1u << CAPCERT_PURPOSE_##name)
#define ROOTS 6

FIXTURE(view) {
	int fd;
	struct tcert root[ROOTS];
	struct t_state before;
	struct t_state after;
};

FIXTURE_SETUP(view)
{
	uint32_t i;

	t_session();
	self->fd = t_store("store");
	ASSERT_LE(0, self->fd);
	for (i = 0; i < ROOTS; i++)
		tcert_root(i, &self->root[i]);
}

FIXTURE_TEARDOWN(view)
{
	uint32_t i;

	for (i = 0; i < ROOTS; i++)
		tcert_free(&self->root[i]);
	close(self->fd);
}

#define UNCHANGED(call) do { \
		ASSERT_EQ(0, t_state(self->fd, &self->before)); \
		call; \
		ASSERT_EQ(0, t_state(self->fd, &self->after)); \
		EXPECT_TRUE(t_state_equal(&self->before, &self->after)) \
			TH_LOG("changed by: " #call); \
		t_state_free(&self->before); \
		t_state_free(&self->after); \
	} while (0)

/* ---- filters ---- */

struct filter_case {
	const char *what;
	uint32_t purposes;
	uint32_t allow, exclude, subjects;	/* masks of roots; ~0 = no such filter */
	uint32_t want;				/* mask of roots that remain */
};

#define NONE 0xffffffffu
/* Root i has purpose tlsServerAuth when even, codeSigning when below 3. */
static const struct filter_case filters[] = {
	{ "nothing", 0, NONE, NONE, NONE, 0x3f },
	{ "purpose server", PURPOSE(TLS_SERVER_AUTH), NONE, NONE, NONE, 0x15 },
	{ "purpose code", PURPOSE(CODE_SIGNING), NONE, NONE, NONE, 0x07 },
	{ "either purpose", PURPOSE(TLS_SERVER_AUTH) | PURPOSE(CODE_SIGNING), NONE, NONE, NONE,
	  0x17 },
	{ "purpose nobody has", PURPOSE(WEBAUTHN_ROOT), NONE, NONE, NONE, 0 },
	{ "one fingerprint", 0, 0x04, NONE, NONE, 0x04 },
	{ "three fingerprints", 0, 0x2a, NONE, NONE, 0x2a },
	{ "all fingerprints", 0, 0x3f, NONE, NONE, 0x3f },
	{ "unknown fingerprint", 0, 0x40, NONE, NONE, 0 },
	{ "exclude one", 0, NONE, 0x04, NONE, 0x3b },
	{ "exclude all", 0, NONE, 0x3f, NONE, 0 },
	{ "exclude unknown", 0, NONE, 0x40, NONE, 0x3f },
	{ "one subject", 0, NONE, NONE, 0x10, 0x10 },
	{ "two subjects", 0, NONE, NONE, 0x11, 0x11 },
	{ "unknown subject", 0, NONE, NONE, 0x40, 0 },
	{ "allow and exclude", 0, 0x0f, 0x03, NONE, 0x0c },
	{ "exclude wins", 0, 0x01, 0x01, NONE, 0 },
	{ "allow and subject", 0, 0x0f, NONE, 0x18, 0x08 },
	{ "purpose and allow", PURPOSE(TLS_SERVER_AUTH), 0x0f, NONE, NONE, 0x05 },
	{ "purpose and subject", PURPOSE(CODE_SIGNING), NONE, NONE, 0x3c, 0x04 },
	{ "all four", PURPOSE(TLS_SERVER_AUTH), 0x3d, 0x04, 0x1f, 0x11 },
};

struct filter_arg {
	uint8_t allow[7][32], exclude[7][32];
	struct capcert_blob subjects[7];
	struct capcert_restrict r;
};

static void make_filter(const struct tcert *root, const struct tcert *stranger,
			const struct filter_case *f, struct filter_arg *a)
{
	uint32_t i;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < 7; i++) {
		const struct tcert *c = i < ROOTS ? &root[i] : stranger;

		if (f->allow != NONE && (f->allow & (1u << i)))
			memcpy(a->allow[a->r.fingerprint_count++], c->fingerprint, 32);
		if (f->exclude != NONE && (f->exclude & (1u << i)))
			memcpy(a->exclude[a->r.exclude_count++], c->fingerprint, 32);
		if (f->subjects != NONE && (f->subjects & (1u << i)))
			a->subjects[a->r.subject_count++] = (struct capcert_blob){
				(uintptr_t)tcert_subject(c), (uint32_t)c->subject_len, -1 };
	}
	a->r.purposes = f->purposes;
	a->r.fingerprints = a->r.fingerprint_count ? (uintptr_t)a->allow : 0;
	a->r.exclude = a->r.exclude_count ? (uintptr_t)a->exclude : 0;
	a->r.subjects = a->r.subject_count ? (uintptr_t)a->subjects : 0;
}

static void fill_store(struct __test_metadata *_metadata, int fd, const struct tcert *root)
{
	uint32_t i;

	for (i = 0; i < ROOTS; i++)
		ASSERT_EQ(0, t_add(fd, &root[i], (i % 2 ? 0 : PURPOSE(TLS_SERVER_AUTH)) |
				   (i < 3 ? PURPOSE(CODE_SIGNING) : 0) | PURPOSE(EMAIL_SMIME)));
}

static uint32_t roots_in(struct __test_metadata *_metadata, int fd, const struct tcert *root)
{
	struct t_state s;
	uint32_t i, mask = 0;

	ASSERT_EQ(0, t_state(fd, &s));
	for (i = 0; i < ROOTS; i++)
		if (t_state_has(&s, &root[i]))
			mask |= 1u << i;
	EXPECT_EQ((uint32_t)__builtin_popcount(mask), s.count);
	t_state_free(&s);
	return mask;
}

#define VIEW_RIGHTS (RIGHT(INFO) | RIGHT(READ) | RIGHT(RESTRICT) | RIGHT(VERIFY))

TEST_F(view, filters)
{
	struct tcert stranger;
	struct filter_arg a;
	uint8_t digest[32];
	size_t i, live;

	fill_store(_metadata, self->fd, self->root);
	tcert_root(99, &stranger);
	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		for (live = 0; live < 2; live++) {
			struct capcert_info info, parent;
			int view;

			make_filter(self->root, &stranger, &filters[i], &a);
			a.r.rights = VIEW_RIGHTS;
			a.r.flags = live ? CAPCERT_RESTRICT_LIVE : 0;
			view = t_restrict_arg(self->fd, &a.r);
			ASSERT_LE(0, view);
			EXPECT_EQ(filters[i].want, roots_in(_metadata, view, self->root))
				TH_LOG("%s, live %zu", filters[i].what, live);
			ASSERT_EQ(0, t_info(view, &info));
			ASSERT_EQ(0, t_info(self->fd, &parent));
			EXPECT_EQ((uint32_t)__builtin_popcount(filters[i].want), info.count);
			EXPECT_EQ(VIEW_RIGHTS, info.rights);
			EXPECT_EQ(live ? CAPCERT_VIEW_LIVE : CAPCERT_VIEW_SNAPSHOT, info.view);
			EXPECT_EQ(parent.id, info.parent_id);
			EXPECT_EQ(a.r.id, info.id);
			EXPECT_NE(parent.id, info.id);
			ASSERT_EQ(0, t_state(view, &self->after));
			t_state_digest(&self->after, digest);
			EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));
			t_state_free(&self->after);
			close(view);
		}
	}
	tcert_free(&stranger);
}

/* A snapshot stays as it was; a live view follows. Both before and after nesting. */
TEST_F(view, snapshot_and_live)
{
	struct filter_case odd = { "odd ones", 0, 0x2a, NONE, NONE, 0x2a };
	struct filter_case not3 = { "not 3", 0, NONE, 0x08, NONE, 0 };
	struct filter_arg a;
	struct capcert_version v1, v2;
	int snap, live, live_live, live_snap, snap_live;

	ASSERT_EQ(0, t_add(self->fd, &self->root[0], 0));
	ASSERT_EQ(0, t_add(self->fd, &self->root[1], 0));
	make_filter(self->root, NULL, &odd, &a);
	a.r.rights = VIEW_RIGHTS;
	snap = t_restrict_arg(self->fd, &a.r);
	a.r.flags = CAPCERT_RESTRICT_LIVE;
	live = t_restrict_arg(self->fd, &a.r);
	ASSERT_LE(0, snap);
	ASSERT_LE(0, live);
	make_filter(self->root, NULL, &not3, &a);
	a.r.rights = VIEW_RIGHTS;
	live_snap = t_restrict_arg(live, &a.r);
	a.r.flags = CAPCERT_RESTRICT_LIVE;
	live_live = t_restrict_arg(live, &a.r);
	snap_live = t_restrict_arg(snap, &a.r);
	ASSERT_LE(0, live_snap);
	ASSERT_LE(0, live_live);
	ASSERT_LE(0, snap_live);
	ASSERT_EQ(0, t_version(live, &v1));

	ASSERT_EQ(0, t_add(self->fd, &self->root[3], 0));
	ASSERT_EQ(0, t_add(self->fd, &self->root[5], 0));
	ASSERT_EQ(0, t_remove(self->fd, &self->root[1]));
	EXPECT_EQ(0x29, roots_in(_metadata, self->fd, self->root));
	EXPECT_EQ(0x02, roots_in(_metadata, snap, self->root));
	EXPECT_EQ(0x28, roots_in(_metadata, live, self->root));
	EXPECT_EQ(0x02, roots_in(_metadata, live_snap, self->root));
	EXPECT_EQ(0x20, roots_in(_metadata, live_live, self->root));
	EXPECT_EQ(0x02, roots_in(_metadata, snap_live, self->root));
	ASSERT_EQ(0, t_version(live, &v2));
	EXPECT_LT(v1.version, v2.version);
	EXPECT_NE(0, memcmp(v1.digest, v2.digest, 32));
	/* The parent's handle goes, the views stay. */
	close(self->fd);
	self->fd = -1;
	close(live);
	EXPECT_EQ(0x20, roots_in(_metadata, live_live, self->root));
	EXPECT_EQ(0x02, roots_in(_metadata, snap, self->root));
}

/* A view shows less; it is no way to change the parent, and a filtered one no way at all. */
TEST_F(view, changes_through_a_view)
{
	struct filter_case odd = { "odd ones", 0, 0x2a, NONE, NONE, 0x2a };
	struct filter_arg a;
	int view, live;

	fill_store(_metadata, self->fd, self->root);
	make_filter(self->root, NULL, &odd, &a);
	a.r.rights = T_RIGHTS_STORE;
	view = t_restrict_arg(self->fd, &a.r);
	ASSERT_LE(0, view);
	UNCHANGED(t_remove(view, &self->root[1]));
	UNCHANGED(t_remove(view, &self->root[0]));
	a.r.flags = CAPCERT_RESTRICT_LIVE;
	live = t_restrict_arg(self->fd, &a.r);
	EXPECT_EQ(-EINVAL, live);
	/* No view of a view brings back what the first left out. */
	a.r.flags = 0;
	a.r.fingerprint_count = 0;
	a.r.fingerprints = 0;
	view = t_restrict_arg(view, &a.r);
	ASSERT_LE(0, view);
	EXPECT_EQ(0, roots_in(_metadata, view, self->root) & ~0x2au);
}

/* Without a filter: a snapshot is a copy of its own, a live view the parent itself. */
TEST_F(view, rights_only)
{
	struct capcert_restrict r = { .rights = VIEW_RIGHTS | RIGHT(ADD),
				      .flags = CAPCERT_RESTRICT_LIVE };
	struct capcert_info a, b;
	int snap = t_restrict(self->fd, VIEW_RIGHTS | RIGHT(ADD)), live;

	live = t_restrict_arg(self->fd, &r);
	ASSERT_LE(0, snap);
	ASSERT_LE(0, live);
	ASSERT_EQ(0, t_info(self->fd, &a));
	EXPECT_EQ(CAPCERT_VIEW_DIRECT, a.view);
	ASSERT_EQ(0, t_info(snap, &b));
	EXPECT_EQ(CAPCERT_VIEW_SNAPSHOT, b.view);
	EXPECT_EQ(a.id, b.parent_id);
	ASSERT_EQ(0, t_add(snap, &self->root[0], 0));
	EXPECT_EQ(0x01, roots_in(_metadata, snap, self->root));
	EXPECT_EQ(0, roots_in(_metadata, self->fd, self->root));
	ASSERT_EQ(0, t_info(live, &b));
	EXPECT_EQ(CAPCERT_VIEW_LIVE, b.view);
	EXPECT_EQ(a.id, b.parent_id);
	ASSERT_EQ(0, t_add(live, &self->root[1], 0));
	EXPECT_EQ(0x02, roots_in(_metadata, live, self->root));
	EXPECT_EQ(0x02, roots_in(_metadata, self->fd, self->root));
	EXPECT_EQ(0x01, roots_in(_metadata, snap, self->root));
	/* REMOVE was not among the rights. */
	EXPECT_EQ(-EACCES, t_remove(live, &self->root[1]));
}

TEST_F(view, nested_views)
{
	struct filter_case all = { "", 0, NONE, NONE, NONE, 0 };
	struct filter_arg a;
	int fd = dup(self->fd), next, depth;

	fill_store(_metadata, self->fd, self->root);
	make_filter(self->root, NULL, &all, &a);
	a.r.rights = VIEW_RIGHTS;
	a.r.flags = CAPCERT_RESTRICT_LIVE;
	for (depth = 0; depth < 64; depth++) {
		next = t_restrict_arg(fd, &a.r);
		if (next < 0)
			break;
		close(fd);
		fd = next;
	}
	/* There must be an end: each level costs kernel stack or time at every use. */
	EXPECT_LE(3, depth);
	EXPECT_GT(64, depth);
	EXPECT_EQ(-EMLINK, next)
		TH_LOG("after %d levels: %d", depth, next);
	EXPECT_EQ(0x3f, roots_in(_metadata, fd, self->root));
	ASSERT_EQ(0, t_remove(self->fd, &self->root[2]));
	EXPECT_EQ(0x3b, roots_in(_metadata, fd, self->root));
	close(fd);
}

/* LIVE and filters are for stores only. */
TEST_F(view, filters_on_other_kinds)
{
	int cert = t_cert("cert", &self->root[0]);
	int verifier = t_verifier("verifier", "preset=webpki-lenient");
	struct filter_case one = { "one", 0, 0x01, NONE, NONE, 0x01 };
	struct filter_arg a;
	int fds[2] = { cert, verifier }, i;

	ASSERT_LE(0, cert);
	ASSERT_LE(0, verifier);
	for (i = 0; i < 2; i++) {
		make_filter(self->root, NULL, &one, &a);
		a.r.rights = RIGHT(INFO);
		EXPECT_EQ(-EINVAL, t_restrict_arg(fds[i], &a.r));
		memset(&a, 0, sizeof(a));
		a.r.rights = RIGHT(INFO);
		a.r.flags = CAPCERT_RESTRICT_LIVE;
		EXPECT_EQ(-EINVAL, t_restrict_arg(fds[i], &a.r));
		a.r.flags = 0;
		a.r.purposes = 1;
		EXPECT_EQ(-EINVAL, t_restrict_arg(fds[i], &a.r));
	}
}

TEST_F(view, malformed_filters)
{
	struct capcert_blob subject = { (uintptr_t)"junk", 4, -1 };
	struct capcert_restrict r = { .rights = RIGHT(INFO), .subjects = (uintptr_t)&subject,
				      .subject_count = 1 };
	uint64_t handles = t_handles();

	EXPECT_EQ(-EINVAL, t_restrict_arg(self->fd, &r));
	subject.len = 0;
	EXPECT_EQ(-EINVAL, t_restrict_arg(self->fd, &r));
	subject = (struct capcert_blob){ 0, 4, -1 };
	EXPECT_EQ(-EFAULT, t_restrict_arg(self->fd, &r));
	r = (struct capcert_restrict){ .rights = RIGHT(INFO), .fingerprints = 0,
				       .fingerprint_count = 1 };
	EXPECT_EQ(-EFAULT, t_restrict_arg(self->fd, &r));
	r = (struct capcert_restrict){ .rights = RIGHT(INFO), .exclude = 0, .exclude_count = 1 };
	EXPECT_EQ(-EFAULT, t_restrict_arg(self->fd, &r));
	EXPECT_EQ(handles, t_handles());
}

TEST_HARNESS_MAIN
