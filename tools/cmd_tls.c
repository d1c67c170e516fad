// SPDX-License-Identifier: GPL-2.0-only
/* capcert tls: TLS servers and clients composed from handles. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/slot.h>
#include <capcert/tls_config.h>
#include "tools/ref.h"
#include "tools/newkey.h"
#include "tools/tls_compose.h"
#include "tools/tls_connect.h"
#include "tools/tls_serve.h"
#include "tools/tls_status.h"
#include "tools/tool.h"

/* ---- config ---- */

static int config_failed(int error, const char *name)
{
	if (error == -EPERM) {
		fail(EXIT_TROUBLE, "%s: legacy is refused", name);
		advise("say --insecure-legacy if it is what you mean");
		return EXIT_TROUBLE;
	}
	fail_errno(error, "cannot make the config '%s'", name);
	if (error == -EINVAL)
		advise("a server has --slots with --serve or --default, and --verifier with "
		       "--store "
		       "only when it asks for client certificates; a client has --verifier and "
		       "--store, and --default with --slots to show one of its own");
	if (error == -EACCES)
		advise("every part must grant what it gives and TRANSFER, and --slots must stand "
		       "for all that is served");
	return EXIT_TROUBLE;
}

static int config(const struct args *args)
{
	struct capcert_tls_options o = CAPCERT_TLS_OPTIONS_INIT;
	uint8_t alpn[CAPCERT_TLS_MAX_ALPN];
	int32_t serial = 0;
	int fd, e, r = tls_compose_options(args, &o, alpn);

	if (r)
		return r;
	o.role = opt_has(args, "client") ? CAPCERT_TLS_CLIENT : CAPCERT_TLS_SERVER;
	o.description = args->words[0];
	o.ring = ref_ring(args->word_count > 1 ? args->words[1] : NULL);
	if (!o.ring)
		return EXIT_TROUBLE;
	r = tls_compose_parts(args, CAPCERT_RIGHT_TRANSFER, &o);
	if (!r) {
		e = capcert_tls_config_make(&o, &fd, &serial);
		r = e ? config_failed(e, args->words[0]) : EXIT_DONE;
		if (!e)
			close(fd);
	}
	tls_compose_end(&o);
	return r ? r : newkey_say(serial, args->words[0]);
}

/* ---- show ---- */

/* "h2,http/1.1"; octets that are not printable as they are, json_text() and the terminal's way. */
static void alpn_text(const struct capcert_tls_description *d, char ret[CAPCERT_TLS_MAX_ALPN + 1])
{
	size_t at = 0, out = 0;

	while (at < d->alpn_len) {
		size_t n = d->alpn[at++];

		if (out)
			ret[out++] = ',';
		for (size_t i = 0; i < n && at < d->alpn_len; i++, at++)
			ret[out++] =
				d->alpn[at] > 0x20 && d->alpn[at] < 0x7f ? (char)d->alpn[at] : '?';
	}
	ret[out] = 0;
}

static json_t *parts_json(uint32_t mask)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < CAPCERT_TLS_PARTS; i++)
		if (mask >> i & 1)
			json_array_append_new(all, json_string(capcert_tls_part_name(i)));
	return all;
}

static void show_for_people(const struct capcert_tls_description *d, const char *alpn)
{
	out_field("role", "%s", capcert_tls_role_name(d->role));
	out_field("policy", "%s, from TLS %s on", capcert_tls_policy_name(d->cipher_policy),
		  capcert_tls_version_name(d->min_version));
	if (d->slots[0])
		out_field("serves", "%s", d->slots);
	if (d->default_slot[0])
		out_field("default", "%s", d->default_slot);
	if (d->host[0])
		out_field("host", "%s", d->host);
	if (*alpn)
		out_field("ALPN", "%s", alpn);
	if (d->role == CAPCERT_TLS_SERVER) {
		out_field("client auth", "%s", capcert_tls_auth_name(d->client_auth));
		out_field("staple", "%s",
			  d->flags & CAPCERT_TLS_STAPLE_REQUIRED ? "required"
			  : d->flags & CAPCERT_TLS_STAPLE	 ? "sent"
								 : "not sent");
	}
	for (uint32_t i = 0; i < CAPCERT_TLS_PARTS; i++)
		if (d->parts >> i & 1)
			out_field("part", "%s", capcert_tls_part_name(i));
}

static int show(const struct args *args)
{
	struct capcert_tls_description d;
	char alpn[CAPCERT_TLS_MAX_ALPN + 1];
	int fd, e, r = ref_open(args->words[0], CAPCERT_KIND_TLS, CAPCERT_RIGHT_INFO, &fd);

	if (r)
		return r;
	e = capcert_tls_config_info(fd, &d);
	close(fd);
	if (e)
		return fail_errno(e, "cannot look at the config '%s'", args->words[0]);
	alpn_text(&d, alpn);
	if (!out_json()) {
		show_for_people(&d, alpn);
		return EXIT_DONE;
	}
	return out_print_json(json_pack(
		"{sssssssssbsbsososososo}", "role", capcert_tls_role_name(d.role), "policy",
		capcert_tls_policy_name(d.cipher_policy), "minVersion",
		capcert_tls_version_name(d.min_version), "clientAuth",
		capcert_tls_auth_name(d.client_auth), "staple", !!(d.flags & CAPCERT_TLS_STAPLE),
		"stapleRequired", !!(d.flags & CAPCERT_TLS_STAPLE_REQUIRED), "slots",
		json_text(d.slots[0] ? d.slots : NULL), "defaultSlot",
		json_text(d.default_slot[0] ? d.default_slot : NULL), "host",
		json_text(d.host[0] ? d.host : NULL), "alpn", json_text(*alpn ? alpn : NULL),
		"parts", parts_json(d.parts)));
}

