// SPDX-License-Identifier: GPL-2.0-only
/* Connections with one request each; tokens in a list. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "helpers/acmed/http.h"
#include "helpers/acmed/responder.h"

#define TEXT_MOST 512
#define ANSWER_MOST 1024
#define EVENTS 32
#define ACCEPTS 32 /* in one step */

struct token {
	char name[HTTP_TOKEN + 1];
	char text[TEXT_MOST];
};

struct conn {
	int fd; /* -1 = free */
	int64_t until;
	size_t in, out, sent;
	bool answered;
	char head[HTTP_HEAD];
	char answer[ANSWER_MOST];
};

struct responder {
	int listen, epoll;
	struct token **tokens;
	size_t count;
	struct conn *conns[RESPONDER_CONNS];
};

/* ---- tokens ---- */

static size_t find(const struct responder *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->tokens[i]->name, name) == 0)
			break;
	return i;
}

int responder_publish(struct responder *r, const char *name, const char *text)
{
	static const char octets[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789-_.";
	struct token *t;
	size_t n = strlen(name);

	/* The text is the token, a dot, and a thumbprint: nothing else is ever served. */
	if (!n || n > HTTP_TOKEN || strchr(name, '.') || strspn(name, octets) != n ||
	    strlen(text) >= TEXT_MOST || strspn(text, octets) != strlen(text) ||
	    strncmp(text, name, n) != 0 || text[n] != '.')
		return -EINVAL;
	if (find(r, name) < r->count)
		return -EEXIST;
	if (r->count == RESPONDER_MOST)
		return -ENOSPC;
	t = malloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	strcpy(t->name, name);
	strcpy(t->text, text);
	r->tokens[r->count++] = t;
	return 0;
}

int responder_withdraw(struct responder *r, const char *name)
{
	size_t i = find(r, name);

	if (i == r->count)
		return -ENOENT;
	free(r->tokens[i]);
	r->tokens[i] = r->tokens[--r->count];
	return 0;
}

size_t responder_count(const struct responder *r)
{
	return r->count;
}

/* ---- answers ---- */

static void answer(struct conn *c, int status, const char *words, const char *type,
		   const char *body, bool with_body)
{
	c->out = (size_t)snprintf(c->answer, sizeof(c->answer),
				  "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
				  "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s",
				  status, words, type, strlen(body),
				  status == 405 ? "Allow: GET, HEAD\r\n" : "",
				  with_body ? body : "");
	c->answered = true;
}

static void judge(struct responder *r, struct conn *c)
{
	char token[HTTP_TOKEN + 1];
	enum http_found found = http_parse(c->head, c->in, token);
	size_t i;

	switch (found) {
	case HTTP_MORE:
		return;
	case HTTP_BAD:
		answer(c, 400, "Bad Request", "text/plain", "no request\n", true);
		return;
	case HTTP_OTHER:
		answer(c, 405, "Method Not Allowed", "text/plain", "GET alone\n", true);
		return;
	default:
		i = token[0] ? find(r, token) : r->count;
		if (i < r->count)
			answer(c, 200, "OK", "application/octet-stream", r->tokens[i]->text,
			       found == HTTP_GET);
		else
			answer(c, 404, "Not Found", "text/plain", "not found\n", found == HTTP_GET);
	}
}

/* ---- connections ---- */

static void drop(struct responder *r, size_t i)
{
	struct conn *c = r->conns[i];

	close(c->fd);
	free(c);
	r->conns[i] = NULL;
}

/* Until it has to wait. Return: whether the connection is over. */
static bool pass(struct responder *r, struct conn *c)
{
	ssize_t n;

	while (!c->answered) {
		n = recv(c->fd, c->head + c->in, sizeof(c->head) - c->in, 0);
		if (n < 0)
			return errno != EAGAIN && errno != EINTR;
		if (n == 0)
			return true;
		c->in += (size_t)n;
		judge(r, c);
		if (!c->answered && c->in == sizeof(c->head))
			answer(c, 400, "Bad Request", "text/plain", "too long\n", true);
	}
	while (c->sent < c->out) {
		n = send(c->fd, c->answer + c->sent, c->out - c->sent, MSG_NOSIGNAL);
		if (n < 0)
			return errno != EAGAIN && errno != EINTR;
		c->sent += (size_t)n;
	}
	/* What was sent behind the request must not turn the answer into a reset: let the peer end it. */
	shutdown(c->fd, SHUT_WR);
	do
		n = recv(c->fd, c->head, sizeof(c->head), 0);
	while (n > 0);
	return n == 0 || (errno != EAGAIN && errno != EINTR);
}

/* A free place; when there is none, that of the oldest. */
static size_t make_room(struct responder *r)
{
	size_t oldest = 0;

	for (size_t i = 0; i < RESPONDER_CONNS; i++) {
		if (!r->conns[i])
			return i;
		if (r->conns[i]->until < r->conns[oldest]->until)
			oldest = i;
	}
	drop(r, oldest);
	return oldest;
}

static int take_one(struct responder *r, int fd, int64_t now_ms)
{
	size_t i = make_room(r);
	struct conn *c = calloc(1, sizeof(*c));
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };

	if (!c || (e.data.u64 = i, epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) < 0)) {
		close(fd);
		free(c);
		return -ENOMEM;
	}
	c->fd = fd;
	c->until = now_ms + RESPONDER_MS;
	r->conns[i] = c;
	return 0;
}

