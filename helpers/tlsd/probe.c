// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at what a server of connections has no use for. */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <signal.h>
#include <sched.h>
#include <unistd.h>
#include "helpers/common/probe.h"
#include "helpers/tlsd/probe.h"
#include "helpers/tlsd/walls.h"

static long try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long try_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

/* It listens where it did when it began, and nowhere else. */
static long try_listen(void)
{
	return listen(STDIN_FILENO, 1);
}

static long try_bind(void)
{
	const struct sockaddr any = { .sa_family = AF_INET };

	return bind(STDIN_FILENO, &any, sizeof(any));
}

static long try_new_namespace(void)
{
	long pid = syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long try_map_file(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, STDIN_FILENO, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static const struct probe_attempt attempts[] = {
	{ "socket AF_NETLINK", try_netlink },
	{ "socket AF_PACKET", try_packet },
	{ "listen", try_listen },
	{ "bind", try_bind },
	{ "a namespace of its own", try_new_namespace },
	{ "map a file", try_map_file },
};

static int before_threads(void *run)
{
	return walls_before_threads(run);
}

static int after_threads(void *run)
{
	return walls_after_threads(run);
}

int probe_sandbox(struct run *run)
{
	const struct probe probe = {
		.attempts = attempts,
		.count = sizeof(attempts) / sizeof(attempts[0]),
		.before_threads = before_threads,
		.after_threads = after_threads,
		.ctx = run,
	};

	return probe_run(&probe);
}
