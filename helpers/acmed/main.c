// SPDX-License-Identifier: GPL-2.0-only
/* capcert-acmed: certificates from ACME CAs into slots. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "helpers/acmed/conf.h"
#include "helpers/acmed/options.h"
#include "helpers/acmed/parts.h"
#include "helpers/acmed/probe.h"
#include "helpers/acmed/setup.h"
#include "helpers/common/log.h"
#include "helpers/common/sandbox.h"
#include "helpers/common/service.h"

enum { EXIT_FINE = 0, EXIT_TROUBLE = 1, EXIT_WRONG = 2 };

static void print_cert(const struct conf *c, const struct conf_cert *cert)
{
	const struct conf_ca *ca = &c->cas[cert->ca];
	const struct conf_solver *solver = &c->solvers[cert->solver];

	printf("%s: slot %s, key %s, by %s through %s (%s)%s%s\n", cert->name, cert->slot,
	       cert->key, ca->directory, solver->name, conf_challenge_name(solver->challenge),
	       cert->profile ? ", profile " : "", cert->profile ? cert->profile : "");
	for (size_t i = 0; i < cert->name_count; i++)
		printf("\t%s\n", cert->names[i].text);
}

static int check(const struct conf *c)
{
	for (size_t i = 0; i < c->cert_count; i++)
		print_cert(c, &c->certs[i]);
	if (!c->cert_count)
		puts("no certificate is configured");
	return EXIT_FINE;
}

static int load(struct conf *c, const char *path)
{
	int r;

	conf_init(c);
	r = conf_load(c, path);
	if (r < 0)
		log_line(LOG_ERR, "%s", c->error[0] ? c->error : strerror(-r));
	return r < 0 ? EXIT_WRONG : EXIT_FINE;
}

static int choose_user(const char *name, struct world *w)
{
	int r = sandbox_user(name ? name : ACMED_NAME, &w->uid, &w->gid);

	if (r == -ENOENT && !name)
		r = sandbox_user("nobody", &w->uid, &w->gid);
	if (r < 0)
		fprintf(stderr, ACMED_NAME ": no such user, or root: --user takes one that owns "
					   "nothing\n");
	return r;
}

static int check_sandbox(const struct options *o)
{
	struct world world;
	int r;

	if (choose_user(o->user, &world) < 0)
		return EXIT_WRONG;
	r = probe_sandbox(world.uid, world.gid, CONF_STATE);
	if (r < 0) {
		log_line(LOG_ERR, "the sandbox could not be set up: %s", strerror(-r));
		return EXIT_TROUBLE;
	}
	fprintf(stderr, ACMED_NAME ": %d attempts were not refused\n", r);
	return r > 0 ? EXIT_TROUBLE : EXIT_FINE;
}

static int run(struct conf *conf, const struct options *o)
{
	static struct world world;

	if (choose_user(o->user, &world) < 0)
		return EXIT_WRONG;
	world.notify = service_notify_open();
	if (world.notify < 0 && world.notify != -ENOENT) {
		log_line(LOG_ERR, "NOTIFY_SOCKET: %s", strerror(-world.notify));
		return EXIT_TROUBLE;
	}
	if (setup_world(&world, conf, o->control) < 0)
		return EXIT_TROUBLE;
	return starter_run(&world);
}

int main(int argc, char **argv)
{
	struct options options;
	struct conf conf;
	char error[256];
	int r;

	log_init(ACMED_NAME);
	switch (options_parse(argc, argv, &options, error)) {
	case OPTIONS_HELP:
		fputs(options_help, stdout);
		return EXIT_FINE;
	case OPTIONS_VERSION:
		puts(ACMED_NAME " " CAPCERT_VERSION_STRING);
		return EXIT_FINE;
	case OPTIONS_WRONG:
		fprintf(stderr, ACMED_NAME ": %s\ntry --help\n", error);
		return EXIT_WRONG;
	default:
		break;
	}
	if (options.check_sandbox)
		return check_sandbox(&options);
	r = load(&conf, options.config);
	if (r == EXIT_FINE && options.check)
		r = check(&conf);
	else if (r == EXIT_FINE)
		r = run(&conf, &options);
	conf_free(&conf);
	return r;
}
