// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One chain at a time: what makes it valid, and each thing that makes it not. */
#include "tests/unit/engine_fixture.h"

static void test_good(void **state)
{
	struct family f = make_family();
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };
	struct capcert_result r;

	r = ask(&q);
	assert_true(r.outcome.valid);
	assert_int_equal(r.path_count, 3);
	assert_int_equal(r.path[0].source, CAPCERT_SOURCE_CHAIN);
	assert_int_equal(r.path[1].index, 1);
	assert_int_equal(r.path[2].source, CAPCERT_SOURCE_ANCHOR);
	assert_memory_equal(r.outcome.anchor, r.path[2].fingerprint, 32);
	assert_memory_equal(r.outcome.leaf, r.path[0].fingerprint, 32);
	assert_int_equal(r.outcome.chain_not_after, PKI_NOW + 60 * PKI_DAY);
	assert_int_equal(r.outcome.valid_from, PKI_NOW - 30 * PKI_DAY);
	assert_int_equal(r.outcome.valid_until, PKI_NOW + 60 * PKI_DAY);
	assert_int_equal(r.outcome.ocsp_status, CAPCERT_OCSP_STAPLED_ABSENT);
	assert_int_equal(r.outcome.time_source, CAPCERT_TIME_CALLER);
	q.chain[2] = f.root; /* sent along: of no use, and no harm */
	r = ask(&q);
	assert_true(r.outcome.valid);
	assert_int_equal(r.path_count, 3);
	q.chain[1] = f.leaf; /* twice, and out of order */
	q.chain[2] = f.root;
	q.chain[3] = f.ca;
	expect_valid(&q);
	free_family(&f);
}

static void test_algorithms(void **state)
{
	static const struct {
		enum pki_key alg;
		gnutls_digest_algorithm_t digest;
		bool pss;
	} rows[] = {
		{ PKI_P256, GNUTLS_DIG_SHA256, false },
		{ PKI_P256, GNUTLS_DIG_SHA512, false },
		{ PKI_P384, GNUTLS_DIG_SHA384, false },
		{ PKI_P384, GNUTLS_DIG_SHA256, false },
		{ PKI_P521, GNUTLS_DIG_SHA512, false },
		{ PKI_P521, GNUTLS_DIG_SHA256, false },
		{ PKI_RSA, GNUTLS_DIG_SHA256, false },
		{ PKI_RSA, GNUTLS_DIG_SHA384, false },
		{ PKI_RSA, GNUTLS_DIG_SHA512, false },
		{ PKI_RSA, GNUTLS_DIG_SHA256, true },
		{ PKI_RSA, GNUTLS_DIG_SHA384, true },
		{ PKI_RSA, GNUTLS_DIG_SHA512, true },
		{ PKI_PSS, GNUTLS_DIG_SHA256, true },
		{ PKI_PSS, GNUTLS_DIG_SHA512, true },
		{ PKI_ED25519, GNUTLS_DIG_SHA512, false },
		{ PKI_ED448, GNUTLS_DIG_SHAKE_256, false },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pki_spec root_spec = { ROOT_SPEC, .alg = rows[i].alg };
		struct pki_spec spec = { LEAF_SPEC, .alg = PKI_P256, .digest = rows[i].digest,
					 .pss = rows[i].pss };
		struct pki *root = pki_make(&root_spec, NULL), *leaf = pki_make(&spec, root);
		struct question q = { .chain = { leaf }, .anchors = { root } };

		expect_valid(&q);
		leaf->der.data[leaf->der.size - 3] ^= 1; /* in the signature */
		expect_reason(&q, CAPCERT_REASON_SIGNATURE_MISMATCH, 0);
		pki_free(leaf);
		pki_free(root);
	}
}

