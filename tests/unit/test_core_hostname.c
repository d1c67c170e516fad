// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Host names, wildcards and IP literals. */
#include <arpa/inet.h>
#include "tests/unit/der_build.h"
#include "core/name.h"

static struct cc_span s(const char *text)
{
	return der_exact(der_str(text));
}

static void validity(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		".a",
		"a..b",
		"-a.example",
		"a-.example",
		"a b",
		"a\xc3\xbc.example",
		"1.2.3.4",
		"1.2.3",
		"a.1",
		"0x7f.1",
		"a.0",
		"*.example",
		"a.example..",
		"a/b",
		"[::1]",
		"::1",
		"a:80",
		"a@b",
		"123",
	};
	static const char *const good[] = {
		"a",	       "localhost",  "a.b",
		"A.Example",   "a.example.", "1.a",
		"a_b.c",       "_dns.a",     "xn--bcher-kva.example",
		"3com.com",    "a.0x7f",     "zZ.aA",
		"1-2.example",
	};
	char label[80], host[300];
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_hostname_valid(s(bad[i])))
			fail_msg("%s", bad[i]);
	for (i = 0; i < CC_ARRAY_SIZE(good); i++)
		if (!cc_hostname_valid(s(good[i])))
			fail_msg("%s", good[i]);
	assert_false(cc_hostname_valid(der_hex("610062")));
	memset(label, 'a', sizeof(label));
	assert_true(cc_hostname_valid(cc_span(label, 63)));
	assert_false(cc_hostname_valid(cc_span(label, 64)));
	for (i = 0; i < sizeof(host); i++)
		host[i] = i % 50 == 49 ? '.' : 'a';
	assert_true(cc_hostname_valid(cc_span(host, 253)));
	assert_false(cc_hostname_valid(cc_span(host, 254)));
}

static void matching(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool match;
	} rows[] = {
		{ "example.com", "example.com", true },
		{ "example.com", "EXAMPLE.com", true },
		{ "Example.COM", "example.com.", true },
		{ "example.com", "example.org", false },
		{ "example.com", "www.example.com", false },
		{ "example.com", "xexample.com", false },
		{ "*.example.com", "www.example.com", true },
		{ "*.EXAMPLE.com", "WWW.example.COM.", true },
		{ "*.example.com", "example.com", false },
		{ "*.example.com", "a.b.example.com", false },
		{ "*.example.com", ".example.com", false },
		{ "*.example.com", "*.example.com", false },
		{ "*.*.com", "a.b.com", false },
		{ "w*.example.com", "www.example.com", false },
		{ "*w.example.com", "www.example.com", false },
		{ "www.*.com", "www.example.com", false },
		{ "*", "com", false },
		{ "*.com", "com", false },
		{ "*.", "com", false },
		{ "*..com", "a..com", false },
		{ "*.com", "example.com", true }, /* public suffixes are not this function's */
		{ "*.example.com.", "www.example.com", false },
		{ "example.com.", "example.com", false },
		{ "1.2.3.4", "1.2.3.4", false },
		{ "*.2.3.4", "1.2.3.4", false },
		{ "", "", false },
		{ "", "a", false },
		{ "xn--bcher-kva.example", "XN--bcher-kva.example", true },
		{ "*.example", "xn--bcher-kva.example", true },
		{ " example.com", "example.com", false },
		{ "_a.example.com", "_a.example.com", true },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (cc_hostname_match(s(rows[i].pattern), s(rows[i].host)) != rows[i].match)
			fail_msg("%s %s", rows[i].pattern, rows[i].host);
	/* A NUL is no end. */
	assert_false(cc_hostname_match(der_hex("612e62 00"), s("a.b")));
	assert_false(cc_hostname_match(der_hex("612e62 002e63"), s("a.b")));
}

static void ip_literals(void **state)
{
	static const char *const rows[] = {
		"0.0.0.0",
		"255.255.255.255",
		"1.2.3.4",
		"01.2.3.4",
		"1.2.3.004",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"1.2.3.",
		".1.2.3",
		"1..2.3",
		"1.2.3.4 ",
		"0x1.2.3.4",
		"1.2.3.1000",
		"",
		"::",
		"::1",
		"1::",
		"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		":1",
		"1:",
		"1:::2",
		"1::2::3",
		"::1.2.3.4",
		"1:2:3:4:5:6:1.2.3.4",
		"1:2:3:4:5:6:7:1.2.3.4",
		"::1.2.3",
		"12345::",
		"::g",
		"fe80::1%eth0",
		"2001:DB8::a",
		"::ffff:1.2.3.4",
		"1:2:3:4:5:6:7::",
		"::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"1.2.3.4::",
		"::1.2.3.4:5",
		":",
		":::",
		"1:2:3:4:5:6:7:",
		"0000:0000::0",
		"00000::",
		"::1.02.3.4",
		"a",
		"1",
		"localhost",
	};
	uint8_t ours[16], theirs[16];
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		size_t n = cc_ip_parse(s(rows[i]), ours);
		size_t want = inet_pton(AF_INET, rows[i], theirs) == 1	  ? 4
			      : inet_pton(AF_INET6, rows[i], theirs) == 1 ? 16
									  : 0;

		if (n != want || (n && memcmp(ours, theirs, n)))
			fail_msg("%s: %zu, not %zu", rows[i], n, want);
	}
	assert_int_equal(cc_ip_parse(s("[::1]"), ours), 16);
	assert_int_equal(cc_ip_parse(s("[1.2.3.4]"), ours), 0);
	assert_int_equal(cc_ip_parse(s("[::1"), ours), 0);
	assert_int_equal(cc_ip_parse(s("[]"), ours), 0);
	assert_int_equal(cc_ip_parse(der_hex("312e322e332e3400"), ours), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(validity),
		cmocka_unit_test(matching),
		cmocka_unit_test(ip_literals),
	};

	return cmocka_run_group_tests_name("core/hostname", tests, NULL, NULL);
}
