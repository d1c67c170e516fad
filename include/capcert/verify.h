/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verification: through a verifier handle, or in this process; both give the same outcome.
 * An error (negative errno) is not an outcome: it means no verdict was made. */
#ifndef CAPCERT_VERIFY_H
#define CAPCERT_VERIFY_H

#include <capcert/capcert.h>
#include <capcert/loglist.h>
#include <capcert/pins.h>
#include <capcert/x509.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What says whether certificates are revoked; filled once, then used by any number of verifications
 * and threads. */
typedef struct capcert_evidence capcert_evidence;
CAPCERT_API int capcert_evidence_new(capcert_evidence **ret);
/**
 * capcert_evidence_put_crl() - add revocation lists (RFC 5280 section 5), complete, delta or
 * indirect. Nothing is checked but their form; what a list is worth is judged by each verification.
 * @der: one list in DER, at most 64 MiB; or PEM text with one or more "X509 CRL" blocks. Copied.
 * Return: 0; -EEXIST the same bytes are there already (others of the text were added); -EBADMSG
 * malformed, and nothing was added; -EMSGSIZE too large, or more than 4096 lists; -ENOMEM.
 */
CAPCERT_API int capcert_evidence_put_crl(capcert_evidence *e, const uint8_t *der, size_t len);
/**
 * capcert_evidence_put_ocsp() - add an OCSP response (RFC 6960) that was asked for: about the leaf, an
 * issuer, or several. Nothing is checked but its form. One that says tryLater or the like is
 * evidence too: that there is no answer.
 * @der: one OCSPResponse in DER, at most 128 KiB. Copied.
 * Return: 0; -EEXIST the same bytes are there already; -EBADMSG malformed; -EMSGSIZE too large, or
 * more than 256 responses; -ENOMEM.
 */
CAPCERT_API int capcert_evidence_put_ocsp(capcert_evidence *e, const uint8_t *der, size_t len);
/**
 * capcert_evidence_put_staple() - the OCSP response that the peer sent in the handshake (RFC 6066
 * section 8, RFC 8446 section 4.4.2.1). It speaks for the leaf alone, and is the only evidence that
 * meets must-staple (RFC 7633) and a policy's stapling=required.
 * @der: as above. A staple that cannot be read is none: -EBADMSG, and the leaf counts as not stapled.
 * Return: as above; -EEXIST when there is a staple already.
 */
CAPCERT_API int capcert_evidence_put_staple(capcert_evidence *e, const uint8_t *der, size_t len);
/**
 * capcert_evidence_put_unreachable() - an OCSP responder was asked about the certificate with this
 * SHA-256 fingerprint, and did not answer. The outcome says so where nothing else is known.
 * Return: 0, also when that is known; -EMSGSIZE more than 256 of them; -ENOMEM.
 */
CAPCERT_API int capcert_evidence_put_unreachable(capcert_evidence *e, const uint8_t fingerprint[32]);
/**
 * capcert_evidence_put_scts() - add SCTs that did not come in the certificate.
 * @source: CAPCERT_SCT_TLS: what the extension signed_certificate_timestamp of TLS 1.2 held (TLS 1.3
 * through GnuTLS 3.7 never does: do not ask for it there); CAPCERT_SCT_OCSP: what the extension of an
 * OCSP response held. These count where the policy's sct_sources has ocsp; then those of the responses
 * that were put here themselves count too, and need not be taken out of them.
 * @tls: a SignedCertificateTimestampList (RFC 6962 section 3.3). Copied.
 * Return: 0; -EINVAL another source; -EBADMSG malformed; -EMSGSIZE too many; -ENOMEM.
 */
CAPCERT_API int capcert_evidence_put_scts(capcert_evidence *e, uint32_t source, const uint8_t *tls,
					  size_t len);
CAPCERT_API void capcert_evidence_free(capcert_evidence *e);