static void test_times(void **state)
{
	struct family f = make_family();
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };
	struct capcert_result r;

	q.at = 60 * PKI_DAY;
	expect_valid(&q); /* notAfter is inclusive */
	q.at++;
	expect_reason(&q, CAPCERT_REASON_EXPIRED, 0);
	r = ask(&q);
	assert_int_equal(r.outcome.valid_from, PKI_NOW + 60 * PKI_DAY + 1);
	q.policy = RFC5280 ";clock_skew=10s";
	expect_valid(&q);
	q.at += 10;
	expect_reason(&q, CAPCERT_REASON_EXPIRED, 0);
	q.policy = NULL;
	q.at = -30 * PKI_DAY;
	expect_valid(&q);
	q.at--;
	expect_reason(&q, CAPCERT_REASON_NOT_YET_VALID, 0);
	r = ask(&q);
	assert_int_equal(r.outcome.valid_until, PKI_NOW - 30 * PKI_DAY - 1);
	free_family(&f);
}

static void test_time_of_others(void **state)
{
	struct pki_spec old_root = { ROOT_SPEC, .from = -90 * PKI_DAY, .until = -1 };
	struct pki_spec old_ca = { CA_SPEC, .from = -90 * PKI_DAY, .until = -1 };
	struct pki_spec new_ca = { CA_SPEC, .from = 1, .until = PKI_DAY };
	struct pki *root = pki_make(&old_root, NULL), *leaf = make_leaf(root);
	struct question q = { .chain = { leaf }, .anchors = { root } };

	expect_reason(&q, CAPCERT_REASON_EXPIRED, 1);
	pki_free(leaf);
	pki_free(root);
	expect_ca(&old_ca, NULL, NULL, CAPCERT_REASON_EXPIRED, 1);
	expect_ca(&new_ca, NULL, NULL, CAPCERT_REASON_NOT_YET_VALID, 1);
}

/* The interval of every verdict is exactly where the verdict stays the same. */
static void test_interval(void **state)
{
	struct pki_spec short_ca = { CA_SPEC, .from = -5 * PKI_DAY, .until = 3 * PKI_DAY };
	struct pki *root = make_root(), *ca = pki_make(&short_ca, root), *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf, ca }, .anchors = { root } };
	int64_t at;

	for (at = -40 * PKI_DAY; at <= 70 * PKI_DAY; at += PKI_DAY) {
		struct capcert_result here, edge;
		int64_t ends[2];
		int i;

		q.at = at;
		here = ask(&q);
		ends[0] = here.outcome.valid_from;
		ends[1] = here.outcome.valid_until;
		for (i = 0; i < 2; i++) {
			if (ends[i] == INT64_MIN || ends[i] == INT64_MAX)
				continue;
			q.at = ends[i] - PKI_NOW;
			edge = ask(&q);
			edge.outcome.time = here.outcome.time;
			assert_memory_equal(&edge, &here, sizeof(here));
			q.at = ends[i] - PKI_NOW + (i ? 1 : -1);
			edge = ask(&q);
			assert_true(edge.outcome.reason != here.outcome.reason ||
				    edge.outcome.depth != here.outcome.depth ||
				    edge.path[1].reason != here.path[1].reason);
		}
	}
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

static void test_unknown_anchor(void **state)
{
	struct family f = make_family();
	struct pki_spec s = { .cn = "Other", .org = "Test", .ca = true };
	struct pki *other = pki_make(&s, NULL);
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { other } };
	struct capcert_result r;

	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 1);
	q.anchors[0] = f.root;
	q.chain[1] = NULL;
	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 0);
	q.chain[1] = f.ca;
	q.store_purposes = 1u << CAPCERT_PURPOSE_CT_LOG; /* there, but for something else */
	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 1);
	r = ask(&q);
	assert_non_null(strstr(r.outcome.detail, "not for this purpose"));
	q.anchors[0] = NULL;
	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 1);
	pki_free(other);
	free_family(&f);
}

