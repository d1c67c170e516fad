/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OCSP (RFC 6960): requests to send, responses to look at, and what one says about a certificate. No
 * call here talks to anybody. */
#ifndef CAPCERT_OCSP_H
#define CAPCERT_OCSP_H

#include <capcert/verify.h>
#include <capcert/x509_ext.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A response, parsed once; immutable. */
typedef struct capcert_ocsp capcert_ocsp;

/** capcert_ocsp_new() - from DER, which is copied. -EBADMSG: @ret_error, if not NULL, points to a
 *  static line that says what is wrong with the bytes. Free with capcert_ocsp_free(). */
CAPCERT_API int capcert_ocsp_new(const uint8_t *der, size_t len, capcert_ocsp **ret,
				 const char **ret_error);
CAPCERT_API void capcert_ocsp_free(capcert_ocsp *ocsp);

/** What stands in a response. Bytes are valid as long as it is. */
struct capcert_ocsp_info {
	uint32_t status;	     /* OCSPResponseStatus; not 0: nothing else is there */
	const char *status_name;     /* "successful", "tryLater" ... */
	int by_key;		     /* responderID: */
	struct capcert_bytes responder; /* SHA-1 of the key, else a DER Name */
	int64_t produced_at;	     /* seconds since 1970, UTC */
	const char *scheme;	     /* "ecdsa-sha256" */
	struct capcert_bytes nonce;  /* empty when absent */
	uint32_t answer_count;
	uint32_t cert_count;	     /* certificates that it carries */
	int unknown_critical;	     /* an extension: the response must not be used */
};
CAPCERT_API void capcert_ocsp_get(const capcert_ocsp *ocsp, struct capcert_ocsp_info *ret);

/** One single response. */
struct capcert_ocsp_answer {
	const char *hash;	       /* of the CertID: "sha1", "sha256", "other" */
	struct capcert_bytes name_hash, key_hash;
	struct capcert_bytes serial;   /* content octets */
	uint32_t status;	       /* CAPCERT_OCSP_GOOD, _REVOKED, _UNKNOWN */
	int64_t revoked_at;	       /* REVOKED */
	int32_t reason;		       /* REVOKED: CRLReason, -1 = none given */
	int64_t this_update;
	int have_next_update;
	int64_t next_update;
	struct capcert_bytes scts;     /* SignedCertificateTimestampList, empty when absent */
	int unknown_critical;
};
/** capcert_ocsp_answer_at() - number @at, from 0. Return: 0, or -ENOENT behind the last. */
CAPCERT_API int capcert_ocsp_answer_at(const capcert_ocsp *ocsp, uint32_t at,
				       struct capcert_ocsp_answer *ret);
/** capcert_ocsp_cert_at() - a certificate that the response carries; the caller frees it. Return: 0,
 *  -ENOENT behind the last, -EBADMSG malformed, -ENOMEM. */
CAPCERT_API int capcert_ocsp_cert_at(const capcert_ocsp *ocsp, uint32_t at, capcert_cert **ret);

/** What a response says about one certificate. */
struct capcert_ocsp_verdict {
	int counts;	     /* it does, and then @status is the responder's word */
	uint32_t status;     /* CAPCERT_OCSP_*; UNKNOWN also when it does not count, */
			     /* RESPONDER_UNREACHABLE when the responder refused to answer */
	int64_t this_update; /* counts: thisUpdate */
	int64_t until;	     /* counts: last second that it counts, not behind the certificate's end */
	int64_t revoked_at;  /* REVOKED */
	int32_t reason;	     /* REVOKED: CRLReason */
	const char *why;     /* static: why it does not count; NULL when it does */
};
/**
 * capcert_ocsp_check() - judge @der as evidence about @cert alone, as a verification would whose path
 * has @issuer above it: CertID, signer, times (RFC 6960 section 3.2). @issuer is taken to be good.
 * @policy: algorithms, clock_skew and max_age count; what evidence it accepts does not.
 * @others: certificates among which the signer may be, or NULL.
 * @time: seconds since 1970, UTC.
 * Return: 0 with @ret filled; -EBADMSG malformed; -EMSGSIZE too large; -ENOMEM.
 */
CAPCERT_API int capcert_ocsp_check(const capcert_policy *policy, const capcert_cert *cert,
				   const capcert_cert *issuer, const capcert_chain *others,
				   const uint8_t *der, size_t len, int64_t time,
				   struct capcert_ocsp_verdict *ret);

/**
 * capcert_ocsp_request() - an OCSPRequest about @cert (RFC 6960 section 4.1, as RFC 5019 wants it).
 * @hash: CAPCERT_HASH_SHA256, or 0 for SHA-1, which every responder knows.
 * @nonce: NULL, or 1 to 128 octets (RFC 9654).
 * @ret: malloc()ed DER.
 * Return: 0, -EINVAL, -ENOMEM.
 */
CAPCERT_API int capcert_ocsp_request(const capcert_cert *cert, const capcert_cert *issuer,
				     uint32_t hash, const uint8_t *nonce, size_t nonce_len,
				     uint8_t **ret, size_t *ret_len);
/** capcert_ocsp_request_url() - the URL of a GET (RFC 6960 appendix A.1): @url, '/', the request in
 *  base64, its '+', '/' and '=' escaped. @ret: malloc()ed. */
CAPCERT_API int capcert_ocsp_request_url(const char *url, const uint8_t *request, size_t len,
					 char **ret);

/** capcert_revocation_reason_name() - "keyCompromise" for CRLReason 1; "?" for numbers that are none.
 */
CAPCERT_API const char *capcert_revocation_reason_name(uint32_t reason);

#ifdef __cplusplus
}
#endif
#endif
