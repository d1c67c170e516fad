/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A span of somebody else's bytes. It owns nothing: the buffer it points into must outlive it. */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include "core/platform.h"

struct cc_span {
	const uint8_t *p;
	size_t n;
};

static inline struct cc_span cc_span(const void *p, size_t n)
{
	struct cc_span s = { (const uint8_t *)p, n };

	return s;
}

static inline bool cc_span_equal(struct cc_span a, struct cc_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

#endif
