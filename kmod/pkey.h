/* SPDX-License-Identifier: GPL-2.0-only */
/* What an encoding and a hash of the key service (enc=, hash=) mean: one table for both ways. */
#ifndef KMOD_PKEY_H
#define KMOD_PKEY_H

#include <linux/types.h>

struct kernel_pkey_params;

/*
 * cc_pkey_scheme() - the TLS SignatureScheme of a call about a key of @key_alg.
 * @ret_digest: params->in_len octets are a digest; else a message, of any length: Ed25519 and
 *	Ed448 come raw and without a hash.
 * Return: the scheme; -EOPNOTSUPP when there is none, -EINVAL when the digest is of another length.
 */
int cc_pkey_scheme(u32 key_alg, const struct kernel_pkey_params *params, bool *ret_digest);

#endif
