// SPDX-License-Identifier: GPL-2.0-only
/* The parts and fields of a TLS end from words of a command line: capcert tls config and serve. */

#include <stddef.h>
#include <unistd.h>
#include "tools/ref.h"
#include "tools/tls_compose.h"

#define RIGHT(name) CAPCERT_RIGHT_##name

/* Which option names which part, and what its key must grant: all that a config passes on. */
static const struct {
	const char *option;
	uint32_t kind;
	uint64_t rights, more;
	size_t field;
} parts[] = {
#define FIELD(name) offsetof(struct capcert_tls_options, name)
	{ "slots", CAPCERT_KIND_SLOT, RIGHT(GET) | RIGHT(WATCH), RIGHT(SIGN), FIELD(slots_fd) },
	{ "key", CAPCERT_KIND_KEY, RIGHT(SIGN) | RIGHT(PUBLIC), 0, FIELD(key_fd) },
	{ "verifier", CAPCERT_KIND_VERIFIER, RIGHT(VERIFY), RIGHT(FETCH), FIELD(verifier_fd) },
	{ "store", CAPCERT_KIND_STORE, RIGHT(VERIFY), 0, FIELD(store_fd) },
	{ "pins", CAPCERT_KIND_PINS, RIGHT(ENFORCE), 0, FIELD(pins_fd) },
};
#define PARTS (sizeof(parts) / sizeof(*parts))

static int *part_fd(struct capcert_tls_options *o, size_t i)
{
	return (int *)((char *)o + parts[i].field);
}

int tls_compose_parts(const struct args *args, uint64_t more, struct capcert_tls_options *o)
{
	const uint64_t all = more | RIGHT(INFO);

	for (size_t i = 0; i < PARTS; i++) {
		const char *word = opt_text(args, parts[i].option);
		uint64_t rights = parts[i].rights | all;
		int r;

		if (!word)
			continue;
		if (parts[i].kind == CAPCERT_KIND_SLOT && !opt_text(args, "key"))
			rights |= parts[i].more;
		/* FETCH is passed on where it is to be had, and no config fails for the want of it. */
		if (parts[i].kind == CAPCERT_KIND_VERIFIER &&
		    !ref_try(word, parts[i].kind, rights | parts[i].more, part_fd(o, i)))
			continue;
		r = ref_open(word, parts[i].kind, rights, part_fd(o, i));
		if (r)
			return r;
	}
	return EXIT_DONE;
}

void tls_compose_end(struct capcert_tls_options *o)
{
	for (size_t i = 0; i < PARTS; i++)
		if (*part_fd(o, i) >= 0)
			close(*part_fd(o, i));
}

/* A word of a list: @parse gives its number. */
static int word_option(const struct args *args, const char *name, const char *words,
		       int (*parse)(const char *text), uint32_t *ret)
{
	const char *text = opt_text(args, name);
	int n = text ? parse(text) : (int)*ret;

	if (n < 0)
		return fail(EXIT_USAGE, "--%s '%s': %s", name, text, words);
	*ret = (uint32_t)n;
	return EXIT_DONE;
}

int tls_compose_options(const struct args *args, struct capcert_tls_options *o, uint8_t *alpn)
{
	const char *names = opt_text(args, "alpn");
	size_t n = CAPCERT_TLS_MAX_ALPN;
	int r;

	o->cipher_policy = CAPCERT_TLS_INTERMEDIATE;
	r = word_option(args, "policy", "modern, intermediate or legacy", capcert_tls_policy_parse,
			&o->cipher_policy);
	if (!r)
		r = word_option(args, "min-version", "1.2 or 1.3", capcert_tls_version_parse,
				&o->min_version);
	if (!r)
		r = word_option(args, "client-auth", "none, optional or required",
				capcert_tls_auth_parse, &o->client_auth);
	if (r)
		return r;
	if (names && capcert_tls_alpn(names, alpn, &n))
		return fail(EXIT_USAGE,
			    "--alpn '%s': names of protocols with commas between, as "
			    "h2,http/1.1",
			    names);
	if (names) {
		o->alpn = alpn;
		o->alpn_len = n;
	}
	if (!opt_has(args, "client") && !opt_has(args, "no-staple"))
		o->flags |= CAPCERT_TLS_STAPLE;
	if (opt_has(args, "staple-required"))
		o->flags |= CAPCERT_TLS_STAPLE_REQUIRED;
	if (opt_has(args, "insecure-legacy"))
		o->flags |= CAPCERT_TLS_LEGACY_OK;
	o->slots = opt_text(args, "serve");
	o->default_slot = opt_text(args, "default");
	o->host = opt_text(args, "host");
	return EXIT_DONE;
}
