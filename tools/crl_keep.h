/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs of capcert crl that work on a folder of lists. */
#ifndef TOOLS_CRL_KEEP_H
#define TOOLS_CRL_KEEP_H

#include <capcert/crl_store.h>
#include "tools/tool.h"

extern const struct opt crl_import_opts[], crl_list_opts[];

int crl_keep_import(const struct args *args);
int crl_keep_list(const struct args *args);

/** crl_store_load() - the store at @dir, NULL = the system's. Says which of its files do not count.
 *  Return: EXIT_DONE, or EXIT_TROUBLE after saying why. */
int crl_store_load(const char *dir, bool create, capcert_crl_store **ret);

#endif
