// SPDX-License-Identifier: GPL-2.0-only
/* capcert ocsp staple: keeps the file that a server staples from fresh. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <capcert/stapler.h>
#include "tools/file.h"
#include "tools/ocsp_staple.h"
#include "tools/slot_staple.h"
#include "tools/text.h"
#include "tools/write_file.h"

#define SLEEP_MOST 3600 /* seconds: what the clock may be set by meanwhile is noticed then */

static volatile sig_atomic_t ended;

static void on_end(int signal)
{
	ended = signal;
}

/* They are let through where nothing is half done: while it waits. */
static void catch_ends(void)
{
	struct sigaction action = { .sa_handler = on_end };
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

struct keeper {
	const struct args *args;
	const char *path;
	capcert_stapler *stapler;
	uint8_t *written; /* what the file has */
	size_t written_len;
	char why[ASK_WHY];
};

static int fetch(void *ctx, const struct capcert_stapler_request *request,
		 struct capcert_stapler_answer *ret)
{
	struct keeper *k = ctx;
	int r = statusd_ask(k->args, request->chain, ASK_OCSP, &ret->data, &ret->len, k->why);

	return r ? -EHOSTUNREACH : 0;
}

/* The file has what is to be stapled; there is none when there is nothing. */
static int write_staple(struct keeper *k)
{
	uint8_t *der = NULL;
	size_t len = 0;
	int r = capcert_stapler_current_response(k->stapler, &der, &len);

	if (r == -ENOMEM)
		return fail_errno(r, "the response");
	if (r)
		len = 0;
	if (len == k->written_len && (!len || !memcmp(der, k->written, len))) {
		free(der);
		return EXIT_DONE;
	}
	r = len ? write_file(k->path, der, len) : EXIT_DONE;
	if (!len && unlink(k->path) < 0 && errno != ENOENT)
		r = fail_errno(-errno, "%s", k->path);
	if (r) {
		free(der);
		return r;
	}
	free(k->written);
	k->written = der;
	k->written_len = len;
	return EXIT_DONE;
}

static void say(struct keeper *k)
{
	struct capcert_stapler_info info;
	char until[32], due[32];

	capcert_stapler_get(k->stapler, &info);
	if (info.error)
		fprintf(stderr, "capcert: %s\n",
			info.error == -EHOSTUNREACH && *k->why ? k->why
			: info.why			       ? info.why
							       : "?");
	if (!info.have)
		printf("no response to staple; %s is not there\n", k->path);
	else
		printf("%s: %s until %s\n", k->path,
		       info.status == CAPCERT_OCSP_REVOKED ? "revoked" : "good",
		       text_of_time(info.until, until));
	if (!opt_has(k->args, "once") && info.due != INT64_MAX)
		printf("next question at %s\n", text_of_time(info.due, due));
	fflush(stdout);
}

/* Until it is due, or what is there ends. */
static void wait_for(struct keeper *k)
{
	struct capcert_stapler_info info;
	int64_t now = time(NULL), until;
	struct timespec span = { 0 };
	sigset_t none;

	sigemptyset(&none);
	capcert_stapler_get(k->stapler, &info);
	until = info.due;
	if (info.have && info.until < until)
		until = info.until + 1;
	if (until > now + SLEEP_MOST)
		until = now + SLEEP_MOST;
	if (until > now)
		span.tv_sec = until - now;
	ppoll(NULL, 0, &span, &none);
}

static int keep(struct keeper *k)
{
	bool once = opt_has(k->args, "once");
	struct capcert_stapler_info info;
	int r;

	do {
		bool due = capcert_stapler_due(k->stapler) <= (int64_t)time(NULL);

		*k->why = '\0';
		if (due)
			capcert_stapler_refresh(k->stapler);
		r = write_staple(k);
		if (!r && (due || once))
			say(k);
		if (!r && !once)
			wait_for(k);
	} while (!r && !once && !ended);
	capcert_stapler_get(k->stapler, &info);
	if (r || !info.have)
		return r ? r : EXIT_TROUBLE;
	return info.status == CAPCERT_OCSP_REVOKED ? EXIT_NO : EXIT_DONE;
}

/* What the file has from before, if it still holds. */
static int take_file(struct keeper *k)
{
	uint8_t *der;
	size_t len;
	int r;

	if (access(k->path, F_OK))
		return EXIT_DONE;
	r = file_read(k->path, &der, &len);
	if (r)
		return r;
	capcert_stapler_put(k->stapler, der, len);
	k->written = der;
	k->written_len = len;
	return EXIT_DONE;
}

int ocsp_staple(const struct args *args)
{
	struct keeper k = { .args = args, .path = opt_text(args, "out") };
	struct capcert_stapler_options options = { .fetch = fetch, .ctx = &k, .url = NULL };
	struct cert_list certs = { 0 };
	capcert_chain *chain = NULL;
	size_t i;
	int r;

	if (opt_has(args, "slots"))
		return args->word_count || k.path
			       ? fail(EXIT_USAGE, "a slot has its chain and its staple: no files")
			       : slot_staple(args);
	if (!args->word_count)
		return fail(EXIT_USAGE, "which certificate? CHAINFILE, or --slots and --slot");
	if (!k.path)
		return fail(EXIT_USAGE, "where is the response to be kept? -o FILE says");
	for (i = 0, r = EXIT_DONE; !r && i < args->word_count; i++)
		r = certs_load(args->words[i], &certs);
	if (!r)
		r = certs_to_chain(&certs, &chain);
	if (!r && capcert_stapler_new(&options, &k.stapler))
		r = fail(EXIT_TROUBLE, "out of memory");
	if (!r && capcert_stapler_set_certificate(k.stapler, chain))
		r = fail(EXIT_USAGE, "the certificate has to come first and its issuer's second");
	if (!r && capcert_stapler_due(k.stapler) == INT64_MAX)
		r = fail(EXIT_USAGE, "the certificate names no OCSP responder: there is nothing "
				     "to staple");
	if (!r)
		r = take_file(&k);
	if (!r) {
		catch_ends();
		r = keep(&k);
	}
	capcert_stapler_free(k.stapler);
	free(k.written);
	capcert_chain_free(chain);
	certs_free(&certs);
	return r;
}

const struct opt ocsp_staple_opts[] = {
	{ .name = "out", .letter = 'o', .meta = "FILE", .help = "the response, in DER, kept here" },
	{ .name = "slots", .meta = "SLOTS", .help = "the store of slots: GET, PUT and WATCH" },
	{ .name = "slot",
	  .meta = "NAME",
	  .many = true,
	  .help = "a slot in it, or a prefix that ends in /: of each, in place of files" },
	{ .name = "issuer",
	  .meta = "FILE",
	  .many = true,
	  .help = "issuers of leaves whose slots have the leaf alone" },
	{ .name = "once", .help = "ask if it is due, then end" },
	ASK_OPTS,
	{ 0 },
};
