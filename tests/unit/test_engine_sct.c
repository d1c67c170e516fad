// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* SCTs in a verification: what a policy asks for, who brings them, and how it fails closed. */
#include "core/bundle.h"
#include "libcapcert/evidence.h"
#include "tests/unit/sct_fixture.h"
#include "tests/unit/trust_anchor_build.h"

#define DAY 86400
#define MS(at) ((uint64_t)(PKI_NOW + (at)) * 1000)
#define WEB "profile=webpki;time=any;"

static const struct rule_row plain = { 0 };

struct sct_case {
	const char *policy;
	struct sct_spec scts[6];
	unsigned int logs;		     /* mask; 0 = no list at all */
	int64_t list_age;		     /* seconds */
	const struct capcert_log_info *info; /* of all logs */
	int32_t reason;
	uint32_t count;
	const char *says;
	int64_t at;
	const capcert_evidence *evidence;
};

static struct capcert_result ask_case(const struct sct_case *c)
{
	struct pki certs[3] = { { NULL } };
	struct question q = { .policy = c->policy,
			      .chain = { &certs[0], &certs[1] },
			      .anchors = { &certs[2] },
			      .at = c->at,
			      .evidence = c->evidence };
	capcert_loglist *list = NULL;
	struct capcert_result r;
	struct cc_span s;
	int i;

	if (c->logs)
		list = test_loglist(c->logs, c->info, PKI_NOW - c->list_age);
	q.logs = list;
	for (i = 0; i < 3; i++) {
		if (i == 0 && c->scts[0].ms)
			s = leaf_with_scts(&plain, c->scts);
		else
			s = rule_cert(&plain, (enum who)i);
		certs[i].der.data = (unsigned char *)(uintptr_t)s.p;
		certs[i].der.size = (unsigned int)s.n;
	}
	r = ask(&q);
	capcert_loglist_free(list);
	return r;
}

static void expect(const struct sct_case *c, size_t number)
{
	struct capcert_result r = ask_case(c);

	if (r.outcome.reason != c->reason || r.outcome.sct_count != c->count ||
	    (c->says && !strstr(r.outcome.detail, c->says)))
		fail_msg("case %zu: wanted %s, %u (%s), got %s, %u: %s", number,
			 capcert_reason_name(c->reason), c->count, c->says ? c->says : "-",
			 capcert_reason_name(r.outcome.reason), r.outcome.sct_count,
			 r.outcome.detail);
}

#define FEW CAPCERT_REASON_INSUFFICIENT_SCTS
#define STALE CAPCERT_REASON_LOG_LIST_STALE
#define TWO                                              \
	{                                                \
		{ 0, MS(-DAY) }, { 1, MS(-DAY) }, NO_SCT \
	}

static const struct capcert_log_state retired_late[] = { { CAPCERT_LOG_USABLE, INT64_MIN },
							 { CAPCERT_LOG_RETIRED, PKI_NOW - 60 } };
static const struct capcert_log_state retired_early[] = {
	{ CAPCERT_LOG_USABLE, INT64_MIN }, { CAPCERT_LOG_RETIRED, PKI_NOW - 2 * DAY }
};
static const struct capcert_log_state rejected[] = { { CAPCERT_LOG_REJECTED, INT64_MIN } };
static const struct capcert_log_state pending[] = { { CAPCERT_LOG_PENDING, INT64_MIN } };
static const struct capcert_log_operator one_operator[] = { { "One", INT64_MIN } };

static const struct capcert_log_info late = { .states = retired_late, .state_count = 2 };
static const struct capcert_log_info early = { .states = retired_early, .state_count = 2 };
static const struct capcert_log_info bad = { .states = rejected, .state_count = 1 };
static const struct capcert_log_info soon = { .states = pending, .state_count = 1 };
static const struct capcert_log_info lone = { .operators = one_operator, .operator_count = 1 };

