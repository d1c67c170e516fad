// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the policy asks: profiles, presets, evidence, certificate policies, distrust. */
#include "libcapcert/engine.h"
#include "libcapcert/sha.h"
#include "tests/unit/engine_fixture.h"

#define PV CAPCERT_REASON_POLICY_VIOLATION

static void test_webpki(void **state)
{
	struct pki_spec good = { LEAF_SPEC };
	struct pki_spec other_cn = { .cn = "other.example.com", .dns = { HOST } };
	struct pki_spec org_cn = { .cn = "A Machine", .org = "Test", .dns = { HOST } };
	struct pki_spec wide = { .cn = "*.com", .dns = { "*.com", HOST } };
	struct pki_spec ca = { LEAF_SPEC, .ca = true, .usage = GNUTLS_KEY_DIGITAL_SIGNATURE,
			       .eku = { GNUTLS_KP_TLS_WWW_SERVER } };

	expect_leaf(&good, WEBPKI, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&other_cn, WEBPKI, TLS_SERVER, NULL, PV);
	expect_leaf(&other_cn, NULL, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&org_cn, WEBPKI, TLS_SERVER, NULL, PV);
	expect_leaf(&org_cn, WEBPKI ";common_name=any", TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&org_cn, NULL, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&wide, WEBPKI, TLS_SERVER, NULL, PV);
	expect_leaf(&wide, NULL, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&ca, WEBPKI, TLS_SERVER, NULL, PV);
	expect_leaf(&ca, NULL, TLS_SERVER, NULL, CAPCERT_REASON_NONE);
}

/* Q22: days by date of issuance; the last second counts. */
static void test_lifetimes(void **state)
{
	static const struct {
		int64_t from; /* of the new rule */
		int days, before;
	} rules[] = {
		{ 1519862400, 825, 0 }, /* 2018-03-01; before it 39 months */
		{ 1598918400, 398, 825 }, { 1773532800, 200, 398 },
		{ 1805068800, 100, 200 }, { 1868227200, 47, 100 },
	};
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const int64_t from = rules[i].from - PKI_NOW;
		int step;

		for (step = 0; step < 4; step++) {
			int64_t start = step < 2 ? from : from - 1;
			int days = step < 2 ? rules[i].days : rules[i].before;
			int64_t end = start + (int64_t)days * PKI_DAY - 1 + step % 2;
			struct pki_spec root_spec = { ROOT_SPEC, .from = from - PKI_DAY,
						      .until = end + 4000 * PKI_DAY };
			struct pki_spec s = { LEAF_SPEC, .from = start, .until = end };
			struct pki *root, *leaf;
			struct question q = { .policy = WEBPKI, .at = start };

			if (!days)
				continue;
			root = pki_make(&root_spec, NULL);
			leaf = pki_make(&s, root);
			q.chain[0] = leaf;
			q.anchors[0] = root;
			expect_reason(&q, step % 2 ? PV : CAPCERT_REASON_NONE, 0);
			q.policy = WEBPKI ";lifetime=any";
			expect_valid(&q);
			q.policy = RFC5280;
			expect_valid(&q);
			pki_free(leaf);
			pki_free(root);
		}
	}
}

/* 2016-01-31 and 39 months: there is no 31st of April 2019, the last second is before the 30th. */
static void test_39_months(void **state)
{
	const int64_t start = 1454198400 - PKI_NOW, end = 1556582400 - PKI_NOW;
	struct pki_spec root_spec = { ROOT_SPEC, .from = start, .until = end + PKI_DAY };
	struct pki *root = pki_make(&root_spec, NULL);
	int i;

	for (i = 0; i < 2; i++) {
		struct pki_spec s = { LEAF_SPEC, .from = start, .until = end - 1 + i };
		struct pki *leaf = pki_make(&s, root);
		struct question q = {
			.policy = WEBPKI, .chain = { leaf }, .anchors = { root }, .at = start
		};

		expect_reason(&q, i ? PV : CAPCERT_REASON_NONE, 0);
		pki_free(leaf);
	}
	pki_free(root);
}

