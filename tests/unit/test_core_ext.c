// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Certificate extensions: every value that RFC 5280 gives no meaning is refused. */
#include "tests/unit/cert_build.h"

/* Parse a certificate with one extension. */
static int with_ext(const char *oid, const char *value, struct cc_cert *c)
{
	struct cert_parts p = cert_parts();

	p.extensions = cert_exts(cert_ext(oid, false, value));
	return cert_parse_parts(&p, c);
}

#define OID_SKID "551d0e"
#define OID_AKID "551d23"
#define OID_KU "551d0f"
#define OID_EKU "551d25"
#define OID_BC "551d13"
#define OID_NC "551d1e"
#define OID_SAN "551d11"
#define OID_IAN "551d12"
#define OID_CP "551d20"
#define OID_PM "551d21"
#define OID_PC "551d24"
#define OID_IAP "551d36"
#define OID_CRLDP "551d1f"
#define OID_FRESHEST "551d2e"
#define OID_AIA "2b06010505070101"
#define OID_SIA "2b0601050507010b"
#define OID_SDA "551d09"
#define OID_TLS "2b06010505070118"
#define OID_SCT "2b06010401d679020402"
#define OID_POISON "2b06010401d679020403"
#define OID_NOCHECK "2b0601050507300105"

static const char *const refused[][2] = {
	{ OID_SKID, "" },
	{ OID_SKID, "030101" },
	{ OID_SKID, "0401" },
	{ OID_SKID, "040101 00" },
	{ OID_SKID, "2403 040101" },
	{ OID_AKID, "" },
	{ OID_AKID, "3003 040101" },
	{ OID_AKID, "3004 80020101 00" },
	{ OID_AKID, "3006 820101 800101" }, /* order */
	{ OID_AKID, "3002 a100" },	    /* empty GeneralNames */
	{ OID_AKID, "3004 82020001" },
	{ OID_AKID, "3003 830101" },
	{ OID_KU, "" },
	{ OID_KU, "0300" },
	{ OID_KU, "0301 01" },
	{ OID_KU, "0302 0107" },    /* an unused bit is one */
	{ OID_KU, "0303 06 0040" }, /* bit 9 */
	{ OID_KU, "0304 00 000080" },
	{ OID_KU, "0403 020106" },
	{ OID_KU, "03020106 00" },
	{ OID_EKU, "3000" },
	{ OID_EKU, "" },
	{ OID_EKU, "06032b0601" },
	{ OID_EKU, "3005 0603 2b0681" },
	{ OID_EKU, "3002 0600" },
	{ OID_EKU, "3006 06012b 0201 01" },
	{ OID_BC, "" },
	{ OID_BC, "3003 010100" }, /* DEFAULT FALSE written out */
	{ OID_BC, "3003 010101" },
	{ OID_BC, "3006 0101ff 0201ff" }, /* negative pathLenConstraint */
	{ OID_BC, "3007 0101ff 02020001" },
	{ OID_BC, "3006 020100 0101ff" },
	{ OID_BC, "3005 0101ff 0500" },
	{ OID_BC, "3009 0101ff 020100 020100" },
	{ OID_BC, "30030101ff 00" },
	{ OID_BC, "3103 0101ff" },
	{ OID_NC, "3000" },
	{ OID_NC, "3002 a000" },
	{ OID_NC, "3002 a100" },
	{ OID_NC, "3004 a0023000" },
	{ OID_NC, "3008 a1 06 3004 8202 6161 00" },
	{ OID_NC, "300a a008 3006 820161 800100" }, /* minimum DEFAULT 0 written out */
	{ OID_NC, "300a a008 3006 820161 800101" },
	{ OID_NC, "300a a008 3006 820161 810101" }, /* maximum */
	{ OID_NC, "300c a008 3006 8704 7f000001 0500" },
	{ OID_NC, "300a a008 3006 8704 7f000001" },	      /* address without mask */
	{ OID_NC, "300e a105 3003 820161 a005 3003 820161" }, /* order */
	{ OID_NC, "3002 0500" },
	{ OID_SAN, "3000" },
	{ OID_SAN, "" },
	{ OID_SAN, "3003 8201" },
	{ OID_SAN, "3003 8201e4" },
	{ OID_SAN, "3005 8703 7f0000" },
	{ OID_SAN, "300a 8708 7f000001ffffffff" }, /* a constraint's form */
	{ OID_SAN, "3003 0c0161" },
	{ OID_SAN, "3003 820161 00" },
	{ OID_SAN, "820161" },
	{ OID_IAN, "3000" },
	{ OID_CP, "3000" },
	{ OID_CP, "3002 3000" },
	{ OID_CP, "3007 3005 0603 2a0384" },
	{ OID_CP, "3009 3007 06032a0304 3000" }, /* no qualifier */
	{ OID_CP, "300b 3009 06032a0304 3002 3000" },
	{ OID_CP, "300b 3009 06032a0304 0500 0500" },
	{ OID_PM, "3000" },
	{ OID_PM, "3007 3005 06032a0304" },
	{ OID_PM, "300e 300c 06032a0304 06032a0305 0500" },
	{ OID_PC, "3000" },
	{ OID_PC, "3003 8001ff" },
	{ OID_PC, "3002 8000" },
	{ OID_PC, "3006 810100 800100" },
	{ OID_PC, "3003 820100" },
	{ OID_IAP, "0201ff" },
	{ OID_IAP, "0200" },
	{ OID_IAP, "0a0100" },
	{ OID_IAP, "020100 00" },
	{ OID_AKID, "3004 a1020500" },
	{ OID_AKID, "3002 a101" },
	{ OID_AKID, "3002 8201" },
	{ OID_AKID, "3001 80" },
	{ OID_BC, "3001 01" },
	{ OID_NC, "3001 a0" },
	{ OID_NC, "3004 a001 30 00" },
	{ OID_NC, "300b a009 3007 870500000000 00" },
	{ OID_CP, "300a 3008 06032a0304 3001 30" },
	{ OID_CP, "300f 300d 06032a0304 3006 3004 06022a8305" },
	{ OID_CP, "3011 300f 06032a0304 3008 3006 06032a0306 05" },
	{ OID_CP, "3014 3012 06032a0304 300b 3009 06032a0306 0500 0500" },
	{ OID_PM, "" },
	{ OID_PM, "300a 3008 06032a0304 0601 2a 00" },
	{ OID_PM, "3009 3007 06032a0304 060183" },
	{ OID_PC, "3001 80" },
	{ OID_PC, "3001 81" },
	{ OID_PC, "3005 800100 0500" },
	{ OID_PC, "3003 8101ff" },
	{ OID_SDA, "" },
	{ OID_SDA, "3002 0500" },
	{ OID_SDA, "3002 3000" },
	{ OID_SDA, "3009 3007 06032a0304 0500" },
	{ OID_SAN, "3006 a0 04 06022a03" },
	{ OID_SAN, "300a a008 06022a03 a0020500 00" },
	{ OID_SAN, "3008 a006 06022a03 a000" },
	{ OID_SAN, "3004 a402 0500" },
	{ OID_SAN, "3006 a404 3002 3100" },
	{ OID_SAN, "3004 8802 2a83" },
	{ OID_SAN, "3003 890161" },
	{ OID_POISON, "0501" },
	{ OID_POISON, "05" },
	{ OID_CRLDP, "3000" },
	{ OID_CRLDP, "3002 0500" },
	{ OID_CRLDP, "3002 3000" },
	{ OID_CRLDP, "3006 3004 8102 0102" }, /* reasons alone */
	{ OID_CRLDP, "3004 3002 a000" },
	{ OID_CRLDP, "3006 3004 a002 a000" },
	{ OID_CRLDP, "3006 3004 a002 a100" },
	{ OID_CRLDP, "3006 3004 8102 0101" },
	{ OID_CRLDP, "3004 3002 a200" },
	{ OID_CRLDP, "3004 3002 0500" },
	{ OID_FRESHEST, "3000" },
	{ OID_AIA, "3000" },
	{ OID_AIA, "300c 300a 06082b06010505073001" },
	{ OID_AIA, "300f 300d 06082b06010505073001 0c0161" },
	{ OID_AIA, "3011 300f 06082b06010505073001 860161 0500" },
	{ OID_SIA, "3000" },
	{ OID_SDA, "3000" },
	{ OID_SDA, "3009 3007 06032a0304 3100" },
	{ OID_TLS, "" },
	{ OID_TLS, "3003 0201ff" },
	{ OID_TLS, "3005 0203010000" },
	{ OID_TLS, "3003 040105" },
	{ OID_SCT, "" },
	{ OID_SCT, "0301 00" },
	{ OID_SCT, "0402 0000 00" },
	{ OID_POISON, "" },
	{ OID_POISON, "0501 00" },
	{ OID_POISON, "0400" },
	{ OID_NOCHECK, "3000" },
	{ OID_NOCHECK, "0500 00" },
};

