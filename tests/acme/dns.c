// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Certificates by records in the DNS that a solver of capcert-acmed publishes: DNS_SOLVER is a command that takes the lines of
 * tests/integration/acmed_solver.c; DNS_NAMES and DNS_TYPE are what is ordered, and by which challenge. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/acme/world.h"

static FILE *to_solver, *from_solver;

static void start(const char *command)
{
	int in[2], out[2];

	if (pipe(in) < 0 || pipe(out) < 0)
		die("pipe", strerror(errno));
	if (fork() == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_solver = fdopen(in[1], "w");
	from_solver = fdopen(out[0], "r");
}

static int ask(const char *what, const struct capcert_acme_challenge *c)
{
	char line[4096] = "";

	fprintf(to_solver, "%s %s %s %s\n", what, c->identifier.value, c->record, c->text);
	fflush(to_solver);
	if (!fgets(line, sizeof(line), from_solver))
		return -EPIPE;
	if (atoi(line))
		printf("# %s", line);
	return atoi(line);
}

static int publish(void *ctx, const struct capcert_acme_challenge *c)
{
	int r = ask("publish", c);

	published += r == 0;
	return r;
}

static void withdraw(void *ctx, const struct capcert_acme_challenge *c)
{
	withdrawn += ask("withdraw", c) == 0;
}

void test_dns(void)
{
	struct key *account = key_new(CAPCERT_VAULT_P256, 0), *key = key_new(CAPCERT_VAULT_P256, 0);
	const int type = capcert_acme_challenge_parse(getenv("DNS_TYPE"));
	char *names = strdup(getenv("DNS_NAMES")), *rest = names, *name;
	struct wish w = { .types = 1u << type };
	capcert_acme *acme = open_account(account);
	capcert_chain *chain = NULL;
	struct order o;
	unsigned int n = 0;

	while (n < 20 && (name = strsep(&rest, " ")))
		w.names[n++] = name;
	start(getenv("DNS_SOLVER"));
	make_order(&w, key, &o);
	o.solver.publish = publish;
	o.solver.withdraw = withdraw;
	ok(came(acme, capcert_acme_issue(acme, &o.issue, &chain), 0), "%s: %s", getenv("DNS_NAMES"),
	   getenv("DNS_TYPE"));
	ok(published == n && withdrawn == n, "%u published, %u taken back", published, withdrawn);
	fclose(to_solver);
	fclose(from_solver);
	capcert_chain_free(chain);
	capcert_acme_close(acme);
	key_free(account);
	key_free(key);
	free(names);
}
