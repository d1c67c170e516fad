// SPDX-License-Identifier: GPL-2.0-only
/* A gate begins with --listen or --socket; what follows until the next one is about it. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "helpers/tlsd/options.h"

#define CONNECTIONS_MOST 1000000
#define THREADS_MOST 256
#define SECONDS_MOST 86400

const char options_help[] =
	"usage: " TLSD_NAME " [OPTION]... GATE...\n"
	"\n"
	"Terminates TLS in front of any TCP or UNIX-socket service, or connects out with it. "
	"Holds\n"
	"handles alone, from CAPCERT_FDS: no key, no file.\n"
	"\n"
	"A gate begins with one of these; several, each with what follows it:\n"
	"  --listen ADDRESS    listen there: 192.0.2.1:443, [2001:db8::1]:443, *:443 (both "
	"families),\n"
	"                      unix:/run/x.sock, unix:@abstract\n"
	"  --socket NAME       listen on the inherited socket of this name (LISTEN_FDNAMES)\n"
	"and has:\n"
	"  --config NAME       a TLS config of CAPCERT_FDS\n"
	"  --acme NAME         another, whose one application protocol is acme-tls/1: answers a CA "
	"that\n"
	"                      validates by tls-alpn-01, and goes to no back end\n"
	"  --to ADDRESS        the back end; a HOST:PORT is resolved once, at the start\n"
	"  --route ALPN=ADDRESS  the back end for one application protocol; may be given several\n"
	"                      times. Without --to nothing else is let through\n"
	"  --proxy             tell the back end who comes: PROXY protocol, version 2\n"
	"  --pass-outcome      hand a back end at a UNIX socket the verdict on the client, as a "
	"handle\n"
	"  --connect NAME      client side: take what comes plain, and speak TLS to --to, which "
	"has\n"
	"                      to prove to be NAME\n"
	"\n"
	"For all gates:\n"
	"  --max N             connections at once (default 10000)\n"
	"  --per-peer N        of one IPv4 address or IPv6 /64 (default 256; 0 = no limit)\n"
	"  --handshake S       seconds for a handshake, and for a back end to answer (default 10)\n"
	"  --idle S            seconds of silence that end a connection (default 300)\n"
	"  --drain S           seconds that open connections have after SIGTERM (default 30)\n"
	"  --threads N         that pass octets on, and as many that shake hands (default: one "
	"per\n"
	"                      CPU)\n"
	"  --status ADDRESS    tell how things are at this UNIX socket; read by capcert tls "
	"status\n"
	"  --user NAME         run as this user (default: " TLSD_NAME
	" if it exists, else nobody)\n"
	"  --foreground        accepted for scripts; it never goes into the background\n"
	"  --check-sandbox     enter the sandbox, try to get out, report; 0 when all was refused. "
	"Needs no gate\n"
	"  --version           print the version\n"
	"  --help              print this\n"
	"\n"
	"Exit status: 0 stopped by SIGTERM or SIGINT, 1 failure (said on stderr), 2 wrong usage.\n";

struct parser {
	struct options *o;
	struct gate *gate; /* that is being described; NULL = none yet */
	char *error;
	bool wrong;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct parser *p, const char *format, ...)
{
	va_list args;

	if (p->wrong)
		return;
	p->wrong = true;
	va_start(args, format);
	vsnprintf(p->error, 256, format, args);
	va_end(args);
}

static unsigned int number(struct parser *p, const char *what, const char *text, unsigned int least,
			   unsigned int most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < least || n > most || strlen(text) > 9)
		wrong(p, "--%s %.60s: a number from %u to %u is wanted", what, text, least, most);
	return (unsigned int)n;
}

static struct gate *begin_gate(struct parser *p, const char *name)
{
	struct options *o = p->o;

	if (o->gate_count == GATES_MOST) {
		wrong(p, "there are more than %d gates", GATES_MOST);
		return p->gate;
	}
	p->gate = &o->gates[o->gate_count++];
	*p->gate = (struct gate){ .name = name, .fd = -1, .slots_fd = -1 };
	return p->gate;
}

