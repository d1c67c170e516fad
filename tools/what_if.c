// SPDX-License-Identifier: GPL-2.0-only
/* What would make an invalid chain valid. Nothing is guessed: the engine is asked about each. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/explain.h"
#include "tools/text.h"

#define TIMES 8
#define NAME 200

#define IF(what) (1u << WHAT_IF_##what)

#define ALL_PURPOSES ((1u << CAPCERT_PURPOSE_COUNT) - 1)
/* Purposes that ask something of the leaf: the two others would take nearly anything. */
#define REAL_PURPOSES \
	(ALL_PURPOSES & ~(1u << CAPCERT_PURPOSE_CT_LOG | 1u << CAPCERT_PURPOSE_WEBAUTHN_ROOT))

/* A time worth asking about, and why. */
struct moment {
	int64_t time;
	char who[NAME]; /* whose validity ends or begins then */
};

struct trial {
	struct explanation *e;
	struct moment moments[TIMES];
	size_t moment_count;
	capcert_store *stores[EXPLAIN_BEYOND + 1];
};

/* The store again, with the anchors of @b. An anchor that is trusted for more purposes is no other
 * anchor for the one that is asked about, so one store serves them all, unless the purposes are the
 * store's own. */
static capcert_store *make_store(const struct explanation *e, const struct beyond *b)
{
	capcert_store *store;
	size_t i, len;

	if (e->source.store(e->source.ctx, e->source.own_purposes ? 0 : ALL_PURPOSES, &store))
		return NULL;
	for (i = 0; b && i < b->count; i++) {
		const uint8_t *der = capcert_cert_der(b->certs[i], &len);

		capcert_store_put(store, der, len, ALL_PURPOSES);
	}
	return store;
}

/* The same, made once: with nothing beyond, or with a place of e->beyond. */
static const capcert_store *store_with(struct trial *t, const struct beyond *b)
{
	capcert_store **at = &t->stores[b ? b - t->e->beyond : EXPLAIN_BEYOND];

	if (!*at)
		*at = make_store(t->e, b);
	return *at;
}

/* Would it be valid under @a's conditions? Then gives the report of it. */
static bool holds(struct trial *t, const struct advice *a, uint32_t purpose,
		  capcert_report **ret_report)
{
	const struct explanation *e = t->e;
	const capcert_store *store = store_with(t, a->beyond);
	const capcert_distrust_list *distrust = e->source.distrust;
	struct capcert_params params = e->params;
	struct capcert_result result;

	params.have_time = 1;
	params.time = a->conditions & IF(TIME) ? a->time : e->result->outcome.time;
	params.purpose = purpose;
	if (a->conditions & IF(NO_NAME))
		params.name = NULL;
	if (a->conditions & IF(NO_DISTRUST))
		distrust = NULL;
	return store && !capcert_verify_local(e->policy, store, distrust, &params, &result) &&
	       result.outcome.valid &&
	       !capcert_verify_local_report(e->policy, store, distrust, &params, &result,
					    ret_report);
}

/* ---- times ---- */

static void add_moment(struct trial *t, int64_t time, const char *subject)
{
	struct moment *m = &t->moments[t->moment_count];
	size_t i;

	for (i = 0; i < t->moment_count; i++)
		if (t->moments[i].time == time)
			return;
	if (t->moment_count == TIMES || time == t->e->result->outcome.time)
		return;
	m->time = time;
	words_short(subject, m->who, sizeof(m->who));
	t->moment_count++;
}

/* The last second before, or the first after now, in which a whole path was or will be in its
 * validity. */
static void path_moment(struct trial *t, const struct capcert_report_path *p)
{
	const struct capcert_report_cert *first = NULL, *last = NULL;
	int64_t now = t->e->result->outcome.time, lo = INT64_MIN, hi = INT64_MAX;
	uint32_t i;

	for (i = 0; i < p->count; i++) {
		const struct capcert_report_cert *c = &t->e->report->certs[p->steps[i].cert];

		if (!c->cert)
			continue;
		if (capcert_cert_not_before(c->cert) > lo) {
			lo = capcert_cert_not_before(c->cert);
			last = c;
		}
		if (capcert_cert_not_after(c->cert) < hi) {
			hi = capcert_cert_not_after(c->cert);
			first = c;
		}
	}
	if (!first || !last)
		return;
	if (lo > hi) {
		t->e->never |= 1ull << (p - t->e->report->paths);
		return;
	}
	if (hi < now)
		add_moment(t, hi, first->subject);
	if (lo > now)
		add_moment(t, lo, last->subject);
}

