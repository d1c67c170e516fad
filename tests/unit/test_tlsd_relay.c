// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One connection of capcert-tlsd, with real TLS and a real back end, stepped by hand: what passes, how it
 * ends, and that each end of it is told to the other side as what it was. */
#include "tests/unit/tls_fixture.h"
#include "helpers/tlsd/conn.h"

#define NOW 1000000
#define HEADER 16
#define PATIENCE_MS 60000 /* whatever is waited for comes long before that */

struct rig {
	struct world w;
	struct gate gate;
	struct stats stats;
	struct conn *conn;
	capcert_tls_context *contexts[2]; /* of the daemon, of the peer */
	capcert_tls *peer;
	int peer_fd, listener, back;
	enum conn_next next;
};

static int tcp_listener(struct address *ret)
{
	int fd;

	assert_int_equal(address_parse("127.0.0.1:1", ret), 0);
	ret->in.sin_port = 0;
	fd = address_listen(ret);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, &ret->any, &ret->len), 0);
	return fd;
}

/* What went into a socket of TCP is at its other end some time later: look again soon, but not for ever. */
static bool again(int *tries)
{
	usleep(1000);
	return (*tries)++ < PATIENCE_MS;
}

/* Whatever the connection can do, it does. */
static void step(struct rig *g)
{
	for (int i = 0; i < 1000; i++) {
		g->next = conn_step(g->conn, NOW);
		if (g->next == CONN_WAIT || g->next == CONN_OVER)
			return;
	}
	fail_msg("it goes on for ever");
}

/* Both ends until neither has anything to say. */
static int shake(struct rig *g)
{
	int r = -EAGAIN, tries = 0;

	g->next = CONN_WAIT;
	for (int i = 0; i < 200 && r == -EAGAIN; i++) {
		r = capcert_tls_handshake(g->peer);
		if (g->next != CONN_OVER)
			step(g);
	}
	while (g->conn->phase != CONN_RELAY && g->next != CONN_OVER &&
	       !conn_waits_for_room(g->conn) && again(&tries))
		step(g);
	return r;
}

static struct rig new_rig(void)
{
	struct rig g = { .w = new_world(), .back = -1 };

	g.gate.name = "test";
	g.listener = tcp_listener(&g.gate.to);
	return g;
}

