// SPDX-License-Identifier: GPL-2.0-only
/* What capcert-tlsd --status says, for people. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tools/answer.h"
#include "tools/ask.h"
#include "tools/text.h"
#include "tools/tls_status.h"

#define SOCKET "/run/capcert-tlsd/status"

/* ---- for people ---- */

static void show_counters(const json_t *all)
{
	const json_t *c = json_object_get(all, "connections"),
		     *h = json_object_get(all, "handshakes");
	json_t *failed = json_object_get(h, "failed"), *count;
	const char *reason;
	char text[64];

	out_field(
		"connections",
		"%lld open, %lld accepted, %lld over a limit, %lld ended for silence, %lld without "
		"a back end",
		answer_number(c, "open"), answer_number(c, "accepted"),
		answer_number(c, "over_limit"), answer_number(c, "idle"),
		answer_number(c, "no_backend"));
	out_field("handshakes", "%lld good, %lld of them resumed", answer_number(h, "good"),
		  answer_number(h, "resumed"));
	if (answer_number(h, "acme"))
		out_field("acme", "%lld of them with a CA that validates",
			  answer_number(h, "acme"));
	json_object_foreach(failed, reason, count) if (json_integer_value(count))
		out_field("refused", "%lld: %s", (long long)json_integer_value(count),
			  text_escape(reason, strlen(reason), text, sizeof(text)));
}

static void show_slot(const json_t *slot, int64_t now)
{
	char text[32];
	long long until = answer_number(slot, "not_after");

	out_field("slot", "%s, version %lld since %s", answer_string(slot, "slot"),
		  answer_number(slot, "version"), text_of_time(answer_number(slot, "since"), text));
	out_field("leaf", "sha256:%s", answer_string(slot, "leaf"));
	out_field("expires", "%s%s", text_of_time(until, text),
		  until < now ? ", which is over" : "");
	if (json_is_integer(json_object_get(slot, "staple_until")))
		out_field("staple", "until %s",
			  text_of_time(answer_number(slot, "staple_until"), text));
	else
		out_field("staple", "%s",
			  json_is_true(json_object_get(slot, "stapled")) ? "without an end"
									 : "none");
}

void tls_status_show(const json_t *all, int64_t now)
{
	json_t *gate, *slot;
	size_t i, k;

	printf("capcert-tlsd %s, process %lld, up %lld s%s\n", answer_string(all, "version"),
	       answer_number(all, "pid"), answer_number(all, "uptime"),
	       json_is_true(json_object_get(all, "draining")) ? ", draining" : "");
	show_counters(all);
	json_array_foreach(json_object_get(all, "gates"), i, gate)
	{
		printf("%s, %s by config %s, to %s\n", answer_string(gate, "gate"),
		       answer_string(gate, "role"), answer_string(gate, "config"),
		       answer_string(gate, "to"));
		json_array_foreach(json_object_get(gate, "slots"), k, slot) show_slot(slot, now);
	}
}

int tls_status(const struct args *args)
{
	const char *path = args->word_count ? args->words[0] : SOCKET;
	json_t *all;
	int r = ask(path, NULL, &all);

	if (r == -EBADMSG)
		return fail(EXIT_TROUBLE, "%s: what answers there is no capcert-tlsd", path);
	if (r < 0) {
		fail_errno(r, "cannot ask %s", path);
		if (r == -ENOENT || r == -ECONNREFUSED)
			advise("does capcert-tlsd run, with --status unix:%s?", path);
		return EXIT_TROUBLE;
	}
	if (out_json())
		return out_print_json(all);
	tls_status_show(all, time(NULL));
	json_decref(all);
	return EXIT_DONE;
}