static void find_moments(struct trial *t)
{
	const capcert_report *r = t->e->report;
	uint32_t i;

	for (i = 0; i < r->path_count; i++)
		path_moment(t, &r->paths[i]);
}

/* ---- what is found, in words ---- */

static void put_time(FILE *f, const struct trial *t, const struct advice *a)
{
	char when[32];
	size_t i;

	text_of_time(a->time, when);
	fprintf(f, " at %s", when);
	for (i = 0; i < t->moment_count; i++)
		if (t->moments[i].time == a->time)
			fprintf(f, " (the %s moment of %s)",
				a->time < t->e->result->outcome.time ? "last" : "first",
				t->moments[i].who);
}

static void put_purposes(FILE *f, uint32_t mask)
{
	const char *between = " for ";
	uint32_t i;

	for (i = 0; i < CAPCERT_PURPOSE_COUNT; i++)
		if (mask >> i & 1) {
			fprintf(f, "%s%s", between, capcert_purpose_name(i));
			between = " or ";
		}
}

/* Does the path go over a CA that elsewhere stands under another issuer, one that did not help? */
static bool put_cross_sign(FILE *f, const struct explanation *e, const capcert_report *found)
{
	const struct capcert_report_path *p = &found->paths[0];
	char name[NAME], issuer[NAME];
	uint32_t i, k;

	for (i = 1; i + 1 < p->count; i++) {
		const struct capcert_report_cert *c = &found->certs[p->steps[i].cert];

		for (k = 0; k < e->report->cert_count; k++) {
			if (!explain_cross_signed(&e->report->certs[k], c))
				continue;
			fprintf(f, "; the cross-sign of %s by %s works then",
				words_short(c->subject, name, sizeof(name)),
				words_short(c->issuer, issuer, sizeof(issuer)));
			return true;
		}
	}
	return false;
}

/* Is the anchor in the store itself, but for another purpose? */
static bool trusted_otherwise(const struct explanation *e, const struct capcert_report_cert *anchor)
{
	const capcert_report *r = e->report;
	uint32_t i;

	for (i = 0; i < r->note_count; i++)
		if (r->notes[i].kind == CAPCERT_NOTE_OTHER_PURPOSE &&
		    !memcmp(r->certs[r->notes[i].issuer].fingerprint, anchor->fingerprint, 32))
			return true;
	return false;
}

static void put_beyond(FILE *f, const struct explanation *e, struct advice *a,
		       const capcert_report *found)
{
	const struct capcert_report_path *p = &found->paths[0];
	const struct capcert_report_cert *anchor = &found->certs[p->steps[p->count - 1].cert];
	char name[NAME];

	a->anchor = strdup(anchor->subject);
	words_short(anchor->subject, name, sizeof(name));
	if (trusted_otherwise(e, anchor)) {
		fprintf(f, " if anchor %s, which this store has, were trusted for %s", name,
			capcert_purpose_name(e->params.purpose));
		return;
	}
	fprintf(f, " with anchor %s, which is in %s but not in this store", name, a->beyond->word);
	put_cross_sign(f, e, found);
	if (e->view == CAPCERT_VIEW_DIRECT)
		return;
	if (a->beyond->id && a->beyond->id == e->parent_id)
		fputs("; it is excluded by the restriction, for this store is a narrower view of "
		      "that one",
		      f);
	else
		fputs("; this store is a restricted view, and the restriction may exclude it", f);
}

