// SPDX-License-Identifier: GPL-2.0-only
/* The contract of /dev/capcert-agent: requests are neither lost nor answered twice. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define USER_LIMIT 64		/* CC_BROKER_USER_REQUESTS */
#define ALL_LIMIT 1024		/* CC_BROKER_MAX_REQUESTS */

FIXTURE(contract) {
	struct tcert root, leaf;
	int store, verifier;
	uint8_t *buf;
	struct fake_reply reply;
};

FIXTURE_SETUP(contract)
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

FIXTURE_TEARDOWN(contract)
{
	free(self->buf);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
}

#define START(a, timeout) t_async_verify(a, self->store, self->verifier, &self->leaf, timeout)
/* No compiler may know that nothing is mapped there. */
static void *volatile nowhere = (void *)8;

#define HEAD ((const struct capcert_agent_request *)self->buf)

/* ---- opening and HELLO ---- */

static int open_as_user(void *arg)
{
	return t_drop() ? 1 : agent_open(0) == -EACCES ? 0 : 2;
}

static int open_without_capability(void *arg)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		return 1;
	d[CAP_SYS_ADMIN / 32].effective &= ~(1u << (CAP_SYS_ADMIN % 32));
	if (syscall(SYS_capset, &h, d))
		return 2;
	return agent_open(0) == -EPERM ? 0 : 3;
}

TEST_F(contract, who_may_open)
{
	int fd = agent_open(0);

	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, t_child(open_as_user, NULL));
	EXPECT_EQ(0, t_child(open_without_capability, NULL));
}

TEST_F(contract, hello)
{
	struct capcert_agent_hello h = { .size = sizeof(h) }, bad;
	struct capcert_agent_state st = { .size = sizeof(st), .what = CAPCERT_STATE_STORE };
	struct pollfd p = { .events = POLLIN | POLLOUT };
	struct capcert_status s;
	int fd = agent_open(O_NONBLOCK);

	ASSERT_LE(0, fd);
	p.fd = fd;
	EXPECT_EQ(-ENOTCONN, agent_read(fd, self->buf));
	EXPECT_EQ(-ENOTCONN, agent_write(fd, &self->reply, 1));
	EXPECT_EQ(-ENOTCONN, t_ioctl(fd, CAPCERT_AGENT_STATE, &st));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLERR, p.revents);
	h.class = CAPCERT_CLASS_VERIFY;
	h.abi = CAPCERT_ABI_VERSION;
	h.clock = CAPCERT_CLOCK_SYNCED;
#define BAD(errno_, set) do { \
		bad = h; \
		set; \
		EXPECT_EQ(-(errno_), t_ioctl(fd, CAPCERT_AGENT_HELLO, &bad)); \
		ASSERT_EQ(0, t_status(&s)); EXPECT_EQ(0, s.verify_agents); } while (0)
	BAD(EINVAL, bad.class = 0);
	BAD(EINVAL, bad.class = 4);
	BAD(EINVAL, bad.clock = 4);
	BAD(EINVAL, bad.flags = 1);
	BAD(EINVAL, bad.size = 0);
	BAD(EINVAL, bad.size = sizeof(h) - 1);
	BAD(EPROTO, bad.abi = 0);
	BAD(EPROTO, bad.abi = CAPCERT_ABI_VERSION + 1);
	EXPECT_EQ(-EFAULT, t_ioctl(fd, CAPCERT_AGENT_HELLO, NULL));
	ASSERT_EQ(0, t_ioctl(fd, CAPCERT_AGENT_HELLO, &h));
	EXPECT_LE(CAPCERT_MAX_CHAIN_BYTES + CAPCERT_MAX_POLICY_TEXT, h.max_request);
	EXPECT_LE(CAPCERT_MAX_MESSAGE + CAPCERT_MAX_CERT, h.max_request);
	ASSERT_EQ(0, t_status(&s));
	EXPECT_EQ(1, s.verify_agents);
	EXPECT_EQ(CAPCERT_CLOCK_SYNCED, s.clock);
	EXPECT_EQ(-EISCONN, t_ioctl(fd, CAPCERT_AGENT_HELLO, &h));
	h.class = CAPCERT_CLASS_SIGN;
	EXPECT_EQ(-EISCONN, t_ioctl(fd, CAPCERT_AGENT_HELLO, &h));
	EXPECT_EQ(-EAGAIN, agent_read(fd, self->buf));
	close(fd);
	ASSERT_EQ(0, t_status(&s));
	EXPECT_EQ(0, s.verify_agents);
}