static void begin(struct rig *g)
{
	struct address peer;
	int fds[2];

	g->contexts[0] = context_of(&g->w.server);
	g->contexts[1] = context_of(&g->w.client);
	g->gate.context = g->contexts[0];
	assert_int_equal(address_parse("192.0.2.7:9", &peer), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	g->peer_fd = fds[1];
	assert_int_equal(conn_new(&g->gate, &g->stats, fds[0], &peer, NOW, &g->conn), 0);
	assert_int_equal(
		capcert_tls_client(g->contexts[1], fds[1], HOST, CAPCERT_TLS_NONBLOCK, &g->peer),
		0);
}

static void accept_back(struct rig *g)
{
	struct pollfd p = { .fd = g->listener, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	g->back = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(g->back >= 0);
	step(g);
}

/* The connection points into the rig, which stays where it is. */
static void open_rig(struct rig *g)
{
	*g = new_rig();
	begin(g);
	assert_int_equal(shake(g), 0);
	accept_back(g);
	assert_int_equal(g->conn->phase, CONN_RELAY);
	assert_int_equal(g->stats.handshakes, 1);
}

static void end_rig(struct rig *g)
{
	if (g->conn)
		conn_free(g->conn, NOW + 5, NULL);
	capcert_tls_free(g->peer);
	if (g->peer_fd >= 0)
		close(g->peer_fd);
	if (g->back >= 0)
		close(g->back);
	close(g->listener);
	capcert_tls_context_free(g->contexts[0]);
	capcert_tls_context_free(g->contexts[1]);
	end_world(&g->w);
}

/* recv() at the back end, once something is there. */
static ssize_t back_recv(struct rig *g, void *buf, size_t n)
{
	struct pollfd p = { .fd = g->back, .events = POLLIN };

	poll(&p, 1, PATIENCE_MS);
	return recv(g->back, buf, n, 0);
}

/* capcert_tls_read() at the peer, while the connection works. */
static ssize_t peer_read(struct rig *g, void *buf, size_t n)
{
	int tries = 0;
	ssize_t r;

	do {
		if (g->next != CONN_OVER)
			step(g);
		r = capcert_tls_read(g->peer, buf, n);
	} while (r == -EAGAIN && again(&tries));
	return r;
}

static void to_back(struct rig *g, const char *text)
{
	char buf[256];

	assert_int_equal(capcert_tls_write(g->peer, text, strlen(text)), strlen(text));
	step(g);
	assert_int_equal(back_recv(g, buf, sizeof(buf)), strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

static void to_peer(struct rig *g, const char *text)
{
	char buf[256];

	assert_int_equal(send(g->back, text, strlen(text), 0), strlen(text));
	assert_int_equal(peer_read(g, buf, sizeof(buf)), strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

static void to_and_fro(void **state)
{
	struct rig g;

	open_rig(&g);
	to_back(&g, "a question");
	to_peer(&g, "an answer");
	to_back(&g, "another");
	assert_int_equal(g.next, CONN_WAIT);
	assert_int_equal(g.conn->relay.flows[0].octets, 17);
	assert_int_equal(g.conn->relay.flows[1].octets, 9);
	assert_null(g.conn->relay.flows[0].buf);
	assert_null(g.conn->relay.flows[1].buf);
	assert_string_equal(g.conn->session.slot, HOST);
	assert_false(g.conn->verified);
	end_rig(&g);
}

static void client_has_said_all(void **state)
{
	struct rig g;
	char c;

	open_rig(&g);
	to_back(&g, "all");
	assert_int_equal(capcert_tls_close(g.peer), 0);
	step(&g);
	assert_int_equal(back_recv(&g, &c, 1), 0);
	to_peer(&g, "and still the answer comes");
	assert_int_equal(g.next, CONN_WAIT);
	shutdown(g.back, SHUT_WR);
	assert_int_equal(peer_read(&g, &c, 1), 0);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.conn->relay.error, 0);
	end_rig(&g);
}

static void backend_has_said_all(void **state)
{
	struct rig g;
	char c;

	open_rig(&g);
	to_peer(&g, "all");
	shutdown(g.back, SHUT_WR);
	assert_int_equal(peer_read(&g, &c, 1), 0);
	to_back(&g, "and still the question comes");
	assert_int_equal(g.next, CONN_WAIT);
	assert_int_equal(capcert_tls_close(g.peer), 0);
	step(&g);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(back_recv(&g, &c, 1), 0);
	assert_int_equal(g.conn->relay.error, 0);
	end_rig(&g);
}

/* Without close_notify there may be more that never came: no end of file for the back end. */
static void client_cut_off(void **state)
{
	struct rig g;
	char buf[16];

	open_rig(&g);
	assert_int_equal(capcert_tls_write(g.peer, "half", 4), 4);
	shutdown(g.peer_fd, SHUT_RDWR);
	step(&g);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.conn->relay.error, -ECONNRESET);
	conn_free(g.conn, NOW, NULL);
	g.conn = NULL;
	/* What came before the reset may be lost with it. */
	if (back_recv(&g, buf, sizeof(buf)) == 4)
		assert_int_equal(back_recv(&g, buf, sizeof(buf)), -1);
	assert_int_equal(errno, ECONNRESET);
	end_rig(&g);
}

static void backend_cut_off(void **state)
{
	const struct linger now = { 1, 0 };
	int tries = 0;
	struct rig g;
	char c;

	open_rig(&g);
	to_peer(&g, "half");
	setsockopt(g.back, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(g.back);
	g.back = -1;
	while (g.next != CONN_OVER && again(&tries))
		step(&g);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.conn->relay.where, 1);
	conn_free(g.conn, NOW, NULL);
	g.conn = NULL;
	assert_int_equal(capcert_tls_read(g.peer, &c, 1), -ECONNRESET);
	end_rig(&g);
}

/* The one who does not read holds up the one who writes, and costs one buffer. */
static void slow_reader(void **state)
{
	struct rig g;
	static uint8_t block[65536], got[65536];
	size_t put = 0, taken = 0, stalls = 0;
	ssize_t n;

	open_rig(&g);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (uint8_t)(i * 7);
	while (stalls < 20 || (put <= RELAY_BUFFER && stalls < PATIENCE_MS / 2)) {
		n = send(g.back, block + put % 65536, 65536 - put % 65536, MSG_NOSIGNAL);
		put += n > 0 ? (size_t)n : 0;
		stalls += n <= 0;
		step(&g);
		assert_int_equal(g.next, CONN_WAIT);
		assert_true(g.conn->relay.flows[1].at + g.conn->relay.flows[1].len <= RELAY_BUFFER);
		if (n <= 0)
			usleep(2000);
	}
	assert_true(put > RELAY_BUFFER);
	assert_true(g.conn->relay.flows[1].len > 0);
	shutdown(g.back, SHUT_WR);
	while ((n = peer_read(&g, got, sizeof(got))) > 0)
		for (ssize_t i = 0; i < n; i++, taken++)
			if (got[i] != block[taken % 65536])
				fail_msg("octet %zu differs", taken);
	assert_int_equal(n, 0);
	assert_int_equal(taken, put);
	end_rig(&g);
}

static void no_backend(void **state)
{
	struct rig g = new_rig();
	char c;

	close(g.listener);
	begin(&g);
	assert_int_equal(shake(&g), 0);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.stats.no_backend, 1);
	conn_free(g.conn, NOW, NULL);
	g.conn = NULL;
	assert_int_equal(capcert_tls_read(g.peer, &c, 1), -ECONNRESET);
	g.listener = dup(0);
	end_rig(&g);
}

/* A UNIX socket whose backlog is full is tried again. */
static void full_backlog(void **state)
{
	struct rig g = new_rig();
	int taken[64], n = 0;

	close(g.listener);
	assert_int_equal(address_parse("unix:@capcert-test-backlog", &g.gate.to), 0);
	g.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(g.listener, &g.gate.to.any, g.gate.to.len), 0);
	assert_int_equal(listen(g.listener, 1), 0);
	do
		taken[n] = address_dial(&g.gate.to);
	while (taken[n] >= 0 && ++n < 64);
	assert_int_equal(taken[n], -EAGAIN);
	begin(&g);
	assert_int_equal(shake(&g), 0);
	assert_int_equal(g.conn->phase, CONN_DIAL);
	assert_true(conn_waits_for_room(g.conn));
	for (int i = 0; i < n; i++) {
		close(accept4(g.listener, NULL, NULL, SOCK_CLOEXEC));
		close(taken[i]);
	}
	step(&g);
	assert_int_equal(g.conn->phase, CONN_RELAY);
	accept_back(&g);
	to_back(&g, "at last");
	end_rig(&g);
}

static void not_tls(void **state)
{
	struct rig g = new_rig();

	begin(&g);
	assert_int_equal(send(g.peer_fd, "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
	step(&g);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.stats.refused[STATS_NO_TLS], 1);
	assert_int_equal(g.stats.handshakes, 0);
	end_rig(&g);
}

static void patience(void **state)
{
	const struct limits l = { .handshake_ms = 10, .idle_ms = 300 };
	struct rig g = new_rig();

	begin(&g);
	step(&g);
	/* A little more than the session has. */
	assert_in_range(conn_patience(g.conn, &l), 11, 1000);
	assert_int_equal(g.conn->touched, NOW);
	conn_expire(g.conn, NOW + 10);
	assert_int_equal(g.stats.refused[STATS_TIMEOUT], 1);
	end_rig(&g);

	open_rig(&g);
	assert_int_equal(conn_patience(g.conn, &l), 300);
	capcert_tls_write(g.peer, "x", 1);
	assert_int_equal(conn_step(g.conn, NOW + 200), CONN_WAIT);
	assert_int_equal(g.conn->touched, NOW + 200);
	assert_int_equal(conn_step(g.conn, NOW + 300), CONN_WAIT);
	assert_int_equal(g.conn->touched, NOW + 200);
	conn_expire(g.conn, NOW + 500);
	assert_int_equal(g.stats.idle, 1);
	end_rig(&g);
}

static void routes(void **state)
{
	struct address elsewhere;
	struct rig g = new_rig();
	int fd = tcp_listener(&elsewhere);

	g.gate.routes[0] = (struct route){ "h2", g.gate.to };
	g.gate.route_count = 1;
	g.gate.to = elsewhere;
	g.w.server.alpn = g.w.client.alpn = (const uint8_t *)ALPN_H2;
	g.w.server.alpn_len = g.w.client.alpn_len = 3;
	begin(&g);
	assert_int_equal(shake(&g), 0);
	accept_back(&g);
	to_back(&g, "by its protocol");
	assert_string_equal(g.conn->session.alpn, "h2");
	end_rig(&g);

	/* Without a back end for the rest, the rest is let through nowhere. */
	g = new_rig();
	g.gate.routes[0] = (struct route){ "h2", g.gate.to };
	g.gate.route_count = 1;
	g.gate.to.len = 0;
	begin(&g);
	assert_int_equal(shake(&g), 0);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.stats.no_backend, 1);
	end_rig(&g);
	close(fd);
}

/* A CA that validates gets a certificate and a goodbye; no back end hears of it. */
static void acme(void **state)
{
	static const uint8_t alpn[] = "\x0a"
				      "acme-tls/1";
	struct rig g = new_rig();
	struct capcert_tls_parts parts = g.w.server;
	struct pollfd p;
	char c;

	parts.alpn = g.w.client.alpn = alpn;
	parts.alpn_len = g.w.client.alpn_len = sizeof(alpn) - 1;
	g.w.server.guest = context_of(&parts);
	begin(&g);
	assert_int_equal(shake(&g), 0);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.stats.acme, 1);
	assert_int_equal(g.stats.handshakes, 1);
	assert_int_equal(capcert_tls_read(g.peer, &c, 1), 0);
	p = (struct pollfd){ .fd = g.listener, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 0), 0);
	capcert_tls_context_free(g.w.server.guest);
	end_rig(&g);

	/* Who offers it beside others is served as anybody. */
	g = new_rig();
	parts = g.w.server;
	parts.alpn = alpn;
	parts.alpn_len = sizeof(alpn) - 1;
	g.w.server.guest = context_of(&parts);
	g.w.client.alpn = (const uint8_t *)"\x0a"
					   "acme-tls/1" ALPN_H2;
	g.w.client.alpn_len = sizeof(alpn) - 1 + 3;
	begin(&g);
	assert_int_equal(shake(&g), 0);
	accept_back(&g);
	to_back(&g, "a client");
	assert_int_equal(g.stats.acme, 0);
	capcert_tls_context_free(g.w.server.guest);
	end_rig(&g);
}

