// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Revocation lists as spans: every field, every way to be malformed. */
#include "tests/unit/crl_build.h"

static void expect(const struct crl_parts *p, int error)
{
	struct cc_crl c;
	int r = crl_parse(p, &c);

	if (r != error)
		fail_msg("%s, expected %s", cc_crl_error_text(r), cc_crl_error_text(error));
}

static void parses_an_empty_list(void **state)
{
	struct crl_parts p = crl_parts();
	struct cc_crl c;

	(void)state;
	assert_int_equal(crl_parse(&p, &c), CC_CRL_OK);
	assert_int_equal(c.version, 2);
	assert_int_equal(c.scheme, CC_SCHEME_ED25519);
	assert_int_equal(c.this_update, 1735689600);
	assert_int_equal(c.next_update, 1738368000);
	assert_true(c.has_next_update);
	assert_false(c.time_odd);
	assert_int_equal(c.entries.n, 0);
	assert_int_equal(c.entry_count, 0);
	assert_int_equal(c.ext_present, 0);
	assert_int_equal(c.idp_reasons, CC_REASON_FLAGS_ALL);
	assert_int_equal(c.signature.n, 64);
	assert_true(cc_dn_equal(c.issuer, p.issuer));
	assert_int_equal(c.tbs.p[0], 0x30);
}

static void version_one_has_no_extensions(void **state)
{
	struct crl_parts p = crl_parts();
	struct cc_crl c;

	(void)state;
	p.version = NONE;
	p.entries = crl_entries(crl_entry("01", NONE));
	assert_int_equal(crl_parse(&p, &c), CC_CRL_OK);
	assert_int_equal(c.version, 1);
	p.extensions = crl_exts(crl_ext(OID_NUMBER, false, der_hex("020101")));
	expect(&p, CC_CRL_E_VERSION);
	p.extensions = NONE;
	p.entries = crl_entries(
		crl_entry("01", entry_exts(crl_ext(OID_REASON, false, der_hex("0a0101")))));
	expect(&p, CC_CRL_E_VERSION);
	p = crl_parts();
	p.version = der_hex("020100");
	expect(&p, CC_CRL_E_VERSION);
	p.version = der_hex("020102");
	expect(&p, CC_CRL_E_VERSION);
	p.version = der_hex("02020001");
	expect(&p, CC_CRL_E_VERSION);
}

static void next_update_may_be_absent(void **state)
{
	struct crl_parts p = crl_parts();
	struct cc_crl c;

	(void)state;
	p.next_update = NONE;
	assert_int_equal(crl_parse(&p, &c), CC_CRL_OK);
	assert_false(c.has_next_update);
	p.next_update = crl_time("20250201000000Z");
	assert_int_equal(crl_parse(&p, &c), CC_CRL_OK);
	assert_true(c.time_odd);
	p.next_update = crl_time("250230000000Z");
	expect(&p, CC_CRL_E_TIME);
	p = crl_parts();
	p.this_update = NONE;
	p.next_update = NONE;
	expect(&p, CC_CRL_E_TIME);
}

static void refuses_what_is_no_list(void **state)
{
	struct crl_parts p = crl_parts();
	struct cc_span s = crl_der(&p);
	struct cc_crl c;
	size_t n;

	(void)state;
	assert_int_equal(cc_crl_parse(NONE, &c), CC_CRL_E_EMPTY);
	for (n = 1; n < s.n; n++)
		assert_int_not_equal(cc_crl_parse(der_exact(cc_span(s.p, n)), &c), CC_CRL_OK);
	assert_int_equal(cc_crl_parse(der_exact(der_cat(s, der_hex("00"), DER_END)), &c),
			 CC_CRL_E_TRAILING);
	p.after = der_hex("0500");
	expect(&p, CC_CRL_E_DER);
	p = crl_parts();
	p.inner_alg = der_hex("3005 06032b6571");
	expect(&p, CC_CRL_E_ALGORITHM);
	p = crl_parts();
	p.outer_alg = p.inner_alg = der_hex("3008 06032b6570 020101");
	assert_int_equal(crl_parse(&p, &c), CC_CRL_OK);
	assert_int_equal(c.scheme, CC_SCHEME_OTHER);
	p.outer_alg = p.inner_alg = der_hex("300a 06032b6570 020101 0500");
	expect(&p, CC_CRL_E_DER);
	p = crl_parts();
	p.issuer = der_hex("3003310101");
	expect(&p, CC_CRL_E_NAME);
	p = crl_parts();
	p.signature = der_hex("0302 0180");
	expect(&p, CC_CRL_E_DER);
	p = crl_parts();
	p.extensions = der_cat(crl_exts(crl_ext(OID_NUMBER, false, der_hex("020101"))),
			       der_hex("0500"), DER_END);
	expect(&p, CC_CRL_E_DER);
	assert_int_equal(cc_crl_parse(cc_span(s.p, (size_t)CC_CRL_MAX + 1), &c),
			 CC_CRL_E_TOO_LARGE);
}

