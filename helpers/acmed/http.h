/* SPDX-License-Identifier: GPL-2.0-only */
/* The little of HTTP/1 that the http-01 challenge needs (RFC 8555 section 8.3): the head of one request. */
#ifndef HELPERS_ACMED_HTTP_H
#define HELPERS_ACMED_HTTP_H

#include <stddef.h>

#define HTTP_HEAD  8192 /* octets of a request's head */
#define HTTP_TOKEN 256	/* of a token */
#define HTTP_PATH  "/.well-known/acme-challenge/"

enum http_found {
	HTTP_MORE,  /* the head has no end yet */
	HTTP_BAD,   /* no request, or more of it than we read: 400 */
	HTTP_OTHER, /* another method: 405 */
	HTTP_GET,   /* @token may be asked for; "" = another path, which is not there */
	HTTP_HEAD_ONLY, /* the same, without the body of the answer */
};

/**
 * http_parse() - @head: @len octets so far.
 * Strict: CRLF, no octets outside of printable ASCII and HTAB in the head, HTTP/1.0 or 1.1. A token is one path
 * segment of the base64url alphabet directly behind HTTP_PATH; whatever else stands there (dots, slashes,
 * %-escapes, queries) is another path.
 */
enum http_found http_parse(const char *head, size_t len, char ret_token[HTTP_TOKEN + 1]);

#endif
