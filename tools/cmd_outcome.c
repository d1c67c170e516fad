// SPDX-License-Identifier: GPL-2.0-only
/* capcert outcome: read, check and pass on the kernel's word about a chain. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tools/outcome_pass.h"
#include "tools/outcome_view.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tool.h"

static const char *word(const struct args *args)
{
	return args->word_count ? args->words[0] : "fd:outcome";
}

static int print_outcome(int fd)
{
	struct capcert_result result = { 0 };
	struct outcome_view view = { .result = &result };
	int superseded = 0, r, e = capcert_outcome_get(fd, &result, &superseded);

	if (e)
		return fail_errno(e, "cannot read the outcome");
	if (out_json()) {
		json_t *j = outcome_json(&view);

		json_object_set_new(j, "superseded", json_boolean(superseded));
		r = out_print_json(j);
	} else {
		outcome_print(&view);
		out_field("superseded", "%s",
			  superseded ? "yes: store, policy or distrust list have moved since"
				     : "no");
		r = EXIT_DONE;
	}
	return r ? r : result.outcome.valid && !superseded ? EXIT_DONE : EXIT_NO;
}

static int show(const struct args *args)
{
	int fd, r = ref_open(word(args), CAPCERT_KIND_OUTCOME, CAPCERT_RIGHT_READ, &fd);

	if (r)
		return r;
	r = print_outcome(fd);
	close(fd);
	return r;
}

/* ---- require ---- */

static int read_expectation(const struct args *args, struct capcert_expect *e,
			    uint8_t digests[2][32])
{
	static const char *const names[] = { "store-digest", "policy-digest" };
	const char *age = opt_text(args, "max-age");
	uint32_t mask, n = 0;
	uint64_t seconds;
	size_t i;
	int r = ref_purposes(args, &mask);

	if (r)
		return r;
	for (i = 0; i < 2; i++) {
		const char *hex = opt_text(args, names[i]);

		if (hex && !text_hex(hex, strlen(hex), digests[i], 32))
			return fail(EXIT_USAGE, "--%s takes 64 hex digits", names[i]);
	}
	while (mask > 1 && !(mask & 1)) {
		mask >>= 1;
		n++;
	}
	if (mask > 1)
		return fail(EXIT_USAGE, "an outcome is about one purpose");
	if (age && !text_number(age, INT32_MAX, &seconds))
		return fail(EXIT_USAGE, "--max-age takes seconds");
	e->purpose = mask ? n : CAPCERT_PURPOSE_TLS_SERVER_AUTH;
	e->max_age = age ? (int64_t)seconds : 0;
	e->store_digest = opt_has(args, names[0]) ? digests[0] : NULL;
	e->policy_digest = opt_has(args, names[1]) ? digests[1] : NULL;
	e->name = opt_text(args, "name");
	e->preset = opt_text(args, "preset");
	e->min_origin = opt_has(args, "system-store") ? CAPCERT_ORIGIN_SYSTEM : 0;
	e->allow_caller_time = opt_has(args, "allow-caller-time");
	e->allow_superseded = opt_has(args, "allow-superseded");
	return EXIT_DONE;
}

static int require(const struct args *args)
{
	struct capcert_expect expect = { 0 };
	uint8_t digests[2][32];
	int fd, e, r = read_expectation(args, &expect, digests);

	if (!r)
		r = ref_open(word(args), CAPCERT_KIND_OUTCOME, CAPCERT_RIGHT_READ, &fd);
	if (r)
		return r;
	e = capcert_outcome_require(fd, &expect);
	close(fd);
	if (e && e != -EBADFD && e != -EKEYREJECTED && e != -EBADMSG && e != -ESTALE)
		return fail_errno(e, "the outcome could not be checked");
	if (out_json()) {
		r = out_print_json(json_pack("{sbso}", "holds", !e, "why",
					     e ? json_text(strerrorname_np(-e)) : json_null()));
		return r ? r : e ? EXIT_NO : EXIT_DONE;
	}
	switch (e) {
	case 0:
		puts("holds");
		return EXIT_DONE;
	case -EBADFD:
		puts("no: this is not an outcome of the kernel");
		break;
	case -EKEYREJECTED:
		puts("no: a valid outcome, but of another name, purpose, policy, store or time");
		break;
	case -EBADMSG:
		puts("no: the outcome says invalid");
		break;
	default:
		puts("no: superseded, too old, or outside the time it holds for");
	}
	return EXIT_NO;
}

