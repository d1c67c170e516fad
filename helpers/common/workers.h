/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads of an agent that answer requests. */
#ifndef HELPERS_COMMON_WORKERS_H
#define HELPERS_COMMON_WORKERS_H

#include <stddef.h>
#include <stdint.h>
#include <linux/capcert_agent.h>

struct workers;

/** What the threads share. The fds may be put in their places after workers_new(), until
 *  workers_go(). */
struct workers_ops {
	int agent;	    /* fd of the agent device, O_NONBLOCK, after HELLO */
	int stop;	    /* an eventfd: readable = stop */
	size_t max_request; /* bytes of the largest request, as HELLO said */
	size_t max_body;    /* bytes that a reply has behind its head */
	/**
	 * answer() - in any of the threads. @request: @len bytes, aligned for any type.
	 * @reply: not cleared; @max_body bytes follow it. @reply->size of them are written, and an
	 * @reply->error is logged. Return: 0, or -errno when there is nothing to reply to.
	 */
	int (*answer)(void *ctx, const uint8_t *request, size_t len,
		      struct capcert_agent_reply *reply);
	void *ctx;
};

/** workers_new() - @count threads that wait for workers_go() before they read anything.
 *  Return: 0 or -errno; after an error the process must end, threads that did start wait for
 *  ever. */
int workers_new(unsigned int count, const struct workers_ops *ops, struct workers **ret);

/** workers_go() - the sandbox stands: begin. A thread that cannot go on sends SIGTERM to this
 *  process. */
void workers_go(struct workers *workers);

/** workers_stop() - let each finish the request in its hands. Return: 0, or the -errno that ended
 *  one of them before. */
int workers_stop(struct workers *workers);

#endif
