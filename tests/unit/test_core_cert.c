// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Certificates: what is refused and why, what is parsed and left to judge, fields of real ones. */
#include "tests/unit/cert_build.h"
#include "core/time.h"

static void expect(const struct cert_parts *p, int error, const char *what)
{
	struct cc_cert c;
	int r = cert_parse_parts(p, &c);

	if (r != error)
		fail_msg("%s: %d (%s), not %d", what, r, cc_cert_error_text(r), error);
}

#define REPLACED(part, hex, error)                   \
	do {                                         \
		struct cert_parts p_ = cert_parts(); \
		p_.part = der_hex(hex);              \
		expect(&p_, error, #part " " hex);   \
	} while (0)

static void frame(void **state)
{
	static const uint8_t zeros[66000];
	struct cert_parts p = cert_parts();
	struct cc_span good = cert_der(&p), longer;
	struct cc_cert c;
	size_t n;

	expect(&p, 0, "template");
	for (n = 0; n < good.n; n++) {
		struct cc_span cut = der_exact(cc_span(good.p, n));

		assert_int_equal(cc_cert_parse(cut, &c), n ? CC_CERT_E_TRUNCATED : CC_CERT_E_EMPTY);
		assert_int_equal(cc_cert_size(cut), 0);
		der_free(cut);
	}
	assert_int_equal(cc_cert_size(good), good.n);
	longer = der_cat(good, der_hex("00"), DER_END);
	assert_int_equal(cert_parse(longer, &c), CC_CERT_E_TRAILING);
	assert_int_equal(cc_cert_size(longer), good.n);
	assert_int_equal(cert_parse(der_cat(good, good, DER_END), &c), CC_CERT_E_TRAILING);
	assert_int_equal(cert_parse(der_hex("3100"), &c), CC_CERT_E_DER);
	assert_int_equal(cert_parse(der_hex("3000"), &c), CC_CERT_E_TRUNCATED);
	assert_int_equal(cert_parse(der_hex("3080 0000"), &c), CC_CERT_E_DER);
	p.after = der_hex("0500");
	expect(&p, CC_CERT_E_DER, "element behind the signature");
	assert_int_equal(cc_cert_size(der_hex("0000")), 0);
	/* The longest certificate there may be, and one octet more. */
	p = cert_parts();
	p.ids = der(0x81, der_hex("00"), cc_span(zeros, 65200));
	n = CC_CERT_MAX - cert_der(&p).n;
	p.ids = der(0x81, der_hex("00"), cc_span(zeros, 65200 + n));
	assert_int_equal(cert_der(&p).n, CC_CERT_MAX);
	expect(&p, 0, "65535");
	p.ids = der(0x81, der_hex("00"), cc_span(zeros, 65201 + n));
	expect(&p, CC_CERT_E_TOO_LARGE, "65536");
}

static void lengths_in_long_form(void **state)
{
	struct cert_parts p = cert_parts();
	struct cc_span good = cert_der(&p);
	struct cc_cert c;
	uint8_t *bad = der_alloc(good.n + 1);

	/* 30 81 xx -> 30 82 00 xx: the same length, one octet too many. */
	assert_int_equal(good.p[1], 0x81);
	bad[0] = 0x30;
	bad[1] = 0x82;
	bad[2] = 0;
	memcpy(bad + 3, good.p + 2, good.n - 2);
	assert_int_equal(cert_parse(cc_span(bad, good.n + 1), &c), CC_CERT_E_DER);
}

static void versions(void **state)
{
	struct cert_parts p = cert_parts();
	struct cc_cert c;

	REPLACED(version, "a003 020100", CC_CERT_E_VERSION); /* DEFAULT written out */
	REPLACED(version, "a003 020103", CC_CERT_E_VERSION);
	REPLACED(version, "a003 0201ff", CC_CERT_E_VERSION);
	REPLACED(version, "a004 02020002", CC_CERT_E_VERSION);
	REPLACED(version, "a002 0200", CC_CERT_E_VERSION);
	REPLACED(version, "a006 020102 020102", CC_CERT_E_DER);
	REPLACED(version, "a003 0a0102", CC_CERT_E_DER);
	REPLACED(version, "020102", CC_CERT_E_DER); /* two serial numbers */
	p.version = cc_span(NULL, 0);
	assert_int_equal(cert_parse_parts(&p, &c), 0);
	assert_int_equal(c.version, 1);
	p.ids = der_hex("8102 0001");
	expect(&p, CC_CERT_E_VERSION, "v1 with issuerUniqueID");
	p.ids = der_hex("8202 0001");
	expect(&p, CC_CERT_E_VERSION, "v1 with subjectUniqueID");
	p.version = der_hex("a003 020101");
	assert_int_equal(cert_parse_parts(&p, &c), 0);
	assert_int_equal(c.version, 2);
	p.ids = cc_span(NULL, 0);
	p.extensions = cert_exts(cert_ext("551d13", true, "30030101ff"));
	expect(&p, CC_CERT_E_VERSION, "v2 with extensions");
	p.version = cc_span(NULL, 0);
	expect(&p, CC_CERT_E_VERSION, "v1 with extensions");
}

static void serials(void **state)
{
	static const struct {
		const char *hex;
		bool odd;
	} rows[] = {
		{ "020101", false },
		{ "0214 7fffffffffffffffffffffffffffffffffffffff", false },
		{ "0215 00ffffffffffffffffffffffffffffffffffffffff", true },
		{ "020100", true },
		{ "0201ff", true },
		{ "02020080", false },
	};
	struct cert_parts p = cert_parts();
	struct cc_cert c;
	size_t i;

	REPLACED(serial, "0200", CC_CERT_E_SERIAL);
	REPLACED(serial, "02020001", CC_CERT_E_SERIAL);
	REPLACED(serial, "0202ff80", CC_CERT_E_SERIAL);
	REPLACED(serial, "0401 01", CC_CERT_E_DER);
	REPLACED(serial, "", CC_CERT_E_DER);
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		p.serial = der_hex(rows[i].hex);
		assert_int_equal(cert_parse_parts(&p, &c), 0);
		if (c.serial_odd != rows[i].odd)
			fail_msg("%s", rows[i].hex);
	}
}

