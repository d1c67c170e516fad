// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* core/cms.h: the one form of SignedData that is an envelope of a bundle, part by part. */
#include "tests/unit/der_text.h"
#include "core/alg.h"
#include "core/cms.h"

#define OID_SIGNED "06{2a864886f70d010702}"
#define OID_DATA "06{2a864886f70d010701}"
#define OID_SHA256 "06{608648016503040201}"
#define OID_SHA384 "06{608648016503040202}"
#define OID_SHA512 "06{608648016503040203}"
#define OID_RSA(n) "06{2a864886f70d0101" n "}"
#define ISSUER "30{31{30{0603550403 0c{'A'}}}}"

/* Each part as der_text() reads it. */
struct parts {
	const char *type, *version, *digests, *content, *between, *signer_version, *sid, *digest;
	const char *attributes, *algorithm, *signature, *unsigned_attributes, *more, *after;
};

static struct parts usual(void)
{
	struct parts p = { .type = OID_SIGNED,
			   .version = "020101",
			   .digests = "30{" OID_SHA256 "}",
			   .content = "a0{04{'content'}}",
			   .between = "",
			   .signer_version = "020101",
			   .sid = "30{" ISSUER "02020080}",
			   .digest = "30{" OID_SHA256 "0500}",
			   .attributes = "",
			   .algorithm = "30{" OID_RSA("01") "0500}",
			   .signature = "04{*256(55)}",
			   .unsigned_attributes = "",
			   .more = "",
			   .after = "" };

	return p;
}

static struct cc_span signer(const struct parts *p)
{
	return der(0x30, der_text(p->signer_version), der_text(p->sid), der_text(p->digest),
		   der_text(p->attributes), der_text(p->algorithm), der_text(p->signature),
		   der_text(p->unsigned_attributes));
}

static struct cc_span build(const struct parts *p, struct cc_span signers)
{
	return der(0x30, der_text(p->type),
		   der(0xa0, der(0x30, der_text(p->version), der(0x31, der_text(p->digests)),
				 der(0x30, der_text(OID_DATA), der_text(p->content)),
				 der_text(p->between), der(0x31, signers), der_text(p->after))),
		   der_text(p->more));
}

static void expect(const struct parts *p, int error)
{
	struct cc_cms cms;
	int r = cc_cms_parse(der_exact(build(p, signer(p))), &cms);

	if (r != error)
		fail_msg("%d (%s), not %d", r, cc_cms_error_text(r), error);
}

static void as_it_should_be(void **state)
{
	struct parts p = usual();
	struct cc_cms cms;

	assert_int_equal(cc_cms_parse(der_exact(build(&p, signer(&p))), &cms), CC_CMS_OK);
	assert_true(cc_span_equal(cms.content, der_str("content")));
	assert_true(cc_span_equal(cms.issuer, der_text(ISSUER)));
	assert_true(cc_span_equal(cms.serial, der_hex("0080")));
	assert_int_equal(cms.signature.n, 256);
	assert_int_equal(cms.scheme, CC_SCHEME_RSA_PKCS1_SHA256);
}

static void hashes(void **state)
{
	static const struct {
		const char *hash, *rsa;
		int scheme;
	} good[] = {
		{ OID_SHA256, OID_RSA("0b"), CC_SCHEME_RSA_PKCS1_SHA256 },
		{ OID_SHA384, OID_RSA("01"), CC_SCHEME_RSA_PKCS1_SHA384 },
		{ OID_SHA384, OID_RSA("0c"), CC_SCHEME_RSA_PKCS1_SHA384 },
		{ OID_SHA512, OID_RSA("01"), CC_SCHEME_RSA_PKCS1_SHA512 },
		{ OID_SHA512, OID_RSA("0d"), CC_SCHEME_RSA_PKCS1_SHA512 },
	};
	char hash[64], rsa[64];
	struct cc_cms cms;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(good); i++) {
		struct parts p = usual();

		snprintf(hash, sizeof(hash), "30{%s}", good[i].hash);
		snprintf(rsa, sizeof(rsa), "30{%s0500}", good[i].rsa);
		p.digests = hash;
		p.digest = hash;
		p.algorithm = rsa;
		assert_int_equal(cc_cms_parse(build(&p, signer(&p)), &cms), CC_CMS_OK);
		assert_int_equal(cms.scheme, good[i].scheme);
	}
}

static void sizes(void **state)
{
	struct parts p = usual();

	p.signature = "04{*1024(01)}";
	expect(&p, CC_CMS_OK);
	p.signature = "04{*1025(01)}";
	expect(&p, CC_CMS_E_SIGNATURE);
	p.signature = "04{*255(01)}";
	expect(&p, CC_CMS_E_SIGNATURE);
	p = usual();
	p.content = "a0{0400}";
	expect(&p, CC_CMS_OK);
}

