// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* OCSP responses as spans: every field, every way to be malformed. */
#include "core/crl.h"
#include "tests/unit/ocsp_build.h"

#define NONE cc_span(NULL, 0)

static void expect(const char *what, const struct ocsp_parts *p, int error)
{
	struct cc_ocsp c;
	int r = ocsp_parse(p, &c);

	if (r != error)
		fail_msg("%s: %s, expected %s", what, cc_ocsp_error_text(r),
			 cc_ocsp_error_text(error));
}

static void parses_a_plain_one(void **state)
{
	struct ocsp_parts p = ocsp_parts();
	struct cc_ocsp_single s;
	struct cc_span rest;
	struct cc_ocsp c;

	(void)state;
	assert_int_equal(ocsp_parse(&p, &c), CC_OCSP_OK);
	assert_int_equal(c.status, CC_OCSP_STATUS_SUCCESSFUL);
	assert_false(c.by_key);
	assert_true(cc_span_equal(c.responder, der_text("30{31{30{06{550403}0c{'responder'}}}}")));
	assert_int_equal(c.produced_at, 1735689600);
	assert_int_equal(c.single_count, 1);
	assert_int_equal(c.cert_count, 0);
	assert_int_equal(c.ext_present, 0);
	assert_int_equal(c.scheme, CC_SCHEME_ED25519);
	assert_int_equal(c.signature.n, 64);
	assert_int_equal(c.tbs.p[0], 0x30);
	rest = c.singles;
	assert_int_equal(cc_ocsp_single_next(&rest, &s), 1);
	assert_int_equal(s.id.hash, CC_OCSP_HASH_SHA1);
	assert_int_equal(s.id.name_hash.p[0], 0xa1);
	assert_int_equal(s.id.key_hash.p[0], 0xb2);
	assert_int_equal(s.id.serial.n, 2);
	assert_true(cc_span_equal(s.id.whole, der_text(OCSP_ID)));
	assert_int_equal(s.status, CC_OCSP_GOOD);
	assert_int_equal(s.this_update, 1735689600);
	assert_true(s.has_next_update);
	assert_int_equal(s.next_update, 1736294400);
	assert_int_equal(s.ext_present, 0);
	assert_int_equal(cc_ocsp_single_next(&rest, &s), 0);
}

static void responders(void **state)
{
	static const struct {
		const char *der;
		int error;
	} rows[] = {
		{ "a1{30{}}", CC_OCSP_OK }, /* a Name may be empty */
		{ "a2{04{*20(c3)}}", CC_OCSP_OK },
		{ "a2{04{*19(c3)}}", CC_OCSP_E_RESPONDER },
		{ "a2{04{*32(c3)}}", CC_OCSP_E_RESPONDER },
		{ "a2{04{*20(c3)}05{}}", CC_OCSP_E_RESPONDER },
		{ "a2{05{}}", CC_OCSP_E_RESPONDER },
		{ "82{*20(c3)}", CC_OCSP_E_RESPONDER },
		{ "a1{31{}}", CC_OCSP_E_RESPONDER },
		{ "a1{30{31{}}}", CC_OCSP_E_RESPONDER },
		{ "a3{04{*20(c3)}}", CC_OCSP_E_RESPONDER },
		{ "30{}", CC_OCSP_E_RESPONDER },
	};
	struct ocsp_parts p = ocsp_parts();
	struct cc_ocsp c;
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		p.responder = rows[i].der;
		expect(rows[i].der, &p, rows[i].error);
	}
	p.responder = "a2{04{*20(c3)}}";
	assert_int_equal(ocsp_parse(&p, &c), CC_OCSP_OK);
	assert_true(c.by_key);
	assert_int_equal(c.responder.n, 20);
}

