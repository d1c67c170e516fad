// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include "helpers/acmed/options.h"

const char options_help[] =
	"usage: " ACMED_NAME " [OPTION]...\n"
	"\n"
	"Obtains and renews the certificates of its configuration from ACME CAs, and puts each "
	"into\n"
	"its slot. Handles come from CAPCERT_FDS; no process of it has a key.\n"
	"\n"
	"  --config FILE    the configuration; FILE.d/*.conf are read as well\n"
	"                   (default: " ACMED_CONFIG ")\n"
	"  --check          read the configuration, print what it means, and end\n"
	"  --control PATH   where capcert acme finds it (default:\n"
	"                   " ACMED_CONTROL ")\n"
	"  --check-sandbox  enter each process's sandbox, try to get out, report; 0 when all was "
	"refused\n"
	"  --user NAME      run as this user (default: " ACMED_NAME ")\n"
	"  --version        print the version\n"
	"  --help           print this\n"
	"\n"
	"Exit status: 0 stopped by SIGTERM or SIGINT, or the configuration is right; 1 failure "
	"(said on\n"
	"stderr); 2 wrong usage or configuration.\n";

enum options_found options_parse(int argc, char **argv, struct options *ret, char *error)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "control", required_argument, NULL, 's' },
		{ "check-sandbox", no_argument, NULL, 'b' },
		{ "user", required_argument, NULL, 'u' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	*ret = (struct options){ .config = ACMED_CONFIG, .control = ACMED_CONTROL };
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'c':
			ret->config = optarg;
			break;
		case 'k':
			ret->check = true;
			break;
		case 'b':
			ret->check_sandbox = true;
			break;
		case 's':
			ret->control = optarg;
			break;
		case 'u':
			ret->user = optarg;
			break;
		case 'v':
			return OPTIONS_VERSION;
		case 'h':
			return OPTIONS_HELP;
		default:
			snprintf(error, 256, "unknown option, or one without its value: %.80s",
				 argv[optind - 1]);
			return OPTIONS_WRONG;
		}
	}
	if (optind == argc)
		return OPTIONS_RUN;
	snprintf(error, 256, "%.80s: certificates stand in the configuration, not here",
		 argv[optind]);
	return OPTIONS_WRONG;
}
