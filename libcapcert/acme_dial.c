// SPDX-License-Identifier: LGPL-2.1-or-later
/* Waiting with a deadline, and connecting to a host with one. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "libcapcert/acme_conn.h"

int64_t acme_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int acme_wait(int fd, short events, int cancel_fd, int64_t deadline)
{
	/* poll() passes over negative fds. */
	struct pollfd p[] = { { .fd = fd, .events = events },
			      { .fd = cancel_fd, .events = POLLIN } };

	for (;;) {
		int64_t left = deadline - acme_clock();
		int n;

		if (left < 0)
			left = 0;
		n = poll(p, 2, left > 1000000 ? 1000000 : (int)left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		if (p[1].revents)
			return -ECANCELED;
		if (p[0].revents)
			return 0;
		if (acme_clock() >= deadline)
			return -ETIMEDOUT;
	}
}

static int connect_to(const struct addrinfo *a, int cancel_fd, int64_t deadline)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0,
	    one = 1;
	socklen_t n = sizeof(r);

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	if (errno != EINPROGRESS) {
		r = -errno;
	} else {
		r = acme_wait(fd, POLLOUT, cancel_fd, deadline);
		if (r == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &r, &n) < 0)
			r = errno;
		r = r > 0 ? -r : r;
	}
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int of_resolver(int e)
{
	switch (e) {
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return -errno;
	default:
		return -EHOSTUNREACH;
	}
}

/* Each address in turn; where several are left, each has its share of the time. */
int acme_dial(const char *host, uint16_t port, int cancel_fd, int64_t deadline)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *list, *a;
	int64_t count = 0;
	char service[8];
	int r;

	snprintf(service, sizeof(service), "%u", port);
	r = getaddrinfo(host, service, &hints, &list);
	if (r)
		return of_resolver(r);
	for (a = list; a; a = a->ai_next)
		count++;
	r = -EHOSTUNREACH;
	for (a = list; a; a = a->ai_next, count--) {
		int64_t now = acme_clock();

		r = connect_to(a, cancel_fd, now + (deadline - now) / count);
		if (r >= 0 || r == -ECANCELED)
			break;
	}
	freeaddrinfo(list);
	return r;
}
