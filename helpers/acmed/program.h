/* SPDX-License-Identifier: GPL-2.0-only */
/* A solver that is somebody's program: JSON on its standard input, no arguments, no shell. Walls would stand around the
 * program as well, for good; so the process that reads challenges has them, and one that reads nothing starts
 * the program. */
#ifndef HELPERS_ACMED_PROGRAM_H
#define HELPERS_ACMED_PROGRAM_H

#include <stdint.h>
#include "helpers/acmed/wire.h"

/** program_text() - {"action": "publish" or "withdraw", "type", "identifier": {"type", "value"}, "wildcard", and of
 *  the challenge "token", "key_authorization", "record", "text", "digest" (hex)}. Return: text to free(), NULL. */
char *program_text(const char *action, const struct challenge *c);

/**
 * program_run() - run @path with @text on its standard input, and wait for its end.
 * Its environment is PATH alone, its standard output is ours of errors, and it is killed with all that it
 * started after @seconds.
 * @error: 256 octets for people. Return: 0 it exited with 0; -EREMOTEIO it did not; -ETIMEDOUT; -errno.
 */
int program_run(const char *path, const char *text, uint32_t seconds, char *error);

/** program_runner() - fork a process that has no walls and does nothing but program_run() of @path, with texts that it does
 *  not look at. Before walls. Return: a socket, whose end is the process's; -errno. */
int program_runner(const char *path, uint32_t seconds);
/** program_ask() - have it run with @text. Return, @error: as program_run(); -EPIPE it is gone. */
int program_ask(int runner, const char *text, char *error);

#endif
