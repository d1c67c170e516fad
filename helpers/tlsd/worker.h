/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads. Some accept and shake hands, and may have to wait for a signature or a verdict; the
 * others pass on the octets of connections that stand, and wait for nothing. */
#ifndef HELPERS_TLSD_WORKER_H
#define HELPERS_TLSD_WORKER_H

#include "helpers/tlsd/gate.h"
#include "helpers/tlsd/stats.h"

struct server;

/**
 * server_new() - start the threads; they do nothing before server_go(). All pointers stay the caller's,
 * and as they are until server_free().
 * Return: 0 or -errno; after an error the process must end, threads that did start wait for ever.
 */
int server_new(const struct gate *gates, unsigned int count, const struct limits *limits,
	       struct stats *stats, struct server **ret);

/** server_go() - begin to accept. */
void server_go(struct server *server);

/** server_drain() - accept nothing more. Those that are open go on; stats->open counts them. */
void server_drain(struct server *server);

/** server_free() - end what is still open, and the threads. */
void server_free(struct server *server);

/** server_now() - ms, of a clock that only goes forward. */
int64_t server_now(void);

#endif
