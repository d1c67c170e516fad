// SPDX-License-Identifier: GPL-2.0-only
/* Nothing secret may stand on a command line: PINs come from files and keys. */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capcert_agent.h>
#include "helpers/common/agent.h"
#include "helpers/common/sandbox.h"
#include "helpers/keyd/options.h"

#define FALLBACK_USER "nobody"
#define THREADS_MOST 64
#define TOKEN_DIR "/var/lib/softhsm/tokens"

static const char help[] =
	"usage: " KEYD_NAME " --token LABEL [OPTION]...\n"
	"\n"
	"The keeper of private keys: the only process that opens PKCS#11 tokens. Takes requests "
	"from\n" CAPCERT_AGENT_DEVICE " (or fd \"" AGENT_FD_NAME
	"\" from a service manager) and signs, each key for\n"
	"what its record says. PINs come from the file pin.LABEL in --pin-dir or in\n"
	"$CREDENTIALS_DIRECTORY, or from the kernel key capcert-keyd:pin:LABEL of type user.\n"
	"\n"
	"  --token LABEL     a token it may open; may be given several times\n"
	"  --module PATH     a PKCS#11 module; may be given several times (default: those p11-kit "
	"is\n"
	"                    set up with)\n"
	"  --hardware LABEL  this token is hardware although its module does not say so\n"
	"  --pin-dir DIR     where pin.LABEL is, readable for root alone\n"
	"  --records DIR     what each key is for (default: " CAPCERT_KEY_RECORDS ")\n"
	"  --path DIR        where a module keeps its tokens (default: " TOKEN_DIR ")\n"
	"  --read PATH       what else a module must read, a settings file\n"
	"  --local           modules may connect to daemons of this machine (pcscd)\n"
	"  --threads N       how many requests at once (1-64; default: 8)\n"
	"  --sessions N      at most so many sessions per token (1-64; default: what the token "
	"says)\n"
	"  --user NAME       run as this user (default: " KEYD_NAME
	" if it exists, else " FALLBACK_USER ")\n"
	"  --group NAME      and with this group, one that may use the token's files\n"
	"  --foreground      accepted for scripts; it never goes into the background\n"
	"  --check           open each token, list its keys and what they are for, end; tries a "
	"PIN\n"
	"                    that was wrong before once more, which a running keeper never does\n"
	"  --check-sandbox   enter the sandbox, try to get out, report; 0 when all was refused\n"
	"  --version         print the version\n"
	"  --help            print this\n"
	"\n"
	"Exit status: 0 stopped by SIGTERM or SIGINT, or all is well; 1 failure (said on stderr);\n"
	"2 wrong usage.\n";

static void usage(const char *format, const char *value)
{
	fprintf(stderr, KEYD_NAME ": ");
	fprintf(stderr, format, value);
	fputs("\ntry --help\n", stderr);
	exit(2);
}

static void push(const char **list, size_t *count, size_t most, const char *value)
{
	if (*count == most)
		usage("%s: too many of these", value);
	list[(*count)++] = value;
}

static unsigned int number(const char *text, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > most)
		usage("%s: a number from 1 to 64 is wanted", text);
	return (unsigned int)n;
}

static void choose_ids(const char *user, const char *group, struct walls *walls)
{
	const struct group *entry;
	int r = sandbox_user(user ? user : KEYD_NAME, &walls->uid, &walls->gid);

	if (r == -ENOENT && !user)
		r = sandbox_user(FALLBACK_USER, &walls->uid, &walls->gid);
	if (r < 0)
		usage("%s: no such user, or root: --user takes one that owns nothing else",
		      user ? user : FALLBACK_USER);
	if (!group)
		return;
	entry = getgrnam(group);
	if (!entry || !entry->gr_gid)
		usage("%s: no such group, or root's", group);
	walls->gid = entry->gr_gid;
}

static const struct option known[] = {
	{ "token", required_argument, NULL, 't' },    { "module", required_argument, NULL, 'm' },
	{ "hardware", required_argument, NULL, 'w' }, { "pin-dir", required_argument, NULL, 'p' },
	{ "records", required_argument, NULL, 'r' },  { "path", required_argument, NULL, 'd' },
	{ "read", required_argument, NULL, 'e' },     { "local", no_argument, NULL, 'l' },
	{ "threads", required_argument, NULL, 'n' },  { "sessions", required_argument, NULL, 's' },
	{ "user", required_argument, NULL, 'u' },     { "group", required_argument, NULL, 'g' },
	{ "foreground", no_argument, NULL, 'f' },     { "check", no_argument, NULL, 'c' },
	{ "check-sandbox", no_argument, NULL, 'b' },  { "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },	      { 0 },
};

static void take_value(int c, const char *value, struct options *o)
{
	struct walls *w = &o->walls;

	switch (c) {
	case 't':
		push(o->tokens, &o->token_count, PINS_MOST, value);
		break;
	case 'm':
		push(o->modules, &o->module_count, PINS_MOST, value);
		break;
	case 'w':
		push(o->hardware, &o->hardware_count, PINS_MOST, value);
		break;
	case 'd':
		push(w->writable, &w->writable_count, WALLS_PATHS_MOST, value);
		break;
	case 'e':
		push(w->readable, &w->readable_count, WALLS_PATHS_MOST - 2, value);
		break;
	case 'p':
		o->pin_dir = value;
		break;
	case 'r':
		o->records = value;
		break;
	case 'n':
		o->threads = number(value, THREADS_MOST);
		break;
	case 's':
		o->sessions = number(value, THREADS_MOST);
		break;
	}
}

void options_parse(int argc, char **argv, struct options *ret)
{
	const char *user = NULL, *group = NULL;
	int c;

	*ret = (struct options){ .records = CAPCERT_KEY_RECORDS, .threads = 8 };
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'u':
			user = optarg;
			break;
		case 'g':
			group = optarg;
			break;
		case 'l':
			ret->walls.local = true;
			break;
		case 'c':
			ret->check = true;
			break;
		case 'b':
			ret->check_sandbox = true;
			break;
		case 'f':
			break;
		case 'v':
			puts(KEYD_NAME " " CAPCERT_VERSION_STRING);
			exit(0);
		case 'h':
			fputs(help, stdout);
			exit(0);
		case '?':
			usage("%s", "unknown option, or one without its value");
			break;
		default:
			take_value(c, optarg, ret);
		}
	}
	if (optind != argc)
		usage("%s: only options are taken", argv[optind]);
	if (!ret->token_count && !ret->check_sandbox)
		usage("%s", "which tokens? --token LABEL says");
	if (!ret->walls.writable_count)
		push(ret->walls.writable, &ret->walls.writable_count, WALLS_PATHS_MOST, TOKEN_DIR);
	choose_ids(user, group, &ret->walls);
}
