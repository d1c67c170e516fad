// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Name constraints, RFC 5280 sections 4.2.1.10 and 6.1.3 (b), (c), form by form. */
#include "tests/unit/rule_fixture.h"

#define HOSTS(names)                                                   \
	{                                                              \
		LEAF, ALT_NAMES, "30{82{'www.example.com'} " names "}" \
	}
#define ONLY(names)                              \
	{                                        \
		LEAF, ALT_NAMES, "30{" names "}" \
	}
#define PERMIT(bases)                                 \
	{                                             \
		CA, CONSTRAINTS, "!30{a0{" bases "}}" \
	}
#define EXCLUDE(bases)                                \
	{                                             \
		CA, CONSTRAINTS, "!30{a1{" bases "}}" \
	}
#define BOTH(in, out)                                          \
	{                                                      \
		CA, CONSTRAINTS, "!30{a0{" in "} a1{" out "}}" \
	}
#define DNS(x) "30{82{'" x "'}}"
#define MAIL(x) "30{81{'" x "'}}"
#define WEB(x) "30{86{'" x "'}}"
#define NET(x) "30{87{" x "}}"

static const char outside[] = "not permitted by the name constraints";
static const char inside[] = "excluded by the name constraints";
static const char bad_name[] = "a name is malformed and cannot be held against constraints";
static const char bad_base[] = "a name constraint is malformed";
static const char odd_form[] = "a form that is constrained but cannot be compared";

static const struct rule_row dns[] = {
	{ NULL, { PERMIT(DNS("example.com")) }, OK },
	{ NULL, { PERMIT(DNS("www.example.com")) }, OK },
	{ NULL, { PERMIT(DNS("WWW.Example.COM")) }, OK },
	{ NULL, { PERMIT(DNS("")) }, OK },
	{ NULL, { PERMIT(DNS("example.org") DNS("example.com")) }, OK },
	{ NULL, { PERMIT(DNS("ww.example.com")) }, NC, 0, outside },
	{ NULL, { PERMIT(DNS("xample.com")) }, NC, 0, outside },
	{ NULL, { PERMIT(DNS("a.www.example.com")) }, NC, 0, outside },
	{ NULL, { PERMIT(DNS("example.com")), HOSTS("82{'www.example.org'}") }, NC, 0, outside },
	{ NULL, { PERMIT(DNS(".example.com")) }, NC, 1, bad_base },
	{ NULL, { PERMIT(DNS("example.com.")) }, NC, 1, bad_base },
	{ NULL, { EXCLUDE(DNS("*.example.com")) }, NC, 1, bad_base },
	{ NULL, { EXCLUDE(DNS("example.com")) }, NC, 0, inside },
	{ NULL, { EXCLUDE(DNS("")) }, NC, 0, inside },
	{ NULL, { EXCLUDE(DNS("ww.example.com")) }, OK },
	{ NULL, { BOTH(DNS("example.com"), DNS("www.example.com")) }, NC, 0, inside },
	{ NULL, { BOTH(DNS("example.com"), DNS("mail.example.com")) }, OK },
	/* A wildcard is no way round an exclusion, and no way into a permission. */
	{ NULL, { EXCLUDE(DNS("mail.example.org")), HOSTS("82{'*.example.org'}") }, NC, 0, inside },
	{ NULL, { EXCLUDE(DNS("a.mail.example.org")), HOSTS("82{'*.example.org'}") }, OK },
	{ NULL, { EXCLUDE(DNS("org")), HOSTS("82{'*.example.org'}") }, NC, 0, inside },
	{ NULL, { EXCLUDE(DNS("net")), HOSTS("82{'*.example.org'}") }, OK },
	{ NULL, { EXCLUDE(DNS("mail.xample.org")), HOSTS("82{'*.example.org'}") }, OK },
	{ NULL, { EXCLUDE(DNS("mail.exbmple.org")), HOSTS("82{'*.example.org'}") }, OK },
	{ NULL, { EXCLUDE(DNS("mail.org")), HOSTS("82{'*.example.org'}") }, OK },
	{ NULL,
	  { PERMIT(DNS("example.com") DNS("mail.example.org")), HOSTS("82{'*.example.org'}") },
	  NC,
	  0,
	  outside },
	{ NULL,
	  { PERMIT(DNS("example.com") DNS("example.org")), HOSTS("82{'*.example.org'}") },
	  OK },
	/* The common name is no host name. */
	{ NULL,
	  { PERMIT(DNS("example.com")),
	    { LEAF, SUBJECT, "30{31{30{06{550403} 0c{'b.example'}}}}" } },
	  OK },
	/* The anchor's own constraints bind too (RFC 5937). */
	{ NULL, { { ROOT, CONSTRAINTS, "!30{a1{30{82{'example.com'}}}}" } }, NC, 0, inside },
	/* Names of other forms are not concerned, nor are bases of other forms. */
	{ NULL, { PERMIT(MAIL("example.org")) }, OK },
	{ NULL, { PERMIT(MAIL("example.org") DNS("example.com")) }, OK },
	{ NULL, { EXCLUDE(MAIL("example.org") DNS("www.example.com")) }, NC, 0, inside },
	{ NULL, { EXCLUDE(MAIL("example.org") DNS("b.example.com")) }, OK },
	{ NULL, { EXCLUDE(MAIL("example.com") DNS("b.example.org")) }, OK },
	{ NULL, { PERMIT(MAIL("example.com") DNS("example.org")) }, NC, 0, outside },
};

