/* SPDX-License-Identifier: GPL-2.0-only */
/* This agent's sandbox: as tight as a PKCS#11 module can live in. */
#ifndef KEYD_WALLS_H
#define KEYD_WALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WALLS_PATHS_MOST 16

struct walls {
	uid_t uid;
	gid_t gid;
	const char *writable[WALLS_PATHS_MOST]; /* where modules keep their tokens */
	size_t writable_count;
	const char *readable[WALLS_PATHS_MOST]; /* beside the system's libraries and settings */
	size_t readable_count;
	bool local; /* may connect to daemons of this machine, as modules of smart cards do */
};

/** walls_before_modules() - ids, capabilities, files. Return: Landlock's ABI, 0 = none, -errno. */
int walls_before_modules(const struct walls *walls);

/** walls_after_threads() - limits and system calls, for all threads: no network, no program, no
 *  process, no executable memory. Return: 0 or -errno. */
int walls_after_threads(const struct walls *walls);

#endif
