/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificate Transparency: signed certificate timestamps (RFC 6962) and what they are worth. Usable
 * by itself, without the kernel module. A certificate's chain is not judged here: who asks about SCTs
 * alone knows nothing about trust.
 * Calls return 0 or a negative errno, where nothing else is said; ret_ outputs are untouched on
 * failure. Everything made here may be read by several threads at once. */
#ifndef CAPCERT_CT_H
#define CAPCERT_CT_H

#include <capcert/capcert.h>
#include <capcert/loglist.h>
#include <capcert/x509.h>
#include <capcert/x509_ext.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPCERT_SCTS_MAX 65536 /* SCTs in one set */

/* Where an SCT came from, and so what it signs: an embedded one the precertificate, the others the
 * certificate. Of an unknown one both are tried. */
enum {
	CAPCERT_SCT_EMBEDDED = 0,
	CAPCERT_SCT_OCSP = 1,
	CAPCERT_SCT_TLS = 2,
	CAPCERT_SCT_UNKNOWN = 3,
};

/*  X(number, NAME, text) - what became of an SCT. */
#define CAPCERT_SCT_STATUSES(X)                                  \
	X(0, VALID, "valid")                                     \
	X(1, INVALID_SIGNATURE, "invalidSignature")              \
	X(2, UNKNOWN_LOG, "unknownLogId")                        \
	X(3, IN_FUTURE, "timestampInFuture")                     \
	X(4, OUTSIDE_VALIDITY, "timestampOutsideCertValidity")   \
	X(5, UNSUPPORTED_VERSION, "unsupportedVersion")          \
	X(6, PROOF_MISMATCH, "merkleProofMismatch")              \
	X(7, INTERNAL_ERROR, "internalError")                    \
	X(8, RETIRED_LOG, "retiredLog")                          \
	X(9, PENDING_LOG, "pendingLog")                          \
	X(10, REJECTED_LOG, "rejectedLog")                       \
	X(11, STALE_LIST, "staleLogList")                        \
	X(12, OUTSIDE_INTERVAL, "outsideLogInterval")            \
	X(13, DUPLICATE, "duplicate")                            \
	X(14, NO_ISSUER, "issuerMissing")                        \
	X(15, BUDGET, "budgetExhausted")

enum {
#define X(nr, name, text) CAPCERT_SCT_STATUS_##name = (nr),
	CAPCERT_SCT_STATUSES(X)
#undef X
	CAPCERT_SCT_STATUS_COUNT
};

/** A set of SCTs about one certificate, from any sources. */
typedef struct capcert_scts capcert_scts;

CAPCERT_API int capcert_scts_new(capcert_scts **ret);
CAPCERT_API void capcert_scts_free(capcert_scts *scts);

/**
 * capcert_scts_add() - one SCT in its TLS encoding (RFC 6962 section 3.2), copied. One of a version
 * other than v1 is taken: it will count for nothing.
 * @source: CAPCERT_SCT_*.
 * Return: 0; -EBADMSG malformed; -EINVAL unknown source; -EMSGSIZE over CAPCERT_SCTS_MAX; -ENOMEM.
 */
CAPCERT_API int capcert_scts_add(capcert_scts *scts, const uint8_t *tls, size_t len,
				 uint32_t source);

/** capcert_scts_add_base64() - a v1 SCT from its parts, as add-chain answers (section 4.1).
 *  @log_id, @extensions (may be NULL), @signature: base64 text (RFC 4648 section 4); the signature
 *  with hash and signature algorithm in front. @timestamp: milliseconds since 1970. */
CAPCERT_API int capcert_scts_add_base64(capcert_scts *scts, const char *log_id, uint64_t timestamp,
					const char *extensions, const char *signature,
					uint32_t source);

/** capcert_scts_add_list() - a SignedCertificateTimestampList (section 3.3), such as the extension
 *  signed_certificate_timestamp of TLS 1.2 holds. All of it or nothing.
 *  Return: how many were added, at least 1; or as capcert_scts_add(). */
