// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pin sets: what the text form takes and refuses, where each error is, order, changes. */
#include "tests/unit/der_build.h"
#include "core/pins.h"
#include "core/time.h"

#define A256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define A256_UPPER "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
#define A256_BASE64 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define B256 "00b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define A384 A256 "00112233445566778899aabbccddeeff"
#define A384_BASE64 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUAESIzRFVmd4iZqrvM3e7/"
#define A512 A256 A256
#define A512_BASE64 \
	"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFXjsMRCmPwcFJr79MiZb7kkJ65B5GSbk0yklZkbeFK4VQ=="

static int parse(const char *text, struct cc_pins *pins, struct cc_pins_error *err)
{
	struct cc_span s = der_exact(der_str(text));

	return cc_pins_parse((const char *)s.p, s.n, pins, err);
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
		const char *says;
	} rows[] = {
		{ "", 0, "expires= is missing" },
		{ "mode=enforce", 12, "expires= is missing" },
		{ "expires", 0, "an entry is" },
		{ "expires=", 0, "or never" },
		{ "expires=Never", 0, "or never" },
		{ "expires=2027-01-31", 0, "or never" },
		{ "expires=2027-01-31T00:00:00", 0, "or never" },
		{ "expires=2027-01-31T00:00:00z", 0, "or never" },
		{ "expires=2027-01-31 00:00:00Z", 0, "or never" },
		{ "expires=2027/01-31T00:00:00Z", 0, "or never" },
		{ "expires=2027-01/31T00:00:00Z", 0, "or never" },
		{ "expires=2027-01-31T00.00:00Z", 0, "or never" },
		{ "expires=2027-01-31T00:00.00Z", 0, "or never" },
		{ "expires=2027-02-29T00:00:00Z", 0, "or never" },
		{ "expires=2027-13-01T00:00:00Z", 0, "or never" },
		{ "expires=2027-01-31T24:00:00Z", 0, "or never" },
		{ "expires=2027-01-31T00:60:00Z", 0, "or never" },
		{ "expires=+027-01-31T00:00:00Z", 0, "or never" },
		{ "expires=20x7-01-31T00:00:00Z", 0, "or never" },
		{ "expires=2027-x1-31T00:00:00Z", 0, "or never" },
		{ "expires=2027-01-x1T00:00:00Z", 0, "or never" },
		{ "expires=2027-01-31Tx0:00:00Z", 0, "or never" },
		{ "expires=2027-01-31T00:x0:00Z", 0, "or never" },
		{ "expires=2027-01-31T00:00:x0Z", 0, "or never" },
		{ "expires=never;expires=never", 14, "once" },
		{ "expires=never;mode=enforce;mode=enforce", 27, "once" },
		{ "mode=;expires=never", 0, "report-only" },
		{ "mode=Enforce;expires=never", 0, "report-only" },
		{ "mode=report;expires=never", 0, "report-only" },
		{ "mode = enforce;expires=never", 0, "an entry is" },
		{ "pins=1;expires=never", 0, "an entry is" },
		{ "expires=never\n\n \t sha1:00", 18, "a pin is" },
		{ "expires=never;sha256:", 14, "a pin is" },
		{ "expires=never;sha256=" A256, 14, "a pin is" },
		{ "expires=never;sha256: " A256, 14, "a pin is" },
		{ "expires=never;SHA256:" A256, 14, "an entry is" },
		{ "expires=never;sha256:" A256 "0", 14, "a pin is" },
		{ "expires=never;sha256:" A384, 14, "a pin is" },
		{ "expires=never;sha384:" A256, 14, "a pin is" },
		{ "expires=never;sha512:" A384, 14, "a pin is" },
		{ "expires=never;sha256:"
		  "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		  14, "a pin is" },
		{ "expires=never;sha256:"
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
		  14, "a pin is" },
		{ "expires=never;sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", 14,
		  "a pin is" },
		{ "expires=never;sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", 14,
		  "a pin is" },
		{ "expires=never;sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", 14,
		  "a pin is" },
		{ "expires=never;sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA", 14,
		  "a pin is" },
		{ "expires=never;sha256:" A256 ";sha256:" A256, 86, "twice" },
		{ "expires=never;sha256:" A256 ";sha256:" A256_UPPER, 86, "twice" },
		{ "expires=never;sha256:" A256_BASE64 ";sha256:" A256, 66, "twice" },
		{ "sha256:" A256 ";expires=never", 72, "before the pins" },
		{ "expires=never;sha256:" A256 ";mode=enforce", 86, "before the pins" },
	};
	struct cc_pins_error err;
	struct cc_pins pins;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err = (struct cc_pins_error){ 999, "" };
		if (parse(rows[i].text, &pins, &err) == 0)
			fail_msg("taken: %s", rows[i].text);
		if (err.offset != rows[i].offset || !strstr(err.what, rows[i].says))
			fail_msg("%s: %s at %zu", rows[i].text, err.what, err.offset);
	}
}

