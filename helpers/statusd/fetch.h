/* SPDX-License-Identifier: GPL-2.0-only */
/* Fetching over http and https, many at a time, from hosts that strangers name: bounded in size,
 * time and number, to public addresses only. One thread; libcurl does the protocol. */
#ifndef HELPERS_STATUSD_FETCH_H
#define HELPERS_STATUSD_FETCH_H

#include <stdint.h>
#include "helpers/statusd/address.h"

#define FETCH_URL_MAX 2048
#define FETCH_TAG_MAX 128

struct fetch_rules {
	const struct address_range *ranges; /* allowed although not public; borrowed */
	size_t range_count;
	bool any_port;			    /* else 80 and 443 only */
	uint32_t per_host;		    /* connections at once to one host */
	uint32_t at_once;		    /* connections at once */
	uint32_t connect_ms;
};

/*  X(NAME, text) - how a fetch ended. QUEUE rather than TIMEOUT: it waited for its turn longer than the
 *  host then had. */
#define FETCH_ENDS(X)                                                      \
	X(OK, "done")                                                      \
	X(UNCHANGED, "not modified since")                                 \
	X(URL, "an address that is not fetched: http or https, a host, port 80 or 443") \
	X(FORBIDDEN, "the host is on no public address")                   \
	X(UNREACHABLE, "no connection, or it broke")                       \
	X(TIMEOUT, "too slow")                                             \
	X(QUEUE, "the host has too much to answer already")                \
	X(TOO_LARGE, "the answer is too large")                            \
	X(STATUS, "the server refused")                                    \
	X(MEMORY, "out of memory")

enum fetch_end {
#define X(name, text) FETCH_##name,
	FETCH_ENDS(X)
#undef X
	FETCH_END_COUNT
};

const char *fetch_end_text(enum fetch_end end);

/** What to fetch; copied by fetcher_start(). */
struct fetch_request {
	const char *url;
	const void *body;	  /* POST; NULL: GET */
	size_t body_len;
	const char *content_type; /* of the body */
	const char *accept;	  /* media type, or NULL */
	size_t max_bytes;	  /* of the answer */
	uint32_t timeout_ms;	  /* for all of it */
	const char *etag;	  /* ask for what differs from it; NULL or "" = whatever is there */
	const char *modified;	  /* the same for a date of Last-Modified, as it was given */
};

struct fetch_answer {
	enum fetch_end end;
	long status;		  /* of HTTP, 0 when there was none */
	uint8_t *data;		  /* malloc()ed: whoever wants to keep it takes it and leaves NULL */
	size_t len;
	char etag[FETCH_TAG_MAX]; /* "" when there was none, or it was longer */
	char modified[FETCH_TAG_MAX];
	int64_t retry_after;	  /* seconds, -1 when the server did not say */
};

/** Called from fetcher_step(); may start further fetches. */
typedef void fetch_done(void *ctx, struct fetch_answer *answer);

struct fetcher;

/** fetcher_new() - NULL: out of memory. @rules: copied, the ranges borrowed. */
struct fetcher *fetcher_new(const struct fetch_rules *rules);

/** fetcher_free() - gives up what is under way, without calling anybody. */
void fetcher_free(struct fetcher *f);

/** fetcher_start() - @done is called once, later, unless this fails.
 *  Return: 0, -EINVAL the URL is not fetched (FETCH_URL), -ENOMEM. */
int fetcher_start(struct fetcher *f, const struct fetch_request *request, fetch_done *done,
		  void *ctx);

/** fetcher_count() - under way. */
uint32_t fetcher_count(const struct fetcher *f);

/** fetcher_step() - wait until something happens here or @fd can be read (-1: no fd), @timeout_ms
 *  at most, and call those that are done. Return: 1 @fd can be read, 0, -errno. */
int fetcher_step(struct fetcher *f, int fd, int timeout_ms);

#endif
