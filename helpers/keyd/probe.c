// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at what a keeper of keys has no use for: whoever breaks in signs, and carries nothing away. */
#include <sys/socket.h>
#include "helpers/common/probe.h"
#include "helpers/keyd/probe.h"

static long try_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static const struct probe_attempt attempts[] = {
	{ "socket AF_INET", try_inet },
	{ "socket AF_NETLINK", try_netlink },
	{ "fork", probe_fork },
	{ "unshare", probe_unshare },
};

static int before_threads(void *walls)
{
	return walls_before_modules(walls);
}

static int after_threads(void *walls)
{
	return walls_after_threads(walls);
}

int probe_sandbox(struct walls *walls)
{
	const struct probe probe = {
		.attempts = attempts,
		.count = sizeof(attempts) / sizeof(attempts[0]),
		.before_threads = before_threads,
		.after_threads = after_threads,
		.ctx = walls,
	};

	return probe_run(&probe);
}
