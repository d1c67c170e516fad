// SPDX-License-Identifier: GPL-2.0-only
/* The daemon is given configs, and never holds a part that it could pass on: parts are bound to it. */
#include <errno.h>
#include <stdlib.h>
#include <capcert/tls_config.h>
#include "helpers/common/log.h"
#include "helpers/tlsd/setup.h"

static int wrong(const struct gate *g, int error, const char *what)
{
	log_line(LOG_ERR, "%s: config %s: %s: %s", g->name, g->config, what,
		 capcert_strerror(error));
	return error;
}

static int check_role(const struct gate *g, uint32_t role)
{
	if (role == (g->host ? CAPCERT_TLS_CLIENT : CAPCERT_TLS_SERVER))
		return 0;
	return wrong(g, -EINVAL,
		     g->host ? "it is for servers; --connect wants a client's"
			     : "it is for clients, and there is no --connect");
}

static int with_description(struct gate *g, const struct limits *limits, int config,
			    struct capcert_tls_description *d)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	const char *error = NULL;
	int r = capcert_tls_config_info(config, d);

	if (r < 0)
		return wrong(g, r, "is it a TLS config, with INFO?");
	r = check_role(g, d->role);
	if (r < 0)
		return r;
	parts.handshake_ms = limits->handshake_ms;
	r = capcert_tls_context_from_handle(config, &parts, &g->context, &error);
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
