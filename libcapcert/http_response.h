/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of HTTP/1.1 servers (RFC 9110, 9112) that are not trusted, octet by octet as they come. Nothing
 * here has a socket or a clock. Strict: what one reader could take for another message than the next is
 * refused. */
#ifndef LIBCAPCERT_HTTP_RESPONSE_H
#define LIBCAPCERT_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/span.h"

#define HTTP_HEAD_MAX 16384 /* octets of status line and fields, interim answers and trailers included */
#define HTTP_LINKS_MAX 32
#define HTTP_INTERIM_MAX 8

enum http_state {
	HTTP_IN_HEAD,
	HTTP_IN_BODY,	  /* Content-Length */
	HTTP_IN_SIZE,	  /* of a chunk */
	HTTP_IN_CHUNK,
	HTTP_BEHIND_CHUNK, /* its line end */
	HTTP_IN_TRAILER,
	HTTP_UNTIL_CLOSE,
	HTTP_DONE,
};

/* Texts are NUL-terminated and the answer's; NULL = not there. */
struct http_response {
	enum http_state state;
	uint32_t status;	  /* 200..599 */
	bool close;		  /* the server will not take another request */
	const char *type;	  /* Content-Type */
	const char *location;
	const char *nonce;	  /* Replay-Nonce */
	const char *retry_after;
	const char *links[HTTP_LINKS_MAX]; /* values of Link, one for each field */
	size_t link_count;
	uint8_t *body;		  /* with a NUL behind it; NULL when it is empty */
	size_t body_len;
	const char *error;	  /* why it was refused, static */

	bool head_only;		  /* as asked: no body comes */
	size_t max;
	size_t room;
	uint64_t left;		  /* of the body or chunk */
	bool fixed, chunked;
	uint32_t interim;
	size_t spent;		  /* of HTTP_HEAD_MAX by what is gone again */
	size_t head_len;
	char head[HTTP_HEAD_MAX + 1];
	size_t line_len;
	char line[256];		  /* of a chunk's size, or a trailer */
};

/** http_response_start() - @head_only: to a HEAD request; @max: octets of the body. Nothing is allocated
 *  before there is a body. */
void http_response_start(struct http_response *r, bool head_only, size_t max);

/** http_response_feed() - take what came. @ret_used: how much of it belongs to this answer.
 *  Return: 1 it is complete; 0 more must come; -EBADMSG no such answer, @r->error says why; -EMSGSIZE
 *  longer than the limits; -ENOMEM. */
int http_response_feed(struct http_response *r, struct cc_span in, size_t *ret_used);

/** http_response_end() - the server has closed its side properly. Return: 1 that ends the answer;
 *  -EBADMSG it came too early. */
int http_response_end(struct http_response *r);

/** http_response_idle() - has nothing come yet? */
bool http_response_idle(const struct http_response *r);

/** http_response_link() - the target of the @nth Link (RFC 8288) whose relation is @rel, copied to @ret.
 *  Return: its length; 0 there is none; -EMSGSIZE longer than @cap - 1. */
int http_response_link(const struct http_response *r, const char *rel, size_t nth, char *ret,
		       size_t cap);

/** http_response_is() - is the media type @type, whatever parameters stand behind it? */
bool http_response_is(const struct http_response *r, const char *type);

void http_response_clear(struct http_response *r);

#endif
