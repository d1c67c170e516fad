// SPDX-License-Identifier: GPL-2.0-only
/* Lifetime: revocation, expiry, invalidation, unloading; and who may use a handle he was given. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include "calls.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name

FIXTURE(keys) {
	struct tcert root, leaf;
	int key;
	int fd;		/* store with all rights */
	int view;	/* snapshot of it */
	int live;
	int nested;	/* live view of the live view */
};

FIXTURE_SETUP(keys)
{
	struct capcert_restrict r = { .rights = T_RIGHTS_STORE & ~(RIGHT(ADD) | RIGHT(REMOVE)),
				      .purposes = 1, };

	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	self->key = t_key_store("store");
	ASSERT_LT(0, self->key);
	self->fd = t_open(self->key, T_RIGHTS_STORE);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, t_add(self->fd, &self->root, 0));
	self->view = t_restrict_arg(self->fd, &r);
	r.flags = CAPCERT_RESTRICT_LIVE;
	self->live = t_restrict_arg(self->fd, &r);
	ASSERT_LE(0, self->view);
	ASSERT_LE(0, self->live);
	self->nested = t_restrict_arg(self->live, &r);
	ASSERT_LE(0, self->nested);
}

FIXTURE_TEARDOWN(keys)
{
	tcert_free(&self->root);
	tcert_free(&self->leaf);
}

/* Every call on every handle derived from the key fails with @want. */
static void all_fail(struct __test_metadata *_metadata, const FIXTURE_DATA(keys) *self, int want)
{
	const int fds[] = { self->fd, self->view, self->live, self->nested };
	struct capcert_version v;
	struct capcert_info info;
	struct t_state s;
	size_t i;

	for (i = 0; i < 4; i++) {
		EXPECT_EQ(want, t_info(fds[i], &info)) TH_LOG("handle %zu", i);
		EXPECT_EQ(want, t_version(fds[i], &v)) TH_LOG("handle %zu", i);
		EXPECT_EQ(want, t_state(fds[i], &s)) TH_LOG("handle %zu", i);
		EXPECT_EQ(want, t_restrict(fds[i], RIGHT(INFO))) TH_LOG("handle %zu", i);
	}
	EXPECT_EQ(want, t_add(self->fd, &self->leaf, 0));
	EXPECT_EQ(want, t_remove(self->fd, &self->root));
}

TEST_F(keys, revoke)
{
	ASSERT_EQ(0, keyctl_revoke(self->key));
	all_fail(_metadata, self, -EKEYREVOKED);
	EXPECT_EQ(-EKEYREVOKED, t_open(self->key, RIGHT(INFO)));
}

TEST_F(keys, timeout)
{
	struct capcert_info info;

	ASSERT_EQ(0, keyctl_set_timeout(self->key, 1));
	ASSERT_EQ(0, t_info(self->view, &info));
	EXPECT_LE(t_now(), info.expires);
	EXPECT_GE(t_now() + 2, info.expires);
	usleep(2200000);
	all_fail(_metadata, self, -EKEYEXPIRED);
	EXPECT_EQ(-EKEYEXPIRED, t_open(self->key, RIGHT(INFO)));
}

TEST_F(keys, invalidate)
{
	ASSERT_EQ(0, keyctl_invalidate(self->key));
	all_fail(_metadata, self, -ENOKEY);
	EXPECT_EQ(-ENOKEY, t_open(self->key, RIGHT(INFO)));
}

TEST_F(keys, unlink_leaves_handles_alive)
{
	struct capcert_info info;

	ASSERT_EQ(0, keyctl_unlink(self->key, KEY_SPEC_SESSION_KEYRING));
	t_session();
	ASSERT_EQ(0, t_info(self->fd, &info));
	EXPECT_EQ(1, info.count);
	ASSERT_EQ(0, t_info(self->nested, &info));
	EXPECT_EQ(1, info.count);
	EXPECT_EQ(0, t_add(self->fd, &self->leaf, 0));
	ASSERT_EQ(0, t_info(self->nested, &info));
	EXPECT_EQ(2, info.count);
	/* Nobody possesses it any more: the owner sees it, that is all. */
	EXPECT_EQ(-EACCES, t_open(self->key, RIGHT(READ)));
}

