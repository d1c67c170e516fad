// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Messages of the DNS, their signatures, and records of dns-persist-01: good, bad, and cut at every octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <capcert/x509.h>
#include "helpers/acmed/dns_ask.h"
#include "helpers/acmed/dns_persist.h"
#include "helpers/acmed/conf.h"

static const uint8_t secret[32] = "thirty-two octets, as they come";
static struct dns_message asked;
static uint8_t reply[DNS_MESSAGE];

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	assert_true(dns_name_parse(text, &n));
	return n;
}

static void names(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", ".a", "a..b", "a b", "a\\.b", "a\"", "a/b", "a;b", "\xc3\xa4.example"
	};
	struct dns_name zone = name_of("Example.ORG."), n;
	char text[DNS_NAME_TEXT], longest[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(dns_name_parse(bad[i], &n));
	memset(longest, 'a', sizeof(longest));
	longest[64] = '\0';
	assert_false(dns_name_parse(longest, &n));
	longest[63] = '\0';
	assert_true(dns_name_parse(longest, &n));
	for (size_t i = 0; i < 255; i++)
		longest[i] = i % 2 ? '.' : 'a';
	longest[255] = '\0';
	assert_false(dns_name_parse(longest, &n));
	longest[253] = '\0';
	assert_true(dns_name_parse(longest, &n));
	assert_string_equal(dns_name_text(&zone, text), "example.org");
	n = name_of("_acme-challenge.www.example.org");
	assert_true(dns_name_within(&n, &zone));
	assert_true(dns_name_within(&zone, &zone));
	assert_false(dns_name_within(&zone, &n));
	assert_true(dns_name_begins(&n, "_acme-challenge"));
	assert_false(dns_name_begins(&n, "_acme"));
	n = name_of("wwwexample.org");
	assert_false(dns_name_within(&n, &zone));
	n = name_of("xexample.org");
	assert_false(dns_name_within(&n, &zone));
}

static void servers(void **state)
{
	static const struct {
		const char *text, *shown; /* NULL: none */
	} rows[] = {
		{ "192.0.2.53", "192.0.2.53" },
		{ "192.0.2.53:53", "192.0.2.53" },
		{ "192.0.2.53:5353", "192.0.2.53:5353" },
		{ "2001:db8::53", "2001:db8::53" },
		{ "[2001:db8::53]", "2001:db8::53" },
		{ "[2001:db8::53]:65535", "[2001:db8::53]:65535" },
		{ "", NULL },
		{ "ns.example", NULL },
		{ "192.0.2.53:", NULL },
		{ "192.0.2.53:0", NULL },
		{ "192.0.2.53:65536", NULL },
		{ "192.0.2.53:5x", NULL },
		{ "[192.0.2.53]:53", NULL },
		{ "[2001:db8::53", NULL },
		{ "[2001:db8::53]53", NULL },
		{ "2001:db8::53%eth0", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dns_server s;

		assert_int_equal(dns_server_parse(rows[i].text, &s), rows[i].shown != NULL);
		if (rows[i].shown)
			assert_string_equal(s.text, rows[i].shown);
	}
}

/* ---- answers ---- */

static uint8_t *put(uint8_t *p, const void *data, size_t len)
{
	memcpy(p, data, len);
	return p + len;
}

/* Of @asked: two TXT records, one with a pointer to the name; as the server signs it, for @key. */
static size_t make_reply(const struct dns_key *key, const struct dns_mac *mac, int64_t now,
			 unsigned int error, const char *other, size_t other_len)
{
	static const uint8_t head[] = "\x84\0\0\1\0\2\0\0\0\0";
	static const uint8_t txt[] = "\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\6\5hello";
	static const uint8_t two[] = "\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\7\3two\2is";
	static const uint8_t tsig[] = "\0\xfa\0\xff\0\0\0\0";
	uint8_t times[10] = { 0,
			      0,
			      (uint8_t)(now >> 24),
			      (uint8_t)(now >> 16),
			      (uint8_t)(now >> 8),
			      (uint8_t)now,
			      300 >> 8,
			      300 & 255,
			      0,
			      0 };
	uint8_t all[4096], ours[DNS_MAC], *p, *q = all, *end = reply + 2;

	int n;

	memcpy(reply, asked.data, 2);
	p = put(reply + 2, head, 10);
	for (end = asked.data + 12; *end; end += 1 + *end)
		;
	p = put(p, asked.data + 12, (size_t)(end + 5 - asked.data) - 12);
	p = put(p, txt, sizeof(txt) - 1);
	p = put(p, two, sizeof(two) - 1);
	if (!key)
		return (size_t)(p - reply);
	/* What is signed: RFC 8945 section 4.3. */
	*q++ = 0;
	*q++ = (uint8_t)mac->len;
	q = put(q, mac->data, mac->len);
	q = put(q, reply, (size_t)(p - reply));
	q = put(q, key->name.wire, key->name.len);
	q = put(q, "\0\xff\0\0\0\0", 6);
	q = put(q, key->algorithm.wire, key->algorithm.len);
	q = put(q, times, 8);
	q = put(q, (uint8_t[]){ 0, (uint8_t)error, 0, (uint8_t)other_len }, 4);
	q = put(q, other, other_len);
	n = capcert_hmac(key->hash, secret, sizeof(secret), all, (size_t)(q - all), ours);
	reply[11] = 1;
	p = put(p, key->name.wire, key->name.len);
	p = put(p, tsig, 8);
	*p++ = 0;
	*p++ = (uint8_t)(key->algorithm.len + 16 + (size_t)n + other_len);
	p = put(p, key->algorithm.wire, key->algorithm.len);
	p = put(p, times, 8);
	*p++ = 0;
	*p++ = (uint8_t)n;
	p = put(p, ours, (size_t)n);
	p = put(p, asked.data, 2);
	p = put(p, (uint8_t[]){ 0, (uint8_t)error, 0, (uint8_t)other_len }, 4);
	p = put(p, other, other_len);
	return (size_t)(p - reply);
}

static int count(void *ctx, const char *text)
{
	int *n = ctx;

	++*n;
	assert_true(strcmp(text, "hello") == 0 || strcmp(text, "twois") == 0);
	return 0;
}

static void reading(void **state)
{
	const struct dns_name name = name_of("_acme-challenge.www.example.org");
	const struct dns_name other = name_of("_acme-challenge.example.org");
	struct dns_reply r;
	size_t len;
	int n = 0;

	dns_question(&asked, 0x1234, &name, ns_t_txt, false);
	len = make_reply(NULL, NULL, 0, 0, "", 0);
	assert_int_equal(dns_reply_read(reply, len, &asked, &r), DNS_READ);
	assert_true(r.authoritative);
	assert_int_equal(dns_reply_texts(&r, &name, count, &n), 0);
	assert_int_equal(n, 2);
	dns_reply_texts(&r, &other, count, &n);
	assert_int_equal(n, 2);
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut + 1);

		memcpy(copy, reply, cut);
		assert_int_equal(dns_reply_read(copy, cut, &asked, &r), DNS_OTHER);
		free(copy);
	}
	reply[0] ^= 1;
	assert_int_equal(dns_reply_read(reply, len, &asked, &r), DNS_OTHER);
	reply[0] ^= 1;
	reply[2] |= 2;
	assert_int_equal(dns_reply_read(reply, len, &asked, &r), DNS_CUT);
	reply[2] &= (uint8_t)~2;
	dns_question(&asked, 0x1234, &other, ns_t_txt, false);
	assert_int_equal(dns_reply_read(reply, len, &asked, &r), DNS_OTHER);
	dns_question(&asked, 0x1234, &name, ns_t_a, false);
	assert_int_equal(dns_reply_read(reply, len, &asked, &r), DNS_OTHER);
}

