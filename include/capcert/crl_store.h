/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Revocation lists kept in a folder, for verification without a network and for code signing: each
 * under its own hash, beside the certificate that signed it. What does not hash to its name, or was
 * signed by no certificate of the folder, does not count.
 *
 * One store for one thread at a time. Calls return 0 or a negative errno unless they say otherwise;
 * ret_ outputs are untouched on failure. What they hand out is good until the next refresh, import or
 * free, unless the caller takes references. */
#ifndef CAPCERT_CRL_STORE_H
#define CAPCERT_CRL_STORE_H

#include <capcert/crl.h>
#include <capcert/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPCERT_CRL_STORE_DIR "/var/lib/capcert/crls" /* the system's */
#define CAPCERT_CRL_STORE_LISTS 4096		      /* at most; as many certificates */
#define CAPCERT_CRL_STORE_BYTES (1ull << 30)	      /* of lists */

typedef struct capcert_crl_store capcert_crl_store;

/** capcert_crl_store_open() - read the folder @dir, NULL = CAPCERT_CRL_STORE_DIR. @create: make it,
 *  mode 0755, where it is missing (the parent of another one than the system's must be there).
 *  Return: 0, also when files in it do not count (capcert_crl_store_problem_at() names them);
 *  -ENOENT there is no such folder; -ENOMEM; another errno of open(2). Free with
 *  capcert_crl_store_free(). */
CAPCERT_API int capcert_crl_store_open(const char *dir, int create, capcert_crl_store **ret);
CAPCERT_API void capcert_crl_store_free(capcert_crl_store *store);

/** capcert_crl_store_refresh() - take in what others imported since. Files that are known are not
 *  read again. On failure the store is as it was. */
CAPCERT_API int capcert_crl_store_refresh(capcert_crl_store *store);

/**
 * capcert_crl_store_import() - keep a list. On return it is on the disk, whole, or nothing changed.
 * @data: DER, or PEM with one "X509 CRL" block; at most 64 MiB.
 * @issuers: certificates among which its signer is: one with the list's issuer as its subject, whose
 *	key signed it, and which may sign lists. That the certificate itself is good is the caller's
 *	word. It is kept, too.
 * @now: seconds since 1970, UTC; a list from the future would keep its successors out.
 * @ret_error: NULL, or gets a static line that says why, for what is said of it below.
 * Of lists with the same issuer, signing key and scope, complete or delta, the newest is kept
 * (thisUpdate, then cRLNumber); what it supersedes is removed.
 * Return: 0; -EEXIST the same bytes are there; -ESTALE a newer one is there; -EKEYREJECTED none of
 * @issuers signed it; -EINVAL it is from the future; -EOPNOTSUPP it must not be used (RFC 5280
 * sections 5.2 and 5.3) - all of these and -EBADMSG (malformed) with @ret_error. -EMSGSIZE too
 * large; -ENOSPC the disk or the store is full; -EACCES, -EROFS and others of open(2).
 */
CAPCERT_API int capcert_crl_store_import(capcert_crl_store *store, const uint8_t *data, size_t len,
					 const capcert_chain *issuers, int64_t now,
					 const char **ret_error);

/** One list of the store. */
struct capcert_crl_item {
	const capcert_crl *crl;
	const capcert_cert *issuer; /* who signed it */
	struct capcert_bytes der;
	int complete; /* about all certificates of its issuer, for all reasons, and no delta */
};
CAPCERT_API size_t capcert_crl_store_count(const capcert_crl_store *store);
/** capcert_crl_store_at() - number @at from 0, by file name. Return: 0, -ENOENT behind the last. */
CAPCERT_API int capcert_crl_store_at(const capcert_crl_store *store, size_t at,
				     struct capcert_crl_item *ret);

/** A file that does not count. */
struct capcert_crl_problem {
	const char *file; /* in the folder */
	const char *why;  /* static */
};
CAPCERT_API int capcert_crl_store_problem_at(const capcert_crl_store *store, size_t at,
					     struct capcert_crl_problem *ret);

/** capcert_crl_store_crl_for() - the newest complete list by @issuer (a DER Name), whatever key it
 *  signed with. Return: 0; -ENOENT there is none; -EBADMSG no Name; -ENOMEM. */
CAPCERT_API int capcert_crl_store_crl_for(const capcert_crl_store *store, const uint8_t *issuer,
					  size_t len, struct capcert_crl_item *ret);

/**
 * capcert_crl_store_contains() - has @issuer revoked this serial number? Lists of every scope are
 * asked, and delta lists: an entry anywhere revokes, unless a delta to that list takes it back.
 * @issuer: a DER Name. @serial: content octets of the INTEGER.
 * @time: seconds since 1970, UTC, at which a list that does not name it must be in force.
 * @ret: NULL, or gets the entry that revokes.
 * One without nextUpdate never is.
 * Return: 1 revoked; 0 a complete list in force does not name it; -ESTALE complete lists do not name it
 * but are out of date; -ENOENT there is no complete list by @issuer: nobody knows; -EBADMSG no Name;
 * -ENOMEM. What is not 0 must not be taken for good.
 */
CAPCERT_API int capcert_crl_store_contains(const capcert_crl_store *store, const uint8_t *issuer,
					   size_t issuer_len, const uint8_t *serial,
					   size_t serial_len, int64_t time,
					   struct capcert_crl_entry *ret);

/** capcert_crl_store_evidence() - give @evidence the lists whose issuer is that of a certificate of
 *  @chain, or is named as cRLIssuer there; of all issuers when @chain is NULL. They are shared, not
 *  copied, and outlive the store. What each is worth is judged by the verification, signature
 *  included. @ret_count: NULL, or how many were given. Return: 0; -EMSGSIZE too many; -ENOMEM. */
CAPCERT_API int capcert_crl_store_evidence(const capcert_crl_store *store,
					   const capcert_chain *chain, capcert_evidence *evidence,
					   size_t *ret_count);

#ifdef __cplusplus
}
#endif
#endif
