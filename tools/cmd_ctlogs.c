// SPDX-License-Identifier: GPL-2.0-only
/* capcert ctlogs: lists of Certificate Transparency logs. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <capcert/bundle.h>
#include "tools/ctlogs.h"
#include "tools/file.h"
#include "tools/text.h"

/* A bundle or its content, whoever signed it: here it is only looked at. */
static int load_bundle(const uint8_t *data, size_t len, capcert_loglist **ret, char *error)
{
	struct capcert_bundle_info info;
	capcert_bundle *bundle;
	const char *why = "";
	int r = capcert_bundle_open_unsigned(data, len, &bundle, &why);

	if (r == 0) {
		capcert_bundle_get(bundle, &info);
		r = capcert_loglist_from_bundle(info.content, info.content_len, ret, &why);
		capcert_bundle_free(bundle);
	}
	snprintf(error, CAPCERT_LOGLIST_ERROR, "%s", r ? why : "");
	return r;
}

int ctlogs_load(const char *path, uint32_t format, capcert_loglist **ret)
{
	char error[CAPCERT_LOGLIST_ERROR];
	uint8_t *data;
	size_t len;
	int r;

	if (!path) {
		r = capcert_loglist_bundled(ret);
		return r ? fail_errno(r, "the list that is compiled in") : EXIT_DONE;
	}
	r = file_read(path, &data, &len);
	if (r)
		return r;
	if (format == CAPCERT_LOGLIST_ANY && len && data[0] == 0x30)
		r = load_bundle(data, len, ret, error);
	else
		r = capcert_loglist_import(format, data, len, ret, error);
	free(data);
	if (r) {
		fail(EXIT_TROUBLE, "%s: %s", path, error);
		advise("nothing of it was taken; the list must be whole and true to its form");
		return EXIT_TROUBLE;
	}
	if (*error) /* some were left out */
		fprintf(stderr, "%s: %s\n", path, error);
	return EXIT_DONE;
}

const char *ctlogs_day(int64_t time, const char *unknown, char *buf)
{
	if (time == CAPCERT_TIME_UNKNOWN)
		return unknown;
	text_of_time(time, buf);
	buf[strcspn(buf, "T")] = '\0';
	return buf;
}

const char *ctlogs_text(const char *text, char *buf)
{
	return text_escape(text, strlen(text), buf, 256);
}

/* ---- show ---- */

static json_t *histories_json(const struct capcert_log_info *info, json_t *j)
{
	json_t *operators = json_array(), *states = json_array();
	size_t i;

	for (i = 0; i < info->operator_count; i++)
		json_array_append_new(operators,
				      json_pack("{soso}", "name",
						json_text(info->operators[i].name), "since",
						info->operators[i].since == CAPCERT_TIME_UNKNOWN
							? json_null()
							: json_time(info->operators[i].since)));
	for (i = 0; i < info->state_count; i++)
		json_array_append_new(
			states, json_pack("{ssso}", "state",
					  capcert_log_state_name(info->states[i].state), "since",
					  info->states[i].since == CAPCERT_TIME_UNKNOWN
						  ? json_null()
						  : json_time(info->states[i].since)));
	json_object_set_new(j, "operators", operators);
	json_object_set_new(j, "states", states);
	return j;
}

json_t *ctlogs_json(const capcert_log *log, int64_t at)
{
	struct capcert_log_info info;
	json_t *j = json_object();
	char *id, *key;

	capcert_log_get(log, &info);
	id = base64_text(info.id, sizeof(info.id));
	key = base64_text(info.key, info.key_len);
	json_object_set_new(j, "name", json_text(info.name));
	json_object_set_new(j, "id", json_text(id));
	json_object_set_new(j, "key", json_text(key));
	json_object_set_new(j, "kind", json_text(capcert_log_kind_name(info.kind)));
	json_object_set_new(j, "operator", json_text(capcert_log_operator_at(log, at)));
	json_object_set_new(j, "state",
			    json_text(capcert_log_state_name(capcert_log_state_at(log, at, NULL))));
	histories_json(&info, j);
	json_object_set_new(j, "interval",
			    info.has_interval
				    ? json_pack("{soso}", "start", json_time(info.interval_start),
						"end", json_time(info.interval_end))
				    : json_null());
	json_object_set_new(j, "mmd", info.mmd ? json_integer(info.mmd) : json_null());
	json_object_set_new(j, "submission", json_text(info.submission));
	json_object_set_new(j, "monitoring", json_text(info.monitoring));
	json_object_set_new(j, "source", json_text(info.source));
	json_object_set_new(j, "sourceDate",
			    info.source && info.source_date != CAPCERT_TIME_UNKNOWN
				    ? json_time(info.source_date)
				    : json_null());
	free(id);
	free(key);
	return j;
}