static const struct opt config_opts[] = {
	{ .name = "client", .help = "a client's; a server's if not given" },
	{ .name = "slots", .meta = "SLOTS", .help = "where chains, staples and keys are" },
	{ .name = "serve", .meta = "PATTERNS", .help = "server: which slots, as web/,mail" },
	{ .name = "default", .meta = "SLOT", .help = "the slot for other names; a client's own" },
	{ .name = "key", .meta = "KEY", .help = "the key, if the slots have none" },
	{ .name = "verifier", .meta = "VERIFIER", .help = "who judges the peer's chain" },
	{ .name = "store", .meta = "STORE", .help = "by which anchors" },
	{ .name = "pins", .meta = "PINS", .help = "client: and these pins" },
	{ .name = "client-auth", .meta = "WHEN", .help = "server: none, optional, required" },
	{ .name = "alpn", .meta = "NAMES", .help = "protocols by preference, as h2,http/1.1" },
	{ .name = "min-version", .meta = "V", .help = "1.2 (if not given) or 1.3" },
	{ .name = "policy", .meta = "P", .help = "modern, intermediate (if not given), legacy" },
	{ .name = "host", .meta = "NAME", .help = "client: the name, whatever is dialled" },
	{ .name = "no-staple", .help = "server: send no staples" },
	{ .name = "staple-required", .help = "server: no handshake without a staple" },
	{ .name = "insecure-legacy", .help = "with --policy legacy: it is what you mean" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "config",
	  .usage = "NAME --slots SLOTS --serve PATTERNS [OPTION]... | --client --verifier V "
		   "--store S [OPTION]... [RING] [--json]",
	  .brief = "compose a server or client config",
	  .help = "The config is a key of type captls in RING, the session keyring if not given.\n"
		  "Who has it can use its parts for TLS, and for nothing else.\n"
		  "\n"
		  "  capcert tls config front --slots tls --serve web/ --default web/www "
		  "--alpn h2,http/1.1\n",
	  .opts = config_opts,
	  .min_words = 1,
	  .max_words = 2,
	  .run = config },
	{ .name = "show",
	  .usage = "CONFIG [--json]",
	  .brief = "print a config",
	  .min_words = 1,
	  .max_words = 1,
	  .run = show },
	{ .name = "connect",
	  .usage = "[--anchors FILE] [--servername NAME] [--json] HOST:PORT",
	  .brief = "connect, show who answers, then pass stdin and stdout on",
	  .help = "Prints the verdict on the server with its chain, what was agreed, the staple "
		  "and "
		  "the SCTs.\n"
		  "Then what is read from stdin is sent, and what is received is written to "
		  "stdout; "
		  "with --json\n"
		  "and --look the connection is closed instead. Exit status 1: the server is "
		  "refused.\n"
		  "\n"
		  "Examples:\n"
		  "  capcert tls connect --anchors /etc/ssl/certs/ca-certificates.crt --look "
		  "www.example.org:443\n"
		  "  capcert tls connect --store system:webpki --verifier tls "
		  "--servername a.example 192.0.2.1:443\n",
	  .opts = tls_connect_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = tls_connect },
	{ .name = "serve",
	  .usage = "[--config CONFIG | --slots SLOTS --serve PATTERNS] [--echo | --www | --look] "
		   "[--json] [ADDRESS:]PORT",
	  .brief = "accept connections, show who comes, then pass stdin and stdout on",
	  .help = "One connection at a time: a line about it on stderr, what is read from stdin is "
		  "sent to\n"
		  "it, and what it sends is written to stdout. With --json the lines are JSON on "
		  "stdout,\n"
		  "and what clients say is dropped. Port 0: any, which is told. Without --config "
		  "and\n"
		  "--slots: the config that was inherited as fd:tls.\n"
		  "\n"
		  "Examples:\n"
		  "  capcert tls serve --config front --www 0.0.0.0:8443\n"
		  "  capcert tls serve --slots tls --default web/www --echo 4433\n",
	  .opts = tls_serve_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = tls_serve },
	{ .name = "status",
	  .usage = "[SOCKET] [--json]",
	  .brief = "print how a capcert-tlsd is doing",
	  .help = "SOCKET is what the daemon has as --status unix:SOCKET; /run/capcert-tlsd/status "
		  "if not\ngiven. Connections, handshakes, and of each slot the chain and staple "
		  "in "
		  "use.\n",
	  .max_words = 1,
	  .run = tls_status },
	{ 0 },
};

const struct noun noun_tls = { "tls", "compose TLS servers and clients, and connect", verbs };
