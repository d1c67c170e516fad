/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internationalised host names: what people write, as DNS and certificates have it. */
#ifndef LIBCAPCERT_IDNA_H
#define LIBCAPCERT_IDNA_H

#include "core/span.h"

/* Room for a host name of 253 bytes with a trailing dot. */
#define IDNA_MAX 254

/** idna_to_ascii() - U-labels of @host to A-labels (RFC 5891 section 5). Letters are put into
 *  lower case and NFC before, as section 2 of RFC 5895 suggests; nothing else is mapped, and
 *  nothing is left out. The result has yet to be checked for being a host name.
 *  @host: UTF-8.
 *  Return: 0 with @ret_len bytes in @ret; -EINVAL when IDNA 2008 knows no such name, or it is too
 *  long; -ENOMEM. */
int idna_to_ascii(struct cc_span host, uint8_t ret[IDNA_MAX], size_t *ret_len);

#endif
