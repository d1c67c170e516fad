// SPDX-License-Identifier: GPL-2.0-only
/* The status of certificates, for people and for programs. */

#include <stdio.h>
#include <string.h>
#include <capcert/ocsp.h>
#include "tools/explain.h"
#include "tools/status_view.h"
#include "tools/text.h"

static const char *const words[] = { "good", "revoked", "unknown" };

enum status_word status_conclude(const struct status_finding *findings, size_t count)
{
	enum status_word word = STATUS_UNKNOWN;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!findings[i].counts)
			continue;
		if (findings[i].word == STATUS_REVOKED)
			return STATUS_REVOKED;
		if (findings[i].word == STATUS_GOOD)
			word = STATUS_GOOD;
	}
	return word;
}

static const char *colour(enum status_word word)
{
	return word == STATUS_GOOD ? out_good() : out_bad();
}

static const char *reason_text(int32_t reason)
{
	return reason < 0 ? "no reason given" : capcert_revocation_reason_name((uint32_t)reason);
}

/* "good", "revoked at ..., keyCompromise", "good, but does not count: ..." */
static void print_word(const struct status_finding *f)
{
	char when[32];

	if (!f->read) {
		out_field(f->kind, "%snothing%s from %s: %s", out_bad(), out_plain(), f->from,
			  f->why);
		return;
	}
	if (!f->counts)
		out_field(f->kind, "%sdoes not count%s, though it says %s: %s", out_bad(),
			  out_plain(), words[f->word], f->why);
	else if (f->word == STATUS_REVOKED)
		out_field(f->kind, "%srevoked%s at %s, %s", out_bad(), out_plain(),
			  text_of_time(f->revoked_at, when), reason_text(f->reason));
	else
		out_field(f->kind, "%s%s%s", colour(f->word), words[f->word], out_plain());
	out_field("", "from %s, signed by %s", f->from, f->by);
}

static void print_finding(const struct status_finding *f, int64_t now)
{
	char from[32], until[32], age[48];

	print_word(f);
	if (!f->read)
		return;
	text_of_time(f->this_update, from);
	if (f->this_update > now)
		out_field("", "of %s, which is in the future", from);
	else
		out_field("", "of %s, %s old", from, words_span(now - f->this_update, age));
	if (!f->have_next_update)
		out_field("", "no next update told");
	else
		out_field("", "next update %s%s", text_of_time(f->next_update, until),
			  f->next_update < now ? ", which is past" : "");
}

void status_print(const struct status_subject *s, int64_t now)
{
	char subject[STATUS_TEXT];
	size_t i;

	capcert_cert_subject_text(s->cert, subject, sizeof(subject));
	printf("%s%s%s\n", out_bold(), subject, out_plain());
	if (s->anchor) {
		out_field("status",
			  "not asked: it is issued by itself, and trusted or not as such");
		return;
	}
	out_field("status", "%s%s%s", colour(s->word), words[s->word], out_plain());
	if (!s->issuer)
		out_field("", "its issuer's certificate is not there: --issuer FILE gives it");
	if (capcert_cert_must_staple(s->cert))
		out_field("", "must-staple: clients want a staple, whatever else says good");
	for (i = 0; i < s->count; i++)
		print_finding(&s->findings[i], now);
	if (s->issuer && !s->count)
		out_field("", "no evidence about it: --ocsp, --crl, --crl-dir, --fetch");
}

static json_t *finding_json(const struct status_finding *f, int64_t now)
{
	bool revoked = f->read && f->word == STATUS_REVOKED;

	return json_pack("{ss ss so sb so so so so so so so}", "kind", f->kind, "from", f->from,
			 "signedBy", f->read ? json_text(f->by) : json_null(), "counts", f->counts,
			 "says", f->read ? json_text(words[f->word]) : json_null(), "why",
			 f->counts ? json_null() : json_text(f->why), "thisUpdate",
			 f->read ? json_time(f->this_update) : json_null(), "age",
			 f->read ? json_integer(now - f->this_update) : json_null(), "nextUpdate",
			 f->read && f->have_next_update ? json_time(f->next_update) : json_null(),
			 "revokedAt", revoked ? json_time(f->revoked_at) : json_null(), "reason",
			 revoked && f->reason >= 0 ? json_text(reason_text(f->reason))
						   : json_null());
}

json_t *status_json(const struct status_subject *s, int64_t now)
{
	char subject[STATUS_TEXT];
	json_t *list = json_array();
	size_t i;

	capcert_cert_subject_text(s->cert, subject, sizeof(subject));
	for (i = 0; i < s->count; i++)
		json_array_append_new(list, finding_json(&s->findings[i], now));
	return json_pack("{so so sb so}", "subject", json_text(subject), "status",
			 s->anchor ? json_text("notAsked") : json_text(words[s->word]),
			 "mustStaple", capcert_cert_must_staple(s->cert), "evidence", list);
}
