/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* base64url, as all of JOSE writes octets. */
#ifndef LIBCAPCERT_JWK_H
#define LIBCAPCERT_JWK_H

#include "core/span.h"

/* Room for the text of @n octets, with a NUL. */
#define BASE64URL_CAP(n) (((n) + 2) / 3 * 4 + 1)

/** base64url() - RFC 7515 section 2: without padding; @ret: BASE64URL_CAP(in.n). Return: length. */
size_t base64url(struct cc_span in, char *ret);

#endif