/* Every responseStatus there is, and what must go with it. */
static void statuses(void **state)
{
	static const char *const texts[] = { "0a{00}", "0a{01}", "0a{02}", "0a{03}",
					     "0a{04}", "0a{05}", "0a{06}", "0a{07}" };
	struct ocsp_parts p = ocsp_parts();
	struct cc_ocsp c;
	unsigned int i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(texts); i++) {
		bool error = i == 4 || i == 7;

		p.status = texts[i];
		p.type = NULL;
		expect(texts[i], &p, error || i == 0 ? CC_OCSP_E_STATUS : CC_OCSP_OK);
		if (!error && i)
			assert_true(!ocsp_parse(&p, &c) && c.status == i && !c.single_count);
		assert_int_equal(!strcmp(cc_ocsp_status_text(i), "?"), error);
		p.type = ocsp_parts().type;
		expect(texts[i], &p, i ? CC_OCSP_E_STATUS : CC_OCSP_OK);
	}
	p.status = "0a{0000}";
	expect(p.status, &p, CC_OCSP_E_STATUS);
	p.status = "0a{ff}";
	expect(p.status, &p, CC_OCSP_E_STATUS);
	p.status = "02{00}";
	expect(p.status, &p, CC_OCSP_E_DER);
	p.status = "";
	expect("no status", &p, CC_OCSP_E_DER);
	assert_string_equal(cc_ocsp_status_text(CC_OCSP_STATUS_TRY_LATER), "tryLater");
	assert_string_equal(cc_ocsp_cert_status_text(CC_OCSP_REVOKED), "revoked");
	assert_string_equal(cc_ocsp_cert_status_text(3), "?");
}

static void single_responses(void **state)
{
	static const struct {
		const char *der;
		int error;
	} rows[] = {
		{ "30{" OCSP_GOOD "}", CC_OCSP_OK },
		{ "30{" OCSP_REVOKED "}", CC_OCSP_OK },
		{ "30{" OCSP_ID "82{}" OCSP_T1 "}", CC_OCSP_OK },
		{ "30{" OCSP_ID256 "80{}" OCSP_T1 "}", CC_OCSP_OK },
		{ "", CC_OCSP_E_SINGLE },
		{ "31{" OCSP_GOOD "}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_GOOD "05{}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_GOOD "} 05{}", CC_OCSP_E_SINGLE },
		/* certStatus */
		{ "30{" OCSP_ID "80{00}" OCSP_T1 "}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "a0{05{}}" OCSP_T1 "}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "82{00}" OCSP_T1 "}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "83{}" OCSP_T1 "}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "a1{18{'20241224180000Z'}}" OCSP_T1 "}", CC_OCSP_OK },
		{ "30{" OCSP_ID "a1{}" OCSP_T1 "}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "a1{17{'241224180000Z'}}" OCSP_T1 "}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "a1{18{'20241224180000Z'}a0{0a{ff}}}" OCSP_T1 "}",
		  CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "a1{18{'20241224180000Z'}a0{02{01}}}" OCSP_T1 "}",
		  CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "a1{18{'20241224180000Z'}a0{0a{01}}05{}}" OCSP_T1 "}",
		  CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "81{18{'20241224180000Z'}}" OCSP_T1 "}", CC_OCSP_E_SINGLE },
		/* times */
		{ "30{" OCSP_ID "80{}18{'20250101000000.5Z'}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}18{'202501010000Z'}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}18{'20250101000000+0000'}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}18{'20250230000000Z'}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}17{'250101000000Z'}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}" OCSP_T1 "a0{17{'250101000000Z'}}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}" OCSP_T1 "a0{" OCSP_T2 OCSP_T2 "}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}" OCSP_T1 "a0{}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_ID "80{}" OCSP_T1 OCSP_T2 "}", CC_OCSP_E_SINGLE },
		/* extensions */
		{ "30{" OCSP_GOOD "a1{30{" OCSP_SCTS "}}}", CC_OCSP_OK },
		{ "30{" OCSP_GOOD "a1{30{}}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_GOOD "a1{}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_GOOD "a1{30{" OCSP_SCTS OCSP_SCTS "}}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_GOOD "a1{30{" OCSP_SCTS "}05{}}}", CC_OCSP_E_SINGLE },
		{ "30{" OCSP_GOOD "a2{30{" OCSP_SCTS "}}}", CC_OCSP_E_SINGLE },
	};
	struct ocsp_parts p = ocsp_parts();
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		p.singles = rows[i].der;
		expect(rows[i].der, &p, rows[i].error);
	}
}

