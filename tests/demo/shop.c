// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A web server that holds the handle of a key, and no key.
 *
 *	shop CERT PORT TOKENS	started by `capcert exec` with a handle named "key"; TOKENS: where the token's files are
 * Whoever connects to 127.0.0.1:PORT over TLS is greeted. Lines on standard input:
 *	sign PURPOSE		try to sign for it
 *	steal			try to get at the key in every way there is
 * Every answer ends with a line that is a single dot.
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <keyutils.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <gnutls/gnutls.h>
#include <capcert/gnutls.h>
#include <capcert/key.h>
#include <capcert/verify.h>

static int key;
static gnutls_certificate_credentials_t credentials;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "shop: %s: %s\n", what, why);
	exit(1);
}

static void gcheck(int r, const char *what)
{
	if (r < 0)
		die(what, gnutls_strerror(r));
}

static void load(const char *path)
{
	gnutls_pcert_st *cert = gnutls_calloc(1, sizeof(*cert));
	gnutls_privkey_t privkey;
	gnutls_datum_t pem;
	int r = capcert_key_gnutls(key, CAPCERT_KEY_TLS_SERVER, &privkey);

	if (r < 0)
		die("key", capcert_strerror(r));
	gcheck(gnutls_load_file(path, &pem), path);
	gcheck(gnutls_pcert_import_x509_raw(cert, &pem, GNUTLS_X509_FMT_PEM, 0), path);
	gcheck(gnutls_certificate_allocate_credentials(&credentials), "credentials");
	gcheck(gnutls_certificate_set_key(credentials, NULL, 0, cert, 1, privkey), "key");
	gnutls_free(pem.data);
}

static int listen_at(const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) || listen(s, 8))
		die(port, strerror(errno));
	return s;
}

static void greet(int listener)
{
	static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
				     "signed by a process that holds no key\n";
	int s = accept4(listener, NULL, NULL, SOCK_CLOEXEC), r;
	gnutls_session_t tls;
	char buf[1024];

	if (s < 0)
		return;
	gcheck(gnutls_init(&tls, GNUTLS_SERVER), "session");
	gcheck(gnutls_set_default_priority(tls), "priority");
	gcheck(gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials), "credentials");
	gnutls_transport_set_int(tls, s);
	gnutls_handshake_set_timeout(tls, 20000);
	do {
		r = gnutls_handshake(tls);
	} while (r < 0 && !gnutls_error_is_fatal(r));
	if (r == 0 && gnutls_record_recv(tls, buf, sizeof(buf)) > 0) {
		gnutls_record_send(tls, answer, sizeof(answer) - 1);
		gnutls_bye(tls, GNUTLS_SHUT_WR);
	}
	gnutls_deinit(tls);
	close(s);
}

static void said(const char *what, int r)
{
	printf("  %-30s %s\n", what, r < 0 ? strerrorname_np(-r) : "DONE");
}

static void sign(const char *purpose)
{
	uint32_t mask = capcert_key_purposes_parse(purpose);
	uint8_t signature[CAPCERT_MAX_SIGNATURE];
	size_t n = sizeof(signature);

	if (mask)
		said(purpose, capcert_key_sign(key, (uint32_t)__builtin_ctz(mask), 0x0403, 0,
					       "text", 4, 0, signature, &n));
	else
		printf("  no such purpose\n");
}

static void steal(const char *tokens)
{
	uint8_t *data;
	size_t n;
	int fd;
	DIR *d;

	said("read the handle", capcert_read(key, CAPCERT_READ_DER, 0, &data, &n));
	said("open the key by its name",
	     capcert_open_name(CAPCERT_KIND_KEY, "shop", CAPCERT_RIGHT_SIGN, &fd));
	said("find the key in a keyring", request_key("capkey", "shop", NULL, 0) < 0 ? -errno : 0);
	said("make a key for code-sign",
	     add_key("capkey", "mine", "pkcs11:token=shop;object=shop;purpose=code-sign", 47,
		     KEY_SPEC_PROCESS_KEYRING) < 0
		     ? -errno
		     : 0);
	d = opendir(tokens);
	said("look into the token's files", d ? 0 : -errno);
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	char line[256];
	int listener;

	key = capcert_fd("key");
	if (argc != 4 || key < 0)
		die("usage", "shop CERT PORT TOKENS, with a handle named key");
	load(argv[1]);
	listener = listen_at(argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (;;) {
		struct pollfd fds[2] = { { listener, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
		ssize_t n;

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			greet(listener);
		if (!fds[1].revents)
			continue;
		n = read(STDIN_FILENO, line, sizeof(line) - 1);
		if (n <= 0)
			return 0;
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "sign ", 5))
			sign(line + 5);
		else if (!strcmp(line, "steal"))
			steal(argv[3]);
		else
			printf("what?\n");
		puts(".");
	}
}
