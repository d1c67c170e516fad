// SPDX-License-Identifier: GPL-2.0-only
/* capcert acme: asks capcert-acmed how its certificates are, and to act on one now. */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include "tools/answer.h"
#include "tools/ask.h"
#include "tools/text.h"
#include "tools/tool.h"

#define CONTROL "/run/capcert-acmed/control"
#define LOOK_MS 200

/* ---- asking ---- */

static const char *control_of(const struct args *args)
{
	const char *path = opt_text(args, "control");

	return path ? path : CONTROL;
}

/* With words for what went wrong. @question: is released. Return: an exit status. */
static int ask_for(const struct args *args, json_t *question, json_t **ret)
{
	const char *path = control_of(args);
	int r = ask(path, question, ret);

	if (r < 0) {
		fail_errno(r, "cannot ask %s", path);
		if (r == -ENOENT || r == -ECONNREFUSED)
			advise("does capcert-acmed run? systemctl status capcert-acmed");
		else if (r == -EACCES)
			advise("root alone may ask it");
		return EXIT_TROUBLE;
	}
	if (!json_object_get(*ret, "error"))
		return EXIT_DONE;
	fail(EXIT_USAGE, "%s", answer_string(*ret, "error"));
	json_decref(*ret);
	return EXIT_USAGE;
}

/* ---- status ---- */

static const char *why_words(const char *why)
{
	static const char *const words[][2] = {
		{ "first", "as there is none yet" },
		{ "changed", "as the configuration has changed" },
		{ "window", "by the CA's window" },
		{ "age", "by its lifetime" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], why) == 0)
			return words[i][1];
	return why;
}

static void show_next(const json_t *c, time_t now)
{
	char text[32], until[32];
	long long next = answer_number(c, "next");
	const json_t *window = json_object_get(c, "window");

	if (json_is_object(window))
		out_field("window", "%s to %s, says the CA",
			  text_of_time(answer_number(window, "start"), text),
			  text_of_time(answer_number(window, "end"), until));
	if (answer_number(c, "window_next") > now)
		out_field("asked again", "%s, when to renew",
			  text_of_time(answer_number(c, "window_next"), text));
	if (next <= now)
		out_field("renewal", "is due, %s", why_words(answer_string(c, "why")));
	else
		out_field("renewal", "%s, %s", text_of_time(next, text),
			  why_words(answer_string(c, "why")));
}

static bool troubled(const json_t *c)
{
	return json_string_length(json_object_get(c, "trouble")) > 0;
}

static void show_one(const json_t *c, time_t now)
{
	char text[32];
	long long until = answer_number(c, "not_after");
	json_t *name;
	size_t i;

	printf("%s%s%s: %s\n", out_bold(), answer_string(c, "name"), out_plain(),
	       answer_string(c, "state"));
	json_array_foreach(json_object_get(c, "names"), i, name)
		out_field(i ? "" : "names", "%s", answer_text(name));
	out_field("slot", "%s", answer_string(c, "slot"));
	out_field("CA", "%s, %s", answer_string(c, "ca"), answer_string(c, "directory"));
	if (until)
		out_field("expires", "%s%s", text_of_time(until, text),
			  until < now ? ", which is over" : "");
	show_next(c, now);
	if (answer_number(c, "failures"))
		out_field("failed", "%lld times, last at %s: %s", answer_number(c, "failures"),
			  text_of_time(answer_number(c, "failed_at"), text),
			  answer_string(c, "failure"));
	if (troubled(c))
		out_field("trouble", "%s", answer_string(c, "trouble"));
	if (answer_number(c, "not_until") > now)
		out_field("waits", "until %s: the CA asked for it",
			  text_of_time(answer_number(c, "not_until"), text));
}

static const json_t *find(const json_t *all, const char *name)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(all, "certificates"), i, c)
	{
		const char *has = json_string_value(json_object_get(c, "name"));

		if (has && strcmp(has, name) == 0)
			return c;
	}
	return NULL;
}

/* @name NULL: of all. */
static int ask_status(const struct args *args, const char *name, json_t **ret)
{
	return ask_for(args, json_pack("{s:s, s:s*}", "do", "status", "name", name), ret);
}

static int status(const struct args *args)
{
	const json_t *c;
	json_t *all;
	size_t i;
	int r = ask_status(args, args->word_count ? args->words[0] : NULL, &all);

	if (r)
		return r;
	if (args->word_count) {
		c = find(all, args->words[0]);
		if (!c)
			r = fail(EXIT_USAGE, "no certificate %s is configured", args->words[0]);
		else if (out_json())
			r = out_print_json(json_deep_copy(c));
		else
			show_one(c, time(NULL));
		json_decref(all);
		return r;
	}
	if (out_json())
		return out_print_json(all);
	if (!json_is_true(json_object_get(all, "clock_ok")))
		puts("The clock is not to be trusted: no renewal begins by it yet.");
	json_array_foreach(json_object_get(all, "certificates"), i, c) show_one(c, time(NULL));
	json_decref(all);
	return EXIT_DONE;
}