static void certificate_ids(void **state)
{
#define ID(...) "30{30{" __VA_ARGS__ "}80{}" OCSP_T1 "}"
#define HASHES "04{*20(a1)}04{*20(b2)}02{01}"
	static const struct {
		const char *der;
		int error;
		uint8_t hash;
	} rows[] = {
		{ ID(OCSP_SHA1_ALG HASHES), CC_OCSP_OK, CC_OCSP_HASH_SHA1 },
		{ ID("30{06{2b0e03021a}}" HASHES), CC_OCSP_OK, CC_OCSP_HASH_SHA1 },
		{ ID(OCSP_SHA256_ALG "04{*32(a1)}04{*32(b2)}02{01}"), CC_OCSP_OK,
		  CC_OCSP_HASH_SHA256 },
		{ ID("30{06{608648016503040202}}04{*48(a1)}04{*48(b2)}02{01}"), CC_OCSP_OK,
		  CC_OCSP_HASH_OTHER },
		/* parameters that no hash has */
		{ ID("30{06{2b0e03021a}02{01}}" HASHES), CC_OCSP_OK, CC_OCSP_HASH_OTHER },
		{ ID("30{06{2b0e03021a}05{}05{}}" HASHES), CC_OCSP_E_SINGLE, 0 },
		{ ID("30{}" HASHES), CC_OCSP_E_SINGLE, 0 },
		{ ID("30{06{80}}" HASHES), CC_OCSP_E_SINGLE, 0 },
		{ ID(OCSP_SHA1_ALG "04{*32(a1)}04{*32(b2)}02{01}"), CC_OCSP_E_SINGLE, 0 },
		{ ID(OCSP_SHA1_ALG "04{*20(a1)}04{*19(b2)}02{01}"), CC_OCSP_E_SINGLE, 0 },
		{ ID(OCSP_SHA256_ALG "04{*20(a1)}04{*32(b2)}02{01}"), CC_OCSP_E_SINGLE, 0 },
		{ ID(OCSP_SHA1_ALG "04{*20(a1)}04{*20(b2)}02{}"), CC_OCSP_E_SINGLE, 0 },
		{ ID(OCSP_SHA1_ALG "04{*20(a1)}04{*20(b2)}02{0001}"), CC_OCSP_E_SINGLE, 0 },
		{ ID(OCSP_SHA1_ALG HASHES "05{}"), CC_OCSP_E_SINGLE, 0 },
		{ ID(OCSP_SHA1_ALG "04{*20(a1)}04{*20(b2)}"), CC_OCSP_E_SINGLE, 0 },
	};
	struct ocsp_parts p = ocsp_parts();
	struct cc_ocsp_single s;
	struct cc_span rest;
	struct cc_ocsp c;
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		p.singles = rows[i].der;
		expect(rows[i].der, &p, rows[i].error);
		if (rows[i].error || ocsp_parse(&p, &c))
			continue;
		rest = c.singles;
		assert_int_equal(cc_ocsp_single_next(&rest, &s), 1);
		assert_int_equal(s.id.hash, rows[i].hash);
	}
}

static void several_responses(void **state)
{
	struct ocsp_parts p = ocsp_parts();
	struct cc_ocsp_single s;
	struct cc_span rest;
	struct cc_ocsp c;

	(void)state;
	p.singles = "30{" OCSP_GOOD "}30{" OCSP_REVOKED "}30{" OCSP_ID256 "82{}" OCSP_T1
		    "a1{30{" OCSP_SCTS OCSP_UNKNOWN_CRITICAL OCSP_UNKNOWN_EXT "}}}";
	assert_int_equal(ocsp_parse(&p, &c), CC_OCSP_OK);
	assert_int_equal(c.single_count, 3);
	rest = c.singles;
	assert_int_equal(cc_ocsp_single_next(&rest, &s), 1);
	assert_int_equal(s.status, CC_OCSP_GOOD);
	assert_int_equal(cc_ocsp_single_next(&rest, &s), 1);
	assert_int_equal(s.status, CC_OCSP_REVOKED);
	assert_int_equal(s.revoked_at, 1735063200);
	assert_true(s.has_reason);
	assert_int_equal(s.reason, CC_CRL_REASON_KEY_COMPROMISE);
	assert_false(s.has_next_update);
	assert_int_equal(cc_ocsp_single_next(&rest, &s), 1);
	assert_int_equal(s.status, CC_OCSP_UNKNOWN);
	assert_int_equal(s.ext_present, CC_OCSP_EXT_BIT(SCT_LIST) | CC_OCSP_EXT_BIT(UNKNOWN));
	assert_int_equal(s.ext_critical, CC_OCSP_EXT_BIT(UNKNOWN));
	assert_true(cc_span_equal(s.scts, der_hex("0003000141")));
	assert_true(cc_span_equal(s.unknown_critical, der_hex("2a0305")));
	assert_int_equal(cc_ocsp_single_next(&rest, &s), 0);
	assert_int_equal(rest.n, 0);
}

