// SPDX-License-Identifier: GPL-2.0-only
/* The daemon is given configs, and never holds a part that it could pass on: parts are bound to it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/tls_config.h>
#include "helpers/common/log.h"
#include "helpers/tlsd/setup.h"

static int wrong(const struct gate *g, int error, const char *what)
{
	log_line(LOG_ERR, "%s: config %s: %s: %s", g->name, g->config, what,
		 capcert_strerror(error));
	return error;
}

static void close_parts(const int fds[CAPCERT_TLS_PARTS])
{
	for (int i = 0; i < CAPCERT_TLS_PARTS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int use_parts(const struct gate *g, int config, uint32_t mask, int fds[CAPCERT_TLS_PARTS])
{
	int r = 0;

	for (uint32_t i = 0; i < CAPCERT_TLS_PARTS; i++) {
		fds[i] = -1;
		if (r == 0 && mask & 1u << i)
			r = capcert_tls_config_use(config, i, &fds[i], NULL);
		if (r < 0)
			return wrong(g, r, capcert_tls_part_name(i));
	}
	return 0;
}

static int make_context(struct gate *g, const struct limits *limits,
			const struct capcert_tls_description *d, const int fds[CAPCERT_TLS_PARTS])
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	const char *error = NULL;
	int r;

	parts.role = d->role;
	parts.flags = d->flags;
	parts.client_auth = d->client_auth;
	parts.min_version = d->min_version;
	parts.cipher_policy = d->cipher_policy;
	parts.slots_fd = fds[CAPCERT_TLS_PART_SLOTS];
	parts.key_fd = fds[CAPCERT_TLS_PART_KEY];
	parts.verifier_fd = fds[CAPCERT_TLS_PART_VERIFIER];
	parts.store_fd = fds[CAPCERT_TLS_PART_STORE];
	parts.pins_fd = fds[CAPCERT_TLS_PART_PINS];
	parts.patterns = d->slots[0] ? d->slots : NULL;
	parts.default_slot = d->default_slot[0] ? d->default_slot : NULL;
	parts.alpn = d->alpn_len ? d->alpn : NULL;
	parts.alpn_len = d->alpn_len;
	parts.host = d->host[0] ? d->host : NULL;
	parts.handshake_ms = limits->handshake_ms;
	r = capcert_tls_context_new(&parts, &g->context, &error);
	return r < 0 ? wrong(g, r, error ? error : "no context") : 0;
}

static int with_description(struct gate *g, const struct limits *limits, int config,
			    struct capcert_tls_description *d)
{
	int fds[CAPCERT_TLS_PARTS] = { -1, -1, -1, -1, -1 };
	int r = capcert_tls_config_info(config, d);

	if (r < 0)
		return wrong(g, r, "is it a TLS config, with INFO?");
	if (d->role != (g->host ? CAPCERT_TLS_CLIENT : CAPCERT_TLS_SERVER))
		return wrong(g, -EINVAL,
			     g->host ? "it is for servers; --connect wants a client's"
				     : "it is for clients, and there is no --connect");
	r = use_parts(g, config, d->parts, fds);
	if (r == 0)
		r = make_context(g, limits, d, fds);
	if (r == 0) {
		/* To look at; the context has a copy. */
		g->slots_fd = fds[CAPCERT_TLS_PART_SLOTS];
		g->default_slot = d->default_slot;
		fds[CAPCERT_TLS_PART_SLOTS] = -1;
	}
	close_parts(fds);
	return r;
}

int setup_gate(struct gate *g, const struct limits *limits)
{
	struct capcert_tls_description *d;
	int config = capcert_fd(g->config), r;

	if (config < 0)
		return wrong(g, config, "CAPCERT_FDS");
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	r = with_description(g, limits, config, d);
	if (r < 0)
		free(d); /* else it is the context's, as long as there is one */
	return r;
}
