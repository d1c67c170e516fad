/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: build DER from parts, well formed or not; read files; cmocka's headers. */
#ifndef TESTS_UNIT_DER_BUILD_H
#define TESTS_UNIT_DER_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/span.h"

/* Everything built lives until the test program ends. */
static uint8_t der_arena[1 << 22];
static size_t der_used;

static inline uint8_t *der_alloc(size_t n)
{
	uint8_t *p = der_arena + der_used;

	if (n > sizeof(der_arena) - der_used)
		abort();
	der_used += n;
	return p;
}

static inline struct cc_span der_str(const char *s)
{
	return cc_span(s, strlen(s));
}

/* "30 03 0101ff", blanks ignored. */
static inline struct cc_span der_hex(const char *hex)
{
	uint8_t *p = der_alloc(strlen(hex) / 2 + 1);
	size_t n = 0;
	int high = -1;

	for (; *hex; hex++) {
		const char *digits = "0123456789abcdef";
		const char *d = strchr(digits, *hex | 0x20);

		if (*hex == ' ')
			continue;
		if (!d)
			abort();
		if (high < 0) {
			high = (int)(d - digits);
		} else {
			p[n++] = (uint8_t)(high << 4 | (int)(d - digits));
			high = -1;
		}
	}
	if (high >= 0)
		abort();
	return cc_span(p, n);
}

#define DER_END ((struct cc_span){ NULL, (size_t)-1 })

static inline struct cc_span der_catv(va_list ap)
{
	uint8_t *p = der_alloc(0);
	size_t n = 0;

	for (;;) {
		struct cc_span s = va_arg(ap, struct cc_span);

		if (s.n == (size_t)-1)
			return cc_span(p, n);
		if (s.n)
			memcpy(der_alloc(s.n), s.p, s.n);
		n += s.n;
	}
}

/* der_cat(span..., DER_END) */
static inline struct cc_span der_cat(struct cc_span first, ...)
{
	struct cc_span rest;
	va_list ap;
	uint8_t *p;

	va_start(ap, first);
	rest = der_catv(ap);
	va_end(ap);
	p = der_alloc(first.n + rest.n);
	if (first.n)
		memcpy(p, first.p, first.n);
	memcpy(p + first.n, rest.p, rest.n);
	return cc_span(p, first.n + rest.n);
}

/* One element with @tag around @body. */
static inline struct cc_span der_wrap(uint8_t tag, struct cc_span body)
{
	uint8_t head[6] = { tag };
	size_t n = 2, k;
	uint8_t *p;

	if (body.n < 0x80) {
		head[1] = (uint8_t)body.n;
	} else {
		size_t octets = body.n < 0x100 ? 1 : body.n < 0x10000 ? 2 : 3;

		head[1] = (uint8_t)(0x80 | octets);
		for (k = 0; k < octets; k++)
			head[2 + k] = (uint8_t)(body.n >> 8 * (octets - 1 - k));
		n = 2 + octets;
	}
	p = der_alloc(n + body.n);
	memcpy(p, head, n);
	if (body.n)
		memcpy(p + n, body.p, body.n);
	return cc_span(p, n + body.n);
}

#define der(tag, ...) der_wrap(tag, der_cat(__VA_ARGS__, DER_END))

/* A span in a heap block of exactly its size, so that AddressSanitizer sees the octet behind. The
 * blocks stay for the whole program, but for those that der_free() takes back. */
static struct der_block {
	struct der_block *next;
	uint8_t *p;
} *der_blocks;

static inline struct cc_span der_exact(struct cc_span s)
{
	struct der_block *b = malloc(sizeof(*b));

	if (!b)
		abort();
	b->p = malloc(s.n ? s.n : 1);
	if (!b->p)
		abort();
	if (s.n)
		memcpy(b->p, s.p, s.n);
	b->next = der_blocks;
	der_blocks = b;
	return cc_span(b->p, s.n);
}

/* Only for the block made last. */
static inline void der_free(struct cc_span s)
{
	struct der_block *b = der_blocks;

	if (!b || b->p != s.p)
		abort();
	der_blocks = b->next;
	free(b->p);
	free(b);
}

static inline struct cc_span der_file(const char *name)
{
	FILE *f = fopen(name, "re");
	uint8_t buf[65536];
	size_t n;
	uint8_t *p;

	if (!f)
		fail_msg("%s is not there: run from the top of the tree", name);
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	p = der_alloc(n);
	memcpy(p, buf, n);
	return cc_span(p, n);
}

/* Name { CN = @cn }, UTF8String. */
static inline struct cc_span der_name(const char *cn)
{
	return der(0x30, der(0x31, der(0x30, der_hex("0603550403"), der_wrap(0x0c, der_str(cn)))));
}

#endif
