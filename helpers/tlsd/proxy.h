/* SPDX-License-Identifier: GPL-2.0-only */
/* The PROXY protocol, version 2 (HAProxy's proxy-protocol.txt, section 2.2): what a back end is told of
 * a connection that it does not see itself, in front of the first octet. */
#ifndef HELPERS_TLSD_PROXY_H
#define HELPERS_TLSD_PROXY_H

#include <stdbool.h>
#include <stdint.h>
#include "helpers/tlsd/address.h"

/* Room for any header: 28, two UNIX addresses, and the longest of every text. */
#define PROXY_MAX 2048

/* A TLV of one's own (PP2_TYPE_MIN_CUSTOM): SHA-256 of the certificate that was verified. */
#define PROXY_TYPE_CLIENT_SHA256 0xe0

/** What is known of the client. Texts may be NULL or empty: left out. */
struct proxy_facts {
	const struct address *source;	   /* the client's, and */
	const struct address *destination; /* where it connected to, of the same family */
	const char *alpn;
	const char *authority; /* the name that the client asked for */
	const char *version;   /* "TLSv1.3" */
	const char *cipher;
	/* Of a client that was verified, and of no other: */
	bool verified;
	bool resumed;	       /* in an earlier connection of the same session */
	const char *cn;	       /* UTF-8 */
	const uint8_t *sha256; /* 32 octets; NULL = none */
};

/** proxy_encode() - Return: octets of the header in @buf; 0 when @cap is too little, or a text is longer
 *  than its field. */
size_t proxy_encode(const struct proxy_facts *facts, uint8_t *buf, size_t cap);

#endif