static void test_signature(void **state)
{
	struct family f = make_family();
	struct pki_spec twin_spec = { CA_SPEC, .no_ski = false };
	struct pki *twin = pki_make(&twin_spec, f.root); /* same name, other key */
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };

	f.leaf->der.data[f.leaf->der.size - 1] ^= 0x40;
	expect_reason(&q, CAPCERT_REASON_SIGNATURE_MISMATCH, 0);
	f.leaf->der.data[f.leaf->der.size - 1] ^= 0x40;
	f.ca->der.data[f.ca->der.size - 1] ^= 0x40;
	expect_reason(&q, CAPCERT_REASON_SIGNATURE_MISMATCH, 1);
	f.ca->der.data[f.ca->der.size - 1] ^= 0x40;
	q.chain[1] = twin; /* the leaf names another key: no candidate at all */
	expect_reason(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 0);
	pki_free(twin);
	free_family(&f);
}

static void test_weak(void **state)
{
	struct pki_spec rsa1024 = { LEAF_SPEC, .alg = PKI_RSA1024 };
	struct pki_spec sha1 = { LEAF_SPEC, .digest = GNUTLS_DIG_SHA1 };
	struct pki_spec p521 = { LEAF_SPEC, .alg = PKI_P521 };
	struct pki_spec plain = { LEAF_SPEC };

	expect_leaf(&rsa1024, NULL, TLS_SERVER, NULL, CAPCERT_REASON_WEAK_ALGORITHM);
	expect_leaf(&rsa1024, RFC5280 ";rsa_min=1024", TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&rsa1024, WEBPKI ";rsa_min=1024", TLS_SERVER, NULL,
		    CAPCERT_REASON_WEAK_ALGORITHM);
	expect_leaf(&sha1, NULL, TLS_SERVER, NULL, CAPCERT_REASON_WEAK_ALGORITHM);
	/* Not even when a policy names it. */
	expect_leaf(&sha1, RFC5280 ";schemes=all", TLS_SERVER, NULL, CAPCERT_REASON_WEAK_ALGORITHM);
	expect_leaf(&p521, RFC5280 ";algs=p256", TLS_SERVER, NULL, CAPCERT_REASON_WEAK_ALGORITHM);
	expect_leaf(&plain, RFC5280 ";schemes=ecdsa-sha384", TLS_SERVER, NULL,
		    CAPCERT_REASON_WEAK_ALGORITHM);
	expect_leaf(&plain, RFC5280 ";algs=none", TLS_SERVER, NULL, CAPCERT_REASON_WEAK_ALGORITHM);
}

static void test_weak_anchor(void **state)
{
	struct pki_spec root_spec = { ROOT_SPEC, .alg = PKI_RSA1024 };
	struct pki *root = pki_make(&root_spec, NULL), *leaf = make_leaf(root);
	struct question q = { .chain = { leaf }, .anchors = { root } };

	expect_reason(&q, CAPCERT_REASON_WEAK_ALGORITHM, 1);
	pki_free(leaf);
	pki_free(root);
	/* An anchor's own signature proves nothing, and its algorithm is not asked for. */
	root_spec = (struct pki_spec){ ROOT_SPEC, .digest = GNUTLS_DIG_SHA1 };
	root = pki_make(&root_spec, NULL);
	leaf = make_leaf(root);
	q = (struct question){ .chain = { leaf }, .anchors = { root } };
	expect_valid(&q);
	pki_free(leaf);
	pki_free(root);
}

