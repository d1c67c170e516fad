/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Revocation lists (RFC 5280 section 5) to look at and to look up in. Nothing is judged here: who
 * signed a list, and whether it counts for a certificate, is the business of verifications. */
#ifndef CAPCERT_CRL_H
#define CAPCERT_CRL_H

#include <capcert/verify.h>
#include <capcert/x509_ext.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A list, parsed and sorted by serial number once; immutable. */
typedef struct capcert_crl capcert_crl;

/** capcert_crl_new() - from DER, or PEM with one "X509 CRL" block; at most 64 MiB, copied. -EBADMSG:
 *  @ret_error, if not NULL, points to a static line that says what is wrong. -EMSGSIZE: too large.
 *  Free with capcert_crl_free(). */
CAPCERT_API int capcert_crl_new(const uint8_t *data, size_t len, capcert_crl **ret,
				const char **ret_error);
CAPCERT_API void capcert_crl_free(capcert_crl *crl);

/** What stands in a list. Bytes are valid as long as it is. */
struct capcert_crl_info {
	struct capcert_bytes issuer; /* DER Name */
	int version;		     /* 1 or 2 */
	const char *scheme;	     /* "ecdsa-sha256" */
	int64_t this_update;	     /* seconds since 1970, UTC */
	int have_next_update;
	int64_t next_update;
	struct capcert_bytes number; /* cRLNumber, content octets; empty when absent */
	struct capcert_bytes base;   /* BaseCRLNumber: this is a delta list; empty: it is none */
	struct capcert_bytes authority_key_id;
	uint32_t entry_count;
	int only_users, only_cas, only_attributes, indirect, only_some_reasons;
	int unknown_critical;	     /* an extension, of the list or an entry: it must not be used */
	uint8_t fingerprint[32];     /* SHA-256 of the DER */
};
CAPCERT_API void capcert_crl_get(const capcert_crl *crl, struct capcert_crl_info *ret);

struct capcert_crl_entry {
	struct capcert_bytes serial; /* content octets */
	int64_t date;		     /* revocationDate */
	int32_t reason;		     /* CRLReason, -1 = none given */
	struct capcert_bytes issuer; /* GeneralNames of the certificate's issuer, if not the list's */
};
/** capcert_crl_entry_next() - one entry after the other, in the list's own order. @at: 0 before the
 *  first; it is moved on, and no number of the entry. Return: 0, or -ENOENT behind the last. */
CAPCERT_API int capcert_crl_entry_next(const capcert_crl *crl, uint32_t *at,
				       struct capcert_crl_entry *ret);
/** capcert_crl_find() - the entry with this serial number (content octets of the INTEGER), in less than
 *  a microsecond, however long the list is. Of several (other issuers' certificates in an indirect list) the
 *  first. Return: 0, or -ENOENT: it is not on the list. */
CAPCERT_API int capcert_crl_find(const capcert_crl *crl, const uint8_t *serial, size_t len,
				 struct capcert_crl_entry *ret);
/** capcert_crl_is_by() - is the list signed by this certificate's key, and called like it? Key usage
 *  and validity are not looked at. Return: 1 yes, 0 no, -EOPNOTSUPP the algorithm is not known or
 *  does not fit the key, -ENOMEM. */
CAPCERT_API int capcert_crl_is_by(const capcert_crl *crl, const capcert_cert *issuer);

/** capcert_evidence_put_parsed_crl() - the same list as evidence: not copied, not parsed again, and hashed
 *  once for all verifications that look at it. Both may be freed in any order.
 *  Return: 0; -ENOSPC more than 4096 lists; -ENOMEM. */
CAPCERT_API int capcert_evidence_put_parsed_crl(capcert_evidence *e, const capcert_crl *crl);

#ifdef __cplusplus
}
#endif
#endif
