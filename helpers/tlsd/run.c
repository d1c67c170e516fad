// SPDX-License-Identifier: GPL-2.0-only
/* One thread looks after signals, the status socket and the end; the others are worker.c's. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "helpers/common/log.h"
#include "helpers/common/service.h"
#include "helpers/tlsd/run.h"
#include "helpers/tlsd/status.h"
#include "helpers/tlsd/worker.h"

#define FDS_BESIDE 128 /* of gates, threads, handles, verifications */
#define FDS_EACH 2
#define DRAIN_LOOK_MS 20
#define NOTIFY_MS 5000

static int failed(const char *what, int error)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(error < 0 ? -error : error));
	return error;
}

static int open_gate(struct gate *g)
{
	int one = 0;
	socklen_t n = sizeof(one);

	g->fd = g->socket ? service_fd(g->socket) : address_listen(&g->at);
	if (g->fd == -ENOENT && g->socket) {
		log_line(LOG_ERR,
			 "--socket %s: no inherited socket has that name; FileDescriptorName= "
			 "in the socket unit gives it",
			 g->socket);
		return -ENOENT;
	}
	if (g->fd < 0)
		return failed(g->name, g->fd);
	if (getsockopt(g->fd, SOL_SOCKET, SO_ACCEPTCONN, &one, &n) < 0 || !one) {
		log_line(LOG_ERR, "%s: it does not listen; Accept=no and ListenStream= are wanted",
			 g->name);
		return -EINVAL;
	}
	return fcntl(g->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Rather fewer connections than ones that cannot be served. */
static void fit_fds(struct limits *l)
{
	struct rlimit fds;
	rlim_t room;

	if (getrlimit(RLIMIT_NOFILE, &fds) < 0)
		return;
	fds.rlim_cur = fds.rlim_max;
	setrlimit(RLIMIT_NOFILE, &fds);
	room = fds.rlim_max < FDS_BESIDE + FDS_EACH ? 1 : (fds.rlim_max - FDS_BESIDE) / FDS_EACH;
	if (l->connections <= room)
		return;
	l->connections = (unsigned int)room;
	log_line(LOG_NOTICE, "at most %u connections: there may be %llu fds (LimitNOFILE=)",
		 l->connections, (unsigned long long)fds.rlim_max);
}

int run_open(struct run *run)
{
	struct options *o = run->options;
	struct address at;
	int r = 0;

	fit_fds(&o->limits);
	for (unsigned int i = 0; r == 0 && i < o->gate_count; i++)
		r = open_gate(&o->gates[i]);
	run->status = -1;
	if (r == 0 && o->status) {
		r = address_parse(o->status, &at);
		if (r == 0)
			r = run->status = address_listen(&at);
		if (r < 0)
			return failed(o->status, r);
	}
	return r < 0 ? r : 0;
}

static int catch_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static void notify_status(const struct run *run, const struct stats *stats)
{
	char text[128];

	snprintf(text, sizeof(text), "STATUS=%llu connections, %llu handshakes",
		 (unsigned long long)stats_get(&stats->open),
		 (unsigned long long)stats_get(&stats->handshakes));
	service_notify(run->notify, text);
}

/* Return: is it time to go? */
static bool take_signal(struct run *run, int signals)
{
	struct signalfd_siginfo info;
	bool end = false;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			end = true;
		else if (run->hangup)
			run->hangup(run);
	}
	return end;
}

/* One wait for what this thread looks after. */
static bool attend(struct run *run, int signals, const struct status *status, int timeout)
{
	struct pollfd p[] = { { .fd = signals, .events = POLLIN },
			      { .fd = run->status, .events = POLLIN } };

	if (poll(p, 2, timeout) <= 0)
		return false;
	if (p[1].revents)
		status_answer(status, run->status, server_now());
	return p[0].revents && take_signal(run, signals);
}

static void serve(struct run *run, int signals, struct server *server, struct status *status)
{
	uint64_t told = UINT64_MAX;
	int64_t until;

	/* A status line for the service manager only where there is one, and news. */
	while (!attend(run, signals, status, run->notify < 0 ? -1 : NOTIFY_MS)) {
		uint64_t now = stats_get(&status->stats->accepted);

		if (run->notify >= 0 && now != told)
			notify_status(run, status->stats);
		told = now;
	}
	service_notify(run->notify, "STOPPING=1");
	log_line(LOG_INFO, "event=drain open=%llu",
		 (unsigned long long)stats_get(&status->stats->open));
	status->draining = true;
	server_drain(server);
	until = server_now() + run->options->limits.drain_ms;
	/* A second signal is impatience. */
	while (stats_get(&status->stats->open) && server_now() < until)
		if (attend(run, signals, status, DRAIN_LOOK_MS))
			break;
}

int run_serve(struct run *run)
{
	struct options *o = run->options;
	static struct stats stats;
	struct status status = { o->gates, o->gate_count, &stats, server_now(), false };
	struct server *server;
	int signals = catch_signals(), r;

	if (signals < 0)
		return failed("signals", signals), 1;
	r = run->before_threads ? run->before_threads(run) : 0;
	if (r < 0)
		return failed("dropping privileges", r), 1;
	r = server_new(o->gates, o->gate_count, &o->limits, &stats, &server);
	if (r < 0)
		return failed("starting threads", r), 1;
	r = run->after_threads ? run->after_threads(run) : 0;
	if (r < 0)
		return failed("filtering system calls", r), 1;
	server_go(server);
	service_notify(run->notify, "READY=1");
	log_line(LOG_INFO, "event=ready gates=%u threads=%u+%u connections=%u", o->gate_count,
		 o->limits.workers, o->limits.shakers, o->limits.connections);
	serve(run, signals, server, &status);
	server_free(server);
	log_line(LOG_INFO, "event=stopped handshakes=%llu",
		 (unsigned long long)stats_get(&stats.handshakes));
	return 0;
}
