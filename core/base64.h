/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Base 64 (RFC 4648 section 4) as canonical text: padded, no line ends, unused bits zero. */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include "core/span.h"

/* Room for the text of @n octets, without a NUL. */
#define CC_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/** cc_base64_decode() - Return: octets written to @ret, or -1: not canonical, or more than @cap.
 *  @ret may be where @text is. */
long cc_base64_decode(struct cc_span text, uint8_t *ret, size_t cap);

/** cc_base64_encode() - writes CC_BASE64_LEN(in.n) characters. Return: how many. */
size_t cc_base64_encode(struct cc_span in, char *ret);

#endif
