// SPDX-License-Identifier: GPL-2.0-only
/* capcert tls connect: look at a TLS server as this machine's policies see it, and talk to it. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tools/tls_connect.h"
#include "tools/tls_view.h"

#define LINGER_MS 10000 /* for an answer, after the end of stdin */

/* ---- talking ---- */

/* stdin to the peer, the peer to stdout. */
struct talk {
	capcert_tls *tls;
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
	/* Who says nothing wants no answer; who does gets the time for one. */
	if (t->in_over && !t->said && !t->closed) {
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
		n = poll(p, 2, t->in_over ? LINGER_MS : -1);
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

static int handshake(capcert_tls *tls)
{
	int r, fd;

	while ((r = capcert_tls_handshake(tls)) == -EAGAIN) {
		struct pollfd p = { .events = capcert_tls_wants(tls, &fd) };

		p.fd = fd;
		poll(&p, 1, 1000); /* the session knows when its time is over */
	}
	return r;
}

/* What there is to see; beside what the peer says, not in it: on stderr then. */
static int view_beside(const struct args *args, const struct tls_setup *setup,
		       const capcert_tls *tls, int e)
{
	int out = dup(STDOUT_FILENO), r;

	if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return fail_errno(-errno, "no descriptor");
	r = tls_view(args, setup, tls, e);
	fflush(stdout);
	if (dup2(out, STDOUT_FILENO) < 0)
		r = fail_errno(-errno, "no descriptor");
	close(out);
	return r;
}

static int talk_to(const struct args *args, const struct tls_setup *setup, capcert_tls *tls)
{
	bool look = out_json() || opt_has(args, "look");
	static struct talk t;
	int e = handshake(tls), r;

	r = look ? tls_view(args, setup, tls, e) : view_beside(args, setup, tls, e);
	if (look && !e)
		capcert_tls_close(tls);
	if (look || e)
		return r;
	t.tls = tls;
	e = converse(&t);
	if (e == 0 || e == -EPIPE)
		return r;
	return fail(EXIT_TROUBLE, "%s", capcert_tls_error_text(tls));
}

int tls_connect(const struct args *args)
{
	const char *name = opt_text(args, "servername");
	struct tls_setup setup;
	capcert_tls *tls = NULL;
	char host[256];
	int e, fd = -1, r = tls_setup(args, &setup);

	signal(SIGPIPE, SIG_IGN);
	if (!r)
		r = tls_dial(args->words[0], host, &fd);
	if (!r && !*host && !name)
		r = fail(EXIT_USAGE, "which name must the server have? --servername NAME");
	if (!r) {
		e = capcert_tls_client(setup.context, fd, *host ? host : NULL, CAPCERT_TLS_NONBLOCK,
				       &tls);
		if (e == -EINVAL)
			r = fail(EXIT_USAGE, "'%s' is neither a host name nor an IP address",
				 name ? name : host);
		else if (e)
			r = fail_errno(e, "no TLS");
	}
	if (!r)
		r = talk_to(args, &setup, tls);
	capcert_tls_free(tls);
	if (fd >= 0)
		close(fd);
	tls_setup_end(&setup);
	return r;
}

const struct opt tls_connect_opts[] = {
	{ .name = "anchors",
	  .meta = "FILE",
	  .many = true,
	  .help = "trust these certificates, in this process; no module needed" },
	{ .name = "policy", .meta = "TEXT", .help = "with --anchors: the policy" },
	{ .name = "preset",
	  .meta = "NAME",
	  .help = "with --anchors: a policy by name; webpki-lenient if not given" },
	{ .name = "store", .meta = "STORE", .help = "trust store; fd:store if that was inherited" },
	{ .name = "verifier", .meta = "VERIFIER", .help = "verifier; fd:verifier if inherited" },
	{ .name = "pins", .meta = "PINS", .help = "pin set; with --anchors a file of its text" },
	{ .name = "servername", .meta = "NAME", .help = "send and verify this name" },
	{ .name = "alpn", .meta = "LIST", .help = "application protocols, as h2,http/1.1" },
	{ .name = "cert", .meta = "FILE", .help = "the client's own chain, leaf first" },
	{ .name = "key", .meta = "KEY", .help = "its key, for tls-client" },
	{ .name = "ciphers", .meta = "POLICY", .help = "modern, intermediate (default) or legacy" },
	{ .name = "tls1.2", .help = "TLS 1.2 alone; asks for SCTs in the handshake" },
	{ .name = "tls1.3", .help = "TLS 1.3 alone" },
	{ .name = "ct", .help = "with --anchors: the built-in list of CT logs counts" },
	{ .name = "ctlogs", .meta = "FILE", .help = "CT logs whose SCTs count, in any form" },
	{ .name = "explain", .help = "say which paths there are, and what would help" },
	{ .name = "insecure", .help = "go on with a server that is refused" },
	{ .name = "look", .help = "show what there is to see, and close" },
	{ .name = "timeout", .meta = "MS", .help = "for the handshake; 30000 if not given" },
	{ 0 },
};
