// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of CT logs as JSON: our own form, strictly; Chrome's and Apple's, whose members we do not
 * know are passed over; and plain tables of keys. With loglist_json_write.c the only user of
 * jansson in the library. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/loglist_json.h"
#include "libcapcert/loglist_text.h"

/* Arrays and texts that a log's info points into while it is made. */
struct facts {
	struct capcert_log_info info;
	struct capcert_log_operator operators[LOG_HISTORY_MAX];
	struct capcert_log_state states[LOG_HISTORY_MAX];
	char submission[LOG_URL_MAX + 2];
	char monitoring[LOG_URL_MAX + 2];
};

/* ---- members ---- */

static int wrong(struct loglist_reader *r, const char *field, const char *what)
{
	return loglist_fail(r, -EBADMSG, "%s: %s", field, what);
}

/* Members of @names (ended by NULL) and no others. */
static int only(struct loglist_reader *r, json_t *object, const char *field,
		const char *const *names)
{
	const char *key;
	json_t *value;
	size_t i;

	if (!json_is_object(object))
		return wrong(r, field, "not an object");
	json_object_foreach(object, key, value)
	{
		for (i = 0; names[i] && strcmp(names[i], key) != 0; i++)
			;
		if (!names[i])
			return loglist_fail(r, -EBADMSG, "%s: unknown member \"%.60s\"", field,
					    key);
	}
	return 0;
}

/* A text without NUL in it; NULL when it is absent and may be. */
static int text_of(struct loglist_reader *r, json_t *object, const char *field, bool needed,
		   const char **ret)
{
	json_t *value = json_object_get(object, field);

	if (!value && !needed) {
		*ret = NULL;
		return 0;
	}
	if (!value)
		return wrong(r, field, "missing");
	if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
		return wrong(r, field, "not a text");
	*ret = json_string_value(value);
	return 0;
}

static int time_of(struct loglist_reader *r, json_t *object, const char *field, bool needed,
		   int64_t *ret)
{
	const char *text;
	int result = text_of(r, object, field, needed, &text);

	if (result < 0)
		return result;
	if (!text) {
		*ret = CAPCERT_TIME_UNKNOWN;
		return 0;
	}
	if (!loglist_time_parse(text, ret))
		return wrong(r, field, "not a time like 2026-01-31T23:59:59Z");
	return 0;
}

static int mmd_of(struct loglist_reader *r, json_t *object, uint32_t *ret)
{
	json_t *value = json_object_get(object, "mmd");

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > INT32_MAX)
		return wrong(r, "mmd", "not a number of seconds from 0 to 2147483647");
	*ret = (uint32_t)json_integer_value(value);
	return 0;
}

static int interval_of(struct loglist_reader *r, json_t *object, const char *field,
		       const char *start, const char *end, struct capcert_log_info *info)
{
	json_t *value = json_object_get(object, field);
	int result;

	if (!value)
		return 0;
	if (!json_is_object(value))
		return wrong(r, field, "not an object");
	result = time_of(r, value, start, true, &info->interval_start);
	if (result == 0)
		result = time_of(r, value, end, true, &info->interval_end);
	info->has_interval = 1;
	return result;
}

static int state_parse(const char *text)
{
	uint32_t i;

	for (i = 0; capcert_log_state_name(i); i++)
		if (!strcmp(capcert_log_state_name(i), text))
			return (int)i;
	return -1;
}

/* An array of at most LOG_HISTORY_MAX objects; 0 when it is absent. */
static int history_of(struct loglist_reader *r, json_t *object, const char *field, json_t **ret,
		      size_t *ret_count)
{
	json_t *array = json_object_get(object, field);

	*ret = array;
	*ret_count = 0;
	if (!array)
		return 0;
	if (!json_is_array(array))
		return wrong(r, field, "not an array");
	if (json_array_size(array) > LOG_HISTORY_MAX)
		return wrong(r, field, "more than 16");
	*ret_count = json_array_size(array);
	return 0;
}

/* ---- our own form ---- */

