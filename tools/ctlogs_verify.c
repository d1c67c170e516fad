// SPDX-License-Identifier: GPL-2.0-only
/* capcert ctlogs verify: what a list may say, and should not. */

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tools/ctlogs.h"
#include "tools/text.h"

#define DAY 86400
#define INTERVAL_MAX (2 * 366 * (int64_t)DAY)

struct findings {
	json_t *array; /* NULL: for people */
	const char *name;
	size_t count;
};

static void found(struct findings *f, const char *what)
{
	char name[256];

	f->count++;
	if (f->array)
		json_array_append_new(
			f->array, json_pack("{soss}", "log", json_text(f->name), "problem", what));
	else if (f->name)
		printf("%s: %s\n", ctlogs_text(f->name, name), what);
	else
		printf("%s\n", what);
}

static bool https(const char *url)
{
	return !url || !strncmp(url, "https://", 8);
}

static void check_log(struct findings *f, const capcert_log *log, int64_t now)
{
	struct capcert_log_info info;
	size_t i;

	capcert_log_get(log, &info);
	f->name = info.name;
	if (!https(info.submission) || !https(info.monitoring))
		found(f, "an address is not https");
	if (!info.monitoring)
		found(f, "no address for monitoring");
	if (info.has_interval && info.interval_end - info.interval_start > INTERVAL_MAX)
		found(f, "the interval is longer than two years");
	if (info.has_interval && (info.interval_start % DAY || info.interval_end % DAY))
		found(f, "the interval does not begin and end at midnight");
	if (!info.mmd)
		found(f, "no maximum merge delay");
	if (info.mmd > DAY)
		found(f, "a maximum merge delay of more than a day");
	if (!info.state_count)
		found(f, "no state: it counts as usable from ever");
	for (i = 0; i < info.state_count; i++)
		if (info.states[i].since > now + DAY)
			found(f, "a state that begins in the future");
	for (i = 0; i < info.operator_count; i++)
		if (info.operators[i].since > now + DAY)
			found(f, "an operator who begins in the future");
	if (!strcmp(capcert_log_operator_at(log, INT64_MAX), "unknown"))
		found(f, "no operator");
	if (!info.source)
		found(f, "no source");
	else if (info.source_date == CAPCERT_TIME_UNKNOWN)
		found(f, "a source without a date");
	f->name = NULL;
}

/* Names are for people, who must not mistake one log for another. */
static void check_names(struct findings *f, const capcert_loglist *list)
{
	struct capcert_log_info a, b;
	size_t n = capcert_loglist_count(list), i, k;

	for (i = 0; i < n; i++) {
		capcert_log_get(capcert_loglist_at(list, i), &a);
		for (k = i + 1; k < n; k++) {
			capcert_log_get(capcert_loglist_at(list, k), &b);
			f->name = a.name;
			if (!strcmp(a.name, b.name))
				found(f, "the name of two logs");
		}
	}
	f->name = NULL;
}

static void check_list(struct findings *f, const capcert_loglist *list, int64_t now, int64_t days)
{
	int64_t made = capcert_loglist_time(list);

	if (!capcert_loglist_count(list))
		found(f, "no logs");
	if (made == CAPCERT_TIME_UNKNOWN)
		found(f, "the list does not say when it was made");
	else if (made > now + DAY)
		found(f, "the list was made in the future");
	else if (days >= 0 && now - made > days * DAY)
		found(f, "the list is older than it may be: import a newer one");
}

int ctlogs_verify(const struct args *args)
{
	struct findings f = { .array = out_json() ? json_array() : NULL };
	const char *text = opt_text(args, "max-age");
	int64_t now = time(NULL);
	capcert_loglist *list;
	uint64_t days = 0;
	size_t i, n;
	int r;

	if (text && !text_number(text, 36500, &days))
		return fail(EXIT_USAGE, "--max-age '%s' is no number of days up to 36500", text);
	r = ctlogs_load(args->word_count ? args->words[0] : NULL, CAPCERT_LOGLIST_ANY, &list);
	if (r)
		return r;
	n = capcert_loglist_count(list);
	check_list(&f, list, now, text ? (int64_t)days : -1);
	for (i = 0; i < n; i++)
		check_log(&f, capcert_loglist_at(list, i), now);
	check_names(&f, list);
	capcert_loglist_free(list);
	if (f.array) {
		r = out_print_json(json_pack("{sisoso}", "logs", (int)n, "ok",
					     json_boolean(!f.count), "problems", f.array));
		if (r)
			return r;
	} else {
		printf("%zu logs, %zu problems\n", n, f.count);
	}
	return f.count ? EXIT_NO : EXIT_DONE;
}
