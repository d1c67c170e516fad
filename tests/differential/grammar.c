// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What may be odd about a certificate, and what RFC 5280 (or the RFC named) says of it. A row is a
 * must only where a text says so; all else is for the comparison with others. */
#include "tests/differential/differential.h"

/* Rows end where what they say ends. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define CN(text) "30{31{30{06{550403} " text "}}}"
#define ECDSA256 "06{2a8648ce3d040302}"
#define RSA256 "06{2a864886f70d01010b}"
#define PSS_SHA256 "30{06{608648016503040201} 0500}"
#define PSS_PARAMS(hash, mgf, rest)                                                              \
	"30{06{2a864886f70d01010a} 30{a0{" hash "} a1{30{06{2a864886f70d010108} " mgf "}} " rest \
	"}}"
#define SERVER "30{06{2b06010505070301}}"
#define UNKNOWN_EXT(rest) "30{06{2a030405} " rest "}"
#define DNS(text) "30{82{" text "}}"
#define PERMIT(base) "!30{a0{30{" base "}}}"
#define EXCLUDE(base) "!30{a1{30{" base "}}}"
/* The same host asked for, whatever other rows ask. */
#define ASK_HOST                         \
	{                                \
		REQUEST, NAME, DIFF_HOST \
	}

#define FAIL(label, section, ...) { label, MUST_FAIL, section, { __VA_ARGS__ } },
#define PASS(label, section, ...) { label, MUST_PASS, section, { __VA_ARGS__ } },
#define ASK(label, ...) { label, UNKNOWN, NULL, { __VA_ARGS__ } },

