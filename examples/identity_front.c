// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A front end that vouches for nobody: it speaks TLS by a config handle named "tls", and gives each client's request to a back end
 * with the kernel's outcome about who it is. capcert exec --with tls=captls:NAME:USE+INFO -- identity_front PORT SOCKET */
#include <sys/un.h>
#include "examples/example.h"

static int connect_to(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (connect(s, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror(path);
		close(s);
		return -1;
	}
	return s;
}

/* The back end's answer, to the client. */
static void answer(capcert_tls *tls, int backend)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(backend, buf, sizeof(buf))) > 0)
		if (capcert_tls_write(tls, buf, (size_t)n) != n) {
			tell(tls);
			return;
		}
	capcert_tls_close(tls);
}

/* One request: what a client sends first. */
static void serve(capcert_tls *tls, const char *path)
{
	int backend, outcome = -1;
	char request[4096];
	ssize_t n;

	if (capcert_tls_handshake(tls) < 0 ||
	    (n = capcert_tls_read(tls, request, sizeof(request))) < 0) {
		tell(tls);
		return;
	}
	backend = n ? connect_to(path) : -1;
	if (backend < 0)
		return;
	/* Without a certificate there is none, and the back end sees that. */
	capcert_tls_outcome(tls, NULL, &outcome);
	if (capcert_fd_send(backend, outcome, request, (size_t)n) == n)
		answer(tls, backend);
	if (outcome >= 0)
		close(outcome);
	close(backend);
}

int main(int argc, char **argv)
{
	capcert_tls_context *context;
	int listener, fd;

	if (argc != 3) {
		fprintf(stderr, "usage: %s PORT SOCKET\n", argv[0]);
		return 2;
	}
	must(capcert_fd("tls"), "no handle named tls was inherited");
	must(capcert_tls_context_from_handle(capcert_fd("tls"), NULL, &context, NULL), "config");
	listener = listen_on(argv[1]);
	/* One after the other: the config's handles are this process's alone. */
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		capcert_tls *tls;

		must(capcert_tls_server(context, fd, 0, &tls), "session");
		serve(tls, argv[2]);
		capcert_tls_free(tls);
		close(fd);
	}
	return 1;
}
