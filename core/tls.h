/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A cursor over the presentation language of TLS (RFC 8446 section 3): big-endian numbers and
 * vectors with their length in front. It moves on success only. */
#ifndef CORE_TLS_H
#define CORE_TLS_H

#include "core/span.h"

/** cc_tls_bytes() - exactly @n octets. */
static inline bool cc_tls_bytes(struct cc_span *in, size_t n, struct cc_span *ret)
{
	if (in->n < n)
		return false;
	*ret = cc_span(in->p, n);
	in->p += n;
	in->n -= n;
	return true;
}

/** cc_tls_uint() - a number of @octets octets, at most 8. */
static inline bool cc_tls_uint(struct cc_span *in, unsigned int octets, uint64_t *ret)
{
	struct cc_span s;
	uint64_t v = 0;
	size_t i;

	if (!cc_tls_bytes(in, octets, &s))
		return false;
	for (i = 0; i < octets; i++)
		v = v << 8 | s.p[i];
	*ret = v;
	return true;
}

/** cc_tls_vector() - opaque<@least..2^(8*octets)-1>. */
static inline bool cc_tls_vector(struct cc_span *in, unsigned int octets, size_t least,
				 struct cc_span *ret)
{
	struct cc_span rest = *in;
	uint64_t n;

	if (!cc_tls_uint(&rest, octets, &n) || n < least || n > rest.n)
		return false;
	if (!cc_tls_bytes(&rest, (size_t)n, ret))
		return false;
	*in = rest;
	return true;
}

/** cc_tls_put() - write @v into @octets octets. Return: what is behind them. */
static inline uint8_t *cc_tls_put(uint8_t *to, unsigned int octets, uint64_t v)
{
	unsigned int i;

	for (i = 0; i < octets; i++)
		to[i] = (uint8_t)(v >> (8 * (octets - 1 - i)));
	return to + octets;
}

#endif