/* ---- signatures ---- */

static void signatures(void **state)
{
	static const char *const algorithms[] = { "hmac-sha256", "hmac-sha384", "hmac-sha512" };
	const struct dns_name zone = name_of("example.org");
	const int64_t now = 1764300000;

	for (size_t i = 0; i < 3; i++) {
		struct dns_key key;
		struct dns_mac mac;
		struct dns_reply r;
		int64_t theirs;
		size_t len;

		assert_true(dns_key_set(&key, "The.Key", algorithms[i], secret, sizeof(secret)));
		dns_update(&asked, 7, &zone, &zone, "text", 60, true);
		dns_tsig_sign(&asked, &key, now, &mac);
		assert_int_equal(asked.data[11], 1);
		dns_question(&asked, 7, &zone, ns_t_txt, false);
		dns_tsig_sign(&asked, &key, now, &mac);
		len = make_reply(&key, &mac, now + 299, 0, "", 0);
		assert_int_equal(dns_reply_read(reply, len, &asked, &r), DNS_READ);
		assert_int_equal(dns_tsig_check(reply, len, &key, &mac, now, &theirs),
				 DNS_TSIG_GOOD);
		/* Each octet counts but those of the id, which is compared before; no part will do. */
		for (size_t at = 2; at < len; at++) {
			reply[at] ^= 0x20;
			if (dns_tsig_check(reply, len, &key, &mac, now, &theirs) == DNS_TSIG_GOOD)
				/* only the case of letters of the two names, which are compared
				 * without it, and the record's own copy of them is not signed */
				assert_true((reply[at] | 0x20) >= 'a' && (reply[at] | 0x20) <= 'z');
			reply[at] ^= 0x20;
		}
		for (size_t cut = NS_HFIXEDSZ; cut < len; cut++) {
			uint8_t *copy = malloc(cut);

			memcpy(copy, reply, cut);
			assert_int_not_equal(dns_tsig_check(copy, cut, &key, &mac, now, &theirs),
					     DNS_TSIG_GOOD);
			free(copy);
		}
		mac.data[0] ^= 1; /* the answer to another question */
		assert_int_equal(dns_tsig_check(reply, len, &key, &mac, now, &theirs),
				 DNS_TSIG_BAD);
		mac.data[0] ^= 1;
		assert_int_equal(dns_tsig_check(reply, len, &key, &mac, now + 600, &theirs),
				 DNS_TSIG_LATE);
		len = make_reply(&key, &mac, now, 18, "\0\0\0\0\1\0", 6);
		assert_int_equal(dns_tsig_check(reply, len, &key, &mac, now, &theirs),
				 DNS_TSIG_BADTIME);
		assert_int_equal(theirs, 256);
		len = make_reply(NULL, NULL, 0, 0, "", 0);
		assert_int_equal(dns_tsig_check(reply, len, &key, &mac, now, &theirs),
				 DNS_TSIG_NONE);
	}
	assert_int_equal(dns_tsig_algorithm("hmac-md5"), 0);
	assert_int_equal(dns_tsig_algorithm("hmac-sha1"), 0);
}

