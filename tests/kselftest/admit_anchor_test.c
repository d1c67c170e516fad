// SPDX-License-Identifier: GPL-2.0-only
/* Anchors of bundles that are more than certificates, as handles, agents and the library see them. */

#include <capcert/capcert.h>

#include "admit.h"
#include "calls.h"
#include "libcapcert/anchors.h"
#include "libcapcert/engine.h"

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

TEST_HARNESS_MAIN
