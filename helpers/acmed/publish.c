// SPDX-License-Identifier: GPL-2.0-only
/* Solvers: started by the first challenge, ended with the last. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "helpers/acmed/keeper.h"
#include "helpers/common/log.h"

#define MOST_PUBLICATIONS (2 * CONF_NAMES) /* of one job */
#define MOST_DEATHS 3

static struct wire out;

/* ---- challenges ---- */

static const char *keep_text(char **at, const char *text)
{
	char *p = *at;

	strcpy(p, text);
	*at += strlen(text) + 1;
	return p;
}

static struct published *remember(const struct challenge *c, size_t solver)
{
	const size_t n = strlen(c->identifier) + strlen(c->token) + strlen(c->key_authorization) +
			 strlen(c->record) + strlen(c->text) + 5;
	struct published *p = malloc(sizeof(*p) + n + 32);
	char *at;

	if (!p)
		return NULL;
	p->next = NULL;
	p->solver = solver;
	p->deaths = 0;
	p->challenge = *c;
	at = p->texts;
	p->challenge.identifier = keep_text(&at, c->identifier);
	p->challenge.token = keep_text(&at, c->token);
	p->challenge.key_authorization = keep_text(&at, c->key_authorization);
	p->challenge.record = keep_text(&at, c->record);
	p->challenge.text = keep_text(&at, c->text);
	if (c->digest)
		p->challenge.digest = memcpy(at, c->digest, 32);
	return p;
}

/* Does what this solver publishes have to be taken back if we are killed? Sockets of ours end with us; what
 * dns-persist-01 publishes is there to stay. */
static bool lasts(const struct keeper *k, size_t solver)
{
	const enum conf_solver_kind kind = k->conf->solvers[solver].kind;

	return kind != CONF_SOLVER_HTTP && kind != CONF_SOLVER_PERSIST;
}

/* On the disk it has no number. */
static int write_down(struct keeper *k, const struct published *p, bool there)
{
	const char *solver = k->conf->solvers[p->solver].name;
	static struct wire octets;
	struct challenge c = p->challenge;

	if (!lasts(k, p->solver))
		return 0;
	c.id = 0;
	wire_begin(&octets, WIRE_PUBLISH);
	wire_put_challenge(&octets, &c);
	return there ? state_published(k->state, solver, octets.data, octets.len)
		     : state_withdrawn(k->state, solver, octets.data, octets.len);
}

static bool same(const struct challenge *a, const struct challenge *b)
{
	return a->type == b->type && strcmp(a->identifier, b->identifier) == 0 &&
	       strcmp(a->token, b->token) == 0 && strcmp(a->text, b->text) == 0;
}

/* ---- solvers ---- */