static int show_json(const capcert_loglist *list, int64_t at)
{
	int64_t time = capcert_loglist_time(list);
	json_t *j = json_object(), *logs = json_array();
	size_t i;

	for (i = 0; i < capcert_loglist_count(list); i++)
		json_array_append_new(logs, ctlogs_json(capcert_loglist_at(list, i), at));
	json_object_set_new(j, "created",
			    time == CAPCERT_TIME_UNKNOWN ? json_null() : json_time(time));
	json_object_set_new(j, "digest", json_hex(capcert_loglist_digest(list), 32));
	json_object_set_new(j, "logs", logs);
	return out_print_json(j);
}

/* For people: by operator, then by name. */
static int by_operator(const void *a, const void *b)
{
	const capcert_log *x = *(const capcert_log *const *)a;
	const capcert_log *y = *(const capcert_log *const *)b;
	struct capcert_log_info i, k;
	int c = strcmp(capcert_log_operator_at(x, INT64_MAX),
		       capcert_log_operator_at(y, INT64_MAX));

	if (c)
		return c;
	capcert_log_get(x, &i);
	capcert_log_get(y, &k);
	return strcmp(i.name, k.name);
}

static void show_row(const capcert_log *log, int64_t at)
{
	char name[256], operator[256], since_text[32], from[32], to[32];
	struct capcert_log_info info;
	const char *colour = "";
	uint32_t state;
	int64_t since;

	capcert_log_get(log, &info);
	state = capcert_log_state_at(log, at, &since);
	if (state == CAPCERT_LOG_USABLE || state == CAPCERT_LOG_QUALIFIED)
		colour = out_good();
	else if (state != CAPCERT_LOG_READONLY)
		colour = out_bad();
	printf("%-32s %-16s %-9s %s%-9s%s %-10s  ", ctlogs_text(info.name, name),
	       ctlogs_text(capcert_log_operator_at(log, at), operator),
	       capcert_log_kind_name(info.kind), colour, capcert_log_state_name(state), out_plain(),
	       ctlogs_day(since, "-", since_text));
	if (info.has_interval)
		printf("%s to %s\n", ctlogs_day(info.interval_start, "", from),
		       ctlogs_day(info.interval_end, "", to));
	else
		printf("any\n");
}

static int show_table(const capcert_loglist *list, int64_t at)
{
	size_t n = capcert_loglist_count(list), i;
	const capcert_log **logs = calloc(n + 1, sizeof(capcert_log *));
	int64_t made = capcert_loglist_time(list);
	char text[32];

	if (!logs)
		return fail_errno(-ENOMEM, "cannot sort the list");
	for (i = 0; i < n; i++)
		logs[i] = capcert_loglist_at(list, i);
	qsort(logs, n, sizeof(capcert_log *), by_operator);
	printf("%s%-32s %-16s %-9s %-9s %-10s  %s%s\n", out_bold(), "LOG", "OPERATOR", "KIND",
	       "STATE", "SINCE", "CERTIFICATES THAT END", out_plain());
	for (i = 0; i < n; i++)
		show_row(logs[i], at);
	free(logs);
	printf("\n%zu logs, list of %s", n, ctlogs_day(made, "unknown age", text));
	if (made != CAPCERT_TIME_UNKNOWN && at > made)
		printf(", %lld days old%s", (long long)((at - made) / 86400),
		       at - made > CTLOGS_MAX_AGE_DAYS * 86400LL ? ": stale, import a newer one"
								 : "");
	printf("\n");
	return EXIT_DONE;
}

static int time_of(const struct args *args, const char *name, int64_t *ret)
{
	const char *text = opt_text(args, name);
	bool now = true;

	if (text && !text_time(text, ret, &now)) {
		fail(EXIT_USAGE, "--%s '%s' is no time", name, text);
		advise("write 2026-01-31, 2026-01-31T12:00:00Z or seconds since 1970");
		return EXIT_USAGE;
	}
	if (!text || now)
		*ret = time(NULL);
	return EXIT_DONE;
}

static int show(const struct args *args)
{
	capcert_loglist *list;
	int64_t at;
	int r = time_of(args, "at", &at);

	if (!r)
		r = ctlogs_load(args->word_count ? args->words[0] : NULL, CAPCERT_LOGLIST_ANY,
				&list);
	if (r)
		return r;
	r = out_json() ? show_json(list, at) : show_table(list, at);
	capcert_loglist_free(list);
	return r;
}

