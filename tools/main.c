// SPDX-License-Identifier: GPL-2.0-only
/* capcert: finds noun and verb, prints help, offers words for completion. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/capcert.h>
#include "tools/tool.h"

static const struct noun *const nouns[] = {
	&noun_cert,    &noun_trust, &noun_verifier, &noun_verify, &noun_exec,	 &noun_handle,
	&noun_outcome, &noun_audit, &noun_distrust, &noun_system, &noun_feature, &noun_ctlogs,
	&noun_ctlog,   &noun_roots, &noun_bundle,   &noun_ocsp,	  &noun_crl,	 &noun_pins,
	&noun_status,  &noun_key,   &noun_slot,	    &noun_tls,	  &noun_acme,
};
#define NOUNS (sizeof(nouns) / sizeof(*nouns))

static const struct noun *find_noun(const char *name)
{
	size_t i;

	for (i = 0; i < NOUNS; i++)
		if (!strcmp(nouns[i]->name, name))
			return nouns[i];
	return NULL;
}

/* ---- help ---- */

static void help_all(void)
{
	size_t i;

	printf("usage: capcert NOUN [VERB] [WORD]... [--json]\n\n"
	       "Certificates, trust and TLS identity as handles of the kernel.\n\n");
	for (i = 0; i < NOUNS; i++)
		printf("  %s%-10s%s %s\n", out_bold(), nouns[i]->name, out_plain(),
		       nouns[i]->brief);
	printf("\ncapcert help NOUN and capcert NOUN VERB --help say more.\n"
	       "STORE, VERIFIER and KEY are a key's serial number, its description, "
	       "type:description,\n"
	       "system:NAME, or fd:NAME of an inherited handle.\n"
	       "Exit status: 0 done or valid, 1 not valid, 2 wrong command line, 3 error.\n");
}

static void help_options(const struct opt *list)
{
	char left[64];

	for (; list && list->name; list++) {
		snprintf(left, sizeof(left), "%s%c%s--%s%s%s", list->letter ? "-" : "",
			 list->letter ? list->letter : ' ', list->letter ? ", " : "   ", list->name,
			 list->meta ? " " : "", list->meta ? list->meta : "");
		printf("  %-32s %s\n", left, list->help);
	}
}

static void help_usage(const struct noun *noun, const struct verb *verb, const char *lead)
{
	printf("%scapcert %s%s%s %s\n", lead, noun->name, verb->name ? " " : "",
	       verb->name ? verb->name : "", verb->usage);
}

static void help_verb(const struct noun *noun, const struct verb *verb)
{
	help_usage(noun, verb, "usage: ");
	printf("\n%c%s.\n", verb->brief[0] & ~0x20, verb->brief + 1);
	if (verb->help)
		printf("\n%s", verb->help);
	printf("\n");
	help_options(verb->opts);
	help_options(opt_common);
}

static void help_noun(const struct noun *noun)
{
	const struct verb *verb = noun->verbs;

	if (!verb->name) {
		help_verb(noun, verb);
		return;
	}
	printf("capcert %s: %s\n\n", noun->name, noun->brief);
	for (; verb->usage; verb++)
		printf("  %s%-10s%s %s\n", out_bold(), verb->name, out_plain(), verb->brief);
	printf("\n");
	for (verb = noun->verbs; verb->usage; verb++)
		help_usage(noun, verb, "  ");
}

/* ---- completion: the words that may stand next ---- */

static void offer(const char *word, const char *begin)
{
	if (!strncmp(word, begin, strlen(begin)))
		puts(word);
}

static void offer_options(const struct opt *list, const char *begin)
{
	char word[64];

	for (; list && list->name; list++) {
		snprintf(word, sizeof(word), "--%s", list->name);
		offer(word, begin);
	}
}

