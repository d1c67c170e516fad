// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sets of SCTs, each way for one to fail, the rules, and reports. */
#include "core/base64.h"
#include "core/merkle.h"
#include "tests/unit/sct_fixture.h"

#define DAY 86400
#define MS(at) ((uint64_t)(PKI_NOW + (at)) * 1000)
#define NONE cc_span(NULL, 0)

static const struct rule_row plain = { 0 };

/* 180 days with and without the last second. */
static const struct rule_row short_life = {
	.change = { { LEAF, VALIDITY, "30{17{'260501000000Z'} 17{'261027235959Z'}}" } }
};
static const struct rule_row long_life = {
	.change = { { LEAF, VALIDITY, "30{17{'260501000000Z'} 17{'261028000000Z'}}" } }
};

static capcert_scts *set_new(void)
{
	capcert_scts *s;

	assert_int_equal(capcert_scts_new(&s), 0);
	return s;
}

static void put(capcert_scts *s, struct cc_span sct, uint32_t source)
{
	assert_int_equal(capcert_scts_add(s, sct.p, sct.n, source), 0);
}

static struct capcert_ct_context context(capcert_loglist *logs)
{
	struct capcert_ct_context c = CAPCERT_CT_CONTEXT;

	c.logs = logs;
	c.have_time = 1;
	c.time = PKI_NOW;
	return c;
}

static char *base64(struct cc_span s)
{
	char *text = calloc(1, CC_BASE64_LEN(s.n) + 1);

	cc_base64_encode(s, text);
	return text;
}

static void test_sets(void **state)
{
	struct cc_span one = test_sct(0, MS(0), der_text("0102"), NULL,
				      der_text("00000500000000ff")),
		       list = test_list((struct cc_span[]){ one, der_text("07") }, 2), ocsp;
	const struct capcert_sct *sct;
	capcert_scts *s = set_new();
	uint64_t leaf;
	size_t n;

	assert_int_equal(capcert_scts_count(s), 0);
	assert_int_equal(capcert_scts_count(NULL), 0);
	assert_null(capcert_scts_at(s, 0));
	put(s, one, CAPCERT_SCT_TLS);
	sct = capcert_scts_at(s, 0);
	assert_memory_equal(sct->log_id, test_log(0)->id, 32);
	assert_true(sct->timestamp == MS(0));
	assert_int_equal(sct->source, CAPCERT_SCT_TLS);
	assert_int_equal(sct->hash_alg, 4);
	assert_int_equal(sct->sig_alg, 3);
	assert_int_equal(sct->extensions.len, 8);
	assert_int_equal(sct->raw.len, one.n);
	assert_int_equal(capcert_sct_leaf_index(sct, &leaf), 1);
	assert_true(leaf == 255);
	for (n = 0; n < one.n; n++)
		assert_int_equal(capcert_scts_add(s, one.p, n, CAPCERT_SCT_TLS), -EBADMSG);
	assert_int_equal(capcert_scts_add(s, one.p, 65536, CAPCERT_SCT_TLS), -EBADMSG);
	assert_int_equal(capcert_scts_add(s, one.p, one.n, 4), -EINVAL);
	assert_int_equal(capcert_scts_add_list(s, list.p, list.n, 4), -EINVAL);
	for (n = 0; n < list.n; n++)
		assert_int_equal(capcert_scts_add_list(s, list.p, n, CAPCERT_SCT_TLS), -EBADMSG);
	assert_int_equal(capcert_scts_count(s), 1);
	assert_int_equal(capcert_scts_add_list(s, list.p, list.n, CAPCERT_SCT_UNKNOWN), 2);
	sct = capcert_scts_at(s, 2); /* a version that is to come */
	assert_int_equal(sct->version, 7);
	assert_int_equal(sct->raw.len, 1);
	assert_int_equal(capcert_sct_leaf_index(sct, &leaf), 0);
	ocsp = der_wrap(0x04, list);
	assert_int_equal(capcert_scts_add_ocsp(s, ocsp.p, ocsp.n), 2);
	assert_int_equal(capcert_scts_at(s, 3)->source, CAPCERT_SCT_OCSP);
	assert_int_equal(capcert_scts_add_ocsp(s, list.p, list.n), -EBADMSG);
	/* All or nothing: the second one is malformed. */
	list = test_list((struct cc_span[]){ one, der_text("00") }, 2);
	assert_int_equal(capcert_scts_add_list(s, list.p, list.n, CAPCERT_SCT_TLS), -EBADMSG);
	assert_int_equal(capcert_scts_count(s), 5);
	capcert_scts_free(s);
	capcert_scts_free(NULL);
}

