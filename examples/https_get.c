// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* GET over TLS: https_get HOST PORT PATH ANCHORS [POLICY]
 * Trust is that of a file here; see capcert_tls_context_new(3) for handles of the kernel. */
#include "examples/example.h"

static int get(capcert_tls *tls, const char *host, const char *path)
{
	char buf[16384];
	ssize_t n;
	int len = snprintf(buf, sizeof(buf),
			   "GET %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);

	if (len < 0 || (size_t)len >= sizeof(buf))
		return -EMSGSIZE;
	n = capcert_tls_write(tls, buf, (size_t)len);
	while (n > 0) {
		n = capcert_tls_read(tls, buf, sizeof(buf));
		if (n > 0)
			fwrite(buf, 1, (size_t)n, stdout);
	}
	if (n == 0)
		capcert_tls_close(tls);
	return (int)n;
}

int main(int argc, char **argv)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	capcert_tls_context *context;
	capcert_policy *policy;
	capcert_store *store;
	capcert_tls *tls;
	int fd, r;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: %s HOST PORT PATH ANCHORS [POLICY]\n", argv[0]);
		return 2;
	}
	policy = policy_of(argc == 6 ? argv[5] : "preset=webpki-lenient");
	store = anchors_from_file(argv[4], CAPCERT_PURPOSE_TLS_SERVER_AUTH);
	parts.role = CAPCERT_TLS_CLIENT;
	parts.policy = policy;
	parts.store = store;
	parts.alpn = (const uint8_t *)"\x08http/1.1";
	parts.alpn_len = 9;
	context = context_of(&parts);
	fd = dial(argv[1], argv[2]);
	must(capcert_tls_client(context, fd, argv[1], 0, &tls), argv[1]);
	/* The first write shakes hands, and verifies the server before anything is sent to it. */
	r = get(tls, argv[1], argv[3]);
	if (r < 0)
		tell(tls);
	capcert_tls_free(tls);
	close(fd);
	capcert_tls_context_free(context);
	capcert_store_free(store);
	capcert_policy_free(policy);
	return r < 0;
}
