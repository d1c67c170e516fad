// SPDX-License-Identifier: GPL-2.0-only
/* The first process: has all handles, forks the others, and gives each its own. It reads nothing but fixed requests
 * of the keeper. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <capcert/capcert.h>
#include <capcert/key.h>
#include <capcert/slot.h>
#include "helpers/acmed/gates.h"
#include "helpers/acmed/parts.h"
#include "helpers/acmed/walls.h"
#include "helpers/common/log.h"
#include "helpers/common/sandbox.h"
#include "helpers/common/service.h"

struct request {
	uint32_t part;
	uint32_t index;
};

static const struct holdings nothing = { -1, -1, -1, -1, -1, -1, -1 };

/* ---- handles of a part ---- */

static int narrow_key(const char *name, uint64_t rights, uint32_t purpose, int *ret)
{
	const struct capcert_key_limits limits = { .purposes = 1u << purpose };

	return capcert_key_restrict(capcert_fd(name), rights, &limits, -1, ret);
}

/* A verifier that may have evidence fetched keeps that. */
static int narrow_verifier(const char *name, int *ret)
{
	int fd = capcert_fd(name);

	if (capcert_derive(fd, CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_FETCH, NULL, 0, ret) == 0)
		return 0;
	return capcert_derive(fd, CAPCERT_RIGHT_VERIFY, NULL, 0, ret);
}

static int judges(const struct conf_cert *cert, struct holdings *h)
{
	int r = capcert_derive(capcert_fd(cert->store), CAPCERT_RIGHT_VERIFY, NULL,
			       CAPCERT_RESTRICT_LIVE, &h->store);

	return r < 0 ? r : narrow_verifier(cert->verifier, &h->verifier);
}

static int solver_holds(const struct world *w, size_t index, struct holdings *h)
{
	const struct conf_solver *s = &w->conf->solvers[index];
	int r;

	h->socket = w->sockets[index];
	if (s->kind != CONF_SOLVER_ALPN)
		return 0;
	r = narrow_key(s->key,
		       CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_PUBLIC | CAPCERT_RIGHT_INFO |
			       CAPCERT_RIGHT_TRANSFER,
		       CAPCERT_KEY_TLS_SERVER, &h->key);
	return r < 0 ? r
		     : capcert_slot_restrict(capcert_fd(s->slots),
					     CAPCERT_RIGHT_PUT | CAPCERT_RIGHT_DELETE |
						     CAPCERT_RIGHT_LIST,
					     s->prefix, -1, &h->slots);
}

static int holdings_of(const struct world *w, enum part part, size_t index, struct holdings *h)
{
	const bool solver = part == PART_SOLVER || part == PART_PORTER;
	const struct conf_cert *cert = solver ? NULL : &w->conf->certs[index];
	const struct conf_ca *ca = cert ? &w->conf->cas[cert->ca] : NULL;
	int r;

	*h = nothing;
	switch (part) {
	case PART_SOLVER:
	case PART_PORTER:
		return solver_holds(w, index, h);
	case PART_INSTALLER:
		r = judges(cert, h);
		if (r == 0)
			r = narrow_key(cert->key,
				       CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_PUBLIC |
					       CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_TRANSFER,
				       CAPCERT_KEY_TLS_SERVER, &h->key);
		return r < 0 ? r
			     : capcert_slot_restrict(capcert_fd(cert->slots),
						     CAPCERT_RIGHT_PUT | CAPCERT_RIGHT_GET,
						     cert->slot, -1, &h->slots);
	case PART_NETWORK:
		r = judges(cert, h);
		if (r == 0)
			r = narrow_key(ca->account_key, CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_PUBLIC,
				       CAPCERT_KEY_ACME_ACCOUNT, &h->account);
		if (r < 0)
			return r;
		/* fallthrough */
	case PART_WINDOW:
		h->tls = capcert_fd(ca->tls);
		return h->tls < 0 ? h->tls : 0;
	default:
		return -EINVAL;
	}
}

/* ---- forks ---- */

static void close_rest(const struct holdings *h, int fd)
{
	const int keep[] = { fd,	  h->account, h->tls,	h->store,
			     h->verifier, h->key,     h->slots, h->socket };

	if (sandbox_close_others(keep, sizeof(keep) / sizeof(keep[0])) < 0)
		_exit(1);
}

static void run_part(const struct world *w, enum part part, size_t index, int fd)
{
	static const char *const names[] = { "acmed-network", "acmed-window", "acmed-installer",
					     "acmed-solver", "acmed-porter" };
	struct holdings h;
	int r = holdings_of(w, part, index, &h);

	if (r < 0) {
		log_line(LOG_ERR, "a part for %s has not got its handles: %s",
			 part >= PART_SOLVER ? w->conf->solvers[index].name
					     : w->conf->certs[index].name,
			 capcert_strerror(r));
		_exit(1);
	}
	prctl(PR_SET_NAME, names[part]);
	close_rest(&h, fd);
	conf_forget(w->conf, part == PART_NETWORK ? w->conf->certs[index].ca : SIZE_MAX,
		    part == PART_SOLVER ? index : SIZE_MAX);
	switch (part) {
	case PART_NETWORK:
		_exit(network_main(w, index, &h, fd));
	case PART_WINDOW:
		_exit(window_main(w, index, &h, fd));
	case PART_INSTALLER:
		_exit(installer_main(w, index, &h, fd));
	case PART_PORTER:
		_exit(porter_main(&h, fd));
	default:
		_exit(solver_main(w, index, &h, fd));
	}
}