static int run(struct keeper *k, size_t solver)
{
	struct running *s = &k->solvers[solver];

	if (s->fd >= 0)
		return 0;
	s->fd = starter_spawn(k->starter, PART_SOLVER, solver);
	if (s->fd < 0) {
		int r = s->fd;

		s->fd = -1;
		return r;
	}
	return fcntl(s->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* It has nothing left to do. */
static void rest(struct keeper *k, size_t solver)
{
	struct running *s = &k->solvers[solver];

	for (const struct waiting *w = k->waiting; w; w = w->next)
		if (w->solver == solver)
			return;
	if (s->published || s->fd < 0)
		return;
	close(s->fd);
	s->fd = -1;
}

/* @p is the question's, if it could be asked. */
static int ask(struct keeper *k, struct published *p, bool withdraw, struct job *j, bool again)
{
	struct waiting *w = calloc(1, sizeof(*w));
	int r = w ? run(k, p->solver) : -ENOMEM;

	if (r == 0) {
		p->challenge.id = ++k->ids;
		wire_begin(&out, withdraw ? WIRE_WITHDRAW : WIRE_PUBLISH);
		wire_put_challenge(&out, &p->challenge);
		r = wire_send(k->solvers[p->solver].fd, &out);
	}
	if (r < 0) {
		free(w);
		return r;
	}
	*w = (struct waiting){ .next = k->waiting,
			       .id = p->challenge.id,
			       .job = j,
			       .solver = p->solver,
			       .what = p,
			       .withdraw = withdraw,
			       .again = again };
	k->waiting = w;
	return 0;
}

static void still_there(const struct keeper *k, const struct published *p, const char *why)
{
	if (lasts(k, p->solver))
		log_line(LOG_WARNING, "solver %s: what it published for %s is still there: %s",
			 k->conf->solvers[p->solver].name, p->challenge.identifier, why);
}

/* Nobody waits for it. */
static void take_back(struct keeper *k, struct published *p)
{
	if (ask(k, p, true, NULL, false) == 0)
		return;
	still_there(k, p, "it could not be asked");
	free(p);
}

static void answer(struct keeper *k, struct job *j, int error, const char *text)
{
	if (job_answer(j, error, text) < 0)
		job_fail(k, j, "the network process is gone", 0, true);
}

static struct published *take_out(struct job *j, const struct challenge *c)
{
	for (struct published **p = &j->published; *p; p = &(*p)->next) {
		struct published *found = *p;

		if (!same(&found->challenge, c))
			continue;
		*p = found->next;
		return found;
	}
	return NULL;
}

/* A network process may have been taken over by its CA: it publishes for this certificate's names, in the places that are
 * for that, and no more than an order takes. */
static bool is_ours(const struct keeper *k, const struct job *j, const struct challenge *c)
{
	const struct conf_cert *cert = &k->conf->certs[j->cert];
	static const char *const places[CONF_CHALLENGES] = {
		[CONF_DNS_01] = "_acme-challenge.", [CONF_DNS_PERSIST_01] = "_validation-persist."
	};
	const char *place = places[c->type];

	if (c->type != (uint32_t)k->conf->solvers[cert->solver].challenge)
		return false;
	if (place && (strncmp(c->record, place, strlen(place)) != 0 ||
		      strcmp(c->record + strlen(place), c->identifier) != 0))
		return false;
	for (size_t i = 0; i < cert->name_count; i++) {
		const char *name = cert->names[i].text;

		if (strcmp(name + (strncmp(name, "*.", 2) ? 0 : 2), c->identifier) == 0)
			return true;
	}
	return false;
}

static int publish(struct keeper *k, struct job *j, const struct challenge *c)
{
	struct published *p = remember(c, k->conf->certs[j->cert].solver);
	int r = p ? write_down(k, p, true) : -ENOMEM;

	if (r == 0)
		r = ask(k, p, false, j, false);
	if (r < 0)
		free(p);
	return r;
}

static int withdraw(struct keeper *k, struct job *j, const struct challenge *c)
{
	struct published *p = take_out(j, c);
	int r;

	if (!p)
		return -ENOENT;
	if (k->solvers[p->solver].published)
		k->solvers[p->solver].published--;
	r = ask(k, p, true, j, false);
	if (r < 0) {
		still_there(k, p, "it could not be asked");
		free(p);
	}
	return r;
}

void publish_request(struct keeper *k, struct job *j, struct wire *wire)
{
	struct challenge c;
	int r;

	if (!wire_get_challenge(wire, &c) || !is_ours(k, j, &c) ||
	    (wire->what == WIRE_PUBLISH && j->publications++ >= MOST_PUBLICATIONS)) {
		job_fail(k, j, "the network process makes no sense", 0, false);
		return;
	}
	r = wire->what == WIRE_PUBLISH ? publish(k, j, &c) : withdraw(k, j, &c);
	if (r < 0)
		answer(k, j, r, "the solver could not be asked");
}

static void published_one(struct keeper *k, struct waiting *w, int error)
{
	struct published *p = w->what;

	if (error == 0 && w->job) {
		p->next = w->job->published;
		w->job->published = p;
		k->solvers[w->solver].published++;
	} else if (error == 0 || lasts(k, w->solver)) {
		/* The job went while it was published; or some of it may be there. */
		take_back(k, p);
	} else {
		free(p);
	}
}

/* A publication that was left behind may be the same as one of now: an order that went on has the same tokens. */
static bool published_again(const struct keeper *k, const struct published *gone)
{
	for (const struct waiting *w = k->waiting; w; w = w->next)
		if (!w->withdraw && w->solver == gone->solver &&
		    same(&w->what->challenge, &gone->challenge))
			return true;
	for (size_t i = 0; i < k->job_count; i++)
		for (const struct published *p = k->jobs[i]->published; p; p = p->next)
			if (p->solver == gone->solver && same(&p->challenge, &gone->challenge))
				return true;
	return false;
}

static void withdrawn_one(struct keeper *k, struct waiting *w, int error, const char *text)
{
	if (published_again(k, w->what)) {
		/* What is written down is that one's now. */
		free(w->what);
		return;
	}
	if (error < 0)
		still_there(k, w->what, *text ? text : strerror(-error));
	else if (write_down(k, w->what, false) < 0)
		log_line(LOG_ERR, "state: %s", state_error(k->state));
	free(w->what);
}

static void settle(struct keeper *k, struct waiting *w, int error, const char *text)
{
	struct job *j = w->again ? NULL : w->job;
	size_t solver = w->solver;

	if (w->withdraw)
		withdrawn_one(k, w, error, text);
	else
		published_one(k, w, error);
	free(w);
	if (j)
		answer(k, j, error, text);
	rest(k, solver);
}

static struct waiting *take_waiting(struct keeper *k, size_t solver, int64_t id)
{
	for (struct waiting **w = &k->waiting; *w; w = &(*w)->next) {
		struct waiting *found = *w;

		if (found->solver != solver || found->id != (uint32_t)id)
			continue;
		*w = found->next;
		return found;
	}
	return NULL;
}

/* What the dead solver had published for a job: by another one, unless that kills it. */
static void publish_again(struct keeper *k, size_t solver, struct job *j)
{
	struct published **at = &j->published;

	while (*at) {
		struct published *one = *at;

		if (one->solver != solver) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		if (++one->deaths <= MOST_DEATHS && ask(k, one, false, j, true) == 0)
			continue;
		still_there(k, one, "the solver ended");
		free(one);
	}
}

static struct waiting *take_gone(struct keeper *k)
{
	for (struct waiting **w = &k->waiting; *w; w = &(*w)->next) {
		struct waiting *found = *w;

		if (!found->gone)
			continue;
		*w = found->next;
		return found;
	}
	return NULL;
}

static void solver_gone(struct keeper *k, size_t solver)
{
	struct waiting *w;

	log_line(LOG_WARNING, "solver %s ended", k->conf->solvers[solver].name);
	close(k->solvers[solver].fd);
	k->solvers[solver].fd = -1;
	k->solvers[solver].published = 0;
	/* What is asked from now on is asked of the next one. */
	for (w = k->waiting; w; w = w->next)
		w->gone |= w->solver == solver;
	for (size_t i = 0; i < k->job_count; i++)
		publish_again(k, solver, k->jobs[i]);
	while ((w = take_gone(k))) {
		if (++w->what->deaths <= MOST_DEATHS &&
		    ask(k, w->what, w->withdraw, w->job, w->again) == 0)
			free(w);
		else
			settle(k, w, -EPIPE,
			       "the solver ended: is its port free, its program there?");
	}
	/* One that is started and ended takes care that nobody listens where the dead one did. */
	if (k->conf->solvers[solver].kind == CONF_SOLVER_HTTP && run(k, solver) == 0)
		rest(k, solver);
}

void publish_answer(struct keeper *k, size_t solver, struct wire *wire)
{
	int r = wire_receive(k->solvers[solver].fd, wire);
	int64_t error, id;
	const char *text;
	struct waiting *w;

	if (r == -EAGAIN)
		return;
	if (r < 0 || wire->what != WIRE_DONE) {
		solver_gone(k, solver);
		return;
	}
	error = wire_get_number(wire);
	text = wire_get_text(wire);
	id = wire_get_number(wire);
	w = wire_end(wire) && id > 0 ? take_waiting(k, solver, id) : NULL;
	if (w)
		settle(k, w, error <= 0 && error > -4096 ? (int)error : -EIO, text);
}

void publish_forget(struct keeper *k, struct job *j)
{
	for (struct waiting *w = k->waiting; w; w = w->next)
		if (w->job == j)
			w->job = NULL;
	while (j->published) {
		struct published *p = j->published;
		size_t solver = p->solver;

		j->published = p->next;
		if (k->solvers[solver].published)
			k->solvers[solver].published--;
		take_back(k, p);
		rest(k, solver);
	}
}

/* ---- what was left behind ---- */

static int left_behind(void *ctx, const char *name, const uint8_t *octets, size_t len)
{
	struct keeper *k = ctx;
	static struct wire in;
	struct challenge c;
	struct published *p;
	size_t solver = 0;

	while (solver < k->conf->solver_count && strcmp(k->conf->solvers[solver].name, name) != 0)
		solver++;
	if (solver == k->conf->solver_count) {
		log_line(LOG_WARNING,
			 "what solver %s published is still there: "
			 "the configuration has it no more",
			 name);
		return 0;
	}
	wire_begin(&in, WIRE_WITHDRAW);
	if (len > sizeof(in.data))
		return 0;
	memcpy(in.data, octets, len);
	in.len = len;
	in.at = 0;
	p = wire_get_challenge(&in, &c) ? remember(&c, solver) : NULL;
	if (p)
		take_back(k, p);
	return 0;
}

int publish_clean(struct keeper *k)
{
	return state_publications(k->state, left_behind, k);
}
