// SPDX-License-Identifier: GPL-2.0-only
/* Short names, spans of time and notes in words. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/explain.h"

#define DAY 86400
#define SHORT 200

char *words_format(const char *format, ...)
{
	char *text = NULL;
	va_list list;

	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	va_end(list);
	return text;
}

/* Length of the attribute at @text, to the comma or plus that is not escaped. */
static size_t attribute_length(const char *text)
{
	size_t n;

	for (n = 0; text[n] && text[n] != ',' && text[n] != '+'; n++)
		n += text[n] == '\\' && text[n + 1];
	return n;
}

const char *words_short(const char *subject, char *buf, size_t cap)
{
	const char *at = subject;

	if (!subject || !*subject) {
		snprintf(buf, cap, "(no name)");
		return buf;
	}
	while (strncmp(at, "CN=", 3)) {
		at += attribute_length(at);
		if (!*at) {
			snprintf(buf, cap, "%s", subject);
			return buf;
		}
		at++;
	}
	snprintf(buf, cap, "%.*s", (int)attribute_length(at), at);
	return buf;
}

char *words_span(int64_t seconds, char buf[48])
{
	static const struct {
		int64_t unit, from;
		const char *one, *many;
	} units[] = {
		{ 365 * DAY, 2 * 365 * DAY, "year", "years" },
		{ DAY, DAY, "day", "days" },
		{ 3600, 3600, "hour", "hours" },
		{ 60, 60, "minute", "minutes" },
		{ 1, 0, "second", "seconds" },
	};
	size_t i;

	for (i = 0; seconds < units[i].from && i < 4; i++)
		;
	seconds /= units[i].unit;
	snprintf(buf, 48, "%lld %s", (long long)seconds,
		 seconds == 1 ? units[i].one : units[i].many);
	return buf;
}

void words_more(FILE *f, bool *more, const char *text)
{
	fprintf(f, "%s%s", *more ? ", " : "", text);
	*more = true;
}

const struct capcert_report_note *words_find_note(const capcert_report *r, uint32_t kind,
						  uint32_t cert)
{
	uint32_t i;

	for (i = 0; r && i < r->note_count; i++)
		if (r->notes[i].kind == kind &&
		    (r->notes[i].cert == cert || cert == CAPCERT_REPORT_NO_CERT))
			return &r->notes[i];
	return NULL;
}

const struct capcert_report_note *words_dead_end(const struct explanation *e, uint32_t cert)
{
	static const uint32_t kinds[] = { CAPCERT_NOTE_OTHER_PURPOSE, CAPCERT_NOTE_BAD_SIGNATURE,
					  CAPCERT_NOTE_LOOP, CAPCERT_NOTE_TOO_LONG,
					  CAPCERT_NOTE_UNCHECKED };
	const struct capcert_report_note *n = NULL;
	size_t i;

	for (i = 0; !n && i < sizeof(kinds) / sizeof(*kinds); i++)
		n = words_find_note(e->report, kinds[i], cert);
	return n;
}

static void put_place(FILE *f, const struct capcert_report_cert *c)
{
	char name[SHORT];

	if (c->source == CAPCERT_SOURCE_ANCHOR)
		fprintf(f, "anchor %s", words_short(c->subject, name, sizeof(name)));
	else if (c->cert)
		fprintf(f, "certificate %u of the chain (%s)", c->index,
			words_short(c->subject, name, sizeof(name)));
	else
		fprintf(f, "certificate %u of the chain", c->index);
}

static void put_purposes(FILE *f, uint32_t mask)
{
	bool more = false;
	uint32_t i;

	for (i = 0; i < CAPCERT_PURPOSE_COUNT; i++)
		if (mask >> i & 1)
			words_more(f, &more, capcert_purpose_name(i));
}

char *words_note(const struct explanation *e, const struct capcert_report_note *note)
{
	const struct capcert_report_cert *c = &e->report->certs[note->cert], *issuer = NULL;
	char *text = NULL, name[SHORT];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	if (note->issuer != CAPCERT_REPORT_NO_CERT)
		issuer = &e->report->certs[note->issuer];
	put_place(f, issuer ? issuer : c);
	words_short(c->subject, name, sizeof(name));
	switch (note->kind) {
	case CAPCERT_NOTE_MALFORMED:
		fprintf(f, " cannot be read: %s", note->text);
		break;
	case CAPCERT_NOTE_REPEATED:
		fputs(" stands in the chain already", f);
		break;
	case CAPCERT_NOTE_UNUSED:
		fputs(" is not needed: no path led through it", f);
		break;
	case CAPCERT_NOTE_BAD_SIGNATURE:
		fprintf(f, " has the name of the issuer of %s, but did not sign it", name);
		break;
	case CAPCERT_NOTE_UNCHECKED:
		fprintf(f, " may have issued %s: no budget was left to check the signature", name);
		break;
	case CAPCERT_NOTE_LOOP:
		fprintf(f, " has issued %s, but the path has been there already", name);
		break;
	case CAPCERT_NOTE_TOO_LONG:
		fprintf(f, " has issued %s, but the path is as long as any may be", name);
		break;
	case CAPCERT_NOTE_OTHER_PURPOSE:
		fputs(" is in the store, but trusted for ", f);
		put_purposes(f, issuer ? issuer->purposes : 0);
		fprintf(f, " only, not for %s", capcert_purpose_name(e->params.purpose));
		break;
	default:
		fprintf(f, ": %s", note->text ? note->text : capcert_note_name(note->kind));
		break;
	}
	fclose(f);
	return text;
}