static void test_parts(void **state)
{
	struct cc_span one = test_sct(1, MS(7), der_text("0102"), NULL, der_text("beef"));
	capcert_scts *s = set_new();
	const struct capcert_sct *a;
	char *id, *ext, *sig;
	uint64_t leaf;

	put(s, one, CAPCERT_SCT_TLS);
	a = capcert_scts_at(s, 0);
	id = base64(cc_span(a->log_id, 32));
	ext = base64(cc_span(a->extensions.data, a->extensions.len));
	sig = base64(cc_span(a->signature.data - 4, a->signature.len + 4));
	assert_int_equal(capcert_scts_add_base64(s, id, MS(7), ext, sig, CAPCERT_SCT_TLS), 0);
	assert_int_equal(capcert_scts_at(s, 1)->raw.len, one.n);
	assert_memory_equal(capcert_scts_at(s, 1)->raw.data, one.p, one.n);
	assert_int_equal(capcert_scts_add_base64(s, id, MS(7), NULL, sig, CAPCERT_SCT_TLS), 0);
	assert_int_equal(capcert_scts_at(s, 2)->extensions.len, 0);
	assert_int_equal(capcert_scts_add_base64(s, sig, MS(7), ext, sig, CAPCERT_SCT_TLS),
			 -EBADMSG);
	assert_int_equal(capcert_scts_add_base64(s, id, MS(7), "?", sig, CAPCERT_SCT_TLS),
			 -EBADMSG);
	assert_int_equal(capcert_scts_add_base64(s, id, MS(7), ext, id, CAPCERT_SCT_TLS), -EBADMSG);
	assert_int_equal(capcert_scts_add_base64(s, id, MS(7), ext, "", CAPCERT_SCT_TLS), -EBADMSG);
	assert_int_equal(capcert_sct_leaf_index(a, &leaf), -EBADMSG);
	assert_int_equal(capcert_scts_count(s), 3);
	free(id);
	free(ext);
	free(sig);
	capcert_scts_free(s);
}

/* One SCT of log 0 against a list of that log alone. */
static uint32_t status_of(const struct capcert_ct_context *c, struct cc_span sct, uint32_t source,
			  struct cc_span leaf, bool with_issuer)
{
	capcert_cert *cert = test_cert(leaf), *issuer = test_cert(rule_cert(&plain, CA));
	capcert_scts *s = set_new();
	struct capcert_ct_report *report;
	uint32_t status;

	put(s, sct, source);
	assert_int_equal(capcert_ct_report_new(c, s, cert, with_issuer ? issuer : NULL, &report),
			 0);
	assert_int_equal(report->result_count, 1);
	status = report->results[0].status;
	assert_int_equal(report->results[0].valid, status == CAPCERT_SCT_STATUS_VALID);
	assert_int_equal(report->valid_count, status == CAPCERT_SCT_STATUS_VALID);
	assert_ptr_equal(report->results[0].sct, capcert_scts_at(s, 0));
	assert_int_equal(capcert_ct_check(c, s, cert, with_issuer ? issuer : NULL), report->passed);
	capcert_ct_report_free(report);
	capcert_scts_free(s);
	capcert_cert_free(cert);
	capcert_cert_free(issuer);
	return status;
}

#define expect_status(want, ...) \
	assert_string_equal(capcert_sct_status_name(status_of(__VA_ARGS__)), want)

