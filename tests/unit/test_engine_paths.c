// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Path building: cross-signs, loops, dead ends, lengths, budgets. */
#include "libcapcert/engine.h"
#include "tests/unit/engine_fixture.h"

static struct pki *ca_of(const char *cn, const struct pki *key_of, struct pki *issuer)
{
	struct pki_spec s = { .cn = cn, .org = "Test", .ca = true, .key_of = key_of };

	return pki_make(&s, issuer);
}

static void test_cross_sign(void **state)
{
	struct pki_spec old_spec = { .cn = "Old Root",
				     .org = "Test",
				     .ca = true,
				     .from = -90 * PKI_DAY,
				     .until = -PKI_DAY };
	struct pki *old_root = pki_make(&old_spec, NULL), *root = make_root();
	struct pki *crossed = ca_of("Root", root, old_root); /* same name and key, old issuer */
	struct pki *ca = make_ca(root), *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf, ca, crossed }, .anchors = { old_root, root } };
	struct capcert_result r = ask(&q);

	/* The expired root and the cross-sign below it are no obstacle. */
	assert_true(r.outcome.valid);
	assert_int_equal(r.path_count, 3);
	q.anchors[1] = NULL; /* only the old one is left */
	expect_reason(&q, CAPCERT_REASON_EXPIRED, 3);
	pki_free(leaf);
	pki_free(ca);
	pki_free(crossed);
	pki_free(root);
	pki_free(old_root);
}

/* Two certificates of one CA, the better one last: all candidates are tried. */
static void test_all_candidates(void **state)
{
	struct pki *root = make_root(), *other = ca_of("Unknown Root", NULL, NULL);
	struct pki *ca = make_ca(root), *leaf = make_leaf(ca);
	struct pki_spec expired_spec = { CA_SPEC, .key_of = ca, .from = -9 * PKI_DAY, .until = -1 };
	struct pki_spec wrong_use = { CA_SPEC, .key_of = ca, .eku = { GNUTLS_KP_TLS_WWW_CLIENT } };
	struct pki_spec narrow = { CA_SPEC, .key_of = ca, .permit_dns = "example.org" };
	struct pki *expired = pki_make(&expired_spec, root), *client = pki_make(&wrong_use, root);
	struct pki *stray = ca_of("CA", ca, other), *limited = pki_make(&narrow, root);
	struct pki *twin = ca_of("CA", NULL, root); /* same name, another key */
	struct question q = { .chain = { leaf, expired, client, stray, limited, twin, ca },
			      .anchors = { root } };
	struct capcert_result r = ask(&q);

	assert_true(r.outcome.valid);
	assert_int_equal(r.path[1].index, 6);
	q.chain[6] = NULL; /* without the good one: the least bad one is reported */
	r = ask(&q);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION);
	assert_int_equal(r.path[1].index, 4);
	pki_free(twin);
	pki_free(limited);
	pki_free(stray);
	pki_free(client);
	pki_free(expired);
	pki_free(leaf);
	pki_free(ca);
	pki_free(other);
	pki_free(root);
}

static void test_loop(void **state)
{
	struct pki *a = ca_of("A", NULL, NULL), *b = ca_of("B", NULL, NULL), *root = make_root();
	struct pki *a_by_b = ca_of("A", a, b), *b_by_a = ca_of("B", b, a);
	struct pki *b_by_root = ca_of("B", b, root), *leaf = make_leaf(a);
	struct question q = { .chain = { leaf, a_by_b, b_by_a, a, b }, .anchors = { root } };

	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 2);
	q.chain[5] = b_by_root;
	expect_valid(&q);
	pki_free(leaf);
	pki_free(b_by_root);
	pki_free(b_by_a);
	pki_free(a_by_b);
	pki_free(root);
	pki_free(b);
	pki_free(a);
}

/* Key rollover: the same name, a new key signed by the old one (RFC 5280 section 6.1: self-issued
 * certificates do not count for pathLenConstraint). */
