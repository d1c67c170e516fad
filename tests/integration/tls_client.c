// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A client for tls_guest.sh: with a config of the kernel as its handle named "tls" it connects once for each line
 * "PORT" that it reads, always with the same context, and prints a line about it. */
#include <capcert/tls_config.h>
#include "examples/example.h"

static void say(capcert_tls *tls, int r)
{
	struct capcert_tls_session s = { .size = sizeof(s) };
	static struct capcert_result result;
	const char *reason = "-";
	int fd = -1, genuine = 0;

	capcert_tls_info(tls, &s);
	if (capcert_tls_outcome(tls, NULL, &fd) == 0) {
		struct capcert_expect expect = { .name = s.server_name };

		genuine = capcert_outcome_require(fd, &expect) == 0;
		close(fd);
	}
	if (capcert_tls_outcome(tls, &result, NULL) == 0)
		reason = capcert_reason_name(result.outcome.reason);
	printf("%s version=%04x resumed=%u reason=%s outcome=%s\n", r ? "refused" : "open",
	       s.version, s.resumed, reason, genuine ? "holds" : "none");
	fflush(stdout);
}

/* Tickets of TLS 1.3 come behind the handshake: read until the server, which sends nothing else, has closed. */
static void hear_out(capcert_tls *tls)
{
	char buf[256];

	if (capcert_tls_write(tls, "GET / HTTP/1.0\r\n\r\n", 18) == 18)
		while (capcert_tls_read(tls, buf, sizeof(buf)) > 0)
			;
	capcert_tls_close(tls);
}

int main(void)
{
	capcert_tls_context *context;
	const char *why = NULL;
	char line[64];

	must(capcert_tls_context_from_handle(capcert_fd("tls"), NULL, &context, &why),
	     why ? why : "config");
	while (fgets(line, sizeof(line), stdin)) {
		capcert_tls *tls;
		int fd, r;

		line[strcspn(line, "\n")] = 0;
		fd = dial("127.0.0.1", line);
		must(capcert_tls_client(context, fd, NULL, 0, &tls), "session");
		r = capcert_tls_handshake(tls);
		if (r == 0)
			hear_out(tls);
		say(tls, r);
		capcert_tls_free(tls);
		close(fd);
	}
	capcert_tls_context_free(context);
	return 0;
}
