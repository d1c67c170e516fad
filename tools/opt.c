// SPDX-License-Identifier: GPL-2.0-only
/* Parses the words behind a verb against the verb's table. */

#include <stdio.h>
#include <string.h>
#include "tools/opt.h"

const struct opt opt_common[] = {
	{ .name = "json", .help = "print JSON" },
	{ .name = "help", .letter = 'h', .help = "print this help" },
	{ 0 },
};

static const struct opt *find(const struct opt *list, const char *name, size_t len, char letter)
{
	for (; list && list->name; list++) {
		if (letter ? list->letter == letter
			   : strlen(list->name) == len && !strncmp(list->name, name, len))
			return list;
	}
	return NULL;
}

static const struct opt *find_any(const struct verb *verb, const char *name, size_t len,
				  char letter)
{
	const struct opt *opt = find(verb->opts, name, len, letter);

	return opt ? opt : find(opt_common, name, len, letter);
}

/* Levenshtein over short words; longer ones are never close. */
size_t opt_distance(const char *a, const char *b)
{
	size_t row[33], n = strlen(b), i, j;

	if (n > 32 || strlen(a) > 32)
		return 99;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (j = 1; j <= n; j++) {
			size_t cost = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
		}
	}
	return row[n];
}

static const char *nearest(const struct verb *verb, const char *name)
{
	const struct opt *lists[] = { verb->opts, opt_common };
	const char *best = NULL;
	size_t least = 3, i;

	for (i = 0; i < 2; i++) {
		const struct opt *o;

		for (o = lists[i]; o && o->name; o++) {
			size_t d = opt_distance(name, o->name);

			if (d < least) {
				least = d;
				best = o->name;
			}
		}
	}
	return best;
}

static int unknown(const struct verb *verb, const char *word, char *error, size_t cap)
{
	const char *near = strncmp(word, "--", 2) ? NULL : nearest(verb, word + 2);

	if (near)
		snprintf(error, cap, "unknown option '%s'; did you mean --%s?", word, near);
	else
		snprintf(error, cap, "unknown option '%s'", word);
	return -1;
}

static int record(struct args *args, const struct opt *opt, const char *value, char *error,
		  size_t cap)
{
	size_t i, seen = 0;

	if (!strcmp(opt->name, "help"))
		args->help = true;
	for (i = 0; i < args->given_count; i++)
		seen += args->given[i].opt == opt;
	if (seen && !opt->many && opt->meta) {
		snprintf(error, cap, "--%s is given twice", opt->name);
		return -1;
	}
	if (seen >= OPT_MAX_VALUES ||
	    args->given_count >= sizeof(args->given) / sizeof(*args->given)) {
		snprintf(error, cap, "--%s is given more than %d times", opt->name, OPT_MAX_VALUES);
		return -1;
	}
	args->given[args->given_count].opt = opt;
	args->given[args->given_count++].value = value;
	return 0;
}

/* One option at argv[0]. Return: words used, or -1. */
static int take_option(int argc, char **argv, struct args *args, char *error, size_t cap)
{
	bool is_long = argv[0][1] == '-';
	const char *name = argv[0] + (is_long ? 2 : 1);
	const char *value = is_long ? strchr(name, '=') : NULL;
	size_t len = value ? (size_t)(value - name) : strlen(name);
	const struct opt *opt = find_any(args->verb, name, len, is_long ? 0 : name[0]);
	int used = 1;

	if (!opt)
		return unknown(args->verb, argv[0], error, cap);
	if (value)
		value++;
	else if (!is_long && name[1])
		value = name + 1;
	if (!opt->meta && value) {
		if (!is_long)
			return unknown(args->verb, argv[0], error, cap);
		snprintf(error, cap, "--%s takes no value", opt->name);
		return -1;
	}
	if (opt->meta && !value) {
		if (argc < 2) {
			snprintf(error, cap, "--%s needs a value: %s", opt->name, opt->meta);
			return -1;
		}
		value = argv[1];
		used = 2;
	}
	return record(args, opt, value ? value : "", error, cap) ? -1 : used;
}

static int check_words(const struct args *args, char *error, size_t cap)
{
	const struct verb *verb = args->verb;

	if (args->help)
		return 0;
	if ((int)args->word_count < verb->min_words) {
		snprintf(error, cap, "something is missing: %s", verb->usage);
		return -1;
	}
	if (verb->max_words >= 0 && (int)args->word_count > verb->max_words) {
		snprintf(error, cap, "'%s' is one word too many", args->words[verb->max_words]);
		return -1;
	}
	if (args->command && !verb->command) {
		snprintf(error, cap, "this command runs no other command: nothing may follow '--'");
		return -1;
	}
	if (verb->command_needed && !args->command) {
		snprintf(error, cap, "the command to run is missing: -- CMD [ARG]...");
		return -1;
	}
	return 0;
}

int opt_parse(int argc, char **argv, struct args *args, char *error, size_t cap)
{
	int i = 0;

	while (i < argc) {
		char *word = argv[i];

		if (!strcmp(word, "--")) {
			if (!argv[i + 1]) {
				snprintf(error, cap, "nothing follows '--'");
				return -1;
			}
			args->command = argv + i + 1;
			break;
		}
		if (word[0] == '-' && word[1]) {
			int used = take_option(argc - i, argv + i, args, error, cap);

			if (used < 0)
				return -1;
			i += used;
			continue;
		}
		if (args->word_count >= sizeof(args->words) / sizeof(*args->words)) {
			snprintf(error, cap, "more than 256 words");
			return -1;
		}
		args->words[args->word_count++] = word;
		i++;
	}
	return check_words(args, error, cap);
}

const char *opt_nth(const struct args *args, const char *name, size_t index)
{
	size_t i;

	for (i = 0; i < args->given_count; i++)
		if (!strcmp(args->given[i].opt->name, name) && index-- == 0)
			return args->given[i].value;
	return NULL;
}

const char *opt_text(const struct args *args, const char *name)
{
	return opt_nth(args, name, 0);
}

bool opt_has(const struct args *args, const char *name)
{
	return opt_nth(args, name, 0) != NULL;
}

const struct verb *opt_find_verb(const struct noun *noun, const char *name)
{
	const struct verb *verb;

	for (verb = noun->verbs; verb->usage; verb++)
		if (!verb->name || (name && !strcmp(verb->name, name)))
			return verb;
	return NULL;
}
