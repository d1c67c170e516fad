// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capcert-tlsd's command line, a word in each line: what is taken can be started with, what is not is explained. */
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/tlsd/options.h"

#define WORDS 64
#define TEXT 2048

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In place of libc's: nobody is asked for a host. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret)
{
	(void)node;
	(void)service;
	(void)hints;
	*ret = NULL;
	return EAI_NONAME;
}

static void check_gate(const struct gate *g)
{
	CHECK(g->name && g->config && *g->config);
	CHECK(g->socket || g->at.len);
	CHECK(g->to.len || g->route_count);
	CHECK(g->route_count <= ROUTES_MOST);
	for (unsigned int i = 0; i < g->route_count; i++)
		CHECK(*g->routes[i].alpn && g->routes[i].to.len);
	CHECK(!g->host || (*g->host && g->to.len && !g->route_count && !g->proxy && !g->acme));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options o;
	char text[TEXT], error[256] = "", *argv[WORDS + 2] = { (char *)"tlsd" };
	int argc = 1;

	if (size >= sizeof(text) || memchr(data, '\0', size))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *word = strtok(text, "\n"); word && argc <= WORDS; word = strtok(NULL, "\n"))
		argv[argc++] = word;
	switch (options_parse(argc, argv, &o, error)) {
	case OPTIONS_WRONG:
		CHECK(*error && memchr(error, '\0', sizeof(error)));
		break;
	case OPTIONS_RUN:
		CHECK(o.gate_count <= GATES_MOST && (o.gate_count || o.check_sandbox));
		CHECK(o.limits.workers && o.limits.shakers && o.limits.connections);
		CHECK(o.limits.handshake_ms && o.limits.idle_ms);
		for (unsigned int i = 0; i < o.gate_count; i++)
			check_gate(&o.gates[i]);
		break;
	default:
		break;
	}
	return 0;
}
