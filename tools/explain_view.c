// SPDX-License-Identifier: GPL-2.0-only
/* Shows explanations. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/explain.h"
#include "tools/out.h"
#include "tools/text.h"

#define NAME 200
#define NOTES_SHOWN 12 /* JSON has them all */

static const char *const condition_names[WHAT_IF_COUNT] = { "time", "withoutName", "purpose",
							    "beyond", "withoutDistrust" };

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

/* ---- people ---- */

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

void explain_print(const struct explanation *e)
{
	putchar('\n');
	if (e->remark)
		printf("%s\n", e->remark);
	print_paths(e);
	if (!e->report)
		return;
	print_cross_signs(e);
	print_notes(e);
	if (e->here.outcome.valid)
		print_limit(e);
	else if (!e->result->outcome.valid)
		print_advice(e);
	if (e->report->unfinished)
		puts("there may be more paths: the explanation has a budget of its own, which is "
		     "spent");
	if (e->report->budget_count)
		print_budgets(e);
}

/* ---- JSON ---- */

static json_t *owned_text(char *text)
{
	json_t *j = json_text(text);

	free(text);
	return j;
}

static json_t *cert_json(const struct capcert_report_cert *c)
{
	json_t *j = json_object();

	json_object_set_new(j, "fingerprint", json_hex(c->fingerprint, 32));
	json_object_set_new(j, "subject", c->cert ? json_text(c->subject) : json_null());
	json_object_set_new(j, "issuer", c->cert ? json_text(c->issuer) : json_null());
	json_object_set_new(j, "source",
			    json_string(c->source == CAPCERT_SOURCE_ANCHOR ? "anchor" : "chain"));
	json_object_set_new(j, "index", json_integer(c->index));
	return j;
}

static json_t *step_json(const struct explanation *e, const struct explain_step *steps,
			 uint32_t count, uint32_t at)
{
	const struct explain_step *s = &steps[at];
	json_t *j = e->report ? cert_json(&e->report->certs[s->number]) : json_object();

	if (!e->report) {
		json_object_set_new(
			j, "source",
			json_string(s->source == CAPCERT_SOURCE_ANCHOR ? "anchor" : "chain"));
		json_object_set_new(j, "index", json_integer(s->index));
	}
	json_object_set_new(j, "signature", json_text(capcert_link_name(s->link)));
	json_object_set_new(j, "reason",
			    s->reason == CAPCERT_REASON_NONE
				    ? json_null()
				    : json_text(capcert_reason_name(s->reason)));
	json_object_set_new(j, "finding", json_text(s->text));
	json_object_set_new(j, "explanation", owned_text(words_wrong(e, steps, count, at)));
	json_object_set_new(j, "remedy", owned_text(words_remedy(e, steps, count, at)));
	return j;
}

static json_t *paths_json(const struct explanation *e)
{
	json_t *list = json_array();
	struct explain_step steps[CAPCERT_MAX_PATH];
	uint32_t i, k, n;

	for (i = 0; i < explain_path_count(e); i++) {
		json_t *j = json_object(), *certs = json_array();

		n = explain_steps(e, i, steps);
		for (k = 0; k < n; k++)
			json_array_append_new(certs, step_json(e, steps, n, k));
		if (e->report) {
			json_object_set_new(j, "complete",
					    json_boolean(e->report->paths[i].complete));
			json_object_set_new(j, "valid", json_boolean(e->report->paths[i].valid));
			json_object_set_new(j, "neverValid", json_boolean(e->never >> i & 1));
		}
		json_object_set_new(j, "certificates", certs);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *notes_json(const struct explanation *e)
{
	const capcert_report *r = e->report;
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; r && i < r->note_count; i++) {
		const struct capcert_report_note *n = &r->notes[i];
		json_t *j = json_object();

		json_object_set_new(j, "kind", json_text(capcert_note_name(n->kind)));
		json_object_set_new(j, "certificate", cert_json(&r->certs[n->cert]));
		json_object_set_new(j, "issuer",
				    n->issuer == CAPCERT_REPORT_NO_CERT
					    ? json_null()
					    : cert_json(&r->certs[n->issuer]));
		json_object_set_new(j, "reason",
				    n->reason == CAPCERT_REASON_NONE
					    ? json_null()
					    : json_text(capcert_reason_name(n->reason)));
		json_object_set_new(j, "text", owned_text(words_note(e, n)));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *advice_json(const struct explanation *e)
{
	json_t *list = json_array();
	size_t i;
	int bit;

	for (i = 0; i < e->advice_count; i++) {
		const struct advice *a = &e->advice[i];
		json_t *j = json_object(), *conditions = json_array();

		for (bit = 0; bit < WHAT_IF_COUNT; bit++)
			if (a->conditions >> bit & 1)
				json_array_append_new(conditions,
						      json_string(condition_names[bit]));
		json_object_set_new(j, "conditions", conditions);
		json_object_set_new(j, "time",
				    a->conditions & 1 << WHAT_IF_TIME ? json_time(a->time)
								      : json_null());
		json_object_set_new(j, "purposes", json_purposes(a->purposes));
		json_object_set_new(j, "beyond",
				    a->beyond ? json_text(a->beyond->word) : json_null());
		json_object_set_new(j, "anchor", json_text(a->anchor));
		json_object_set_new(j, "text", json_text(a->text));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *budgets_json(const struct explanation *e)
{
	const capcert_report *r = e->report;
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; r && i < r->budget_count; i++)
		json_array_append_new(list, json_pack("{sssIsI}", "name", r->budgets[i].name,
						      "used", (json_int_t)r->budgets[i].used,
						      "limit", (json_int_t)r->budgets[i].limit));
	return list;
}

void explain_json(const struct explanation *e, json_t *j)
{
	json_object_set_new(j, "paths", paths_json(e));
	json_object_set_new(j, "notes", notes_json(e));
	json_object_set_new(j, "advice", advice_json(e));
	json_object_set_new(j, "budgets", budgets_json(e));
	json_object_set_new(j, "remark", json_text(e->remark));
	json_object_set_new(j, "explained", json_boolean(e->report != NULL));
	if (!e->report)
		return;
	json_object_set_new(j, "pathsDropped", json_integer(e->report->paths_dropped));
	json_object_set_new(j, "notesDropped", json_integer(e->report->notes_dropped));
	json_object_set_new(j, "unfinished", json_boolean(e->report->unfinished));
}
