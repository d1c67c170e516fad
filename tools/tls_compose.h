/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts and fields of a TLS end from words of a command line. */
#ifndef TOOLS_TLS_COMPOSE_H
#define TOOLS_TLS_COMPOSE_H

#include <capcert/tls_config.h>
#include "tools/tool.h"

/** tls_compose_options() - all but role, parts, ring and description. @alpn: CAPCERT_TLS_MAX_ALPN octets that
 *  @o may point to. Return: EXIT_DONE, or another status after saying why. */
int tls_compose_options(const struct args *args, struct capcert_tls_options *o, uint8_t *alpn);

/** tls_compose_parts() - handles of what the options name, with what a TLS end needs of each, INFO and
 *  @more. On failure too the caller ends it by tls_compose_end(). Return: likewise. */
int tls_compose_parts(const struct args *args, uint64_t more, struct capcert_tls_options *o);
void tls_compose_end(struct capcert_tls_options *o);

#endif
