// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Peers that mean no good, or nothing at all: other protocols, garbage, pieces, floods, silence. */
#include "core/tls.h"
#include "tests/unit/tls_fixture.h"

/* ---- the ClientHello, as it is read before anything else ---- */

static struct cc_span vec(unsigned int octets, struct cc_span of)
{
	uint8_t head[3];

	cc_tls_put(head, octets, of.n);
	return der_cat(cc_span(head, octets), of, DER_END);
}

static struct cc_span number(unsigned int octets, uint64_t v)
{
	uint8_t out[8];

	cc_tls_put(out, octets, v);
	return der_cat(cc_span(out, octets), DER_END);
}

static struct cc_span extension(unsigned int type, struct cc_span data)
{
	return der_cat(number(2, type), vec(2, data), DER_END);
}

static struct cc_span sni(const char *name)
{
	return extension(0, vec(2, der_cat(number(1, 0), vec(2, der_str(name)), DER_END)));
}

static struct cc_span hello_of(struct cc_span extensions)
{
	static const uint8_t zeros[34];

	return der_cat(cc_span(zeros, 34), vec(1, cc_span(zeros, 32)), vec(2, number(2, 0x1301)),
		       vec(1, number(1, 0)), vec(2, extensions), DER_END);
}

/* Application protocols, each behind its length. */
static struct cc_span offers(const char *names)
{
	return extension(16, vec(2, der_str(names)));
}

static enum tls_hello_fault read_exact(struct cc_span body, struct tls_hello *h)
{
	return tls_hello_read(der_exact(body), h);
}

/* A protocol counts when it is the only one. */
static void protocols(void **state)
{
	static const struct {
		const char *names, *only;
	} rows[] = {
		{ "\x0a"
		  "acme-tls/1",
		  "acme-tls/1" },
		{ "\x02h2\x0a"
		  "acme-tls/1",
		  "" },
		{ "\x0a"
		  "acme-tls/1\x02h2",
		  "" },
		{ "\x0a"
		  "acme-tls/1\x0a"
		  "acme-tls/1",
		  "" },
		{ "\x01"
		  "a",
		  "a" },
	};
	char longest[257];
	struct tls_hello h;

	(void)state;
	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		assert_int_equal(read_exact(hello_of(offers(rows[i].names)), &h), TLS_HELLO_OK);
		assert_string_equal(h.alpn, rows[i].only);
	}
	memset(longest, 'x', 256);
	longest[0] = (char)255;
	longest[256] = 0;
	assert_int_equal(read_exact(hello_of(offers(longest)), &h), TLS_HELLO_OK);
	assert_string_equal(h.alpn, longest + 1);
	/* A text that ends early is not the whole name. */
	assert_int_equal(read_exact(hello_of(extension(16, vec(2, cc_span("\x0c"
									  "acme-tls/1\0x",
									  13)))),
				    &h),
			 TLS_HELLO_OK);
	assert_string_equal(h.alpn, "");
}