static void test_evidence(void **state)
{
	struct pki_spec plain = { LEAF_SPEC };
	struct pki_spec staple = { LEAF_SPEC, .extension = "1.3.6.1.5.5.7.1.24" };
	struct pki_spec brief = { LEAF_SPEC, .until = 7 * PKI_DAY - 1 };
	struct pki_spec longer = { LEAF_SPEC, .until = 7 * PKI_DAY };
	struct pki_spec brief_ocsp = {
		LEAF_SPEC, .until = 7 * PKI_DAY - 1,
		.ext = { { "1.3.6.1.5.5.7.1.1",
			   "\x30\x0f\x30\x0d\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x01x", 17,
			   false } }
	};
	struct pki_spec brief_issuer = {
		LEAF_SPEC, .until = 7 * PKI_DAY - 1,
		.ext = { { "1.3.6.1.5.5.7.1.1",
			   "\x30\x0f\x30\x0d\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x01x", 17,
			   false } }
	};
	struct pki_spec brief_crl = { LEAF_SPEC, .until = 7 * PKI_DAY - 1, .rich = true };

	expect_leaf(&plain, RFC5280 ";min_scts=1", TLS_SERVER, NULL,
		    CAPCERT_REASON_INSUFFICIENT_SCTS);
	expect_leaf(&plain, RFC5280 ";ct=all", TLS_SERVER, NULL, CAPCERT_REASON_INSUFFICIENT_SCTS);
	expect_leaf(&plain, "preset=webpki-strict;time=any", TLS_SERVER, NULL,
		    CAPCERT_REASON_INSUFFICIENT_SCTS);
	expect_leaf(&plain, "preset=webpki-lenient;time=any", TLS_SERVER, NULL,
		    CAPCERT_REASON_NONE);
	expect_leaf(&staple, NULL, TLS_SERVER, NULL, CAPCERT_REASON_MUST_STAPLE_MISSING);
	expect_leaf(&plain, RFC5280 ";stapling=required", TLS_SERVER, NULL,
		    CAPCERT_REASON_MUST_STAPLE_MISSING);
	expect_leaf(&plain, RFC5280 ";revocation_mode=hard", TLS_SERVER, NULL,
		    CAPCERT_REASON_OCSP_UNAVAILABLE);
	expect_leaf(&plain, RFC5280 ";revocation_mode=soft", TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	/* Short-lived: 7 days at most, and no address to ask at (Q1). */
	expect_leaf(&brief, RFC5280 ";revocation_mode=hard", TLS_SERVER, NULL, CAPCERT_REASON_NONE);
	expect_leaf(&longer, RFC5280 ";revocation_mode=hard", TLS_SERVER, NULL,
		    CAPCERT_REASON_OCSP_UNAVAILABLE);
	expect_leaf(&brief_crl, RFC5280 ";revocation_mode=hard", TLS_SERVER, NULL,
		    CAPCERT_REASON_OCSP_UNAVAILABLE);
	expect_leaf(&brief, RFC5280 ";revocation_mode=hard;revocation=ocsp,crl", TLS_SERVER, NULL,
		    CAPCERT_REASON_OCSP_UNAVAILABLE);
	expect_leaf(&brief_ocsp, RFC5280 ";revocation_mode=hard", TLS_SERVER, NULL,
		    CAPCERT_REASON_OCSP_UNAVAILABLE);
	expect_leaf(&brief_issuer, RFC5280 ";revocation_mode=hard", TLS_SERVER, NULL,
		    CAPCERT_REASON_NONE);
	/* Trust comes first: what is not trusted is not asked for evidence. */
	expect_leaf(&plain, RFC5280 ";min_scts=1", TLS_SERVER, "x.example.org",
		    CAPCERT_REASON_NAME_MISMATCH);
}

static void test_evidence_of_chain(void **state)
{
	struct pki_spec leaf_spec = { LEAF_SPEC, .until = 6 * PKI_DAY };
	struct pki *root = make_root(), *ca = make_ca(root), *leaf = pki_make(&leaf_spec, ca);
	struct question q = { .policy = RFC5280 ";revocation_mode=hard;revocation_scope=chain",
			      .chain = { leaf, ca },
			      .anchors = { root } };

	expect_reason(&q, CAPCERT_REASON_OCSP_UNAVAILABLE, 1);
	q.policy = "preset=private-mtls;time=any";
	expect_reason(&q, CAPCERT_REASON_OCSP_UNAVAILABLE, 1);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

/* policyConstraints: requireExplicitPolicy 0 */
#define EXPLICIT                                             \
	{                                                    \
		"2.5.29.36", "\x30\x03\x80\x01\x00", 5, true \
	}
#define NO_MAPPING                                                       \
	{                                                                \
		"2.5.29.36", "\x30\x06\x80\x01\x00\x81\x01\x00", 8, true \
	}
#define NO_ANY                                       \
	{                                            \
		"2.5.29.54", "\x02\x01\x00", 3, true \
	}
/* policyMappings 1.2.3.1 -> 1.2.3.2; 1.2.3.1 -> anyPolicy */
#define MAPPING                                                                                   \
	{                                                                                         \
		"2.5.29.33", "\x30\x0c\x30\x0a\x06\x03\x2a\x03\x01\x06\x03\x2a\x03\x02", 14, true \
	}
#define MAP_ANY                                                                                  \
	{                                                                                        \
		"2.5.29.33", "\x30\x0d\x30\x0b\x06\x03\x2a\x03\x01\x06\x04\x55\x1d\x20\x00", 15, \
			true                                                                     \
	}
#define ANY_POLICY "2.5.29.32.0"

static void policies(const char *ca_policy, const char *leaf_policy, const char *policy,
		     int32_t reason, const struct pki_spec *ca_ext)
{
	struct pki_spec ca = *ca_ext, leaf = { LEAF_SPEC, .policy = leaf_policy };

	ca.cn = "CA";
	ca.org = "Test";
	ca.ca = true;
	ca.policy = ca_policy;
	expect_ca(&ca, &leaf, policy, reason, 0);
}

static void test_certificate_policies(void **state)
{
	const struct pki_spec none = { .cn = NULL }, explicit = { .ext = { EXPLICIT } };
	const struct pki_spec mapped = { .ext = { EXPLICIT, MAPPING } };
	const struct pki_spec not_mapped = { .ext = { NO_MAPPING, MAPPING } };
	const struct pki_spec no_any = { .ext = { EXPLICIT, NO_ANY } };

	policies(NULL, NULL, NULL, CAPCERT_REASON_NONE, &none);
	policies("1.2.3.1", "1.2.3.2", NULL, CAPCERT_REASON_NONE, &none);
	policies("1.2.3.1", "1.2.3.2", RFC5280 ";explicit_policy=yes", PV, &none);
	policies("1.2.3.1", "1.2.3.1", RFC5280 ";explicit_policy=yes", CAPCERT_REASON_NONE, &none);
	policies("1.2.3.1", "1.2.3.1", RFC5280 ";explicit_policy=yes;policies=1.2.3.9", PV, &none);
	policies("1.2.3.1", "1.2.3.1", RFC5280 ";explicit_policy=yes;policies=1.2.3.9,1.2.3.1",
		 CAPCERT_REASON_NONE, &none);
	policies("1.2.3.1", "1.2.3.1", RFC5280 ";explicit_policy=yes;policies=none", PV, &none);
	policies("1.2.3.1", NULL, NULL, PV, &explicit);
	policies("1.2.3.1", "1.2.3.1", NULL, CAPCERT_REASON_NONE, &explicit);
	policies(ANY_POLICY, "1.2.3.1", NULL, CAPCERT_REASON_NONE, &explicit);
	policies(ANY_POLICY, "1.2.3.1", RFC5280 ";policies=1.2.3.2", PV, &explicit);
	policies(ANY_POLICY, ANY_POLICY, RFC5280 ";policies=1.2.3.2", CAPCERT_REASON_NONE,
		 &explicit);
	policies("1.2.3.1", "1.2.3.2", NULL, CAPCERT_REASON_NONE, &mapped);
	policies("1.2.3.1", "1.2.3.2", RFC5280 ";policies=1.2.3.1", CAPCERT_REASON_NONE, &mapped);
	policies("1.2.3.1", "1.2.3.2", RFC5280 ";policies=1.2.3.2", PV, &mapped);
	policies("1.2.3.1", "1.2.3.1", NULL, PV, &mapped);
	policies("1.2.3.1", "1.2.3.2", RFC5280 ";inhibit_mapping=yes", PV, &mapped);
	/* The constraint binds the certificates below, not the one that states it. */
	policies("1.2.3.1", "1.2.3.2", NULL, CAPCERT_REASON_NONE, &not_mapped);
	policies(ANY_POLICY, "1.2.3.1", NULL, CAPCERT_REASON_NONE, &no_any);
	policies("1.2.3.1", ANY_POLICY, NULL, PV, &no_any);
}

/* The shortest path there is asks for policies as well. */
static void test_policy_below_anchor(void **state)
{
	struct pki_spec with = { LEAF_SPEC, .policy = "1.2.3.1" };
	struct pki *root = make_root(), *leaf = make_leaf(root), *good = pki_make(&with, root);
	struct question q = { .chain = { leaf },
			      .anchors = { root },
			      .policy = RFC5280 ";explicit_policy=yes" };

	expect_reason(&q, PV, 0);
	q.chain[0] = good;
	expect_valid(&q);
	pki_free(good);
	pki_free(leaf);
	pki_free(root);
}

static void test_any_in_ca(void **state)
{
	struct pki_spec ca = { CA_SPEC, .policy = ANY_POLICY };

	expect_ca(&ca, NULL, RFC5280 ";explicit_policy=yes;inhibit_any=yes", PV, 1);
}

static void test_mapping_of_any(void **state)
{
	struct pki_spec ca = { CA_SPEC, .policy = "1.2.3.1", .ext = { MAP_ANY } };

	expect_ca(&ca, NULL, NULL, PV, 1);
}

static void test_distrust(void **state)
{
	struct family f = make_family();
	struct pki *const family[3] = { f.leaf, f.ca, f.root };
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };
	uint8_t hash[32], entry[512];
	capcert_distrust_list *list;
	struct cc_cert cert;
	size_t n;
	int i;

	for (i = 0; i < 3; i++) {
		struct cc_span der = cc_span(family[i]->der.data, family[i]->der.size);

		assert_int_equal(cc_cert_parse(der, &cert), 0);
		assert_int_equal(capcert_distrust_list_new(&list), 0);
		q.distrust = list;
		expect_valid(&q); /* empty */
		sha256_of(der, hash);
		assert_int_equal(
			capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, hash, 32), 0);
		expect_reason(&q, CAPCERT_REASON_DISTRUSTED, (uint32_t)i);
		capcert_distrust_list_free(list);

		assert_int_equal(capcert_distrust_list_new(&list), 0);
		q.distrust = list;
		sha256_of(cert.spki, hash);
		assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_SPKI, hash, 32),
				 0);
		expect_reason(&q, CAPCERT_REASON_DISTRUSTED, (uint32_t)i);
		capcert_distrust_list_free(list);

		assert_int_equal(capcert_distrust_list_new(&list), 0);
		q.distrust = list;
		memcpy(entry, cert.issuer.p, cert.issuer.n);
		n = cert.issuer.n;
		entry[n++] = 0x02;
		entry[n++] = (uint8_t)cert.serial.n;
		memcpy(entry + n, cert.serial.p, cert.serial.n);
		n += cert.serial.n;
		assert_int_equal(
			capcert_distrust_list_add(list, CAPCERT_DISTRUST_ISSUER_SERIAL, entry, n),
			0);
		expect_reason(&q, CAPCERT_REASON_DISTRUSTED, (uint32_t)i);
		assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_ISSUER_SERIAL,
							   entry, n - 1),
				 -EBADMSG);
		assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_SPKI, hash, 31),
				 -EINVAL);
		assert_int_equal(capcert_distrust_list_add(list, 9, hash, 32), -EINVAL);
		capcert_distrust_list_free(list);
	}
	free_family(&f);
}

