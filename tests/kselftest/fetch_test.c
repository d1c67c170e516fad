// SPDX-License-Identifier: GPL-2.0-only
/* FETCH: who may, what the status agent is asked, one question for all, what becomes of its answers. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define PTR(x) ((uint64_t)(uintptr_t)(x))
#define HEAD ((const struct capcert_agent_request *)self->buf)
#define LIST_LEN (200 * 1024)
#define ENTRIES 1024		/* CC_FETCHED_ENTRIES */

struct question {
	struct capcert_fetch arg;
	struct capcert_blob chain[4];
	int fd, ret;
	pthread_t thread;
};

FIXTURE(fetch) {
	struct tcert root, leaf, other;
	int store, verifier, agent;
	uint8_t *buf;
	struct fake_status status;
	struct question q;
};

/* Another certificate for each: questions of tests before are not answered again. */
static uint32_t next_seed = 100;

static void ask_about(struct question *q, const struct tcert *leaf, const struct tcert *issuer)
{
	memset(q, 0, sizeof(*q));
	q->chain[0] = (struct capcert_blob){ PTR(leaf->der), (uint32_t)leaf->len, -1 };
	q->chain[1] = (struct capcert_blob){ PTR(issuer->der), (uint32_t)issuer->len, -1 };
	q->arg = (struct capcert_fetch){
		.size = sizeof(q->arg), .store_fd = -1, .chain = PTR(q->chain), .chain_count = 2,
		.issuer = 1, .want = CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL,
		.timeout_ms = 20000, .fd = -1,
	};
}

FIXTURE_SETUP(fetch)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, next_seed++ + 1000 * (uint32_t)getpid(), 1, &self->leaf);
	tcert_leaf(T_NAME, next_seed++ + 1000 * (uint32_t)getpid(), 1, &self->other);
	self->store = t_store("store");
	self->verifier = t_verifier("verifier", "preset=webpki-lenient");
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	self->buf = malloc(AGENT_BUF);
	ASSERT_NE(NULL, self->buf);
	self->agent = agent_hello(CAPCERT_CLASS_STATUS, 0);
	ASSERT_LE(0, self->agent);
	fake_good(&self->status, 3600);
	ask_about(&self->q, &self->leaf, &self->root);
}

FIXTURE_TEARDOWN(fetch)
{
	if (self->agent >= 0)
		close(self->agent);
	free(self->buf);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
	tcert_free(&self->other);
}

static void *ask_main(void *arg)
{
	struct question *q = arg;

	q->ret = t_ioctl(q->fd, CAPCERT_FETCH, &q->arg);
	return NULL;
}

static void ask(struct question *q, int verifier)
{
	q->fd = verifier;
	pthread_create(&q->thread, NULL, ask_main, q);
}

static int answered(struct question *q)
{
	pthread_join(q->thread, NULL);
	return q->ret;
}

/* ---- what is asked and answered ---- */

