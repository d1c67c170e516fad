// SPDX-License-Identifier: GPL-2.0-only
/* capcert verify: is this chain good for this name, under this policy, now? */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/bundle_file.h"
#include "tools/ct_view.h"
#include "tools/crl_keep.h"
#include "tools/explain.h"
#include "tools/fetch_view.h"
#include "tools/file.h"
#include "tools/handover.h"
#include "tools/outcome_view.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tool.h"

#define DEFAULT_ROOTS "/etc/ssl/certs/ca-certificates.crt"

static int read_params(const struct args *args, struct capcert_params *p)
{
	const char *time_text = opt_text(args, "time"), *timeout = opt_text(args, "timeout");
	uint32_t mask, n;
	uint64_t ms;
	bool now;
	int r;

	p->name = opt_text(args, "name");
	if (p->name && !*p->name)
		return fail(EXIT_USAGE, "--name is empty; leave it out to check no name");
	if (time_text && !text_time(time_text, &p->time, &now)) {
		fail(EXIT_USAGE, "'%s' is no time", time_text);
		advise("write now, seconds since 1970, 2017-04-17 or 2017-04-17T15:08:36Z");
		return EXIT_USAGE;
	}
	p->have_time = time_text && !now;
	if (timeout) {
		if (!text_number(timeout, 60000, &ms))
			return fail(EXIT_USAGE, "--timeout takes milliseconds, at most 60000");
		p->timeout_ms = (uint32_t)ms;
	}
	r = ref_purposes(args, &mask);
	if (r)
		return r;
	for (n = 0; mask > 1 && !(mask & 1); n++)
		mask >>= 1;
	if (mask > 1)
		return fail(EXIT_USAGE, "a chain is judged for one purpose at a time");
	p->purpose = mask ? n : CAPCERT_PURPOSE_TLS_SERVER_AUTH;
	return EXIT_DONE;
}

static int load_chain(const struct args *args, capcert_chain **ret)
{
	struct cert_list list = { 0 };
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && i < args->word_count; i++)
		r = certs_load(args->words[i], &list);
	if (!r)
		r = certs_to_chain(&list, ret);
	certs_free(&list);
	return r;
}

/* ---- in this process ---- */

/* The store of a bundle, or the anchors of files. */
static int load_roots(const struct args *args, uint32_t purposes, capcert_store **ret)
{
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	if (opt_has(args, "bundle"))
		return bundle_store(args, ret);
	if (capcert_store_new(ret))
		return fail(EXIT_TROUBLE, "out of memory");
	for (i = 0; !r && (path = opt_nth(args, "roots", i)); i++)
		r = roots_load(path, purposes, *ret);
	if (!r && !i) {
		fail(EXIT_USAGE,
		     "--local needs the roots to trust: --roots FILE, or --bundle FILE");
		advise("Debian's are in %s", DEFAULT_ROOTS);
		r = EXIT_USAGE;
	}
	if (r) {
		capcert_store_free(*ret);
		*ret = NULL;
	}
	return r;
}

/* The lists kept in a folder that are about this chain. */
static int load_kept_lists(const char *dir, const capcert_chain *chain, capcert_evidence *evidence)
{
	capcert_crl_store *store;
	int r = crl_store_load(dir, false, &store);

	if (r)
		return r;
	r = capcert_crl_store_evidence(store, chain, evidence, NULL);
	capcert_crl_store_free(store);
	return r ? fail_errno(r, "%s", dir) : EXIT_DONE;
}

static int load_evidence(const struct args *args, const capcert_chain *chain,
			 capcert_evidence **ret)
{
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	if (!opt_has(args, "crl") && !opt_has(args, "ocsp") && !opt_has(args, "staple") &&
	    !opt_has(args, "scts") && !opt_has(args, "crl-dir"))
		return EXIT_DONE;
	if (capcert_evidence_new(ret))
		return fail(EXIT_TROUBLE, "out of memory");
	for (i = 0; !r && (path = opt_nth(args, "crl", i)); i++)
		r = crls_load(path, *ret);
	for (i = 0; !r && (path = opt_nth(args, "crl-dir", i)); i++)
		r = load_kept_lists(path, chain, *ret);
	for (i = 0; !r && (path = opt_nth(args, "ocsp", i)); i++)
		r = ocsp_load(path, false, *ret);
	if (!r && opt_has(args, "staple"))
		r = ocsp_load(opt_text(args, "staple"), true, *ret);
	if (!r)
		r = ct_evidence_load(args, *ret);
	return r;
}

