// SPDX-License-Identifier: GPL-2.0-only
/* capcert verifier: frozen policies. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/verify.h>
#include "tools/file.h"
#include "tools/newkey.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tool.h"

/* The policy text of a command line, malloc()ed. */
static int policy_text(const struct args *args, size_t word, char **ret)
{
	const char *preset = opt_text(args, "preset"), *path = opt_text(args, "file");
	const char *text = args->word_count > word ? args->words[word] : NULL;
	int given = !!preset + !!path + !!text, n = 0;
	uint8_t *data;
	size_t len;

	if (given != 1 && !(preset && text && given == 2)) {
		fail(EXIT_USAGE, "a policy is needed: POLICYTEXT, --preset P or --file FILE");
		advise("presets: webpki-strict webpki-strict-ocsp webpki-lenient private-mtls "
		       "code-signing; capcert-policy(5)");
		return EXIT_USAGE;
	}
	if (path) {
		int r = file_read(path, &data, &len);

		if (r)
			return r;
		n = asprintf(ret, "%.*s", (int)len, (char *)data);
		free(data);
	} else if (preset) {
		n = asprintf(ret, "preset=%s%s%s", preset, text ? ";" : "", text ? text : "");
	} else {
		n = asprintf(ret, "%s", text);
	}
	return n < 0 ? fail(EXIT_TROUBLE, "out of memory") : EXIT_DONE;
}

/* Here rather than in the kernel first: the kernel can only say EINVAL. */
static int check_text(const char *text)
{
	capcert_policy *policy;
	const char *why = NULL;
	int r = capcert_policy_new(text, &policy, &why);

	if (!r) {
		capcert_policy_free(policy);
		return EXIT_DONE;
	}
	fail(EXIT_USAGE, "this is no policy: %s", why ? why : capcert_strerror(r));
	advise("the text form is described in capcert-policy(5)");
	return EXIT_USAGE;
}

static int new (const struct args *args)
{
	/* NAME POLICYTEXT [RING]; with --preset or --file NAME [POLICYTEXT] [RING], a RING begins
	 * with '@' or a digit. */
	struct args a = *args;
	const char *ring = NULL;
	int32_t serial;
	char *text;
	int r;

	if (a.word_count > 1) {
		const char *last = a.words[a.word_count - 1];

		if (!strchr(last, '=') &&
		    (a.word_count > 2 || *last == '@' || (*last >= '0' && *last <= '9')))
			ring = a.words[--a.word_count];
	}
	if (a.word_count > 2)
		return fail(EXIT_USAGE, "'%s' is one word too many", a.words[2]);
	r = policy_text(&a, 1, &text);
	if (r)
		return r;
	r = check_text(text);
	if (r) {
		free(text);
		return r;
	}
	serial = newkey(capcert_kind_key_type(CAPCERT_KIND_VERIFIER), a.words[0], text, ring);
	free(text);
	return newkey_say(serial, a.words[0]);
}

static json_t *policy_fields(char *text)
{
	json_t *fields = json_object();
	char *save, *line;

	for (line = strtok_r(text, "\n;", &save); line; line = strtok_r(NULL, "\n;", &save)) {
		char *equals = strchr(line, '=');

		if (equals) {
			*equals = '\0';
			json_object_set_new(fields, line, json_text(equals + 1));
		}
	}
	return fields;
}

static int print_policy(const struct capcert_policy_info *policy, char *text)
{
	char hex[65];

	text_to_hex(policy->digest, 32, hex);
	if (out_json())
		return out_print_json(json_pack(
			"{sssssosisbsisisb}", "preset", policy->preset, "digest", hex, "policy",
			policy_fields(text), "minScts", (int)policy->min_scts, "requireOcsp",
			policy->require_ocsp != 0, "maxChainLength", (int)policy->max_chain_length,
			"clockSkewSeconds", (int)policy->clock_skew, "callerMayChooseTime",
			policy->time_any != 0));
	printf("%s\n", text);
	printf("%s# digest sha256:%s%s\n", out_faint(), hex, out_plain());
	return EXIT_DONE;
}

static int show(const struct args *args)
{
	struct capcert_policy_info policy;
	uint8_t *data;
	size_t len;
	char *text;
	int fd, r = ref_open(args->words[0], CAPCERT_KIND_VERIFIER,
			     CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ, &fd);

	if (r)
		return r;
	r = capcert_verifier_policy(fd, &policy);
	if (!r)
		r = capcert_read(fd, CAPCERT_READ_POLICY, 0, &data, &len);
	close(fd);
	if (r)
		return fail_errno(r, "cannot read the policy of '%s'", args->words[0]);
	while (len && data[len - 1] == '\n')
		len--;
	text = strndup((char *)data, len);
	free(data);
	r = text ? print_policy(&policy, text) : fail(EXIT_TROUBLE, "out of memory");
	free(text);
	return r;
}

static int check(const struct args *args)
{
	capcert_policy *policy;
	char *text;
	int r = policy_text(args, 0, &text);

	if (r)
		return r;
	r = check_text(text);
	if (!r && !capcert_policy_new(text, &policy, NULL)) {
		const char *canonical = capcert_policy_text(policy);

		if (out_json()) {
			char *copy = strdup(canonical);

			r = out_print_json(copy ? policy_fields(copy) : NULL);
			free(copy);
		} else {
			fputs(canonical, stdout);
			if (*canonical && canonical[strlen(canonical) - 1] != '\n')
				putchar('\n');
		}
		capcert_policy_free(policy);
	}
	free(text);
	return r;
}

static const struct opt policy_opts[] = {
	{ .name = "preset",
	  .meta = "P",
	  .help = "start from a preset; POLICYTEXT may change fields" },
	{ .name = "file", .meta = "FILE", .help = "read the policy text from FILE, - is stdin" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "new",
	  .usage = "NAME POLICYTEXT|--preset P|--file FILE [RING] [--json]",
	  .brief = "make a verifier with a policy that never changes",
	  .help = "The verifier is a key of type capverify in RING, the session keyring if not "
		  "given.\n"
		  "\n"
		  "  capcert verifier new tls --preset webpki-strict @u\n"
		  "  capcert verifier new lab 'preset=webpki-lenient;time=any'\n",
	  .opts = policy_opts,
	  .min_words = 1,
	  .max_words = 3,
	  .run = new },
	{ .name = "show",
	  .usage = "VERIFIER [--json]",
	  .brief = "print the frozen policy",
	  .min_words = 1,
	  .max_words = 1,
	  .run = show },
	{ .name = "check",
	  .usage = "POLICYTEXT|--preset P|--file FILE [--json]",
	  .brief = "print the whole of a policy text, no module needed",
	  .help = "  capcert verifier check --preset webpki-strict\n",
	  .opts = policy_opts,
	  .min_words = 0,
	  .max_words = 1,
	  .run = check },
	{ 0 },
};

const struct noun noun_verifier = { "verifier", "make and read verifiers: frozen policies", verbs };