static void test_path_length(void **state)
{
	struct pki_spec root_spec = { ROOT_SPEC, .path_len = 2 }; /* pathLenConstraint 1 */
	struct pki *root = pki_make(&root_spec, NULL);
	struct pki *ca = make_ca(root), *rolled = ca_of("CA", NULL, ca);
	struct pki *below = ca_of("CA below", NULL, ca), *leaf = make_leaf(ca);
	struct pki *leaf_rolled = make_leaf(rolled), *leaf_below = make_leaf(below);
	struct question q = { .chain = { leaf, ca }, .anchors = { root } };

	expect_valid(&q);
	q = (struct question){ .chain = { leaf_rolled, rolled, ca }, .anchors = { root } };
	expect_valid(&q);
	/* So does a policy that counts CAs; one that counts certificates counts it. */
	q.policy = RFC5280 ";max_issuers=2";
	expect_valid(&q);
	q.policy = RFC5280 ";max_issuers=1";
	expect_reason(&q, CAPCERT_REASON_CHAIN_TOO_LONG, 3);
	q.policy = RFC5280 ";max_chain=3";
	expect_reason(&q, CAPCERT_REASON_CHAIN_TOO_LONG, 3);
	q = (struct question){ .chain = { leaf_below, below, ca }, .anchors = { root } };
	expect_reason(&q, CAPCERT_REASON_CHAIN_TOO_LONG, 1);
	/* A CA certificate in the leaf's place is no intermediate. */
	q = (struct question){ .chain = { below, ca }, .anchors = { root }, .name = "" };
	expect_valid(&q);
	pki_free(leaf_below);
	pki_free(leaf_rolled);
	pki_free(leaf);
	pki_free(below);
	pki_free(rolled);
	pki_free(ca);
	pki_free(root);
}

static void test_longest(void **state)
{
	struct family f = make_family();
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };

	q.policy = RFC5280 ";max_chain=3";
	expect_valid(&q);
	q.policy = RFC5280 ";max_chain=2";
	expect_reason(&q, CAPCERT_REASON_CHAIN_TOO_LONG, 2);
	/* The intermediate itself as anchor makes a shorter path. */
	q.anchors[1] = f.ca;
	expect_valid(&q);
	free_family(&f);
}

/* 33 certificates in a row: one more than any path may have. */
static void test_engine_limit(void **state)
{
	struct question q = { .name = "" };
	struct pki *row[CAPCERT_MAX_PATH + 1];
	char cn[32];
	int i;

	for (i = 0; i <= CAPCERT_MAX_PATH; i++) {
		snprintf(cn, sizeof(cn), "CA %d", i);
		row[i] = ca_of(cn, NULL, i ? row[i - 1] : NULL);
	}
	q.anchors[0] = row[0];
	for (i = 0; i < CAPCERT_MAX_PATH - 1; i++)
		q.chain[i] = row[CAPCERT_MAX_PATH - 1 - i];
	expect_valid(&q); /* 32 */
	for (i = 0; i < CAPCERT_MAX_PATH; i++)
		q.chain[i] = row[CAPCERT_MAX_PATH - i];
	assert_false(ask(&q).outcome.valid); /* 33 */
	for (i = 0; i <= CAPCERT_MAX_PATH; i++)
		pki_free(row[i]);
}

/* Every CA signs every other, none leads to the anchor: exponentially many paths. */
static void test_budget_mesh(void **state)
{
	enum { N = 7 };
	struct pki *self[N], *cross[N][N] = { { NULL } }, *root = make_root(), *leaf;
	struct question q = { .anchors = { root } };
	struct capcert_result r;
	char cn[32];
	int i, j, n = 1;

	for (i = 0; i < N; i++) {
		snprintf(cn, sizeof(cn), "Mesh %d", i);
		self[i] = ca_of(cn, NULL, NULL);
	}
	leaf = make_leaf(self[0]);
	q.chain[0] = leaf;
	for (i = 0; i < N; i++)
		for (j = 0; j < N; j++) {
			if (i == j)
				continue;
			snprintf(cn, sizeof(cn), "Mesh %d", i);
			cross[i][j] = ca_of(cn, self[i], self[j]);
			q.chain[n++] = cross[i][j];
		}
	r = ask(&q);
	assert_false(r.outcome.valid);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_BUDGET_EXHAUSTED);
	assert_non_null(strstr(r.outcome.detail, "budget"));
	for (i = 0; i < N; i++) {
		for (j = 0; j < N; j++)
			pki_free(cross[i][j]);
		pki_free(self[i]);
	}
	pki_free(leaf);
	pki_free(root);
}

