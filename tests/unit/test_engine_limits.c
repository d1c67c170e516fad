// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where the engine stops counting: anchors, namesakes, paths, bytes; and which failure it tells. */
#include "libcapcert/engine.h"
#include "tests/unit/engine_fixture.h"

/* @n anchors that differ from @root in their signature alone: the same name and key. */
static void put_copies(capcert_store *store, const struct pki *root, uint32_t n)
{
	uint8_t der[1024];
	size_t len = root->der.size;
	uint32_t i;

	assert_true(len < sizeof(der));
	memcpy(der, root->der.data, len);
	for (i = 0; i < n; i++) {
		der[len - 1] = (uint8_t)i;
		der[len - 2] = (uint8_t)(i >> 8);
		der[len - 3] = root->der.data[len - 3] ^ 1;
		assert_int_equal(capcert_store_put(store, der, len, 0), 0);
	}
}

static void test_most_anchors(void **state)
{
	struct pki *root = make_root();
	capcert_store *store;

	assert_int_equal(capcert_store_new(&store), 0);
	put_copies(store, root, CAPCERT_MAX_ANCHORS);
	assert_int_equal(capcert_store_count(store), CAPCERT_MAX_ANCHORS);
	assert_int_equal(capcert_store_put(store, root->der.data, root->der.size, 0), -EMSGSIZE);
	assert_int_equal(capcert_store_count(store), CAPCERT_MAX_ANCHORS);
	capcert_store_free(store);
	capcert_store_free(NULL);
	pki_free(root);
}

/* More namesakes than are looked at, each of them the right anchor. */
static void test_namesakes(void **state)
{
	struct family f = make_family();
	struct pki *const certs[70] = { f.leaf, f.ca };
	capcert_chain *chain = make_chain(certs);
	struct capcert_params params = {
		.chain = chain, .have_time = 1, .time = PKI_NOW, .name = HOST
	};
	struct capcert_result result;
	capcert_policy *policy;
	capcert_store *store;

	assert_int_equal(capcert_store_new(&store), 0);
	put_copies(store, f.root, 70);
	assert_int_equal(capcert_policy_new(RFC5280, &policy, NULL), 0);
	assert_int_equal(capcert_verify_local(policy, store, NULL, &params, &result), 0);
	assert_true(result.outcome.valid);
	assert_int_equal(result.path[2].source, CAPCERT_SOURCE_ANCHOR);
	capcert_policy_free(policy);
	capcert_store_free(store);
	capcert_chain_free(chain);
	free_family(&f);
}

/* @n certificates of one CA, all good. */
static void layer(struct pki **ret, int n, const char *cn, const struct pki *key,
		  struct pki *issuer)
{
	struct pki_spec s = { .cn = cn, .org = "Test", .ca = true, .key_of = key };
	int i;

	for (i = 0; i < n; i++)
		ret[i] = pki_make(&s, issuer);
}

static void expect_spent(const struct question *q, const char *what)
{
	struct capcert_result r = ask(q);

	assert_int_equal(r.outcome.reason, CAPCERT_REASON_BUDGET_EXHAUSTED);
	if (!strstr(r.outcome.detail, what))
		fail_msg("%s, not %s", r.outcome.detail, what);
}

/* Two layers of fifteen: 225 whole paths, and what is missing is missing on each of them. */
static void test_budget_of_paths(void **state)
{
	enum { N = 15 };
	struct pki *root = make_root(), *upper[N], *lower[N], *leaf;
	struct pki_spec upper_key = { .cn = "Upper", .org = "Test", .ca = true };
	struct pki_spec lower_key = { .cn = "Lower", .org = "Test", .ca = true };
	struct pki *first_upper = pki_make(&upper_key, root);
	struct pki *first_lower = pki_make(&lower_key, first_upper);
	struct question q = { .anchors = { root }, .policy = RFC5280 ";explicit_policy=yes" };
	int i;

	layer(upper, N, "Upper", first_upper, root);
	layer(lower, N, "Lower", first_lower, first_upper);
	leaf = make_leaf(first_lower);
	q.chain[0] = leaf;
	for (i = 0; i < N; i++) {
		q.chain[1 + i] = upper[i];
		q.chain[1 + N + i] = lower[i];
	}
	expect_spent(&q, "candidate paths");
	/* Fewer, and the search comes to its end. */
	for (i = 0; i < N; i++)
		if (i >= 5)
			q.chain[1 + i] = q.chain[1 + N + i];
	for (i = 1 + N; i <= 2 * N; i++)
		q.chain[i] = NULL;
	expect_reason(&q, CAPCERT_REASON_POLICY_VIOLATION, 2);
	q.policy = RFC5280;
	expect_valid(&q);
	for (i = 0; i < N; i++) {
		pki_free(upper[i]);
		pki_free(lower[i]);
	}
	pki_free(leaf);
	pki_free(first_lower);
	pki_free(first_upper);
	pki_free(root);
}

