/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An OCSP response as spans of its own DER (RFC 6960 section 4.2). Parsing decides nothing: the
 * response may be out of date, unsigned, about another certificate, or have critical extensions
 * that nobody knows. What is checked here: strict DER of every known part, every single response
 * included, times as GeneralizedTime without fractions, no extension twice, nothing trailing. */
#ifndef CORE_OCSP_H
#define CORE_OCSP_H

#include "core/alg.h"
#include "core/span.h"

#define CC_OCSP_MAX 131072    /* bytes: a response about one certificate has 500 to 5000 */
#define CC_OCSP_EXT_MAX 16    /* extensions in one list */
#define CC_OCSP_CERTS_MAX 16  /* certificates that a response may carry */
#define CC_OCSP_NONCE_MAX 128 /* octets, RFC 9654 section 2.1 */

/*  X(number, NAME, text) - OCSPResponseStatus, section 4.2.1. 4 is not used. */
#define CC_OCSP_STATUSES(X)                        \
	X(0, SUCCESSFUL, "successful")             \
	X(1, MALFORMED_REQUEST, "malformedRequest") \
	X(2, INTERNAL_ERROR, "internalError")      \
	X(3, TRY_LATER, "tryLater")                \
	X(5, SIG_REQUIRED, "sigRequired")          \
	X(6, UNAUTHORIZED, "unauthorized")

enum cc_ocsp_status {
#define X(nr, name, text) CC_OCSP_STATUS_##name = (nr),
	CC_OCSP_STATUSES(X)
#undef X
};

/*  X(bit, NAME, text) - extensions that are understood: of responses NONCE and EXTENDED_REVOKE
 *  (section 4.4), of single responses the others, with those of CRL entries (section 4.4.5). */
#define CC_OCSP_EXTS(X)                             \
	X(0, NONCE, "nonce")                        \
	X(1, EXTENDED_REVOKE, "extendedRevoke")     \
	X(2, SCT_LIST, "signedCertificateTimestampList") \
	X(3, ARCHIVE_CUTOFF, "archiveCutoff")       \
	X(4, CRL_REFERENCE, "crlReferences")        \
	X(5, REASON, "reasonCode")                  \
	X(6, INVALIDITY_DATE, "invalidityDate")     \
	X(7, UNKNOWN, "unknown")

enum cc_ocsp_ext {
#define X(bit, name, text) CC_OCSP_EXT_##name = (bit),
	CC_OCSP_EXTS(X)
#undef X
	CC_OCSP_EXT_COUNT
};

#define CC_OCSP_EXT_BIT(name) (1u << CC_OCSP_EXT_##name)

/*  X(number, NAME, text) - why bytes are no OCSP response. */
#define CC_OCSP_ERRORS(X)                                                        \
	X(1, TRUNCATED, "bytes end early, or a length runs past its container")  \
	X(2, DER, "not DER: tag, length or value in a form DER forbids")         \
	X(3, TRAILING, "bytes after the response")                               \
	X(4, STATUS, "responseStatus is unknown, or does not fit what follows it") \
	X(5, TYPE, "a response of another type than id-pkix-ocsp-basic")         \
	X(6, VERSION, "version other than 1, or 1 written out")                  \
	X(7, RESPONDER, "responderID is neither a Name nor the SHA-1 hash of a key") \
	X(8, TIME, "producedAt is not a GeneralizedTime without fraction")       \
	X(9, SINGLE, "a single response is malformed, or there is none")         \
	X(10, EXTENSION, "an extension is malformed")                            \
	X(11, DUPLICATE, "an extension stands twice")                            \
	X(12, CERTS, "the list of certificates is malformed, or has more than 16") \
	X(13, TOO_LARGE, "larger than 128 KiB, or too many extensions")          \
	X(14, EMPTY, "no bytes")

enum cc_ocsp_error {
	CC_OCSP_OK = 0,
#define X(nr, name, text) CC_OCSP_E_##name = (nr),
	CC_OCSP_ERRORS(X)
#undef X
};

