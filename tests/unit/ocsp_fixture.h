/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of OCSP share: responses that are really signed, and one call that asks. */
#ifndef TESTS_UNIT_OCSP_FIXTURE_H
#define TESTS_UNIT_OCSP_FIXTURE_H

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include "core/cert.h"
#include "core/ocsp.h"
#include "tests/unit/crl_fixture.h"
#include "tests/unit/der_text.h"

#define OCSP_ONLY RFC5280 ";revocation=ocsp;revocation_mode="
#define OCSP_HARD OCSP_ONLY "hard;revocation_scope=leaf"
#define OCSP_CHAIN OCSP_ONLY "hard;revocation_scope=chain"
#define OCSP_SOFT OCSP_ONLY "soft;revocation_scope=leaf"
#define STAPLE_HARD RFC5280 ";revocation=staple;revocation_mode=hard;revocation_scope=leaf"

#define OCSP_SIGNING "1.3.6.1.5.5.7.3.9"
#define NOCHECK { .oid = "1.3.6.1.5.5.7.48.1.5", .der = "\x05\x00", .len = 2 }
#define MUST_STAPLE "1.3.6.1.5.5.7.1.24"

#define ANSWERS 4

/* How a response is made. Zero means: what an honest one about one certificate has. */
struct answer_spec {
	const struct pki *about;  /* the certificate, */
	const struct pki *issuer; /* and its issuer: for the CertID; NULL = the response's */
	enum cc_ocsp_hash hash;
	enum cc_ocsp_cert_status status;
	int reason;		  /* REVOKED: 0 = none, -1 = unspecified written out */
	int64_t from, until;	  /* relative to PKI_NOW; both 0 = -1 hour and +3 days */
	bool no_next, wrong_name, wrong_key, wrong_serial;
	const char *exts;	  /* Extensions contents, der_text.h */
};

struct response_spec {
	const struct pki *issuer; /* of the certificates in question */
	const struct pki *signer; /* NULL = the issuer */
	const struct pki *named;  /* in responderID; NULL = the signer */
	bool by_key, bad_signature, sha384;
	const struct pki *certs[4];
	struct answer_spec answer[ANSWERS];
	size_t answers; /* 0 = one */
	int64_t produced; /* relative to PKI_NOW; 0 = -1 hour */
	const char *exts;
	int error; /* OCSPResponseStatus, nothing else then */
};

static inline struct cc_span pki_der(const struct pki *p)
{
	return cc_span(p->der.data, p->der.size);
}

static inline struct cc_cert cert_of(const struct pki *p)
{
	struct cc_cert cert;

	assert_int_equal(cc_cert_parse(pki_der(p), &cert), CC_CERT_OK);
	return cert;
}

static inline struct cc_span sha_span(enum cc_ocsp_hash hash, struct cc_span in, bool wrong)
{
	uint8_t *p = der_alloc(64);
	struct sha256_ctx sha256;
	struct sha1_ctx sha1;
	size_t n = hash == CC_OCSP_HASH_SHA1 ? 20 : hash == CC_OCSP_HASH_SHA256 ? 32 : 48;

	memset(p, 0, 64);
	if (hash == CC_OCSP_HASH_SHA1) {
		sha1_init(&sha1);
		sha1_update(&sha1, in.n, in.p);
		sha1_digest(&sha1, 20, p);
	} else if (hash == CC_OCSP_HASH_SHA256) {
		sha256_init(&sha256);
		sha256_update(&sha256, in.n, in.p);
		sha256_digest(&sha256, 32, p);
	}
	p[0] ^= wrong;
	return cc_span(p, n);
}

static inline struct cc_span ocsp_time(int64_t at)
{
	time_t t = (time_t)(PKI_NOW + at);
	char text[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	return der(0x18, der_str(strcpy((char *)der_alloc(sizeof(text)), text)));
}

static inline struct cc_span answer_id(const struct response_spec *s, const struct answer_spec *a)
{
	static const char *const algs[] = { "30{06{2b0e03021a}05{}}",
					    "30{06{608648016503040201}05{}}",
					    "30{06{608648016503040202}05{}}" };
	struct cc_cert issuer = cert_of(a->issuer ? a->issuer : s->issuer);
	struct cc_span serial = serial_of(a->about);

	if (a->wrong_serial)
		serial = der_cat(serial, der_hex("01"), DER_END);
	return der(0x30, der_text(algs[a->hash]),
		   der(0x04, sha_span(a->hash, issuer.subject, a->wrong_name)),
		   der(0x04, sha_span(a->hash, issuer.key, a->wrong_key)), der(0x02, serial));
}

static inline struct cc_span answer_status(const struct answer_spec *a)
{
	struct cc_span reason = NONE;

	if (a->status == CC_OCSP_GOOD)
		return der_hex("8000");
	if (a->status == CC_OCSP_UNKNOWN)
		return der_hex("8200");
	if (a->reason)
		reason = der(0xa0, der(0x0a, one_octet(a->reason < 0 ? 0 : a->reason)));
	return der(0xa1, ocsp_time(-2 * PKI_DAY), reason);
}

static inline struct cc_span make_answer(const struct response_spec *s, const struct answer_spec *a)
{
	bool usual = !a->from && !a->until;

	return der(0x30, answer_id(s, a), answer_status(a), ocsp_time(usual ? -3600 : a->from),
		   a->no_next ? NONE
			      : der(0xa0, ocsp_time(usual ? 3 * PKI_DAY : a->until)),
		   a->exts ? der(0xa1, der_wrap(0x30, der_text(a->exts))) : NONE);
}

static inline struct cc_span ocsp_sign(struct cc_span tbs, const struct response_spec *s,
				       struct cc_span certs)
{
	const struct pki *signer = s->signer ? s->signer : s->issuer;
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)tbs.p, (unsigned int)tbs.n }, sig;
	struct cc_span bits;

	PKI(gnutls_privkey_sign_data(signer->signer,
				     s->sha384 ? GNUTLS_DIG_SHA384 : GNUTLS_DIG_SHA256, 0, &in,
				     &sig));
	if (s->bad_signature)
		sig.data[sig.size - 1] ^= 1;
	bits = der(0x03, der_hex("00"), cc_span(sig.data, sig.size));
	gnutls_free(sig.data);
	return der(0x30, tbs, der_hex(s->sha384 ? ECDSA_SHA384 : ECDSA_SHA256), bits, certs);
}