static const struct rule_row mail[] = {
	{ NULL, { PERMIT(MAIL("b.example")), HOSTS("81{'a@b.example'}") }, OK },
	{ NULL, { PERMIT(MAIL("B.Example")), HOSTS("81{'a@b.example'}") }, OK },
	{ NULL, { PERMIT(MAIL("b.example")), HOSTS("81{'a@c.b.example'}") }, NC, 0, outside },
	{ NULL, { PERMIT(MAIL(".b.example")), HOSTS("81{'a@c.b.example'}") }, OK },
	{ NULL, { PERMIT(MAIL(".b.example")), HOSTS("81{'a@b.example'}") }, NC, 0, outside },
	{ NULL, { PERMIT(MAIL("a@b.example")), HOSTS("81{'a@b.example'}") }, OK },
	{ NULL, { PERMIT(MAIL("a@b.example")), HOSTS("81{'A@b.example'}") }, NC, 0, outside },
	{ NULL, { PERMIT(MAIL("a@b.example")), HOSTS("81{'a@B.example'}") }, OK },
	{ NULL, { EXCLUDE(MAIL("")), HOSTS("81{'a@b.example'}") }, NC, 0, inside },
	/* One mailbox in several spellings (RFC 5321 section 4.1.2) cannot slip out; into what is
	 * permitted comes only the same spelling (section 7.5). */
	{ NULL, { EXCLUDE(MAIL("ab@b.example")), HOSTS("81{'\"ab\"@B.example'}") }, NC, 0, inside },
	{ NULL,
	  { EXCLUDE(MAIL("ab@b.example")), HOSTS("81{'\"a\\b\"@b.example'}") },
	  NC,
	  0,
	  inside },
	{ NULL, { EXCLUDE(MAIL("\"ab\"@b.example")), HOSTS("81{'ab@b.example'}") }, NC, 0, inside },
	{ NULL, { EXCLUDE(MAIL("ab@b.example")), HOSTS("81{'\"abc\"@b.example'}") }, OK },
	{ NULL, { EXCLUDE(MAIL("ab@b.example")), HOSTS("81{'\"ab\"@c.example'}") }, OK },
	{ NULL, { EXCLUDE(MAIL("abc@b.example")), HOSTS("81{'\"ab\"@b.example'}") }, OK },
	{ NULL, { PERMIT(MAIL("ab@b.example")), HOSTS("81{'\"ab\"@b.example'}") }, NC, 0, outside },
	{ NULL, { EXCLUDE(MAIL("b.example")), HOSTS("81{'a@b.example'}") }, NC, 0, inside },
	{ NULL, { EXCLUDE(MAIL("a@b.example")), HOSTS("81{'b@b.example'}") }, OK },
	{ NULL, { PERMIT(MAIL("a@b@c.example")) }, NC, 1, bad_base },
	{ NULL, { PERMIT(MAIL("..b.example")) }, NC, 1, bad_base },
	{ NULL, { PERMIT(MAIL("@b.example")) }, NC, 1, bad_base },
	/* Of an issuer's issuer: what the CA certificate is called counts as well. */
	{ NULL,
	  { { ROOT, CONSTRAINTS, "!30{a0{30{81{'b.example'}}}}" },
	    { CA, ALT_NAMES, "30{81{'ca@b.example'}}" } },
	  OK },
	{ NULL,
	  { { ROOT, CONSTRAINTS, "!30{a0{30{81{'b.example'}}}}" },
	    { CA, ALT_NAMES, "30{81{'ca@c.example'}}" } },
	  NC,
	  1,
	  outside },
	/* What is no mailbox, in a CA certificate, whose names are not asked for otherwise. */
	{ NULL,
	  { { ROOT, CONSTRAINTS, "!30{a0{30{81{'b.example'}}}}" },
	    { CA, ALT_NAMES, "30{81{'b.example'}}" } },
	  NC,
	  1,
	  bad_name },
	{ NULL,
	  { { ROOT, CONSTRAINTS, "!30{a1{30{81{'b.example'}}}}" },
	    { CA, ALT_NAMES, "30{81{'b.example'}}" } },
	  NC,
	  1,
	  bad_name },
};