struct cc_ocsp {
	struct cc_span der;	    /* the whole response */
	uint8_t status;		    /* enum cc_ocsp_status; all below is empty unless SUCCESSFUL */
	bool by_key;		    /* responderID is the SHA-1 of the key, else a Name */
	uint8_t scheme;		    /* enum cc_scheme of sig_alg */
	struct cc_span tbs;	    /* ResponseData with its header: what is signed */
	struct cc_span responder;   /* Name, whole TLV; or 20 octets */
	int64_t produced_at;	    /* seconds since 1970, UTC */
	struct cc_span singles;	    /* contents of responses, for cc_ocsp_single_next() */
	uint32_t single_count;	    /* at least one */
	struct cc_span sig_alg;	    /* AlgorithmIdentifier, whole TLV */
	struct cc_span signature;   /* bits without the unused-bits octet */
	struct cc_span certs;	    /* contents of certs, for cc_ocsp_cert_next() */
	uint32_t cert_count;
	uint32_t ext_present;	    /* of the response: mask of CC_OCSP_EXT_BIT */
	uint32_t ext_critical;
	struct cc_span nonce;	    /* octets, empty when absent */
	struct cc_span extensions;  /* Extensions contents, for cc_ext_next() */
	struct cc_span unknown_critical; /* OID content octets of the first one of the response */
};

enum cc_ocsp_hash { CC_OCSP_HASH_SHA1, CC_OCSP_HASH_SHA256, CC_OCSP_HASH_OTHER };

/* CertID, section 4.1.1. */
struct cc_ocsp_id {
	uint8_t hash;		  /* enum cc_ocsp_hash */
	struct cc_span name_hash; /* as long as the hash, of whatever length when it is OTHER */
	struct cc_span key_hash;
	struct cc_span serial;	  /* content octets of the INTEGER */
	struct cc_span whole;	  /* with its header */
};

enum cc_ocsp_cert_status { CC_OCSP_GOOD, CC_OCSP_REVOKED, CC_OCSP_UNKNOWN };

struct cc_ocsp_single {
	struct cc_ocsp_id id;
	uint8_t status;		/* enum cc_ocsp_cert_status */
	uint8_t reason;		/* REVOKED: enum cc_crl_reason, up to 255 as it is */
	bool has_reason;
	bool has_next_update;
	int64_t revoked_at;	/* REVOKED */
	int64_t this_update;
	int64_t next_update;	/* meaningful when has_next_update */
	uint32_t ext_present;	/* mask of CC_OCSP_EXT_BIT */
	uint32_t ext_critical;
	struct cc_span scts;	/* SignedCertificateTimestampList: TLS bytes, RFC 6962 3.3 */
	struct cc_span extensions;
	struct cc_span unknown_critical; /* OID content octets */
};

/**
 * cc_ocsp_parse() - parse one DER OCSPResponse, all of @der and nothing behind it.
 * @der: stays referenced by @ret.
 * @ret: filled on success, undefined otherwise.
 * Return: CC_OCSP_OK or CC_OCSP_E_*.
 */
int cc_ocsp_parse(struct cc_span der, struct cc_ocsp *ret);

/** cc_ocsp_data_parse() - a ResponseData by itself: the part of a response that is signed. Only
 *  ret->tbs and what stands in it is filled. */
int cc_ocsp_data_parse(struct cc_span der, struct cc_ocsp *ret);

/** cc_ocsp_single_next() - take one SingleResponse off @rest (ocsp->singles). Return: 1 with @ret
 *  filled, 0 at the end, -1 malformed. */
int cc_ocsp_single_next(struct cc_span *rest, struct cc_ocsp_single *ret);

/** cc_ocsp_cert_next() - take one certificate, not parsed, off @rest (ocsp->certs). The same
 *  returns. */
int cc_ocsp_cert_next(struct cc_span *rest, struct cc_span *ret_der);

const char *cc_ocsp_error_text(int error);

/** cc_ocsp_status_text() - "tryLater"; "?" for numbers that are none.
 *  cc_ocsp_cert_status_text(): "good", "revoked", "unknown". */
const char *cc_ocsp_status_text(uint32_t status);
const char *cc_ocsp_cert_status_text(uint32_t status);

#endif