static inline struct cc_span make_response(const struct response_spec *s)
{
	struct cc_span singles = NONE, certs = NONE, id, basic;
	const struct pki *named = s->named ? s->named : s->signer ? s->signer : s->issuer;
	struct cc_cert responder;
	size_t i;

	if (s->error)
		return der(0x30, der(0x0a, one_octet(s->error)));
	for (i = 0; i < (s->answers ? s->answers : 1); i++)
		singles = der_cat(singles, make_answer(s, &s->answer[i]), DER_END);
	for (i = 0; i < 4 && s->certs[i]; i++)
		certs = der_cat(certs, pki_der(s->certs[i]), DER_END);
	if (certs.n)
		certs = der(0xa0, der_wrap(0x30, certs));
	responder = cert_of(named);
	id = s->by_key ? der(0xa2, der(0x04, sha_span(CC_OCSP_HASH_SHA1, responder.key, false)))
		       : der(0xa1, responder.subject);
	basic = ocsp_sign(der(0x30, id, ocsp_time(s->produced ? s->produced : -3600),
			      der_wrap(0x30, singles),
			      s->exts ? der(0xa1, der_wrap(0x30, der_text(s->exts))) : NONE),
			  s, certs);
	return der(0x30, der_hex("0a0100"),
		   der(0xa0, der(0x30, der_text("06{2b0601050507300101}"), der_wrap(0x04, basic))));
}

static inline void put_response(capcert_evidence *e, const struct response_spec *s)
{
	struct cc_span r = make_response(s);

	assert_int_equal(capcert_evidence_put_ocsp(e, r.p, r.n), 0);
}

static inline void put_staple(capcert_evidence *e, const struct response_spec *s)
{
	struct cc_span r = make_response(s);

	assert_int_equal(capcert_evidence_put_staple(e, r.p, r.n), 0);
}

/* A family, no evidence yet, and the policy that OCSP must say that the leaf is good. */
static inline struct trial ocsp_trial_of(struct family f)
{
	struct trial t = { .f = f, .e = new_evidence() };

	t.q = (struct question){ .policy = OCSP_HARD,
				 .chain = { f.leaf, f.ca },
				 .anchors = { f.root },
				 .evidence = t.e };
	return t;
}

static inline struct trial ocsp_trial(void)
{
	return ocsp_trial_of(make_family());
}

/* One response by the usual CA about the usual leaf: reason, words of the detail, and what OCSP is
 * said to say. */
#define expect_response(want, words, told, ...) \
	expect_response_line(__LINE__, want, words, told, &(struct response_spec){ __VA_ARGS__ })

static inline void expect_outcome(int line, const struct question *q, int32_t want,
				  const char *words, uint32_t told)
{
	struct capcert_result r = ask(q);

	if (r.outcome.reason != want || r.outcome.depth || r.outcome.ocsp_status != told ||
	    (words && !strstr(r.outcome.detail, words)))
		fail_msg("line %d: %s at %u, OCSP %u: %s", line,
			 capcert_reason_name(r.outcome.reason), r.outcome.depth,
			 r.outcome.ocsp_status, r.outcome.detail);
}

static inline void expect_response_line(int line, int32_t want, const char *words, uint32_t told,
					const struct response_spec *s)
{
	struct trial t = ocsp_trial();
	struct response_spec response = *s;
	size_t i;

	response.issuer = t.f.ca;
	for (i = 0; i < (s->answers ? s->answers : 1); i++)
		if (!response.answer[i].about)
			response.answer[i].about = t.f.leaf;
	put_response(t.e, &response);
	expect_outcome(line, &t.q, want, words, told);
	end_trial(&t);
}

#define GOOD CAPCERT_OCSP_GOOD
#define TOLD_REVOKED CAPCERT_OCSP_REVOKED
#define TOLD_UNKNOWN CAPCERT_OCSP_UNKNOWN
#define ABSENT CAPCERT_OCSP_STAPLED_ABSENT
#define UNREACHABLE CAPCERT_OCSP_RESPONDER_UNREACHABLE

#endif
