// SPDX-License-Identifier: GPL-2.0-only
/* capcert roots diff: the curated set beside Mozilla's list, each difference with what explains it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/out.h"
#include "tools/roots.h"

/*  X(NAME, sign, text) */
#define DIFFERENCES(X)                                                             \
	X(EXCLUDED, "~", "excluded") /* in the list only, and a rule says why */   \
	X(NEWER, "~", "newer")	     /* in the set only; the list is older */      \
	X(DISABLED, "~", "disabled") /* in the list, and retired here */           \
	X(NEW, "+", "new")	     /* in the list only, and passes every rule */ \
	X(MISSING, "-", "missing")   /* in the set only */                         \
	X(DOUBTFUL, "!", "doubtful") /* in both, and a rule excludes it */

enum difference {
#define X(name, sign, text) DIFF_##name,
	DIFFERENCES(X)
#undef X
		DIFF_COUNT
};

static const char *const signs[] = {
#define X(name, sign, text) sign,
	DIFFERENCES(X)
#undef X
};
static const char *const names[] = {
#define X(name, sign, text) text,
	DIFFERENCES(X)
#undef X
};

struct diff {
	const struct root_set *set;
	const capcert_nss_roots *list;
	const capcert_nss_roots *beside; /* NULL, or what the set was made from */
	const char *beside_name;
	struct root_deny deny;
	int64_t now;
	bool *listed; /* per root of the set */
	size_t counts[DIFF_COUNT];
	json_t *json;
};

static void say(struct diff *diff, enum difference what, const char *label, const char *path,
		const uint8_t sha1[20], const char *rule, const char *why)
{
	char hex[41];
	size_t i;

	diff->counts[what]++;
	for (i = 0; i < 20; i++)
		snprintf(hex + 2 * i, 3, "%02x", sha1[i]);
	if (diff->json)
		json_array_append_new(diff->json,
				      json_pack("{sssosososososo}", "difference", names[what],
						"label", json_text(label), "path", json_text(path),
						"sha1", json_string(hex), "rule", json_text(rule),
						"why", json_text(why), "explained",
						json_boolean(what <= DIFF_DISABLED)));
	else
		printf("%s %s  %s: %s%s%s\n", signs[what], hex, path ? path : label,
		       rule ? rule : "", rule ? ": " : "", why);
}

static const struct capcert_nss_root *find(const capcert_nss_roots *list, const uint8_t *der,
					   size_t len)
{
	const struct capcert_nss_root *roots = capcert_nss_roots_all(list);
	size_t i, n = capcert_nss_roots_count(list);

	for (i = 0; i < n; i++)
		if (roots[i].der_len == len && !memcmp(roots[i].der, der, len))
			return &roots[i];
	return NULL;
}

/* What the list that the set was made from says about a root that passes every rule by this one. */
static bool explained_beside(struct diff *diff, const struct capcert_nss_root *root,
			     const char **rule, char *why, size_t cap)
{
	const struct capcert_nss_root *later;
	struct root_verdict verdict;

	if (!diff->beside)
		return false;
	later = find(diff->beside, root->der, root->der_len);
	if (!later) {
		*rule = root_rule_id(RULE_TLS);
		snprintf(why, cap, "%s no longer has it", diff->beside_name);
		return true;
	}
	root_judge(later, &diff->deny, diff->now, &verdict);
	if (verdict.rule == RULE_KEPT)
		return false;
	*rule = root_rule_id(verdict.rule);
	snprintf(why, cap, "%s (%s, in %s)", root_rule_text(verdict.rule), verdict.detail,
		 diff->beside_name);
	return true;
}

static void listed(struct diff *diff, const struct capcert_nss_root *root)
{
	const struct root *own = root_set_find(diff->set, root->der, root->der_len);
	const char *path = own ? own->path : NULL, *rule = NULL;
	struct root_verdict verdict;
	char why[600];

	root_judge(root, &diff->deny, diff->now, &verdict);
	if (verdict.rule != RULE_KEPT) {
		rule = root_rule_id(verdict.rule);
		snprintf(why, sizeof(why), "%s (%s)", root_rule_text(verdict.rule), verdict.detail);
	}
	if (own)
		diff->listed[own - diff->set->roots] = true;
	if (own && !own->disabled) {
		if (rule)
			say(diff, DIFF_DOUBTFUL, root->label, path, root->sha1, rule, why);
	} else if (rule || (!own && explained_beside(diff, root, &rule, why, sizeof(why)))) {
		say(diff, DIFF_EXCLUDED, root->label, path, root->sha1, rule, why);
	} else if (own) {
		say(diff, DIFF_DISABLED, root->label, path, root->sha1, NULL,
		    "retired here; its company's README.md says why");
	} else {
		say(diff, DIFF_NEW, root->label, NULL, root->sha1, NULL,
		    "passes every rule and is not here: import it, or put it on the deny list");
	}
}

