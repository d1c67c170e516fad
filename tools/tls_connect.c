// SPDX-License-Identifier: GPL-2.0-only
/* capcert tls connect: look at a TLS server as this machine's policies see it, and talk to it. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "tools/outcome_pass.h"
#include "tools/tls_connect.h"
#include "tools/tls_talk.h"
#include "tools/tls_view.h"

/* What there is to see; beside what the peer says, not in it: on stderr then. */
static int view_beside(const struct args *args, const struct tls_setup *setup,
		       const capcert_tls *tls, int e)
{
	int out = dup(STDOUT_FILENO), r;

	if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return fail_errno(-errno, "no descriptor");
	r = tls_view(args, setup, tls, e);
	fflush(stdout);
	if (dup2(out, STDOUT_FILENO) < 0)
		r = fail_errno(-errno, "no descriptor");
	close(out);
	return r;
}

/* For whoever has to be convinced of who the server is. */
static int pass_outcome(const capcert_tls *tls, const char *path)
{
	int fd, r = capcert_tls_outcome(tls, NULL, &fd);

	if (r == -EOPNOTSUPP) {
		fail(EXIT_TROUBLE, "there is no outcome handle: the kernel did not verify");
		advise("verify by --store and --verifier, or by --config");
		return EXIT_TROUBLE;
	}
	if (r)
		return fail_errno(r, "no outcome");
	r = outcome_pass(path, fd);
	close(fd);
	return r;
}

static int talk_to(const struct args *args, const struct tls_setup *setup, capcert_tls *tls)
{
	bool look = out_json() || opt_has(args, "look");
	int e = tls_shake(tls), r;

	r = look ? tls_view(args, setup, tls, e) : view_beside(args, setup, tls, e);
	if (!e && opt_has(args, "pass-outcome")) {
		int passed = pass_outcome(tls, opt_text(args, "pass-outcome"));

		r = r ? r : passed;
	}
	if (look && !e)
		capcert_tls_close(tls);
	if (look || e)
		return r;
	e = tls_talk(tls, false);
	if (e == 0 || e == -EPIPE)
		return r;
	return fail(EXIT_TROUBLE, "%s", capcert_tls_error_text(tls));
}

int tls_connect(const struct args *args)
{
	const char *name = opt_text(args, "servername");
	struct tls_setup setup;
	capcert_tls *tls = NULL;
	char host[256];
	int e, fd = -1, r = tls_setup(args, &setup);

	signal(SIGPIPE, SIG_IGN);
	if (!r)
		r = tls_dial(args->words[0], host, &fd);
	if (!r && !*host && !name && !opt_has(args, "config"))
		r = fail(EXIT_USAGE, "which name must the server have? --servername NAME");
	if (!r) {
		e = capcert_tls_client(setup.context, fd, *host ? host : NULL, CAPCERT_TLS_NONBLOCK,
				       &tls);
		if (e == -EINVAL)
			r = fail(EXIT_USAGE, "'%s' is neither a host name nor an IP address",
				 name ? name : host);
		else if (e)
			r = fail_errno(e, "no TLS");
	}
	if (!r)
		r = talk_to(args, &setup, tls);
	capcert_tls_free(tls);
	if (fd >= 0)
		close(fd);
	tls_setup_end(&setup);
	return r;
}

const struct opt tls_connect_opts[] = {
	{ .name = "anchors",
	  .meta = "FILE",
	  .many = true,
	  .help = "trust these certificates, in this process; no module needed" },
	{ .name = "policy", .meta = "TEXT", .help = "with --anchors: the policy" },
	{ .name = "preset",
	  .meta = "NAME",
	  .help = "with --anchors: a policy by name; webpki-lenient if not given" },
	{ .name = "store", .meta = "STORE", .help = "trust store; fd:store if that was inherited" },
	{ .name = "verifier", .meta = "VERIFIER", .help = "verifier; fd:verifier if inherited" },
	{ .name = "pins", .meta = "PINS", .help = "pin set; with --anchors a file of its text" },
	{ .name = "config",
	  .meta = "CONFIG",
	  .help = "all of this from a client's config; fd:tls if inherited" },
	{ .name = "servername", .meta = "NAME", .help = "send and verify this name" },
	{ .name = "alpn", .meta = "LIST", .help = "application protocols, as h2,http/1.1" },
	{ .name = "cert", .meta = "FILE", .help = "the client's own chain, leaf first" },
	{ .name = "key", .meta = "KEY", .help = "its key, for tls-client" },
	{ .name = "ciphers", .meta = "POLICY", .help = "modern, intermediate (default) or legacy" },
	{ .name = "tls1.2", .help = "TLS 1.2 alone; asks for SCTs in the handshake" },
	{ .name = "tls1.3", .help = "TLS 1.3 alone" },
	{ .name = "ct", .help = "with --anchors: the built-in list of CT logs counts" },
	{ .name = "ctlogs", .meta = "FILE", .help = "CT logs whose SCTs count, in any form" },
	{ .name = "explain", .help = "say which paths there are, and what would help" },
	{ .name = "insecure", .help = "go on with a server that is refused" },
	{ .name = "look", .help = "show what there is to see, and close" },
	{ .name = "pass-outcome",
	  .meta = "SOCKET",
	  .help = "give the outcome's handle to who listens there" },
	{ .name = "timeout", .meta = "MS", .help = "for the handshake; 30000 if not given" },
	{ 0 },
};