#define OCSP_OID(last) "06{2b06010505073001" last "}"

static void extensions(void **state)
{
	static const struct {
		const char *of_response, *of_single;
		int error; /* of the response's; a single response is just malformed */
	} rows[] = {
		{ OCSP_NONCE, NULL, CC_OCSP_OK },
		{ "30{" OCSP_OID("02") "04{04{}}}", NULL, CC_OCSP_E_EXTENSION },
		{ "30{" OCSP_OID("02") "04{04{*128(aa)}}}", NULL, CC_OCSP_OK },
		{ "30{" OCSP_OID("02") "04{04{*129(aa)}}}", NULL, CC_OCSP_E_EXTENSION },
		{ "30{" OCSP_OID("02") "04{0102030405060708}}", NULL, CC_OCSP_E_EXTENSION },
		{ "30{" OCSP_OID("09") "04{05{}}}", NULL, CC_OCSP_OK },
		{ "30{" OCSP_OID("09") "04{05{00}}}", NULL, CC_OCSP_E_EXTENSION },
		{ OCSP_UNKNOWN_EXT OCSP_UNKNOWN_CRITICAL, OCSP_UNKNOWN_EXT OCSP_UNKNOWN_CRITICAL,
		  CC_OCSP_OK },
		{ OCSP_UNKNOWN_EXT OCSP_UNKNOWN_EXT, OCSP_UNKNOWN_EXT OCSP_UNKNOWN_EXT,
		  CC_OCSP_E_DUPLICATE },
		/* what belongs to the other list is not looked into */
		{ OCSP_SCTS "30{" OCSP_OID("06") "04{00}}", OCSP_NONCE, CC_OCSP_OK },
		{ NULL, OCSP_SCTS, CC_OCSP_OK },
		{ NULL, "30{06{2b06010401d679020405}04{05{}}}", CC_OCSP_E_EXTENSION },
		{ NULL, "30{" OCSP_OID("06") "04{" OCSP_T1 "}}", CC_OCSP_OK },
		{ NULL, "30{" OCSP_OID("06") "04{17{'250101000000Z'}}}", CC_OCSP_E_EXTENSION },
		{ NULL, "30{" OCSP_OID("03") "04{30{a0{16{'u'}}a1{02{05}}a2{" OCSP_T1 "}}}}",
		  CC_OCSP_OK },
		{ NULL, "30{" OCSP_OID("03") "04{30{a1{02{05}}a0{16{'u'}}}}}",
		  CC_OCSP_E_EXTENSION },
		{ NULL, "30{" OCSP_OID("03") "04{31{}}}", CC_OCSP_E_EXTENSION },
		{ NULL, "30{06{551d15}04{0a{01}}}", CC_OCSP_OK },
		{ NULL, "30{06{551d15}04{02{01}}}", CC_OCSP_E_EXTENSION },
		{ NULL, "30{06{551d18}04{" OCSP_T1 "}}", CC_OCSP_OK },
		{ NULL, "30{06{551d18}04{05{}}}", CC_OCSP_E_EXTENSION },
		{ NULL, "30{06{551d1d}01{ff}04{05{}}}", CC_OCSP_OK }, /* unknown here */
		{ "30{06{2a0304}01{00}04{05{}}}", "30{06{2a0304}01{00}04{05{}}}",
		  CC_OCSP_E_EXTENSION },
		{ "05{}", "05{}", CC_OCSP_E_EXTENSION },
		{ "", "", CC_OCSP_E_EXTENSION },
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct ocsp_parts p = ocsp_parts();

		if (rows[i].of_response) {
			snprintf(text, sizeof(text), "a1{30{%s}}", rows[i].of_response);
			p.exts = text;
			expect(text, &p, rows[i].error);
		}
		p = ocsp_parts();
		if (rows[i].of_single) {
			snprintf(text, sizeof(text), "30{" OCSP_GOOD "a1{30{%s}}}",
				 rows[i].of_single);
			p.singles = text;
			expect(text, &p, rows[i].error ? CC_OCSP_E_SINGLE : CC_OCSP_OK);
		}
	}
}

