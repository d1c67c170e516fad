// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Signature schemes, public keys, object identifiers. */
#include "tests/unit/der_text.h"
#include "core/alg.h"
#include "core/der.h"
#include "core/oid.h"
#include "core/spki.h"

#define SHA256 "300d 0609608648016503040201 0500"
#define SHA512 "300d 0609608648016503040203 0500"
#define SHA384 "300d 0609608648016503040202 0500"
#define SHA384_BARE "300b 0609608648016503040202"
#define PSS(len, params) "30" len " 06092a864886f70d01010a " params

static void schemes(void **state)
{
	static const struct {
		const char *hex;
		uint32_t scheme;
	} rows[] = {
		{ "300d 06092a864886f70d01010b 0500", CC_SCHEME_RSA_PKCS1_SHA256 },
		{ "300b 06092a864886f70d01010b", CC_SCHEME_RSA_PKCS1_SHA256 },
		{ "300d 06092a864886f70d01010c 0500", CC_SCHEME_RSA_PKCS1_SHA384 },
		{ "300d 06092a864886f70d01010d 0500", CC_SCHEME_RSA_PKCS1_SHA512 },
		{ "300d 06092a864886f70d010105 0500", CC_SCHEME_RSA_PKCS1_SHA1 },
		{ "300d 06092a864886f70d010104 0500", CC_SCHEME_OTHER }, /* MD5 */
		{ "300d 06092a864886f70d01010b 0501", CC_SCHEME_OTHER },
		{ "300f 06092a864886f70d01010b 0500 0500", CC_SCHEME_OTHER },
		{ "300d 06092a864886f70d01010b 3000", CC_SCHEME_OTHER },
		{ "300d 06092a864886f70d01010b 0500 00", CC_SCHEME_OTHER },
		{ "300a 06082a8648ce3d040302", CC_SCHEME_ECDSA_SHA256 },
		{ "300c 06082a8648ce3d040302 0500", CC_SCHEME_OTHER },
		{ "300a 06082a8648ce3d040303", CC_SCHEME_ECDSA_SHA384 },
		{ "300a 06082a8648ce3d040304", CC_SCHEME_ECDSA_SHA512 },
		{ "3009 06072a8648ce3d0401", CC_SCHEME_ECDSA_SHA1 },
		{ "300a 06082a8648ce3d040301", CC_SCHEME_OTHER }, /* SHA-224 */
		{ "3005 06032b6570", CC_SCHEME_ED25519 },
		{ "3005 06032b6571", CC_SCHEME_ED448 },
		{ "3007 06032b6570 0500", CC_SCHEME_OTHER },
		{ "300a 06082a85030701010302", CC_SCHEME_GOST256 },
		{ "300a 06082a85030701010303", CC_SCHEME_GOST512 },
		{ "3000", CC_SCHEME_OTHER },
		{ "", CC_SCHEME_OTHER },
		{ "3005 06032b65", CC_SCHEME_OTHER },
		/* RSASSA-PSS: SHA-256 with salt 32, all the ways to be something else. */
		{ PSS("41",
		      "3034 a00f" SHA256 "a11c 301a 06092a864886f70d010108" SHA256 "a203 020120"),
		  CC_SCHEME_RSA_PSS_SHA256 },
		{ PSS("46", "3039 a00f" SHA256 "a11c 301a 06092a864886f70d010108" SHA256
			    "a203 020120 a303 020101"),
		  CC_SCHEME_RSA_PSS_SHA256 },
		{ PSS("46", "3039 a00f" SHA256 "a11c 301a 06092a864886f70d010108" SHA256
			    "a203 020120 a303 020102"),
		  CC_SCHEME_OTHER },
		{ PSS("41",
		      "3034 a00f" SHA256 "a11c 301a 06092a864886f70d010108" SHA256 "a203 020121"),
		  CC_SCHEME_OTHER },
		{ PSS("41",
		      "3034 a00f" SHA256 "a11c 301a 06092a864886f70d010108" SHA384 "a203 020120"),
		  CC_SCHEME_OTHER },
		{ PSS("41",
		      "3034 a00f" SHA384 "a11c 301a 06092a864886f70d010108" SHA384 "a203 020130"),
		  CC_SCHEME_RSA_PSS_SHA384 },
		{ PSS("3d", "3030 a00d" SHA384_BARE "a11a 3018 06092a864886f70d010108" SHA384_BARE
			    "a203 020130"),
		  CC_SCHEME_RSA_PSS_SHA384 },
		{ PSS("41",
		      "3034 a00f" SHA256 "a11c 301a 06092a864886f70d010109" SHA256 "a203 020120"),
		  CC_SCHEME_OTHER },
		{ PSS("41",
		      "3034 a00f" SHA512 "a11c 301a 06092a864886f70d010108" SHA512 "a203 020140"),
		  CC_SCHEME_RSA_PSS_SHA512 },
		{ PSS("41",
		      "3034 a00f" SHA512 "a11c 301a 06092a864886f70d010108" SHA512 "a203 020120"),
		  CC_SCHEME_OTHER },
		{ PSS("3c", "302f a00f" SHA256 "a11c 301a 06092a864886f70d010108" SHA256),
		  CC_SCHEME_OTHER },			/* salt 20 by default */
		{ PSS("0d", "3000"), CC_SCHEME_OTHER }, /* SHA-1 by default */
		{ PSS("0b", ""), CC_SCHEME_OTHER },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		uint32_t got = cc_scheme_of_alg(der_exact(der_hex(rows[i].hex)));

		if (got != rows[i].scheme)
			fail_msg("%zu %s: %s", i, rows[i].hex, cc_scheme_name(got));
	}
}