CAPCERT_API int capcert_scts_add_list(capcert_scts *scts, const uint8_t *tls, size_t len,
				      uint32_t source);

/** capcert_scts_add_embedded() - those in @cert; 0 when it has none. */
CAPCERT_API int capcert_scts_add_embedded(capcert_scts *scts, const capcert_cert *cert);

/** capcert_scts_add_ocsp() - those in an OCSP response. @value: extnValue of the extension
 *  1.3.6.1.4.1.11129.2.4.5 of the certificate's SingleResponse, an OCTET STRING. */
CAPCERT_API int capcert_scts_add_ocsp(capcert_scts *scts, const uint8_t *value, size_t len);

CAPCERT_API size_t capcert_scts_count(const capcert_scts *scts);
/** capcert_scts_at() - in the order they were added; NULL past the end. Of an unsupported version
 *  only @version, @raw and @source are set. */
CAPCERT_API const struct capcert_sct *capcert_scts_at(const capcert_scts *scts, size_t index);

/** An inclusion proof (RFC 6962 section 2.1.1) for a tree head that the caller has verified. */
struct capcert_sct_proof {
	uint64_t leaf_index;
	uint64_t tree_size;
	uint8_t root[32];
	const uint8_t *path; /* hashes of 32 octets one behind the other, nearest the leaf first */
	size_t path_len;     /* octets, at most 63 * 32 */
};

/** capcert_scts_prove() - SCT number @index shall be held against this proof too. Copied.
 *  Return: 0, -EINVAL no such SCT or path, -ENOMEM. */
CAPCERT_API int capcert_scts_prove(capcert_scts *scts, size_t index,
				   const struct capcert_sct_proof *proof);

/** capcert_sct_leaf_index() - where a log of the static API says the entry stands.
 *  Return: 1 with @ret filled, 0 it does not say, -EBADMSG malformed extensions. */
CAPCERT_API int capcert_sct_leaf_index(const struct capcert_sct *sct, uint64_t *ret);

/** "valid" ..., "embedded" ..., "at-least" ...; NULL for an unknown number. */
CAPCERT_API const char *capcert_sct_status_name(uint32_t status);
CAPCERT_API const char *capcert_sct_source_name(uint32_t source);
CAPCERT_API const char *capcert_ct_rule_name(uint32_t rule);

/* Rules. The SCTs that count are valid ones; those from OCSP only with CAPCERT_CT_COUNT_OCSP.
 *  at-least       @count SCTs
 *  distinct-logs  @count SCTs from as many logs
 *  all            every SCT is valid, and there is at least one; duplicates do not matter
 *  chrome         embedded SCTs from 2 logs (3 if the certificate is valid for more than 180 days,
 *                 its last second included) of 2 operators, one of which is accepted at the time of
 *                 the check; or other SCTs from 2 logs of 2 operators that are all accepted then.
 *                 Accepted: qualified, usable or read-only.
 * A valid SCT of a retired log is older than the retirement; those of pending and rejected logs, and
 * of logs that are no longer what they were at the time of the check, are never valid. */
enum {
	CAPCERT_CT_AT_LEAST = 0,
	CAPCERT_CT_DISTINCT_LOGS = 1,
	CAPCERT_CT_ALL = 2,
	CAPCERT_CT_CHROME = 3,
	CAPCERT_CT_ALL_AND_CHROME = 4,
};

#define CAPCERT_CT_STRICT_VALIDITY (1u << 0) /* outside the validity: a failure, not a warning */
#define CAPCERT_CT_COUNT_OCSP (1u << 1)	     /* SCTs from OCSP responses count too */

