// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What hostile and honest input costs, in the engine's own counts. No clock: those are elsewhere. */
#include "libcapcert/budget.h"
#include "libcapcert/memo.h"
#include "libcapcert/sig.h"
#include "tests/bench/hostile.h"
#include "tests/unit/ocsp_fixture.h"

/* No path is found, the search ends inside every budget, and twice the same way. */
static void test_hostile(void **state)
{
	size_t i;
	uint32_t k;

	for (i = 0; i < HOSTILE_CASES; i++) {
		struct hostile h = hostile_make(i);
		struct hostile_verdict cold, warm;

		memo_clear();
		hostile_ask(&h, &cold, true);
		hostile_ask(&h, &warm, true);
		assert_memory_equal(&cold, &warm, sizeof(cold));
		assert_int_not_equal(cold.reason, CAPCERT_REASON_NONE);
		assert_int_equal(cold.budgets, 5);
		for (k = 0; k < cold.budgets; k++) {
			if (cold.used[k] > cold.limit[k])
				fail_msg("%s: %u of %u", h.name, cold.used[k], cold.limit[k]);
		}
		hostile_ask(&h, &warm, false);
		assert_int_equal(cold.reason, warm.reason);
		assert_string_equal(cold.detail, warm.detail);
		hostile_free(&h);
	}
}

static int32_t reason_of(size_t number)
{
	struct hostile h = hostile_make(number);
	struct hostile_verdict v;

	hostile_ask(&h, &v, false);
	hostile_free(&h);
	return v.reason;
}

/* Which of them end by the budget, and which by a verdict. */
static void test_reasons(void **state)
{
	static const int32_t want[HOSTILE_CASES] = {
		CAPCERT_REASON_UNKNOWN_ANCHOR,	   CAPCERT_REASON_BUDGET_EXHAUSTED,
		CAPCERT_REASON_BUDGET_EXHAUSTED,   CAPCERT_REASON_BUDGET_EXHAUSTED,
		CAPCERT_REASON_BUDGET_EXHAUSTED,   CAPCERT_REASON_BUDGET_EXHAUSTED,
		CAPCERT_REASON_POLICY_VIOLATION,   CAPCERT_REASON_BUDGET_EXHAUSTED,
		CAPCERT_REASON_SIGNATURE_MISMATCH, CAPCERT_REASON_SIGNATURE_MISMATCH,
		CAPCERT_REASON_BUDGET_EXHAUSTED,   CAPCERT_REASON_POLICY_VIOLATION,
	};
	size_t i;

	for (i = 0; i < HOSTILE_CASES; i++) {
		int32_t reason = reason_of(i);

		if (reason != want[i])
			fail_msg("case %zu: %s", i, capcert_reason_name(reason));
	}
}

/* Keys are priced by what they cost: the order of measurement, and bounds that never overflow. */
static void test_prices(void **state)
{
	struct cc_cert ec = { .key_alg = CC_KEY_P256 }, p521 = { .key_alg = CC_KEY_P521 };
	struct cc_cert rsa = { .key_alg = CC_KEY_RSA, .key_bits = 2048, .rsa_exponent = 65537 };
	struct cc_cert big = { .key_alg = CC_KEY_RSA, .key_bits = 16384, .rsa_exponent = ~0u };
	struct cc_cert odd = { .key_alg = CC_KEY_RSA, .key_bits = ~0u, .rsa_exponent = 0 };
	uint32_t p256 = sig_price(CC_SCHEME_ECDSA_SHA256, 1000, &ec);

	assert_true(sig_price(CC_SCHEME_RSA_PKCS1_SHA256, 1000, &rsa) < p256);
	assert_true(sig_price(CC_SCHEME_ECDSA_SHA512, 1000, &p521) > 4 * p256);
	assert_true(sig_price(CC_SCHEME_RSA_PKCS1_SHA256, 1000, &big) > 10 * p256);
	/* Not computed with at all. */
	assert_true(sig_price(CC_SCHEME_RSA_PKCS1_SHA256, 1000, &odd) < p256);
	assert_true(sig_price(CC_SCHEME_ECDSA_SHA256, 60000, &ec) > p256);
	assert_int_equal(sig_price(CC_SCHEME_ECDSA_SHA256, SIZE_MAX / 64, &ec), UINT32_MAX);
	assert_true(BUDGET_SIGNATURES * p256 < BUDGET_WORK);
}

static void test_work(void **state)
{
	struct budget b = budget_whole();

	assert_true(budget_work(&b, 0, 70, "nothing"));
	assert_true(budget_work(&b, 1000, 70, "something"));
	assert_int_equal(b.work, BUDGET_WORK - 70000);
	assert_null(b.spent);
	assert_false(budget_work(&b, SIZE_MAX, 70, "too much"));
	assert_int_equal(b.work, 0);
	assert_false(budget_compare(&b));
	assert_string_equal(b.spent, "too much"); /* the first counts */
}

/* A bridge with eight members who certify each other across six levels: forty cross-certificates,
 * the way to our anchor is one of them, and the last in line. */
