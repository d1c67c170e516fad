// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* OCSP responses, RFC 6960 section 3.2: one rule after the other, on small honest hierarchies. Every
 * test has a case that fails where its rule is not there. */
#include "tests/unit/ocsp_fixture.h"

static void what_it_says(void **state)
{
	(void)state;
	expect_response(VALID, "valid for", GOOD, .by_key = false);
	expect_response(VALID, NULL, GOOD, .by_key = true);
	expect_response(REVOKED,
			"revoked at 2026-05-30T00:00:00Z, keyCompromise, by the OCSP response of "
			"2026-05-31T23:00:00Z",
			TOLD_REVOKED, .answer[0] = { .status = CC_OCSP_REVOKED, .reason = 1 });
	expect_response(REVOKED, "unspecified", TOLD_REVOKED,
			.answer[0] = { .status = CC_OCSP_REVOKED });
	expect_response(REVOKED, "unspecified", TOLD_REVOKED,
			.answer[0] = { .status = CC_OCSP_REVOKED, .reason = -1 });
	expect_response(REVOKED, "certificateHold", TOLD_REVOKED,
			.answer[0] = { .status = CC_OCSP_REVOKED, .reason = 6 });
	expect_response(UNKNOWN, "the responder does not know the certificate", TOLD_UNKNOWN,
			.answer[0] = { .status = CC_OCSP_UNKNOWN });
	expect_response(VALID, NULL, GOOD, .sha384 = true);
}

static void modes(void **state)
{
	struct trial t = ocsp_trial();
	struct response_spec revoked = {
		.issuer = t.f.ca, .answer[0] = { .about = t.f.leaf, .status = CC_OCSP_REVOKED }
	};
	struct capcert_result r;

	(void)state;
	expect_outcome(__LINE__, &t.q, UNKNOWN, "none is known (would tell: OCSP)", ABSENT);
	r = ask(&t.q);
	assert_int_equal(r.path[0].missing, CAPCERT_MISSING_OCSP);
	assert_int_equal(r.path[1].missing, 0);
	t.q.policy = OCSP_SOFT;
	expect_outcome(__LINE__, &t.q, VALID,
		       "revocation status of the leaf not known (would tell: OCSP)", ABSENT);
	t.q.policy = RFC5280 ";revocation=all;revocation_mode=soft;revocation_scope=chain";
	expect_outcome(__LINE__, &t.q, VALID, "(would tell: staple, OCSP, CRL)", ABSENT);
	r = ask(&t.q);
	assert_int_equal(r.path[0].missing, CAPCERT_MISSING_ALL);
	assert_int_equal(r.path[1].missing, CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL);
	assert_int_equal(r.path[2].missing, 0);
	put_response(t.e, &revoked);
	t.q.policy = OCSP_SOFT;
	expect_outcome(__LINE__, &t.q, REVOKED, NULL, TOLD_REVOKED);
	t.q.policy = OCSP_ONLY "off";
	expect_valid(&t.q);
	/* OCSP is not among the evidence that these accept. */
	t.q.policy = HARD_LEAF;
	expect_outcome(__LINE__, &t.q, UNKNOWN, "(would tell: CRL)", ABSENT);
	t.q.policy = STAPLE_HARD;
	expect_outcome(__LINE__, &t.q, UNKNOWN, "(would tell: staple)", ABSENT);
	end_trial(&t);
}