/* ---- acting ---- */

/* Until it is over: what was asked for is counted when it has come to an end. Return: an exit status. */
static int wait_for(const struct args *args, const char *name, const json_t *before)
{
	json_t *all;
	int r;

	for (;;) {
		const json_t *c;

		r = ask_status(args, name, &all);
		if (r)
			return r;
		c = find(all, name);
		if (!c || answer_number(c, "ended") != answer_number(before, "ended"))
			break;
		json_decref(all);
		poll(NULL, 0, LOOK_MS);
	}
	if (find(all, name)) {
		const json_t *c = find(all, name);

		if (out_json())
			out_print_json(json_deep_copy(c));
		else
			show_one(c, time(NULL));
		r = answer_number(c, "failures") || troubled(c) ? EXIT_NO : EXIT_DONE;
	} else {
		r = fail(EXIT_TROUBLE, "%s is not configured any more", name);
	}
	json_decref(all);
	return r;
}

static int act(const struct args *args, json_t *question)
{
	json_t *c;
	int r = ask_for(args, question, &c);

	if (r)
		return r;
	if (opt_has(args, "wait"))
		r = wait_for(args, args->words[0], c);
	else if (out_json())
		return out_print_json(c);
	else
		printf("%s: asked for\n", args->words[0]);
	json_decref(c);
	return r;
}

static int renew(const struct args *args)
{
	return act(args, json_pack("{s:s, s:s}", "do", "renew", "name", args->words[0]));
}

static int revoke_one(const struct args *args)
{
	static const struct {
		const char *word;
		int number;
	} reasons[] = { { "unspecified", 0 },	       { "keyCompromise", 1 },
			{ "affiliationChanged", 3 },   { "superseded", 4 },
			{ "cessationOfOperation", 5 }, { "privilegeWithdrawn", 9 } };
	const char *word = opt_text(args, "reason");
	int reason = -1;

	for (size_t i = 0; word && i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].word, word) == 0)
			reason = reasons[i].number;
	if (word && reason < 0)
		return fail(EXIT_USAGE,
			    "%s: unspecified, keyCompromise, affiliationChanged, superseded, "
			    "cessationOfOperation or privilegeWithdrawn is wanted",
			    word);
	return act(args, json_pack("{s:s, s:s, s:i}", "do", "revoke", "name", args->words[0],
				   "reason", reason));
}

static int accounts(const struct args *args)
{
	const json_t *a;
	json_t *all;
	size_t i;
	int r = ask_for(args, json_pack("{s:s}", "do", "accounts"), &all);

	if (r)
		return r;
	if (out_json())
		return out_print_json(all);
	json_array_foreach(json_object_get(all, "accounts"), i, a)
		printf("%s\n  at %s\n", answer_string(a, "url"), answer_string(a, "directory"));
	json_decref(all);
	return EXIT_DONE;
}

#define CONTROL_OPT                                                                      \
	{                                                                                \
		.name = "control", .meta = "PATH", .help = "the daemon's control socket" \
	}

static const struct opt ask_opts[] = { CONTROL_OPT, { 0 } };
static const struct opt act_opts[] = {
	CONTROL_OPT,
	{ .name = "wait", .help = "until it is done; exit status 1 when it fails" },
	{ 0 },
};
static const struct opt revoke_opts[] = {
	CONTROL_OPT,
	{ .name = "wait", .help = "until there is a new one; exit status 1 when that fails" },
	{ .name = "reason", .meta = "WORD", .help = "unspecified, keyCompromise, superseded ..." },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "status",
	  .usage = "[NAME] [--json]",
	  .brief = "print how certificates are, and when each is renewed",
	  .opts = ask_opts,
	  .max_words = 1,
	  .run = status },
	{ .name = "order",
	  .usage = "NAME [--wait] [--json]",
	  .brief = "obtain a configured certificate now, whatever failed before",
	  .opts = act_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = renew },
	{ .name = "renew",
	  .usage = "NAME [--wait] [--json]",
	  .brief = "renew a certificate now",
	  .opts = act_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = renew },
	{ .name = "revoke",
	  .usage = "NAME [--reason WORD] [--wait] [--json]",
	  .brief = "have its CA revoke a certificate, and obtain another",
	  .help = "The new certificate has the same key: after keyCompromise change the key of the "
		  "configuration\nfirst.\n",
	  .opts = revoke_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = revoke_one },
	{ .name = "accounts",
	  .usage = "[--json]",
	  .brief = "list the accounts at CAs",
	  .opts = ask_opts,
	  .run = accounts },
	{ 0 },
};

const struct noun noun_acme = { "acme", "ask the ACME daemon about its certificates", verbs };
