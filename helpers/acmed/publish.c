// SPDX-License-Identifier: GPL-2.0-only
/* Solvers: started by the first challenge, ended with the last. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "helpers/acmed/keeper.h"
#include "helpers/common/log.h"

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

static int ask(struct keeper *k, enum wire_what what, size_t solver, struct job *j,
	       struct challenge *c, struct published *publication)
{
	struct waiting *w = calloc(1, sizeof(*w));
	int r = w ? run(k, solver) : -ENOMEM;

	if (r == 0) {
		c->id = ++k->ids;
		wire_begin(&out, what);
		wire_put_challenge(&out, c);
		r = wire_send(k->solvers[solver].fd, &out);
	}
	if (r < 0) {
		free(w);
		return r;
	}
	*w = (struct waiting){ k->waiting, c->id, j, solver, publication };
	k->waiting = w;
	return 0;
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

void publish_request(struct keeper *k, struct job *j, struct wire *wire)
{
	size_t solver = k->conf->certs[j->cert].solver;
	struct published *p = NULL;
	struct challenge c;
	int r;

	if (!wire_get_challenge(wire, &c) ||
	    c.type != (uint32_t)k->conf->solvers[solver].challenge) {
		job_fail(k, j, "the network process makes no sense", 0, false);
		return;
	}
	if (wire->what == WIRE_PUBLISH) {
		p = remember(&c, solver);
		r = p ? ask(k, WIRE_PUBLISH, solver, j, &p->challenge, p) : -ENOMEM;
	} else {
		p = take_out(j, &c);
		r = p ? ask(k, WIRE_WITHDRAW, solver, j, &p->challenge, NULL) : -ENOENT;
		if (p && k->solvers[solver].published)
			k->solvers[solver].published--;
		free(p);
		p = NULL;
	}
	if (r < 0) {
		free(p);
		answer(k, j, r, "the solver could not be asked");
	}
}

/* @error: of a publication: what is not there need not be taken back. */
static void settle(struct keeper *k, struct waiting *w, int error, const char *text)
{
	struct job *j = w->job;
	size_t solver = w->solver;
	struct published *p = w->what;

	if (p && error == 0 && j) {
		p->next = j->published;
		j->published = p;
		k->solvers[solver].published++;
	} else if (p) {
		/* The job went while it was published. */
		if (error == 0)
			ask(k, WIRE_WITHDRAW, solver, NULL, &p->challenge, NULL);
		free(p);
	}
	free(w);
	if (j)
		answer(k, j, error, text);
	rest(k, solver);
}

static struct waiting *take_waiting(struct keeper *k, size_t solver, int64_t id)
{
	for (struct waiting **w = &k->waiting; *w; w = &(*w)->next) {
		struct waiting *found = *w;

		if (found->solver != solver || (id >= 0 && found->id != (uint32_t)id))
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
	for (size_t i = 0; i < k->job_count; i++) {
		struct published **p = &k->jobs[i]->published;

		while (*p) {
			struct published *one = *p;

			if (one->solver != solver) {
				p = &one->next;
				continue;
			}
			*p = one->next;
			free(one);
		}
	}
	while ((w = take_waiting(k, solver, -1)))
		settle(k, w, -EPIPE, "the solver ended: is its port free, its program there?");
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
		if (k->solvers[solver].fd >= 0)
			ask(k, WIRE_WITHDRAW, solver, NULL, &p->challenge, NULL);
		free(p);
		rest(k, solver);
	}
}
