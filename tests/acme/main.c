// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The ACME client of the library against a real CA: pebble, whose challenge test server answers for every name.
 * Keys are in a SoftHSM2 token. TAP.
 *
 *	acme_client DIRECTORY CA ROOTS TEST...
 *	CA: PEM of whom the CA's server is believed by; ROOTS: PEM of all roots that it issues under
 *	TEST: account, issue, names, refused, revoke, resume, rollover, deactivate, eab, alternates, repeat, reuse, time, dns (dns.c); and against
 *	acmed-ca: odd, problems, renewal, cancel
 * Environment: PKCS11_MODULE; CHALLTESTSRV: port of its management, or of acmed-ca's control; ACME_TRACE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/acme/world.h"

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
void test_time(void)
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
	{ "dns", test_dns },	       { "time", test_time },
	{ "odd", test_odd },	       { "problems", test_problems },
	{ "renewal", test_renewal },   { "cancel", test_cancel },
};

int main(int argc, char **argv)
{
	const char *module = getenv("PKCS11_MODULE"), *error;
	struct capcert_vault_options o = { .modules = &module,
					   .module_count = 1,
					   .pin = token_pin };

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
