/* SPDX-License-Identifier: GPL-2.0-only */
/* How long something that failed is left alone. */
#ifndef HELPERS_STATUSD_PAUSE_H
#define HELPERS_STATUSD_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

#define PAUSE_FIRST 10	   /* seconds after the first failure; then three times as long each time */
#define PAUSE_LONGEST 600
#define PAUSE_BELIEVED 3600 /* of what a server asks for */

struct pause {
	uint32_t failures; /* in a row */
	int64_t from;	   /* seconds since 1970 */
	int64_t until;	   /* not before this one */
};

/** pause_on() - is it on at @now? A clock that was set back ends it: it would last too long. */
static inline bool pause_on(const struct pause *p, int64_t now)
{
	return p->from <= now && now < p->until;
}

/** pause_begin() - after one more failure. @wanted: seconds that a server asked for, at most @most of
 *  them are believed; -1: it did not say. */
static inline void pause_begin(struct pause *p, int64_t now, int64_t wanted, int64_t most)
{
	int64_t seconds = PAUSE_FIRST;

	for (uint32_t i = 0; i < p->failures && seconds < PAUSE_LONGEST; i++)
		seconds *= 3;
	if (seconds > PAUSE_LONGEST)
		seconds = PAUSE_LONGEST;
	if (wanted > most)
		wanted = most;
	p->failures++;
	p->from = now;
	p->until = now + (wanted > seconds ? wanted : seconds);
}

static inline void pause_end(struct pause *p)
{
	*p = (struct pause){ 0 };
}

#endif
