// SPDX-License-Identifier: GPL-2.0-only
/* A server shakes hands first, and dials when it knows to whom; a client dials first. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include "helpers/common/log.h"
#include "helpers/tlsd/conn.h"
#include "helpers/tlsd/hello.h"

#define SHAKE_GRACE_MS 100 /* by which the session's own time is over first */

static bool is_client(const struct conn *c)
{
	return c->gate->host != NULL;
}

static struct relay_end *tls_end(struct conn *c)
{
	return &c->relay.ends[is_client(c) ? 1 : 0];
}

static void go_to(struct conn *c, enum conn_phase phase, int64_t now)
{
	c->phase = phase;
	c->touched = now;
}

/* ---- lines ---- */

static void log_failure(struct conn *c, int64_t now, const char *event, const char *reason,
			const char *detail)
{
	char peer[ADDRESS_TEXT], name[256], text[200];
	uint64_t left_out;

	c->ended = true;
	if (!stats_log_failure(c->stats, now, &left_out))
		return;
	if (left_out)
		log_line(LOG_NOTICE, "event=left-out lines=%llu", (unsigned long long)left_out);
	stats_word(detail, text, sizeof(text));
	for (char *p = text; *p; p++)
		if (*p == '?')
			*p = ' ';
	log_line(LOG_NOTICE, "event=%s gate=%s peer=%s name=%s reason=%s ms=%lld detail=\"%s\"",
		 event, c->gate->name, address_text(&c->peer, peer),
		 stats_word(c->session.server_name, name, sizeof(name)), reason,
		 (long long)(now - c->started), text);
}

static const char *end_reason(const struct conn *c)
{
	const struct relay *r = &c->relay;

	if (!r->error)
		return "closed";
	if (r->ends[r->where].tls)
		return r->error == -ECONNRESET ? "cut-off" : "tls-error";
	return r->where == 1 ? "backend-reset" : "client-reset";
}

static void log_end(struct conn *c, int64_t now, const char *why)
{
	const struct capcert_tls_session *s = &c->session;
	char peer[ADDRESS_TEXT], name[256], alpn[64], client[256], slot[256];

	c->ended = true;
	log_line(LOG_INFO,
		 "event=end gate=%s peer=%s name=%s slot=%s version=%s cipher=%s alpn=%s "
		 "resumed=%s client=%s in=%llu out=%llu ms=%lld reason=%s",
		 c->gate->name, address_text(&c->peer, peer),
		 stats_word(is_client(c) ? c->gate->host : s->server_name, name, sizeof(name)),
		 stats_word(s->slot, slot, sizeof(slot)), hello_version(s->version), s->cipher,
		 stats_word(s->alpn, alpn, sizeof(alpn)), s->resumed ? "yes" : "no",
		 c->verified ? stats_word(c->client, client, sizeof(client)) : "-",
		 (unsigned long long)c->relay.flows[0].octets,
		 (unsigned long long)c->relay.flows[1].octets, (long long)(now - c->started),
		 why ? why : end_reason(c));
}

/* ---- the phases ---- */

static enum conn_next give_up(struct conn *c, int64_t now, const char *event, const char *reason,
			      const char *detail)
{
	if (strcmp(event, "no-backend") == 0)
		stats_add(&c->stats->no_backend, 1);
	log_failure(c, now, event, reason, detail);
	return CONN_OVER;
}

static const struct address *backend_of(const struct conn *c)
{
	const struct gate *g = c->gate;

	for (unsigned int i = 0; i < g->route_count; i++)
		if (strcmp(g->routes[i].alpn, c->session.alpn) == 0)
			return &g->routes[i].to;
	return g->to.len ? &g->to : NULL;
}

static enum conn_next dial(struct conn *c, int64_t now)
{
	const struct address *to = backend_of(c);
	int fd;

	if (!to)
		return give_up(c, now, "no-backend", "no-route", c->session.alpn);
	fd = address_dial(to);
	if (fd == -EAGAIN)
		return CONN_WAIT;
	if (fd < 0)
		return give_up(c, now, "no-backend", "connect", strerror(-fd));
	c->relay.ends[1].fd = fd;
	return CONN_MORE;
}

static int dialled(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t n = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 0) <= 0)
		return -EAGAIN;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 ? -errno : -error;
}

static enum conn_next step_dial(struct conn *c, int64_t now)
{
	struct relay *r = &c->relay;
	int e;

	if (r->ends[1].fd < 0)
		return dial(c, now);
	e = dialled(r->ends[1].fd);
	if (e == -EAGAIN)
		return CONN_WAIT;
	if (e < 0)
		return give_up(c, now, "no-backend", "connect", strerror(-e));
	if (is_client(c)) {
		e = capcert_tls_client(c->gate->context, r->ends[1].fd, c->gate->host,
				       CAPCERT_TLS_NONBLOCK, &r->ends[1].tls);
		if (e < 0)
			return give_up(c, now, "refused", "own-side", strerror(-e));
		go_to(c, CONN_SHAKE, now);
		return CONN_MORE;
	}
	e = hello_backend(c);
	if (e < 0)
		return give_up(c, now, "no-backend", "header", strerror(-e));
	go_to(c, CONN_RELAY, now);
	return CONN_MORE;
}

