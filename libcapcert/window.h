/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time of a verdict, and the widest interval around it in which the verdict stays the same. */
#ifndef LIBCAPCERT_WINDOW_H
#define LIBCAPCERT_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* Every comparison of the time with a boundary goes through the two functions below, so that
 * [lo, hi] is exactly the set of times for which each of them gives the answer it gave. */
struct window {
	int64_t time;
	int64_t lo;
	int64_t hi;
};

static inline struct window window_at(int64_t time)
{
	struct window w = { time, INT64_MIN, INT64_MAX };

	return w;
}

/** window_since() - is the time @bound or later? */
static inline bool window_since(struct window *w, int64_t bound)
{
	if (w->time >= bound) {
		if (w->lo < bound)
			w->lo = bound;
		return true;
	}
	if (w->hi > bound - 1)
		w->hi = bound - 1;
	return false;
}

/** window_until() - is the time @bound or earlier? */
static inline bool window_until(struct window *w, int64_t bound)
{
	return !window_since(w, bound + 1);
}

#endif
