// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sessions: two ends that understand each other, how they part, and what they say they have agreed. */
#include <pthread.h>
#include "tests/unit/tls_fixture.h"

static void both_versions(void **state)
{
	struct world w = new_world();
	struct capcert_tls_session s;
	struct capcert_result result;
	size_t len;
	int i, fd;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct pair p;

		w.client.flags = i ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(&w, HOST);
		expect_open(&p);
		s = info_of(p.client);
		assert_int_equal(s.version, i ? 0x0303 : 0x0304);
		assert_string_equal(s.server_name, HOST);
		assert_string_equal(s.slot, "");
		assert_true(s.cipher[0] && s.group[0] && s.signature[0]);
		assert_int_equal(s.alert_sent, -1);
		assert_int_equal(s.alert_received, -1);
		assert_false(s.resumed || s.client_auth || s.stapled || s.alpn[0]);
		s = info_of(p.server);
		assert_int_equal(s.version, i ? 0x0303 : 0x0304);
		assert_string_equal(s.server_name, HOST);
		assert_string_equal(s.slot, HOST);
		assert_true(s.slot_version > 0);
		assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
		assert_int_equal(result.outcome.valid, 1);
		assert_int_equal(result.path_count, 3);
		assert_int_equal(capcert_tls_outcome(p.client, NULL, &fd), -EOPNOTSUPP);
		assert_int_equal(capcert_tls_outcome(p.server, &result, NULL), -ENODATA);
		assert_int_equal(capcert_chain_count(capcert_tls_peer_chain(p.client)), 2);
		assert_null(capcert_tls_peer_chain(p.server));
		assert_null(capcert_tls_peer_staple(p.client, &len));
		assert_null(capcert_tls_peer_scts(p.client, &len));
		assert_non_null(capcert_tls_gnutls(p.client));
		assert_int_equal(capcert_tls_handshake(p.client), 0);
		expect_passes(p.client, p.server, "to the server");
		expect_passes(p.server, p.client, "to the client");
		assert_string_equal(capcert_tls_error_text(p.client), "");
		end_pair(&p);
	}
	end_world(&w);
}

static void closing(void **state)
{
	struct world w = new_world();
	struct pair p = new_pair(&w, HOST);
	char buf[32];

	(void)state;
	expect_open(&p);
	/* One side closes; the other may still speak, and closes in its turn. */
	assert_int_equal(capcert_tls_write(p.client, "last", 4), 4);
	assert_int_equal(capcert_tls_close(p.client), 0);
	assert_int_equal(capcert_tls_close(p.client), 0);
	assert_int_equal(capcert_tls_write(p.client, "x", 1), -EPIPE);
	assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), 4);
	assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), 0);
	assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), 0);
	assert_int_equal(capcert_tls_write(p.server, "answer", 6), 6);
	assert_int_equal(capcert_tls_close(p.server), 0);
	assert_int_equal(capcert_tls_read(p.client, buf, sizeof(buf)), 6);
	assert_int_equal(capcert_tls_read(p.client, buf, sizeof(buf)), 0);
	end_pair(&p);
	end_world(&w);
}

/* A stream that ends without close_notify may have been cut by anybody. */
static void truncation(void **state)
{
	struct world w = new_world();
	char buf[32];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct pair p;

		w.client.flags = i ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(&w, HOST);
		expect_open(&p);
		assert_int_equal(capcert_tls_write(p.client, "half", 4), 4);
		shutdown(p.fds[1], SHUT_WR);
		assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), 4);
		assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), -ECONNRESET);
		assert_non_null(strstr(capcert_tls_error_text(p.server), "close_notify"));
		assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), -ECONNRESET);
		assert_int_equal(capcert_tls_write(p.server, "x", 1), -ECONNRESET);
		assert_int_equal(capcert_tls_close(p.server), -ECONNRESET);
		assert_int_equal(capcert_tls_key_update(p.server), -ECONNRESET);
		assert_int_equal(capcert_tls_handshake(p.server), -ECONNRESET);
		end_pair(&p);
	}
	end_world(&w);
}

