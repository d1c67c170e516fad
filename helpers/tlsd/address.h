/* SPDX-License-Identifier: GPL-2.0-only */
/* Where sockets listen and connect: IPv4, IPv6 and UNIX stream sockets, written as text. */
#ifndef HELPERS_TLSD_ADDRESS_H
#define HELPERS_TLSD_ADDRESS_H

#include <stddef.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ADDRESS_TEXT 128 /* what address_text() writes at most, with NUL */

struct address {
	socklen_t len; /* 0 = none */
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
};

/**
 * address_parse() - "192.0.2.1:443", "[2001:db8::1]:443", "*:443" (every address of both families),
 * "unix:/run/x.sock", "unix:@abstract". Numbers alone; the port is 1-65535.
 * Return: 0, or -EINVAL.
 */
int address_parse(const char *text, struct address *ret);

/** address_resolve() - the same, or "HOST:PORT", for which the resolver is asked once.
 *  Return: 0; -EINVAL; -ENOENT no such host. */
int address_resolve(const char *text, struct address *ret);

/** address_listen() - a non-blocking socket that listens there. A UNIX socket's old file is removed
 *  when nobody listens behind it. Return: fd or -errno. */
int address_listen(const struct address *address);

/** address_dial() - a non-blocking socket that is connecting, or connected. Return: fd; -EAGAIN the
 *  backlog of a UNIX socket is full; -errno. */
int address_dial(const struct address *address);

/** address_unmap() - ::ffff:192.0.2.1 is 192.0.2.1. */
void address_unmap(struct address *address);

/** address_text() - for people and logs, in the form that address_parse() reads. Return: @buf. */
const char *address_text(const struct address *address, char buf[ADDRESS_TEXT]);

#endif
