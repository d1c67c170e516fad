// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers of core/: the same tables wherever it is compiled. */
#include "core/selftest.h"
#include "core/selftest_part.h"

const char *cc_selftest(void)
{
	const char *failed = cc_selftest_der();

	if (!failed)
		failed = cc_selftest_name();
	if (!failed)
		failed = cc_selftest_merkle();
	if (!failed)
		failed = cc_selftest_log();
	if (!failed)
		failed = cc_selftest_policy();
	if (!failed)
		failed = cc_selftest_cert();
	if (!failed)
		failed = cc_selftest_trust_anchor();
	if (!failed)
		failed = cc_selftest_crl();
	if (!failed)
		failed = cc_selftest_cms();
	if (!failed)
		failed = cc_selftest_bundle();
	if (!failed)
		failed = cc_selftest_ocsp();
	if (!failed)
		failed = cc_selftest_pins();
	if (!failed)
		failed = cc_selftest_sct();
	if (!failed)
		failed = cc_selftest_key();
	if (!failed)
		failed = cc_selftest_slot();
	return failed;
}