TEST_F(fetch, question_and_answer)
{
	struct capcert_info info;
	uint8_t back[64];
	struct capcert_read read = { .size = sizeof(read), .what = CAPCERT_READ_EVIDENCE,
				     .buf = PTR(back), .len = sizeof(back) };
	const uint8_t *item;
	uint32_t len = 0;

	self->q.chain[2] = self->q.chain[0];
	self->q.chain[0] = (struct capcert_blob){ PTR(self->other.der),
						  (uint32_t)self->other.len, -1 };
	self->q.arg.chain_count = 3;
	self->q.arg.subject = 2;
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(CAPCERT_AGENT_OP_STATUS, HEAD->op);
	EXPECT_EQ(3, HEAD->item_count);
	EXPECT_EQ(CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL, HEAD->purpose);
	EXPECT_EQ(0, HEAD->policy_len);
	EXPECT_LT(0, HEAD->max_age);
	EXPECT_EQ(CAPCERT_NONCE_OFF, HEAD->scheme);
	/* The certificate, its issuer, the others. */
	item = request_item(self->buf, 0, &len);
	ASSERT_EQ(self->leaf.len, len);
	EXPECT_EQ(0, memcmp(item, self->leaf.der, len));
	item = request_item(self->buf, 1, &len);
	ASSERT_EQ(self->root.len, len);
	EXPECT_EQ(0, memcmp(item, self->root.der, len));
	item = request_item(self->buf, 2, &len);
	ASSERT_EQ(self->other.len, len);
	EXPECT_EQ(0, memcmp(item, self->other.der, len));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	ASSERT_EQ(0, answered(&self->q));
	EXPECT_EQ(CAPCERT_EVIDENCE_OCSP, self->q.arg.type);
	EXPECT_EQ(16, self->q.arg.len);
	EXPECT_EQ(CAPCERT_OCSP_GOOD, self->q.arg.status);
	EXPECT_EQ(0, self->q.arg.how);
	EXPECT_EQ(self->status.s.until, self->q.arg.until);
	EXPECT_STREQ("http://ocsp.example/", self->q.arg.detail);
	EXPECT_EQ(0, t_ioctl(self->q.arg.fd, CAPCERT_READ, &read));
	EXPECT_EQ(0, memcmp(back, self->status.bytes, 16));
	EXPECT_EQ(0, t_info(self->q.arg.fd, &info));
	EXPECT_EQ(CAPCERT_KIND_EVIDENCE, info.kind);
	EXPECT_EQ(CAPCERT_ORIGIN_SYSTEM, info.origin);
	EXPECT_EQ(self->q.arg.id, info.id);
	close(self->q.arg.fd);
}

/* The issuer is an anchor, which stands in no chain. */
TEST_F(fetch, issuer_from_the_store)
{
	const uint8_t *item;
	uint32_t len = 0;

	self->q.arg.chain_count = 1;
	self->q.arg.issuer = CAPCERT_FETCH_ANCHOR;
	memcpy(self->q.arg.anchor, self->root.fingerprint, 32);
	EXPECT_EQ(-EBADF, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg));
	self->q.arg.store_fd = self->verifier;
	EXPECT_EQ(-EBADFD, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg));
	self->q.arg.store_fd = t_restrict(self->store, RIGHT(INFO) | RIGHT(TRANSFER));
	EXPECT_EQ(-EACCES, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg));
	close(self->q.arg.store_fd);
	self->q.arg.store_fd = self->store;
	self->q.arg.anchor[0] ^= 1;
	EXPECT_EQ(-ENOENT, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg));
	self->q.arg.anchor[0] ^= 1;
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	item = request_item(self->buf, 1, &len);
	ASSERT_EQ(self->root.len, len);
	EXPECT_EQ(0, memcmp(item, self->root.der, len));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	EXPECT_EQ(0, answered(&self->q));
	close(self->q.arg.fd);
}

TEST_F(fetch, arguments)
{
	struct capcert_fetch good = self->q.arg;
	struct capcert_status before, after;

	t_status(&before);
#define REFUSED(error, ...) do {						\
	self->q.arg = good;							\
	__VA_ARGS__;								\
	EXPECT_EQ(error, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg)); \
} while (0)
	REFUSED(-EINVAL, self->q.arg.want = 0);
	REFUSED(-EINVAL, self->q.arg.want = CAPCERT_MISSING_STAPLE);
	REFUSED(-EINVAL, self->q.arg.want = 8);
	REFUSED(-EINVAL, self->q.arg.chain_count = 0);
	REFUSED(-EMSGSIZE, self->q.arg.chain_count = CAPCERT_MAX_CHAIN + 1);
	REFUSED(-EINVAL, self->q.arg.subject = 2);
	REFUSED(-EINVAL, self->q.arg.issuer = 2);
	REFUSED(-EINVAL, self->q.arg.issuer = 0);
	REFUSED(-EINVAL, self->q.arg.store_fd = self->store);
	REFUSED(-EINVAL, self->q.arg.anchor[31] = 1);
	REFUSED(-EINVAL, self->q.arg.timeout_ms = 60001);
	REFUSED(-EFAULT, self->q.arg.chain = 8);
	REFUSED(-EINVAL, self->q.chain[1].len = 0);
	REFUSED(-EMSGSIZE, self->q.chain[1].len = CAPCERT_MAX_CERT + 1);
#undef REFUSED
	t_status(&after);
	EXPECT_EQ(before.status_requests, after.status_requests);
}