static void scheme_names(void **state)
{
	uint32_t i;

	for (i = 0; i < CC_SCHEME_COUNT; i++) {
		const char *name = cc_scheme_name(i);

		assert_int_equal(cc_scheme_parse(name, strlen(name)), i);
	}
	for (i = 0; i < CC_KEY_COUNT; i++) {
		const char *name = cc_key_alg_name(i);

		assert_int_equal(cc_key_alg_parse(name, strlen(name)), i);
	}
	assert_int_equal(cc_scheme_parse("ed2551", 6), -1);
	assert_int_equal(cc_scheme_parse("", 0), -1);
	assert_int_equal(cc_key_alg_parse("P256", 4), -1);
	assert_int_equal(cc_key_alg_parse("rsa-", 4), -1);
	assert_string_equal(cc_scheme_name(CC_SCHEME_COUNT), "?");
	assert_string_equal(cc_key_alg_name(CC_KEY_COUNT), "?");
	assert_int_equal(cc_scheme_from_tls(0x0403), CC_SCHEME_ECDSA_SHA256);
	assert_int_equal(cc_scheme_from_tls(0x0807), CC_SCHEME_ED25519);
	assert_int_equal(cc_scheme_from_tls(0x0201), CC_SCHEME_RSA_PKCS1_SHA1);
	assert_int_equal(cc_scheme_from_tls(0), CC_SCHEME_OTHER);
	assert_int_equal(cc_scheme_from_tls(0x1000f), CC_SCHEME_OTHER);
	assert_int_equal(cc_scheme_from_tls(0xffffffff), CC_SCHEME_OTHER);
}

#define PSS_ALG(params) "30{06{2a864886f70d01010a} " params "}"
#define H256 "30{06{608648016503040201}}"
#define H384 "30{06{608648016503040202}}"
#define MGF(inner) "30{06{2a864886f70d010108} " inner "}"
#define PSS_P256(rest) PSS_ALG("30{a0{" H256 "} a1{" MGF(H256) "} " rest "}")