/* 10,000 comparisons and more: names against constraints, in one certificate each. */
static void test_budget_constraints(void **state)
{
	gnutls_x509_name_constraints_t nc;
	struct pki_spec ca_spec = { CA_SPEC }, leaf_spec = { LEAF_SPEC };
	struct pki *root = make_root(), *ca, *leaf;
	struct question q = { .anchors = { root } };
	char name[32];
	gnutls_datum_t d = { (unsigned char *)name, 0 };
	int i;

	ca = pki_make(&ca_spec, root);
	PKI(gnutls_x509_name_constraints_init(&nc));
	for (i = 0; i < 1000; i++) {
		d.size = (unsigned int)snprintf(name, sizeof(name), "x%d.example.org", i);
		PKI(gnutls_x509_name_constraints_add_excluded(nc, GNUTLS_SAN_DNSNAME, &d));
	}
	PKI(gnutls_x509_crt_set_name_constraints(ca->crt, nc, 1));
	gnutls_x509_name_constraints_deinit(nc);
	PKI(gnutls_x509_crt_privkey_sign(ca->crt, root->crt, root->signer, GNUTLS_DIG_SHA256, 0));
	gnutls_free(ca->der.data);
	PKI(gnutls_x509_crt_export2(ca->crt, GNUTLS_X509_FMT_DER, &ca->der));
	leaf = pki_make(&leaf_spec, ca);
	q.chain[0] = leaf;
	q.chain[1] = ca;
	expect_valid(&q); /* 1000 comparisons are nothing */
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d.example.com", i);
		PKI(gnutls_x509_crt_set_subject_alt_name(leaf->crt, GNUTLS_SAN_DNSNAME, name,
							 (unsigned int)strlen(name),
							 GNUTLS_FSAN_APPEND));
	}
	PKI(gnutls_x509_crt_privkey_sign(leaf->crt, ca->crt, ca->signer, GNUTLS_DIG_SHA256, 0));
	gnutls_free(leaf->der.data);
	PKI(gnutls_x509_crt_export2(leaf->crt, GNUTLS_X509_FMT_DER, &leaf->der));
	expect_reason(&q, CAPCERT_REASON_BUDGET_EXHAUSTED, 0);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

/* Sixty CAs of one name, each with a key of its own. */
static void test_budget_signatures(void **state)
{
	enum { N = 60 };
	struct pki *many[N], *root = make_root(), *leaf;
	struct pki_spec leaf_spec = { LEAF_SPEC };
	struct question q = { .anchors = { root }, .policy = RFC5280 };
	struct capcert_result r;
	int i;

	/* Each is signed by the one before; all share their name, so each is a candidate for all. */
	for (i = 0; i < N; i++)
		many[i] = pki_make(&(struct pki_spec){ .cn = "Same", .org = "Test", .ca = true },
				   i ? many[i - 1] : NULL);
	leaf = pki_make(&leaf_spec, many[N - 1]);
	q.chain[0] = leaf;
	for (i = 0; i < N; i++)
		q.chain[1 + i] = many[i];
	r = ask(&q);
	assert_false(r.outcome.valid);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_BUDGET_EXHAUSTED);
	assert_non_null(strstr(r.outcome.detail, "signature"));
	for (i = 0; i < N; i++)
		pki_free(many[i]);
	pki_free(leaf);
	pki_free(root);
}

/* Twenty expired namesakes of the issuer, none of which signed: the search for a reason ends before
 * it has seen a path, and still says something. (Found by fuzz_engine.) */
static void test_budget_of_the_reason(void **state)
{
	enum { N = 20 };
	struct pki_spec s = { CA_SPEC, .no_ski = true, .from = -9 * PKI_DAY, .until = -1 };
	struct pki *many[N], *root = make_root(), *ca = make_ca(root), *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf }, .anchors = { root } };
	int i;

	for (i = 0; i < N; i++) {
		many[i] = pki_make(&s, root);
		q.chain[1 + i] = many[i];
	}
	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 0);
	for (i = 0; i < N; i++)
		pki_free(many[i]);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cross_sign),
		cmocka_unit_test(test_all_candidates),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_path_length),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_engine_limit),
		cmocka_unit_test(test_budget_mesh),
		cmocka_unit_test(test_budget_constraints),
		cmocka_unit_test(test_budget_signatures),
		cmocka_unit_test(test_budget_of_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
