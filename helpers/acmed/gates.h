/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets of http-01 solvers, as the starter sees them: one process at a time answers at each. Some listen always (UNIX
 * ones, those of a service manager). Who connects there while no solver runs has a porter started, who says 404. */
#ifndef HELPERS_ACMED_GATES_H
#define HELPERS_ACMED_GATES_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "helpers/acmed/parts.h"

struct gate {
	pid_t pid;   /* who answers there; 0 = nobody */
	int fd;	     /* a porter's: it ends when the starter does; -1 = none */
	bool closed; /* porters fail there: none until a solver was there */
};

struct gates {
	const struct world *w;
	struct gate *of; /* per solver */
};

/** gates_new() - Return: 0, -ENOMEM. */
int gates_new(struct gates *g, const struct world *w);

/** gates_poll() - those where somebody may knock for whom nobody is there. @p: room for all solvers; @which: their
 *  indices. Return: how many. */
size_t gates_poll(const struct gates *g, struct pollfd *p, size_t *which);

/** gates_clear() - before a solver is started: who answers there now ends. */
void gates_clear(struct gates *g, size_t solver);

/** gates_taken() - by process @pid. @fd: as in struct gate. */
void gates_taken(struct gates *g, size_t solver, pid_t pid, int fd);

/** gates_ended() - process @pid did, with this wait status; it need not be one of ours. */
void gates_ended(struct gates *g, pid_t pid, int status);

#endif
