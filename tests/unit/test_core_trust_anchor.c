// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* core/trust_anchor.h: the three forms of a trust anchor, what each field must look like, and
 * what counts when a TrustAnchorInfo and its certificate both say something. */
#include "tests/unit/cert_build.h"
#include "tests/unit/trust_anchor_build.h"
#include "core/trust_anchor.h"

#define EKU_SERVER "300a06082b06010505070301"
#define POLICY "2a0304"

static struct info_parts plain_info(void)
{
	struct info_parts p = { .key = der_hex(ED25519_SPKI),
				.key_id = der_hex("0402 abcd"),
				.name = der_name("subject") };

	return p;
}

static struct cc_span cert_with(struct cc_span exts)
{
	struct cert_parts p = cert_parts();

	p.extensions = exts;
	return cert_der(&p);
}

/* The certificate as certificate [0]. */
static struct cc_span embed(struct cc_span exts)
{
	return retag(0xa0, cert_with(exts));
}

static int parse(const struct info_parts *p, struct cc_trust_anchor *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	return cc_trust_anchor_parse(der_exact(info_choice(p)), ret);
}

static void expect_error(const struct info_parts *p, int error)
{
	struct cc_trust_anchor ta;
	int r = parse(p, &ta);

	if (r != error)
		fail_msg("%d (%s), not %d", r, cc_cert_error_text(r), error);
}

static struct cc_trust_anchor good(const struct info_parts *p)
{
	struct cc_trust_anchor ta;
	int r = parse(p, &ta);

	if (r)
		fail_msg("%s", cc_cert_error_text(r));
	return ta;
}

static void bare(void **state)
{
	struct info_parts p = plain_info();
	struct cc_trust_anchor ta = good(&p);

	assert_int_equal(ta.kind, CC_ANCHOR_INFO);
	assert_true(ta.named);
	assert_true(cc_cert_bare(&ta.cert));
	assert_int_equal(ta.certificate.n, 0);
	assert_true(cc_span_equal(ta.body, info_der(&p)));
	assert_true(cc_span_equal(ta.cert.subject, p.name));
	assert_true(cc_span_equal(ta.cert.spki, p.key));
	assert_int_equal(ta.cert.key_alg, CC_KEY_ED25519);
	assert_int_equal(ta.cert.key.n, 32);
	assert_true(cc_span_equal(ta.cert.skid, der_hex("abcd")));
	assert_true(ta.cert.is_ca);
	assert_int_equal(ta.cert.path_len, -1);
	assert_int_equal(ta.cert.require_explicit, -1);
	assert_int_equal(ta.cert.inhibit_mapping, -1);
	assert_int_equal(ta.cert.inhibit_any, -1);
	assert_int_equal(ta.cert.permitted.n + ta.cert.excluded.n + ta.cert.policies.n, 0);
	assert_true(ta.cert.not_before == INT64_MIN && ta.cert.not_after == INT64_MAX);
}

static void nameless(void **state)
{
	struct info_parts p = plain_info();
	struct cc_trust_anchor ta;

	p.no_controls = true;
	ta = good(&p);
	assert_false(ta.named);
	assert_false(ta.cert.is_ca);
	assert_true(cc_span_equal(ta.cert.spki, p.key));
}

