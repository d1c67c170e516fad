/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When to ask for a staple again. Pure: times in seconds since 1970 in, a time out. */
#ifndef LIBCAPCERT_STAPLE_PLAN_H
#define LIBCAPCERT_STAPLE_PLAN_H

#include <stdint.h>

#define STAPLE_RETRY_MOST 86400 /* of Retry-After, seconds: an expired staple helps nobody */

struct staple_limits {
	uint32_t min_wait, max_wait; /* seconds, min_wait <= max_wait, both above 0 */
};

/** staple_after_answer() - a response about [@this_update, @until] is there at @now. From half of that
 *  time on, an eighth of the rest as jitter; when that is past (responders make responses in advance
 *  and give the same one for days), a quarter of what is left. */
int64_t staple_after_answer(const struct staple_limits *limits, int64_t this_update, int64_t until,
			    int64_t now, uint32_t random);

/** staple_after_failure() - number @failures (from 1) in a row happened at @now: min_wait, doubled
 *  each time, up to max_wait, up to a quarter more as jitter; not before @retry_after has passed. */
int64_t staple_after_failure(const struct staple_limits *limits, uint32_t failures, int64_t now,
			     int64_t retry_after, uint32_t random);

#endif