/* The other two kinds follow their keys too, and so does what was made from them. */
TEST_F(keys, other_kinds)
{
	int ck = t_key_cert("cert", &self->leaf), vk = t_key_verifier("v", "preset=webpki-lenient");
	int cert = t_open(ck, T_RIGHTS_CERT), ver = t_open(vk, T_RIGHTS_VERIFIER);
	int cert2 = t_restrict(cert, T_RIGHTS_CERT), ver2 = t_restrict(ver, T_RIGHTS_VERIFIER);
	struct capcert_policy_info p = { .size = sizeof(p) };
	struct capcert_add add = { .size = sizeof(add), .cert = { .fd = cert2 },
				   .pin_hash = CAPCERT_HASH_SHA256, .pin_len = 32,
				   .pin = (uintptr_t)self->leaf.spki_hash };
	struct t_verify v;
	uint8_t buf[512];
	struct capcert_public pub = { .size = sizeof(pub), .buf = (uintptr_t)buf,
				      .len = sizeof(buf) };

	ASSERT_LE(0, cert2);
	ASSERT_LE(0, ver2);
	ASSERT_EQ(0, t_ioctl(cert2, CAPCERT_PUBLIC, &pub));
	ASSERT_EQ(0, t_ioctl(ver2, CAPCERT_POLICY, &p));
	ASSERT_EQ(0, keyctl_revoke(ck));
	ASSERT_EQ(0, keyctl_invalidate(vk));
	EXPECT_EQ(-EKEYREVOKED, t_ioctl(cert2, CAPCERT_PUBLIC, &pub));
	EXPECT_EQ(-ENOKEY, t_ioctl(ver2, CAPCERT_POLICY, &p));
	/* As arguments of calls on handles that are well. */
	EXPECT_EQ(-EKEYREVOKED, t_ioctl(self->fd, CAPCERT_ADD, &add));
	t_verify_init(&v, self->fd, &self->leaf);
	EXPECT_EQ(-ENOKEY, t_verify_run(&v, ver2));
}

/* ---- who may use a handle ---- */

struct use {
	int fd, sock, want;
};

static int use_fd(void *arg)
{
	struct capcert_info info;
	struct use *u = arg;

	return t_info(u->fd, &info) == u->want ? 0 : 1;
}

TEST_F(keys, fork_child)
{
	struct use bound = { t_restrict(self->fd, RIGHT(INFO)), -1, -EXDEV };
	struct use free_ = { t_restrict(self->fd, RIGHT(INFO) | RIGHT(TRANSFER)), -1, 0 };
	struct capcert_info info;

	ASSERT_EQ(0, t_info(bound.fd, &info));
	EXPECT_EQ((__u32)getpid(), info.bound_pid);
	ASSERT_EQ(0, t_info(free_.fd, &info));
	EXPECT_EQ(0, info.bound_pid);
	EXPECT_EQ(0, t_child(use_fd, &bound));
	EXPECT_EQ(0, t_child(use_fd, &free_));
}

static void *use_thread(void *arg)
{
	struct capcert_info info;

	return (void *)(intptr_t)t_info(*(int *)arg, &info);
}

TEST_F(keys, thread_of_the_same_process)
{
	int fd = t_restrict(self->fd, RIGHT(INFO));
	pthread_t thread;
	void *ret;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, use_thread, &fd));
	ASSERT_EQ(0, pthread_join(thread, &ret));
	EXPECT_EQ(0, (intptr_t)ret);
}

/* The child execs this program with "--use-fd N". */
static int exec_self(void *arg)
{
	int key = *(int *)arg, fd = t_open(key, RIGHT(INFO));
	char number[16];

	if (fd < 0)
		return 10;
	fcntl(fd, F_SETFD, 0);
	snprintf(number, sizeof(number), "%d", fd);
	execl("/proc/self/exe", "test", "--use-fd", number, NULL);
	return 11;
}

