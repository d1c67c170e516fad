// SPDX-License-Identifier: GPL-2.0-only
/* One authority, for as long as something is published: an http-01 responder, a zone, slots under a prefix, or a
 * program. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/alpn.h"
#include "helpers/acmed/dns_solver.h"
#include "helpers/acmed/parts.h"
#include "helpers/acmed/program.h"
#include "helpers/acmed/responder.h"
#include "helpers/acmed/walls.h"
#include "helpers/common/log.h"

static struct wire wire;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int reply(int fd, uint32_t id, int error, const char *text)
{
	wire_begin(&wire, WIRE_DONE);
	wire_put_number(&wire, error);
	wire_put_text(&wire, text);
	wire_put_number(&wire, id);
	return wire_send(fd, &wire);
}

/* ---- http-01 ---- */

static int http_request(struct responder *r, int fd)
{
	struct challenge c;
	int error;

	if (!wire_get_challenge(&wire, &c))
		return -EBADMSG;
	if (wire.what == WIRE_PUBLISH)
		error = responder_publish(r, c.token, c.key_authorization);
	else if (wire.what == WIRE_WITHDRAW)
		error = responder_withdraw(r, c.token);
	else
		return -EBADMSG;
	return reply(fd, c.id, error, error < 0 ? "the responder does not take the token" : "");
}

static int http_serve(int fd, struct responder *r)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			      { .fd = responder_fd(r), .events = POLLIN } };
	int error = 0;

	while (error == 0) {
		if (poll(p, 2, responder_wait_ms(r, now_ms())) < 0 && errno != EINTR)
			return -errno;
		if (p[0].revents) {
			error = wire_receive(fd, &wire);
			if (error == 0)
				error = http_request(r, fd);
		}
		if (error == 0)
			error = responder_step(r, now_ms());
	}
	return error;
}

static int http_main(const struct holdings *h, bool owned, int fd)
{
	struct responder *r;
	int error = walls_responder();

	/* Nobody listens there before and after. */
	if (error == 0 && owned && listen(h->socket, 64) < 0)
		error = -errno;
	if (error == 0)
		error = responder_new(h->socket, &r);
	if (error == 0) {
		error = http_serve(fd, r);
		responder_free(r);
	}
	if (owned)
		shutdown(h->socket, SHUT_RDWR);
	return error == -EPIPE ? 0 : 1;
}

/* Longer than a connection may take, so that it ends with none. */
#define PORTER_MS (RESPONDER_MS + 5000)

static int porter_serve(int fd, struct responder *r)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			      { .fd = responder_fd(r), .events = POLLIN } };
	int64_t now = now_ms(), until = now + PORTER_MS;
	int error = 0;

	while (error == 0 && now < until) {
		int wait = responder_wait_ms(r, now), most = (int)(until - now);

		if (poll(p, 2, wait < 0 || wait > most ? most : wait) < 0 && errno != EINTR)
			return -errno;
		if (p[0].revents)
			return 0;
		now = now_ms();
		if (p[1].revents)
			until = now + PORTER_MS;
		error = responder_step(r, now);
	}
	return error;
}

int porter_main(const struct holdings *h, int fd)
{
	struct responder *r;
	int error = walls_responder();

	if (error == 0)
		error = responder_new(h->socket, &r);
	if (error == 0) {
		error = porter_serve(fd, r);
		responder_free(r);
	}
	return error < 0;
}

/* ---- tls-alpn-01 ---- */

static int alpn_request(struct alpn *a, int fd)
{
	struct challenge c;
	char error[ALPN_ERROR] = "";
	uint32_t id;
	int r;

	if (!wire_get_challenge(&wire, &c))
		return -EBADMSG;
	id = c.id;
	if (wire.what == WIRE_PUBLISH)
		r = alpn_publish(a, &c, error);
	else if (wire.what == WIRE_WITHDRAW)
		r = alpn_withdraw(a, &c);
	else
		return -EBADMSG;
	return reply(fd, id, r, error);
}

static int alpn_main(const struct conf_solver *s, const struct holdings *h, int fd)
{
	struct alpn *a = NULL;
	/* It has handles alone, as an installer. */
	int r = walls_installer();

	if (r == 0)
		r = alpn_new(h->key, h->slots, s->prefix, &a);
	if (r < 0)
		log_line(LOG_ERR, "[solver %s]: slots %s: %s", s->name, s->slots,
			 capcert_strerror(r));
	while (r == 0) {
		r = wire_receive(fd, &wire);
		if (r == 0)
			r = alpn_request(a, fd);
	}
	alpn_free(a);
	return r == -EPIPE ? 0 : 1;
}

/* ---- a program ---- */

static int program_request(int runner, int fd)
{
	struct challenge c;
	char *text, error[256] = "";
	bool publish = wire.what == WIRE_PUBLISH;
	uint32_t id;
	int r;

	if (!wire_get_challenge(&wire, &c) || (!publish && wire.what != WIRE_WITHDRAW))
		return -EBADMSG;
	id = c.id;
	text = program_text(publish ? "publish" : "withdraw", &c);
	r = text ? program_ask(runner, text, error) : -ENOMEM;
	free(text);
	/* Without the one that starts the program there is nothing to do here. */
	return r == -EPIPE ? -ECHILD : reply(fd, id, r, error);
}

static int program_main(const struct conf_solver *s, int fd)
{
	int runner = program_runner(s->program, s->timeout);
	int r = runner < 0 ? runner : walls_program();

	while (r == 0) {
		r = wire_receive(fd, &wire);
		if (r == 0)
			r = program_request(runner, fd);
	}
	return r == -EPIPE ? 0 : 1;
}

int solver_main(const struct world *w, size_t solver, const struct holdings *h, int fd)
{
	const struct conf_solver *s = &w->conf->solvers[solver];

	switch (s->kind) {
	case CONF_SOLVER_HTTP:
		return http_main(h, w->owned[solver], fd);
	case CONF_SOLVER_ALPN:
		return alpn_main(s, h, fd);
	case CONF_SOLVER_DNS:
	case CONF_SOLVER_PERSIST:
		return dns_solver_main(s, fd);
	default:
		return program_main(s, fd);
	}
}
