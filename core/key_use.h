/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a key of one use may be made to sign: kernel and keeper both ask here. */
#ifndef CORE_KEY_USE_H
#define CORE_KEY_USE_H

#include "core/key_uri.h"

/* Uses whose content decides about others' trust: it must be seen, so they take messages only,
 * and a key that has one of them never signs a digest, for whatever use: a digest hides a
 * TBSCertificate as well as anything else. */
#define CC_KEY_USES_SEEN \
	(CC_KEY_USE_BIT(CA_SIGN) | CC_KEY_USE_BIT(OCSP_SIGN) | CC_KEY_USE_BIT(CRL_SIGN))

/**
 * cc_key_use_refuses() - may a key that is for @use sign @message by @scheme (enum cc_scheme)?
 *
 * CA_SIGN: one TBSCertificate (RFC 5280), CRL_SIGN: one TBSCertList, both naming this @scheme;
 * OCSP_SIGN: one ResponseData (RFC 6960). Every other use: nothing that a lenient reader could
 * take for one of these, whatever its encoding; it may be a CertificationRequestInfo (RFC 2986).
 * ACME_ACCOUNT: a JWS Signing Input (RFC 7515 section 5.1), so that nothing else is.
 * TLS_SERVER: also the TBSCertificate, naming this @scheme, of a certificate with the critical
 * extension acmeIdentifier (RFC 8737) that is of no CA, and its own issuer: whoever does not ask
 * for exactly that has to refuse it.
 * TLS_SERVER, TLS_CLIENT: no CertificateVerify of TLS 1.3 (RFC 8446 section 4.4.3) of the other
 * side; all others: none at all. What TLS 1.2 signs begins with the peer's random octets and has
 * no form to check.
 *
 * Return: NULL when it may, else why not (static).
 */
const char *cc_key_use_refuses(uint32_t use, uint32_t scheme, struct cc_span message);

#endif