TEST_F(keys, exec_keeps_it)
{
	EXPECT_EQ(0, t_child(exec_self, &self->key));
}

static int receive(void *arg)
{
	struct use *u = arg;

	u->fd = t_recv_fd(u->sock);
	return u->fd < 0 ? 2 : use_fd(u);
}

TEST_F(keys, passed_over_a_socket)
{
	int bound = t_restrict(self->fd, RIGHT(INFO));
	int free_ = t_restrict(self->fd, RIGHT(INFO) | RIGHT(TRANSFER)), sv[2];
	struct use u = { .want = -EXDEV };

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
	u.sock = sv[1];
	ASSERT_EQ(0, t_send_fd(sv[0], bound));
	EXPECT_EQ(0, t_child(receive, &u));
	u.want = 0;
	ASSERT_EQ(0, t_send_fd(sv[0], free_));
	EXPECT_EQ(0, t_child(receive, &u));
	/* Back at home it works again. */
	ASSERT_EQ(0, t_send_fd(sv[0], bound));
	u.fd = t_recv_fd(sv[1]);
	ASSERT_LE(0, u.fd);
	EXPECT_EQ(0, use_fd(&u));
}

static int grab(void *arg)
{
	struct use *u = arg;
	int pidfd = (int)syscall(SYS_pidfd_open, getppid(), 0);

	if (pidfd < 0)
		return 2;
	u->fd = (int)syscall(SYS_pidfd_getfd, pidfd, u->fd, 0);
	return u->fd < 0 ? 3 : use_fd(u);
}

TEST_F(keys, pidfd_getfd)
{
	struct use u = { t_restrict(self->fd, RIGHT(INFO)), -1, -EXDEV };
	struct use v = { t_restrict(self->fd, RIGHT(INFO) | RIGHT(TRANSFER)), -1, 0 };

	EXPECT_EQ(0, t_child(grab, &u));
	EXPECT_EQ(0, t_child(grab, &v));
}

/* Bound to another process by pidfd: it may, the maker may not. */
TEST_F(keys, bound_by_pidfd)
{
	struct capcert_restrict r = { .rights = RIGHT(INFO), .flags = CAPCERT_RESTRICT_PIDFD };
	struct use u = { .want = 0 };
	struct capcert_info info;
	int sv[2], status, fd;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		u.sock = sv[1];
		_exit(receive(&u));
	}
	r.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	ASSERT_LE(0, r.pidfd);
	fd = t_restrict_arg(self->fd, &r);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EXDEV, t_info(fd, &info));
	ASSERT_EQ(0, t_send_fd(sv[0], fd));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	/* The process is gone: nobody has it any more, and nothing new is bound to it. */
	EXPECT_EQ(-EXDEV, t_info(fd, &info));
	/* A bound handle has no TRANSFER: both together contradict each other. */
	r.rights = RIGHT(INFO) | RIGHT(TRANSFER);
	r.pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	EXPECT_EQ(-EINVAL, t_restrict_arg(self->fd, &r));
	/* Without TRANSFER on one's own handle nothing can be given away. */
	fd = t_restrict(self->fd, RIGHT(INFO) | RIGHT(RESTRICT));
	ASSERT_LE(0, fd);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	r.rights = RIGHT(INFO);
	r.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	EXPECT_EQ(-EACCES, t_restrict_arg(fd, &r));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static int reopen(void *arg)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	char path[64];
	size_t i;
	int fd;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", getppid(), *(int *)arg);
		fd = open(path, modes[i]);
		if (fd >= 0)
			return 1;
		if (errno != ENXIO && errno != EACCES && errno != EPERM)
			return errno;
	}
	/* A path only names it: no call goes through. */
	fd = open(path, O_PATH);
	if (fd >= 0) {
		struct capcert_info info;

		if (t_info(fd, &info) != -EBADF)
			return 2;
	}
	return 0;
}

TEST_F(keys, reopen_by_proc)
{
	EXPECT_EQ(0, t_child(reopen, &self->fd));
}

