// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* When capcert-acmed renews: tables of moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "helpers/acmed/schedule.h"

#define HOUR 3600
#define DAY 86400
#define T0 1800000000 /* in 2027 */

static const struct {
	const char *what;
	struct schedule_facts f;
	enum schedule_why why;
	int64_t least, most; /* of the moment, after T0 */
} plans[] = {
	{ "no certificate: at once", { .have = false }, SCHEDULE_NONE, -T0, -T0 },
	{ "other names: at once",
	  { .have = true, .changed = true, .not_before = T0, .not_after = T0 + 90 * DAY - 1 },
	  SCHEDULE_CHANGED,
	  -T0,
	  -T0 },
	{ "other names although the CA's window is far away",
	  { .have = true,
	    .changed = true,
	    .not_before = T0,
	    .not_after = T0 + 90 * DAY - 1,
	    .ari = true,
	    .ari_start = T0 + 50 * DAY,
	    .ari_end = T0 + 52 * DAY },
	  SCHEDULE_CHANGED,
	  -T0,
	  -T0 },
	{ "90 days: from 60 on, and up to 90/24 before",
	  { .have = true, .not_before = T0, .not_after = T0 + 90 * DAY - 1 },
	  SCHEDULE_AGE,
	  60 * DAY - 90 * DAY / 24,
	  60 * DAY },
	{ "6 days: half",
	  { .have = true, .not_before = T0, .not_after = T0 + 6 * DAY - 1 },
	  SCHEDULE_AGE,
	  3 * DAY - 6 * DAY / 24,
	  3 * DAY },
	{ "10 days are not under 10 days",
	  { .have = true, .not_before = T0, .not_after = T0 + 10 * DAY - 1 },
	  SCHEDULE_AGE,
	  10 * DAY - 10 * DAY / 3 - 10 * DAY / 24,
	  10 * DAY - 10 * DAY / 3 },
	{ "the window",
	  { .have = true,
	    .not_before = T0,
	    .not_after = T0 + 90 * DAY - 1,
	    .ari = true,
	    .ari_start = T0 + 50 * DAY,
	    .ari_end = T0 + 52 * DAY },
	  SCHEDULE_WINDOW,
	  50 * DAY,
	  52 * DAY },
	{ "a window that is over: a moment in the past, due at once",
	  { .have = true,
	    .not_before = T0,
	    .not_after = T0 + 90 * DAY - 1,
	    .ari = true,
	    .ari_start = T0 - 2 * DAY,
	    .ari_end = T0 - DAY },
	  SCHEDULE_WINDOW,
	  -2 * DAY,
	  -DAY },
	{ "a window later than by age is honoured",
	  { .have = true,
	    .not_before = T0,
	    .not_after = T0 + 90 * DAY - 1,
	    .ari = true,
	    .ari_start = T0 + 70 * DAY,
	    .ari_end = T0 + 71 * DAY },
	  SCHEDULE_WINDOW,
	  70 * DAY,
	  71 * DAY },
	{ "but not one after the end",
	  { .have = true,
	    .not_before = T0,
	    .not_after = T0 + 80 * DAY - 1,
	    .ari = true,
	    .ari_start = T0 + 100 * DAY,
	    .ari_end = T0 + 101 * DAY },
	  SCHEDULE_AGE,
	  70 * DAY - HOUR,
	  70 * DAY },
	{ "a window that is upside down: its start",
	  { .have = true,
	    .not_before = T0,
	    .not_after = T0 + 90 * DAY - 1,
	    .ari = true,
	    .ari_start = T0 + 50 * DAY,
	    .ari_end = T0 + 40 * DAY },
	  SCHEDULE_WINDOW,
	  50 * DAY,
	  50 * DAY },
	{ "one failure: a minute",
	  { .have = false, .failures = 1, .failed_at = T0 },
	  SCHEDULE_NONE,
	  60,
	  66 },
	{ "two", { .have = false, .failures = 2, .failed_at = T0 }, SCHEDULE_NONE, 600, 660 },
	{ "three", { .have = false, .failures = 3, .failed_at = T0 }, SCHEDULE_NONE, 6000, 6600 },
	{ "four",
	  { .have = false, .failures = 4, .failed_at = T0 },
	  SCHEDULE_NONE,
	  DAY,
	  DAY + DAY / 10 },
	{ "very many",
	  { .have = false, .failures = UINT32_MAX, .failed_at = T0 },
	  SCHEDULE_NONE,
	  DAY,
	  DAY + DAY / 10 },
	{ "a failure long ago holds up nothing",
	  { .have = true,
	    .not_before = T0,
	    .not_after = T0 + 90 * DAY - 1,
	    .failures = 1,
	    .failed_at = T0 },
	  SCHEDULE_AGE,
	  60 * DAY - 90 * DAY / 24,
	  60 * DAY },
	{ "Retry-After holds up",
	  { .have = false, .not_until = T0 + HOUR, .failures = 1, .failed_at = T0 },
	  SCHEDULE_NONE,
	  HOUR,
	  HOUR },
	{ "a certificate that ends before it begins: due",
	  { .have = true, .not_before = T0 + DAY, .not_after = T0 },
	  SCHEDULE_AGE,
	  0,
	  1 },
	{ "times beyond all bounds",
	  { .have = true, .not_before = INT64_MIN, .not_after = INT64_MAX },
	  SCHEDULE_AGE,
	  0,
	  INT64_MAX },
	{ "and of windows",
	  { .have = true,
	    .not_before = T0,
	    .not_after = T0 + 90 * DAY - 1,
	    .ari = true,
	    .ari_start = INT64_MIN,
	    .ari_end = INT64_MAX },
	  SCHEDULE_WINDOW,
	  -T0,
	  90 * DAY },
};