static int own_operators(struct loglist_reader *r, json_t *log, struct facts *f)
{
	static const char *const names[] = { "name", "since", NULL };
	json_t *array, *one;
	int result = history_of(r, log, "operators", &array, &f->info.operator_count);
	size_t i;

	if (result == 0 && f->info.operator_count == 0)
		return wrong(r, "operators", "missing or empty");
	for (i = 0; result == 0 && i < f->info.operator_count; i++) {
		one = json_array_get(array, i);
		result = only(r, one, "operators", names);
		if (result == 0)
			result = text_of(r, one, "name", true, &f->operators[i].name);
		if (result == 0)
			result = time_of(r, one, "since", i > 0, &f->operators[i].since);
	}
	return result;
}

static int own_states(struct loglist_reader *r, json_t *log, struct facts *f)
{
	static const char *const names[] = { "state", "since", NULL };
	json_t *array, *one;
	int result = history_of(r, log, "states", &array, &f->info.state_count), state;
	const char *text;
	size_t i;

	for (i = 0; result == 0 && i < f->info.state_count; i++) {
		one = json_array_get(array, i);
		result = only(r, one, "states", names);
		if (result == 0)
			result = text_of(r, one, "state", true, &text);
		if (result == 0)
			result = time_of(r, one, "since", i > 0, &f->states[i].since);
		if (result < 0)
			break;
		state = state_parse(text);
		if (state < 0)
			return wrong(r, "states",
				     "not pending, qualified, usable, readonly, retired, rejected");
		f->states[i].state = (uint32_t)state;
	}
	return result;
}

static int own_source(struct loglist_reader *r, json_t *log, struct capcert_log_info *info)
{
	static const char *const names[] = { "name", "date", NULL };
	json_t *source = json_object_get(log, "source");
	int result;

	if (!source)
		return 0;
	result = only(r, source, "source", names);
	if (result == 0)
		result = text_of(r, source, "name", true, &info->source);
	if (result == 0)
		result = time_of(r, source, "date", false, &info->source_date);
	return result;
}

static int own_kind(struct loglist_reader *r, json_t *log, struct capcert_log_info *info)
{
	const char *text;
	int result = text_of(r, log, "kind", true, &text);

	if (result < 0)
		return result;
	if (!strcmp(text, "static-ct"))
		info->kind = CAPCERT_LOG_STATIC_CT;
	else if (strcmp(text, "rfc6962") != 0)
		return wrong(r, "kind", "neither rfc6962 nor static-ct");
	return 0;
}

static int own_log(struct loglist_reader *r, json_t *log, struct facts *f)
{
	static const char *const names[] = {
		"name",	    "id",  "key",	 "kind",       "operators", "states",
		"interval", "mmd", "submission", "monitoring", "source",    NULL,
	};
	static const char *const interval[] = { "start", "end", NULL };
	struct capcert_log_info *info = &f->info;
	const char *id, *key;
	int result = only(r, log, "log", names);

	if (result == 0)
		result = text_of(r, log, "name", true, &info->name);
	r->name = info->name;
	if (result == 0)
		result = text_of(r, log, "id", true, &id);
	if (result == 0)
		result = text_of(r, log, "key", true, &key);
	if (result == 0)
		result = own_kind(r, log, info);
	if (result == 0)
		result = own_operators(r, log, f);
	if (result == 0)
		result = own_states(r, log, f);
	if (result == 0 && json_object_get(log, "interval"))
		result = only(r, json_object_get(log, "interval"), "interval", interval);
	if (result == 0)
		result = interval_of(r, log, "interval", "start", "end", info);
	if (result == 0)
		result = mmd_of(r, log, &info->mmd);
	if (result == 0)
		result = text_of(r, log, "submission", false, &info->submission);
	if (result == 0)
		result = text_of(r, log, "monitoring", false, &info->monitoring);
	if (result == 0)
		result = own_source(r, log, info);
	return result < 0 ? result : loglist_take(r, key, id, info, true);
}

static int read_own(struct loglist_reader *r, json_t *root)
{
	static const char *const names[] = { "format", "created", "note", "logs", NULL };
	json_t *logs = json_object_get(root, "logs"), *log;
	int result = only(r, root, "list", names);
	size_t i;

	if (result == 0)
		result = time_of(r, root, "created", false, &r->time);
	if (result == 0 && !json_is_array(logs))
		return wrong(r, "logs", "missing, or not an array");
	for (i = 0; result == 0 && i < json_array_size(logs); i++) {
		struct facts f = { .info.operators = f.operators, .info.states = f.states };

		log = json_array_get(logs, i);
		r->number++;
		r->name = NULL;
		result = own_log(r, log, &f);
	}
	return result;
}