static void extension_fields(void **state)
{
	struct ocsp_parts p = ocsp_parts();
	char text[1024] = "a1{30{";
	struct cc_ocsp c;
	int i;

	(void)state;
	p.exts = "a1{30{" OCSP_NONCE OCSP_UNKNOWN_CRITICAL "}}";
	assert_int_equal(ocsp_parse(&p, &c), CC_OCSP_OK);
	assert_int_equal(c.ext_present, CC_OCSP_EXT_BIT(NONCE) | CC_OCSP_EXT_BIT(UNKNOWN));
	assert_int_equal(c.ext_critical, CC_OCSP_EXT_BIT(UNKNOWN));
	assert_int_equal(c.nonce.n, 8);
	assert_true(cc_span_equal(c.unknown_critical, der_hex("2a0305")));
	p.exts = "a1{30{" OCSP_NONCE "}05{}}";
	expect(p.exts, &p, CC_OCSP_E_EXTENSION);
	p.exts = "a1{30{" OCSP_NONCE "}}05{}";
	expect(p.exts, &p, CC_OCSP_E_DER);
	p.exts = "a0{30{" OCSP_NONCE "}}";
	expect(p.exts, &p, CC_OCSP_E_DER);
	for (i = 0; i <= CC_OCSP_EXT_MAX; i++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, "30{06{2a03%02x}04{}}", i);
		n = strlen(text);
		strcpy(text + n, "}}");
		p.exts = text;
		expect(text, &p, i < CC_OCSP_EXT_MAX ? CC_OCSP_OK : CC_OCSP_E_TOO_LARGE);
		text[n] = '\0';
	}
}

static void certificates(void **state)
{
	struct ocsp_parts p = ocsp_parts();
	char text[1024] = "a0{30{";
	struct cc_span rest, der;
	struct cc_ocsp c;
	int i;

	(void)state;
	p.certs = "a0{30{30{0500}30{}}}";
	assert_int_equal(ocsp_parse(&p, &c), CC_OCSP_OK);
	assert_int_equal(c.cert_count, 2);
	rest = c.certs;
	assert_int_equal(cc_ocsp_cert_next(&rest, &der), 1);
	assert_true(cc_span_equal(der, der_hex("30020500")));
	assert_int_equal(cc_ocsp_cert_next(&rest, &der), 1);
	assert_int_equal(der.n, 2);
	assert_int_equal(cc_ocsp_cert_next(&rest, &der), 0);
	p.certs = "a0{30{}}"; /* should be absent, harms nobody */
	expect(p.certs, &p, CC_OCSP_OK);
	p.certs = "a0{30{05{}}}";
	expect(p.certs, &p, CC_OCSP_E_CERTS);
	p.certs = "a0{31{}}";
	expect(p.certs, &p, CC_OCSP_E_CERTS);
	p.certs = "a0{30{}}05{}";
	expect(p.certs, &p, CC_OCSP_E_CERTS);
	p.certs = "a1{30{}}";
	expect(p.certs, &p, CC_OCSP_E_CERTS);
	for (i = 0; i <= CC_OCSP_CERTS_MAX; i++) {
		size_t n = strlen(text);

		strcpy(text + n, "30{}");
		strcpy(text + n + 4, "}}");
		p.certs = text;
		expect(text, &p, i < CC_OCSP_CERTS_MAX ? CC_OCSP_OK : CC_OCSP_E_CERTS);
		text[n + 4] = '\0';
	}
}