static void test_honest_mesh(void **state)
{
	enum { MEMBERS = 8, DEPTH = 4, CROSS = 40 };
	struct pki *root = make_root(), *bridge, *members[MEMBERS], *certs[64], *leaf, *ca;
	struct pki_spec s = { .org = "Test", .ca = true, .cn = "Bridge" };
	struct question q = { .anchors = { root }, .policy = RFC5280 };
	char cn[32];
	int i, n = 0;

	bridge = certs[n++] = pki_make(&s, root);
	for (i = 0; i < MEMBERS; i++) {
		snprintf(cn, sizeof(cn), "Member %d", i);
		s = (struct pki_spec){ .org = "Test", .ca = true, .cn = cn };
		members[i] = certs[n++] = pki_make(&s, bridge);
	}
	/* Members about the bridge and about each other. */
	for (i = 0; n < CROSS; i++) {
		struct pki *of = i < MEMBERS ? bridge : members[i % MEMBERS];
		struct pki *by = members[(i * 3 + 1) % MEMBERS];

		if (of == by)
			continue;
		snprintf(cn, sizeof(cn), "Member %d", i % MEMBERS);
		s = (struct pki_spec){
			.org = "Test", .ca = true, .key_of = of, .cn = i < MEMBERS ? "Bridge" : cn
		};
		certs[n++] = pki_make(&s, by);
	}
	ca = members[5];
	for (i = 0; i < DEPTH; i++) {
		snprintf(cn, sizeof(cn), "Issuing %d", i);
		s = (struct pki_spec){ .org = "Test", .ca = true, .cn = cn };
		ca = certs[n++] = pki_make(&s, ca);
	}
	leaf = make_leaf(ca);
	q.chain[0] = leaf;
	for (i = 0; i < n; i++)
		q.chain[1 + i] = certs[n - 1 - i]; /* the right way up comes last */
	expect_valid(&q);
	for (i = 0; i < n; i++)
		pki_free(certs[i]);
	pki_free(leaf);
	pki_free(root);
}

/* Signatures that one verification has to check. */
static uint64_t checks(struct question *q)
{
	uint64_t before = memo_misses();

	expect_valid(q);
	return memo_misses() - before;
}

/* Evidence costs its own signature the first time, and nothing after: a list, a response by the
 * issuer; a response by another signer that one's certificate, too. */
static void test_evidence(void **state)
{
	struct pki_spec s = { .cn = "Signer", .eku = { OCSP_SIGNING }, .ext = { NOCHECK } };
	struct family f = make_family();
	struct pki *signer = pki_make(&s, f.ca);
	struct response_spec direct = { .issuer = f.ca, .answer[0] = { .about = f.leaf } };
	struct response_spec delegated = direct;
	struct question q = { .policy = RFC5280, .chain = { f.leaf, f.ca }, .anchors = { f.root } };
	capcert_evidence *e;
	uint64_t plain;
	int i;

	delegated.signer = delegated.certs[0] = signer;
	memo_clear();
	plain = checks(&q);
	assert_int_equal(plain, 2); /* the leaf's and the CA's */
	assert_int_equal(checks(&q), 0);
	for (i = 0; i < 3; i++) {
		q.evidence = e = new_evidence();
		q.policy = i ? OCSP_HARD : HARD_LEAF;
		if (i == 0)
			put_list(e, &(struct list_spec){ .issuer = f.ca });
		else
			put_response(e, i == 1 ? &direct : &delegated);
		assert_int_equal(checks(&q), i == 2 ? 2 : 1);
		assert_int_equal(checks(&q), 0);
		memo_clear();
		assert_int_equal(checks(&q), plain + (i == 2 ? 2 : 1));
		capcert_evidence_free(e);
	}
	pki_free(signer);
	free_family(&f);
}

/* A signer's certificate is checked with the first of his responses, and not with the later ones: each
 * costs one check, whichever certificate it is about, and none when it comes again. */
static void test_signer_known(void **state)
{
	struct pki_spec s = { .cn = "Signer", .eku = { OCSP_SIGNING }, .ext = { NOCHECK } };
	struct family f = make_family();
	struct pki *signer = pki_make(&s, f.ca), *other = make_leaf(f.ca);
	struct response_spec spec = { .issuer = f.ca, .signer = signer, .certs[0] = signer };
	struct question q = { .anchors = { f.root } };
	capcert_evidence *e;
	int i;

	(void)state;
	memo_clear();
	for (i = 0; i < 4; i++) {
		struct pki *leaf = i < 2 ? f.leaf : other;

		q.chain[0] = leaf;
		q.chain[1] = f.ca;
		q.evidence = NULL;
		q.policy = RFC5280;
		checks(&q); /* the chain's own signatures */
		spec.answer[0] = (struct answer_spec){ .about = leaf,
						       .from = -3600 - i,
						       .until = 3 * PKI_DAY };
		q.evidence = e = new_evidence();
		q.policy = OCSP_HARD;
		put_response(e, &spec);
		assert_int_equal(checks(&q), i ? 1 : 2);
		assert_int_equal(checks(&q), 0);
		capcert_evidence_free(e);
	}
	pki_free(signer);
	pki_free(other);
	free_family(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile),	     cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_prices),	     cmocka_unit_test(test_work),
		cmocka_unit_test(test_honest_mesh),  cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_signer_known),
	};

	return cmocka_run_group_tests_name("engine/cost", tests, NULL, NULL);
}
