// SPDX-License-Identifier: GPL-2.0-only
/* Sections and keys: one table says all that there are. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/slot.h>
#include "helpers/acmed/conf.h"
#include "helpers/acmed/dns_ask.h"

#define SECONDS_MOST 86400
#define PARALLEL_MOST 64
#define DNS_SERVERS_MOST 16

enum kind { KIND_NONE, KIND_ACMED, KIND_CA, KIND_SOLVER, KIND_CERT, KINDS };

static const char *const kind_words[KINDS] = { "", "acmed", "ca", "solver", "certificate" };

static const char *const challenge_words[CONF_CHALLENGES] = { "http-01", "dns-01", "tls-alpn-01",
							      "dns-persist-01" };
static const char *const solver_words[CONF_SOLVER_KINDS] = { "http-01", "exec", "dns-01",
							     "dns-persist-01", "tls-alpn-01" };

const char *conf_challenge_name(enum conf_challenge challenge)
{
	return challenge < CONF_CHALLENGES ? challenge_words[challenge] : "?";
}

static int find_word(const char *const *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	return -1;
}

int conf_challenge_parse(const char *text)
{
	return find_word(challenge_words, CONF_CHALLENGES, text);
}

/* ---- what is wrong ---- */

static void say(struct conf *c, const char *file, unsigned int line, const char *what)
{
	if (!c->error[0])
		snprintf(c->error, sizeof(c->error), "%s:%u: %s", file, line, what);
}

int conf_wrong(struct conf *c, const struct conf_place *at, const char *format, ...)
{
	char text[CONF_ERROR / 2];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say(c, at->file < c->file_count ? c->files[at->file] : "?", at->line, text);
	return -EINVAL;
}

static void ini_wrong(void *ctx, const struct ini_place *at, const char *what)
{
	say(ctx, at->file, at->line, what);
}

/* ---- values ---- */

/* Each takes the value into @field. Return: NULL, or what is wanted instead. */
static const char *take_text(void *field, const char *value)
{
	char **text = field;

	*text = strdup(value);
	return *text ? NULL : "there is no memory";
}

static const char *take_handle(void *field, const char *value)
{
	if (strlen(value) > INI_WORD || strpbrk(value, "=, \t"))
		return "the name of a handle of CAPCERT_FDS is wanted";
	return take_text(field, value);
}

static const char *take_path(void *field, const char *value)
{
	if (*value != '/')
		return "an absolute path is wanted";
	return take_text(field, value);
}

/* One prefix of slots, as capcert_slot_restrict() takes it. */
static const char *take_prefix(void *field, const char *value)
{
	size_t n = strlen(value);

	if (!n || value[n - 1] != '/' || strchr(value, ',') || !capcert_slot_patterns_valid(value))
		return "a prefix of slots is wanted, with / at its end";
	return take_text(field, value);
}

static const char *take_bool(void *field, const char *value)
{
	bool *b = field;

	*b = strcmp(value, "yes") == 0;
	return *b || strcmp(value, "no") == 0 ? NULL : "yes or no is wanted";
}

static const char *take_count(uint32_t *field, const char *value, uint32_t most)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || strlen(value) > 6 || n < 1 || n > most)
		return "a number is wanted, from 1 on, within what capcert-acme.conf(5) says";
	*field = (uint32_t)n;
	return NULL;
}

static const char *take_seconds(void *field, const char *value)
{
	return take_count(field, value, SECONDS_MOST);
}

static const char *take_parallel(void *field, const char *value)
{
	return take_count(field, value, PARALLEL_MOST);
}

/* No credentials, query or fragment; nothing that could end a line of HTTP. */
static const char *take_url(void *field, const char *value)
{
	size_t n = strlen(value);

	if (strncmp(value, "https://", 8) != 0 || !value[8] || value[8] == '/' || n > 512)
		return "an https:// URL is wanted";
	for (const char *p = value; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr("@#\"\\<>", *p))
			return "a URL without blanks, user names and fragments is wanted";
	return take_text(field, value);
}

static const char *take_names(void *field, const char *value)
{
	return conf_names_parse(value, field);
}

