/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates from any CA that speaks ACME: RFC 8555 with RFC 8737 (tls-alpn-01), RFC 8738 (addresses),
 * RFC 9773 (when to renew), profiles and dns-persist-01. docs/acme.md says how it hangs together.
 *
 * Keys stay where they are: whatever is signed is signed by a key handle, or by a callback. Who the CA's
 * server is, is decided by the TLS context alone. Nothing that a CA says is believed: sizes are bounded,
 * texts for people are printable, URLs lead to the CA's own host, and a certificate is given to the caller
 * only if it has the names of the order, our key, and a chain to the caller's store.
 *
 * Calls return 0 or a negative errno; ret_ outputs are untouched on failure. Everywhere:
 *  -EREMOTEIO	the CA refuses: capcert_acme_last() says what and what to do
 *  -EPROTO	the CA's answer is not what RFC 8555 says
 *  -ETIMEDOUT	not within the time of a request or a call
 *  -EKEYREJECTED	the CA's server is not who it should be, or a certificate is not good
 *  -ECANCELED	the cancel_fd of the options became readable
 *  -EMSGSIZE	longer than the limits
 *  -ENOMEM; and of connecting: -ECONNREFUSED, -EHOSTUNREACH, -ECONNRESET, ...
 * capcert_acme_last() has a line about each of them. */
#ifndef CAPCERT_ACME_H
#define CAPCERT_ACME_H

#include <stdbool.h>
#include <capcert/tls.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what is put in ---- */

/**
 * A key that signs. Either @fd is a key handle with SIGN and PUBLIC, and the rest is not looked at; or @fd is
 * -1, and sign() does it, for whom @spki is the public key.
 */
struct capcert_acme_key {
	int fd;
	/** @purpose: CAPCERT_KEY_*; the rest as in capcert_key_sign(). Return: 0 or -errno. */
	int (*sign)(void *ctx, uint32_t purpose, uint32_t scheme, const void *message, size_t len,
		    uint8_t *signature, size_t *signature_len);
	void *ctx;
	const uint8_t *spki; /* DER SubjectPublicKeyInfo */
	size_t spki_len;
};

#define CAPCERT_ACME_OTHER_HOSTS (1u << 0) /* follow URLs of the CA to other hosts than its directory's */

/** What a client is made of; begin with CAPCERT_ACME_OPTIONS_INIT. Texts are copied. */
struct capcert_acme_options {
	uint32_t size;
	uint32_t flags;		  /* CAPCERT_ACME_OTHER_HOSTS */
	const char *directory;	  /* https URL */
	capcert_tls_context *tls; /* a client's; takes a reference */
	struct capcert_acme_key account; /* handle and public key are copied, what @ctx is outlives the
					  * client. No key (fd -1, no sign): directory and renewal
					  * information alone */
	uint32_t request_ms; /* one request, from connecting to the last octet [30000] */
	uint32_t call_ms;    /* one call, with all its requests and waiting [300000] */
	uint32_t wait_ms;    /* the longest Retry-After of a refusal that is waited for; longer ones are the
			      * caller's [10000] */
	uint32_t max_body;   /* octets of one answer [1048576] */
	int cancel_fd;	     /* ends any call when it is readable; -1 = none */
	/**
	 * dial() - a connected stream socket to @host ("ca.example", "192.0.2.1", "2001:db8::1"), not blocking
	 * for longer than @timeout_ms. NULL: the system's resolver, whose own time limits hold.
	 * Return: fd or -errno.
	 */
	int (*dial)(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms);
	/** trace() - a line for each request: "POST https://ca.example/order 201 12 ms". NULL = none. */
	void (*trace)(void *ctx, const char *line);
	void *ctx;
};
#define CAPCERT_ACME_OPTIONS_INIT \
	{ .size = sizeof(struct capcert_acme_options), .account = { .fd = -1 }, .cancel_fd = -1 }

/* ---- the client ---- */

