// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: distinguished names, host names, addresses, name constraints. */
#include "core/name.h"
#include "core/selftest_part.h"

/* Attributes of ten octets: CN=a, CN=A, CN=b, CN=B. */
#define CN_a "\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x61"
#define CN_A "\x30\x08\x06\x03\x55\x04\x03\x13\x01\x41"
#define CN_b "\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x62"
#define CN_B "\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x42"
#define RDN_1 "\x31\x0a"
#define RDN_2 "\x31\x14"
#define NAME_12 "\x30\x0c"
#define NAME_22 "\x30\x16"
#define NAME_24 "\x30\x18"

/* CN="a B" as UTF8String, CN=" A  b " as PrintableString, CN=a as BMPString, O=a */
#define SPACED_1 "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03\x61\x20\x42"
#define SPACED_2 "\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04\x03\x13\x06\x20\x41\x20\x20\x62\x20"
#define BMP_A "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\x00\x61"
#define OTHER_A "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01\x61"

#define NAME_A NAME_12 RDN_1 CN_a
#define NAME_AB NAME_24 RDN_1 CN_A RDN_1 CN_b
#define SET_AB NAME_22 RDN_2 CN_a CN_b
#define SET_BA NAME_22 RDN_2 CN_B CN_A

static const struct {
	const char *name;
	struct cc_octets a, b;
	bool equal, within; /* within: a in b */
} names[] = {
	{ "dn: empty names", CC_OCTETS("\x30\x00"), CC_OCTETS("\x30\x00"), true, true },
	{ "dn: within the empty name", CC_OCTETS(NAME_A), CC_OCTETS("\x30\x00"), false, true },
	{ "dn: string types, case, spaces", CC_OCTETS(SPACED_1), CC_OCTETS(SPACED_2), true, true },
	{ "dn: BMPString is other octets", CC_OCTETS(NAME_A), CC_OCTETS(BMP_A), false, false },
	{ "dn: another type", CC_OCTETS(NAME_A), CC_OCTETS(OTHER_A), false, false },
	{ "dn: longer by an RDN", CC_OCTETS(NAME_AB), CC_OCTETS(NAME_A), false, true },
	{ "dn: one set is not two", CC_OCTETS(SET_AB), CC_OCTETS(NAME_AB), false, false },
	{ "dn: a set has no order", CC_OCTETS(SET_AB), CC_OCTETS(SET_BA), true, true },
	{ "dn: empty RDN", CC_OCTETS("\x30\x02\x31\x00"), CC_OCTETS("\x30\x00"), false, false },
	{ "dn: trailing octet", CC_OCTETS(NAME_A "\x00"), CC_OCTETS(NAME_A), false, false },
};

static const struct {
	const char *pattern, *host;
	bool match;
} hosts[] = {
	{ "example.com", "EXAMPLE.com.", true },
	{ "example.com", "www.example.com", false },
	{ "*.example.com", "www.example.com", true },
	{ "*.example.com", "example.com", false },
	{ "*.example.com", "a.b.example.com", false },
	{ "w*.example.com", "www.example.com", false },
	{ "www.*.com", "www.example.com", false },
	{ "*", "localhost", false },
	{ "1.2.3.4", "1.2.3.4", false },
	{ "*.2.3.4", "1.2.3.4", false },
	{ "example.com.", "example.com", false },
	{ "", "", false },
};

static const struct {
	const char *text;
	uint8_t length, last;
} addresses[] = {
	{ "1.2.3.4", 4, 4 },
	{ "1.2.3.04", 0, 0 },
	{ "1.2.3", 0, 0 },
	{ "256.1.1.1", 0, 0 },
	{ "::1", 16, 1 },
	{ "[2001:db8::a]", 16, 10 },
	{ "::1.2.3.4", 16, 4 },
	{ "1:2:3:4:5:6:7:8", 16, 8 },
	{ "1:2:3:4:5:6:7", 0, 0 },
	{ "1::2::3", 0, 0 },
	{ ":::", 0, 0 },
	{ "fe80::1%eth0", 0, 0 },
	{ "", 0, 0 },
};

