// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The ACME client of the library against a real CA: pebble, whose challenge test server answers for every name.
 * Keys are in a SoftHSM2 token. TAP.
 *
 *	acme_client DIRECTORY CA ROOTS TEST...
 *	CA: PEM of whom the CA's server is believed by; ROOTS: PEM of all roots that it issues under
 *	TEST: account, issue, names, refused, revoke, resume, rollover, deactivate, eab, alternates, repeat, reuse, time; and against
 *	acmed-ca: odd, problems, renewal, cancel
 * Environment: PKCS11_MODULE; CHALLTESTSRV: port of its management, or of acmed-ca's control; ACME_TRACE. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <capcert/acme.h>
#include <capcert/key.h>
#include <capcert/vault.h>
#include "libcapcert/acme.h"

#define TOKEN "pkcs11:token=acme"

static const char *directory, *ca_file, *roots_file;
static capcert_vault *vault;
static capcert_tls_context *tls;
static capcert_store *roots;
static capcert_policy *policy;
static unsigned int tests, failed, published, withdrawn, lines;

static void ok(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void ok(bool good, const char *format, ...)
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

static void die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

/* @r is what was expected; else what the client says about it. */
static bool came(const capcert_acme *acme, int r, int want)
{
	if (r != want)
		printf("# %d, wanted %d: %s\n", r, want, acme ? capcert_acme_last(acme)->text : "");
	return r == want;
}

/* ---- keys in a token ---- */

struct key {
	struct capcert_vault_key public;
	struct capcert_acme_key acme;
};

static int pin(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN])
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

static struct key *key_new(uint32_t algorithm, uint32_t bits)
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

static void key_free(struct key *k)
{
	capcert_vault_destroy(vault, k->public.uri);
	free(k);
}

/* ---- the challenge test server ---- */

static int tell(const char *path, const char *body)
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

static capcert_tls_context *context_of(const char *file)
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

static capcert_acme *open_client(const struct key *account)
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

static capcert_acme *open_account(const struct key *account)
{
	struct capcert_acme_registration reg = { .terms_agreed = true };
	capcert_acme *acme = open_client(account);

	if (capcert_acme_register(acme, &reg) < 0)
		die("register", capcert_acme_last(acme)->text);
	return acme;
}

struct wish {
	const char *names[20]; /* "192.0.2.1" is an address */
	uint32_t types;	       /* of challenges; 0 = http-01 */
	const char *wrong;     /* what to publish instead */
	capcert_store *store;  /* NULL = all roots */
	const char *prefer;
};

struct order {
	struct capcert_acme_identifier ids[20];
	struct capcert_acme_solver solver;
	struct capcert_acme_issue issue;
};

static void make_order(const struct wish *w, const struct key *key, struct order *ret)
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

static int issue(capcert_acme *acme, const struct wish *w, const struct key *key,
		 capcert_chain **ret)
{
	struct order o;

	make_order(w, key, &o);
	return capcert_acme_issue(acme, &o.issue, ret);
}

/* ---- tests ---- */

static void test_account(void)
{
	static const char *const mail[] = { "mailto:one@example.org", "mailto:two@example.org" };
	struct capcert_acme_registration reg = { .contacts = mail, .contact_count = 1 };
	struct key *key = key_new(CAPCERT_VAULT_P256, 0), *rsa = key_new(CAPCERT_VAULT_RSA, 2048);
	capcert_acme *acme = open_client(key), *other = open_client(rsa);
	const struct capcert_acme_account *a;

	ok(capcert_acme_meta(acme)->terms_of_service, "the directory names the terms");
	ok(came(acme, capcert_acme_find(acme), -ENOENT), "no account is found");
	ok(capcert_acme_account(acme) == NULL, "and none is there");
	ok(came(acme, capcert_acme_register(acme, &reg), -EREMOTEIO) &&
		   *capcert_acme_last(acme)->text,
	   "no account without agreeing to the terms: %s", capcert_acme_last(acme)->text);
	reg.terms_agreed = true;
	ok(came(acme, capcert_acme_register(acme, &reg), 0), "registered");
	a = capcert_acme_account(acme);
	ok(a && a->created && a->status == CAPCERT_ACME_VALID && a->contact_count == 1 &&
		   !strcmp(a->contacts[0], mail[0]),
	   "the account is new, and has its contact");
	ok(came(acme, capcert_acme_register(acme, &reg), 0) && !capcert_acme_account(acme)->created,
	   "registered again: it is the same");
	ok(came(acme, capcert_acme_find(acme), 0), "found");
	reg.contacts = mail + 1;
	ok(came(acme, capcert_acme_update(acme, &reg), 0), "another contact");
	a = capcert_acme_account(acme);
	ok(a->contact_count == 1 && !strcmp(a->contacts[0], mail[1]), "which the account has now");
	reg.contacts = (const char *const[]){ "fax:1" };
	ok(came(acme, capcert_acme_update(acme, &reg), -EREMOTEIO) &&
		   capcert_acme_last(acme)->type == CAPCERT_ACME_UNSUPPORTED_CONTACT,
	   "no fax: %s", capcert_acme_last(acme)->text);
	reg.contact_count = 0;
	ok(came(other, capcert_acme_register(other, &reg), 0), "an account with an RSA key");
	capcert_acme_close(acme);
	capcert_acme_close(other);
	key_free(key);
	key_free(rsa);
}