/* One CA, one account, one kept-alive connection; for one thread at a time. */
typedef struct capcert_acme capcert_acme;

/** What the directory says (RFC 8555 section 7.1.1); the client's own. NULL and 0: not said. */
struct capcert_acme_meta {
	const char *terms_of_service; /* URL, printable */
	const char *website;
	bool external_account_required;
	bool renewal_info;	      /* RFC 9773 is spoken */
	const char *const *caa;	      /* caaIdentities */
	size_t caa_count;
	const char *const *profiles;  /* names; what each is stands in @profile_texts */
	const char *const *profile_texts;
	size_t profile_count;
};

/**
 * capcert_acme_open() - connect, and read the directory.
 * @ret: also set when it fails after the options were understood, so that capcert_acme_last() can tell;
 * NULL after -EINVAL and -ENOMEM. capcert_acme_close() it in any case.
 * Return: as above; -EINVAL options that cannot be: no https URL, no context.
 */
CAPCERT_API int capcert_acme_open(const struct capcert_acme_options *options, capcert_acme **ret);
CAPCERT_API void capcert_acme_close(capcert_acme *acme); /* NULL is fine */
CAPCERT_API const struct capcert_acme_meta *capcert_acme_meta(const capcert_acme *acme);
/** capcert_acme_requests() - how many were made so far. */
CAPCERT_API uint32_t capcert_acme_requests(const capcert_acme *acme);

/* ---- what goes wrong ---- */

/* Types of problems: RFC 8555 section 6.7, RFC 9773 section 7.4, profiles. */
enum capcert_acme_problem_type {
	CAPCERT_ACME_NO_PROBLEM,
	CAPCERT_ACME_OTHER_PROBLEM, /* a type that is not known; @type has it */
	CAPCERT_ACME_ACCOUNT_DOES_NOT_EXIST,
	CAPCERT_ACME_ALREADY_REPLACED,
	CAPCERT_ACME_ALREADY_REVOKED,
	CAPCERT_ACME_BAD_CSR,
	CAPCERT_ACME_BAD_NONCE,
	CAPCERT_ACME_BAD_PUBLIC_KEY,
	CAPCERT_ACME_BAD_REVOCATION_REASON,
	CAPCERT_ACME_BAD_SIGNATURE_ALGORITHM,
	CAPCERT_ACME_CAA,
	CAPCERT_ACME_COMPOUND,
	CAPCERT_ACME_CONNECTION,
	CAPCERT_ACME_DNS_PROBLEM,
	CAPCERT_ACME_EXTERNAL_ACCOUNT_REQUIRED,
	CAPCERT_ACME_INCORRECT_RESPONSE,
	CAPCERT_ACME_INVALID_CONTACT,
	CAPCERT_ACME_INVALID_PROFILE,
	CAPCERT_ACME_MALFORMED,
	CAPCERT_ACME_ORDER_NOT_READY,
	CAPCERT_ACME_RATE_LIMITED,
	CAPCERT_ACME_REJECTED_IDENTIFIER,
	CAPCERT_ACME_SERVER_INTERNAL,
	CAPCERT_ACME_TLS,
	CAPCERT_ACME_UNAUTHORIZED,
	CAPCERT_ACME_UNSUPPORTED_CONTACT,
	CAPCERT_ACME_UNSUPPORTED_IDENTIFIER,
	CAPCERT_ACME_USER_ACTION_REQUIRED,
	CAPCERT_ACME_PROBLEM_TYPES
};

#define CAPCERT_ACME_MAX_SUBPROBLEMS 16

struct capcert_acme_subproblem {
	uint32_t type;		/* enum capcert_acme_problem_type */
	char identifier[256];	/* "" = not said */
	char detail[256];
};