TEST_F(keys, dup)
{
	uint64_t handles = t_handles();
	int fd = dup(self->view), fd2 = fcntl(self->view, F_DUPFD_CLOEXEC, 100);
	struct capcert_info a, b;

	ASSERT_LE(0, fd);
	ASSERT_LE(100, fd2);
	EXPECT_EQ(handles, t_handles());
	ASSERT_EQ(0, t_info(fd, &a));
	ASSERT_EQ(0, t_info(fd2, &b));
	EXPECT_EQ(0, memcmp(&a, &b, sizeof(a)));
	close(self->view);
	EXPECT_EQ(0, t_info(fd, &a));
	close(fd);
	EXPECT_EQ(0, t_info(fd2, &a));
	close(fd2);
	EXPECT_EQ(handles - 1, t_handles());
}

TEST_F(keys, fdinfo)
{
	struct capcert_info info;
	char buf[256], want[64];
	int fd = t_restrict(self->fd, RIGHT(INFO) | RIGHT(VERIFY));

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	ASSERT_LT(0, t_fdinfo(fd, "capcert-kind", buf, sizeof(buf)));
	EXPECT_STREQ("trust store", buf);
	ASSERT_LT(0, t_fdinfo(fd, "capcert-rights", buf, sizeof(buf)));
	EXPECT_STREQ("INFO+VERIFY", buf);
	ASSERT_LT(0, t_fdinfo(fd, "capcert-id", buf, sizeof(buf)));
	snprintf(want, sizeof(want), "%llu", (unsigned long long)info.id);
	EXPECT_STREQ(want, buf);
	ASSERT_LT(0, t_fdinfo(fd, "capcert-origin", buf, sizeof(buf)));
	EXPECT_STREQ("user", buf);
	ASSERT_LT(0, t_fdinfo(fd, "capcert-version", buf, sizeof(buf)));
	snprintf(want, sizeof(want), "%llu", (unsigned long long)info.version);
	EXPECT_STREQ(want, buf);
	ASSERT_LT(0, t_fdinfo(fd, "capcert-description", buf, sizeof(buf)));
	EXPECT_STREQ("store", buf);
}

/* A name that tries to forge fdinfo lines or terminal output: not accepted, or escaped. */
TEST_F(keys, fdinfo_is_escaped)
{
	char buf[256];
	int fd;

	EXPECT_EQ(-EINVAL, t_key_store("a\ncapcert-rights:\tADD"));
	EXPECT_EQ(-EINVAL, t_key_store("a\x1b[31m"));
	EXPECT_EQ(-EINVAL, t_key_store("a\x7f"));
	fd = t_store("caf\xc3\xa9 \\x41");
	ASSERT_LE(0, fd);
	ASSERT_LT(0, t_fdinfo(fd, "capcert-description", buf, sizeof(buf)));
	EXPECT_STREQ("caf\\xc3\\xa9 \\x5cx41", buf);
}

/* ---- io_uring ---- */

struct ring {
	int fd;
	struct io_uring_params p;
	uint8_t *sq, *cq;
	struct io_uring_sqe *sqe;
};