/* A piece of evidence that the status agent was asked for, as linux/capcert.h says of CAPCERT_FETCH. */
struct capcert_fetched {
	uint8_t subject[32];  /* fingerprint of the certificate asked about */
	uint32_t depth;	      /* its place in the path then; 0 = leaf */
	int32_t error;	      /* 0, or -errno: no answer, and nothing below holds */
	uint32_t type;	      /* CAPCERT_EVIDENCE_OCSP, _CRL, _UNREACHABLE */
	uint32_t status;      /* CAPCERT_OCSP_GOOD, _REVOKED, _RESPONDER_UNREACHABLE */
	uint32_t how;	      /* CAPCERT_FETCHED_* */
	uint32_t len;	      /* bytes */
	int64_t fetched;      /* when; seconds since 1970, UTC, as those below */
	int64_t this_update;  /* how old it is */
	int64_t until;	      /* last second at which it counts */
	uint8_t digest[32];   /* SHA-256 of the bytes */
	char detail[192];     /* where it came from, or why nothing did; printable ASCII */
};

#define CAPCERT_MAX_FETCHES 16
struct capcert_fetches {
	uint32_t count;
	struct capcert_fetched item[CAPCERT_MAX_FETCHES];
};

/**
 * capcert_fetch_status() - ask the status agent about one certificate, by the FETCH of a verifier. What comes is
 * to be judged: the agent is believed no more than a caller who brings evidence.
 * @verifier_fd: right FETCH; its policy says how old evidence may be, and about nonces.
 * @chain: the certificate, its issuer, then others that may have signed evidence.
 * @want: mask of CAPCERT_MISSING_OCSP and _CRL; any of these will do.
 * @timeout_ms: 0 = the module's default, at most 60000.
 * @ret: what came; its type UNREACHABLE: nothing did, and detail says why.
 * @ret_data: DER, to be freed; NULL when nothing came.
 * Return: 0; -EINVAL fewer than two certificates, or another @want; -EACCES without FETCH; -EHOSTUNREACH no
 * status agent; -ETIMEDOUT; -errno of the call.
 */
CAPCERT_API int capcert_fetch_status(int verifier_fd, const capcert_chain *chain, uint32_t want,
				     uint32_t timeout_ms, struct capcert_fetched *ret,
				     uint8_t **ret_data, size_t *ret_len);

/** What to verify. Zero-initialise, then fill. */
struct capcert_params {
	const capcert_chain *chain; /* leaf first; order of the rest is a hint only */
	uint32_t purpose;	    /* CAPCERT_PURPOSE_* */
	const char *name;	    /* host name (U-labels allowed), IP literal or mailbox, UTF-8;
				     * NULL = no name check. None of these: -EINVAL */
	int have_time;		    /* judge at @time, else now */
	int64_t time;		    /* seconds since 1970, UTC */
	uint32_t timeout_ms;	    /* kernel path only; 0 = default */
	const capcert_evidence *evidence; /* may be NULL; kernel path: at most CAPCERT_MAX_EVIDENCE
					     lists and others together */
	const capcert_loglist *logs;	  /* CT logs whose SCTs count; local path only: the kernel
					     path has those of the policy. NULL: none counts */
	const capcert_pins *pins;	  /* local path only; may be NULL */
	int have_pins_fd;		  /* kernel path only: is there a pin set? */
	int pins_fd;			  /* its handle, with ENFORCE */
	int no_fetch;			  /* kernel path only: use no network, even if the
					     verifier may */
	struct capcert_fetches *fetches;  /* kernel path only: NULL, or gets what was fetched */
};

struct capcert_result {
	struct capcert_outcome outcome;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
	uint32_t path_count;
};

/**
 * capcert_verify() - verify through the kernel.
 *
 * Where the policy asks for the status of certificates, and what there is does not tell, and the
 * verifier has FETCH, the status agent is asked for it, at most once for each certificate, and the
 * verification is made again with what it found; @params->evidence counts as well.
 * @params->timeout_ms is for all of that together. When the same was verified before and that
 * status is still fresh, the cached verdict says so (CAPCERT_OUTCOME_FETCHED), and nothing is
 * fetched. A verifier without FETCH fetches nothing. What cannot be fetched leaves the verdict as
 * it was.
 * @verifier_fd: handle with VERIFY. @store_fd: handle with VERIFY.
 * @ret_outcome_fd: NULL, or gets an outcome handle.
 * Return: 0 with @ret filled (look at ret->outcome.valid), or -errno; -EOPNOTSUPP when
 * params->logs is not NULL: the kernel counts SCTs of the logs in the system store that the policy
 * names (ct_logs), and takes no list from a caller; a verdict that left it aside would not be the one
 * that was asked for. Leave it NULL, and have the list admitted (capcert system admit).
 */