/* Of this process; for the kernel see verify_kernel(). */
static int load_pins(const struct args *args, capcert_pins **ret)
{
	const char *path = opt_text(args, "pins"), *why = NULL;
	uint8_t *text;
	size_t len;
	int r;

	if (!path)
		return EXIT_DONE;
	r = file_read(path, &text, &len);
	if (r)
		return r;
	r = capcert_pins_new((char *)text, len, ret, &why);
	free(text);
	if (!r)
		return EXIT_DONE;
	fail(EXIT_USAGE, "'%s' is no pin set: %s", path, why ? why : capcert_strerror(r));
	advise("the text form is described in capcert_pins_new(3)");
	return EXIT_USAGE;
}

static int make_policy(const struct args *args, capcert_policy **ret)
{
	const char *text = opt_text(args, "policy"), *why = NULL;
	int r;

	if (!text) {
		fail(EXIT_USAGE,
		     "--local needs a policy: --policy TEXT, such as preset=webpki-strict");
		return EXIT_USAGE;
	}
	r = capcert_policy_new(text, ret, &why);
	if (r) {
		fail(EXIT_USAGE, "this is no policy: %s", why ? why : capcert_strerror(r));
		advise("the text form is described in capcert-policy(5)");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* Certificates that are distrusted as they are, whoever issued them. */
static int distrust_certs(const char *path, capcert_distrust_list *list)
{
	struct cert_list certs = { 0 };
	size_t k;
	int r = certs_load(path, &certs);

	for (k = 0; !r && k < certs.count; k++) {
		uint8_t hash[32];

		capcert_cert_fingerprint(certs.certs[k], CAPCERT_HASH_SHA256, hash);
		if (capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, hash, 32))
			r = fail(EXIT_TROUBLE, "out of memory");
	}
	certs_free(&certs);
	return r;
}

static int distrust_bundle(const struct args *args, const char *path, capcert_distrust_list *list)
{
	struct cert_list signers = { 0 };
	capcert_bundle *b = NULL;
	int e, r = bundle_signers(args, &signers);

	if (!r)
		r = bundle_read(path, &signers, &b);
	certs_free(&signers);
	if (r)
		return r;
	e = capcert_bundle_distrust(b, list);
	capcert_bundle_free(b);
	if (e == -EINVAL)
		return fail(EXIT_USAGE, "%s: a bundle, but no distrust list", path);
	return e ? fail_errno(e, "%s", path) : EXIT_DONE;
}

static int load_distrust(const struct args *args, capcert_distrust_list **ret)
{
	capcert_distrust_list *list = NULL;
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	if (opt_has(args, "distrust") && capcert_distrust_list_new(&list))
		return fail(EXIT_TROUBLE, "out of memory");
	for (i = 0; !r && (path = opt_nth(args, "distrust", i)); i++)
		r = bundle_is(path) ? distrust_bundle(args, path, list)
				    : distrust_certs(path, list);
	if (r)
		capcert_distrust_list_free(list);
	else
		*ret = list;
	return r;
}

/* The one thing in the parameters that the library alone can judge. */
static void advise_name(int error, const struct capcert_params *params)
{
	if (error == -EINVAL && params->name)
		advise("'%s' may be no host name, IP address or mailbox; host names may have "
		       "letters beyond ASCII, but no '*' and no port",
		       params->name);
}

static int verify_local(const struct args *args, const struct capcert_params *params,
			struct capcert_result *ret)
{
	capcert_distrust_list *distrust = NULL;
	capcert_policy *policy = NULL;
	capcert_store *store = NULL;
	int r = make_policy(args, &policy);

	if (!r)
		r = load_roots(args, 1u << params->purpose, &store);
	if (!r)
		r = load_distrust(args, &distrust);
	if (!r) {
		int e = capcert_verify_local(policy, store, distrust, params, ret);

		if (e)
			r = fail_errno(e, "no verdict");
		if (e == -EPERM)
			advise("the policy judges at the present time only; time=any lets you "
			       "choose");
		advise_name(e, params);
	}
	capcert_distrust_list_free(distrust);
	capcert_store_free(store);
	capcert_policy_free(policy);
	return r;
}

/* ---- through the kernel ---- */

/* The handle that is named, or the inherited one. */
static const char *handle_word(const struct args *args, const char *option, const char *inherited)
{
	const char *word = opt_text(args, option);

	return word || capcert_fd(option) < 0 ? word : inherited;
}

/* With FETCH where the key lets us, and the user does. */
static int open_verifier(const struct args *args, const char *word, int *ret_fd)
{
	if (!opt_has(args, "no-fetch") &&
	    !ref_try(word, CAPCERT_KIND_VERIFIER, CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_FETCH,
		     ret_fd))
		return EXIT_DONE;
	return ref_open(word, CAPCERT_KIND_VERIFIER, CAPCERT_RIGHT_VERIFY, ret_fd);
}

static int open_both(const struct args *args, int *store_fd, int *verifier_fd)
{
	const char *store = handle_word(args, "store", "fd:store");
	const char *verifier = handle_word(args, "verifier", "fd:verifier");
	int r;

	if (!store || !verifier) {
		fail(EXIT_USAGE, "which %s? --%s %s", store ? "verifier" : "trust store",
		     store ? "verifier" : "store", store ? "VERIFIER" : "STORE");
		advise("a key's serial, its description, or fd:NAME; or --local --roots FILE "
		       "--policy TEXT without the module");
		return EXIT_USAGE;
	}
	r = ref_open(store, CAPCERT_KIND_STORE, CAPCERT_RIGHT_VERIFY, store_fd);
	if (r)
		return r;
	r = open_verifier(args, verifier, verifier_fd);
	if (r)
		close(*store_fd);
	return r;
}

static void advise_verify(int error)
{
	switch (error) {
	case -EPERM:
		advise("the verifier judges at the present time only; a policy with time=any lets "
		       "you choose");
		break;
	case -ETIMEDOUT:
		advise("no verification agent answered: systemctl status capcert-verifyd; capcert "
		       "feature");
		break;
	case -EXDEV:
		advise("the handle is bound to another process: it has no right TRANSFER");
		break;
	}
}

static int verify_kernel(const struct args *args, const struct capcert_params *params,
			 struct capcert_result *ret, int *ret_outcome_fd)
{
	const char *pins = opt_text(args, "pins");
	struct capcert_params with_pins = *params;
	int store_fd, verifier_fd, e = 0, r = open_both(args, &store_fd, &verifier_fd);

	if (r)
		return r;
	if (pins)
		r = ref_open(pins, CAPCERT_KIND_PINS, CAPCERT_RIGHT_ENFORCE, &with_pins.pins_fd);
	with_pins.have_pins_fd = pins && !r;
	if (!r)
		e = capcert_verify(verifier_fd, store_fd, &with_pins, ret, ret_outcome_fd);
	if (with_pins.have_pins_fd)
		close(with_pins.pins_fd);
	close(store_fd);
	close(verifier_fd);
	if (r)
		return r;
	if (!e)
		return EXIT_DONE;
	fail_errno(e, "no verdict");
	advise_verify(e);
	advise_name(e, params);
	return EXIT_TROUBLE;
}

/* ---- why ---- */

/* The same roots once more, for explain_source. */
struct local_source {
	const struct args *args;
	uint32_t purpose;
};

static int local_store(void *ctx, uint32_t purposes, capcert_store **ret)
{
	const struct local_source *from = ctx;

	return load_roots(from->args, purposes ? purposes : 1u << from->purpose, ret) ? -EIO : 0;
}

static int load_beyond(const struct args *args, struct explanation *e)
{
	const char *word;
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && (word = opt_nth(args, "beyond", i)); i++)
		r = explain_beyond(e, word);
	if (!i)
		explain_beyond_default(e);
	return r;
}

