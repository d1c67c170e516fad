// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables that the module runs when it loads. */
#include "tests/unit/der_build.h"
#include "core/selftest.h"

static void holds(void **state)
{
	const char *failed = cc_selftest();

	if (failed)
		fail_msg("%s", failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(holds) };

	return cmocka_run_group_tests_name("core/selftest", tests, NULL, NULL);
}
