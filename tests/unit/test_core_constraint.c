// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Name constraints per type, and GeneralName syntax. */
#include "tests/unit/der_build.h"
#include "core/name.h"

struct row {
	const char *name, *base;
	int within;
};

static void run(const struct row *rows, size_t count, int (*f)(struct cc_span, struct cc_span))
{
	size_t i;

	for (i = 0; i < count; i++) {
		int r = f(der_exact(der_str(rows[i].name)), der_exact(der_str(rows[i].base)));

		if (r != rows[i].within)
			fail_msg("%s in %s: %d", rows[i].name, rows[i].base, r);
	}
}

static void dns(void **state)
{
	static const struct row rows[] = {
		{ "example.com", "example.com", 1 },
		{ "EXAMPLE.com", "example.COM", 1 },
		{ "www.example.com", "example.com", 1 },
		{ "a.b.example.com", "example.com", 1 },
		{ "xexample.com", "example.com", 0 },
		{ "com", "example.com", 0 },
		{ "example.com", "www.example.com", 0 },
		{ "example.com", "", 1 },
		{ "*.example.com", "example.com", 1 },
		{ "*.example.com", "www.example.com", 0 },
		{ "example.com", ".example.com", -1 },
		{ "www.example.com", ".example.com", -1 },
		{ "example.com", "example.com.", -1 },
		{ "example.com", "*.example.com", -1 },
		{ "example.com", "exa mple.com", -1 },
		{ "example.com.", "example.com", -1 },
		{ "", "example.com", -1 },
		{ "", "", -1 },
		{ "a b", "", -1 },
		{ "*", "", -1 },
		{ "a.*.com", "com", -1 },
		{ "1.2.3.4", "", -1 },
		{ "xn--a.example", "example", 1 },
	};

	run(rows, CC_ARRAY_SIZE(rows), cc_dns_within);
}

static void email(void **state)
{
	static const struct row rows[] = {
		{ "a@example.com", "example.com", 1 },
		{ "a@EXAMPLE.com", "Example.com", 1 },
		{ "a@www.example.com", "example.com", 0 },
		{ "a@www.example.com", ".example.com", 1 },
		{ "a@example.com", ".example.com", 0 },
		{ "a@xexample.com", ".example.com", 0 },
		{ "a@example.com", "a@example.com", 1 },
		{ "A@example.com", "a@example.com", 0 },
		{ "a@EXAMPLE.com", "a@example.com", 1 },
		{ "b@example.com", "a@example.com", 0 },
		{ "a@example.com", "", 1 },
		{ "\"a@b\"@example.com", "example.com", 1 },
		{ "example.com", "example.com", -1 },
		{ "@example.com", "example.com", -1 },
		{ "a@", "example.com", -1 },
		{ "a@b c", "", -1 },
		{ "a@example.com", "@example.com", -1 },
		{ "a@example.com", ".", -1 },
		{ "a@example.com", "..example.com", -1 },
		{ "a@example.com", "*.com", -1 },
	};

	run(rows, CC_ARRAY_SIZE(rows), cc_email_within);
}

static void uri(void **state)
{
	static const struct row rows[] = {
		{ "https://example.com", "example.com", 1 },
		{ "https://EXAMPLE.com/x", "example.com", 1 },
		{ "https://example.com:8080/x", "example.com", 1 },
		{ "https://u:p@example.com?q", "example.com", 1 },
		{ "https://u@evil.com@example.com/", "example.com", 1 },
		{ "https://www.example.com", "example.com", 0 },
		{ "https://www.example.com", ".example.com", 1 },
		{ "https://example.com", ".example.com", 0 },
		{ "https://evil.com/@example.com", "example.com", 0 },
		{ "https://evil.com#@example.com", "example.com", 0 },
		{ "https://evil.com\\@example.com", "example.com", 0 },
		{ "spiffe://example.com/a", "example.com", 1 },
		{ "https://example.com", "", 1 },
		{ "urn:example:a", "example.com", -1 },
		{ "mailto:a@example.com", "example.com", -1 },
		{ "https:///x", "example.com", -1 },
		{ "https://", "example.com", -1 },
		{ "https:/", "example.com", -1 },
		{ "https:/"
		  "x/example.com",
		  "example.com", -1 },
		{ "https:x/example.com", "example.com", -1 },
		{ "httpsx//example.com", "example.com", -1 },
		{ "://example.com", "example.com", -1 },
		{ "https://1.2.3.4/", "", -1 },
		{ "https://[::1]/", "", -1 },
		{ "example.com", "", -1 },
		{ "https://example.com", "ex ample", -1 },
		{ "", "", -1 },
	};

	run(rows, CC_ARRAY_SIZE(rows), cc_uri_within);
}