static void every_field(void **state)
{
	struct info_parts p = plain_info();
	struct cc_trust_anchor ta;
	struct cc_span rest, oid, quals;
	struct cc_general_name gn;

	p.title = der_wrap(0x0c, der_str("Gr\xc3\xbc\xc3\x9f"));
	p.policies = policy_control(POLICY);
	p.flags = der_hex("8202 05e0");
	p.names = name_controls("example.com", "bad.example.com");
	p.path_len = der_hex("8401 02");
	p.exts = der(0xa1, der(0x30, cert_ext("551d25", true, EKU_SERVER),
			       cert_ext("2a030405", false, "0500")));
	p.language = der_wrap(0x82, der_str("de-AT"));
	ta = good(&p);
	assert_int_equal(ta.title.n, 6);
	assert_true(cc_span_equal(ta.title_lang, der_str("de-AT")));
	assert_int_equal(ta.cert.path_len, 2);
	assert_int_equal(ta.cert.require_explicit, 0);
	assert_int_equal(ta.cert.inhibit_mapping, 0);
	assert_int_equal(ta.cert.inhibit_any, 0);
	assert_int_equal(ta.cert.eku_mask, CC_EKU_SERVER_AUTH);
	assert_true(ta.cert.ext_present & CC_EXT_BIT(EXT_KEY_USAGE));
	assert_true(ta.cert.ext_present & CC_EXT_BIT(NAME_CONSTRAINTS));
	assert_true(ta.cert.ext_critical & CC_EXT_BIT(NAME_CONSTRAINTS));
	rest = ta.cert.permitted;
	assert_int_equal(cc_subtree_next(&rest, &gn), 1);
	assert_true(gn.type == CC_GN_DNS && cc_span_equal(gn.value, der_str("example.com")));
	rest = ta.cert.excluded;
	assert_int_equal(cc_subtree_next(&rest, &gn), 1);
	assert_true(cc_span_equal(gn.value, der_str("bad.example.com")));
	rest = ta.cert.policies;
	assert_int_equal(cc_policy_info_next(&rest, &oid, &quals), 1);
	assert_true(cc_span_equal(oid, der_hex(POLICY)));
}

/* Every prefix is refused, and so is an octet behind it. */
static void cut_off(void **state)
{
	struct info_parts p = plain_info();
	struct cc_trust_anchor ta;
	struct cc_span whole, part;
	size_t n;

	p.names = name_controls(NULL, "bad.example.com");
	whole = info_choice(&p);
	for (n = 0; n < whole.n; n++) {
		part = der_exact(cc_span(whole.p, n));
		assert_int_not_equal(cc_trust_anchor_parse(part, &ta), CC_CERT_OK);
	}
	whole = der_cat(whole, der_hex("00"), DER_END);
	assert_int_equal(cc_trust_anchor_parse(whole, &ta), CC_CERT_E_TRAILING);
	whole = der_cat(info_der(&p), der_hex("00"), DER_END);
	assert_int_equal(cc_trust_anchor_info_parse(whole, &ta), CC_CERT_E_TRAILING);
}