static void test_issue(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct key *rsa = key_new(CAPCERT_VAULT_RSA, 2048);
	struct wish one = { .names = { "one.example.org" } },
		    alpn = { .names = { "alpn.example.org" } };
	struct wish wild = { .names = { "*.wild.example.org", "wild.example.org" } };
	capcert_acme *acme = open_account(account);
	capcert_chain *chain = NULL, *next = NULL;
	struct order o;
	uint32_t before;
	int r;

	published = withdrawn = 0;
	r = issue(acme, &one, key, &chain);
	ok(came(acme, r, 0), "issued by http-01, with the account in %u requests",
	   capcert_acme_requests(acme));
	ok(capcert_acme_requests(acme) <= 12, "which are at most twelve");
	ok(chain && capcert_chain_count(chain) >= 2 && published == 1 && withdrawn == 1,
	   "the chain has an intermediate; the proof was withdrawn");
	ok(capcert_acme_requests(acme) == lines, "each request was traced");
	alpn.types = 1u << CAPCERT_ACME_TLS_ALPN_01;
	capcert_chain_free(chain);
	ok(came(acme, issue(acme, &alpn, rsa, &chain), 0), "issued by tls-alpn-01, for an RSA key");
	capcert_chain_free(chain);
	wild.types = 1u << CAPCERT_ACME_DNS_01;
	ok(came(acme, issue(acme, &wild, key, &chain), 0), "issued by dns-01, with a wildcard");
	make_order(&wild, key, &o);
	before = capcert_acme_requests(acme);
	r = capcert_acme_renew(acme, chain, &o.issue, &next);
	ok(came(acme, r, 0), "renewed, in %u requests", capcert_acme_requests(acme) - before);
	capcert_chain_free(chain);
	capcert_chain_free(next);
	wild.types = 1u << CAPCERT_ACME_HTTP_01;
	ok(came(acme, issue(acme, &wild, key, &chain), -EOPNOTSUPP), "no wildcard by http-01: %s",
	   capcert_acme_last(acme)->text);
	ok(published == withdrawn, "everything was withdrawn");
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
	key_free(rsa);
}

static void test_names(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P384, 0), *key = key_new(CAPCERT_VAULT_P384, 0);
	struct wish twenty = { 0 }, ip = { .names = { "127.0.0.1", "ip.example.org" } };
	struct wish idn = { .names = { "b\xc3\xbc"
				       "cher.example.org" } };
	capcert_acme *acme = open_account(account);
	capcert_chain *chain = NULL;
	char names[20][32];
	uint32_t before = capcert_acme_requests(acme);
	int r;

	for (int i = 0; i < 20; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d.twenty.example.org", i);
		twenty.names[i] = names[i];
	}
	published = withdrawn = 0;
	r = issue(acme, &twenty, key, &chain);
	ok(came(acme, r, 0), "twenty names in %u requests", capcert_acme_requests(acme) - before);
	ok(published == 20 && withdrawn == 20, "twenty proofs, all withdrawn");
	capcert_chain_free(chain);
	ok(came(acme, issue(acme, &ip, key, &chain), 0), "an address and a name");
	capcert_chain_free(chain);
	ok(came(acme, issue(acme, &idn, key, &chain), 0), "a name beyond ASCII");
	capcert_chain_free(chain);
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
}

