// SPDX-License-Identifier: GPL-2.0-only
/* Explanations for people. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/explain.h"
#include "tools/out.h"
#include "tools/text.h"

#define NAME 200
#define NOTES_SHOWN 12 /* JSON has them all */

/* A note that says nothing more than the paths and the other notes do. */
static bool told_already(const struct explanation *e, const struct capcert_report_note *n)
{
	const capcert_report *r = e->report;
	uint32_t i, k;

	bool fault = n->kind == CAPCERT_NOTE_UNSOUND || n->kind == CAPCERT_NOTE_DISTRUSTED;
	bool dead_end = n == words_dead_end(e, n->cert);

	for (i = 0; n->kind == CAPCERT_NOTE_UNUSED && i < r->note_count; i++)
		if (r->notes[i].issuer == n->cert)
			return true; /* another note says why */
	for (i = 0; i < r->path_count; i++)
		for (k = 0; k < r->paths[i].count; k++)
			if (r->paths[i].steps[k].cert == n->cert &&
			    (fault ||
			     (dead_end && !r->paths[i].complete && k == r->paths[i].count - 1)))
				return true;
	return false;
}

static const char *step_name(const struct explain_step *s, char *buf, size_t cap)
{
	char full[NAME];

	if (s->subject)
		return words_short(s->subject, buf, cap);
	if (s->cert) {
		capcert_cert_subject_text(s->cert, full, sizeof(full));
		return words_short(full, buf, cap);
	}
	snprintf(buf, cap, "%s",
		 s->source == CAPCERT_SOURCE_ANCHOR ? "an anchor" : "a certificate");
	return buf;
}

static void print_line(const struct explain_step *steps, uint32_t count, bool complete)
{
	char name[NAME];
	uint32_t i;

	for (i = 0; i < count; i++)
		printf("%s%s", i ? " <- " : "", step_name(&steps[i], name, sizeof(name)));
	puts(complete ? " (anchor)" : " <- ?");
}

static void print_step(const struct explanation *e, const struct explain_step *steps,
		       uint32_t count, uint32_t at)
{
	const struct explain_step *s = &steps[at];
	char *wrong = words_wrong(e, steps, count, at), *remedy = words_remedy(e, steps, count, at);
	char name[NAME];

	if (wrong) {
		printf("      %s%s%s", out_bold(), step_name(s, name, sizeof(name)), out_plain());
		if (s->source == CAPCERT_SOURCE_ANCHOR)
			fputs(", the anchor", stdout);
		else if (at)
			printf(", certificate %u of the chain", s->index);
		printf(": %s%s%s\n", out_bad(), wrong, out_plain());
	}
	if (remedy)
		printf("        %s->%s %s\n", out_faint(), out_plain(), remedy);
	free(wrong);
	free(remedy);
}

static void print_paths(const struct explanation *e)
{
	uint32_t i, k, n, valid = 0, total = explain_path_count(e);
	struct explain_step steps[CAPCERT_MAX_PATH];

	for (i = 0; e->report && i < total; i++)
		valid += e->report->paths[i].valid != 0;
	if (!e->report && total)
		puts("the path of the outcome:");
	else
		printf("paths: %u, of which valid: %u\n", total, valid);
	for (i = 0; i < total; i++) {
		bool complete = e->report ? e->report->paths[i].complete
					  : e->result->path[e->result->path_count - 1].source ==
						    CAPCERT_SOURCE_ANCHOR;

		n = explain_steps(e, i, steps);
		printf("  %u. ", i + 1);
		if (e->report && e->report->paths[i].valid)
			printf("%s%s%s  ", out_good(), i ? "valid too" : "valid", out_plain());
		print_line(steps, n, complete);
		for (k = 0; k < n; k++)
			print_step(e, steps, n, k);
	}
	if (e->report && e->report->paths_dropped)
		printf("  and %u more\n", e->report->paths_dropped);
}

/* In a path that is valid, the same CA as @c under another issuer. */
static const struct capcert_report_cert *twin_that_works(const struct explanation *e,
							 const struct capcert_report_cert *c)
{
	const capcert_report *r = e->report;
	uint32_t i, k;

	for (i = 0; i < r->path_count; i++)
		for (k = 1; r->paths[i].valid && k < r->paths[i].count; k++) {
			const struct capcert_report_cert *o = &r->certs[r->paths[i].steps[k].cert];

			if (explain_cross_signed(c, o))
				return o;
		}
	return NULL;
}

