// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The http-01 responder: requests by the letter, and over sockets. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "helpers/acmed/http.h"
#include "helpers/acmed/responder.h"
#include "helpers/acmed/wire.h"
#include "helpers/acmed/conf.h"

#define P HTTP_PATH
#define TOKEN "DGyRejmCefe7v4NfDGDKfA"
#define TEXT_OF(token) token ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"

static const struct {
	const char *head;
	enum http_found found;
	const char *token;
} requests[] = {
	{ "GET " P TOKEN " HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_GET, TOKEN },
	{ "GET " P TOKEN " HTTP/1.0\r\n\r\n", HTTP_GET, TOKEN },
	{ "GET " P TOKEN " HTTP/1.1\r\nX:\r\nY: \t z~\r\n\r\n", HTTP_GET, TOKEN },
	{ "HEAD " P TOKEN " HTTP/1.1\r\n\r\n", HTTP_HEAD_ONLY, TOKEN },
	{ "GET " P TOKEN " HTTP/1.1\r\n\r\nmore", HTTP_GET, TOKEN },
	/* other paths */
	{ "GET / HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET /.well-known/acme-challenge HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P TOKEN "/ HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P "x/" TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P "../" TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P "..%2f" TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET /.." P TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET /" P TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET /.well-known//acme-challenge/" TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET /.Well-Known/acme-challenge/" TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET /.well-known/acme-challenge%2f" TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET /%2ewell-known/acme-challenge/" TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P TOKEN "?x=1 HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P TOKEN "#x HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P TOKEN "%00 HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P TOKEN ". HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P TOKEN "\\x HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET " P "/etc/passwd HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET http://a" P TOKEN " HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	{ "GET * HTTP/1.1\r\n\r\n", HTTP_GET, "" },
	/* other methods */
	{ "POST " P TOKEN " HTTP/1.1\r\n\r\n", HTTP_OTHER, NULL },
	{ "get " P TOKEN " HTTP/1.1\r\n\r\n", HTTP_OTHER, NULL },
	{ "CONNECT a:80 HTTP/1.1\r\n\r\n", HTTP_OTHER, NULL },
	/* no end yet */
	{ "", HTTP_MORE, NULL },
	{ "GET / HTTP/1.1\r\n", HTTP_MORE, NULL },
	{ "GET / HTTP/1.1\r\n\r", HTTP_MORE, NULL },
	/* no requests */
	{ "GET / HTTP/1.1\n\n", HTTP_BAD, NULL },
	{ "GET / HTTP/1.1\r\nA: b\n\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / HTTP/1.1\rX", HTTP_BAD, NULL },
	{ "GET / HTTP/2.0\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / HTTP/1.11\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / http/1.1\r\n\r\n", HTTP_BAD, NULL },
	{ "GET /\r\n\r\n", HTTP_BAD, NULL },
	{ "GET\r\n\r\n", HTTP_BAD, NULL },
	{ "GET  / HTTP/1.1\r\n\r\n", HTTP_BAD, NULL },
	{ " GET / HTTP/1.1\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / x HTTP/1.1\r\n\r\n", HTTP_BAD, NULL },
	{ "\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / HTTP/1.1\r\nno colon\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / HTTP/1.1\r\n: x\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / HTTP/1.1\r\n folded: x\r\n\r\n", HTTP_BAD, NULL },
	{ "GET / HTTP/1.1\r\nA : x\r\n\r\n", HTTP_BAD, NULL },
	{ "GET /\x80 HTTP/1.1\r\n\r\n", HTTP_BAD, NULL },
	{ "GET /\x7f HTTP/1.1\r\n\r\n", HTTP_BAD, NULL },
	{ "\x16\x03\x01\x02", HTTP_BAD, NULL },
};

static void heads(void **state)
{
	char token[HTTP_TOKEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const char *h = requests[i].head;
		enum http_found found = http_parse(h, strlen(h), token);

		if (found != requests[i].found)
			fail_msg("'%s' is %d, not %d", h, found, requests[i].found);
		if (requests[i].token && strcmp(token, requests[i].token) != 0)
			fail_msg("'%s' asks for '%s'", h, token);
	}
}

/* Cut anywhere, it is a request that is not over; and of the tokens only those that fit. */
static void cuts_and_lengths(void **state)
{
	static const char with_nul[] = "GET " P "a\0b HTTP/1.1\r\n\r\n";
	char token[HTTP_TOKEN + 1], head[2 * HTTP_HEAD];
	const char *h = requests[0].head;
	int n;

	(void)state;
	for (size_t i = 0; i < strlen(h); i++)
		assert_int_equal(http_parse(h, i, token), HTTP_MORE);
	for (int len = 1; len <= HTTP_TOKEN + 1; len++) {
		n = sprintf(head, "GET " P "%0*d HTTP/1.1\r\n\r\n", len, 7);
		assert_int_equal(http_parse(head, (size_t)n, token), HTTP_GET);
		assert_int_equal(strlen(token), len <= HTTP_TOKEN ? len : 0);
	}
	n = sprintf(head, "GET / HTTP/1.1\r\nA: %0*d\r\n\r\n", HTTP_HEAD, 1);
	assert_int_equal(http_parse(head, (size_t)n, token), HTTP_BAD);
	assert_int_equal(http_parse(head, HTTP_HEAD - 2, token), HTTP_MORE);
	/* A NUL in the path. */
	assert_int_equal(http_parse(with_nul, sizeof(with_nul) - 1, token), HTTP_BAD);
}

static void tokens(void **state)
{
	struct responder *r = NULL;
	char text[700], name[300];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(responder_new(fd, &r), 0);
	assert_int_equal(responder_publish(r, TOKEN, TEXT_OF(TOKEN)), 0);
	assert_int_equal(responder_publish(r, TOKEN, TEXT_OF(TOKEN)), -EEXIST);
	assert_int_equal(responder_count(r), 1);
	assert_int_equal(responder_withdraw(r, "other"), -ENOENT);
	assert_int_equal(responder_withdraw(r, TOKEN), 0);
	assert_int_equal(responder_withdraw(r, TOKEN), -ENOENT);
	assert_int_equal(responder_publish(r, "", ".x"), -EINVAL);
	assert_int_equal(responder_publish(r, "a.b", "a.b.x"), -EINVAL);
	assert_int_equal(responder_publish(r, "a/b", "a/b.x"), -EINVAL);
	assert_int_equal(responder_publish(r, "..", "...x"), -EINVAL);
	/* The text of another token, of none, and with things that are not for a CA. */
	assert_int_equal(responder_publish(r, "ab", "ac.x"), -EINVAL);
	assert_int_equal(responder_publish(r, "ab", "abx"), -EINVAL);
	assert_int_equal(responder_publish(r, "ab", "ab.<script>"), -EINVAL);
	assert_int_equal(responder_publish(r, "ab", "ab.x\r\n"), -EINVAL);
	memset(name, 'a', sizeof(name));
	name[HTTP_TOKEN + 1] = '\0';
	snprintf(text, sizeof(text), "%s.x", name);
	assert_int_equal(responder_publish(r, name, text), -EINVAL);
	name[HTTP_TOKEN] = '\0';
	snprintf(text, sizeof(text), "%s.x", name);
	assert_int_equal(responder_publish(r, name, text), 0);
	for (int i = 1; i <= RESPONDER_MOST; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		snprintf(text, sizeof(text), "t%d.x", i);
		assert_int_equal(responder_publish(r, name, text),
				 i < RESPONDER_MOST ? 0 : -ENOSPC);
	}
	responder_free(r);
	responder_free(NULL);
	close(fd);
}

/* ---- over sockets ---- */

static struct responder *live;
static int listening;
static char at[108];

static int dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(a.sun_path, at);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* The responder's turn, until nothing more happens at once. */
static void turns(int64_t now)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(responder_step(live, now), 0);
}

static const char *read_all(int fd)
{
	static char buf[4096];
	size_t n = 0;
	ssize_t got;

	while ((got = recv(fd, buf + n, sizeof(buf) - 1 - n, MSG_DONTWAIT)) > 0)
		n += (size_t)got;
	buf[n] = '\0';
	return got == 0 ? buf : NULL;
}

static const char *ask(const char *request)
{
	const char *answer;
	int fd = dial();

	turns(0);
	assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
	turns(1);
	answer = read_all(fd);
	close(fd);
	turns(2);
	return answer ? answer : "(open)";
}

static void expect(const char *request, const char *begin, const char *end)
{
	const char *answer = ask(request);
	size_t n = strlen(answer);

	if (strncmp(answer, begin, strlen(begin)) != 0 || n < strlen(end) ||
	    strcmp(answer + n - strlen(end), end) != 0)
		fail_msg("'%s' is answered '%s'", request, answer);
}

static void answers(void **state)
{
	(void)state;
	expect("GET " P TOKEN " HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "not found\n");
	assert_int_equal(responder_publish(live, TOKEN, TEXT_OF(TOKEN)), 0);
	expect("GET " P TOKEN " HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
	       "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: "
	       "66\r\n",
	       "\r\n\r\n" TEXT_OF(TOKEN));
	expect("HEAD " P TOKEN " HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", "close\r\n\r\n");
	expect("GET " P TOKEN "x HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "not found\n");
	expect("GET " P "../" TOKEN " HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "not found\n");
	expect("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "not found\n");
	expect("PUT " P TOKEN " HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ", "GET alone\n");
	expect("hello\r\n\r\n", "HTTP/1.1 400 ", "no request\n");
	assert_int_equal(responder_withdraw(live, TOKEN), 0);
	expect("GET " P TOKEN " HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "not found\n");
}

static void slow_and_many(void **state)
{
	int fds[RESPONDER_CONNS + 1], first;

	(void)state;
	/* Octet by octet. */
	first = dial();
	for (const char *p = "GET / HTTP/1.1\r\n\r\n"; *p; p++) {
		turns(0);
		assert_null(read_all(first));
		assert_int_equal(send(first, p, 1, 0), 1);
	}
	turns(0);
	assert_memory_equal(read_all(first), "HTTP/1.1 404", 12);
	close(first);
	turns(0);
	/* Nobody has longer than his time. */
	assert_int_equal(responder_wait_ms(live, 0), -1);
	first = dial();
	turns(5);
	assert_int_equal(responder_wait_ms(live, 6), RESPONDER_MS - 1);
	turns(4 + RESPONDER_MS);
	assert_null(read_all(first));
	turns(5 + RESPONDER_MS);
	assert_non_null(read_all(first));
	close(first);
	/* One more than there are places: the oldest goes. */
	for (int i = 0; i <= RESPONDER_CONNS; i++) {
		fds[i] = dial();
		turns(i);
	}
	assert_non_null(read_all(fds[0]));
	assert_null(read_all(fds[1]));
	for (int i = 0; i <= RESPONDER_CONNS; i++)
		close(fds[i]);
	turns(RESPONDER_CONNS);
	assert_int_equal(responder_wait_ms(live, 0), -1);
}

static int setup(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)state;
	snprintf(at, sizeof(at), "/tmp/acmed-http.%d", getpid());
	strcpy(a.sun_path, at);
	listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return bind(listening, (struct sockaddr *)&a, sizeof(a)) || listen(listening, 200) ||
	       responder_new(listening, &live);
}

static int teardown(void **state)
{
	(void)state;
	responder_free(live);
	close(listening);
	return unlink(at);
}

/* ---- messages ---- */

static void messages(void **state)
{
	static struct wire w, got;
	const uint8_t digest[32] = { 7 };
	const struct challenge in = { 5,	   CONF_DNS_01, false, true,
				      "a.example", "t",		"t.k", "_acme-challenge.a.example",
				      "text",	   digest };
	struct challenge out;
	size_t n;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	wire_begin(&w, WIRE_PUBLISH);
	wire_put_challenge(&w, &in);
	assert_int_equal(wire_send(fds[0], &w), 0);
	assert_int_equal(wire_receive(fds[1], &got), 0);
	assert_int_equal(got.what, WIRE_PUBLISH);
	assert_true(wire_get_challenge(&got, &out));
	assert_int_equal(out.id, 5);
	assert_true(out.wildcard && !out.ip);
	assert_string_equal(out.text, "text");
	assert_memory_equal(out.digest, digest, 32);
	/* Cut anywhere, with a stranger behind, or of another kind. */
	for (size_t len = 0; len < w.len; len++) {
		got = w;
		got.len = len;
		assert_false(wire_get_challenge(&got, &out));
	}
	got = w;
	wire_put_number(&got, 1);
	assert_false(wire_get_challenge(&got, &out));
	wire_begin(&w, WIRE_DONE);
	wire_put(&w, "a\0b", 3);
	got = w;
	assert_string_equal(wire_get_text(&got), "");
	assert_true(got.bad);
	got = w;
	assert_int_equal(wire_get_number(&got), 0);
	assert_true(got.bad);
	got = w;
	assert_memory_equal(wire_get(&got, &n), "a\0b", 3);
	assert_true(wire_end(&got));
	/* Too much, nothing, nobody. */
	wire_put(&w, digest, WIRE_MOST);
	assert_int_equal(wire_send(fds[0], &w), -EMSGSIZE);
	assert_int_equal(wire_receive(fds[1], &got), -EAGAIN);
	wire_begin(&w, WIRE_WHATS);
	assert_int_equal(wire_send(fds[0], &w), 0);
	assert_int_equal(wire_receive(fds[1], &got), -EBADMSG);
	assert_int_equal(send(fds[0], "ab", 2, 0), 2);
	assert_int_equal(wire_receive(fds[1], &got), -EBADMSG);
	close(fds[0]);
	assert_int_equal(wire_receive(fds[1], &got), -EPIPE);
	wire_begin(&w, WIRE_DONE);
	assert_int_equal(wire_send(fds[1], &w), -EPIPE);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads),
		cmocka_unit_test(cuts_and_lengths),
		cmocka_unit_test(tokens),
		cmocka_unit_test_setup_teardown(answers, setup, teardown),
		cmocka_unit_test_setup_teardown(slow_and_many, setup, teardown),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
