// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Fetching from a server on loopback that behaves, and from ones that do not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "helpers/statusd/fetch.h"
#include "tests/unit/http_server.h"

#define PATIENCE_MS 120000 /* whatever is waited for comes long before that */

/* ---- one fetch ---- */

struct got {
	int calls;
	struct fetch_answer answer;
};

static void done(void *ctx, struct fetch_answer *answer)
{
	struct got *got = ctx;

	got->calls++;
	got->answer = *answer;
	answer->data = NULL;
}

static struct address_range loopback;

static struct fetcher *allowed_fetcher(void)
{
	struct fetch_rules rules = { .ranges = &loopback,
				     .range_count = 1,
				     .any_port = true,
				     .per_host = 2,
				     .at_once = 8,
				     .connect_ms = PATIENCE_MS };
	struct fetcher *f;

	assert_int_equal(address_range_parse("127.0.0.0/8", &loopback), 0);
	f = fetcher_new(&rules);
	assert_non_null(f);
	return f;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void step(struct fetcher *f, int64_t started)
{
	assert_return_code(fetcher_step(f, -1, 20), 0);
	assert_true(now_ms() - started < PATIENCE_MS);
}

static void wait_for(struct fetcher *f)
{
	int64_t started = now_ms();

	while (fetcher_count(f) > 0)
		step(f, started);
}

static struct got fetch(struct fetcher *f, const char *path, struct fetch_request request)
{
	struct got got = { 0 };
	char url[128];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", server.port, path);
	request.url = url;
	if (!request.max_bytes)
		request.max_bytes = 100000;
	if (!request.timeout_ms)
		request.timeout_ms = PATIENCE_MS;
	assert_int_equal(fetcher_start(f, &request, done, &got), 0);
	wait_for(f);
	assert_int_equal(got.calls, 1);
	return got;
}

/* Too slow in the shortest time that is enough for this machine to ask at all. */
static struct got fetch_hurried(struct fetcher *f, const char *path)
{
	struct got got;

	for (uint32_t ms = 400;; ms *= 4) {
		got = fetch(f, path, (struct fetch_request){ .timeout_ms = ms });
		if (got.answer.end != FETCH_QUEUE || ms > PATIENCE_MS / 4)
			return got;
	}
}

static void want(struct got got, enum fetch_end end, const char *data)
{
	assert_int_equal(got.answer.end, end);
	assert_int_equal(got.answer.len, data ? strlen(data) : 0);
	if (data)
		assert_memory_equal(got.answer.data, data, strlen(data));
	free(got.answer.data);
}

static void test_ends(void **state)
{
	struct fetcher *f = allowed_fetcher();
	struct fetch_request plain = { 0 }, tag = { .etag = "\"one\"" };
	struct fetch_request post = {
		.body = "question", .body_len = 8, .content_type = "a/b", .accept = "c/d"
	};
	struct fetch_request date = { .modified = DATE };
	struct got got;

	got = fetch(f, "/dated", plain);
	assert_string_equal(got.answer.modified, DATE);
	want(got, FETCH_OK, "hello");
	want(fetch(f, "/dated", date), FETCH_UNCHANGED, NULL);
	got = fetch(f, "/ok", plain);
	assert_string_equal(got.answer.etag, "\"one\"");
	want(got, FETCH_OK, "hello");
	want(fetch(f, "/tagged", plain), FETCH_OK, "new");
	want(fetch(f, "/tagged", tag), FETCH_UNCHANGED, NULL);
	want(fetch(f, "/echo", post), FETCH_OK, "answer");
	got = fetch(f, "/busy", plain);
	assert_int_equal(got.answer.status, 503);
	assert_int_equal(got.answer.retry_after, 17);
	want(got, FETCH_STATUS, NULL);
	got = fetch(f, "/moved", plain); /* not followed */
	assert_int_equal(got.answer.status, 302);
	want(got, FETCH_STATUS, NULL);
	want(fetch(f, "/nothing", plain), FETCH_STATUS, NULL);
	want(fetch(f, "/bomb", plain), FETCH_OK, "abc"); /* nothing is unpacked */
	want(fetch(f, "/cut", plain), FETCH_UNREACHABLE, NULL);
	want(fetch(f, "/garbage", plain), FETCH_UNREACHABLE, NULL);
	fetcher_free(f);
}

static void test_limits(void **state)
{
	struct fetcher *f = allowed_fetcher();
	struct fetch_request five = { .max_bytes = 5 }, four = { .max_bytes = 4 };
	struct fetch_request plain = { 0 };

	want(fetch(f, "/ok", five), FETCH_OK, "hello");
	want(fetch(f, "/ok", four), FETCH_TOO_LARGE, NULL);
	want(fetch(f, "/announced", plain), FETCH_TOO_LARGE, NULL);
	want(fetch(f, "/endless", plain), FETCH_TOO_LARGE, NULL);
	want(fetch_hurried(f, "/hang"), FETCH_TIMEOUT, NULL);
	want(fetch_hurried(f, "/trickle"), FETCH_TIMEOUT, NULL);
	fetcher_free(f);
}

static void test_per_host(void **state)
{
	struct fetcher *f = allowed_fetcher();
	struct got got[6] = { 0 };
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/slow", server.port);
	for (int i = 0; i < MOST_WAITS && atomic_load(&server.open) > 0; i++)
		pause_ms(20);
	assert_int_equal(atomic_load(&server.open), 0);
	atomic_store(&server.most, 0);
	for (int i = 0; i < 6; i++) {
		struct fetch_request request = { .url = url,
						 .max_bytes = 100,
						 .timeout_ms = PATIENCE_MS };

		assert_int_equal(fetcher_start(f, &request, done, &got[i]), 0);
	}
	assert_int_equal(fetcher_count(f), 6);
	wait_for(f);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(got[i].calls, 1);
		want(got[i], FETCH_OK, "ok");
	}
	assert_in_range(atomic_load(&server.most), 1, 2);
	fetcher_free(f);
}