static void test_refused(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct wish wrong = { .names = { "wrong.example.org", "right.example.org" },
			      .wrong = "no proof" };
	struct wish none = { .names = { "none.example.org" } },
		    twice = { .names = { "a.org", "A.org." } };
	struct capcert_acme_options o = CAPCERT_ACME_OPTIONS_INIT;
	capcert_acme *acme = open_account(account), *other = NULL;
	const struct capcert_acme_failure *f = capcert_acme_last(acme);
	capcert_tls_context *stranger = context_of(roots_file);
	capcert_chain *chain = NULL;
	int r;

	published = withdrawn = 0;
	ok(came(acme, issue(acme, &wrong, key, &chain), -EREMOTEIO) &&
		   (f->type == CAPCERT_ACME_UNAUTHORIZED ||
		    f->type == CAPCERT_ACME_INCORRECT_RESPONSE),
	   "a wrong proof: %s", f->text);
	ok(published == 2 && withdrawn == 2, "all proofs were withdrawn");
	ok(came(acme, issue(acme, &twice, key, &chain), -EINVAL), "the same name twice: %s",
	   f->text);
	capcert_store_new(&none.store);
	ok(came(acme, issue(acme, &none, key, &chain), -EKEYREJECTED),
	   "a chain to a root that is not ours: %s", f->text);
	capcert_store_free(none.store);
	ok(came(acme, capcert_acme_use(acme, "https://elsewhere.example/account/1"), -EPROTO),
	   "another host: %s", f->text);
	o.directory = directory;
	o.tls = stranger;
	r = capcert_acme_open(&o, &other);
	ok(came(other, r, -EKEYREJECTED), "a CA whose certificate is not believed: %s",
	   other ? capcert_acme_last(other)->text : "");
	capcert_acme_close(other);
	capcert_tls_context_free(stranger);
	o.tls = tls;
	o.directory = "https://127.0.0.1:1/dir";
	r = capcert_acme_open(&o, &other);
	ok(came(other, r, -ECONNREFUSED), "nobody there: %s",
	   other ? capcert_acme_last(other)->text : "");
	capcert_acme_close(other);
	o.directory = "http://127.0.0.1/dir";
	ok(capcert_acme_open(&o, &other) == -EINVAL && !other, "no http");
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
}

static void test_revoke(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct key *stranger = key_new(CAPCERT_VAULT_P256, 0);
	struct wish w = { .names = { "revoke.example.org" } };
	capcert_acme *acme = open_account(account), *nobody = open_client(NULL);
	capcert_acme *other = open_account(stranger);
	capcert_chain *a = NULL, *b = NULL;

	if (issue(acme, &w, key, &a) || issue(acme, &w, key, &b))
		die("issue", capcert_acme_last(acme)->text);
	ok(came(other, capcert_acme_revoke(other, capcert_chain_at(a, 0), 4, NULL), -EREMOTEIO),
	   "not by another account: %s", capcert_acme_last(other)->text);
	ok(came(acme, capcert_acme_revoke(acme, capcert_chain_at(a, 0), 7, NULL), -EINVAL),
	   "no such reason");
	ok(came(acme, capcert_acme_revoke(acme, capcert_chain_at(a, 0), 4, NULL), 0),
	   "revoked by the account");
	ok(came(acme, capcert_acme_revoke(acme, capcert_chain_at(a, 0), 4, NULL), 0),
	   "revoked already");
	ok(came(nobody, capcert_acme_revoke(nobody, capcert_chain_at(b, 0), -1, &stranger->acme),
		-EREMOTEIO),
	   "not by another key: %s", capcert_acme_last(nobody)->text);
	ok(came(nobody, capcert_acme_revoke(nobody, capcert_chain_at(b, 0), 1, &key->acme), 0),
	   "revoked by its own key, without an account");
	capcert_chain_free(a);
	capcert_chain_free(b);
	capcert_acme_close(acme);
	capcert_acme_close(other);
	capcert_acme_close(nobody);
	key_free(account);
	key_free(key);
	key_free(stranger);
}

static int count_orders(void *ctx, const char *url)
{
	++*(unsigned int *)ctx;
	return 0;
}

