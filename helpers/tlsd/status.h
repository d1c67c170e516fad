/* SPDX-License-Identifier: GPL-2.0-only */
/* How things are, as one line of JSON for whoever connects to a UNIX socket. */
#ifndef HELPERS_TLSD_STATUS_H
#define HELPERS_TLSD_STATUS_H

#include <stdbool.h>
#include "helpers/tlsd/gate.h"
#include "helpers/tlsd/stats.h"

struct status {
	const struct gate *gates;
	unsigned int gate_count;
	const struct stats *stats;
	int64_t started; /* ms, as server_now() */
	bool draining;
};

/** status_text() - the line, with its newline; free() it. NULL: no memory. */
char *status_text(const struct status *status, int64_t now);

/** status_answer() - accept one connection of @fd, and answer it at once or not at all. */
void status_answer(const struct status *status, int fd, int64_t now);

#endif