static void start_one(struct fetcher *f, const char *path, uint32_t timeout_ms, struct got *got)
{
	char url[64];
	struct fetch_request request = { .url = url,
					 .max_bytes = 100000,
					 .timeout_ms = timeout_ms };

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", server.port, path);
	assert_int_equal(fetcher_start(f, &request, done, got), 0);
}

/* Who has not had his turn in time, or late, was not refused by the host. */
static void test_queue(void **state)
{
	struct fetcher *f = allowed_fetcher();
	struct got got[4] = { 0 };
	int before = atomic_load(&server.hanging);
	int64_t started = now_ms();

	start_one(f, "/hang", PATIENCE_MS, &got[0]);
	start_one(f, "/hang", PATIENCE_MS, &got[1]);
	while (atomic_load(&server.hanging) < before + 2)
		step(f, started);
	start_one(f, "/trickle", 300, &got[2]);
	while (!got[2].calls)
		step(f, started);
	want(got[2], FETCH_QUEUE, NULL);
	started = now_ms();
	start_one(f, "/trickle", 1500, &got[3]);
	while (now_ms() - started < 800)
		step(f, started);
	atomic_store(&server.let_go, true);
	wait_for(f);
	want(got[3], FETCH_QUEUE, NULL);
	for (int i = 0; i < 2; i++) /* nothing came for seconds, should this machine have slept */
		assert_true(got[i].answer.end == FETCH_UNREACHABLE ||
			    got[i].answer.end == FETCH_TIMEOUT);
	atomic_store(&server.let_go, false);
	fetcher_free(f);
}

/* Nothing is connected to: neither by number, nor by a name, nor in the disguises that a URL has. */
static void test_forbidden(void **state)
{
	struct fetch_rules rules = {
		.any_port = true, .per_host = 2, .at_once = 8, .connect_ms = PATIENCE_MS
	};
	static const char *const hosts[] = { "127.0.0.1", "localhost",	     "2130706433",
					     "0x7f.1",	  "[::ffff:7f00:1]", "127.1" };
	struct fetcher *f = fetcher_new(&rules);
	int before = atomic_load(&server.connections);

	assert_non_null(f);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct fetch_request request = { .max_bytes = 100, .timeout_ms = PATIENCE_MS };
		struct got got = { 0 };
		char url[64];

		snprintf(url, sizeof(url), "http://%s:%u/ok", hosts[i], server.port);
		request.url = url;
		assert_int_equal(fetcher_start(f, &request, done, &got), 0);
		wait_for(f);
		if (got.answer.end != FETCH_FORBIDDEN)
			fail_msg("%s: %s", url, fetch_end_text(got.answer.end));
	}
	assert_int_equal(atomic_load(&server.connections), before);
	fetcher_free(f);
}

static void test_urls(void **state)
{
	static const char *const bad[] = {
		"",
		"ldap://directory.example/cn=CA",
		"file:///etc/passwd",
		"ftp://example.org/ca.crl",
		"gopher://example.org:70/x",
		"http://",
		"http:///ca.crl",
		"http://user:password@example.org/",
		"http://example.org:22/",
		"http://example.org:8080/",
		"http://example.org/a b",
		"http://example.org/\r\nHost: x",
		"http://example.org/\x7f",
		"http://ex\xc3\xa4mple.org/",
		"example.org/ca.crl",
		"//example.org/ca.crl",
	};
	struct fetch_rules rules = { .per_host = 2, .at_once = 8, .connect_ms = PATIENCE_MS };
	struct fetch_request request = { .max_bytes = 100, .timeout_ms = 1000 };
	struct fetcher *f = fetcher_new(&rules);
	struct got got = { 0 };
	char *far;

	assert_non_null(f);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		request.url = bad[i];
		if (fetcher_start(f, &request, done, &got) != -EINVAL)
			fail_msg("%s", bad[i]);
	}
	far = malloc(FETCH_URL_MAX + 100);
	assert_non_null(far);
	memset(far, 'a', FETCH_URL_MAX + 99);
	memcpy(far, "http://example.org/", 19);
	far[FETCH_URL_MAX + 1] = '\0';
	request.url = far;
	assert_int_equal(fetcher_start(f, &request, done, &got), -EINVAL);
	free(far);
	assert_int_equal(got.calls, 0);
	assert_int_equal(fetcher_count(f), 0);
	fetcher_free(f);
}

/* What is under way when the fetcher goes is given up in silence. */
static void test_given_up(void **state)
{
	struct fetcher *f = allowed_fetcher();
	int before = atomic_load(&server.hanging);
	int64_t started = now_ms();
	struct got got = { 0 };

	start_one(f, "/hang", PATIENCE_MS, &got);
	while (atomic_load(&server.hanging) == before)
		step(f, started);
	fetcher_free(f);
	assert_int_equal(got.calls, 0);
}

static void test_other_fd(void **state)
{
	struct fetcher *f = allowed_fetcher();
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fetcher_step(f, fds[0], 10), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(fetcher_step(f, fds[0], PATIENCE_MS), 1);
	close(fds[0]);
	close(fds[1]);
	fetcher_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),	  cmocka_unit_test(test_limits),
		cmocka_unit_test(test_per_host),  cmocka_unit_test(test_queue),
		cmocka_unit_test(test_forbidden), cmocka_unit_test(test_urls),
		cmocka_unit_test(test_given_up),  cmocka_unit_test(test_other_fd),
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