TEST_F(contract, hello_sizes)
{
	uint8_t room[512] = { 0 };
	struct capcert_agent_hello *h = (void *)room;
	int fd = agent_open(0);

	ASSERT_LE(0, fd);
	h->size = sizeof(room);
	h->class = CAPCERT_CLASS_STATUS;
	h->abi = CAPCERT_ABI_VERSION;
	room[sizeof(*h)] = 1;
	EXPECT_EQ(-E2BIG, t_ioctl(fd, CAPCERT_AGENT_HELLO, room));
	room[sizeof(*h)] = 0;
	room[511] = 1;
	EXPECT_EQ(-E2BIG, t_ioctl(fd, CAPCERT_AGENT_HELLO, room));
	room[511] = 0;
	EXPECT_EQ(0, t_ioctl(fd, CAPCERT_AGENT_HELLO, room));
	close(fd);
}

TEST_F(contract, counted_by_class)
{
	int fd[3][2], i, k;
	struct capcert_status s;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 2; k++) {
			fd[i][k] = agent_hello((uint32_t)i + 1, 0);
			ASSERT_LE(0, fd[i][k]);
		}
	close(fd[1][0]);
	close(fd[2][0]);
	close(fd[2][1]);
	ASSERT_EQ(0, t_status(&s));
	EXPECT_EQ(2, s.verify_agents);
	EXPECT_EQ(1, s.sign_agents);
	EXPECT_EQ(0, s.status_agents);
}

/* ---- reading ---- */

TEST_F(contract, a_short_buffer_keeps_the_request)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, O_NONBLOCK), i;
	static const size_t rooms[] = { 0, 1, 4, sizeof(struct capcert_agent_request) };
	struct t_async a;
	uint64_t id;

	START(&a, 10000);
	ASSERT_TRUE(t_pending_becomes(1));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(-1, read(fd, self->buf, rooms[i]));
		EXPECT_EQ(EMSGSIZE, errno);
	}
	EXPECT_EQ(-1, read(fd, nowhere, AGENT_BUF));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_LT(0, agent_read(fd, self->buf));
	id = HEAD->id;
	EXPECT_EQ(-EAGAIN, agent_read(fd, self->buf));
	EXPECT_EQ(0, agent_write(fd, &self->reply, id));
	EXPECT_EQ(0, t_async_join(&a));
	EXPECT_EQ(1, a.v.outcome.valid);
}

TEST_F(contract, poll)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct t_async a;
	uint64_t from;

	EXPECT_EQ(0, poll(&p, 1, 50));
	from = t_ms();
	START(&a, 10000);
	EXPECT_EQ(1, poll(&p, 1, 5000));
	EXPECT_GT(4000, t_ms() - from);
	EXPECT_EQ(POLLIN, p.revents);
	ASSERT_LT(0, agent_read(fd, self->buf));
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_EQ(0, agent_write(fd, &self->reply, HEAD->id));
	EXPECT_EQ(0, t_async_join(&a));
}

static void nothing(int sig)
{
}

TEST_F(contract, a_blocked_read_is_interruptible)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	struct sigaction sa = { .sa_handler = nothing };

	sigaction(SIGALRM, &sa, NULL);
	ualarm(200000, 0);
	EXPECT_EQ(-EINTR, agent_read(fd, self->buf));
}

TEST_F(contract, oldest_first)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0), i;
	struct t_async a[4];
	uint64_t id[4];

	for (i = 0; i < 4; i++) {
		START(&a[i], 10000);
		ASSERT_TRUE(t_pending_becomes((uint64_t)i + 1));
	}
	for (i = 0; i < 4; i++) {
		ASSERT_LT(0, agent_read(fd, self->buf));
		id[i] = HEAD->id;
		EXPECT_EQ(0, memcmp(request_name(self->buf), (void *)(uintptr_t)a[i].v.arg.name,
				    HEAD->name_len));
		if (i)
			EXPECT_LT(id[i - 1], id[i]);
	}
	/* Answered in any order. */
	for (i = 3; i >= 0; i--)
		EXPECT_EQ(0, agent_write(fd, &self->reply, id[i]));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, t_async_join(&a[i]));
	EXPECT_EQ(0, t_pending());
}