/* ---- import ---- */

/* The old file stays whole until the new one is. */
static int write_file(const char *path, const char *text, size_t len)
{
	char part[4096];
	FILE *f = stdout;
	int bad;

	if (path && strcmp(path, "-") != 0) {
		if ((size_t)snprintf(part, sizeof(part), "%s.new", path) >= sizeof(part))
			return fail(EXIT_USAGE, "%s: the name is too long", path);
		f = fopen(part, "we");
		if (!f)
			return fail(EXIT_TROUBLE, "%s: %s", part, strerror(errno));
	}
	bad = fwrite(text, 1, len, f) != len || fflush(f);
	if (f == stdout)
		return bad ? fail(EXIT_TROUBLE, "standard output: %s", strerror(errno)) : EXIT_DONE;
	bad |= fsync(fileno(f));
	bad |= fclose(f);
	if (!bad && rename(part, path) == 0)
		return EXIT_DONE;
	fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
	unlink(part);
	return EXIT_TROUBLE;
}

static int put(const capcert_loglist *list, const char *path)
{
	char *text;
	size_t len;
	int r = capcert_loglist_to_json(list, &text, &len);

	if (r)
		return fail_errno(r, "cannot write the list");
	r = write_file(path, text, len);
	free(text);
	return r;
}

/* @list becomes what it knows and the list at @path. */
static int merge(capcert_loglist **list, const char *path)
{
	capcert_loglist *base, *both;
	int r = ctlogs_load(path, CAPCERT_LOGLIST_ANY, &base);

	if (r)
		return r;
	r = capcert_loglist_merge(base, *list, &both);
	capcert_loglist_free(base);
	if (r)
		return fail_errno(r, "the lists cannot be merged");
	capcert_loglist_free(*list);
	*list = both;
	return EXIT_DONE;
}

static int date(capcert_loglist **list, const struct args *args)
{
	capcert_loglist *dated;
	int64_t time;
	int r = time_of(args, "created", &time);

	if (r)
		return r;
	r = capcert_loglist_dated(*list, time, &dated);
	if (r)
		return fail_errno(r, "cannot date the list");
	capcert_loglist_free(*list);
	*list = dated;
	return EXIT_DONE;
}

static int import(const struct args *args)
{
	int format = capcert_loglist_format_parse(args->words[0]);
	const char *base = opt_text(args, "merge"), *path = opt_text(args, "output");
	capcert_loglist *list;
	int r;

	if (format < 0) {
		fail(EXIT_USAGE, "no form '%s'", args->words[0]);
		advise("one of: auto capcert google apple known mozilla");
		return EXIT_USAGE;
	}
	r = ctlogs_load(args->words[1], (uint32_t)format, &list);
	if (r)
		return r;
	if (opt_has(args, "created"))
		r = date(&list, args);
	if (!r && base)
		r = merge(&list, base);
	if (!r)
		r = put(list, path);
	if (!r && path && strcmp(path, "-") != 0) {
		if (out_json())
			r = out_print_json(json_pack("{sssi}", "file", path, "logs",
						     (int)capcert_loglist_count(list)));
		else
			printf("%s: %zu logs\n", path, capcert_loglist_count(list));
	}
	if (!r && capcert_loglist_time(list) == CAPCERT_TIME_UNKNOWN)
		advise("the list does not say when it was made and will count as stale: "
		       "--created TIME says it");
	capcert_loglist_free(list);
	return r;
}

/* ---- bundle ---- */

static int bundle(const struct args *args)
{
	const char *name = opt_text(args, "name"), *text = opt_text(args, "number");
	int64_t expires = CAPCERT_TIME_UNKNOWN;
	capcert_loglist *list;
	uint64_t number;
	uint8_t *der;
	size_t len;
	int r;

	if (!name || !text)
		return fail(EXIT_USAGE, "--name and --number are needed");
	if (!text_number(text, INT64_MAX, &number) || !number)
		return fail(EXIT_USAGE, "--number '%s' is no number from 1 on", text);
	if (opt_has(args, "expires") && time_of(args, "expires", &expires))
		return EXIT_USAGE;
	r = ctlogs_load(args->word_count ? args->words[0] : NULL, CAPCERT_LOGLIST_ANY, &list);
	if (r)
		return r;
	r = capcert_loglist_to_bundle(list, name, number, expires, &der, &len);
	capcert_loglist_free(list);
	if (r == -EINVAL) {
		fail(EXIT_USAGE, "no bundle can be called '%s', or its times make no sense", name);
		advise("a name is 1 to 63 of a-z 0-9 . _ -; the list must say when it was made, "
		       "and "
		       "end later");
		return EXIT_USAGE;
	}
	if (r)
		return fail_errno(r, "cannot write the bundle");
	r = write_file(opt_text(args, "output"), (const char *)der, len);
	free(der);
	return r;
}