static void peer_gone(void **state)
{
	struct world w = new_world();
	struct pair p = new_pair(&w, HOST);
	char buf[65536] = { 0 };
	ssize_t n;

	(void)state;
	close(p.fds[1]);
	do {
		n = capcert_tls_write(p.server, buf, sizeof(buf));
	} while (n > 0);
	assert_int_equal(n, -ECONNRESET);
	p.fds[1] = dup(p.fds[0]);
	end_pair(&p);
	end_world(&w);
}

static void key_updates(void **state)
{
	struct world w = new_world();
	struct pair p = new_pair(&w, HOST);
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(capcert_tls_key_update(p.client), 0);
		expect_passes(p.client, p.server, "after");
		expect_passes(p.server, p.client, "and back");
		assert_int_equal(capcert_tls_key_update(p.server), 0);
		expect_passes(p.server, p.client, "other way");
		expect_passes(p.client, p.server, "round");
	}
	end_pair(&p);
	w.client.flags = CAPCERT_TLS_NO_13;
	p = new_pair(&w, HOST);
	assert_int_equal(capcert_tls_key_update(p.client), -EOPNOTSUPP);
	end_pair(&p);
	end_world(&w);
}

/* More than fits into a socket: -EAGAIN for writing, and what is pending is read without the socket. */
static void full_pipe(void **state)
{
	struct world w = new_world();
	struct pair p = new_pair(&w, HOST);
	static char block[40000], buf[40000];
	size_t sent = 0, got = 0;
	ssize_t n;
	int fd;

	(void)state;
	memset(block, 'x', sizeof(block));
	while ((n = capcert_tls_write(p.client, block, sizeof(block))) > 0)
		sent += (size_t)n;
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(capcert_tls_wants(p.client, &fd), POLLOUT);
	assert_int_equal(fd, p.fds[1]);
	n = capcert_tls_read(p.server, buf, 10);
	assert_int_equal(n, 10);
	got = 10;
	assert_true(capcert_tls_pending(p.server) > 0);
	while ((n = capcert_tls_read(p.server, buf, sizeof(buf))) > 0)
		got += (size_t)n;
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(capcert_tls_wants(p.server, NULL), POLLIN);
	n = capcert_tls_write(p.client, block, sizeof(block));
	assert_true(n > 0);
	sent += (size_t)n;
	while (got < sent) {
		n = capcert_tls_read(p.server, buf, sizeof(buf));
		if (n == -EAGAIN)
			break;
		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(got, sent);
	end_pair(&p);
	end_world(&w);
}

static void alpn(void **state)
{
	static const struct {
		const char *server, *client, *agreed;
		int server_end, client_end;
	} rows[] = {
		{ ALPN_H2 ALPN_HTTP, ALPN_HTTP ALPN_H2, "h2", 0, 0 },
		{ ALPN_HTTP, ALPN_H2 ALPN_HTTP, "http/1.1", 0, 0 },
		{ ALPN_H2, NULL, "", 0, 0 },
		{ NULL, ALPN_H2, "", 0, 0 },
		{ ALPN_H2, ALPN_HTTP, NULL, -EPROTONOSUPPORT, -ECONNABORTED },
	};
	struct world w = new_world();
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct pair p;

		w.server.alpn = (const uint8_t *)rows[i].server;
		w.server.alpn_len = rows[i].server ? strlen(rows[i].server) : 0;
		w.client.alpn = (const uint8_t *)rows[i].client;
		w.client.alpn_len = rows[i].client ? strlen(rows[i].client) : 0;
		p = new_pair(&w, HOST);
		expect_ends(&p, rows[i].server_end, rows[i].client_end);
		if (rows[i].agreed) {
			assert_string_equal(info_of(p.server).alpn, rows[i].agreed);
			assert_string_equal(info_of(p.client).alpn, rows[i].agreed);
		} else {
			assert_int_equal(info_of(p.server).alert_sent, 120);
			assert_int_equal(info_of(p.client).alert_received, 120);
			assert_non_null(strstr(capcert_tls_error_text(p.client),
					       "no application protocol"));
		}
		end_pair(&p);
	}
	end_world(&w);
}

