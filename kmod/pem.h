/* SPDX-License-Identifier: GPL-2.0-only */
/* PEM to DER, strictly: one certificate, nothing but white space around it (RFC 7468 section 3). */
#ifndef KMOD_PEM_H
#define KMOD_PEM_H

#include <linux/types.h>

/*
 * cc_pem_certificate() - the DER inside one "CERTIFICATE" block.
 * @der: takes the bytes; @cap of 3/4 of @len always suffices.
 * Return: length, or -EBADMSG: other text, other label, more than one block, characters outside
 * base64, padding in the wrong place or with bits set; -EMSGSIZE over @cap.
 */
ssize_t cc_pem_certificate(const char *text, size_t len, u8 *der, size_t cap);

#endif