/* DER-legal but wrong values of one field, each alone. */
static void wrong_fields(void **state)
{
	static const struct {
		const char *version, *key_id, *title, *name, *policies, *flags, *names, *path_len,
			*controls_after, *exts, *language, *after;
		int error;
	} cases[] = {
		{ .version = "020101", .error = CC_CERT_E_VERSION }, /* a DEFAULT written out */
		{ .version = "020102", .error = CC_CERT_E_VERSION },
		{ .key_id = "0500", .error = CC_CERT_E_DER },
		{ .title = "0c00", .error = CC_CERT_E_DER }, /* SIZE (1..64) */
		{ .title = "0c02 c080", .error = CC_CERT_E_DER },
		{ .title = "0c03 eda080", .error = CC_CERT_E_DER },
		{ .title = "0c04 f4908080", .error = CC_CERT_E_DER },
		{ .title = "0c01 c3", .error = CC_CERT_E_DER },
		{ .title = "1301 41", .error = CC_CERT_E_DER }, /* PrintableString */
		{ .name = "3000", .error = CC_CERT_E_NAME },
		{ .name = "0500", .error = CC_CERT_E_DER },
		{ .policies = "a100", .error = CC_CERT_E_CONTROLS },
		{ .policies = "a10d 300b 0603 2a0304 3004 3002 0500", .error = CC_CERT_E_CONTROLS },
		/* a qualifier, well-formed */
		{ .policies = "a113 3011 06032a0304 300a 3008 06032a0305 0c0141",
		  .error = CC_CERT_E_CONTROLS },
		{ .policies = "8105 06032a0304", .error = CC_CERT_E_CONTROLS },
		{ .flags = "8201 01", .error = CC_CERT_E_CONTROLS },
		{ .flags = "8202 0480", .error = CC_CERT_E_CONTROLS }, /* trailing zero bits */
		{ .flags = "8202 0410", .error = CC_CERT_E_CONTROLS }, /* bit 3 */
		{ .flags = "8202 07c0", .error = CC_CERT_E_CONTROLS }, /* unused bit set */
		{ .flags = "8203 070080", .error = CC_CERT_E_CONTROLS },
		{ .flags = "a202 0780", .error = CC_CERT_E_CONTROLS },
		{ .names = "a300", .error = CC_CERT_E_CONTROLS },
		{ .names = "a302 a000", .error = CC_CERT_E_CONTROLS },
		{ .names = "a308 3006 a004 3002 8200", .error = CC_CERT_E_CONTROLS }, /* EXPLICIT */
		{ .path_len = "8401 ff", .error = CC_CERT_E_CONTROLS },
		{ .path_len = "8402 0001", .error = CC_CERT_E_CONTROLS },
		{ .path_len = "8400", .error = CC_CERT_E_CONTROLS },
		{ .controls_after = "8500", .error = CC_CERT_E_CONTROLS },
		{ .exts = "a100", .error = CC_CERT_E_EXTENSION },
		{ .exts = "a102 3000", .error = CC_CERT_E_EXTENSION },
		/* IMPLICIT where EXPLICIT is meant */
		{ .exts = "a10d 300b 0603 2a0304 0404 0402 0500", .error = CC_CERT_E_EXTENSION },
		{ .language = "8200", .error = CC_CERT_E_DER },
		{ .language = "8202 655f", .error = CC_CERT_E_DER },
		{ .language = "a204 0c02 656e", .error = CC_CERT_E_DER }, /* EXPLICIT */
		{ .after = "0500", .error = CC_CERT_E_DER },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct info_parts p = plain_info();
		struct cc_trust_anchor ta;
		int r;

#define TAKE(field)         \
	if (cases[i].field) \
	p.field = der_hex(cases[i].field)
		TAKE(version);
		TAKE(key_id);
		TAKE(title);
		TAKE(name);
		TAKE(policies);
		TAKE(flags);
		TAKE(names);
		TAKE(path_len);
		TAKE(controls_after);
		TAKE(exts);
		TAKE(language);
		TAKE(after);
#undef TAKE
		r = parse(&p, &ta);
		if (r != cases[i].error)
			fail_msg("case %zu: %d (%s)", i, r, cc_cert_error_text(r));
	}
}

static void title_counts_characters(void **state)
{
	struct info_parts p = plain_info();
	char text[2 * 65 + 1] = "";
	int i;

	for (i = 0; i < 64; i++)
		memcpy(text + 2 * i, "\xc3\xbc", 3);
	p.title = der_wrap(0x0c, der_str(text));
	good(&p);
	memcpy(text + 128, "\xc3\xbc", 3);
	p.title = der_wrap(0x0c, der_str(text));
	expect_error(&p, CC_CERT_E_DER);
}

static void extensions(void **state)
{
	static const char *const elsewhere[] = { "551d0e", "551d1e", "551d20",
						 "551d21", "551d24", "551d36" };
	static const char *const values[] = { "0401aa",		"3007a1053003820141",
					      "3005300306012a", "300c300a06032a030406032a0305",
					      "3003800100",	"020100" };
	struct info_parts p = plain_info();
	struct cc_trust_anchor ta;
	size_t i;

	for (i = 0; i < 6; i++) {
		p.exts = der(0xa1, der(0x30, cert_ext(elsewhere[i], false, values[i])));
		expect_error(&p, CC_CERT_E_EXTENSION);
	}
	p.exts = der(0xa1, der(0x30, cert_ext("2a030405", true, "0500")));
	expect_error(&p, CC_CERT_E_EXTENSION);
	p.exts = der(0xa1, der(0x30, cert_ext("2a030405", false, "0500"),
			       cert_ext("2a030406", false, "0500")));
	good(&p);
	p.exts = der(0xa1, der(0x30, cert_ext("2a030405", false, "0500"),
			       cert_ext("2a030405", false, "0500")));
	expect_error(&p, CC_CERT_E_DUPLICATE);
	p.exts = der(0xa1, der(0x30, cert_ext("551d13", true, "3000")));
	ta = good(&p);
	assert_false(ta.cert.is_ca);
	/* A path length in both places: the shorter. */
	p.path_len = der_hex("8401 03");
	p.exts = der(0xa1, der(0x30, cert_ext("551d13", true, "30060101ff020101")));
	ta = good(&p);
	assert_true(ta.cert.is_ca);
	assert_int_equal(ta.cert.path_len, 1);
	p.path_len = der_hex("8401 00");
	ta = good(&p);
	assert_int_equal(ta.cert.path_len, 0);
}