static void test_embedded(void **state)
{
	const struct sct_case cases[] = {
		{ WEB "min_scts=2;ct=chrome", TWO, 3, 0, NULL, OK, 2, NULL },
		{ WEB "min_scts=2", TWO, 3, 0, NULL, OK, 2, NULL },
		{ WEB "min_scts=1;ct=all", TWO, 3, 0, NULL, OK, 2, NULL },
		{ WEB "min_scts=2;sct_sources=ocsp,tls", TWO, 3, 0, NULL, FEW, 0, "too few" },
		{ WEB "min_scts=2;sct_sources=embedded", TWO, 3, 0, NULL, OK, 2, NULL },
		{ WEB, TWO, 3, 0, NULL, OK, 0, NULL }, /* not asked, not judged */
		{ WEB "min_scts=2;ct=chrome", { NO_SCT }, 3, 0, NULL, FEW, 0, "there is none" },
		{ WEB "min_scts=2;ct=chrome", TWO, 0, 0, NULL, FEW, 0, "no list of CT logs" },
		{ WEB "min_scts=2;ct_logs=none", TWO, 3, 0, NULL, FEW, 0, "no list of CT logs" },
		{ WEB "min_scts=2;ct=chrome", TWO, 1, 0, NULL, FEW, 1, "a log: unknownLogId" },
		{ WEB "min_scts=2;ct=chrome",
		  { { 0, MS(-DAY) }, { 0, MS(-60) }, NO_SCT },
		  3,
		  0,
		  NULL,
		  FEW,
		  1,
		  "two logs" },
		{ WEB "min_scts=2;ct=chrome", TWO, 3, 0, &lone, FEW, 2, "two operators" },
		{ WEB "min_scts=2", TWO, 3, 0, &lone, FEW, 2, "two operators" },
		{ WEB "min_scts=3;ct=chrome", TWO, 3, 0, NULL, FEW, 2, "too few logs" },
		{ WEB "min_scts=2;ct=chrome",
		  { { 0, MS(-DAY) }, { 1, MS(61) }, NO_SCT },
		  3,
		  0,
		  NULL,
		  FEW,
		  1,
		  "log 1: timestampInFuture" },
		{ WEB "min_scts=2;ct=chrome;clock_skew=61s",
		  { { 0, MS(-DAY) }, { 1, MS(61) }, NO_SCT },
		  3,
		  0,
		  NULL,
		  OK,
		  2,
		  NULL },
		/* Before there was such a certificate: a remark, or nothing that counts. */
		{ WEB "min_scts=2",
		  { { 0, MS(-DAY) }, { 1, MS(-4000 * DAY) }, NO_SCT },
		  3,
		  0,
		  NULL,
		  OK,
		  2,
		  NULL },
		{ WEB "min_scts=2;sct_time=within-validity",
		  { { 0, MS(-DAY) }, { 1, MS(-4000 * DAY) }, NO_SCT },
		  3,
		  0,
		  NULL,
		  FEW,
		  1,
		  "log 1: timestampOutsideCertValidity" },
		{ WEB "min_scts=2;sct_time=within-validity", TWO, 3, 0, NULL, OK, 2, NULL },
		/* Retired after the SCT: counts, but not alone. */
		{ WEB "min_scts=2;ct=chrome", TWO, 3, 0, &late, FEW, 2, "still accepted" },
		{ WEB "min_scts=2", TWO, 3, 0, &late, OK, 2, NULL },
		{ WEB "min_scts=2", TWO, 3, 0, &early, FEW, 0,
		  "log 0: retiredLog; SCT of log 1: re" },
		{ WEB "min_scts=2", TWO, 3, 0, &bad, FEW, 0, "rejectedLog" },
		{ WEB "min_scts=2", TWO, 3, 0, &soon, FEW, 0, "pendingLog" },
		/* Judged at a time before the retirement. */
		{ WEB "min_scts=2;ct=chrome", TWO, 3, 0, &late, OK, 2, NULL, -120 },
		{ WEB "min_scts=2", TWO, 3, 70 * DAY, NULL, OK, 2, NULL },
		{ WEB "min_scts=2", TWO, 3, 70 * DAY + 1, NULL, STALE, 0, "too old" },
		{ WEB "min_scts=2", TWO, 3, PKI_NOW - INT64_MIN / 2, NULL, STALE, 0, "too old" },
		{ WEB "min_scts=2;log_list_age=71d", TWO, 3, 71 * DAY, NULL, OK, 2, NULL },
		{ WEB "min_scts=2;ct=chrome",
		  { { 4, MS(-DAY) }, { 5, MS(-DAY) }, NO_SCT },
		  0x30,
		  0,
		  NULL,
		  OK,
		  2,
		  NULL }, /* RSA and P-384 */
	};
	size_t i, used;

	for (i = 0; i < LOGS; i++)
		test_log(i);
	for (i = 0; i < WHO_COUNT; i++)
		rule_key((enum who)i);
	used = der_used;
	for (i = 0; i < CC_ARRAY_SIZE(cases); i++) {
		expect(&cases[i], i);
		der_used = used;
	}
}

/* The verdict holds as long as nothing that it depends on changes. */
static void test_interval(void **state)
{
	struct sct_case c = { WEB "min_scts=2", TWO, 3, 60 * DAY, NULL, OK, 2, NULL };
	struct capcert_result r = ask_case(&c);

	assert_true(r.outcome.valid_from == PKI_NOW - DAY);
	assert_true(r.outcome.valid_until == PKI_NOW + 10 * DAY);
	c.info = &late;
	r = ask_case(&c);
	assert_true(r.outcome.valid_from == PKI_NOW - 60);
	c.at = -61;
	r = ask_case(&c);
	assert_true(r.outcome.valid_until == PKI_NOW - 61);
}