static int explain(const struct args *args, struct explanation *e)
{
	struct local_source from = { args, e->params.purpose };
	struct explain_kernel kernel = { .store_fd = -1 };
	capcert_distrust_list *distrust = NULL;
	int r = load_beyond(args, e);

	if (!r && e->local)
		r = load_distrust(args, &distrust);
	if (!r && e->local)
		e->source = (struct explain_source){ .store = local_store,
						     .ctx = &from,
						     .policy = opt_text(args, "policy"),
						     .distrust = distrust };
	else if (!r)
		explain_kernel(e, &kernel, handle_word(args, "store", "fd:store"),
			       handle_word(args, "verifier", "fd:verifier"));
	if (!r)
		r = explain_run(e);
	explain_kernel_end(&kernel);
	capcert_distrust_list_free(distrust);
	return r;
}

/* The certificate of the chain that issued the leaf on the path, NULL if an anchor did that the
 * chain does not have. */
static const capcert_cert *leaf_issuer(const struct capcert_result *result,
				       const capcert_chain *chain)
{
	size_t count = capcert_chain_count(chain), i;
	uint8_t hash[32];

	for (i = 0; result->path_count > 1 && i < count; i++) {
		capcert_cert_fingerprint(capcert_chain_at(chain, i), CAPCERT_HASH_SHA256, hash);
		if (!memcmp(hash, result->path[1].fingerprint, sizeof(hash)))
			return capcert_chain_at(chain, i);
	}
	return NULL;
}

