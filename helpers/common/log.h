/* SPDX-License-Identifier: GPL-2.0-only */
/* One line to stderr: with a priority for the journal when it listens, else for people. */
#ifndef HELPERS_COMMON_LOG_H
#define HELPERS_COMMON_LOG_H

#include <syslog.h>

/** log_init() - @name stands before each line on a terminal. Call before the sandbox. */
void log_init(const char *name);

/** log_line() - @priority: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO. Any thread; keeps errno. */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
