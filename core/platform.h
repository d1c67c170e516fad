/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one seam between core/ and where it is compiled: kernel, userspace, or nowhere at all. */
#ifndef CORE_PLATFORM_H
#define CORE_PLATFORM_H

#if defined(__KERNEL__)
#include <linux/types.h>
#include <linux/string.h>
#elif defined(CAPCERT_FREESTANDING)
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* The barriers keep the compiler from turning a loop back into a call of what it replaces. */
static inline void *cc_memcpy(void *d, const void *s, size_t n)
{
	uint8_t *a = (uint8_t *)d;
	const uint8_t *b = (const uint8_t *)s;

	for (; n; n--) {
		*a++ = *b++;
		__asm__ volatile("" ::: "memory");
	}
	return d;
}

static inline void *cc_memset(void *d, int c, size_t n)
{
	uint8_t *a = (uint8_t *)d;

	for (; n; n--) {
		*a++ = (uint8_t)c;
		__asm__ volatile("" ::: "memory");
	}
	return d;
}

static inline int cc_memcmp(const void *x, const void *y, size_t n)
{
	const uint8_t *a = (const uint8_t *)x, *b = (const uint8_t *)y;

	for (; n; n--, a++, b++)
		if (*a != *b)
			return *a < *b ? -1 : 1;
	return 0;
}

static inline size_t cc_strlen(const char *s)
{
	size_t n = 0;

	while (s[n]) {
		__asm__ volatile("" ::: "memory");
		n++;
	}
	return n;
}

#define memcpy cc_memcpy
#define memset cc_memset
#define memcmp cc_memcmp
#define strlen cc_strlen
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

/* For functions with much on the stack: not into their callers' frames. */
#if defined(__KERNEL__)
#define CC_APART noinline
#else
#define CC_APART __attribute__((noinline))
#endif

#define CC_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