static void test_statuses(void **state)
{
	static const struct capcert_log_state states[] = { { CAPCERT_LOG_PENDING, PKI_NOW - 500 },
							   { CAPCERT_LOG_USABLE, PKI_NOW - 400 },
							   { CAPCERT_LOG_RETIRED, PKI_NOW - 300 },
							   { CAPCERT_LOG_REJECTED,
							     PKI_NOW - 100 } };
	struct capcert_log_info info = { .states = states, .state_count = 4 };
	struct cc_span leaf = rule_cert(&plain, LEAF), tbs, embedded, sct, bad;
	capcert_loglist *logs = test_loglist(1, NULL, PKI_NOW), *others = test_loglist(2, NULL, 0);
	capcert_loglist *moving = test_loglist(1, &info, PKI_NOW), *sharded;
	struct capcert_ct_context c = context(logs);
	const uint32_t tls = CAPCERT_SCT_TLS;

	sct = test_sct(0, MS(-10), leaf, NULL, NONE);
	expect_status("valid", &c, sct, tls, leaf, false);
	expect_status("valid", &c, sct, CAPCERT_SCT_UNKNOWN, leaf, false);
	expect_status("issuerMissing", &c, sct, CAPCERT_SCT_EMBEDDED, leaf, false);
	expect_status("invalidSignature", &c, sct, CAPCERT_SCT_EMBEDDED, leaf, true);
	expect_status("invalidSignature", &c, sct, tls, rule_cert(&long_life, LEAF), true);
	c.logs = others;
	expect_status("unknownLogId", &c, sct, tls, leaf, false);
	c.logs = NULL;
	expect_status("unknownLogId", &c, sct, tls, leaf, false);
	c.logs = logs;
	c.max_list_age = 1;
	c.time++;
	expect_status("valid", &c, sct, tls, leaf, false);
	c.time++;
	expect_status("staleLogList", &c, sct, tls, leaf, false);
	c = context(logs);
	expect_status("valid", &c, test_sct(0, MS(300), leaf, NULL, NONE), tls, leaf, false);
	expect_status("timestampInFuture", &c, test_sct(0, MS(300) + 1, leaf, NULL, NONE), tls,
		      leaf, false);
	expect_status("timestampInFuture", &c, test_sct(0, UINT64_MAX, leaf, NULL, NONE), tls, leaf,
		      false);
	expect_status("unsupportedVersion", &c, der_text("01"), tls, leaf, false);
	/* Signature algorithms that are not the key's. */
	bad = der_cat(cc_span(sct.p, 43), der_text("0401"), cc_span(sct.p + 45, sct.n - 45),
		      DER_END);
	expect_status("invalidSignature", &c, bad, tls, leaf, false);
	bad = der_cat(cc_span(sct.p, 43), der_text("0503"), cc_span(sct.p + 45, sct.n - 45),
		      DER_END);
	expect_status("invalidSignature", &c, bad, tls, leaf, false);
	/* An embedded one, of a source that nobody named, with and without the issuer. */
	tbs = leaf_tbs(&plain);
	sct = test_sct(0, MS(-10), tbs, &rule_key(CA)->spki, NONE);
	embedded = leaf_with_list(&plain, test_list(&sct, 1));
	expect_status("valid", &c, sct, CAPCERT_SCT_EMBEDDED, embedded, true);
	expect_status("valid", &c, sct, CAPCERT_SCT_UNKNOWN, embedded, true);
	expect_status("invalidSignature", &c, sct, CAPCERT_SCT_UNKNOWN, embedded, false);
	expect_status("invalidSignature", &c, sct, tls, embedded, true);
	expect_status("invalidSignature", &c, sct, CAPCERT_SCT_EMBEDDED, leaf, true);
	/* The log's life, as it was at the time of the check. */
	c.logs = moving;
	sct = test_sct(0, MS(-450), leaf, NULL, NONE);
	c.time = PKI_NOW - 401;
	expect_status("pendingLog", &c, sct, tls, leaf, false);
	c.time = PKI_NOW - 400;
	expect_status("valid", &c, sct, tls, leaf, false);
	c.time = PKI_NOW - 300;
	expect_status("valid", &c, sct, tls, leaf, false);
	expect_status("valid", &c, test_sct(0, MS(-300) - 1, leaf, NULL, NONE), tls, leaf, false);
	expect_status("retiredLog", &c, test_sct(0, MS(-300), leaf, NULL, NONE), tls, leaf, false);
	c.time = PKI_NOW - 100;
	expect_status("rejectedLog", &c, sct, tls, leaf, false);
	/* Shards by notAfter, 2026-07-31T23:59:59Z. */
	info = (struct capcert_log_info){ .has_interval = 1,
					  .interval_start = PKI_NOW,
					  .interval_end = 1785542399 };
	sharded = test_loglist(1, &info, PKI_NOW);
	c = context(sharded);
	expect_status("outsideLogInterval", &c, test_sct(0, MS(0), leaf, NULL, NONE), tls, leaf,
		      false);
	capcert_loglist_free(sharded);
	info.interval_end++;
	sharded = test_loglist(1, &info, PKI_NOW);
	c.logs = sharded;
	expect_status("valid", &c, test_sct(0, MS(0), leaf, NULL, NONE), tls, leaf, false);
	capcert_loglist_free(sharded);
	info.interval_start = info.interval_end++;
	sharded = test_loglist(1, &info, PKI_NOW);
	c.logs = sharded;
	expect_status("outsideLogInterval", &c, test_sct(0, MS(0), leaf, NULL, NONE), tls, leaf,
		      false);
	capcert_loglist_free(sharded);
	capcert_loglist_free(moving);
	capcert_loglist_free(others);
	capcert_loglist_free(logs);
}