/* ---- Chrome's and Apple's ---- */

/* Theirs end with a slash, by custom. */
static int url_of(struct loglist_reader *r, json_t *log, const char *field, char *buf, size_t cap,
		  const char **ret)
{
	const char *text;
	int result = text_of(r, log, field, false, &text);
	size_t n;

	if (result < 0 || !text)
		return result;
	n = strlen(text);
	if (n + 2 > cap)
		return wrong(r, field, "too long");
	snprintf(buf, cap, "%s%s", text, n && text[n - 1] == '/' ? "" : "/");
	*ret = buf;
	return 0;
}

/* {"usable": {"timestamp": "..."}}. A log that has none never applied, or is for tests. */
static int v3_state(struct loglist_reader *r, json_t *log, struct facts *f)
{
	json_t *object = json_object_get(log, "state"), *value;
	const char *key = NULL, *type = NULL;
	void *at;
	int state, result = text_of(r, log, "log_type", false, &type);

	f->info.state_count = 1;
	f->states[0].state = CAPCERT_LOG_PENDING;
	f->states[0].since = CAPCERT_TIME_UNKNOWN;
	if (result < 0 || !object || (type && strcmp(type, "prod") != 0))
		return result;
	at = json_object_iter(object);
	if (!json_is_object(object) || json_object_size(object) != 1 || !at)
		return wrong(r, "state", "not an object with one member");
	key = json_object_iter_key(at);
	value = json_object_iter_value(at);
	state = state_parse(key);
	if (state < 0)
		return loglist_fail(r, -EBADMSG, "state: unknown \"%.60s\"", key);
	f->states[0].state = (uint32_t)state;
	return time_of(r, value, "timestamp", true, &f->states[0].since);
}

/* Previous operators say when they ended; the current one stands above the log. */
static int v3_operators(struct loglist_reader *r, json_t *log, const char *current, struct facts *f)
{
	int64_t since = CAPCERT_TIME_UNKNOWN;
	json_t *array, *one;
	size_t n, i;
	int result = history_of(r, log, "previous_operators", &array, &n);

	if (result == 0 && n == LOG_HISTORY_MAX)
		return wrong(r, "previous_operators", "more than 15");
	for (i = 0; result == 0 && i < n; i++) {
		one = json_array_get(array, i);
		f->operators[i].since = since;
		result = text_of(r, one, "name", true, &f->operators[i].name);
		if (result == 0)
			result = time_of(r, one, "end_time", true, &since);
	}
	f->operators[n].name = current;
	f->operators[n].since = since;
	f->info.operator_count = n + 1;
	return result;
}

static int v3_log(struct loglist_reader *r, json_t *log, const char *current, bool tiled,
		  struct facts *f)
{
	struct capcert_log_info *info = &f->info;
	const char *id = NULL, *key = NULL;
	int result = json_is_object(log) ? 0 : wrong(r, "log", "not an object");

	if (result == 0)
		result = text_of(r, log, "description", false, &info->name);
	r->name = info->name;
	info->kind = tiled ? CAPCERT_LOG_STATIC_CT : CAPCERT_LOG_RFC6962;
	if (result == 0)
		result = text_of(r, log, "log_id", true, &id);
	if (result == 0)
		result = text_of(r, log, "key", true, &key);
	if (result == 0)
		result = mmd_of(r, log, &info->mmd);
	if (result == 0)
		result = url_of(r, log, tiled ? "submission_url" : "url", f->submission,
				sizeof(f->submission), &info->submission);
	if (result == 0 && tiled)
		result = url_of(r, log, "monitoring_url", f->monitoring, sizeof(f->monitoring),
				&info->monitoring);
	if (!tiled)
		info->monitoring = info->submission;
	if (result == 0)
		result = v3_state(r, log, f);
	if (result == 0)
		result = v3_operators(r, log, current, f);
	if (result == 0)
		result = interval_of(r, log, "temporal_interval", "start_inclusive",
				     "end_exclusive", info);
	return result < 0 ? result : loglist_take(r, key, id, info, false);
}

static int v3_logs(struct loglist_reader *r, json_t *operator, const char * current,
		   const char *field, bool tiled)
{
	json_t *logs = json_object_get(operator, field);
	int result = 0;
	size_t i;

	if (!logs)
		return 0;
	if (!json_is_array(logs))
		return wrong(r, field, "not an array");
	for (i = 0; result == 0 && i < json_array_size(logs); i++) {
		struct facts f = { .info.operators = f.operators, .info.states = f.states };

		r->number++;
		r->name = NULL;
		result = v3_log(r, json_array_get(logs, i), current, tiled, &f);
	}
	return result;
}

