// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Descriptors beside octets: what goes comes, once, and what nobody asked for is closed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <capcert/capcert.h>

static int sv[2];

static int pair(int type)
{
	return socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv);
}

static void cut(void)
{
	close(sv[0]);
	close(sv[1]);
}

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino &&
	       x.st_dev == y.st_dev;
}

static void one_goes_and_comes(void **state)
{
	int mine[2], got = 7;
	char buf[16];

	assert_int_equal(pair(SOCK_STREAM), 0);
	assert_int_equal(pipe(mine), 0);
	assert_int_equal(capcert_fd_send(sv[0], mine[0], "hello", 5), 5);
	assert_int_equal(capcert_fd_send(sv[0], -1, "again", 5), 5);
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, sizeof(buf)), 5);
	assert_memory_equal(buf, "hello", 5);
	assert_true(got >= 0 && got != mine[0] && same_file(got, mine[0]));
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
	close(got);
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, sizeof(buf)), 5);
	assert_memory_equal(buf, "again", 5);
	assert_int_equal(got, -1);
	got = 7;
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(got, 7);
	close(sv[0]);
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, sizeof(buf)), 0);
	assert_int_equal(got, -1);
	close(sv[1]);
	close(mine[0]);
	close(mine[1]);
}

/* It comes with the first of its octets, however few are taken at a time. */
static void with_the_first_octet(void **state)
{
	char buf[2];
	int got;

	assert_int_equal(pair(SOCK_STREAM), 0);
	assert_int_equal(capcert_fd_send(sv[0], sv[0], "abc", 3), 3);
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, 2), 2);
	assert_true(got >= 0);
	close(got);
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, 2), 1);
	assert_int_equal(got, -1);
	cut();
}

static void send_many(int sock, int count)
{
	static union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(253 * sizeof(int))];
	} control;
	struct iovec iov = { (char[]){ 'x' }, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.buf,
			    .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	for (int i = 0; i < count; i++)
		memcpy(CMSG_DATA(c) + (size_t)i * sizeof(int), &sock, sizeof(int));
	assert_int_equal(sendmsg(sock, &m, 0), 1);
}

static void more_than_one(void **state)
{
	static const int counts[] = { 2, 3, 253 };
	int before, got = 7;
	char buf[4];

	assert_int_equal(pair(SOCK_STREAM), 0);
	before = open_fds();
	for (size_t i = 0; i < 3; i++) {
		send_many(sv[0], counts[i]);
		assert_int_equal(capcert_fd_receive(sv[1], &got, buf, sizeof(buf)), -EPROTO);
		assert_int_equal(got, 7);
		assert_int_equal(open_fds(), before);
	}
	cut();
}

static void longer_than_there_is_room(void **state)
{
	int before, got = 7;
	char buf[4];

	assert_int_equal(pair(SOCK_SEQPACKET), 0);
	before = open_fds();
	assert_int_equal(capcert_fd_send(sv[0], sv[0], "hello", 5), 5);
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, sizeof(buf)), -EPROTO);
	assert_int_equal(got, 7);
	assert_int_equal(open_fds(), before);
	cut();
}

static void what_is_wrong(void **state)
{
	int got = 7, file = open("/dev/null", O_RDWR);
	char buf[4];

	assert_int_equal(pair(SOCK_STREAM), 0);
	assert_int_equal(capcert_fd_send(sv[0], -1, "", 0), -EINVAL);
	assert_int_equal(capcert_fd_receive(sv[1], &got, buf, 0), -EINVAL);
	assert_int_equal(capcert_fd_send(sv[0], 9999, "x", 1), -EBADF);
	assert_int_equal(capcert_fd_send(file, -1, "x", 1), -ENOTSOCK);
	assert_int_equal(capcert_fd_receive(file, &got, buf, 1), -ENOTSOCK);
	assert_int_equal(got, 7);
	close(sv[1]);
	/* And no signal. */
	assert_int_equal(capcert_fd_send(sv[0], -1, "x", 1), -EPIPE);
	close(sv[0]);
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_goes_and_comes), cmocka_unit_test(with_the_first_octet),
		cmocka_unit_test(more_than_one),      cmocka_unit_test(longer_than_there_is_room),
		cmocka_unit_test(what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
