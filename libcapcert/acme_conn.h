/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One kept-alive connection to a CA: TLS by a context, requests one after the other, nothing without a deadline. */
#ifndef LIBCAPCERT_ACME_CONN_H
#define LIBCAPCERT_ACME_CONN_H

#include <capcert/tls.h>
#include "libcapcert/acme_url.h"
#include "libcapcert/http_response.h"

struct acme_conn {
	capcert_tls_context *tls; /* one reference */
	int (*dial)(void *ctx, const char *host, uint16_t port, uint32_t timeout_ms); /* NULL = the system's */
	void *ctx;
	int cancel_fd; /* -1 = none; borrowed */

	int fd; /* -1 = not connected */
	capcert_tls *session;
	char host[256];
	uint16_t port;
	uint32_t served; /* answers on this connection */
	char error[320]; /* a line about the last failure */
};

struct acme_exchange {
	const struct acme_url *url;
	const char *method; /* "HEAD", "GET", "POST" */
	const char *accept; /* media type */
	const char *body;   /* application/jose+json, of a POST */
	size_t max;	    /* octets of the answer's body */
	int64_t deadline;   /* acme_clock() */
};

/** acme_clock() - milliseconds that only go on. */
int64_t acme_clock(void);

/** acme_wait() - for @events on @fd (-1: for time to pass). Return: 0; -ETIMEDOUT; -ECANCELED. */
int acme_wait(int fd, short events, int cancel_fd, int64_t deadline);

/** acme_dial() - connect to one of the addresses of @host. Return: fd or -errno. */
int acme_dial(const char *host, uint16_t port, int cancel_fd, int64_t deadline);

/** acme_conn_exchange() - one request and its answer, which http_response_clear() ends. The connection is kept if the server
 *  allows, and made again once when it turns out to have been closed in the meantime. Return: 0 or
 *  -errno with @conn->error. */
int acme_conn_exchange(struct acme_conn *conn, const struct acme_exchange *x,
		       struct http_response *ret);

void acme_conn_close(struct acme_conn *conn);

#endif