static int ring_make(struct ring *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = (int)syscall(SYS_io_uring_setup, 4, &r->p);
	if (r->fd < 0)
		return -errno;
	r->sq = mmap(NULL, r->p.sq_off.array + r->p.sq_entries * 4, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
	r->cq = mmap(NULL, r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_CQ_RING);
	r->sqe = mmap(NULL, r->p.sq_entries * sizeof(*r->sqe), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQES);
	return r->sq == MAP_FAILED || r->cq == MAP_FAILED || r->sqe == MAP_FAILED ? -ENOMEM : 0;
}

/* Submit one entry and give its result. */
static int ring_run(struct ring *r, const struct io_uring_sqe *sqe)
{
	uint32_t *tail = (uint32_t *)(r->sq + r->p.sq_off.tail), head, at;
	uint32_t mask = *(uint32_t *)(r->sq + r->p.sq_off.ring_mask);
	struct io_uring_cqe *cqe = (struct io_uring_cqe *)(r->cq + r->p.cq_off.cqes);

	at = *tail & mask;
	r->sqe[at] = *sqe;
	((uint32_t *)(r->sq + r->p.sq_off.array))[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -errno;
	head = *(uint32_t *)(r->cq + r->p.cq_off.head);
	cqe += head & *(uint32_t *)(r->cq + r->p.cq_off.ring_mask);
	__atomic_store_n((uint32_t *)(r->cq + r->p.cq_off.head), head + 1, __ATOMIC_RELEASE);
	return cqe->res;
}

TEST_F(keys, io_uring)
{
	/* URING_CMD is 46; older headers do not have it. */
	static const uint8_t ops[] = { IORING_OP_READ, IORING_OP_WRITE, IORING_OP_READV,
				       IORING_OP_FSYNC, 46 };
	struct io_uring_sqe sqe;
	struct t_state before, after;
	uint8_t buf[64] = { 0 };
	struct ring ring;
	size_t i, k;
	int err = ring_make(&ring), fds[2] = { self->fd, t_dev() };

	if (err)
		SKIP(return, "io_uring_setup: %s", strerror(-err));
	ASSERT_EQ(0, t_state(self->fd, &before));
	for (k = 0; k < 2; k++) {
		for (i = 0; i < sizeof(ops); i++) {
			memset(&sqe, 0, sizeof(sqe));
			sqe.opcode = ops[i];
			sqe.fd = fds[k];
			sqe.addr = ops[i] == 46 ? 0 : (uintptr_t)buf;
			sqe.len = ops[i] == IORING_OP_READV || ops[i] == 46 ||
				  ops[i] == IORING_OP_FSYNC ? 0 : sizeof(buf);
			if (ops[i] == 46)
				sqe.off = CAPCERT_ADD;
			err = ring_run(&ring, &sqe);
			EXPECT_GT(0, err)
				TH_LOG("op %u on file %zu: %d", ops[i], k, err);
		}
	}
	ASSERT_EQ(0, t_state(self->fd, &after));
	EXPECT_TRUE(t_state_equal(&before, &after));
	t_state_free(&before);
	t_state_free(&after);
}

/* ---- many handles ---- */

#define MANY 10000

TEST_F_TIMEOUT(keys, ten_thousand_handles, 58)
{
	struct rlimit lim = { MANY + 100, MANY + 100 };
	struct capcert_status s0, s1, s2;
	uint64_t handles = t_handles();
	int *fd = calloc(MANY, sizeof(*fd)), i;

	ASSERT_NE(NULL, fd);
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &lim));
	ASSERT_EQ(0, t_settle(&s0));
	for (i = 0; i < MANY; i++) {
		fd[i] = i % 2 ? t_restrict(self->fd, RIGHT(INFO)) : t_open(self->key, RIGHT(INFO));
		ASSERT_LE(0, fd[i])
			TH_LOG("handle %d: %d", i, fd[i]);
	}
	ASSERT_EQ(0, t_status(&s1));
	EXPECT_EQ(s0.handles + MANY, s1.handles);
	for (i = 0; i < MANY; i++)
		close(fd[i]);
	EXPECT_EQ(handles, t_handles());
	ASSERT_EQ(0, t_status(&s2));
	EXPECT_EQ(s0.objects, s2.objects);
	EXPECT_EQ(s0.object_bytes, s2.object_bytes);
	free(fd);
}

TEST_F(keys, fd_limit)
{
	struct rlimit lim = { 64, 64 };
	uint64_t handles = t_handles();
	int n = 0, fd;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &lim));
	while ((fd = t_restrict(self->fd, RIGHT(INFO))) >= 0)
		n++;
	EXPECT_EQ(-EMFILE, fd);
	EXPECT_EQ(-EMFILE, t_open(self->key, RIGHT(INFO)));
	EXPECT_LT(10, n);
	EXPECT_EQ(handles + (uint64_t)n, t_handles());
}

/* ---- other users ---- */

