// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Against a CA that goes wrong as it is told (tests/acmed-ca). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "libcapcert/acme.h"
#include "tests/acme/world.h"

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

void test_odd(void)
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
void test_problems(void)
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

void test_renewal(void)
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
void test_cancel(void)
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
