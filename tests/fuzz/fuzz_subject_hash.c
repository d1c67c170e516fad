// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names: the canonical form is short enough, and the canonical form of itself. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "core/der.h"
#include "libcapcert/subject_hash.h"

/* The RDNs of a canonical form as a Name again. */
static uint8_t *as_name(const uint8_t *body, size_t n, size_t *ret_len)
{
	uint8_t *name = malloc(n + 5);
	size_t head = n < 0x80 ? 2 : n < 0x100 ? 3 : n < 0x10000 ? 4 : 5, i;

	assert(name);
	name[0] = CC_DER_SEQUENCE;
	name[1] = (uint8_t)(n < 0x80 ? n : 0x80 | (head - 2));
	for (i = 2; i < head; i++)
		name[i] = (uint8_t)(n >> 8 * (head - 1 - i));
	memcpy(name + head, body, n);
	*ret_len = head + n;
	return name;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *canonical, *name, *again;
	size_t n, m, len;
	uint32_t hash;

	if (name_canonical(cc_span(data, size), &canonical, &n))
		return 0;
	assert(n <= 3 * size);
	assert(name_hash(cc_span(data, size), &hash) == 0);
	if (n && n < 60000) {
		name = as_name(canonical, n, &len);
		assert(name_canonical(cc_span(name, len), &again, &m) == 0);
		assert(m == n && memcmp(again, canonical, n) == 0);
		free(name);
		free(again);
	}
	free(canonical);
	return 0;
}
