/* SPDX-License-Identifier: GPL-2.0-only */
/* One question to one server: by UDP, and by TCP where that is not enough. */
#ifndef HELPERS_ACMED_DNS_ASK_H
#define HELPERS_ACMED_DNS_ASK_H

#include <sys/socket.h>
#include <netinet/in.h>
#include "helpers/acmed/dns_message.h"
#include "helpers/acmed/dns_tsig.h"

#define DNS_ERROR 512 /* octets of a line for people */
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

/** What asking needs; large, and one of a process. */
struct dns_asker {
	struct dns_message query; /* to be filled before dns_ask() */
	uint8_t answer[DNS_MESSAGE];
	struct dns_reply reply; /* of @answer, after dns_ask() returned 0 */
};

/** dns_id() - a message's id that nobody guesses. */
uint16_t dns_id(void);

/**
 * dns_ask() - send @a->query, signed when there is a @key, and wait for its answer: whatever it says. What comes
 * by UDP and is not the answer is passed over. An answer that should be signed and is not is asked for
 * again by TCP: there, none but the server can have sent it.
 * @error: DNS_ERROR octets, what is wrong and what to do.
 * Return: 0; -ETIMEDOUT, -ECONNREFUSED, -ENETUNREACH nobody answers; -EBADMSG no sense in it; -EACCES the server does not
 * know our key or clock, or is not the server; -errno.
 */
int dns_ask(struct dns_asker *a, const struct dns_server *to, const struct dns_key *key,
	    char *error);

/** dns_unreachable() - this @error of dns_ask() is about the way to that address. */
bool dns_unreachable(int error);

#endif
