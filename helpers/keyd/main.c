// SPDX-License-Identifier: GPL-2.0-only
/* capcert-keyd: the keeper of private keys. Signs for holders of handles, by PKCS#11 tokens. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <linux/capcert_agent.h>
#include "helpers/common/agent.h"
#include "helpers/common/log.h"
#include "helpers/common/sandbox.h"
#include "helpers/common/service.h"
#include "helpers/common/workers.h"
#include "helpers/keyd/check.h"
#include "helpers/keyd/options.h"
#include "helpers/keyd/pin.h"
#include "helpers/keyd/probe.h"
#include "helpers/keyd/serve.h"
#include "helpers/keyd/walls.h"

#define LINES_MOST 200 /* about refused requests, until the next start */

static int fail(const char *what, int error)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(error < 0 ? -error : error));
	return 1;
}

static void refused(const char *line)
{
	static atomic_uint lines;

	if (atomic_fetch_add(&lines, 1) < LINES_MOST)
		log_line(LOG_WARNING, "%s", line);
}

static void warned(void *ctx, const char *line)
{
	log_line(LOG_WARNING, "%s", line);
}

/* While this is still root. A token without one is refused when it is asked for, not before. */
static int read_pins(const struct options *o, struct pins **ret)
{
	int r = pins_new(ret);

	for (size_t i = 0; r == 0 && i < o->token_count; i++) {
		int one = pins_read(*ret, o->pin_dir, o->tokens[i]);

		if (one == -EPERM)
			log_line(LOG_ERR, "pin.%s: others may read it; chmod 0400 it",
				 o->tokens[i]);
		else if (one < 0)
			log_line(LOG_ERR, "no PIN for token %s: %s", o->tokens[i], strerror(-one));
	}
	return r;
}

static int open_vault(const struct options *o, struct pins *pins, struct server *server)
{
	const struct capcert_vault_options options = {
		.modules = o->module_count ? o->modules : NULL,
		.module_count = o->module_count,
		.max_sessions = o->sessions ? o->sessions : o->threads,
		.pin = pins_get,
		.warn = warned,
		.ctx = pins,
		.pin_again = o->check,
		.tokens = o->tokens,
		.token_count = o->token_count,
		.hardware = o->hardware,
		.hardware_count = o->hardware_count,
	};
	int r = capcert_vault_new(&options, &server->vault);

	if (r == -ENODEV)
		log_line(LOG_ERR, "no PKCS#11 module could be loaded: --module PATH names one");
	else if (r < 0)
		fail("loading PKCS#11 modules", r);
	return r;
}

/* Everything up to the first token, in the order in which rights are given up. */
static int prepare(struct options *o, struct server *server)
{
	const char *conf = getenv("SOFTHSM2_CONF");
	struct walls *w = &o->walls;
	struct pins *pins;
	int r = read_pins(o, &pins);

	if (r < 0)
		return fail("memory for PINs", r);
	server->records = open(o->records, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (server->records < 0) {
		log_line(LOG_ERR, "%s: %s; capcert key generate or import-uri makes it", o->records,
			 strerror(errno));
		return 1;
	}
	w->readable[w->readable_count++] = o->records;
	if (conf)
		w->readable[w->readable_count++] = conf;
	r = walls_before_modules(w);
	if (r < 0)
		return fail("dropping privileges", r);
	if (r == 0)
		log_line(LOG_NOTICE, "this kernel has no Landlock: system call filter only");
	server->log = refused;
	return open_vault(o, pins, server) < 0;
}

static int check(struct options *o)
{
	struct server server = { 0 };
	int r = prepare(o, &server);

	for (size_t i = 0; server.vault && i < o->token_count; i++)
		r |= check_token(&server, o->tokens[i], false) < 0;
	capcert_vault_free(server.vault);
	return r;
}

static int check_sandbox(struct options *o)
{
	int r = probe_sandbox(&o->walls);

	if (r < 0)
		return fail("the sandbox could not be set up", r);
	log_line(LOG_INFO, "%d attempts were not refused", r);
	return r > 0;
}

static int answer(void *ctx, const uint8_t *request, size_t len, struct capcert_agent_reply *reply)
{
	return serve(ctx, request, len, reply);
}

/* SIGTERM and SIGINT wait to be asked for; a closed log or manager is no reason to die. */
static void block_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigprocmask(SIG_BLOCK, ret, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int work(const struct options *o, struct server *server, struct workers_ops *ops, int notify)
{
	struct workers *workers;
	sigset_t wait;
	int r, got;

	block_signals(&wait);
	r = workers_new(o->threads, ops, &workers);
	if (r < 0)
		return fail("starting threads", r);
	r = walls_after_threads(&o->walls);
	if (r < 0)
		return fail("filtering system calls", r);
	/* A token that is not there now may come later, and is no reason not to serve the others. */
	for (size_t i = 0; i < o->token_count; i++)
		check_token(server, o->tokens[i], true);
	workers_go(workers);
	service_notify(notify, "READY=1");
	log_line(LOG_INFO, "ready: %u threads, uid %u", o->threads, (unsigned int)o->walls.uid);
	while (sigwait(&wait, &got) != 0)
		;
	service_notify(notify, "STOPPING=1");
	r = workers_stop(workers);
	capcert_vault_free(server->vault);
	return r < 0 ? fail("the agent device", r) : 0;
}

static int run(struct options *o)
{
	struct server server = { 0 };
	struct workers_ops ops = { .max_body = SERVE_MAX_BODY, .answer = answer, .ctx = &server };
	int notify, keep[3], r;
	sigset_t wait;

	block_signals(&wait);
	ops.agent = agent_open();
	if (ops.agent < 0)
		return agent_open_failed(ops.agent);
	r = agent_hello(ops.agent, CAPCERT_CLASS_SIGN, CAPCERT_CLOCK_UNTRUSTED, &ops.max_request);
	if (r < 0)
		return fail("HELLO", r);
	notify = service_notify_open();
	if (notify < 0 && notify != -ENOENT)
		return fail("NOTIFY_SOCKET", notify);
	ops.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ops.stop < 0)
		return fail("eventfd", -errno);
	keep[0] = ops.agent;
	keep[1] = ops.stop;
	keep[2] = notify;
	r = sandbox_close_others(keep, 3);
	if (r < 0)
		return fail("closing fds", r);
	r = prepare(o, &server);
	return r ? r : work(o, &server, &ops, notify);
}

int main(int argc, char **argv)
{
	struct options options;
	int r;

	log_init(KEYD_NAME);
	options_parse(argc, argv, &options);
	if (options.check_sandbox)
		r = check_sandbox(&options);
	else
		r = options.check ? check(&options) : run(&options);
	/* Modules crash in their own destructors; everything that counts is done. */
	fflush(NULL);
	_exit(r);
}
