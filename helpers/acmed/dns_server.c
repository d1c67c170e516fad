// SPDX-License-Identifier: GPL-2.0-only
/* Addresses of name servers, as people write them and as sockets take them. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/acmed/dns_server.h"

#define PORT 53

static void set_text(struct dns_server *s)
{
	char address[INET6_ADDRSTRLEN];
	bool v6 = s->address.any.sa_family == AF_INET6;
	unsigned int port = ntohs(s->address.v4.sin_port);

	inet_ntop(s->address.any.sa_family,
		  v6 ? (void *)&s->address.v6.sin6_addr : (void *)&s->address.v4.sin_addr, address,
		  sizeof(address));
	if (port == PORT)
		snprintf(s->text, sizeof(s->text), "%s", address);
	else
		snprintf(s->text, sizeof(s->text), v6 ? "[%s]:%u" : "%s:%u", address, port);
}

static void finish(struct dns_server *s, unsigned int port)
{
	bool v6 = s->address.any.sa_family == AF_INET6;

	s->address.v4.sin_port = htons((uint16_t)port); /* at the same place in both */
	s->len = v6 ? sizeof(s->address.v6) : sizeof(s->address.v4);
	set_text(s);
}

void dns_server_set(const uint8_t *octets, size_t len, struct dns_server *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->address.any.sa_family = len == 4 ? AF_INET : AF_INET6;
	if (len == 4)
		memcpy(&ret->address.v4.sin_addr, octets, 4);
	else
		memcpy(&ret->address.v6.sin6_addr, octets, 16);
	finish(ret, PORT);
}

/* "", or ":" and a port. */
static bool take_port(const char *text, unsigned int *ret)
{
	size_t n = strlen(text);

	*ret = PORT;
	if (!n)
		return true;
	if (text[0] != ':' || n < 2 || n > 6 || strspn(text + 1, "0123456789") != n - 1)
		return false;
	*ret = (unsigned int)strtoul(text + 1, NULL, 10);
	return *ret >= 1 && *ret <= 65535;
}

bool dns_server_parse(const char *text, struct dns_server *ret)
{
	char host[INET6_ADDRSTRLEN];
	const char *end;
	unsigned int port;
	bool bracket = text[0] == '[', v6;

	memset(ret, 0, sizeof(*ret));
	text += bracket;
	end = bracket ? strchr(text, ']') : strchr(text, ':');
	/* More than one colon and no bracket: all of it is an address. */
	if (!end || (!bracket && strchr(end + 1, ':')))
		end = bracket ? NULL : text + strlen(text);
	if (!end || (size_t)(end - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	v6 = strchr(host, ':') != NULL;
	if ((bracket && !v6) || !take_port(end + bracket, &port))
		return false;
	ret->address.any.sa_family = v6 ? AF_INET6 : AF_INET;
	if (inet_pton(v6 ? AF_INET6 : AF_INET, host,
		      v6 ? (void *)&ret->address.v6.sin6_addr
			 : (void *)&ret->address.v4.sin_addr) != 1)
		return false;
	finish(ret, port);
	return true;
}
