/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of the self-test; each returns NULL or the name of the first case that failed. */
#ifndef CORE_SELFTEST_PART_H
#define CORE_SELFTEST_PART_H

#include "core/span.h"

/* Octets written as a string literal; its NUL does not count. */
struct cc_octets {
	const char *p;
	size_t n;
};

#define CC_OCTETS(literal) { literal, sizeof(literal) - 1 }

static inline struct cc_span cc_octets_span(struct cc_octets o)
{
	return cc_span(o.p, o.n);
}

static inline struct cc_span cc_text_span(const char *s)
{
	return cc_span(s, strlen(s));
}

/* One octet replaced, and what a parser says then. */
struct cc_patch {
	const char *name;
	uint16_t offset;
	uint8_t octet, error;
};

/** cc_patches_hold() - replace one octet after the other in @der, which is whole again afterwards.
 *  @parse: apart from its caller, so that copy and result do not share one stack frame.
 *  Return: NULL, or the name of the first patch for which @parse says something else. */
const char *cc_patches_hold(int (*parse)(struct cc_span der), uint8_t *der, size_t n,
			    const struct cc_patch *patches, size_t count);

const char *cc_selftest_der(void);
const char *cc_selftest_name(void);
const char *cc_selftest_merkle(void);
const char *cc_selftest_log(void);
const char *cc_selftest_policy(void);
const char *cc_selftest_cert(void);
const char *cc_selftest_trust_anchor(void);
const char *cc_selftest_crl(void);
const char *cc_selftest_cms(void);
const char *cc_selftest_bundle(void);
const char *cc_selftest_ocsp(void);
const char *cc_selftest_sct(void);
const char *cc_selftest_pins(void);
const char *cc_selftest_key(void);
const char *cc_selftest_slot(void);

#endif
