// SPDX-License-Identifier: GPL-2.0-only
/* capcert exec: run a program that holds just these handles. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/filter.h"
#include "tools/handover.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tool.h"

static bool restriction_is_for(const char *text, const struct text_with *with)
{
	return !strncmp(text, with->name, with->name_len) && text[with->name_len] == '=';
}

/* All --restrict of one name together. Return: EXIT_DONE with *@ret NULL when there is none. */
static int read_restriction(const struct args *args, const struct text_with *with,
			    struct filter **ret)
{
	struct filter *f = NULL;
	const char *text;
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && (text = opt_nth(args, "restrict", i)); i++) {
		if (!restriction_is_for(text, with))
			continue;
		if (!f)
			f = calloc(1, sizeof(*f));
		r = f ? filter_add_terms(f, text + with->name_len + 1)
		      : fail(EXIT_TROUBLE, "out of memory");
	}
	if (r && f) {
		filter_free(f);
		free(f);
		f = NULL;
	}
	*ret = f;
	return r;
}

/* An inherited handle has the rights it has: ask for fewer by deriving. */
static int open_one(const char *key, uint64_t rights, const struct filter *f, int *ret_fd)
{
	bool inherited = !strncmp(key, "fd:", 3);
	uint64_t wanted = rights | (f ? CAPCERT_RIGHT_RESTRICT : 0);
	const struct filter none = { 0 };
	int fd, e, r;

	r = ref_open(key, 0, wanted, &fd);
	if (r)
		return r;
	if (!f && !inherited) {
		*ret_fd = fd;
		return EXIT_DONE;
	}
	e = filter_derive(f ? f : &none, fd, rights, ret_fd);
	close(fd);
	return e ? fail_errno(e, "cannot narrow '%s'", key) : EXIT_DONE;
}

static int add_handle(const struct args *args, const char *text, struct handover *h)
{
	struct text_with with;
	struct filter *filter;
	uint64_t rights;
	char key[512];
	int fd, r;

	if (!text_with(text, &with) || with.key_len >= sizeof(key)) {
		fail(EXIT_USAGE, "'%s' is not NAME=KEY:RIGHTS", text);
		advise("such as --with roots=captrust:web:VERIFY+INFO or --with "
		       "tls=1234567:VERIFY");
		return EXIT_USAGE;
	}
	snprintf(key, sizeof(key), "%.*s", (int)with.key_len, with.key);
	r = ref_rights(with.rights, ref_kind(key), &rights);
	if (!r)
		r = read_restriction(args, &with, &filter);
	if (r)
		return r;
	r = open_one(key, rights, filter, &fd);
	if (filter)
		filter_free(filter);
	free(filter);
	if (r)
		return r;
	r = handover_add(h, with.name, with.name_len, fd);
	if (r)
		close(fd);
	return r;
}

static int check_restrictions(const struct args *args)
{
	const char *text, *with_text;
	struct text_with with;
	size_t i, k;

	for (i = 0; (text = opt_nth(args, "restrict", i)); i++) {
		for (k = 0; (with_text = opt_nth(args, "with", k)); k++)
			if (text_with(with_text, &with) && restriction_is_for(text, &with))
				break;
		if (!with_text)
			return fail(EXIT_USAGE, "--restrict %s belongs to no --with", text);
	}
	return EXIT_DONE;
}

/* A store that is handed over as well, under that name, is read as the program gets it. */
static int add_ca_file(const char *word, struct handover *h)
{
	int fd, r;
	size_t i;

	for (i = 0; i < h->count; i++)
		if (!strcmp(h->handles[i].name, word))
			return handover_ca_file(h, h->handles[i].fd, word);
	r = ref_open(word, CAPCERT_KIND_STORE, CAPCERT_RIGHT_READ, &fd);
	if (r)
		return r;
	r = handover_ca_file(h, fd, word);
	close(fd);
	return r;
}

static int exec(const struct args *args)
{
	struct handover h = { .user = opt_text(args, "user"),
			      .no_keyctl = opt_has(args, "no-keyctl") };
	const char *text;
	size_t i;
	int r = check_restrictions(args);

	for (i = 0; !r && (text = opt_nth(args, "with", i)); i++)
		r = add_handle(args, text, &h);
	text = opt_text(args, "ca-file");
	if (!r && text)
		r = add_ca_file(text, &h);
	if (!r)
		r = handover_exec(&h, args->command);
	handover_close(&h);
	return r;
}

static const struct opt opts[] = {
	{ .name = "with",
	  .meta = "NAME=KEY:RIGHTS",
	  .many = true,
	  .help = "open KEY with RIGHTS and give it as NAME" },
	{ .name = "restrict",
	  .meta = "NAME=FILTER",
	  .many = true,
	  .help = "give a narrower view of the store NAME" },
	{ .name = "ca-file",
	  .meta = "STORE",
	  .help = "make the store's anchors CMD's CA file, and the only one" },
	{ .name = "user", .meta = "USER", .help = "run CMD as USER" },
	{ .name = "no-keyctl", .help = "deny CMD the key system calls (seccomp)" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .usage = "--with NAME=KEY:RIGHTS... [--restrict NAME=FILTER]... [--ca-file STORE] "
		   "[--user U] "
		   "[--no-keyctl] -- CMD [ARG]...",
	  .brief = "run a program that holds just these handles",
	  .help = "KEY is a serial number, type:description, or fd:NAME of an inherited handle. "
		  "RIGHTS are\n"
		  "joined by '+'. FILTER is fingerprint:HEX,... exclude:HEX,... purpose:P,... "
		  "live\n"
		  "subject-of:FILE, joined by '/'; for slots it is slots:NAME,PREFIX/,... CMD "
		  "finds its handles in "
		  "CAPCERT_FDS=NAME=FD,...\n"
		  "\n"
		  "CMD gets a fresh anonymous session keyring, no other file but stdin, stdout and "
		  "stderr,\n"
		  "and no new privileges with --user or --no-keyctl. It replaces this process, so "
		  "handles\n"
		  "without TRANSFER work in CMD and nowhere else.\n"
		  "\n"
		  "--ca-file is for programs that know no handles. STORE is a NAME of --with, "
		  "whose handle "
		  "has READ,\n"
		  "or another KEY. Its anchors for TLS servers are CMD's only CA file, through the "
		  "variables of\n"
		  "OpenSSL, git, python requests and wget; certificate transparency, revocation "
		  "and "
		  "pins are not\n"
		  "checked by such programs.\n"
		  "\n"
		  "  capcert exec --ca-file web -- curl https://www.example.com\n"
		  "  capcert exec --with store=captrust:web:VERIFY --with "
		  "verifier=capverify:tls:VERIFY \\\n"
		  "      --restrict store=purpose:tlsServerAuth --user nobody -- ./service\n",
	  .opts = opts,
	  .max_words = 0,
	  .command = true,
	  .command_needed = true,
	  .run = exec },
	{ 0 },
};

const struct noun noun_exec = { "exec", "run a program that holds just these handles", verbs };