/* A timestamp outside the validity: a warning, and a failure where that is asked for. */
static void test_validity(void **state)
{
	struct cc_span leaf = rule_cert(&plain, LEAF);
	capcert_loglist *logs = test_loglist(1, NULL, PKI_NOW);
	struct capcert_ct_context c = context(logs);
	const uint64_t begin = 1777593600000ULL, end = 1785542399999ULL;
	static const int outside[] = { 0, 1, 0, 1 };
	const uint64_t at[] = { begin, begin - 1, end, end + 1 };
	struct capcert_ct_report *report;
	capcert_cert *cert = test_cert(leaf);
	size_t i;

	c.time = PKI_NOW + 300 * DAY;
	for (i = 0; i < 4; i++) {
		struct cc_span sct = test_sct(0, at[i], leaf, NULL, NONE);
		capcert_scts *s = set_new();

		put(s, sct, CAPCERT_SCT_TLS);
		assert_int_equal(capcert_ct_report_new(&c, s, cert, NULL, &report), 0);
		assert_int_equal(report->passed, 1);
		assert_int_equal(report->results[0].outside_validity, outside[i]);
		capcert_ct_report_free(report);
		c.flags = CAPCERT_CT_STRICT_VALIDITY;
		expect_status(outside[i] ? "timestampOutsideCertValidity" : "valid", &c, sct,
			      CAPCERT_SCT_TLS, leaf, false);
		c.flags = 0;
		capcert_scts_free(s);
	}
	capcert_cert_free(cert);
	capcert_loglist_free(logs);
}

/* Every bit of what is signed, of the signature and of the keys counts. */
static void test_every_bit(void **state)
{
	struct cc_span tbs = leaf_tbs(&plain), sct, leaf;
	capcert_loglist *logs = test_loglist(1, NULL, PKI_NOW);
	struct capcert_ct_context c = context(logs);
	uint8_t copy[512];
	size_t i, used;

	sct = test_sct(0, MS(-10), tbs, &rule_key(CA)->spki, NONE);
	leaf = leaf_with_list(&plain, test_list(&sct, 1));
	assert_true(sct.n <= sizeof(copy));
	used = der_used;
	for (i = 0; i < sct.n * 8; i++) {
		capcert_scts *s = set_new();

		memcpy(copy, sct.p, sct.n);
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		if (capcert_scts_add(s, copy, sct.n, CAPCERT_SCT_EMBEDDED) == 0)
			assert_int_not_equal(status_of(&c, cc_span(copy, sct.n),
						       CAPCERT_SCT_EMBEDDED, leaf, true),
					     CAPCERT_SCT_STATUS_VALID);
		capcert_scts_free(s);
		der_used = used;
	}
	capcert_loglist_free(logs);
}

struct rule_case {
	const struct rule_row *row;
	uint32_t rule, count, min;
	struct {
		size_t log;
		int64_t at;
		uint32_t source;
	} scts[6];
	size_t n;
	uint32_t flags;
	bool passed;
	const char *why;
};

#define E CAPCERT_SCT_EMBEDDED
#define T CAPCERT_SCT_TLS
#define O CAPCERT_SCT_OCSP