/* Without the right nobody is asked anything. */
TEST_F(fetch, right)
{
	struct capcert_status before, after;
	int less = t_restrict(self->verifier, T_RIGHTS_VERIFIER & ~RIGHT(FETCH));

	ASSERT_LE(0, less);
	t_status(&before);
	EXPECT_EQ(-EACCES, t_ioctl(less, CAPCERT_FETCH, &self->q.arg));
	EXPECT_EQ(-ENOTTY, t_ioctl(self->store, CAPCERT_FETCH, &self->q.arg));
	t_status(&after);
	EXPECT_EQ(before.status_requests, after.status_requests);
	EXPECT_EQ(0, t_pending());
}

/* ---- one question for all ---- */

#define MANY 80		/* more than a user may have in the queue */

TEST_F(fetch, joined)
{
	struct question *q = calloc(MANY, sizeof(*q));
	struct capcert_status before, after;
	unsigned int i, shared = 0;

	ASSERT_NE(NULL, q);
	t_status(&before);
	for (i = 0; i < MANY; i++) {
		ask_about(&q[i], &self->leaf, &self->root);
		ask(&q[i], self->verifier);
	}
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, answered(&q[i]));
		EXPECT_EQ(q[0].arg.id, q[i].arg.id);
		shared += q[i].arg.how == CAPCERT_FETCHED_SHARED;
		close(q[i].arg.fd);
	}
	EXPECT_EQ(MANY - 1, shared);
	t_status(&after);
	EXPECT_EQ(before.status_requests + 1, after.status_requests);
	EXPECT_EQ(before.fetch_hits + MANY - 1, after.fetch_hits);
	free(q);
}

/* What would do, the maximum age, and nonces belong to the question; the rest of a policy does not. */
TEST_F(fetch, what_is_equal)
{
	int same = t_verifier("same", "preset=webpki-lenient;max_chain=3");
	int differs = t_verifier("differs", "preset=webpki-lenient;max_age=1h");
	int nonce = t_verifier("nonce", "preset=webpki-lenient;ocsp_nonce=require");
	struct capcert_status before, after;
	uint64_t id;

	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	ASSERT_EQ(0, answered(&self->q));
	id = self->q.arg.id;
	close(self->q.arg.fd);
	t_status(&before);
	ASSERT_EQ(0, t_ioctl(same, CAPCERT_FETCH, &self->q.arg));
	EXPECT_EQ(id, self->q.arg.id);
	EXPECT_EQ(CAPCERT_FETCHED_SHARED, self->q.arg.how);
	close(self->q.arg.fd);
	t_status(&after);
	EXPECT_EQ(before.status_requests, after.status_requests);
	self->q.arg.timeout_ms = 100;
	EXPECT_EQ(-ETIMEDOUT, t_ioctl(differs, CAPCERT_FETCH, &self->q.arg));
	EXPECT_EQ(-ETIMEDOUT, t_ioctl(nonce, CAPCERT_FETCH, &self->q.arg));
	self->q.arg.want = CAPCERT_MISSING_OCSP;
	EXPECT_EQ(-ETIMEDOUT, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg));
	t_status(&after);
	EXPECT_EQ(before.status_requests + 3, after.status_requests);
}

/* The one who asks gives up: the next one asks, and nobody is told of his error. */
TEST_F(fetch, who_asked_leaves)
{
	struct question late;

	ask_about(&late, &self->leaf, &self->root);
	self->q.arg.timeout_ms = 300;
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	ask(&late, self->verifier);
	EXPECT_EQ(-ETIMEDOUT, answered(&self->q));
	EXPECT_EQ(-ENOENT, agent_status(self->agent, &self->status, 16, HEAD->id));
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	EXPECT_EQ(0, answered(&late));
	close(late.arg.fd);
	EXPECT_EQ(0, t_pending());
}

static int killed_caller(void *arg)
{
	struct question *q = arg;

	t_ioctl(q->fd, CAPCERT_FETCH, &q->arg);
	return 0;
}

