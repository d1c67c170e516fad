/* SPDX-License-Identifier: GPL-2.0-only */
/* capcert-acmed's command line. */
#ifndef HELPERS_ACMED_OPTIONS_H
#define HELPERS_ACMED_OPTIONS_H

#include <stdbool.h>

#define ACMED_NAME   "capcert-acmed"
#define ACMED_CONFIG "/etc/capcert/acme.conf"
#define ACMED_CONTROL "/run/capcert-acmed/control"

struct options {
	const char *config;
	const char *user; /* NULL = the default */
	const char *control; /* path of the control socket; "" = none */
	bool check_sandbox;
	bool check;	  /* read the configuration, say what it means, and end */
};

enum options_found { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

extern const char options_help[];

/** options_parse() - @error: 256 octets, filled with OPTIONS_WRONG. */
enum options_found options_parse(int argc, char **argv, struct options *ret, char *error);

#endif
