// SPDX-License-Identifier: GPL-2.0-only
/* What a configuration must have, and what does not fit together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/slot.h>
#include "helpers/acmed/conf.h"

static int missing(struct conf *c, const struct conf_place *at, const char *kind, const char *name,
		   const char *key)
{
	return conf_wrong(c, at, "[%s %s] has no %s: add one", kind, name, key);
}

/* What stands where nothing was said. */
static int inherit(char **field, const char *from)
{
	if (*field || !from)
		return 0;
	*field = strdup(from);
	return *field ? 0 : -ENOMEM;
}

static bool is_production(const char *url)
{
	static const char host[] = "https://acme-v02.api.letsencrypt.org";

	return strncasecmp(url, host, sizeof(host) - 1) == 0;
}

static int check_ca(struct conf *c, struct conf_ca *ca)
{
	const char *fallback = ca->production ? CONF_PRODUCTION : CONF_STAGING;

	if (ca->production && ca->directory && !is_production(ca->directory))
		return conf_wrong(c, &ca->at,
				  "production is about Let's Encrypt: with another "
				  "directory remove it");
	if (!ca->production && ca->directory && is_production(ca->directory))
		return conf_wrong(c, &ca->at,
				  "this directory is production, with its rate limits: "
				  "say production = yes if that is meant");
	if (inherit(&ca->directory, fallback) < 0 || inherit(&ca->account_key, "account") < 0 ||
	    inherit(&ca->tls, "ca") < 0)
		return -ENOMEM;
	if (!ca->eab_kid != !ca->eab_key_file)
		return missing(c, &ca->at, "ca", ca->name,
			       ca->eab_kid ? "eab-key-file" : "eab-kid");
	if (ca->eab_mac && !ca->eab_kid)
		return missing(c, &ca->at, "ca", ca->name, "eab-kid");
	return 0;
}

static int check_http(struct conf *c, struct conf_solver *s)
{
	s->challenge = CONF_HTTP_01;
	if (s->program)
		return conf_wrong(c, &s->at, "program belongs to type = exec: remove it");
	if (!s->socket == !s->listen)
		return conf_wrong(c, &s->at,
				  "[solver %s] needs one of listen (*:80, unix:/path) "
				  "and socket (the name of an inherited one)",
				  s->name);
	/* Two that answer at one socket would have each other's challenges. */
	for (const struct conf_solver *o = c->solvers; s->socket && o < s; o++)
		if (o->socket && strcmp(o->socket, s->socket) == 0)
			return conf_wrong(c, &s->at,
					  "socket %s is that of [solver %s]: "
					  "one solver does for all certificates",
					  s->socket, o->name);
	return 0;
}

static bool has_dns(const struct conf_solver *s)
{
	return s->server || s->zone || s->record || s->resolver || s->check || s->tsig_key_name ||
	       s->tsig_key_file || s->tsig_algorithm;
}

