// SPDX-License-Identifier: GPL-2.0-only
/* capcert roots verify: every rule of the curated set that a machine can check. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/out.h"
#include "tools/roots.h"

/* The label's own name, or with -2 and so on where another label came down to the same. */
static void check_name(struct root_set *set, const struct root *root)
{
	const char *rest = root->name;
	char stem[256], *end;
	size_t n;

	root_stem(root->file.label, stem, sizeof(stem));
	n = strlen(stem);
	if (!strncmp(rest, stem, n)) {
		rest += n;
		if (!*rest)
			return;
		if (rest[0] == '-' && rest[1] >= '1' && rest[1] <= '9' &&
		    strtoul(rest + 1, &end, 10) >= 2 && !*end)
			return;
	}
	problem(&set->problems, root->path, "the label '%s' makes its name %s.%s", root->file.label,
		stem, root->disabled ? "disabled" : "pem");
}

static void check_root(struct root_set *set, const struct root *root, const struct root_deny *deny,
		       int64_t now)
{
	const char *lie, *denied = root_denied(deny, root->file.label);
	struct root_verdict verdict;
	char text[320];

	check_name(set, root);
	lie = root_file_check(&root->file, text, sizeof(text));
	if (lie)
		problem(&set->problems, root->path, "%s", lie);
	if (root->disabled)
		return; /* kept as a record: the rules are about what is shipped */
	root_judge_cert(root->file.cert, now, &verdict);
	if (verdict.rule != RULE_KEPT)
		problem(&set->problems, root->path, "%s: %s (%s)", root_rule_id(verdict.rule),
			root_rule_text(verdict.rule), verdict.detail);
	if (denied)
		problem(&set->problems, root->path, "%s: %s ('%s')", root_rule_id(RULE_DENIED),
			root_rule_text(RULE_DENIED), denied);
}

static int by_bytes(const void *a, const void *b)
{
	const struct root *const *x = a, *const *y = b;
	size_t n, m;
	const uint8_t *p = capcert_cert_der((*x)->file.cert, &n);
	const uint8_t *q = capcert_cert_der((*y)->file.cert, &m);
	int d = memcmp(p, q, n < m ? n : m);

	if (d || n != m)
		return d ? d : n < m ? -1 : 1;
	return strcmp((*x)->path, (*y)->path);
}

static bool same_bytes(const struct root *a, const struct root *b)
{
	size_t n, m;
	const uint8_t *p = capcert_cert_der(a->file.cert, &n);
	const uint8_t *q = capcert_cert_der(b->file.cert, &m);

	return n == m && !memcmp(p, q, n);
}

static int check_twice(struct root_set *set)
{
	const struct root **sorted = calloc(set->count + 1, sizeof(*sorted));
	size_t i;

	if (!sorted)
		return fail_errno(-ENOMEM, "%s", set->dir);
	for (i = 0; i < set->count; i++)
		sorted[i] = &set->roots[i];
	qsort(sorted, set->count, sizeof(*sorted), by_bytes);
	for (i = 1; i < set->count; i++)
		if (same_bytes(sorted[i - 1], sorted[i]))
			problem(&set->problems, sorted[i]->path, "is the same certificate as %s",
				sorted[i - 1]->path);
	free(sorted);
	return EXIT_DONE;
}

static void check_companies(struct root_set *set)
{
	char stem[256];
	size_t i, k;

	for (i = 0; i < set->company_count; i++) {
		const char *company = set->companies[i];
		bool any = false;

		root_stem(company, stem, sizeof(stem));
		if (strcmp(stem, company))
			problem(&set->problems, company,
				"a folder's name is letters and digits, "
				"joined by single '_'");
		for (k = 0; !any && k < set->count; k++)
			any = !strcmp(set->roots[k].company, company);
		if (!any)
			problem(&set->problems, company, "has no root");
		root_readme_check(set, company);
	}
}

static int report(const struct root_set *set)
{
	size_t i, active = 0;
	json_t *list;
	int r;

	for (i = 0; i < set->count; i++)
		active += !set->roots[i].disabled;
	if (out_json()) {
		list = json_array();
		for (i = 0; i < set->problems.count; i++)
			json_array_append_new(
				list, json_pack("{soso}", "path", json_text(set->problems.paths[i]),
						"problem", json_text(set->problems.texts[i])));
		r = out_print_json(json_pack("{sIsIsIso}", "roots", (json_int_t)active, "disabled",
					     (json_int_t)(set->count - active), "companies",
					     (json_int_t)set->company_count, "problems", list));
		return r ? r : set->problems.count || set->problems.lost ? EXIT_NO : EXIT_DONE;
	}
	r = problems_say(&set->problems);
	printf("%zu roots of %zu companies, %zu disabled: %zu problems\n", active,
	       set->company_count, set->count - active, set->problems.count);
	return r;
}

int roots_verify(const struct args *args)
{
	const char *dir = args->word_count ? args->words[0] : ROOT_DIR;
	struct root_deny deny = { 0 };
	struct root_set set;
	int64_t now;
	size_t i;
	int r = roots_time(args, &now);

	if (!r)
		r = root_set_load(dir, &set);
	if (r)
		return r;
	r = roots_deny(args, dir, &deny);
	if (!r) {
		for (i = 0; i < set.count; i++)
			check_root(&set, &set.roots[i], &deny, now);
		check_companies(&set);
		root_changelog_check(&set, &deny);
		if (!set.count)
			problem(&set.problems, dir, "holds no root");
		r = check_twice(&set);
	}
	if (!r)
		r = report(&set);
	root_deny_free(&deny);
	root_set_free(&set);
	return r;
}