static void certificate_ids(void **state)
{
	static const char other[] = "the response is about other certificates";

	(void)state;
	expect_response(VALID, NULL, GOOD, .answer[0] = { .hash = CC_OCSP_HASH_SHA256 });
	expect_response(UNKNOWN, other, ABSENT, .answer[0] = { .hash = CC_OCSP_HASH_OTHER });
	expect_response(UNKNOWN, other, ABSENT, .answer[0] = { .wrong_name = true });
	expect_response(UNKNOWN, other, ABSENT, .answer[0] = { .wrong_key = true });
	expect_response(UNKNOWN, other, ABSENT, .answer[0] = { .wrong_serial = true });
	expect_response(UNKNOWN, other, ABSENT,
			.answer[0] = { .hash = CC_OCSP_HASH_SHA256, .wrong_key = true });
	expect_response(UNKNOWN, other, ABSENT,
			.answer[0] = { .hash = CC_OCSP_HASH_SHA256, .wrong_name = true });
	/* Among several the one about the certificate counts, wherever it stands. */
	expect_response(REVOKED, NULL, TOLD_REVOKED, .answers = 3,
			.answer = { { .wrong_serial = true },
				    { .wrong_key = true },
				    { .status = CC_OCSP_REVOKED } });
	expect_response(VALID, NULL, GOOD, .answers = 2,
			.answer = { { .wrong_serial = true, .status = CC_OCSP_REVOKED },
				    { .hash = CC_OCSP_HASH_SHA256 } });
}

static void times(void **state)
{
	struct trial t = ocsp_trial();
	struct capcert_result r;

	(void)state;
	expect_response(VALID, NULL, GOOD, .answer[0] = { .until = 1 });
	expect_response(UNKNOWN, "out of date (nextUpdate)", TOLD_UNKNOWN,
			.answer[0] = { .from = -PKI_DAY });
	expect_response(UNKNOWN, "out of date", TOLD_UNKNOWN,
			.answer[0] = { .from = -PKI_DAY, .status = CC_OCSP_REVOKED });
	expect_response(UNKNOWN, "not yet in force", TOLD_UNKNOWN,
			.answer[0] = { .from = 1, .until = 60 });
	expect_response(UNKNOWN, "ends before it begins", TOLD_UNKNOWN,
			.answer[0] = { .from = -60, .until = -61 });
	expect_response(UNKNOWN, "made in the future", TOLD_UNKNOWN, .produced = 1);
	/* Without nextUpdate, as long as the policy says (10 days); with it, that is not asked. */
	expect_response(VALID, NULL, GOOD, .answer[0] = { .from = -10 * PKI_DAY, .no_next = true });
	expect_response(UNKNOWN, "older than max_age", TOLD_UNKNOWN,
			.answer[0] = { .from = -10 * PKI_DAY - 1, .no_next = true });
	expect_response(VALID, NULL, GOOD,
			.answer[0] = { .from = -20 * PKI_DAY, .until = PKI_DAY });

	put_response(t.e,
		     &(struct response_spec){
			     .issuer = t.f.ca,
			     .produced = -7000,
			     .answer[0] = { .about = t.f.leaf, .from = -7200, .until = 7200 } });
	r = ask(&t.q);
	assert_int_equal(r.outcome.valid_from, PKI_NOW - 7000);
	assert_int_equal(r.outcome.valid_until, PKI_NOW + 7199);
	t.q.at = 7199;
	expect_valid(&t.q);
	t.q.at = 7200; /* nextUpdate itself is too late */
	expect_reason(&t.q, UNKNOWN, 0);
	t.q.at = -7000;
	expect_valid(&t.q);
	t.q.at = -7001;
	expect_reason(&t.q, UNKNOWN, 0);
	/* What the clock may be off helps a response that is new, not one that is old. */
	t.q.policy = OCSP_HARD ";clock_skew=60s";
	t.q.at = -7060;
	expect_valid(&t.q);
	t.q.at = 7139;
	expect_valid(&t.q);
	t.q.at = 7140;
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
}

/* nextUpdate behind the certificate's own end is clipped, not refused. */
static void outlives_the_certificate(void **state)
{
	struct trial t = ocsp_trial();
	struct capcert_result r;

	(void)state;
	put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
						   .answer[0] = { .about = t.f.leaf,
								  .from = -60,
								  .until = 200 * PKI_DAY } });
	r = ask(&t.q);
	assert_true(r.outcome.valid);
	assert_int_equal(r.outcome.valid_until, PKI_NOW + 60 * PKI_DAY);
	end_trial(&t);
}

