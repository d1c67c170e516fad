/* SPDX-License-Identifier: GPL-2.0-only */
/* A solver that is somebody's program: JSON on its standard input, no arguments, no shell. */
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

#endif