static void expect_text(const char *text, const char *canonical)
{
	char buf[CC_PINS_TEXT_MAX], small[40];
	struct cc_pins_error err = { 0, "" };
	struct cc_pins pins, back;
	size_t n;

	if (parse(text, &pins, &err))
		fail_msg("%s: %s at %zu", text, err.what, err.offset);
	n = cc_pins_format(&pins, buf, sizeof(buf));
	assert_int_equal(n, strlen(buf));
	assert_string_equal(buf, canonical);
	assert_int_equal(parse(buf, &back, &err), 0);
	assert_memory_equal(&pins, &back, sizeof(pins));
	n = cc_pins_format(&pins, small, sizeof(small));
	assert_true(n <= sizeof(small) - 1 && small[n] == '\0');
	assert_memory_equal(small, buf, n);
}

static void canonical(void **state)
{
	expect_text("expires=never", "mode=enforce\nexpires=never\n");
	expect_text(" \t;;\r\n expires=never \r\n;mode=report-only ; ",
		    "mode=report-only\nexpires=never\n");
	expect_text("mode=enforce\nexpires=2027-01-31T23:59:58Z\n",
		    "mode=enforce\nexpires=2027-01-31T23:59:58Z\n");
	expect_text("expires=1969-12-31T23:59:59Z", "mode=enforce\nexpires=1969-12-31T23:59:59Z\n");
	expect_text("expires=never;sha512:" A512_BASE64 ";sha256:" A256_BASE64
		    ";sha384:" A384_BASE64 ";sha256:" B256,
		    "mode=enforce\nexpires=never\nsha256:" B256 "\nsha256:" A256 "\nsha384:" A384
		    "\nsha512:" A512 "\n");
	expect_text("expires=never;sha256:" A256_UPPER,
		    "mode=enforce\nexpires=never\nsha256:" A256 "\n");
}

static void expiry(void **state)
{
	const struct cc_civil civil = { 2027, 1, 31, 23, 59, 58 };
	struct cc_pins_error err;
	struct cc_pins pins;
	int64_t time;

	assert_true(cc_time_from_civil(&civil, &time));
	assert_int_equal(parse("expires=2027-01-31T23:59:58Z", &pins, &err), 0);
	assert_int_equal(pins.expires, time);
	assert_int_equal(parse("expires=never", &pins, &err), 0);
	assert_int_equal(pins.expires, INT64_MAX);
	assert_string_equal(cc_pin_mode_name(pins.mode), "enforce");
	assert_string_equal(cc_pin_mode_name(CC_PIN_REPORT_ONLY), "report-only");
	assert_string_equal(cc_pin_mode_name(2), "?");
}

static struct cc_pin number(uint32_t n)
{
	uint8_t value[32] = { (uint8_t)(n * 37), (uint8_t)n };
	struct cc_pin pin;

	assert_true(cc_pin_make(CC_PIN_SHA256, cc_span(value, sizeof(value)), &pin));
	return pin;
}

