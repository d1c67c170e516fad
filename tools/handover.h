/* SPDX-License-Identifier: GPL-2.0-only */
/* Handing handles to a program: only them, under known numbers, in a session of its own. */
#ifndef TOOLS_HANDOVER_H
#define TOOLS_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

#define HANDOVER_MAX 64

struct handover {
	struct {
		char name[64];
		int fd;
	} handles[HANDOVER_MAX];
	size_t count;
	const char *user; /* NULL = stay */
	bool no_keyctl;	  /* deny the key system calls */
};

/** handover_add() - @fd belongs to @h from now on. Return: EXIT_DONE or another status. */
int handover_add(struct handover *h, const char *name, size_t len, int fd);

/** handover_exec() - become the program. Returns only when that failed, after saying why. */
int handover_exec(struct handover *h, char **command);

void handover_close(struct handover *h);

#endif
