// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Entries that are recognized at once: never one that taking it apart would judge otherwise. */
#include "core/crl_entry.h"
#include "tests/unit/crl_build.h"

static unsigned int plain_count;

/* @n octets at @p: both ways say the same, in what is returned and in what is noted. Return: was it
 * plain? */
static bool same(const uint8_t *p, size_t n)
{
	struct cc_crl at_once = { .version = 2 }, apart = { .version = 2 };
	struct cc_crl_read a = cc_crl_entry_read(&at_once, p, n);
	struct cc_crl_read b = cc_crl_entry_other(&apart, p, n);
	uint32_t present = 0;
	bool plain = cc_crl_entry_plain(p, n, &present) != 0;

	assert_int_equal(a.size, b.size);
	assert_int_equal(a.present, b.present);
	assert_ptr_equal(a.serial.p, b.serial.p);
	assert_int_equal(a.serial.n, b.serial.n);
	assert_int_equal(at_once.entry_count, apart.entry_count);
	assert_int_equal(at_once.entry_present, apart.entry_present);
	assert_int_equal(at_once.entry_critical, apart.entry_critical);
	assert_ptr_equal(at_once.unknown_critical.p, apart.unknown_critical.p);
	plain_count += plain;
	return plain;
}

static struct cc_span entry_of(struct cc_span serial, const char *date, bool reason)
{
	struct cc_span exts = entry_exts(crl_ext(OID_REASON, false, der_hex("0a0101")));

	return der(0x30, der_wrap(0x02, serial), crl_time(date), reason ? exts : NONE);
}

static const char long_number[] =
	"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a"
	"2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f5051525354"
	"55565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e"
	"7f808182838485868788898a8b8c8d8e8f";

/* Every length of number, with what is behind the entry and without, and cut anywhere. */
static void every_length(void **state)
{
	struct cc_span all = der_hex(long_number);
	unsigned int n, cut, reason;

	(void)state;
	for (n = 1; n <= all.n; n++) {
		for (reason = 0; reason < 2; reason++) {
			struct cc_span e = entry_of(cc_span(all.p, n), "241231235959Z", reason);
			struct cc_span two = der_cat(e, e, DER_END);
			bool plain = n > 1 && e.n < 0x80 + 2;

			assert_int_equal(same(der_exact(e).p, e.n), plain);
			assert_int_equal(same(two.p, two.n), plain);
			for (cut = 0; n == 16 && cut < e.n; cut++)
				assert_false(same(der_exact(cc_span(e.p, cut)).p, cut));
		}
	}
}

/* Every value of every octet, one at a time. */
static void every_octet(void **state)
{
	static const char *const numbers[] = {
		"7f", "00ff", "ff7f", "0080", "4142434445464748", "80414243444546474849"
	};
	static const char *const dates[] = { "240228000000Z", "991231235959Z", "500430195009Z" };
	uint32_t number, date, reason, at, value;

	(void)state;
	for (number = 0; number < CC_ARRAY_SIZE(numbers); number++) {
		for (date = 0; date < CC_ARRAY_SIZE(dates); date++) {
			for (reason = 0; reason < 2; reason++) {
				struct cc_span e =
					entry_of(der_hex(numbers[number]), dates[date], reason);
				uint8_t buf[64];

				assert_true(e.n <= sizeof(buf));
				memcpy(buf, e.p, e.n);
				for (at = 0; at < e.n; at++) {
					for (value = 0; value < 256; value++) {
						buf[at] = (uint8_t)value;
						same(buf, e.n);
					}
					buf[at] = e.p[at];
				}
			}
		}
	}
	assert_true(plain_count > 1000);
}

/* Every four digits as month and day, as hour and minute, as minute and second, in a leap year and in
 * another one. Only the 29th of February is taken apart for being a day that not every year has. */
static void every_date(void **state)
{
	static const uint8_t places[] = { 2, 6, 8 };
	uint32_t leap, place, value;

	(void)state;
	plain_count = 0;
	for (leap = 0; leap < 2; leap++) {
		for (place = 0; place < CC_ARRAY_SIZE(places); place++) {
			struct cc_span e = entry_of(
				der_hex("4142"), leap ? "241010101010Z" : "231010101010Z", false);
			uint8_t *digits, buf[64];

			memcpy(buf, e.p, e.n);
			digits = buf + e.n - CC_CRL_DATE + places[place];
			for (value = 0; value < 10000; value++) {
				digits[0] = (uint8_t)('0' + value / 1000);
				digits[1] = (uint8_t)('0' + value / 100 % 10);
				digits[2] = (uint8_t)('0' + value / 10 % 10);
				digits[3] = (uint8_t)('0' + value % 10);
				same(buf, e.n);
			}
		}
	}
	assert_int_equal(plain_count, 2 * (365 + 24 * 60 + 60 * 60));
}

/* Read apart from the rest, a list is what it is when read whole. */
static void around_the_entries(void **state)
{
	struct cc_span critical = entry_exts(crl_ext("2a0304", true, der_hex("0500")));
	struct crl_parts p = crl_parts();
	struct cc_crl whole, apart;
	struct cc_span der;
	uint32_t at, size;

	(void)state;
	p.entries = crl_entries(crl_entry("05", NONE), crl_entry("0605", critical),
				entry_of(der_hex("1234"), "250101000000Z", true));
	p.extensions = crl_exts(crl_ext("2a0305", true, der_hex("0500")));
	der = der_exact(crl_der(&p));
	memset(&whole, 0, sizeof(whole));
	memset(&apart, 0, sizeof(apart));
	assert_int_equal(cc_crl_parse(der, &whole), CC_CRL_OK);
	assert_int_equal(cc_crl_parse_around(der, &apart), CC_CRL_OK);
	assert_int_equal(apart.entry_count, 0);
	for (at = 0; at < apart.entries.n; at += size) {
		size = cc_crl_entry_read(&apart, apart.entries.p + at, apart.entries.n - at).size;
		assert_int_not_equal(size, 0);
	}
	assert_int_equal(cc_crl_entries_end(&apart), CC_CRL_OK);
	assert_int_equal(whole.entry_count, 3);
	assert_memory_equal(whole.unknown_critical.p, "\x2a\x03\x04", 3);
	assert_memory_equal(&whole, &apart, sizeof(whole));
	apart.version = 1;
	assert_int_equal(cc_crl_entries_end(&apart), CC_CRL_E_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_octet),
		cmocka_unit_test(every_date),
		cmocka_unit_test(around_the_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