/** What the last call came to. Texts are printable ASCII, cut where they are too long. */
struct capcert_acme_failure {
	uint32_t type;	   /* enum capcert_acme_problem_type; NO_PROBLEM: it was not the CA that said no */
	uint32_t status;   /* of HTTP; 0 = there was no answer */
	int64_t retry_at;  /* when the CA wants to be asked again, seconds since 1970; 0 = not said */
	char text[768];	   /* a line for people: what is wrong, and what to do */
	char detail[512];  /* what the CA says */
	char url[256];	   /* that it names: terms to agree to, documentation */
	uint32_t subproblem_count;
	struct capcert_acme_subproblem subproblems[CAPCERT_ACME_MAX_SUBPROBLEMS];
};

/** capcert_acme_last() - the client's until its next call; never NULL; text "" = nothing is wrong. */
CAPCERT_API const struct capcert_acme_failure *capcert_acme_last(const capcert_acme *acme);
/** capcert_acme_problem_name() - "rateLimited"; "?". */
CAPCERT_API const char *capcert_acme_problem_name(uint32_t type);
/** capcert_acme_problem_advice() - a line that says what to do about it; "". */
CAPCERT_API const char *capcert_acme_problem_advice(uint32_t type);

/* ---- the account ---- */

/* RFC 8555 section 7.1.2. */
enum capcert_acme_status { /* of accounts, orders, authorizations, challenges: section 7.1.6 */
	CAPCERT_ACME_STATUS_UNKNOWN,
	CAPCERT_ACME_PENDING,
	CAPCERT_ACME_READY,
	CAPCERT_ACME_PROCESSING,
	CAPCERT_ACME_VALID,
	CAPCERT_ACME_INVALID,
	CAPCERT_ACME_DEACTIVATED,
	CAPCERT_ACME_EXPIRED,
	CAPCERT_ACME_REVOKED,
};
/** capcert_acme_status_name() - "pending"; "unknown". */
CAPCERT_API const char *capcert_acme_status_name(uint32_t status);

/** A key that the CA has given out beforehand, to bind the account to (section 7.3.4). */
struct capcert_acme_binding {
	const char *kid;
	uint32_t hash; /* CAPCERT_HASH_SHA256, _SHA384, _SHA512: HS256, HS384, HS512 */
	const uint8_t *key;
	size_t key_len;
	/** mac() - in place of @key: the HMAC of @message, as long as the hash. Return: 0 or -errno. */
	int (*mac)(void *ctx, uint32_t hash, const void *message, size_t len, uint8_t *ret);
	void *ctx;
};

struct capcert_acme_registration {
	const char *const *contacts; /* "mailto:admin@example.org" */
	size_t contact_count;
	bool terms_agreed;
	const struct capcert_acme_binding *binding; /* NULL = none */
};

/** What the CA keeps of an account; the client's until the account changes. */
struct capcert_acme_account {
	const char *url; /* that names it: "kid" */
	uint32_t status; /* enum capcert_acme_status */
	bool created;	 /* by this registration; else it was there */
	bool terms_agreed;
	const char *const *contacts;
	size_t contact_count;
};

/**
 * capcert_acme_register() - make the account, or find that of the key (section 7.3).
 * Return: as above; -EINVAL no account key; -EACCES the account is there, but deactivated or revoked.
 */
CAPCERT_API int capcert_acme_register(capcert_acme *acme,
				      const struct capcert_acme_registration *registration);
/** capcert_acme_find() - find the account of the key, make none (section 7.3.1). -ENOENT there is none. */
CAPCERT_API int capcert_acme_find(capcert_acme *acme);
/** capcert_acme_use() - the account's URL is known from before: no request is made. */
CAPCERT_API int capcert_acme_use(capcert_acme *acme, const char *account_url);
/** capcert_acme_account() - NULL: none yet. After capcert_acme_use() only the URL is known. */
CAPCERT_API const struct capcert_acme_account *capcert_acme_account(const capcert_acme *acme);
/** capcert_acme_update() - other contacts (section 7.3.2), or agreement to new terms (7.3.3).
 *  @registration: its binding is not looked at. */
CAPCERT_API int capcert_acme_update(capcert_acme *acme,
				    const struct capcert_acme_registration *registration);
