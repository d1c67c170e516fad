/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The envelope of a signed bundle: the one form of CMS SignedData (RFC 5652) that is admitted, and
 * no other (docs/bundle-format.md). Nothing is checked about the signature itself. */
#ifndef CORE_CMS_H
#define CORE_CMS_H

#include "core/span.h"

/*  X(number, NAME, text) - why bytes are no envelope of a bundle. */
#define CC_CMS_ERRORS(X)                                                                   \
	X(1, TRUNCATED, "bytes end early, or a length runs past its container")            \
	X(2, DER, "not DER: tag, length or value in a form DER forbids")                   \
	X(3, TRAILING, "bytes after the signed data")                                      \
	X(4, TYPE, "not signed data, or its content is not plain data")                    \
	X(5, VERSION, "a version of SignedData or SignerInfo other than 1")                \
	X(6, ALGORITHM, "an algorithm other than RSA with SHA-256, SHA-384 or SHA-512")    \
	X(7, DETACHED, "the content is not in the signed data")                            \
	X(8, CERTIFICATES, "certificates or revocation lists in the signed data")          \
	X(9, SIGNERS, "not exactly one signer")                                            \
	X(10, SIGNER, "the signer is not named by issuer and serial number")               \
	X(11, ATTRIBUTES, "signed or unsigned attributes")                                 \
	X(12, SIGNATURE, "a signature of a size no key that is allowed makes")

enum cc_cms_error {
	CC_CMS_OK = 0,
#define X(nr, name, text) CC_CMS_E_##name = (nr),
	CC_CMS_ERRORS(X)
#undef X
};

struct cc_cms {
	struct cc_span content;	  /* what is signed: octets of eContent */
	struct cc_span issuer;	  /* of the signer: Name, whole TLV */
	struct cc_span serial;	  /* content octets of the INTEGER */
	struct cc_span signature;
	uint8_t scheme;		  /* enum cc_scheme: RSA_PKCS1_SHA256, 384 or 512 */
};

/** cc_cms_parse() - all of @der and nothing behind it. Return: CC_CMS_OK or CC_CMS_E_*. */
int cc_cms_parse(struct cc_span der, struct cc_cms *ret);

const char *cc_cms_error_text(int error);

#endif