TEST_F(fetch, killed_caller)
{
	pid_t pid;
	int status;

	self->q.fd = self->verifier;
	pid = fork();
	if (!pid)
		_exit(killed_caller(&self->q));
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(t_pending_becomes(0));
	EXPECT_EQ(-ENOENT, agent_status(self->agent, &self->status, 16, HEAD->id));
	/* And the question is as good as new. */
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	EXPECT_EQ(0, answered(&self->q));
	close(self->q.arg.fd);
}

/* An error of the agent's is everybody's, and is not kept. */
TEST_F(fetch, agents_error)
{
	struct question two;

	ask_about(&two, &self->leaf, &self->root);
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	ask(&two, self->verifier);
	usleep(100000);
	memset(&self->status, 0, sizeof(self->status));
	self->status.r.error = -EAGAIN;
	self->status.r.reason = CAPCERT_REASON_INTERNAL;
	self->status.r.id = HEAD->id;
	self->status.r.size = sizeof(self->status.r);
	EXPECT_EQ(sizeof(self->status.r),
		  write(self->agent, &self->status, sizeof(self->status.r)));
	EXPECT_EQ(-EAGAIN, answered(&self->q));
	EXPECT_EQ(-EAGAIN, answered(&two));
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	fake_good(&self->status, 3600);
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	EXPECT_EQ(0, answered(&self->q));
	close(self->q.arg.fd);
}

TEST_F(fetch, agent_dies)
{
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	close(self->agent);
	self->agent = agent_hello(CAPCERT_CLASS_STATUS, 0);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	EXPECT_EQ(0, answered(&self->q));
	close(self->q.arg.fd);
}

TEST_F(fetch, key_revoked_meanwhile)
{
	int key = t_key_verifier("short-lived", "preset=webpki-lenient");
	int fd = t_open(key, T_RIGHTS_VERIFIER);

	ASSERT_LE(0, fd);
	ask(&self->q, fd);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	ASSERT_EQ(0, keyctl_revoke(key));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 16, HEAD->id));
	EXPECT_EQ(-EKEYREVOKED, answered(&self->q));
}

/* ---- what is kept, and how long ---- */

static int once(struct __test_metadata *_metadata, FIXTURE_DATA(fetch) *self)
{
	ask(&self->q, self->verifier);
	if (agent_read(self->agent, self->buf) <= 0 ||
	    agent_status(self->agent, &self->status,
			 self->status.s.type == CAPCERT_EVIDENCE_UNREACHABLE ||
			 self->status.s.fd >= 0 ? 0 : 16, HEAD->id))
		return -1;
	answered(&self->q);
	if (!self->q.ret)
		close(self->q.arg.fd);
	return self->q.ret;
}

/* For those who waited it counts, for those who come later it does not. */
TEST_F(fetch, out_of_date)
{
	self->status.s.until = t_now() - 1;
	ASSERT_EQ(0, once(_metadata, self));
	EXPECT_EQ(0, self->q.arg.how);
	ASSERT_EQ(0, once(_metadata, self));
	EXPECT_EQ(0, self->q.arg.how);
}

TEST_F(fetch, nobody_answered)
{
	fake_good(&self->status, 3600);
	self->status.s.type = CAPCERT_EVIDENCE_UNREACHABLE;
	self->status.s.status = CAPCERT_OCSP_RESPONDER_UNREACHABLE;
	strcpy(self->status.r.detail, "http://ocsp.example/: no connection");
	ASSERT_EQ(0, once(_metadata, self));
	EXPECT_EQ(CAPCERT_EVIDENCE_UNREACHABLE, self->q.arg.type);
	EXPECT_EQ(32, self->q.arg.len);
	EXPECT_EQ(CAPCERT_OCSP_RESPONDER_UNREACHABLE, self->q.arg.status);
	EXPECT_STREQ("http://ocsp.example/: no connection", self->q.arg.detail);
	/* Remembered for a while: a host that is down is not asked by everyone. */
	ASSERT_EQ(0, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg));
	EXPECT_EQ(CAPCERT_FETCHED_SHARED, self->q.arg.how);
	close(self->q.arg.fd);
}

TEST_F(fetch, no_agent)
{
	uint64_t from = t_ms();

	/* One that has just left may come back; the question waits for it. */
	close(self->agent);
	self->agent = -1;
	self->q.arg.timeout_ms = 200;
	EXPECT_EQ(-ETIMEDOUT, t_ioctl(self->verifier, CAPCERT_FETCH, &self->q.arg));
	EXPECT_LE(200, t_ms() - from);
	EXPECT_EQ(0, t_pending());
}

