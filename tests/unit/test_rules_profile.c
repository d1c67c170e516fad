// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every rule of RFC 5280 section 4, each with a certificate that breaks nothing else. */
#include "tests/unit/rule_fixture.h"

#define LABEL_60 "abcdefghijklmnopqrstabcdefghijklmnopqrstabcdefghijklmnopqrst"
/* A leaf with a good host name and one that is none. */
#define BAD_HOST(host)                                                                          \
	{                                                                                       \
		NULL, { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{" host "}}" } }, PV, 0, \
			"not in preferred name syntax"                                          \
	}

static const struct rule_row rows[] = {
	{ .reason = OK },
	{ .policy = WEBPKI, .reason = OK },
	/* 4.1.2.2 serialNumber */
	{ NULL, { { LEAF, SERIAL, "02{00}" } }, PV, 0, "serial number is zero" },
	{ NULL, { { CA, SERIAL, "02{00}" } }, PV, 1, "serial number is zero" },
	{ NULL, { { ROOT, SERIAL, "02{00}" } }, OK },
	{ NULL, { { LEAF, SERIAL, "02{ff}" } }, OK }, /* negative: "gracefully" */
	{ NULL, { { LEAF, SERIAL, "02{7f00000000000000000000000000000000000000}" } }, OK },
	{ NULL, { { LEAF, SERIAL, "02{00ff00000000000000000000000000000000000000}" } }, OK },
	{ NULL,
	  { { LEAF, SERIAL, "02{7f0000000000000000000000000000000000000000}" } },
	  PV,
	  0,
	  "serial number is longer than 20 octets" },
	{ NULL,
	  { { LEAF, SERIAL, "02{00ff0000000000000000000000000000000000000000}" } },
	  PV,
	  0,
	  "serial number is longer than 20 octets" },
	{ WEBPKI, { { LEAF, SERIAL, "02{ff}" } }, PV, 0, "serial number is not positive" },
	/* RFC 7633 section 4.2.2: what a CA's TLS features ask of all that it issues */
	{ NULL, { { CA, FEATURES, "30{02{11}}" } }, PV, 0, "lacks a TLS feature" },
	{ NULL, { { ROOT, FEATURES, "30{02{11}}" } }, PV, 1, "lacks a TLS feature" },
	{ NULL, { { CA, FEATURES, "30{02{11}}" }, { LEAF, FEATURES, "30{02{11}}" } }, OK },
	{ NULL, { { CA, FEATURES, "30{02{11}}" }, { LEAF, FEATURES, "30{02{12} 02{11}}" } }, OK },
	{ NULL,
	  { { CA, FEATURES, "30{02{12} 02{11}}" }, { LEAF, FEATURES, "30{02{11}}" } },
	  PV,
	  0,
	  "lacks a TLS feature" },
	{ NULL, { { LEAF, FEATURES, "30{02{11}}" } }, OK },
	/* 4.1.2.4 and 4.1.2.6: names */
	{ NULL,
	  { { ROOT, SUBJECT, "30{}" }, { ROOT, ISSUER, "30{}" }, { CA, ISSUER, "30{}" } },
	  PV,
	  1,
	  "issuer name is empty" },
	{ NULL,
	  { { CA, SUBJECT, "30{}" }, { LEAF, ISSUER, "30{}" } },
	  PV,
	  0,
	  "issuer name is empty" },
	{ NULL, { { LEAF, SUBJECT, "30{}" } }, PV, 0, "subjectAltName not critical" },
	{ NULL,
	  { { LEAF, SUBJECT, "30{}" }, { LEAF, ALT_NAMES, "!30{82{'www.example.com'}}" } },
	  OK },
	{ NULL,
	  { { LEAF, SUBJECT, "30{}" },
	    { LEAF, ALT_NAMES, "!30{82{'www.example.com'}}" },
	    { LEAF, BASIC, "!30{0101ff}" },
	    { LEAF, USAGE, "!03{0106}" } },
	  PV,
	  0,
	  "subject name of a CA is empty" },
	/* 4.2.1: what must not be critical */
	{ NULL, { { LEAF, AKID, "!30{80{02}}" } }, PV, 0, "authorityKeyIdentifier is critical" },
	{ NULL, { { CA, SKID, "!04{02}" } }, PV, 1, "subjectKeyIdentifier is critical" },
	{ NULL,
	  { { LEAF, ADDRESSES, "!30{30{06{2b06010505073001} 86{'http://o.example'}}}" } },
	  PV,
	  0,
	  "authorityInfoAccess is critical" },
	{ NULL,
	  { { LEAF, ADDRESSES, "~30{30{06{2b06010505073001} 86{'http://o.example'}}}" } },
	  OK },
	{ .reason = PV,
	  .says = "subjectDirectoryAttributes is critical",
	  .extra_oid = "551d09",
	  .extra = "!30{30{06{2a0304} 31{0500}}}" },
	{ .reason = OK, .extra_oid = "551d09", .extra = "~30{30{06{2a0304} 31{0500}}}" },
	{ .reason = PV,
	  .says = "freshestCRL is critical",
	  .extra_oid = "551d2e",
	  .extra = "!30{30{a0{a0{86{'http://c.example'}}}}}" },
	{ .reason = OK, .extra_oid = "551d2e", .extra = "~30{30{a0{a0{86{'http://c.example'}}}}}" },
	{ .reason = PV,
	  .says = "subjectInfoAccess is critical",
	  .extra_oid = "2b0601050507010b",
	  .extra = "!30{30{06{2b06010505073005} 86{'http://s.example'}}}" },
	{ .reason = OK,
	  .extra_oid = "2b0601050507010b",
	  .extra = "~30{30{06{2b06010505073005} 86{'http://s.example'}}}" },
	{ .reason = PV,
	  .says = "unknown critical extension",
	  .extra_oid = "2a0304",
	  .extra = "!0500" },
	{ .reason = PV,
	  .says = "(critical and unknown: 1.2.3.4)",
	  .extra_oid = "2a0304",
	  .extra = "!0500" },
	{ .reason = OK, .extra_oid = "2a0304", .extra = "~0500" },
	{ .reason = PV,
	  .says = "a precertificate",
	  .extra_oid = "2b06010401d679020403",
	  .extra = "!0500" },
	{ .reason = PV,
	  .says = "a precertificate",
	  .extra_oid = "2b06010401d679020403",
	  .extra = "~0500" },
	/* what must be critical */
	{ NULL, { { CA, CONSTRAINTS, "!30{a0{30{82{'example.com'}}}}" } }, OK },
	{ NULL,
	  { { CA, CONSTRAINTS, "~30{a0{30{82{'example.com'}}}}" } },
	  PV,
	  1,
	  "nameConstraints is not critical" },
	{ WEBPKI, { { CA, CONSTRAINTS, "~30{a0{30{82{'example.com'}}}}" } }, OK },
	{ NULL, { { ROOT, BASIC, "~30{0101ff}" } }, PV, 2, "basicConstraints of an anchor" },
	{ NULL, { { CA, BASIC, "~30{0101ff}" } }, OK },
	/* 4.2.1.1 and 4.2.1.2: key identifiers */
	{ NULL, { { CA, SKID, "-" } }, PV, 1, "CA certificate without subjectKeyIdentifier" },
	{ NULL, { { ROOT, SKID, "-" } }, PV, 2, "CA certificate without subjectKeyIdentifier" },
	{ NULL, { { LEAF, AKID, "-" } }, PV, 0, "no key identifier of the issuer" },
	{ NULL,
	  { { LEAF, AKID, "30{a1{82{'a'}} 82{01}}" } },
	  PV,
	  0,
	  "no key identifier of the issuer" },
	{ NULL, { { CA, AKID, "-" } }, PV, 1, "no key identifier of the issuer" },
	/* The issuer has none to name: a root of version 1. */
	{ NULL,
	  { { CA, AKID, "-" },
	    { ROOT, VERSION, "-" },
	    { ROOT, BASIC, "-" },
	    { ROOT, USAGE, "-" },
	    { ROOT, SKID, "-" } },
	  OK },
	/* 4.2.1.6: forms of names */
	{ NULL, { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{'*.example.org'}}" } }, OK },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{' '}}" } },
	  PV,
	  0,
	  "not in preferred name syntax" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{}}" } },
	  PV,
	  0,
	  "not in preferred name syntax" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{'a_b.example'}}" } },
	  PV,
	  0,
	  "not in preferred name syntax" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{'a.example.'}}" } },
	  PV,
	  0,
	  "not in preferred name syntax" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{'*a.example'}}" } },
	  PV,
	  0,
	  "not in preferred name syntax" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{'*'}}" } },
	  PV,
	  0,
	  "not in preferred name syntax" },
	BAD_HOST("'www.example.com' 00 '.b.example'"), /* a NUL is no end */
	BAD_HOST("'www.example.com' 00"),
	BAD_HOST("'a..example'"),
	BAD_HOST("'.a.example'"),
	BAD_HOST("'xn--*.example'"), /* no wildcard within a label, least of all an A-label's */
	BAD_HOST("'*.*.example'"),
	BAD_HOST("'*.'"),
	BAD_HOST("'*.a.example.'"),
	BAD_HOST("'192.0.2.1'"), /* an address belongs into an iPAddress */
	BAD_HOST("'*.0.2.1'"),
	BAD_HOST("'2001:db8::1'"),
	BAD_HOST("'a.example:443'"),
	BAD_HOST("'a-.example'"),
	BAD_HOST("'" LABEL_60 "abcd.example'"),
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 82{'" LABEL_60 "abc.example'}}" } },
	  OK },
	{ NULL, { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'a@b.example'}}" } }, OK },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'b.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'a@b@c.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'a b@c.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'a' 09 '@c.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'a' 7f '@c.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'\"a @ b\"@c.example'}}" } },
	  OK },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'\"a \\\"b\"@c.example'}}" } },
	  OK },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'\"a\"b@c.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'\"a\"'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'a\"@c.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	{ NULL, { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{}}" } }, PV, 0, "not a mailbox" },
	{ NULL,
	  { { LEAF, ALT_NAMES, "30{82{'www.example.com'} 81{'@c.example'}}" } },
	  PV,
	  0,
	  "not a mailbox" },
	/* 4.2.1.9 and 4.2.1.10 */
	{ NULL,
	  { { LEAF, CONSTRAINTS, "!30{a0{30{82{'example.com'}}}}" } },
	  PV,
	  0,
	  "nameConstraints outside a CA certificate" },
	{ NULL, { { LEAF, USAGE, "!03{0284}" } }, PV, 0, "keyCertSign without cA" },
	{ NULL, { { LEAF, USAGE, "!03{0780}" }, { LEAF, BASIC, "!30{}" } }, OK },
	{ NULL, { { LEAF, BASIC, "!30{020100}" } }, PV, 0, "pathLenConstraint without cA" },
	{ NULL,
	  { { LEAF, BASIC, "!30{0101ff 020100}" }, { LEAF, SKID, "04{01}" } },
	  PV,
	  0,
	  "pathLenConstraint without keyCertSign" },
	{ NULL, { { LEAF, BASIC, "!30{0101ff 020100}" }, { LEAF, USAGE, "-" } }, OK },
	{ NULL, { { LEAF, BASIC, "!30{0101ff 020100}" }, { LEAF, USAGE, "!03{0284}" } }, OK },
	{ NULL, { { CA, BASIC, "!30{0101ff 020100}" } }, OK },
	/* Appendix A.2: authorityCertIssuer and authorityCertSerialNumber, both or none. */
	{ NULL, { { LEAF, AKID, "30{80{02} a1{82{'a'}} 82{01}}" } }, OK },
	{ NULL,
	  { { LEAF, AKID, "30{80{02} a1{82{'a'}}}" } },
	  PV,
	  0,
	  "only half of issuer and serial" },
	{ NULL, { { LEAF, AKID, "30{80{02} 82{01}}" } }, PV, 0, "only half of issuer and serial" },
	/* 6.1.4 (k), (n): issuing certificates */
	{ NULL,
	  { { CA, VERSION, "-" },
	    { CA, BASIC, "-" },
	    { CA, USAGE, "-" },
	    { CA, SKID, "-" },
	    { CA, AKID, "-" } },
	  PV,
	  1,
	  "issuing certificate is not version 3" },
	{ NULL,
	  { { CA, BASIC, "-" }, { CA, USAGE, "-" } },
	  PV,
	  1,
	  "not a CA's (basicConstraints)" },
	{ NULL,
	  { { CA, BASIC, "!30{}" }, { CA, USAGE, "-" } },
	  PV,
	  1,
	  "not a CA's (basicConstraints)" },
	{ NULL, { { CA, USAGE, "!03{0102}" } }, PV, 1, "does not allow to sign certificates" },
	{ NULL, { { CA, USAGE, "-" } }, OK },
	{ NULL, { { ROOT, USAGE, "!03{0102}" } }, PV, 2, "does not allow to sign certificates" },
	{ RFC5280 ";name_constraints=refuse",
	  { { CA, CONSTRAINTS, "!30{a0{30{82{'example.com'}}}}" } },
	  PV,
	  1,
	  "the policy refuses such chains" },
	{ RFC5280 ";name_constraints=refuse",
	  { { ROOT, CONSTRAINTS, "!30{a1{30{82{'a.example'}}}}" } },
	  PV,
	  2,
	  "the policy refuses such chains" },
};

