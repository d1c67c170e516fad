// SPDX-License-Identifier: GPL-2.0-only
/* capcert tls serve: a TLS server in the foreground, to see who connects, and to talk to them. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <capcert/x509.h>
#include "tools/text.h"
#include "tools/tls_compose.h"
#include "tools/tls_serve.h"
#include "tools/tls_setup.h"
#include "tools/tls_talk.h"
#include "tools/tls_view.h"

#define IDLE_MS 60000 /* that --echo and --www wait for a client */
#define REQUEST_MAX 16384

enum mode { MODE_TALK, MODE_ECHO, MODE_WWW, MODE_LOOK };

struct server {
	capcert_tls_context *context;
	enum mode mode;
	uint64_t left; /* connections; 0 = no end */
};

/* ---- who is there ---- */

/* What a client's certificate says, once it is verified; "" without one. */
static void who(const capcert_tls *tls, char *ret, size_t cap)
{
	struct capcert_tls_session s = { .size = sizeof(s) };
	const capcert_chain *chain = capcert_tls_peer_chain(tls);
	char subject[512];

	*ret = '\0';
	capcert_tls_info(tls, &s);
	if (!s.client_auth || !chain)
		return;
	capcert_cert_subject_text(capcert_chain_at(chain, 0), subject, sizeof(subject));
	text_escape(subject, strlen(subject), ret, cap);
}

static void line_of(const capcert_tls *tls, const char *from, int handshake, char *ret, size_t cap)
{
	struct capcert_tls_session s = { .size = sizeof(s) };
	char client[600], name[300], alpn[300];

	if (handshake) {
		snprintf(ret, cap, "%s: failed: %s", from, capcert_tls_error_text(tls));
		return;
	}
	capcert_tls_info(tls, &s);
	who(tls, client, sizeof(client));
	text_escape(s.server_name, strlen(s.server_name), name, sizeof(name));
	text_escape(s.alpn, strlen(s.alpn), alpn, sizeof(alpn));
	snprintf(ret, cap, "%s: %s, %s%s%s%s%s%s, slot %s version %llu%s%s%s%s", from,
		 tls_version_text(&s), s.cipher, s.resumed ? ", resumed" : "",
		 *name ? ", name " : "", name, *alpn ? ", protocol " : "", alpn, s.slot,
		 (unsigned long long)s.slot_version, s.stapled ? ", stapled" : "",
		 *client ? ", client " : "", client, s.kernel ? ", records by the kernel" : "");
}

static int show_json(const capcert_tls *tls, const char *from, int handshake)
{
	struct capcert_tls_session s = { .size = sizeof(s) };
	static struct capcert_result result;
	char client[600];
	json_t *j;

	capcert_tls_info(tls, &s);
	who(tls, client, sizeof(client));
	j = json_pack("{ss so so so}", "peer", from, "tls", tls_session_json(&s), "client",
		      json_text(*client ? client : NULL), "error",
		      json_text(handshake ? capcert_tls_error_text(tls) : NULL));
	json_object_set_new(j, "slot", json_text(s.slot[0] ? s.slot : NULL));
	json_object_set_new(j, "slotVersion", json_integer((json_int_t)s.slot_version));
	if (capcert_tls_outcome(tls, &result, NULL) == 0)
		json_object_set_new(j, "reason",
				    json_text(capcert_reason_name(result.outcome.reason)));
	return out_print_json_line(j);
}

static int show(const capcert_tls *tls, const char *from, int handshake)
{
	char line[2048];

	if (out_json())
		return show_json(tls, from, handshake);
	line_of(tls, from, handshake, line, sizeof(line));
	fprintf(stderr, "%s\n", line);
	return EXIT_DONE;
}

/* ---- what is done with a connection; sessions that wait, but for talk() ---- */

static int say_all(capcert_tls *tls, const char *p, size_t n)
{
	while (n) {
		ssize_t w = capcert_tls_write(tls, p, n);

		if (w < 0)
			return (int)w;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int echo(capcert_tls *tls)
{
	char buf[16384];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = capcert_tls_read(tls, buf, sizeof(buf))) != 0)
		r = n < 0 ? (int)n : say_all(tls, buf, (size_t)n);
	return r == 0 ? capcert_tls_close(tls) : r;
}