static const char *take_solver_kind(void *field, const char *value)
{
	int n = find_word(solver_words, CONF_SOLVER_KINDS, value);

	if (n < 0)
		return "http-01, tls-alpn-01, dns-01, dns-persist-01 or exec is wanted";
	*(enum conf_solver_kind *)field = (enum conf_solver_kind)n;
	return NULL;
}

static const char *take_challenge(void *field, const char *value)
{
	int n = conf_challenge_parse(value);

	if (n < 0)
		return "http-01, dns-01, tls-alpn-01 or dns-persist-01 is wanted";
	*(enum conf_challenge *)field = (enum conf_challenge)n;
	return NULL;
}

static const char *take_mac(void *field, const char *value)
{
	static const char *const macs[] = { "HS256", "HS384", "HS512" };

	return find_word(macs, 3, value) < 0 ? "HS256, HS384 or HS512 is wanted"
					     : take_text(field, value);
}

static const char *take_dns_name(void *field, const char *value)
{
	struct dns_name name;

	return dns_name_parse(value, &name) ? take_text(field, value) : "a DNS name is wanted";
}

static const char *take_server(void *field, const char *value)
{
	struct dns_server server;

	return dns_server_parse(value, &server)
		       ? take_text(field, value)
		       : "an address is wanted, as 192.0.2.53 or [2001:db8::53]:53";
}

static const char *take_servers(void *field, const char *value)
{
	char *copy = strdup(value), *rest = copy, *word;
	struct dns_server server;
	bool fine = copy != NULL;
	size_t n = 0;

	while (fine && (word = strsep(&rest, ", \t")))
		if (*word)
			fine = dns_server_parse(word, &server) && ++n <= DNS_SERVERS_MOST;
	free(copy);
	return fine && n ? take_text(field, value)
			 : "addresses are wanted, 16 at most, with commas between";
}

static const char *take_algorithm(void *field, const char *value)
{
	return dns_tsig_algorithm(value)
		       ? take_text(field, value)
		       : "hmac-sha256, hmac-sha384 or hmac-sha512 is wanted: older ones are weak";
}

static const char *take_ttl(void *field, const char *value)
{
	return take_count(field, value, SECONDS_MOST);
}

#define OF(kind, type, key, member, take)                      \
	{                                                      \
		kind, key, offsetof(struct type, member), take \
	}
static const struct key {
	enum kind kind;
	const char *word;
	size_t offset;
	const char *(*take)(void *field, const char *value);
} keys[] = {
	OF(KIND_ACMED, conf, "state", state, take_path),
	OF(KIND_ACMED, conf, "parallel", parallel, take_parallel),
	OF(KIND_ACMED, conf, "slots", slots, take_handle),
	OF(KIND_ACMED, conf, "store", store, take_handle),
	OF(KIND_ACMED, conf, "verifier", verifier, take_handle),
	OF(KIND_CA, conf_ca, "directory", directory, take_url),
	OF(KIND_CA, conf_ca, "production", production, take_bool),
	OF(KIND_CA, conf_ca, "account-key", account_key, take_handle),
	OF(KIND_CA, conf_ca, "tls", tls, take_handle),
	OF(KIND_CA, conf_ca, "contact", contact, take_text),
	OF(KIND_CA, conf_ca, "terms-agreed", terms_agreed, take_bool),
	OF(KIND_CA, conf_ca, "eab-kid", eab_kid, take_text),
	OF(KIND_CA, conf_ca, "eab-key-file", eab_key_file, take_path),
	OF(KIND_CA, conf_ca, "eab-mac", eab_mac, take_mac),
	OF(KIND_CA, conf_ca, "profile", profile, take_text),
	OF(KIND_SOLVER, conf_solver, "type", kind, take_solver_kind),
	OF(KIND_SOLVER, conf_solver, "socket", socket, take_handle),
	OF(KIND_SOLVER, conf_solver, "listen", listen, take_text),
	OF(KIND_SOLVER, conf_solver, "program", program, take_path),
	OF(KIND_SOLVER, conf_solver, "challenge", challenge, take_challenge),
	OF(KIND_SOLVER, conf_solver, "key", key, take_handle),
	OF(KIND_SOLVER, conf_solver, "slots", slots, take_handle),
	OF(KIND_SOLVER, conf_solver, "prefix", prefix, take_prefix),
	OF(KIND_SOLVER, conf_solver, "timeout", timeout, take_seconds),
	OF(KIND_SOLVER, conf_solver, "server", server, take_server),
	OF(KIND_SOLVER, conf_solver, "zone", zone, take_dns_name),
	OF(KIND_SOLVER, conf_solver, "record", record, take_dns_name),
	OF(KIND_SOLVER, conf_solver, "resolver", resolver, take_server),
	OF(KIND_SOLVER, conf_solver, "check", check, take_servers),
	OF(KIND_SOLVER, conf_solver, "tsig-key-name", tsig_key_name, take_dns_name),
	OF(KIND_SOLVER, conf_solver, "tsig-key-file", tsig_key_file, take_path),
	OF(KIND_SOLVER, conf_solver, "tsig-algorithm", tsig_algorithm, take_algorithm),
	OF(KIND_SOLVER, conf_solver, "ttl", ttl, take_ttl),
	OF(KIND_CERT, conf_cert, "names", names, take_names),
	OF(KIND_CERT, conf_cert, "slot", slot, take_text),
	OF(KIND_CERT, conf_cert, "slots", slots, take_handle),
	OF(KIND_CERT, conf_cert, "key", key, take_handle),
	OF(KIND_CERT, conf_cert, "ca", ca_name, take_text),
	OF(KIND_CERT, conf_cert, "solver", solver_name, take_text),
	OF(KIND_CERT, conf_cert, "profile", profile, take_text),
	OF(KIND_CERT, conf_cert, "store", store, take_handle),
	OF(KIND_CERT, conf_cert, "verifier", verifier, take_handle),
	OF(KIND_CERT, conf_cert, "must-staple", must_staple, take_bool),
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEY_COUNT <= 64, "struct conf_cert.seen is a mask of 64");

