// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Answers of HTTP servers: whole, in pieces, cut off at every octet, and such as two readers take for different ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "libcapcert/http_response.h"

#define MAX 4096

static struct http_response r; /* large */

/* Fed in pieces of @step octets. Return: of the last piece. */
static int feed(const char *text, size_t len, size_t step, bool head, size_t *ret_used)
{
	size_t at = 0, used = 0;
	int e = 0;

	http_response_start(&r, head, MAX);
	while (e == 0 && at < len) {
		size_t n = len - at < step ? len - at : step;

		e = http_response_feed(&r, cc_span(text + at, n), &used);
		if (e < 0)
			return e;
		assert_true(used <= n);
		assert_true(e == 1 || used == n);
		at += used;
	}
	*ret_used = at;
	return e;
}

static const struct good {
	const char *text;
	uint32_t status;
	const char *body;
	size_t rest;		/* octets behind it */
	bool head, close, ends; /* @ends: by the end of the connection */
} goods[] = {
	{ .text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	  .status = 200,
	  .body = "hello" },
	{ .text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP",
	  .status = 200,
	  .body = "hello",
	  .rest = 4 },
	{ .text = "HTTP/1.1 201\r\ncontent-length:0\r\n\r\n", .status = 201, .body = "" },
	{ .text = "HTTP/1.1 201 \r\nCONTENT-LENGTH: \t0 \t\r\nConnection: keep-alive , "
		  "Close\r\n\r\n",
	  .status = 201,
	  .body = "",
	  .close = true },
	{ .text = "HTTP/1.1 204 No Content\r\nConnection: closed\r\n\r\n",
	  .status = 204,
	  .body = "" },
	{ .text = "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
	  .status = 304,
	  .body = "" },
	{ .text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
	  .status = 200,
	  .body = "",
	  .head = true },
	{ .text = "HTTP/1.0 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
	  .status = 404,
	  .body = "no",
	  .close = true },
	{ .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
		  "chunked\r\n\r\n5\r\nhello\r\n1;x=\"y\"\r\n!\r\n0\r\n\r\n",
	  .status = 200,
	  .body = "hello!" },
	{ .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n00A "
		  "\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
	  .status = 200,
	  .body = "0123456789" },
	{ .text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </x>\r\n\r\nHTTP/1.1 "
		  "200 OK\r\nContent-Length: 1\r\n\r\n!",
	  .status = 200,
	  .body = "!" },
	{ .text = "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\nto the end",
	  .status = 200,
	  .body = "to the end",
	  .close = true,
	  .ends = true },
};

static void test_good(void **state)
{
	for (size_t i = 0; i < sizeof(goods) / sizeof(*goods); i++) {
		const struct good *g = &goods[i];
		size_t len = strlen(g->text), used;

		for (size_t step = 1; step <= len; step++) {
			int e = feed(g->text, len, step, g->head, &used);

			if (g->ends) {
				assert_int_equal(e, 0);
				e = http_response_end(&r);
			}
			assert_int_equal(e, 1);
			assert_int_equal(used, len - g->rest);
			assert_int_equal(r.status, g->status);
			assert_int_equal(r.close, g->close);
			assert_int_equal(r.body_len, strlen(g->body));
			assert_string_equal(r.body ? (char *)r.body : "", g->body);
			assert_int_equal(http_response_end(&r), 1);
			/* What is whole takes no more. */
			assert_int_equal(http_response_feed(&r, cc_span("x", 1), &used), 1);
			assert_int_equal(used, 0);
			http_response_clear(&r);
			assert_true(http_response_idle(&r));
		}
	}
}

