// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the tests of the ACME client share: the CA they talk to, keys in a SoftHSM2 token, a challenge test server, orders. TAP. */
#pragma once
#include <capcert/acme.h>
#include <capcert/vault.h>

/* Of the command line: the CA's directory, PEM of whom its server is believed by, PEM of all roots it issues under. */
extern const char *directory, *ca_file, *roots_file;
extern capcert_vault *vault;
extern capcert_tls_context *tls; /* believes the CA's server */
extern capcert_store *roots;
extern capcert_policy *policy;
/* Results; what solvers did; lines of trace. */
extern unsigned int tests, failed, published, withdrawn, lines;

struct key {
	struct capcert_vault_key public;
	struct capcert_acme_key acme;
};

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

/* One result. */
void ok(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The end of all. */
void die(const char *what, const char *why) __attribute__((noreturn));
/* @r is what was expected; else what the client says about it. */
bool came(const capcert_acme *acme, int r, int want);

int token_pin(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN]);
/* A new key in the token, which key_free() destroys. */
struct key *key_new(uint32_t algorithm, uint32_t bits);
void key_free(struct key *k);

/* POST @body to the challenge test server, or to acmed-ca's control. 0, or why not. */
int tell(const char *path, const char *body);

/* A client's context that believes the roots of @file. */
capcert_tls_context *context_of(const char *file);
/* A client, without an account yet; and with a new one. */
capcert_acme *open_client(const struct key *account);
capcert_acme *open_account(const struct key *account);
/* @ret points into itself. */
void make_order(const struct wish *w, const struct key *key, struct order *ret);
int issue(capcert_acme *acme, const struct wish *w, const struct key *key, capcert_chain **ret);

void test_account(void);
void test_issue(void);
void test_names(void);
void test_refused(void);
void test_revoke(void);
void test_resume(void);
void test_rollover(void);
void test_deactivate(void);
void test_eab(void);
void test_alternates(void);
void test_reuse(void);
void test_repeat(void);
void test_odd(void);
void test_problems(void);
void test_renewal(void);
void test_cancel(void);
void test_time(void);
void test_dns(void);