TEST_F_TIMEOUT(fetch, bounded, 600)
{
	struct capcert_status s;
	unsigned int i;

	for (i = 0; i < ENTRIES + 20; i++) {
		struct tcert leaf;

		tcert_leaf(T_NAME, 100000 + i, 1, &leaf);
		ask_about(&self->q, &leaf, &self->root);
		ASSERT_EQ(0, once(_metadata, self));
		tcert_free(&leaf);
	}
	t_status(&s);
	EXPECT_EQ(ENTRIES, s.fetch_entries);
}

/* ---- lists as files ---- */

static void as_list(struct fake_status *status, int fd)
{
	status->s.type = CAPCERT_EVIDENCE_CRL;
	status->s.fd = fd;
}

TEST_F(fetch, list)
{
	uint8_t *list = malloc(LIST_LEN), *back = malloc(LIST_LEN), digest[32];
	struct capcert_read read = { .size = sizeof(read), .what = CAPCERT_READ_EVIDENCE,
				     .buf = PTR(back), .len = LIST_LEN };
	struct capcert_status before, after;
	struct question two;
	int fd;

	ASSERT_NE(NULL, list);
	ASSERT_NE(NULL, back);
	memset(list, 0x5a, LIST_LEN);
	t_sha256(list, LIST_LEN, digest);
	fd = t_memfd(list, LIST_LEN);
	ASSERT_LE(0, fd);
	as_list(&self->status, fd);
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 0, HEAD->id));
	ASSERT_EQ(0, answered(&self->q));
	EXPECT_EQ(CAPCERT_EVIDENCE_CRL, self->q.arg.type);
	EXPECT_EQ(LIST_LEN, self->q.arg.len);
	EXPECT_EQ(0, memcmp(digest, self->q.arg.digest, 32));
	EXPECT_EQ(0, t_ioctl(self->q.arg.fd, CAPCERT_READ, &read));
	EXPECT_EQ(0, memcmp(list, back, LIST_LEN));
	read.len = LIST_LEN - 1;
	EXPECT_EQ(-EMSGSIZE, t_ioctl(self->q.arg.fd, CAPCERT_READ, &read));
	EXPECT_EQ(LIST_LEN, read.ret_len);
	/* The same file for another certificate: the same object, and no more memory. */
	ask_about(&two, &self->other, &self->root);
	t_status(&before);
	ask(&two, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(0, agent_status(self->agent, &self->status, 0, HEAD->id));
	ASSERT_EQ(0, answered(&two));
	EXPECT_EQ(self->q.arg.id, two.arg.id);
	t_status(&after);
	EXPECT_GE(before.object_bytes, after.object_bytes);
	close(two.arg.fd);
	close(self->q.arg.fd);
	close(fd);
	free(list);
	free(back);
}

static int unsealed(size_t len, int seals)
{
	int fd = memfd_create("list", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, (off_t)len) || (seals && fcntl(fd, F_ADD_SEALS, seals))))
		abort();
	return fd;
}

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

TEST_F(fetch, files_refused)
{
	static const struct { size_t len; int seals, error; } cases[] = {
		{ 100, 0, -EINVAL },
		{ 100, ALL_SEALS & ~F_SEAL_WRITE, -EINVAL },
		{ 100, ALL_SEALS & ~F_SEAL_GROW, -EINVAL },
		{ 100, ALL_SEALS & ~F_SEAL_SEAL, -EINVAL },
		{ 0, ALL_SEALS, -ENODATA },
		{ CAPCERT_MAX_EVIDENCE_BYTES + 1, ALL_SEALS, -EMSGSIZE },
	};
	unsigned int i;
	int fd;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = unsealed(cases[i].len, cases[i].seals);
		as_list(&self->status, fd);
		ask(&self->q, self->verifier);
		ASSERT_LT(0, agent_read(self->agent, self->buf));
		EXPECT_EQ(cases[i].error, agent_status(self->agent, &self->status, 0, HEAD->id));
		EXPECT_EQ(-EIO, answered(&self->q));
		close(fd);
	}
	as_list(&self->status, 9999);
	ask(&self->q, self->verifier);
	ASSERT_LT(0, agent_read(self->agent, self->buf));
	EXPECT_EQ(-EBADF, agent_status(self->agent, &self->status, 0, HEAD->id));
	EXPECT_EQ(-EIO, answered(&self->q));
}

