/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of revocation lists share: lists that are really signed, and one call that asks. */
#ifndef TESTS_UNIT_CRL_FIXTURE_H
#define TESTS_UNIT_CRL_FIXTURE_H

#include "tests/unit/crl_build.h"
#include "tests/unit/engine_fixture.h"

#define LISTS RFC5280 ";revocation=crl;revocation_mode="
#define HARD LISTS "hard;revocation_scope=chain"
#define HARD_LEAF LISTS "hard;revocation_scope=leaf"
#define SOFT LISTS "soft;revocation_scope=chain"

#define ENTRIES 6

/* How a list is made. Zero means: what an honest one has. */
struct list_spec {
	const struct pki *issuer; /* its name, */
	const struct pki *signer; /* and who signs, if somebody else */
	int64_t from, until;	  /* relative to PKI_NOW; both 0 = -1 and +7 days */
	bool no_next;
	struct {
		const struct pki *cert; /* NULL: the number 7 */
		int reason;		/* -1 = reasonCode 0, 0 = no extension */
		const struct pki *of;	/* certificateIssuer: its subject */
		bool issuer_not_critical;
		struct cc_span ext; /* one more extension */
	} entry[ENTRIES];
	size_t entries;
	int number; /* 0 = 1, -1 = none */
	int base;   /* deltaCRLIndicator: base - 1; 0 = none */
	struct cc_span idp; /* the extension's value */
	bool idp_not_critical, base_not_critical, number_critical, v1, bad_signature;
	bool sha384;
	struct cc_span ext;   /* one more extension, whole */
	const struct pki *akid; /* authorityKeyIdentifier: its subjectKeyIdentifier */
};

static inline struct cc_span subject_of(const struct pki *p)
{
	gnutls_datum_t dn;
	uint8_t *copy;

	PKI(gnutls_x509_crt_get_raw_dn(p->crt, &dn));
	copy = der_alloc(dn.size);
	memcpy(copy, dn.data, dn.size);
	gnutls_free(dn.data);
	return cc_span(copy, dn.size);
}

static inline struct cc_span serial_of(const struct pki *p)
{
	uint8_t *serial = der_alloc(32);
	size_t n = 32;

	PKI(gnutls_x509_crt_get_serial(p->crt, serial, &n));
	return cc_span(serial, n);
}

static inline struct cc_span time_of(int64_t at)
{
	time_t t = (time_t)(PKI_NOW + at);
	char text[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%y%m%d%H%M%SZ", &tm);
	return crl_time(strcpy((char *)der_alloc(sizeof(text)), text));
}

/* fullName of one directory name, of one URI; a GeneralNames of one directory name. */
static inline struct cc_span names_dn(struct cc_span dn)
{
	return der(0xa4, dn);
}

static inline struct cc_span names_uri(const char *uri)
{
	return der(0x86, der_str(uri));
}

/* DistributionPointName, as both extensions have it. */
static inline struct cc_span point_full(struct cc_span names)
{
	return der(0xa0, der(0xa0, names));
}

/* CN=@cn below whatever issuer. */
static inline struct cc_span point_relative(const char *cn)
{
	return der(0xa0, der(0xa1, der(0x30, der_hex("0603550403"), der_wrap(0x0c, der_str(cn)))));
}

#define idp_of(...) der(0x30, __VA_ARGS__)
#define ONLY_USER der_hex("8101ff")
#define ONLY_CA der_hex("8201ff")
#define ONLY_ATTRIBUTE der_hex("8501ff")
#define INDIRECT der_hex("8401ff")
#define ONLY_KEY_COMPROMISE der_hex("83020640")
#define ALL_BUT_KEY_COMPROMISE der_hex("8303073f80")

/* cRLDistributionPoints with one point, for pki_spec.ext. */
#define crldp_of(...) der(0x30, der(0x30, __VA_ARGS__))
#define EXT_CRLDP(span) { .oid = "2.5.29.31", .der = (const char *)(span).p, .len = (unsigned int)(span).n }

static inline struct cc_span one_octet(int value)
{
	return cc_span(memset(der_alloc(1), value, 1), 1);
}

static inline struct cc_span list_number(int number)
{
	return der(0x02, one_octet(number)); /* below 128 */
}

static inline struct cc_span list_entry(const struct list_spec *s, size_t i)
{
	struct cc_span reason = NONE, issuer = NONE, exts;

	if (s->entry[i].reason)
		reason = crl_ext(OID_REASON, false,
				 der(0x0a, one_octet(s->entry[i].reason < 0 ? 0 : s->entry[i].reason)));
	if (s->entry[i].of)
		issuer = crl_ext(OID_CERT_ISSUER, !s->entry[i].issuer_not_critical,
				 der(0x30, names_dn(subject_of(s->entry[i].of))));
	exts = der_cat(reason, issuer, s->entry[i].ext, DER_END);
	return der(0x30,
		   der(0x02, s->entry[i].cert ? serial_of(s->entry[i].cert) : der_hex("07")),
		   time_of(-2 * PKI_DAY), exts.n ? der_wrap(0x30, exts) : NONE);
}

static inline struct cc_span list_exts(const struct list_spec *s)
{
	struct cc_span akid = NONE, number = NONE, base = NONE, idp = NONE;
	unsigned char id[64];
	size_t n = sizeof(id);

	if (s->v1)
		return NONE;
	if (s->akid) {
		PKI(gnutls_x509_crt_get_subject_key_id(s->akid->crt, id, &n, NULL));
		akid = crl_ext(OID_AKID, false, der(0x30, der_wrap(0x80, cc_span(id, n))));
	}
	if (s->number >= 0)
		number = crl_ext(OID_NUMBER, s->number_critical,
				 list_number(s->number ? s->number : 1));
	if (s->base)
		base = crl_ext(OID_DELTA, !s->base_not_critical, list_number(s->base - 1));
	if (s->idp.n)
		idp = crl_ext(OID_IDP, !s->idp_not_critical, s->idp);
	if (!akid.n && !number.n && !base.n && !idp.n && !s->ext.n)
		return NONE;
	return crl_exts(akid, number, base, idp, s->ext);
}

#define ECDSA_SHA256 "300a 06082a8648ce3d040302"
#define ECDSA_SHA384 "300a 06082a8648ce3d040303"

static inline struct cc_span list_sign(struct cc_span tbs, const struct list_spec *s)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)tbs.p, (unsigned int)tbs.n }, sig;
	struct cc_span bits;

	PKI(gnutls_privkey_sign_data((s->signer ? s->signer : s->issuer)->signer,
				     s->sha384 ? GNUTLS_DIG_SHA384 : GNUTLS_DIG_SHA256, 0, &in,
				     &sig));
	if (s->bad_signature)
		sig.data[sig.size - 1] ^= 1;
	bits = der(0x03, der_hex("00"), cc_span(sig.data, sig.size));
	gnutls_free(sig.data);
	return der(0x30, tbs, der_hex(s->sha384 ? ECDSA_SHA384 : ECDSA_SHA256), bits);
}