static void algorithms(void **state)
{
	struct cert_parts p = cert_parts();
	struct cc_cert c;

	REPLACED(inner_alg, "3005 06032b6571", CC_CERT_E_ALGORITHM);
	REPLACED(outer_alg, "3005 06032b6571", CC_CERT_E_ALGORITHM);
	REPLACED(inner_alg, "3007 06032b6570 0500", CC_CERT_E_ALGORITHM);
	REPLACED(inner_alg, "3000", CC_CERT_E_DER);
	REPLACED(inner_alg, "", CC_CERT_E_DER);
	REPLACED(outer_alg, "", CC_CERT_E_DER);
	REPLACED(outer_alg, "3009 06032b6570 0500 0500", CC_CERT_E_DER);
	REPLACED(outer_alg, "3005 06032b65f0", CC_CERT_E_DER);
	p.inner_alg = p.outer_alg = der_hex("3009 06032a0304 0402ffff");
	assert_int_equal(cert_parse_parts(&p, &c), 0);
	assert_int_equal(c.scheme, CC_SCHEME_OTHER);
	p.inner_alg = p.outer_alg = der_hex("3007 06032b6570 0500");
	assert_int_equal(cert_parse_parts(&p, &c), 0);
	assert_int_equal(c.scheme, CC_SCHEME_OTHER); /* known OID, wrong parameters */
}

static void names_and_times(void **state)
{
	struct cert_parts p = cert_parts();
	struct cc_cert c;

	REPLACED(issuer, "3100", CC_CERT_E_NAME);
	REPLACED(issuer, "3002 3100", CC_CERT_E_NAME);
	REPLACED(subject, "", CC_CERT_E_NAME);
	REPLACED(subject, "3002 3000", CC_CERT_E_NAME);
	p.subject = p.issuer = der_hex("3000");
	assert_int_equal(cert_parse_parts(&p, &c), 0);
	assert_true(cc_dn_empty(c.subject));
	assert_true(cc_cert_self_issued(&c));
	REPLACED(validity, "3000", CC_CERT_E_TIME);
	REPLACED(validity, "", CC_CERT_E_TIME); /* the subject in its place */
	p = cert_parts();
	p.validity = cert_times("250101000000Z", "251231235960Z");
	expect(&p, CC_CERT_E_TIME, "leap second");
	p.validity = cert_times("250101000000Z", "2512312359Z");
	expect(&p, CC_CERT_E_TIME, "no seconds");
	p.validity = cert_times("250101000000Z", "20500101000000.0Z");
	expect(&p, CC_CERT_E_TIME, "fraction");
	p.validity = der(0x30, der_wrap(0x17, der_str("250101000000Z")));
	expect(&p, CC_CERT_E_TIME, "no end");
	p.validity = cert_times("251231235959Z", "250101000000Z");
	assert_int_equal(cert_parse_parts(&p, &c), 0); /* never valid; not ours to say */
	assert_true(c.not_after < c.not_before);
	assert_false(c.time_odd);
	p.validity = cert_times("250101000000Z", "20491231235959Z");
	assert_int_equal(cert_parse_parts(&p, &c), 0);
	assert_true(c.time_odd);
}

