// SPDX-License-Identifier: GPL-2.0-only
/* Moments: by the CA's window, else by lifetime; after failures, later. */
#include "helpers/acmed/schedule.h"

#define DAY 86400
#define SHORT_LIFE (10 * DAY)

/* 0 to @range, evenly over @seed; @range below 2^31. */
static int64_t part(int64_t range, uint32_t seed)
{
	return range <= 0 ? 0 : (int64_t)(((uint64_t)range * seed) >> 32);
}

/* The same seed for different ends: not the same part of each. */
static uint32_t mix(uint32_t seed, uint32_t salt)
{
	uint32_t x = seed ^ (salt * 0x9e3779b9u);

	x ^= x >> 16;
	x *= 0x7feb352du;
	x ^= x >> 15;
	x *= 0x846ca68bu;
	return x ^ x >> 16;
}

/* Times are of certificates and of CAs: any number. */
static int64_t sane(int64_t t)
{
	const int64_t most = INT64_C(1) << 40;

	return t < 0 ? 0 : t > most ? most : t;
}

int64_t schedule_age(int64_t not_before, int64_t not_after, uint32_t seed)
{
	int64_t from = sane(not_before), until = sane(not_after);
	int64_t life = until > from ? until - from + 1 : 0;
	int64_t left = life < SHORT_LIFE ? life / 2 : life / 3;

	return until + 1 - left - part(life / 24, mix(seed, 1));
}

int64_t schedule_window(int64_t start, int64_t end, uint32_t seed)
{
	int64_t from = sane(start), until = sane(end);

	return until > from ? from + part(until - from, mix(seed, 2)) : from;
}

int64_t schedule_backoff(uint32_t failures, uint32_t seed)
{
	static const int64_t steps[] = { 0, 60, 600, 6000, DAY };
	const uint32_t last = sizeof(steps) / sizeof(steps[0]) - 1;
	int64_t wait = steps[failures < last ? failures : last];

	return wait + part(wait / 10, mix(seed, 3 + failures));
}

int64_t schedule_ari_next(int64_t now, int64_t retry_after, uint32_t seed)
{
	int64_t wait = retry_after;

	if (wait <= 0 || wait > SCHEDULE_ARI_MOST)
		wait = SCHEDULE_ARI_MOST;
	if (wait < SCHEDULE_ARI_LEAST)
		wait = SCHEDULE_ARI_LEAST;
	/* Never later than asked for: 1,000 certificates then do not ask in the same second. */
	return sane(now) + wait - part(wait / 10, mix(seed, (uint32_t)(sane(now) / DAY)));
}

bool schedule_clock_ok(int64_t now, bool trusted, int64_t uptime, int64_t newest)
{
	return now >= newest && (trusted || uptime >= SCHEDULE_CLOCK_WAIT);
}

static struct schedule_plan wanted(const struct schedule_facts *f)
{
	int64_t age = schedule_age(f->not_before, f->not_after, f->seed);
	int64_t window;

	if (!f->have)
		return (struct schedule_plan){ SCHEDULE_NONE, 0 };
	if (f->changed)
		return (struct schedule_plan){ SCHEDULE_CHANGED, 0 };
	if (!f->ari)
		return (struct schedule_plan){ SCHEDULE_AGE, age };
	window = schedule_window(f->ari_start, f->ari_end, f->seed);
	/* A CA may ask to come earlier, or later than by age, but not to let the certificate run out: the last
	 * eighth of its life is left for things that go wrong. */
	age = sane(f->not_after) - (sane(f->not_after) - sane(f->not_before)) / 8;
	if (window <= age)
		return (struct schedule_plan){ SCHEDULE_WINDOW, window };
	return (struct schedule_plan){ SCHEDULE_AGE, age };
}

struct schedule_plan schedule_renewal(const struct schedule_facts *f)
{
	struct schedule_plan plan = wanted(f);
	int64_t after =
		f->failures ? sane(f->failed_at) + schedule_backoff(f->failures, f->seed) : 0;

	if (plan.at < after)
		plan.at = after;
	if (plan.at < sane(f->not_until))
		plan.at = sane(f->not_until);
	return plan;
}

const char *schedule_why_name(enum schedule_why why)
{
	static const char *const names[] = { "first", "changed", "window", "age" };

	return why <= SCHEDULE_AGE ? names[why] : "?";
}
