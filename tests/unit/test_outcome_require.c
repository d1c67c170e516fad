// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a back end demands of an outcome: each field alone makes the difference. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>
#include "libcapcert/outcome.h"

#define NOW 1000000

static const uint8_t policy[32] = { 1 }, store[32] = { 2 }, leaf[32] = { 3 }, other[32] = { 4 };

struct given {
	struct capcert_outcome o;
	struct capcert_expect e;
	int superseded;
	int64_t now;
};

static struct given good(void)
{
	struct given g = {
		.o = { .size = sizeof(g.o),
		       .valid = 1,
		       .reason = CAPCERT_REASON_NONE,
		       .purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH,
		       .name_type = CAPCERT_NAME_DNS,
		       .name_len = 15,
		       .time_source = CAPCERT_TIME_NOW,
		       .store_origin = CAPCERT_ORIGIN_SYSTEM,
		       .time = NOW - 10,
		       .valid_from = NOW - 100,
		       .valid_until = NOW + 100,
		       .preset = "webpki-strict",
		       .name = "www.example.org" },
		.e = { .policy_digest = policy,
		       .store_digest = store,
		       .leaf = leaf,
		       .preset = "webpki-strict",
		       .name = "www.example.org",
		       .purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH,
		       .min_origin = CAPCERT_ORIGIN_SYSTEM,
		       .max_age = 10 },
		.now = NOW,
	};

	memcpy(g.o.policy_digest, policy, 32);
	memcpy(g.o.store_digest, store, 32);
	memcpy(g.o.leaf, leaf, 32);
	return g;
}

static int check(const struct given *g)
{
	return outcome_check(&g->o, g->superseded, &g->e, g->now);
}

/* CASE(change, result): the good outcome with one thing changed. */
#define CASE(change, result)                         \
	do {                                         \
		struct given g = good();             \
                                                     \
		assert_int_equal(check(&g), 0);      \
		change;                              \
		assert_int_equal(check(&g), result); \
	} while (0)

static void test_invalid(void **state)
{
	CASE(g.o.valid = 0, -EBADMSG);
	CASE(g.o.valid = 2, -EBADMSG);
	CASE(g.o.reason = CAPCERT_REASON_EXPIRED, -EBADMSG);
	CASE((g.o.valid = 0, g.superseded = 1, g.o.purpose = 9), -EBADMSG);
}

static void test_another_kind(void **state)
{
	CASE(g.e.policy_digest = other, -EKEYREJECTED);
	CASE(g.e.store_digest = other, -EKEYREJECTED);
	CASE(g.e.leaf = other, -EKEYREJECTED);
	CASE(g.e.purpose = CAPCERT_PURPOSE_TLS_CLIENT_AUTH, -EKEYREJECTED);
	CASE(g.e.preset = "webpki-lenient", -EKEYREJECTED);
	CASE(g.e.preset = "webpki", -EKEYREJECTED);
	CASE(g.e.preset = "", -EKEYREJECTED);
	CASE(memset(g.o.preset, 'x', sizeof(g.o.preset)), -EKEYREJECTED);
	CASE(g.o.store_origin = CAPCERT_ORIGIN_DEV, -EKEYREJECTED);
	CASE(g.o.store_origin = CAPCERT_ORIGIN_USER, -EKEYREJECTED);
	CASE(g.o.store_origin = 0, -EKEYREJECTED);
	CASE(g.o.time_source = CAPCERT_TIME_CALLER, -EKEYREJECTED);
	CASE((g.e.leaf = other, g.superseded = 1), -EKEYREJECTED);
}

