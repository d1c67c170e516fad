/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A small ACME CA for what pebble does not do: renewal information, profiles, Retry-After, problems of every type, and
 * answers that are wrong. It proves nothing but dns-persist-01, and http-01 if it is told where; and checks no signature: pebble
 * does both. */
#ifndef TESTS_ACMED_CA_CA_H
#define TESTS_ACMED_CA_CA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <gnutls/x509.h>
#include <jansson.h>

#define ORDERS_MAX 4096
#define NAMES_MAX 100
#define NONCES_MAX (1 << 20)

/*  X(NAME, text) - what goes wrong; in brackets what the control's value means. */
#define FAULTS(X)                                                                  \
	X(NONE, "none")                                                            \
	X(PROBLEM, "problem")	  /* orders are refused [type of the problem] */   \
	X(COMPOUND, "compound")	  /* with a subproblem of each name */             \
	X(RATE, "rate")		  /* 429 to orders [Retry-After] */                \
	X(BUSY, "busy")		  /* 503 to everything [Retry-After] */            \
	X(BUSY_DATE, "busy-date") /* [seconds until the date of Retry-After] */    \
	X(SLOW, "slow")		  /* an order is processing [for so many looks] */ \
	X(INVALID, "invalid")	  /* proofs are wrong */                           \
	X(REPLACED, "replaced")	  /* alreadyReplaced to orders that replace */     \
	X(NONCE, "nonce")	  /* every nonce is refused */                     \
	X(NO_NONCE, "no-nonce")	  /* none is given out */                          \
	X(NO_LOCATION, "no-location")                                              \
	X(TYPE, "type")		  /* text/html */                                  \
	X(REDIRECT, "redirect")                                                    \
	X(BROKEN, "broken")	  /* 500 without a reason */                       \
	X(HUGE, "huge")		  /* 100 MB */                                     \
	X(NO_JSON, "no-json")                                                      \
	X(HANG, "hang")		  /* [seconds] */                                  \
	X(CLOSE, "close")	  /* the connection after each answer */           \
	X(DROP, "drop")		  /* it, without an answer */                      \
	X(HOST, "host")		  /* URLs of orders lead elsewhere */              \
	X(NAMES, "names")	  /* the order is for other names */               \
	X(CERT_NAMES, "cert-names")                                                \
	X(CERT_KEY, "cert-key")                                                    \
	X(CERT_EXPIRED, "cert-expired")                                            \
	X(CERT_CUT, "cert-cut")                                                    \
	X(CONFLICT, "conflict")	  /* 409 to a new key */                           \
	X(WINDOW, "window")	  /* of renewal: begins [in so many seconds] */    \
	X(NO_WINDOW, "no-window") /* 404 */

enum fault {
#define X(name, text) FAULT_##name,
	FAULTS(X)
#undef X
	FAULT_COUNT
};

struct order {
	json_t *identifiers;
	char profile[64], replaces[200];
	const char *status;
	bool proved[NAMES_MAX];
	int asked[NAMES_MAX]; /* sockets of http-01 that wait for their answers; 0 = none */
	unsigned int looks; /* until it is valid */
	char *chain;	    /* PEM */
};

struct answer {
	unsigned int status;
	const char *type, *body_of; /* @body_of: static, in place of @body */
	char *body;
	size_t len; /* 0 = strlen() */
	char location[256], retry[64];
};

struct ca {
	char base[64]; /* https://localhost:PORT */
	gnutls_x509_crt_t root;
	gnutls_x509_privkey_t key;
	enum fault fault;
	unsigned int left; /* requests that it still hits, 0 = all */
	char value[64];
	unsigned long nonce; /* the last one given out */
	bool used[NONCES_MAX];
	unsigned int requests, count, issued;
	struct order orders[ORDERS_MAX];
};

/** ca_record() - @text begins a TXT record at _validation-persist.@name, as the name server of the environment's
 *  ACMED_CA_DNS (an IPv4 address) has it. */
bool ca_record(const char *name, const char *text);

/** ca_ask() - for http-01, at the port of the environment's ACMED_CA_HTTP. Return: a socket; -1 = nobody listens. */
int ca_ask(const char *name, const char *token);
/** ca_answered() - has the answer come? It is read, and @fd closed, then. */
bool ca_answered(int fd, const char *token, bool *ret_good);

void ca_open(struct ca *ca, const char *roots_file);
/** ca_issue() - by the request in base64url, for the fault that is set. Return: PEM, malloc()ed; NULL. */
char *ca_issue(struct ca *ca, const char *csr);
/** ca_serve() - one request. @body: flattened JWS, NULL = none. */
void ca_serve(struct ca *ca, const char *path, const char *body, struct answer *ret);

#endif
