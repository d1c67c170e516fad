/* SPDX-License-Identifier: GPL-2.0-only */
/* --check-sandbox: try from inside what must be impossible. */
#ifndef HELPERS_COMMON_PROBE_H
#define HELPERS_COMMON_PROBE_H

#include <stddef.h>

/** One thing that a helper has no use for. */
struct probe_attempt {
	const char *what;
	long (*attempt)(void); /* < 0 and errno if it failed */
};

struct probe {
	/* What this helper alone must not do; what none may is tried in any case. */
	const struct probe_attempt *attempts;
	size_t count; /* PROBE_MOST at most */
	/* Put up the walls that stand before threads are started, and those after (NULL: none). 0 or -errno;
	 * a value above 0 is taken for 0. */
	int (*before_threads)(void *ctx);
	int (*after_threads)(void *ctx);
	void *ctx;
};

#define PROBE_MOST 16

/** probe_run() - put up the walls and try to get past them, from the main thread and from one that was there
 *  before the last of them; one line per attempt on stderr. Does not come back to a usable process.
 *  Return: number of attempts that were not refused, or -errno when the walls could not be put up. */
int probe_run(const struct probe *probe);

/** probe_fork(), probe_unshare() - attempts for those helpers that never start a process, or none with a
 *  namespace of its own. */
long probe_fork(void);
long probe_unshare(void);

#endif
