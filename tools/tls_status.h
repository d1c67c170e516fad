/* SPDX-License-Identifier: GPL-2.0-only */
/* capcert tls status: what a capcert-tlsd says of itself. */
#ifndef TOOLS_TLS_STATUS_H
#define TOOLS_TLS_STATUS_H

#include "tools/tool.h"

int tls_status(const struct args *args);

/** tls_status_show() - for people. @all: any object (answer.h); what it lacks is 0 and "?". @now: since 1970. */
void tls_status_show(const json_t *all, int64_t now);

#endif
