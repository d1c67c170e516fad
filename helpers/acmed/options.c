// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include "helpers/acmed/options.h"

const char options_help[] =
	"usage: " ACMED_NAME " --check [--config FILE]\n"
	"\n"
	"Says what a configuration of ACME certificates means, and what is wrong with it. Nothing "
	"is\n"
	"ordered: the processes that will do so are not part of this version.\n"
	"\n"
	"  --config FILE    the configuration; FILE.d/*.conf are read as well\n"
	"                   (default: " ACMED_CONFIG ")\n"
	"  --check          print what it means, and end\n"
	"  --version        print the version\n"
	"  --help           print this\n"
	"\n"
	"Exit status: 0 the configuration is right; 1 failure (said on stderr); 2 wrong usage or\n"
	"configuration.\n";

enum options_found options_parse(int argc, char **argv, struct options *ret, char *error)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	*ret = (struct options){ .config = ACMED_CONFIG };
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
