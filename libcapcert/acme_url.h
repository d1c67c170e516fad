/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* https URLs as a CA may send them (RFC 3986), and times as HTTP and JSON write them. */
#ifndef LIBCAPCERT_ACME_URL_H
#define LIBCAPCERT_ACME_URL_H

#include <stdbool.h>
#include <stdint.h>

#define ACME_URL_MAX 2048 /* octets, without NUL */

struct acme_url {
	char host[256];	   /* lower case; addresses without brackets */
	bool literal;	   /* an IPv6 address */
	uint16_t port;
	char authority[272]; /* as in the Host field: without the port 443 */
	const char *target;  /* path and query, of the text that was parsed; "" = "/" */
};

/** acme_url_parse() - "https://host[:port][/path][?query]", printable ASCII, no user, no fragment, no "..".
 *  @ret_error: gets a static line. Return: true when it is one. */
bool acme_url_parse(const char *text, struct acme_url *ret, const char **ret_error);

/** acme_time_rfc3339() - "2026-01-31T23:59:59.123+01:00" as seconds since 1970; fractions are cut. */
bool acme_time_rfc3339(const char *text, int64_t *ret);

/** acme_time_retry() - Retry-After (RFC 9110 section 10.2.3): seconds from @now, or "Sun, 06 Nov 1994 08:49:37
 *  GMT", as seconds since 1970, at least @now; more than a year ahead is a year. */
bool acme_time_retry(const char *text, int64_t now, int64_t *ret);

#endif
