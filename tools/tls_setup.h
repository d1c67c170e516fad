/* SPDX-License-Identifier: GPL-2.0-only */
/* From words of a command line to a TLS context and a connected socket. */
#ifndef TOOLS_TLS_SETUP_H
#define TOOLS_TLS_SETUP_H

#include <sys/socket.h>
#include <capcert/tls.h>
#include "tools/tool.h"

/** What capcert tls connect holds; tls_setup_end() gives all of it back. */
struct tls_setup {
	capcert_tls_context *context;
	bool local; /* verified in this process */
	const char *policy_text; /* local */
	capcert_policy *policy;
	capcert_store *store;
	capcert_pins *pins;
	capcert_loglist *logs;
	capcert_tls_slots *slots;
	int verifier_fd, store_fd, pins_fd;
	uint8_t alpn[CAPCERT_TLS_MAX_ALPN];
};

/** tls_setup() - Return: EXIT_DONE, or another status after saying why. */
int tls_setup(const struct args *args, struct tls_setup *ret);
void tls_setup_end(struct tls_setup *s);

/** tls_setup_anchors() - the anchors once more, into a new store. @purposes: 0 = server
 *  authentication. Return: likewise. */
int tls_setup_anchors(const struct args *args, uint32_t purposes, capcert_store **ret);

/** tls_config_context() - a context of the config that @word names. @limits: as
 *  capcert_tls_context_from_handle(). Return: likewise. */
int tls_config_context(const char *word, uint32_t role, const struct capcert_tls_parts *limits,
		       capcert_tls_context **ret);

/** tls_dial() - connect to "HOST:PORT", "[ADDRESS]:PORT", or "unix:PATH". @host: gets the host part,
 *  "" for a path. Return: likewise. */
int tls_dial(const char *word, char host[256], int *ret_fd);

/** tls_listen() - listen on "PORT" of 127.0.0.1, "ADDRESS:PORT", or "unix:PATH". Return: likewise. */
int tls_listen(const char *word, int *ret_fd);

#define TLS_SOCKET_TEXT 80
/** tls_socket_text() - "192.0.2.1:443", "[2001:db8::1]:443", "unix". */
void tls_socket_text(const struct sockaddr_storage *at, socklen_t len, char ret[TLS_SOCKET_TEXT]);

#endif