#define OLD_MAIL(value)                                                                         \
	{                                                                                       \
		LEAF, SUBJECT,                                                                  \
			"30{31{30{06{550403} 0c{'a'}}} 31{30{06{2a864886f70d010901} 16{'" value \
			"'}}}}"                                                                 \
	}
#define NO_NAMES                     \
	{                            \
		LEAF, ALT_NAMES, "-" \
	}

/* emailAddress in the subject, where there is no subjectAltName. */
static const struct rule_row old_mail[] = {
	{ NULL, { PERMIT(MAIL("b.example")), OLD_MAIL("a@b.example"), NO_NAMES }, OK, .name = "" },
	{ NULL,
	  { PERMIT(MAIL("b.example")), OLD_MAIL("a@c.example"), NO_NAMES },
	  NC,
	  0,
	  outside,
	  "" },
	{ NULL,
	  { EXCLUDE(MAIL("b.example")), OLD_MAIL("a@b.example"), NO_NAMES },
	  NC,
	  0,
	  inside,
	  "" },
	{ NULL,
	  { EXCLUDE(MAIL("b.example")), OLD_MAIL("b.example"), NO_NAMES },
	  NC,
	  0,
	  bad_name,
	  "" },
	{ NULL, { EXCLUDE(MAIL("b.example")), OLD_MAIL("a@c.example"), NO_NAMES }, OK, .name = "" },
	{ NULL, { EXCLUDE(DNS("b.example")), OLD_MAIL("a@b.example"), NO_NAMES }, OK, .name = "" },
	/* Beside a subjectAltName it is only a word. */
	{ NULL, { EXCLUDE(MAIL("b.example")), OLD_MAIL("a@b.example") }, OK },
	/* The second of two in one RDN. */
	{ NULL,
	  { EXCLUDE(MAIL("b.example")),
	    NO_NAMES,
	    { LEAF, SUBJECT,
	      "30{31{30{06{2a864886f70d010901} 16{'a@a.example'}} "
	      "30{06{2a864886f70d010901} 16{'a@b.example'}}}}" } },
	  NC,
	  0,
	  inside,
	  "" },
};