static void walks_entries(void **state)
{
	struct crl_parts p = crl_parts();
	struct cc_crl_entry e = { 0 };
	struct cc_crl c;
	struct cc_span rest, other = der_name("other");

	(void)state;
	p.entries = crl_entries(
		crl_entry("05", NONE),
		crl_entry("00ff", entry_exts(crl_ext(OID_REASON, false, der_hex("0a0101")),
					     crl_ext(OID_INVALIDITY, false,
						     der_wrap(0x18, der_str("20241201000000Z"))),
					     crl_ext(OID_CERT_ISSUER, true,
						     der(0x30, der_wrap(0xa4, other))))),
		crl_entry("85", NONE),
		crl_entry("07", entry_exts(crl_ext("2a0304", true, der_hex("0500")))));
	assert_int_equal(crl_parse(&p, &c), CC_CRL_OK);
	assert_int_equal(c.entry_count, 4);
	assert_int_equal(c.entry_present, 0xf);
	assert_int_equal(c.entry_critical,
			 CC_CRL_ENTRY_EXT_BIT(ISSUER) | CC_CRL_ENTRY_EXT_BIT(UNKNOWN));
	assert_memory_equal(c.unknown_critical.p, "\x2a\x03\x04", 3);
	rest = c.entries;
	assert_int_equal(cc_crl_entry_next(&rest, &e), 1);
	assert_int_equal(e.serial.n, 1);
	assert_int_equal(e.date, 1735063200);
	assert_int_equal(e.issuer.n, 0);
	assert_int_equal(cc_crl_entry_next(&rest, &e), 1);
	assert_int_equal(e.serial.n, 2);
	assert_int_equal(e.reason, CC_CRL_REASON_KEY_COMPROMISE);
	assert_int_equal(e.invalidity_date, 1733011200);
	assert_int_equal(e.critical, CC_CRL_ENTRY_EXT_BIT(ISSUER));
	assert_int_equal(e.issuer.n, other.n + 2);
	assert_int_equal(cc_crl_entry_next(&rest, &e), 1); /* certificateIssuer persists */
	assert_int_equal(e.present, 0);
	assert_int_equal(e.reason, CC_CRL_REASON_UNSPECIFIED);
	assert_int_equal(e.issuer.n, other.n + 2);
	assert_int_equal(cc_crl_entry_next(&rest, &e), 1);
	assert_int_equal(e.unknown_critical.n, 3);
	assert_int_equal(cc_crl_entry_next(&rest, &e), 0);
}

static void expect_entry(struct cc_span entry, int error)
{
	struct crl_parts p = crl_parts();

	p.entries = crl_entries(crl_entry("01", NONE), entry);
	expect(&p, error);
}

static void expect_entry_ext(const char *oid, const char *value, int error)
{
	expect_entry(crl_entry("02", entry_exts(crl_ext(oid, false, der_hex(value)))), error);
}

static void refuses_malformed_entries(void **state)
{
	struct crl_parts p = crl_parts();

	(void)state;
	expect_entry(crl_entry("", NONE), CC_CRL_E_ENTRY);
	expect_entry(crl_entry("0001", NONE), CC_CRL_E_ENTRY);
	expect_entry(der(0x30, der_hex("020101")), CC_CRL_E_ENTRY);
	expect_entry(der(0x30, der_hex("020101"), crl_time("241324180000Z")), CC_CRL_E_ENTRY);
	expect_entry(der_hex("0500"), CC_CRL_E_ENTRY);
	expect_entry(crl_entry("02", der_hex("3000")), CC_CRL_E_ENTRY);
	expect_entry(crl_entry("02", der_hex("0500")), CC_CRL_E_ENTRY);
	expect_entry_ext(OID_REASON, "0a0106", CC_CRL_OK);
	expect_entry_ext(OID_REASON, "0a0163", CC_CRL_OK); /* a reason nobody knows revokes too */
	expect_entry_ext(OID_REASON, "0a01ff", CC_CRL_E_ENTRY);
	expect_entry_ext(OID_REASON, "0a020001", CC_CRL_E_ENTRY);
	expect_entry_ext(OID_REASON, "020101", CC_CRL_E_ENTRY);
	expect_entry_ext(OID_INVALIDITY, "170d3234313230313030303030305a", CC_CRL_E_ENTRY);
	expect_entry_ext(OID_CERT_ISSUER, "3000", CC_CRL_E_ENTRY);
	expect_entry_ext("2a0304", "ff", CC_CRL_OK);
	expect_entry(crl_entry("02", entry_exts(crl_ext(OID_REASON, false, der_hex("0a0101")),
						crl_ext(OID_REASON, false, der_hex("0a0101")))),
		     CC_CRL_E_ENTRY);
	expect_entry(crl_entry("02", entry_exts(crl_ext("2a0304", false, NONE),
						crl_ext("2a0305", false, NONE),
						crl_ext("2a0304", true, NONE))),
		     CC_CRL_E_ENTRY);
	p.entries = der_hex("3000"); /* should be absent, harms nobody */
	expect(&p, CC_CRL_OK);
}