/* RSASSA-PSS-params, RFC 4055 section 3.1: what is not exactly one of the three is none. */
static void pss_parameters(void **state)
{
	static const struct {
		const char *alg;
		uint32_t scheme;
	} rows[] = {
		{ PSS_P256("a2{02{20}}"), CC_SCHEME_RSA_PSS_SHA256 },
		{ PSS_P256("a2{02{20}} a3{02{01}}"), CC_SCHEME_RSA_PSS_SHA256 },
		{ PSS_P256("a2{02{20}} a3{02{02}}"), CC_SCHEME_OTHER },
		{ PSS_P256("a2{02{20}} a3{0c{01}}"), CC_SCHEME_OTHER },
		{ PSS_P256("a2{02{20}} a3{02{01}} 0500"), CC_SCHEME_OTHER },
		{ PSS_P256("a2{02{20}} 0500"), CC_SCHEME_OTHER },
		{ PSS_P256("a2{02{30}}"), CC_SCHEME_OTHER },
		{ PSS_P256("a2{02{e0}}"), CC_SCHEME_OTHER },
		{ PSS_P256("a2{02{20} 0500}"), CC_SCHEME_OTHER },
		{ PSS_P256("a2{04{20}}"), CC_SCHEME_OTHER },
		{ PSS_P256(""), CC_SCHEME_OTHER },
		{ PSS_ALG(""), CC_SCHEME_OTHER },
		{ PSS_ALG("30{}"), CC_SCHEME_OTHER }, /* all by default: SHA-1 */
		{ PSS_ALG("0500"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H384 "} a1{" MGF(H384) "} a2{02{30}}}"),
		  CC_SCHEME_RSA_PSS_SHA384 },
		{ PSS_ALG("30{a0{" H384 "} a1{" MGF(H384) "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 "} a1{" MGF(H384) "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a1{" MGF(H256) "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 " 0500} a1{" MGF(H256) "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{} a1{" MGF(H256) "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{30{}} a1{" MGF(H256) "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{30{06{608648016503040201} 0500}} a1{" MGF(H256) "} a2{02{20}}}"),
		  CC_SCHEME_RSA_PSS_SHA256 },
		{ PSS_ALG("30{a0{30{06{608648016503040201} 05{00}}} a1{" MGF(H256) "} a2{02{20}}}"),
		  CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{30{06{608648016503040201} 30{}}} a1{" MGF(H256) "} a2{02{20}}}"),
		  CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 "} a1{0500} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 "} a1{30{}} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 "} a1{30{06{2a0304} " H256 "}} a2{02{20}}}"),
		  CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 "} a1{" MGF("") "} a2{02{20}}}"), CC_SCHEME_OTHER },
		{ PSS_ALG("30{a0{" H256 "} a1{" MGF(H256 "0500") "} a2{02{20}}}"),
		  CC_SCHEME_OTHER },
		/* A hash that no scheme is made of: SHA-224. */
		{ PSS_ALG("30{a0{30{06{608648016503040204}}} a1{" MGF(
			  "30{06{608648016503040204}}") "} a2{02{1c}}}"),
		  CC_SCHEME_OTHER },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (cc_scheme_of_alg(der_exact(der_text(rows[i].alg))) != rows[i].scheme)
			fail_msg("row %zu", i);
}

static void tls_schemes(void **state)
{
#define X(nr, name, tls, text) \
	if (tls)               \
		assert_int_equal(cc_scheme_from_tls(tls), nr);
	CC_SCHEMES(X)
#undef X
}

#define RSA_ALG "300d 06092a864886f70d010101 0500"
#define P256_ALG "3013 06072a8648ce3d0201 06082a8648ce3d030107"
#define ZEROS32 "0000000000000000000000000000000000000000000000000000000000000000"

static struct cc_span spki(const char *alg, const char *key)
{
	return der(0x30, der_hex(alg), der(0x03, der_hex("00"), der_hex(key)));
}