#define UTF8_MAIL(value) HOSTS("a0{06{2b06010505070809} a0{" value "}}")

/* SmtpUTF8Mailbox: the same constraints (RFC 9598 section 6). */
static const struct rule_row utf8_mail[] = {
	{ NULL, { PERMIT(MAIL("b.example")), UTF8_MAIL("0c{c3bc '@b.example'}") }, OK },
	{ NULL, { PERMIT(MAIL("b.example")), UTF8_MAIL("0c{c3bc '@c.example'}") }, NC, 0, outside },
	{ NULL, { PERMIT(MAIL(".b.example")), UTF8_MAIL("0c{c3bc '@c.b.example'}") }, OK },
	{ NULL, { EXCLUDE(MAIL("b.example")), UTF8_MAIL("0c{c3bc '@B.example'}") }, NC, 0, inside },
	{ NULL, { EXCLUDE(MAIL("b.example")), UTF8_MAIL("0c{c3bc '@c.example'}") }, OK },
	{ NULL,
	  { EXCLUDE(MAIL("xn--bcher-kva.example")),
	    UTF8_MAIL("0c{c3bc '@xn--bcher-kva.example'}") },
	  NC,
	  0,
	  inside },
	/* The host in U-labels, no UTF8String, no mailbox: nobody can tell. */
	{ NULL,
	  { EXCLUDE(MAIL("b.example")), UTF8_MAIL("0c{'a@b' c3bc '.example'}") },
	  NC,
	  0,
	  bad_name },
	{ NULL, { EXCLUDE(MAIL("b.example")), UTF8_MAIL("16{'a@c.example'}") }, NC, 0, bad_name },
	{ NULL, { EXCLUDE(MAIL("b.example")), UTF8_MAIL("0c{'b.example'}") }, NC, 0, bad_name },
	/* Constraints of other forms do not concern it, nor these any other otherName. */
	{ NULL, { PERMIT(DNS("example.com")), UTF8_MAIL("0c{c3bc '@c.example'}") }, OK },
	{ NULL,
	  { PERMIT(MAIL("b.example")), HOSTS("a0{06{2b0601050507080a} a0{0c{'a@c.example'}}}") },
	  OK },
	{ NULL,
	  { EXCLUDE("30{a0{06{2a0304} a0{0500}}}"), UTF8_MAIL("0c{c3bc '@c.example'}") },
	  NC,
	  0,
	  odd_form },
};

static const struct rule_row uris[] = {
	{ NULL, { PERMIT(WEB("b.example")), HOSTS("86{'https://b.example/x'}") }, OK },
	{ NULL, { PERMIT(WEB("b.example")), HOSTS("86{'https://user@b.example:8443?q'}") }, OK },
	{ NULL,
	  { PERMIT(WEB("b.example")), HOSTS("86{'https://b.example@c.example/'}") },
	  NC,
	  0,
	  outside },
	{ NULL, { PERMIT(WEB("b.example")), HOSTS("86{'https://a.b.example/'}") }, NC, 0, outside },
	{ NULL, { PERMIT(WEB(".b.example")), HOSTS("86{'https://a.b.example/'}") }, OK },
	{ NULL, { PERMIT(WEB("")), HOSTS("86{'https://a.b.example#f'}") }, OK },
	{ NULL, { EXCLUDE(WEB("b.example")), HOSTS("86{'https://B.Example'}") }, NC, 0, inside },
	/* No authority with a host name: cannot be held against a constraint. */
	{ NULL, { EXCLUDE(WEB("b.example")), HOSTS("86{'urn:b:c'}") }, NC, 0, bad_name },
	{ NULL, { EXCLUDE(WEB("b.example")), HOSTS("86{'https://192.0.2.1/'}") }, NC, 0, bad_name },
	{ NULL,
	  { EXCLUDE(WEB("b.example")), HOSTS("86{'https://[2001:db8::1]/'}") },
	  NC,
	  0,
	  bad_name },
	{ NULL, { EXCLUDE(WEB("b.example")), HOSTS("86{'https://'}") }, NC, 0, bad_name },
	{ NULL, { EXCLUDE(WEB("b.example")), HOSTS("86{'/path?q'}") }, NC, 0, bad_name },
	{ NULL, { EXCLUDE(WEB("b.example")), HOSTS("86{'a?://b.example'}") }, NC, 0, bad_name },
	{ NULL, { EXCLUDE(WEB("b.example")), HOSTS("86{'a#://b.example'}") }, NC, 0, bad_name },
	{ NULL, { PERMIT(WEB("https://b.example")) }, NC, 1, bad_base },
	{ NULL, { EXCLUDE(WEB("192.0.2.1")) }, NC, 1, bad_base },
};

