// SPDX-License-Identifier: GPL-2.0-only
/* The end of what one side says is passed on as what it was: close_notify and shutdown(2) are the same
 * thing, and a connection that just breaks off is never made to look like either. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "helpers/tlsd/relay.h"

#define TURNS_MOST 8 /* of either direction in one step: half a megabyte */

void relay_init(struct relay *r)
{
	memset(r, 0, sizeof(*r));
	r->ends[0].fd = r->ends[1].fd = r->pass_fd = -1;
}

static int have_buffer(struct relay_flow *f)
{
	if (!f->buf)
		f->buf = malloc(RELAY_BUFFER);
	return f->buf ? 0 : -ENOMEM;
}

static void drop_buffer(struct relay_flow *f)
{
	free(f->buf);
	f->buf = NULL;
	f->at = f->len = 0;
}

int relay_put(struct relay *r, unsigned int from, const void *data, size_t len)
{
	struct relay_flow *f = &r->flows[from];

	if (have_buffer(f) < 0)
		return -ENOMEM;
	if (len > RELAY_BUFFER - f->at - f->len)
		return -EMSGSIZE;
	memcpy(f->buf + f->at + f->len, data, len);
	f->len += (uint32_t)len;
	return 0;
}

static ssize_t end_read(struct relay_end *e, void *buf, size_t n)
{
	ssize_t got;

	if (e->tls)
		return capcert_tls_read(e->tls, buf, n);
	do {
		got = recv(e->fd, buf, n, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static ssize_t plain_write(struct relay_end *e, const void *buf, size_t n, int *pass_fd)
{
	ssize_t put = capcert_fd_send(e->fd, *pass_fd, buf, n);

	if (put < 0)
		return put;
	if (*pass_fd >= 0)
		close(*pass_fd);
	*pass_fd = -1;
	return put;
}

static ssize_t end_write(struct relay *r, unsigned int to, const void *buf, size_t n)
{
	struct relay_end *e = &r->ends[to];
	int none = -1;
	ssize_t put;

	if (!e->tls)
		return plain_write(e, buf, n, to == 1 ? &r->pass_fd : &none);
	if (e->retry)
		n = e->retry;
	put = capcert_tls_write(e->tls, buf, n);
	e->retry = put == -EAGAIN ? n : 0;
	return put;
}

/* Nothing more will be sent. Return: 0; -EAGAIN; -errno. */
static int end_close(struct relay_end *e)
{
	int r = e->tls ? capcert_tls_close(e->tls) : 0;

	if (r < 0)
		return r;
	return shutdown(e->fd, SHUT_WR) < 0 ? -errno : 0;
}

static void failed(struct relay *r, unsigned int where, int error)
{
	if (r->error)
		return;
	r->error = error;
	r->where = where;
}

/* The sink takes nothing more: what the source says is of no use. What the sink has said is. */
static void sink_failed(struct relay *r, unsigned int from, int error)
{
	struct relay_flow *f = &r->flows[from];

	failed(r, 1 - from, error);
	drop_buffer(f);
	f->done = true;
}

/* Return: was there something to do? */
static bool pull(struct relay *r, unsigned int from)
{
	struct relay_flow *f = &r->flows[from];
	size_t used = (size_t)f->at + f->len;
	ssize_t n;

	if (f->eof || f->done || used == RELAY_BUFFER)
		return false;
	n = have_buffer(f);
	if (n == 0)
		n = end_read(&r->ends[from], f->buf + used, RELAY_BUFFER - used);
	else
		n = -ENOBUFS;
	if (n == -EAGAIN)
		return false;
	if (n > 0) {
		f->len += (uint32_t)n;
		f->octets += (uint64_t)n;
		return true;
	}
	f->eof = true;
	f->broken = n < 0;
	if (n < 0)
		failed(r, from, (int)n);
	return true;
}

static bool push(struct relay *r, unsigned int from)
{
	struct relay_flow *f = &r->flows[from];
	ssize_t n;

	if (f->done)
		return false;
	if (f->len) {
		n = end_write(r, 1 - from, f->buf + f->at, f->len);
		if (n > 0) {
			f->at += (uint32_t)n;
			f->len -= (uint32_t)n;
			if (!f->len)
				f->at = 0;
		}
	} else if (f->eof && !f->broken) {
		n = end_close(&r->ends[1 - from]);
		if (n == 0)
			f->done = true;
	} else {
		return false;
	}
	if (n < 0 && n != -EAGAIN)
		sink_failed(r, from, (int)n);
	return n != -EAGAIN;
}

static bool is_over(const struct relay *r)
{
	for (unsigned int i = 0; i < 2; i++)
		if (r->flows[i].broken && !r->flows[i].len)
			return true;
	return r->flows[0].done && r->flows[1].done;
}

enum relay_next relay_step(struct relay *r)
{
	enum relay_next next = RELAY_AGAIN;

	for (int turns = 0; turns < TURNS_MOST && next == RELAY_AGAIN; turns++) {
		bool moved = false;

		for (unsigned int i = 0; i < 2; i++) {
			moved |= pull(r, i);
			moved |= push(r, i);
		}
		if (is_over(r))
			next = RELAY_OVER;
		else if (!moved)
			next = RELAY_WAIT;
	}
	for (unsigned int i = 0; i < 2; i++)
		if (!r->flows[i].len)
			drop_buffer(&r->flows[i]);
	return next;
}

uint64_t relay_moved(const struct relay *r)
{
	return r->flows[0].octets + r->flows[1].octets;
}

void relay_end(struct relay *r)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	for (unsigned int i = 0; i < 2; i++) {
		struct relay_end *e = &r->ends[i];

		capcert_tls_free(e->tls);
		/* Whoever was not told the end properly sees that there was none. */
		if (e->fd >= 0 && !e->tls && r->ends[1 - i].tls && !r->flows[1 - i].done)
			setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		if (e->fd >= 0)
			close(e->fd);
		drop_buffer(&r->flows[i]);
	}
	if (r->pass_fd >= 0)
		close(r->pass_fd);
	relay_init(r);
}
