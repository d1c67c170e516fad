/* SPDX-License-Identifier: GPL-2.0-only */
/* What the configuration says: CAs, solvers, certificates. capcert-acme.conf(5) describes it. Reading it opens
 * nothing and asks nobody. */
#ifndef HELPERS_ACMED_CONF_H
#define HELPERS_ACMED_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "helpers/acmed/ini.h"

#define CONF_STAGING	"https://acme-staging-v02.api.letsencrypt.org/directory"
#define CONF_PRODUCTION "https://acme-v02.api.letsencrypt.org/directory"

#define CONF_STATE "/var/lib/capcert/acme" /* where nothing was said */
#define CONF_NAMES     100 /* of one certificate: what public CAs take */
#define CONF_CERTS     10000
#define CONF_CAS       64
#define CONF_SOLVERS   256
#define CONF_FILES     1000
#define CONF_FILE_SIZE (4u << 20)
#define CONF_ERROR     1024

enum conf_challenge {
	CONF_HTTP_01,
	CONF_DNS_01,
	CONF_TLS_ALPN_01,
	CONF_DNS_PERSIST_01,
	CONF_CHALLENGES
};

enum conf_solver_kind {
	CONF_SOLVER_HTTP,
	CONF_SOLVER_EXEC,
	CONF_SOLVER_DNS,
	CONF_SOLVER_PERSIST,
	CONF_SOLVER_ALPN,
	CONF_SOLVER_KINDS
};

#define CONF_SLOTS "slots" /* the handle, where nothing was said */
#define CONF_ALPN_PREFIX "acme-tls-alpn/"

struct conf_place {
	unsigned int file; /* index of conf.files */
	unsigned int line;
};

/* Texts are NULL where nothing was said. Names of handles are those of CAPCERT_FDS. */
struct conf_ca {
	char *name;
	char *directory;   /* https URL; CONF_STAGING where nothing was said */
	char *account_key; /* handle of the account's key: SIGN, PUBLIC; purpose acme-account */
	char *tls;	   /* handle of the TLS client config that the CA is reached by */
	char *contact;	   /* "mailto:a@example.org, mailto:b@..." */
	char *eab_kid;	   /* RFC 8555 section 7.3.4, with the file that has the MAC key in base64url */
	char *eab_key_file;
	uint8_t *eab_key;  /* what is in that file, decoded; by conf_load() */
	size_t eab_key_len;
	char *eab_mac;	   /* HS256, HS384, HS512 */
	char *profile;	   /* for certificates that say none */
	bool production;   /* Let's Encrypt's production is meant */
	bool terms_agreed;
	struct conf_place at;
	uint64_t seen;	   /* mask of keys that were there */
};

struct conf_solver {
	char *name;
	enum conf_solver_kind kind;	/* CONF_SOLVER_KINDS, CONF_CHALLENGES: not said */
	enum conf_challenge challenge;
	char *socket;  /* http-01: name of an inherited socket (LISTEN_FDNAMES) ... */
	char *listen;  /* ... or what to listen on: 192.0.2.1:80, [::1]:80, *:80, unix:/path */
	char *program; /* exec: an absolute path */
	char *key;     /* tls-alpn-01: handle of the challenges' key: SIGN PUBLIC INFO; purpose tls-server */
	char *slots;   /* ... handle of the slot store: PUT DELETE LIST */
	char *prefix;  /* ... of its slots, with "/" at the end; they are the solver's alone */
	/* dns-01, dns-persist-01: who takes updates, by which key, of what (dns_client.h) */
	char *server;	/* an address, perhaps with a port */
	char *zone;
	char *record;	/* one name: the only one that is changed */
	char *resolver; /* an address; NULL = those of resolv.conf */
	char *check;	/* addresses, with commas between, in place of the zone's servers */
	char *tsig_key_name, *tsig_key_file, *tsig_algorithm;
	uint8_t *tsig_key; /* what is in that file, decoded; by conf_load() */
	size_t tsig_key_len;
	uint32_t ttl;
	uint32_t timeout; /* seconds for one answer */
	struct conf_place at;
	uint64_t seen;
};

struct conf_name {
	char *text; /* a lower-case DNS name, "*." in front perhaps; or an address as inet_ntop() has it */
	bool ip;
};

struct conf_cert {
	char *name;
	char *slot;
	char *slots;	/* handle of the slot store: PUT, GET */
	char *key;	/* handle of its key: SIGN PUBLIC TRANSFER; purpose tls-server */
	char *ca_name;
	char *solver_name;
	char *profile;
	char *store;	/* handles that the new chain is verified with */
	char *verifier;
	struct conf_name *names;
	size_t name_count;
	bool must_staple; /* RFC 7633; only when asked for */
	size_t ca;	  /* index, after conf_finish() */
	size_t solver;
	struct conf_place at;
	uint64_t seen;
};

struct conf {
	struct conf_ca *cas;
	struct conf_solver *solvers;
	struct conf_cert *certs;
	size_t ca_count, solver_count, cert_count;
	char *state;	   /* the folder of what is remembered */
	char *slots, *store, *verifier; /* of certificates that say none */
	uint32_t parallel; /* orders at once */
	char **files;
	size_t file_count;
	uint64_t seen;
	/* of the reader */
	int kind;
	unsigned int file;
	char error[CONF_ERROR]; /* one line: file:line, what is wrong, what to do */
};

/** conf_init() - with the defaults of [acmed]. conf_free(): all of it. */
void conf_init(struct conf *c);
void conf_free(struct conf *c);

/** conf_read() - add one file's text. Return: 0; -EINVAL with @c->error; -ENOMEM. */
int conf_read(struct conf *c, const char *file, const char *text, size_t len);

/** conf_finish() - after the last file: what is missing, references, what does not fit together.
 *  Return: as conf_read(). */
int conf_finish(struct conf *c);

/** conf_load() - @path, then @path ".d" with its *.conf in the order of their names; all of it. Files that
 *  others than root and we could have written are refused. Return: as conf_read(). */
int conf_load(struct conf *c, const char *path);

/** conf_forget() - the secrets of all CAs but @ca and all solvers but @solver; SIZE_MAX: all. */
void conf_forget(struct conf *c, size_t ca, size_t solver);

/** conf_wrong() - say what is wrong at @at. Return: -EINVAL. */
int conf_wrong(struct conf *c, const struct conf_place *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** conf_names_parse() - "a.example, *.b.example, 192.0.2.1" into @cert. Return: NULL, or what is wrong: a
 *  static line. */
const char *conf_names_parse(const char *text, struct conf_cert *cert);

/** conf_challenge_name() - "http-01"; conf_challenge_parse(): the number or -1. */
const char *conf_challenge_name(enum conf_challenge challenge);
int conf_challenge_parse(const char *text);

/** conf_cert_find() - by its name in the configuration. NULL: there is none. */
const struct conf_cert *conf_cert_find(const struct conf *c, const char *name);

#endif