static void who_it_is(void **state)
{
	static const char verified[] = "\x00\x00\x00\x00";
	uint8_t header[512];
	struct rig g;
	ssize_t n;

	for (int i = 0; i < 2; i++) {
		g = new_rig();
		g.gate.proxy = true;
		make_mutual(&g.w, CAPCERT_TLS_AUTH_OPTIONAL);
		if (i)
			g.w.client.slots = NULL, g.w.client.default_slot = NULL;
		begin(&g);
		assert_int_equal(shake(&g), 0);
		accept_back(&g);
		n = back_recv(&g, header, sizeof(header));
		assert_true(n > HEADER);
		assert_memory_equal(header, "\r\n\r\n\0\r\nQUIT\n\x21", 13);
		assert_int_equal(n, HEADER + header[14] * 256 + header[15]);
		assert_int_equal(g.conn->verified, !i);
		assert_int_equal(memmem(header, (size_t)n, verified, 4) != NULL, !i);
		assert_int_equal(memmem(header, (size_t)n, "\x22\x00\x04user", 7) != NULL, !i);
		assert_int_equal(memmem(header, (size_t)n, "\xe0\x00\x20", 3) != NULL, !i);
		assert_non_null(memmem(header, (size_t)n, HOST, strlen(HOST)));
		to_back(&g, "then the client");
		end_rig(&g);
	}
}