/* Ten layers of three, and no anchor above: few signatures, no whole path, 3^10 steps. */
static void test_budget_of_steps(void **state)
{
	enum { LAYERS = 10, N = 3 };
	struct pki *key[LAYERS + 1], *certs[LAYERS][N], *root = make_root(), *leaf;
	struct question q = { .anchors = { root } };
	int i, j;

	for (i = LAYERS; i >= 0; i--) {
		char cn[32];
		struct pki_spec s = { .cn = cn, .org = "Test", .ca = true };

		snprintf(cn, sizeof(cn), "Layer %d", i);
		key[i] = pki_make(&s, i < LAYERS ? key[i + 1] : NULL);
		if (i < LAYERS)
			layer(certs[i], N, cn, key[i], key[i + 1]);
	}
	leaf = make_leaf(key[0]);
	q.chain[0] = leaf;
	for (i = 0; i < LAYERS; i++)
		for (j = 0; j < N; j++)
			q.chain[1 + i * N + j] = certs[i][j];
	expect_spent(&q, "path building steps");
	for (i = 0; i < LAYERS; i++)
		for (j = 0; j < N; j++)
			pki_free(certs[i][j]);
	for (i = 0; i <= LAYERS; i++)
		pki_free(key[i]);
	pki_free(leaf);
	pki_free(root);
}

/* Namesakes of the issuer, none of which signed: what their keys cost is counted, not only how many
 * there are. */
static void test_budget_of_work(void **state)
{
	enum { N = 45 };
	struct pki_spec s = { CA_SPEC };
	struct pki *many[N], *root = make_root(), *ca = make_ca(root), *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf }, .anchors = { root } };
	int i, round;

	for (round = 0; round < 2; round++) {
		s.alg = round ? PKI_P521 : PKI_P256;
		for (i = 0; i < N; i++) {
			many[i] = pki_make(&s, NULL);
			q.chain[1 + i] = many[i];
		}
		if (round)
			expect_spent(&q, "signature checks");
		else
			expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 0);
		for (i = 0; i < N; i++)
			pki_free(many[i]);
	}
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

/* Two CAs that certify each other, several times: a path goes through each name and key once. */
static void test_no_detours(void **state)
{
	enum { N = 6 };
	struct pki_spec a = { .cn = "A", .org = "Test", .ca = true };
	struct pki_spec b = { .cn = "B", .org = "Test", .ca = true };
	struct pki *root = make_root(), *first_a = pki_make(&a, NULL),
		   *first_b = pki_make(&b, NULL);
	struct pki *by_a[N], *by_b[N], *leaf = make_leaf(first_a);
	struct question q = { .chain = { leaf }, .anchors = { root } };
	int i;

	layer(by_a, N, "B", first_b, first_a);
	layer(by_b, N, "A", first_a, first_b);
	for (i = 0; i < N; i++) {
		q.chain[1 + 2 * i] = by_a[i];
		q.chain[2 + 2 * i] = by_b[i];
	}
	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 2); /* not: budgetExhausted */
	for (i = 0; i < N; i++) {
		pki_free(by_a[i]);
		pki_free(by_b[i]);
	}
	pki_free(leaf);
	pki_free(first_b);
	pki_free(first_a);
	pki_free(root);
}

/* Of two whole paths that fail, the one with fewer bad certificates is told. */
static void test_better_failure(void **state)
{
	struct pki_spec old_root = {
		.cn = "Old Root", .org = "Test", .ca = true, .from = -9 * PKI_DAY, .until = -PKI_DAY
	};
	struct pki_spec old_ca = { CA_SPEC, .from = -9 * PKI_DAY, .until = -PKI_DAY };
	struct pki *root = make_root(), *dead = pki_make(&old_root, NULL);
	struct pki *one = pki_make(&old_ca, root), *leaf = make_leaf(one), *two;
	struct question q = { .anchors = { root, dead } };
	struct capcert_result r;

	old_ca.key_of = one;
	two = pki_make(&old_ca, dead);
	q.chain[0] = leaf;
	q.chain[1] = two;
	q.chain[2] = one;
	r = ask(&q);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_EXPIRED);
	assert_int_equal(r.path[1].index, 2);
	assert_int_equal(r.path[2].reason, CAPCERT_REASON_NONE);
	q.chain[1] = one;
	q.chain[2] = two;
	r = ask(&q);
	assert_int_equal(r.path[1].index, 1);
	assert_int_equal(r.path[2].reason, CAPCERT_REASON_NONE);
	q.chain[1] = two; /* two bad ones are still better than no path */
	q.chain[2] = NULL;
	r = ask(&q);
	assert_int_equal(r.outcome.depth, 1);
	assert_int_equal(r.path[2].reason, CAPCERT_REASON_EXPIRED);
	pki_free(two);
	pki_free(leaf);
	pki_free(one);
	pki_free(dead);
	pki_free(root);
}

