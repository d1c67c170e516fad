/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: a small Ed25519 certificate whose every part can be replaced. Its signature is noise. */
#ifndef TESTS_UNIT_CERT_BUILD_H
#define TESTS_UNIT_CERT_BUILD_H

#include "tests/unit/der_build.h"
#include "core/cert.h"

#define ED25519_ALG "3005 06032b6570"
#define ED25519_SPKI                                                                    \
	"302a 3005 06032b6570 0321 00"                                                  \
	"0102030405060708091011121314151617181920212223242526272829303132"

/* Whole elements; the body of one may be empty to leave it out. */
struct cert_parts {
	struct cc_span version, serial, inner_alg, issuer, validity, subject, spki, ids, extensions;
	struct cc_span outer_alg, signature, after;
};

static inline struct cc_span cert_times(const char *from, const char *to)
{
	return der(0x30, der_wrap(strlen(from) == 13 ? 0x17 : 0x18, der_str(from)),
		   der_wrap(strlen(to) == 13 ? 0x17 : 0x18, der_str(to)));
}

static inline struct cert_parts cert_parts(void)
{
	static const uint8_t zeros[65];
	struct cert_parts p = { 0 };

	p.version = der_hex("a003 020102");
	p.serial = der_hex("020101");
	p.inner_alg = p.outer_alg = der_hex(ED25519_ALG);
	p.issuer = der_name("issuer");
	p.validity = cert_times("250101000000Z", "251231235959Z");
	p.subject = der_name("subject");
	p.spki = der_hex(ED25519_SPKI);
	p.signature = der_wrap(0x03, cc_span(zeros, 65));
	return p;
}

static inline struct cc_span cert_tbs(const struct cert_parts *p)
{
	return der(0x30, p->version, p->serial, p->inner_alg, p->issuer, p->validity, p->subject,
		   p->spki, p->ids, p->extensions);
}

static inline struct cc_span cert_der(const struct cert_parts *p)
{
	return der(0x30, cert_tbs(p), p->outer_alg, p->signature, p->after);
}

/* [3] around a list of extensions. */
#define cert_exts(...) der(0xa3, der(0x30, __VA_ARGS__))

static inline struct cc_span cert_ext(const char *oid, bool critical, const char *value)
{
	return der(0x30, der_wrap(0x06, der_hex(oid)),
		   critical ? der_hex("0101ff") : cc_span(NULL, 0),
		   der_wrap(0x04, der_hex(value)));
}

/* Parse in a block of its exact size; the block stays, because @ret points into it. */
static inline int cert_parse(struct cc_span s, struct cc_cert *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	return cc_cert_parse(der_exact(s), ret);
}

static inline int cert_parse_parts(const struct cert_parts *p, struct cc_cert *ret)
{
	return cert_parse(cert_der(p), ret);
}

#endif