static const struct opt show_opts[] = {
	{ .name = "at", .meta = "TIME", .help = "states and operators at TIME, not now" },
	{ 0 },
};

static const struct opt import_opts[] = {
	{ .name = "merge",
	  .meta = "LIST",
	  .help = "keep what LIST knows besides: logs, and the past of those in both" },
	{ .name = "created", .meta = "TIME", .help = "when the list was made, if it does not say" },
	{ .name = "output", .letter = 'o', .meta = "FILE", .help = "write to FILE" },
	{ 0 },
};

static const struct opt verify_opts[] = {
	{ .name = "max-age", .meta = "DAYS", .help = "how old the list may be; any age without" },
	{ 0 },
};

static const struct opt bundle_opts[] = {
	{ .name = "name", .meta = "NAME", .help = "the bundle's name: ct-logs" },
	{ .name = "number", .meta = "N", .help = "its version, higher than every earlier one" },
	{ .name = "expires",
	  .meta = "TIME",
	  .help = "when it ceases to be admitted; never without" },
	{ .name = "output", .letter = 'o', .meta = "FILE", .help = "write to FILE" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "show",
	  .usage = "[LIST|-] [--at TIME] [--json]",
	  .brief = "print the logs of a list, or of the one that is compiled in",
	  .help = "LIST is in any of the forms that import knows, or a bundle of logs,\n"
		  "whose signature is not looked at here.\n"
		  "\n"
		  "  capcert ctlogs show\n"
		  "  capcert ctlogs show --json data/ct-logs.json | jq '.logs[].name'\n",
	  .opts = show_opts,
	  .min_words = 0,
	  .max_words = 1,
	  .run = show },
	{ .name = "import",
	  .usage = "FORM LIST|- [--merge LIST] [--created TIME] [-o FILE]",
	  .brief = "write a list of another form in our own",
	  .help = "FORM is google (the v3 JSON schema), apple (current_log_list.json), mozilla "
		  "(CTKnownLogs.h),\n"
		  "known (a table of log ids and keys), capcert (our own), or auto.\n"
		  "Google does not permit the use of Chrome's list for enforcement in other "
		  "programs\n"
		  "without asking; see docs/ct.md.\n"
		  "\n"
		  "  capcert ctlogs import google log_list.json --merge ct-logs.json -o "
		  "ct-logs.json\n",
	  .opts = import_opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = import },
	{ .name = "verify",
	  .usage = "[LIST|-] [--max-age DAYS] [--json]",
	  .brief = "check a list by every rule that a machine can check",
	  .help = "Ids that are no hashes of their keys, histories that do not ascend and logs "
		  "that "
		  "stand\n"
		  "twice make a list unreadable. Named here are addresses without https, intervals "
		  "of no or\n"
		  "more than two years, times in the future, and facts or sources that are "
		  "missing.\n"
		  "Exit status: 0 nothing found, 1 something found.\n",
	  .opts = verify_opts,
	  .min_words = 0,
	  .max_words = 1,
	  .run = ctlogs_verify },
	{ .name = "bundle",
	  .usage = "[LIST|-] --name NAME --number N [--expires TIME] [-o FILE]",
	  .brief = "write a list as the content of a bundle, to be signed",
	  .help = "The same list, name and number are the same octets.\n"
		  "\n"
		  "  capcert ctlogs bundle --name ct-logs --number 7 -o content\n"
		  "  openssl cms -sign -binary -nodetach -nocerts -noattr -md sha256 -outform DER "
		  "\\\n"
		  "    -signer cert.pem -inkey key.pem -in content -out ct-logs.bundle\n",
	  .opts = bundle_opts,
	  .min_words = 0,
	  .max_words = 1,
	  .run = bundle },
	{ .name = "diff",
	  .usage = "OLD NEW [--json]",
	  .brief = "say what differs between two lists",
	  .help = "Exit status: 0 they are equal, 1 they differ.\n",
	  .min_words = 2,
	  .max_words = 2,
	  .run = ctlogs_diff },
	{ 0 },
};

const struct noun noun_ctlogs = { "ctlogs", "lists of Certificate Transparency logs", verbs };