/* As a daemon goes on after a crash: by URLs alone, each step in a client of its own. */
static void test_resume(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct wish w = { .names = { "resume.example.org" } };
	capcert_acme *acme = open_account(account);
	char *account_url = strdup(capcert_acme_account(acme)->url), *url = NULL;
	struct capcert_acme_order_info info;
	capcert_acme_order *order = NULL;
	capcert_chain *chain = NULL;
	unsigned int orders = 0;
	struct order o;

	make_order(&w, key, &o);
	ok(came(acme, capcert_acme_order_new(acme, &o.issue.request, &order), 0), "ordered");
	capcert_acme_order_info(order, &info);
	ok(info.status == CAPCERT_ACME_PENDING && info.identifier_count == 1 && info.expires,
	   "the order is pending, and expires");
	ok(came(acme, capcert_acme_finalize(order, &key->acme, 0), -EINVAL),
	   "no certificate without a proof");
	url = strdup(info.url);
	for (int step = 0; step < 3; step++) {
		capcert_acme_order_free(order);
		capcert_acme_close(acme);
		order = NULL;
		acme = open_client(account);
		if (capcert_acme_use(acme, account_url) ||
		    capcert_acme_order_open(acme, url, &order))
			die("open", capcert_acme_last(acme)->text);
		if (step == 0)
			ok(came(acme, capcert_acme_authorize(order, &o.solver, 1), 0), "proved");
		else if (step == 1)
			ok(came(acme, capcert_acme_finalize(order, &key->acme, 0), 0), "finalized");
		else
			ok(came(acme,
				capcert_acme_download(order, &key->acme, &o.issue.trust, &chain),
				0),
			   "downloaded");
	}
	ok(came(acme, capcert_acme_authorize(order, &o.solver, 1), 0), "proved already");
	ok(came(acme, capcert_acme_finalize(order, &key->acme, 0), 0), "finalized already");
	ok(came(acme, capcert_acme_download(order, &account->acme, &o.issue.trust, &chain),
		-EKEYREJECTED),
	   "not for another key: %s", capcert_acme_last(acme)->text);
	ok(came(acme, capcert_acme_orders(acme, count_orders, &orders), 0) && orders == 1,
	   "the account has one order");
	capcert_acme_order_free(order);
	order = NULL;
	url[strlen(url) - 1] ^= 1;
	ok(came(acme, capcert_acme_order_open(acme, url, &order), -ENOENT), "no such order");
	capcert_chain_free(chain);
	capcert_acme_close(acme);
	free(account_url);
	free(url);
	key_free(account);
	key_free(key);
}

static void test_rollover(void)
{
	struct key *a = key_new(CAPCERT_VAULT_P256, 0), *b = key_new(CAPCERT_VAULT_P384, 0);
	struct key *c = key_new(CAPCERT_VAULT_P256, 0);
	capcert_acme *acme = open_account(a), *other = open_account(c);
	char *url = strdup(capcert_acme_account(acme)->url);
	int r;

	/* 409 by RFC 8555; pebble says 500. */
	r = capcert_acme_rollover(acme, &c->acme);
	ok(r == -EEXIST || r == -EREMOTEIO, "not to the key of another account: %s",
	   capcert_acme_last(acme)->text);
	ok(came(acme, capcert_acme_rollover(acme, &b->acme), 0), "another key");
	ok(came(acme, capcert_acme_find(acme), 0) && !strcmp(url, capcert_acme_account(acme)->url),
	   "which has the account now");
	capcert_acme_close(acme);
	acme = open_client(a);
	ok(came(acme, capcert_acme_find(acme), -ENOENT), "the old one has none");
	capcert_acme_close(acme);
	capcert_acme_close(other);
	free(url);
	key_free(a);
	key_free(b);
	key_free(c);
}

static void test_deactivate(void)
{
	struct capcert_acme_registration reg = { .terms_agreed = true };
	struct key *a = key_new(CAPCERT_VAULT_P256, 0);
	struct wish w = { .names = { "gone.example.org" } };
	capcert_acme *acme = open_account(a);
	capcert_acme_order *order = NULL;
	struct order o;

	make_order(&w, a, &o);
	if (capcert_acme_order_new(acme, &o.issue.request, &order))
		die("order", capcert_acme_last(acme)->text);
	ok(came(acme, capcert_acme_release(order), 0), "the authorization was given back");
	capcert_acme_order_free(order);
	ok(came(acme, capcert_acme_deactivate(acme), 0), "deactivated");
	ok(capcert_acme_register(acme, &reg) < 0, "for ever: %s", capcert_acme_last(acme)->text);
	capcert_acme_close(acme);
	key_free(a);
}

static const uint8_t eab_key[] = "a secret of thirty-two octets...";