static int read_v3(struct loglist_reader *r, json_t *root, bool apple)
{
	json_t *operators = json_object_get(root, "operators"), *one;
	json_t *version = json_object_get(root, "version");
	const char *name;
	size_t i;
	int result = time_of(r, root, "log_list_timestamp", false, &r->time);

	if (json_is_integer(version))
		snprintf(r->source, sizeof(r->source), "%s, version %" JSON_INTEGER_FORMAT,
			 apple ? "Apple's log list" : "log list v3", json_integer_value(version));
	else if (json_is_string(version) && json_string_length(version) <= 20)
		snprintf(r->source, sizeof(r->source), "%s, version %s",
			 apple ? "Apple's log list" : "log list v3", json_string_value(version));
	for (i = 0; result == 0 && i < json_array_size(operators); i++) {
		one = json_array_get(operators, i);
		r->number = 0;
		if (!json_is_object(one))
			return wrong(r, "operators", "not objects");
		result = text_of(r, one, "name", true, &name);
		if (result == 0)
			result = v3_logs(r, one, name, "logs", false);
		if (result == 0)
			result = v3_logs(r, one, name, "tiled_logs", true);
	}
	return result;
}

/* ---- tables of keys ---- */

static int read_known(struct loglist_reader *r, json_t *root)
{
	const char *id, *key;
	json_t *log;
	int result = 0;

	snprintf(r->source, sizeof(r->source), "table of keys");
	json_object_foreach(root, id, log)
	{
		struct facts f = { .info.operators = f.operators };

		r->number++;
		r->name = id;
		if (!json_is_object(log))
			return wrong(r, "log", "not an object");
		result = text_of(r, log, "key", true, &key);
		if (result == 0)
			result = text_of(r, log, "description", false, &f.info.name);
		if (result == 0)
			result = text_of(r, log, "operator", false, &f.operators[0].name);
		f.info.operator_count = f.operators[0].name ? 1 : 0;
		if (result == 0)
			result = loglist_take(r, key, id, &f.info, false);
		if (result < 0)
			break;
	}
	return result;
}

/* ---- which of them ---- */

/* A member that only one form has; the operators of Chrome's list have been there from the first. */
static uint32_t form_of(json_t *root)
{
	if (json_object_get(root, "format"))
		return CAPCERT_LOGLIST_CAPCERT;
	if (json_is_array(json_object_get(root, "operators")))
		return json_object_get(root, "assetVersion") ? CAPCERT_LOGLIST_APPLE
							     : CAPCERT_LOGLIST_GOOGLE;
	return CAPCERT_LOGLIST_KNOWN;
}

static int read_form(struct loglist_reader *r, uint32_t format, json_t *root)
{
	const char *text = json_string_value(json_object_get(root, "format"));
	uint32_t form = form_of(root);

	if (format != CAPCERT_LOGLIST_ANY && format != form)
		return loglist_fail(r, -EBADMSG, "this is a list of the form %s, not %s",
				    capcert_loglist_format_name(form),
				    capcert_loglist_format_name(format));
	switch (form) {
	case CAPCERT_LOGLIST_CAPCERT:
		if (!text || strcmp(text, LOGLIST_JSON_FORMAT) != 0)
			return wrong(r, "format", "not \"" LOGLIST_JSON_FORMAT "\"");
		return read_own(r, root);
	case CAPCERT_LOGLIST_KNOWN:
		return read_known(r, root);
	default:
		return read_v3(r, root, form == CAPCERT_LOGLIST_APPLE);
	}
}

int loglist_read_json(struct loglist_reader *r, uint32_t format, const char *data, size_t len)
{
	json_error_t error;
	json_t *root = json_loadb(data, len, JSON_REJECT_DUPLICATES, &error);
	int result;

	if (!root)
		return loglist_fail(
			r, json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EBADMSG,
			"line %d: %s", error.line, error.text);
	if (json_is_object(root))
		result = read_form(r, format, root);
	else
		result = loglist_fail(r, -EBADMSG, "not a JSON object");
	json_decref(root);
	return result;
}
