// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A back end that does not trust its front end: it takes an outcome over a UNIX socket and asks the
 * kernel whether it is what it needs. backend SOCKET NAME; then it tries to alter the outcome. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <capcert/verify.h>

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) || listen(s, 1)) {
		perror(path);
		exit(1);
	}
	chmod(path, 0666);
	return s;
}

static int receive(int sock)
{
	char byte;
	int fd = -1;

	return capcert_fd_receive(sock, &fd, &byte, 1) < 0 ? -1 : fd;
}

static int require(int fd, const char *name, int allow_caller_time)
{
	struct capcert_expect expect = {
		.name = name,
		.purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH,
		.allow_caller_time = allow_caller_time,
	};

	return capcert_outcome_require(fd, &expect);
}

static int alterations;

static void attempt(const char *what, int failed)
{
	printf("  %-34s %s\n", what, failed ? strerrorname_np(errno) : "DONE");
	alterations += !failed;
}

static void try_to_alter(int fd, struct capcert_result *r)
{
	struct capcert_restrict more = { .size = sizeof(more), .rights = ~0ULL, .pidfd = -1 };
	struct capcert_add add = { .size = sizeof(add), .cert.fd = -1 };
	struct capcert_verify verify = { .size = sizeof(verify), .store_fd = -1, .pins_fd = -1 };
	void *map;

	attempt("write(2)", write(fd, r, sizeof(*r)) < 0);
	attempt("pwrite(2)", pwrite(fd, r, sizeof(*r), 0) < 0);
	attempt("ftruncate(2)", ftruncate(fd, 0) < 0);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	attempt("mmap(2) writable", map == MAP_FAILED);
	attempt("RESTRICT with more rights", ioctl(fd, CAPCERT_RESTRICT, &more) < 0);
	attempt("ADD", ioctl(fd, CAPCERT_ADD, &add) < 0);
	attempt("VERIFY", ioctl(fd, CAPCERT_VERIFY, &verify) < 0);
}

int main(int argc, char **argv)
{
	struct capcert_result before, after;
	int sock, peer, fd, superseded = 1, r;

	if (argc != 3)
		return 2;
	sock = listen_at(argv[1]);
	printf("listening\n");
	fflush(stdout);
	peer = accept4(sock, NULL, NULL, SOCK_CLOEXEC);
	fd = receive(peer);
	unlink(argv[1]);
	r = fd < 0 ? -EBADF : capcert_outcome_get(fd, &before, &superseded);
	if (r) {
		printf("no outcome: %s\n", capcert_strerror(r));
		return 1;
	}
	printf("received: %s, name %.*s, policy %s, superseded %s\n",
	       before.outcome.valid ? "valid" : "invalid", (int)before.outcome.name_len,
	       (const char *)before.outcome.name, before.outcome.preset, superseded ? "yes" : "no");
	r = require(fd, argv[2], 1);
	printf("required for %s: %s\n", argv[2], r ? strerrorname_np(-r) : "holds");
	printf("required for another.example: %s\n",
	       strerrorname_np(-require(fd, "another.example", 1)));
	printf("required at the kernel's own time: %s\n",
	       strerrorname_np(-require(fd, argv[2], 0)));
	printf("attempts to alter it:\n");
	try_to_alter(fd, &before);
	if (capcert_outcome_get(fd, &after, &superseded) || memcmp(&before, &after, sizeof(before)))
		alterations++;
	printf("unchanged: %s\n", alterations ? "NO" : "yes");
	return r || alterations;
}