static void keys(void **state)
{
	static const struct {
		const char *alg, *key;
		int key_alg; /* -1 malformed */
		uint32_t bits, exponent;
	} rows[] = {
		{ RSA_ALG, "3008 020300ffff 020103", CC_KEY_RSA, 16, 3 },
		{ RSA_ALG, "300a 02027fff 0204 00ffffff", CC_KEY_RSA, 15, 0xffffff },
		{ RSA_ALG, "300c 020300ffff 0205 00ffffffff", CC_KEY_RSA, 16, 0xffffffff },
		{ RSA_ALG, "300c 020300ffff 0205 0100000000", CC_KEY_RSA, 16, 0 },
		{ RSA_ALG, "3008 0203008001 020103", CC_KEY_RSA, 16, 3 },
		{ RSA_ALG, "3008 020300007f 020103", -1, 0, 0 },
		{ RSA_ALG, "3007 0202ffff 020103", -1, 0, 0 },
		{ RSA_ALG, "3006 020100 020103", -1, 0, 0 },
		{ RSA_ALG, "3008 020300ffff 020100", -1, 0, 0 },
		{ RSA_ALG, "3008 020300ffff 0201ff", -1, 0, 0 },
		{ RSA_ALG, "3005 020300ffff", -1, 0, 0 },
		{ RSA_ALG, "300a 020300ffff 020103 0500", -1, 0, 0 },
		{ RSA_ALG, "3008 020300ffff 020103 00", -1, 0, 0 },
		{ RSA_ALG, "", -1, 0, 0 },
		{ "300b 06092a864886f70d010101", "3008 020300ffff 020103", -1, 0, 0 },
		{ "300d 06092a864886f70d010101 3000", "3008 020300ffff 020103", -1, 0, 0 },
		{ "300b 06092a864886f70d01010a", "3008 020300ffff 020103", CC_KEY_RSA_PSS, 16, 3 },
		{ "300d 06092a864886f70d01010a 3000", "3008 020300ffff 020103", CC_KEY_RSA_PSS, 16,
		  3 },
		{ "300d 06092a864886f70d01010a 0500", "3008 020300ffff 020103", -1, 0, 0 },
		{ P256_ALG, "04" ZEROS32 ZEROS32, CC_KEY_P256, 256, 0 },
		{ P256_ALG, "02" ZEROS32, CC_KEY_P256, 256, 0 },
		{ P256_ALG, "03" ZEROS32, CC_KEY_P256, 256, 0 },
		{ P256_ALG, "05" ZEROS32, -1, 0, 0 },
		{ P256_ALG, "06" ZEROS32 ZEROS32, -1, 0, 0 }, /* hybrid */
		{ P256_ALG, "04" ZEROS32, -1, 0, 0 },
		{ P256_ALG, "00", -1, 0, 0 }, /* the point at infinity */
		{ P256_ALG, "", -1, 0, 0 },
		{ "3015 06072a8648ce3d0201 06082a8648ce3d030107 0500", "00", -1, 0, 0 },
		{ "3010 06072a8648ce3d0201 06052b81040022",
		  "02" ZEROS32 "00000000000000000000000000000000", CC_KEY_P384, 384, 0 },
		{ "3010 06072a8648ce3d0201 06052b81040023", "03" ZEROS32 ZEROS32 "0000",
		  CC_KEY_P521, 521, 0 },
		{ "3010 06072a8648ce3d0201 06052b8104000a", "00", CC_KEY_OTHER, 0,
		  0 }, /* secp256k1 */
		{ "3010 06072a8648ce3d0201 06052b8104008a", "00", -1, 0, 0 },
		{ "300b 06072a8648ce3d0201 0500", "00", CC_KEY_OTHER, 0, 0 }, /* implicit curve */
		{ "3009 06072a8648ce3d0201", "00", CC_KEY_OTHER, 0, 0 },
		{ "3005 06032b6570", ZEROS32, CC_KEY_ED25519, 256, 0 },
		{ "3005 06032b6570", "00" ZEROS32, -1, 0, 0 },
		{ "3007 06032b6570 0500", ZEROS32, -1, 0, 0 },
		{ "3005 06032b6571", ZEROS32 "00000000000000000000000000000000000000000000000000",
		  CC_KEY_ED448, 456, 0 },
		{ "3005 06032b6571", ZEROS32, -1, 0, 0 },
		{ "300c 06082a85030701010101 3000", "0440" ZEROS32 ZEROS32, CC_KEY_GOST256, 256,
		  0 },
		{ "300c 06082a85030701010102 3000", "0481 80" ZEROS32 ZEROS32 ZEROS32 ZEROS32,
		  CC_KEY_GOST512, 512, 0 },
		{ "300c 06082a85030701010101 3000", ZEROS32 ZEROS32, -1, 0, 0 },
		{ "300a 06082a85030701010101", "0440" ZEROS32 ZEROS32, -1, 0, 0 },
		{ "3016 06072a8648ce380401 300b 020300ffff 020103 020102", "020105", CC_KEY_DSA, 16,
		  0 },
		{ "3009 06072a8648ce380401", "020105", CC_KEY_DSA, 0, 0 },
		{ "3009 06072a8648ce380401", "020100", -1, 0, 0 },
		{ "300b 06072a8648ce380401 0500", "020105", -1, 0, 0 },
		{ "300b 06072a8648ce380401 3000", "020105", -1, 0, 0 },
		{ "3005 06032a0304", "ff", CC_KEY_OTHER, 0, 0 },
		{ "3005 06032a0384", "ff", -1, 0, 0 },
		{ "3007 06032a0304 0501", "ff", -1, 0, 0 },
		{ "3009 06032a0304 0500 0500", "ff", -1, 0, 0 },
		{ "3000", "ff", -1, 0, 0 },
	};
	struct cc_spki k;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span in = der_exact(spki(rows[i].alg, rows[i].key));
		int r = cc_spki_get(&in, &k);

		if ((r != 0) != (rows[i].key_alg < 0) ||
		    (!r && (k.alg != rows[i].key_alg || k.bits != rows[i].bits ||
			    k.rsa_exponent != rows[i].exponent || in.n)))
			fail_msg("%zu %s %s: %d %u %u %u", i, rows[i].alg, rows[i].key, r, k.alg,
				 k.bits, k.rsa_exponent);
	}
	struct cc_span odd = der(0x30, der_hex("3005 06032b6570"), der_hex("0302 0180"));

	assert_int_not_equal(cc_spki_get(&odd, &k), 0);
}

