// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Headers of the PROXY protocol, octet by octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "helpers/tlsd/proxy.h"

#define SIGNATURE "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"

static struct address at(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(text, &a), 0);
	return a;
}

#define expect_header(f, text)                                          \
	do {                                                            \
		uint8_t got[PROXY_MAX];                                 \
		size_t n = proxy_encode(f, got, sizeof(got));           \
                                                                        \
		assert_int_equal(n, sizeof(text) - 1);                  \
		assert_memory_equal(got, text, n);                      \
		for (size_t cap = 0; cap < n; cap++)                    \
			assert_int_equal(proxy_encode(f, got, cap), 0); \
	} while (0)

static void addresses(void **state)
{
	struct address v4 = at("192.0.2.1:1025"), to4 = at("198.51.100.2:443");
	struct address v6 = at("[2001:db8::1]:4660"), to6 = at("[::2]:443"), none = { 0 };
	struct proxy_facts f = { .source = &v4, .destination = &to4 };

	expect_header(&f,
		      SIGNATURE "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x02\x04\x01\x01\xbb");
	f = (struct proxy_facts){ .source = &v6, .destination = &to6 };
	expect_header(&f, SIGNATURE "\x21\x21\x00\x24"
				    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
				    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02"
				    "\x12\x34\x01\xbb");
	f.destination = &to4;
	expect_header(&f, SIGNATURE "\x21\x00\x00\x00");
	f.destination = &none;
	expect_header(&f, SIGNATURE "\x21\x00\x00\x00");
	f = (struct proxy_facts){ 0 };
	expect_header(&f, SIGNATURE "\x21\x00\x00\x00");
}

static void unix_addresses(void **state)
{
	struct address to = at("unix:/run/x"), from = { .len = sizeof(sa_family_t) };
	struct proxy_facts f = { .source = &from, .destination = &to };
	uint8_t want[16 + 216] = SIGNATURE "\x21\x31\x00\xd8", got[PROXY_MAX];

	from.un.sun_family = AF_UNIX;
	strcpy((char *)want + 16 + 108, "/run/x");
	assert_int_equal(proxy_encode(&f, got, sizeof(got)), sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
}

static void what_tls_says(void **state)
{
	static const uint8_t leaf[32] = "0123456789abcdef0123456789abcde";
	struct address v4 = at("192.0.2.1:1025"), to4 = at("198.51.100.2:443");
	struct proxy_facts f = { .source = &v4,
				 .destination = &to4,
				 .alpn = "h2",
				 .authority = "a.example",
				 .version = "TLSv1.3",
				 .cipher = "TLS_X",
				 .cn = "alice",
				 .sha256 = leaf };

	/* Nobody was verified: nothing is said of who it might be. */
	expect_header(&f, SIGNATURE
		      "\x21\x11\x00\x37\xc0\x00\x02\x01\xc6\x33\x64\x02\x04\x01\x01\xbb"
		      "\x01\x00\x02h2\x02\x00\x09"
		      "a.example"
		      "\x20\x00\x17\x01\x00\x00\x00\x01\x21\x00\x07TLSv1.3\x23\x00\x05TLS_X");
	f.verified = true;
	expect_header(&f, SIGNATURE
		      "\x21\x11\x00\x62\xc0\x00\x02\x01\xc6\x33\x64\x02\x04\x01\x01\xbb"
		      "\x01\x00\x02h2\x02\x00\x09"
		      "a.example"
		      "\x20\x00\x1f\x07\x00\x00\x00\x00\x21\x00\x07TLSv1.3\x23\x00\x05TLS_X"
		      "\x22\x00\x05"
		      "alice"
		      "\xe0\x00\x20"
		      "0123456789abcdef0123456789abcde\x00");
	f = (struct proxy_facts){ .source = &v4,
				  .destination = &to4,
				  .version = "TLSv1.2",
				  .verified = true,
				  .resumed = true };
	expect_header(&f,
		      SIGNATURE "\x21\x11\x00\x1e\xc0\x00\x02\x01\xc6\x33\x64\x02\x04\x01\x01\xbb"
				"\x20\x00\x0f\x05\x00\x00\x00\x00\x21\x00\x07TLSv1.2");
}

/* The longest of everything fits; more is no header at all. */
static void limits(void **state)
{
	struct address to = at("unix:/run/x");
	char longest[257];
	struct proxy_facts f = { .source = &to,
				 .destination = &to,
				 .alpn = longest,
				 .authority = longest,
				 .version = longest,
				 .cipher = longest,
				 .cn = longest,
				 .sha256 = (const uint8_t *)longest,
				 .verified = true };
	uint8_t got[PROXY_MAX + 1];

	memset(longest, 'x', 255);
	longest[255] = '\0';
	assert_int_equal(proxy_encode(&f, got, sizeof(got)), 16 + 216 + 5 * 258 + 8 + 35);
	longest[255] = 'x';
	longest[256] = '\0';
	assert_int_equal(proxy_encode(&f, got, sizeof(got)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(unix_addresses),
		cmocka_unit_test(what_tls_says),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
