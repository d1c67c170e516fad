// SPDX-License-Identifier: GPL-2.0-only
/* Explanations as JSON. */

#include <stdlib.h>
#include "tools/explain.h"
#include "tools/out.h"

static const char *const condition_names[WHAT_IF_COUNT] = { "time", "withoutName", "purpose",
							    "beyond", "withoutDistrust" };

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
	json_object_set_new(j, "subject", *c->subject ? json_text(c->subject) : json_null());
	json_object_set_new(j, "issuer", *c->issuer ? json_text(c->issuer) : json_null());
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