/* One row per oddity reads as a list. */
/* clang-format off */
const struct mutation mutations[] = {
	/* Version, serial number, unique identifiers. */
	FAIL("v1-with-extensions", "4.1.2.9", { LEAF, VERSION, "-" })
	FAIL("v2-with-extensions", "4.1.2.9", { LEAF, VERSION, "a0{02{01}}" })
	FAIL("v1-spelled-out", "X.690 11.5", { LEAF, VERSION, "a0{02{00}}" }, { LEAF, EXTS, "-" })
	FAIL("v4", "4.1.2.1", { ANY_CA, VERSION, "a0{02{03}}" })
	FAIL("ca-v1", "6.1.4 (k)", { ANY_CA, VERSION, "-" }, { ANY_CA, EXTS, "-" })
	ASK("leaf-v1", { LEAF, VERSION, "-" }, { LEAF, EXTS, "-" }, { REQUEST, NAME, "-" })
	ASK("root-v1", { ROOT, VERSION, "-" }, { ROOT, EXTS, "-" })
	FAIL("serial-zero", "4.1.2.2", { LEAF, SERIAL, "02{00}" })
	FAIL("serial-21-octets", "4.1.2.2", { ANY_CA, SERIAL, "02{*21(11)}" })
	FAIL("serial-padded", "X.690 8.3.2", { LEAF, SERIAL, "02{0011}" })
	FAIL("serial-empty", "X.690 8.3.1", { ANY_CA, SERIAL, "02{}" })
	PASS("serial-20-octets", "4.1.2.2", { LEAF, SERIAL, "02{7f *19(11)}" })
	ASK("serial-negative", { LEAF, SERIAL, "02{ff}" })
	PASS("unique-ids", "4.1.2.8", { LEAF, UNIQUE_IDS, "81{00aa} 82{00bb}" })
	FAIL("unique-id-bits", "X.690 11.2.1", { LEAF, UNIQUE_IDS, "81{04af}" })

	/* Algorithms and signatures. */
	FAIL("outer-algorithm", "4.1.1.2", { LEAF, OUTER_ALG, "30{06{2a8648ce3d040303}}" },
	     { CA, KEY, "p256" })
	FAIL("ecdsa-null", "RFC 5758 3.2", { LEAF, ALG, "30{" ECDSA256 " 0500}" },
	     { CA, KEY, "p256" })
	FAIL("ed25519-null", "RFC 8410 3", { LEAF, ALG, "30{06{2b6570} 0500}" },
	     { CA, KEY, "ed25519" })
	ASK("rsa-without-null", { LEAF, ALG, "30{" RSA256 "}" }, { CA, KEY, "rsa" })
	FAIL("rsa-odd-parameters", "RFC 4055 5", { LEAF, ALG, "30{" RSA256 " 0401aa}" },
	     { CA, KEY, "rsa" })
	FAIL("rsa-long-null", "X.690 10.1", { LEAF, ALG, "30{" RSA256 " 058100}" },
	     { CA, KEY, "rsa" })
	FAIL("rsa-sha1", "RFC 9155, policy", { LEAF, ALG, "30{06{2a864886f70d010105} 0500}" },
	     { CA, KEY, "rsa" }, { LEAF, HASH, "sha1" })
	FAIL("rsa-md5", "RFC 6151, policy", { ANY_CA, ALG, "30{06{2a864886f70d010104} 0500}" },
	     { ANY_CA, HASH, "md5" }, { ROOT, KEY, "rsa" })
	FAIL("ecdsa-sha1", "RFC 9155, policy", { LEAF, ALG, "30{06{2a8648ce3d0401}}" },
	     { CA, KEY, "p256" }, { LEAF, HASH, "sha1" })
	PASS("ecdsa-sha512", "RFC 5758 3.2", { LEAF, ALG, "30{06{2a8648ce3d040304}}" },
	     { CA, KEY, "p256" }, { LEAF, HASH, "sha512" })
	ASK("ecdsa-sha224", { LEAF, ALG, "30{06{2a8648ce3d040301}}" }, { CA, KEY, "p256" },
	    { LEAF, HASH, "sha224" })
	PASS("rsa-sha512", "RFC 4055 5", { LEAF, ALG, "30{06{2a864886f70d01010d} 0500}" },
	     { CA, KEY, "rsa" }, { LEAF, HASH, "sha512" })
	PASS("pss", "RFC 4055 3.1", { LEAF, ALG, PSS_PARAMS(PSS_SHA256, PSS_SHA256, "a2{020120}") },
	     { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-32" })
	PASS("pss-trailer-spelled-out", "RFC 4055 3.1",
	     { LEAF, ALG, PSS_PARAMS(PSS_SHA256, PSS_SHA256, "a2{020120} a3{020101}") },
	     { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-32" })
	FAIL("pss-trailer", "RFC 4055 3.1",
	     { LEAF, ALG, PSS_PARAMS(PSS_SHA256, PSS_SHA256, "a2{020120} a3{020102}") },
	     { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-32" })
	FAIL("pss-salt-differs", "RFC 8017 9.1.2",
	     { LEAF, ALG, PSS_PARAMS(PSS_SHA256, PSS_SHA256, "a2{020120}") },
	     { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-20" })
	ASK("pss-salt-20", { LEAF, ALG, PSS_PARAMS(PSS_SHA256, PSS_SHA256, "a2{020114}") },
	    { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-20" })
	FAIL("pss-mgf-differs", "RFC 8017 9.1.2",
	     { LEAF, ALG, PSS_PARAMS(PSS_SHA256, "30{06{608648016503040202} 0500}", "a2{020120}") },
	     { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-32" })
	FAIL("pss-no-parameters", "RFC 4055 3.1", { LEAF, ALG, "30{06{2a864886f70d01010a}}" },
	     { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-32" })
	FAIL("pss-defaults", "RFC 4055 3.1, SHA-1", { LEAF, ALG, "30{06{2a864886f70d01010a} 30{}}" },
	     { CA, KEY, "rsa" }, { LEAF, TWEAK, "pss-20" }, { LEAF, HASH, "sha1" })
	FAIL("algorithm-of-other-key", "RFC 5480 2.1.1", { LEAF, ALG, "30{" RSA256 " 0500}" },
	     { CA, KEY, "p256" })
	FAIL("algorithm-unknown", "6.1.3 (a)", { LEAF, ALG, "30{06{2a0304}}" })
	FAIL("signature-by-other-key", "6.1.3 (a) (1)", { ANY_CA, TWEAK, "other-key" })
	FAIL("signature-ber", "RFC 3279 2.2.3", { LEAF, TWEAK, "padded" }, { CA, KEY, "p256" })
	FAIL("signature-empty-integers", "RFC 3279 2.2.3", { LEAF, TWEAK, "zero" },
	     { CA, KEY, "p384" })
	FAIL("signature-zeros", "RFC 3279 2.2.3", { ANY_CA, TWEAK, "zeros" }, { ROOT, KEY, "p256" })
	FAIL("signature-longer", "4.1.1.3", { LEAF, TWEAK, "longer" })
	FAIL("signature-shorter", "4.1.1.3", { ANY_CA, TWEAK, "shorter" })
	FAIL("signature-none", "4.1.1.3", { LEAF, TWEAK, "none" })
	FAIL("signature-unused-bits", "RFC 3279 2.2, 4.1.1.3", { LEAF, TWEAK, "unused-bits" })
	ASK("signature-other-s", { LEAF, TWEAK, "other-s" }, { CA, KEY, "p256" })

	/* Keys. */
	FAIL("rsa-1024", "policy", { ANY_CA, KEY, "rsa1024" })
	FAIL("rsa-512", "policy", { LEAF, KEY, "rsa512" })
	ASK("rsa-2047", { LEAF, KEY, "rsa2047" })
	ASK("curve-p224", { LEAF, KEY, "p224" })
	ASK("curve-k256", { CA, KEY, "k256" })
	PASS("curve-p521", "RFC 5480 2.1.1.1", { CA, KEY, "p521" })
	PASS("ed448", "RFC 8410", { CA, KEY, "ed448" })
	FAIL("explicit-curve", "RFC 5480 2.1.1", { LEAF, KEY, "explicit" })
	FAIL("ca-explicit-curve", "RFC 5480 2.1.1", { CA, KEY, "explicit" })
	ASK("compressed-point", { LEAF, KEY, "compressed" })
	ASK("ca-compressed-point", { CA, KEY, "compressed" })
	FAIL("ec-without-curve", "RFC 5480 2.1.1",
	     { LEAF, SPKI, "30{30{06{2a8648ce3d0201}} 03{00 04 *64(11)}}" })
	ASK("ec-point-off-curve",
	    { LEAF, SPKI, "30{30{06{2a8648ce3d0201} 06{2a8648ce3d030107}} 03{00 04 *64(11)}}" })
	FAIL("ec-point-short", "RFC 5480 2.2",
	     { LEAF, SPKI, "30{30{06{2a8648ce3d0201} 06{2a8648ce3d030107}} 03{00 04 *63(11)}}" })
	FAIL("ed25519-short", "RFC 8410 4", { LEAF, SPKI, "30{30{06{2b6570}} 03{00 *31(11)}}" })
	FAIL("ed25519-key-null", "RFC 8410 3",
	     { LEAF, SPKI, "30{30{06{2b6570} 0500} 03{00 *32(11)}}" })
	FAIL("rsa-key-no-null", "RFC 3279 2.3.1",
	     { LEAF, SPKI,
	       "30{30{06{2a864886f70d010101}} 03{00 30{02{00 *256(c1)} 02{010001}}}}" })
	FAIL("rsa-exponent-1", "RFC 8017 3.1",
	     { LEAF, SPKI,
	       "30{30{06{2a864886f70d010101} 0500} 03{00 30{02{00 *256(c1)} 02{01}}}}" })
	FAIL("rsa-exponent-even", "RFC 8017 3.1",
	     { LEAF, SPKI,
	       "30{30{06{2a864886f70d010101} 0500} 03{00 30{02{00 *256(c1)} 02{010000}}}}" })
	FAIL("rsa-modulus-negative", "RFC 8017 A.1.1",
	     { LEAF, SPKI,
	       "30{30{06{2a864886f70d010101} 0500} 03{00 30{02{*256(c1)} 02{010001}}}}" })
	FAIL("key-unused-bits", "RFC 5480 2.2",
	     { LEAF, SPKI, "30{30{06{2b6570}} 03{01 *31(11) 10}}" })

	/* Names of certificates. */
	FAIL("issuer-empty", "4.1.2.4", { LEAF, ISSUER, "30{}" })
	FAIL("ca-subject-empty", "4.1.2.6", { ANY_CA, SUBJECT, "30{}" })
	FAIL("subject-empty-san-not-critical", "4.2.1.6", { LEAF, SUBJECT, "30{}" },
	     { LEAF, ALT_NAMES, DNS("'" DIFF_HOST "'") })
	PASS("subject-empty-san-critical", "4.2.1.6", { LEAF, SUBJECT, "30{}" },
	     { LEAF, ALT_NAMES, "!" DNS("'" DIFF_HOST "'") }, ASK_HOST)
	FAIL("names-do-not-chain", "6.1.3 (a) (4)", { CA, SUBJECT, CN("0c{'Some CA'}") },
	     { LEAF, ISSUER, CN("0c{'Other CA'}") })
	FAIL("names-longer", "6.1.3 (a) (4)", { CA, SUBJECT, CN("0c{'Some CA'}") },
	     { LEAF, ISSUER, "30{31{30{06{550403} 0c{'Some CA'}}} 31{30{06{55040b} 0c{'x'}}}}" })
	FAIL("names-other-order", "7.1",
	     { CA, SUBJECT, "30{31{30{06{55040a} 0c{'O'}}} 31{30{06{550403} 0c{'C'}}}}" },
	     { LEAF, ISSUER, "30{31{30{06{550403} 0c{'C'}}} 31{30{06{55040a} 0c{'O'}}}}" })
	FAIL("names-other-attribute", "7.1", { CA, SUBJECT, CN("0c{'Some CA'}") },
	     { LEAF, ISSUER, "30{31{30{06{55040a} 0c{'Some CA'}}}}" })
	FAIL("names-joined-rdn", "7.1",
	     { CA, SUBJECT, "30{31{30{06{550403} 0c{'C'}}} 31{30{06{55040a} 0c{'O'}}}}" },
	     { LEAF, ISSUER, "30{31{30{06{550403} 0c{'C'} } 30{06{55040a} 0c{'O'}}}}" })
	FAIL("names-prefix", "7.1", { CA, SUBJECT, CN("0c{'Some CA'}") },
	     { LEAF, ISSUER, CN("0c{'Some C'}") })
	/* String preparation maps control characters to nothing (RFC 4518 section 2.2). */
	ASK("names-nul", { CA, SUBJECT, CN("0c{'Some CA'}") },
	    { LEAF, ISSUER, CN("0c{'Some CA' 00}") })
	PASS("names-case", "7.1", { CA, SUBJECT, CN("13{'Some CA'}") },
	     { LEAF, ISSUER, CN("13{'sOME ca'}") })
	PASS("names-spaces", "7.1", { CA, SUBJECT, CN("13{'Some CA'}") },
	     { LEAF, ISSUER, CN("13{' Some   CA '}") })
	PASS("names-type", "7.1", { CA, SUBJECT, CN("13{'Some CA'}") },
	     { LEAF, ISSUER, CN("0c{'Some CA'}") })
	ASK("names-bmp", { CA, SUBJECT, CN("0c{'AB'}") }, { LEAF, ISSUER, CN("1e{00410042}") })
	ASK("names-teletex", { CA, SUBJECT, CN("0c{'AB'}") }, { LEAF, ISSUER, CN("14{'AB'}") })
	ASK("names-unicode-case", { CA, SUBJECT, CN("0c{c384}") }, { LEAF, ISSUER, CN("0c{c3a4}") })
	ASK("names-unicode-form", { CA, SUBJECT, CN("0c{c3a4}") }, { LEAF, ISSUER, CN("0c{61cc88}") })
	ASK("names-ia5", { CA, SUBJECT, CN("16{'Some CA'}") }, { LEAF, ISSUER, CN("16{'some ca'}") })
	PASS("names-many", "7.1",
	     { CA, SUBJECT, "30{31{30{06{55040a} 0c{'O'}} 30{06{55040b} 0c{'U'}}}}" })
	FAIL("names-set-unordered", "X.690 11.6",
	     { LEAF, SUBJECT, "30{31{30{06{55040b} 0c{'U'}} 30{06{55040a} 0c{'O'}}}}" })
	FAIL("names-set-empty", "4.1.2.4", { LEAF, SUBJECT, "30{31{}}" })
	ASK("subject-utf8-broken", { LEAF, SUBJECT, CN("0c{c328}") })
	ASK("subject-printable-star", { LEAF, SUBJECT, CN("13{'*@_'}") })
	ASK("subject-value-empty", { LEAF, SUBJECT, CN("0c{}") })
	ASK("subject-odd-tag", { LEAF, SUBJECT, CN("02{05}") })

	/* Validity. */
	FAIL("utc-without-seconds", "4.1.2.5.1",
	     { LEAF, VALIDITY, "30{17{'2605010000Z'} 17{'260731235959Z'}}" })
	FAIL("utc-offset", "4.1.2.5.1",
	     { LEAF, VALIDITY, "30{17{'260501000000+0000'} 17{'260731235959Z'}}" })
	FAIL("utc-without-z", "4.1.2.5.1",
	     { LEAF, VALIDITY, "30{17{'260501000000'} 17{'260731235959Z'}}" })
	/* CAs must not, but who uses certificates must read both forms. */
	ASK("generalized-before-2050",
	    { LEAF, VALIDITY, "30{18{'20260501000000Z'} 17{'260731235959Z'}}" })
	FAIL("generalized-fraction", "4.1.2.5.2",
	     { ANY_CA, VALIDITY, "30{17{'260501000000Z'} 18{'20510731235959.5Z'}}" })
	FAIL("generalized-offset", "4.1.2.5.2",
	     { ANY_CA, VALIDITY, "30{17{'260501000000Z'} 18{'20510731235959+0100'}}" })
	PASS("generalized-2051", "4.1.2.5",
	     { ANY_CA, VALIDITY, "30{17{'260501000000Z'} 18{'20510731235959Z'}}" })
	PASS("no-expiration", "4.1.2.5",
	     { ANY_CA, VALIDITY, "30{17{'260501000000Z'} 18{'99991231235959Z'}}" })
	FAIL("utc-1950", "4.1.2.5.1",
	     { LEAF, VALIDITY, "30{17{'260501000000Z'} 17{'500731235959Z'}}" })
	FAIL("utc-month-13", "X.680 47", { LEAF, VALIDITY, "30{17{'251301000000Z'} 17{'260731235959Z'}}" })
	FAIL("utc-february-30", "X.680 47",
	     { LEAF, VALIDITY, "30{17{'260230000000Z'} 17{'260731235959Z'}}" })
	FAIL("utc-hour-24", "X.680 47",
	     { LEAF, VALIDITY, "30{17{'260501240000Z'} 17{'260731235959Z'}}" })
	ASK("utc-second-60", { LEAF, VALIDITY, "30{17{'260501000060Z'} 17{'260731235959Z'}}" })
	FAIL("validity-backwards", "6.1.3 (a) (2)",
	     { LEAF, VALIDITY, "30{17{'260731235959Z'} 17{'260501000000Z'}}" })
	FAIL("ca-expired", "6.1.3 (a) (2)",
	     { ANY_CA, VALIDITY, "30{17{'250501000000Z'} 17{'260501000000Z'}}" },
	     { REQUEST, TIME, "0" })
	FAIL("ca-not-yet", "6.1.3 (a) (2)",
	     { ANY_CA, VALIDITY, "30{17{'270501000000Z'} 17{'280501000000Z'}}" },
	     { REQUEST, TIME, "0" })
	ASK("root-expired", { ROOT, VALIDITY, "30{17{'250501000000Z'} 17{'260501000000Z'}}" })

	/* Extensions as such. */
	FAIL("extensions-empty", "4.1", { LEAF, EXTS, "a3{30{}}" }, { REQUEST, NAME, "-" })
	FAIL("unknown-critical", "4.2", { LEAF, RAW_EXT, UNKNOWN_EXT("0101ff 04{0500}") })
	FAIL("ca-unknown-critical", "4.2", { ANY_CA, RAW_EXT, UNKNOWN_EXT("0101ff 04{0500}") })
	PASS("unknown", "4.2", { LEAF, RAW_EXT, UNKNOWN_EXT("04{0500}") })
	ASK("root-unknown-critical", { ROOT, RAW_EXT, UNKNOWN_EXT("0101ff 04{0500}") })
	FAIL("unknown-twice", "4.2",
	     { LEAF, RAW_EXT, UNKNOWN_EXT("04{0500}") " " UNKNOWN_EXT("04{}") })
	FAIL("san-twice", "4.2",
	     { LEAF, RAW_EXT, "30{06{551d11} 04{30{82{'a.example.com'}}}}" },
	     { LEAF, ALT_NAMES, DNS("'" DIFF_HOST "'") })
	FAIL("basic-twice", "4.2", { ANY_CA, RAW_EXT, "30{06{551d13} 0101ff 04{30{0101ff}}}" },
	     { ANY_CA, BASIC, "!30{0101ff}" })
	FAIL("critical-false", "X.690 11.5", { LEAF, RAW_EXT, UNKNOWN_EXT("010100 04{0500}") })
	FAIL("critical-one", "X.690 11.1", { LEAF, RAW_EXT, "30{06{551d12} 010101 04{30{82{'a.b'}}}}" })
	FAIL("extension-trailing", "4.1", { LEAF, RAW_EXT, UNKNOWN_EXT("04{0500} 0500") })
	FAIL("extension-without-value", "4.1", { LEAF, RAW_EXT, UNKNOWN_EXT("") })
	FAIL("tbs-trailing", "4.1", { LEAF, TBS_END, "0500" })
	FAIL("certificate-trailing", "4.1", { LEAF, CERT_END, "00" })
	FAIL("oid-padded", "X.690 8.19.2", { LEAF, RAW_EXT, "30{06{2a80030405} 04{0500}}" })
	FAIL("length-long-form", "X.690 10.1", { LEAF, RAW_EXT, UNKNOWN_EXT("04 8102 0500") })
	FAIL("length-indefinite", "X.690 10.1",
	     { LEAF, RAW_EXT, "30 80 06{2a030405} 04{0500} 0000" })
	FAIL("octets-constructed", "X.690 10.2", { LEAF, RAW_EXT, UNKNOWN_EXT("24{04{0500}}") })
	FAIL("aia-critical", "4.2.2.1",
	     { LEAF, RAW_EXT,
	       "30{06{2b06010505070101} 0101ff 04{30{30{06{2b06010505073001} 86{'http://a.b/'}}}}}" })
	FAIL("aia-empty", "4.2.2.1", { LEAF, RAW_EXT, "30{06{2b06010505070101} 04{30{}}}" })
	FAIL("poison", "RFC 6962 3.1",
	     { LEAF, RAW_EXT, "30{06{2b06010401d679020403} 0101ff 04{0500}}" })
	ASK("crldp-critical",
	    { LEAF, RAW_EXT,
	      "30{06{551d1f} 0101ff 04{30{30{a0{a0{86{'http://a.b/c.crl'}}}}}}}" })
	FAIL("freshest-critical", "4.2.1.15",
	     { LEAF, RAW_EXT,
	       "30{06{551d2e} 0101ff 04{30{30{a0{a0{86{'http://a.b/c.crl'}}}}}}}" })
	FAIL("directory-attributes-critical", "4.2.1.8",
	     { LEAF, RAW_EXT, "30{06{551d09} 0101ff 04{30{30{06{2a03} 31{0500}}}}}" })
	ASK("tls-feature", { LEAF, RAW_EXT, "30{06{2b06010505070118} 04{30{020105}}}" })

	/* Basic constraints. */
	FAIL("ca-without-basic", "6.1.4 (k)", { ANY_CA, BASIC, "-" })
	FAIL("ca-false", "6.1.4 (k)", { ANY_CA, BASIC, "!30{}" })
	ASK("basic-not-critical", { ANY_CA, BASIC, "30{0101ff}" })
	ASK("root-basic-not-critical", { ROOT, BASIC, "30{0101ff}" })
	ASK("root-without-basic", { ROOT, BASIC, "-" })
	PASS("leaf-basic", "4.2.1.9", { LEAF, BASIC, "!30{}" })
	FAIL("leaf-basic-false", "X.690 11.5", { LEAF, BASIC, "30{010100}" })
	FAIL("leaf-path-length", "4.2.1.9", { LEAF, BASIC, "30{020100}" })
	FAIL("basic-boolean-one", "X.690 11.1", { ANY_CA, BASIC, "!30{010101}" })
	FAIL("basic-path-length-negative", "4.2.1.9", { ANY_CA, BASIC, "!30{0101ff 0201ff}" })
	FAIL("basic-path-length-padded", "X.690 8.3.2", { ANY_CA, BASIC, "!30{0101ff 02020009}" })
	FAIL("basic-trailing", "4.2.1.9", { ANY_CA, BASIC, "!30{0101ff 020109 0500}" })
	FAIL("basic-not-a-sequence", "4.2.1.9", { ANY_CA, BASIC, "!31{0101ff}" })
	PASS("basic-path-length", "4.2.1.9", { ANY_CA, BASIC, "!30{0101ff 020109}" })
	PASS("basic-path-length-large", "4.2.1.9", { ANY_CA, BASIC, "!30{0101ff 0204 7fffffff}" })
	ASK("basic-path-length-huge", { ANY_CA, BASIC, "!30{0101ff 0205 00ffffffff}" })
	ASK("leaf-is-ca", { LEAF, BASIC, "!30{0101ff}" }, { LEAF, SKID, "04{*20(77)}" },
	    { LEAF, USAGE, "!03{0186}" })

	/* Key usage. */
	FAIL("ca-cannot-sign", "6.1.4 (n)", { ANY_CA, USAGE, "!03{0780}" })
	FAIL("ca-signs-lists-only", "6.1.4 (n)", { ANY_CA, USAGE, "!03{0102}" })
	ASK("ca-without-usage", { ANY_CA, USAGE, "-" })
	ASK("ca-usage-not-critical", { ANY_CA, USAGE, "03{0106}" })
	FAIL("usage-empty", "4.2.1.3", { LEAF, USAGE, "!03{00}" })
	/* Not DER (X.690 section 11.2.2), in use, and of one meaning: tolerated. */
	ASK("usage-trailing-zeros", { LEAF, USAGE, "!03{0080}" })
	FAIL("usage-unused-bits", "X.690 11.2.1", { LEAF, USAGE, "!03{07ff}" })
	FAIL("usage-not-bits", "4.2.1.3", { LEAF, USAGE, "!04{0780}" })
	FAIL("leaf-signs-certificates", "4.2.1.9", { LEAF, USAGE, "!03{0284}" })
	FAIL("leaf-signs-lists-only", "4.2.1.3", { LEAF, USAGE, "!03{0102}" })
	ASK("leaf-enciphers", { LEAF, USAGE, "!03{0520}" })
	PASS("leaf-usage-not-critical", "4.2.1.3", { LEAF, USAGE, "03{0780}" })
	PASS("leaf-without-usage", "4.2.1.3", { LEAF, USAGE, "-" })
	ASK("root-cannot-sign", { ROOT, USAGE, "!03{0780}" })

	/* Extended key usage. */
	FAIL("eku-client", "4.2.1.12", { LEAF, PURPOSES, "30{06{2b06010505070302}}" })
	FAIL("eku-unknown", "4.2.1.12", { LEAF, PURPOSES, "30{06{2a0304}}" })
	FAIL("eku-empty", "4.2.1.12", { LEAF, PURPOSES, "30{}" })
	FAIL("eku-not-oid", "4.2.1.12", { LEAF, PURPOSES, "30{0500}" })
	PASS("eku-two", "4.2.1.12", { LEAF, PURPOSES, "30{06{2b06010505070302} 06{2b06010505070301}}" })
	PASS("eku-any", "4.2.1.12", { LEAF, PURPOSES, "30{06{551d2500}}" })
	PASS("eku-critical", "4.2.1.12", { LEAF, PURPOSES, "!" SERVER })
	PASS("eku-none", "4.2.1.12", { LEAF, PURPOSES, "-" })
	ASK("ca-eku-client", { ANY_CA, PURPOSES, "30{06{2b06010505070302}}" })
	PASS("ca-eku-server", "4.2.1.12", { ANY_CA, PURPOSES, SERVER })
	PASS("ca-eku-any", "4.2.1.12", { ANY_CA, PURPOSES, "30{06{551d2500}}" })
	ASK("ca-eku-gated", { ANY_CA, PURPOSES, "30{06{6086480186f8420401}}" })
	ASK("root-eku-client", { ROOT, PURPOSES, "30{06{2b06010505070302}}" })

	/* Key identifiers. */
	FAIL("ca-without-skid", "4.2.1.2", { ANY_CA, SKID, "-" })
	FAIL("leaf-without-akid", "4.2.1.1", { LEAF, AKID, "-" })
	FAIL("akid-critical", "4.2.1.1", { LEAF, AKID, "!30{80{*20(02)}}" })
	FAIL("skid-critical", "4.2.1.2", { ANY_CA, SKID, "!04{*20(99)}" })
	FAIL("akid-empty", "4.2.1.1", { LEAF, AKID, "30{}" })
	FAIL("akid-half", "4.2.1.1", { LEAF, AKID, "30{80{*20(02)} 82{1102}}" })
	FAIL("akid-malformed", "4.2.1.1", { LEAF, AKID, "30{0500}" })
	FAIL("skid-malformed", "4.2.1.2", { ANY_CA, SKID, "0500" })
	ASK("akid-other", { LEAF, AKID, "30{80{*20(88)}}" })
	ASK("akid-other-issuer", { LEAF, AKID,
	    "30{80{*20(02)} a1{a4{30{31{30{06{550403} 0c{'Elsewhere'}}}}}} 82{1102}}" })
	ASK("akid-other-serial", { LEAF, AKID,
	    "30{80{*20(02)} a1{a4{30{31{30{06{550403} 0c{'Root 2'}}}}}} 82{7777}}" })
	PASS("leaf-skid", "4.2.1.2", { LEAF, SKID, "04{*20(55)}" })
	PASS("skid-short", "4.2.1.2", { CA, SKID, "04{01}" }, { LEAF, AKID, "30{80{01}}" })
	ASK("skid-empty", { CA, SKID, "04{}" }, { LEAF, AKID, "30{80{}}" })

	/* Names of the subject: who is asked for. */
	FAIL("san-absent", "RFC 9525 6.3", { LEAF, ALT_NAMES, "-" }, ASK_HOST)
	FAIL("san-other", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'www.example.net'") }, ASK_HOST)
	PASS("san-critical", "4.2.1.6", { LEAF, ALT_NAMES, "!" DNS("'" DIFF_HOST "'") }, ASK_HOST)
	FAIL("san-empty", "4.2.1.6", { LEAF, ALT_NAMES, "30{}" }, { REQUEST, NAME, "-" })
	PASS("san-case", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'WwW.ExAmple.COM'") }, ASK_HOST)
	PASS("wildcard", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'*.example.com'") }, ASK_HOST)
	FAIL("wildcard-too-high", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'*.com'") }, ASK_HOST)
	FAIL("wildcard-alone", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'*'") }, ASK_HOST)
	FAIL("wildcard-inside", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'www.*.com'") }, ASK_HOST)
	FAIL("wildcard-twice", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'*.*.com'") }, ASK_HOST)
	FAIL("wildcard-partial", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'w*.example.com'") },
	     ASK_HOST)
	FAIL("wildcard-two-labels", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'*.example.com'") },
	     { REQUEST, NAME, "a.www.example.com" })
	FAIL("wildcard-parent", "RFC 9525 6.3", { LEAF, ALT_NAMES, DNS("'*.example.com'") },
	     { REQUEST, NAME, "example.com" })
	FAIL("san-trailing-dot", "4.2.1.6", { LEAF, ALT_NAMES, DNS("'www.example.com.'") }, ASK_HOST)
	FAIL("san-nul", "4.2.1.6", { LEAF, ALT_NAMES, DNS("'www.example.com' 00 '.evil.org'") },
	     ASK_HOST)
	FAIL("san-leading-dot", "4.2.1.6", { LEAF, ALT_NAMES, DNS("'.example.com'") }, ASK_HOST)
	FAIL("san-blank", "4.2.1.6", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 82{' '}}" })
	FAIL("san-dns-empty", "4.2.1.6", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 82{}}" })
	FAIL("san-dns-non-ascii", "4.2.1.6", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 82{c3a4}}" })
	ASK("san-underscore", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 82{'a_b.example.com'}}" })
	FAIL("san-long-label", "RFC 1034 3.1",
	     { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 82{*64(61) '.com'}}" })
	FAIL("san-ip-as-dns", "RFC 9525 6.2", { LEAF, ALT_NAMES, DNS("'192.0.2.1'") },
	     { REQUEST, NAME, "192.0.2.1" })
	PASS("san-ip", "4.2.1.6", { LEAF, ALT_NAMES, "30{87{c0000201}}" },
	     { REQUEST, NAME, "192.0.2.1" })
	FAIL("san-ip-other", "4.2.1.6", { LEAF, ALT_NAMES, "30{87{c0000202}}" },
	     { REQUEST, NAME, "192.0.2.1" })
	PASS("san-ip6", "4.2.1.6", { LEAF, ALT_NAMES, "30{87{20010db8 *11(00) 01}}" },
	     { REQUEST, NAME, "2001:db8::1" })
	FAIL("san-ip-mapped", "4.2.1.6", { LEAF, ALT_NAMES, "30{87{*10(00) ffff c0000201}}" },
	     { REQUEST, NAME, "192.0.2.1" })
	FAIL("san-ip-5-octets", "4.2.1.6", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 87{c000020105}}" })
	PASS("san-mailbox", "4.2.1.6", { LEAF, ALT_NAMES, "30{81{'a@example.com'}}" },
	     { REQUEST, NAME, "a@example.com" })
	PASS("san-mailbox-host-case", "7.5", { LEAF, ALT_NAMES, "30{81{'a@Example.COM'}}" },
	     { REQUEST, NAME, "a@example.com" })
	FAIL("san-mailbox-local-case", "7.5", { LEAF, ALT_NAMES, "30{81{'A@example.com'}}" },
	     { REQUEST, NAME, "a@example.com" })
	FAIL("san-mailbox-bad", "4.2.1.6", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 81{'nobody'}}" })
	/* Deprecated, but not forbidden to look at (RFC 5280 section 4.1.2.6). */
	ASK("san-mailbox-in-subject", { LEAF, ALT_NAMES, "-" },
	    { LEAF, SUBJECT, "30{31{30{06{2a864886f70d010901} 16{'a@example.com'}}}}" },
	    { REQUEST, NAME, "a@example.com" })
	ASK("san-uri-relative", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 86{'a/b'}}" })
	PASS("san-other-forms", "4.2.1.6",
	     { LEAF, ALT_NAMES,
	       "30{82{'" DIFF_HOST "'} a4{30{31{30{06{550403} 0c{'x'}}}}} "
	       "a0{06{2a03} a0{0c{'x'}}} 88{2a03}}" })
	FAIL("san-odd-tag", "4.2.1.6", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 8a{00}}" })
	FAIL("san-trailing", "4.1", { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'}} 0500" })

	/* Name constraints; those with computed truth are in modes.c. */
	{ "constraints-not-critical", MUST_FAIL_RFC5280, "4.2.1.10",
	  { { ANY_CA, CONSTRAINTS, "30{a0{30{82{'com'}}}}" } } },
	FAIL("constraints-empty", "4.2.1.10", { ANY_CA, CONSTRAINTS, "!30{}" })
	FAIL("constraints-empty-list", "4.2.1.10", { ANY_CA, CONSTRAINTS, "!30{a0{}}" })
	FAIL("constraints-on-leaf", "4.2.1.10", { LEAF, CONSTRAINTS, PERMIT("82{'com'}") },
	     { LEAF, BASIC, "!30{}" })
	FAIL("constraints-minimum-spelled-out", "X.690 11.5",
	     { ANY_CA, CONSTRAINTS, PERMIT("82{'com'} 8001 00") })
	FAIL("constraints-minimum", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("82{'com'} 8001 01") })
	FAIL("constraints-maximum", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("82{'com'} 8101 05") })
	ASK("constraints-leading-dot", { ANY_CA, CONSTRAINTS, PERMIT("82{'.example.com'}") })
	PASS("constraints-all-dns", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("82{}") })
	FAIL("constraints-no-dns", "4.2.1.10", { ANY_CA, CONSTRAINTS, EXCLUDE("82{}") }, ASK_HOST,
	     { LEAF, ALT_NAMES, DNS("'" DIFF_HOST "'") })
	ASK("constraints-wildcard-permitted", { ANY_CA, CONSTRAINTS, PERMIT("82{'www.example.com'}") },
	    { LEAF, ALT_NAMES, DNS("'*.example.com'") })
	ASK("constraints-wildcard-excluded", { ANY_CA, CONSTRAINTS, EXCLUDE("82{'www.example.com'}") },
	    { LEAF, ALT_NAMES, DNS("'*.example.com'") })
	FAIL("constraints-bad-mask", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("87{c0000200 ff00ff00}") },
	     { LEAF, ALT_NAMES, "30{87{c0000201}}" }, { REQUEST, NAME, "192.0.2.1" })
	FAIL("constraints-ip-5-octets", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("87{c000020000}") })
	PASS("constraints-other-form", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("81{'example.org'}") })
	FAIL("constraints-unknown-form", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("88{2a03}") },
	     { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 88{2a0304}}" })
	PASS("constraints-unused-form", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("88{2a03}") },
	     { LEAF, ALT_NAMES, DNS("'" DIFF_HOST "'") }, ASK_HOST)
	FAIL("constraints-mailbox-in-subject", "4.2.1.10",
	     { ANY_CA, CONSTRAINTS, PERMIT("81{'example.org'}") }, { LEAF, ALT_NAMES, "-" },
	     { LEAF, SUBJECT, "30{31{30{06{2a864886f70d010901} 16{'a@example.com'}}}}" },
	     { REQUEST, NAME, "-" })
	ASK("constraints-mailbox-beside-san", { ANY_CA, CONSTRAINTS, PERMIT("81{'example.org'}") },
	    { LEAF, ALT_NAMES, DNS("'" DIFF_HOST "'") },
	    { LEAF, SUBJECT, "30{31{30{06{2a864886f70d010901} 16{'a@example.com'}}}}" }, ASK_HOST)
	ASK("constraints-common-name", { ANY_CA, CONSTRAINTS, PERMIT("82{'example.org'}") },
	    { LEAF, ALT_NAMES, "-" }, { REQUEST, NAME, "-" })
	FAIL("constraints-uri-no-host", "4.2.1.10", { ANY_CA, CONSTRAINTS, PERMIT("86{'example.com'}") },
	     { LEAF, ALT_NAMES, "30{82{'" DIFF_HOST "'} 86{'urn:a:b'}}" })
	FAIL("root-constraints", "RFC 5937 3.2", { ROOT, CONSTRAINTS, PERMIT("82{'example.org'}") },
	     { LEAF, ALT_NAMES, DNS("'" DIFF_HOST "'") }, ASK_HOST)

	/* Certificate policies. */
	PASS("policies", "4.2.1.4", { LEAF, POLICIES, "30{30{06{2a0304}}}" })
	PASS("policies-critical", "4.2.1.4", { LEAF, POLICIES, "!30{30{06{2a0304}}}" })
	FAIL("policies-twice", "4.2.1.4", { LEAF, POLICIES, "30{30{06{2a0304}} 30{06{2a0304}}}" })
	FAIL("policies-empty", "4.2.1.4", { LEAF, POLICIES, "30{}" })
	FAIL("policies-qualifiers-empty", "4.2.1.4", { LEAF, POLICIES, "30{30{06{2a0304} 30{}}}" })
	FAIL("mappings-any", "6.1.4 (a)", { ANY_CA, MAPPINGS, "!30{30{06{551d2000} 06{2a0304}}}" },
	     { ANY_CA, POLICIES, "30{30{06{551d2000}}}" })
	FAIL("mappings-empty", "4.2.1.5", { ANY_CA, MAPPINGS, "!30{}" })
	ASK("policy-limits-empty", { ANY_CA, POLICY_LIMITS, "!30{}" })
	FAIL("policy-required", "6.1.5 (g)", { CA, POLICY_LIMITS, "!30{800100}" },
	     { LEAF, POLICIES, "-" })
	FAIL("policy-limits-malformed", "4.2.1.11", { ANY_CA, POLICY_LIMITS, "!30{820100}" })
	FAIL("no-any-malformed", "4.2.1.14", { ANY_CA, NO_ANY, "!30{}" })
	PASS("no-any", "4.2.1.14", { ANY_CA, NO_ANY, "!020100" })
};
/* clang-format on */

const size_t mutation_count = sizeof(mutations) / sizeof(mutations[0]);
