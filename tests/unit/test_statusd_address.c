// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which addresses a fetch may go to: the edges of every block, and IPv4 in IPv6 clothes. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "helpers/statusd/address.h"

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage ret = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
		v6->sin6_family = AF_INET6;
	}
	return ret;
}

static void test_public(void **state)
{
	static const struct {
		const char *text;
		bool yes;
	} rows[] = {
		{ "0.0.0.0", false },
		{ "0.255.255.255", false },
		{ "1.0.0.0", true },
		{ "9.255.255.255", true },
		{ "10.0.0.0", false },
		{ "10.255.255.255", false },
		{ "11.0.0.0", true },
		{ "100.63.255.255", true },
		{ "100.64.0.0", false },
		{ "100.127.255.255", false },
		{ "100.128.0.0", true },
		{ "126.255.255.255", true },
		{ "127.0.0.1", false },
		{ "127.255.255.255", false },
		{ "128.0.0.0", true },
		{ "169.253.255.255", true },
		{ "169.254.169.254", false },
		{ "169.255.0.0", true },
		{ "172.15.255.255", true },
		{ "172.16.0.0", false },
		{ "172.31.255.255", false },
		{ "172.32.0.0", true },
		{ "192.0.0.0", false },
		{ "192.0.1.0", true },
		{ "192.0.2.1", false },
		{ "192.88.99.1", false },
		{ "192.167.255.255", true },
		{ "192.168.0.1", false },
		{ "192.169.0.0", true },
		{ "198.17.255.255", true },
		{ "198.18.0.0", false },
		{ "198.19.255.255", false },
		{ "198.20.0.0", true },
		{ "198.51.100.7", false },
		{ "203.0.113.7", false },
		{ "223.255.255.255", true },
		{ "224.0.0.1", false },
		{ "240.0.0.1", false },
		{ "255.255.255.255", false },

		{ "::", false },
		{ "::1", false },
		{ "::7f00:1", false },
		{ "::ffff:127.0.0.1", false },
		{ "::ffff:10.1.2.3", false },
		{ "::ffff:9.9.9.9", true },
		{ "64:ff9b::a00:1", false },
		{ "64:ff9b::909:909", true },
		{ "64:ff9b:1::1", false },
		{ "100::1", false },
		{ "1fff:ffff::", false },
		{ "2000::1", true },
		{ "2001::1", false },
		{ "2001:1ff:ffff::", false },
		{ "2001:200::", true },
		{ "2001:db7:ffff::", true },
		{ "2001:db8::1", false },
		{ "2001:db9::", true },
		{ "2002:7f00:1::", false },
		{ "2003::1", true },
		{ "3ffe::1", true },
		{ "3fff::1", false },
		{ "3fff:fff:ffff::", false },
		{ "3fff:1000::", true },
		{ "4000::1", false },
		{ "fc00::1", false },
		{ "fdff::1", false },
		{ "fe80::1", false },
		{ "fec0::1", false },
		{ "ff02::1", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sockaddr_storage a = address(rows[i].text);

		if (address_public((struct sockaddr *)&a) != rows[i].yes)
			fail_msg("%s", rows[i].text);
	}
}

static void test_other_families(void **state)
{
	struct sockaddr a = { .sa_family = AF_UNIX };

	assert_false(address_public(&a));
	assert_false(address_allowed(&a, NULL, 0));
}

static void test_ranges(void **state)
{
	struct address_range ranges[2];
	struct sockaddr_storage a;

	assert_int_equal(address_range_parse("127.0.0.0/8", &ranges[0]), 0);
	assert_int_equal(address_range_parse("fd00::/9", &ranges[1]), 0);
	a = address("127.9.9.9");
	assert_true(address_allowed((struct sockaddr *)&a, ranges, 2));
	assert_false(address_allowed((struct sockaddr *)&a, ranges + 1, 1));
	a = address("::ffff:127.0.0.1");
	assert_true(address_allowed((struct sockaddr *)&a, ranges, 2));
	a = address("fd7f:ffff::1");
	assert_true(address_allowed((struct sockaddr *)&a, ranges, 2));
	a = address("fd80::1");
	assert_false(address_allowed((struct sockaddr *)&a, ranges, 2));
	a = address("10.0.0.1");
	assert_false(address_allowed((struct sockaddr *)&a, ranges, 2));
	a = address("9.9.9.9");
	assert_true(address_allowed((struct sockaddr *)&a, NULL, 0));
}

static void test_parse(void **state)
{
	static const char *const bad[] = {
		"",
		"/8",
		"localhost",
		"10.0.0.0/33",
		"10.0.0.0/",
		"10.0.0.0/-1",
		"10.0.0.0/8x",
		"10.0.0.1/8",
		"::1/129",
		"fd00::1/8",
		"10.0.0",
		"1.2.3.4.5",
		"10.0.0.0/ 8",
		"[::1]",
		"::ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};
	struct address_range range;

	assert_int_equal(address_range_parse("10.0.0.1", &range), 0);
	assert_int_equal(range.bits, 128);
	assert_int_equal(address_range_parse("0.0.0.0/0", &range), 0);
	assert_int_equal(range.bits, 96);
	assert_int_equal(address_range_parse("::/0", &range), 0);
	assert_int_equal(range.bits, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (address_range_parse(bad[i], &range) != -EINVAL)
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_other_families),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
