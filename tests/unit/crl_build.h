/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: a small revocation list whose every part can be replaced. Its signature is noise. */
#ifndef TESTS_UNIT_CRL_BUILD_H
#define TESTS_UNIT_CRL_BUILD_H

#include "core/crl.h"
#include "tests/unit/cert_build.h"

#define NONE cc_span(NULL, 0)

/* Whole elements; an empty one is left out. */
struct crl_parts {
	struct cc_span version, inner_alg, issuer, this_update, next_update, entries, extensions;
	struct cc_span outer_alg, signature, after;
};

static inline struct cc_span crl_time(const char *text)
{
	return der_wrap(strlen(text) == 13 ? 0x17 : 0x18, der_str(text));
}

static inline struct crl_parts crl_parts(void)
{
	static const uint8_t zeros[65];
	struct crl_parts p = { 0 };

	p.version = der_hex("020101");
	p.inner_alg = p.outer_alg = der_hex(ED25519_ALG);
	p.issuer = der_name("issuer");
	p.this_update = crl_time("250101000000Z");
	p.next_update = crl_time("250201000000Z");
	p.signature = der_wrap(0x03, cc_span(zeros, 65));
	return p;
}

static inline struct cc_span crl_der(const struct crl_parts *p)
{
	return der(0x30,
		   der(0x30, p->version, p->inner_alg, p->issuer, p->this_update, p->next_update,
		       p->entries, p->extensions),
		   p->outer_alg, p->signature, p->after);
}

/* One entry; @exts is a whole crlEntryExtensions, or NONE. */
static inline struct cc_span crl_entry(const char *serial, struct cc_span exts)
{
	return der(0x30, der_wrap(0x02, der_hex(serial)), crl_time("241224180000Z"), exts);
}

static inline struct cc_span crl_ext(const char *oid, bool critical, struct cc_span value)
{
	return der(0x30, der_wrap(0x06, der_hex(oid)), critical ? der_hex("0101ff") : NONE,
		   der_wrap(0x04, value));
}

#define crl_entries(...) der(0x30, __VA_ARGS__)
#define crl_exts(...) der(0xa0, der(0x30, __VA_ARGS__))
#define entry_exts(...) der(0x30, __VA_ARGS__)

#define OID_NUMBER "551d14"
#define OID_REASON "551d15"
#define OID_INVALIDITY "551d18"
#define OID_DELTA "551d1b"
#define OID_IDP "551d1c"
#define OID_CERT_ISSUER "551d1d"
#define OID_CRLDP "551d1f"
#define OID_AKID "551d23"
#define OID_FRESHEST "551d2e"

/* Parse in a block of its exact size; the block stays, because @ret points into it. */
static inline int crl_parse(const struct crl_parts *p, struct cc_crl *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	return cc_crl_parse(der_exact(crl_der(p)), ret);
}

#endif