static void too_many_extensions(void **state)
{
	struct cc_span list = NONE, more = NONE;
	struct crl_parts p = crl_parts();
	char oid[16];
	int i;

	(void)state;
	for (i = 0; i <= CC_CRL_EXT_MAX; i++) {
		p = crl_parts();
		p.extensions = der(0xa0, der_wrap(0x30, list));
		if (i)
			expect(&p, CC_CRL_OK);
		p = crl_parts();
		p.entries = crl_entries(crl_entry("01", der_wrap(0x30, list)));
		if (i)
			expect(&p, i > CC_CRL_ENTRY_EXT_MAX ? CC_CRL_E_ENTRY : CC_CRL_OK);
		snprintf(oid, sizeof(oid), "2a03%02x", i);
		more = crl_ext(oid, false, NONE);
		list = der_cat(list, more, DER_END);
	}
	p = crl_parts();
	p.extensions = der(0xa0, der_wrap(0x30, list));
	expect(&p, CC_CRL_E_TOO_LARGE);
}

static void reads_list_extensions(void **state)
{
	struct crl_parts p = crl_parts();
	struct cc_dist_point point;
	struct cc_span rest;
	struct cc_crl c;

	(void)state;
	p.extensions =
		crl_exts(crl_ext(OID_AKID, false, der_hex("3006 8004 01020304")),
			 crl_ext(OID_NUMBER, false, der_hex("02020100")),
			 crl_ext(OID_DELTA, true, der_hex("020105")),
			 crl_ext(OID_IDP, true,
				 der_hex("3015 a007 a005 8603 782f79 8101ff 83020560 8401ff")),
			 crl_ext(OID_FRESHEST, false,
				 der_hex("3013 3011 a007 a005 8603 782f79 81020102 a202 8700")),
			 crl_ext("2a0304", true, der_hex("0500")));
	/* The last but one is malformed: an iPAddress of no octets. */
	expect(&p, CC_CRL_E_EXTENSION);
	p.extensions =
		crl_exts(crl_ext(OID_AKID, false, der_hex("3006 8004 01020304")),
			 crl_ext(OID_NUMBER, false, der_hex("02020100")),
			 crl_ext(OID_DELTA, true, der_hex("020105")),
			 crl_ext(OID_IDP, true,
				 der_hex("3013 a007 a005 8603 782f79 8101ff 83020560 8401ff")),
			 crl_ext(OID_FRESHEST, false,
				 der_hex("3013 3011 a007 a005 8603 782f79 81020102 a202 8100")),
			 crl_ext("2a0304", true, der_hex("0500")));
	assert_int_equal(crl_parse(&p, &c), CC_CRL_OK);
	assert_int_equal(c.akid.n, 4);
	assert_int_equal(c.number.n, 2);
	assert_int_equal(c.base.n, 1);
	assert_int_equal(c.ext_present,
			 CC_CRL_EXT_BIT(AUTHORITY_KEY_ID) | CC_CRL_EXT_BIT(NUMBER) |
				 CC_CRL_EXT_BIT(DELTA) | CC_CRL_EXT_BIT(ISSUING_POINT) |
				 CC_CRL_EXT_BIT(FRESHEST_CRL) | CC_CRL_EXT_BIT(UNKNOWN));
	assert_int_equal(c.ext_critical, CC_CRL_EXT_BIT(DELTA) | CC_CRL_EXT_BIT(ISSUING_POINT) |
						 CC_CRL_EXT_BIT(UNKNOWN));
	assert_int_equal(c.unknown_critical.n, 3);
	assert_int_equal(c.idp_name.full.n, 5);
	assert_int_equal(c.idp_name.relative.n, 0);
	assert_true(c.only_user);
	assert_true(c.indirect);
	assert_false(c.only_ca);
	assert_false(c.only_attribute);
	assert_int_equal(c.idp_reasons,
			 CC_REASON_FLAG_KEY_COMPROMISE | CC_REASON_FLAG_CA_COMPROMISE);
	rest = c.freshest;
	assert_int_equal(cc_dist_point_next(&rest, &point), 1);
	assert_int_equal(point.reasons, CC_REASON_FLAG_HOLD);
	assert_int_equal(point.name.full.n, 5);
	assert_int_equal(point.crl_issuer.n, 2);
	assert_int_equal(cc_dist_point_next(&rest, &point), 0);
}

