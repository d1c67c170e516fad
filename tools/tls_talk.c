// SPDX-License-Identifier: GPL-2.0-only
/* stdin to the peer, the peer to stdout. */

#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include "tools/tls_talk.h"

#define LINGER_MS 10000 /* for an answer, after the end of stdin */

int tls_shake(capcert_tls *tls)
{
	int r, fd;

	while ((r = capcert_tls_handshake(tls)) == -EAGAIN) {
		struct pollfd p = { .events = capcert_tls_wants(tls, &fd) };

		p.fd = fd;
		poll(&p, 1, 1000); /* the session knows when its time is over */
	}
	return r;
}

struct talk {
	capcert_tls *tls;
	bool server;
	char out[16384]; /* read from stdin, and not taken yet */
	size_t out_len, out_at;
	bool in_over; /* stdin has ended */
	bool said;    /* anything was sent */
	bool closed;  /* close_notify was sent */
	bool over;    /* the peer's has come */
};

static bool put_all(const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(STDOUT_FILENO, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

/* All that the peer has sent by now. Return: 0, also at its end; -errno. */
static int hear(struct talk *t)
{
	char buf[16384];
	ssize_t n;

	while ((n = capcert_tls_read(t->tls, buf, sizeof(buf))) > 0)
		if (!put_all(buf, (size_t)n))
			return -EPIPE;
	if (!n)
		t->over = true;
	return n == -EAGAIN ? 0 : (int)n;
}

static int speak(struct talk *t)
{
	ssize_t n;

	while (t->out_at < t->out_len) {
		n = capcert_tls_write(t->tls, t->out + t->out_at, t->out_len - t->out_at);
		if (n < 0)
			return n == -EAGAIN ? 0 : (int)n;
		t->out_at += (size_t)n;
		t->said = true;
	}
	/* A client that says nothing wants no answer; one that does gets the time for one. A server
	 * that has said its piece is done, and one with nothing to say listens. */
	if (t->in_over && t->said == t->server && !t->closed) {
		int r = capcert_tls_close(t->tls);

		if (r < 0)
			return r == -EAGAIN ? 0 : r;
		t->closed = true;
	}
	return 0;
}

static void take_input(struct talk *t)
{
	ssize_t n = read(STDIN_FILENO, t->out, sizeof(t->out));

	t->out_at = 0;
	t->out_len = n > 0 ? (size_t)n : 0;
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		t->in_over = true;
}

static int converse(struct talk *t)
{
	struct pollfd p[2];
	int r, n;

	for (;;) {
		r = hear(t);
		if (r < 0 || t->over)
			break;
		r = speak(t);
		if (r < 0)
			break;
		p[0].events = POLLIN;
		capcert_tls_wants(t->tls, &p[0].fd);
		if (t->out_at < t->out_len)
			p[0].events |= POLLOUT;
		p[1].fd = t->in_over || t->out_at < t->out_len ? -1 : STDIN_FILENO;
		p[1].events = POLLIN;
		n = poll(p, 2, t->in_over && (t->closed || !t->server) ? LINGER_MS : -1);
		if (n == 0)
			break;
		if (n > 0 && p[1].fd >= 0 && p[1].revents)
			take_input(t);
	}
	if (r == 0 && !t->closed)
		capcert_tls_close(t->tls);
	/* After this end's goodbye nothing can be lost. */
	return t->closed && r == -ECONNRESET ? 0 : r;
}

int tls_talk(capcert_tls *tls, bool server)
{
	struct talk t = { .tls = tls, .server = server };

	return converse(&t);
}
