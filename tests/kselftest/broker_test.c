// SPDX-License-Identifier: GPL-2.0-only
/* Requests on their way: agents that die, waiters that are killed, full queues, pinned states. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define USER_LIMIT 64		/* CC_BROKER_USER_REQUESTS */
#define ALL_LIMIT 1024		/* CC_BROKER_MAX_REQUESTS */

FIXTURE(broker) {
	struct tcert root, leaf;
	int store, verifier;
	uint8_t *buf;
	struct fake_reply reply;
};

FIXTURE_SETUP(broker)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	self->store = t_store("store");
	self->verifier = t_verifier("verifier", "preset=webpki-lenient");
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	self->buf = malloc(AGENT_BUF);
	ASSERT_NE(NULL, self->buf);
	fake_valid(&self->reply, &self->leaf, &self->root);
}

FIXTURE_TEARDOWN(broker)
{
	free(self->buf);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
}

#define START(a, timeout) t_async_verify(a, self->store, self->verifier, &self->leaf, timeout)
/* No compiler may know that nothing is mapped there. */
static void *volatile nowhere = (void *)8;

#define HEAD ((const struct capcert_agent_request *)self->buf)

/* ---- agents that die ---- */

TEST_F(broker, the_next_one_takes_over)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0), two;
	struct t_async a, b;
	uint64_t id;

	START(&a, 20000);
	ASSERT_LT(0, agent_read(fd, self->buf));
	id = HEAD->id;
	START(&b, 20000);
	ASSERT_TRUE(t_pending_becomes(2));
	close(fd);
	EXPECT_EQ(2, t_pending());
	two = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	/* The older first, though it had gone out. */
	ASSERT_LT(0, agent_read(two, self->buf));
	EXPECT_EQ(id, HEAD->id);
	EXPECT_EQ(0, agent_write(two, &self->reply, id));
	EXPECT_EQ(0, t_async_join(&a));
	ASSERT_LT(0, agent_read(two, self->buf));
	EXPECT_EQ(0, agent_write(two, &self->reply, HEAD->id));
	EXPECT_EQ(0, t_async_join(&b));
}

static int killed_agent(void *arg)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	uint8_t *buf = malloc(AGENT_BUF);

	if (fd < 0 || !buf || agent_read(fd, buf) <= 0)
		return 1;
	kill(getpid(), SIGKILL);
	return 2;
}

TEST_F(broker, killed_while_working)
{
	struct t_async a;
	int fd;

	START(&a, 20000);
	EXPECT_EQ(-1, t_child(killed_agent, NULL));
	EXPECT_EQ(1, t_pending());
	fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	ASSERT_LT(0, agent_read(fd, self->buf));
	EXPECT_EQ(0, agent_write(fd, &self->reply, HEAD->id));
	EXPECT_EQ(0, t_async_join(&a));
	EXPECT_EQ(1, a.v.outcome.valid);
}

/* A request that kills every agent is not passed on for ever. */
TEST_F(broker, a_deadly_request)
{
	struct t_async a;
	int i, fd, deaths = 0;

	START(&a, 20000);
	for (i = 0; i < 20; i++) {
		fd = agent_hello(CAPCERT_CLASS_VERIFY, O_NONBLOCK);
		ASSERT_LE(0, fd);
		if (!i)
			ASSERT_TRUE(t_pending_becomes(1));
		if (agent_read(fd, self->buf) < 0) {
			close(fd);
			break;
		}
		close(fd);
		deaths++;
	}
	EXPECT_EQ(8, deaths);
	EXPECT_EQ(-EIO, t_async_join(&a));
	EXPECT_EQ(0, t_pending());
}

TEST_F(broker, nobody_there)
{
	struct t_async a;
	uint64_t from = t_ms(), took;

	START(&a, 400);
	EXPECT_EQ(-ETIMEDOUT, t_async_join(&a));
	took = t_ms() - from;
	EXPECT_LE(400, took);
	EXPECT_GT(5000, took);
	EXPECT_EQ(0, t_pending());
}

/* Requests wait for an agent that is late. */
TEST_F(broker, it_comes_late)
{
	struct t_async a;
	int fd;

	START(&a, 10000);
	ASSERT_TRUE(t_pending_becomes(1));
	fd = agent_hello(CAPCERT_CLASS_VERIFY, O_NONBLOCK);
	ASSERT_LT(0, agent_read(fd, self->buf));
	EXPECT_EQ(0, agent_write(fd, &self->reply, HEAD->id));
	EXPECT_EQ(0, t_async_join(&a));
}

