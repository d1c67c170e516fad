// SPDX-License-Identifier: LGPL-2.1-or-later
/* Control over all names of an order, proved together (RFC 8555 section 7.5). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/acme.h"
#include "libcapcert/acme_proof.h"

/* One authorization of the order. */
struct part {
	const char *url;
	struct acme_authorization document;
	struct acme_proof proof;
};

struct work {
	capcert_acme_order *order;
	capcert_acme *acme;
	const struct capcert_acme_solver *solvers;
	size_t solver_count;
	struct part *parts;
	size_t count;
};

static int read_part(struct work *w, struct part *p)
{
	struct acme_call call = { .what = "authorization", .url = p->url };
	const char *error;
	int r = acme_post(w->acme, &call);

	if (r < 0)
		return r;
	acme_authorization_clear(&p->document);
	r = acme_authorization_parse(acme_body(w->acme), &p->document, &error);
	return r == -EPROTO ? acme_fail(w->acme, r, "authorization: %s", error) : r;
}

/* Is it for one of the order's names? */
static bool belongs(const struct work *w, const struct part *p)
{
	const struct acme_order *o = &w->order->document;

	for (size_t i = 0; i < o->name_count; i++)
		if (o->names[i].type == p->document.name.type &&
		    o->names[i].wildcard == p->document.wildcard &&
		    !strcmp(acme_name_base(&o->names[i]), p->document.name.text))
			return true;
	return false;
}

/* ---- what is wrong with one ---- */

/* The challenge's own problem says most. */
static int refused(struct work *w, const struct part *p)
{
	struct capcert_acme_failure *f = &w->acme->last;
	const json_t *error = NULL;
	char what[300];

	for (size_t i = 0; i < p->document.challenge_count && !error; i++)
		error = p->document.challenges[i].error;
	memset(f, 0, sizeof(*f));
	acme_problem_read(error, f);
	if (!error)
		snprintf(f->detail, sizeof(f->detail), "the authorization is %s",
			 capcert_acme_status_name(p->document.status));
	snprintf(what, sizeof(what), "%s%s", p->document.wildcard ? "*." : "",
		 p->document.name.text);
	acme_problem_text(f, what);
	return -EREMOTEIO;
}

/* The order has become invalid: one of its parts knows why. */
static int find_refused(struct work *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct part *p = &w->parts[i];

		if (p->document.status == CAPCERT_ACME_VALID || read_part(w, p) < 0)
			continue;
		if (p->document.status != CAPCERT_ACME_VALID &&
		    p->document.status != CAPCERT_ACME_PENDING)
			return refused(w, p);
	}
	return acme_order_error(w->order, "order");
}

/* ---- publishing ---- */

static void withdraw(struct work *w)
{
	for (size_t i = w->count; i-- > 0;) {
		struct acme_proof *p = &w->parts[i].proof;

		if (p->solver && p->solver->withdraw)
			p->solver->withdraw(p->solver->ctx, &p->shown);
		p->solver = NULL;
	}
}

/* One offered challenge to one solver. Return: -EOPNOTSUPP they do not fit. */
static int try_one(struct work *w, struct part *p, const struct acme_challenge *c,
		   const struct capcert_acme_solver *s)
{
	int r;

	if (c->type < 0 || !(s->types & 1u << c->type))
		return -EOPNOTSUPP;
	r = acme_proof_make(&p->document, c, w->acme->key.thumbprint, w->acme->kid, &p->proof);
	if (r == -EPROTO)
		return acme_fail(w->acme, r, "%s: the challenge is for the account %s",
				 p->document.name.text, c->account_url);
	if (r < 0)
		return -EOPNOTSUPP;
	r = s->publish(s->ctx, &p->proof.shown);
	if (r == -EOPNOTSUPP)
		return r;
	if (r)
		return acme_fail(
			w->acme, r < 0 ? r : -EIO, "%s: the %s solver cannot publish the proof: %s",
			p->document.name.text, capcert_acme_challenge_name((uint32_t)c->type),
			capcert_strerror(r < 0 ? r : -EIO));
	p->proof.solver = s;
	return 0;
}

static int publish(struct work *w, struct part *p)
{
	char offered[128] = "";
	size_t n = 0;

	for (size_t i = 0; i < w->solver_count; i++) {
		for (size_t k = 0; k < p->document.challenge_count; k++) {
			int r = try_one(w, p, &p->document.challenges[k], &w->solvers[i]);

			if (r != -EOPNOTSUPP)
				return r;
		}
	}
	for (size_t k = 0; k < p->document.challenge_count && n < sizeof(offered); k++) {
		int type = p->document.challenges[k].type;

		n += (size_t)snprintf(offered + n, sizeof(offered) - n, "%s%s", k ? ", " : "",
				      type < 0 ? "others"
					       : capcert_acme_challenge_name((uint32_t)type));
	}
	return acme_fail(w->acme, -EOPNOTSUPP,
			 "%s%s: no solver takes what the CA offers (%s): configure one that does",
			 p->document.wildcard ? "*." : "", p->document.name.text,
			 *offered ? offered : "nothing");
}