static void oid_texts(void **state)
{
	static const struct {
		const char *hex, *text;
	} rows[] = {
		{ "550403", "2.5.4.3" },
		{ "2a864886f70d01010b", "1.2.840.113549.1.1.11" },
		{ "00", "0.0" },
		{ "27", "0.39" },
		{ "28", "1.0" },
		{ "4f", "1.39" },
		{ "50", "2.0" },
		{ "8100", "2.48" },
		{ "883703", "2.999.3" },
		{ "2a81ffffffffffffffff7f", "1.2.18446744073709551615" },
		{ "69 83ffffffffffffffffffffffffffffffffff7f",
		  "2.25.340282366920938463463374607431768211455" },
	};
	uint8_t buf[32];
	char text[64];
	size_t i, n;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span oid = der_exact(der_hex(rows[i].hex));

		n = cc_oid_format(oid, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
		assert_int_equal(n, strlen(text));
		if (i < 9) {
			assert_int_equal(cc_oid_parse(text, n, buf, sizeof(buf)), oid.n);
			assert_memory_equal(buf, oid.p, oid.n);
			assert_int_equal(cc_oid_parse(text, n, buf, oid.n), oid.n);
			assert_int_equal(cc_oid_parse(text, n, buf, oid.n - 1), 0);
		}
	}
	cc_oid_format(der_hex(""), text, sizeof(text));
	assert_string_equal(text, "?");
	cc_oid_format(der_text("2a *200(ff) 01"), text, sizeof(text)); /* of more digits than fit */
	assert_non_null(strchr(text, '?'));
	cc_oid_format(der_hex("2a8001"), text, sizeof(text));
	assert_string_equal(text, "?");
	assert_int_equal(cc_oid_format(der_hex("550403"), text, 4), 3);
	assert_string_equal(text, "2.5");
}

static void oid_parsing(void **state)
{
	static const char *const bad[] = {
		"",
		"1",
		"1.",
		".1",
		"1..2",
		"3.1",
		"1.40",
		"0.40",
		"01.2",
		"1.02",
		"1.2.",
		"1.2 ",
		"1.-2",
		"1.2.9223372036854775808",
		"1.2.99999999999999999999",
		"a.b",
		"1,2",
		"2.5.4.0x3",
	};
	uint8_t buf[32];
	char text[64];
	size_t i, n;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_oid_parse(bad[i], strlen(bad[i]), buf, sizeof(buf)))
			fail_msg("%s", bad[i]);
	n = cc_oid_parse("2.9223372036854775727", 21, buf, sizeof(buf));
	assert_int_equal(n, 9);
	cc_oid_format(cc_span(buf, n), text, sizeof(text));
	assert_string_equal(text, "2.9223372036854775727");
	for (i = 1; i < CC_OID_COUNT; i++) {
		assert_int_equal(cc_oid_find(cc_oid_bytes((enum cc_oid)i)), i);
		assert_true(cc_der_oid_valid(cc_oid_bytes((enum cc_oid)i)));
		assert_non_null(cc_oid_text((enum cc_oid)i));
	}
	assert_int_equal(cc_oid_find(der_hex("2a0304")), CC_OID_UNKNOWN);
	assert_int_equal(cc_oid_find(cc_span(NULL, 0)), CC_OID_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemes),     cmocka_unit_test(scheme_names),
		cmocka_unit_test(keys),	       cmocka_unit_test(pss_parameters),
		cmocka_unit_test(tls_schemes), cmocka_unit_test(oid_texts),
		cmocka_unit_test(oid_parsing),
	};

	return cmocka_run_group_tests_name("core/alg", tests, NULL, NULL);
}
