/* SPDX-License-Identifier: GPL-2.0-only */
/* One question, to one server or to several at once: by UDP, and by TCP where that is not enough. */
#ifndef HELPERS_ACMED_DNS_ASK_H
#define HELPERS_ACMED_DNS_ASK_H

#include "helpers/acmed/dns_message.h"
#include "helpers/acmed/dns_server.h"
#include "helpers/acmed/dns_tsig.h"

#define DNS_ERROR 512 /* octets of a line for people */
#define DNS_AT_ONCE 128 /* servers that are asked at once */

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

/** One of those that are asked at once. */
struct dns_asked {
	const struct dns_server *to;
	bool briefly; /* by one datagram, and a second's patience: it was silent before */
};

/**
 * dns_ask_all() - the same question to each of @asked, DNS_AT_ONCE at most, without a key. None waits for another:
 * all are over when the slowest is.
 * @each: once per server, as it answers: @index, @r and @error as dns_ask() has them, @a->reply if @r is 0. Not 0 = the
 * others need not answer any more.
 */
void dns_ask_all(struct dns_asker *a, const struct dns_asked *asked, size_t count,
		 int (*each)(void *ctx, size_t index, int r, const char *error), void *ctx);

/** dns_unreachable() - this @error of dns_ask() is about the way to that address. */
bool dns_unreachable(int error);

#endif