static void critical_extensions(void **state)
{
	(void)state;
	expect_response(VALID, NULL, GOOD, .exts = "30{06{2a0304}04{05{}}}");
	expect_response(VALID, NULL, GOOD, .exts = "30{06{2b0601050507300102}04{04{0102}}}");
	expect_response(VALID, NULL, GOOD, .exts = "30{06{2b0601050507300102}01{ff}04{04{0102}}}");
	expect_response(UNKNOWN, "the response has an unknown critical extension", TOLD_UNKNOWN,
			.exts = "30{06{2a0304}01{ff}04{05{}}}");
	expect_response(VALID, NULL, GOOD, .answer[0] = { .exts = "30{06{2a0304}04{05{}}}" });
	expect_response(UNKNOWN, "answer has an unknown critical extension", TOLD_UNKNOWN,
			.answer[0] = { .exts = "30{06{2a0304}01{ff}04{05{}}}" });
	expect_response(
		UNKNOWN, "critical", TOLD_UNKNOWN,
		.answer[0] = { .status = CC_OCSP_REVOKED, .exts = "30{06{2a0304}01{ff}04{05{}}}" });
	/* That of one answer is not that of another. */
	expect_response(
		VALID, NULL, GOOD, .answers = 2,
		.answer = { { .wrong_serial = true, .exts = "30{06{2a0304}01{ff}04{05{}}}" },
			    { .no_next = true } });
}

static void no_answer(void **state)
{
	static const struct {
		int error;
		const char *words;
	} rows[] = { { CC_OCSP_STATUS_MALFORMED_REQUEST, "malformedRequest" },
		     { CC_OCSP_STATUS_INTERNAL_ERROR, "internalError" },
		     { CC_OCSP_STATUS_TRY_LATER, "tryLater" },
		     { CC_OCSP_STATUS_SIG_REQUIRED, "sigRequired" },
		     { CC_OCSP_STATUS_UNAUTHORIZED, "unauthorized" } };
	struct trial t;
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		t = ocsp_trial();
		put_response(t.e, &(struct response_spec){ .error = rows[i].error });
		expect_outcome(__LINE__, &t.q, UNKNOWN, rows[i].words, UNREACHABLE);
		t.q.policy = OCSP_SOFT;
		expect_outcome(__LINE__, &t.q, VALID, rows[i].words, UNREACHABLE);
		/* An answer is better than none. */
		put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
							   .answer[0] = { .about = t.f.leaf } });
		expect_outcome(__LINE__, &t.q, VALID, NULL, GOOD);
		end_trial(&t);
	}
}

static void unreachable(void **state)
{
	struct trial t = ocsp_trial();
	struct capcert_result r = ask(&t.q);

	(void)state;
	assert_int_equal(capcert_evidence_put_unreachable(t.e, r.path[1].fingerprint), 0);
	expect_outcome(__LINE__, &t.q, UNKNOWN, NULL, ABSENT);
	assert_int_equal(capcert_evidence_put_unreachable(t.e, r.path[0].fingerprint), 0);
	assert_int_equal(capcert_evidence_put_unreachable(t.e, r.path[0].fingerprint), 0);
	expect_outcome(__LINE__, &t.q, UNKNOWN, "was asked and did not answer", UNREACHABLE);
	t.q.policy = OCSP_SOFT;
	expect_outcome(__LINE__, &t.q, VALID, "was asked and did not answer", UNREACHABLE);
	put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
						   .answer[0] = { .about = t.f.leaf } });
	expect_outcome(__LINE__, &t.q, VALID, NULL, GOOD);
	end_trial(&t);
}

