// SPDX-License-Identifier: LGPL-2.1-or-later
/* Octets of a session to and from its socket: never more than a handshake may have, never longer than it
 * may take, and waiting only for who wants to wait. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include "libcapcert/tls.h"

int64_t tls_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static ssize_t socket_receive(void *ctx, void *buf, size_t len)
{
	return recv(((capcert_tls *)ctx)->fd, buf, len, MSG_DONTWAIT);
}

static ssize_t socket_send(void *ctx, const struct iovec *iov, int count)
{
	struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)iov,
			    .msg_iovlen = (size_t)count };

	return sendmsg(((capcert_tls *)ctx)->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void tls_io_socket(capcert_tls *tls)
{
	tls->transport = (struct tls_transport){ socket_receive, socket_send, tls };
}

/* Milliseconds that may be waited; -1 = for ever; 0: none are left. */
static int patience(const capcert_tls *tls, int64_t since)
{
	int64_t now = tls_now_ms(), end = tls->deadline;

	if (tls->phase == TLS_OPEN) {
		if (!tls->context->idle_ms)
			return -1;
		end = since + tls->context->idle_ms;
	}
	if (end <= now)
		return 0;
	return end - now > 600000 ? 600000 : (int)(end - now);
}

static int out_of_time(capcert_tls *tls)
{
	tls_fault(tls, -ETIMEDOUT, -1,
		  tls->phase == TLS_OPEN ? "the peer is silent" : "the handshake took too long");
	gnutls_transport_set_errno(tls->session, ETIMEDOUT);
	return -1;
}

int tls_io_wait(capcert_tls *tls, short events, int64_t since)
{
	struct pollfd p = { .fd = tls->fd, .events = events };
	int left = patience(tls, since);

	if (!left)
		return out_of_time(tls);
	tls->wants = events;
	if (!tls->block) {
		tls->starved = true;
		gnutls_transport_set_errno(tls->session, EAGAIN);
		return -1;
	}
	/* A signal is no reason to give up, nor is the end of one of many waits. */
	poll(&p, 1, left);
	return 0;
}

static ssize_t broken(capcert_tls *tls, int error)
{
	if (error == ECONNRESET || error == EPIPE)
		tls_fault(tls, -ECONNRESET, -1, "the peer has closed the connection");
	gnutls_transport_set_errno(tls->session, error);
	return -1;
}

/* What a peer may make this end read before anything is agreed. */
static bool too_much(capcert_tls *tls, size_t more)
{
	if (tls->phase == TLS_OPEN)
		return false;
	tls->received += more;
	if (tls->received <= tls->context->handshake_bytes)
		return false;
	tls_fault(tls, -EMSGSIZE, GNUTLS_A_DECODE_ERROR,
		  "the peer sends more in a handshake than it may");
	gnutls_transport_set_errno(tls->session, EMSGSIZE);
	return true;
}

static void note_first(capcert_tls *tls, const void *buf, size_t n)
{
	size_t at = tls->received;

	if (tls->phase != TLS_OPEN && at < sizeof(tls->first))
		memcpy(tls->first + at, buf,
		       n < sizeof(tls->first) - at ? n : sizeof(tls->first) - at);
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	int64_t since = tls_now_ms();
	capcert_tls *tls = ptr;
	ssize_t n;

	for (;;) {
		if (tls->phase != TLS_OPEN && since >= tls->deadline)
			return out_of_time(tls);
		n = tls->transport.receive(tls->transport.ctx, buf, len);
		if (n >= 0)
			break;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return broken(tls, errno);
		if (tls_io_wait(tls, POLLIN, since))
			return -1;
	}
	if (!n) /* GnuTLS asks only as long as the peer has not said that it is done */
		tls_fault(tls, -ECONNRESET, -1, "the peer went away without close_notify");
	note_first(tls, buf, (size_t)n);
	return too_much(tls, (size_t)n) ? -1 : n;
}

static ssize_t push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int count)
{
	int64_t since = tls_now_ms();
	capcert_tls *tls = ptr;
	ssize_t n;

	for (;;) {
		n = tls->transport.send(tls->transport.ctx, iov, count);
		if (n >= 0)
			return n;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return broken(tls, errno);
		if (tls_io_wait(tls, POLLOUT, since))
			return -1;
	}
}

static int ready(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	capcert_tls *tls = ptr;
	struct pollfd p = { .fd = tls->fd, .events = POLLIN };

	return poll(&p, 1, ms == GNUTLS_INDEFINITE_TIMEOUT ? -1 : (int)ms);
}

void tls_io_start(capcert_tls *tls)
{
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_pull_function(tls->session, pull);
	gnutls_transport_set_vec_push_function(tls->session, push);
	gnutls_transport_set_pull_timeout_function(tls->session, ready);
}