/* ---- sections ---- */

/* The section that is being read, and its mask. */
static void *current(struct conf *c, uint64_t **ret_seen)
{
	switch (c->kind) {
	case KIND_CA:
		*ret_seen = &c->cas[c->ca_count - 1].seen;
		return &c->cas[c->ca_count - 1];
	case KIND_SOLVER:
		*ret_seen = &c->solvers[c->solver_count - 1].seen;
		return &c->solvers[c->solver_count - 1];
	case KIND_CERT:
		*ret_seen = &c->certs[c->cert_count - 1].seen;
		return &c->certs[c->cert_count - 1];
	default:
		*ret_seen = &c->seen;
		return c;
	}
}

/* Room for one more of @size octets in *@array of @count, cleared. */
static void *grow(void *array, size_t count, size_t size)
{
	char **where = array;
	char *more = *where;

	if ((count & (count - 1)) == 0) {
		more = reallocarray(*where, count ? 2 * count : 1, size);
		if (!more)
			return NULL;
		*where = more;
	}
	memset(more + count * size, 0, size);
	return more + count * size;
}

static int twice(struct conf *c, const struct conf_place *at, const char *name,
		 const struct conf_place *first)
{
	return conf_wrong(c, at, "[%s %s] is at %s:%u already: merge the two, or rename one",
			  kind_words[c->kind], name, c->files[first->file], first->line);
}

static int too_many(struct conf *c, const struct conf_place *at, int most)
{
	return conf_wrong(c, at, "more than %d [%s ...]: run a second daemon with the rest", most,
			  kind_words[c->kind]);
}

static int begin_ca(struct conf *c, const struct conf_place *at, const char *name)
{
	struct conf_ca *ca;

	for (size_t i = 0; i < c->ca_count; i++)
		if (strcmp(c->cas[i].name, name) == 0)
			return twice(c, at, name, &c->cas[i].at);
	if (c->ca_count == CONF_CAS)
		return too_many(c, at, CONF_CAS);
	ca = grow(&c->cas, c->ca_count, sizeof(*ca));
	if (!ca)
		return -ENOMEM;
	c->ca_count++;
	ca->at = *at;
	ca->name = strdup(name);
	return ca->name ? 0 : -ENOMEM;
}