static void put_condition(FILE *f, const struct trial *t, struct advice *a,
			  const capcert_report *found, enum what_if what)
{
	switch (what) {
	case WHAT_IF_TIME:
		put_time(f, t, a);
		break;
	case WHAT_IF_NO_NAME:
		fputs(" without the name", f);
		break;
	case WHAT_IF_PURPOSE:
		put_purposes(f, a->purposes);
		break;
	case WHAT_IF_BEYOND:
		put_beyond(f, t->e, a, found);
		break;
	default:
		fputs(" if it were not on the distrust list", f);
		break;
	}
}

static void describe(const struct trial *t, struct advice *a, const capcert_report *found)
{
	size_t size;
	FILE *f = open_memstream(&a->text, &size);
	bool more = false;
	int bit;

	if (!f)
		return;
	fputs("would be valid", f);
	for (bit = 0; bit < WHAT_IF_COUNT; bit++) {
		if (!(a->conditions >> bit & 1))
			continue;
		fputs(more ? ", and" : "", f);
		more = true;
		put_condition(f, t, a, found, (enum what_if)bit);
	}
	fclose(f);
}

/* ---- trying ---- */

/* Something that needs less has been found already. */
static bool known(const struct explanation *e, unsigned int conditions)
{
	size_t i;

	for (i = 0; i < e->advice_count; i++)
		if ((e->advice[i].conditions & conditions) == e->advice[i].conditions)
			return true;
	return false;
}

/* All purposes for which it holds, in one piece of advice. */
static bool try_purposes(struct trial *t, struct advice *a, capcert_report **ret_report)
{
	capcert_report *report;
	uint32_t i;

	if (!(a->conditions & IF(PURPOSE)))
		return holds(t, a, t->e->params.purpose, ret_report);
	*ret_report = NULL;
	for (i = 0; i < CAPCERT_PURPOSE_COUNT; i++) {
		if (i == t->e->params.purpose || !(REAL_PURPOSES >> i & 1) ||
		    !holds(t, a, i, &report))
			continue;
		a->purposes |= 1u << i;
		capcert_report_free(*ret_report);
		*ret_report = report;
	}
	return a->purposes != 0;
}

static void try(struct trial *t, unsigned int conditions, const struct beyond *b, int64_t time)
{
	struct explanation *e = t->e;
	struct advice a = { .conditions = conditions, .beyond = b, .time = time };
	capcert_report *report;

	if (e->advice_count == EXPLAIN_ADVICE || !try_purposes(t, &a, &report))
		return;
	describe(t, &a, report);
	capcert_report_free(report);
	if (a.text)
		e->advice[e->advice_count++] = a;
	else
		free(a.anchor);
}

/* One set of conditions, with every time and every place that has more anchors. */
static void try_all(struct trial *t, unsigned int conditions)
{
	size_t places = conditions & IF(BEYOND) ? t->e->beyond_count : 1, i, k;
	size_t times = conditions & IF(TIME) ? t->moment_count : 1;

	for (i = 0; i < places; i++)
		for (k = 0; k < times; k++)
			try(t, conditions, conditions & IF(BEYOND) ? &t->e->beyond[i] : NULL,
			    conditions & IF(TIME) ? t->moments[k].time : 0);
}

void explain_what_if(struct explanation *e)
{
	struct trial t = { .e = e };
	unsigned int conditions, possible = IF(PURPOSE);
	unsigned int changes, bits, bit;
	size_t i;

	find_moments(&t);
	if (t.moment_count)
		possible |= IF(TIME);
	if (e->params.name)
		possible |= IF(NO_NAME);
	if (e->beyond_count)
		possible |= IF(BEYOND);
	if (e->source.distrust)
		possible |= IF(NO_DISTRUST);
	/* Fewest changes first; what needs more than something that works already is left out. */
	for (changes = 1; changes <= 3; changes++)
		for (conditions = 1; conditions < 1u << WHAT_IF_COUNT; conditions++) {
			for (bits = 0, bit = 0; bit < WHAT_IF_COUNT; bit++)
				bits += conditions >> bit & 1;
			if (bits == changes && !(conditions & ~possible) && !known(e, conditions))
				try_all(&t, conditions);
		}
	for (i = 0; i <= EXPLAIN_BEYOND; i++)
		capcert_store_free(t.stores[i]);
}
