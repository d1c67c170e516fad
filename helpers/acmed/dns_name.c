// SPDX-License-Identifier: GPL-2.0-only
/* Names, by the C library's own reader of the wire format. */
#include <arpa/nameser.h>
#include <string.h>
#include "helpers/acmed/dns_name.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* Lengths of labels are below 'A': all octets can be treated alike. */
static bool take(const uint8_t *wire, struct dns_name *ret)
{
	size_t n = 0;

	while (wire[n] && n < DNS_NAME)
		n += 1u + wire[n];
	if (n >= DNS_NAME)
		return false;
	ret->len = n + 1;
	for (size_t i = 0; i <= n; i++)
		ret->wire[i] = lower(wire[i]);
	return true;
}

bool dns_name_parse(const char *text, struct dns_name *ret)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	uint8_t wire[DNS_NAME + 1];
	size_t n = strlen(text);

	if (!n || n > DNS_NAME || strspn(text, allowed) != n || text[0] == '.' ||
	    strstr(text, "..") || ns_name_pton(text, wire, sizeof(wire)) < 0)
		return false;
	return take(wire, ret);
}

int dns_name_unpack(const uint8_t *message, size_t len, const uint8_t *at, struct dns_name *ret)
{
	uint8_t wire[DNS_NAME + 1];
	int n = ns_name_unpack(message, message + len, at, wire, sizeof(wire));

	return n < 0 || !take(wire, ret) ? -1 : n;
}

const char *dns_name_text(const struct dns_name *name, char *buf)
{
	if (ns_name_ntop(name->wire, buf, DNS_NAME_TEXT) < 0)
		strcpy(buf, "?");
	return buf;
}

bool dns_name_same(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

bool dns_name_within(const struct dns_name *name, const struct dns_name *zone)
{
	size_t at = 0;

	while (name->len - at > zone->len)
		at += 1u + name->wire[at];
	return name->len - at == zone->len && memcmp(name->wire + at, zone->wire, zone->len) == 0;
}

bool dns_name_begins(const struct dns_name *name, const char *label)
{
	size_t n = strlen(label);

	return name->wire[0] == n && memcmp(name->wire + 1, label, n) == 0;
}
