// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of CT logs into our own form: members in one order, so that equal lists are equal texts. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/base64.h>
#include "core/time.h"
#include "libcapcert/loglist.h"
#include "libcapcert/loglist_json.h"

/* A member that is NULL for want of memory makes the whole NULL. */
static void set(json_t **object, const char *name, json_t *value)
{
	if (json_object_set_new(*object, name, value) == 0)
		return;
	json_decref(*object);
	*object = NULL;
}

static void append(json_t **array, json_t *value)
{
	if (json_array_append_new(*array, value) == 0)
		return;
	json_decref(*array);
	*array = NULL;
}

static void set_time(json_t **object, const char *name, int64_t time)
{
	char text[CC_TIME_TEXT];

	if (time == CAPCERT_TIME_UNKNOWN)
		return;
	cc_time_format(time, text, sizeof(text));
	set(object, name, json_string(text));
}

static json_t *base64_of(struct cc_span in)
{
	size_t n = BASE64_ENCODE_RAW_LENGTH(in.n);
	char *text = malloc(n + 1);
	json_t *value;

	if (!text)
		return NULL;
	base64_encode_raw(text, in.n, in.p);
	value = json_stringn(text, n);
	free(text);
	return value;
}

static json_t *operators_of(const struct ct_log *log)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < log->operator_count; i++) {
		json_t *one = json_object();

		set(&one, "name", json_string(log->operators[i].name));
		set_time(&one, "since", log->operators[i].since);
		append(&array, one);
	}
	return array;
}

static json_t *states_of(const struct ct_log *log)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < log->state_count; i++) {
		json_t *one = json_object();

		set(&one, "state", json_string(capcert_log_state_name(log->states[i].state)));
		set_time(&one, "since", log->states[i].since);
		append(&array, one);
	}
	return array;
}

static json_t *interval_of(const struct ct_log *log)
{
	json_t *object = json_object();

	set_time(&object, "start", log->interval_start);
	set_time(&object, "end", log->interval_end);
	return object;
}

static json_t *source_of(const struct ct_log *log)
{
	json_t *object = json_object();

	set(&object, "name", json_string(log->source));
	set_time(&object, "date", log->source_date);
	return object;
}

static json_t *log_of(const struct ct_log *log)
{
	json_t *object = json_object();

	set(&object, "name", json_string(log->description));
	set(&object, "id", base64_of(cc_span(log->id, 32)));
	set(&object, "key", base64_of(log->spki));
	set(&object, "kind", json_string(capcert_log_kind_name(log->kind)));
	set(&object, "operators", operators_of(log));
	if (log->state_count)
		set(&object, "states", states_of(log));
	if (log->has_interval)
		set(&object, "interval", interval_of(log));
	if (log->mmd)
		set(&object, "mmd", json_integer(log->mmd));
	if (log->submission)
		set(&object, "submission", json_string(log->submission));
	if (log->monitoring)
		set(&object, "monitoring", json_string(log->monitoring));
	if (log->source)
		set(&object, "source", source_of(log));
	return object;
}

int capcert_loglist_to_json(const capcert_loglist *list, char **ret_text, size_t *ret_len)
{
	json_t *root = json_object(), *logs = json_array();
	char *text, *copy = NULL;
	size_t n;
	uint32_t i;

	for (i = 0; i < loglist_count(list); i++)
		append(&logs, log_of(loglist_at(list, i)));
	set(&root, "format", json_string(LOGLIST_JSON_FORMAT));
	set_time(&root, "created", loglist_time(list));
	set(&root, "logs", logs);
	text = json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (!text)
		return -ENOMEM;
	n = strlen(text);
	copy = realloc(text, n + 2);
	if (!copy) {
		free(text);
		return -ENOMEM;
	}
	memcpy(copy + n, "\n", 2);
	*ret_text = copy;
	*ret_len = n + 1;
	return 0;
}
