/* SPDX-License-Identifier: GPL-2.0-only */
/* The address of a name server. */
#ifndef HELPERS_ACMED_DNS_SERVER_H
#define HELPERS_ACMED_DNS_SERVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define DNS_SERVER_TEXT 64

struct dns_server {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t len;
	char text[DNS_SERVER_TEXT];
};

/** dns_server_parse() - "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353". Return: whether it is
 *  one. */
bool dns_server_parse(const char *text, struct dns_server *ret);
/** dns_server_set() - of 4 or 16 octets, port 53. */
void dns_server_set(const uint8_t *octets, size_t len, struct dns_server *ret);

#endif
