// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of slots and patterns that stand for them, slots of hosts, names of protocols. */
#include "tests/unit/der_build.h"
#include <capcert/slot.h>
#include <capcert/tls_config.h>
#include <errno.h>
#include "core/alpn.h"
#include "core/slot.h"

static void names(void **state)
{
	static const char *const good[] = { "a",       "www.example.org", "*.example.org",
					    "web/www", "a/b/c",		  "...",
					    "a..b",    "_acme@host:443",  "~!#$%&'()",
					    "a/.b",    "a/..b",		  ".hidden" };
	static const char *const bad[] = {
		"",    "/",    "/a",   "a/",   "a//b",	".",	  "..",
		"a/.", "a/..", "./a",  "../a", "a/./b", "a/../b", "a b",
		"a,b", "a\"b", "a\\b", "a\tb", "a\x7f", "\x80",	  "a\n"
	};
	char longest[CC_SLOT_NAME_MAX + 2];

	for (size_t i = 0; i < CC_ARRAY_SIZE(good); i++) {
		if (!cc_slot_name_valid(der_exact(der_str(good[i]))))
			fail_msg("%s", good[i]);
		assert_true(capcert_slot_name_valid(good[i]));
	}
	for (size_t i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_slot_name_valid(der_exact(der_str(bad[i]))))
			fail_msg("%s", bad[i]);
	assert_false(capcert_slot_name_valid("a/"));
	assert_false(cc_slot_name_valid(cc_span("a\0b", 3)));
	memset(longest, 'x', sizeof(longest));
	assert_true(cc_slot_name_valid(cc_span(longest, CC_SLOT_NAME_MAX)));
	assert_false(cc_slot_name_valid(cc_span(longest, CC_SLOT_NAME_MAX + 1)));
}

static void patterns(void **state)
{
	static const char *const good[] = { "a", "a/", "web/,www.example.org", "a,b,c/d/" };
	static const char *const bad[] = { "", ",", "a,", ",a", "a,,b", "/", "a//", "a, b", "../" };
	char many[CC_SLOT_PATTERNS_MAX * 2 + 2], over[CC_SLOT_PATTERNS_TEXT_MAX + 1];

	for (size_t i = 0; i < CC_ARRAY_SIZE(good); i++) {
		if (!cc_slot_patterns_valid(der_exact(der_str(good[i]))))
			fail_msg("%s", good[i]);
		assert_true(capcert_slot_patterns_valid(good[i]));
	}
	for (size_t i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_slot_patterns_valid(der_exact(der_str(bad[i]))))
			fail_msg("%s", bad[i]);
	assert_false(capcert_slot_patterns_valid("a,"));
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = i & 1 ? ',' : 'a';
	assert_true(cc_slot_patterns_valid(cc_span(many, CC_SLOT_PATTERNS_MAX * 2 - 1)));
	assert_false(cc_slot_patterns_valid(cc_span(many, CC_SLOT_PATTERNS_MAX * 2 + 1)));
	memset(over, 'a', sizeof(over));
	assert_false(cc_slot_patterns_valid(cc_span(over, sizeof(over))));
}

static void matches(void **state)
{
	static const struct {
		const char *patterns, *name;
		bool match;
	} rows[] = {
		{ "", "anything", true },      { "a", "a", true },
		{ "a", "ab", false },	       { "a", "A", false },
		{ "web/", "web/a", true },     { "web/", "web/a/b", true },
		{ "web/", "web", false },      { "web/", "website", false },
		{ "web/", "awe/b", false },    { "a,web/,b", "b", true },
		{ "a,web/,b", "web/x", true }, { "a,web/,b", "c", false },
	};

	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (cc_slot_patterns_match(der_str(rows[i].patterns), der_str(rows[i].name)) !=
		    rows[i].match)
			fail_msg("%s %s", rows[i].patterns, rows[i].name);
}

static void within(void **state)
{
	static const struct {
		const char *inner, *outer;
		bool within;
	} rows[] = {
		{ "a", "", true },
		{ "", "", true },
		{ "", "a/", false },
		{ "a", "a", true },
		{ "a", "b,a", true },
		{ "a,b", "a", false },
		{ "web/a", "web/", true },
		{ "web/", "web/", true },
		{ "web/a/", "web/", true },
		{ "web/", "web/a", false },
		{ "web/", "web/a/", false },
		{ "we/", "web/", false },
		{ "web/a,x", "x,web/", true },
		{ "web", "web/", false },
	};

	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (cc_slot_patterns_within(der_str(rows[i].inner), der_str(rows[i].outer)) !=
		    rows[i].within)
			fail_msg("%s in %s", rows[i].inner, rows[i].outer);
	assert_false(cc_slot_patterns_within(der_str("a,"), der_str("a")));
	assert_false(cc_slot_patterns_within(der_str("b"), der_str("a,")));
}

static void host(const char *patterns, const char *name, const char *const *want, size_t count)
{
	char got[CAPCERT_SLOT_NAME_SIZE];
	uint32_t at = 0;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(capcert_slot_for_host(patterns, name, &at, got), 0);
		assert_string_equal(got, want[i]);
	}
	strcpy(got, "kept");
	assert_int_equal(capcert_slot_for_host(patterns, name, &at, got), -ENOENT);
	assert_int_equal(capcert_slot_for_host(patterns, name, &at, got), -ENOENT);
	assert_string_equal(got, "kept");
}