static void test_eab(void)
{
	static const uint32_t hashes[] = { CAPCERT_HASH_SHA256, CAPCERT_HASH_SHA384,
					   CAPCERT_HASH_SHA512 };
	struct capcert_acme_binding b = { .kid = "kid-1",
					  .key = eab_key,
					  .key_len = sizeof(eab_key) - 1 };
	struct capcert_acme_registration reg = { .terms_agreed = true };

	for (int i = 0; i < 3; i++) {
		struct key *key = key_new(CAPCERT_VAULT_P256, 0);
		capcert_acme *acme = open_client(key);
		const struct capcert_acme_failure *f = capcert_acme_last(acme);

		reg.binding = NULL;
		ok(capcert_acme_meta(acme)->external_account_required, "the CA wants its own key");
		ok(came(acme, capcert_acme_register(acme, &reg), -EREMOTEIO) &&
			   f->type == CAPCERT_ACME_EXTERNAL_ACCOUNT_REQUIRED,
		   "none without it: %s", f->text);
		reg.binding = &b;
		b.hash = hashes[i];
		b.key_len--;
		ok(came(acme, capcert_acme_register(acme, &reg), -EREMOTEIO),
		   "nor with a wrong one: %s", f->text);
		b.key_len++;
		ok(came(acme, capcert_acme_register(acme, &reg), 0), "registered by HS%d",
		   256 + 128 * i);
		capcert_acme_close(acme);
		key_free(key);
	}
}

static capcert_store *root_at(uint32_t index)
{
	capcert_store *one;
	uint8_t *data = malloc(1 << 16);
	FILE *f = fopen(roots_file, "re");
	capcert_chain *chain = NULL;
	const uint8_t *der;
	size_t n;

	n = f ? fread(data, 1, 1 << 16, f) : 0;
	if (!n || capcert_chain_parse(data, n, &chain, NULL) || capcert_chain_count(chain) <= index)
		die(roots_file, "not as many roots");
	fclose(f);
	free(data);
	der = capcert_cert_der(capcert_chain_at(chain, index), &n);
	if (capcert_store_new(&one) ||
	    capcert_store_put(one, der, n, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH))
		die("root", "no store");
	capcert_chain_free(chain);
	return one;
}

/* Pebble with two alternate roots: each chain is found by the root that alone is believed. */
static void test_alternates(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	capcert_acme *acme = open_account(account);
	char top[3][200], cn[200];

	for (uint32_t i = 0; i < 3; i++) {
		struct wish w = { .names = { "alternate.example.org" }, .store = root_at(i) };
		capcert_chain *chain = NULL;

		ok(came(acme, issue(acme, &w, key, &chain), 0), "a chain to root %u alone", i);
		*top[i] = '\0';
		if (chain)
			capcert_cert_issuer_text(
				capcert_chain_at(chain, capcert_chain_count(chain) - 1), top[i],
				sizeof(top[i]));
		capcert_chain_free(chain);
		capcert_store_free(w.store);
	}
	ok(strcmp(top[0], top[1]) && strcmp(top[1], top[2]) && strcmp(top[0], top[2]),
	   "three chains: %s, %s, %s", top[0], top[1], top[2]);
	for (int i = 2; i >= 0; i--) {
		struct wish w = { .names = { "alternate.example.org" }, .prefer = cn };
		capcert_chain *chain = NULL;
		char text[200] = "";

		/* "CN=..." */
		snprintf(cn, sizeof(cn), "%s", top[i] + 3);
		ok(came(acme, issue(acme, &w, key, &chain), 0), "with %s preferred", cn);
		if (chain)
			capcert_cert_issuer_text(
				capcert_chain_at(chain, capcert_chain_count(chain) - 1), text,
				sizeof(text));
		ok(!strcmp(text, top[i]), "it ends there");
		capcert_chain_free(chain);
	}
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
}

/* For a CA that takes what was proved before. */
static void test_reuse(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct wish w = { .names = { "reuse.example.org" } };
	capcert_acme *acme = open_account(account);
	capcert_chain *chain = NULL;

	published = withdrawn = 0;
	for (int i = 0; i < 2; i++) {
		ok(came(acme, issue(acme, &w, key, &chain), 0), "issued");
		capcert_chain_free(chain);
		chain = NULL;
	}
	ok(published == 1 && withdrawn == 1, "proved once");
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
}

