// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tls-alpn-01 solver of capcert-acmed without its daemon, for one challenge:
 *
 *	acmed_alpn KEY SLOTS PREFIX IDENTIFIER COMMAND [ARG]...
 *
 * publishes it, with 32 times 0x5a as its digest, runs COMMAND, and takes it back. KEY and SLOTS are names in
 * CAPCERT_FDS. Exit status: that of COMMAND; 99 when the solver does not do what it should. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <capcert/capcert.h>
#include "helpers/acmed/alpn.h"

#define BROKEN 99

static char error[ALPN_ERROR];

static void expect(int got, int want, const char *what)
{
	if (got == want)
		return;
	fprintf(stderr, "%s: %d, not %d: %s\n", what, got, want, error);
	exit(BROKEN);
}

static int run(char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return BROKEN;
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	uint8_t digest[32], other[32] = { 0 }, address[16];
	struct challenge c = { .digest = digest }, wrong;
	struct alpn *a;
	char longest[200];
	int status;

	if (argc < 6)
		return BROKEN;
	memset(digest, 0x5a, sizeof(digest));
	c.identifier = argv[4];
	c.ip = inet_pton(AF_INET, argv[4], address) == 1 ||
	       inet_pton(AF_INET6, argv[4], address) == 1;
	expect(alpn_new(capcert_fd(argv[1]), capcert_fd(argv[2]), argv[3], &a), 0, "new");
	expect(alpn_publish(a, &c, error), 0, "publish");
	/* One name is proved once at a time, and taken back by who proved it. */
	wrong = c;
	wrong.digest = other;
	expect(alpn_publish(a, &wrong, error), -EBUSY, "publish again");
	expect(alpn_withdraw(a, &wrong), -ENOENT, "withdraw another");
	memset(longest, 'a', sizeof(longest));
	for (size_t i = 50; i < sizeof(longest); i += 50)
		longest[i] = '.';
	longest[sizeof(longest) - 1] = '\0';
	wrong.ip = false;
	wrong.identifier = longest;
	expect(alpn_publish(a, &wrong, error), -ENAMETOOLONG, "publish a long name");
	status = run(argv + 5);
	expect(alpn_withdraw(a, &c), 0, "withdraw");
	expect(alpn_withdraw(a, &c), -ENOENT, "withdraw again");
	/* What one leaves, the next takes away: nothing here calls alpn_free() for it. */
	expect(alpn_publish(a, &c, error), 0, "publish once more");
	expect(alpn_new(capcert_fd(argv[1]), capcert_fd(argv[2]), argv[3], &a), 0, "new");
	alpn_free(a);
	return status;
}
