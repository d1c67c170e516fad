// SPDX-License-Identifier: LGPL-2.1-or-later
/* Requests over one TLS connection that is kept. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "libcapcert/acme_conn.h"

#define READ_SIZE 16384

static int fail(struct acme_conn *c, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct acme_conn *c, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->error, sizeof(c->error), format, args);
	va_end(args);
	return r;
}

void acme_conn_close(struct acme_conn *c)
{
	capcert_tls_free(c->session);
	c->session = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->served = 0;
}

/* ---- connecting ---- */

static int wait_tls(struct acme_conn *c, int64_t deadline)
{
	int fd = c->fd;
	short events = capcert_tls_wants(c->session, &fd);
	int r = acme_wait(fd, events, c->cancel_fd, deadline);

	if (r == -ETIMEDOUT)
		return fail(c, r, "%s: no answer in time", c->host);
	return r < 0 ? fail(c, r, "%s: given up", c->host) : 0;
}

static int tls_trouble(struct acme_conn *c, int r)
{
	struct capcert_result found;

	if (r == -EKEYREJECTED && capcert_tls_outcome(c->session, &found, NULL) == 0)
		return fail(c, r, "%s: its certificate is refused: %s", c->host,
			    capcert_reason_name(found.outcome.reason));
	return fail(c, r, "%s: %s", c->host,
		    *capcert_tls_error_text(c->session) ? capcert_tls_error_text(c->session)
							: capcert_strerror(r));
}

static int dial(struct acme_conn *c, const struct acme_url *url, int64_t deadline)
{
	int64_t left = deadline - acme_clock();
	int r;

	if (left <= 0)
		return fail(c, -ETIMEDOUT, "%s: no time is left", url->host);
	r = c->dial ? c->dial(c->ctx, url->host, url->port, (uint32_t)left)
		    : acme_dial(url->host, url->port, c->cancel_fd, deadline);
	if (r < 0)
		return fail(c, r, "%s port %u: %s", url->host, url->port,
			    r == -EHOSTUNREACH ? "no such host, or no way to it" : strerror(-r));
	c->fd = r;
	return 0;
}

static int open_conn(struct acme_conn *c, const struct acme_url *url, int64_t deadline)
{
	int r;

	snprintf(c->host, sizeof(c->host), "%s", url->host);
	c->port = url->port;
	r = dial(c, url, deadline);
	if (r < 0)
		return r;
	r = capcert_tls_client(c->tls, c->fd, url->host, CAPCERT_TLS_NONBLOCK, &c->session);
	if (r < 0)
		return fail(c, r, "%s: %s", c->host, capcert_strerror(r));
	while ((r = capcert_tls_handshake(c->session)) == -EAGAIN) {
		r = wait_tls(c, deadline);
		if (r < 0)
			return r;
	}
	return r < 0 ? tls_trouble(c, r) : 0;
}

/* ---- one exchange ---- */

static char *make_request(const struct acme_exchange *x)
{
	const char *target = x->url->target;
	char *text;
	int n;

	n = asprintf(&text,
		     "%s %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: capcert/" CAPCERT_VERSION_STRING
		     "\r\nAccept: %s\r\nAccept-Language: en\r\n",
		     x->method, *target == '/' ? "" : "/", target, x->url->authority, x->accept);
	if (n >= 0 && x->body) {
		char *head = text;

		n = asprintf(
			&text,
			"%sContent-Type: application/jose+json\r\nContent-Length: %zu\r\n\r\n%s",
			head, strlen(x->body), x->body);
		free(head);
	} else if (n >= 0) {
		char *head = text;

		n = asprintf(&text, "%s\r\n", head);
		free(head);
	}
	return n < 0 ? NULL : text;
}

static int send_all(struct acme_conn *c, const char *text, int64_t deadline)
{
	size_t len = strlen(text), n = 0;

	while (n < len) {
		ssize_t r = capcert_tls_write(c->session, text + n, len - n);

		if (r == -EAGAIN)
			r = wait_tls(c, deadline);
		else if (r < 0)
			r = tls_trouble(c, (int)r);
		else
			n += (size_t)r;
		if (r < 0)
			return (int)r;
	}
	return 0;
}

static int take(struct acme_conn *c, const uint8_t *buf, size_t n, struct http_response *ret)
{
	size_t used = 0;
	int r = http_response_feed(ret, cc_span(buf, n), &used);

	if (r == 1 && used < n)
		ret->close = true; /* what nobody asked for */
	if (r == -ENOMEM)
		return r;
	return r < 0 ? fail(c, r == -EBADMSG ? -EPROTO : r, "%s: no answer to use: %s", c->host,
			    ret->error)
		     : r;
}

static int receive(struct acme_conn *c, int64_t deadline, struct http_response *ret)
{
	uint8_t buf[READ_SIZE];
	int r = 0;

	while (r == 0) {
		ssize_t n = capcert_tls_read(c->session, buf, sizeof(buf));

		if (n == -EAGAIN)
			r = wait_tls(c, deadline);
		else if (n < 0)
			r = tls_trouble(c, (int)n);
		else if (n > 0)
			r = take(c, buf, (size_t)n, ret);
		else if (http_response_idle(ret))
			r = fail(c, -ECONNRESET, "%s: closed without an answer", c->host);
		else if (http_response_end(ret) < 0)
			r = fail(c, -ECONNRESET, "%s: closed in the middle of an answer", c->host);
		else
			r = 1;
		/* One who sends an octet now and then is not waited for for ever. */
		if (r == 0 && acme_clock() >= deadline)
			r = fail(c, -ETIMEDOUT, "%s: no whole answer in time", c->host);
	}
	return r < 0 ? r : 0;
}

static int attempt(struct acme_conn *c, const struct acme_exchange *x, const char *text,
		   struct http_response *ret)
{
	int r = 0;

	http_response_start(ret, !strcmp(x->method, "HEAD"), x->max);
	if (c->fd >= 0 && (strcmp(c->host, x->url->host) || c->port != x->url->port))
		acme_conn_close(c);
	if (c->fd < 0)
		r = open_conn(c, x->url, x->deadline);
	if (r == 0)
		r = send_all(c, text, x->deadline);
	if (r == 0)
		r = receive(c, x->deadline, ret);
	return r;
}

int acme_conn_exchange(struct acme_conn *c, const struct acme_exchange *x,
		       struct http_response *ret)
{
	char *text = make_request(x);
	bool kept = c->served > 0;
	int r;

	*c->error = '\0';
	if (!text)
		return -ENOMEM;
	r = attempt(c, x, text, ret);
	/* A server may close a connection that waits at any time: then nothing came, and it is asked again. */
	if (kept && (r == -ECONNRESET || r == -EPIPE) && http_response_idle(ret)) {
		acme_conn_close(c);
		r = attempt(c, x, text, ret);
	}
	free(text);
	if (r < 0 || ret->close)
		acme_conn_close(c);
	else
		c->served++;
	if (r < 0)
		http_response_clear(ret);
	return r;
}
