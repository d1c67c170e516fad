/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's status agent: requests in, jobs, replies out. Knows neither the device nor the sandbox:
 * a fd that gives one request per read() and takes one reply per write(). */
#ifndef HELPERS_STATUSD_SERVE_H
#define HELPERS_STATUSD_SERVE_H

#include "helpers/statusd/job.h"

#define SERVE_CALLS 1024 /* at once; the module's queue holds no more */
#define SERVE_RETRY 10	 /* seconds that the module remembers that nobody answered */

struct server;

struct server_rules {
	struct job_rules job; /* but for max_age, which the request says */
	size_t max_request;
};

/** server_new() - @fd is O_NONBLOCK; it, @asker and @fetcher stay the caller's. NULL: out of memory. */
struct server *server_new(const struct server_rules *rules, int fd, struct asker *asker);

/** server_free() - calls that are open are not answered: the module asks the next agent. After
 *  fetcher_free(). */
void server_free(struct server *s);

/**
 * server_run() - take what can be read, go on with what has been fetched, reply. After every
 * fetcher_step(). @now: seconds since 1970.
 * Return: 0; -errno when the device is gone.
 */
int server_run(struct server *s, int64_t now);

/** server_full() - it takes no more until something is over: do not wait for the fd. */
bool server_full(const struct server *s);

#endif
