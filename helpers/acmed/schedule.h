/* SPDX-License-Identifier: GPL-2.0-only */
/* When a certificate is renewed, when its CA is asked for a better time (RFC 9773), and when after a failure
 * it is tried again. Pure: times come in and go out, seconds since 1970, UTC. */
#ifndef HELPERS_ACMED_SCHEDULE_H
#define HELPERS_ACMED_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_NEVER INT64_MAX

/* Asked at least twice a day; what Retry-After asks for counts between these two. */
#define SCHEDULE_ARI_LEAST 60
#define SCHEDULE_ARI_MOST  (6 * 3600)

/* How long a clock that nobody vouches for holds up a renewal: as long as time synchronisation may take after
 * a start. A machine that has none renews all the same. */
#define SCHEDULE_CLOCK_WAIT 900

/** What is known of one certificate. Zero-initialise. */
struct schedule_facts {
	bool have;	    /* there is a certificate, with what follows */
	bool changed;	    /* ... but of other names, another key, CA or profile than are configured */
	int64_t not_before; /* of it; not_after is its last second */
	int64_t not_after;
	bool ari;	    /* the CA suggests this window */
	int64_t ari_start;
	int64_t ari_end;
	uint32_t seed;	    /* random, drawn once per certificate: the moments in windows */
	uint32_t failures;  /* one after the other, since the last success */
	int64_t failed_at;  /* the last of them */
	int64_t not_until;  /* what a CA's Retry-After asked for; 0 = nothing */
};

enum schedule_why {
	SCHEDULE_NONE,	  /* due: there is no certificate */
	SCHEDULE_CHANGED, /* due: the configuration is another */
	SCHEDULE_WINDOW,  /* due: the CA's window */
	SCHEDULE_AGE,	  /* due: its life is nearly over */
};

struct schedule_plan {
	enum schedule_why why; /* of the renewal at @at */
	int64_t at;	       /* when; never before failures and Retry-After let it */
};

/** schedule_renewal() - the next order for this certificate. It is due when @now >= @at: a moment that was
 *  slept through is due at once. */
struct schedule_plan schedule_renewal(const struct schedule_facts *f);

/** schedule_age() - the moment by lifetime alone: a third of it left, half under ten days, and up to a
 *  twenty-fourth of the lifetime earlier, by @seed, so that what was issued together is not renewed
 *  together. */
int64_t schedule_age(int64_t not_before, int64_t not_after, uint32_t seed);

/** schedule_window() - a moment in the window, all equally likely over @seed. @end <= @start: @start. */
int64_t schedule_window(int64_t start, int64_t end, uint32_t seed);

/** schedule_backoff() - seconds to wait after the @failures-th failure in a row: 1 min, 10 min, 100 min,
 *  1 day, and up to a tenth more by @seed. 0 failures: 0. */
int64_t schedule_backoff(uint32_t failures, uint32_t seed);

/** schedule_ari_next() - when to ask the CA for its window again. @retry_after: seconds it wants, 0 =
 *  nothing said. */
int64_t schedule_ari_next(int64_t now, int64_t retry_after, uint32_t seed);

/** schedule_clock_ok() - may what the clock says be acted on? @trusted: somebody vouches for it (it is
 *  synchronised). @uptime: seconds that this daemon runs. @newest: the latest moment that was ever written down:
 *  a clock before that is wrong, whoever vouches. */
bool schedule_clock_ok(int64_t now, bool trusted, int64_t uptime, int64_t newest);

const char *schedule_why_name(enum schedule_why why);

#endif