enum { DNS, EMAIL, URI };

static const struct {
	uint8_t type;
	const char *name, *base;
	int8_t within;
} constraints[] = {
	{ DNS, "www.example.com", "example.com", 1 },
	{ DNS, "xexample.com", "example.com", 0 },
	{ DNS, "www.example.com", ".example.com", -1 },
	{ DNS, "example.com", "", 1 },
	{ EMAIL, "a@example.com", "example.com", 1 },
	{ EMAIL, "a@www.example.com", "example.com", 0 },
	{ EMAIL, "a@www.example.com", ".example.com", 1 },
	{ EMAIL, "A@example.com", "a@example.com", 0 },
	{ EMAIL, "example.com", "example.com", -1 },
	{ URI, "https://u@example.com:1/x", "example.com", 1 },
	{ URI, "https://evil.com/@example.com", "example.com", 0 },
	{ URI, "https://1.2.3.4/", "example.com", -1 },
	{ URI, "urn:a", "example.com", -1 },
};

static const struct {
	const char *name;
	struct cc_octets ip, base;
	int within;
} networks[] = {
	{ "network: inside", CC_OCTETS("\x0a\x01\x02\x03"),
	  CC_OCTETS("\x0a\x00\x00\x00\xff\x00\x00\x00"), 1 },
	{ "network: outside", CC_OCTETS("\x0b\x01\x02\x03"),
	  CC_OCTETS("\x0a\x00\x00\x00\xff\x00\x00\x00"), 0 },
	{ "network: mask with a hole", CC_OCTETS("\x0a\x01\x02\x03"),
	  CC_OCTETS("\x0a\x00\x00\x00\xff\x00\xff\x00"), -1 },
	{ "network: no mask", CC_OCTETS("\x0a\x01\x02\x03"), CC_OCTETS("\x0a\x01\x02\x03"), -1 },
};

static const char *test_names(void)
{
	char text[16];
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(names); i++) {
		struct cc_span a = cc_octets_span(names[i].a), b = cc_octets_span(names[i].b);

		if (cc_dn_equal(a, b) != names[i].equal || cc_dn_equal(b, a) != names[i].equal ||
		    cc_dn_within(a, b) != names[i].within)
			return names[i].name;
		if (names[i].equal && cc_dn_hash(a) != cc_dn_hash(b))
			return names[i].name;
	}
	if (cc_dn_format(cc_span(NAME_A, sizeof(NAME_A) - 1), text, sizeof(text)) != 4 ||
	    memcmp(text, "CN=a", 5))
		return "dn: text";
	return NULL;
}

static int within(size_t i)
{
	struct cc_span name = cc_text_span(constraints[i].name);
	struct cc_span base = cc_text_span(constraints[i].base);

	switch (constraints[i].type) {
	case DNS:
		return cc_dns_within(name, base);
	case EMAIL:
		return cc_email_within(name, base);
	default:
		return cc_uri_within(name, base);
	}
}

static const char *test_texts(void)
{
	uint8_t ip[16] = { 0 };
	size_t i, n;

	for (i = 0; i < CC_ARRAY_SIZE(hosts); i++)
		if (cc_hostname_match(cc_text_span(hosts[i].pattern),
				      cc_text_span(hosts[i].host)) != hosts[i].match)
			return hosts[i].pattern;
	for (i = 0; i < CC_ARRAY_SIZE(addresses); i++) {
		n = cc_ip_parse(cc_text_span(addresses[i].text), ip);
		if (n != addresses[i].length || (n && ip[n - 1] != addresses[i].last))
			return addresses[i].text;
	}
	for (i = 0; i < CC_ARRAY_SIZE(constraints); i++)
		if (within(i) != constraints[i].within)
			return constraints[i].name;
	for (i = 0; i < CC_ARRAY_SIZE(networks); i++)
		if (cc_ip_within(cc_octets_span(networks[i].ip),
				 cc_octets_span(networks[i].base)) != networks[i].within)
			return networks[i].name;
	return NULL;
}

const char *cc_selftest_name(void)
{
	const char *failed = test_names();

	return failed ? failed : test_texts();
}
