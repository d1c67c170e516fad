// SPDX-License-Identifier: GPL-2.0-only
/* capcert ctlogs diff: what differs between two lists, log by log and member by member. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/ctlogs.h"
#include "tools/text.h"

/* Members that decide something, in the order of the output. */
static const char *const members[] = { "name",	   "kind", "operators",	 "states",
				       "interval", "mmd",  "submission", "monitoring" };

/* One line for a member: a history as "A, B since 2026-01-01". */
static void text_of_value(const json_t *value, char *buf, size_t cap)
{
	const char *name, *since;
	size_t i, n = 0;

	*buf = '\0';
	if (json_is_string(value)) {
		text_escape(json_string_value(value), json_string_length(value), buf, cap);
	} else if (json_is_integer(value)) {
		snprintf(buf, cap, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_object(value)) { /* the interval */
		snprintf(
			buf, cap, "%.10s to %.10s",
			json_string_value(json_object_get(json_object_get(value, "start"), "text")),
			json_string_value(json_object_get(json_object_get(value, "end"), "text")));
	} else if (json_is_array(value) && json_array_size(value)) {
		for (i = 0; i < json_array_size(value) && n + 1 < cap; i++) {
			const json_t *one = json_array_get(value, i);

			name = json_string_value(json_object_get(one, "name"));
			if (!name)
				name = json_string_value(json_object_get(one, "state"));
			since = json_string_value(
				json_object_get(json_object_get(one, "since"), "text"));
			n += (size_t)snprintf(buf + n, cap - n, "%s%s%s%.10s", i ? ", " : "", name,
					      since ? " since " : "", since ? since : "");
		}
	} else {
		snprintf(buf, cap, "nothing");
	}
}

static void print_change(const char *member, const json_t *old, const json_t *new)
{
	char a[1024], b[1024];

	text_of_value(old, a, sizeof(a));
	text_of_value(new, b, sizeof(b));
	printf("    %s: %s -> %s\n", member, a, b);
}

/* What changed in one log; NULL when nothing did. */
static json_t *changes_of(const capcert_log *old_log, const capcert_log *new_log, bool people)
{
	json_t *old = ctlogs_json(old_log, INT64_MAX), *new = ctlogs_json(new_log, INT64_MAX);
	json_t *changes = NULL;
	char name[256];
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(*members); i++) {
		json_t *a = json_object_get(old, members[i]), *b = json_object_get(new, members[i]);

		if (json_equal(a, b))
			continue;
		if (!changes) {
			changes = json_object();
			if (people)
				printf("~ %s\n",
				       ctlogs_text(json_string_value(json_object_get(new, "name")),
						   name));
		}
		json_object_set_new(changes, members[i], json_pack("{sOsO}", "old", a, "new", b));
		if (people)
			print_change(members[i], a, b);
	}
	json_decref(old);
	json_decref(new);
	return changes;
}

/* Logs of @a that @b lacks. */
static json_t *missing(const capcert_loglist *a, const capcert_loglist *b, char sign)
{
	json_t *array = json_array();
	struct capcert_log_info info;
	const capcert_log *log;
	char name[256];
	size_t i;

	for (i = 0; (log = capcert_loglist_at(a, i)); i++) {
		capcert_log_get(log, &info);
		if (capcert_loglist_find(b, info.id))
			continue;
		json_array_append_new(array, ctlogs_json(log, INT64_MAX));
		if (!out_json())
			printf("%c %s\n", sign, ctlogs_text(info.name, name));
	}
	return array;
}

static json_t *changed(const capcert_loglist *a, const capcert_loglist *b)
{
	json_t *array = json_array(), *changes;
	struct capcert_log_info info;
	const capcert_log *log, *other;
	size_t i;

	for (i = 0; (log = capcert_loglist_at(a, i)); i++) {
		capcert_log_get(log, &info);
		other = capcert_loglist_find(b, info.id);
		changes = other ? changes_of(log, other, !out_json()) : NULL;
		if (changes)
			json_array_append_new(array,
					      json_pack("{soso}", "name", json_text(info.name),
							"changes", changes));
	}
	return array;
}

static json_t *created(const capcert_loglist *list)
{
	int64_t time = capcert_loglist_time(list);

	return time == CAPCERT_TIME_UNKNOWN ? json_null() : json_time(time);
}

int ctlogs_diff(const struct args *args)
{
	capcert_loglist *a = NULL, *b = NULL;
	json_t *removed, *added, *others;
	bool equal;
	int r = ctlogs_load(args->words[0], CAPCERT_LOGLIST_ANY, &a);

	if (!r)
		r = ctlogs_load(args->words[1], CAPCERT_LOGLIST_ANY, &b);
	if (r) {
		capcert_loglist_free(a);
		return r;
	}
	removed = missing(a, b, '-');
	added = missing(b, a, '+');
	others = changed(a, b);
	equal = !json_array_size(removed) && !json_array_size(added) && !json_array_size(others);
	if (out_json()) {
		r = out_print_json(json_pack("{sosososososo}", "oldCreated", created(a),
					     "newCreated", created(b), "equal", json_boolean(equal),
					     "removed", removed, "added", added, "changed",
					     others));
	} else {
		printf("%zu added, %zu removed, %zu changed\n", json_array_size(added),
		       json_array_size(removed), json_array_size(others));
		json_decref(removed);
		json_decref(added);
		json_decref(others);
	}
	capcert_loglist_free(a);
	capcert_loglist_free(b);
	return r ? r : equal ? EXIT_DONE : EXIT_NO;
}