static void test_extensions(void **state)
{
	struct pki_spec critical = { LEAF_SPEC, .critical = "1.3.6.1.4.1.55555.1" };
	struct pki_spec harmless = { LEAF_SPEC, .extension = "1.3.6.1.4.1.55555.1" };
	struct pki_spec poison = { LEAF_SPEC, .critical = "1.3.6.1.4.1.11129.2.4.3" };
	struct pki_spec in_ca = { CA_SPEC, .critical = "1.3.6.1.4.1.55555.1" };
	struct pki_spec no_aki = { LEAF_SPEC, .no_aki = true };
	struct pki_spec no_ski = { CA_SPEC, .no_ski = true };

	expect_leaf(&critical, NULL, TLS_SERVER, NULL, CAPCERT_REASON_POLICY_VIOLATION);
	expect_leaf(&harmless, NULL, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&poison, NULL, TLS_SERVER, NULL, CAPCERT_REASON_POLICY_VIOLATION);
	expect_ca(&in_ca, NULL, NULL, CAPCERT_REASON_POLICY_VIOLATION, 1);
	expect_leaf(&no_aki, NULL, TLS_SERVER, NULL, CAPCERT_REASON_POLICY_VIOLATION);
	expect_ca(&no_ski, NULL, NULL, CAPCERT_REASON_POLICY_VIOLATION, 1);
}

static void test_not_a_ca(void **state)
{
	struct pki_spec no_basic = { CA_SPEC, .no_basic = true };
	struct pki_spec not_ca = { .cn = "CA", .org = "Test" };
	struct pki_spec no_sign = { CA_SPEC, .usage = GNUTLS_KEY_CRL_SIGN };
	struct pki_spec no_usage = { CA_SPEC, .usage = ~0u };
	struct pki_spec v1 = { CA_SPEC, .v1 = true };

	expect_ca(&no_basic, NULL, NULL, CAPCERT_REASON_POLICY_VIOLATION, 1);
	expect_ca(&not_ca, NULL, NULL, CAPCERT_REASON_POLICY_VIOLATION, 1);
	expect_ca(&no_sign, NULL, NULL, CAPCERT_REASON_POLICY_VIOLATION, 1);
	expect_ca(&no_usage, NULL, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&v1, NULL, NULL, CAPCERT_REASON_POLICY_VIOLATION, 1);
}

static void test_old_anchor(void **state)
{
	struct pki_spec root_spec = { ROOT_SPEC, .v1 = true };
	struct pki *root = pki_make(&root_spec, NULL);
	struct pki_spec leaf_spec = { LEAF_SPEC };
	struct pki *leaf = pki_make(&leaf_spec, root);
	struct question q = { .chain = { leaf }, .anchors = { root } };

	/* No extensions to say it is a CA: whoever made it an anchor has said so. */
	expect_valid(&q);
	q.policy = WEBPKI;
	expect_reason(&q, CAPCERT_REASON_POLICY_VIOLATION, 1);
	pki_free(leaf);
	pki_free(root);
}

static void test_purposes(void **state)
{
	struct pki_spec server = { LEAF_SPEC };
	struct pki_spec client = { LEAF_SPEC, .eku = { GNUTLS_KP_TLS_WWW_CLIENT } };
	struct pki_spec none = { LEAF_SPEC, .eku = { "-" } };
	struct pki_spec any = { LEAF_SPEC, .eku = { GNUTLS_KP_ANY } };
	struct pki_spec code = { LEAF_SPEC, .eku = { GNUTLS_KP_CODE_SIGNING } };
	struct pki_spec code_server = { LEAF_SPEC, .eku = { GNUTLS_KP_CODE_SIGNING,
							    GNUTLS_KP_TLS_WWW_SERVER } };
	struct pki_spec mail = { .cn = "A Person",
				 .email = "someone@example.com",
				 .eku = { GNUTLS_KP_EMAIL_PROTECTION } };
	struct pki_spec ocsp = { LEAF_SPEC, .eku = { GNUTLS_KP_OCSP_SIGNING } };
	struct pki_spec usage = { LEAF_SPEC, .usage = GNUTLS_KEY_DATA_ENCIPHERMENT };
	const uint32_t bad = CAPCERT_REASON_BAD_EKU;

	expect_leaf(&client, NULL, TLS_SERVER, NULL, bad);
	expect_leaf(&none, NULL, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&any, NULL, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&any, WEBPKI, TLS_SERVER, NULL, bad);
	expect_leaf(&none, WEBPKI, TLS_SERVER, NULL, bad);
	expect_leaf(&client, NULL, CAPCERT_PURPOSE_TLS_CLIENT_AUTH, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&client, NULL, CAPCERT_PURPOSE_CLIENT_IDENTITY, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&server, NULL, CAPCERT_PURPOSE_TLS_CLIENT_AUTH, NULL, bad);
	expect_leaf(&code, NULL, CAPCERT_PURPOSE_CODE_SIGNING, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&code_server, NULL, CAPCERT_PURPOSE_CODE_SIGNING, NULL, bad);
	expect_leaf(&none, NULL, CAPCERT_PURPOSE_CODE_SIGNING, NULL, bad);
	expect_leaf(&any, NULL, CAPCERT_PURPOSE_CODE_SIGNING, NULL, bad);
	expect_leaf(&mail, NULL, CAPCERT_PURPOSE_EMAIL_SMIME, "someone@EXAMPLE.com",
		    CAPCERT_REASON_NONE);
	expect_leaf(&mail, NULL, CAPCERT_PURPOSE_EMAIL_SMIME, "Someone@example.com",
		    CAPCERT_REASON_NAME_MISMATCH);
	expect_leaf(&ocsp, NULL, CAPCERT_PURPOSE_OCSP_SIGNING, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&none, NULL, CAPCERT_PURPOSE_OCSP_SIGNING, NULL, bad);
	expect_leaf(&client, NULL, CAPCERT_PURPOSE_WEBAUTHN_ROOT, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&usage, NULL, TLS_SERVER, NULL, CAPCERT_REASON_POLICY_VIOLATION);
}