#define LENGTH(who, n)                                \
	{                                             \
		who, BASIC, "!30{0101ff 02{0" #n "}}" \
	}
#define TOO_LONG CAPCERT_REASON_CHAIN_TOO_LONG
#define UPPER_IS_ROOT                                               \
	{                                                           \
		UPPER, SUBJECT, "30{31{30{06{550403} 0c{'Root'}}}}" \
	}

/* Section 6.1.4 (l), (m): pathLenConstraint counts the CA certificates below. */
static const struct rule_row lengths[] = {
	{ NULL, { LENGTH(CA, 0) }, OK },
	{ NULL, { LENGTH(ROOT, 0) }, TOO_LONG, 1, "pathLenConstraint" },
	{ NULL, { LENGTH(ROOT, 1) }, OK },
	{ NULL, { LENGTH(UPPER, 0) }, TOO_LONG, 1, "pathLenConstraint" },
	{ NULL, { LENGTH(UPPER, 1) }, OK },
	{ NULL,
	  { LENGTH(ROOT, 1), { UPPER, BASIC, "!30{0101ff}" } },
	  TOO_LONG,
	  1,
	  "pathLenConstraint" },
	{ NULL, { LENGTH(ROOT, 2), { UPPER, BASIC, "!30{0101ff}" } }, OK },
	/* A longer one further down does not lengthen the path. */
	{ NULL, { LENGTH(ROOT, 1), LENGTH(UPPER, 5) }, TOO_LONG, 1, "pathLenConstraint" },
	{ NULL, { LENGTH(ROOT, 5), LENGTH(UPPER, 0) }, TOO_LONG, 1, "pathLenConstraint" },
	{ NULL, { LENGTH(ROOT, 2), LENGTH(UPPER, 2), LENGTH(CA, 2) }, OK },
	/* Self-issued certificates do not count, */
	{ NULL, { LENGTH(ROOT, 1), UPPER_IS_ROOT }, OK },
	{ NULL, { LENGTH(ROOT, 0), UPPER_IS_ROOT }, TOO_LONG, 1, "pathLenConstraint" },
	/* but what they say does. */
	{ NULL, { LENGTH(UPPER, 0), UPPER_IS_ROOT }, TOO_LONG, 1, "pathLenConstraint" },
	/* A CA in the leaf's place is no intermediate. */
	{ NULL, { LENGTH(CA, 0), { LEAF, BASIC, "!30{0101ff}" }, { LEAF, SKID, "04{01}" } }, OK },
	{ .policy = RFC5280 ";max_chain=3", .reason = OK },
	{ RFC5280 ";max_chain=3", { LENGTH(UPPER, 5) }, TOO_LONG, 3, "than the policy allows" },
	{ RFC5280 ";max_chain=4", { LENGTH(UPPER, 5) }, OK },
};