/* Logs 0, 2, 4 are of operator A, 1, 3, 5 of B. The list has 0 to 3 and 5; 3 was retired an hour ago. */
static const struct rule_case rules[] = {
	{ &plain, CAPCERT_CT_AT_LEAST, 0, 0, { { 0, -1, E } }, 1, 0, true },
	{ &plain, CAPCERT_CT_AT_LEAST, 1, 0, { { 0 } }, 0, 0, false, "too few" },
	{ &plain, CAPCERT_CT_AT_LEAST, 2, 0, { { 0, -1, E }, { 0, -2, E } }, 2, 0, true },
	{ &plain, CAPCERT_CT_DISTINCT_LOGS, 2, 0, { { 0, -1, E }, { 0, -2, E } }, 2, 0, false },
	{ &plain, CAPCERT_CT_DISTINCT_LOGS, 2, 0, { { 0, -1, E }, { 2, -2, T } }, 2, 0, true },
	{ &plain, CAPCERT_CT_DISTINCT_LOGS, 2, 0, { { 0, -1, E }, { 1, -2, O } }, 2, 0, false },
	{ &plain,
	  CAPCERT_CT_DISTINCT_LOGS,
	  2,
	  0,
	  { { 0, -1, E }, { 1, -2, O } },
	  2,
	  CAPCERT_CT_COUNT_OCSP,
	  true },
	{ &plain, CAPCERT_CT_ALL, 0, 0, { { 0 } }, 0, 0, false, "no SCT" },
	{ &plain, CAPCERT_CT_ALL, 0, 0, { { 0, -1, E }, { 2, -1, T } }, 2, 0, true },
	{ &plain, CAPCERT_CT_ALL, 0, 0, { { 0, -1, E }, { 4, -1, E } }, 2, 0, false, "not valid" },
	{ &plain, CAPCERT_CT_ALL, 0, 2, { { 0, -1, E }, { 2, -1, T } }, 2, 0, false, "operators" },
	{ &plain, CAPCERT_CT_ALL, 0, 2, { { 0, -1, E }, { 1, -1, T } }, 2, 0, true },
	{ &plain, CAPCERT_CT_ALL, 0, 3, { { 0, -1, E }, { 1, -1, T } }, 2, 0, false, "too few" },
	{ &plain, CAPCERT_CT_ALL, 0, 0, { { 0, -1, O } }, 1, 0, false, "that counts" },
	{ &plain, CAPCERT_CT_ALL, 0, 0, { { 0, -1, O } }, 1, CAPCERT_CT_COUNT_OCSP, true },
	{ &plain, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, E }, { 1, -1, E } }, 2, 0, true },
	{ &plain,
	  CAPCERT_CT_CHROME,
	  0,
	  0,
	  { { 0, -1, E }, { 2, -1, E } },
	  2,
	  0,
	  false,
	  "operators" },
	{ &plain,
	  CAPCERT_CT_CHROME,
	  0,
	  0,
	  { { 0, -1, E }, { 0, -2, E }, { 4, -1, E } },
	  3,
	  0,
	  false,
	  "two logs" },
	{ &plain, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, E }, { 1, -1, T } }, 2, 0, false },
	{ &plain, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, T }, { 1, -1, T } }, 2, 0, true },
	{ &plain, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, T }, { 2, -1, T } }, 2, 0, false },
	{ &plain, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, T }, { 1, -1, O } }, 2, 0, false },
	{ &plain,
	  CAPCERT_CT_CHROME,
	  0,
	  0,
	  { { 0, -1, T }, { 1, -1, O } },
	  2,
	  CAPCERT_CT_COUNT_OCSP,
	  true },
	/* A retired log counts for what it signed before, but only in the certificate. */
	{ &plain, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, E }, { 3, -7200, E } }, 2, 0, true },
	{ &plain,
	  CAPCERT_CT_CHROME,
	  0,
	  0,
	  { { 0, -1, E }, { 3, -1, E } },
	  2,
	  0,
	  false,
	  "two logs" },
	{ &plain, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, T }, { 3, -7200, T } }, 2, 0, false },
	{ &short_life, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, E }, { 1, -1, E } }, 2, 0, true },
	{ &long_life,
	  CAPCERT_CT_CHROME,
	  0,
	  0,
	  { { 0, -1, E }, { 1, -1, E } },
	  2,
	  0,
	  false,
	  "three logs" },
	{ &long_life,
	  CAPCERT_CT_CHROME,
	  0,
	  0,
	  { { 0, -1, E }, { 1, -1, E }, { 2, -1, E } },
	  3,
	  0,
	  true },
	{ &long_life, CAPCERT_CT_CHROME, 0, 0, { { 0, -1, T }, { 1, -1, T } }, 2, 0, true },
	{ &plain, CAPCERT_CT_ALL_AND_CHROME, 0, 0, { { 0, -1, E }, { 1, -1, E } }, 2, 0, true },
	{ &plain,
	  CAPCERT_CT_ALL_AND_CHROME,
	  0,
	  0,
	  { { 0, -1, E }, { 1, -1, E }, { 4, -1, E } },
	  3,
	  0,
	  false,
	  "not valid" },
	{ &plain,
	  CAPCERT_CT_ALL_AND_CHROME,
	  0,
	  0,
	  { { 0, -1, E }, { 2, -1, E } },
	  2,
	  0,
	  false,
	  "operators" },
};