static void test_purpose_of_ca(void **state)
{
	struct pki_spec client_ca = { CA_SPEC, .eku = { GNUTLS_KP_TLS_WWW_CLIENT } };
	struct pki_spec any_ca = { CA_SPEC, .eku = { GNUTLS_KP_ANY } };

	expect_ca(&client_ca, NULL, NULL, CAPCERT_REASON_BAD_EKU, 1);
	expect_ca(&any_ca, NULL, NULL, CAPCERT_REASON_NONE, 0);
}

static void test_ct_log_purpose(void **state)
{
	struct family f = make_family();
	struct question q = { .chain = { f.leaf, f.ca },
			      .anchors = { f.root },
			      .purpose = CAPCERT_PURPOSE_CT_LOG };

	expect_reason(&q, CAPCERT_REASON_POLICY_VIOLATION, 0);
	free_family(&f);
}

static void test_self_signed_leaf(void **state)
{
	struct pki_spec s = { LEAF_SPEC };
	struct pki *leaf = pki_make(&s, NULL), *twin;
	struct question q = { .chain = { leaf }, .anchors = { leaf } };
	struct capcert_result r = ask(&q);

	assert_true(r.outcome.valid);
	assert_int_equal(r.path_count, 1);
	assert_int_equal(r.path[0].source, CAPCERT_SOURCE_ANCHOR);
	q.policy = WEBPKI;
	expect_valid(&q);
	q.policy = NULL;
	q.name = "other.example.com";
	expect_reason(&q, CAPCERT_REASON_NAME_MISMATCH, 0);
	q.name = NULL;
	/* Same name and key, but not the certificate that is the anchor. */
	s.key_of = leaf;
	twin = pki_make(&s, NULL);
	q.chain[0] = twin;
	assert_false(ask(&q).outcome.valid);
	pki_free(twin);
	pki_free(leaf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	       cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_times),	       cmocka_unit_test(test_time_of_others),
		cmocka_unit_test(test_interval),       cmocka_unit_test(test_unknown_anchor),
		cmocka_unit_test(test_signature),      cmocka_unit_test(test_weak),
		cmocka_unit_test(test_weak_anchor),    cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_not_a_ca),       cmocka_unit_test(test_old_anchor),
		cmocka_unit_test(test_purposes),       cmocka_unit_test(test_purpose_of_ca),
		cmocka_unit_test(test_ct_log_purpose), cmocka_unit_test(test_self_signed_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