TEST_F(broker, it_never_answers)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	struct capcert_agent_state st = { .size = sizeof(st), .what = CAPCERT_STATE_STORE };
	struct t_async a;
	uint64_t id;

	START(&a, 300);
	ASSERT_LT(0, agent_read(fd, self->buf));
	id = HEAD->id;
	EXPECT_EQ(-ETIMEDOUT, t_async_join(&a));
	EXPECT_EQ(-ENOENT, agent_write(fd, &self->reply, id));
	st.id = id;
	EXPECT_EQ(-ENOENT, t_ioctl(fd, CAPCERT_AGENT_STATE, &st));
	EXPECT_EQ(0, t_pending());
}

/* ---- waiters ---- */

struct waiter {
	int store, verifier;
	const struct tcert *leaf;
};

static int wait_for_verdict(void *arg)
{
	struct waiter *w = arg;
	struct t_async a;

	t_async_verify(&a, w->store, w->verifier, w->leaf, 30000);
	return -t_async_join(&a);
}

TEST_F(broker, a_killed_waiter)
{
	struct waiter w = { self->store, self->verifier, &self->leaf };
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0), status, i;
	uint64_t id = 0, from;
	pid_t pid;

	/* Once while it is queued, once while it is dispatched. */
	for (i = 0; i < 2; i++) {
		pid = fork();
		if (!pid)
			_exit(wait_for_verdict(&w));
		ASSERT_TRUE(t_pending_becomes(1));
		if (i) {
			ASSERT_LT(0, agent_read(fd, self->buf));
			id = HEAD->id;
		}
		from = t_ms();
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_GT(3000, t_ms() - from);
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(0, t_pending());
	}
	EXPECT_EQ(-ENOENT, agent_write(fd, &self->reply, id));
}

static void nothing(int sig)
{
}

/* A signal with a handler does not disturb a call: only a fatal one ends it. */
TEST_F(broker, other_signals)
{
	struct sigaction sa = { .sa_handler = nothing };
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	struct t_async a;

	sigaction(SIGUSR1, &sa, NULL);
	START(&a, 10000);
	ASSERT_LT(0, agent_read(fd, self->buf));
	pthread_kill(a.thread, SIGUSR1);
	usleep(100000);
	EXPECT_EQ(1, t_pending());
	EXPECT_EQ(0, agent_write(fd, &self->reply, HEAD->id));
	EXPECT_EQ(0, t_async_join(&a));
}

/* ---- limits ---- */

static void *crowd_member(void *arg)
{
	struct waiter *w = arg;
	struct t_verify v;
	int err;

	t_verify_init(&v, w->store, w->leaf);
	t_unique_name(&v);
	v.arg.timeout_ms = 60000;
	/* The whole crowd may take longer to come than one call may wait. */
	do {
		err = t_verify_run(&v, w->verifier);
	} while (err == -ETIMEDOUT);
	return (void *)(intptr_t)err;
}

/* @n waiting threads with small stacks. */
static int crowd(struct waiter *w, int n)
{
	pthread_attr_t attr;
	pthread_t thread;
	int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (i = 0; i < n; i++)
		if (pthread_create(&thread, &attr, crowd_member, w))
			return -1;
	return 0;
}

static pid_t crowd_of_user(struct waiter *w, uid_t uid, int n)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	/* After the change of uid, which clears it: nobody of the crowd outlives a failed test. */
	if (setresgid(uid, uid, uid) || setresuid(uid, uid, uid) ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) || crowd(w, n))
		_exit(1);
	for (;;)
		pause();
}

struct one_more {
	struct waiter *w;
	uid_t uid;
};

static int one_more(void *arg)
{
	struct one_more *o = arg;
	struct t_verify v;

	if (setresgid(o->uid, o->uid, o->uid) || setresuid(o->uid, o->uid, o->uid))
		return 1;
	t_verify_init(&v, o->w->store, o->w->leaf);
	t_unique_name(&v);
	v.arg.timeout_ms = 200;
	return -t_verify_run(&v, o->w->verifier);
}

TEST_F_TIMEOUT(broker, limit_per_user, 120)
{
	struct waiter w = { self->store, self->verifier, &self->leaf };
	struct one_more same = { &w, 21000 }, other = { &w, 21001 };
	pid_t pid = crowd_of_user(&w, 21000, USER_LIMIT);

	ASSERT_TRUE(t_pending_becomes(USER_LIMIT));
	EXPECT_EQ(EDQUOT, t_child(one_more, &same));
	EXPECT_EQ(ETIMEDOUT, t_child(one_more, &other));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	EXPECT_TRUE(t_pending_becomes(0));
	EXPECT_EQ(ETIMEDOUT, t_child(one_more, &same));
}

