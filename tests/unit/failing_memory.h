/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: allocations that fail, one after another. Link with --wrap (scripts/mk/unit.mk). */
#ifndef TESTS_UNIT_FAILING_MEMORY_H
#define TESTS_UNIT_FAILING_MEMORY_H

#include "libcapcert/memo.h"

static unsigned long allocations, failing; /* counted from 1; 0 = none fails */

static bool fails(void)
{
	return failing && ++allocations == failing;
}

/* The linker sends the library's calls here (--wrap). */
#define WRAP(type, name, params, args)                      \
	type __real_##name params;                          \
	type __wrap_##name params;                          \
	type __wrap_##name params                           \
	{                                                   \
		return fails() ? NULL : __real_##name args; \
	}
WRAP(void *, malloc, (size_t n), (n))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t n), (p, n))
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size))

/* Fail one after another. What a run without memory answers leaves no trace: the next one, with all
 * its memory, is right. @others: GnuTLS allocates too, and sometimes it calls the signature bad. */
static void exhaust(int (*scenario)(void), unsigned long least, bool others)
{
	unsigned long n;
	int r;

	assert_int_equal(scenario(), 0);
	for (n = 1;; n++) {
		memo_clear();
		allocations = 0;
		failing = n;
		r = scenario();
		failing = 0;
		if (allocations < n)
			break;
		if (r != -ENOMEM && r != 0 && !(others && r == 1))
			fail_msg("allocation %lu: %d", n, r);
		r = scenario();
		if (r != 0)
			fail_msg("after allocation %lu: %d", n, r);
	}
	assert_int_equal(r, 0);
	assert_true(n > least); /* some were there to fail */
}

#endif
