/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The TBSCertificate that a log signs, rebuilt from a certificate or a precertificate (RFC 6962
 * section 3.2): without list of SCTs or poison, lengths encoded anew. Only headers are made. */
#ifndef CORE_PRECERT_H
#define CORE_PRECERT_H

#include "core/cert.h"

/*  X(number, NAME, text) - why there is no such TBSCertificate. */
#define CC_PRECERT_ERRORS(X)                                                              \
	X(1, NONE, "the extension that makes it one is not there")                        \
	X(2, BOTH, "poison and a list of SCTs in one certificate")                        \
	X(3, NOT_CRITICAL, "the poison is not critical")                                  \
	X(4, SIGNER, "its signer does not issue precertificates: no CA, or another name") \
	X(5, KEY_ID, "only one of it and its signer has an authority key identifier")

enum cc_precert_error {
	CC_PRECERT_OK = 0,
#define X(nr, name, text) CC_PRECERT_E_##name = (nr),
	CC_PRECERT_ERRORS(X)
#undef X
};

#define CC_PRECERT_SPANS 12

/* The TBSCertificate as spans in a row, which point into this struct and the certificates. Not to
 * be copied. */
struct cc_precert {
	struct cc_span span[CC_PRECERT_SPANS];
	uint32_t count;
	size_t len;	  /* of all of them */
	uint8_t head[28]; /* the headers that were made */
	uint8_t used;	  /* octets of @head */
};

/** cc_precert_from_cert() - of a final certificate with a list of SCTs in it.
 *  Poison in it is CC_PRECERT_E_BOTH or _NONE. Two lists do not get past cc_cert_parse(). */
int cc_precert_from_cert(const struct cc_cert *cert, struct cc_precert *ret);

/** cc_precert_from_precert() - of a precertificate, signed by the CA itself, or by a certificate
 *  that is good for nothing else (EKU CC_EKU_CT_PRECERT_SIGNING): the name of that one's issuer and
 *  its authority key identifier then take the place of the precertificate's own.
 *  @signer: whose name the precertificate bears as issuer's; the key to hash for the entry is this
 *  one's, or its issuer's if cc_precert_signer(). */
int cc_precert_from_precert(const struct cc_cert *precert, const struct cc_cert *signer,
			    struct cc_precert *ret);

/** cc_precert_signer() - is it a Precertificate Signing Certificate? */
static inline bool cc_precert_signer(const struct cc_cert *cert)
{
	return cert->is_ca && (cert->eku_mask & CC_EKU_CT_PRECERT_SIGNING);
}

const char *cc_precert_error_text(int error);

#endif