static void test_truncated(void **state)
{
	for (size_t i = 0; i < sizeof(goods) / sizeof(*goods); i++) {
		const struct good *g = &goods[i];

		for (size_t n = 0; n < strlen(g->text) - g->rest; n++) {
			size_t used;
			bool in_body;

			assert_int_equal(feed(g->text, n, n + 1, g->head, &used), 0);
			assert_int_equal(http_response_idle(&r), n == 0);
			in_body = r.state == HTTP_UNTIL_CLOSE;
			assert_int_equal(http_response_end(&r), in_body ? 1 : -EBADMSG);
			assert_true(in_body || r.error);
			http_response_clear(&r);
		}
	}
}

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static void test_bad(void **state)
{
	static const char *const bads[] = {
		"HTTP/2 200 OK\r\n\r\n",
		"HTTP/1.2 200 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"ICY 200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 600 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1 200 O\x01K\r\n\r\n",
		"HTTP/1.1 200 O\xffK\r\n\r\n",
		"\r\n",
		"HTTP/1.1 200 OK\n",
		OK "Content-Length: 5\n",
		OK "a\r\n\r\n",
		OK ": b\r\n\r\n",
		OK "a : b\r\n\r\n",
		OK " folded: x\r\n\r\n",
		OK "a: b\r\n c\r\n\r\n",
		OK "a: \rb\r\n\r\n",
		OK "a: \x7f\r\n\r\n",
		OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
		OK "Content-Length: \r\n\r\n",
		OK "Content-Length: +5\r\n\r\n",
		OK "Content-Length: 5, 5\r\n\r\n",
		OK "Content-Length: -1\r\n\r\n",
		OK "Content-Length: 1000000000000000\r\n\r\n",
		OK "Transfer-Encoding: gzip\r\n\r\n",
		OK "Transfer-Encoding: gzip, chunked\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
		OK "Content-Encoding: gzip\r\n\r\n",
		OK "Location: a\r\nLocation: b\r\n\r\n",
		OK "Replay-Nonce: a\r\nReplay-Nonce: b\r\n\r\n",
		OK "Content-Type: a\r\nContent-Type: b\r\n\r\n",
		OK "Retry-After: 1\r\nRetry-After: 2\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n",
		CHUNKED "\r\n",
		CHUNKED "x\r\n",
		CHUNKED "123456789\r\n",
		CHUNKED "5 x\r\n",
		CHUNKED "5\n",
		CHUNKED "5\rx\r\n",
		CHUNKED "-5\r\n",
		CHUNKED "1\r\n!!\r\n",
		CHUNKED "0\r\nx\r\n\r\n",
		CHUNKED "0\r\n\x01: x\r\n",
		CHUNKED ";x\r\n",
		CHUNKED "\xff\r\n",
	};
	size_t used;

	for (size_t i = 0; i < sizeof(bads) / sizeof(*bads); i++)
		for (size_t step = 1; step < 80; step += 78) {
			if (feed(bads[i], strlen(bads[i]), step, false, &used) != -EBADMSG)
				fail_msg("taken: %s", bads[i]);
			assert_non_null(r.error);
			http_response_clear(&r);
		}
	assert_int_equal(feed(OK "a: \0b\r\n\r\n", strlen(OK) + 10, 1, false, &used), -EBADMSG);
	http_response_clear(&r);
}

/* A text, and @n times another. */
static int feed_many(const char *first, const char *again, size_t n)
{
	size_t used;
	int e;

	http_response_start(&r, false, MAX);
	e = http_response_feed(&r, cc_span(first, strlen(first)), &used);
	for (; e == 0 && n; n--)
		e = http_response_feed(&r, cc_span(again, strlen(again)), &used);
	http_response_clear(&r);
	return e;
}