/* For a CA that refuses every second nonce. */
static void test_repeat(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	capcert_acme *acme = open_account(account);
	int good = 0;

	for (int i = 0; i < 20; i++) {
		char name[64];
		struct wish w = { .names = { name } };
		capcert_chain *chain = NULL;

		snprintf(name, sizeof(name), "repeat%d.example.org", i);
		good += came(acme, issue(acme, &w, key, &chain), 0);
		capcert_chain_free(chain);
	}
	ok(good == 20, "%d of 20 certificates, in %u requests", good, capcert_acme_requests(acme));
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
}

/* ---- a CA that goes wrong (tests/acmed-ca) ---- */

/* @n requests: 0 = from now on. */
static void fault(const char *name, unsigned int n, const char *value)
{
	char path[200];

	snprintf(path, sizeof(path), "?fault=%s&n=%u&value=%s", name, n, value);
	if (tell(path, ""))
		die("acmed-ca", name);
}

static int publish_nothing(void *ctx, const struct capcert_acme_challenge *c)
{
	published++;
	return 0;
}

static void withdraw_nothing(void *ctx, const struct capcert_acme_challenge *c)
{
	withdrawn++;
}

static int issue_odd(capcert_acme *acme, const struct wish *w, const struct key *key,
		     const char *profile, const char *replaces, capcert_chain **ret)
{
	struct order o;

	make_order(w, key, &o);
	o.solver.publish = publish_nothing;
	o.solver.withdraw = withdraw_nothing;
	o.issue.request.profile = profile;
	o.issue.request.replaces = replaces;
	return capcert_acme_issue(acme, &o.issue, ret);
}

/* Each fault for all of an order, and what comes of it. */
static const struct {
	const char *fault, *value;
	unsigned int n;
	int r;
	uint32_t type;	  /* of the problem */
	const char *says; /* part of the line */
} odds[] = {
	{ "none", "", 0, 0, 0, "" },
	{ "close", "", 0, 0, 0, "" },
	{ "drop", "", 1, 0, 0, "" },
	{ "drop", "", 0, -ECONNRESET, 0, "without an answer" },
	{ "busy", "0", 3, 0, 0, "" },
	{ "busy-date", "-5", 3, 0, 0, "" },
	{ "busy", "3600", 0, -EREMOTEIO, CAPCERT_ACME_OTHER_PROBLEM, "" },
	{ "busy-date", "3600", 0, -EREMOTEIO, CAPCERT_ACME_OTHER_PROBLEM, "" },
	{ "rate", "0", 1, 0, 0, "" },
	{ "rate", "7200", 0, -EREMOTEIO, CAPCERT_ACME_RATE_LIMITED, "staging" },
	{ "slow", "4", 0, 0, 0, "" },
	{ "compound", "", 0, -EREMOTEIO, CAPCERT_ACME_COMPOUND,
	  "odd.example.org: not ?[2Jthis one" },
	{ "invalid", "", 0, -EREMOTEIO, CAPCERT_ACME_INCORRECT_RESPONSE, "that is not it" },
	{ "replaced", "", 0, 0, 0, "" },
	{ "nonce", "", 13, 0, 0, "" },
	{ "no-nonce", "", 0, -EPROTO, 0, "gives none" },
	{ "type", "", 0, -EPROTO, 0, "text/html" },
	{ "redirect", "", 0, -EPROTO, 0, "redirects are not followed" },
	{ "broken", "", 0, -EREMOTEIO, CAPCERT_ACME_OTHER_PROBLEM, "500" },
	{ "huge", "", 0, -EMSGSIZE, 0, "longer than the limit" },
	{ "no-json", "", 0, -EPROTO, 0, "no JSON object" },
	{ "hang", "600", 1, -ETIMEDOUT, 0, "in time" },
	{ "host", "", 0, -EPROTO, 0, "elsewhere.example" },
	{ "names", "", 0, -EPROTO, 0, "other names" },
	{ "cert-names", "", 0, -EKEYREJECTED, 0, "other names" },
	{ "cert-key", "", 0, -EKEYREJECTED, 0, "another key" },
	{ "cert-expired", "", 0, -EKEYREJECTED, 0, "not good" },
	{ "cert-cut", "", 0, -EPROTO, 0, "cannot be read" },
};

