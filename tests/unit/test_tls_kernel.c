// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records by the kernel's TLS, against records by GnuTLS: the same octets, the same ends, the same refusals; what
 * the kernel cannot do. Where it has no TLS (modprobe tls), that records stay GnuTLS's; with an argument that
 * is a failure. */
#include <netinet/in.h>
#include "tests/unit/tls_fixture.h"

#define PATIENCE_MS 20000

static bool have_kernel, must_have;

/* ---- two ends over TCP ---- */

/* Always of one port: a client resumes sessions by it. */
static void tcp_pair(int fds[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static int listener = -1;
	socklen_t len = sizeof(at);

	if (listener < 0) {
		listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
		assert_int_equal(listen(listener, 1), 0);
	}
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fds[1], (struct sockaddr *)&at, len), 0);
	fds[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fds[0] >= 0);
}

/* Until there is something to do for either. */
static void rest(const struct pair *p)
{
	struct pollfd fds[] = { { .fd = p->fds[0], .events = POLLIN },
				{ .fd = p->fds[1], .events = POLLIN } };

	poll(fds, 2, 50);
}

static void shake(struct pair *p)
{
	int64_t end = tls_now_ms() + PATIENCE_MS;

	p->server_end = p->client_end = -EAGAIN;
	while (p->server_end == -EAGAIN || p->client_end == -EAGAIN) {
		if (p->client_end == -EAGAIN)
			p->client_end = capcert_tls_handshake(p->client);
		if (p->server_end == -EAGAIN)
			p->server_end = capcert_tls_handshake(p->server);
		if (tls_now_ms() > end)
			fail_msg("the handshake goes on for ever");
		if (p->server_end == -EAGAIN || p->client_end == -EAGAIN)
			rest(p);
	}
}

/* @priority: NULL = the policy's. */
static void join(struct pair *p, const char *priority, uint32_t flags)
{
	tcp_pair(p->fds);
	assert_int_equal(capcert_tls_server(p->contexts[0], p->fds[0], flags, &p->server), 0);
	assert_int_equal(capcert_tls_client(p->contexts[1], p->fds[1], HOST, flags, &p->client), 0);
	if (priority)
		PKI(gnutls_priority_set_direct(p->client->session, priority, NULL));
	shake(p);
}

static struct pair new_tcp_pair(const struct world *w, const char *priority)
{
	struct pair p = { 0 };

	p.contexts[0] = context_of(&w->server);
	p.contexts[1] = context_of(&w->client);
	join(&p, priority, CAPCERT_TLS_NONBLOCK);
	return p;
}

static ssize_t read_some(capcert_tls *tls, void *buf, size_t len)
{
	int64_t end = tls_now_ms() + PATIENCE_MS;
	struct pollfd p = { .fd = tls->fd, .events = POLLIN };
	ssize_t n;

	while ((n = capcert_tls_read(tls, buf, len)) == -EAGAIN && tls_now_ms() < end)
		poll(&p, 1, 50);
	return n;
}

/* @n octets, in pieces of at most @piece, come as they went. */
static void passes(capcert_tls *from, capcert_tls *to, size_t n, size_t piece)
{
	uint8_t *out = malloc(n), *in = malloc(n);
	size_t sent = 0, got = 0, i;
	int64_t end = tls_now_ms() + PATIENCE_MS;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(i * 7 + i / 251);
	while (got < n && tls_now_ms() < end) {
		ssize_t r = sent < n ? capcert_tls_write(from, out + sent, n - sent) : -EAGAIN;

		if (r > 0)
			sent += (size_t)r;
		else
			assert_int_equal(r, -EAGAIN);
		r = read_some(to, in + got, piece < n - got ? piece : n - got);
		if (r <= 0)
			fail_msg("%zd: %s", r, capcert_tls_error_text(to));
		got += (size_t)r;
	}
	assert_int_equal(got, n);
	assert_memory_equal(in, out, n);
	free(out);
	free(in);
}

static void skip_without(void)
{
	if (!have_kernel)
		skip();
}

/* ---- where it is not ---- */

static void falls_back(void **state)
{
	struct world w = new_world();
	struct pair p;

	(void)state;
	w.server.flags = w.client.flags = CAPCERT_TLS_KERNEL;
	p = new_pair(&w, HOST); /* over UNIX sockets, of which the kernel does no TLS */
	expect_open(&p);
	assert_int_equal(info_of(p.server).kernel, 0);
	assert_int_equal(info_of(p.client).kernel, 0);
	expect_passes(p.client, p.server, "as ever");
	assert_int_equal(capcert_tls_key_update(p.client), 0);
	end_pair(&p);
	/* Over TCP it is there, or not. */
	p = new_tcp_pair(&w, NULL);
	expect_open(&p);
	have_kernel = info_of(p.server).kernel;
	assert_int_equal(info_of(p.client).kernel, have_kernel);
	if (must_have)
		assert_true(have_kernel);
	passes(p.client, p.server, 1000, 1000);
	passes(p.server, p.client, 1000, 1000);
	end_pair(&p);
	/* And who does not ask for it does not get it. */
	w.server.flags = w.client.flags = 0;
	p = new_tcp_pair(&w, NULL);
	expect_open(&p);
	assert_int_equal(info_of(p.server).kernel, 0);
	end_pair(&p);
	end_world(&w);
}