static inline struct cc_span make_list(const struct list_spec *s)
{
	int64_t from = s->from || s->until ? s->from : -PKI_DAY;
	int64_t until = s->from || s->until ? s->until : 7 * PKI_DAY;
	struct cc_span entries = NONE;
	size_t i;

	for (i = 0; i < s->entries; i++)
		entries = der_cat(entries, list_entry(s, i), DER_END);
	return list_sign(der(0x30, s->v1 ? NONE : der_hex("020101"),
			     der_hex(s->sha384 ? ECDSA_SHA384 : ECDSA_SHA256), subject_of(s->issuer),
			     time_of(from), s->no_next ? NONE : time_of(until),
			     entries.n ? der_wrap(0x30, entries) : NONE, list_exts(s)),
			 s);
}

static inline void put_list(capcert_evidence *e, const struct list_spec *s)
{
	struct cc_span list = make_list(s);

	assert_int_equal(capcert_evidence_put_crl(e, list.p, list.n), 0);
}

static inline capcert_evidence *new_evidence(void)
{
	capcert_evidence *e;

	assert_int_equal(capcert_evidence_new(&e), 0);
	return e;
}

/* A family with a list by its root that says nothing, and room for the CA's lists. */
struct trial {
	struct family f;
	capcert_evidence *e;
	struct question q;
};

static inline struct trial new_trial_of(struct family f)
{
	struct trial t = { .f = f, .e = new_evidence() };

	t.q = (struct question){ .policy = HARD,
				 .chain = { f.leaf, f.ca },
				 .anchors = { f.root },
				 .evidence = t.e };
	put_list(t.e, &(struct list_spec){ .issuer = f.root });
	return t;
}

static inline struct trial new_trial(void)
{
	return new_trial_of(make_family());
}

static inline void end_trial(struct trial *t)
{
	capcert_evidence_free(t->e);
	free_family(&t->f);
}

#define REVOKED CAPCERT_REASON_REVOKED
#define UNKNOWN CAPCERT_REASON_OCSP_UNAVAILABLE
#define VALID CAPCERT_REASON_NONE

/* The usual family, one list by its CA: what becomes of the leaf? Fields of the list but the issuer
 * are in @s; entry[0].cert, where there are entries but no certificate, is the leaf. */
#define expect_list(reason, ...) \
	expect_list_line(__LINE__, reason, &(struct list_spec){ __VA_ARGS__ })

static inline void expect_list_line(int line, int32_t reason, const struct list_spec *s)
{
	struct capcert_result r;
	struct trial t = new_trial();
	struct list_spec list = *s;

	list.issuer = t.f.ca;
	if (list.entries && !list.entry[0].cert)
		list.entry[0].cert = t.f.leaf;
	put_list(t.e, &list);
	r = ask(&t.q);
	if (r.outcome.reason != reason || r.outcome.depth)
		fail_msg("line %d: %s at %u: %s", line, capcert_reason_name(r.outcome.reason),
			 r.outcome.depth, r.outcome.detail);
	end_trial(&t);
}

/* The detail of the outcome says @text. */
static inline void expect_says(const struct question *q, const char *text)
{
	struct capcert_result r = ask(q);

	if (!strstr(r.outcome.detail, text))
		fail_msg("\"%s\" is not in: %s", text, r.outcome.detail);
}

#endif
