// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers that a seed determines (splitmix64). */
#include "tests/differential/differential.h"

static uint64_t state;

void random_seed(uint64_t seed)
{
	state = seed;
}

uint32_t random_below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(((z ^ z >> 31) >> 32) * n >> 32);
}
