// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Typed views of certificates: what lists hold, which SCT lists are refused, kinds, texts. */

#include "tests/unit/cert_build.h"
#include <errno.h>
#include <capcert/x509_ext.h>

#define OID_SAN "551d11"
#define OID_SCT "2b06010401d679020402"
#define ID32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define TIME8 "0000018bcfe56800" /* 1700000000000 */
/* version, log id, timestamp, no extensions, sha256, ecdsa, signature of 3 octets */
#define SCT                    \
	"00" ID32 TIME8 "0000" \
	"0403"                 \
	"0003"                 \
	"aabbcc"
#define SCT_LEN "0032"

static capcert_cert *make(const struct cert_parts *p)
{
	struct cc_span der = cert_der(p);
	const char *why = NULL;
	capcert_cert *cert;

	if (capcert_cert_new(der.p, der.n, &cert, &why))
		fail_msg("%s", why);
	return cert;
}

static const struct capcert_cert_view *view_of(struct cc_span extensions)
{
	const struct capcert_cert_view *view;
	struct cert_parts p = cert_parts();
	capcert_cert *cert;

	p.extensions = extensions;
	cert = make(&p);
	assert_int_equal(capcert_cert_view_new(cert, &view), 0);
	capcert_cert_free(cert); /* the view holds its own reference */
	return view;
}

static struct cc_span hex_ext(const char *oid, uint8_t tag, const char *value)
{
	return der(0x30, der_wrap(0x06, der_hex(oid)),
		   der_wrap(0x04, der_wrap(tag, der_hex(value))));
}

static void plain(void **state)
{
	const struct capcert_cert_view *v = view_of(cc_span(NULL, 0));

	assert_int_equal(v->version, 3);
	assert_int_equal(v->kind, CAPCERT_CERT_END_ENTITY);
	assert_string_equal(v->key_algorithm, "ed25519");
	assert_string_equal(v->signature_scheme, "ed25519");
	assert_int_equal(v->not_before, 1735689600);
	assert_int_equal(v->subject_attr_count, 1);
	assert_string_equal(capcert_attr_name(v->subject_attrs[0].oid), "CN");
	assert_int_equal(v->subject_attrs[0].tag, 0x0c);
	assert_memory_equal(v->subject_attrs[0].value.data, "subject", 7);
	assert_int_equal(v->alt_name_count + v->eku_count + v->sct_count + v->extension_count, 0);
	assert_false(v->have_key_usage || v->have_basic_constraints || v->have_name_constraints);
	assert_int_equal(v->path_len, -1);
	capcert_cert_view_free(v);
	capcert_cert_view_free(NULL);
}

static void expect_name(const struct capcert_general_name *gn, uint32_t type, const char *want)
{
	char text[100];

	assert_int_equal(gn->type, type);
	assert_int_equal(capcert_gn_text(gn, text, sizeof(text)), strlen(want));
	assert_string_equal(text, want);
}

static void alt_names(void **state)
{
	const struct capcert_cert_view *v =
		view_of(cert_exts(hex_ext(OID_SAN, 0x30,
					  "8201 61" /* a */ "8103 614062" /* a@b */ "8704 c0000207"
					  "8602 783a"
					  "8802 2a03"
					  "8710 20010db8000000000000000000000001"
					  "a009 0603 2a0304 a002 0500")));

	assert_int_equal(v->alt_name_count, 7);
	expect_name(&v->alt_names[0], CAPCERT_GN_DNS, "a");
	expect_name(&v->alt_names[1], CAPCERT_GN_EMAIL, "a@b");
	expect_name(&v->alt_names[2], CAPCERT_GN_IP, "192.0.2.7");
	expect_name(&v->alt_names[3], CAPCERT_GN_URI, "x:");
	expect_name(&v->alt_names[4], CAPCERT_GN_RID, "1.2.3");
	expect_name(&v->alt_names[5], CAPCERT_GN_IP, "2001:db8::1");
	assert_int_equal(v->alt_names[6].type, CAPCERT_GN_OTHER);
	capcert_cert_view_free(v);
}

static void gn_text(uint32_t type, const char *hex, const char *want)
{
	struct cc_span s = der_hex(hex);
	struct capcert_general_name gn = { type, { s.p, s.n } };

	expect_name(&gn, type, want);
}

