/* SPDX-License-Identifier: GPL-2.0-only */
/* Command lines as data: a noun has verbs, a verb has options, unknown ones are refused. */
#ifndef TOOLS_OPT_H
#define TOOLS_OPT_H

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses of every command. */
#define EXIT_DONE 0    /* done; the chain is valid; the answer is yes */
#define EXIT_NO 1      /* the chain is not valid; the answer is no */
#define EXIT_USAGE 2   /* the command line makes no sense; nothing was done */
#define EXIT_TROUBLE 3 /* the question could not be answered */

#define OPT_MAX_VALUES 1200

/** One option. @meta: what its value is called, NULL = it has none. */
struct opt {
	const char *name; /* without the dashes; NULL ends a list */
	const char *meta;
	const char *help;
	char letter; /* short form, 0 = none */
	bool many;   /* may be given up to OPT_MAX_VALUES times */
};

struct args;

struct verb {
	const char *name;  /* NULL: the noun is the whole command */
	const char *usage; /* words and the like, as they stand in the help */
	const char *brief;
	const char *help; /* paragraphs and examples; may be NULL */
	const struct opt *opts;
	int min_words;
	int max_words; /* -1 = any number */
	bool command;  /* takes "-- CMD [ARG]..." */
	bool command_needed;
	int (*run)(const struct args *args);
};

struct noun {
	const char *name;
	const char *brief;
	const struct verb *verbs; /* ended by one without @usage */
};

struct given {
	const struct opt *opt;
	const char *value; /* "" for a flag */
};

struct args {
	const struct noun *noun;
	const struct verb *verb;
	struct given given[OPT_MAX_VALUES * 4];
	size_t given_count;
	const char *words[256];
	size_t word_count;
	char **command; /* behind "--", NULL-terminated, or NULL */
	bool help;
};

/** Options that every verb takes. */
extern const struct opt opt_common[];

/** opt_parse() - @argv: what follows the verb. Return: 0, or -1 with a line for people in @error.
 */
int opt_parse(int argc, char **argv, struct args *args, char *error, size_t cap);

bool opt_has(const struct args *args, const char *name);
/** Value of an option that was given once; NULL when it was not given. */
const char *opt_text(const struct args *args, const char *name);
/** The @index-th value of an option that may be given several times; NULL at the end. */
const char *opt_nth(const struct args *args, const char *name, size_t index);
/** Edits between two words: for "did you mean". */
size_t opt_distance(const char *a, const char *b);

const struct verb *opt_find_verb(const struct noun *noun, const char *name);

#endif