/* A cipher that the kernel does not do. */
static void other_cipher(void **state)
{
	struct world w = new_world();
	struct pair p;

	(void)state;
	w.server.flags = w.client.flags = CAPCERT_TLS_KERNEL | CAPCERT_TLS_LEGACY_OK;
	w.server.cipher_policy = w.client.cipher_policy = CAPCERT_TLS_LEGACY;
	p = new_tcp_pair(&w, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC");
	expect_open(&p);
	assert_int_equal(info_of(p.server).kernel, 0);
	passes(p.client, p.server, 1000, 1000);
	end_pair(&p);
	end_world(&w);
}

/* ---- octets ---- */

static void every_cipher(void **state)
{
	static const char *const ciphers[] = { "AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305" };
	static const char *const versions[] = { "1.2", "1.3" };
	struct world w;
	char priority[100], buf[8];
	size_t c, v;
	int who;

	(void)state;
	skip_without();
	w = new_world();
	for (c = 0; c < 3; c++)
		for (v = 0; v < 2; v++)
			for (who = 1; who < 4; who++) {
				struct pair p;

				w.server.flags = who & 1 ? CAPCERT_TLS_KERNEL : 0;
				w.client.flags = who & 2 ? CAPCERT_TLS_KERNEL : 0;
				snprintf(priority, sizeof(priority),
					 "NORMAL:-VERS-ALL:+VERS-TLS%s:-CIPHER-ALL:+%s",
					 versions[v], ciphers[c]);
				p = new_tcp_pair(&w, priority);
				expect_open(&p);
				assert_int_equal(info_of(p.server).kernel, who & 1);
				assert_int_equal(info_of(p.client).kernel, who >> 1);
				passes(p.client, p.server, 100000, 5000);
				passes(p.server, p.client, 40000, 70000);
				passes(p.client, p.server, 3, 1);
				assert_int_equal(capcert_tls_close(p.client), 0);
				assert_int_equal(capcert_tls_close(p.client), 0);
				assert_int_equal(capcert_tls_write(p.client, "x", 1), -EPIPE);
				assert_int_equal(read_some(p.server, buf, sizeof(buf)), 0);
				assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), 0);
				/* One side is closed; the other still speaks. */
				passes(p.server, p.client, 100, 100);
				assert_int_equal(capcert_tls_close(p.server), 0);
				assert_int_equal(read_some(p.client, buf, 1), 0);
				end_pair(&p);
			}
	end_world(&w);
}

/* A ticket comes to the kernel, and serves the next connection. */
static void resumes(void **state)
{
	struct world w;
	struct pair p;

	(void)state;
	skip_without();
	w = new_world();
	w.server.flags = w.client.flags = CAPCERT_TLS_KERNEL;
	p = new_tcp_pair(&w, NULL);
	expect_open(&p);
	passes(p.server, p.client, 10, 10);
	pair_cut(&p);
	join(&p, NULL, CAPCERT_TLS_NONBLOCK);
	expect_open(&p);
	assert_int_equal(info_of(p.client).kernel, 1);
	assert_int_equal(info_of(p.client).resumed, 1);
	passes(p.server, p.client, 10, 1);
	end_pair(&p);
	end_world(&w);
}

static void waiting(void **state)
{
	struct world w;
	struct pair p;
	char buf[8];

	(void)state;
	skip_without();
	w = new_world();
	w.server.flags = CAPCERT_TLS_KERNEL;
	w.server.idle_ms = 50;
	p = new_tcp_pair(&w, NULL);
	expect_open(&p);
	assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(capcert_tls_wants(p.server, NULL), POLLIN);
	assert_int_equal(capcert_tls_read(p.server, buf, 0), -EINVAL);
	assert_int_equal(capcert_tls_pending(p.server), 0);
	p.server->block = true;
	assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), -ETIMEDOUT);
	assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), -ETIMEDOUT);
	assert_non_null(strstr(capcert_tls_error_text(p.server), "silent"));
	end_pair(&p);
	end_world(&w);
}

static void full_pipe(void **state)
{
	static uint8_t block[65536];
	struct world w;
	struct pair p;
	ssize_t n;

	(void)state;
	skip_without();
	w = new_world();
	w.server.flags = CAPCERT_TLS_KERNEL;
	p = new_tcp_pair(&w, NULL);
	expect_open(&p);
	do {
		n = capcert_tls_write(p.server, block, sizeof(block));
	} while (n > 0);
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(capcert_tls_wants(p.server, NULL), POLLOUT);
	end_pair(&p);
	end_world(&w);
}

/* ---- ends ---- */

/* How a kernel's end takes what the other one does. */
static struct pair kernel_server(struct world *w, bool v13)
{
	struct pair p;

	w->server.flags = CAPCERT_TLS_KERNEL;
	w->client.flags = v13 ? 0 : CAPCERT_TLS_NO_13;
	p = new_tcp_pair(w, NULL);
	expect_open(&p);
	assert_int_equal(info_of(p.server).kernel, 1);
	return p;
}

