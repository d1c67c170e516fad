// SPDX-License-Identifier: GPL-2.0-only
/* capcert-tlsd: TLS in front of any service, or in front of none: the client's side of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/common/log.h"
#include "helpers/common/sandbox.h"
#include "helpers/common/service.h"
#include "helpers/tlsd/probe.h"
#include "helpers/tlsd/run.h"
#include "helpers/tlsd/setup.h"
#include "helpers/tlsd/walls.h"

#define FALLBACK_USER "nobody"

static int fail(const char *what, int error)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(-error));
	return 1;
}

static int wrong_usage(const char *error)
{
	fprintf(stderr, TLSD_NAME ": %s\ntry --help\n", error);
	return 2;
}

static int choose_user(const char *name, struct run *run)
{
	int r = sandbox_user(name ? name : TLSD_NAME, &run->uid, &run->gid);

	return r == -ENOENT && !name ? sandbox_user(FALLBACK_USER, &run->uid, &run->gid) : r;
}

static int check_sandbox(struct run *run)
{
	int r = probe_sandbox(run);

	if (r < 0)
		return fail("entering the sandbox", r);
	fprintf(stderr, TLSD_NAME ": %d attempts were not refused\n", r);
	return r > 0;
}

int main(int argc, char **argv)
{
	static struct options options;
	struct run run = { .options = &options,
			   .before_threads = walls_before_threads,
			   .after_threads = walls_after_threads };
	char error[256];
	int r;

	log_init(TLSD_NAME);
	switch (options_parse(argc, argv, &options, error)) {
	case OPTIONS_HELP:
		fputs(options_help, stdout);
		return 0;
	case OPTIONS_VERSION:
		puts(TLSD_NAME " " CAPCERT_VERSION_STRING);
		return 0;
	case OPTIONS_WRONG:
		return wrong_usage(error);
	default:
		break;
	}
	if (choose_user(options.user, &run) < 0)
		return wrong_usage("no such user, or root: --user takes one that owns nothing");
	if (options.check_sandbox)
		return check_sandbox(&run);
	run.notify = service_notify_open();
	if (run.notify < 0 && run.notify != -ENOENT)
		return fail("NOTIFY_SOCKET", run.notify);
	r = walls_fds(&options, run.notify);
	if (r < 0)
		return fail("closing inherited fds", r);
	for (unsigned int i = 0; i < options.gate_count; i++)
		if (setup_gate(&options.gates[i], &options.limits) < 0)
			return 1;
	if (run_open(&run) < 0)
		return 1;
	return run_serve(&run);
}
