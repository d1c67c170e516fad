// SPDX-License-Identifier: GPL-2.0-only
/* Addresses that are nobody else's business, by the IANA special-purpose address registries. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/statusd/address.h"

#define V4_BITS 96 /* of ::ffff:0:0/96 */

struct block4 {
	uint32_t base;
	unsigned int bits;
};

struct block6 {
	uint8_t base[16];
	unsigned int bits;
};

/* IPv4: everything that is not globally reachable unicast. */
static const struct block4 special4[] = {
	{ 0x00000000, 8 },  /* "this network", RFC 791 */
	{ 0x0a000000, 8 },  /* private use, RFC 1918 */
	{ 0x64400000, 10 }, /* shared address space, RFC 6598 */
	{ 0x7f000000, 8 },  /* loopback, RFC 1122 */
	{ 0xa9fe0000, 16 }, /* link-local, RFC 3927; metadata services of clouds */
	{ 0xac100000, 12 }, /* private use */
	{ 0xc0000000, 24 }, /* protocol assignments, RFC 6890 */
	{ 0xc0000200, 24 }, /* documentation, RFC 5737 */
	{ 0xc0586300, 24 }, /* 6to4 relays, RFC 7526 */
	{ 0xc0a80000, 16 }, /* private use */
	{ 0xc6120000, 15 }, /* benchmarks, RFC 2544 */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 3 },  /* multicast, reserved, broadcast */
};

/* IPv6 inside of 2000::/3, outside of which nothing is global unicast. */
static const struct block6 special6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },	    /* protocol assignments, Teredo, RFC 2928 */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation, RFC 3849 */
	{ { 0x20, 0x02 }, 16 },		    /* 6to4, RFC 7526: an IPv4 address inside */
	{ { 0x3f, 0xff }, 20 },		    /* documentation, RFC 9637 */
};

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool public4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(special4) / sizeof(*special4); i++)
		if (((address ^ special4[i].base) >> (32 - special4[i].bits)) == 0)
			return false;
	return true;
}

static uint32_t last32(const uint8_t *p)
{
	return (uint32_t)p[12] << 24 | (uint32_t)p[13] << 16 | (uint32_t)p[14] << 8 | p[15];
}

static bool public6(const uint8_t *p)
{
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[16] = { 0x00, 0x64, 0xff, 0x9b }; /* RFC 6052 */

	if (same_prefix(p, mapped, V4_BITS) || same_prefix(p, nat64, 96))
		return public4(last32(p));
	if (p[0] >> 5 != 1)
		return false;
	for (size_t i = 0; i < sizeof(special6) / sizeof(*special6); i++)
		if (same_prefix(p, special6[i].base, special6[i].bits))
			return false;
	return true;
}

/* As IPv6; false for other families. */
static bool as_v6(const struct sockaddr *address, struct in6_addr *ret)
{
	if (address->sa_family == AF_INET6) {
		*ret = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		return true;
	}
	if (address->sa_family != AF_INET)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->s6_addr[10] = ret->s6_addr[11] = 0xff;
	memcpy(&ret->s6_addr[12], &((const struct sockaddr_in *)(const void *)address)->sin_addr,
	       4);
	return true;
}

bool address_public(const struct sockaddr *address)
{
	struct in6_addr a;

	return as_v6(address, &a) && public6(a.s6_addr);
}

bool address_allowed(const struct sockaddr *address, const struct address_range *ranges,
		     size_t count)
{
	struct in6_addr a;

	if (!as_v6(address, &a))
		return false;
	for (size_t i = 0; i < count; i++)
		if (same_prefix(a.s6_addr, ranges[i].base.s6_addr, ranges[i].bits))
			return true;
	return public6(a.s6_addr);
}

static bool tail_is_zero(const struct address_range *range)
{
	for (unsigned int bit = range->bits; bit < 128; bit++)
		if (range->base.s6_addr[bit / 8] >> (7 - bit % 8) & 1)
			return false;
	return true;
}

int address_range_parse(const char *text, struct address_range *ret)
{
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct address_range range = { 0 };
	unsigned long bits, most, offset = 0;
	char *end = NULL;

	if (n == 0 || n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, &range.base.s6_addr[12]) == 1) {
		range.base.s6_addr[10] = range.base.s6_addr[11] = 0xff;
		offset = V4_BITS;
	} else if (inet_pton(AF_INET6, host, &range.base) != 1) {
		return -EINVAL;
	}
	most = 128 - offset;
	bits = most;
	if (slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return -EINVAL;
		bits = strtoul(slash + 1, &end, 10);
		if (*end || bits > most)
			return -EINVAL;
	}
	range.bits = (unsigned int)(bits + offset);
	if (!tail_is_zero(&range))
		return -EINVAL;
	*ret = range;
	return 0;
}