/* One request, whatever it asks for; the answer is the line about its client. */
static int www(capcert_tls *tls, const char *from)
{
	static const char head[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n"
				   "Connection: close\r\n\r\n";
	static char request[REQUEST_MAX + 1];
	size_t len = 0;
	char line[2048];
	int r;

	request[0] = '\0';
	while (!strstr(request, "\r\n\r\n") && !strstr(request, "\n\n")) {
		ssize_t n = capcert_tls_read(tls, request + len, REQUEST_MAX - len);

		if (n <= 0)
			return (int)n;
		len += (size_t)n;
		request[len] = '\0';
		if (len == REQUEST_MAX || strlen(request) < len)
			return -EMSGSIZE;
	}
	line_of(tls, from, 0, line, sizeof(line) - 1);
	strcat(line, "\n");
	r = say_all(tls, head, sizeof(head) - 1);
	if (r == 0)
		r = say_all(tls, line, strlen(line));
	return r == 0 ? capcert_tls_close(tls) : r;
}

static int serve_one(const struct server *server, int fd, const char *from)
{
	uint32_t flags = server->mode == MODE_TALK ? CAPCERT_TLS_NONBLOCK : 0;
	capcert_tls *tls;
	int e = capcert_tls_server(server->context, fd, flags, &tls), r;

	if (e)
		return fail_errno(e, "no TLS");
	e = tls_shake(tls);
	r = show(tls, from, e);
	if (!e && !r) {
		switch (server->mode) {
		case MODE_TALK:
			e = tls_talk(tls, true);
			break;
		case MODE_ECHO:
			e = echo(tls);
			break;
		case MODE_WWW:
			e = www(tls, from);
			break;
		case MODE_LOOK:
			e = capcert_tls_close(tls);
			break;
		}
		if (e == -EPIPE && server->mode == MODE_TALK)
			r = EXIT_TROUBLE; /* nobody reads what clients say */
		else if (e)
			fprintf(stderr, "%s: ended: %s\n", from,
				*capcert_tls_error_text(tls) ? capcert_tls_error_text(tls)
							     : capcert_strerror(e));
	}
	capcert_tls_free(tls);
	return r;
}

static int serve_all(struct server *server, int listener)
{
	struct sockaddr_storage at = { 0 };
	char from[TLS_SOCKET_TEXT];
	socklen_t len = sizeof(at);
	int fd, r = EXIT_DONE;

	getsockname(listener, (struct sockaddr *)&at, &len);
	tls_socket_text(&at, len, from);
	fprintf(stderr, "listening on %s\n", from);
	while (!r) {
		len = sizeof(at);
		fd = accept4(listener, (struct sockaddr *)&at, &len, SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			return fail_errno(-errno, "nobody can be accepted");
		}
		tls_socket_text(&at, len, from);
		r = serve_one(server, fd, from);
		/* Let the last words arrive, whatever the client still sends. */
		shutdown(fd, SHUT_WR);
		close(fd);
		if (server->left && !--server->left)
			break;
	}
	return r;
}

/* ---- the command line ---- */

static int mode_of(const struct args *args, enum mode *ret)
{
	static const struct {
		const char *name;
		enum mode mode;
	} modes[] = { { "echo", MODE_ECHO }, { "www", MODE_WWW }, { "look", MODE_LOOK } };
	size_t i, n = 0;

	*ret = out_json() ? MODE_LOOK : MODE_TALK;
	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (!opt_has(args, modes[i].name))
			continue;
		*ret = modes[i].mode;
		n++;
	}
	return n > 1 ? fail(EXIT_USAGE, "one of --echo, --www and --look") : EXIT_DONE;
}

static int limits(const struct args *args, enum mode mode, struct capcert_tls_parts *p)
{
	uint64_t ms;

	p->idle_ms = mode == MODE_TALK ? 0 : IDLE_MS;
	if (opt_has(args, "kernel"))
		p->flags |= CAPCERT_TLS_KERNEL;
	if (!opt_has(args, "timeout"))
		return EXIT_DONE;
	if (!text_number(opt_text(args, "timeout"), 600000, &ms) || !ms)
		return fail(EXIT_USAGE, "--timeout takes milliseconds, at most 600000");
	p->handshake_ms = (uint32_t)ms;
	return EXIT_DONE;
}

