/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon locked in: sockets and handles, no file, no program, no privilege. */
#ifndef HELPERS_TLSD_WALLS_H
#define HELPERS_TLSD_WALLS_H

#include "helpers/tlsd/run.h"

/** walls_fds() - close whatever was inherited and is neither a gate's socket nor a config of one.
 *  Call before anything is opened. Return: 0 or -errno. */
int walls_fds(const struct options *options, int notify);

/** walls_before_threads(), walls_after_threads() - for struct run. */
int walls_before_threads(struct run *run);
int walls_after_threads(struct run *run);

#endif