static void refuses(void **state)
{
	struct cc_cert c;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(refused); i++)
		if (with_ext(refused[i][0], refused[i][1], &c) != CC_CERT_E_EXTENSION)
			fail_msg("%s %s", refused[i][0], refused[i][1]);
}

static void lists(void **state)
{
	struct cc_span bc = cert_ext(OID_BC, true, "30030101ff"), many = cc_span(NULL, 0);
	struct cc_span u1 = cert_ext("2a0304", false, ""), u2 = cert_ext("2a0305", true, "");
	/* The same last octet and length: the sieve alone cannot tell them apart. */
	struct cc_span u3 = cert_ext("2b0304", true, "ff");
	struct cert_parts p = cert_parts();
	struct cc_cert c;
	size_t i;

#define LIST(error, exts)                                          \
	do {                                                       \
		p.extensions = exts;                               \
		assert_int_equal(cert_parse_parts(&p, &c), error); \
	} while (0)

	LIST(CC_CERT_E_EXTENSION, der_hex("a302 3000"));
	LIST(CC_CERT_E_EXTENSION, der_hex("a300"));
	LIST(CC_CERT_E_EXTENSION, der(0xa3, der(0x30, bc), der(0x30, bc)));
	LIST(CC_CERT_E_EXTENSION, der(0xa3, der(0x31, bc)));
	LIST(CC_CERT_E_DER, der_cat(cert_exts(bc), cert_exts(bc), DER_END));
	LIST(CC_CERT_E_DUPLICATE, cert_exts(bc, bc));
	LIST(CC_CERT_E_DUPLICATE, cert_exts(u1, bc, u2, u1));
	LIST(CC_CERT_E_DUPLICATE, cert_exts(u3, u1, u3));
	/* critical DEFAULT FALSE, written out; TRUE as 01; twice; after the value. */
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("300a 06032a0304 010100 0400")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("300a 06032a0304 010101 0400")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("300d 06032a0304 0101ff 0101ff 0400")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("300a 06032a0304 0400 0101ff")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("3005 06032a0304")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("3007 06032a0384 0400")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("3004 0600 0400")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("3007 06032a0304 0500")));
	LIST(CC_CERT_E_EXTENSION, cert_exts(der_hex("3009 06032a0304 0400 0500")));

	LIST(0, cert_exts(u1, bc, u2, u3));
	assert_int_equal(c.ext_present, CC_EXT_BIT(UNKNOWN) | CC_EXT_BIT(BASIC_CONSTRAINTS));
	assert_int_equal(c.ext_critical, CC_EXT_BIT(UNKNOWN) | CC_EXT_BIT(BASIC_CONSTRAINTS));
	assert_int_equal(c.unknown_critical.n, 3);
	assert_int_equal(c.unknown_critical.p[2], 5);
	LIST(0, cert_exts(u1));
	assert_int_equal(c.ext_critical, 0);
	assert_int_equal(c.unknown_critical.n, 0);

	for (i = 0; i < CC_EXT_MAX; i++) {
		char oid[8];

		snprintf(oid, sizeof(oid), "2a03%02x", (unsigned int)i);
		many = der_cat(many, cert_ext(oid, false, ""), DER_END);
	}
	LIST(0, cert_exts(many));
	LIST(CC_CERT_E_TOO_LARGE, cert_exts(many, bc));
}

