/* SPDX-License-Identifier: GPL-2.0-only */
/* The walls of each process. They go up before the first octet from outside is read. */
#ifndef HELPERS_ACMED_WALLS_H
#define HELPERS_ACMED_WALLS_H

/** walls_only() - of the next ones, the files or the calls alone: for the probe, whose threads have to be there between
 *  the two. */
enum walls_which { WALLS_BOTH, WALLS_FILES, WALLS_CALLS };
void walls_only(enum walls_which only);

/** Each Return: 0 or -errno, after which the process must end. */
int walls_keeper(const char *folder);
int walls_network(void);
int walls_installer(void);
int walls_responder(void);
int walls_dns(void);
int walls_program(void); /* the process that has a program run: not for the one that starts it */

#endif