/* RFC 2136 with RFC 8945; dns-persist-01 without a key only looks. */
static int check_dns(struct conf *c, struct conf_solver *s)
{
	bool keyless = s->kind == CONF_SOLVER_PERSIST && !s->tsig_key_name && !s->tsig_key_file &&
		       !s->tsig_algorithm;

	s->challenge = s->kind == CONF_SOLVER_DNS ? CONF_DNS_01 : CONF_DNS_PERSIST_01;
	if (s->program || s->socket || s->listen)
		return conf_wrong(c, &s->at,
				  "program, socket and listen belong to other types: remove them");
	if (keyless && (s->zone || s->record))
		return conf_wrong(c, &s->at,
				  "zone and record say what a tsig key may change: add "
				  "tsig-key-name and tsig-key-file, or remove them");
	if (keyless)
		return 0;
	if (!s->server)
		return missing(c, &s->at, "solver", s->name, "server");
	if (!s->zone && !s->record)
		return missing(c, &s->at, "solver", s->name,
			       "zone, nor a record: what may it change?");
	if (!s->tsig_key_name)
		return missing(c, &s->at, "solver", s->name, "tsig-key-name");
	if (!s->tsig_key_file)
		return missing(c, &s->at, "solver", s->name, "tsig-key-file");
	return inherit(&s->tsig_algorithm, "hmac-sha256");
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static int check_alpn(struct conf *c, struct conf_solver *s)
{
	s->challenge = CONF_TLS_ALPN_01;
	if (s->socket || s->listen || s->program)
		return conf_wrong(c, &s->at,
				  "socket, listen and program are nothing for tls-alpn-01, "
				  "which is answered by capcert-tlsd --acme: remove them");
	if (!s->key)
		return missing(c, &s->at, "solver", s->name, "key");
	if (inherit(&s->slots, c->slots ? c->slots : CONF_SLOTS) < 0 ||
	    inherit(&s->prefix, CONF_ALPN_PREFIX) < 0)
		return -ENOMEM;
	return 0;
}

/* What is under a solver's prefix it takes away as it likes. */
static int check_prefixes(struct conf *c, size_t index)
{
	const struct conf_solver *s = &c->solvers[index];

	if (s->kind != CONF_SOLVER_ALPN)
		return 0;
	for (size_t i = 0; i < index; i++) {
		const struct conf_solver *o = &c->solvers[i];

		if (o->kind == CONF_SOLVER_ALPN && strcmp(o->slots, s->slots) == 0 &&
		    (begins(o->prefix, s->prefix) || begins(s->prefix, o->prefix)))
			return conf_wrong(c, &s->at,
					  "prefix %s overlaps that of [solver %s]: "
					  "give each its own",
					  s->prefix, o->name);
	}
	for (size_t i = 0; i < c->cert_count; i++)
		if (strcmp(c->certs[i].slots, s->slots) == 0 && begins(c->certs[i].slot, s->prefix))
			return conf_wrong(c, &c->certs[i].at,
					  "slot %s is under the prefix of [solver %s], "
					  "who takes away what is there: use another",
					  c->certs[i].slot, s->name);
	return 0;
}

static int check_exec(struct conf *c, struct conf_solver *s)
{
	if (s->socket || s->listen)
		return conf_wrong(c, &s->at,
				  "socket and listen belong to type = http-01: remove "
				  "them");
	if (!s->program)
		return missing(c, &s->at, "solver", s->name, "program");
	if (s->challenge == CONF_CHALLENGES)
		return missing(c, &s->at, "solver", s->name, "challenge");
	return 0;
}

static int check_solver(struct conf *c, struct conf_solver *s)
{
	bool by_dns = s->kind == CONF_SOLVER_DNS || s->kind == CONF_SOLVER_PERSIST;

	if (s->kind == CONF_SOLVER_KINDS)
		return missing(c, &s->at, "solver", s->name, "type");
	if (s->kind != CONF_SOLVER_ALPN && (s->key || s->slots || s->prefix))
		return conf_wrong(c, &s->at,
				  "key, slots and prefix belong to type = tls-alpn-01: "
				  "remove them");
	if (!by_dns && has_dns(s))
		return conf_wrong(c, &s->at,
				  "server, zone, record, resolver, check and tsig-* belong to "
				  "type = dns-01 and dns-persist-01: remove them");
	if (s->kind != CONF_SOLVER_EXEC && s->challenge != CONF_CHALLENGES)
		return conf_wrong(c, &s->at, "challenge belongs to type = exec: remove it");
	switch (s->kind) {
	case CONF_SOLVER_HTTP:
		return check_http(c, s);
	case CONF_SOLVER_ALPN:
		return check_alpn(c, s);
	case CONF_SOLVER_EXEC:
		return check_exec(c, s);
	default:
		return check_dns(c, s);
	}
}

/* Who has one CA and one solver need not name them. */
static int only_parts(const struct conf *c, struct conf_cert *cert)
{
	int r = 0;

	if (c->ca_count == 1)
		r = inherit(&cert->ca_name, c->cas[0].name);
	if (r == 0 && c->solver_count == 1)
		r = inherit(&cert->solver_name, c->solvers[0].name);
	return r;
}

static int find_parts(struct conf *c, struct conf_cert *cert)
{
	for (cert->ca = 0; cert->ca < c->ca_count; cert->ca++)
		if (strcmp(c->cas[cert->ca].name, cert->ca_name) == 0)
			break;
	if (cert->ca == c->ca_count)
		return conf_wrong(c, &cert->at, "[certificate %s]: there is no [ca %s]", cert->name,
				  cert->ca_name);
	for (cert->solver = 0; cert->solver < c->solver_count; cert->solver++)
		if (strcmp(c->solvers[cert->solver].name, cert->solver_name) == 0)
			return 0;
	return conf_wrong(c, &cert->at, "[certificate %s]: there is no [solver %s]", cert->name,
			  cert->solver_name);
}

/* RFC 8555 section 7.1.3, RFC 8737 section 3, RFC 8738 sections 4 and 7. */
static int check_names(struct conf *c, struct conf_cert *cert)
{
	enum conf_challenge challenge = c->solvers[cert->solver].challenge;
	bool dns = challenge == CONF_DNS_01 || challenge == CONF_DNS_PERSIST_01;

	for (size_t i = 0; i < cert->name_count; i++) {
		const struct conf_name *n = &cert->names[i];

		if (n->ip && dns)
			return conf_wrong(c, &cert->at, "%s is an address: %s is for DNS names",
					  n->text, conf_challenge_name(challenge));
		if (n->text[0] == '*' && !dns)
			return conf_wrong(c, &cert->at, "%s: wildcards need dns-01, not %s",
					  n->text, conf_challenge_name(challenge));
	}
	return 0;
}

/* A mistake that nobody would see: two certificates that take turns in one slot. */
static int check_slot(struct conf *c, size_t index)
{
	const struct conf_cert *cert = &c->certs[index];

	if (!capcert_slot_name_valid(cert->slot))
		return conf_wrong(c, &cert->at, "%.80s is no name of a slot", cert->slot);
	for (size_t i = 0; i < index; i++)
		if (strcmp(c->certs[i].slot, cert->slot) == 0 &&
		    strcmp(c->certs[i].slots, cert->slots) == 0)
			return conf_wrong(c, &cert->at,
					  "slot %s is that of [certificate %s] "
					  "already: give each its own",
					  cert->slot, c->certs[i].name);
	return 0;
}

static int check_cert(struct conf *c, size_t index)
{
	struct conf_cert *cert = &c->certs[index];
	const struct {
		const char *word;
		const void *value;
	} needed[] = {
		{ "names", cert->names },
		{ "slot", cert->slot },
		{ "ca, and there is not just one", cert->ca_name },
		{ "solver, and there is not just one", cert->solver_name },
	};
	int r;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!needed[i].value)
			return missing(c, &cert->at, "certificate", cert->name, needed[i].word);
	r = find_parts(c, cert);
	if (r == 0)
		r = check_names(c, cert);
	if (r == 0)
		r = check_slot(c, index);
	return r == 0 ? inherit(&cert->profile, c->cas[cert->ca].profile) : r;
}

