/* SPDX-License-Identifier: GPL-2.0-only */
/* capcert tls status: what a capcert-tlsd says of itself. */
#ifndef TOOLS_TLS_STATUS_H
#define TOOLS_TLS_STATUS_H

#include "tools/tool.h"

int tls_status(const struct args *args);

#endif