static void hellos(void **state)
{
	const struct cc_span versions = extension(43, vec(1, number(4, 0x03040303)));
	struct cc_span good = hello_of(
		der_cat(sni("WWW.Example.com"), extension(10, number(1, 0)), versions, DER_END));
	const struct cc_span illegal[] = {
		hello_of(der_cat(sni("a"), sni("a"), DER_END)),
		hello_of(der_cat(versions, versions, DER_END)),
		hello_of(der_cat(offers("\x02h2"), offers("\x02h2"), DER_END)),
		hello_of(
			extension(0, vec(2, der_cat(number(1, 0), vec(2, der_str("a")),
						    number(1, 0), vec(2, der_str("b")), DER_END)))),
	};
	const struct cc_span malformed[] = {
		hello_of(extension(0, number(1, 0))),
		hello_of(extension(0, vec(2, number(1, 0)))),
		hello_of(extension(
			0, vec(2, der_cat(number(1, 0), vec(2, cc_span(NULL, 0)), DER_END)))),
		hello_of(der_cat(sni("a"), number(1, 0), DER_END)),
		hello_of(extension(43, vec(1, number(3, 0x030403)))),
		hello_of(extension(43, number(1, 2))),
		hello_of(extension(16, number(2, 0))),
		hello_of(offers("\x03h2")),
		hello_of(extension(16, vec(2, cc_span("\x00\x00", 2)))),
		hello_of(extension(16, der_cat(vec(2, der_str("\x02h2")), number(1, 0), DER_END))),
		der_cat(good, number(1, 0), DER_END),
	};
	struct cc_span many = cc_span(NULL, 0);
	struct tls_hello h;
	size_t i;

	(void)state;
	assert_int_equal(read_exact(good, &h), TLS_HELLO_OK);
	assert_string_equal(h.host, "www.example.com");
	assert_true(h.seen && h.offers_13);
	for (i = 0; i < good.n; i++) {
		enum tls_hello_fault fault = read_exact(cc_span(good.p, i), &h);

		/* A hello without extensions is one. */
		if (fault == TLS_HELLO_OK)
			assert_int_equal(i, 34 + 33 + 4 + 2);
	}
	for (i = 0; i < CC_ARRAY_SIZE(illegal); i++)
		assert_int_equal(read_exact(illegal[i], &h), TLS_HELLO_ILLEGAL);
	for (i = 0; i < CC_ARRAY_SIZE(malformed); i++)
		assert_int_equal(read_exact(malformed[i], &h), TLS_HELLO_MALFORMED);
	for (i = 0; i < 129; i++)
		many = der_cat(many, extension(1000 + (unsigned int)i, cc_span(NULL, 0)), DER_END);
	assert_int_equal(read_exact(hello_of(many), &h), TLS_HELLO_MALFORMED);
	/* Names that are none of hosts, and types of names that nobody has. */
	assert_int_equal(read_exact(hello_of(sni("a b")), &h), TLS_HELLO_OK);
	assert_string_equal(h.host, "");
	assert_int_equal(
		read_exact(hello_of(extension(0, vec(2, der_cat(number(1, 7), vec(2, der_str("a")),
								DER_END)))),
			   &h),
		TLS_HELLO_OK);
	assert_string_equal(h.host, "");
	assert_false(h.offers_13);
}

/* ---- what comes to a server ---- */

/* Octets to a fresh server, and then the end. Return: how it ends. */
static int feed(capcert_tls_context *c, struct cc_span data, char *text, size_t cap)
{
	capcert_tls *tls;
	int fds[2], r, turns = 0;
	size_t at = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(capcert_tls_server(c, fds[0], CAPCERT_TLS_NONBLOCK, &tls), 0);
	do {
		ssize_t n = at < data.n ? send(fds[1], data.p + at, data.n - at,
					       MSG_DONTWAIT | MSG_NOSIGNAL)
					: 0;

		if (n > 0)
			at += (size_t)n;
		if (at == data.n)
			shutdown(fds[1], SHUT_WR);
		r = capcert_tls_handshake(tls);
	} while (r == -EAGAIN && ++turns < 10000);
	assert_int_not_equal(r, -EAGAIN);
	if (text)
		snprintf(text, cap, "%s", capcert_tls_error_text(tls));
	assert_int_equal(capcert_tls_handshake(tls), r);
	assert_true(r < 0 && capcert_tls_error_text(tls)[0]);
	capcert_tls_free(tls);
	close(fds[0]);
	close(fds[1]);
	return r;
}

static int feed_text(capcert_tls_context *c, const char *s, char *text, size_t cap)
{
	return feed(c, cc_span(s, strlen(s)), text, cap);
}

