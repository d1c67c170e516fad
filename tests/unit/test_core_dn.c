// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Distinguished names: structure, comparison, prefix, hash, text. */
#include "tests/unit/der_build.h"
#include "core/der.h"
#include "core/dn.h"
#include "core/oid.h"

#define CN der_hex("0603550403")
#define O der_hex("060355040a")
#define UTF8 0x0c
#define PRINTABLE 0x13
#define TELETEX 0x14

static struct cc_span ava(struct cc_span oid, uint8_t tag, const char *value)
{
	return der(0x30, oid, der_wrap(tag, der_str(value)));
}

static struct cc_span name1(uint8_t tag, const char *cn)
{
	return der(0x30, der(0x31, ava(CN, tag, cn)));
}

static void check(struct cc_span a, struct cc_span b, bool equal, const char *what)
{
	a = der_exact(a);
	b = der_exact(b);
	if (cc_dn_equal(a, b) != equal || cc_dn_equal(b, a) != equal)
		fail_msg("%s", what);
	if (equal && cc_dn_hash(a) != cc_dn_hash(b))
		fail_msg("hash of %s", what);
	if (!cc_dn_equal(a, a) || !cc_dn_equal(b, b))
		fail_msg("%s is not itself", what);
	der_free(b);
	der_free(a);
}

static void structure(void **state)
{
	static const char *const bad[] = {
		"31 00",				  /* RDN without attributes */
		"31 02 30 00",				  /* attribute without type */
		"31 07 30 05 06 03 55 04 03",		  /* without value */
		"31 08 30 06 06 03 55 04 03 0c",	  /* value cut */
		"31 0b 30 09 06 03 55 04 03 0c 00 05 00", /* something behind it */
		"31 09 30 07 06 03 55 04 83 0c 00",	  /* OID not ended */
		"31 09 30 07 06 03 55 04 03 2c 00",	  /* constructed string */
		"30 09 30 07 06 03 55 04 03 0c 00",	  /* SEQUENCE for SET */
		"31 09 31 07 06 03 55 04 03 0c 00",
		"31 09 30 07 06 03 55 04 03 0c 00 00", /* trailing octet */
		/* the second attribute of a set without value */
		"31 10 30 07 06 03 55 04 03 0c 00 30 05 06 03 55 04 0a",
		/* set not in order: O before CN */
		"31 12 30 07 06 03 55 04 0a 0c 00 30 07 06 03 55 04 03 0c 00",
	};
	struct cc_span body, seventeen = cc_span(NULL, 0);
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++) {
		body = der_exact(der_hex(bad[i]));
		if (cc_dn_valid(body))
			fail_msg("%s", bad[i]);
		/* Equal to itself, to nothing else. */
		check(der_wrap(0x30, body), der_wrap(0x30, body), true, bad[i]);
		check(der_wrap(0x30, body), name1(UTF8, ""), false, bad[i]);
	}
	assert_true(cc_dn_valid(cc_span(NULL, 0)));
	assert_true(cc_dn_valid(
		der_hex("31 12 30 07 06 03 55 04 03 0c 00 30 07 06 03 55 04 0a 0c 00")));
	for (i = 0; i < CC_DN_AVA_MAX; i++)
		seventeen = der_cat(seventeen, ava(CN, UTF8, "a"), DER_END);
	assert_true(cc_dn_valid(der_wrap(0x31, seventeen)));
	seventeen = der_cat(seventeen, ava(CN, UTF8, "a"), DER_END);
	assert_false(cc_dn_valid(der_wrap(0x31, seventeen)));
	assert_true(cc_dn_empty(der_hex("3000")));
	assert_false(cc_dn_empty(name1(UTF8, "")));
}

static void comparison(void **state)
{
	static const struct {
		uint8_t ta;
		const char *a;
		uint8_t tb;
		const char *b;
		bool equal;
	} rows[] = {
		{ UTF8, "Example", UTF8, "Example", true },
		{ UTF8, "Example", PRINTABLE, "eXAMPLE", true },
		{ UTF8, " Example  Corp ", PRINTABLE, "example corp", true },
		{ UTF8, "Example Corp", UTF8, "ExampleCorp", false },
		{ UTF8, "Example", UTF8, "Exampl", false },
		{ UTF8, "Example", UTF8, "Example.", false },
		{ UTF8, "", UTF8, "  ", true },
		{ UTF8, "", UTF8, "a", false },
		{ UTF8, " a", UTF8, "a ", true },
		{ UTF8, "a\tb", UTF8, "a b", false },
		{ UTF8, "\xc3\x9c", UTF8, "\xc3\x9c", true },
		{ UTF8, "\xc3\x9c", UTF8, "\xc3\xbc", false },
		{ UTF8, "[", UTF8, "{", false },
		{ UTF8, "@", UTF8, "`", false },
		{ TELETEX, "Example", TELETEX, "Example", true },
		{ TELETEX, "Example", TELETEX, "example", false },
		{ TELETEX, "Example", UTF8, "Example", false },
		{ TELETEX, "a  b", TELETEX, "a b", false },
		{ 0x1e, "a", UTF8, "a", false },
		{ 0x16, "Example", UTF8, "example", true },
		{ 0x1a, "Example", 0x12, "example", true },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++)
		check(name1(rows[i].ta, rows[i].a), name1(rows[i].tb, rows[i].b), rows[i].equal,
		      rows[i].a);
	check(name1(UTF8, "a"), der(0x30, der(0x31, ava(O, UTF8, "a"))), false, "types");
}