static void other_parts(void **state)
{
	static const struct {
		struct ocsp_parts with;
		int error;
	} rows[] = {
		{ { .version = "a0{02{00}}" }, CC_OCSP_E_VERSION }, /* the default, written out */
		{ { .version = "a0{02{01}}" }, CC_OCSP_E_VERSION },
		{ { .type = "06{2b0601050507300102}" }, CC_OCSP_E_TYPE },
		{ { .type = "06{80}" }, CC_OCSP_E_DER },
		{ { .type = "05{}" }, CC_OCSP_E_DER },
		{ { .produced = "17{'250101000000Z'}" }, CC_OCSP_E_TIME },
		{ { .produced = "18{'20250101000000.0Z'}" }, CC_OCSP_E_TIME },
		{ { .produced = "18{'20251301000000Z'}" }, CC_OCSP_E_TIME },
		{ { .alg = "30{}" }, CC_OCSP_E_DER },
		{ { .alg = "30{06{2b6570}05{}05{}}" }, CC_OCSP_E_DER },
		{ { .alg = "31{06{2b6570}}" }, CC_OCSP_E_DER },
		{ { .alg = "30{06{2b6570}05{}}" }, CC_OCSP_OK }, /* of no scheme that is known */
		{ { .signature = "03{0180}" }, CC_OCSP_E_DER },
		{ { .signature = "04{00}" }, CC_OCSP_E_DER },
		{ { .after = "05{}" }, CC_OCSP_E_DER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct ocsp_parts p = ocsp_parts();
		const char *const *from = (const char *const *)&rows[i].with;
		const char **to = (const char **)&p;
		size_t k;

		for (k = 0; k < sizeof(p) / sizeof(char *); k++)
			if (from[k])
				to[k] = from[k];
		for (k = 0; k < sizeof(p) / sizeof(char *) && !from[k]; k++)
			;
		expect(from[k], &p, rows[i].error);
	}
}

static void refuses_what_is_cut_or_longer(void **state)
{
	struct ocsp_parts p = ocsp_parts();
	struct cc_span s, block;
	struct cc_ocsp c;
	size_t n;

	(void)state;
	p.exts = "a1{30{" OCSP_NONCE "}}";
	p.certs = "a0{30{30{0500}}}";
	s = ocsp_der(&p);
	assert_int_equal(cc_ocsp_parse(NONE, &c), CC_OCSP_E_EMPTY);
	assert_int_equal(cc_ocsp_parse(s, &c), CC_OCSP_OK);
	for (n = 1; n < s.n; n++) {
		block = der_exact(cc_span(s.p, n));
		assert_int_equal(cc_ocsp_parse(block, &c), CC_OCSP_E_TRUNCATED);
		der_free(block);
	}
	assert_int_equal(cc_ocsp_parse(der_exact(der_cat(s, der_hex("00"), DER_END)), &c),
			 CC_OCSP_E_TRAILING);
	assert_int_equal(cc_ocsp_parse(cc_span(s.p, CC_OCSP_MAX + 1), &c), CC_OCSP_E_TOO_LARGE);
}

/* The inner lengths run past their containers, one octet after the other. */
static void refuses_changed_lengths(void **state)
{
	struct ocsp_parts p = ocsp_parts();
	struct cc_span s = ocsp_der(&p);
	uint8_t *copy = der_alloc(s.n);
	struct cc_ocsp c;
	size_t at;

	(void)state;
	for (at = 0; at + 70 < s.n; at++) {
		memcpy(copy, s.p, s.n);
		copy[at] = 0x7f;
		/* Most are refused; what is not has the same structure. */
		if (cc_ocsp_parse(der_exact(cc_span(copy, s.n)), &c) == CC_OCSP_OK)
			assert_int_equal(c.single_count, 1);
	}
}

static void names_errors(void **state)
{
	int i;

	(void)state;
	for (i = CC_OCSP_OK; i <= CC_OCSP_E_EMPTY; i++)
		assert_string_not_equal(cc_ocsp_error_text(i), "?");
	assert_string_equal(cc_ocsp_error_text(i), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_a_plain_one),
		cmocka_unit_test(responders),
		cmocka_unit_test(statuses),
		cmocka_unit_test(single_responses),
		cmocka_unit_test(certificate_ids),
		cmocka_unit_test(several_responses),
		cmocka_unit_test(extensions),
		cmocka_unit_test(extension_fields),
		cmocka_unit_test(certificates),
		cmocka_unit_test(other_parts),
		cmocka_unit_test(refuses_what_is_cut_or_longer),
		cmocka_unit_test(refuses_changed_lengths),
		cmocka_unit_test(names_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
