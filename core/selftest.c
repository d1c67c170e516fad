// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known-answer tables of core/. */
#include "core/selftest.h"
#include "core/platform.h"

const char *cc_selftest(void)
{
	return NULL;
}