TEST_F_TIMEOUT(broker, limit_of_all, 300)
{
	struct waiter w = { self->store, self->verifier, &self->leaf };
	struct one_more other = { &w, 22999 };
	pid_t pid[ALL_LIMIT / USER_LIMIT];
	int i;

	for (i = 0; i < ALL_LIMIT / USER_LIMIT; i++) {
		pid[i] = crowd_of_user(&w, 22000 + (uid_t)i, USER_LIMIT);
		ASSERT_TRUE(t_pending_becomes((uint64_t)(i + 1) * USER_LIMIT));
	}
	EXPECT_EQ(EBUSY, t_child(one_more, &other));
	for (i = 0; i < ALL_LIMIT / USER_LIMIT; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	EXPECT_TRUE(t_pending_becomes(0));
	EXPECT_EQ(ETIMEDOUT, t_child(one_more, &other));
}

/* ---- STATE ---- */

static int state(int fd, uint64_t id, uint32_t what, void *buf, uint32_t len, uint32_t *ret_len)
{
	struct capcert_agent_state st = { .size = sizeof(st), .id = id, .what = what,
					  .len = len, .buf = (uintptr_t)buf };
	int err = t_ioctl(fd, CAPCERT_AGENT_STATE, &st);

	if (ret_len)
		*ret_len = st.ret_len;
	return err;
}

TEST_F(broker, state_of_own_requests_only)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0), two = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	struct capcert_state_store *head;
	struct capcert_state_distrust *list;
	struct capcert_anchor anchor;
	struct capcert_version v;
	uint8_t *buf = malloc(65536);
	uint32_t need = 0, got = 0;
	struct t_async a;
	uint64_t id;

	START(&a, 20000);
	ASSERT_TRUE(t_pending_becomes(1));
	EXPECT_EQ(-ENOENT, state(fd, 1, CAPCERT_STATE_STORE, buf, 65536, NULL));
	ASSERT_LT(0, agent_read(fd, self->buf));
	id = HEAD->id;
	/* Another agent, another id, another what. */
	EXPECT_EQ(-ENOENT, state(two, id, CAPCERT_STATE_STORE, buf, 65536, NULL));
	EXPECT_EQ(-ENOENT, state(fd, id + 1, CAPCERT_STATE_STORE, buf, 65536, NULL));
	EXPECT_EQ(-EINVAL, state(fd, id, 0, buf, 65536, NULL));
	EXPECT_EQ(-EINVAL, state(fd, id, 99, buf, 65536, NULL));
	/* The store changes: the pinned state does not. */
	ASSERT_EQ(0, t_version(self->store, &v));
	ASSERT_EQ(0, t_add(self->store, &self->leaf, 0));
	EXPECT_EQ(-EMSGSIZE, state(fd, id, CAPCERT_STATE_STORE, buf, 0, &need));
	EXPECT_EQ(HEAD->store_len, need);
	EXPECT_EQ(-EMSGSIZE, state(fd, id, CAPCERT_STATE_STORE, buf, need - 1, &got));
	EXPECT_EQ(need, got);
	EXPECT_EQ(-EFAULT, state(fd, id, CAPCERT_STATE_STORE, nowhere, need, NULL));
	ASSERT_EQ(0, state(fd, id, CAPCERT_STATE_STORE, buf, need, &got));
	ASSERT_EQ(need, got);
	head = (void *)buf;
	EXPECT_EQ(v.version, head->version);
	EXPECT_EQ(HEAD->store_version, head->version);
	EXPECT_EQ(HEAD->store_id, head->id);
	ASSERT_EQ(1, head->count);
	EXPECT_EQ(0, memcmp(v.digest, head->digest, 32));
	memcpy(&anchor, head + 1, sizeof(anchor));
	EXPECT_EQ(0, memcmp(anchor.fingerprint, self->root.fingerprint, 32));
	EXPECT_EQ(0, memcmp(anchor.spki_hash, self->root.spki_hash, 32));
	EXPECT_EQ(1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH, anchor.purposes);
	ASSERT_EQ(self->root.len, anchor.der_len);
	EXPECT_EQ(0, memcmp(buf + sizeof(*head) + sizeof(anchor), self->root.der, self->root.len));
	EXPECT_EQ(((sizeof(*head) + sizeof(anchor) + self->root.len) + 7) & ~7ul, need);

	ASSERT_EQ(0, state(fd, id, CAPCERT_STATE_DISTRUST, buf, 65536, &got));
	EXPECT_EQ(HEAD->distrust_len, got);
	list = (void *)buf;
	EXPECT_EQ(HEAD->distrust_generation, list->generation);

	/* Asked again because the store has moved: the old request is over. */
	EXPECT_EQ(0, agent_write(fd, &self->reply, id));
	EXPECT_EQ(-ENOENT, state(fd, id, CAPCERT_STATE_STORE, buf, 65536, NULL));
	ASSERT_LT(0, agent_read(fd, self->buf));
	EXPECT_NE(id, HEAD->id);
	EXPECT_EQ(v.version + 1, HEAD->store_version);
	EXPECT_EQ(0, agent_write(fd, &self->reply, HEAD->id));
	EXPECT_EQ(0, t_async_join(&a));
	free(buf);
}

TEST_HARNESS_MAIN