/** capcert_acme_rollover() - from now on the account is that of @key (section 7.3.5), and the client signs
 *  with it. -EEXIST another account has that key. */
CAPCERT_API int capcert_acme_rollover(capcert_acme *acme, const struct capcert_acme_key *key);
/** capcert_acme_deactivate() - for ever (section 7.3.6). */
CAPCERT_API int capcert_acme_deactivate(capcert_acme *acme);
/** capcert_acme_orders() - URLs of the account's orders (section 7.1.2.1), page by page, at most 10000.
 *  @each: not 0 ends it and is returned. -EOPNOTSUPP the CA has no list. */
CAPCERT_API int capcert_acme_orders(capcert_acme *acme, int (*each)(void *ctx, const char *url),
				    void *ctx);

/* ---- orders ---- */

#define CAPCERT_ACME_MAX_IDENTIFIERS 100

enum capcert_acme_identifier_type { CAPCERT_ACME_DNS = 1, CAPCERT_ACME_IP = 2 };

struct capcert_acme_identifier {
	uint32_t type;
	const char *value; /* "www.example.org", "*.example.org" (U-labels allowed); "192.0.2.1", "2001:db8::1" */
};

struct capcert_acme_request {
	const struct capcert_acme_identifier *identifiers;
	size_t identifier_count;
	int64_t not_before; /* seconds since 1970; 0 = the CA's choice */
	int64_t not_after;
	const char *profile;  /* NULL = the CA's choice */
	const char *replaces; /* NULL, or capcert_acme_cert_id() of the certificate that this one is to
			       * replace; left out when the CA does not speak RFC 9773 */
};

/* An order at the CA; belongs to its client, which outlives it. */
typedef struct capcert_acme_order capcert_acme_order;

struct capcert_acme_order_info {
	const char *url; /* what follows is the order's, until it is asked for again */
	uint32_t status;
	int64_t expires; /* 0 = not said */
	const char *profile;
	const char *replaces;
	const char *certificate; /* URL, once there is one */
	const struct capcert_acme_identifier *identifiers;
	size_t identifier_count;
};

/**
 * capcert_acme_order_new() - ask for a certificate (section 7.4). Nothing is proved yet.
 * When the CA answers that the predecessor was replaced already (alreadyReplaced), the order is made
 * without saying what it replaces, as RFC 9773 section 5 suggests.
 * Return: as above; -EINVAL no names, a name that is none, or one twice; -E2BIG too many.
 */
CAPCERT_API int capcert_acme_order_new(capcert_acme *acme, const struct capcert_acme_request *request,
				       capcert_acme_order **ret);
/** capcert_acme_order_open() - one that was made before, by its URL. -ENOENT the CA does not know it. */
CAPCERT_API int capcert_acme_order_open(capcert_acme *acme, const char *url,
					capcert_acme_order **ret);
/** capcert_acme_order_refresh() - ask how it stands. */
CAPCERT_API int capcert_acme_order_refresh(capcert_acme_order *order);
CAPCERT_API void capcert_acme_order_info(const capcert_acme_order *order,
					 struct capcert_acme_order_info *ret);
CAPCERT_API void capcert_acme_order_free(capcert_acme_order *order); /* NULL is fine */

/* ---- challenges ---- */

enum capcert_acme_challenge_type {
	CAPCERT_ACME_HTTP_01,
	CAPCERT_ACME_DNS_01,
	CAPCERT_ACME_TLS_ALPN_01,
	CAPCERT_ACME_DNS_PERSIST_01,
	CAPCERT_ACME_CHALLENGE_TYPES
};
/** capcert_acme_challenge_name() - "http-01"; "?". The inverse: the type, or -1. */
CAPCERT_API const char *capcert_acme_challenge_name(uint32_t type);
CAPCERT_API int capcert_acme_challenge_parse(const char *text);

#define CAPCERT_ACME_MAX_TOKEN 256

