// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Preparing distinguished names: which texts are the same name (RFC 5280 section 7.1, RFC 4518). */
#include <errno.h>
#include "tests/unit/der_build.h"
#include "core/der.h"
#include "core/dn.h"
#include "libcapcert/dn_prep.h"

#define CN der_hex("0603550403")
#define O der_hex("060355040a")

static struct cc_span ava(struct cc_span oid, uint8_t tag, struct cc_span value)
{
	return der(0x30, oid, der_wrap(tag, value));
}

static struct cc_span name(uint8_t tag, struct cc_span value)
{
	return der(0x30, der(0x31, ava(CN, tag, value)));
}

static bool same(struct cc_span a, struct cc_span b)
{
	struct prepared_dn x, y;
	bool equal;

	assert_int_equal(dn_prepare(der_exact(a), &x), 0);
	assert_int_equal(dn_prepare(der_exact(b), &y), 0);
	equal = cc_dn_equal(x.name, y.name);
	assert_int_equal(equal, cc_dn_within(x.name, y.name));
	if (equal)
		assert_int_equal(cc_dn_hash(x.name), cc_dn_hash(y.name));
	dn_release(&x);
	dn_release(&y);
	return equal;
}

static void texts(void **state)
{
	static const struct {
		uint8_t tag_a;
		const char *a;
		uint8_t tag_b;
		const char *b;
		bool equal;
	} rows[] = {
		/* string types, in hexadecimal: Test */
		{ CC_DER_UTF8_STRING, "54657374", CC_DER_PRINTABLE_STRING, "54455354", true },
		{ CC_DER_UTF8_STRING, "54657374", CC_DER_BMP_STRING, "0054006500730074", true },
		{ CC_DER_UTF8_STRING, "54657374", CC_DER_UNIVERSAL_STRING,
		  "00000054000000650000007300000074", true },
		{ CC_DER_UTF8_STRING, "54657374", CC_DER_TELETEX_STRING, "54657374", true },
		{ CC_DER_UTF8_STRING, "54657374", CC_DER_BMP_STRING, "0054006500730075", false },
		/* case beyond ASCII: É é; ß ss; the final sigma */
		{ CC_DER_UTF8_STRING, "c389", CC_DER_UTF8_STRING, "c3a9", true },
		{ CC_DER_UTF8_STRING, "c389", CC_DER_TELETEX_STRING, "e9", true },
		{ CC_DER_UTF8_STRING, "c39f", CC_DER_PRINTABLE_STRING, "5353", true },
		{ CC_DER_UTF8_STRING, "cf83", CC_DER_UTF8_STRING, "cf82", true },
		{ CC_DER_UTF8_STRING, "c389", CC_DER_UTF8_STRING, "45", false },
		/* normal form: e and a combining acute; fullwidth A; the ligature fi */
		{ CC_DER_UTF8_STRING, "65cc81", CC_DER_UTF8_STRING, "c389", true },
		{ CC_DER_UTF8_STRING, "efbca1", CC_DER_PRINTABLE_STRING, "61", true },
		{ CC_DER_UTF8_STRING, "efac81", CC_DER_PRINTABLE_STRING, "6669", true },
		/* nothing: soft hyphen, zero width space, NUL, byte order mark */
		{ CC_DER_UTF8_STRING, "61c2ad62", CC_DER_PRINTABLE_STRING, "6162", true },
		{ CC_DER_UTF8_STRING, "61e2808b62", CC_DER_PRINTABLE_STRING, "6162", true },
		{ CC_DER_UTF8_STRING, "610062", CC_DER_PRINTABLE_STRING, "6162", true },
		{ CC_DER_BMP_STRING, "feff00610062", CC_DER_PRINTABLE_STRING, "6162", true },
		{ CC_DER_UTF8_STRING, "c2ad", CC_DER_PRINTABLE_STRING, "", true },
		/* white space: no-break, tab, ideographic; inside, doubled, at the ends */
		{ CC_DER_UTF8_STRING, "61c2a062", CC_DER_PRINTABLE_STRING, "612062", true },
		{ CC_DER_UTF8_STRING, "610962", CC_DER_PRINTABLE_STRING, "61202062", true },
		{ CC_DER_UTF8_STRING, "e3808061", CC_DER_PRINTABLE_STRING, "61", true },
		{ CC_DER_UTF8_STRING, "61c2a062", CC_DER_PRINTABLE_STRING, "6162", false },
		/* what cannot be prepared equals only itself: not UTF-8, private use, half a BMP */
		{ CC_DER_UTF8_STRING, "61ff", CC_DER_UTF8_STRING, "61ff", true },
		{ CC_DER_UTF8_STRING, "61ff", CC_DER_TELETEX_STRING, "61ff", false },
		{ CC_DER_UTF8_STRING, "ee8080", CC_DER_BMP_STRING, "e000", false },
		{ CC_DER_BMP_STRING, "006100", CC_DER_UTF8_STRING, "61", false },
		{ CC_DER_PRINTABLE_STRING, "e9", CC_DER_UTF8_STRING, "c3a9", false },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span a = name(rows[i].tag_a, der_hex(rows[i].a));
		struct cc_span b = name(rows[i].tag_b, der_hex(rows[i].b));

		if (same(a, b) != rows[i].equal || same(b, a) != rows[i].equal)
			fail_msg("row %zu: %s and %s", i, rows[i].a, rows[i].b);
	}
}