static void key_ids(void **state)
{
	struct cc_cert c;

	assert_int_equal(with_ext(OID_SKID, "0402 0102", &c), 0);
	assert_int_equal(c.skid.n, 2);
	assert_int_equal(with_ext(OID_AKID, "3000", &c), 0);
	assert_int_equal(c.akid.n, 0);
	assert_int_equal(with_ext(OID_AKID, "300b 800101 a1 03 820161 820107", &c), 0);
	assert_int_equal(c.akid.n, 1);
	assert_int_equal(c.akid_issuer.n, 3);
	assert_int_equal(c.akid_serial.n, 1);
}

static void usages(void **state)
{
	struct cc_cert c;

	assert_int_equal(with_ext(OID_KU, "0302 0106", &c), 0);
	assert_int_equal(c.key_usage, CC_KU_KEY_CERT_SIGN | CC_KU_CRL_SIGN);
	assert_int_equal(with_ext(OID_KU, "0303 07 ff80", &c), 0);
	assert_int_equal(c.key_usage, 0x1ff);
	assert_int_equal(with_ext(OID_KU, "0303 07 0080", &c), 0);
	assert_int_equal(c.key_usage, CC_KU_DECIPHER_ONLY);
	assert_int_equal(with_ext(OID_KU, "0303 07 0600", &c), 0);
	assert_int_equal(c.key_usage, CC_KU_KEY_CERT_SIGN | CC_KU_CRL_SIGN);
	assert_int_equal(with_ext(OID_KU, "0301 00", &c), 0); /* no bit: left to judge */
	assert_int_equal(c.key_usage, 0);
	assert_int_equal(with_ext(OID_EKU, "300c 0604551d2500 0604 2a030405", &c), 0);
	assert_int_equal(c.eku_mask, CC_EKU_ANY | CC_EKU_UNKNOWN);
	assert_int_equal(with_ext(OID_EKU,
				  "3032 06082b06010505070301 06082b06010505070302"
				  "06082b06010505070303 06082b06010505070304 06082b06010505070308",
				  &c),
			 0);
	assert_int_equal(c.eku_mask, CC_EKU_SERVER_AUTH | CC_EKU_CLIENT_AUTH | CC_EKU_CODE_SIGNING |
					     CC_EKU_EMAIL | CC_EKU_TIME_STAMPING);
	assert_int_equal(with_ext(OID_EKU,
				  "3020 06082b06010505070309 06082b0601050507030a"
				  "060a 2b06010401d679020404",
				  &c),
			 0);
	assert_int_equal(c.eku_mask,
			 CC_EKU_OCSP_SIGNING | CC_EKU_UNKNOWN | CC_EKU_CT_PRECERT_SIGNING);
}

