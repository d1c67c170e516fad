// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every rule of the webpki profile, each with a certificate that breaks nothing else. */
#include "tests/unit/rule_fixture.h"

#define NAME(cn) "30{31{30{06{550403} 0c{'" cn "'}}}}"
#define NAMES(extra) "30{82{'www.example.com'} " extra "}"
#define WEB_LEAF(part, text)             \
	WEBPKI,                          \
	{                                \
		{                        \
			LEAF, part, text \
		}                        \
	}
/* A leaf whose common name is an address and which has this one as well as its host. */
#define WEB_IP(cn, hex)                                       \
	WEBPKI,                                               \
	{                                                     \
		{ LEAF, SUBJECT, NAME(cn) },                  \
		{                                             \
			LEAF, ALT_NAMES, NAMES("87{" hex "}") \
		}                                             \
	}

static const char copy[] = "common name is not a copy";
static const char wide[] = "wildcard directly below a public suffix";

static const struct rule_row leaf_rows[] = {
	{ WEB_LEAF(ALT_NAMES, "-"), PV, 0, "no subjectAltName" },
	{ WEB_LEAF(ALT_NAMES, "!30{82{'www.example.com'}}"), PV, 0,
	  "subjectAltName is critical beside a subject" },
	{ WEBPKI,
	  { { LEAF, SUBJECT, "30{}" }, { LEAF, ALT_NAMES, "!30{82{'www.example.com'}}" } },
	  OK },
	{ WEBPKI,
	  { { LEAF, BASIC, "!30{0101ff}" }, { LEAF, SKID, "04{01}" } },
	  PV,
	  0,
	  "a CA certificate in place of a server's" },
	{ WEBPKI,
	  { { LEAF, VERSION, "-" },
	    { LEAF, USAGE, "-" },
	    { LEAF, PURPOSES, "-" },
	    { LEAF, AKID, "-" },
	    { LEAF, ALT_NAMES, "-" } },
	  PV,
	  0,
	  "no key identifier" },
	/* Of its own name, so that no key identifier is missing first. */
	{ WEBPKI,
	  { { LEAF, VERSION, "-" },
	    { LEAF, USAGE, "-" },
	    { LEAF, PURPOSES, "-" },
	    { LEAF, AKID, "-" },
	    { LEAF, ALT_NAMES, "-" },
	    { LEAF, SUBJECT, NAME("CA") } },
	  PV,
	  0,
	  "not version 3" },
	{ WEB_LEAF(SERIAL, "02{ff}"), PV, 0, "serial number is not positive" },
	{ WEB_LEAF(SERIAL, "02{00ff00000000000000000000000000000000000000}"), PV, 0,
	  "or longer than 20 octets" },
	/* Only of servers. */
	{ .policy = WEBPKI,
	  .change = { { LEAF, ALT_NAMES, "-" } },
	  .reason = OK,
	  .name = "",
	  .purpose = CAPCERT_PURPOSE_EMAIL_SMIME,
	  .change[1] = { LEAF, PURPOSES, "-" } },
	/* Wildcards */
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.example.com'}")), OK },
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.com'}")), PV, 0, wide },
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.co.uk'}")), PV, 0, wide },
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.CO.uk'}")), PV, 0, wide },
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.example.co.uk'}")), OK },
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.xn--55qx5d.cn'}")), PV, 0, wide },
	/* A rule of the list with a wildcard of its own, and the exception from it. */
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.any.kobe.jp'}")), PV, 0, wide },
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.city.kobe.jp'}")), OK },
	/* A private namespace is no public suffix, a name that no registry knows is. */
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.github.io'}")), OK },
	{ WEB_LEAF(ALT_NAMES, NAMES("82{'*.unheard-of'}")), PV, 0, wide },
	/* Common names */
	{ WEB_LEAF(SUBJECT, NAME("other.example.com")), PV, 0, copy },
	{ WEB_LEAF(SUBJECT, NAME("WWW.example.com")), PV, 0, copy }, /* a copy is a copy */
	{ WEB_LEAF(SUBJECT, "30{31{30{06{550406} 13{'DE'}}} 31{30{06{550403} 0c{'x'}}}}"), PV, 0,
	  copy },
	{ WEB_LEAF(SUBJECT,
		   "30{31{30{06{550406} 13{'DE'}}} 31{30{06{550403} 13{'www.example.com'}}}}"),
	  OK },
	{ WEB_LEAF(SUBJECT, "30{31{30{06{550406} 13{'DE'}}}}"), OK },
	{ WEB_LEAF(SUBJECT, "30{31{30{06{550403} 0c{'x'}} 30{06{55040a} 0c{'y'}}}}"), PV, 0, copy },
	{ WEB_LEAF(SUBJECT, "30{31{30{06{550403} 0c{'x'}}} 31{30{06{550403} "
			    "0c{'www.example.com'}}}}"),
	  PV, 0, copy }, /* each of them */
	{ .policy = WEBPKI,
	  .change = { { LEAF, SUBJECT, NAME("x") },
		      { LEAF, ALT_NAMES, "30{82{'*.example.com'}}" } },
	  .reason = PV,
	  .says = copy },
	{ .policy = WEBPKI ";common_name=any",
	  .change = { { LEAF, SUBJECT, NAME("x") } },
	  .reason = OK },
	{ WEBPKI,
	  { { LEAF, SUBJECT, NAME("x") },
	    { LEAF, ALT_NAMES, "30{81{'a@b.example'} 82{'www.example.com'}}" } },
	  PV,
	  0,
	  copy },
	{ WEB_LEAF(SUBJECT, NAME("cafe")), PV, 0, copy }, /* a word, not an address */
	{ WEB_LEAF(SUBJECT, NAME("")), PV, 0, copy },
	/* Addresses: one text for each (RFC 5952) */
	{ WEB_IP("192.0.2.1", "c0000201"), OK },
	{ WEB_IP("192.0.2.2", "c0000201"), PV, 0, copy },
	{ WEB_IP("192.0.2.01", "c0000201"), PV, 0, copy },
	{ WEB_IP("0xc0000201", "c0000201"), PV, 0, copy },
	{ WEB_IP("3221225985", "c0000201"), PV, 0, copy },
	{ WEB_LEAF(SUBJECT, NAME("192.0.2.1")), PV, 0, copy }, /* no address to be a copy of */
	{ WEB_IP("2001:db8::1", "20010db8000000000000000000000001"), OK },
	{ WEB_IP("2001:DB8::1", "20010db8000000000000000000000001"), PV, 0, copy },
	{ WEB_IP("2001:0db8::1", "20010db8000000000000000000000001"), PV, 0, copy },
	{ WEB_IP("2001:db8:0:0:0:0:0:1", "20010db8000000000000000000000001"), PV, 0, copy },
	{ WEB_IP("::", "00000000000000000000000000000000"), OK },
	{ WEB_IP("::1", "00000000000000000000000000000001"), OK },
	{ WEB_IP("1::", "00010000000000000000000000000000"), OK },
	{ WEB_IP("2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001"), OK },
	{ WEB_IP("2001:db8::1:1:1:1:1", "20010db8000000010001000100010001"), PV, 0, copy },
	{ WEB_IP("2001:0:0:1::1", "20010000000000010000000000000001"), OK },
	{ WEB_IP("2001:db8::1:0:0:1", "20010db8000000000001000000000001"), OK },
	{ WEB_IP("abcd:ef0:10:a00:1:2:3:4", "abcd0ef000100a000001000200030004"), OK },
	/* Validity: the last day of a month, over New Year, and before any rule. */
	{ WEBPKI, { { LEAF, VALIDITY, "30{17{'140101000000Z'} 17{'490101000000Z'}}" } }, OK },
	{ WEBPKI,
	  { { LEAF, VALIDITY, "30{17{'151130000000Z'} 17{'190227235959Z'}}" },
	    { CA, VALIDITY, "30{17{'150101000000Z'} 17{'281231235959Z'}}" },
	    { ROOT, VALIDITY, "30{17{'150101000000Z'} 17{'281231235959Z'}}" } },
	  OK,
	  .at = 1500000000 },
	{ WEBPKI,
	  { { LEAF, VALIDITY, "30{17{'151130000000Z'} 17{'190228000000Z'}}" },
	    { CA, VALIDITY, "30{17{'150101000000Z'} 17{'281231235959Z'}}" },
	    { ROOT, VALIDITY, "30{17{'150101000000Z'} 17{'281231235959Z'}}" } },
	  PV,
	  0,
	  "validity is longer",
	  .at = 1500000000 },
	/* Extended key usage of servers */
	{ WEB_LEAF(PURPOSES, "-"), EKU, 0, "no extended key usage (Baseline" },
	{ WEB_LEAF(PURPOSES, "30{06{2b06010505070301} 06{551d2500}}"), EKU, 0,
	  "allows any purpose" },
	{ WEB_LEAF(PURPOSES, "!30{06{2b06010505070301}}"), EKU, 0,
	  "extended key usage is critical" },
	{ WEB_LEAF(PURPOSES, "30{06{2b06010505070302}}"), EKU, 0, "does not allow this purpose" },
	{ WEB_LEAF(PURPOSES, "30{06{2b06010505070302} 06{2b06010505070301}}"), OK },
};

