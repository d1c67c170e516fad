// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a judgement costs: a list is parsed once and its signature checked once, whoever asks about what. */
#include "helpers/statusd/judge.h"
#include "helpers/statusd/lists.h"
#include "libcapcert/memo.h"
#include "tests/unit/ocsp_fixture.h"

#define LEAVES 3

static struct family f;
static struct pki *leaves[LEAVES];
static capcert_cert *certs[LEAVES], *issuer;

static capcert_cert *cert_new(const struct pki *p)
{
	capcert_cert *cert;

	assert_int_equal(capcert_cert_new(p->der.data, p->der.size, &cert, NULL), 0);
	return cert;
}

static int begin(void **state)
{
	struct pki_spec s = { LEAF_SPEC };

	(void)state;
	f = make_family();
	issuer = cert_new(f.ca);
	for (size_t i = 0; i < LEAVES; i++) {
		leaves[i] = pki_make(&s, f.ca);
		certs[i] = cert_new(leaves[i]);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEAVES; i++) {
		capcert_cert_free(certs[i]);
		pki_free(leaves[i]);
	}
	capcert_cert_free(issuer);
	free_family(&f);
	lists_forget();
	return 0;
}

static int judge(size_t leaf, enum judge_kind kind, struct cc_span data, struct judge_verdict *ret)
{
	struct judge_subject s;
	int r;

	assert_int_equal(judge_new(certs[leaf], issuer, NULL, 0, &s), 0);
	r = judge_evidence(&s, kind, data.p, data.n, PKI_NOW, ret);
	judge_free(&s);
	return r;
}

static struct cc_span list_of(int number, const struct pki *revoked)
{
	struct list_spec s = { .issuer = f.ca, .number = number };

	if (revoked) {
		s.entries = 1;
		s.entry[0].cert = revoked;
		s.entry[0].reason = 1;
	}
	return make_list(&s);
}

static void a_list_once(void **state)
{
	struct cc_span list = list_of(1, leaves[1]);
	struct judge_verdict v;
	uint64_t before, parsed = lists_parsed();

	(void)state;
	memo_clear();
	/* The first: the leaf's own signature, and the list's. */
	before = memo_misses();
	assert_int_equal(judge(0, JUDGE_CRL, list, &v), 0);
	assert_int_equal(v.status, CAPCERT_OCSP_GOOD);
	assert_true(v.this_update < PKI_NOW && v.until > PKI_NOW);
	assert_int_equal(memo_misses() - before, 2);
	/* The same question: nothing; about others: their own signatures. */
	assert_int_equal(judge(0, JUDGE_CRL, list, &v), 0);
	assert_int_equal(memo_misses() - before, 2);
	assert_int_equal(judge(1, JUDGE_CRL, list, &v), 0);
	assert_int_equal(v.status, CAPCERT_OCSP_REVOKED);
	assert_int_equal(judge(2, JUDGE_CRL, list, &v), 0);
	assert_int_equal(memo_misses() - before, 4);
	assert_int_equal(lists_parsed() - parsed, 1);
}

/* As many as there is room for, those used last. */
static void bounded(void **state)
{
	struct cc_span list[LISTS_MOST + 1];
	struct judge_verdict v;
	uint64_t parsed;

	(void)state;
	lists_forget();
	parsed = lists_parsed();
	for (int i = 0; i <= LISTS_MOST; i++) {
		list[i] = list_of(i + 1, NULL);
		assert_int_equal(judge(0, JUDGE_CRL, list[i], &v), 0);
		assert_int_equal(judge(0, JUDGE_CRL, list[0], &v), 0); /* stays in use */
	}
	assert_int_equal(lists_parsed() - parsed, LISTS_MOST + 1);
	for (int i = 2; i <= LISTS_MOST; i++)
		assert_int_equal(judge(0, JUDGE_CRL, list[i], &v), 0);
	assert_int_equal(lists_parsed() - parsed, LISTS_MOST + 1);
	assert_int_equal(judge(0, JUDGE_CRL, list[1], &v), 0);
	assert_int_equal(lists_parsed() - parsed, LISTS_MOST + 2);
}

/* What is not a list, or not by who may sign one, leaves nothing behind that counts. */
static void refused(void **state)
{
	struct list_spec foreign = { .issuer = f.root, .number = 1 };
	struct cc_span list = list_of(1, NULL);
	uint8_t *forged = der_alloc(list.n);
	struct judge_verdict v;

	(void)state;
	memcpy(forged, list.p, list.n);
	forged[list.n - 1] ^= 1;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(judge(0, JUDGE_CRL, cc_span(forged, list.n), &v), -EBADMSG);
		assert_int_equal(judge(0, JUDGE_CRL, make_list(&foreign), &v), -EBADMSG);
		assert_true(*v.why);
		assert_int_equal(judge(0, JUDGE_CRL, der_hex("3003"), &v), -EBADMSG);
		assert_non_null(strstr(v.why, "no revocation list"));
		assert_int_equal(judge(0, JUDGE_CRL, cc_span("", 0), &v), -EBADMSG);
		assert_int_equal(judge(0, JUDGE_OCSP, der_hex("3003"), &v), -EBADMSG);
		assert_int_equal(judge(0, JUDGE_CRL, list, &v), 0);
	}
}

static void a_response_once(void **state)
{
	struct response_spec r = { .issuer = f.ca, .answer[0] = { .about = leaves[0] } };
	struct cc_span response = make_response(&r);
	struct judge_verdict v;
	uint64_t before;

	(void)state;
	memo_clear();
	before = memo_misses();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(judge(0, JUDGE_OCSP, response, &v), 0);
		assert_int_equal(v.status, CAPCERT_OCSP_GOOD);
	}
	assert_int_equal(memo_misses() - before, 1);
	assert_int_equal(judge(1, JUDGE_OCSP, response, &v), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_once),
		cmocka_unit_test(bounded),
		cmocka_unit_test(refused),
		cmocka_unit_test(a_response_once),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
