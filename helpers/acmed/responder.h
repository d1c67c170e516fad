/* SPDX-License-Identifier: GPL-2.0-only */
/* The http-01 responder: answers what is published at this moment, and 404 to everything else. It has no files, no
 * routes, no names. */
#ifndef HELPERS_ACMED_RESPONDER_H
#define HELPERS_ACMED_RESPONDER_H

#include <stddef.h>
#include <stdint.h>

#define RESPONDER_CONNS 128  /* at once: the one that has waited longest makes room */
#define RESPONDER_MS	10000 /* from accept() to the last octet */
#define RESPONDER_MOST	1024 /* tokens at once */

struct responder;

/** responder_new() - on @listen, a socket that listens; non-blocking from now on, and the caller's.
 *  Return: 0 or -errno. */
int responder_new(int listen, struct responder **ret);
void responder_free(struct responder *r); /* NULL is fine */

/** responder_publish() - GET of @token answers @text from now on. Return: 0; -EINVAL no token, or too long;
 *  -EEXIST it is there; -ENOSPC; -ENOMEM. */
int responder_publish(struct responder *r, const char *token, const char *text);
/** responder_withdraw() - 404 again. Return: 0, -ENOENT. */
int responder_withdraw(struct responder *r, const char *token);
/** responder_count() - tokens. */
size_t responder_count(const struct responder *r);

/** responder_fd() - an epoll set: readable when responder_step() has something to do.
 *  responder_wait_ms() - until it has, though nothing comes; -1 = for ever. */
int responder_fd(const struct responder *r);
int responder_wait_ms(const struct responder *r, int64_t now_ms);
/** responder_step() - @now_ms: monotonic. Return: 0, or -errno when it cannot go on. */
int responder_step(struct responder *r, int64_t now_ms);

#endif