/* RFC 5914 section 2.5: name, key and key identifier are the certificate's. */
static void certificate_inside(void **state)
{
	struct info_parts p = plain_info();
	struct cc_trust_anchor ta;
	struct cc_span none = cc_span(NULL, 0);

	p.certificate = embed(none);
	ta = good(&p);
	assert_false(cc_cert_bare(&ta.cert));
	assert_true(cc_span_equal(ta.certificate, p.certificate));
	assert_int_equal(ta.cert.not_after, 1767225599);
	assert_true(cc_span_equal(ta.cert.skid, der_hex("abcd")));
	p.name = der_name("Subject"); /* the same by RFC 5280, but not exactly */
	expect_error(&p, CC_CERT_E_OTHER);
	p = plain_info();
	p.certificate = embed(none);
	p.key = der_hex("302a 3005 06032b6570 0321 00"
			"0002030405060708091011121314151617181920212223242526272829303132");
	expect_error(&p, CC_CERT_E_OTHER);
	p = plain_info();
	p.certificate = embed(cert_exts(cert_ext("551d0e", false, "0402abcd")));
	good(&p);
	p.certificate = embed(cert_exts(cert_ext("551d0e", false, "0402abce")));
	expect_error(&p, CC_CERT_E_OTHER);
	p.certificate = cert_with(none); /* EXPLICIT would hold it with its own tag */
	expect_error(&p, CC_CERT_E_CONTROLS);
	p.certificate = der_wrap(0xa0, cert_with(none));
	expect_error(&p, CC_CERT_E_TRUNCATED);
}

/* What the TrustAnchorInfo says replaces what the certificate says. */
static void which_counts(void **state)
{
	struct info_parts p = plain_info();
	struct cc_trust_anchor ta;
	struct cc_general_name gn;
	struct cc_span rest;

	p.certificate = embed(cert_exts(
		cert_ext("551d13", true, "30060101ff020102"),
		cert_ext("551d1e", true, "300aa0083006820461626364"), /* permitted: abcd */
		cert_ext("551d25", false, "300a06082b06010505070302"),
		cert_ext("551d24", true, "3003800105"), cert_ext("551d36", true, "020104")));
	ta = good(&p);
	assert_int_equal(ta.cert.path_len, 2);
	assert_int_equal(ta.cert.permitted.n, 8);
	assert_int_equal(ta.cert.eku_mask, CC_EKU_CLIENT_AUTH);
	assert_int_equal(ta.cert.require_explicit, 5);
	assert_int_equal(ta.cert.inhibit_any, 4);
	p.names = name_controls(NULL, "bad.example.com");
	p.path_len = der_hex("8401 01");
	p.flags = der_hex("8202 0520"); /* inhibitAnyPolicy */
	p.exts = der(0xa1, der(0x30, cert_ext("551d25", false, EKU_SERVER)));
	ta = good(&p);
	assert_int_equal(ta.cert.path_len, 1);
	assert_int_equal(ta.cert.permitted.n, 0);
	rest = ta.cert.excluded;
	assert_int_equal(cc_subtree_next(&rest, &gn), 1);
	assert_int_equal(ta.cert.eku_mask, CC_EKU_SERVER_AUTH);
	assert_int_equal(ta.cert.require_explicit, 5); /* the flag that is not set leaves it */
	assert_int_equal(ta.cert.inhibit_any, 0);
	p.path_len = der_hex("8401 09");
	ta = good(&p);
	assert_int_equal(ta.cert.path_len, 2);
}