/* The gate that an option is about. */
static struct gate *of(struct parser *p, const char *option)
{
	static struct gate nowhere;

	if (p->gate)
		return p->gate;
	wrong(p, "--%s: of which gate? It follows its --listen or --socket", option);
	return &nowhere;
}

static void set_once(struct parser *p, const char *option, const char **field, const char *value)
{
	if (*field)
		wrong(p, "--%s %.60s: this gate has one already", option, value);
	if (!*value)
		wrong(p, "--%s: a name is wanted", option);
	*field = value;
}

static void set_backend(struct parser *p, const char *option, const char *text, struct address *to)
{
	int r;

	if (to->len)
		wrong(p, "--%s %.60s: this gate has one already", option, text);
	r = address_resolve(text, to);
	if (r == -ENOENT)
		wrong(p, "--%s %.100s: there is no such host", option, text);
	else if (r < 0)
		wrong(p, "--%s %.100s: no address, as 127.0.0.1:8080 or unix:/run/x.sock is",
		      option, text);
}

/* The ALPN name is cut out of the argument itself. */
static void add_route(struct parser *p, struct gate *g, char *text)
{
	char *equal = strchr(text, '=');

	if (!equal || equal == text || equal - text > 255) {
		wrong(p, "--route %.60s: ALPN=ADDRESS is wanted, as h2=127.0.0.1:8080", text);
		return;
	}
	*equal = '\0';
	for (unsigned int i = 0; i < g->route_count; i++)
		if (strcmp(g->routes[i].alpn, text) == 0)
			wrong(p, "--route: %.60s has one already", text);
	if (g->route_count == ROUTES_MOST) {
		wrong(p, "--route: this gate has more than %d", ROUTES_MOST);
		return;
	}
	g->routes[g->route_count].alpn = text;
	set_backend(p, "route", equal + 1, &g->routes[g->route_count].to);
	g->route_count++;
}

