// SPDX-License-Identifier: GPL-2.0-only
/* What is due, and who of those goes first. Pure. */
#include "helpers/acmed/keeper.h"

#define LOOK_MS 60000 /* clocks jump, machines sleep: look at least that often */
#define CLOCK_MS 5000 /* ... and at a clock that nobody vouches for */
#define QUIET_MS \
	4000 /* a CA that did not answer is left alone, each time twice as long, a minute at most */

/* One entry's next job. */
struct plan {
	enum job_task task;
	int64_t at;    /* seconds since 1970; INT64_MIN = now */
	bool by_clock; /* a clock that is wrong would be wrong about this */
};

/* A CA that has no windows is asked again once for all of its certificates. */
static int64_t ask_at(const struct keeper *k, size_t cert)
{
	int64_t at = k->entries[cert].known.ari_next;
	int64_t ca = k->cas[k->conf->certs[cert].ca].windowless;

	return at > ca ? at : ca;
}

static struct plan plan_of(const struct keeper *k, size_t cert, int64_t now)
{
	const struct entry *e = &k->entries[cert];
	int64_t ask = ask_at(k, cert);
	struct schedule_facts f;
	struct schedule_plan p;

	if (e->revoke != NO_REASON)
		return (struct plan){ TASK_REVOKE, INT64_MIN, false };
	state_facts(&e->known, e->recipe, &f);
	if (e->now)
		f.failures = 0, f.not_until = 0, f.changed = f.have;
	/* A failure that is yet to come was seen by a wrong clock. */
	if (f.failed_at > now)
		f.failed_at = 0;
	p = schedule_renewal(&f);
	/* What has been issued only needs to be put. */
	if (e->known.phase == STATE_ISSUED && !f.failures)
		p.at = 0;
	if (p.at > now && f.have && e->known.cert_id[0] && ask < p.at)
		return (struct plan){ TASK_WINDOW, ask, false };
	return (struct plan){ TASK_ORDER, p.at,
			      !e->now && (p.why == SCHEDULE_WINDOW || p.why == SCHEDULE_AGE) };
}

static int64_t wait_of(const struct plan *p, int64_t now)
{
	if (p->at <= now)
		return 0;
	return p->at - now > LOOK_MS / 1000 ? LOOK_MS : (p->at - now) * 1000;
}

/* One job less for each that its CA has: one that hangs holds up nobody else's for long. */
static size_t jobs_of_ca(const struct keeper *k, size_t ca)
{
	size_t n = 0;

	for (size_t i = 0; i < k->job_count; i++)
		n += k->conf->certs[k->jobs[i]->cert].ca == ca;
	return n;
}

static bool needs_account(enum job_task task)
{
	return task == TASK_ORDER || task == TASK_REVOKE;
}

/* Somebody asked for it: no waiting for better times. */
static bool is_asked(const struct entry *e)
{
	return e->now || e->revoke != NO_REASON;
}

/* One of a CA makes the account that its others use, and finds out for them whether it answers again. */
static bool waits_for_another(const struct keeper *k, size_t cert, enum job_task task)
{
	const size_t ca = k->conf->certs[cert].ca;
	const bool account = k->cas[ca].accountless && needs_account(task);
	const bool answer = k->cas[ca].silences && !is_asked(&k->entries[cert]);

	if (task == TASK_RESTORE)
		return false;
	for (size_t i = 0; i < k->job_count; i++) {
		const struct job *other = k->jobs[i];

		if (k->conf->certs[other->cert].ca != ca || other->task == TASK_RESTORE)
			continue;
		if (answer || (account && needs_account(other->task)))
			return true;
	}
	return false;
}

void turn_silence(struct keeper *k, size_t ca, int64_t ms)
{
	struct authority *a = &k->cas[ca];
	int64_t wait = QUIET_MS << (a->silences < 4 ? a->silences : 4);

	/* What was under way at the same time is no news. */
	if (ms < a->quiet_until)
		return;
	a->silences++;
	a->quiet_until = ms + (wait < LOOK_MS ? wait : LOOK_MS);
}

void turn_heard(struct keeper *k, size_t ca)
{
	k->cas[ca].silences = 0;
	k->cas[ca].quiet_until = 0;
}

static size_t windows(const struct keeper *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->job_count; i++)
		n += k->jobs[i]->task == TASK_WINDOW;
	return n;
}

/* Lower goes first: putting back, revoking, then orders, those with the least time left before others; windows are asked
 * for when there is nothing better to do. */
static int64_t rank_of(const struct entry *e, const struct plan *p)
{
	if (p->at == INT64_MIN)
		return INT64_MIN;
	return p->task == TASK_WINDOW ? INT64_MAX - 1 : e->known.have ? e->known.not_after : 0;
}

bool turn_next(const struct keeper *k, int64_t now, int64_t ms, bool clock, struct turn *ret)
{
	const bool window = windows(k) < (k->conf->parallel + 1) / 2;
	int64_t best = INT64_MAX;
	size_t best_jobs = SIZE_MAX;

	*ret = (struct turn){ .cert = k->conf->cert_count, .wait_ms = LOOK_MS };
	for (size_t i = 0; i < k->conf->cert_count; i++) {
		const struct entry *e = &k->entries[i];
		struct plan p;
		int64_t wait, quiet, rank;
		size_t jobs;

		if (e->job)
			continue;
		p = plan_of(k, i, now);
		wait = wait_of(&p, now);
		if (!wait && p.by_clock && !clock)
			wait = CLOCK_MS;
		if (e->look_at - ms > wait)
			wait = e->look_at - ms;
		/* The CA does not answer: its other certificates need not fail as well. */
		quiet = k->cas[k->conf->certs[i].ca].quiet_until - ms;
		if (quiet > wait && !is_asked(e))
			wait = quiet;
		if (e->restore && p.task != TASK_REVOKE) {
			if (e->restore_at <= ms)
				p = (struct plan){ TASK_RESTORE, INT64_MIN, false }, wait = 0;
			else if (e->restore_at - ms < wait)
				wait = e->restore_at - ms;
		}
		if (wait) {
			ret->wait_ms = wait < ret->wait_ms ? wait : ret->wait_ms;
			continue;
		}
		if (p.task == TASK_WINDOW && !window)
			continue;
		if (waits_for_another(k, i, p.task))
			continue;
		rank = rank_of(e, &p);
		jobs = jobs_of_ca(k, k->conf->certs[i].ca);
		if (jobs > best_jobs || (jobs == best_jobs && rank >= best))
			continue;
		best = rank;
		best_jobs = jobs;
		ret->cert = i;
		ret->task = p.task;
	}
	return ret->cert < k->conf->cert_count;
}
