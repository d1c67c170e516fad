/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For tests: logs with real keys, and an honest leaf with SCTs that they really signed. */
#ifndef TESTS_UNIT_SCT_FIXTURE_H
#define TESTS_UNIT_SCT_FIXTURE_H

#include <capcert/ct.h>
#include "libcapcert/sha.h"
#include "tests/unit/rule_fixture.h"

#define LOGS 6 /* 4 is RSA, 5 is P-384; the others are P-256 */
#define LIST_OID "2b06010401d679020402"

struct test_log {
	gnutls_privkey_t priv;
	struct cc_span spki;
	uint8_t id[32];
	bool rsa;
};

static inline const struct test_log *test_log(size_t n)
{
	static struct test_log logs[LOGS];
	struct test_log *l = &logs[n];
	gnutls_pubkey_t pub;
	gnutls_datum_t der;
	unsigned int bits = GNUTLS_CURVE_TO_BITS(n == 5 ? GNUTLS_ECC_CURVE_SECP384R1
							: GNUTLS_ECC_CURVE_SECP256R1);

	if (l->priv)
		return l;
	l->rsa = n == 4;
	PKI(gnutls_privkey_init(&l->priv));
	PKI(gnutls_privkey_generate(l->priv, l->rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA,
				    l->rsa ? 2048 : bits, 0));
	PKI(gnutls_pubkey_init(&pub));
	PKI(gnutls_pubkey_import_privkey(pub, l->priv, 0, 0));
	PKI(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &der));
	l->spki = cc_span(memcpy(der_alloc(der.size), der.data, der.size), der.size);
	sha256_of(l->spki, l->id);
	gnutls_free(der.data);
	gnutls_pubkey_deinit(pub);
	return l;
}

static inline void test_logs_free(void)
{
	size_t i;

	for (i = 0; i < LOGS; i++)
		gnutls_privkey_deinit(test_log(i)->priv);
}

static inline struct cc_span put_number(uint64_t value, size_t octets)
{
	uint8_t *p = der_alloc(octets);
	size_t i;

	for (i = 0; i < octets; i++)
		p[i] = (uint8_t)(value >> 8 * (octets - 1 - i));
	return cc_span(p, octets);
}

static inline struct cc_span put_vector(struct cc_span s)
{
	return der_cat(put_number(s.n, 2), s, DER_END);
}

/* RFC 6962 section 3.2, written down once more. @issuer: NULL for a certificate as it is. */
static inline struct cc_span test_sct(size_t log, uint64_t ms, struct cc_span entry,
				      const struct cc_span *issuer, struct cc_span extensions)
{
	const struct test_log *l = test_log(log);
	struct cc_span signed_octets, sct;
	gnutls_datum_t in, out;
	uint8_t hash[32];

	if (issuer)
		sha256_of(*issuer, hash);
	signed_octets = der_cat(put_number(0, 2), put_number(ms, 8), put_number(issuer != NULL, 2),
				issuer ? cc_span(hash, 32) : cc_span(NULL, 0),
				put_number(entry.n, 3), entry, put_vector(extensions), DER_END);
	in = (gnutls_datum_t){ (unsigned char *)(uintptr_t)signed_octets.p,
			       (unsigned int)signed_octets.n };
	PKI(gnutls_privkey_sign_data2(
		l->priv, l->rsa ? GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_ECDSA_SHA256, 0, &in, &out));
	sct = der_cat(put_number(0, 1), cc_span(l->id, 32), put_number(ms, 8),
		      put_vector(extensions), der_hex(l->rsa ? "0401" : "0403"),
		      put_vector(cc_span(out.data, out.size)), DER_END);
	gnutls_free(out.data);
	return sct;
}

/* What an embedded SCT shall say. */
struct sct_spec {
	size_t log;
	uint64_t ms;
};

#define NO_SCT { LOGS, 0 }

/* The same right behind what was made last. */
static inline size_t put_vector_at(struct cc_span s)
{
	put_number(s.n, 2);
	memcpy(der_alloc(s.n), s.p, s.n);
	return s.n + 2;
}

/* A SignedCertificateTimestampList of these SCTs. */
static inline struct cc_span test_list(const struct cc_span *scts, size_t count)
{
	uint8_t *start = der_alloc(2);
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		n += put_vector_at(scts[i]);
	start[0] = (uint8_t)(n >> 8);
	start[1] = (uint8_t)n;
	return cc_span(start, n + 2);
}

/* The leaf of @row, with a list of SCTs embedded. */
static inline struct cc_span leaf_with_list(const struct rule_row *row, struct cc_span list)
{
	struct rule_row with = *row;
	char *text = malloc(2 * list.n + 8), *p = text;
	struct cc_span out;
	size_t i;

	p += sprintf(p, "04{");
	for (i = 0; i < list.n; i++)
		p += sprintf(p, "%02x", list.p[i]);
	strcpy(p, "}");
	with.extra_oid = LIST_OID;
	with.extra = text;
	out = rule_cert(&with, LEAF);
	free(text);
	return out;
}

static inline struct cc_span leaf_tbs(const struct rule_row *row)
{
	struct cc_cert c;

	assert_int_equal(cc_cert_parse(rule_cert(row, LEAF), &c), CC_CERT_OK);
	return c.tbs;
}

/* The leaf of @row with SCTs embedded, up to NO_SCT. */
static inline struct cc_span leaf_with_scts(const struct rule_row *row, const struct sct_spec *specs)
{
	struct cc_span tbs = leaf_tbs(row), scts[8];
	size_t n;

	for (n = 0; specs[n].log < LOGS; n++)
		scts[n] = test_sct(specs[n].log, specs[n].ms, tbs, &rule_key(CA)->spki,
				   cc_span(NULL, 0));
	return leaf_with_list(row, test_list(scts, n));
}

/* A list with log @n for each bit of @mask, by operators A (even) and B (odd). @info: what else
 * is known of all of them, or NULL. */
static inline capcert_loglist *test_loglist(unsigned int mask, const struct capcert_log_info *info,
					    int64_t time)
{
	capcert_loglist *list, *more;
	size_t i;

	assert_int_equal(capcert_loglist_new(&list), 0);
	for (i = 0; i < LOGS; i++) {
		struct capcert_log_operator op = { i % 2 ? "B" : "A", INT64_MIN };
		struct capcert_log_info facts = { 0 };
		char name[8];
		capcert_log *log;

		if (!(mask >> i & 1))
			continue;
		if (info)
			facts = *info;
		snprintf(name, sizeof(name), "log %zu", i);
		facts.name = name;
		facts.key = test_log(i)->spki.p;
		facts.key_len = test_log(i)->spki.n;
		if (!facts.operator_count) {
			facts.operators = &op;
			facts.operator_count = 1;
		}
		assert_int_equal(capcert_log_new(&facts, &log, NULL), 0);
		assert_int_equal(capcert_loglist_adding(list, &log, 1, &more), 0);
		capcert_log_free(log);
		capcert_loglist_free(list);
		list = more;
	}
	assert_int_equal(capcert_loglist_dated(list, time, &more), 0);
	capcert_loglist_free(list);
	return more;
}

static inline capcert_cert *test_cert(struct cc_span der)
{
	capcert_cert *c;

	assert_int_equal(capcert_cert_new(der.p, der.n, &c, NULL), 0);
	return c;
}

#endif