static void test_odd(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct wish w = { .names = { "odd.example.org", "*.odd.example.org" },
			  .types = 1u << CAPCERT_ACME_DNS_01 };

	fault("none", 0, "");
	for (size_t i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
		capcert_acme *acme = open_account(account);
		const struct capcert_acme_failure *f = capcert_acme_last(acme);
		const bool waits = !strcmp(odds[i].value, "3600") || !strcmp(odds[i].value, "7200");
		capcert_chain *chain = NULL;
		int r = odds[i].r;

		/* Not before: opening may take as long as it likes. */
		if (r == -ETIMEDOUT)
			acme->request_ms = 1000;
		published = withdrawn = 0;
		fault(odds[i].fault, odds[i].n, odds[i].value);
		r = issue_odd(acme, &w, key, NULL, "AAAA.BBBB", &chain);
		ok(came(acme, r, odds[i].r) && f->type == odds[i].type &&
			   strstr(f->text, odds[i].says) && published == withdrawn &&
			   (r == 0) == (chain != NULL),
		   "%s %s: %s", odds[i].fault, odds[i].value, f->text);
		if (waits)
			ok(f->retry_at > time(NULL) + 3000 && f->retry_at < time(NULL) + 8000,
			   "it says when to come back");
		capcert_chain_free(chain);
		fault("none", 0, "");
		capcert_acme_close(acme);
	}
	key_free(account);
	key_free(key);
}

/* Every type of problem has its number and its advice. */
static void test_problems(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct wish w = { .names = { "odd.example.org" } };
	capcert_acme *acme = open_account(account);
	const struct capcert_acme_failure *f = capcert_acme_last(acme);
	capcert_chain *chain = NULL;
	uint32_t good = 0, all = 0;

	for (uint32_t i = CAPCERT_ACME_OTHER_PROBLEM + 1; i < CAPCERT_ACME_PROBLEM_TYPES; i++) {
		if (i == CAPCERT_ACME_BAD_NONCE) /* is tried again until time is up */
			continue;
		all++;
		fault("problem", 0, capcert_acme_problem_name(i));
		good += came(acme, issue_odd(acme, &w, key, NULL, NULL, &chain), -EREMOTEIO) &&
			f->type == i && strstr(f->text, capcert_acme_problem_advice(i));
	}
	ok(good == all, "%u of %u types of problems have their advice", good, all);
	fault("none", 0, "");
	ok(came(acme, issue_odd(acme, &w, key, "shortlived", NULL, &chain), 0),
	   "a profile of the directory");
	capcert_chain_free(chain);
	ok(came(acme, issue_odd(acme, &w, key, "longlived", NULL, &chain), -EREMOTEIO) &&
		   f->type == CAPCERT_ACME_INVALID_PROFILE,
	   "no other: %s", f->text);
	fault("conflict", 0, "");
	ok(came(acme, capcert_acme_rollover(acme, &key->acme), -EEXIST),
	   "a key that has an account");
	fault("no-location", 0, "");
	ok(came(acme, capcert_acme_find(acme), -EPROTO), "an account without a URL: %s", f->text);
	fault("none", 0, "");
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
}

static void test_renewal(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	struct wish w = { .names = { "odd.example.org" } };
	capcert_acme *acme = open_account(account);
	struct capcert_acme_renewal info;
	capcert_acme_order *order = NULL;
	struct capcert_acme_order_info said;
	char id[CAPCERT_ACME_CERT_ID];
	capcert_chain *chain = NULL;
	struct order o;

	fault("none", 0, "");
	ok(came(acme, issue_odd(acme, &w, key, "classic", NULL, &chain), 0), "issued");
	if (!chain)
		die("issue", capcert_acme_last(acme)->text);
	ok(capcert_acme_cert_id(capcert_chain_at(chain, 0), id) == 0 && strchr(id, '.'),
	   "its id: %s", id);
	ok(came(acme, capcert_acme_renewal_info(acme, id, &info), 0) &&
		   info.start > time(NULL) + 86400 && info.end == info.start + 86400 &&
		   info.ask_again > time(NULL) + 3600,
	   "its window begins in some days");
	fault("window", 0, "-60");
	ok(came(acme, capcert_acme_renewal_info(acme, id, &info), 0) && info.start < time(NULL),
	   "and then it has begun");
	ok(strstr(info.explanation, "/why"), "which is explained");
	fault("no-window", 0, "");
	ok(came(acme, capcert_acme_renewal_info(acme, id, &info), -ENOENT),
	   "a certificate that the CA does not know");
	ok(came(acme, capcert_acme_renewal_info(acme, "../order", &info), -EINVAL),
	   "and what is no id");
	make_order(&w, key, &o);
	o.issue.request.replaces = id;
	fault("none", 0, "");
	ok(came(acme, capcert_acme_order_new(acme, &o.issue.request, &order), 0),
	   "an order that replaces it");
	if (order) {
		capcert_acme_order_info(order, &said);
		ok(said.replaces && !strcmp(said.replaces, id), "says so");
	}
	capcert_acme_order_free(order);
	fault("replaced", 0, "");
	order = NULL;
	ok(came(acme, capcert_acme_order_new(acme, &o.issue.request, &order), 0),
	   "replaced already: ordered all the same");
	if (order) {
		capcert_acme_order_info(order, &said);
		ok(!said.replaces, "without saying so");
	}
	capcert_acme_order_free(order);
	fault("none", 0, "");
	capcert_chain_free(chain);
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
}