/** What a solver publishes. */
struct capcert_acme_challenge {
	uint32_t type;
	struct capcert_acme_identifier identifier; /* without "*." */
	bool wildcard;
	const char *token;	       /* base64url, at most CAPCERT_ACME_MAX_TOKEN; NULL: dns-persist-01 */
	const char *key_authorization; /* http-01: what /.well-known/acme-challenge/TOKEN answers; NULL alike */
	const char *record;	       /* dns-01, dns-persist-01: name of the TXT record, else NULL */
	const char *text;	       /* ... and what is in it */
	uint8_t digest[32];	       /* tls-alpn-01: what acmeIdentifier holds (RFC 8737 section 3) */
};

/* ---- tls-alpn-01 (RFC 8737), for who answers it ---- */

#define CAPCERT_ACME_ALPN      "acme-tls/1" /* the one protocol that the CA offers */
#define CAPCERT_ACME_ALPN_HOST 256

/** capcert_acme_alpn_host() - the server name that the CA asks for: the name; of an address its reverse name
 *  ("1.2.0.192.in-addr.arpa", RFC 8738 section 6). Return: 0; -EINVAL no identifier, or a wildcard; -ENOMEM. */
CAPCERT_API int capcert_acme_alpn_host(const struct capcert_acme_identifier *identifier,
				       char ret[CAPCERT_ACME_ALPN_HOST]);

/** What a certificate for tls-alpn-01 says. */
struct capcert_acme_alpn {
	struct capcert_acme_key key; /* its own, for CAPCERT_KEY_TLS_SERVER */
	struct capcert_acme_identifier identifier;
	uint8_t digest[32]; /* of the challenge */
	int64_t not_before; /* seconds since 1970 */
	int64_t not_after;
};

/**
 * capcert_acme_alpn_certificate() - the self-signed certificate by which control over an identifier is proved
 * (RFC 8737 section 3): that one name, and the digest in the critical extension acmeIdentifier, for which
 * nobody but an ACME server takes it. What the key may sign otherwise: see capcert_key_refuses().
 * @ret: DER; free() it.
 * Return: 0; -EINVAL no identifier, a wildcard, no key, or times in the wrong order; -EBADMSG, -EOPNOTSUPP the
 * public key; what capcert_key_sign() says; -ENOMEM.
 */
CAPCERT_API int capcert_acme_alpn_certificate(const struct capcert_acme_alpn *alpn, uint8_t **ret,
					      size_t *ret_len);

/** Who publishes: exactly one authority each. */
struct capcert_acme_solver {
	uint32_t types; /* mask of 1 << CAPCERT_ACME_HTTP_01 ... */
	/** publish() - returns when the CA can see it. Return: 0; -EOPNOTSUPP not this identifier: the next
	 *  solver is asked; any other -errno ends the authorization. */
	int (*publish)(void *ctx, const struct capcert_acme_challenge *challenge);
	/** withdraw() - once for every publish() that returned 0, whatever came of it. */
	void (*withdraw)(void *ctx, const struct capcert_acme_challenge *challenge);
	void *ctx;
};

/**
 * capcert_acme_authorize() - prove control over every identifier of the order: all authorizations are read,
 * all challenges published, then all answered, then the CA is asked together how they stand; everything
 * published is withdrawn before it returns.
 * @solvers: the first that takes one of the offered challenges of an identifier is asked.
 * Return: 0 the order is ready (or further); -EOPNOTSUPP no solver takes what the CA offers for an
 * identifier; what publish() returned; as above.
 */
CAPCERT_API int capcert_acme_authorize(capcert_acme_order *order,
				       const struct capcert_acme_solver *solvers, size_t count);
/** capcert_acme_release() - give back the order's authorizations that are valid or pending (section 7.5.2), so
 *  that nobody uses them. */
CAPCERT_API int capcert_acme_release(capcert_acme_order *order);

/* ---- the certificate ---- */

#define CAPCERT_ACME_MUST_STAPLE (1u << 0) /* ask for the TLS feature extension (RFC 7633) */