/** How SCTs are judged. Start from CAPCERT_CT_CONTEXT, then change what differs. */
struct capcert_ct_context {
	uint32_t size;		     /* sizeof(struct capcert_ct_context) */
	uint32_t rule;		     /* CAPCERT_CT_AT_LEAST ... */
	const capcert_loglist *logs; /* NULL: no log is known, and no SCT valid */
	uint32_t count;		     /* of at-least and distinct-logs; 0 = 1 */
	uint32_t min_scts;	     /* besides: from as many logs, of 2 operators if 2 or more */
	int have_time;		     /* judge at @time, else now */
	uint32_t skew;		     /* seconds that a timestamp may be ahead of the time */
	int64_t time;		     /* seconds since 1970, UTC */
	uint32_t max_list_age;	     /* seconds; 0 = any. A list of unknown time is too old */
	uint32_t flags;		     /* CAPCERT_CT_STRICT_VALIDITY ... */
};

/* At least one SCT of a known log, now, with five minutes of skew. */
#define CAPCERT_CT_CONTEXT                                                                   \
	{ .size = sizeof(struct capcert_ct_context), .rule = CAPCERT_CT_DISTINCT_LOGS, .count = 1, \
	  .skew = 300 }

/**
 * capcert_ct_check() - do the SCTs satisfy the rule?
 * @cert: whose SCTs they are. @issuer: needed for embedded SCTs, may be NULL.
 * At most 64 signatures are checked; an SCT that would need another does not count.
 * Return: 1 yes; 0 no, and also when memory ran out, an argument is NULL or @context is unknown.
 */
CAPCERT_API int capcert_ct_check(const struct capcert_ct_context *context, const capcert_scts *scts,
				 const capcert_cert *cert, const capcert_cert *issuer);

/** One SCT's result. */
struct capcert_sct_result {
	const struct capcert_sct *sct; /* of the set */
	const capcert_log *log;	       /* of the list; NULL unknown */
	uint32_t status;	       /* CAPCERT_SCT_STATUS_VALID ... */
	int valid;
	int counts;		  /* in the rule: valid, and of a source that counts */
	int outside_validity;	  /* warning: timestamp not within the certificate's validity */
	uint32_t log_state;	  /* at the time of the check; meaningful with @log */
	const char *operator_name; /* at the time of the SCT; NULL without @log */
	const char *detail;	  /* static line that says more, or NULL */
};

struct capcert_ct_report {
	int passed;
	uint32_t rule;
	uint32_t count;	   /* asked for, as in the context */
	uint32_t min_scts;
	int64_t time;	   /* of the check */
	size_t result_count;
	struct capcert_sct_result *results; /* in the set's order */
	uint32_t valid_count;
	uint32_t distinct_valid_logs; /* logs with a valid SCT */
	uint32_t operators;	      /* of these, at the times of their SCTs */
	uint32_t counted_logs;	      /* logs whose SCTs count in the rule */
	const char *why;	      /* static line: what the rule misses; NULL when passed */
	capcert_loglist *logs;	      /* a reference that keeps the logs of the results */
};

/**
 * capcert_ct_report_new() - the same in full.
 * @cert NULL: the report is empty and has failed.
 * @scts: must outlive the report.
 * @ret: released by the caller with capcert_ct_report_free().
 * Return: 0, whatever the SCTs are worth; -EINVAL @context is malformed; -E2BIG it is of a later
 * version; -ENOMEM.
 */
CAPCERT_API int capcert_ct_report_new(const struct capcert_ct_context *context,
				      const capcert_scts *scts, const capcert_cert *cert,
				      const capcert_cert *issuer, struct capcert_ct_report **ret);

/** capcert_ct_report_chain() - of the first certificate of a chain and the one behind it, its issuer;
 *  without these two the report is empty and has failed. */
CAPCERT_API int capcert_ct_report_chain(const struct capcert_ct_context *context,
					const capcert_scts *scts, const capcert_chain *chain,
					struct capcert_ct_report **ret);
CAPCERT_API void capcert_ct_report_free(struct capcert_ct_report *report);

#ifdef __cplusplus
}
#endif
#endif
