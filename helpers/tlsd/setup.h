/* SPDX-License-Identifier: GPL-2.0-only */
/* From a handle of a TLS config to what a gate needs of it. */
#ifndef HELPERS_TLSD_SETUP_H
#define HELPERS_TLSD_SETUP_H

#include "helpers/tlsd/gate.h"

/** setup_gate() - take the config that @gate names out of CAPCERT_FDS, and make its context. Says on the
 *  log what is wrong. Return: 0 or -errno. */
int setup_gate(struct gate *gate, const struct limits *limits);

#endif