#define MISMATCH CAPCERT_REASON_NAME_MISMATCH

/* What was asked for stands in the answer, in letters that no terminal minds. */
static const struct rule_row asked[] = {
	{ .reason = MISMATCH,
	  .name = "x.example.org",
	  .says = "is not for the name asked for (host x.example.org)" },
	{ .reason = MISMATCH,
	  .name = "192.0.2.7",
	  .says = "is not for the name asked for (address 192.0.2.7)" },
	{ .reason = MISMATCH, .name = "2001:db8::7", .says = "(address 2001:db8::7)" },
	{ .reason = MISMATCH,
	  .name = "\"a b\"@c.example",
	  .says = "is not for the name asked for (mailbox \"a?b\"@c.example)" },
	{ .reason = OK, .name = "" },
	{ .change = { { LEAF, USAGE, "!03{00}" } },
	  .reason = PV,
	  .name = "x.example.org",
	  .says = "leaf (CN=www.example.com): key usage does not allow this purpose" },
};

static void test_asked(void **state)
{
	rule_table(asked);
}

static void test_lengths(void **state)
{
	rule_table(lengths);
}

static void test_profile(void **state)
{
	rule_table(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_asked),
	};
	int r = cmocka_run_group_tests_name("rules/profile", tests, NULL, NULL);

	rule_keys_free();
	return r;
}