/* ---- send, recv ---- */

static int take_fd(int sock, int *ret_fd)
{
	char byte;
	ssize_t n = capcert_fd_receive(sock, ret_fd, &byte, 1);

	if (n < 0)
		return (int)n;
	return *ret_fd < 0 ? -EPROTO : 0;
}

static int send_outcome(const struct args *args)
{
	const char *path = args->words[0];
	const char *from = args->word_count > 1 ? args->words[1] : "fd:outcome";
	int fd, r = ref_open(from, CAPCERT_KIND_OUTCOME, CAPCERT_RIGHT_TRANSFER, &fd);

	if (r)
		return r;
	r = outcome_pass(path, fd);
	close(fd);
	return r;
}

static int recv_outcome(const struct args *args)
{
	const char *path = args->words[0];
	struct sockaddr_un at;
	int fd = -1, sock, peer = -1, e = 0, r = outcome_address(path, &at);

	if (r)
		return r;
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || bind(sock, (struct sockaddr *)&at, sizeof(at)) || listen(sock, 1))
		e = -errno;
	if (!e) {
		peer = accept4(sock, NULL, NULL, SOCK_CLOEXEC);
		e = peer < 0 ? -errno : take_fd(peer, &fd);
		unlink(path);
	}
	if (peer >= 0)
		close(peer);
	if (sock >= 0)
		close(sock);
	if (e)
		return fail(EXIT_TROUBLE, "%s: %s", path, strerror(-e));
	r = print_outcome(fd);
	close(fd);
	return r;
}

static const struct opt require_opts[] = {
	{ .name = "name", .meta = "HOST", .help = "the chain was verified for this name" },
	{ .name = "purpose", .meta = "P", .help = "for this purpose; tlsServerAuth if not given" },
	{ .name = "preset", .meta = "P", .help = "under a policy that started from this preset" },
	{ .name = "policy-digest", .meta = "HEX", .help = "under exactly this policy" },
	{ .name = "store-digest", .meta = "HEX", .help = "against exactly these anchors" },
	{ .name = "system-store", .help = "against a store of the system" },
	{ .name = "max-age", .meta = "SECONDS", .help = "judged not longer ago" },
	{ .name = "allow-caller-time", .help = "judged at a time that the caller chose" },
	{ .name = "allow-superseded",
	  .help = "even if store, policy or distrust list moved since" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "show",
	  .usage = "[fd:NAME] [--json]",
	  .brief = "print an outcome that was inherited",
	  .help = "Without a word: the handle named outcome.\n"
		  "\n"
		  "  capcert verify --store web --verifier tls chain.pem -- capcert outcome show\n",
	  .max_words = 1,
	  .run = show },
	{ .name = "require",
	  .usage = "[fd:NAME] [--name HOST] [--purpose P] [...]",
	  .brief = "is it genuine, valid, still true, and what I need?",
	  .help = "Only what an option names is compared, and always the purpose. Exits 0 or 1.\n",
	  .opts = require_opts,
	  .max_words = 1,
	  .run = require },
	{ .name = "send",
	  .usage = "SOCKET [fd:NAME]",
	  .brief = "pass an outcome over a UNIX socket",
	  .min_words = 1,
	  .max_words = 2,
	  .run = send_outcome },
	{ .name = "recv",
	  .usage = "SOCKET [--json]",
	  .brief = "wait for an outcome on a UNIX socket and print it",
	  .min_words = 1,
	  .max_words = 1,
	  .run = recv_outcome },
	{ 0 },
};

const struct noun noun_outcome = { "outcome", "read, check and pass on outcomes", verbs };