static int show_ct(const struct args *args, const struct capcert_result *result,
		   const capcert_chain *chain, const capcert_loglist *logs, json_t *j)
{
	struct capcert_ct_report *report = NULL;
	capcert_scts *scts = NULL;
	int r = ct_scts_load(args, chain, &scts);

	if (!r)
		r = ct_view_new(logs, scts, capcert_chain_at(chain, 0), leaf_issuer(result, chain),
				result->outcome.time, &report);
	if (!r && j)
		json_object_set_new(j, "ct", ct_view_json(report));
	else if (!r)
		ct_view_print(report);
	capcert_ct_report_free(report);
	capcert_scts_free(scts);
	return r;
}

static int show(const struct args *args, const struct capcert_result *result,
		const struct capcert_params *params, bool local, const capcert_loglist *logs)
{
	struct outcome_view view = { .result = result, .chain = params->chain, .local = local };
	struct explanation why = { .result = result, .params = *params, .local = local };
	json_t *j = out_json() ? outcome_json(&view) : NULL;
	int r = EXIT_DONE;

	if (!j)
		outcome_print(&view);
	if (j)
		json_object_set_new(j, "fetched", fetches_json(params->fetches));
	else if (params->fetches)
		fetches_print(params->fetches);
	if (opt_has(args, "ct"))
		r = show_ct(args, result, params->chain, logs, j);
	if (!r && opt_has(args, "explain")) {
		r = explain(args, &why);
		if (!r && j)
			explain_json(&why, j);
		else if (!r)
			explain_print(&why);
		explain_free(&why);
	}
	if (j && !r)
		r = out_print_json(j);
	else
		json_decref(j);
	if (!r && !result->outcome.valid)
		r = EXIT_NO;
	return r;
}

static int check_options(const struct args *args)
{
	static const char *const of_local[] = { "roots",  "policy",	 "distrust", "scts",
						"bundle", "bundle-cert", "override" };
	static const char *const of_kernel[] = { "store", "verifier", "timeout", "no-fetch" };
	bool local = opt_has(args, "local");
	size_t i;

	for (i = 0; !local && i < sizeof(of_local) / sizeof(*of_local); i++)
		if (opt_has(args, of_local[i]))
			return fail(EXIT_USAGE, "--%s goes with --local", of_local[i]);
	for (i = 0; local && i < sizeof(of_kernel) / sizeof(*of_kernel); i++)
		if (opt_has(args, of_kernel[i]))
			return fail(EXIT_USAGE, "--%s does not go with --local", of_kernel[i]);
	if (opt_has(args, "ctlogs") && !local && !opt_has(args, "ct"))
		return fail(EXIT_USAGE,
			    "--ctlogs goes with --local, or with --ct: through the kernel "
			    "the logs that count are those of the verifier's policy");
	if (opt_has(args, "beyond") && !opt_has(args, "explain"))
		return fail(EXIT_USAGE, "--beyond goes with --explain");
	if (opt_has(args, "bundle") && opt_has(args, "roots"))
		return fail(EXIT_USAGE, "--bundle and --roots do not go together; an override adds "
					"anchors to a bundle");
	if (opt_has(args, "override") && !opt_has(args, "bundle"))
		return fail(EXIT_USAGE, "--override goes with --bundle");
	if (local && args->command)
		return fail(EXIT_USAGE, "--local makes no outcome handle that CMD could get");
	return EXIT_DONE;
}

static int hand_over(const struct args *args, int outcome_fd)
{
	struct handover h = { 0 };
	int r = handover_add(&h, "outcome", 7, outcome_fd);

	fflush(stdout);
	return r ? r : handover_exec(&h, args->command);
}