static void keys_and_signatures(void **state)
{
	struct cert_parts p = cert_parts();
	struct cc_cert c;

	REPLACED(spki, "3000", CC_CERT_E_KEY);
	REPLACED(spki, "", CC_CERT_E_KEY);
	REPLACED(spki, "300a 3005 06032b6570 030100", CC_CERT_E_KEY);
	REPLACED(signature, "0300", CC_CERT_E_DER);
	REPLACED(signature, "0302 0102", CC_CERT_E_DER);
	REPLACED(signature, "0402 0000", CC_CERT_E_DER);
	REPLACED(signature, "2303 0300", CC_CERT_E_DER);
	REPLACED(signature, "", CC_CERT_E_TRUNCATED);
	p.signature = der_hex("0301 00");
	assert_int_equal(cert_parse_parts(&p, &c), 0);
	assert_int_equal(c.signature.n, 0);
	REPLACED(ids, "8101 01", CC_CERT_E_DER);
	REPLACED(ids, "8100", CC_CERT_E_DER);
	REPLACED(ids, "8202 0001 8102 0001", CC_CERT_E_DER); /* order */
	REPLACED(ids, "8102 0001 8102 0001", CC_CERT_E_DER);
	REPLACED(ids, "0500", CC_CERT_E_DER);
	REPLACED(ids, "8102 0001 8202 0002", 0);
}

static void real_ones(void **state)
{
	char text[200];
	struct cc_span file = der_file("tests/data/ec-leaf.der");
	struct cc_cert c;

	assert_int_equal(cert_parse(file, &c), 0);
	assert_int_equal(c.version, 3);
	assert_int_equal(c.der.n, file.n);
	assert_int_equal(c.key_alg, CC_KEY_P256);
	assert_int_equal(c.key.n, 65);
	assert_int_equal(c.scheme, CC_SCHEME_ECDSA_SHA256);
	cc_time_format(c.not_before, text, sizeof(text));
	assert_string_equal(text, "2025-07-19T19:37:13Z");
	cc_time_format(c.not_after, text, sizeof(text));
	assert_string_equal(text, "2025-10-17T20:37:10Z");
	cc_dn_format(c.issuer, text, sizeof(text));
	assert_string_equal(text, "CN=WE1,O=Google Trust Services,C=US");
	assert_int_equal(c.key_usage, CC_KU_DIGITAL_SIGNATURE);
	assert_int_equal(c.eku_mask, CC_EKU_SERVER_AUTH);
	assert_false(c.is_ca);
	assert_true(c.scts.n > 100);
	assert_int_equal(c.skid.n, 20);
	assert_int_equal(c.akid.n, 20);
	assert_int_equal(c.unknown_critical.n, 0);
	assert_int_equal(c.path_len, -1);
	assert_true(c.tbs.p > c.der.p && c.tbs.n < c.der.n);

	assert_int_equal(cert_parse(der_file("tests/data/rsa-intermediate.der"), &c), 0);
	assert_int_equal(c.key_alg, CC_KEY_RSA);
	assert_int_equal(c.key_bits, 2048);
	assert_int_equal(c.rsa_exponent, 65537);
	assert_int_equal(c.scheme, CC_SCHEME_RSA_PKCS1_SHA256);
	assert_true(c.is_ca);
	assert_int_equal(c.path_len, 0);
	assert_int_equal(c.key_usage,
			 CC_KU_DIGITAL_SIGNATURE | CC_KU_KEY_CERT_SIGN | CC_KU_CRL_SIGN);

	assert_int_equal(cert_parse(der_file("tests/data/root-early-generalized-time.der"), &c), 0);
	assert_true(c.time_odd);
	assert_int_equal(c.key_bits, 4096);
	assert_int_equal(cert_parse(der_file("tests/data/root-long-key-usage.der"), &c), 0);
	assert_int_equal(c.key_usage, CC_KU_KEY_CERT_SIGN | CC_KU_CRL_SIGN);
}

/* Whatever one bit does: no read beyond the input, spans inside it, and another certificate or none. */
static void single_bits(void **state)
{
	struct cc_span file = der_file("tests/data/ec-leaf.der");
	uint8_t *copy = malloc(file.n);
	struct cc_cert c;
	size_t bit;

	memcpy(copy, file.p, file.n);
	for (bit = 0; bit < file.n * 8; bit++) {
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (!cc_cert_parse(cc_span(copy, file.n), &c)) {
			assert_true(c.signature.p + c.signature.n <= copy + file.n);
			if (c.san.n)
				assert_true(c.san.p >= copy && c.san.p + c.san.n <= copy + file.n);
		}
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	free(copy);
}

static void texts(void **state)
{
	int i;

	for (i = 0; i <= 15; i++)
		assert_string_not_equal(cc_cert_error_text(i), "?");
	assert_string_equal(cc_cert_error_text(16), "?");
	assert_string_equal(cc_cert_error_text(-1), "?");
	assert_string_equal(cc_ext_name(CC_EXT_SCT_LIST), "signedCertificateTimestampList");
	assert_string_equal(cc_ext_name(22), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame),
		cmocka_unit_test(lengths_in_long_form),
		cmocka_unit_test(versions),
		cmocka_unit_test(serials),
		cmocka_unit_test(algorithms),
		cmocka_unit_test(names_and_times),
		cmocka_unit_test(keys_and_signatures),
		cmocka_unit_test(real_ones),
		cmocka_unit_test(single_bits),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests_name("core/cert", tests, NULL, NULL);
}