/* ---- answering ---- */

TEST_F(contract, only_the_first_answer_counts)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	struct t_async a;
	uint64_t id;

	START(&a, 10000);
	ASSERT_LT(0, agent_read(fd, self->buf));
	id = HEAD->id;
	EXPECT_EQ(-ENOENT, agent_write(fd, &self->reply, 0));
	EXPECT_EQ(-ENOENT, agent_write(fd, &self->reply, id + 1));
	EXPECT_EQ(-ENOENT, agent_write(fd, &self->reply, ~id));
	EXPECT_EQ(1, t_pending());
	EXPECT_EQ(0, agent_write(fd, &self->reply, id));
	fake_invalid(&self->reply, &self->leaf, CAPCERT_REASON_REVOKED);
	EXPECT_EQ(-ENOENT, agent_write(fd, &self->reply, id));
	EXPECT_EQ(0, t_async_join(&a));
	EXPECT_EQ(1, a.v.outcome.valid);
}

TEST_F(contract, another_agents_request)
{
	int one = agent_hello(CAPCERT_CLASS_VERIFY, O_NONBLOCK);
	int two = agent_hello(CAPCERT_CLASS_VERIFY, O_NONBLOCK);
	int status = agent_hello(CAPCERT_CLASS_STATUS, O_NONBLOCK);
	struct t_async a;
	uint64_t id;

	START(&a, 10000);
	ASSERT_TRUE(t_pending_becomes(1));
	/* Not even read by anybody. */
	EXPECT_EQ(-EAGAIN, agent_read(status, self->buf));
	ASSERT_LT(0, agent_read(one, self->buf));
	id = HEAD->id;
	EXPECT_EQ(-EAGAIN, agent_read(two, self->buf));
	EXPECT_EQ(-ENOENT, agent_write(two, &self->reply, id));
	EXPECT_EQ(-ENOENT, agent_write(status, &self->reply, id));
	/* Garbage for a request that is not one's own does not fail it. */
	self->reply.r.valid = 7;
	EXPECT_EQ(-ENOENT, agent_write(two, &self->reply, id));
	self->reply.r.valid = 1;
	EXPECT_EQ(1, t_pending());
	EXPECT_EQ(0, agent_write(one, &self->reply, id));
	EXPECT_EQ(0, t_async_join(&a));
	EXPECT_EQ(1, a.v.outcome.valid);
}

/* What a reply must not look like. Each fails its request with EIO. */
struct garbage {
	const char *what;
	void (*spoil)(struct fake_reply *reply);
};

static void g_valid(struct fake_reply *r) { r->r.valid = 2; }
static void g_reason(struct fake_reply *r) { r->r.valid = 0; r->r.reason = 22; }
static void g_reason_neg(struct fake_reply *r) { r->r.valid = 0; r->r.reason = -2; }
static void g_no_reason(struct fake_reply *r) { r->r.valid = 0; }
static void g_both(struct fake_reply *r) { r->r.reason = CAPCERT_REASON_EXPIRED; }
static void g_error(struct fake_reply *r) { r->r.error = 5; }
static void g_error_low(struct fake_reply *r) { r->r.error = -512; }
static void g_flags(struct fake_reply *r) { r->r.flags = 1; }
static void g_clock(struct fake_reply *r) { r->r.clock = 4; }
static void g_ocsp(struct fake_reply *r) { r->r.ocsp_status = 5; }
static void g_path(struct fake_reply *r) { r->r.path_count = CAPCERT_MAX_PATH + 1; }
static void g_source(struct fake_reply *r) { r->path[0].source = 2; }
static void g_entry(struct fake_reply *r) { r->path[1].reason = 99; }
static void g_detail(struct fake_reply *r) { memset(r->r.detail, 'x', sizeof(r->r.detail)); }
static void g_escape(struct fake_reply *r) { strcpy(r->r.detail, "a\x1b[2J"); }
static void g_newline(struct fake_reply *r) { strcpy(r->r.detail, "a\nb"); }
static void g_data(struct fake_reply *r) { r->r.data_len = sizeof(r->path[0]); r->r.path_count = 1; }
static void g_reserved(struct fake_reply *r) { r->r.reserved = 1; }