/* ---- blocking, with a thread at the other end ---- */

struct echo {
	capcert_tls_context *context;
	int fd;
	int result;
};

static void *echo(void *arg)
{
	struct echo *e = arg;
	capcert_tls *tls;
	char buf[64];
	ssize_t n;

	e->result = capcert_tls_server(e->context, e->fd, 0, &tls);
	if (e->result)
		return NULL;
	while ((n = capcert_tls_read(tls, buf, sizeof(buf))) > 0)
		if (capcert_tls_write(tls, buf, (size_t)n) != n)
			break;
	e->result = (int)n;
	capcert_tls_close(tls);
	capcert_tls_free(tls);
	return NULL;
}

static void blocking(void **state)
{
	struct world w = new_world();
	capcert_tls_context *client = context_of(&w.client);
	struct echo e = { .context = context_of(&w.server) };
	capcert_tls *tls;
	pthread_t thread;
	char buf[64];
	int fds[2], i;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	e.fd = fds[0];
	assert_int_equal(pthread_create(&thread, NULL, echo, &e), 0);
	assert_int_equal(capcert_tls_client(client, fds[1], HOST, 0, &tls), 0);
	assert_int_equal(capcert_tls_close(tls), -ENOTCONN);
	assert_int_equal(capcert_tls_key_update(tls), -EOPNOTSUPP);
	assert_int_equal(capcert_tls_pending(tls), 0);
	assert_int_equal(capcert_tls_handshake(tls), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(capcert_tls_write(tls, "echo", 4), 4);
		assert_int_equal(capcert_tls_read(tls, buf, sizeof(buf)), 4);
	}
	assert_int_equal(capcert_tls_close(tls), 0);
	assert_int_equal(capcert_tls_read(tls, buf, sizeof(buf)), 0);
	pthread_join(thread, NULL);
	assert_int_equal(e.result, 0);
	capcert_tls_free(tls);
	capcert_tls_context_free(client);
	capcert_tls_context_free(e.context);
	close(fds[0]);
	close(fds[1]);
	end_world(&w);
}

/* A server whose handshake may take @ms, and a peer that says nothing. */
static capcert_tls *unheard(struct world *w, uint32_t ms, uint32_t flags, int ret_fds[2])
{
	capcert_tls_context *c;
	capcert_tls *tls;

	w->server.handshake_ms = ms;
	c = context_of(&w->server);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ret_fds), 0);
	assert_int_equal(capcert_tls_server(c, ret_fds[0], flags, &tls), 0);
	capcert_tls_context_free(c);
	return tls;
}

static void end_unheard(capcert_tls *tls, const int fds[2])
{
	capcert_tls_free(tls);
	close(fds[0]);
	close(fds[1]);
}

static void expect_too_long(capcert_tls *tls)
{
	assert_int_equal(capcert_tls_handshake(tls), -ETIMEDOUT);
	assert_non_null(strstr(capcert_tls_error_text(tls), "too long"));
}

/* A peer that says nothing costs as long as the limits say. */
static void silence(void **state)
{
	struct world w = new_world();
	int r = -ETIMEDOUT, fds[2], ms;
	capcert_tls *tls;
	struct pair p;
	char buf[8];

	(void)state;
	tls = unheard(&w, 50, 0, fds);
	expect_too_long(tls);
	end_unheard(tls, fds);
	/* A time that is not over before the first call is; how long that is depends on the machine. */
	for (ms = 50; r == -ETIMEDOUT && ms < 60000; ms *= 4) {
		tls = unheard(&w, (uint32_t)ms, CAPCERT_TLS_NONBLOCK, fds);
		r = capcert_tls_handshake(tls);
		if (r == -EAGAIN) {
			poll(NULL, 0, ms + 10);
			expect_too_long(tls);
		}
		end_unheard(tls, fds);
	}
	assert_int_equal(r, -EAGAIN);
	w.server.handshake_ms = 0;
	w.server.idle_ms = 30;
	p = new_pair(&w, HOST);
	expect_open(&p);
	p.server->block = true;
	assert_int_equal(capcert_tls_read(p.server, buf, sizeof(buf)), -ETIMEDOUT);
	assert_non_null(strstr(capcert_tls_error_text(p.server), "silent"));
	end_pair(&p);
	end_world(&w);
}

