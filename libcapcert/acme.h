/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the ACME client share. */
#ifndef LIBCAPCERT_ACME_H
#define LIBCAPCERT_ACME_H

#include <capcert/acme.h>
#include <capcert/pubkey.h>
#include "libcapcert/acme_conn.h"
#include "libcapcert/acme_json.h"

#define ACME_NONCE_MAX 1024
#define ACME_JSON "application/json"
#define ACME_JSON_MAX 262144 /* octets of a document */

/* A key that can sign, with what is public about it. */
struct acme_key {
	struct capcert_acme_key how; /* @fd, @spki are ours */
	char *jwk;		     /* RFC 7638's form */
	char thumbprint[CAPCERT_THUMBPRINT_TEXT];
};

/* A key and what it signs for: the ctx of acme_key_sign(). */
struct acme_signer {
	const struct acme_key *key;
	uint32_t purpose;
};

/** acme_key_open() - Return: 0; -EINVAL neither handle nor callback; -EBADMSG, -EOPNOTSUPP its public key;
 *  what capcert_key_public() says; -ENOMEM. */
int acme_key_open(const struct capcert_acme_key *key, struct acme_key *ret);
void acme_key_close(struct acme_key *key);
bool acme_key_there(const struct acme_key *key);
/** acme_key_sign() - a jws_signer. */
int acme_key_sign(void *ctx, uint32_t scheme, const void *message, size_t len, uint8_t *signature,
		  size_t *signature_len);

/** acme_jws() - @payload (NULL: none) by @signer: with @kid, or the key itself where that is NULL; @nonce NULL:
 *  none, as inside another. Return: 0 with *@ret malloc()ed. */
int acme_jws(const struct acme_signer *signer, const char *kid, const char *nonce, const char *url,
	     const char *payload, char **ret);
/** acme_binding_jws() - @key's JWK by the CA's secret (RFC 8555 section 7.3.4). -EINVAL. */
int acme_binding_jws(const struct capcert_acme_binding *binding, const struct acme_key *key,
		     const char *url, char **ret);

/** acme_key_scheme() - the TLS SignatureScheme that every CA takes from such a key.
 *  Return: 0; -EBADMSG, -EOPNOTSUPP its public key. */
int acme_key_scheme(const struct acme_key *key, uint32_t *ret);

/** acme_csr() - CertificationRequest (RFC 2986) for @names without a subject; malloc()ed DER. */
int acme_csr(const struct acme_key *key, const struct acme_name *names, size_t count,
	     uint32_t flags, uint8_t **ret, size_t *ret_len);

struct capcert_acme {
	uint32_t flags, request_ms, call_ms, wait_ms;
	size_t max_body;
	void (*trace)(void *ctx, const char *line);
	void *ctx;
	char *url; /* of the directory */
	char host[256];
	struct acme_conn conn;
	struct acme_key key; /* the account's */
	struct acme_directory directory;
	char nonce[ACME_NONCE_MAX + 1]; /* "" = none */
	char *kid;			/* NULL = no account */
	struct acme_account document;	/* of the account */
	struct capcert_acme_account account;
	struct capcert_acme_failure last;
	uint32_t requests;
	uint32_t depth; /* of calls in calls: the outermost has the deadline */
	int64_t deadline;
	struct http_response answer; /* to the last request */
};

struct capcert_acme_order {
	capcert_acme *acme;
	char *url;
	struct acme_order document;
	struct capcert_acme_identifier identifiers[CAPCERT_ACME_MAX_IDENTIFIERS];
	int64_t retry_at; /* of the last answer, 0 = not said */
};

/** acme_begin() - a public call begins; acme_end() it in any case. acme_end() gives @r back. */
void acme_begin(capcert_acme *acme);
int acme_end(capcert_acme *acme, int r);

/** acme_fail() - a line about what went wrong. Return: @r. */
int acme_fail(capcert_acme *acme, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** acme_check_url() - is it one that we would ask? Return: 0, -EPROTO. */
int acme_check_url(capcert_acme *acme, const char *what, const char *url, struct acme_url *ret);

struct acme_call {
	const char *what;    /* "new order", for people */
	const char *url;     /* NULL: the directory does not have it */
	const char *payload; /* JSON; NULL = POST-as-GET */
	const char *accept;  /* media type that must come, NULL = application/json if anything */
	const struct acme_key *key; /* NULL = the account's */
	uint32_t purpose;	    /* of @key */
	bool jwk;		    /* by the key itself, not the account's URL */
	size_t max;		    /* octets; 0 = ACME_JSON_MAX */
};

/** acme_post() - a signed request; what can be tried again is. Return: 0 a status of the 200s, and the answer
 *  is in @acme->answer; -EREMOTEIO with @acme->last; ... */
int acme_post(capcert_acme *acme, const struct acme_call *call);
/** acme_get() - the same without a signature. */
int acme_get(capcert_acme *acme, const struct acme_call *call);

/** acme_body() - what came. */
static inline struct cc_span acme_body(const capcert_acme *acme)
{
	return cc_span(acme->answer.body ? acme->answer.body : (const uint8_t *)"",
		       acme->answer.body_len);
}

/** acme_location() - a copy of the answer's Location, checked. */
int acme_location(capcert_acme *acme, const char *what, char **ret);

/** acme_retry_at() - Retry-After of the answer as a time, 0 = there is none. */
int64_t acme_retry_at(const capcert_acme *acme);

/** acme_pause() - before the CA is asked again: as long as it says, else 10 ms and each time three times as long,
 *  up to 5 s. @step: 0 at first. Return: 0, -ETIMEDOUT, -ECANCELED. */
int acme_pause(capcert_acme *acme, int64_t retry_at, uint32_t *step);

/** acme_order_error() - why the order is invalid, into @acme->last. Return: -EREMOTEIO. */
int acme_order_error(capcert_acme_order *order, const char *what);

#endif