static int in_new_userns(void *arg)
{
	struct capcert_info info;
	FIXTURE_DATA(keys) *self = arg;
	uint64_t gen;
	struct capcert_distrust_entry d = {
		.size = sizeof(d), .what = CAPCERT_DISTRUST_FINGERPRINT, .len = 32,
		.ptr = (uintptr_t)self->leaf.fingerprint,
	};

	(void)gen;
	if (setresgid(12345, 12345, 12345) || setresuid(12345, 12345, 12345))
		return 1;
	if (unshare(CLONE_NEWUSER))
		return 2;
	/* The handle works by its rights; owner 0 is nobody here. */
	if (t_info(self->fd, &info))
		return 3;
	if (info.owner_uid != 65534)
		return 4;
	if (t_add(self->fd, &self->leaf, 0))
		return 5;
	/* Root of a user namespace is nobody to us. */
	t_session();
	if (t_open_audit(RIGHT(READ)) != -EPERM)
		return 6;
	if (t_ioctl(t_dev(), CAPCERT_DISTRUST, &d) != -EPERM)
		return 7;
	if (agent_open(0) >= 0)
		return 8;
	if (t_open(self->key, RIGHT(INFO)) >= 0)
		return 9;
	return 0;
}

TEST_F(keys, other_user_namespace)
{
	EXPECT_EQ(0, t_child(in_new_userns, self));
}

static int root_in_new_userns(void *arg)
{
	if (unshare(CLONE_NEWUSER))
		return 2;
	if (t_open_audit(RIGHT(READ)) != -EPERM)
		return 6;
	/* The file's mode lets uid 0 in; the capability is asked for in the initial namespace. */
	return agent_open(0) == -EPERM ? 0 : 8;
}

TEST_F(keys, root_of_another_user_namespace)
{
	EXPECT_EQ(0, t_child(root_in_new_userns, self));
}

static int quota(void *arg)
{
	const struct tcert *root = arg;
	struct capcert_status s0, s1;
	struct t_state before, after;
	struct tcert c;
	int store, err = 0, i;

	if (t_drop())
		return 1;
	store = t_store("small");
	if (store < 0 || t_add(store, root, 0))
		return 2;
	/* 20,000 bytes of quota: fifteen anchors of 4,000 bytes are too many. */
	for (i = 0; i < 15 && !err; i++) {
		char cn[32];

		if (t_state(store, &before) || t_status(&s0))
			return 3;
		snprintf(cn, sizeof(cn), "quota %d", i);
		tcert_make(&(struct tcert_spec){ .subject = cn, .seed = 7000 + (uint32_t)i,
						 .flags = TCERT_CA, .total = 4000 }, &c);
		err = t_add(store, &c, 0);
		tcert_free(&c);
	}
	if (err != -EDQUOT)
		return 4;
	if (t_state(store, &after) || t_status(&s1))
		return 5;
	if (!t_state_equal(&before, &after))
		return 6;
	if (s0.object_bytes != s1.object_bytes)
		return 7;
	/* What is there still works, and what is removed can be added again. */
	if (t_remove(store, root) || t_add(store, root, 0))
		return 8;
	/* Keys count as well. */
	for (i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof(name), "key %d", i);
		err = t_key_cert(name, root);
		if (err < 0)
			break;
	}
	return err == -EDQUOT ? 0 : 9;
}

TEST_F(keys, quota)
{
	struct capcert_status s0, s1;

	ASSERT_EQ(0, t_settle(&s0));
	EXPECT_EQ(0, t_child(quota, &self->root));
	/* Keys are freed by the garbage collector some time after the last keyring. */
	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(0, t_status(&s1));
		if (s1.object_bytes == s0.object_bytes)
			break;
		usleep(50000);
	}
	EXPECT_EQ(s0.object_bytes, s1.object_bytes);
	EXPECT_EQ(s0.objects, s1.objects);
}

/* The other half of exec_self(): runs before the harness looks at its arguments. */
static void __attribute__((constructor)) use_fd_and_exit(int argc, char **argv)
{
	struct capcert_info info;

	if (argc == 3 && !strcmp(argv[1], "--use-fd"))
		_exit(t_info(atoi(argv[2]), &info) ? 1 : 0);
}

TEST_HARNESS_MAIN