/* SCTs that come beside the certificate, over the certificate itself. */
static void test_brought(void **state)
{
	struct cc_span leaf = rule_cert(&plain, LEAF), none = { NULL, 0 }, both;
	struct cc_span scts[2];
	struct sct_case c = { WEB "min_scts=2;ct=chrome", { NO_SCT }, 3, 0, NULL, OK, 2, NULL };
	capcert_evidence *e, *ocsp;

	/* ECDSA of the tests is not deterministic: the leaf must be the very one. */
	scts[0] = test_sct(0, MS(-DAY), leaf, NULL, none);
	scts[1] = test_sct(1, MS(-DAY), leaf, NULL, none);
	both = test_list(scts, 2);
	assert_int_equal(capcert_evidence_new(&e), 0);
	assert_int_equal(capcert_evidence_new(&ocsp), 0);
	assert_int_equal(capcert_evidence_put_scts(e, CAPCERT_SCT_TLS, both.p, both.n), 0);
	assert_int_equal(capcert_evidence_put_scts(ocsp, CAPCERT_SCT_OCSP, both.p, both.n), 0);
	assert_int_equal(capcert_evidence_put_scts(e, CAPCERT_SCT_EMBEDDED, both.p, both.n),
			 -EINVAL);
	assert_int_equal(capcert_evidence_put_scts(e, CAPCERT_SCT_TLS, both.p, both.n - 1),
			 -EBADMSG);
	{
		struct pki certs[3] = { { NULL } };
		capcert_loglist *list = test_loglist(3, NULL, PKI_NOW);
		struct question q = { .policy = c.policy,
				      .chain = { &certs[0], &certs[1] },
				      .anchors = { &certs[2] },
				      .logs = list,
				      .evidence = e };
		struct cc_span s[3] = { leaf, rule_cert(&plain, CA), rule_cert(&plain, ROOT) };
		int i;

		for (i = 0; i < 3; i++) {
			certs[i].der.data = (unsigned char *)(uintptr_t)s[i].p;
			certs[i].der.size = (unsigned int)s[i].n;
		}
		assert_int_equal(ask(&q).outcome.sct_count, 2);
		expect_valid(&q);
		q.evidence = ocsp; /* judged, not counted */
		expect_reason(&q, FEW, 0);
		q.policy = WEB "ct=all"; /* all of none */
		expect_reason(&q, FEW, 0);
		q.policy = WEB "ct=all;sct_sources=ocsp";
		expect_valid(&q);
		q.evidence = e;
		expect_reason(&q, FEW, 0);
		q.policy = WEB "ct=all;sct_sources=embedded";
		expect_reason(&q, FEW, 0);
		q.policy = WEB "ct=all;sct_sources=tls";
		expect_valid(&q);
		capcert_loglist_free(list);
	}
	capcert_evidence_free(e);
	capcert_evidence_free(ocsp);
}

/* SCTs of another certificate, and more than anybody needs: bounded, and never valid. */
static void test_flood(void **state)
{
	struct cc_span other = der_text("0102"), none = { NULL, 0 }, list, scts[500];
	struct sct_case c = { WEB "min_scts=2;ct=chrome",
			      { NO_SCT },
			      3,
			      0,
			      NULL,
			      CAPCERT_REASON_BUDGET_EXHAUSTED,
			      0,
			      "too many SCTs" };
	capcert_evidence *e;
	size_t i;

	assert_int_equal(capcert_evidence_new(&e), 0);
	for (i = 0; i < 500; i++)
		scts[i] = test_sct(i % 2, MS(-DAY - (int64_t)i), other, NULL, none);
	list = test_list(scts, 500);
	for (i = 0; i < EVIDENCE_MAX_SCT_LISTS; i++)
		assert_int_equal(capcert_evidence_put_scts(e, CAPCERT_SCT_TLS, list.p, list.n), 0);
	assert_int_equal(capcert_evidence_put_scts(e, CAPCERT_SCT_TLS, list.p, list.n), -EMSGSIZE);
	c.evidence = e;
	expect(&c, 0);
	/* Those in the certificate come first. */
	c = (struct sct_case){ WEB "min_scts=2;ct=chrome", TWO, 3, 0, NULL, OK, 2, NULL, 0, e };
	expect(&c, 1);
	capcert_evidence_free(e);
}