static void other_protocols(void **state)
{
	struct world w = new_world();
	capcert_tls_context *c = context_of(&w.server);
	char text[320];

	(void)state;
	assert_int_equal(feed_text(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", text, sizeof(text)),
			 -EPROTO);
	assert_non_null(strstr(text, "plain HTTP"));
	assert_int_equal(feed_text(c, "SSH-2.0-OpenSSH_9\r\n", text, sizeof(text)), -EPROTO);
	assert_non_null(strstr(text, "SSH"));
	assert_int_equal(feed_text(c, "EHLO mail.example.com\r\n", NULL, 0), -EPROTO);
	assert_int_equal(feed_text(c, "", NULL, 0), -ECONNRESET);
	capcert_tls_context_free(c);
	end_world(&w);
}

static void garbage(void **state)
{
	struct world w = new_world();
	capcert_tls_context *c = context_of(&w.server);
	static uint8_t buf[70000];
	uint32_t x = 1;
	size_t i, k;

	(void)state;
	for (k = 0; k < 300; k++) {
		for (i = 0; i < 200; i++) {
			x = x * 1664525 + 1013904223;
			buf[i] = (uint8_t)(x >> 24);
		}
		if (k & 1)
			memcpy(buf, "\x16\x03\x01\x00\xc3\x01\x00\x00\xbf\x03\x03", 11);
		assert_true(feed(c, cc_span(buf, 200), NULL, 0) < 0);
	}
	/* A record that says that it is larger than any may be. */
	memcpy(buf, "\x16\x03\x01\xff\xff", 5);
	assert_int_equal(feed(c, cc_span(buf, sizeof(buf)), NULL, 0), -EPROTO);
	/* A message that says so. */
	memcpy(buf, "\x16\x03\x01\x40\x00\x01\xff\xff\xff", 9);
	assert_true(feed(c, cc_span(buf, sizeof(buf)), NULL, 0) < 0);
	/* Records with nothing in them, for ever. */
	for (i = 0; i + 5 <= sizeof(buf); i += 5)
		memcpy(buf + i, "\x16\x03\x01\x00\x00", 5);
	assert_true(feed(c, cc_span(buf, sizeof(buf)), NULL, 0) < 0);
	capcert_tls_context_free(c);
	end_world(&w);
}

/* The first flight of an honest client. */
static struct cc_span first_flight(const struct capcert_tls_parts *parts)
{
	capcert_tls_context *c = context_of(parts);
	static uint8_t buf[4096];
	capcert_tls *tls;
	ssize_t n;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(capcert_tls_client(c, fds[1], HOST, CAPCERT_TLS_NONBLOCK, &tls), 0);
	assert_int_equal(capcert_tls_handshake(tls), -EAGAIN);
	n = recv(fds[0], buf, sizeof(buf), 0);
	assert_true(n > 100);
	capcert_tls_free(tls);
	capcert_tls_context_free(c);
	close(fds[0]);
	close(fds[1]);
	return cc_span(buf, (size_t)n);
}

static void cut_anywhere(void **state)
{
	struct world w = new_world();
	capcert_tls_context *c = context_of(&w.server);
	struct cc_span flight = first_flight(&w.client);
	static uint8_t changed[4096];
	size_t i;

	(void)state;
	for (i = 0; i <= flight.n; i++)
		assert_int_equal(feed(c, cc_span(flight.p, i), NULL, 0), -ECONNRESET);
	/* Any octet another: it ends, one way or the other. */
	for (i = 0; i < flight.n; i++) {
		memcpy(changed, flight.p, flight.n);
		changed[i] ^= 0xff;
		assert_true(feed(c, cc_span(changed, flight.n), NULL, 0) < 0);
	}
	capcert_tls_context_free(c);
	end_world(&w);
}

/* One octet of the message in each record is allowed, and read. */
static void in_pieces(void **state)
{
	struct world w = new_world();
	capcert_tls_context *c = context_of(&w.server);
	struct cc_span flight = first_flight(&w.client);
	static uint8_t pieces[32768], reply[8];
	capcert_tls *tls;
	int fds[2], r;
	size_t i, n = 0;

	(void)state;
	for (i = 5; i < flight.n; i++, n += 6) {
		memcpy(pieces + n, "\x16\x03\x01\x00\x01", 5);
		pieces[n + 5] = flight.p[i];
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(capcert_tls_server(c, fds[0], CAPCERT_TLS_NONBLOCK, &tls), 0);
	assert_int_equal(send(fds[1], pieces, n, 0), n);
	r = capcert_tls_handshake(tls);
	if (r != -EAGAIN)
		fail_msg("%d %s", r, capcert_tls_error_text(tls));
	assert_int_equal(recv(fds[1], reply, sizeof(reply), 0), sizeof(reply));
	assert_int_equal(reply[0], 0x16); /* a handshake message: its ServerHello */
	capcert_tls_free(tls);
	close(fds[0]);
	close(fds[1]);
	capcert_tls_context_free(c);
	end_world(&w);
}

/* ---- who shakes hands again ---- */

static void renegotiation(void **state)
{
	struct world w = new_world();
	struct pair p;
	char c;
	int i, side;

	(void)state;
	w.client.flags = CAPCERT_TLS_NO_13;
	for (side = 0; side < 2; side++) {
		capcert_tls *victim;

		p = new_pair(&w, HOST);
		expect_open(&p);
		victim = side ? p.client : p.server;
		for (i = 0; side && i < 3; i++) {
			assert_int_equal(gnutls_rehandshake(capcert_tls_gnutls(p.server)), 0);
			assert_int_equal(capcert_tls_read(victim, &c, 1), -EAGAIN);
			assert_int_equal(info_of(victim).alert_sent, 100);
		}
		if (side)
			assert_int_equal(gnutls_rehandshake(capcert_tls_gnutls(p.server)), 0);
		else
			gnutls_handshake(capcert_tls_gnutls(p.client));
		assert_int_equal(capcert_tls_read(victim, &c, 1), -EPROTO);
		assert_non_null(strstr(capcert_tls_error_text(victim), "renegotiates"));
		assert_int_equal(info_of(victim).alert_sent, 40);
		end_pair(&p);
	}
	end_world(&w);
}

/* ---- a verification that goes on elsewhere, and comes to nothing ---- */

static void verification_fails(void **state)
{
	struct world w = new_world();
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), i;
	struct capcert_tls_parts parts = w.client;

	(void)state;
	parts.policy = NULL;
	parts.store = NULL;
	parts.verifier_fd = parts.store_fd = parts.pins_fd = null;
	for (i = 0; i < 2; i++) {
		struct pair p = { .contexts = { context_of(&w.server), context_of(&parts) } };
		bool waited = false;
		int turns = 0, fd;

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p.fds), 0);
		assert_int_equal(capcert_tls_server(p.contexts[0], p.fds[0], CAPCERT_TLS_NONBLOCK,
						    &p.server),
				 0);
		assert_int_equal(capcert_tls_client(p.contexts[1], p.fds[1], HOST,
						    CAPCERT_TLS_NONBLOCK, &p.client),
				 0);
		p.client_end = -EAGAIN;
		while (p.client_end == -EAGAIN && turns++ < 1000) {
			p.client_end = capcert_tls_handshake(p.client);
			if (p.client_end == -EAGAIN && capcert_tls_wants(p.client, &fd) == POLLIN &&
			    fd != p.fds[1]) {
				struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

				waited = true;
				if (i) /* freed while it goes on */
					break;
				poll(&poll_fd, 1, 60000);
			}
			capcert_tls_handshake(p.server);
		}
		assert_true(waited);
		if (!i) {
			assert_true(p.client_end < 0 && p.client_end != -EAGAIN);
			assert_non_null(
				strstr(capcert_tls_error_text(p.client), "could not be verified"));
			assert_int_equal(info_of(p.client).alert_sent, 80);
			assert_int_equal(capcert_tls_outcome(p.client, NULL, NULL), -ENODATA);
		}
		end_pair(&p);
	}
	close(null);
	end_world(&w);
}

