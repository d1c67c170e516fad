// SPDX-License-Identifier: GPL-2.0-only
/* capcert-verifyd: the verification agent. Reads requests of the kernel, answers with verdicts. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
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
#include "helpers/verifyd/probe.h"
#include "helpers/verifyd/serve.h"
#include "helpers/verifyd/walls.h"
#include "libcapcert/engine.h"

#define NAME "capcert-verifyd"
#define FALLBACK_USER "nobody"
#define THREADS_MOST 256

static const char help[] =
	"usage: " NAME " [OPTION]...\n"
	"\n"
	"The verification agent: takes requests from " CAPCERT_AGENT_DEVICE " and answers them.\n"
	"Opens the device as root (or gets it as fd \"" AGENT_FD_NAME
	"\" from a service manager), then\n"
	"locks itself in: no files, no network, no other programs, another user.\n"
	"\n"
	"  --threads N       how many requests at once (1-256; default: one per CPU)\n"
	"  --user NAME       run as this user (default: " NAME " if it exists, else " FALLBACK_USER
	")\n"
	"  --foreground      accepted for scripts; it never goes into the background\n"
	"  --check-sandbox   enter the sandbox, try to get out, report; 0 when all was refused\n"
	"  --version         print the version\n"
	"  --help            print this\n"
	"\n"
	"Exit status: 0 stopped by SIGTERM or SIGINT, 1 failure (said on stderr), 2 wrong usage.\n";

struct options {
	unsigned int threads;
	bool check;
	uid_t uid;
	gid_t gid;
};

static int fail(const char *what, int error)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(error < 0 ? -error : error));
	return 1;
}

static unsigned int cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) < 0 ? 1 : CPU_COUNT(&set);

	return n < 1 ? 1 : n > THREADS_MOST ? THREADS_MOST : (unsigned int)n;
}

static int choose_user(const char *name, struct options *o)
{
	int r;

	if (name)
		return sandbox_user(name, &o->uid, &o->gid);
	r = sandbox_user(NAME, &o->uid, &o->gid);
	return r == -ENOENT ? sandbox_user(FALLBACK_USER, &o->uid, &o->gid) : r;
}

static void usage(void)
{
	fputs("try --help\n", stderr);
	exit(2);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "threads", required_argument, NULL, 't' },
		{ "user", required_argument, NULL, 'u' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "check-sandbox", no_argument, NULL, 'c' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *user = NULL;
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 't':
			o->threads = (unsigned int)strtoul(optarg, &end, 10);
			if (*optarg < '0' || *optarg > '9' || *end || o->threads < 1 ||
			    o->threads > THREADS_MOST) {
				fputs("--threads takes a number from 1 to 256\n", stderr);
				usage();
			}
			break;
		case 'u':
			user = optarg;
			break;
		case 'f':
			break;
		case 'c':
			o->check = true;
			break;
		case 'v':
			puts(NAME " " CAPCERT_VERSION_STRING);
			exit(0);
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	if (choose_user(user, o) < 0) {
		fprintf(stderr, "%s: no such user, or root: --user takes one that owns nothing\n",
			user ? user : FALLBACK_USER);
		exit(2);
	}
}

static int verifyd_state(void *ctx, uint64_t id, uint32_t what, uint32_t index, uint8_t *buf,
			 uint32_t len)
{
	return agent_state(WALLS_AGENT_FD, id, what, index, buf, len);
}

static uint32_t verifyd_clock(void *ctx)
{
	return engine_clock();
}

static int verifyd_answer(void *ctx, const uint8_t *request, size_t len,
			  struct capcert_agent_reply *reply)
{
	return serve(ctx, request, len, (struct server_reply *)reply);
}

static int start_workers(unsigned int threads, size_t max_request, struct server *server,
			 struct workers **ret)
{
	const struct workers_ops ops = {
		.agent = WALLS_AGENT_FD,
		.stop = WALLS_STOP_FD,
		.max_request = max_request,
		.max_body = sizeof(struct server_reply) - sizeof(struct capcert_agent_reply),
		.answer = verifyd_answer,
		.ctx = server,
	};

	return workers_new(threads, &ops, ret);
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

static int run(const struct options *o)
{
	const struct server_ops ops = { verifyd_state, verifyd_clock, NULL };
	struct server *server;
	struct workers *workers;
	size_t max_request;
	int notify, stop, agent, abi, r, got;
	sigset_t wait;

	block_signals(&wait);
	agent = agent_open();
	if (agent < 0)
		return agent_open_failed(agent);
	r = agent_hello(agent, CAPCERT_CLASS_VERIFY, engine_clock(), &max_request);
	if (r < 0)
		return fail("HELLO", r);
	notify = service_notify_open();
	if (notify < 0 && notify != -ENOENT)
		return fail("NOTIFY_SOCKET", notify);
	stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = stop < 0 ? -errno : walls_fds(agent, stop, notify < 0 ? -1 : notify);
	if (r < 0)
		return fail("arranging fds", r);
	abi = walls_before_threads(o->uid, o->gid);
	if (abi < 0)
		return fail("dropping privileges", abi);
	if (abi == 0)
		log_line(LOG_NOTICE, "this kernel has no Landlock: system call filter only");
	r = server_new(&ops, &server);
	if (r == 0)
		r = start_workers(o->threads, max_request, server, &workers);
	if (r < 0)
		return fail("starting threads", r);
	r = walls_after_threads();
	if (r < 0)
		return fail("filtering system calls", r);
	workers_go(workers);
	service_notify(notify < 0 ? -1 : WALLS_NOTIFY_FD, "READY=1");
	log_line(LOG_INFO, "ready: %u threads, uid %u", o->threads, (unsigned int)o->uid);
	while (sigwait(&wait, &got) != 0)
		;
	service_notify(notify < 0 ? -1 : WALLS_NOTIFY_FD, "STOPPING=1");
	r = workers_stop(workers);
	server_free(server);
	return r < 0 ? fail("the agent device", r) : 0;
}

int main(int argc, char **argv)
{
	struct options options = { .threads = cpus() };
	int r;

	log_init(NAME);
	parse_options(argc, argv, &options);
	if (options.check) {
		r = probe_sandbox(options.uid, options.gid);
		if (r < 0)
			return fail("the sandbox could not be set up", r);
		log_line(LOG_INFO, "%d attempts were not refused", r);
		return r != 0;
	}
	return run(&options);
}