/* A store of the root alone, good for what was logged up to @date. */
static capcert_store *dated_store(struct cc_span root, const char *date)
{
	static const uint8_t arc[] = { CC_BUNDLE_ARC };
	struct info_parts parts = { 0 };
	struct cc_cert cert;
	struct cc_span der;
	capcert_store *store;

	assert_int_equal(cc_cert_parse(root, &cert), CC_CERT_OK);
	parts.key = cert.spki;
	parts.key_id = der_wrap(0x04, cert.skid);
	parts.name = cert.subject;
	parts.certificate = retag(0xa0, root);
	parts.exts =
		der(0xa1, der(0x30, der(0x30, der(0x06, cc_span(arc, sizeof(arc)), der_hex("03")),
					der_hex("0101ff"),
					der_wrap(0x04, der_wrap(0x18, der_str(date))))));
	der = info_choice(&parts);
	assert_int_equal(capcert_store_new(&store), 0);
	assert_int_equal(capcert_store_put_anchor(store, der.p, der.n, 1u << TLS_SERVER), 0);
	return store;
}

/* An anchor that stands for what was logged up to a date, whatever the policy asks. */
static void test_date_of_an_anchor(void **state)
{
	const struct sct_spec scts[] = { { 0, MS(-DAY) }, { 1, MS(-60) }, NO_SCT };
	static const struct {
		const char *date;
		unsigned int logs;
		bool embedded;
		int32_t reason;
	} rows[] = {
		{ "20260531000000Z", 3, true, OK },
		{ "20260530235959Z", 3, true, CAPCERT_REASON_DISTRUSTED },
		{ "20260531000000Z", 2, true,
		  CAPCERT_REASON_DISTRUSTED }, /* the early one is unknown */
		{ "20260601000000Z", 2, true, OK },
		{ "20260601000000Z", 0, true, CAPCERT_REASON_DISTRUSTED },
		{ "20260601000000Z", 3, false, CAPCERT_REASON_DISTRUSTED },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span ders[2] = { rows[i].embedded ? leaf_with_scts(&plain, scts)
							    : rule_cert(&plain, LEAF),
					   rule_cert(&plain, CA) };
		capcert_store *store = dated_store(rule_cert(&plain, ROOT), rows[i].date);
		struct capcert_params params = {
			.purpose = TLS_SERVER, .name = HOST, .have_time = 1, .time = PKI_NOW
		};
		capcert_loglist *list = NULL;
		struct capcert_result r;
		capcert_policy *policy;
		capcert_chain *chain;
		int k;

		if (rows[i].logs)
			params.logs = list = test_loglist(rows[i].logs, NULL, PKI_NOW);
		assert_int_equal(capcert_chain_new(&chain), 0);
		for (k = 0; k < 2; k++) {
			capcert_cert *c = test_cert(ders[k]);

			assert_int_equal(capcert_chain_push(chain, c), 0);
			capcert_cert_free(c);
		}
		params.chain = chain;
		assert_int_equal(capcert_policy_new(WEBPKI, &policy, NULL), 0);
		assert_int_equal(capcert_verify_local(policy, store, NULL, &params, &r), 0);
		if (r.outcome.reason != rows[i].reason)
			fail_msg("row %zu: %s", i, r.outcome.detail);
		capcert_policy_free(policy);
		capcert_chain_free(chain);
		capcert_store_free(store);
		capcert_loglist_free(list);
	}
}

/* The kernel has the logs of its policy; a caller who brings others is told, before anything is asked. */
static void test_not_for_the_kernel(void **state)
{
	struct cc_span der = rule_cert(&plain, LEAF);
	capcert_loglist *list = test_loglist(1, NULL, PKI_NOW);
	struct capcert_params params = { .purpose = TLS_SERVER, .logs = list };
	struct capcert_result r, before;
	capcert_cert *cert = test_cert(der);
	capcert_chain *chain;
	int fd = 4711;

	assert_int_equal(capcert_chain_new(&chain), 0);
	assert_int_equal(capcert_chain_push(chain, cert), 0);
	params.chain = chain;
	memset(&r, 0x5a, sizeof(r));
	before = r;
	assert_int_equal(capcert_verify(-1, -1, &params, &r, &fd), -EOPNOTSUPP);
	assert_memory_equal(&r, &before, sizeof(r));
	assert_int_equal(fd, 4711);
	assert_non_null(strstr(capcert_strerror(-EOPNOTSUPP), "ct_logs"));
	assert_non_null(strstr(capcert_strerror(-EOPNOTSUPP), "capcert system admit"));
	params.logs = NULL;
	assert_int_equal(capcert_verify(-1, -1, &params, &r, &fd), -EBADF);
	capcert_chain_free(chain);
	capcert_cert_free(cert);
	capcert_loglist_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_embedded),	  cmocka_unit_test(test_interval),
		cmocka_unit_test(test_brought),		  cmocka_unit_test(test_flood),
		cmocka_unit_test(test_date_of_an_anchor), cmocka_unit_test(test_not_for_the_kernel),
	};
	int r = cmocka_run_group_tests_name("engine/sct", tests, NULL, NULL);

	rule_keys_free();
	test_logs_free();
	return r;
}