static void texts(void **state)
{
	gn_text(CAPCERT_GN_IP, "c0000200 ffffff00", "192.0.2.0/24");
	gn_text(CAPCERT_GN_IP, "00000000 00000000", "0.0.0.0/0");
	gn_text(CAPCERT_GN_IP, "c0000207 ffffffff", "192.0.2.7/32");
	gn_text(CAPCERT_GN_IP, "c0000200 ff00ff00", "#C0000200FF00FF00"); /* a mask with a hole */
	gn_text(CAPCERT_GN_IP, "c00002", "#C00002");
	gn_text(CAPCERT_GN_IP, "", "#");
	gn_text(CAPCERT_GN_DNS, "610a1b5c62",
		"a\\0A\\1B\\5Cb"); /* nothing reaches a terminal raw */
	gn_text(CAPCERT_GN_DNS, "", "");
	assert_null(capcert_key_usage_name(CAPCERT_KU_COUNT));
	assert_string_equal(capcert_eku_name(99), "?");
	assert_string_equal(capcert_gn_type_name(99), "?");
	assert_string_equal(capcert_cert_kind_name(99), "?");
}

static void text_is_cut(void **state)
{
	struct capcert_general_name gn = { CAPCERT_GN_DNS, { (const uint8_t *)"abcdef", 6 } };
	char text[4] = "zzz";

	assert_int_equal(capcert_gn_text(&gn, text, sizeof(text)), 3);
	assert_string_equal(text, "abc");
}

static void usages(void **state)
{
	const struct capcert_cert_view *v =
		view_of(cert_exts(hex_ext("551d25", 0x30,
					  "0608 2b06010505070301"
					  "0608 2b06010505070309"
					  "0608 2b06010505070305"
					  "0604 551d2500"
					  "0603 2a0304"
					  "060a 2b06010401d679020404"),
				  cert_ext("551d0f", true, "0303 07 0680"),
				  cert_ext("551d13", true, "3006 0101ff 020103")));
	static const uint32_t want[] = { CAPCERT_EKU_SERVER_AUTH, CAPCERT_EKU_OCSP_SIGNING,
					 CAPCERT_EKU_OTHER,	  CAPCERT_EKU_ANY,
					 CAPCERT_EKU_OTHER,	  CAPCERT_EKU_CT_PRECERT };
	size_t i;

	assert_int_equal(v->eku_count, 6);
	for (i = 0; i < 6; i++)
		assert_int_equal(v->ekus[i].id, want[i]);
	assert_int_equal(v->key_usage,
			 CAPCERT_KU_KEY_CERT_SIGN | CAPCERT_KU_CRL_SIGN | CAPCERT_KU_DECIPHER_ONLY);
	assert_true(v->ca && v->have_basic_constraints && v->path_len == 3);
	assert_int_equal(v->extension_count, 3);
	assert_string_equal(v->extensions[1].name, "keyUsage");
	assert_true(v->extensions[1].critical && !v->extensions[0].critical);
	capcert_cert_view_free(v);
}

static void scts(void **state)
{
	/* Two of 50 octets, each behind its length, behind the length of the list. */
	const struct capcert_cert_view *v =
		view_of(cert_exts(hex_ext(OID_SCT, 0x04, "0068" SCT_LEN SCT SCT_LEN SCT)));
	size_t i;

	assert_false(v->scts_malformed);
	assert_int_equal(v->sct_count, 2);
	for (i = 0; i < 32; i++)
		assert_int_equal(v->scts[1].log_id[i], i);
	assert_true(v->scts[1].timestamp == 1700000000000ULL);
	assert_int_equal(v->scts[1].hash_alg, 4);
	assert_int_equal(v->scts[1].sig_alg, 3);
	assert_int_equal(v->scts[1].signature.len, 3);
	assert_int_equal(v->scts[1].raw.len, 50);
	capcert_cert_view_free(v);
}