/* Two responses about the leaf; the order they are put in does not matter. */
static void expect_two(int line, int32_t want, uint32_t told, struct answer_spec a,
		       struct answer_spec b)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct trial t = ocsp_trial();
		struct response_spec one = { .issuer = t.f.ca, .answer[0] = i ? a : b };
		struct response_spec two = { .issuer = t.f.ca, .answer[0] = i ? b : a };

		one.answer[0].about = two.answer[0].about = t.f.leaf;
		put_response(t.e, &one);
		put_response(t.e, &two);
		expect_outcome(line, &t.q, want, NULL, told);
		end_trial(&t);
	}
}

static void of_several(void **state)
{
#define OLD .from = -PKI_DAY, .until = PKI_DAY
#define NEW .from = -60, .until = PKI_DAY
	(void)state;
	expect_two(__LINE__, REVOKED, TOLD_REVOKED, (struct answer_spec){ OLD },
		   (struct answer_spec){ NEW, .status = CC_OCSP_REVOKED });
	/* A revocation is for good, but for a hold. */
	expect_two(__LINE__, REVOKED, TOLD_REVOKED,
		   (struct answer_spec){ OLD, .status = CC_OCSP_REVOKED, .reason = 1 },
		   (struct answer_spec){ NEW });
	expect_two(__LINE__, VALID, GOOD,
		   (struct answer_spec){ OLD, .status = CC_OCSP_REVOKED, .reason = 6 },
		   (struct answer_spec){ NEW });
	expect_two(__LINE__, REVOKED, TOLD_REVOKED,
		   (struct answer_spec){ NEW, .status = CC_OCSP_REVOKED, .reason = 6 },
		   (struct answer_spec){ OLD });
	expect_two(__LINE__, UNKNOWN, TOLD_UNKNOWN, (struct answer_spec){ OLD },
		   (struct answer_spec){ NEW, .status = CC_OCSP_UNKNOWN });
	expect_two(__LINE__, VALID, GOOD, (struct answer_spec){ OLD, .status = CC_OCSP_UNKNOWN },
		   (struct answer_spec){ NEW });
	/* Of the same moment the worse one. */
	expect_two(__LINE__, REVOKED, TOLD_REVOKED,
		   (struct answer_spec){ NEW, .status = CC_OCSP_REVOKED, .reason = 6 },
		   (struct answer_spec){ NEW, .hash = CC_OCSP_HASH_SHA256 });
	expect_two(__LINE__, UNKNOWN, TOLD_UNKNOWN,
		   (struct answer_spec){ NEW, .status = CC_OCSP_UNKNOWN },
		   (struct answer_spec){ NEW, .hash = CC_OCSP_HASH_SHA256 });
	/* What does not count takes nothing away. */
	expect_two(__LINE__, VALID, GOOD, (struct answer_spec){ OLD },
		   (struct answer_spec){ .from = -90, .until = -30, .status = CC_OCSP_REVOKED });
}

static void with_lists(void **state)
{
	static const char both[] = RFC5280 ";revocation=ocsp,crl;revocation_mode=hard"
					   ";revocation_scope=leaf";
	struct trial t = ocsp_trial();
	capcert_evidence *e;

	(void)state;
	t.q.policy = both;
	/* Either will do. */
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	expect_outcome(__LINE__, &t.q, VALID, NULL, ABSENT);
	put_response(t.e, &(struct response_spec){
				  .issuer = t.f.ca,
				  .answer[0] = { .about = t.f.leaf, .status = CC_OCSP_UNKNOWN } });
	expect_outcome(__LINE__, &t.q, VALID, NULL, TOLD_UNKNOWN);
	/* Whoever says revoked is heard. */
	put_response(t.e, &(struct response_spec){
				  .issuer = t.f.ca,
				  .answer[0] = { .about = t.f.leaf, .status = CC_OCSP_REVOKED } });
	expect_outcome(__LINE__, &t.q, REVOKED, "by the OCSP response", TOLD_REVOKED);
	e = t.e;
	t.q.evidence = t.e = new_evidence();
	put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
						   .answer[0] = { .about = t.f.leaf } });
	expect_outcome(__LINE__, &t.q, VALID, NULL, GOOD);
	put_list(t.e, &(struct list_spec){
			      .issuer = t.f.ca, .entries = 1, .entry[0] = { .cert = t.f.leaf } });
	expect_outcome(__LINE__, &t.q, REVOKED, "by the list", GOOD);
	capcert_evidence_free(e);
	end_trial(&t);
}