/* A chain of more certificates than are looked at. */
static void endless_chain(void **state)
{
	struct world w = new_world();
	capcert_tls_context *c = context_of(&w.client);
	gnutls_certificate_credentials_t cred;
	gnutls_session_t server;
	gnutls_pcert_st *list = calloc(70, sizeof(*list));
	gnutls_privkey_t key = copy_of(w.f.leaf);
	struct capcert_result result;
	capcert_tls *tls;
	int fds[2], r, turns, i;

	(void)state;
	for (i = 0; i < 70; i++)
		PKI(gnutls_pcert_import_x509(&list[i], i ? w.f.ca->crt : w.f.leaf->crt, 0));
	PKI(gnutls_certificate_allocate_credentials(&cred));
	PKI(gnutls_certificate_set_key(cred, NULL, 0, list, 70, key));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	PKI(gnutls_init(&server, GNUTLS_SERVER | GNUTLS_NONBLOCK));
	PKI(gnutls_set_default_priority(server));
	PKI(gnutls_credentials_set(server, GNUTLS_CRD_CERTIFICATE, cred));
	gnutls_transport_set_int(server, fds[0]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(capcert_tls_client(c, fds[1], HOST, CAPCERT_TLS_NONBLOCK, &tls), 0);
	for (r = -EAGAIN, turns = 0; r == -EAGAIN && turns < 100; turns++) {
		r = capcert_tls_handshake(tls);
		gnutls_handshake(server);
	}
	assert_int_equal(r, -EKEYREJECTED);
	assert_int_equal(capcert_tls_outcome(tls, &result, NULL), 0);
	assert_int_equal(result.outcome.reason, CAPCERT_REASON_CHAIN_TOO_LONG);
	assert_int_equal(info_of(tls).alert_sent, 48);
	capcert_tls_free(tls);
	gnutls_deinit(server);
	gnutls_certificate_free_credentials(cred);
	free(list);
	capcert_tls_context_free(c);
	close(fds[0]);
	close(fds[1]);
	end_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols),	   cmocka_unit_test(hellos),
		cmocka_unit_test(other_protocols), cmocka_unit_test(garbage),
		cmocka_unit_test(cut_anywhere),	   cmocka_unit_test(in_pieces),
		cmocka_unit_test(renegotiation),   cmocka_unit_test(verification_fails),
		cmocka_unit_test(endless_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