/* A distrusted path is no obstacle to another one. */
static void test_distrust_detour(void **state)
{
	struct pki *bad_root = make_root(), *root;
	struct pki_spec root_spec = { .cn = "Other Root", .org = "Test", .ca = true };
	struct pki_spec again = { CA_SPEC };
	struct pki *ca = make_ca(bad_root), *leaf = make_leaf(ca), *crossed;
	capcert_distrust_list *list;
	uint8_t hash[32];
	struct question q = { .chain = { leaf, ca } };

	root = pki_make(&root_spec, NULL);
	again.key_of = ca;
	crossed = pki_make(&again, root);
	q.chain[2] = crossed;
	q.anchors[0] = bad_root;
	q.anchors[1] = root;
	sha256_of(cc_span(bad_root->der.data, bad_root->der.size), hash);
	assert_int_equal(capcert_distrust_list_new(&list), 0);
	assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, hash, 32),
			 0);
	q.distrust = list;
	expect_valid(&q);
	q.chain[2] = NULL;
	expect_reason(&q, CAPCERT_REASON_DISTRUSTED, 2);
	capcert_distrust_list_free(list);
	pki_free(crossed);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
	pki_free(bad_root);
}

static void test_policy_objects(void **state)
{
	capcert_policy *a, *b, *met;
	const char *error = NULL;

	assert_int_equal(capcert_policy_new("no such key", &a, &error), -EINVAL);
	assert_non_null(error);
	assert_int_equal(capcert_policy_new("preset=webpki-lenient", &a, NULL), 0);
	assert_int_equal(capcert_policy_new(capcert_policy_text(a), &b, NULL), 0);
	assert_string_equal(capcert_policy_text(a), capcert_policy_text(b));
	capcert_policy_free(b);
	assert_int_equal(capcert_policy_new("min_scts=3;lifetime=any", &b, NULL), 0);
	assert_int_equal(capcert_policy_meet(a, b, &met), 0);
	assert_non_null(strstr(capcert_policy_text(met), "min_scts=3\n"));
	assert_non_null(strstr(capcert_policy_text(met), "profile=webpki\n"));
	assert_non_null(strstr(capcert_policy_text(met), "lifetime=baseline\n"));
	capcert_policy_free(met);
	capcert_policy_free(b);
	capcert_policy_free(a);
	capcert_policy_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_webpki),
		cmocka_unit_test(test_lifetimes),
		cmocka_unit_test(test_39_months),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_evidence_of_chain),
		cmocka_unit_test(test_certificate_policies),
		cmocka_unit_test(test_policy_below_anchor),
		cmocka_unit_test(test_any_in_ca),
		cmocka_unit_test(test_mapping_of_any),
		cmocka_unit_test(test_distrust),
		cmocka_unit_test(test_distrust_detour),
		cmocka_unit_test(test_policy_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