static void constraints(void **state)
{
	struct cc_general_name gn;
	struct cc_cert c;

	assert_int_equal(with_ext(OID_BC, "3000", &c), 0);
	assert_false(c.is_ca);
	assert_int_equal(c.path_len, -1);
	assert_int_equal(with_ext(OID_BC, "3006 0101ff 020103", &c), 0);
	assert_true(c.is_ca);
	assert_int_equal(c.path_len, 3);
	assert_int_equal(with_ext(OID_BC, "3003 020100", &c), 0); /* left to judge */
	assert_false(c.is_ca);
	assert_int_equal(c.path_len, 0);
	assert_int_equal(with_ext(OID_BC, "300b 0101ff 0206 00ffffffffff", &c), 0);
	assert_int_equal(c.path_len, 0x7fffffff);
	assert_int_equal(with_ext(OID_NC, "3013 a005 3003 820161 a10a 3003 820162 3003 820163", &c),
			 0);
	assert_int_equal(c.permitted.n, 5);
	assert_int_equal(cc_subtree_next(&c.excluded, &gn), 1);
	assert_int_equal(gn.type, CC_GN_DNS);
	assert_int_equal(gn.value.p[0], 'b');
	assert_int_equal(cc_subtree_next(&c.excluded, &gn), 1);
	assert_int_equal(cc_subtree_next(&c.excluded, &gn), 0);
	assert_int_equal(with_ext(OID_NC, "300e a00c 300a 8708 7f000000ff000000", &c), 0);
	assert_int_equal(with_ext(OID_PC, "3006 800100 810102", &c), 0);
	assert_int_equal(c.require_explicit, 0);
	assert_int_equal(c.inhibit_mapping, 2);
	assert_int_equal(with_ext(OID_PC, "3003 810105", &c), 0);
	assert_int_equal(c.require_explicit, -1);
	assert_int_equal(c.inhibit_mapping, 5);
	assert_int_equal(with_ext(OID_IAP, "020101", &c), 0);
	assert_int_equal(c.inhibit_any, 1);
}

