/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: which tokens, through which modules, as whom. */
#ifndef KEYD_OPTIONS_H
#define KEYD_OPTIONS_H

#include "helpers/keyd/pin.h"
#include "helpers/keyd/walls.h"

#define KEYD_NAME "capcert-keyd"

struct options {
	struct walls walls;
	const char *tokens[PINS_MOST];
	size_t token_count;
	const char *hardware[PINS_MOST];
	size_t hardware_count;
	const char *modules[PINS_MOST];
	size_t module_count;
	const char *records;
	const char *pin_dir;
	unsigned int threads;
	unsigned int sessions;
	bool check;
	bool check_sandbox;
};

/** options_parse() - does not come back from wrong usage (exit status 2), --help and --version. */
void options_parse(int argc, char **argv, struct options *ret);

#endif