CAPCERT_API int capcert_verify(int verifier_fd, int store_fd, const struct capcert_params *params,
			       struct capcert_result *ret, int *ret_outcome_fd);

/* A verification that is under way: it may have to wait for an agent, or a responder far away. */
typedef struct capcert_verification capcert_verification;
/**
 * capcert_verify_start() - capcert_verify() in a thread of its own, which takes no signals.
 * @params: what it points to, but for the name, must stay as it is until capcert_verify_finish(); the
 * handles are copied. @want_outcome_fd: 1: make an outcome handle.
 * Return: 0, or -errno: -EBADF, -EMFILE, -EAGAIN no thread, -ENOMEM. What is wrong with the question is
 * told at the end.
 */
CAPCERT_API int capcert_verify_start(int verifier_fd, int store_fd,
				     const struct capcert_params *params, int want_outcome_fd,
				     capcert_verification **ret);
/** capcert_verify_fd() - readable when it is over. Owned by the verification: do not read or close it. */
CAPCERT_API int capcert_verify_fd(const capcert_verification *v);
/**
 * capcert_verify_finish() - its end: waits if it is not over yet, at most for the time that @params gave
 * it, and frees it. @ret, @ret_outcome_fd: may be NULL, for who does not want to know any more.
 * Return: as capcert_verify().
 */
CAPCERT_API int capcert_verify_finish(capcert_verification *v, struct capcert_result *ret,
				      int *ret_outcome_fd);

/* Trust stores of this process: an immutable index once built. */
typedef struct capcert_store capcert_store;
CAPCERT_API int capcert_store_new(capcert_store **ret);
/** Takes a copy. -EEXIST when the certificate is in already (purposes are united, but not those of
 *  an anchor with constraints). */
CAPCERT_API int capcert_store_put(capcert_store *store, const uint8_t *der, size_t len,
				  uint32_t purposes);
/** capcert_store_put_anchor() - trust anchors as RFC 5914 writes them.
 *  @der: a TrustAnchorChoice, a TrustAnchorInfo, or a TrustAnchorList, of which all or none are
 *  put. Takes a copy. @purposes: as in capcert_store_put().
 *  An anchor's constraints hold for every path that ends in it (RFC 5937). Its fingerprint is the
 *  SHA-256 of its certificate; without one, of its TrustAnchorInfo or TBSCertificate.
 *  Return: 0, also for an anchor that is in already, whose purposes are united; -EEXIST when an
 *  anchor of the same certificate but with other constraints is in, or stands in the list, and
 *  then nothing is changed; -EBADMSG malformed, or an unknown critical extension; -EINVAL unknown
 *  purposes, or an anchor without a name, which no path can end in; -EMSGSIZE too many; -ENOMEM. */
CAPCERT_API int capcert_store_put_anchor(capcert_store *store, const uint8_t *der, size_t len,
					 uint32_t purposes);

/** What narrows an anchor further. Zero-initialise, set @size, then fill. */
struct capcert_anchor_limits {
	uint32_t size;		    /* sizeof(struct capcert_anchor_limits) */
	uint32_t purposes;	    /* of those it was put for, only these; 0 = all */
	int have_distrust_after;    /* is there such a date? */
	int64_t distrust_after;	    /* leaves with a later notBefore are refused as distrusted;
				       seconds since 1970, UTC */
};

/** capcert_store_limit() - set the limits of the anchor with this fingerprint, in place of those
 *  that it had; putting the anchor once more does not widen them. The store digest covers them.
 *  Return: 0; -ENOENT no such anchor; -EINVAL unknown purposes; -E2BIG @size is of a later version
 *  and has what this one does not know; -EINVAL too small. */
CAPCERT_API int capcert_store_limit(capcert_store *store, const uint8_t fingerprint[32],
				    const struct capcert_anchor_limits *limits);
/** From a store handle with READ. */
CAPCERT_API int capcert_store_from_handle(int store_fd, capcert_store **ret);
/** From a file of PEM certificates; certificates that do not parse are counted in @ret_bad. */
CAPCERT_API int capcert_store_load_pem(capcert_store *store, const char *path, uint32_t purposes,
				       uint32_t *ret_added, uint32_t *ret_bad);