#define HOST(patterns, name, ...)                                              \
	do {                                                                   \
		static const char *const want_[] = { __VA_ARGS__ };            \
		host(patterns, name, want_, sizeof(want_) / sizeof(want_[0])); \
	} while (0)

static void hosts(void **state)
{
	static const char *const none[1] = { NULL };
	char longest[CC_SLOT_NAME_MAX + 2];

	HOST(NULL, "www.example.org", "www.example.org", "*.example.org");
	HOST("", "WWW.Example.ORG", "www.example.org", "*.example.org");
	HOST("web/", "a.b.c", "web/a.b.c", "web/*.b.c");
	HOST("web/,a.b.c,x/*.b.c", "a.b.c", "web/a.b.c", "a.b.c", "web/*.b.c", "x/*.b.c");
	HOST("in/a.b.c,z", "a.b.c", "in/a.b.c");
	HOST("web/", "localhost", "web/localhost");
	HOST("*.b.c", "*.b.c", "*.b.c", "*.b.c");
	HOST("", "trailing.", "trailing.");
	host("a.b.d", "a.b.c", none, 0);
	host("a", "", none, 0);
	host("web/", "a/b", none, 0);
	host("web/", "a b", none, 0);
	host("web/", "..", none, 0);
	host("no,", "no", none, 0);
	memset(longest, 'x', sizeof(longest));
	longest[CC_SLOT_NAME_MAX + 1] = 0;
	host("web/", longest, none, 0);
	longest[CC_SLOT_NAME_MAX] = 0;
	host("web/", longest, none, 0);
	host("y", longest, none, 0);
	{
		const char *const want[] = { longest };

		host("", longest, want, 1);
	}
}

static void alpn(void **state)
{
	static const struct {
		const char *octets;
		size_t n;
		bool valid;
	} rows[] = {
#define OCTETS(s) s, sizeof(s) - 1
		{ OCTETS("\x02h2"), true },
		{ OCTETS("\x02h2\x08http/1.1"), true },
		{ OCTETS(""), false },
		{ OCTETS("\x00"), false },
		{ OCTETS("\x02h"), false },
		{ OCTETS("\x02h2\x00"), false },
		{ OCTETS("\x02h2\x02h2"), false },
		{ OCTETS("\x02h2\x01x\x02h2"), false },
		{ OCTETS("\x02h2\x08http/1."), false },
	};
	uint8_t out[CAPCERT_TLS_MAX_ALPN];
	char text[300];
	size_t n;

	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (cc_alpn_valid(der_exact(cc_span(rows[i].octets, rows[i].n))) != rows[i].valid)
			fail_msg("row %zu", i);
	n = sizeof(out);
	assert_int_equal(capcert_tls_alpn("h2,http/1.1", out, &n), 0);
	assert_int_equal(n, 12);
	assert_memory_equal(out, "\x02h2\x08http/1.1", 12);
	n = 11;
	assert_int_equal(capcert_tls_alpn("h2,http/1.1", out, &n), -EMSGSIZE);
	assert_int_equal(n, 11);
	n = sizeof(out);
	assert_int_equal(capcert_tls_alpn("", out, &n), -EINVAL);
	assert_int_equal(capcert_tls_alpn("h2,", out, &n), -EINVAL);
	assert_int_equal(capcert_tls_alpn(",h2", out, &n), -EINVAL);
	assert_int_equal(capcert_tls_alpn("h2,x,h2", out, &n), -EINVAL);
	memset(text, 'x', sizeof(text));
	text[255] = 0;
	assert_int_equal(capcert_tls_alpn(text, out, &n), 0);
	assert_int_equal(n, 256);
	text[255] = 'x';
	text[256] = 0;
	assert_int_equal(capcert_tls_alpn(text, out, &n), -EMSGSIZE);
}

static void words(void **state)
{
	assert_string_equal(capcert_tls_role_name(CAPCERT_TLS_CLIENT), "client");
	assert_string_equal(capcert_tls_role_name(0), "?");
	assert_string_equal(capcert_tls_role_name(3), "?");
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(capcert_tls_policy_parse(capcert_tls_policy_name(i)), i);
		assert_int_equal(capcert_tls_auth_parse(capcert_tls_auth_name(i)), i);
	}
	assert_int_equal(capcert_tls_version_parse(capcert_tls_version_name(CAPCERT_TLS_13)),
			 CAPCERT_TLS_13);
	assert_int_equal(capcert_tls_version_parse("1.1"), -1);
	assert_int_equal(capcert_tls_policy_parse("Modern"), CAPCERT_TLS_MODERN);
	assert_int_equal(capcert_tls_policy_parse(""), -1);
	assert_int_equal(capcert_tls_auth_parse("maybe"), -1);
	assert_string_equal(capcert_tls_part_name(CAPCERT_TLS_PART_PINS), "pins");
	assert_string_equal(capcert_tls_part_name(CAPCERT_TLS_PARTS), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),  cmocka_unit_test(patterns), cmocka_unit_test(matches),
		cmocka_unit_test(within), cmocka_unit_test(hosts),    cmocka_unit_test(alpn),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
