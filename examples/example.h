/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the examples share: sockets, files, and an end when something is wrong. */
#ifndef EXAMPLES_EXAMPLE_H
#define EXAMPLES_EXAMPLE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <capcert/gnutls.h>
#include <capcert/tls.h>

/* A negative errno ends the program. */
static inline void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, capcert_strerror(r));
	exit(1);
}

static inline gnutls_datum_t load(const char *path)
{
	gnutls_datum_t data = { NULL, 0 };

	if (gnutls_load_file(path, &data) < 0) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(1);
	}
	return data;
}

/* A slot of this process from a chain and a key in PEM files. With the kernel's slots, and a context
 * from a config handle, a program has neither. */
static inline capcert_tls_slots *slot_from_files(const char *name, const char *chain_path,
						 const char *key_path)
{
	gnutls_datum_t pem = load(chain_path), key_pem = load(key_path);
	struct capcert_tls_value value = { .key_fd = -1 };
	capcert_tls_slots *slots;
	gnutls_privkey_t key;
	capcert_chain *chain;

	must(capcert_chain_parse(pem.data, pem.size, &chain, NULL), chain_path);
	if (gnutls_privkey_init(&key) < 0 ||
	    gnutls_privkey_import_x509_raw(key, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
		must(-EINVAL, key_path);
	value.chain = chain;
	must(capcert_tls_slots_new(&slots), "slots");
	must(capcert_tls_slots_put_gnutls(slots, name, &value, key, NULL), "slot");
	capcert_chain_free(chain);
	gnutls_free(pem.data);
	gnutls_memset(key_pem.data, 0, key_pem.size);
	gnutls_free(key_pem.data);
	return slots;
}

static inline capcert_store *anchors_from_file(const char *path, uint32_t purpose)
{
	capcert_store *store;

	must(capcert_store_new(&store), "store");
	must(capcert_store_load_pem(store, path, 1u << purpose, NULL, NULL), path);
	return store;
}

static inline capcert_policy *policy_of(const char *text)
{
	const char *why = "out of memory";
	capcert_policy *policy;

	if (capcert_policy_new(text, &policy, &why)) {
		fprintf(stderr, "%s: %s\n", text, why);
		exit(1);
	}
	return policy;
}

static inline capcert_tls_context *context_of(const struct capcert_tls_parts *parts)
{
	capcert_tls_context *context;
	const char *why = NULL;
	int r = capcert_tls_context_new(parts, &context, &why);

	must(r, why ? why : "context");
	return context;
}

/* On loopback; port 0: any, which is printed. */
static inline int listen_on(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	socklen_t len = sizeof(to);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&to, len) < 0 || listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&to, &len) < 0)
		must(-errno, "listen");
	printf("port %u\n", ntohs(to.sin_port));
	fflush(stdout);
	return fd;
}

static inline int dial(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &list))
		must(-EHOSTUNREACH, host);
	for (a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	must(fd < 0 ? -ECONNREFUSED : 0, host);
	return fd;
}

/* What a handshake that failed has to say. */
static inline void tell(const capcert_tls *tls)
{
	fprintf(stderr, "%s\n", capcert_tls_error_text(tls));
}

#endif