/* ---- dns-persist-01 ---- */

static void permissions(void **state)
{
	static const struct {
		const char *text;
		bool plain, wildcard; /* what it allows */
	} rows[] = {
		{ "ca.example; accounturi=https://ca/1", true, false },
		{ "CA.example.;accounturi=https://ca/1;", true, false },
		{ "ca.example; accounturi=https://ca/1; policy=wildcard", true, true },
		{ "ca.example;policy=WILDCARD ;accounturi = https://ca/1", true, true },
		{ "ca.example; accounturi=https://ca/1; persistUntil=2000", true, false },
		{ "ca.example; accounturi=https://ca/1; new=thing", true, false },
		{ "ca.example; accounturi=https://ca/1; persistUntil=1000", false, false },
		{ "ca.example; accounturi=https://ca/1; persistUntil=soon", false, false },
		{ "ca.example; accounturi=https://ca/1; persistUntil=", false, false },
		{ "ca.example; accounturi=https://ca/12", false, false },
		{ "ca.example; accounturi=https://ca/1; accounturi=https://ca/1", false, false },
		{ "ca.example; accounturi", false, false },
		{ "ca.example", false, false },
		{ "other.example; accounturi=https://ca/1", false, false },
		{ "; accounturi=https://ca/1", false, false },
		{ "ca.example; accounturi=https://ca/1;; policy=wildcard", false, false },
		{ "", false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *wanted = "ca.example; accounturi=https://ca/1; policy=wildcard";

		assert_int_equal(dns_persist_allows(rows[i].text, wanted, 1500), rows[i].wildcard);
		assert_int_equal(dns_persist_allows(rows[i].text,
						    "ca.example; accounturi=https://ca/1", 1500),
				 rows[i].plain);
	}
}

/* ---- configuration ---- */

static void configuration(void **state)
{
	static const struct {
		const char *text, *error; /* NULL: it is good */
	} rows[] = {
		{ "type = dns-persist-01", NULL },
		{ "type = dns-persist-01\nserver = 192.0.2.1\ncheck = 192.0.2.2, 2001:db8::1",
		  NULL },
		{ "type = dns-persist-01\nzone = a.example", "may change: add tsig-key-name" },
		{ "type = dns-persist-01\ntsig-key-name = k", "has no server" },
		{ "type = dns-01", "has no server" },
		{ "type = dns-01\nserver = ns.example", "an address is wanted" },
		{ "type = dns-01\nserver = 192.0.2.1", "has no zone, nor a record" },
		{ "type = dns-01\nserver = 192.0.2.1\nzone = a..b", "a DNS name is wanted" },
		{ "type = dns-01\nserver = 192.0.2.1\nzone = a.example", "no tsig-key-name" },
		{ "type = dns-01\nserver = 192.0.2.1\nzone = a.example\ntsig-key-name = k",
		  "no tsig-key-file" },
		{ "type = dns-01\nserver = 192.0.2.1\nrecord = a.example\ntsig-key-name = k\n"
		  "tsig-key-file = /k",
		  NULL },
		{ "type = dns-01\ntsig-algorithm = hmac-md5", "older ones are weak" },
		{ "type = dns-01\nttl = 0", "a number is wanted" },
		{ "type = dns-01\ncheck = here", "addresses are wanted" },
		{ "type = dns-01\nlisten = *:80", "belong to other types" },
		{ "type = dns-01\nchallenge = dns-01", "challenge belongs to type = exec" },
		{ "type = http-01\nlisten = *:80\nzone = a.example", "belong to type = dns-01" },
		{ "type = exec\nprogram = /p\nchallenge = dns-01\nserver = 192.0.2.1",
		  "belong to type = dns-01" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf c;
		char text[512];
		int r;

		conf_init(&c);
		snprintf(text, sizeof(text), "[solver s]\n%s\n", rows[i].text);
		r = conf_read(&c, "file", text, strlen(text));
		if (r == 0)
			r = conf_finish(&c);
		if (rows[i].error && !strstr(c.error, rows[i].error))
			fail_msg("%s: %s", rows[i].text, c.error);
		assert_int_equal(r < 0, rows[i].error != NULL);
		conf_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),       cmocka_unit_test(servers),
		cmocka_unit_test(reading),     cmocka_unit_test(signatures),
		cmocka_unit_test(permissions), cmocka_unit_test(configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