static void wrong_calls(void **state)
{
	struct world w = new_world();
	capcert_tls_context *server = context_of(&w.server), *client = context_of(&w.client);
	struct capcert_tls_session s = { .size = 2 };
	struct capcert_params params;
	int fds[2], udp = socket(AF_UNIX, SOCK_DGRAM, 0), file = open("/dev/null", O_RDWR);
	capcert_tls *tls;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(capcert_tls_server(client, fds[0], 0, &tls), -EINVAL);
	assert_int_equal(capcert_tls_client(server, fds[0], HOST, 0, &tls), -EINVAL);
	assert_int_equal(capcert_tls_server(server, fds[0], 2, &tls), -EINVAL);
	assert_int_equal(capcert_tls_server(server, -1, 0, &tls), -EBADF);
	assert_int_equal(capcert_tls_server(server, file, 0, &tls), -ENOTSOCK);
	assert_int_equal(capcert_tls_server(server, udp, 0, &tls), -EINVAL);
	assert_int_equal(capcert_tls_client(client, fds[0], NULL, 0, &tls), -EINVAL);
	assert_int_equal(capcert_tls_client(client, fds[0], "two words", 0, &tls), -EINVAL);
	assert_int_equal(capcert_tls_client(client, fds[0], "a@example.com", 0, &tls), -EINVAL);
	assert_int_equal(capcert_tls_client(client, fds[0], "192.0.2.1", 0, &tls), 0);
	assert_int_equal(capcert_tls_info(tls, &s), -EINVAL);
	assert_int_equal(capcert_tls_params(tls, &params), -ENODATA);
	assert_int_equal(info_of(tls).version, 0);
	capcert_tls_free(tls);
	capcert_tls_free(NULL);
	capcert_tls_context_free(NULL);
	capcert_tls_context_free(capcert_tls_context_ref(client));
	capcert_tls_context_free(client);
	capcert_tls_context_free(server);
	close(fds[0]);
	close(fds[1]);
	close(udp);
	close(file);
	end_world(&w);
}

/* Beside a service, somebody for those who ask for him alone, with slots and versions of his own. */
#define GUEST  \
	"\x0a" \
	"acme-tls/1"

