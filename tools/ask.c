// SPDX-License-Identifier: GPL-2.0-only

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "tools/answer.h"
#include "tools/ask.h"

#define ANSWER_MOST (32u << 20)
#define WAIT_MS 60000

static int dial(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int s, r;

	if (!strncmp(path, "unix:", 5))
		path += 5;
	if (!*path || strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	strcpy(to.sun_path, path);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -errno;
	if (connect(s, (struct sockaddr *)&to, sizeof(to)) == 0)
		return s;
	r = -errno;
	close(s);
	return r;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Up to the end of the stream. Return: octets or -errno. */
static ssize_t receive(int s, char *buf, size_t cap)
{
	int64_t end = now_ms() + WAIT_MS, left;
	size_t at = 0;

	while (at < cap) {
		struct pollfd p = { s, POLLIN, 0 };
		int ready;
		ssize_t n;

		left = end - now_ms();
		ready = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (ready == 0)
			return -ETIMEDOUT;
		n = ready < 0 ? -1 : read(s, buf + at, cap - at);
		if (n == 0)
			return (ssize_t)at;
		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return -EMSGSIZE;
}

static int say(int s, const json_t *question)
{
	char *text = json_dumps(question, JSON_COMPACT);
	int r = text ? 0 : -ENOMEM;

	if (text &&
	    (send(s, text, strlen(text), MSG_NOSIGNAL) < 0 || send(s, "\n", 1, MSG_NOSIGNAL) < 0))
		r = -errno;
	free(text);
	return r;
}

int ask(const char *path, json_t *question, json_t **ret)
{
	char *buf = malloc(ANSWER_MOST);
	int s = buf ? dial(path) : -ENOMEM;
	ssize_t n = s;

	if (s >= 0) {
		n = question ? say(s, question) : 0;
		if (n == 0)
			n = receive(s, buf, ANSWER_MOST);
		close(s);
	}
	json_decref(question);
	if (n >= 0)
		n = answer_read(buf, (size_t)n, ret);
	free(buf);
	return (int)n;
}
