/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PEM (RFC 7468): strict blocks between lines of anything else. */
#ifndef LIBCAPCERT_PEM_H
#define LIBCAPCERT_PEM_H

#include "core/span.h"

#define PEM_CERTIFICATE "CERTIFICATE"
#define PEM_CRL "X509 CRL"

/**
 * pem_next() - decode the next block that is called @label; well-formed blocks of other names
 * (a private key beside its chain) are passed over unread.
 *
 * Boundaries stand on lines of their own; lines end in LF, CR LF or CR and may have blanks at
 * their end; a body is one or more lines of 1..76 base64 characters, canonically padded, without
 * headers or empty lines.
 *
 * @rest: what is left of the text. Moves behind the block; after -EBADMSG behind the boundary
 *	that the trouble began with, so that a caller may go on.
 * @ret_der: malloc()ed, the caller frees it.
 * @ret_error: not NULL; a static line with -EBADMSG.
 * Return: 1, 0 at the end, -EBADMSG, -ENOMEM.
 */
int pem_next(struct cc_span *rest, const char *label, uint8_t **ret_der, size_t *ret_len,
	     const char **ret_error);

/** pem_next_of() - the same for blocks of at most @max octets, not CC_CERT_MAX. */
int pem_next_of(struct cc_span *rest, const char *label, size_t max, uint8_t **ret_der,
		size_t *ret_len, const char **ret_error);

/** pem_found() - is there anything in @text that looks like a boundary? */
bool pem_found(struct cc_span text);

/** pem_write() - one block with lines of 64 characters and a NUL behind it.
 *  Return: 0 with @ret_text malloc()ed, @ret_len without the NUL, or -ENOMEM. */
int pem_write(const char *label, struct cc_span der, char **ret_text, size_t *ret_len);

#endif
