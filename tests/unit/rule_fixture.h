/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests of single rules: an honest root, CA and leaf of which a row of a table replaces some
 * parts, really signed, and what the engine must then say, word for word. */
#ifndef TESTS_UNIT_RULE_FIXTURE_H
#define TESTS_UNIT_RULE_FIXTURE_H

#include "core/cert.h"
#include "tests/unit/der_text.h"
#include "tests/unit/engine_fixture.h"

/* Rows end where what they say ends. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* UPPER stands between CA and root, in the rows that speak of it. */
enum who { LEAF, CA, ROOT, UPPER, WHO_COUNT };

/* Whole fields, then values of extensions. */
enum part {
	NOTHING,
	VERSION,
	SERIAL,
	ALG, /* inside and outside */
	ISSUER,
	VALIDITY,
	SUBJECT,
	SPKI,
	FIRST_EXT,
	BASIC = FIRST_EXT,
	USAGE,
	PURPOSES,
	SKID,
	AKID,
	ALT_NAMES,
	CONSTRAINTS,
	POLICIES,
	MAPPINGS,
	POLICY_LIMITS,
	NO_ANY,
	ADDRESSES, /* authorityInfoAccess */
	ISSUER_ALT_NAMES,
	FEATURES, /* TLS features, RFC 7633 */
	PART_COUNT
};

static const char *const part_oids[PART_COUNT] = {
	[BASIC] = "551d13",	    [USAGE] = "551d0f",		[PURPOSES] = "551d25",
	[SKID] = "551d0e",	    [AKID] = "551d23",		[ALT_NAMES] = "551d11",
	[CONSTRAINTS] = "551d1e",   [POLICIES] = "551d20",	[MAPPINGS] = "551d21",
	[POLICY_LIMITS] = "551d24", [NO_ANY] = "551d36",	[ADDRESSES] = "2b06010505070101",
	[ISSUER_ALT_NAMES] = "551d12", [FEATURES] = "2b06010505070118",
};

/* A value that begins with '!' makes its extension critical, '~' not critical; a field or value
 * that is only "-" is left out. */
static const char *const honest[WHO_COUNT][PART_COUNT] = {
	[LEAF] = { [VERSION] = "a0{02{02}}",
		   [SERIAL] = "02{11}",
		   [ALG] = "30{06{2a8648ce3d040302}}",
		   [ISSUER] = "30{31{30{06{550403} 0c{'CA'}}}}",
		   [VALIDITY] = "30{17{'260501000000Z'} 17{'260731235959Z'}}",
		   [SUBJECT] = "30{31{30{06{550403} 0c{'www.example.com'}}}}",
		   [USAGE] = "!03{0780}",
		   [PURPOSES] = "30{06{2b06010505070301}}",
		   [AKID] = "30{80{02}}",
		   [ALT_NAMES] = "30{82{'www.example.com'}}" },
	[CA] = { [VERSION] = "a0{02{02}}",
		 [SERIAL] = "02{22}",
		 [ALG] = "30{06{2a8648ce3d040302}}",
		 [ISSUER] = "30{31{30{06{550403} 0c{'Root'}}}}",
		 [VALIDITY] = "30{17{'260101000000Z'} 17{'281231235959Z'}}",
		 [SUBJECT] = "30{31{30{06{550403} 0c{'CA'}}}}",
		 [BASIC] = "!30{0101ff}",
		 [USAGE] = "!03{0106}",
		 [SKID] = "04{02}",
		 [AKID] = "30{80{03}}" },
	[ROOT] = { [VERSION] = "a0{02{02}}",
		   [SERIAL] = "02{33}",
		   [ALG] = "30{06{2a8648ce3d040302}}",
		   [ISSUER] = "30{31{30{06{550403} 0c{'Root'}}}}",
		   [VALIDITY] = "30{17{'250101000000Z'} 17{'351231235959Z'}}",
		   [SUBJECT] = "30{31{30{06{550403} 0c{'Root'}}}}",
		   [BASIC] = "!30{0101ff}",
		   [USAGE] = "!03{0106}",
		   [SKID] = "04{03}" },
	[UPPER] = { [VERSION] = "a0{02{02}}",
		    [SERIAL] = "02{44}",
		    [ALG] = "30{06{2a8648ce3d040302}}",
		    [ISSUER] = "30{31{30{06{550403} 0c{'Root'}}}}",
		    [VALIDITY] = "30{17{'260101000000Z'} 17{'301231235959Z'}}",
		    [SUBJECT] = "30{31{30{06{550403} 0c{'Upper'}}}}",
		    [BASIC] = "!30{0101ff}",
		    [USAGE] = "!03{0106}",
		    [SKID] = "04{04}",
		    [AKID] = "30{80{03}}" },
};

