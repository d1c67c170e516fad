/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verbs of capcert ctlogs share. */
#ifndef TOOLS_CTLOGS_H
#define TOOLS_CTLOGS_H

#include <capcert/loglist.h>
#include "tools/tool.h"

#define CTLOGS_MAX_AGE_DAYS 70 /* a list that is older counts as stale */

/** The list in @path ("-" = stdin; NULL = the one that is compiled in), in the form @format. Return:
 *  EXIT_DONE, or another status after saying why. */
int ctlogs_load(const char *path, uint32_t format, capcert_loglist **ret);

/** "2026-01-31", or @unknown; @buf has 32 bytes and is returned. */
const char *ctlogs_day(int64_t time, const char *unknown, char *buf);

/** A name of a stranger's, fit for a terminal; @buf has 256 bytes and is returned. */
const char *ctlogs_text(const char *text, char *buf);

json_t *ctlogs_json(const capcert_log *log, int64_t at);

/* Verbs with a file of their own. */
int ctlogs_diff(const struct args *args);
int ctlogs_verify(const struct args *args);

#endif
