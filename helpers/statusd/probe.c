// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at what one that asks the network has no use for. */
#include <sys/socket.h>
#include <unistd.h>
#include "helpers/common/probe.h"
#include "helpers/statusd/probe.h"
#include "helpers/statusd/walls.h"

static long try_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

/* It asks, and serves nobody. */
static long try_listen(void)
{
	return listen(STDIN_FILENO, 1);
}

static const struct probe_attempt attempts[] = {
	{ "socket AF_PACKET", try_packet },
	{ "listen", try_listen },
	{ "fork", probe_fork },
	{ "unshare", probe_unshare },
};

struct place {
	uid_t uid;
	gid_t gid;
	const char *folder;
};

/* All of its walls stand before libcurl starts threads. */
static int before_threads(void *ctx)
{
	const struct place *place = ctx;

	return walls_up(place->uid, place->gid, place->folder);
}

int probe_sandbox(uid_t uid, gid_t gid, const char *folder)
{
	struct place place = { uid, gid, folder };
	const struct probe probe = {
		.attempts = attempts,
		.count = sizeof(attempts) / sizeof(attempts[0]),
		.before_threads = before_threads,
		.ctx = &place,
	};

	return probe_run(&probe);
}