/* From handles of the parts, for this process alone. */
static int from_parts(const struct args *args, struct capcert_tls_parts *p,
		      capcert_tls_context **ret)
{
	struct capcert_tls_options o = CAPCERT_TLS_OPTIONS_INIT;
	uint8_t alpn[CAPCERT_TLS_MAX_ALPN];
	const char *why = NULL;
	int e = 0, r = tls_compose_options(args, &o, alpn);

	if (!r)
		r = tls_compose_parts(args, 0, &o);
	p->role = CAPCERT_TLS_SERVER;
	p->flags |= o.flags;
	p->client_auth = o.client_auth;
	p->min_version = o.min_version;
	p->cipher_policy = o.cipher_policy;
	p->slots_fd = o.slots_fd;
	p->key_fd = o.key_fd;
	p->patterns = o.slots;
	p->default_slot = o.default_slot;
	p->verifier_fd = o.verifier_fd;
	p->store_fd = o.store_fd;
	p->alpn = o.alpn;
	p->alpn_len = o.alpn_len;
	if (!r)
		e = capcert_tls_context_new(p, ret, &why);
	if (e)
		r = why ? fail(EXIT_USAGE, "%s", why) : fail_errno(e, "no TLS");
	tls_compose_end(&o);
	return r;
}

static int context_of(const struct args *args, enum mode mode, capcert_tls_context **ret)
{
	static const char *const others[] = { "serve",	   "default",	      "key",
					      "verifier",  "store",	      "client-auth",
					      "alpn",	   "min-version",     "policy",
					      "no-staple", "staple-required", "insecure-legacy" };
	struct capcert_tls_parts p = CAPCERT_TLS_PARTS_INIT;
	const char *config = opt_text(args, "config");
	bool slots = opt_has(args, "slots");
	size_t i;
	int r = limits(args, mode, &p);

	if (r)
		return r;
	if (config && slots)
		return fail(EXIT_USAGE, "--config or --slots");
	if (slots)
		return from_parts(args, &p, ret);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (opt_has(args, others[i]))
			return fail(EXIT_USAGE, "--%s does not go with a config, which says all",
				    others[i]);
	if (!config && capcert_fd("tls") < 0) {
		fail(EXIT_USAGE, "what is there to show to clients?");
		advise("--config CONFIG, or --slots SLOTS with --serve or --default; capcert slot "
		       "put fills a slot");
		return EXIT_USAGE;
	}
	return tls_config_context(config ? config : "fd:tls", CAPCERT_TLS_SERVER, &p, ret);
}

int tls_serve(const struct args *args)
{
	struct server server = { 0 };
	int listener = -1, r = mode_of(args, &server.mode);

	signal(SIGPIPE, SIG_IGN);
	if (!r && opt_has(args, "count") &&
	    (!text_number(opt_text(args, "count"), UINT32_MAX, &server.left) || !server.left))
		r = fail(EXIT_USAGE, "--count takes a number of connections");
	if (!r)
		r = context_of(args, server.mode, &server.context);
	if (!r)
		r = tls_listen(args->words[0], &listener);
	if (!r)
		r = serve_all(&server, listener);
	if (listener >= 0)
		close(listener);
	capcert_tls_context_free(server.context);
	return r;
}

const struct opt tls_serve_opts[] = {
	{ .name = "config", .meta = "CONFIG", .help = "all that follows, as one; or fd:tls" },
	{ .name = "slots", .meta = "SLOTS", .help = "where chains, staples and keys are" },
	{ .name = "serve", .meta = "PATTERNS", .help = "which slots, as web/,mail" },
	{ .name = "default", .meta = "SLOT", .help = "the slot for other names" },
	{ .name = "key", .meta = "KEY", .help = "the key, if the slots have none" },
	{ .name = "client-auth", .meta = "WHEN", .help = "none, optional, required" },
	{ .name = "verifier", .meta = "VERIFIER", .help = "who judges a client's chain" },
	{ .name = "store", .meta = "STORE", .help = "by which anchors" },
	{ .name = "alpn", .meta = "NAMES", .help = "protocols by preference, as h2,http/1.1" },
	{ .name = "min-version", .meta = "V", .help = "1.2 (if not given) or 1.3" },
	{ .name = "policy", .meta = "P", .help = "modern, intermediate (if not given), legacy" },
	{ .name = "no-staple", .help = "send no staples" },
	{ .name = "staple-required", .help = "no handshake without a staple" },
	{ .name = "insecure-legacy", .help = "with --policy legacy: it is what you mean" },
	{ .name = "echo", .help = "send back what comes" },
	{ .name = "www", .help = "answer each HTTP request with the line about its client" },
	{ .name = "look", .help = "show who comes, and close" },
	{ .name = "count", .meta = "N", .help = "end after N connections" },
	{ .name = "kernel", .help = "records by the kernel's TLS, where it has that" },
	{ .name = "timeout", .meta = "MS", .help = "for the handshake; 30000 if not given" },
	{ 0 },
};
