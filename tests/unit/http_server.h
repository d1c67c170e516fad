/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A server on loopback whose answers are as good or as bad as the path asks for. */
#ifndef TESTS_UNIT_HTTP_SERVER_H
#define TESTS_UNIT_HTTP_SERVER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_WAITS 1200 /* of 100 ms: who hangs goes with his peer, long before that */

struct server {
	int fd;
	uint16_t port;
	atomic_bool stop;
	atomic_int connections; /* accepted */
	atomic_int broken;	/* the next so many requests for /mends are refused */
	atomic_int unchanged;	/* times that /dated was asked for what it has given */
	atomic_int hanging;	/* requests for /hang so far */
	atomic_bool let_go;	/* those end */
	atomic_int open;	/* at this moment */
	atomic_int most;	/* open at once */
	pthread_t thread;
};

static struct server server;

static void say(int fd, const char *text)
{
	size_t n = strlen(text), at = 0;

	while (at < n) {
		ssize_t r = send(fd, text + at, n - at, MSG_NOSIGNAL);

		if (r <= 0)
			return;
		at += (size_t)r;
	}
}

static void pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Wait, but not for a peer that is gone. */
static bool peer_waits(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLRDHUP };

	return poll(&p, 1, ms) == 0 && !atomic_load(&server.stop);
}

static void say_many(int fd, size_t n)
{
	char line[1001];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (size_t i = 0; i < n / 1000; i++)
		say(fd, line);
}

#define DATE "Fri, 27 Nov 2026 10:00:00 GMT"

static void serve_dated(int fd, const char *request)
{
	bool same = strstr(request, "\r\nIf-Modified-Since: " DATE "\r\n");

	atomic_fetch_add(&server.unchanged, same);
	say(fd, same ? "HTTP/1.1 304 Not Modified\r\n\r\n"
		     : "HTTP/1.1 200 OK\r\nLast-Modified: " DATE
		       "\r\nContent-Length: 5\r\n\r\nhello");
}

static void serve_path(int fd, const char *request)
{
	if (strstr(request, " /dated ")) {
		serve_dated(fd, request);
		return;
	}
	if (strstr(request, " /ok "))
		say(fd, "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 5\r\n\r\nhello");
	else if (strstr(request, " /tagged "))
		say(fd, strstr(request, "\r\nIf-None-Match: \"one\"\r\n")
				? "HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\n\r\n"
				: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
	else if (strstr(request, "POST /echo "))
		say(fd, strstr(request, "\r\n\r\nquestion") &&
					strstr(request, "Content-Type: a/b\r\n") &&
					strstr(request, "Accept: c/d\r\n")
				? "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer"
				: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /busy "))
		say(fd, "HTTP/1.1 503 Busy\r\nRetry-After: 17\r\nContent-Length: 4\r\n\r\nlate");
	else if (strstr(request, " /mends "))
		say(fd, atomic_fetch_sub(&server.broken, 1) > 0
				? "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"
				: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell");
	else if (strstr(request, " /moved "))
		say(fd, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /announced "))
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
	else if (strstr(request, " /endless ")) {
		say(fd, "HTTP/1.1 200 OK\r\n\r\n");
		say_many(fd, 10000000);
	} else if (strstr(request, " /bomb "))
		say(fd,
		    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
	else if (strstr(request, " /cut "))
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
	else if (strstr(request, " /garbage "))
		say(fd, "SSH-2.0-server\r\n");
	else if (strstr(request, " /slow ")) {
		pause_ms(300);
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	} else if (strstr(request, " /trickle ")) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
		for (int i = 0; i < MOST_WAITS && peer_waits(fd, 100); i++)
			say(fd, "x");
	} else if (strstr(request, " /hang ")) {
		atomic_fetch_add(&server.hanging, 1);
		for (int i = 0; i < MOST_WAITS && peer_waits(fd, 100); i++)
			if (atomic_load(&server.let_go))
				break;
	} else
		say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void *serve_one(void *arg)
{
	int fd = *(int *)arg, now;
	char request[4096];
	size_t n = 0;

	free(arg);
	now = atomic_fetch_add(&server.open, 1) + 1;
	if (now > atomic_load(&server.most))
		atomic_store(&server.most, now);
	while (n < sizeof(request) - 1) {
		ssize_t r = recv(fd, request + n, sizeof(request) - 1 - n, 0);

		if (r <= 0)
			break;
		n += (size_t)r;
		request[n] = '\0';
		if (strstr(request, "\r\n\r\n") &&
		    (!strstr(request, "POST ") || strstr(request, "question"))) {
			serve_path(fd, request);
			break;
		}
	}
	atomic_fetch_sub(&server.open, 1);
	shutdown(fd, SHUT_RDWR);
	close(fd);
	return NULL;
}

static void *serve(void *arg)
{
	while (!atomic_load(&server.stop)) {
		int *fd = malloc(sizeof(*fd));
		pthread_t thread;

		*fd = accept(server.fd, NULL, NULL);
		if (*fd < 0) {
			free(fd);
			break;
		}
		atomic_fetch_add(&server.connections, 1);
		if (pthread_create(&thread, NULL, serve_one, fd) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

static int server_start(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (server.fd < 0 || bind(server.fd, (struct sockaddr *)&a, sizeof(a)) ||
	    listen(server.fd, 64) || getsockname(server.fd, (struct sockaddr *)&a, &n))
		return -1;
	server.port = ntohs(a.sin_port);
	return pthread_create(&server.thread, NULL, serve, NULL);
}

static int server_stop(void **state)
{
	atomic_store(&server.stop, true);
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	close(server.fd);
	for (int i = 0; i < MOST_WAITS && atomic_load(&server.open) > 0; i++)
		pause_ms(50);
	return 0;
}

#endif
