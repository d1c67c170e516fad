// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Against pebble, whose challenge test server answers for every name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "libcapcert/acme.h"
#include "tests/acme/world.h"

void test_account(void)
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

void test_issue(void)
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

void test_names(void)
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

void test_refused(void)
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

void test_revoke(void)
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
void test_resume(void)
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

void test_rollover(void)
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

void test_deactivate(void)
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

void test_eab(void)
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
void test_alternates(void)
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
void test_reuse(void)
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
void test_repeat(void)
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
