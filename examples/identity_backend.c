// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A back end that believes the kernel alone: with the first octet of a connection comes the verdict on who asks, or none; the front
 * end's word counts for nothing. Any front end that passes outcomes will do: identity_front, capcert-tlsd.
 * identity_backend SOCKET PRESET */
#include <signal.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "examples/example.h"

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(s, 8) < 0)
		must(-errno, path);
	/* Who may connect is not what this end relies on. */
	chmod(path, 0666);
	return s;
}

/* A verdict on a client's certificate, by a policy that began as @preset, not old, and still true. */
static int identify(int outcome, const char *preset, struct capcert_result *ret)
{
	const struct capcert_expect expect = {
		.purpose = CAPCERT_PURPOSE_TLS_CLIENT_AUTH,
		.preset = preset,
		.max_age = 600,
	};
	int r = outcome < 0 ? -ENOENT : capcert_outcome_require(outcome, &expect);

	return r < 0 ? r : capcert_outcome_get(outcome, ret, NULL);
}

static void serve(int s, const char *preset)
{
	struct capcert_result result;
	char request[4096];
	int outcome = -1, r;
	FILE *f;

	if (capcert_fd_receive(s, &outcome, request, sizeof(request)) <= 0)
		return;
	r = identify(outcome, preset, &result);
	f = fdopen(s, "w");
	if (!f)
		return;
	fprintf(f, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	if (r == -ENOENT) {
		fprintf(f, "hello, stranger\n");
	} else if (r < 0) {
		fprintf(f, "that is no verdict for me: %s\n", strerrorname_np(-r));
	} else {
		fprintf(f, "hello, member ");
		for (size_t i = 0; i < 32; i++)
			fprintf(f, "%02x", result.path[0].fingerprint[i]);
		fprintf(f, "\n");
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	int listener, s;

	if (argc != 3) {
		fprintf(stderr, "usage: %s SOCKET PRESET\n", argv[0]);
		return 2;
	}
	listener = listen_at(argv[1]);
	/* A process for each connection, and nobody waits for its end. */
	signal(SIGCHLD, SIG_IGN);
	printf("ready\n");
	fflush(stdout);
	while ((s = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (fork() == 0) {
			serve(s, argv[2]);
			_exit(0);
		}
		close(s);
	}
	return 1;
}