static capcert_loglist *rule_logs(void)
{
	static const struct capcert_log_state states[] = {
		{ CAPCERT_LOG_USABLE, INT64_MIN }, { CAPCERT_LOG_RETIRED, PKI_NOW - 3600 }
	};
	const struct capcert_log_info info = { .states = states, .state_count = 2 };
	capcert_loglist *a = test_loglist(0x27, NULL, PKI_NOW),
			*b = test_loglist(8, &info, PKI_NOW);
	capcert_loglist *both;

	assert_int_equal(capcert_loglist_merge(a, b, &both), 0);
	capcert_loglist_free(a);
	capcert_loglist_free(b);
	return both;
}

static void check_rule(const struct rule_case *r, capcert_loglist *logs, size_t number)
{
	struct cc_span tbs = leaf_tbs(r->row), leaf, embedded[6];
	struct capcert_ct_context c = context(logs);
	struct capcert_ct_report *report;
	capcert_cert *cert, *issuer = test_cert(rule_cert(&plain, CA));
	capcert_scts *s = set_new();
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		if (r->scts[i].source == E)
			embedded[n++] = test_sct(r->scts[i].log, MS(r->scts[i].at), tbs,
						 &rule_key(CA)->spki, NONE);
	leaf = n ? leaf_with_list(r->row, test_list(embedded, n)) : rule_cert(r->row, LEAF);
	cert = test_cert(leaf);
	assert_int_equal(capcert_scts_add_embedded(s, cert), (int)n);
	for (i = 0; i < r->n; i++)
		if (r->scts[i].source != E)
			put(s, test_sct(r->scts[i].log, MS(r->scts[i].at), leaf, NULL, NONE),
			    r->scts[i].source);
	c.rule = r->rule;
	c.count = r->count;
	c.min_scts = r->min;
	c.flags = r->flags;
	assert_int_equal(capcert_ct_report_new(&c, s, cert, issuer, &report), 0);
	if (report->passed != r->passed || (r->why && !strstr(report->why, r->why)))
		fail_msg("case %zu: %d, %s", number, report->passed, report->why);
	assert_int_equal(capcert_ct_check(&c, s, cert, issuer), r->passed);
	capcert_ct_report_free(report);
	capcert_scts_free(s);
	capcert_cert_free(cert);
	capcert_cert_free(issuer);
}

static void test_rules(void **state)
{
	capcert_loglist *logs = rule_logs();
	size_t i, used = der_used;

	for (i = 0; i < CC_ARRAY_SIZE(rules); i++) {
		check_rule(&rules[i], logs, i);
		der_used = used;
	}
	capcert_loglist_free(logs);
}