static void changes(void **state)
{
	struct cc_pins pins = { .expires = CC_PINS_NEVER }, full;
	char text[CC_PINS_TEXT_MAX];
	struct cc_pins_error err;
	struct cc_pin pin;
	uint32_t i, at;

	for (i = 0; i < CC_PINS_MAX; i++) {
		pin = number(i);
		assert_int_equal(cc_pins_remove(&pins, &pin), CC_PINS_E_ABSENT);
		assert_int_equal(cc_pins_add(&pins, &pin), CC_PINS_OK);
		assert_int_equal(cc_pins_add(&pins, &pin), CC_PINS_E_THERE);
		assert_true(cc_pins_find(&pins, &pin, &at));
	}
	for (i = 1; i < pins.count; i++)
		assert_true(memcmp(pins.pin[i - 1].value, pins.pin[i].value, 32) < 0);
	full = pins;
	pin = number(CC_PINS_MAX);
	assert_int_equal(cc_pins_add(&pins, &pin), CC_PINS_E_FULL);
	assert_memory_equal(&pins, &full, sizeof(pins));
	assert_int_equal(cc_pins_hashes(&pins), 1u << CC_PIN_SHA256);
	for (i = 0; i < CC_PINS_MAX; i++) {
		pin = number(i * 5 % CC_PINS_MAX);
		assert_int_equal(cc_pins_remove(&pins, &pin), CC_PINS_OK);
		assert_false(cc_pins_find(&pins, &pin, &at));
	}
	full = (struct cc_pins){ .expires = CC_PINS_NEVER };
	assert_memory_equal(&pins, &full, sizeof(pins)); /* nothing is left behind */
	assert_int_equal(cc_pins_hashes(&pins), 0);
	assert_true(cc_pins_format(&pins, text, sizeof(text)) > 0);
	assert_int_equal(parse(text, &full, &err), 0);
}

/* The longest set there is, one pin more, and one octet more. */
static void bounds(void **state)
{
	static char text[CC_PINS_TEXT_MAX + 200];
	char canon[CC_PINS_TEXT_MAX];
	struct cc_pins_error err;
	struct cc_pins pins;
	size_t n, i;

	n = (size_t)sprintf(text, "mode=report-only\nexpires=2027-01-31T00:00:00Z\n");
	for (i = 0; i < CC_PINS_MAX; i++)
		n += (size_t)sprintf(text + n, "sha512:%0128zx\n", i);
	assert_int_equal(cc_pins_parse(text, n, &pins, &err), 0);
	assert_int_equal(pins.count, CC_PINS_MAX);
	assert_int_equal(cc_pins_format(&pins, canon, sizeof(canon)), n);
	assert_memory_equal(text, canon, n);
	i = n;
	n += (size_t)sprintf(text + n, "sha256:%064zx", i);
	assert_true(n > CC_PINS_TEXT_MAX);
	assert_int_equal(cc_pins_parse(text, n, &pins, &err), -1);
	assert_int_equal(err.offset, CC_PINS_TEXT_MAX);
	n = (size_t)sprintf(text, "expires=never\n");
	for (i = 0; i <= CC_PINS_MAX; i++)
		n += (size_t)sprintf(text + n, "sha256:%064zx\n", i);
	assert_int_equal(cc_pins_parse(text, n, &pins, &err), -1);
	assert_non_null(strstr(err.what, "at most 64"));
}

static void truncated(void **state)
{
	const char *whole = "mode=enforce;expires=2027-01-31T00:00:00Z;sha256:" A256;
	struct cc_pins_error err;
	struct cc_pins pins;
	size_t n;

	for (n = 0; n < strlen(whole); n++) {
		struct cc_span s = der_exact(cc_span(whole, n));
		/* What ends between two entries is a set of fewer. */
		bool good = n == 41 || n == 42;

		assert_int_equal(cc_pins_parse((const char *)s.p, s.n, &pins, &err), good ? 0 : -1);
	}
}

static void values(void **state)
{
	static const uint8_t octets[65];
	struct cc_pin pin;
	uint32_t hash;
	size_t n;

	for (hash = 0; hash < 6; hash++)
		for (n = 0; n <= sizeof(octets); n++)
			assert_int_equal(cc_pin_make(hash, cc_span(octets, n), &pin),
					 n && n == cc_pin_size(hash));
	assert_int_equal(cc_pin_size(CC_PIN_SHA256), 32);
	assert_int_equal(cc_pin_size(CC_PIN_SHA384), 48);
	assert_int_equal(cc_pin_size(CC_PIN_SHA512), 64);
	assert_int_equal(cc_pin_parse("sha256:" A256, 71, &pin), 0);
	assert_int_equal(cc_pin_parse("sha256:" A256, 70, &pin), -1);
	assert_int_equal(cc_pin_parse("md5:" A256, 68, &pin), -1);
	assert_int_equal(cc_pin_parse("", 0, &pin), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses), cmocka_unit_test(canonical), cmocka_unit_test(expiry),
		cmocka_unit_test(changes), cmocka_unit_test(bounds),	cmocka_unit_test(truncated),
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests_name("core/pins", tests, NULL, NULL);
}