static void new_keys(void **state)
{
	struct world w;
	struct pair p = { 0 };
	char buf[8];

	(void)state;
	skip_without();
	w = new_world();
	p = kernel_server(&w, true);
	assert_int_equal(capcert_tls_key_update(p.server), -EOPNOTSUPP);
	passes(p.client, p.server, 10, 10);
	assert_int_equal(capcert_tls_key_update(p.client), 0);
	assert_int_equal(read_some(p.server, buf, sizeof(buf)), -EOPNOTSUPP);
	assert_non_null(strstr(capcert_tls_error_text(p.server), "changes its keys"));
	assert_int_equal(capcert_tls_write(p.server, "x", 1), -EOPNOTSUPP);
	/* The other one is told. */
	assert_int_equal(read_some(p.client, buf, sizeof(buf)), -ECONNABORTED);
	assert_int_equal(info_of(p.client).alert_received, GNUTLS_A_INTERNAL_ERROR);
	end_pair(&p);
	end_world(&w);
}

static void renegotiation(void **state)
{
	struct world w;
	struct pair p;
	char buf[8];
	int i;

	(void)state;
	skip_without();
	w = new_world();
	p = kernel_server(&w, false);
	gnutls_handshake(p.client->session);
	assert_int_equal(read_some(p.server, buf, sizeof(buf)), -EPROTO);
	assert_non_null(strstr(capcert_tls_error_text(p.server), "renegotiates"));
	end_pair(&p);
	/* A server that asks a client for it is told no, and no more than that. */
	w.server.flags = 0;
	w.client.flags = CAPCERT_TLS_KERNEL | CAPCERT_TLS_NO_13;
	p = new_tcp_pair(&w, NULL);
	expect_open(&p);
	for (i = 0; i < 3; i++) {
		gnutls_rehandshake(p.server->session);
		passes(p.server, p.client, 10, 3);
		assert_int_equal(info_of(p.client).alert_sent, GNUTLS_A_NO_RENEGOTIATION);
	}
	gnutls_rehandshake(p.server->session);
	assert_int_equal(read_some(p.client, buf, sizeof(buf)), -EPROTO);
	end_pair(&p);
	end_world(&w);
}

static void cut(void **state)
{
	struct world w;
	struct pair p;
	char buf[8];

	(void)state;
	skip_without();
	w = new_world();
	p = kernel_server(&w, true);
	shutdown(p.fds[1], SHUT_WR);
	assert_int_equal(read_some(p.server, buf, sizeof(buf)), -ECONNRESET);
	assert_non_null(strstr(capcert_tls_error_text(p.server), "without close_notify"));
	end_pair(&p);
	p = kernel_server(&w, true);
	/* What is no record of this session. */
	assert_int_equal(send(p.fds[1],
			      "\x17\x03\x03\x00\x20"
			      "0123456789abcdef0123456789abcdef",
			      37, 0),
			 37);
	assert_int_equal(read_some(p.server, buf, sizeof(buf)), -EBADMSG);
	assert_int_equal(read_some(p.client, buf, sizeof(buf)), -ECONNABORTED);
	assert_int_equal(info_of(p.client).alert_received, GNUTLS_A_BAD_RECORD_MAC);
	end_pair(&p);
	p = kernel_server(&w, true);
	assert_int_equal(send(p.fds[1], "GET / HTTP/1.0\r\n\r\n", 18, 0), 18);
	assert_true(read_some(p.server, buf, sizeof(buf)) < 0);
	end_pair(&p);
	end_world(&w);
}

static void alerts(void **state)
{
	struct world w;
	struct pair p;
	char buf[8];
	int v13, i;

	(void)state;
	skip_without();
	w = new_world();
	for (v13 = 0; v13 < 2; v13++) {
		p = kernel_server(&w, v13);
		gnutls_alert_send(p.client->session, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED);
		assert_int_equal(read_some(p.server, buf, 1), -ECONNABORTED);
		assert_int_equal(info_of(p.server).alert_received, GNUTLS_A_ACCESS_DENIED);
		assert_non_null(strstr(capcert_tls_error_text(p.server), "access denied"));
		end_pair(&p);
	}
	/* Warnings are borne, but not without end. */
	p = kernel_server(&w, false);
	gnutls_alert_send(p.client->session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED);
	passes(p.client, p.server, 10, 10);
	assert_int_equal(info_of(p.server).alert_received, GNUTLS_A_USER_CANCELED);
	for (i = 0; i < 40; i++)
		gnutls_alert_send(p.client->session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED);
	assert_int_equal(read_some(p.server, buf, sizeof(buf)), -EPROTO);
	end_pair(&p);
	end_world(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(falls_back),	cmocka_unit_test(other_cipher),
		cmocka_unit_test(every_cipher), cmocka_unit_test(resumes),
		cmocka_unit_test(waiting),	cmocka_unit_test(full_pipe),
		cmocka_unit_test(new_keys),	cmocka_unit_test(renegotiation),
		cmocka_unit_test(cut),		cmocka_unit_test(alerts),
	};

	(void)argv;
	must_have = argc > 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