/* A verdict that should be passed on, and cannot be, is none. */
static void no_outcome(void **state)
{
	struct rig g = new_rig();

	g.gate.pass_outcome = true;
	make_mutual(&g.w, CAPCERT_TLS_AUTH_REQUIRED);
	begin(&g);
	shake(&g);
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(g.stats.refused[STATS_OWN_SIDE], 1);
	end_rig(&g);
}

/* The other way round: plain in, TLS out. The rig's peer is the server then. */
static void client_side(void **state)
{
	struct rig g = new_rig();
	struct address peer;
	char buf[64];
	struct pollfd p = { .fd = g.listener, .events = POLLIN };
	int fds[2], r = -EAGAIN, tries = 0;

	g.gate.host = HOST;
	g.contexts[0] = context_of(&g.w.client);
	g.contexts[1] = context_of(&g.w.server);
	g.gate.context = g.contexts[0];
	assert_int_equal(address_parse("192.0.2.7:9", &peer), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(conn_new(&g.gate, &g.stats, fds[0], &peer, NOW, &g.conn), 0);
	step(&g);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	g.peer_fd = accept4(g.listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(g.peer_fd >= 0);
	assert_int_equal(
		capcert_tls_server(g.contexts[1], g.peer_fd, CAPCERT_TLS_NONBLOCK, &g.peer), 0);
	while ((r == -EAGAIN || g.conn->phase != CONN_RELAY) && again(&tries)) {
		step(&g);
		r = capcert_tls_handshake(g.peer);
	}
	assert_int_equal(r, 0);
	assert_int_equal(g.conn->phase, CONN_RELAY);
	assert_int_equal(send(fds[1], "plain", 5, 0), 5);
	assert_int_equal(peer_read(&g, buf, sizeof(buf)), 5);
	assert_int_equal(capcert_tls_write(g.peer, "answer", 6), 6);
	do
		step(&g);
	while (recv(fds[1], buf, sizeof(buf), MSG_PEEK) < 0 && again(&tries));
	assert_int_equal(recv(fds[1], buf, sizeof(buf), 0), 6);
	shutdown(fds[1], SHUT_WR);
	assert_int_equal(peer_read(&g, buf, sizeof(buf)), 0);
	assert_int_equal(capcert_tls_close(g.peer), 0);
	do
		step(&g);
	while (g.next != CONN_OVER && again(&tries));
	assert_int_equal(g.next, CONN_OVER);
	assert_int_equal(recv(fds[1], buf, sizeof(buf), 0), 0);
	close(fds[1]);
	end_rig(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_and_fro),
		cmocka_unit_test(client_has_said_all),
		cmocka_unit_test(backend_has_said_all),
		cmocka_unit_test(client_cut_off),
		cmocka_unit_test(backend_cut_off),
		cmocka_unit_test(slow_reader),
		cmocka_unit_test(no_backend),
		cmocka_unit_test(full_backlog),
		cmocka_unit_test(not_tls),
		cmocka_unit_test(patience),
		cmocka_unit_test(routes),
		cmocka_unit_test(acme),
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(no_outcome),
		cmocka_unit_test(client_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