/* Duplicates count once and harm nothing; everything beyond the budget counts for nothing. */
static void test_duplicates_and_floods(void **state)
{
	struct cc_span leaf = rule_cert(&plain, LEAF), sct;
	capcert_loglist *logs = test_loglist(1, NULL, PKI_NOW);
	struct capcert_ct_context c = context(logs);
	struct capcert_ct_report *report;
	capcert_cert *cert = test_cert(leaf);
	capcert_scts *s = set_new();
	uint8_t copy[256];
	size_t i;

	sct = test_sct(0, MS(-10), leaf, NULL, NONE);
	put(s, sct, CAPCERT_SCT_OCSP);
	put(s, sct, CAPCERT_SCT_TLS);
	put(s, sct, CAPCERT_SCT_TLS);
	c.rule = CAPCERT_CT_ALL;
	assert_int_equal(capcert_ct_report_new(&c, s, cert, NULL, &report), 0);
	assert_int_equal(report->passed, 1);
	assert_int_equal(report->valid_count, 1);
	assert_int_equal(report->counted_logs, 1); /* by the copies that TLS brought */
	assert_int_equal(report->results[1].status, CAPCERT_SCT_STATUS_DUPLICATE);
	assert_int_equal(report->results[2].status, CAPCERT_SCT_STATUS_DUPLICATE);
	assert_ptr_equal(report->results[0].log, capcert_loglist_at(logs, 0));
	assert_string_equal(report->results[0].operator_name, "A");
	assert_int_equal(report->results[0].counts, 0); /* from OCSP */
	capcert_ct_report_free(report);
	memcpy(copy, sct.p, sct.n);
	for (i = 0; i < 10000; i++) {
		copy[sct.n - 1] = (uint8_t)i;
		copy[sct.n - 2] = (uint8_t)(i >> 8);
		put(s, cc_span(copy, sct.n), CAPCERT_SCT_TLS);
	}
	assert_int_equal(capcert_ct_report_new(&c, s, cert, NULL, &report), 0);
	assert_int_equal(report->passed, 0);
	assert_int_equal(report->result_count, 10003);
	assert_int_equal(report->results[10002].status, CAPCERT_SCT_STATUS_BUDGET);
	assert_int_equal(report->results[66].status, CAPCERT_SCT_STATUS_BUDGET);
	capcert_ct_report_free(report);
	while (capcert_scts_count(s) < CAPCERT_SCTS_MAX)
		put(s, der_text("01"), CAPCERT_SCT_TLS);
	assert_int_equal(capcert_scts_add(s, sct.p, sct.n, CAPCERT_SCT_TLS), -EMSGSIZE);
	capcert_scts_free(s);
	capcert_cert_free(cert);
	capcert_loglist_free(logs);
}

static void test_proofs(void **state)
{
	struct cc_span leaf = rule_cert(&plain, LEAF), sct = test_sct(0, MS(-10), leaf, NULL, NONE);
	struct cc_span entry, two;
	capcert_loglist *logs = test_loglist(1, NULL, PKI_NOW);
	struct capcert_ct_context c = context(logs);
	struct capcert_sct_proof proof = { .tree_size = 2, .leaf_index = 1 };
	struct capcert_ct_report *report;
	capcert_cert *cert = test_cert(leaf);
	capcert_scts *s = set_new();
	uint8_t hash[32], sibling[32] = { 7 };
	int i;

	/* MerkleTreeLeaf, RFC 6962 section 3.4. */
	entry = der_cat(put_number(0, 1), put_number(0, 2), put_number(MS(-10), 8),
			put_number(0, 2), put_number(leaf.n, 3), leaf, put_number(0, 2), DER_END);
	sha256_of(entry, hash);
	two = der_cat(put_number(1, 1), cc_span(sibling, 32), cc_span(hash, 32), DER_END);
	sha256_of(two, proof.root);
	proof.path = sibling;
	proof.path_len = 32;
	put(s, sct, CAPCERT_SCT_TLS);
	assert_int_equal(capcert_scts_prove(s, 1, &proof), -EINVAL);
	proof.path_len = 33;
	assert_int_equal(capcert_scts_prove(s, 0, &proof), -EINVAL);
	proof.path_len = 65 * 32;
	assert_int_equal(capcert_scts_prove(s, 0, &proof), -EINVAL);
	proof.path_len = 32;
	for (i = 0; i < 4; i++) {
		assert_int_equal(capcert_scts_prove(s, 0, &proof), 0);
		assert_int_equal(capcert_ct_report_new(&c, s, cert, NULL, &report), 0);
		assert_int_equal(report->passed, i == 0);
		assert_int_equal(report->results[0].status,
				 i == 0 ? CAPCERT_SCT_STATUS_VALID
					: CAPCERT_SCT_STATUS_PROOF_MISMATCH);
		capcert_ct_report_free(report);
		/* Another root, another place, too short. */
		proof.root[3] ^= i == 0 || i == 1;
		proof.leaf_index = i != 1;
		proof.path_len = i == 2 ? 0 : 32;
	}
	capcert_scts_free(s);
	capcert_cert_free(cert);
	capcert_loglist_free(logs);
}