static void sets_and_sequences(void **state)
{
	struct cc_span x = ava(CN, UTF8, "x"), X = ava(CN, PRINTABLE, "X"), y = ava(CN, UTF8, "y");
	struct cc_span o = ava(O, UTF8, "o");

	/* The other string type changes the order of the set. */
	check(der(0x30, der(0x31, x, y)), der(0x30, der(0x31, y, X)), true, "set");
	check(der(0x30, der(0x31, x, o)), der(0x30, der(0x31, x), der(0x31, o)), false,
	      "one or two");
	check(der(0x30, der(0x31, x), der(0x31, o)), der(0x30, der(0x31, o), der(0x31, x)), false,
	      "order");
	/* As multisets: the hash is a sum. */
	check(der(0x30, der(0x31, x, x, y)), der(0x30, der(0x31, x, y, y)), false, "multiset");
	check(der(0x30, der(0x31, x, x, y)), der(0x30, der(0x31, x, y)), false, "fewer");
	check(der(0x30, der(0x31, x)), der_hex("3000"), false, "empty");
}

static void prefixes(void **state)
{
	struct cc_span c = der(0x31, ava(der_hex("0603550406"), PRINTABLE, "DE"));
	struct cc_span o = der(0x31, ava(O, UTF8, "Acme")),
		       o2 = der(0x31, ava(O, PRINTABLE, "ACME "));
	struct cc_span cn = der(0x31, ava(CN, UTF8, "a"));
	struct cc_span full = der(0x30, c, o, cn);

	assert_true(cc_dn_within(full, der(0x30, c, o)));
	assert_true(cc_dn_within(full, der(0x30, c, o2)));
	assert_true(cc_dn_within(full, der_hex("3000")));
	assert_true(cc_dn_within(full, full));
	assert_false(cc_dn_within(full, der(0x30, o)));
	assert_false(cc_dn_within(full, der(0x30, c, o, cn, cn)));
	assert_false(cc_dn_within(full, der(0x30, c, cn)));
	assert_false(cc_dn_within(full, der(0x30, c, der_hex("3100"))));
	assert_false(cc_dn_within(der_cat(full, der_hex("00"), DER_END), der(0x30, c)));
	assert_false(cc_dn_within(full, cc_span(NULL, 0)));
}

static void text(void **state)
{
	struct cc_span odd = der(0x30, der_hex("0603 2a0304"), der_hex("0202 0102"));
	struct cc_span name =
		der(0x30, der(0x31, ava(O, UTF8, "Acme, \"Inc\"")),
		    der(0x31, ava(CN, UTF8, " #a\xc3\x9c "), ava(CN, TELETEX, "#<>;+=\\")),
		    der(0x31, odd));
	struct cc_span bmp = der(0x30, der(0x31, der(0x30, CN, der_hex("1e06 0041 00fc 20ac"))));
	char buf[256];
	size_t n, i;

	n = cc_dn_format(name, buf, sizeof(buf));
	assert_string_equal(buf, "1.2.3.4=#02020102,"
				 "CN=\\ #a\\C3\\9C\\ +CN=\\#\\<\\>\\;\\+=\\\\,"
				 "O=Acme\\, \\\"Inc\\\"");
	assert_int_equal(n, strlen(buf));
	for (i = 1; i <= n; i++) {
		char *small = malloc(i);

		assert_int_equal(cc_dn_format(name, small, i), i - 1);
		assert_memory_equal(small, buf, i - 1);
		assert_int_equal(small[i - 1], 0);
		free(small);
	}
	assert_int_equal(cc_dn_format(name, NULL, 0), 0);
	cc_dn_format(bmp, buf, sizeof(buf));
	assert_string_equal(buf, "CN=A\\C3\\BC\\E2\\82\\AC");
	assert_int_equal(cc_dn_format(der_hex("3000"), buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	cc_dn_format(der_hex("300131"), buf, sizeof(buf));
	assert_string_equal(buf, "?");
}

static void attributes(void **state)
{
	struct cc_span cn = der_hex("550403"), value;
	struct cc_span name = der(0x30, der(0x31, ava(CN, UTF8, "first")),
				  der(0x31, ava(O, UTF8, "o")), der(0x31, ava(CN, UTF8, "last")));

	assert_true(cc_dn_attr(name, cn, &value));
	assert_memory_equal(value.p, "last", 4);
	assert_false(cc_dn_attr(name, der_hex("550407"), &value));
	assert_false(cc_dn_attr(der_hex("300131"), cn, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure),
		cmocka_unit_test(comparison),
		cmocka_unit_test(sets_and_sequences),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(text),
		cmocka_unit_test(attributes),
	};

	return cmocka_run_group_tests_name("core/dn", tests, NULL, NULL);
}
