/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The 32-bit hash by which OpenSSL names the files of a hashed directory of certificates. */
#ifndef LIBCAPCERT_SUBJECT_HASH_H
#define LIBCAPCERT_SUBJECT_HASH_H

#include "core/span.h"

/**
 * name_canonical() - what the hash is taken over: the RDNs of @name one after another, without the
 * SEQUENCE around them; in each RDN every string value as UTF8String, in ASCII lower case, without
 * white space at its ends, runs of it as one space; other values as they are; the attributes of an
 * RDN sorted again (X.690 section 11.6).
 *
 * Text is UTF8String, UniversalString, BMPString and, with octets above 0x7f as Latin-1,
 * PrintableString, TeletexString, VideotexString, IA5String, VisibleString and GeneralString.
 * NumericString stays as it is: OpenSSL's own form leaves it alone.
 *
 * @name: a DER Name, whole TLV.
 * @ret: malloc()ed, the caller frees it; NULL when @name has no RDN.
 * Return: 0, -ENOMEM, or -EBADMSG when @name is no Name or a string is not text of its type.
 */
int name_canonical(struct cc_span name, uint8_t **ret, size_t *ret_len);

/** name_hash() - the first four octets of the SHA-1 of that, the first the least significant. */
int name_hash(struct cc_span name, uint32_t *ret);

#endif
