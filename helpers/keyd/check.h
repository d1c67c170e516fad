/* SPDX-License-Identifier: GPL-2.0-only */
/* --check: what there is, and what it is for. */
#ifndef KEYD_CHECK_H
#define KEYD_CHECK_H

#include "helpers/keyd/options.h"
#include "helpers/keyd/serve.h"

/** check_token() - open @label, one line per key on stdout unless @quiet. Return: 0, or -errno after
 *  saying why in the log. */
int check_token(const struct server *server, const char *label, bool quiet);

#endif