static int begin_solver(struct conf *c, const struct conf_place *at, const char *name)
{
	struct conf_solver *solver;

	for (size_t i = 0; i < c->solver_count; i++)
		if (strcmp(c->solvers[i].name, name) == 0)
			return twice(c, at, name, &c->solvers[i].at);
	if (c->solver_count == CONF_SOLVERS)
		return too_many(c, at, CONF_SOLVERS);
	solver = grow(&c->solvers, c->solver_count, sizeof(*solver));
	if (!solver)
		return -ENOMEM;
	c->solver_count++;
	solver->at = *at;
	solver->timeout = 60;
	solver->ttl = 60;
	solver->kind = CONF_SOLVER_KINDS;
	solver->challenge = CONF_CHALLENGES;
	solver->name = strdup(name);
	return solver->name ? 0 : -ENOMEM;
}

static int begin_cert(struct conf *c, const struct conf_place *at, const char *name)
{
	struct conf_cert *cert;

	for (size_t i = 0; i < c->cert_count; i++)
		if (strcmp(c->certs[i].name, name) == 0)
			return twice(c, at, name, &c->certs[i].at);
	if (c->cert_count == CONF_CERTS)
		return too_many(c, at, CONF_CERTS);
	cert = grow(&c->certs, c->cert_count, sizeof(*cert));
	if (!cert)
		return -ENOMEM;
	c->cert_count++;
	cert->at = *at;
	cert->name = strdup(name);
	return cert->name ? 0 : -ENOMEM;
}

static int take_section(void *ctx, const struct ini_place *where, const char *kind,
			const char *name)
{
	struct conf *c = ctx;
	const struct conf_place at = { c->file, where->line };
	int n = find_word(kind_words + 1, KINDS - 1, kind);

	if (n < 0)
		return conf_wrong(c, &at,
				  "[%s] is unknown: there are [acmed], [ca NAME], "
				  "[solver NAME] and [certificate NAME]",
				  kind);
	c->kind = n + 1;
	if ((c->kind == KIND_ACMED) != !*name)
		return conf_wrong(c, &at,
				  c->kind == KIND_ACMED ? "[acmed] has no name"
							: "a name is missing: [%s NAME]",
				  kind);
	switch (c->kind) {
	case KIND_CA:
		return begin_ca(c, &at, name);
	case KIND_SOLVER:
		return begin_solver(c, &at, name);
	case KIND_CERT:
		return begin_cert(c, &at, name);
	default:
		return 0;
	}
}

/* ---- keys ---- */

static int unknown_key(struct conf *c, const struct conf_place *at, const char *word)
{
	char known[CONF_ERROR / 4] = "";
	size_t n = 0;

	for (size_t i = 0; i < KEY_COUNT; i++)
		if (keys[i].kind == (enum kind)c->kind && n < sizeof(known))
			n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", n ? ", " : "",
					      keys[i].word);
	return conf_wrong(c, at, "%s is no key of [%s]: those are %s", word, kind_words[c->kind],
			  known);
}

static int take_pair(void *ctx, const struct ini_place *where, const char *word, const char *value)
{
	struct conf *c = ctx;
	const struct conf_place at = { c->file, where->line };
	uint64_t *seen;
	char *base = current(c, &seen);
	const char *error;
	void *field;

	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (keys[i].kind != (enum kind)c->kind || strcmp(keys[i].word, word) != 0)
			continue;
		if (*seen & 1ull << i)
			return conf_wrong(c, &at, "%s is given twice in this section: keep one",
					  word);
		*seen |= 1ull << i;
		/* Names go into two fields. */
		field = keys[i].take == take_names ? base : base + keys[i].offset;
		error = keys[i].take(field, value);
		return error ? conf_wrong(c, &at, "%s = %.80s: %s", word, value, error) : 0;
	}
	return unknown_key(c, &at, word);
}

int conf_read(struct conf *c, const char *file, const char *text, size_t len)
{
	const struct ini_ops ops = { take_section, take_pair, ini_wrong, c };
	char **place;

	if (c->file_count == CONF_FILES) {
		say(c, file, 1, "more files than 1000");
		return -EINVAL;
	}
	place = grow(&c->files, c->file_count, sizeof(*place));
	if (!place)
		return -ENOMEM;
	*place = strdup(file);
	if (!*place)
		return -ENOMEM;
	c->file = (unsigned int)c->file_count++;
	c->kind = KIND_NONE;
	return ini_read(*place, text, len, &ops);
}

void conf_init(struct conf *c)
{
	*c = (struct conf){ .parallel = 8 };
}
