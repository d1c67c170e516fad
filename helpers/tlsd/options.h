/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of the daemon: gates, and what holds for all of them. */
#ifndef HELPERS_TLSD_OPTIONS_H
#define HELPERS_TLSD_OPTIONS_H

#include <sys/types.h>
#include "helpers/tlsd/gate.h"

#define TLSD_NAME "capcert-tlsd"

struct options {
	struct gate gates[GATES_MOST];
	unsigned int gate_count;
	struct limits limits;
	const char *status; /* address of the status socket; NULL = none */
	const char *user;   /* NULL = the default */
	bool check_sandbox;
};

enum options_found {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_WRONG, /* @error says what */
};

/**
 * options_parse() - @argv is kept pointed to. Looks at nothing but its arguments, except that names of
 * back ends are resolved.
 * @error: for OPTIONS_WRONG: one line, what is wrong and with what.
 */
enum options_found options_parse(int argc, char **argv, struct options *ret, char error[256]);

extern const char options_help[];

#endif
