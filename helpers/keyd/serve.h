/* SPDX-License-Identifier: GPL-2.0-only */
/* Request bytes in, reply bytes out. Knows neither the device nor the sandbox. */
#ifndef KEYD_SERVE_H
#define KEYD_SERVE_H

#include <linux/capcert_agent.h>
#include <capcert/vault.h>

/* Bytes behind the head of a reply. */
#define SERVE_MAX_BODY (sizeof(struct capcert_agent_key) + CAPCERT_VAULT_MAX_SPKI)

struct server {
	capcert_vault *vault;
	int records; /* fd of the directory of key records */
	/** log() - why a request was refused; may be NULL. */
	void (*log)(const char *line);
};

/**
 * serve() - answer one request. Any number of threads on one server.
 * @reply: SERVE_MAX_BODY bytes follow it. It is always well-formed; @reply->error: -EPROTO the request is
 * malformed; -EACCES the key has no record, is not for this purpose, could leave its token, or the message
 * is not of that kind; -EINVAL; -EOPNOTSUPP; -ENOKEY the token has no such key any more, or its
 * record is gone; -ENODEV the
 * token is not there, or cannot be opened; -EBUSY; -EIO.
 * Return: 0, or -EBADMSG when the request does not even have an id to reply to.
 */
int serve(const struct server *server, const uint8_t *request, size_t len,
	  struct capcert_agent_reply *reply);

#endif