static int fill_cert(const struct conf *c, struct conf_cert *cert)
{
	int r = inherit(&cert->slots, c->slots ? c->slots : CONF_SLOTS);

	if (r == 0)
		r = inherit(&cert->store, c->store ? c->store : "issuers");
	if (r == 0)
		r = inherit(&cert->verifier, c->verifier ? c->verifier : "verifier");
	if (r == 0)
		r = inherit(&cert->key, cert->name);
	return r == 0 ? only_parts(c, cert) : r;
}

int conf_finish(struct conf *c)
{
	int r = inherit(&c->state, CONF_STATE);

	for (size_t i = 0; r == 0 && i < c->ca_count; i++)
		r = check_ca(c, &c->cas[i]);
	for (size_t i = 0; r == 0 && i < c->solver_count; i++)
		r = check_solver(c, &c->solvers[i]);
	for (size_t i = 0; r == 0 && i < c->cert_count; i++) {
		r = fill_cert(c, &c->certs[i]);
		if (r == 0)
			r = check_cert(c, i);
	}
	for (size_t i = 0; r == 0 && i < c->solver_count; i++)
		r = check_prefixes(c, i);
	return r;
}

const struct conf_cert *conf_cert_find(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->cert_count; i++)
		if (strcmp(c->certs[i].name, name) == 0)
			return &c->certs[i];
	return NULL;
}

static void free_cert(struct conf_cert *cert)
{
	for (size_t i = 0; i < cert->name_count; i++)
		free(cert->names[i].text);
	free(cert->names);
	free(cert->name);
	free(cert->slot);
	free(cert->slots);
	free(cert->key);
	free(cert->ca_name);
	free(cert->solver_name);
	free(cert->profile);
	free(cert->store);
	free(cert->verifier);
}

static void free_ca(struct conf_ca *ca)
{
	free(ca->name);
	free(ca->directory);
	free(ca->account_key);
	free(ca->tls);
	free(ca->contact);
	free(ca->eab_kid);
	free(ca->eab_key_file);
	if (ca->eab_key)
		explicit_bzero(ca->eab_key, ca->eab_key_len);
	free(ca->eab_key);
	free(ca->eab_mac);
	free(ca->profile);
}

static void free_solver(struct conf_solver *s)
{
	free(s->name);
	free(s->socket);
	free(s->listen);
	free(s->program);
	free(s->key);
	free(s->slots);
	free(s->prefix);
	free(s->server);
	free(s->zone);
	free(s->record);
	free(s->resolver);
	free(s->check);
	free(s->tsig_key_name);
	free(s->tsig_key_file);
	free(s->tsig_algorithm);
	if (s->tsig_key)
		explicit_bzero(s->tsig_key, s->tsig_key_len);
	free(s->tsig_key);
}

void conf_forget(struct conf *c, size_t ca, size_t solver)
{
	for (size_t i = 0; i < c->ca_count; i++)
		if (i != ca && c->cas[i].eab_key) {
			explicit_bzero(c->cas[i].eab_key, c->cas[i].eab_key_len);
			c->cas[i].eab_key_len = 0;
		}
	for (size_t i = 0; i < c->solver_count; i++)
		if (i != solver && c->solvers[i].tsig_key)
			explicit_bzero(c->solvers[i].tsig_key, c->solvers[i].tsig_key_len);
}

void conf_free(struct conf *c)
{
	for (size_t i = 0; i < c->cert_count; i++)
		free_cert(&c->certs[i]);
	for (size_t i = 0; i < c->ca_count; i++)
		free_ca(&c->cas[i]);
	for (size_t i = 0; i < c->solver_count; i++)
		free_solver(&c->solvers[i]);
	for (size_t i = 0; i < c->file_count; i++)
		free(c->files[i]);
	free(c->certs);
	free(c->cas);
	free(c->solvers);
	free(c->files);
	free(c->state);
	free(c->slots);
	free(c->store);
	free(c->verifier);
	*c = (struct conf){ 0 };
}