static void plain_names_are_not_copied(void **state)
{
	struct cc_span plain = name(CC_DER_PRINTABLE_STRING, der_str("Test CA"));
	struct prepared_dn dn;

	assert_int_equal(dn_prepare(plain, &dn), 0);
	assert_ptr_equal(dn.name.p, plain.p);
	assert_null(dn.owned);
	assert_false(dn.odd);
	dn_release(&dn);
}

static void odd_ones_are_marked(void **state)
{
	static const char *const odd[] = { "61ff", "ee8080", "efbfbd", "efbfbf" };
	uint8_t *longest = der_alloc(DN_PREP_VALUE_MAX + 1);
	struct prepared_dn dn;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(odd); i++) {
		assert_int_equal(dn_prepare(name(CC_DER_UTF8_STRING, der_hex(odd[i])), &dn), 0);
		assert_true(dn.odd);
		dn_release(&dn);
	}
	memset(longest, 1, DN_PREP_VALUE_MAX + 1);
	assert_int_equal(
		dn_prepare(name(CC_DER_UTF8_STRING, cc_span(longest, DN_PREP_VALUE_MAX + 1)), &dn),
		0);
	assert_true(dn.odd);
	dn_release(&dn);
	assert_int_equal(
		dn_prepare(name(CC_DER_UTF8_STRING, cc_span(longest, DN_PREP_VALUE_MAX)), &dn), 0);
	assert_false(dn.odd);
	dn_release(&dn);
	/* U+FDFA: one character that is eighteen in NFKC, so many that the value is too long. */
	for (i = 0; i + 3 <= DN_PREP_VALUE_MAX; i += 3)
		memcpy(longest + i, "\xef\xb7\xba", 3);
	assert_int_equal(dn_prepare(name(CC_DER_UTF8_STRING, cc_span(longest, i)), &dn), 0);
	assert_true(dn.odd);
	dn_release(&dn);
}

/* Rewriting one attribute of a set moves it: CN in UTF-8 stands before O in BMP, and after it. */
static void sets_stay_in_order(void **state)
{
	struct cc_span bmp = ava(CN, CC_DER_BMP_STRING, der_hex("00410042004300440045"));
	struct cc_span utf8 = ava(CN, CC_DER_UTF8_STRING, der_str("abcde"));
	struct cc_span o = ava(O, CC_DER_UTF8_STRING, der_str("Org"));
	/* DER order goes by length first: the long BMP attribute is last, the short one first. */
	struct cc_span a = der(0x30, der(0x31, o, bmp)), b = der(0x30, der(0x31, o, utf8));
	struct cc_span c = der(0x30, der(0x31, o)), body;
	struct prepared_dn dn;

	assert_true(same(a, b));
	assert_false(same(a, c));
	assert_int_equal(dn_prepare(a, &dn), 0);
	assert_int_equal(cc_der_only(dn.name, CC_DER_SEQUENCE, &body), 0);
	assert_true(cc_dn_valid(body));
	dn_release(&dn);
}

static void malformed_names_stay(void **state)
{
	struct cc_span bad = der_hex("3003020100");
	struct prepared_dn dn;

	assert_int_equal(dn_prepare(bad, &dn), 0);
	assert_ptr_equal(dn.name.p, bad.p);
	dn_release(&dn);
	bad = der_hex("0400");
	assert_int_equal(dn_prepare(bad, &dn), 0);
	assert_ptr_equal(dn.name.p, bad.p);
	dn_release(&dn);
}

/* Lengths of all forms: values that need one and two more octets of length once wrapped. */
static void long_values(void **state)
{
	static const size_t sizes[] = { 1, 100, 127, 128, 200, 255, 256, 1000, 2000 };
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(sizes); i++) {
		uint8_t *text = der_alloc(sizes[i] + 2);

		memset(text, 'a', sizes[i]);
		memcpy(text + sizes[i], "\xc2\xad", 2);
		assert_true(same(name(CC_DER_UTF8_STRING, cc_span(text, sizes[i] + 2)),
				 name(CC_DER_PRINTABLE_STRING, cc_span(text, sizes[i]))));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(plain_names_are_not_copied),
		cmocka_unit_test(odd_ones_are_marked),
		cmocka_unit_test(sets_stay_in_order),
		cmocka_unit_test(malformed_names_stay),
		cmocka_unit_test(long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