CAPCERT_API size_t capcert_store_count(const capcert_store *store);
CAPCERT_API void capcert_store_free(capcert_store *store);

/* Policies of this process. */
typedef struct capcert_policy capcert_policy;
/** From text ("preset=webpki-strict;time=any"). -EINVAL: @ret_error, if not NULL, points to a
 *  static line that says what is wrong. */
CAPCERT_API int capcert_policy_new(const char *text, capcert_policy **ret, const char **ret_error);
/** Canonical text, owned by the policy. */
CAPCERT_API const char *capcert_policy_text(const capcert_policy *policy);
CAPCERT_API int capcert_policy_meet(const capcert_policy *a, const capcert_policy *b,
				    capcert_policy **ret);
CAPCERT_API void capcert_policy_free(capcert_policy *policy);

/* Distrust lists of this process. */
typedef struct capcert_distrust_list capcert_distrust_list;
CAPCERT_API int capcert_distrust_list_new(capcert_distrust_list **ret);
CAPCERT_API int capcert_distrust_list_add(capcert_distrust_list *list, uint32_t what,
					  const void *value, size_t len);
CAPCERT_API void capcert_distrust_list_free(capcert_distrust_list *list);

/**
 * capcert_verify_local() - the same engine in this process, no kernel module.
 * @distrust: may be NULL. Safe from several threads on the same store, policy and list.
 * Return: 0 with @ret filled, or -errno.
 */
CAPCERT_API int capcert_verify_local(const capcert_policy *policy, const capcert_store *store,
				     const capcert_distrust_list *distrust,
				     const struct capcert_params *params,
				     struct capcert_result *ret);

/** capcert_verify_sig() - one signature by a certificate handle's key, under the verifier's
 *  policy. @scheme: TLS SignatureScheme. Return: 0 with *@ret_ok 0 or 1, or -errno. */
CAPCERT_API int capcert_verify_sig(int verifier_fd, int cert_fd, uint32_t scheme,
				   const uint8_t *message, size_t message_len,
				   const uint8_t *signature, size_t signature_len, int *ret_ok,
				   int32_t *ret_reason);

/** capcert_verify_sig_local() - the same in this process. */
CAPCERT_API int capcert_verify_sig_local(const capcert_policy *policy, const capcert_cert *cert,
					 uint32_t scheme, const uint8_t *message,
					 size_t message_len, const uint8_t *signature,
					 size_t signature_len, int *ret_ok, int32_t *ret_reason);

/** capcert_outcome_get() - read an outcome handle. */
CAPCERT_API int capcert_outcome_get(int outcome_fd, struct capcert_result *ret,
				    int *ret_superseded);

/** What a back end demands of an outcome. NULL or 0 in a field that says so: not compared. */
struct capcert_expect {
	const uint8_t *policy_digest; /* 32 bytes; NULL = any */
	const uint8_t *store_digest;  /* 32 bytes; NULL = any */
	const uint8_t *leaf;	      /* 32 bytes; NULL = any */
	const char *preset;	      /* the policy is this preset or stricter; NULL = any */
	const char *name;	      /* NULL = any */
	uint32_t purpose;	      /* always compared */
	uint32_t min_origin;	      /* CAPCERT_ORIGIN_SYSTEM: store must be the system's; 0 = any */
	int allow_caller_time;	      /* 0 = the kernel's own time only */
	int allow_superseded;	      /* 0 = store, policy and distrust list must not have moved */
	int64_t max_age;	      /* seconds since the verdict; 0 = any */
};
/* A verdict about a time that the caller chose (allow_caller_time) is compared with its own time,
 * not with now, and fails any max_age: nobody knows when it was made. */

/**
 * capcert_outcome_require() - is this fd a genuine outcome handle of the kernel that is valid,
 * still holds now, and is what @expect demands?
 * Return: 0 yes; -EBADFD not an outcome handle; -EKEYREJECTED a valid outcome of another kind;
 * -EBADMSG the outcome says invalid; -ESTALE superseded, too old or outside its interval.
 */
CAPCERT_API int capcert_outcome_require(int outcome_fd, const struct capcert_expect *expect);

#ifdef __cplusplus
}
#endif
#endif
