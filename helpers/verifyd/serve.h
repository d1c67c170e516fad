/* SPDX-License-Identifier: GPL-2.0-only */
/* Request bytes in, reply bytes out. Knows neither the device nor the sandbox. */
#ifndef VERIFYD_SERVE_H
#define VERIFYD_SERVE_H

#include "libcapcert/engine.h"

struct server;

/** What a server asks of its surroundings. */
struct server_ops {
	/** state() - CAPCERT_STATE_* of the request @id, @index of evidence, exactly @len bytes. 0 or
	 *  -errno. */
	int (*state)(void *ctx, uint64_t id, uint32_t what, uint32_t index, uint8_t *buf,
		     uint32_t len);
	/** clock() - CAPCERT_CLOCK_* as it looks from here. */
	uint32_t (*clock)(void *ctx);
	void *ctx;
};

/** server_new() - its caches are empty. Return: 0 or -ENOMEM. */
int server_new(const struct server_ops *ops, struct server **ret);
void server_free(struct server *server);

struct server_reply {
	struct capcert_agent_reply head; /* @head.size bytes are to be written */
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
};

/**
 * serve() - answer one request. Any number of threads on one server.
 * The reply is always well-formed. When no verdict could be made, @ret->head.error says why:
 * -EPROTO the request is malformed, -EBADMSG evidence is, -ENOMEM, -EOPNOTSUPP, or what state() said.
 * Return: 0, or -EBADMSG when the request does not even have an id to reply to.
 */
int serve(struct server *server, const uint8_t *request, size_t len, struct server_reply *ret);

#endif
