/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of the DNS: questions (RFC 1035), updates of one TXT record (RFC 2136), and answers. The C library reads
 * the wire format; nothing here asks anybody. */
#ifndef HELPERS_ACMED_DNS_MESSAGE_H
#define HELPERS_ACMED_DNS_MESSAGE_H

#include <arpa/nameser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "helpers/acmed/dns_name.h"

#define DNS_MESSAGE 65535 /* octets: what a length in TCP can say */
#define DNS_TEXT 4096	  /* octets of one TXT record that are looked at */

struct dns_message {
	size_t len;
	uint8_t data[DNS_MESSAGE];
};

/** dns_question() - @recurse: ask a resolver. */
void dns_question(struct dns_message *m, uint16_t id, const struct dns_name *name, ns_type type,
		  bool recurse);

/** dns_update() - add a TXT record with @text, or take that one value away (RFC 2136 sections 2.5.1, 2.5.4). Others
 *  at the same name stay. @text: DNS_TEXT octets at most. */
void dns_update(struct dns_message *m, uint16_t id, const struct dns_name *zone,
		const struct dns_name *name, const char *text, uint32_t ttl, bool add);

/** An answer; what it points at is the message's. */
struct dns_reply {
	ns_msg h;
	int rcode;
	bool authoritative;
};

enum dns_read {
	DNS_READ,
	DNS_CUT,   /* truncated: it is to be had by TCP */
	DNS_OTHER, /* not the answer to this question, or none at all */
};

/** dns_reply_read() - @data is the answer to @asked: its id, operation and question. */
enum dns_read dns_reply_read(const uint8_t *data, size_t len, const struct dns_message *asked,
			     struct dns_reply *ret);

/** Records of the answer section. Each() not 0 ends it and is returned. Records that make no sense are left
 *  out. */
int dns_reply_texts(struct dns_reply *r, const struct dns_name *name,
		    int (*each)(void *ctx, const char *text), void *ctx);
int dns_reply_names(struct dns_reply *r, const struct dns_name *name, ns_type type,
		    int (*each)(void *ctx, const struct dns_name *value), void *ctx);
/** @value: 4 octets or 16. */
int dns_reply_addresses(struct dns_reply *r, const struct dns_name *name, ns_type type,
			int (*each)(void *ctx, const uint8_t *value), void *ctx);
/** dns_reply_zone() - the owner of the SOA record in the answer or beside it: the zone that @name is in. */
bool dns_reply_zone(struct dns_reply *r, const struct dns_name *name, struct dns_name *ret);

#endif