static void whole_chain(void **state)
{
	struct trial t = ocsp_trial();

	(void)state;
	t.q.policy = OCSP_CHAIN;
	put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
						   .answer[0] = { .about = t.f.leaf } });
	expect_reason(&t.q, UNKNOWN, 1);
	put_response(t.e, &(struct response_spec){ .issuer = t.f.root,
						   .answer[0] = { .about = t.f.ca } });
	expect_valid(&t.q);
	put_response(t.e, &(struct response_spec){ .issuer = t.f.root,
						   .answer[0] = { .about = t.f.ca,
								  .status = CC_OCSP_REVOKED,
								  .reason = 2 } });
	expect_reason(&t.q, REVOKED, 1);
	t.q.policy = OCSP_HARD;
	expect_valid(&t.q);
	end_trial(&t);
}

static void short_lived(void **state)
{
	struct pki_spec s = { LEAF_SPEC, .from = -PKI_DAY, .until = 5 * PKI_DAY };
	struct family f = { .root = make_root() };
	struct trial t;

	(void)state;
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&s, f.ca);
	t = ocsp_trial_of(f);
	expect_reason(&t.q, UNKNOWN, 0);
	t.q.policy = RFC5280 ";revocation=ocsp,short-lived;revocation_mode=hard";
	expect_outcome(__LINE__, &t.q, VALID, NULL, ABSENT);
	put_response(t.e, &(struct response_spec){
				  .issuer = f.ca,
				  .answer[0] = { .about = f.leaf, .status = CC_OCSP_REVOKED } });
	expect_outcome(__LINE__, &t.q, REVOKED, NULL, TOLD_REVOKED);
	end_trial(&t);
}

/* A report says the same of each certificate. */
static void reports_what_it_knows(void **state)
{
	struct trial t = ocsp_trial();
	struct capcert_params params = {
		.name = HOST, .have_time = 1, .time = PKI_NOW, .evidence = t.e
	};
	capcert_store *store = make_store(t.q.anchors, 1);
	capcert_chain *chain = make_chain(t.q.chain);
	const struct capcert_report_step *leaf;
	struct capcert_result result;
	capcert_report *report;
	capcert_policy *policy;

	(void)state;
	assert_int_equal(capcert_policy_new(OCSP_HARD, &policy, NULL), 0);
	params.chain = chain;
	put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
						   .bad_signature = true,
						   .answer[0] = { .about = t.f.leaf } });
	assert_int_equal(
		capcert_verify_local_report(policy, store, NULL, &params, &result, &report), 0);
	leaf = &report->paths[0].steps[0];
	assert_int_equal(leaf->reason, UNKNOWN);
	assert_string_equal(leaf->detail, "the response is not signed by its signer's key");
	capcert_report_free(report);
	capcert_policy_free(policy);
	capcert_store_free(store);
	capcert_chain_free(chain);
	end_trial(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(modes),
		cmocka_unit_test(certificate_ids),
		cmocka_unit_test(times),
		cmocka_unit_test(outlives_the_certificate),
		cmocka_unit_test(critical_extensions),
		cmocka_unit_test(no_answer),
		cmocka_unit_test(unreachable),
		cmocka_unit_test(of_several),
		cmocka_unit_test(with_lists),
		cmocka_unit_test(whole_chain),
		cmocka_unit_test(short_lived),
		cmocka_unit_test(reports_what_it_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
