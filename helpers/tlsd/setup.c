// SPDX-License-Identifier: GPL-2.0-only
/* The daemon is given configs, and never holds a part that it could pass on: parts are bound to it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/tls_config.h>
#include "helpers/common/log.h"
#include "helpers/tlsd/setup.h"

#define ACME "acme-tls/1" /* RFC 8737 */

static int wrong_in(const struct gate *g, const char *config, int error, const char *what)
{
	log_line(LOG_ERR, "%s: config %s: %s: %s", g->name, config, what, capcert_strerror(error));
	return error;
}

static int wrong(const struct gate *g, int error, const char *what)
{
	return wrong_in(g, g->config, error, what);
}

static int check_role(const struct gate *g, uint32_t role)
{
	if (role == (g->host ? CAPCERT_TLS_CLIENT : CAPCERT_TLS_SERVER))
		return 0;
	return wrong(g, -EINVAL,
		     g->host ? "it is for servers; --connect wants a client's"
			     : "it is for clients, and there is no --connect");
}

/* Who is served by it goes nowhere, so it has to be for that alone. */
static int check_acme(const struct gate *g, const struct capcert_tls_description *d)
{
	static const uint8_t list[] = "\x0a" ACME;

	if (d->role != CAPCERT_TLS_SERVER || d->alpn_len != sizeof(list) - 1 ||
	    memcmp(d->alpn, list, sizeof(list) - 1) != 0)
		return wrong_in(g, g->acme, -EINVAL,
				"--acme wants a server's, with --alpn " ACME " alone");
	return 0;
}

/* @d: room. */
static int setup_acme(const struct gate *g, struct capcert_tls_parts *parts,
		      struct capcert_tls_description *d)
{
	const char *error = NULL;
	int config = capcert_fd(g->acme), r;

	if (config < 0)
		return wrong_in(g, g->acme, config, "CAPCERT_FDS");
	r = capcert_tls_config_info(config, d);
	if (r < 0)
		return wrong_in(g, g->acme, r, "is it a TLS config, with INFO?");
	r = check_acme(g, d);
	if (r < 0)
		return r;
	r = capcert_tls_context_from_handle(config, parts, &parts->guest, &error);
	return r < 0 ? wrong_in(g, g->acme, r, error ? error : "with INFO and USE?") : 0;
}

static int with_description(struct gate *g, const struct limits *limits, int config,
			    struct capcert_tls_description *d)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	const char *error = NULL;
	int r;

	parts.handshake_ms = limits->handshake_ms;
	r = g->acme ? setup_acme(g, &parts, d) : 0;
	if (r < 0)
		return r;
	r = capcert_tls_config_info(config, d);
	if (r < 0)
		return wrong(g, r, "is it a TLS config, with INFO?");
	r = check_role(g, d->role);
	if (r < 0)
		return r;
	r = capcert_tls_context_from_handle(config, &parts, &g->context, &error);
	capcert_tls_context_free(parts.guest);
	if (r < 0)
		return wrong(g, r, error ? error : "with INFO and USE?");
	/* To look at, for the status; the context has its own. */
	if (capcert_tls_config_use(config, CAPCERT_TLS_PART_SLOTS, &g->slots_fd, NULL) < 0)
		g->slots_fd = -1;
	if (d->default_slot[0])
		gate_saw_slot(g, d->default_slot);
	return 0;
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
	g->seen = calloc(1, sizeof(*g->seen));
	r = g->seen ? with_description(g, limits, config, d) : -ENOMEM;
	free(d);
	return r;
}
