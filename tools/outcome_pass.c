// SPDX-License-Identifier: GPL-2.0-only
/* Outcome handles over UNIX sockets. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/outcome_pass.h"

int outcome_address(const char *path, struct sockaddr_un *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	if (!*path || strlen(path) >= sizeof(ret->sun_path))
		return fail(EXIT_USAGE, "'%s' cannot be a socket's path", path);
	strcpy(ret->sun_path, path);
	return EXIT_DONE;
}

static int pass_fd(int sock, int fd)
{
	char byte = 'o';
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int outcome_pass(const char *path, int fd)
{
	struct sockaddr_un to;
	int sock, e = 0, r = outcome_address(path, &to);

	if (r)
		return r;
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&to, sizeof(to)))
		e = -errno;
	if (!e)
		e = pass_fd(sock, fd);
	if (sock >= 0)
		close(sock);
	return e ? fail(EXIT_TROUBLE, "%s: %s", path, strerror(-e)) : EXIT_DONE;
}