static const struct rule_row addresses[] = {
	{ NULL, { PERMIT(NET("c0000200 ffffff00")), HOSTS("87{c00002ff}") }, OK },
	{ NULL, { PERMIT(NET("c0000200 ffffff00")), HOSTS("87{c0000300}") }, NC, 0, outside },
	{ NULL, { EXCLUDE(NET("c0000200 ffffff00")), HOSTS("87{c0000201}") }, NC, 0, inside },
	{ NULL, { EXCLUDE(NET("00000000 00000000")), HOSTS("87{c0000201}") }, NC, 0, inside },
	{ NULL, { PERMIT(NET("c0000280 ffffff80")), HOSTS("87{c000027f}") }, NC, 0, outside },
	{ NULL,
	  { PERMIT(NET("20010db8 *12(00) ffffffff *12(00)")), HOSTS("87{20010db8 *11(00) 01}") },
	  OK },
	/* One family says nothing of the other; but a form that is permitted somewhere is
	 * permitted nowhere else. */
	{ NULL,
	  { PERMIT(NET("c0000200 ffffff00")), HOSTS("87{20010db8 *11(00) 01}") },
	  NC,
	  0,
	  outside },
	{ NULL, { EXCLUDE(NET("c0000200 ffffff00")), HOSTS("87{20010db8 *11(00) 01}") }, OK },
	{ NULL, { PERMIT(NET("c0000200 ff00ff00")) }, NC, 1, bad_base },
	{ NULL, { PERMIT(NET("c0000200 ffffff01")) }, NC, 1, bad_base },
};

#define RDN(type, value) "31{30{06{" type "} 0c{'" value "'}}}"
#define DIR(rdns) "30{a4{30{" rdns "}}}"
#define LEAF_DN(rdns)                         \
	{                                     \
		LEAF, SUBJECT, "30{" rdns "}" \
	}
#define O "55040a"
#define OU "55040b"
#define CN "550403"