/* One part in place of the usual one. */
static void bad(void **state)
{
	static const struct {
		size_t part;
		const char *value;
		int error;
	} rows[] = {
#define PART(name) offsetof(struct parts, name)
		{ PART(type), OID_DATA, CC_CMS_E_TYPE },
		{ PART(type), "06{80}", CC_CMS_E_DER },
		{ PART(more), "0500", CC_CMS_E_DER },
		{ PART(version), "020103", CC_CMS_E_VERSION },
		{ PART(version), "02020001", CC_CMS_E_VERSION },
		{ PART(version), "0a0101", CC_CMS_E_DER },
		{ PART(digests), "", CC_CMS_E_ALGORITHM },
		{ PART(digests), "30{" OID_SHA256 "}30{" OID_SHA384 "}", CC_CMS_E_ALGORITHM },
		{ PART(digests), "30{" OID_SHA384 "}", CC_CMS_E_ALGORITHM },
		{ PART(digests), "30{06{2b0e03021a}}", CC_CMS_E_ALGORITHM },
		{ PART(digests), "30{" OID_SHA256 "0501aa}", CC_CMS_E_ALGORITHM },
		{ PART(digests), "30{" OID_SHA256 "05000500}", CC_CMS_E_ALGORITHM },
		{ PART(digests), "30{0500}", CC_CMS_E_DER },
		{ PART(content), "", CC_CMS_E_DETACHED },
		{ PART(content), "80{'content'}", CC_CMS_E_DER },
		{ PART(content), "a0{24{04{'content'}}}", CC_CMS_E_DER },
		{ PART(content), "a0{04{'c'}04{'c'}}", CC_CMS_E_DER },
		{ PART(content), "a0{04{'c'}}0500", CC_CMS_E_DER },
		{ PART(between), "a0{3000}", CC_CMS_E_CERTIFICATES },
		{ PART(between), "a000", CC_CMS_E_CERTIFICATES },
		{ PART(between), "a1{3000}", CC_CMS_E_CERTIFICATES },
		{ PART(between), "a2{3000}", CC_CMS_E_DER },
		{ PART(signer_version), "020103", CC_CMS_E_VERSION },
		{ PART(sid), "80{'key'}", CC_CMS_E_SIGNER },
		{ PART(sid), "30{" ISSUER "02020080 0500}", CC_CMS_E_SIGNER },
		{ PART(sid), "30{" ISSUER "02020001}", CC_CMS_E_SIGNER },
		{ PART(sid), "30{" ISSUER "0200}", CC_CMS_E_SIGNER },
		{ PART(sid), "30{30{3000}020101}", CC_CMS_E_SIGNER },
		{ PART(sid), "30{020101}", CC_CMS_E_DER },
		{ PART(sid), "30{" ISSUER "}", CC_CMS_E_TRUNCATED },
		{ PART(digest), "30{" OID_SHA384 "}", CC_CMS_E_ALGORITHM },
		{ PART(attributes), "a0{3000}", CC_CMS_E_ATTRIBUTES },
		{ PART(algorithm), "30{" OID_RSA("01") "}", CC_CMS_E_ALGORITHM },
		{ PART(algorithm), "30{" OID_RSA("0a") "0500}", CC_CMS_E_ALGORITHM },
		{ PART(algorithm), "30{" OID_RSA("0c") "0500}", CC_CMS_E_ALGORITHM },
		{ PART(algorithm), "30{06{2a8648ce3d040302}0500}", CC_CMS_E_ALGORITHM },
		{ PART(signature), "03{*257(00)}", CC_CMS_E_DER },
		{ PART(unsigned_attributes), "a1{3000}", CC_CMS_E_ATTRIBUTES },
		{ PART(unsigned_attributes), "0500", CC_CMS_E_DER },
		{ PART(after), "0500", CC_CMS_E_DER },
#undef PART
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct parts p = usual();

		memcpy((char *)&p + rows[i].part, &rows[i].value, sizeof(rows[i].value));
		print_message("%zu\n", i);
		expect(&p, rows[i].error);
	}
}

static void signers(void **state)
{
	struct parts p = usual();
	struct cc_span one = signer(&p), none = cc_span(NULL, 0);
	struct cc_cms cms;

	assert_int_equal(cc_cms_parse(build(&p, none), &cms), CC_CMS_E_SIGNERS);
	assert_int_equal(cc_cms_parse(build(&p, der_cat(one, one, DER_END)), &cms),
			 CC_CMS_E_SIGNERS);
}

static void cut_off(void **state)
{
	struct parts p = usual();
	struct cc_span whole = build(&p, signer(&p));
	struct cc_cms cms;
	size_t n;

	for (n = 0; n < whole.n; n++) {
		struct cc_span part = der_exact(cc_span(whole.p, n));

		assert_int_equal(cc_cms_parse(part, &cms), CC_CMS_E_TRUNCATED);
		der_free(part);
	}
	assert_int_equal(cc_cms_parse(der_cat(whole, der_hex("00"), DER_END), &cms),
			 CC_CMS_E_TRAILING);
}

static void texts(void **state)
{
	int e;

	assert_string_equal(cc_cms_error_text(CC_CMS_OK), "no error");
	for (e = 1; e <= CC_CMS_E_SIGNATURE; e++)
		assert_string_not_equal(cc_cms_error_text(e), "?");
	assert_string_equal(cc_cms_error_text(e), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_it_should_be), cmocka_unit_test(hashes),
		cmocka_unit_test(sizes),	   cmocka_unit_test(bad),
		cmocka_unit_test(signers),	   cmocka_unit_test(cut_off),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests_name("core/cms", tests, NULL, NULL);
}
