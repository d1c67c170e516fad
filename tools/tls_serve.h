/* SPDX-License-Identifier: GPL-2.0-only */
/* capcert tls serve, a verb of tools/cmd_tls.c. */
#ifndef TOOLS_TLS_SERVE_H
#define TOOLS_TLS_SERVE_H

#include "tools/tool.h"

extern const struct opt tls_serve_opts[];
int tls_serve(const struct args *args);

#endif