static const struct rule_row directory[] = {
	{ NULL, { PERMIT(DIR(RDN(O, "Good"))), LEAF_DN(RDN(O, "Good") RDN(CN, "x")) }, OK },
	{ NULL, { PERMIT(DIR(RDN(O, "Good"))), LEAF_DN(RDN(O, "  GOOD ") RDN(CN, "x")) }, OK },
	{ NULL,
	  { PERMIT(DIR(RDN(O, "Good"))), LEAF_DN(RDN(O, "Goods") RDN(CN, "x")) },
	  NC,
	  0,
	  outside },
	{ NULL,
	  { PERMIT(DIR(RDN(O, "Good"))), LEAF_DN(RDN(CN, "x") RDN(O, "Good")) },
	  NC,
	  0,
	  outside },
	{ NULL,
	  { PERMIT(DIR(RDN(O, "Good") RDN(OU, "y"))), LEAF_DN(RDN(O, "Good")) },
	  NC,
	  0,
	  outside },
	{ NULL, { PERMIT(DIR("")), LEAF_DN(RDN(O, "Any")) }, OK },
	{ NULL,
	  { EXCLUDE(DIR(RDN(O, "Bad"))), LEAF_DN(RDN(O, "bad") RDN(CN, "x")) },
	  NC,
	  0,
	  inside },
	{ NULL, { EXCLUDE(DIR(RDN(O, "Bad"))), LEAF_DN(RDN(O, "Good") RDN(CN, "x")) }, OK },
	/* PrintableString and UTF8String are the same letters (section 7.1). */
	{ NULL,
	  { EXCLUDE(DIR(RDN(O, "Bad"))), LEAF_DN("31{30{06{" O "} 13{'Bad'}}}") },
	  NC,
	  0,
	  inside },
	/* An empty subject is not a directory name, but one in subjectAltName is. */
	{ NULL,
	  { PERMIT(DIR(RDN(O, "Good"))),
	    { LEAF, SUBJECT, "30{}" },
	    { LEAF, ALT_NAMES, "!30{82{'www.example.com'}}" } },
	  OK },
	{ NULL,
	  { PERMIT(DIR(RDN(O, "Good"))), LEAF_DN(RDN(O, "Good")),
	    HOSTS("a4{30{" RDN(O, "Bad") "}}") },
	  NC,
	  0,
	  outside },
	/* Not of self-issued certificates on the way, but of the leaf even so. */
	{ NULL,
	  { { ROOT, CONSTRAINTS, "!30{a1{30{a4{30{" RDN(CN, "Root") "}}}}}" },
	    { CA, SUBJECT, "30{" RDN(CN, "Root") "}" },
	    { LEAF, ISSUER, "30{" RDN(CN, "Root") "}" } },
	  OK },
	{ NULL,
	  { { ROOT, CONSTRAINTS, "!30{a1{30{a4{30{" RDN(CN, "Root") "}}}}}" },
	    { CA, SUBJECT, "30{" RDN(CN, "Root") "}" },
	    { LEAF, ISSUER, "30{" RDN(CN, "Root") "}" },
	    LEAF_DN(RDN(CN, "Root")) },
	  NC,
	  0,
	  inside },
	{ NULL,
	  { { ROOT, CONSTRAINTS, "!30{a1{30{a4{30{" RDN(CN, "CA") "}}}}}" } },
	  NC,
	  1,
	  inside },
};

static const struct rule_row others[] = {
	/* What a CA in the leaf's place would ask of others, nobody is asked. */
	{ NULL,
	  { { LEAF, BASIC, "!30{0101ff}" },
	    { LEAF, SKID, "04{01}" },
	    { LEAF, CONSTRAINTS, "!30{a0{30{82{'.example.org'}}}}" } },
	  OK },
	{ NULL, { PERMIT("30{88{2a0304}}"), HOSTS("88{2a0304}") }, NC, 0, odd_form },
	{ NULL, { EXCLUDE("30{88{2a0305}}"), HOSTS("88{2a0304}") }, NC, 0, odd_form },
	{ NULL, { EXCLUDE("30{88{2a0305}}") }, OK },
	{ NULL,
	  { EXCLUDE("30{a0{06{2a0304} a0{0500}}}"), HOSTS("a0{06{2a0305} a0{0500}}") },
	  NC,
	  0,
	  odd_form },
	{ NULL, { EXCLUDE("30{a3{30{}}}"), HOSTS("a3{30{}}") }, NC, 0, odd_form },
};

static void test_dns(void **state)
{
	rule_table(dns);
}

static void test_mail(void **state)
{
	rule_table(mail);
	rule_table(old_mail);
	rule_table(utf8_mail);
}

static void test_uris(void **state)
{
	rule_table(uris);
}

static void test_addresses(void **state)
{
	rule_table(addresses);
}

static void test_directory(void **state)
{
	rule_table(directory);
}

static void test_others(void **state)
{
	rule_table(others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dns),	  cmocka_unit_test(test_mail),
		cmocka_unit_test(test_uris),	  cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_directory), cmocka_unit_test(test_others),
	};
	int r = cmocka_run_group_tests_name("rules/constraints", tests, NULL, NULL);

	rule_keys_free();
	return r;
}
