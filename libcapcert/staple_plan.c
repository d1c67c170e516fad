// SPDX-License-Identifier: LGPL-2.1-or-later
/* When to ask for a staple again. */
#include "libcapcert/staple_plan.h"

/* 0 to @span, both included; spans beyond 136 years are of no matter. */
static int64_t jitter(int64_t span, uint32_t random)
{
	return span > 0 ? (int64_t)(random % ((uint64_t)span + 1)) : 0;
}

int64_t staple_after_answer(const struct staple_limits *limits, int64_t this_update, int64_t until,
			    int64_t now, uint32_t random)
{
	int64_t half = this_update + (until - this_update) / 2, wait;

	if (now < half) {
		wait = half - now + jitter((until - half) / 8, random);
	} else {
		wait = (until - now) / 4;
		wait += jitter(wait / 8, random);
	}
	if (wait < limits->min_wait)
		wait = limits->min_wait + jitter(limits->min_wait / 8, random);
	return now + wait;
}

int64_t staple_after_failure(const struct staple_limits *limits, uint32_t failures, int64_t now,
			     int64_t retry_after, uint32_t random)
{
	int64_t wait = limits->min_wait;

	while (--failures && wait < limits->max_wait)
		wait *= 2;
	if (wait > limits->max_wait)
		wait = limits->max_wait;
	wait += jitter(wait / 4, random);
	if (retry_after > STAPLE_RETRY_MOST)
		retry_after = STAPLE_RETRY_MOST;
	return now + (wait > retry_after ? wait : retry_after);
}
