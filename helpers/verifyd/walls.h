/* SPDX-License-Identifier: GPL-2.0-only */
/* This agent's sandbox: which fds it keeps and which system calls it makes. */
#ifndef VERIFYD_WALLS_H
#define VERIFYD_WALLS_H

#include <sys/types.h>

/* The fds of the sandboxed process, moved to fixed numbers so that a filter can name them. */
#define WALLS_AGENT_FD 3
#define WALLS_STOP_FD 4	  /* an eventfd: readable = stop */
#define WALLS_NOTIFY_FD 5 /* the service manager; may be absent */

/** walls_fds() - put the three in their places (@notify may be -1) and close all others but the
 *  standard ones. Return: 0 or -errno. */
int walls_fds(int agent, int stop, int notify);

/** walls_before_threads() - ids, capabilities, Landlock. Return: Landlock's ABI, 0 = none,
 *  -errno. */
int walls_before_threads(uid_t uid, gid_t gid);

/** walls_after_threads() - limits and system calls, for all threads. Return: 0 or -errno. */
int walls_after_threads(void);

#endif
