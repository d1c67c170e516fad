/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests to servers that are not trusted: limits on everything, no redirects, patience that ends. */
#ifndef LIBCAPCERT_NET_HTTP_H
#define LIBCAPCERT_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why there is no answer to use. */
enum http_trouble {
	HTTP_OK = 0,
	HTTP_UNREACHABLE, /* no connection, no or a broken answer, or a status that says nothing */
	HTTP_BUSY,	  /* 429 or 503, longer than we wait */
	HTTP_REFUSED,	  /* another status of the 400s */
	HTTP_MALFORMED,	  /* too long, or of another type */
	HTTP_NO_MEMORY,
};

struct http_limits {
	uint32_t connect_timeout_ms;
	uint32_t timeout_ms;
	uint32_t attempts;
	uint32_t max_wait_ms; /* between attempts, in all */
	bool insecure_http;   /* allow plain http */
};

struct http;

struct http_request {
	const char *url;
	const char *post; /* a JSON body; NULL = GET */
	const char *type; /* media type that the answer must have */
	size_t max;	  /* octets of the answer */
};

struct http_answer {
	int32_t status;	  /* of the last attempt, 0 = none */
	uint8_t *body;	  /* malloc()ed, with a NUL behind it; NULL but for HTTP_OK */
	size_t len;
	char detail[320]; /* for people, where it is not HTTP_OK */
};

/** http_new() - @ca_file: PEM, or NULL for the system's anchors. Return: 0, -ENOMEM, -ELIBACC no libcurl. */
int http_new(const struct http_limits *limits, const char *ca_file, struct http **ret);
void http_free(struct http *http);

/** http_run() - one request, as often as the limits allow and as it makes sense: waits of half a
 *  second, doubled each time, with jitter, or as long as Retry-After says. */
enum http_trouble http_run(struct http *http, const struct http_request *request,
			   struct http_answer *ret);

#endif
