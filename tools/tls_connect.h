/* SPDX-License-Identifier: GPL-2.0-only */
/* capcert tls connect, a verb of tools/cmd_tls.c. */
#ifndef TOOLS_TLS_CONNECT_H
#define TOOLS_TLS_CONNECT_H

#include "tools/tool.h"

extern const struct opt tls_connect_opts[];
int tls_connect(const struct args *args);

#endif