/* Where one CA's certificate by one issuer works and by another does not. */
static void print_cross_signs(const struct explanation *e)
{
	const capcert_report *r = e->report;
	char name[NAME], good[NAME], bad[NAME];
	uint32_t i, k;

	for (i = 0; i < r->path_count; i++)
		for (k = 1; !r->paths[i].valid && k < r->paths[i].count; k++) {
			const struct capcert_report_cert *c = &r->certs[r->paths[i].steps[k].cert];
			const struct capcert_report_cert *works = twin_that_works(e, c);

			if (!works)
				continue;
			words_short(c->subject, name, sizeof(name));
			words_short(works->issuer, good, sizeof(good));
			words_short(c->issuer, bad, sizeof(bad));
			if (works->source == CAPCERT_SOURCE_ANCHOR)
				printf("%s works as an anchor, its cross-sign by %s fails\n", name,
				       bad);
			else
				printf("the cross-sign of %s by %s works, the one by %s fails\n",
				       name, good, bad);
			return;
		}
}

static void print_notes(const struct explanation *e)
{
	const capcert_report *r = e->report;
	uint32_t i, shown = 0, more = r->notes_dropped;

	for (i = 0; i < r->note_count; i++) {
		char *text;

		if (told_already(e, &r->notes[i]))
			continue;
		if (shown == NOTES_SHOWN) {
			more++;
			continue;
		}
		text = words_note(e, &r->notes[i]);
		printf("%s  - %s\n", shown++ ? "" : "left aside:\n", text ? text : "");
		free(text);
	}
	if (more)
		printf("  and %u more\n", more);
}

/* What ends the life of a valid path. */
static void print_limit(const struct explanation *e)
{
	const struct capcert_report_path *p = &e->report->paths[0];
	const struct capcert_report_cert *first = NULL;
	char name[NAME], when[32], span[48];
	int64_t end = INT64_MAX;
	uint32_t i;

	for (i = 0; i < p->count; i++) {
		const struct capcert_report_cert *c = &e->report->certs[p->steps[i].cert];

		if (c->cert && capcert_cert_not_after(c->cert) < end) {
			end = capcert_cert_not_after(c->cert);
			first = c;
		}
	}
	if (first)
		printf("its life ends first with %s, on %.10s, in %s\n",
		       words_short(first->subject, name, sizeof(name)), text_of_time(end, when),
		       words_span(end - e->result->outcome.time, span));
}

static void print_advice(const struct explanation *e)
{
	size_t i;

	for (i = 0; i < explain_path_count(e); i++)
		if (e->never >> i & 1)
			printf("the validity periods in path %zu do not overlap\n", i + 1);
	if (e->advice_count)
		puts("tried:");
	for (i = 0; i < e->advice_count; i++)
		printf("  - %s\n", e->advice[i].text);
	if (!e->advice_count)
		puts("tried: no other time, name, purpose or anchor that is known makes it valid");
}

static void print_budgets(const struct explanation *e)
{
	const capcert_report *r = e->report;
	uint32_t i;

	for (i = 0;
	     e->here.outcome.reason == CAPCERT_REASON_BUDGET_EXHAUSTED && i < r->budget_count; i++)
		if (r->budgets[i].used == r->budgets[i].limit)
			printf("the search ended when its budget of %u %s was spent\n"
			       "  -> send only the certificates that lead to the anchor\n",
			       r->budgets[i].limit, r->budgets[i].name);
	fputs("cost:", stdout);
	for (i = 0; i < r->budget_count; i++)
		printf("%s %u of %u %s", i ? "," : "", r->budgets[i].used, r->budgets[i].limit,
		       r->budgets[i].name);
	putchar('\n');
}

/* The request itself, or the leaf, was refused. */
static void print_no_path(const struct explanation *e)
{
	printf("no path was looked for: %s\n", e->here.outcome.detail);
	if (e->here.outcome.reason == CAPCERT_REASON_CLOCK_UNTRUSTED)
		printf("  -> this clock is %s: have it synchronised, or judge by a policy that "
		       "asks "
		       "for less\n",
		       capcert_clock_name(e->here.outcome.clock));
}

void explain_print(const struct explanation *e)
{
	putchar('\n');
	if (e->report && !e->local)
		puts("asked again in this process, at the time of the verdict:");
	if (e->remark)
		printf("%s\n", e->remark);
	if (e->report && !e->report->path_count) {
		print_no_path(e);
		return;
	}
	print_paths(e);
	if (!e->report)
		return;
	print_cross_signs(e);
	print_notes(e);
	if (e->here.outcome.valid && e->result->outcome.valid)
		print_limit(e);
	else if (!e->here.outcome.valid && !e->result->outcome.valid)
		print_advice(e);
	if (e->report->unfinished)
		puts("there may be more paths: the explanation has a budget of its own, which is "
		     "spent");
	if (e->report->budget_count)
		print_budgets(e);
}