static const uint32_t seeds[] = { 0, 1, 77, 0x7fffffff, 0x80000000, 0xdeadbeef, UINT32_MAX };
#define SEEDS (sizeof(seeds) / sizeof(seeds[0]))

static void moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		for (size_t k = 0; k < SEEDS; k++) {
			struct schedule_facts f = plans[i].f;
			struct schedule_plan p, again;

			f.seed = seeds[k];
			p = schedule_renewal(&f);
			again = schedule_renewal(&f);
			/* A huge window may well lie behind the last eighth. */
			if (p.why != plans[i].why &&
			    !(f.ari_end == INT64_MAX && p.why == SCHEDULE_AGE))
				fail_msg("%s: %s", plans[i].what, schedule_why_name(p.why));
			if (p.at - T0 < plans[i].least || p.at - T0 > plans[i].most)
				fail_msg("%s: %lld s after T0", plans[i].what,
					 (long long)p.at - T0);
			assert_int_equal(p.at, again.at);
		}
	}
}

/* 1,000 certificates of one second: no hour has more than a few of their renewals. */
static void a_crowd_is_spread(void **state)
{
	unsigned int hours[91] = { 0 }, most = 0;
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t at;

		seed = seed * 1664525u + 1013904223u;
		at = schedule_age(T0, T0 + 90 * DAY - 1, seed);
		assert_in_range(at, T0 + 60 * DAY - 90 * HOUR, T0 + 60 * DAY);
		hours[(at - (T0 + 60 * DAY - 90 * HOUR)) / HOUR]++;
	}
	for (int i = 0; i < 91; i++)
		most = hours[i] > most ? hours[i] : most;
	assert_in_range(most, 1, 40);
}

static void windows_are_used_evenly(void **state)
{
	unsigned int parts[4] = { 0 };
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		seed = seed * 1664525u + 1013904223u;
		parts[(schedule_window(T0, T0 + 4 * DAY, seed) - T0) / DAY]++;
	}
	for (int i = 0; i < 4; i++)
		assert_in_range(parts[i], 800, 1200);
}

static void asking_for_the_window(void **state)
{
	(void)state;
	for (size_t k = 0; k < SEEDS; k++) {
		uint32_t s = seeds[k];

		assert_in_range(schedule_ari_next(T0, 0, s), T0 + 5 * HOUR, T0 + 6 * HOUR);
		assert_in_range(schedule_ari_next(T0, -5, s), T0 + 5 * HOUR, T0 + 6 * HOUR);
		assert_in_range(schedule_ari_next(T0, INT64_MAX, s), T0 + 5 * HOUR, T0 + 6 * HOUR);
		assert_in_range(schedule_ari_next(T0, 1, s), T0 + 54, T0 + 60);
		assert_in_range(schedule_ari_next(T0, HOUR, s), T0 + 3240, T0 + HOUR);
		/* Twice a day at least, however much was slept through: the moment is absolute. */
		assert_true(schedule_ari_next(T0, 0, s) - T0 <= DAY / 2);
	}
}

static void clocks(void **state)
{
	(void)state;
	assert_true(schedule_clock_ok(T0, true, 0, 0));
	assert_false(schedule_clock_ok(T0, false, 0, 0));
	assert_false(schedule_clock_ok(T0, false, SCHEDULE_CLOCK_WAIT - 1, 0));
	assert_true(schedule_clock_ok(T0, false, SCHEDULE_CLOCK_WAIT, 0));
	/* Before the latest moment that is written down it is wrong. */
	assert_false(schedule_clock_ok(T0, true, DAY, T0 + 1));
	assert_true(schedule_clock_ok(T0, true, 0, T0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments),
		cmocka_unit_test(a_crowd_is_spread),
		cmocka_unit_test(windows_are_used_evenly),
		cmocka_unit_test(asking_for_the_window),
		cmocka_unit_test(clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