static bool in_beside(const struct diff *diff, const struct root *root)
{
	const struct capcert_nss_root *later;
	struct root_verdict verdict;
	size_t n;
	const uint8_t *der = capcert_cert_der(root->file.cert, &n);

	later = find(diff->beside, der, n);
	if (!later)
		return false;
	root_judge(later, &diff->deny, diff->now, &verdict);
	return verdict.rule == RULE_KEPT;
}

static void unlisted(struct diff *diff)
{
	uint8_t sha1[20];
	size_t i;

	for (i = 0; i < diff->set->count; i++) {
		const struct root *root = &diff->set->roots[i];

		if (root->disabled || diff->listed[i])
			continue;
		capcert_cert_sha1(root->file.cert, sha1);
		if (diff->beside && in_beside(diff, root)) {
			say(diff, DIFF_NEWER, root->file.label, root->path, sha1, NULL,
			    "the list beside has it: this one is older");
			continue;
		}
		say(diff, DIFF_MISSING, root->file.label, root->path, sha1, NULL,
		    "the list does not have it: removed there, or the list is older");
	}
}

static int summary(struct diff *diff)
{
	size_t same = 0, i,
	       open = diff->counts[DIFF_NEW] + diff->counts[DIFF_MISSING] +
		      diff->counts[DIFF_DOUBTFUL];
	int status = open ? EXIT_NO : EXIT_DONE, r;
	json_t *counts;

	for (i = 0; i < diff->set->count; i++)
		same += diff->listed[i] && !diff->set->roots[i].disabled;
	if (!diff->json) {
		printf("%zu in both", same);
		for (i = 0; i < DIFF_COUNT; i++)
			if (diff->counts[i])
				printf(", %zu %s", diff->counts[i], names[i]);
		printf("\n");
		return status;
	}
	counts = json_pack("{sI}", "both", (json_int_t)same);
	for (i = 0; i < DIFF_COUNT; i++)
		json_object_set_new(counts, names[i], json_integer((json_int_t)diff->counts[i]));
	r = out_print_json(
		json_pack("{soso}", "counts", counts, "differences", json_incref(diff->json)));
	return r ? r : status;
}

static int run(struct diff *diff)
{
	const struct capcert_nss_root *roots = capcert_nss_roots_all(diff->list);
	size_t i, n = capcert_nss_roots_count(diff->list);
	int r;

	diff->listed = calloc(diff->set->count + 1, sizeof(*diff->listed));
	if (!diff->listed)
		return fail_errno(-ENOMEM, "%s", diff->set->dir);
	diff->json = out_json() ? json_array() : NULL;
	for (i = 0; i < n; i++)
		listed(diff, &roots[i]);
	unlisted(diff);
	r = summary(diff);
	json_decref(diff->json);
	free(diff->listed);
	return r;
}

static int with_lists(struct diff *diff, const struct args *args, const char *dir)
{
	struct root_set set;
	int r = root_set_load(dir, &set);

	if (r)
		return r;
	r = problems_say(&set.problems) ? EXIT_TROUBLE : roots_deny(args, dir, &diff->deny);
	diff->set = &set;
	if (!r)
		r = run(diff);
	root_deny_free(&diff->deny);
	root_set_free(&set);
	return r;
}

int roots_diff(const struct args *args)
{
	const char *module = opt_text(args, "module"), *dir = opt_text(args, "roots");
	struct diff diff = { .beside_name = opt_text(args, "beside") };
	capcert_nss_roots *list = NULL, *beside = NULL;
	int r;

	if ((module != NULL) == (args->word_count != 0))
		return fail(EXIT_USAGE, "one of CERTDATA and --module PATH is needed");
	r = roots_time(args, &diff.now);
	if (!r)
		r = roots_source(module ? module : args->words[0], module != NULL, &list);
	if (!r && diff.beside_name)
		r = roots_source(diff.beside_name, false, &beside);
	diff.list = list;
	diff.beside = beside;
	if (!r)
		r = with_lists(&diff, args, dir ? dir : ROOT_DIR);
	capcert_nss_roots_free(beside);
	capcert_nss_roots_free(list);
	return r;
}
