// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A TLS server that sends back what it gets: echo_server PORT NAME CHAIN KEY
 * or, with a TLS config of the kernel as its handle named "tls": echo_server PORT */
#include <pthread.h>
#include "examples/example.h"

static capcert_tls_context *make_context(int argc, char **argv)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	capcert_tls_context *context;
	const char *why = NULL;

	if (argc == 2) {
		must(capcert_tls_context_from_handle(capcert_fd("tls"), NULL, &context, &why),
		     why ? why : "config");
		return context;
	}
	parts.role = CAPCERT_TLS_SERVER;
	parts.slots = slot_from_files(argv[2], argv[3], argv[4]);
	parts.default_slot = argv[2];
	context = context_of(&parts);
	capcert_tls_slots_free(parts.slots); /* the context has its own reference */
	return context;
}

static void echo(capcert_tls *tls)
{
	char buf[4096];
	ssize_t n;

	while ((n = capcert_tls_read(tls, buf, sizeof(buf))) > 0) {
		ssize_t at = 0, w = 1;

		while (at < n && w > 0) {
			w = capcert_tls_write(tls, buf + at, (size_t)(n - at));
			at += w;
		}
		if (w <= 0)
			break;
	}
	/* 0: the client has said that it is done; anything else may be a stream that was cut. */
	if (n < 0)
		tell(tls);
	else
		capcert_tls_close(tls);
}

static void *serve(void *arg)
{
	capcert_tls *tls = arg;
	int fd;

	capcert_tls_wants(tls, &fd);
	echo(tls);
	capcert_tls_free(tls);
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	capcert_tls_context *context;
	int listener, fd;

	if (argc != 2 && argc != 5) {
		fprintf(stderr, "usage: %s PORT [NAME CHAIN KEY]\n", argv[0]);
		return 2;
	}
	context = make_context(argc, argv);
	listener = listen_on(argv[1]);
	/* Threads, not processes: the handles of a config are bound to the process that took them. */
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		capcert_tls *tls;
		pthread_t thread;

		must(capcert_tls_server(context, fd, 0, &tls), "session");
		must(-pthread_create(&thread, NULL, serve, tls), "thread");
		pthread_detach(thread);
	}
	capcert_tls_context_free(context);
	return 1;
}
