// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a solver remembers of servers of the DNS that did not answer. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "helpers/acmed/dns_client.h"

/* ---- servers of the loopback, in a thread ---- */

enum manner {
	SILENT,
	FAILING,
	READY,
	MANNERS
}; /* no answer; an error; authoritative, with one TXT record "v" */

struct fake {
	int fd;
	struct dns_server at;
	atomic_int questions;
};

static struct fake fakes[MANNERS];
static int ended[2];
static pthread_t thread;

static void answer(enum manner manner)
{
	static const uint8_t text_head[10] = "\x84\0\0\1\0\1\0\0\0", error_head[10] = "\x80\2\0\1";
	static const uint8_t text[] = { 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, 'v' };
	uint8_t m[DNS_MESSAGE], *p = m + 12;
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	struct fake *f = &fakes[manner];
	ssize_t len = recvfrom(f->fd, m, sizeof(m) - sizeof(text), 0, (struct sockaddr *)&from,
			       &from_len);

	if (len < 17)
		return;
	atomic_fetch_add(&f->questions, 1);
	if (manner == SILENT)
		return;
	/* The question comes back as it is, without what stood behind it. */
	while (*p)
		p += 1 + *p;
	p += 5;
	memcpy(m + 2, manner == READY ? text_head : error_head, 10);
	if (manner == READY) {
		memcpy(p, text, sizeof(text));
		p += sizeof(text);
	}
	sendto(f->fd, m, (size_t)(p - m), 0, (struct sockaddr *)&from, from_len);
}

static void *serve(void *arg)
{
	struct pollfd fds[MANNERS + 1] = { [MANNERS] = { .fd = ended[0], .events = POLLIN } };

	(void)arg;
	for (size_t i = 0; i < MANNERS; i++)
		fds[i] = (struct pollfd){ .fd = fakes[i].fd, .events = POLLIN };
	while (poll(fds, MANNERS + 1, -1) > 0 && !fds[MANNERS].revents)
		for (size_t i = 0; i < MANNERS; i++)
			if (fds[i].revents)
				answer((enum manner)i);
	return NULL;
}

static int bound(struct dns_server *ret)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[DNS_SERVER_TEXT];

	assert_true(dns_server_parse("127.0.0.1", ret));
	ret->address.v4.sin_port = 0;
	assert_int_equal(bind(fd, &ret->address.any, ret->len), 0);
	assert_int_equal(getsockname(fd, &ret->address.any, &ret->len), 0);
	snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(ret->address.v4.sin_port));
	assert_true(dns_server_parse(text, ret));
	return fd;
}

static int start(void **state)
{
	assert_int_equal(pipe(ended), 0);
	for (size_t i = 0; i < MANNERS; i++) {
		fakes[i].fd = bound(&fakes[i].at);
		atomic_store(&fakes[i].questions, 0);
	}
	return pthread_create(&thread, NULL, serve, NULL);
}

static int stop(void **state)
{
	close(ended[1]);
	pthread_join(thread, NULL);
	close(ended[0]);
	for (size_t i = 0; i < MANNERS; i++)
		close(fakes[i].fd);
	return 0;
}

static int asked(enum manner manner)
{
	return atomic_load(&fakes[manner].questions);
}

/* ---- tests ---- */

static char zone[] = "example.org", address[DNS_SERVER_TEXT];

static bool is_v(const char *text, const void *ctx)
{
	return strcmp(text, "v") == 0;
}

/* A dead resolver is met once, not with each question. */
static void who_answered_comes_first(void **state)
{
	struct conf_solver conf = { .challenge = CONF_DNS_01, .resolver = address };
	struct dns_name at;
	struct dns_client *c;

	strcpy(address, fakes[FAILING].at.text);
	assert_int_equal(dns_client_open(&conf, &c), 0);
	c->resolvers[c->resolver_count++] = fakes[READY].at;
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(dns_client_target(c, "_acme-challenge.example.org", &at), 0);
		assert_int_equal(asked(FAILING), 1);
		assert_int_equal(asked(READY), i);
	}
	/* The one that was passed over is still there for when the other fails. */
	c->resolvers[0] = fakes[FAILING].at;
	c->resolvers[1] = fakes[READY].at;
	assert_int_equal(dns_client_target(c, "_acme-challenge.example.org", &at), 0);
	assert_int_equal(asked(FAILING), 2);
	dns_client_free(c);
}

static int64_t ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* An address that was silent gets one datagram, and none of our time if another of the same server answers. */
static void silent_ones_get_less_patience(void **state)
{
	struct conf_solver conf = { .challenge = CONF_DNS_01, .zone = zone, .check = address };
	struct dns_name target;
	struct dns_server nobody;
	struct dns_client *c;
	int64_t best = INT64_MAX;

	close(bound(&nobody));
	strcpy(address, nobody.text);
	assert_true(dns_name_parse("_acme-challenge.example.org", &target));
	assert_int_equal(dns_client_open(&conf, &c), 0);
	assert_int_equal(dns_client_has(c, &target, is_v, NULL), 0);
	assert_non_null(strstr(c->error, "no name server listens there"));

	c->hosts[0].servers[0] = fakes[SILENT].at;
	assert_int_equal(dns_client_has(c, &target, is_v, NULL), 0);
	assert_non_null(strstr(c->error, "it does not answer"));
	assert_int_equal(asked(SILENT), 1);

	c->hosts[0].servers[c->hosts[0].count++] = fakes[READY].at;
	for (int i = 1; i <= 3; i++) {
		int64_t began = ms();

		assert_int_equal(dns_client_has(c, &target, is_v, NULL), 1);
		assert_int_equal(asked(READY), i);
		if (ms() - began < best)
			best = ms() - began;
	}
	/* A second is what one datagram's answer is waited for; one of three times the machine was not too busy. */
	assert_true(best < 1000);
	dns_client_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_answered_comes_first, start, stop),
		cmocka_unit_test_setup_teardown(silent_ones_get_less_patience, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