static const struct option known[] = {
	{ "listen", required_argument, NULL, 'l' },   { "socket", required_argument, NULL, 's' },
	{ "config", required_argument, NULL, 'c' },   { "acme", required_argument, NULL, 'a' },
	{ "to", required_argument, NULL, 't' },	      { "route", required_argument, NULL, 'r' },
	{ "proxy", no_argument, NULL, 'p' },	      { "pass-outcome", no_argument, NULL, 'o' },
	{ "connect", required_argument, NULL, 'n' },  { "max", required_argument, NULL, 'M' },
	{ "per-peer", required_argument, NULL, 'P' }, { "handshake", required_argument, NULL, 'H' },
	{ "idle", required_argument, NULL, 'I' },     { "drain", required_argument, NULL, 'D' },
	{ "threads", required_argument, NULL, 'T' },  { "status", required_argument, NULL, 'S' },
	{ "user", required_argument, NULL, 'U' },     { "foreground", no_argument, NULL, 'F' },
	{ "check-sandbox", no_argument, NULL, 'C' },  { "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },	      { 0 },
};

static void take_gate(struct parser *p, int c, char *value)
{
	struct gate *g;

	switch (c) {
	case 'l':
		g = begin_gate(p, value);
		if (address_parse(value, &g->at) < 0)
			wrong(p, "--listen %.100s: no address, as *:443 or unix:/run/x.sock is",
			      value);
		break;
	case 's':
		g = begin_gate(p, value);
		g->socket = value;
		break;
	case 'c':
		set_once(p, "config", &of(p, "config")->config, value);
		break;
	case 'a':
		set_once(p, "acme", &of(p, "acme")->acme, value);
		break;
	case 't':
		set_backend(p, "to", value, &of(p, "to")->to);
		break;
	case 'r':
		add_route(p, of(p, "route"), value);
		break;
	case 'p':
		of(p, "proxy")->proxy = true;
		break;
	case 'o':
		of(p, "pass-outcome")->pass_outcome = true;
		break;
	case 'n':
		set_once(p, "connect", &of(p, "connect")->host, value);
		break;
	}
}

static void take_common(struct parser *p, int c, const char *value)
{
	struct limits *l = &p->o->limits;
	struct address at;

	switch (c) {
	case 'M':
		l->connections = number(p, "max", value, 1, CONNECTIONS_MOST);
		break;
	case 'P':
		l->per_peer = number(p, "per-peer", value, 0, CONNECTIONS_MOST);
		break;
	case 'H':
		l->handshake_ms = 1000 * number(p, "handshake", value, 1, 600);
		break;
	case 'I':
		l->idle_ms = 1000 * number(p, "idle", value, 1, SECONDS_MOST);
		break;
	case 'D':
		l->drain_ms = 1000 * number(p, "drain", value, 0, SECONDS_MOST);
		break;
	case 'T':
		l->workers = l->shakers = number(p, "threads", value, 1, THREADS_MOST);
		break;
	case 'S':
		if (strncmp(value, "unix:", 5) != 0 || address_parse(value, &at) < 0)
			wrong(p, "--status %.100s: an address as unix:/run/x.sock is wanted",
			      value);
		p->o->status = value;
		break;
	case 'U':
		p->o->user = value;
		break;
	case 'C':
		p->o->check_sandbox = true;
		break;
	}
}

static bool is_unix(const struct address *a)
{
	return !a->len || a->any.sa_family == AF_UNIX;
}

static void check_gate(struct parser *p, const struct gate *g)
{
	bool local = is_unix(&g->to);

	for (unsigned int i = 0; i < g->route_count; i++)
		local = local && is_unix(&g->routes[i].to);
	if (!g->config)
		wrong(p, "%.100s: with which TLS config? --config NAME says", g->name);
	else if (!g->to.len && (g->host || !g->route_count))
		wrong(p, "%.100s: where to? --to ADDRESS says", g->name);
	else if (g->host && (g->proxy || g->pass_outcome || g->route_count || g->acme))
		wrong(p,
		      "%.100s: with --connect there is no --proxy, --pass-outcome, --route, --acme",
		      g->name);
	else if (g->pass_outcome && !local)
		wrong(p, "%.100s: --pass-outcome needs back ends at unix: addresses", g->name);
}

static unsigned int cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > THREADS_MOST ? THREADS_MOST : (unsigned int)n;
}

enum options_found options_parse(int argc, char **argv, struct options *ret, char error[256])
{
	struct parser p = { ret, NULL, error, false };
	int c;

	*ret = (struct options){ .limits = { .workers = cpus(),
					     .shakers = cpus(),
					     .connections = 10000,
					     .per_peer = 256,
					     .handshake_ms = 10000,
					     .idle_ms = 300000,
					     .drain_ms = 30000 } };
	optind = 0; /* GNU: from the start, also the second time */
	opterr = 0;
	while (!p.wrong && (c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'h')
			return OPTIONS_HELP;
		if (c == 'v')
			return OPTIONS_VERSION;
		if (c == '?')
			wrong(&p, "%.100s: unknown option, or one without its value",
			      argv[optind > 0 ? optind - 1 : 0]);
		else if (strchr("lscatrpon", c))
			take_gate(&p, c, optarg);
		else if (c != 'F')
			take_common(&p, c, optarg);
	}
	if (!p.wrong && optind != argc)
		wrong(&p, "%.100s: only options are taken", argv[optind]);
	if (!p.wrong && !ret->gate_count && !ret->check_sandbox)
		wrong(&p, "where do connections come in? --listen ADDRESS says");
	for (unsigned int i = 0; i < ret->gate_count; i++)
		check_gate(&p, &ret->gates[i]);
	return p.wrong ? OPTIONS_WRONG : OPTIONS_RUN;
}
