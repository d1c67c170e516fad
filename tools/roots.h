/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs of `capcert roots`, one file each where they are more than a few lines. */
#ifndef TOOLS_ROOTS_H
#define TOOLS_ROOTS_H

#include <stdint.h>
#include "tools/opt.h"
#include "tools/root_rules.h"
#include "tools/root_set.h"

int roots_import(const struct args *args);
int roots_verify(const struct args *args);
int roots_diff(const struct args *args);
int roots_table(const struct args *args);
int roots_bundle(const struct args *args);

/** --time, or now. Return: EXIT_DONE, or another status after saying why. */
int roots_time(const struct args *args, int64_t *ret);
/** --deny, or deny.txt in @dir if it is there. */
int roots_deny(const struct args *args, const char *dir, struct root_deny *ret);
/** The list at @path: certdata.txt, or with @module a PKCS#11 module. */
int roots_source(const char *path, bool module, capcert_nss_roots **ret);

/** root_table() - the generated part of a company's README.md, with its two markers; malloc()ed. */
char *root_table(const struct root_set *set, const char *company);
#define ROOT_TABLE_BEGIN "<!-- roots: begin -->\n"
#define ROOT_TABLE_END "<!-- roots: end -->\n"

/** root_readme_check(), root_changelog_check() - problems into @set. */
void root_readme_check(struct root_set *set, const char *company);
void root_changelog_check(struct root_set *set, const struct root_deny *deny);

#endif