/**
 * capcert_acme_finalize() - send the request, signed by @key for CAPCERT_KEY_TLS_SERVER, and wait until there
 * is a certificate (section 7.4). An order that is processing or valid already is only waited for.
 * @flags: CAPCERT_ACME_MUST_STAPLE or 0.
 */
CAPCERT_API int capcert_acme_finalize(capcert_acme_order *order, const struct capcert_acme_key *key,
				      uint32_t flags);

/** By what a new chain is judged: in this process, or through handles. */
struct capcert_acme_trust {
	const capcert_policy *policy;
	const capcert_store *store;
	const capcert_distrust_list *distrust;
	const capcert_loglist *logs;
	int verifier_fd; /* -1 = the above */
	int store_fd;
	const char *prefer_issuer; /* NULL, or the common name of the issuer at the chain's end that is tried
				    * first, of those the CA offers */
};

/**
 * capcert_acme_download() - the order's certificate, judged: exactly the names of the order, the key of
 * @key, a chain that verifies. Of the chains that the CA offers (section 7.4.2) the first that does.
 * @key: as in capcert_acme_finalize(); it signs nothing here.
 * Return: as above; -EKEYREJECTED none of the chains will do.
 */
CAPCERT_API int capcert_acme_download(capcert_acme_order *order, const struct capcert_acme_key *key,
				      const struct capcert_acme_trust *trust, capcert_chain **ret);

/** All of an order in one. Zero-initialise but for the handles. */
struct capcert_acme_issue {
	struct capcert_acme_request request;
	const struct capcert_acme_solver *solvers;
	size_t solver_count;
	struct capcert_acme_key key;
	uint32_t flags; /* CAPCERT_ACME_MUST_STAPLE */
	struct capcert_acme_trust trust;
};

/** capcert_acme_issue() - order, prove, finalize, download, in the time of one call. */
CAPCERT_API int capcert_acme_issue(capcert_acme *acme, const struct capcert_acme_issue *issue,
				   capcert_chain **ret);
/** capcert_acme_renew() - the same with the names of @chain's leaf, which it replaces (RFC 9773).
 *  @issue: names and @replaces of its request are not looked at. */
CAPCERT_API int capcert_acme_renew(capcert_acme *acme, const capcert_chain *chain,
				   const struct capcert_acme_issue *issue, capcert_chain **ret);

/**
 * capcert_acme_revoke() - section 7.6.
 * @reason: CRLReason (RFC 5280 section 5.3.1), 0 to 10 but 7; -1 = none.
 * @key: NULL: by the account; else by the certificate's own key, for its purpose CAPCERT_KEY_TLS_SERVER.
 * Return: 0, also when it is revoked already; as above; -EINVAL no such reason.
 */
CAPCERT_API int capcert_acme_revoke(capcert_acme *acme, const capcert_cert *cert, int reason,
				    const struct capcert_acme_key *key);

/* ---- when to renew (RFC 9773) ---- */

#define CAPCERT_ACME_CERT_ID 160

/** capcert_acme_cert_id() - AKI.serial, as section 4.1 names certificates.
 *  Return: 0; -ENODATA it has no authority key identifier; -EMSGSIZE. */
CAPCERT_API int capcert_acme_cert_id(const capcert_cert *cert, char ret[CAPCERT_ACME_CERT_ID]);

struct capcert_acme_renewal {
	int64_t start; /* of the window; seconds since 1970 */
	int64_t end;   /* after @start */
	int64_t ask_again; /* when; between one minute and a day from now, 6 hours if the CA does not say */
	char explanation[256]; /* URL; "" = none */
};

/** capcert_acme_renewal_info() - Return: as above; -EOPNOTSUPP the CA does not speak RFC 9773; -ENOENT it does
 *  not know the certificate. */
CAPCERT_API int capcert_acme_renewal_info(capcert_acme *acme, const char *cert_id,
					  struct capcert_acme_renewal *ret);

#ifdef __cplusplus
}
#endif
#endif
