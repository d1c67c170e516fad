// SPDX-License-Identifier: GPL-2.0-only
/* The service manager's protocol: LISTEN_FDS and NOTIFY_SOCKET. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "helpers/common/service.h"

#define FIRST_FD 3
#define MOST_FDS 64

static long number(const char *text)
{
	char *end;
	long n;

	if (!text || *text < '0' || *text > '9')
		return -1;
	errno = 0;
	n = strtol(text, &end, 10);
	return errno || *end ? -1 : n;
}

int service_fd(const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	long count = number(getenv("LISTEN_FDS"));
	size_t want = strlen(name);

	if (number(getenv("LISTEN_PID")) != getpid() || !names)
		return -ENOENT;
	for (int fd = FIRST_FD; fd < FIRST_FD + count && fd < FIRST_FD + MOST_FDS; fd++) {
		size_t n = strcspn(names, ":");

		if (n == want && memcmp(names, name, n) == 0)
			return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : fd;
		names += n + (names[n] == ':');
	}
	return -ENOENT;
}

int service_notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;
	int fd, r;

	if (!path)
		return -ENOENT;
	if ((path[0] != '/' && path[0] != '@') || n < 2 || n >= sizeof(address.sun_path))
		return -EINVAL;
	memcpy(address.sun_path, path, n);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	n += offsetof(struct sockaddr_un, sun_path);
	if (connect(fd, (struct sockaddr *)&address, (socklen_t)n) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

void service_notify(int fd, const char *state)
{
	if (fd >= 0 && write(fd, state, strlen(state)) < 0) {
		/* The manager notices by its own timeout. */
	}
}
