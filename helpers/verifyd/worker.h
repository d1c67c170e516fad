/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads that answer requests. */
#ifndef VERIFYD_WORKER_H
#define VERIFYD_WORKER_H

#include <stddef.h>

struct workers;

/** workers_new() - @count threads that wait for workers_go() before they read anything.
 *  @max_request: bytes of the largest request. Return: 0 or -errno. */
int workers_new(unsigned int count, size_t max_request, struct workers **ret);

/** workers_go() - the sandbox stands: begin. A thread that cannot go on sends SIGTERM to this
 *  process. */
void workers_go(struct workers *workers);

/** workers_stop() - let each finish the request in its hands. Return: 0, or the -errno that ended
 *  one of them before. */
int workers_stop(struct workers *workers);

#endif
