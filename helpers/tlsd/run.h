/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon from its sockets to its end, whatever its contexts are made of. */
#ifndef HELPERS_TLSD_RUN_H
#define HELPERS_TLSD_RUN_H

#include "helpers/tlsd/options.h"

struct run {
	struct options *options;
	int notify; /* of the service manager; -1 = none */
	int status; /* listens; -1 = none */
	/** Walls, before there are threads and after; NULL = none. Return: 0 or -errno. */
	int (*before_threads)(struct run *run);
	int (*after_threads)(struct run *run);
	/** SIGHUP came; NULL = nothing to do. */
	void (*hangup)(struct run *run);
	uid_t uid;
	gid_t gid;
};

/** run_open() - listen wherever gates and status want it, and see how many fds there may be. Says on the
 *  log what is wrong. Return: 0 or -errno. */
int run_open(struct run *run);

/** run_serve() - until SIGTERM or SIGINT, and until what was open has ended. Every gate has its context.
 *  Return: an exit status. */
int run_serve(struct run *run);

#endif
