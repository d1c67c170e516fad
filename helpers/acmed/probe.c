// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at what each part has no use for. A program that an exec solver runs is its administrator's, and has no walls but
 * its user; so has the process that starts it, which reads nothing. A porter has the walls of http-01. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "helpers/acmed/probe.h"
#include "helpers/acmed/walls.h"
#include "helpers/common/log.h"
#include "helpers/common/probe.h"
#include "helpers/common/sandbox.h"

static long try_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long try_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

/* Its own questions are of this family. */
static long try_raw(void)
{
	return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
}

static long try_connect(void)
{
	const struct sockaddr any = { .sa_family = AF_INET };

	return connect(STDIN_FILENO, &any, sizeof(any));
}

static long try_bind(void)
{
	const struct sockaddr any = { .sa_family = AF_INET };

	return bind(STDIN_FILENO, &any, sizeof(any));
}

static long try_listen(void)
{
	return listen(STDIN_FILENO, 1);
}

static long try_accept(void)
{
	return accept4(STDIN_FILENO, NULL, NULL, 0);
}

static long try_ioctl(void)
{
	int n;

	return ioctl(STDIN_FILENO, FIONREAD, &n);
}

#define ALL                              \
	{ "fork", probe_fork },          \
	{                                \
		"unshare", probe_unshare \
	}
#define NO_SOCKETS                                                                        \
	{ "socket AF_INET", try_inet }, { "socket AF_UNIX", try_unix },                   \
		{ "socket AF_NETLINK", try_netlink }, { "socket AF_PACKET", try_packet }, \
		{ "connect", try_connect },                                               \
	{                                                                                 \
		"bind", try_bind                                                          \
	}

static const struct probe_attempt deciding[] = { NO_SOCKETS, { "listen", try_listen }, ALL };
static const struct probe_attempt holding[] = {
	NO_SOCKETS,
	{ "listen", try_listen },
	{ "accept", try_accept },
	ALL,
};
static const struct probe_attempt asking[] = {
	{ "socket AF_PACKET", try_packet },
	{ "listen", try_listen },
	{ "accept", try_accept },
	ALL,
};
static const struct probe_attempt answering[] = { NO_SOCKETS, { "ioctl", try_ioctl }, ALL };
static const struct probe_attempt naming[] = {
	{ "socket AF_UNIX", try_unix },
	{ "socket AF_NETLINK", try_netlink },
	{ "socket AF_PACKET", try_packet },
	{ "a raw socket", try_raw },
	{ "bind", try_bind },
	{ "listen", try_listen },
	{ "accept", try_accept },
	{ "ioctl", try_ioctl },
	ALL,
};
static const struct probe_attempt telling[] = {
	NO_SOCKETS, { "listen", try_listen }, { "accept", try_accept }, { "ioctl", try_ioctl }, ALL,
};

static const char *state;

static int keeper(void)
{
	return walls_keeper(state);
}

static const struct part_probe {
	const char *name;
	int (*walls)(void);
	const struct probe_attempt *attempts;
	size_t count;
} parts[] = {
#define TRY(list) list, sizeof(list) / sizeof(list[0])
	{ "keeper", keeper, TRY(deciding) },
	{ "network", walls_network, TRY(asking) },
	{ "installer", walls_installer, TRY(holding) },
	{ "http-01 solver", walls_responder, TRY(answering) },
	{ "tls-alpn-01 solver", walls_installer, TRY(holding) },
	{ "dns-01, dns-persist-01 solver", walls_dns, TRY(naming) },
	{ "exec solver", walls_program, TRY(telling) },
#undef TRY
};

/* The files before there is a second thread, which would not have that wall; the calls hold for all threads. */
static int files(void *ctx)
{
	const struct part_probe *part = ctx;

	walls_only(WALLS_FILES);
	return part->walls();
}

static int calls(void *ctx)
{
	const struct part_probe *part = ctx;

	walls_only(WALLS_CALLS);
	return part->walls();
}

/* Return: an exit status; 255 = the walls could not be put up. */
static int probe_part(const struct part_probe *part, uid_t uid, gid_t gid)
{
	const struct probe probe = {
		.attempts = part->attempts,
		.count = part->count,
		.before_threads = files,
		.after_threads = calls,
		.ctx = (void *)part,
	};
	int r = sandbox_drop(uid, gid);

	fprintf(stderr, "the %s process:\n", part->name);
	if (r == 0)
		r = probe_run(&probe);
	return r < 0 ? 255 : r;
}

int probe_sandbox(uid_t uid, gid_t gid, const char *folder)
{
	int all = 0, status;

	state = folder;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(probe_part(&parts[i], uid, gid));
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return -errno;
		if (!WIFEXITED(status) || WEXITSTATUS(status) == 255)
			return -EIO;
		all += WEXITSTATUS(status);
	}
	return all;
}