#define ROOT_BIRTH(from)                                                 \
	{                                                                \
		ROOT, VALIDITY, "30{17{'" from "'} 17{'351231235959Z'}}" \
	}

static const struct rule_row root_rows[] = {
	{ WEBPKI,
	  { { ROOT, PURPOSES, "30{06{2b06010505070301}}" } },
	  PV,
	  2,
	  "root with extKeyUsage" },
	{ RFC5280, { { ROOT, PURPOSES, "30{06{2b06010505070301}}" } }, OK },
	{ WEBPKI, { { ROOT, AKID, "30{80{03}}" } }, OK },
	{ WEBPKI,
	  { { ROOT, AKID, "30{80{04}}" } },
	  PV,
	  2,
	  "authorityKeyIdentifier is not its own key's" },
	{ WEBPKI,
	  { { ROOT, AKID, "30{}" } },
	  PV,
	  2,
	  "authorityKeyIdentifier is not its own key's" },
	{ WEBPKI,
	  { { ROOT, AKID, "30{80{03} a1{82{'a'}} 82{01}}" } },
	  PV,
	  2,
	  "authorityKeyIdentifier names an issuer" },
	/* An intermediate that was made an anchor is no root. */
	{ WEBPKI,
	  { { ROOT, ISSUER, "30{31{30{06{550403} 0c{'Elsewhere'}}}}" },
	    { ROOT, AKID, "30{80{09}}" },
	    { ROOT, PURPOSES, "30{06{2b06010505070301}}" } },
	  OK },
	{ RFC5280,
	  { { ROOT, ISSUER, "30{31{30{06{550403} 0c{'Elsewhere'}}}}" } },
	  PV,
	  2,
	  "no key identifier of the issuer" },
	/* Roots of 1996 to June 2012 are left alone, older and newer ones not. */
	{ WEBPKI,
	  { ROOT_BIRTH("120630235959Z"), { ROOT, PURPOSES, "30{06{2b06010505070301}}" } },
	  OK },
	{ WEBPKI,
	  { ROOT_BIRTH("120701000000Z"), { ROOT, PURPOSES, "30{06{2b06010505070301}}" } },
	  PV,
	  2,
	  "root with extKeyUsage" },
	{ WEBPKI, { ROOT_BIRTH("960101000000Z"), { ROOT, SKID, "-" } }, OK },
	{ WEBPKI,
	  { ROOT_BIRTH("951231235959Z"), { ROOT, SKID, "-" } },
	  PV,
	  2,
	  "CA certificate without subjectKeyIdentifier" },
	{ WEBPKI,
	  { { ROOT, VERSION, "-" },
	    { ROOT, BASIC, "-" },
	    { ROOT, USAGE, "-" },
	    { ROOT, SKID, "-" } },
	  PV,
	  2,
	  "not version 3" },
	{ WEBPKI,
	  { { ROOT, VERSION, "-" },
	    { ROOT, BASIC, "-" },
	    { ROOT, USAGE, "-" },
	    { ROOT, SKID, "-" },
	    ROOT_BIRTH("110101000000Z") },
	  OK },
};

static void test_leaf(void **state)
{
	rule_table(leaf_rows);
}

static void test_root(void **state)
{
	rule_table(root_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf),
		cmocka_unit_test(test_root),
	};
	int r = cmocka_run_group_tests_name("rules/webpki", tests, NULL, NULL);

	rule_keys_free();
	return r;
}