/* 64 certificates are not too many, but too large. */
static void test_large_chain(void **state)
{
	static char blob[5000];
	struct pki_spec s = { LEAF_SPEC, .ext = { { "1.2.3.4", blob, sizeof(blob), false } } };
	struct pki *root = make_root(), *leaf;
	struct pki *const anchors[8] = { root };
	struct capcert_params params = { .have_time = 1, .time = PKI_NOW, .name = HOST };
	capcert_store *store = make_store(anchors, 0);
	struct pki *certs[70] = { NULL };
	struct capcert_result result;
	capcert_policy *policy;
	capcert_chain *chain;
	int i;

	leaf = pki_make(&s, root);
	for (i = 0; i < CAPCERT_MAX_CHAIN; i++)
		certs[i] = leaf;
	assert_int_equal(capcert_policy_new(RFC5280, &policy, NULL), 0);
	chain = make_chain(certs);
	params.chain = chain;
	assert_int_equal(capcert_verify_local(policy, store, NULL, &params, &result), -EMSGSIZE);
	capcert_chain_free(chain);
	for (i = CAPCERT_MAX_CHAIN_BYTES / (int)leaf->der.size; i < CAPCERT_MAX_CHAIN; i++)
		certs[i] = NULL;
	chain = make_chain(certs);
	params.chain = chain;
	assert_int_equal(capcert_verify_local(policy, store, NULL, &params, &result), 0);
	assert_true(result.outcome.valid);
	capcert_chain_free(chain);
	capcert_policy_free(policy);
	capcert_store_free(store);
	pki_free(leaf);
	pki_free(root);
}

/* Nothing at all, by a null pointer. */
static void test_nothing(void **state)
{
	capcert_distrust_list *list;
	capcert_store *store;

	assert_int_equal(capcert_store_new(&store), 0);
	assert_int_equal(capcert_store_put(store, NULL, 0, 0), -EBADMSG);
	capcert_store_free(store);
	assert_int_equal(capcert_distrust_list_new(&list), 0);
	assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_ISSUER_SERIAL, NULL, 0),
			 -EBADMSG);
	capcert_distrust_list_free(list);
}

static void test_large_messages(void **state)
{
	struct family f = make_family();
	static uint8_t message[CAPCERT_MAX_MESSAGE + 1], signature[CAPCERT_MAX_SIGNATURE + 1];
	capcert_policy *policy;
	capcert_cert *cert;
	int ok = 7;

	assert_int_equal(capcert_cert_new(f.leaf->der.data, f.leaf->der.size, &cert, NULL), 0);
	assert_int_equal(capcert_policy_new(RFC5280, &policy, NULL), 0);
	assert_int_equal(capcert_verify_sig_local(policy, cert, 0x0403, message, sizeof(message),
						  signature, 64, &ok, NULL),
			 -EMSGSIZE);
	assert_int_equal(capcert_verify_sig_local(policy, cert, 0x0403, message, 9, signature,
						  sizeof(signature), &ok, NULL),
			 -EMSGSIZE);
	assert_int_equal(ok, 7); /* untouched */
	assert_int_equal(capcert_verify_sig_local(policy, cert, 0x0403, message,
						  sizeof(message) - 1, signature,
						  sizeof(signature) - 1, &ok, NULL),
			 0);
	assert_int_equal(ok, 0);
	capcert_policy_free(policy);
	capcert_cert_free(cert);
	free_family(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most_anchors),	cmocka_unit_test(test_namesakes),
		cmocka_unit_test(test_budget_of_paths), cmocka_unit_test(test_better_failure),
		cmocka_unit_test(test_no_detours),	cmocka_unit_test(test_budget_of_steps),
		cmocka_unit_test(test_budget_of_work),	cmocka_unit_test(test_large_chain),
		cmocka_unit_test(test_large_messages),	cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests_name("engine/limits", tests, NULL, NULL);
}