/* A pipe whose other end is written to, or closed, ends a call that waits. */
static void test_cancel(void)
{
	struct capcert_acme_options o = CAPCERT_ACME_OPTIONS_INIT;
	struct key *account = key_new(CAPCERT_VAULT_P256, 0);
	capcert_acme *acme = NULL;
	int fds[2];

	if (pipe(fds))
		die("pipe", strerror(errno));
	o.directory = directory;
	o.tls = tls;
	o.account = account->acme;
	o.cancel_fd = fds[0];
	ok(came(acme, capcert_acme_open(&o, &acme), 0), "opened");
	close(fds[1]);
	ok(came(acme, capcert_acme_find(acme), -ECANCELED), "given up: %s",
	   capcert_acme_last(acme)->text);
	capcert_acme_close(acme);
	close(fds[0]);
	key_free(account);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* From nothing (no connection, account by its URL) to a verified chain; medians of eleven. */
static void test_time(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	capcert_acme *acme = open_account(account);
	char *url = strdup(capcert_acme_account(acme)->url);

	capcert_acme_close(acme);
	for (int count = 1; count <= 20; count += 19) {
		double took[11];
		uint32_t requests = 0;

		for (int i = 0; i < 11; i++) {
			char names[20][64];
			struct wish w = { 0 };
			capcert_chain *chain = NULL;
			double since = now_ms();

			for (int k = 0; k < count; k++) {
				snprintf(names[k], sizeof(names[k]), "t%d.n%d.of%d.example.org", i,
					 k, count);
				w.names[k] = names[k];
			}
			acme = open_client(account);
			if (capcert_acme_use(acme, url) || issue(acme, &w, key, &chain))
				die("issue", capcert_acme_last(acme)->text);
			took[i] = now_ms() - since;
			requests = capcert_acme_requests(acme);
			capcert_chain_free(chain);
			capcert_acme_close(acme);
		}
		qsort(took, 11, sizeof(*took), by_size);
		printf("names %d requests %u ms %.1f\n", count, requests, took[5]);
	}
	free(url);
	key_free(account);
	key_free(key);
}

static const struct {
	const char *name;
	void (*run)(void);
} all[] = {
	{ "account", test_account },   { "issue", test_issue },
	{ "names", test_names },       { "refused", test_refused },
	{ "revoke", test_revoke },     { "resume", test_resume },
	{ "rollover", test_rollover }, { "deactivate", test_deactivate },
	{ "eab", test_eab },	       { "alternates", test_alternates },
	{ "repeat", test_repeat },     { "reuse", test_reuse },
	{ "time", test_time },	       { "odd", test_odd },
	{ "problems", test_problems }, { "renewal", test_renewal },
	{ "cancel", test_cancel },
};

int main(int argc, char **argv)
{
	const char *module = getenv("PKCS11_MODULE"), *error;
	struct capcert_vault_options o = { .modules = &module, .module_count = 1, .pin = pin };

	if (argc < 5 || !module)
		die("usage", "PKCS11_MODULE=... acme_client DIRECTORY CA ROOTS TEST...");
	directory = argv[1];
	ca_file = argv[2];
	roots_file = argv[3];
	if (capcert_vault_new(&o, &vault))
		die("vault", "no token");
	tls = context_of(ca_file);
	if (capcert_store_new(&roots) ||
	    capcert_store_load_pem(roots, roots_file, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH, NULL,
				   NULL) ||
	    capcert_policy_new("profile=rfc5280", &policy, &error))
		die("roots", "no store");
	for (int i = 4; i < argc; i++)
		for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
			if (!strcmp(argv[i], all[k].name)) {
				lines = 0;
				all[k].run();
			}
	if (tests)
		printf("1..%u\n", tests);
	capcert_vault_free(vault);
	return (int)failed;
}
