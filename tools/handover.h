/* SPDX-License-Identifier: GPL-2.0-only */
/* Handing handles to a program: only them, under known numbers, in a session of its own. */
#ifndef TOOLS_HANDOVER_H
#define TOOLS_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include "tools/ca_file.h"

/* Of a daemon with a thousand certificates, each of a key of its own. */
#define HANDOVER_MAX 1200

struct handover {
	struct {
		char name[64];
		int fd;
	} handles[HANDOVER_MAX];
	size_t count;
	int files[CA_FILES]; /* from CA_FILE_FIRST on */
	size_t file_count;   /* 0 or CA_FILES */
	const char *user; /* NULL = stay */
	bool no_keyctl;	  /* deny the key system calls */
};

/** handover_add() - @fd belongs to @h from now on. Return: EXIT_DONE or another status. */
int handover_add(struct handover *h, const char *name, size_t len, int fd);

/** handover_ca_file() - the anchors of @store_fd become the program's only CA file; after the last
 *  handover_add(), of which there are 64 at most then. @word names the store. Return: as handover_add(). */
int handover_ca_file(struct handover *h, int store_fd, const char *word);

/** handover_exec() - become the program. Returns only when that failed, after saying why. */
int handover_exec(struct handover *h, char **command);

void handover_close(struct handover *h);

#endif
