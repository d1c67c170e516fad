/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a fetch may go: a certificate's author names the host, so he must not choose this machine,
 * its network, or a service of the cloud that it runs in. */
#ifndef HELPERS_STATUSD_ADDRESS_H
#define HELPERS_STATUSD_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/** A network that an administrator allows although it is not public. */
struct address_range {
	struct in6_addr base; /* IPv4 as ::ffff:a.b.c.d */
	unsigned int bits;    /* of @base that count, 0 to 128 */
};

/** address_public() - is it unicast and reachable by everyone: in no block of the IANA special-purpose
 *  registries (RFC 6890 and later), nor an IPv6 form of an IPv4 address that is? */
bool address_public(const struct sockaddr *address);

/** address_allowed() - public, or in one of @ranges. Ports are not looked at. */
bool address_allowed(const struct sockaddr *address, const struct address_range *ranges,
		     size_t count);

/** address_range_parse() - "127.0.0.1", "10.0.0.0/8", "fd00::/8". Bits behind the prefix must be 0.
 *  Return: 0 or -EINVAL. */
int address_range_parse(const char *text, struct address_range *ret);

#endif
