// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A back end that believes the kernel alone: member SOCKET. With the first octet of a connection comes the verdict on
 * who asks, or none; the front end's word counts for nothing. */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <capcert/verify.h>

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) || listen(s, 8)) {
		perror(path);
		exit(1);
	}
	chmod(path, 0666);
	return s;
}

/* A request, and the handle that came with it; -1 = none. Return: false when there is nothing more to hear. */
static bool receive(int sock, char *buf, size_t cap, int *ret_fd)
{
	struct iovec iov = { buf, cap };
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	struct cmsghdr *c;

	*ret_fd = -1;
	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) <= 0)
		return false;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	return true;
}

static void greet(FILE *f, int outcome)
{
	const struct capcert_expect expect = {
		.purpose = CAPCERT_PURPOSE_TLS_CLIENT_AUTH,
		.preset = "private-mtls",
		.max_age = 600,
	};
	struct capcert_result result;
	int r = outcome < 0 ? -ENOENT : capcert_outcome_require(outcome, &expect);

	fprintf(f, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	if (r == 0)
		r = capcert_outcome_get(outcome, &result, NULL);
	if (r == -ENOENT) {
		fprintf(f, "hello, stranger\n");
	} else if (r < 0) {
		fprintf(f, "that is no verdict for me: %s\n", strerrorname_np(-r));
	} else {
		fprintf(f, "hello, member ");
		for (size_t i = 0; i < 32; i++)
			fprintf(f, "%02x", result.path[0].fingerprint[i]);
		fprintf(f, "\n");
	}
}

static void serve(int s)
{
	char buf[4096];
	int outcome;
	FILE *f = receive(s, buf, sizeof(buf), &outcome) ? fdopen(s, "w") : NULL;

	if (f) {
		greet(f, outcome);
		fclose(f);
	}
}

int main(int argc, char **argv)
{
	int listener = argc == 2 ? listen_at(argv[1]) : -1;

	if (listener < 0)
		return 2;
	/* A process for each connection, and nobody waits for its end. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (s < 0)
			continue;
		if (fork() == 0) {
			serve(s);
			_exit(0);
		}
		close(s);
	}
}