#define CHANGES 8

struct rule_row {
	const char *policy; /* NULL = RFC5280 */
	struct {
		enum who who;
		enum part part;
		const char *text;
	} change[CHANGES];
	int32_t reason;	  /* CAPCERT_REASON_NONE: valid */
	uint32_t depth;
	const char *says; /* part of the detail; NULL for a valid one */
	const char *name; /* NULL = HOST, "" = none */
	uint32_t purpose;
	const char *extra_oid, *extra; /* one more extension of the leaf, '!' = critical */
	int64_t at;		       /* 0 = PKI_NOW, else seconds since 1970 */
};

/* One key per certificate, made once. */
struct rule_key {
	gnutls_privkey_t priv;
	struct cc_span spki;
};

static inline const struct rule_key *rule_key(enum who who)
{
	static struct rule_key keys[WHO_COUNT];
	struct rule_key *k = &keys[who];
	gnutls_pubkey_t pub;
	gnutls_datum_t der;

	if (k->priv)
		return k;
	PKI(gnutls_privkey_init(&k->priv));
	PKI(gnutls_privkey_generate(k->priv, GNUTLS_PK_ECDSA,
				    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	PKI(gnutls_pubkey_init(&pub));
	PKI(gnutls_pubkey_import_privkey(pub, k->priv, 0, 0));
	PKI(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &der));
	k->spki = cc_span(memcpy(der_alloc(der.size), der.data, der.size), der.size);
	gnutls_free(der.data);
	gnutls_pubkey_deinit(pub);
	return k;
}

static inline void rule_keys_free(void)
{
	enum who who;

	for (who = LEAF; who < WHO_COUNT; who++)
		gnutls_privkey_deinit(rule_key(who)->priv);
}

static inline struct cc_span rule_ext(const char *oid, const char *value)
{
	bool critical = *value == '!';

	if (*value == '!' || *value == '~')
		value++;
	return der(0x30, der_wrap(0x06, der_hex(oid)),
		   critical ? der_hex("0101ff") : cc_span(NULL, 0),
		   der_wrap(0x04, der_text(value)));
}

static inline bool rule_has_upper(const struct rule_row *row)
{
	size_t i;

	for (i = 0; i < CHANGES; i++)
		if (row->change[i].part && row->change[i].who == UPPER)
			return true;
	return false;
}

static inline enum who rule_issuer(const struct rule_row *row, enum who who)
{
	if (who == LEAF)
		return CA;
	return who == CA && rule_has_upper(row) ? UPPER : ROOT;
}

static inline const char *rule_part(const struct rule_row *row, enum who who, enum part part)
{
	size_t i;

	for (i = 0; i < CHANGES; i++)
		if (row->change[i].part == part && row->change[i].who == who)
			return row->change[i].text[0] == '-' ? NULL : row->change[i].text;
	if (who == CA && part == ISSUER)
		return rule_part(row, rule_issuer(row, CA), SUBJECT);
	return honest[who][part];
}

static inline struct cc_span rule_field(const struct rule_row *row, enum who who, enum part part)
{
	const char *text = rule_part(row, who, part);

	return text ? der_text(text) : cc_span(NULL, 0);
}

static inline struct cc_span rule_exts(const struct rule_row *row, enum who who)
{
	struct cc_span list = { NULL, 0 };
	int part;

	for (part = FIRST_EXT; part < PART_COUNT; part++) {
		const char *value = rule_part(row, who, (enum part)part);

		if (value)
			list = der_cat(list, rule_ext(part_oids[part], value), DER_END);
	}
	if (who == LEAF && row->extra_oid)
		list = der_cat(list, rule_ext(row->extra_oid, row->extra), DER_END);
	return list.n ? der(0xa3, der_wrap(0x30, list)) : list;
}

/* @who's certificate, signed by the one above it; a root by itself. */
static inline struct cc_span rule_cert(const struct rule_row *row, enum who who)
{
	const struct rule_key *issuer = rule_key(rule_issuer(row, who));
	struct cc_span spki = rule_field(row, who, SPKI), alg = rule_field(row, who, ALG), tbs, sig;
	gnutls_datum_t in, out;

	tbs = der(0x30, rule_field(row, who, VERSION), rule_field(row, who, SERIAL), alg,
		  rule_field(row, who, ISSUER), rule_field(row, who, VALIDITY),
		  rule_field(row, who, SUBJECT), spki.n ? spki : rule_key(who)->spki,
		  rule_exts(row, who));
	in = (gnutls_datum_t){ (unsigned char *)(uintptr_t)tbs.p, (unsigned int)tbs.n };
	PKI(gnutls_privkey_sign_data2(issuer->priv, GNUTLS_SIGN_ECDSA_SHA256, 0, &in, &out));
	sig = der(0x03, der_hex("00"), cc_span(out.data, out.size));
	gnutls_free(out.data);
	return der(0x30, tbs, alg, sig);
}

/* The detail must contain the row's words; a row of a table is named by its number. */
static inline void rule_check(const struct rule_row *row, size_t number)
{
	struct pki certs[WHO_COUNT] = { { NULL } };
	struct question q = { .policy = row->policy, .chain = { &certs[LEAF], &certs[CA] },
			      .anchors = { &certs[ROOT] }, .name = row->name,
			      .purpose = row->purpose,
			      .at = row->at ? row->at - PKI_NOW : 0 };
	struct capcert_result r;
	struct cc_cert parsed;
	enum who who;
	size_t used;

	if (rule_has_upper(row))
		q.chain[2] = &certs[UPPER];
	for (who = LEAF; who < WHO_COUNT; who++)
		rule_key(who);
	used = der_used;
	for (who = LEAF; who < WHO_COUNT; who++) {
		struct cc_span s = rule_cert(row, who);
		int error = cc_cert_parse(s, &parsed);

		if (error)
			fail_msg("row %zu: certificate %d: %s", number, who,
				 cc_cert_error_text(error));
		certs[who].der.data = (unsigned char *)(uintptr_t)s.p;
		certs[who].der.size = (unsigned int)s.n;
	}
	r = ask(&q);
	der_used = used;
	if (r.outcome.reason != row->reason || r.outcome.depth != row->depth ||
	    (row->says && !strstr(r.outcome.detail, row->says)))
		fail_msg("row %zu: wanted %s at %u (%s), got %s at %u: %s", number,
			 capcert_reason_name(row->reason), row->depth, row->says ? row->says : "-",
			 capcert_reason_name(r.outcome.reason), r.outcome.depth, r.outcome.detail);
	if (row->reason != CAPCERT_REASON_NONE)
		assert_non_null(row->says); /* a reason without its words says too little */
}

#define rule_table(rows)                                                       \
	do {                                                                   \
		size_t rt_i;                                                   \
                                                                               \
		for (rt_i = 0; rt_i < sizeof(rows) / sizeof((rows)[0]); rt_i++) \
			rule_check(&(rows)[rt_i], rt_i);                       \
	} while (0)

#define OK CAPCERT_REASON_NONE
#define PV CAPCERT_REASON_POLICY_VIOLATION
#define NC CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION
#define EKU CAPCERT_REASON_BAD_EKU
#define WEAK CAPCERT_REASON_WEAK_ALGORITHM

#endif