static const struct garbage spoils[] = {
	{ "valid is 2", g_valid },
	{ "unknown reason", g_reason },
	{ "negative reason", g_reason_neg },
	{ "invalid without a reason", g_no_reason },
	{ "valid with a reason", g_both },
	{ "positive error", g_error },
	{ "an error of the kernel's own", g_error_low },
	{ "reserved field", g_flags },
	{ "unknown clock", g_clock },
	{ "unknown OCSP status", g_ocsp },
	{ "path too long", g_path },
	{ "unknown source", g_source },
	{ "unknown reason in the path", g_entry },
	{ "detail without end", g_detail },
	{ "escape sequence in detail", g_escape },
	{ "data in a verdict", g_data },
	{ "reserved field behind the data", g_reserved },
	{ "newline in detail", g_newline },
};

TEST_F(contract, garbage)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	size_t i;

	for (i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		struct t_async a;

		START(&a, 10000);
		ASSERT_LT(0, agent_read(fd, self->buf));
		fake_valid(&self->reply, &self->leaf, &self->root);
		spoils[i].spoil(&self->reply);
		EXPECT_EQ(-EINVAL, agent_write(fd, &self->reply, HEAD->id))
			TH_LOG("%s", spoils[i].what);
		EXPECT_EQ(-EIO, t_async_join(&a))
			TH_LOG("%s", spoils[i].what);
		EXPECT_EQ(0, a.v.arg.path_count);
		EXPECT_EQ(0xa5a5a5a5, a.v.outcome.size);
	}
}

/* Too short, too long, or a size that is not its own. */
TEST_F(contract, garbage_of_all_sizes)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0), i;
	struct { ssize_t len; int size_off; } sizes[] = {
		{ 16, 0 }, { sizeof(struct capcert_agent_reply) - 1, 0 }, { 0, 1 }, { 0, -1 },
		{ 0, 4 }, { 1 << 16, 0 },
	};
	uint8_t *big = calloc(1, 1 << 16);

	ASSERT_NE(NULL, big);
	for (i = 0; i < 6; i++) {
		struct t_async a;
		size_t len;

		START(&a, 10000);
		ASSERT_LT(0, agent_read(fd, self->buf));
		fake_valid(&self->reply, &self->leaf, &self->root);
		self->reply.r.id = HEAD->id;
		len = sizeof(self->reply.r) + 2 * sizeof(self->reply.path[0]);
		self->reply.r.size = (uint32_t)((int)len + sizes[i].size_off);
		if (sizes[i].len)
			len = (size_t)sizes[i].len;
		memcpy(big, &self->reply, sizeof(self->reply));
		/* Less than an id answers nothing. */
		EXPECT_EQ(-1, write(fd, big, 15));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, write(fd, nowhere, len));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(1, t_pending());
		EXPECT_EQ(-1, write(fd, big, len));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-EIO, t_async_join(&a))
			TH_LOG("case %d", i);
	}
	free(big);
}

TEST_F(contract, its_own_error)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, 0), i;
	static const int errors[] = { -ENOMEM, -EIO, -ETIMEDOUT };

	for (i = 0; i < 3; i++) {
		struct capcert_status s0, s1;
		struct t_async a;

		ASSERT_EQ(0, t_status(&s0));
		START(&a, 10000);
		ASSERT_LT(0, agent_read(fd, self->buf));
		memset(&self->reply, 0, sizeof(self->reply));
		self->reply.r.error = errors[i];
		EXPECT_EQ(0, agent_write(fd, &self->reply, HEAD->id));
		EXPECT_EQ(errors[i], t_async_join(&a));
		ASSERT_EQ(0, t_status(&s1));
		EXPECT_EQ(s0.cache_entries, s1.cache_entries);
	}
}

/* No mmap, no seek, no splice round the contract. */
TEST_F(contract, other_file_operations)
{
	int fd = agent_hello(CAPCERT_CLASS_VERIFY, O_NONBLOCK);

	EXPECT_EQ(-1, lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(-1, pread(fd, self->buf, 4096, 0));
	EXPECT_EQ(-1, ftruncate(fd, 0));
}

TEST_HARNESS_MAIN
