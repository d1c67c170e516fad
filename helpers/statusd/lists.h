/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists that were parsed lately. One list answers for many certificates, and each of them is a judgement of
 * its own: it is parsed, indexed and hashed for its signature by the first. */
#ifndef HELPERS_STATUSD_LISTS_H
#define HELPERS_STATUSD_LISTS_H

#include <stddef.h>
#include <stdint.h>
#include <capcert/crl.h>

#define LISTS_MOST 8
#define LISTS_BYTES ((size_t)64 << 20) /* of DER; as much again for their indexes at worst */

/** lists_get() - the list in @data, DER, by its SHA-256. @ret: borrowed, until the next call.
 *  Return: 0, -EBADMSG, -EMSGSIZE, -ENOMEM. One thread at a time. */
int lists_get(const uint8_t *data, size_t len, const capcert_crl **ret);

/** lists_forget() - all of them. */
void lists_forget(void);

/** lists_parsed() - how many were parsed since the start. */
uint64_t lists_parsed(void);

#endif