static void guests(void **state)
{
	static const struct {
		const char *client, *name;
		bool guest;
		int server_end, client_end;
	} rows[] = {
		{ NULL, HOST, false, 0, 0 },
		{ ALPN_H2, HOST, false, 0, 0 },
		{ GUEST ALPN_H2, HOST, false, 0, 0 },
		{ ALPN_H2 GUEST, HOST, false, 0, 0 },
		{ GUEST, "guest.example", true, 0, -EKEYREJECTED },
		{ GUEST, HOST, true, -ENOENT, -ECONNABORTED },
		{ ALPN_H2, "guest.example", false, -ENOENT, -ECONNABORTED },
	};
	struct world w = new_world();
	capcert_tls_slots *slots;
	struct pki *chain[] = { w.f.leaf, NULL };
	struct capcert_tls_value v = { 0 };
	struct capcert_tls_parts parts = w.server;

	(void)state;
	assert_int_equal(capcert_tls_slots_new(&slots), 0);
	assert_int_equal(put_slot(slots, "guest.example", chain, &v), 0);
	parts.slots = slots;
	parts.alpn = (const uint8_t *)GUEST;
	parts.alpn_len = 11;
	w.server.guest = context_of(&parts);
	w.server.alpn = (const uint8_t *)ALPN_HTTP ALPN_H2;
	w.server.alpn_len = 12;
	for (size_t i = 0; i < 3 * CC_ARRAY_SIZE(rows); i++) {
		size_t k = i % CC_ARRAY_SIZE(rows), round = i / CC_ARRAY_SIZE(rows);
		struct capcert_tls_session s;
		struct pair p;

		w.client.alpn = (const uint8_t *)rows[k].client;
		w.client.alpn_len = rows[k].client ? strlen(rows[k].client) : 0;
		w.client.flags = round == 1 ? CAPCERT_TLS_NO_13 : 0;
		/* A service that wants certificates does not want them from the guest's. */
		if (round == 2)
			make_mutual(&w, CAPCERT_TLS_AUTH_REQUIRED);
		p = new_pair(&w, rows[k].name);
		/* The client refuses the guest's certificate, which is not for that name: by an alert, in TLS
		 * 1.2 before the server is done. */
		if (rows[k].client_end == -EKEYREJECTED)
			assert_int_equal(p.client_end, -EKEYREJECTED);
		else
			expect_ends(&p, rows[k].server_end, rows[k].client_end);
		s = info_of(p.server);
		if (s.guest != rows[k].guest)
			fail_msg("row %zu, round %zu", k, round);
		if (rows[k].server_end == -ENOENT)
			assert_int_equal(s.alert_sent, 112);
		else
			assert_string_equal(s.slot, rows[k].guest ? "guest.example" : HOST);
		if (!rows[k].server_end && !rows[k].guest)
			expect_passes(p.client, p.server, "served");
		end_pair(&p);
	}
	capcert_tls_slots_free(slots);
	capcert_tls_context_free(w.server.guest);
	end_world(&w);
}

/* The session that is the last to hold the service's context. */
static void guest_alone(void **state)
{
	struct world w = new_world();
	struct capcert_tls_parts parts = w.server;
	capcert_tls_context *guest;
	struct pair p;

	(void)state;
	parts.alpn = w.client.alpn = (const uint8_t *)GUEST;
	parts.alpn_len = w.client.alpn_len = 11;
	w.server.guest = guest = context_of(&parts);
	p.contexts[0] = context_of(&w.server);
	p.contexts[1] = context_of(&w.client);
	capcert_tls_context_free(guest);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p.fds), 0);
	assert_int_equal(
		capcert_tls_server(p.contexts[0], p.fds[0], CAPCERT_TLS_NONBLOCK, &p.server), 0);
	assert_int_equal(
		capcert_tls_client(p.contexts[1], p.fds[1], HOST, CAPCERT_TLS_NONBLOCK, &p.client),
		0);
	capcert_tls_context_free(p.contexts[0]);
	p.contexts[0] = NULL;
	pair_shake(&p);
	expect_open(&p);
	assert_string_equal(info_of(p.server).alpn, "acme-tls/1");
	assert_string_equal(info_of(p.client).alpn, "acme-tls/1");
	assert_int_equal(info_of(p.server).guest, 1);
	assert_int_equal(info_of(p.client).guest, 0);
	/* Nothing to resume. */
	assert_int_equal(capcert_tls_close(p.server), 0);
	assert_int_equal(capcert_tls_read(p.client, &w, 1), 0);
	end_pair(&p);
	p.contexts[0] = NULL;
	end_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_versions), cmocka_unit_test(closing),
		cmocka_unit_test(truncation),	 cmocka_unit_test(peer_gone),
		cmocka_unit_test(key_updates),	 cmocka_unit_test(full_pipe),
		cmocka_unit_test(alpn),		 cmocka_unit_test(guests),
		cmocka_unit_test(guest_alone),	 cmocka_unit_test(blocking),
		cmocka_unit_test(silence),	 cmocka_unit_test(wrong_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
