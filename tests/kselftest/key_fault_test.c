// SPDX-License-Identifier: GPL-2.0-only
/* Keepers that die, answer twice or never; keys that go meanwhile; callers that are killed. */
#include "key.h"

static void invalidate_meanwhile(struct fake_keyd *keyd)
{
	keyctl_invalidate(pausing_key);
}

/* Revoked while the keeper works: its signature is not handed out. */
TEST_F(key, revoked_meanwhile)
{
	struct t_sign s;

	pausing_key = self->key;
	self->keyd.pause = revoke_meanwhile;
	t_sign_init(&s, "text", 4);
	EXPECT_EQ(-EKEYREVOKED, t_sign(self->fd, &s));
	EXPECT_EQ(0, s.signature[0]);
	EXPECT_EQ(1, keyd_signs(&self->keyd));
	EXPECT_EQ(-EKEYREVOKED, t_sign(self->fd, &s));
	EXPECT_EQ(1, keyd_signs(&self->keyd));
}

TEST_F(key, invalidated_meanwhile)
{
	pausing_key = self->key;
	self->keyd.pause = invalidate_meanwhile;
	EXPECT_EQ(-ENOKEY, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
}

static int asking_fd;

static void *ask(void *arg)
{
	*(int *)arg = t_sign_text(asking_fd, KEY(TLS_SERVER), "text");
	return NULL;
}

/* Its keeper died of it: the caller is told, and no other one ever sees it. */
TEST_F(key, the_keeper_dies)
{
	uint8_t *buf = malloc(AGENT_BUF);
	struct capcert_agent_request *r = (void *)buf;
	int first, second, ret = 0, fd = NARROW(self->fd, .max_uses = 3);
	struct capcert_key_info k;
	struct fake_reply reply;
	pthread_t thread;

	ASSERT_LE(0, fd);
	keyd_stop(&self->keyd);
	first = agent_hello(CAPCERT_CLASS_SIGN, 0);
	second = agent_hello(CAPCERT_CLASS_SIGN, O_NONBLOCK);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	asking_fd = fd;
	ASSERT_EQ(0, pthread_create(&thread, NULL, ask, &ret));
	ASSERT_LT(0, agent_read(first, buf));
	EXPECT_EQ(CAPCERT_AGENT_OP_SIGN, r->op);
	/* Another's answer is nobody's. */
	keyd_reply(&self->keyd, r, &reply);
	EXPECT_EQ(-ENOENT, agent_write(second, &reply, r->id));
	close(first);
	pthread_join(thread, NULL);
	EXPECT_EQ(-EIO, ret);
	EXPECT_EQ(-EAGAIN, agent_read(second, buf));
	ASSERT_EQ(0, key_info(fd, &k));
	EXPECT_EQ(2, k.uses_left);
	close(second);
	free(buf);
	ASSERT_EQ(0, keyd_start(&self->keyd));
}

/* One answer counts, once; what comes after it finds nothing. */
TEST_F(key, answered_twice)
{
	uint8_t *buf = malloc(AGENT_BUF);
	struct capcert_agent_request *r = (void *)buf;
	struct fake_reply reply;
	pthread_t thread;
	int agent, ret = -1;

	keyd_stop(&self->keyd);
	agent = agent_hello(CAPCERT_CLASS_SIGN, 0);
	ASSERT_LE(0, agent);
	asking_fd = self->fd;
	ASSERT_EQ(0, pthread_create(&thread, NULL, ask, &ret));
	ASSERT_LT(0, agent_read(agent, buf));
	keyd_reply(&self->keyd, r, &reply);
	EXPECT_EQ(0, agent_write(agent, &reply, r->id));
	EXPECT_EQ(-ENOENT, agent_write(agent, &reply, r->id));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, ret);
	close(agent);
	free(buf);
	ASSERT_EQ(0, keyd_start(&self->keyd));
}

TEST_F(key, deadline)
{
	uint64_t before = t_ms();
	struct t_sign s;

	keyd_stop(&self->keyd);
	t_sign_init(&s, "text", 4);
	s.arg.timeout_ms = 200;
	EXPECT_EQ(-ETIMEDOUT, t_sign(self->fd, &s));
	EXPECT_LE(190, t_ms() - before);
	EXPECT_TRUE(t_pending_becomes(0));
	ASSERT_EQ(0, keyd_start(&self->keyd));
}

/* As many as a user may have wait; the next is refused at once; a killed caller leaves nothing. */
TEST_F(key, queue_and_killed_callers)
{
	pid_t pid;
	int i;

	keyd_stop(&self->keyd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		pthread_t thread;
		int ret[64];

		asking_fd = self->fd;
		for (i = 0; i < 64; i++)
			pthread_create(&thread, NULL, ask, &ret[i]);
		pause();
		_exit(1);
	}
	EXPECT_TRUE(t_pending_becomes(64));
	EXPECT_EQ(-EDQUOT, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_TRUE(t_pending_becomes(0));
	ASSERT_EQ(0, keyd_start(&self->keyd));
	EXPECT_EQ(0, t_sign_text(self->fd, KEY(TLS_SERVER), "text"));
}

TEST_HARNESS_MAIN
