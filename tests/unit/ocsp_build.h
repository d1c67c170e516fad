/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: a small OCSP response whose every part can be replaced. Its signature is noise. */
#ifndef TESTS_UNIT_OCSP_BUILD_H
#define TESTS_UNIT_OCSP_BUILD_H

#include "core/ocsp.h"
#include "tests/unit/der_text.h"

/* In the notation of der_text.h, each a whole element; NULL or "" is left out. */
struct ocsp_parts {
	const char *status, *type, *version, *responder, *produced, *singles, *exts;
	const char *alg, *signature, *certs, *after;
};

#define OCSP_SHA1_ALG "30{06{2b0e03021a}05{}}"
#define OCSP_SHA256_ALG "30{06{608648016503040201}}"
#define OCSP_ID "30{" OCSP_SHA1_ALG "04{*20(a1)}04{*20(b2)}02{1001}}"
#define OCSP_ID256 "30{" OCSP_SHA256_ALG "04{*32(a1)}04{*32(b2)}02{1001}}"
#define OCSP_T1 "18{'20250101000000Z'}"
#define OCSP_T2 "18{'20250108000000Z'}"
#define OCSP_GOOD OCSP_ID "80{}" OCSP_T1 "a0{" OCSP_T2 "}"
#define OCSP_REVOKED OCSP_ID "a1{18{'20241224180000Z'}a0{0a{01}}}" OCSP_T1
#define OCSP_NONCE "30{06{2b0601050507300102}04{04{0102030405060708}}}"
#define OCSP_SCTS "30{06{2b06010401d679020405}04{04{0003000141}}}"
#define OCSP_UNKNOWN_EXT "30{06{2a0304}04{05{}}}"
#define OCSP_UNKNOWN_CRITICAL "30{06{2a0305}01{ff}04{05{}}}"

static inline struct ocsp_parts ocsp_parts(void)
{
	return (struct ocsp_parts){
		.status = "0a{00}",
		.type = "06{2b0601050507300101}",
		.responder = "a1{30{31{30{06{550403}0c{'responder'}}}}}",
		.produced = OCSP_T1,
		.singles = "30{" OCSP_GOOD "}",
		.alg = "30{06{2b6570}}",
		.signature = "03{00*64(00)}",
	};
}

static inline struct cc_span ocsp_text(const char *text)
{
	return der_text(text ? text : "");
}

/* BasicOCSPResponse */
static inline struct cc_span ocsp_basic(const struct ocsp_parts *p)
{
	struct cc_span tbs = der(0x30, ocsp_text(p->version), ocsp_text(p->responder),
				 ocsp_text(p->produced), der_wrap(0x30, ocsp_text(p->singles)),
				 ocsp_text(p->exts));

	return der(0x30, tbs, ocsp_text(p->alg), ocsp_text(p->signature), ocsp_text(p->certs));
}

static inline struct cc_span ocsp_der(const struct ocsp_parts *p)
{
	struct cc_span bytes = { NULL, 0 };

	if (p->type)
		bytes = der(0xa0, der(0x30, ocsp_text(p->type), der_wrap(0x04, ocsp_basic(p))));
	return der(0x30, ocsp_text(p->status), bytes, ocsp_text(p->after));
}

/* Parse in a block of its exact size; the block stays, because @ret points into it. */
static inline int ocsp_parse(const struct ocsp_parts *p, struct cc_ocsp *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	return cc_ocsp_parse(der_exact(ocsp_der(p)), ret);
}

#endif