static void test_missing_and_malformed(void **state)
{
	struct capcert_ct_context c = context(NULL);
	struct capcert_ct_report *report;
	capcert_cert *cert = test_cert(rule_cert(&plain, LEAF));
	capcert_cert *issuer = test_cert(rule_cert(&plain, CA));
	capcert_chain *chain;
	int i;

	assert_int_equal(capcert_chain_new(&chain), 0);
	for (i = 0; i < 3; i++) { /* nothing, a leaf, a leaf and its issuer; no SCT */
		assert_int_equal(capcert_ct_report_chain(&c, NULL, chain, &report), 0);
		assert_int_equal(report->passed, 0);
		assert_int_equal(report->result_count, 0);
		assert_non_null(report->why);
		capcert_ct_report_free(report);
		assert_int_equal(capcert_chain_push(chain, i ? issuer : cert), 0);
	}
	assert_int_equal(capcert_ct_report_chain(&c, NULL, NULL, &report), 0);
	capcert_ct_report_free(report);
	assert_int_equal(capcert_ct_check(&c, NULL, cert, NULL), 0);
	assert_int_equal(capcert_ct_check(&c, NULL, NULL, NULL), 0);
	assert_int_equal(capcert_ct_check(NULL, NULL, cert, NULL), 0);
	c.size--;
	assert_int_equal(capcert_ct_report_new(&c, NULL, cert, NULL, &report), -EINVAL);
	c.size += 2;
	assert_int_equal(capcert_ct_report_new(&c, NULL, cert, NULL, &report), -E2BIG);
	c = context(NULL);
	c.rule = 5;
	assert_int_equal(capcert_ct_report_new(&c, NULL, cert, NULL, &report), -EINVAL);
	c = context(NULL);
	c.flags = 4;
	assert_int_equal(capcert_ct_report_new(&c, NULL, cert, NULL, &report), -EINVAL);
	assert_int_equal(capcert_ct_check(&c, NULL, cert, NULL), 0);
	c = context(NULL);
	c.have_time = 0;
	assert_int_equal(capcert_ct_check(&c, NULL, cert, NULL), 0);
	assert_int_equal(capcert_ct_report_new(&c, NULL, NULL, NULL, &report), 0);
	assert_true(report->time > PKI_NOW - 3650LL * DAY);
	capcert_ct_report_free(report);
	capcert_ct_report_free(NULL);
	capcert_chain_free(chain);
	capcert_cert_free(cert);
	capcert_cert_free(issuer);
}

static void test_names(void **state)
{
	assert_string_equal(capcert_sct_status_name(0), "valid");
	assert_string_equal(capcert_sct_status_name(CAPCERT_SCT_STATUS_COUNT - 1),
			    "budgetExhausted");
	assert_null(capcert_sct_status_name(CAPCERT_SCT_STATUS_COUNT));
	assert_string_equal(capcert_sct_source_name(CAPCERT_SCT_UNKNOWN), "unknown");
	assert_null(capcert_sct_source_name(4));
	assert_string_equal(capcert_ct_rule_name(CAPCERT_CT_ALL_AND_CHROME), "all+chrome");
	assert_null(capcert_ct_rule_name(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_duplicates_and_floods),
		cmocka_unit_test(test_proofs),
		cmocka_unit_test(test_missing_and_malformed),
		cmocka_unit_test(test_names),
	};
	size_t i;
	int r;

	for (i = 0; i < LOGS; i++) /* what is made lasts */
		test_log(i);
	for (i = 0; i < WHO_COUNT; i++)
		rule_key((enum who)i);
	r = cmocka_run_group_tests_name("sct", tests, NULL, NULL);
	rule_keys_free();
	test_logs_free();
	return r;
}
