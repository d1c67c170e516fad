/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signature checks. sig.c is the only file that asks GnuTLS about signatures. */
#ifndef LIBCAPCERT_SIG_H
#define LIBCAPCERT_SIG_H

#include "core/cert.h"
#include "core/spki.h"

/* Results of all checks: 1 good, 0 bad, -EOPNOTSUPP when scheme and key do not fit or are not
 * known (SHA-1 never is), -ENOMEM. */

/** sig_check_issued() - is @cert's signature by @issuer's key? Remembered (memo.h). Nothing but
 *  the signature is looked at. */
int sig_check_issued(const struct cc_cert *cert, const struct cc_cert *issuer);

/* What was signed, hashed once: a revocation list of many megabytes is asked about often. */
struct sig_prepared {
	struct cc_span message;
	struct cc_span signature;
	size_t digest_len;
	uint8_t digest[64]; /* of the scheme's hash; SHA-256 where the scheme has none */
	uint8_t scheme;	    /* enum cc_scheme */
};

/** sig_prepare() - @message and @signature stay referenced by @ret. */
void sig_prepare(uint32_t scheme, struct cc_span message, struct cc_span signature,
		 struct sig_prepared *ret);

/** sig_check_prepared() - is it by @issuer's key? Remembered (memo.h). */
int sig_check_prepared(const struct sig_prepared *p, const struct cc_cert *issuer);

/** sig_check_prepared_spki() - the same by a key without a certificate. */
int sig_check_prepared_spki(const struct sig_prepared *p, const struct cc_spki *key);

/** sig_check_spki() - is @signature over @message by the key of a bare SubjectPublicKeyInfo (the key
 *  of a CT log, of a checkpoint's signer)? Remembered (memo.h). What RFC 6962 section 2.1.4 allows is
 *  CC_SCHEME_ECDSA_SHA256 (P-256 and P-384) and CC_SCHEME_RSA_PKCS1_SHA256; checkpoints have
 *  CC_SCHEME_ED25519 too. Malformed keys, and bytes behind one, are -EOPNOTSUPP. */
int sig_check_spki(struct cc_span spki, uint32_t scheme, struct cc_span message,
		   struct cc_span signature);

/** sig_price() - nanoseconds that a check of a signature over @message bytes by @issuer's key costs
 *  at most, for the budget: the same on every machine, remembered or not. */
uint32_t sig_price(uint32_t scheme, size_t message, const struct cc_cert *issuer);

uint32_t sig_price_spki(uint32_t scheme, size_t message, const struct cc_spki *key);

/** sig_check_message() - @scheme: enum cc_scheme. */
int sig_check_message(const struct cc_cert *key, uint32_t scheme, struct cc_span message,
		      struct cc_span signature);

/** sig_check_digest() - @digest is the hash that @scheme names, or the message for EdDSA. With
 *  @padded, @signature may be longer than the signature, which ends where its own encoding says. */
int sig_check_digest(const struct cc_cert *key, uint32_t scheme, struct cc_span digest,
		     struct cc_span signature, bool padded);

/** sig_check_raw() - by a key without a certificate, not remembered. @digest: @data is the hash that @scheme
 *  names; -EINVAL when its length is another, or @scheme takes the message. */
int sig_check_raw(const struct cc_spki *key, uint32_t scheme, bool digest, struct cc_span data,
		  struct cc_span signature);

/** sig_scheme_fits() - may a key of this algorithm make signatures of this scheme? */
bool sig_scheme_fits(uint32_t scheme, uint32_t key_alg);

#endif
