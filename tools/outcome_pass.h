/* SPDX-License-Identifier: GPL-2.0-only */
/* Outcome handles over UNIX sockets. */
#ifndef TOOLS_OUTCOME_PASS_H
#define TOOLS_OUTCOME_PASS_H

#include <sys/un.h>

/** outcome_address() - Return: EXIT_DONE, or EXIT_USAGE after saying that @path is none. */
int outcome_address(const char *path, struct sockaddr_un *ret);

/** outcome_pass() - give the handle to who listens at @path, with one octet. @fd: stays the caller's.
 *  Return: EXIT_DONE, or another status after saying why. */
int outcome_pass(const char *path, int fd);

#endif