static void plain_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Return: the other end of its socket, or -errno. */
static int fork_part(const struct world *w, enum part part, size_t index, pid_t *ret_pid)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		plain_signals();
		run_part(w, part, index, fds[1]);
	}
	close(fds[1]);
	*ret_pid = pid;
	if (pid > 0)
		return fds[0];
	close(fds[0]);
	return -EAGAIN;
}

/* ---- requests ---- */

int starter_spawn(int starter, enum part part, size_t index)
{
	const struct request q = { part, (uint32_t)index };
	int32_t error;
	ssize_t n;
	int fd = -1;

	if (send(starter, &q, sizeof(q), MSG_NOSIGNAL) < 0)
		return -errno;
	n = capcert_fd_receive(starter, &fd, &error, sizeof(error));
	if (n == sizeof(error) && !error && fd >= 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return n == sizeof(error) && error < 0 ? error : -EPIPE;
}

static int fork_asked(struct gates *g, enum part part, size_t index)
{
	const bool gate = part == PART_SOLVER && g->w->sockets[index] >= 0;
	pid_t pid;
	int fd;

	if (gate)
		gates_clear(g, index);
	fd = fork_part(g->w, part, index, &pid);
	if (gate && fd >= 0)
		gates_taken(g, index, pid, -1);
	return fd;
}

static void fork_porter(struct gates *g, size_t index)
{
	pid_t pid;
	int fd = fork_part(g->w, PART_PORTER, index, &pid);

	if (fd >= 0)
		gates_taken(g, index, pid, fd);
	else
		g->of[index].closed = true;
}

/* Return: 0, or -errno when the keeper is gone. */
static int answer_one(struct gates *g, int keeper)
{
	const struct world *w = g->w;
	struct request q;
	ssize_t n = recv(keeper, &q, sizeof(q), 0);
	size_t most;
	int32_t error;
	int fd;

	if (n <= 0)
		return -EPIPE;
	most = q.part == PART_SOLVER ? w->conf->solver_count : w->conf->cert_count;
	if (n != sizeof(q) || q.part >= PARTS || q.index >= most)
		return -EPROTO;
	fd = fork_asked(g, (enum part)q.part, q.index);
	error = fd < 0 ? fd : 0;
	n = capcert_fd_send(keeper, fd, &error, sizeof(error));
	if (fd >= 0)
		close(fd);
	return n < 0 ? (int)n : 0;
}

/* The keeper ended, or a part did. Return: the keeper's exit status, or -1 = it lives. */
static int reap(struct gates *g, pid_t keeper)
{
	int status, ended = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == keeper)
			ended = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		gates_ended(g, pid, status);
	}
	return ended;
}

static int serve(struct gates *g, int keeper_fd, pid_t keeper, int signals)
{
	static struct pollfd p[2 + CONF_SOLVERS];
	static size_t which[CONF_SOLVERS];
	struct signalfd_siginfo info;
	int ended;

	p[0] = (struct pollfd){ .fd = keeper_fd, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = signals, .events = POLLIN };
	for (;;) {
		size_t n = gates_poll(g, p + 2, which);

		if (poll(p, 2 + n, -1) < 0) {
			if (errno != EINTR)
				return 1;
			continue;
		}
		/* SIGHUP: what is configured is read at the start. */
		if (p[1].revents && read(signals, &info, sizeof(info)) == sizeof(info) &&
		    (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT))
			kill(keeper, (int)info.ssi_signo);
		ended = reap(g, keeper);
		if (ended >= 0)
			return ended;
		for (size_t i = 0; i < n; i++)
			if (p[2 + i].revents)
				fork_porter(g, which[i]);
		if (p[0].revents && answer_one(g, keeper_fd) < 0)
			p[0].fd = -1; /* it ends */
	}
}

static void close_but_keepers(const struct world *w, int fd)
{
	int *keep = calloc(w->watch_count + 3, sizeof(*keep));

	if (!keep)
		_exit(1);
	keep[0] = fd;
	keep[1] = w->control;
	keep[2] = w->notify;
	for (size_t i = 0; i < w->watch_count; i++)
		keep[i + 3] = w->watches[i].fd;
	if (sandbox_close_others(keep, w->watch_count + 3) < 0)
		_exit(1);
	free(keep);
}

static pid_t fork_keeper(const struct world *w, int *ret_fd)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		plain_signals();
		close_but_keepers(w, fds[1]);
		conf_forget(w->conf, SIZE_MAX, SIZE_MAX);
		_exit(keeper_main(w, fds[1]));
	}
	close(fds[1]);
	*ret_fd = fds[0];
	return pid;
}

int starter_run(struct world *w)
{
	sigset_t set;
	struct gates gates;
	pid_t keeper;
	int signals, fd, r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	r = signals < 0 ? -errno : sandbox_drop(w->uid, w->gid);
	if (r < 0) {
		log_line(LOG_ERR, "giving up privileges: %s", strerror(-r));
		return 1;
	}
	if (gates_new(&gates, w) < 0)
		return 1;
	keeper = fork_keeper(w, &fd);
	if (keeper < 0) {
		log_line(LOG_ERR, "fork: %s", strerror(errno));
		return 1;
	}
	return serve(&gates, fd, keeper, signals);
}
