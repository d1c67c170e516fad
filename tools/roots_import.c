// SPDX-License-Identifier: GPL-2.0-only
/* capcert roots import: what the rules take from Mozilla's list, into a staging folder. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/roots.h"
#include "tools/out.h"
#include "tools/root_file.h"
#include "tools/write_file.h"

struct import {
	const capcert_nss_roots *list;
	const char *staging;
	struct root_deny deny;
	int64_t now;
	char **taken; /* stems in use; one per root */
	size_t counts[RULE_COUNT];
	json_t *json; /* NULL: for people */
};

/* Two labels may come down to one stem: the second is called stem-2. */
static int choose_name(struct import *import, size_t index, const char *label)
{
	char stem[256], name[280];
	unsigned int n = 1;
	size_t i;

	root_stem(label, stem, sizeof(stem));
	snprintf(name, sizeof(name), "%s", stem);
	for (i = 0; i < index; i++) {
		if (!import->taken[i] || strcmp(import->taken[i], name))
			continue;
		snprintf(name, sizeof(name), "%s-%u", stem, ++n);
		i = (size_t)-1; /* from the beginning */
	}
	import->taken[index] = strdup(name);
	return import->taken[index] ? 0 : -ENOMEM;
}

static int write_root(const struct import *import, const struct capcert_nss_root *root,
		      const char *temp, const char *name)
{
	char *text, *path;
	size_t len;
	int r = root_file_text(root->label, root->cert, &text, &len);

	if (r)
		return fail_errno(r, "%s", root->label);
	if (asprintf(&path, "%s/%s.pem", temp, name) < 0) {
		free(text);
		return fail_errno(-ENOMEM, "%s", root->label);
	}
	r = write_file(path, text, len);
	free(path);
	free(text);
	return r;
}

static void say(struct import *import, const struct capcert_nss_root *root,
		const struct root_verdict *verdict, const char *name)
{
	bool kept = verdict->rule == RULE_KEPT;

	if (import->json)
		json_array_append_new(
			import->json,
			json_pack("{sososssosososI}", "label", json_text(root->label), "sha1",
				  json_hex(root->sha1, 20), "result", kept ? "ok" : "skip", "rule",
				  kept ? json_null() : json_string(root_rule_id(verdict->rule)),
				  "detail", kept ? json_null() : json_text(verdict->detail), "file",
				  kept ? json_text(name) : json_null(), "line",
				  (json_int_t)root->line));
	else if (kept)
		printf("%sok%s    %s -> %s.pem\n", out_good(), out_plain(), root->label, name);
	else
		printf("skip  %s: %s: %s (%s)\n", root->label, root_rule_id(verdict->rule),
		       root_rule_text(verdict->rule), verdict->detail);
}

static int import_all(struct import *import, const char *temp)
{
	const struct capcert_nss_root *roots = capcert_nss_roots_all(import->list);
	size_t i, n = capcert_nss_roots_count(import->list);
	struct root_verdict verdict;
	int r = EXIT_DONE;

	for (i = 0; !r && i < n; i++) {
		root_judge(&roots[i], &import->deny, import->now, &verdict);
		import->counts[verdict.rule]++;
		if (verdict.rule == RULE_KEPT) {
			if (choose_name(import, i, roots[i].label))
				return fail_errno(-ENOMEM, "%s", roots[i].label);
			r = write_root(import, &roots[i], temp, import->taken[i]);
		}
		if (!r)
			say(import, &roots[i], &verdict, import->taken[i]);
	}
	return r;
}

static int summary(struct import *import)
{
	size_t n = capcert_nss_roots_count(import->list), kept = import->counts[RULE_KEPT], i;
	json_t *skipped = json_object();
	const char *comma = ": ";

	if (import->json) {
		for (i = RULE_KEPT + 1; i < RULE_COUNT; i++)
			json_object_set_new(skipped, root_rule_id((enum root_rule)i),
					    json_integer((json_int_t)import->counts[i]));
		return out_print_json(json_pack(
			"{sssIsIsIsoso}", "staging", import->staging, "denyEntries",
			(json_int_t)import->deny.count, "certificates", (json_int_t)n, "ok",
			(json_int_t)kept, "skipped", skipped, "roots", json_incref(import->json)));
	}
	json_decref(skipped);
	printf("%zu certificates: %zu ok, %zu skipped", n, kept, n - kept);
	for (i = RULE_KEPT + 1; i < RULE_COUNT; i++) {
		if (!import->counts[i])
			continue;
		printf("%s%zu by %s", comma, import->counts[i], root_rule_id((enum root_rule)i));
		comma = ", ";
	}
	printf("\ndeny list: %zu entries%s\nwritten: %s\n", import->deny.count,
	       import->deny.count ? "" : "; --deny FILE names one", import->staging);
	return EXIT_DONE;
}

static int run(struct import *import)
{
	char *temp;
	int r = write_dir_begin(import->staging, &temp);

	if (r)
		return r;
	r = import_all(import, temp);
	if (!r)
		r = write_dir_end(temp, import->staging);
	if (r)
		advise("%s is what was written so far; it can be removed", temp);
	free(temp);
	return r ? r : summary(import);
}

int roots_import(const struct args *args)
{
	struct import import = { .staging = opt_text(args, "staging") };
	capcert_nss_roots *list;
	size_t i, n;
	int r;

	if (!import.staging)
		return fail(EXIT_USAGE, "--staging DIR is missing: where to write the roots");
	r = roots_time(args, &import.now);
	if (!r)
		r = roots_deny(args, ROOT_DIR, &import.deny);
	if (r)
		return r;
	r = roots_source(args->words[0], false, &list);
	if (!r) {
		n = capcert_nss_roots_count(list);
		import.list = list;
		import.json = out_json() ? json_array() : NULL;
		import.taken = calloc(n + 1, sizeof(*import.taken));
		r = import.taken ? run(&import) : fail_errno(-ENOMEM, "%s", args->words[0]);
		for (i = 0; import.taken && i < n; i++)
			free(import.taken[i]);
		free(import.taken);
		json_decref(import.json);
		capcert_nss_roots_free(list);
	}
	root_deny_free(&import.deny);
	return r;
}