/* @argv: the words of the line behind "capcert", the last one unfinished. */
static int complete(int argc, char **argv)
{
	const char *last = argc ? argv[argc - 1] : "";
	const struct noun *noun = argc > 1 ? find_noun(argv[0]) : NULL;
	const struct verb *verb = NULL;
	size_t i;

	if (argc <= 1) {
		for (i = 0; i < NOUNS; i++)
			offer(nouns[i]->name, last);
		offer("help", last);
		return EXIT_DONE;
	}
	if (!strcmp(argv[0], "help") && argc == 2) {
		for (i = 0; i < NOUNS; i++)
			offer(nouns[i]->name, last);
		return EXIT_DONE;
	}
	if (!noun)
		return EXIT_DONE;
	if (argc == 2 && noun->verbs->name) {
		for (verb = noun->verbs; verb->usage; verb++)
			offer(verb->name, last);
		return EXIT_DONE;
	}
	verb = opt_find_verb(noun, argv[1]);
	if (verb && *last == '-') {
		offer_options(verb->opts, last);
		offer_options(opt_common, last);
	}
	return EXIT_DONE;
}

static int unknown_noun(const char *name)
{
	const char *best = NULL;
	size_t least = 3, i;

	for (i = 0; i < NOUNS; i++) {
		size_t d = opt_distance(name, nouns[i]->name);

		if (d < least) {
			least = d;
			best = nouns[i]->name;
		}
	}
	if (best)
		fail(EXIT_USAGE, "no noun '%s'; did you mean %s?", name, best);
	else
		fail(EXIT_USAGE, "no noun '%s'", name);
	advise("capcert help lists them");
	return EXIT_USAGE;
}

static int unknown_verb(const struct noun *noun, const char *name)
{
	const struct verb *verb;

	if (name)
		fail(EXIT_USAGE, "%s has no verb '%s'", noun->name, name);
	else
		fail(EXIT_USAGE, "%s needs a verb", noun->name);
	fprintf(stderr, "  one of:");
	for (verb = noun->verbs; verb->usage; verb++)
		fprintf(stderr, " %s", verb->name);
	fprintf(stderr, "; capcert help %s\n", noun->name);
	return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
	const struct noun *noun;
	const struct verb *verb;

	if (argc && !strcmp(argv[0], "--complete"))
		return complete(argc - 1, argv + 1);
	if (!argc) {
		help_all();
		return EXIT_DONE;
	}
	noun = find_noun(argv[0]);
	if (!noun)
		return unknown_noun(argv[0]);
	if (argc == 1 || !noun->verbs->name) {
		help_noun(noun);
		return EXIT_DONE;
	}
	verb = opt_find_verb(noun, argv[1]);
	if (!verb)
		return unknown_verb(noun, argv[1]);
	help_verb(noun, verb);
	return EXIT_DONE;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int run_noun(const struct noun *noun, int argc, char **argv)
{
	static struct args args;
	char error[300];
	int skip;

	args.noun = noun;
	args.verb = opt_find_verb(noun, argc ? argv[0] : NULL);
	if (!args.verb && argc && is_help(argv[0])) {
		help_noun(noun);
		return EXIT_DONE;
	}
	if (!args.verb)
		return unknown_verb(noun, argc ? argv[0] : NULL);
	skip = args.verb->name ? 1 : 0;
	out_begin(noun->name, args.verb->name, false);
	if (opt_parse(argc - skip, argv + skip, &args, error, sizeof(error))) {
		fail(EXIT_USAGE, "%s", error);
		advise("capcert %s%s%s --help says more", noun->name, skip ? " " : "",
		       skip ? args.verb->name : "");
		return EXIT_USAGE;
	}
	if (args.help) {
		help_verb(noun, args.verb);
		return EXIT_DONE;
	}
	out_begin(noun->name, args.verb->name, opt_has(&args, "json"));
	return args.verb->run(&args);
}

int main(int argc, char **argv)
{
	const struct noun *noun;

	out_begin("", NULL, false);
	if (argc < 2) {
		help_all();
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("capcert %s\n", capcert_version());
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "help") || is_help(argv[1]))
		return help(argc - 2, argv + 2);
	noun = find_noun(argv[1]);
	return noun ? run_noun(noun, argc - 2, argv + 2) : unknown_noun(argv[1]);
}