/* ---- the steps ---- */

static int read_all(struct work *w)
{
	for (size_t i = 0; i < w->count; i++) {
		struct part *p = &w->parts[i];
		int r = read_part(w, p);

		if (r < 0)
			return r;
		if (!belongs(w, p))
			return acme_fail(
				w->acme, -EPROTO,
				"authorization: it is for %s, which is no name of the order",
				p->document.name.text);
		if (p->document.status != CAPCERT_ACME_VALID &&
		    p->document.status != CAPCERT_ACME_PENDING)
			return refused(w, p);
	}
	return 0;
}

static int answer(struct work *w, const struct part *p)
{
	struct acme_call call = { .what = "challenge", .url = p->proof.url, .payload = "{}" };

	return acme_post(w->acme, &call);
}

static int publish_and_answer(struct work *w)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->count; i++)
		if (w->parts[i].document.status == CAPCERT_ACME_PENDING)
			r = publish(w, &w->parts[i]);
	for (size_t i = 0; r == 0 && i < w->count; i++)
		if (w->parts[i].document.status == CAPCERT_ACME_PENDING)
			r = answer(w, &w->parts[i]);
	return r;
}

/* The order itself says when the last of them is done: one request for all. */
static int wait_ready(struct work *w)
{
	capcert_acme_order *o = w->order;
	int64_t retry_at = acme_retry_at(w->acme);
	uint32_t step = 0;
	int r = 0;

	while (r == 0 && o->document.status == CAPCERT_ACME_PENDING) {
		r = acme_pause(w->acme, retry_at, &step);
		if (r == 0)
			r = capcert_acme_order_refresh(o);
		retry_at = o->retry_at;
	}
	if (r == 0 && o->document.status == CAPCERT_ACME_INVALID)
		r = find_refused(w);
	return r;
}

static int authorize(struct work *w)
{
	int r;

	if (w->order->document.status == CAPCERT_ACME_INVALID)
		return acme_order_error(w->order, "order");
	if (w->order->document.status != CAPCERT_ACME_PENDING)
		return 0;
	r = read_all(w);
	if (r == 0)
		r = publish_and_answer(w);
	if (r == 0)
		r = wait_ready(w);
	withdraw(w);
	return r;
}

/* URLs point into the order's document, which is replaced by each refresh. */
static int copy_urls(struct work *w, char **ret)
{
	const struct acme_order *o = &w->order->document;
	size_t all = 1;
	char *p;

	for (size_t i = 0; i < o->authorization_count; i++)
		all += strlen(o->authorizations[i]) + 1;
	*ret = p = malloc(all);
	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < o->authorization_count; i++) {
		strcpy(p, o->authorizations[i]);
		w->parts[i].url = p;
		p += strlen(p) + 1;
	}
	return 0;
}

int capcert_acme_authorize(capcert_acme_order *order, const struct capcert_acme_solver *solvers,
			   size_t count)
{
	struct work w = { .order = order,
			  .acme = order->acme,
			  .solvers = solvers,
			  .solver_count = count,
			  .count = order->document.authorization_count };
	char *urls = NULL;
	int r;

	acme_begin(w.acme);
	w.parts = calloc(w.count + 1, sizeof(*w.parts));
	r = w.parts ? copy_urls(&w, &urls) : -ENOMEM;
	if (r == 0)
		r = authorize(&w);
	for (size_t i = 0; w.parts && i < w.count; i++)
		acme_authorization_clear(&w.parts[i].document);
	free(w.parts);
	free(urls);
	return acme_end(w.acme, r);
}

/* ---- giving back ---- */

int capcert_acme_release(capcert_acme_order *order)
{
	capcert_acme *acme = order->acme;
	int r = 0;

	acme_begin(acme);
	for (size_t i = 0; r == 0 && i < order->document.authorization_count; i++) {
		struct acme_call call = { .what = "authorization",
					  .url = order->document.authorizations[i],
					  .payload = "{\"status\":\"deactivated\"}" };

		r = acme_post(acme, &call);
		/* One that is over already cannot be given back. */
		if (r == -EREMOTEIO && acme->last.status / 100 == 4 &&
		    acme->last.type == CAPCERT_ACME_MALFORMED)
			r = 0;
	}
	return acme_end(acme, r);
}
