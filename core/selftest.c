// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers of core/: the same tables wherever it is compiled. */
#include "core/selftest.h"
#include "core/selftest_part.h"

const char *cc_patches_hold(int (*parse)(struct cc_span der), uint8_t *der, size_t n,
			    const struct cc_patch *patches, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		uint8_t *octet = &der[patches[i].offset], old = *octet;
		int error;

		*octet = patches[i].octet;
		error = parse(cc_span(der, n));
		*octet = old;
		if (error != patches[i].error)
			return patches[i].name;
	}
	return NULL;
}

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