static void expect_ext(const char *oid, const char *value, int error)
{
	struct crl_parts p = crl_parts();

	p.extensions = crl_exts(crl_ext(oid, true, der_hex(value)));
	expect(&p, error);
}

static void refuses_malformed_extensions(void **state)
{
	struct crl_parts p = crl_parts();

	(void)state;
	expect_ext(OID_NUMBER, "0201ff", CC_CRL_E_EXTENSION);
	expect_ext(OID_NUMBER, "02020001", CC_CRL_E_EXTENSION);
	expect_ext(OID_NUMBER, "0214 7f01020304050607080910111213141516171819", CC_CRL_OK);
	expect_ext(OID_NUMBER, "0215 00ff01020304050607080910111213141516171819", CC_CRL_OK);
	expect_ext(OID_NUMBER, "0215 7f0101020304050607080910111213141516171819",
		   CC_CRL_E_EXTENSION);
	expect_ext(OID_DELTA, "0500", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3000", CC_CRL_OK); /* empty: judged by whoever uses it */
	expect_ext(OID_IDP, "3003 810100", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3003 810101", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3006 8401ff 8101ff", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3003 8301 08", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3002 a000", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3004 a002 a000", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3004 a002 a100", CC_CRL_E_EXTENSION);
	expect_ext(OID_IDP, "3010 a00e a10c 300a 0603550403 0c03414243", CC_CRL_OK);
	expect_ext(OID_IDP, "3003 8601ff", CC_CRL_E_EXTENSION);
	expect_ext(OID_FRESHEST, "3000", CC_CRL_E_EXTENSION);
	expect_ext(OID_AKID, "0500", CC_CRL_E_EXTENSION);
	p.extensions = crl_exts(crl_ext(OID_NUMBER, false, der_hex("020101")),
				crl_ext(OID_NUMBER, false, der_hex("020102")));
	expect(&p, CC_CRL_E_DUPLICATE);
	p.extensions = crl_exts(crl_ext("2a0304", false, NONE), crl_ext("2a0304", false, NONE));
	expect(&p, CC_CRL_E_DUPLICATE);
	p.extensions = der_hex("a0023000");
	expect(&p, CC_CRL_E_EXTENSION);
	p.extensions = der_hex("a000");
	expect(&p, CC_CRL_E_EXTENSION);
}

static void compares_numbers(void **state)
{
	static const char *const ascending[] = { "",	 "01",	 "7f",	   "0080",  "00ff",
						 "0100", "7fff", "008000", "010000" };
	size_t i, j;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(ascending); i++)
		for (j = 0; j < CC_ARRAY_SIZE(ascending); j++) {
			int c = cc_crl_number_compare(der_hex(ascending[i]), der_hex(ascending[j]));

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
	assert_int_equal(cc_crl_number_compare(der_hex("00"), NONE), 0);
}

static void names_errors_and_reasons(void **state)
{
	int i;

	(void)state;
	for (i = CC_CRL_OK; i <= CC_CRL_E_EMPTY; i++)
		assert_string_not_equal(cc_crl_error_text(i), "?");
	assert_string_equal(cc_crl_error_text(i), "?");
	assert_string_equal(cc_crl_reason_name(CC_CRL_REASON_HOLD), "certificateHold");
	assert_string_equal(cc_crl_reason_name(7), "?");
	assert_string_equal(cc_crl_reason_name(11), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_an_empty_list),
		cmocka_unit_test(version_one_has_no_extensions),
		cmocka_unit_test(next_update_may_be_absent),
		cmocka_unit_test(refuses_what_is_no_list),
		cmocka_unit_test(walks_entries),
		cmocka_unit_test(refuses_malformed_entries),
		cmocka_unit_test(too_many_extensions),
		cmocka_unit_test(reads_list_extensions),
		cmocka_unit_test(refuses_malformed_extensions),
		cmocka_unit_test(compares_numbers),
		cmocka_unit_test(names_errors_and_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
