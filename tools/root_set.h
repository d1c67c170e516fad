/* SPDX-License-Identifier: GPL-2.0-only */
/* The curated set: a folder per company, in it a file per root. Reading collects what is wrong. */
#ifndef TOOLS_ROOT_SET_H
#define TOOLS_ROOT_SET_H

#include <capcert/root_index.h>
#include "tools/root_file.h"

#define ROOT_DIR "data/roots"

/** What is wrong, and where: lines for people. */
struct problems {
	char **paths, **texts;
	size_t count;
	bool lost; /* memory ran out for one */
};

void problem(struct problems *problems, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void problems_free(struct problems *problems);

struct root {
	char *company;
	char *name; /* of the file, without extension */
	char *path; /* company/name.pem, from the set's folder on */
	bool disabled;
	struct root_file file;
};

struct root_set {
	char *dir;
	struct root *roots; /* by path */
	size_t count;
	char **companies; /* sorted; those with at least one root */
	size_t company_count;
	struct problems problems;
};

/** root_set_load() - every .pem and .disabled of the folders in @dir. What can't be read or parsed is
 *  a problem and no root; so is a file that has no business there.
 *  Return: EXIT_DONE, or another status after saying why @dir cannot be read at all. */
int root_set_load(const char *dir, struct root_set *ret);
void root_set_free(struct root_set *set);

/** root_set_index() - the roots that are not disabled, labelled with their paths. EXIT_NO when the
 *  set has problems. */
int root_set_index(const struct root_set *set, capcert_root_index **ret);

/** root_set_find() - the root with these very bytes, NULL when there is none. */
const struct root *root_set_find(const struct root_set *set, const uint8_t *der, size_t len);

/** problems_say() - problems to stderr. Return: EXIT_NO when there are any. */
int problems_say(const struct problems *problems);

#endif