static void test_names(void **state)
{
	CASE(g.e.name = "example.org", -EKEYREJECTED);
	CASE(g.e.name = "www.example.org.uk", -EKEYREJECTED);
	CASE(g.e.name = "www.example.or", -EKEYREJECTED);
	CASE(g.e.name = "192.0.2.1", -EKEYREJECTED);
	CASE(g.e.name = "a@www.example.org", -EKEYREJECTED);
	CASE(g.o.name_type = CAPCERT_NAME_NONE, -EKEYREJECTED);
	CASE(g.o.name_type = CAPCERT_NAME_EMAIL, -EKEYREJECTED);
	CASE(g.e.name = "", -EINVAL);
	CASE(g.e.name = "no host name!", -EINVAL);
	CASE(g.e.name = "WWW.Example.ORG.", 0);
	CASE((g.e.name = "192.0.2.1", g.o.name_type = CAPCERT_NAME_IP, g.o.name_len = 4,
	      memcpy(g.o.name, "\xc0\x00\x02\x01", 4)),
	     0);
}

static void test_stale(void **state)
{
	CASE(g.superseded = 1, -ESTALE);
	CASE(g.now = NOW + 1, -ESTALE);			       /* older than max_age */
	CASE((g.e.max_age = 0, g.now = NOW + 101), -ESTALE);   /* interval over */
	CASE((g.e.max_age = 0, g.now = NOW - 101), -ESTALE);   /* not begun */
	CASE((g.e.max_age = 1000, g.now = NOW - 11), -ESTALE); /* made in the future */
	CASE((g.e.max_age = 0, g.now = NOW + 100), 0);
	CASE((g.e.max_age = 0, g.now = NOW - 100), 0);
	CASE((g.superseded = 1, g.e.allow_superseded = 1), 0);
	CASE(g.e.max_age = -1, -EINVAL);
}

static void test_not_compared(void **state)
{
	CASE((g.e.policy_digest = NULL, memcpy(g.o.policy_digest, other, 32)), 0);
	CASE((g.e.store_digest = NULL, memcpy(g.o.store_digest, other, 32)), 0);
	CASE((g.e.leaf = NULL, memcpy(g.o.leaf, other, 32)), 0);
	CASE((g.e.preset = NULL, g.o.preset[0] = 0), 0);
	CASE((g.e.name = NULL, g.o.name_type = CAPCERT_NAME_NONE), 0);
	CASE((g.e.min_origin = 0, g.o.store_origin = CAPCERT_ORIGIN_USER), 0);
	CASE((g.e.min_origin = CAPCERT_ORIGIN_DEV, g.o.store_origin = CAPCERT_ORIGIN_DEV), 0);
	CASE((g.e.min_origin = CAPCERT_ORIGIN_USER), 0);
}

/* A verdict about another time: now says nothing about it, and nobody knows when it was made. */
static void test_callers_time(void **state)
{
	struct given g = good();

	g.o.time_source = CAPCERT_TIME_CALLER;
	g.e.allow_caller_time = 1;
	assert_int_equal(check(&g), -ESTALE);
	g.e.max_age = 0;
	assert_int_equal(check(&g), 0);
	g.now = NOW + 100000;
	assert_int_equal(check(&g), 0);
	g.o.time = g.o.valid_until + 1;
	assert_int_equal(check(&g), -ESTALE);
}

/* Nothing but the kernel's own files is even asked. */
static void test_impostors(void **state)
{
	const struct capcert_expect any = { 0 };
	int fds[] = { open("/dev/null", O_RDWR), open("/proc/self/exe", O_RDONLY), eventfd(0, 0) };

	for (size_t i = 0; i < 3; i++) {
		assert_true(fds[i] >= 0);
		assert_int_equal(capcert_outcome_require(fds[i], &any), -EBADFD);
		close(fds[i]);
		assert_int_equal(capcert_outcome_require(fds[i], &any), -EBADF);
	}
	assert_int_equal(capcert_outcome_require(-1, &any), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invalid),	     cmocka_unit_test(test_another_kind),
		cmocka_unit_test(test_names),	     cmocka_unit_test(test_stale),
		cmocka_unit_test(test_not_compared), cmocka_unit_test(test_callers_time),
		cmocka_unit_test(test_impostors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
