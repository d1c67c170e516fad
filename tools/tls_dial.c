// SPDX-License-Identifier: GPL-2.0-only
/* A connected socket for "HOST:PORT", and one that listens there. */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "tools/tls_setup.h"

#define CONNECT_SECONDS 15
#define BACKLOG 64

static int dial_path(const char *path, int *ret_fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return fail(EXIT_USAGE, "'%s' is too long for a socket's path", path);
	strcpy(to.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_errno(-errno, "no socket");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		int e = -errno;

		close(fd);
		return fail_errno(e, "%s", path);
	}
	*ret_fd = fd;
	return EXIT_DONE;
}

/* "HOST:PORT", "[ADDRESS]:PORT". */
static int split(const char *word, char host[256], const char **ret_port)
{
	const char *end = strrchr(word, ':');
	size_t n = end ? (size_t)(end - word) : 0;

	if (!end || !n || n > 255 || !end[1]) {
		fail(EXIT_USAGE, "'%s' is not HOST:PORT", word);
		advise("www.example.org:443, [2001:db8::1]:443, or unix:PATH");
		return EXIT_USAGE;
	}
	if (word[0] == '[' && word[n - 1] == ']') {
		word++;
		n -= 2;
	}
	memcpy(host, word, n);
	host[n] = '\0';
	*ret_port = end + 1;
	return EXIT_DONE;
}

/* Each address in turn; the last one's fault is told. */
static int dial_any(const struct addrinfo *list, int *ret_fd)
{
	const struct timeval patience = { .tv_sec = CONNECT_SECONDS };
	int e = -EADDRNOTAVAIL;

	for (; list; list = list->ai_next) {
		int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0) {
			e = -errno;
			continue;
		}
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		if (connect(fd, list->ai_addr, list->ai_addrlen) == 0) {
			*ret_fd = fd;
			return 0;
		}
		e = errno == EINPROGRESS ? -ETIMEDOUT : -errno;
		close(fd);
	}
	return e;
}

int tls_dial(const char *word, char host[256], int *ret_fd)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	const char *port;
	int e, r;

	*host = '\0';
	if (!strncmp(word, "unix:", 5))
		return dial_path(word + 5, ret_fd);
	r = split(word, host, &port);
	if (r)
		return r;
	e = getaddrinfo(host, port, &hints, &list);
	if (e)
		return fail(EXIT_TROUBLE, "%s: %s", word, gai_strerror(e));
	e = dial_any(list, ret_fd);
	freeaddrinfo(list);
	return e ? fail_errno(e, "%s", word) : EXIT_DONE;
}

/* ---- listening ---- */

static int listen_path(const char *path, int *ret_fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(at.sun_path))
		return fail(EXIT_USAGE, "'%s' is too long for a socket's path", path);
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_errno(-errno, "no socket");
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0) {
		int e = -errno;

		close(fd);
		return fail_errno(e, "%s", path);
	}
	*ret_fd = fd;
	return EXIT_DONE;
}

static int listen_any(const struct addrinfo *list, int *ret_fd)
{
	int e = -EADDRNOTAVAIL, on = 1;

	for (; list; list = list->ai_next) {
		int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0) {
			e = -errno;
			continue;
		}
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, list->ai_addr, list->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
			*ret_fd = fd;
			return 0;
		}
		e = -errno;
		close(fd);
	}
	return e;
}

int tls_listen(const char *word, int *ret_fd)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICHOST },
			*list;
	char host[256] = "127.0.0.1";
	const char *port = word;
	int e, r = EXIT_DONE;

	if (!strncmp(word, "unix:", 5))
		return listen_path(word + 5, ret_fd);
	if (strchr(word, ':'))
		r = split(word, host, &port);
	if (r)
		return r;
	e = getaddrinfo(host, port, &hints, &list);
	if (e)
		return fail(EXIT_USAGE, "%s: %s", word, gai_strerror(e));
	e = listen_any(list, ret_fd);
	freeaddrinfo(list);
	return e ? fail_errno(e, "%s", word) : EXIT_DONE;
}

void tls_socket_text(const struct sockaddr_storage *at, socklen_t len, char ret[TLS_SOCKET_TEXT])
{
	char host[INET6_ADDRSTRLEN + 20], port[8];

	if (at->ss_family != AF_INET && at->ss_family != AF_INET6)
		snprintf(ret, TLS_SOCKET_TEXT, "unix");
	else if (getnameinfo((const struct sockaddr *)at, len, host, sizeof(host), port,
			     sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(ret, TLS_SOCKET_TEXT, "?");
	else
		snprintf(ret, TLS_SOCKET_TEXT, at->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
			 host, port);
}
