/* SPDX-License-Identifier: GPL-2.0-only */
/* Words for the tables of struct sandbox_call in walls.c: any arguments, one that is equal, one without bits. */
#ifndef HELPERS_COMMON_CALLS_H
#define HELPERS_COMMON_CALLS_H

#include "helpers/common/sandbox.h"

#define ANY                               \
	{                                 \
		{                         \
			SANDBOX_ANY, 0, 0 \
		}                         \
	}
#define EQUAL(n, v)                 \
	{                           \
		SANDBOX_EQUAL, n, v \
	}
#define NOT(n, v)                     \
	{                             \
		SANDBOX_NO_BITS, n, v \
	}

#endif