static int verify(const struct args *args)
{
	struct capcert_result *result = calloc(1, sizeof(*result));
	bool local = opt_has(args, "local");
	struct capcert_params params = { .no_fetch = opt_has(args, "no-fetch") };
	struct capcert_fetches fetches = { 0 };
	capcert_evidence *evidence = NULL;
	capcert_loglist *logs = NULL;
	capcert_chain *chain = NULL;
	capcert_pins *pins = NULL;
	int outcome_fd = -1, r;

	r = result ? check_options(args) : fail(EXIT_TROUBLE, "out of memory");
	if (!r)
		r = read_params(args, &params);
	if (!r)
		r = load_chain(args, &chain);
	if (!r)
		r = load_evidence(args, chain, &evidence);
	if (!r && local)
		r = load_pins(args, &pins);
	if (!r && !local && opt_has(args, "ct") && !opt_has(args, "ctlogs"))
		r = ct_logs_system(&logs);
	if (!r && !logs)
		r = ct_logs_load(args, &logs);
	params.chain = chain;
	params.evidence = evidence;
	params.logs = local ? logs : NULL;
	params.pins = pins;
	params.fetches = local ? NULL : &fetches;
	if (!r && local)
		r = verify_local(args, &params, result);
	else if (!r)
		r = verify_kernel(args, &params, result, args->command ? &outcome_fd : NULL);
	if (!r)
		r = show(args, result, &params, local, logs);
	capcert_loglist_free(logs);
	capcert_pins_free(pins);
	capcert_evidence_free(evidence);
	capcert_chain_free(chain);
	free(result);
	if (!r && args->command)
		return hand_over(args, outcome_fd);
	if (outcome_fd >= 0)
		close(outcome_fd);
	return r;
}

static const struct opt opts[] = {
	{ .name = "store", .meta = "STORE", .help = "trust store; fd:store if that was inherited" },
	{ .name = "verifier", .meta = "VERIFIER", .help = "verifier; fd:verifier if inherited" },
	{ .name = "name", .meta = "HOST", .help = "host name, IP address or mailbox to match" },
	{ .name = "purpose", .meta = "P", .help = "tlsServerAuth if not given" },
	{ .name = "time", .meta = "TIME", .help = "judge at TIME; the policy must allow it" },
	{ .name = "timeout", .meta = "MS", .help = "wait at most so long for the agent" },
	{ .name = "no-fetch", .help = "fetch no revocation status, even if the verifier may" },
	{ .name = "local", .help = "verify in this process, no module needed" },
	{ .name = "roots",
	  .meta = "FILE",
	  .many = true,
	  .help = "with --local: trust these certificates, or anchors as in RFC 5914" },
	{ .name = "policy", .meta = "TEXT", .help = "with --local: the policy" },
	{ .name = "bundle", .meta = "FILE", .help = "with --local: the store of a signed bundle" },
	{ .name = "bundle-cert", .meta = "FILE", .many = true, .help = "who may sign bundles" },
	{ .name = "override",
	  .meta = "FILE",
	  .many = true,
	  .help = "with --bundle: a signed change of that store" },
	{ .name = "distrust",
	  .meta = "FILE",
	  .many = true,
	  .help = "with --local: never these; certificates, or a signed distrust list" },
	{ .name = "crl", .meta = "FILE", .many = true, .help = "revocation lists" },
	{ .name = "crl-dir",
	  .meta = "DIR",
	  .many = true,
	  .help = "a folder of lists, as capcert crl import keeps them" },
	{ .name = "ocsp", .meta = "FILE", .many = true, .help = "OCSP responses" },
	{ .name = "staple", .meta = "FILE", .help = "the peer's stapled response" },
	{ .name = "ct",
	  .help = "a table of the leaf's SCTs; without --ctlogs by the system's list, "
		  "else the built-in one" },
	{ .name = "ctlogs", .meta = "FILE", .help = "CT logs whose SCTs count, in any form" },
	{ .name = "scts",
	  .meta = "FILE",
	  .many = true,
	  .help = "with --local: SCTs from a TLS handshake (RFC 6962 section 3.3)" },
	{ .name = "pins", .meta = "PINS", .help = "pin set; with --local a file of its text" },
	{ .name = "explain", .help = "say which paths there are, and what would help" },
	{ .name = "beyond",
	  .meta = "WHERE",
	  .many = true,
	  .help = "a file or store of more anchors" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .usage = "[--store S] [--verifier V] [--name HOST] [--purpose P] [--time T] [--explain] "
		   "[--json] CHAINFILE... [-- CMD]",
	  .brief = "verify a chain, leaf first",
	  .help = "Prints valid or the reason why not. With CMD: run it if the chain is valid, "
		  "with "
		  "the\n"
		  "outcome as its only handle, named outcome.\n"
		  "\n"
		  "  capcert verify --store web --verifier tls --name example.org chain.pem\n"
		  "  capcert verify --local --roots roots.pem --policy preset=webpki-lenient "
		  "chain.pem\n"
		  "  capcert verify --explain --store web --verifier tls --name example.org "
		  "chain.pem\n",
	  .opts = opts,
	  .min_words = 1,
	  .max_words = -1,
	  .command = true,
	  .run = verify },
	{ 0 },
};

const struct noun noun_verify = { "verify", "verify a certificate chain", verbs };
