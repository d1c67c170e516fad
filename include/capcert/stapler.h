/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeping the OCSP response that a server staples to its handshakes (RFC 6066 section 8, RFC 8446
 * section 4.4.2.1) fresh. The library has no network: how a responder is asked is the program's
 * business, a callback; when it is asked, what of its answers is believed, and what is served until
 * the next one comes is decided here.
 *
 * A response is asked for from half of its life on, with jitter; after a failure again, each time
 * twice as long after; what Retry-After says is waited for. The last response that was good is served
 * until it expires, never after. Any number of threads may use one stapler; one at a time refreshes. */
#ifndef CAPCERT_STAPLER_H
#define CAPCERT_STAPLER_H

#include <capcert/ocsp.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct capcert_stapler capcert_stapler;

/** What to ask, and where. Lives until the callback returns. */
struct capcert_stapler_request {
	const char *url;      /* of the responder, for a POST of @der */
	const char *get_url;  /* the same as a GET (RFC 6960 appendix A.1) */
	const uint8_t *der;   /* OCSPRequest; CertID by SHA-1, no nonce (RFC 5019) */
	size_t len;
	size_t max_bytes;     /* more of an answer is of no use */
	const capcert_chain *chain; /* the server's */
};

/** What came back. */
struct capcert_stapler_answer {
	uint8_t *data;	     /* malloc()ed; the stapler frees it; NULL: none */
	size_t len;
	int64_t retry_after; /* seconds, as the HTTP header says, also where the call failed; 0 = none */
};

/** Ask the responder. No lock is held, so it may take its time. @ret is all zeroes before.
 *  Return: 0 with @ret->data, or -errno: it could not be asked, or did not answer. */
typedef int (*capcert_stapler_fetch)(void *ctx, const struct capcert_stapler_request *request,
				  struct capcert_stapler_answer *ret);

/** Zero-initialise, then fill; 0 and NULL take the default. */
struct capcert_stapler_options {
	capcert_stapler_fetch fetch; /* NULL: capcert_stapler_put() alone brings responses */
	void *ctx;		      /* of all callbacks */
	const capcert_policy *policy; /* its algorithms, clock_skew and max_age count; outlives the
				       * stapler. NULL: clock_skew=60s */
	const char *url;	      /* ask there, not where the certificate says. Copied */
	uint32_t min_wait;	      /* seconds between two questions at least, and after the first
				       * failure; 60 */
	uint32_t max_wait;	      /* after many failures; 3600. Not of Retry-After, which is
				       * waited for up to a day */
	int withhold_revoked;	      /* serve nothing once the certificate is revoked; else serve the
				       * response that says so */
	int64_t (*now)(void *ctx);    /* seconds since 1970, UTC; the system's clock */
	uint32_t (*random)(void *ctx); /* jitter; the system's */
};

/** capcert_stapler_new() - without a certificate yet. Return: 0; -EINVAL min_wait above max_wait;
 *  -ENOMEM. Free with capcert_stapler_free(), when no call is under way. */
CAPCERT_API int capcert_stapler_new(const struct capcert_stapler_options *options,
				    capcert_stapler **ret);
CAPCERT_API void capcert_stapler_free(capcert_stapler *stapler);

/**
 * capcert_stapler_set_certificate() - staple for this chain from now on: leaf, its issuer, and others
 * among which the responder's certificate may be. Takes effect as a whole or not at all; a response
 * about another certificate is served no more, an answer about it that is under way is dropped. The
 * same leaf and issuer again keep what they have.
 * Return: 0, also when the certificate names no responder (then there is nothing to ask); -EINVAL no
 * issuer behind the leaf, or one that did not sign it; -ENOMEM.
 */
CAPCERT_API int capcert_stapler_set_certificate(capcert_stapler *stapler,
						const capcert_chain *chain);

/** capcert_stapler_due() - when to call capcert_stapler_refresh() next: seconds since 1970, UTC, maybe
 *  past; INT64_MAX: there is nothing to ask. Changes with each refresh, put and set_certificate. */
CAPCERT_API int64_t capcert_stapler_due(capcert_stapler *stapler);

/**
 * capcert_stapler_refresh() - ask now, whether it is due or not, verify, and store what holds.
 * Return: 0, also when the responder said the same as before, and when it said that the certificate is
 * revoked; -EALREADY another thread is asking; -ENXIO there is nothing to ask, or no callback; -ESTALE
 * the certificate was replaced meanwhile, or the answer is older than the one there is, or takes a revocation back; -EAGAIN the
 * responder would not answer (tryLater and the like); -ENOENT it does not know the certificate;
 * -EKEYREJECTED what it said does not count: about another certificate, by a signer who may not,
 * out of date; -EBADMSG it is no OCSP response; -EMSGSIZE too large; -ENOMEM; or what the callback
 * returned. capcert_stapler_get() says more.
 */
CAPCERT_API int capcert_stapler_refresh(capcert_stapler *stapler);

/** capcert_stapler_put() - a response that came another way (kept over a restart, say), verified and
 *  stored as in capcert_stapler_refresh(). A refusal is not counted as a failure. Return: likewise. */
CAPCERT_API int capcert_stapler_put(capcert_stapler *stapler, const uint8_t *der, size_t len);

/** capcert_stapler_current_response() - what to staple now: verified, in force, about the present
 *  certificate. @ret: a copy, malloc()ed. Return: 0; -ENODATA there is none; -EKEYREVOKED it is
 *  withheld, see the options; -ENOMEM. */
CAPCERT_API int capcert_stapler_current_response(capcert_stapler *stapler, uint8_t **ret,
						 size_t *ret_len);

struct capcert_stapler_info {
	int have;	     /* is there a response in force? */
	uint32_t status;     /* have: CAPCERT_OCSP_GOOD or _REVOKED */
	int64_t this_update; /* have */
	int64_t until;	     /* have: last second at which it is served */
	int64_t due;	     /* as capcert_stapler_due() */
	uint32_t failures;   /* since the last success */
	int error;	     /* of the last refresh or put, 0 = it went well */
	const char *why;     /* static: what an error means; NULL */
};
CAPCERT_API void capcert_stapler_get(capcert_stapler *stapler, struct capcert_stapler_info *ret);

#ifdef __cplusplus
}
#endif
#endif
