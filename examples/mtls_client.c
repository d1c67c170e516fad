// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A client of a private network, which says who it is: mtls_client HOST PORT ANCHORS CHAIN KEY */
#include "examples/example.h"

int main(int argc, char **argv)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	capcert_tls_context *context;
	capcert_policy *policy;
	capcert_store *store;
	capcert_tls *tls;
	char line[600];
	ssize_t n;
	int fd;

	if (argc != 6) {
		fprintf(stderr, "usage: %s HOST PORT ANCHORS CHAIN KEY\n", argv[0]);
		return 2;
	}
	policy = policy_of("profile=rfc5280");
	store = anchors_from_file(argv[3], CAPCERT_PURPOSE_TLS_SERVER_AUTH);
	parts.role = CAPCERT_TLS_CLIENT;
	parts.policy = policy;
	parts.store = store;
	parts.slots = slot_from_files("client", argv[4], argv[5]);
	parts.default_slot = "client";
	context = context_of(&parts);
	fd = dial(argv[1], argv[2]);
	must(capcert_tls_client(context, fd, argv[1], 0, &tls), argv[1]);
	/* In TLS 1.3 a server's refusal of the client comes with the first read. */
	while ((n = capcert_tls_read(tls, line, sizeof(line))) > 0)
		fwrite(line, 1, (size_t)n, stdout);
	if (n < 0)
		tell(tls);
	else
		capcert_tls_close(tls);
	capcert_tls_free(tls);
	close(fd);
	capcert_tls_context_free(context);
	capcert_tls_slots_free(parts.slots);
	capcert_store_free(store);
	capcert_policy_free(policy);
	return n < 0;
}
