// SPDX-License-Identifier: GPL-2.0-only
/* Who answers at the sockets of http-01 solvers. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "helpers/acmed/gates.h"
#include "helpers/common/log.h"

int gates_new(struct gates *g, const struct world *w)
{
	g->w = w;
	g->of = calloc(w->conf->solver_count + 1, sizeof(*g->of));
	for (size_t i = 0; g->of && i < w->conf->solver_count; i++)
		g->of[i].fd = -1;
	return g->of ? 0 : -ENOMEM;
}

size_t gates_poll(const struct gates *g, struct pollfd *p, size_t *which)
{
	size_t n = 0;

	for (size_t i = 0; i < g->w->conf->solver_count; i++) {
		if (g->w->sockets[i] < 0 || g->w->owned[i] || g->of[i].pid || g->of[i].closed)
			continue;
		p[n] = (struct pollfd){ .fd = g->w->sockets[i], .events = POLLIN };
		which[n++] = i;
	}
	return n;
}

static void leave(struct gate *gate)
{
	if (gate->fd >= 0)
		close(gate->fd);
	gate->fd = -1;
	gate->pid = 0;
}

/* A porter, or a solver that the keeper has let go and that is about to end: it would answer 404 for its
 * successor, and end the listening of a socket that is its successor's now. */
void gates_clear(struct gates *g, size_t solver)
{
	struct gate *gate = &g->of[solver];

	if (gate->pid) {
		kill(gate->pid, SIGKILL);
		while (waitpid(gate->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	leave(gate);
	gate->closed = false;
}

void gates_taken(struct gates *g, size_t solver, pid_t pid, int fd)
{
	g->of[solver].pid = pid;
	g->of[solver].fd = fd;
}

void gates_ended(struct gates *g, pid_t pid, int status)
{
	for (size_t i = 0; i < g->w->conf->solver_count; i++) {
		struct gate *gate = &g->of[i];

		if (gate->pid != pid)
			continue;
		gate->closed = gate->fd >= 0 && status != 0;
		if (gate->closed)
			log_line(LOG_ERR,
				 "[solver %s]: nobody answers at its socket while it does not run",
				 g->w->conf->solvers[i].name);
		leave(gate);
		return;
	}
}
