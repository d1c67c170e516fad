// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* SCTs inside OCSP responses about the leaf (RFC 6962 section 3.3): where the policy counts them, those
 * of a response that is signed, current and about the leaf; of no other. */
#include "tests/unit/ocsp_fixture.h"
#include "tests/unit/sct_fixture.h"

#define ASK "profile=rfc5280;time=any;min_scts=2;ct=chrome;"
#define COUNTED ASK "sct_sources=ocsp"
#define FEW CAPCERT_REASON_INSUFFICIENT_SCTS

/* Extensions of a single response: SCTs of two logs over the certificate as it is, @cut octets short. */
static const char *scts_extension(const struct pki *about, size_t cut)
{
	static char text[4096];
	struct cc_span scts[2], list, none = { NULL, 0 };
	char *p = text;
	size_t i;

	for (i = 0; i < 2; i++)
		scts[i] =
			test_sct(i, (uint64_t)(PKI_NOW - 3600) * 1000, pki_der(about), NULL, none);
	list = test_list(scts, 2);
	p += sprintf(p, "30{06{2b06010401d679020405}04{04{");
	for (i = 0; i < list.n - cut; i++)
		p += sprintf(p, "%02x", list.p[i]);
	strcpy(p, "}}}");
	return text;
}

struct row {
	const char *policy;
	bool staple, not_stapled;
	struct response_spec response; /* issuer, about and extensions are filled in */
	bool of_the_ca, cut;
	int32_t reason;
	uint32_t count;
};

static const struct row rows[] = {
	{ COUNTED, true, false, { 0 }, false, false, VALID, 2 },
	{ COUNTED, false, true, { 0 }, false, false, VALID, 2 },
	/* The same octets twice count once. */
	{ COUNTED, true, true, { 0 }, false, false, VALID, 2 },
	{ ASK "sct_sources=all", true, false, { 0 }, false, false, VALID, 2 },
	/* As long as nobody says so they are not even looked at. */
	{ ASK, true, true, { 0 }, false, false, FEW, 0 },
	{ ASK "sct_sources=embedded,tls", true, true, { 0 }, false, false, FEW, 0 },
	{ ASK "sct_sources=none", true, true, { 0 }, false, false, FEW, 0 },
	{ "profile=rfc5280;time=any;ct=all", true, false, { 0 }, false, false, FEW, 0 },
	/* Not by whoever may, not current, not about the leaf, not SCTs. */
	{ COUNTED, true, true, { .bad_signature = true }, false, false, FEW, 0 },
	{ COUNTED,
	  true,
	  true,
	  { .answer[0] = { .from = -9 * PKI_DAY, .until = -PKI_DAY } },
	  false,
	  false,
	  FEW,
	  0 },
	{ COUNTED, true, true, { .answer[0] = { .wrong_serial = true } }, false, false, FEW, 0 },
	{ COUNTED, true, true, { .answer[0] = { .wrong_key = true } }, false, false, FEW, 0 },
	{ COUNTED, true, true, { .error = 3 }, false, false, FEW, 0 },
	{ COUNTED, true, true, { 0 }, true, false, FEW, 0 },
	{ COUNTED, true, true, { 0 }, false, true, FEW, 0 },
	/* Whether it is revoked is asked by another key of the policy; this one asks who logged it. */
	{ COUNTED,
	  true,
	  false,
	  { .answer[0] = { .status = CC_OCSP_UNKNOWN } },
	  false,
	  false,
	  VALID,
	  2 },
	{ COUNTED ";revocation_mode=hard",
	  true,
	  false,
	  { .answer[0] = { .status = CC_OCSP_REVOKED } },
	  false,
	  false,
	  REVOKED,
	  0 },
	{ COUNTED ";revocation_mode=hard", true, false, { 0 }, false, false, VALID, 2 },
};

static void responses(void **state)
{
	capcert_loglist *logs = test_loglist(3, NULL, PKI_NOW);
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct trial t = ocsp_trial();
		struct response_spec r = rows[i].response;
		struct capcert_result got;

		r.issuer = t.f.ca;
		r.answer[0].about = t.f.leaf;
		r.answer[0].exts =
			scts_extension(rows[i].of_the_ca ? t.f.ca : t.f.leaf, rows[i].cut);
		if (rows[i].staple)
			put_staple(t.e, &r);
		if (rows[i].not_stapled)
			put_response(t.e, &r);
		t.q.policy = rows[i].policy;
		t.q.logs = logs;
		got = ask(&t.q);
		if (got.outcome.reason != rows[i].reason || got.outcome.sct_count != rows[i].count)
			fail_msg("row %zu: %s, %u: %s", i, capcert_reason_name(got.outcome.reason),
				 got.outcome.sct_count, got.outcome.detail);
		end_trial(&t);
	}
	capcert_loglist_free(logs);
}

/* The verdict holds no longer than the response that it leans on. */
static void interval(void **state)
{
	capcert_loglist *logs = test_loglist(3, NULL, PKI_NOW);
	struct trial t = ocsp_trial();
	struct capcert_result r;

	(void)state;
	put_staple(t.e, &(struct response_spec){ .issuer = t.f.ca,
						 .answer[0] = { .about = t.f.leaf,
								.exts = scts_extension(t.f.leaf, 0),
								.from = -60,
								.until = 3600 } });
	t.q.policy = COUNTED;
	t.q.logs = logs;
	r = ask(&t.q);
	assert_int_equal(r.outcome.sct_count, 2);
	assert_true(r.outcome.valid_until == PKI_NOW + 3599);
	capcert_loglist_free(logs);
	end_trial(&t);
}

/* SCTs that a caller took out of a response itself: judged by the same key of the policy. */
static void taken_out(void **state)
{
	capcert_loglist *logs = test_loglist(3, NULL, PKI_NOW);
	struct trial t = ocsp_trial();
	struct cc_span scts[2], list, none = { NULL, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++)
		scts[i] =
			test_sct(i, (uint64_t)(PKI_NOW - 60) * 1000, pki_der(t.f.leaf), NULL, none);
	list = test_list(scts, 2);
	assert_int_equal(capcert_evidence_put_scts(t.e, CAPCERT_SCT_OCSP, list.p, list.n), 0);
	t.q.logs = logs;
	t.q.policy = COUNTED;
	expect_valid(&t.q);
	t.q.policy = ASK;
	expect_reason(&t.q, FEW, 0);
	t.q.policy = ASK "sct_sources=embedded,tls";
	expect_reason(&t.q, FEW, 0);
	capcert_loglist_free(logs);
	end_trial(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses),
		cmocka_unit_test(interval),
		cmocka_unit_test(taken_out),
	};
	int r = cmocka_run_group_tests_name("engine/sct-ocsp", tests, NULL, NULL);

	test_logs_free();
	return r;
}