/* ---- replies that are none ---- */

#define FORM(error, bytes, ...) do {						\
	fake_good(&self->status, 3600);						\
	__VA_ARGS__;								\
	ask(&self->q, self->verifier);						\
	ASSERT_LT(0, agent_read(self->agent, self->buf));			\
	EXPECT_EQ(error, agent_status(self->agent, &self->status, bytes, HEAD->id)); \
	EXPECT_EQ(-EIO, answered(&self->q));					\
} while (0)

TEST_F(fetch, malformed)
{
	struct capcert_agent_status *s = &self->status.s;

	FORM(-EINVAL, 16, s->size--);
	FORM(-EINVAL, 16, s->flags = 2);
	FORM(-EINVAL, 16, s->type = CAPCERT_EVIDENCE_STAPLE);
	FORM(-EINVAL, 16, s->type = 0);
	FORM(-EINVAL, 16, s->status = CAPCERT_OCSP_UNKNOWN);
	FORM(-EINVAL, 16, s->reserved = 1);
	FORM(-EINVAL, 16, s->fetched = -1);
	FORM(-EINVAL, 16, s->until = s->this_update - 1);
	FORM(-EINVAL, 0, (void)s);
	FORM(-EINVAL, 16, s->fd = 0);
	FORM(-EINVAL, 0, s->fd = -2);
	FORM(-EINVAL, 16, s->type = CAPCERT_EVIDENCE_UNREACHABLE;
	     s->status = CAPCERT_OCSP_RESPONDER_UNREACHABLE);
	FORM(-EINVAL, 0, s->type = CAPCERT_EVIDENCE_UNREACHABLE);
	FORM(-EINVAL, 16, self->status.r.valid = 0;
	     self->status.r.reason = CAPCERT_REASON_REVOKED);
	FORM(-EINVAL, 16, self->status.r.path_count = 1);
	FORM(-EINVAL, 16, self->status.r.detail[3] = 7);
}

/* Well-formed, but no answer to this question. */
TEST_F(fetch, not_what_was_asked)
{
	self->q.arg.want = CAPCERT_MISSING_CRL;
	FORM(0, 16, (void)0);
	self->q.arg.want = CAPCERT_MISSING_OCSP;
	FORM(0, 16, self->status.s.type = CAPCERT_EVIDENCE_CRL);
}

/* ---- audit ---- */

TEST_F(fetch, recorded)
{
	struct capcert_audit_record r[8];
	struct capcert_audit_read read = { .size = sizeof(read), .buf = PTR(r), .count = 8,
					   .record_size = sizeof(r[0]) };
	int audit = t_open_audit(T_RIGHTS_AUDIT), found = 0;
	struct capcert_status s;
	unsigned int i;

	ASSERT_LE(0, audit);
	t_status(&s);
	read.from = s.audit_sequence + 1;
	self->status.s.status = CAPCERT_OCSP_REVOKED;
	ASSERT_EQ(0, once(_metadata, self));
	ASSERT_EQ(0, t_ioctl(audit, CAPCERT_AUDIT_READ, &read));
	for (i = 0; i < read.count; i++) {
		if (r[i].op != CAPCERT_AUDIT_FETCH)
			continue;
		found++;
		EXPECT_EQ(0, r[i].error);
		EXPECT_EQ(CAPCERT_REASON_REVOKED, r[i].reason);
		EXPECT_EQ(0, memcmp(self->leaf.fingerprint, r[i].digest, 32));
		EXPECT_EQ(self->q.arg.id, r[i].other_id);
		EXPECT_LE(60, r[i].other_version);
		EXPECT_EQ(0, strncmp(r[i].text, "ocsp revoked ", 13));
		EXPECT_NE(NULL, strstr(r[i].text, "http://ocsp.example/"));
	}
	EXPECT_EQ(1, found);
	close(audit);
}

TEST_HARNESS_MAIN
