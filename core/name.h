/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names: distinguished names (RFC 5280 section 7.1), GeneralNames, host names (RFC 9525). */
#ifndef CORE_NAME_H
#define CORE_NAME_H

#include "core/span.h"

/** cc_dn_equal() - compare two DER Names (whole TLV) after RFC 5280 section 7.1: same RDNs in
 *  order, AVAs of one RDN as a set; PrintableString and UTF8String values (and the other
 *  ASCII-compatible types) compared case-insensitively in ASCII, with leading, trailing and
 *  repeated spaces folded; anything else byte by byte. Malformed names are equal only to
 *  themselves. */
bool cc_dn_equal(struct cc_span a, struct cc_span b);

/** cc_dn_within() - true when @base's RDNs are a prefix of @name's (RFC 5280 section 4.2.1.10). */
bool cc_dn_within(struct cc_span name, struct cc_span base);

/** cc_dn_hash() - 32-bit hash, equal for names that cc_dn_equal() holds equal. For indexes. */
uint32_t cc_dn_hash(struct cc_span name);

/** cc_dn_empty() - true when the Name has no RDN. */
bool cc_dn_empty(struct cc_span name);

/** cc_dn_format() - RFC 4514 string ("CN=Example,O=Acme,C=US", most specific first) in @buf;
 *  bytes outside printable ASCII as \\HH. Return: length without NUL; cut at @cap - 1. */
size_t cc_dn_format(struct cc_span name, char *buf, size_t cap);

/** cc_dn_attr() - the last value (content octets) of attribute @oid (OID content octets). */
bool cc_dn_attr(struct cc_span name, struct cc_span oid, struct cc_span *ret_value);

enum cc_gn_type { /* context tag numbers of GeneralName */
	CC_GN_OTHER = 0,
	CC_GN_EMAIL = 1,
	CC_GN_DNS = 2,
	CC_GN_X400 = 3,
	CC_GN_DIRECTORY = 4,
	CC_GN_EDI = 5,
	CC_GN_URI = 6,
	CC_GN_IP = 7,
	CC_GN_RID = 8,
};

struct cc_general_name {
	enum cc_gn_type type;
	struct cc_span value; /* content octets; CC_GN_DIRECTORY: the Name as a whole TLV */
};

/** cc_gn_next() - take one GeneralName off @rest (contents of GeneralNames).
 *  Return: 1 with @ret filled, 0 at the end, -1 malformed. */
int cc_gn_next(struct cc_span *rest, struct cc_general_name *ret);

/** cc_hostname_valid() - a DNS name in preferred syntax, A-labels, 1..253 bytes, labels 1..63 of
 *  letters, digits, hyphen (underscore allowed), one trailing dot allowed; not an IPv4 literal. */
bool cc_hostname_valid(struct cc_span host);

/** cc_hostname_match() - RFC 9525 section 6.3: case-insensitive, '*' only as the whole left-most
 *  label, standing for exactly one label, never for an IP literal; @pattern malformed = false. */
bool cc_hostname_match(struct cc_span pattern, struct cc_span host);

/** cc_ip_parse() - text (dotted IPv4; IPv6 without zone, brackets allowed) into 4 or 16 bytes.
 *  Return: 4, 16, or 0 when @text is no IP literal. */
size_t cc_ip_parse(struct cc_span text, uint8_t ret[16]);

/** Name-constraint matching of one base against one name (RFC 5280 section 4.2.1.10).
 *  Return: 1 within, 0 not within, -1 one of the two is malformed. */
int cc_dns_within(struct cc_span name, struct cc_span base);
int cc_email_within(struct cc_span mailbox, struct cc_span base);
int cc_uri_within(struct cc_span uri, struct cc_span base);
int cc_ip_within(struct cc_span ip, struct cc_span base_and_mask);

#endif