static enum conn_next refused(struct conn *c, int64_t now, int error)
{
	capcert_tls *tls = tls_end(c)->tls;
	enum stats_refusal why = stats_refusal_of(error);
	struct capcert_result result;

	stats_add(&c->stats->refused[why], 1);
	c->session.size = sizeof(c->session);
	capcert_tls_info(tls, &c->session);
	if (why == STATS_REFUSED && capcert_tls_outcome(tls, &result, NULL) == 0)
		log_failure(c, now, "refused", stats_refusal_name(why),
			    capcert_reason_name(result.outcome.reason));
	else
		log_failure(c, now, "refused", stats_refusal_name(why),
			    capcert_tls_error_text(tls));
	return CONN_OVER;
}

/* A CA that validates has seen what it came for, and says nothing more (RFC 8737 section 3). */
static enum conn_next answered(struct conn *c, int64_t now)
{
	capcert_tls_close(tls_end(c)->tls);
	stats_add(&c->stats->acme, 1);
	log_end(c, now, "acme-challenge");
	return CONN_OVER;
}

static enum conn_next step_shake(struct conn *c, int64_t now)
{
	int r = capcert_tls_handshake(tls_end(c)->tls);

	if (r == -EAGAIN)
		return CONN_WAIT;
	if (r < 0)
		return refused(c, now, r);
	r = hello_agreed(c);
	if (r < 0)
		return refused(c, now, r);
	stats_add(&c->stats->handshakes, 1);
	stats_add(&c->stats->resumed, c->session.resumed);
	if (c->session.guest)
		return answered(c, now);
	go_to(c, is_client(c) ? CONN_RELAY : CONN_DIAL, now);
	return CONN_MORE;
}

static enum conn_next step_relay(struct conn *c, int64_t now)
{
	enum relay_next next = relay_step(&c->relay);
	uint64_t moved = relay_moved(&c->relay);

	if (moved != c->seen)
		c->touched = now;
	c->seen = moved;
	if (next == RELAY_OVER)
		return CONN_OVER;
	return next == RELAY_AGAIN ? CONN_AGAIN : CONN_WAIT;
}

enum conn_next conn_step(struct conn *c, int64_t now)
{
	switch (c->phase) {
	case CONN_SHAKE:
		return step_shake(c, now);
	case CONN_DIAL:
		return step_dial(c, now);
	default:
		return step_relay(c, now);
	}
}

bool conn_waits_for_room(const struct conn *c)
{
	return c->phase == CONN_DIAL && c->relay.ends[1].fd < 0;
}

int conn_judge_fd(const struct conn *c)
{
	const struct relay_end *e = &c->relay.ends[c->gate->host ? 1 : 0];
	int fd = -1;

	if (c->phase == CONN_SHAKE && e->tls)
		capcert_tls_wants(e->tls, &fd);
	return fd == e->fd ? -1 : fd;
}

/* ---- beginning and end ---- */

int conn_new(const struct gate *gate, struct stats *stats, int fd, const struct address *peer,
	     int64_t now, struct conn **ret)
{
	struct conn *c = calloc(1, sizeof(*c));
	int one = 1, r = 0;

	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	relay_init(&c->relay);
	c->gate = gate;
	c->stats = stats;
	c->peer = *peer;
	c->relay.ends[0].fd = fd;
	c->started = c->touched = now;
	c->local.len = sizeof(c->local.un);
	if (getsockname(fd, &c->local.any, &c->local.len) < 0)
		c->local.len = 0;
	if (peer->any.sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	address_unmap(&c->peer);
	address_unmap(&c->local);
	c->phase = gate->host ? CONN_DIAL : CONN_SHAKE;
	if (!gate->host)
		r = capcert_tls_server(gate->context, fd, CAPCERT_TLS_NONBLOCK,
				       &c->relay.ends[0].tls);
	if (r < 0) {
		c->ended = true;
		conn_free(c, now, NULL);
		return r;
	}
	*ret = c;
	return 0;
}

unsigned int conn_patience(const struct conn *c, const struct limits *limits)
{
	switch (c->phase) {
	case CONN_SHAKE:
		return limits->handshake_ms + SHAKE_GRACE_MS;
	case CONN_DIAL:
		return limits->handshake_ms;
	default:
		return limits->idle_ms;
	}
}

void conn_expire(struct conn *c, int64_t now)
{
	switch (c->phase) {
	case CONN_SHAKE:
		/* The session's own time is over as well: it tells the peer, and what it waited for. */
		if (step_shake(c, now) == CONN_OVER)
			break;
		stats_add(&c->stats->refused[STATS_TIMEOUT], 1);
		log_failure(c, now, "refused", stats_refusal_name(STATS_TIMEOUT),
			    "the handshake took too long");
		break;
	case CONN_DIAL:
		give_up(c, now, "no-backend", "timeout", "it does not answer");
		break;
	default:
		stats_add(&c->stats->idle, 1);
		log_end(c, now, "idle");
	}
}

void conn_free(struct conn *c, int64_t now, const char *why)
{
	if (!c->ended)
		log_end(c, now, why);
	stats_add(&c->stats->octets[0], c->relay.flows[0].octets);
	stats_add(&c->stats->octets[1], c->relay.flows[1].octets);
	relay_end(&c->relay);
	free(c);
}