static void other_choices(void **state)
{
	struct cert_parts parts = cert_parts();
	struct cc_span cert = cert_der(&parts), tbs = cert_tbs(&parts);
	struct cc_trust_anchor ta;

	assert_int_equal(cc_trust_anchor_parse(cert, &ta), CC_CERT_OK);
	assert_int_equal(ta.kind, CC_ANCHOR_CERTIFICATE);
	assert_true(cc_span_equal(ta.body, cert) && cc_span_equal(ta.certificate, cert));
	assert_int_equal(cc_trust_anchor_parse(der_exact(der_wrap(0xa1, tbs)), &ta), CC_CERT_OK);
	assert_int_equal(ta.kind, CC_ANCHOR_TBS);
	assert_true(cc_span_equal(ta.body, tbs) && cc_span_equal(ta.cert.tbs, tbs));
	assert_int_equal(ta.certificate.n + ta.cert.signature.n, 0);
	assert_int_equal(ta.cert.not_after, 1767225599);
	assert_int_equal(cc_trust_anchor_parse(der_wrap(0xa1, cert), &ta), CC_CERT_E_DER);
	assert_int_equal(cc_trust_anchor_parse(retag(0xa1, tbs), &ta), CC_CERT_E_DER);
	assert_int_equal(cc_trust_anchor_parse(der_wrap(0xa3, tbs), &ta), CC_CERT_E_DER);
	assert_int_equal(cc_trust_anchor_parse(cc_span(NULL, 0), &ta), CC_CERT_E_EMPTY);
}

static void lists(void **state)
{
	struct cert_parts parts = cert_parts();
	struct cc_span cert = cert_der(&parts), rest, one;
	struct info_parts p = plain_info();
	struct cc_span info = info_choice(&p);
	struct cc_span list = der(0x30, cert, info, cert);

	assert_int_equal(cc_trust_anchor_form(cert), CC_ANCHOR_FORM_CHOICE);
	assert_int_equal(cc_trust_anchor_form(info), CC_ANCHOR_FORM_CHOICE);
	assert_int_equal(cc_trust_anchor_form(info_der(&p)), CC_ANCHOR_FORM_INFO);
	assert_int_equal(cc_trust_anchor_form(list), CC_ANCHOR_FORM_LIST);
	assert_int_equal(cc_trust_anchor_form(der(0x30, cert)), CC_ANCHOR_FORM_LIST);
	assert_int_equal(cc_trust_anchor_form(der(0x30, cert, cert, cert)), CC_ANCHOR_FORM_LIST);
	assert_int_equal(cc_trust_anchor_form(der(0x30, info)), CC_ANCHOR_FORM_LIST);
	assert_int_equal(cc_trust_anchor_list(list, &rest), CC_CERT_OK);
	assert_int_equal(cc_trust_anchor_next(&rest, &one), 1);
	assert_true(cc_span_equal(one, cert));
	assert_int_equal(cc_trust_anchor_next(&rest, &one), 1);
	assert_true(cc_span_equal(one, info));
	assert_int_equal(cc_trust_anchor_next(&rest, &one), 1);
	assert_int_equal(cc_trust_anchor_next(&rest, &one), 0);
	assert_int_equal(cc_trust_anchor_list(der_hex("3000"), &rest), CC_CERT_E_EMPTY);
	assert_int_equal(cc_trust_anchor_list(der_hex("30020500ff"), &rest), CC_CERT_E_TRAILING);
	rest = der_hex("0500");
	assert_int_equal(cc_trust_anchor_next(&rest, &one), -1);
	rest = der_hex("a005");
	assert_int_equal(cc_trust_anchor_next(&rest, &one), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bare),		cmocka_unit_test(nameless),
		cmocka_unit_test(every_field),	cmocka_unit_test(cut_off),
		cmocka_unit_test(wrong_fields), cmocka_unit_test(title_counts_characters),
		cmocka_unit_test(extensions),	cmocka_unit_test(certificate_inside),
		cmocka_unit_test(which_counts), cmocka_unit_test(other_choices),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
