// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A server of a private network: it answers who the client is, by a certificate that must be good.
 * mtls_server PORT NAME CHAIN KEY CLIENT_ANCHORS */
#include <signal.h>
#include <capcert/x509.h>
#include "examples/example.h"

/* The subject of a client whose certificate was verified; else false. */
static bool identify(capcert_tls *tls, char *subject, size_t cap)
{
	struct capcert_result result;

	/* Reading and writing would shake hands too; but first it must be known who is there. */
	if (capcert_tls_handshake(tls) < 0) {
		tell(tls);
		return false;
	}
	if (capcert_tls_outcome(tls, &result, NULL) < 0 || !result.outcome.valid)
		return false;
	capcert_cert_subject_text(capcert_chain_at(capcert_tls_peer_chain(tls), 0), subject, cap);
	return true;
}

static void serve(capcert_tls *tls)
{
	char subject[512], line[600];
	int n;

	if (!identify(tls, subject, sizeof(subject)))
		return;
	n = snprintf(line, sizeof(line), "hello, %s\n", subject);
	if (capcert_tls_write(tls, line, (size_t)n) != n)
		tell(tls);
	else
		capcert_tls_close(tls);
	while (capcert_tls_read(tls, line, sizeof(line)) > 0)
		;
}

int main(int argc, char **argv)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	capcert_tls_context *context;
	int listener, fd;

	if (argc != 6) {
		fprintf(stderr, "usage: %s PORT NAME CHAIN KEY CLIENT_ANCHORS\n", argv[0]);
		return 2;
	}
	signal(SIGCHLD, SIG_IGN);
	parts.role = CAPCERT_TLS_SERVER;
	parts.slots = slot_from_files(argv[2], argv[3], argv[4]);
	parts.client_auth = CAPCERT_TLS_AUTH_REQUIRED;
	parts.policy = policy_of("profile=rfc5280");
	parts.store = anchors_from_file(argv[5], CAPCERT_PURPOSE_TLS_CLIENT_AUTH);
	context = context_of(&parts);
	listener = listen_on(argv[1]);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		capcert_tls *tls;

		if (fork() == 0) {
			must(capcert_tls_server(context, fd, 0, &tls), "session");
			serve(tls);
			capcert_tls_free(tls);
			return 0;
		}
		close(fd);
	}
	return 1;
}
