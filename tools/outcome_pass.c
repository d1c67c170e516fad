// SPDX-License-Identifier: GPL-2.0-only
/* Outcome handles over UNIX sockets. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <capcert/capcert.h>
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/outcome_pass.h"

int outcome_address(const char *path, struct sockaddr_un *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	if (!*path || strlen(path) >= sizeof(ret->sun_path))
		return fail(EXIT_USAGE, "'%s' cannot be a socket's path", path);
	strcpy(ret->sun_path, path);
	return EXIT_DONE;
}

int outcome_pass(const char *path, int fd)
{
	struct sockaddr_un to;
	int sock, e = 0, r = outcome_address(path, &to);

	if (r)
		return r;
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&to, sizeof(to)))
		e = -errno;
	if (!e)
		e = (int)capcert_fd_send(sock, fd, "o", 1);
	if (sock >= 0)
		close(sock);
	return e < 0 ? fail(EXIT_TROUBLE, "%s: %s", path, strerror(-e)) : EXIT_DONE;
}