static void ip(void **state)
{
	static const struct row rows[] = {
		{ "0a010203", "0a000000 ff000000", 1 },
		{ "0b010203", "0a000000 ff000000", 0 },
		{ "0a010203", "0a010203 ffffffff", 1 },
		{ "0a010204", "0a010203 ffffffff", 0 },
		{ "0a010203", "00000000 00000000", 1 },
		{ "0a018000", "0a010000 ffff8000", 0 },
		{ "0a010203", "0a000000 ff00ff00", -1 },
		{ "0a010203", "0a000000 fd000000", -1 },
		{ "0a010203", "0a000000 00ffffff", -1 },
		{ "0a010203", "0a000000 ff0000", -1 },
		{ "0a0102", "0a000000 ff000000", -1 },
		{ "", "0a000000 ff000000", -1 },
		{ "0a010203", "", -1 },
		{ "0a010203", "20010db8000000000000000000000000 ffffffff000000000000000000000000",
		  0 },
		{ "20010db8000000000000000000000001",
		  "20010db8000000000000000000000000 ffffffff000000000000000000000000", 1 },
		{ "20010db9000000000000000000000001",
		  "20010db8000000000000000000000000 ffffffff000000000000000000000000", 0 },
		{ "20010db9000000000000000000000001", "0a000000 ff000000", 0 },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (cc_ip_within(der_exact(der_hex(rows[i].name)),
				 der_exact(der_hex(rows[i].base))) != rows[i].within)
			fail_msg("%s in %s", rows[i].name, rows[i].base);
}

static void general_names(void **state)
{
	static const struct {
		const char *hex;
		int type; /* -1 malformed */
	} rows[] = {
		{ "8201 61", CC_GN_DNS },
		{ "8100", CC_GN_EMAIL },
		{ "8601 61", CC_GN_URI },
		{ "8704 01020304", CC_GN_IP },
		{ "8710 00000000000000000000000000000001", CC_GN_IP },
		{ "8703 2a0304", -1 },
		{ "8803 2a0304", CC_GN_RID },
		{ "8803 2a0384", -1 },
		{ "8800", -1 },
		{ "8201 e4", -1 },
		{ "82 09 6161616161616161e4", -1 },
		{ "82 08 61616161e4616161", -1 },
		{ "a009 06032a0304 a0020500", CC_GN_OTHER },
		{ "a005 06032a0304", -1 },
		{ "a00b 06032a0304 a0040500 0500", -1 },
		{ "a009 06032a0304 a1020500", -1 },
		{ "8009 06032a0304 a0020500", -1 },
		{ "a402 3000", CC_GN_DIRECTORY },
		{ "a400", -1 },
		{ "a404 3000 3000", -1 },
		{ "a402 3100", -1 },
		{ "8402 3000", -1 },
		{ "a203 160161", -1 },
		{ "a300", CC_GN_X400 },
		{ "a500", CC_GN_EDI },
		{ "8900", -1 },
		{ "0201 01", -1 },
		{ "82", -1 },
		{ "8202 61", -1 },
	};
	struct cc_general_name gn;
	struct cc_span in;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		int r;

		in = der_exact(der_hex(rows[i].hex));
		r = cc_gn_next(&in, &gn);
		if (r != (rows[i].type < 0 ? -1 : 1) || (r == 1 && (int)gn.type != rows[i].type) ||
		    (r == 1 && in.n))
			fail_msg("%s", rows[i].hex);
	}
	in = cc_span(NULL, 0);
	assert_int_equal(cc_gn_next(&in, &gn), 0);
	in = der_hex("a4023000");
	assert_int_equal(cc_gn_next(&in, &gn), 1);
	assert_int_equal(gn.value.n, 2); /* the Name, whole */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns), cmocka_unit_test(email),		cmocka_unit_test(uri),
		cmocka_unit_test(ip),  cmocka_unit_test(general_names),
	};

	return cmocka_run_group_tests_name("core/constraint", tests, NULL, NULL);
}