static int take_new(struct responder *r, int64_t now_ms)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(r->listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			if (take_one(r, fd, now_ms) < 0)
				break;
			continue;
		}
		if (errno == EAGAIN)
			return 0;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			break;
		if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
			return -errno;
		/* The others are about the peer that was taken. */
	}
	return 0;
}

int responder_new(int listen, struct responder **ret)
{
	struct responder *r = calloc(1, sizeof(*r));
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = RESPONDER_CONNS };
	int flags = fcntl(listen, F_GETFL), error;

	if (!r)
		return -ENOMEM;
	r->listen = listen;
	r->tokens = calloc(RESPONDER_MOST, sizeof(struct token *));
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->tokens && r->epoll >= 0 && flags >= 0 &&
	    fcntl(listen, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    epoll_ctl(r->epoll, EPOLL_CTL_ADD, listen, &e) == 0) {
		*ret = r;
		return 0;
	}
	error = r->tokens ? -errno : -ENOMEM;
	responder_free(r);
	return error;
}

void responder_free(struct responder *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < RESPONDER_CONNS; i++)
		if (r->conns[i])
			drop(r, i);
	while (r->count)
		free(r->tokens[--r->count]);
	free(r->tokens);
	if (r->epoll >= 0)
		close(r->epoll);
	free(r);
}

int responder_fd(const struct responder *r)
{
	return r->epoll;
}

int responder_wait_ms(const struct responder *r, int64_t now_ms)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < RESPONDER_CONNS; i++)
		if (r->conns[i] && r->conns[i]->until < next)
			next = r->conns[i]->until;
	if (next == INT64_MAX)
		return -1;
	return next <= now_ms ? 0 : (int)(next - now_ms);
}

int responder_step(struct responder *r, int64_t now_ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(r->epoll, events, EVENTS, 0), error = 0;

	for (int i = 0; i < n; i++) {
		size_t at = (size_t)events[i].data.u64;

		if (at < RESPONDER_CONNS && r->conns[at] && pass(r, r->conns[at]))
			drop(r, at);
	}
	/* After the others, so that a place that is given away has no event left. */
	for (int i = 0; i < n && !error; i++)
		if (events[i].data.u64 == RESPONDER_CONNS)
			error = take_new(r, now_ms);
	for (size_t i = 0; i < RESPONDER_CONNS; i++)
		if (r->conns[i] && r->conns[i]->until <= now_ms)
			drop(r, i);
	return error;
}
