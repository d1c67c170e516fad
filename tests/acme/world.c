// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The CA, its challenge test server, keys in a token. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <capcert/key.h>
#include "tests/acme/world.h"

#define TOKEN "pkcs11:token=acme"

const char *directory, *ca_file, *roots_file;
capcert_vault *vault;
capcert_tls_context *tls;
capcert_store *roots;
capcert_policy *policy;
unsigned int tests, failed, published, withdrawn, lines;

void ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %u - ", good ? "" : "not ", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	failed |= !good;
}

void die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

bool came(const capcert_acme *acme, int r, int want)
{
	if (r != want)
		printf("# %d, wanted %d: %s\n", r, want, acme ? capcert_acme_last(acme)->text : "");
	return r == want;
}

/* ---- keys in a token ---- */

int token_pin(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN])
{
	memcpy(buf, "1234", 4);
	return 4;
}

static int sign(void *ctx, uint32_t purpose, uint32_t scheme, const void *message, size_t len,
		uint8_t *signature, size_t *signature_len)
{
	const struct key *k = ctx;

	/* What the kernel would say. */
	if (capcert_key_refuses(purpose, scheme, message, len))
		return -EACCES;
	return capcert_vault_sign(vault, k->public.uri, NULL, 0, scheme, false, message, len,
				  signature, signature_len);
}

struct key *key_new(uint32_t algorithm, uint32_t bits)
{
	static unsigned int n;
	struct key *k = calloc(1, sizeof(*k));
	char label[32];
	int r;

	snprintf(label, sizeof(label), "key-%d-%u", getpid(), n++);
	r = capcert_vault_generate(vault, TOKEN, algorithm, bits, label, &k->public);
	if (r < 0)
		die("key", capcert_strerror(r));
	k->acme = (struct capcert_acme_key){ .fd = -1,
					     .sign = sign,
					     .ctx = k,
					     .spki = k->public.spki,
					     .spki_len = k->public.spki_len };
	return k;
}

void key_free(struct key *k)
{
	capcert_vault_destroy(vault, k->public.uri);
	free(k);
}

/* ---- the challenge test server ---- */

int tell(const char *path, const char *body)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const char *port = getenv("CHALLTESTSRV");
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[4096];
	ssize_t n;

	to.sin_port = htons((uint16_t)atoi(port ? port : "8055"));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return -errno;
	}
	snprintf(text, sizeof(text),
		 "POST /%s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: "
		 "%zu\r\n\r\n%s",
		 path, strlen(body), body);
	n = write(fd, text, strlen(text));
	n = n > 0 ? read(fd, text, sizeof(text) - 1) : n;
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 12 && !strncmp(text + 9, "200", 3) ? 0 : -EIO;
}

static int publish(void *ctx, const struct capcert_acme_challenge *c)
{
	const char *wrong = ctx;
	char body[1024];
	int r;

	switch (c->type) {
	case CAPCERT_ACME_HTTP_01:
		snprintf(body, sizeof(body), "{\"token\":\"%s\",\"content\":\"%s\"}", c->token,
			 wrong ? wrong : c->key_authorization);
		r = tell("add-http01", body);
		break;
	case CAPCERT_ACME_DNS_01:
		snprintf(body, sizeof(body), "{\"host\":\"%s.\",\"value\":\"%s\"}", c->record,
			 c->text);
		r = tell("set-txt", body);
		break;
	default:
		snprintf(body, sizeof(body), "{\"host\":\"%s\",\"content\":\"%s\"}",
			 c->identifier.value, c->key_authorization);
		r = tell("add-tlsalpn01", body);
	}
	published += r == 0;
	return r;
}

static void withdraw(void *ctx, const struct capcert_acme_challenge *c)
{
	char body[512];

	withdrawn++;
	if (c->type == CAPCERT_ACME_HTTP_01) {
		snprintf(body, sizeof(body), "{\"token\":\"%s\"}", c->token);
		tell("del-http01", body);
	} else if (c->type == CAPCERT_ACME_DNS_01) {
		snprintf(body, sizeof(body), "{\"host\":\"%s.\"}", c->record);
		tell("clear-txt", body);
	} else {
		snprintf(body, sizeof(body), "{\"host\":\"%s\"}", c->identifier.value);
		tell("del-tlsalpn01", body);
	}
}

/* ---- clients and orders ---- */

static void trace(void *ctx, const char *line)
{
	lines++;
	if (getenv("ACME_TRACE"))
		printf("# %s\n", line);
}

capcert_tls_context *context_of(const char *file)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	static capcert_policy *of_server;
	capcert_store *store = NULL;
	capcert_tls_context *c;
	const char *error = "";

	if ((!of_server && capcert_policy_new("profile=rfc5280", &of_server, &error)) ||
	    capcert_store_new(&store) ||
	    capcert_store_load_pem(store, file, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH, NULL, NULL))
		die(file, "no store");
	parts.role = CAPCERT_TLS_CLIENT;
	parts.policy = of_server;
	parts.store = store;
	if (capcert_tls_context_new(&parts, &c, &error))
		die("context", error);
	return c;
}

capcert_acme *open_client(const struct key *account)
{
	struct capcert_acme_options o = CAPCERT_ACME_OPTIONS_INIT;
	capcert_acme *acme = NULL;
	int r;

	o.directory = directory;
	o.tls = tls;
	o.trace = trace;
	if (account)
		o.account = account->acme;
	r = capcert_acme_open(&o, &acme);
	if (r < 0)
		die("open", acme ? capcert_acme_last(acme)->text : capcert_strerror(r));
	return acme;
}

capcert_acme *open_account(const struct key *account)
{
	struct capcert_acme_registration reg = { .terms_agreed = true };
	capcert_acme *acme = open_client(account);

	if (capcert_acme_register(acme, &reg) < 0)
		die("register", capcert_acme_last(acme)->text);
	return acme;
}

void make_order(const struct wish *w, const struct key *key, struct order *ret)
{
	struct in6_addr ip;
	size_t n = 0;

	memset(ret, 0, sizeof(*ret));
	for (; n < 20 && w->names[n]; n++) {
		bool is_ip = inet_pton(AF_INET, w->names[n], &ip) ||
			     inet_pton(AF_INET6, w->names[n], &ip);

		ret->ids[n] = (struct capcert_acme_identifier){ is_ip ? CAPCERT_ACME_IP
								      : CAPCERT_ACME_DNS,
								w->names[n] };
	}
	ret->solver =
		(struct capcert_acme_solver){ w->types ? w->types : 1u << CAPCERT_ACME_HTTP_01,
					      publish, withdraw, (void *)w->wrong };
	ret->issue.request.identifiers = ret->ids;
	ret->issue.request.identifier_count = n;
	ret->issue.solvers = &ret->solver;
	ret->issue.solver_count = 1;
	ret->issue.key = key->acme;
	ret->issue.trust = (struct capcert_acme_trust){ .policy = policy,
							.store = w->store ? w->store : roots,
							.verifier_fd = -1,
							.store_fd = -1,
							.prefer_issuer = w->prefer };
}

int issue(capcert_acme *acme, const struct wish *w, const struct key *key, capcert_chain **ret)
{
	struct order o;

	make_order(w, key, &o);
	return capcert_acme_issue(acme, &o.issue, ret);
}