static void names_and_policies(void **state)
{
	struct cc_span oid, other, quals;
	struct cc_general_name gn;
	struct cc_cert c;

	assert_int_equal(with_ext(OID_SAN, "3009 820161 8704 7f000001", &c), 0);
	assert_int_equal(cc_gn_next(&c.san, &gn), 1);
	assert_int_equal(cc_gn_next(&c.san, &gn), 1);
	assert_int_equal(gn.type, CC_GN_IP);
	assert_int_equal(cc_gn_next(&c.san, &gn), 0);
	assert_int_equal(with_ext(OID_IAN, "3003 810161", &c), 0);
	assert_int_equal(c.ian.n, 3);
	assert_int_equal(with_ext(OID_CP,
				  "3019 3005 06032a0304 3010 06032a0305 3009 3007 06032a0306 0500",
				  &c),
			 0);
	assert_int_equal(cc_policy_info_next(&c.policies, &oid, &quals), 1);
	assert_int_equal(quals.n, 0);
	assert_int_equal(cc_policy_info_next(&c.policies, &oid, &quals), 1);
	assert_int_equal(oid.p[2], 5);
	assert_int_equal(quals.n, 9);
	assert_int_equal(cc_policy_info_next(&c.policies, &oid, &quals), 0);
	assert_int_equal(with_ext(OID_PM, "300c 300a 06032a0304 06032a0305", &c), 0);
	assert_int_equal(cc_policy_mapping_next(&c.mappings, &oid, &other), 1);
	assert_int_equal(oid.p[2], 4);
	assert_int_equal(other.p[2], 5);
	assert_int_equal(cc_policy_mapping_next(&c.mappings, &oid, &other), 0);
}

static void services(void **state)
{
	struct cc_general_name gn;
	struct cc_span oid;
	struct cc_cert c;

	assert_int_equal(with_ext(OID_CRLDP, "3009 3007 a005 a003 860161", &c), 0);
	assert_int_equal(c.crldp.n, 9);
	assert_int_equal(with_ext(OID_CRLDP, "300b 3009 8102 0102 a203 860161", &c), 0);
	assert_int_equal(with_ext(OID_CRLDP, "300e 300c a00a a108 3006 0602 2a03 0c00", &c), 0);
	assert_int_equal(with_ext(OID_FRESHEST, "3009 3007 a005 a003 860161", &c), 0);
	assert_int_equal(c.freshest.n, 9);
	assert_int_equal(with_ext(OID_AIA, "300f 300d 06082b06010505073001 860161", &c), 0);
	assert_int_equal(cc_access_next(&c.aia, &oid, &gn), 1);
	assert_true(cc_oid_is(oid, CC_OID_OCSP));
	assert_int_equal(gn.type, CC_GN_URI);
	assert_int_equal(cc_access_next(&c.aia, &oid, &gn), 0);
	assert_int_equal(with_ext(OID_SIA, "300f 300d 06082b06010505073005 860161", &c), 0);
	assert_int_equal(c.aia.n, 0);
	assert_int_equal(with_ext(OID_SDA, "300b 3009 06032a0304 3102 0500", &c), 0);
	assert_int_equal(with_ext(OID_TLS, "3003 020105", &c), 0);
	assert_true(c.must_staple);
	assert_int_equal(with_ext(OID_TLS, "3003 020111", &c), 0);
	assert_false(c.must_staple);
	assert_int_equal(c.tls_feature.n, 3);
	assert_int_equal(with_ext(OID_SCT, "0402 0000", &c), 0);
	assert_int_equal(c.scts.n, 2);
	assert_int_equal(with_ext(OID_POISON, "0500", &c), 0);
	assert_int_equal(c.ext_present, CC_EXT_BIT(CT_POISON));
	assert_int_equal(with_ext(OID_NOCHECK, "0500", &c), 0);
	assert_int_equal(c.ext_present, CC_EXT_BIT(OCSP_NOCHECK));
	/* Neighbours of known OIDs are unknown. */
	assert_int_equal(with_ext("551d1d", "", &c), 0);
	assert_int_equal(with_ext("2b06010401d679020405", "", &c), 0);
	assert_int_equal(with_ext("2b0601050507010c", "", &c), 0);
	assert_int_equal(with_ext("2b06010505070201", "", &c), 0);
	assert_int_equal(c.ext_present, CC_EXT_BIT(UNKNOWN));
	assert_int_equal(with_ext("2b06010401d679020502", "", &c), 0);
	assert_int_equal(c.ext_present, CC_EXT_BIT(UNKNOWN));
	assert_int_equal(with_ext("2b0601050507300106", "", &c), 0);
	assert_int_equal(c.ext_present, CC_EXT_BIT(UNKNOWN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),     cmocka_unit_test(lists),
		cmocka_unit_test(key_ids),     cmocka_unit_test(usages),
		cmocka_unit_test(constraints), cmocka_unit_test(names_and_policies),
		cmocka_unit_test(services),
	};

	return cmocka_run_group_tests_name("core/ext", tests, NULL, NULL);
}
