// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A server for tls.sh: tls_server CHAIN KEY [NAME=VALUE]... answers each connection with a line about it,
 * as HTTP for those who ask so, and prints the same line, or why there was no connection. */
#include <signal.h>
#include <capcert/tls_config.h>
#include <capcert/x509.h>
#include "examples/example.h"

static struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
static uint8_t alpn[CAPCERT_TLS_MAX_ALPN];
static gnutls_datum_t staple;

static void set(const char *word)
{
	const char *value = strchr(word, '=');
	size_t len = sizeof(alpn);

	must(value ? 0 : -EINVAL, word);
	value++;
	if (!strncmp(word, "ciphers=", 8)) {
		int policy = capcert_tls_policy_parse(value);

		must(policy, word);
		parts.cipher_policy = (uint32_t)policy;
		parts.flags |= CAPCERT_TLS_LEGACY_OK;
	} else if (!strncmp(word, "staple=", 7)) {
		staple = load(value);
		parts.flags |= CAPCERT_TLS_STAPLE;
	} else if (!strncmp(word, "clients=", 8)) {
		parts.policy = policy_of("profile=rfc5280");
		parts.store = anchors_from_file(value, CAPCERT_PURPOSE_TLS_CLIENT_AUTH);
		parts.client_auth = CAPCERT_TLS_AUTH_REQUIRED;
	} else if (!strncmp(word, "auth=", 5)) {
		parts.client_auth = (uint32_t)capcert_tls_auth_parse(value);
	} else if (!strncmp(word, "alpn=", 5)) {
		must(capcert_tls_alpn(value, alpn, &len), word);
		parts.alpn = alpn;
		parts.alpn_len = len;
	} else if (!strncmp(word, "timeout=", 8)) {
		parts.handshake_ms = (uint32_t)atoi(value);
	} else {
		must(-EINVAL, word);
	}
}

static void slot(const char *chain_path, const char *key_path)
{
	struct capcert_tls_value value = { .key_fd = -1,
					   .staple = staple.data,
					   .staple_len = staple.size };
	gnutls_datum_t pem = load(chain_path), key_pem = load(key_path);
	gnutls_privkey_t key;
	capcert_chain *chain;

	must(capcert_chain_parse(pem.data, pem.size, &chain, NULL), chain_path);
	if (gnutls_privkey_init(&key) < 0 ||
	    gnutls_privkey_import_x509_raw(key, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
		must(-EINVAL, key_path);
	value.chain = chain;
	must(capcert_tls_slots_new(&parts.slots), "slots");
	must(capcert_tls_slots_put_gnutls(parts.slots, "localhost", &value, key, NULL), "slot");
	capcert_chain_free(chain);
	gnutls_free(pem.data);
	gnutls_free(key_pem.data);
}

static void describe(capcert_tls *tls, char *line, size_t cap)
{
	struct capcert_tls_session s = { .size = sizeof(s) };
	char who[200] = "-";

	capcert_tls_info(tls, &s);
	if (s.client_auth)
		capcert_cert_subject_text(capcert_chain_at(capcert_tls_peer_chain(tls), 0), who,
					  sizeof(who));
	snprintf(line, cap,
		 "version=%04x cipher=%s alpn=%s name=%s resumed=%u stapled=%u client=%s",
		 s.version, s.cipher, s.alpn[0] ? s.alpn : "-",
		 s.server_name[0] ? s.server_name : "-", s.resumed, s.stapled, who);
}

static void serve(capcert_tls *tls)
{
	char line[1024], buf[4096], answer[1200];
	ssize_t n;
	int len;

	if (capcert_tls_handshake(tls) < 0) {
		printf("failed: %s\n", capcert_tls_error_text(tls));
		return;
	}
	describe(tls, line, sizeof(line));
	printf("%s\n", line);
	n = capcert_tls_read(tls, buf, sizeof(buf));
	len = snprintf(answer, sizeof(answer), "%s%s\n",
		       n > 4 && !memcmp(buf, "GET ", 4)
			       ? "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
			       : "",
		       line);
	if (n >= 0 && capcert_tls_write(tls, answer, (size_t)len) == len)
		capcert_tls_close(tls);
	if (n < 0)
		printf("read: %s\n", capcert_tls_error_text(tls));
	while (n > 0 && capcert_tls_read(tls, buf, sizeof(buf)) > 0)
		;
}

int main(int argc, char **argv)
{
	capcert_tls_context *context;
	int listener, fd, i;

	must(argc < 3 ? -EINVAL : 0, "usage: tls_server CHAIN KEY [NAME=VALUE]...");
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	parts.role = CAPCERT_TLS_SERVER;
	parts.default_slot = "localhost";
	parts.idle_ms = 10000;
	for (i = 3; i < argc; i++)
		set(argv[i]);
	slot(argv[1], argv[2]);
	context = context_of(&parts);
	listener = listen_on("0");
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		capcert_tls *tls;

		must(capcert_tls_server(context, fd, 0, &tls), "session");
		serve(tls);
		capcert_tls_free(tls);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return 1;
}
