/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the DNS, as they are on the wire (RFC 1035 section 3.1): in lower case, not compressed. */
#ifndef HELPERS_ACMED_DNS_NAME_H
#define HELPERS_ACMED_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME 255	   /* octets on the wire */
#define DNS_NAME_TEXT 1025 /* with escapes and NUL, as ns_name_ntop() writes it */

struct dns_name {
	size_t len;
	uint8_t wire[DNS_NAME];
};

/** dns_name_parse() - letters, digits, '-', '_' and dots, with or without the dot at the end. Return: whether
 *  @text is a name; "" and "." are none. */
bool dns_name_parse(const char *text, struct dns_name *ret);

/** dns_name_unpack() - at @at of the message, pointers followed (section 4.1.4). Return: octets that it takes
 *  there, or -1. */
int dns_name_unpack(const uint8_t *message, size_t len, const uint8_t *at, struct dns_name *ret);

/** dns_name_text() - without the dot at the end. Return: @buf, of DNS_NAME_TEXT octets. */
const char *dns_name_text(const struct dns_name *name, char *buf);

bool dns_name_same(const struct dns_name *a, const struct dns_name *b);
/** dns_name_within() - @name is @zone, or below it. */
bool dns_name_within(const struct dns_name *name, const struct dns_name *zone);
/** dns_name_begins() - its first label is @label. */
bool dns_name_begins(const struct dns_name *name, const char *label);

#endif
