// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at everything this agent must not be able to do. */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/capcert_agent.h>
#include "helpers/common/log.h"
#include "helpers/common/probe.h"
#include "helpers/verifyd/probe.h"
#include "helpers/verifyd/walls.h"

static long try_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long try_read_other(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 0);
}

static long try_write_other(void)
{
	return write(STDOUT_FILENO, "", 0);
}

static long try_hello(void)
{
	return ioctl(WALLS_AGENT_FD, CAPCERT_AGENT_HELLO, NULL);
}

static long try_map_file(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, WALLS_AGENT_FD, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static const struct probe_attempt attempts[] = {
	{ "socket AF_INET", try_inet },
	{ "socket AF_UNIX", try_unix },
	{ "fork", probe_fork },
	{ "read another fd", try_read_other },
	{ "write another fd", try_write_other },
	{ "say HELLO again", try_hello },
	{ "map a file", try_map_file },
	{ "unshare", probe_unshare },
};

struct ids {
	uid_t uid;
	gid_t gid;
};

static int before_threads(void *ctx)
{
	const struct ids *ids = ctx;
	int agent = eventfd(0, EFD_CLOEXEC), stop = eventfd(0, EFD_CLOEXEC);
	int r;

	if (agent < 0 || stop < 0)
		return -errno;
	r = walls_fds(agent, stop, -1);
	if (r == 0)
		r = walls_before_threads(ids->uid, ids->gid);
	if (r >= 0)
		log_line(LOG_INFO, "Landlock ABI %d%s", r, r ? "" : ": this kernel has none");
	return r;
}

static int after_threads(void *unused)
{
	return walls_after_threads();
}

int probe_sandbox(uid_t uid, gid_t gid)
{
	struct ids ids = { uid, gid };
	const struct probe probe = {
		.attempts = attempts,
		.count = sizeof(attempts) / sizeof(attempts[0]),
		.before_threads = before_threads,
		.after_threads = after_threads,
		.ctx = &ids,
	};

	return probe_run(&probe);
}