static void malformed_scts(void **state)
{
	static const char *const lists[] = {
		"",		    /* no length */
		"0000",		    /* an empty list */
		"00",		    /* half a length */
		"0001" SCT_LEN SCT, /* octets after the list */
		"0035" SCT_LEN SCT, /* list longer than its octets */
		"0002"
		"0000", /* an empty SCT */
		"0034"
		"0033" SCT, /* SCT longer than the list */
		"0034"
		"0032"
		"00" ID32 TIME8 "0000"
		"0403"
		"0004"
		"aabbcc", /* signature too long */
		"0034"
		"0032"
		"00" ID32 TIME8 "0000"
		"0403"
		"0002"
		"aabbcc", /* octets after it */
		"0034"
		"0032"
		"00" ID32 TIME8 "ffff"
		"0403"
		"0003"
		"aabbcc", /* extensions too long */
		"0003"
		"0001"
		"00", /* nothing but a version */
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(lists); i++) {
		const struct capcert_cert_view *v =
			view_of(cert_exts(hex_ext(OID_SCT, 0x04, lists[i])));

		if (!v->scts_malformed || v->sct_count)
			fail_msg("list %zu", i);
		capcert_cert_view_free(v);
	}
}

static void sct_of_a_later_version(void **state)
{
	const struct capcert_cert_view *v = view_of(cert_exts(hex_ext(OID_SCT, 0x04,
								      "0005"
								      "0003"
								      "01aabb")));

	assert_int_equal(v->sct_count, 1);
	assert_int_equal(v->scts[0].version, 1);
	assert_int_equal(v->scts[0].raw.len, 3);
	assert_int_equal(v->scts[0].signature.len, 0);
	capcert_cert_view_free(v);
}

static void pointers(void **state)
{
	const struct capcert_cert_view *v = view_of(
		cert_exts(hex_ext("551d1f", 0x30,
				  "3008 a006 a004 8602 783a" /* fullName */
				  "300a 8102 0780 a204 8602 783a" /* no place, but an issuer */),
			  hex_ext("2b06010505070101", 0x30, "300e 0608 2b06010505073001 8602 783a"),
			  hex_ext("551d20", 0x30, "3005 0603 2a0304"),
			  hex_ext("551d1e", 0x30,
				  "a005 3003 8201 61"
				  "a105 3003 8201 62")));

	assert_int_equal(v->crl_count, 1);
	expect_name(&v->crls[0], CAPCERT_GN_URI, "x:");
	assert_int_equal(v->access_count, 1);
	expect_name(&v->access[0].location, CAPCERT_GN_URI, "x:");
	assert_int_equal(v->policy_count, 1);
	assert_true(v->have_name_constraints);
	expect_name(&v->permitted[0], CAPCERT_GN_DNS, "a");
	expect_name(&v->excluded[0], CAPCERT_GN_DNS, "b");
	capcert_cert_view_free(v);
}

static capcert_cert *ca(const char *subject, const char *issuer)
{
	struct cert_parts p = cert_parts();

	p.subject = der_name(subject);
	p.issuer = der_name(issuer);
	p.extensions = cert_exts(cert_ext("551d13", true, "30030101ff"));
	return make(&p);
}

static void kinds(void **state)
{
	capcert_cert *root = ca("a", "a"), *sub = ca("a", "b"), *cross = ca("a", "c"),
		     *other = ca("d", "b");
	capcert_chain *chain;

	assert_int_equal(capcert_chain_new(&chain), 0);
	assert_int_equal(capcert_cert_kind(root, NULL), CAPCERT_CERT_TRUST_ANCHOR);
	assert_int_equal(capcert_cert_kind(sub, NULL), CAPCERT_CERT_INTERMEDIATE);
	assert_int_equal(capcert_chain_push(chain, sub), 0);
	assert_int_equal(capcert_chain_push(chain, other), 0);
	assert_int_equal(capcert_cert_kind(sub, chain), CAPCERT_CERT_INTERMEDIATE);
	assert_int_equal(capcert_chain_push(chain, cross), 0);
	assert_int_equal(capcert_cert_kind(sub, chain), CAPCERT_CERT_CROSS_SIGNED);
	assert_int_equal(capcert_cert_kind(cross, chain), CAPCERT_CERT_CROSS_SIGNED);
	assert_int_equal(capcert_cert_kind(other, chain), CAPCERT_CERT_INTERMEDIATE);
	capcert_chain_free(chain);
	capcert_cert_free(root);
	capcert_cert_free(sub);
	capcert_cert_free(cross);
	capcert_cert_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),	  cmocka_unit_test(alt_names),
		cmocka_unit_test(texts),	  cmocka_unit_test(text_is_cut),
		cmocka_unit_test(usages),	  cmocka_unit_test(scts),
		cmocka_unit_test(malformed_scts), cmocka_unit_test(sct_of_a_later_version),
		cmocka_unit_test(pointers),	  cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests_name("x509_ext", tests, NULL, NULL);
}
