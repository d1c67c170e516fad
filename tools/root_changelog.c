// SPDX-License-Identifier: GPL-2.0-only
/* CHANGELOG-roots.md: dated sections, newest first, with lines
 *	- added `Company/Name`: ...      - disabled `Company/Name`: ...
 *	- removed `Company/Name`: ...    - denied `part of a label`: ...
 * What the newest line about a root says is what the folder must hold. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/file.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/roots.h"
#include "tools/text.h"

#define NAME "CHANGELOG-roots.md"

enum event { ADDED, DISABLED, REMOVED, DENIED, EVENT_COUNT };

static const char *const leads[EVENT_COUNT] = {
	[ADDED] = "- added `",
	[DISABLED] = "- disabled `",
	[REMOVED] = "- removed `",
	[DENIED] = "- denied `",
};

struct entry {
	char what[300];
	enum event event;
	size_t line;
};

struct changelog {
	struct entry *entries; /* newest first */
	size_t count;
};

/* "## 2026-01-31 — title" */
static bool heading(const char *line, size_t n, int64_t *ret)
{
	static const char dash[] = " \xe2\x80\x94 ";
	char day[11];
	bool now;

	if (n < 3 + 10 + sizeof(dash) || memcmp(line + 13, dash, sizeof(dash) - 1))
		return false;
	snprintf(day, sizeof(day), "%.10s", line + 3);
	return day[4] == '-' && text_time(day, ret, &now) && !now;
}

static bool put(struct changelog *log, enum event event, const char *what, size_t n, size_t line)
{
	struct entry *more = reallocarray(log->entries, log->count + 1, sizeof(*more));

	if (!more)
		return false;
	log->entries = more;
	snprintf(more[log->count].what, sizeof(more->what), "%.*s", (int)n, what);
	more[log->count].event = event;
	more[log->count].line = line;
	log->count++;
	return true;
}

/* The thing between the backquotes, and a reason behind it. */
static void take_event(struct root_set *set, struct changelog *log, enum event event,
		       const char *line, size_t n, size_t number)
{
	const char *what = line + strlen(leads[event]);
	const char *end = memchr(what, '`', (size_t)(line + n - what));

	if (!end || end == what || end + 3 > line + n || memcmp(end, "`: ", 3))
		problem(&set->problems, NAME, "line %zu: no reason: %s...`: REASON", number,
			leads[event]);
	else if (!put(log, event, what, (size_t)(end - what), number))
		set->problems.lost = true;
}

static void read_log(struct root_set *set, const char *text, struct changelog *log)
{
	int64_t last = INT64_MAX, day;
	size_t number = 0, n;
	int i;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		number++;
		if (n >= 3 && !memcmp(text, "## ", 3)) {
			if (!heading(text, n, &day))
				problem(&set->problems, NAME,
					"line %zu: not '## YYYY-MM-DD — title'", number);
			else if (day > last)
				problem(&set->problems, NAME,
					"line %zu: newer than the section above it", number);
			else
				last = day;
		}
		for (i = 0; i < EVENT_COUNT; i++)
			if (n > strlen(leads[i]) && !memcmp(text, leads[i], strlen(leads[i])))
				take_event(set, log, (enum event)i, text, n, number);
	}
}

static const struct entry *newest(const struct changelog *log, const char *what, bool denied)
{
	size_t i;

	for (i = 0; i < log->count; i++)
		if ((log->entries[i].event == DENIED) == denied &&
		    !strcmp(log->entries[i].what, what))
			return &log->entries[i];
	return NULL;
}

static void stem_of(const struct root *root, char *buf, size_t cap)
{
	snprintf(buf, cap, "%s/%s", root->company, root->name);
}

/* Every root is written down as what it is. */
static void check_roots(struct root_set *set, const struct changelog *log)
{
	const struct entry *e;
	char stem[300];
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct root *root = &set->roots[i];
		enum event want = root->disabled ? DISABLED : ADDED;

		stem_of(root, stem, sizeof(stem));
		e = newest(log, stem, false);
		if (!e || e->event != want)
			problem(&set->problems, root->path, "%s does not say: %s%s`: REASON", NAME,
				leads[want], stem);
	}
}

/* What is written down is there. */
static void check_entries(struct root_set *set, const struct changelog *log)
{
	char stem[300];
	size_t i, k;

	for (i = 0; i < log->count; i++) {
		const struct entry *e = &log->entries[i];
		bool found = false;

		if (e->event == DENIED || newest(log, e->what, false) != e)
			continue;
		for (k = 0; !found && k < set->count; k++) {
			stem_of(&set->roots[k], stem, sizeof(stem));
			found = !strcmp(stem, e->what);
		}
		if (found && e->event == REMOVED)
			problem(&set->problems, NAME, "line %zu: %s was removed, and is there",
				e->line, e->what);
		else if (!found && e->event != REMOVED)
			problem(&set->problems, NAME, "line %zu: %s is not there", e->line,
				e->what);
	}
}

void root_changelog_check(struct root_set *set, const struct root_deny *deny)
{
	struct changelog log = { 0 };
	uint8_t *data = NULL, *text = NULL;
	char *path;
	size_t len, i;

	if (asprintf(&path, "%s/%s", set->dir, NAME) < 0) {
		set->problems.lost = true;
		return;
	}
	if (access(path, R_OK))
		problem(&set->problems, NAME, "is missing: every change of the set stands in it");
	else if (!file_read(path, &data, &len))
		text = realloc(data, len + 1);
	if (text) {
		text[len] = '\0';
		read_log(set, (const char *)text, &log);
		check_roots(set, &log);
		check_entries(set, &log);
		for (i = 0; i < deny->count; i++)
			if (!newest(&log, deny->labels[i], true))
				problem(&set->problems, "deny.txt",
					"%s does not say: %s%s`: REASON", NAME, leads[DENIED],
					deny->labels[i]);
	}
	free(text);
	free(log.entries);
	free(path);
}