static void test_limits(void **state)
{
	size_t used;

	assert_int_equal(feed_many(OK, "Set-Cookie: x\r\n", HTTP_HEAD_MAX), -EMSGSIZE);
	assert_int_equal(feed_many("HTTP/1.1 200 ", "x", HTTP_HEAD_MAX), -EMSGSIZE);
	assert_int_equal(feed_many("", "HTTP/1.1 100 Continue\r\n\r\n", HTTP_INTERIM_MAX), 0);
	assert_int_equal(feed_many("", "HTTP/1.1 100 Continue\r\n\r\n", HTTP_INTERIM_MAX + 1),
			 -EBADMSG);
	assert_int_equal(feed_many(CHUNKED, "1\r\n!\r\n", MAX), -EMSGSIZE);
	assert_int_equal(feed_many(CHUNKED "1;", "x", 300), -EMSGSIZE);
	assert_int_equal(feed_many(CHUNKED "0\r\n", "a: b\r\n", HTTP_HEAD_MAX), -EMSGSIZE);
	assert_int_equal(feed_many(OK "\r\n", "0123456789abcdef", MAX / 16), 0);
	assert_int_equal(feed_many(OK "\r\n", "0123456789abcdef", MAX / 16 + 1), -EMSGSIZE);
	assert_int_equal(feed_many(OK "\r\nx", "0123456789abcdef", MAX / 16), -EMSGSIZE);
	assert_int_equal(feed(OK "Content-Length: 4097\r\n\r\n", 41, 9, false, &used), -EMSGSIZE);
	http_response_clear(&r);
	assert_int_equal(feed(OK "Content-Length: 4096\r\n\r\n", 41, 9, false, &used), 0);
	http_response_clear(&r);
	assert_int_equal(feed(CHUNKED "1001\r\n", strlen(CHUNKED) + 6, 9, false, &used), -EMSGSIZE);
	http_response_clear(&r);
	assert_int_equal(feed(CHUNKED "1000\r\n", strlen(CHUNKED) + 6, 9, false, &used), 0);
	http_response_clear(&r);
	{
		char links[2048] = OK;

		for (int i = 0; i <= HTTP_LINKS_MAX; i++)
			strcat(links, "Link: </>;rel=x\r\n");
		strcat(links, "\r\n");
		assert_int_equal(feed(links, strlen(links), 100, false, &used), -EMSGSIZE);
		http_response_clear(&r);
	}
}

static void test_fields(void **state)
{
	const char text[] = "HTTP/1.1 503 No\r\nContent-Type: Application/JSON; "
			    "charset=utf-8\r\nLocation: https://x/\r\n"
			    "Replay-Nonce: abc\r\nRetry-After:  120\t\r\nX-Other: "
			    "y\r\nContent-Length: 0\r\n\r\n";
	size_t used;

	assert_int_equal(feed(text, sizeof(text) - 1, 7, false, &used), 1);
	assert_true(http_response_is(&r, "application/json"));
	assert_false(http_response_is(&r, "application/jso"));
	assert_string_equal(r.location, "https://x/");
	assert_string_equal(r.nonce, "abc");
	assert_string_equal(r.retry_after, "120");
	http_response_clear(&r);
	assert_false(http_response_is(&r, "application/json"));
	assert_null(r.nonce);
}

static void test_links(void **state)
{
	const char text[] = OK
		"Link: <https://a/1>;rel=\"alternate\", <https://a/2> ; title=\"a, b; c\"; "
		"REL=alternate\r\n"
		"Link: <https://a/up>; rel=up\r\nLink: <https://a/3>;rel=\"next  "
		"Alternate\";rel=up\r\n"
		"Link: broken, <https://a/4>;rel=alternate\r\nLink: <https://a/5;rel=alternate\r\n"
		"Link: <https://a/6>;rel=\"alternate\r\nLink: <https://a/7>;rel=\"a\\\"\"\r\n"
		"Link: <https://a/8>;crossorigin;rel=index,\r\nLink: <https://a/9>;rel=alternate "
		"x\r\nContent-Length: 0\r\n\r\n";
	static const char *const alternates[] = { "https://a/1", "https://a/2", "https://a/3" };
	char url[64];
	size_t used;

	assert_int_equal(feed(text, sizeof(text) - 1, 50, false, &used), 1);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(http_response_link(&r, "alternate", i, url, sizeof(url)), 11);
		assert_string_equal(url, alternates[i]);
	}
	assert_int_equal(http_response_link(&r, "alternate", 3, url, sizeof(url)), 0);
	assert_int_equal(http_response_link(&r, "up", 0, url, sizeof(url)), 12);
	assert_int_equal(http_response_link(&r, "up", 1, url, sizeof(url)), 0);
	assert_int_equal(http_response_link(&r, "next", 0, url, sizeof(url)), 11);
	assert_int_equal(http_response_link(&r, "index", 0, url, sizeof(url)), 11);
	assert_int_equal(http_response_link(&r, "next", 0, url, 11), -EMSGSIZE);
	assert_int_equal(http_response_link(&r, "next", 0, url, 12), 11);
	http_response_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),   cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_bad),    cmocka_unit_test(test_limits),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
