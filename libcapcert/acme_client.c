// SPDX-License-Identifier: LGPL-2.1-or-later
/* The client of one CA: its directory, and requests that are tried again where that makes sense. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/text.h"
#include "libcapcert/acme.h"

#define REQUEST_MS 30000
#define CALL_MS 300000
#define WAIT_MS 10000
#define MAX_BODY 1048576
#define FIRST_PAUSE_MS 10
#define LONGEST_PAUSE_MS 5000
#define QUICK_NONCES 10 /* refused ones in a row that are tried again at once */

/* ---- calls and what they come to ---- */

void acme_begin(capcert_acme *acme)
{
	if (acme->depth++)
		return;
	acme->deadline = acme_clock() + acme->call_ms;
	memset(&acme->last, 0, sizeof(acme->last));
}

int acme_end(capcert_acme *acme, int r)
{
	if (--acme->depth)
		return r;
	if (r >= 0)
		memset(&acme->last, 0, sizeof(acme->last));
	else if (!*acme->last.text)
		snprintf(acme->last.text, sizeof(acme->last.text), "%s", capcert_strerror(r));
	http_response_clear(&acme->answer);
	return r;
}

int acme_fail(capcert_acme *acme, int r, const char *format, ...)
{
	char text[sizeof(acme->last.text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Lines of problems have their own way, and what else goes into one may be the server's. */
	acme_printable(text, strlen(text), acme->last.text, sizeof(acme->last.text));
	acme->last.type = CAPCERT_ACME_NO_PROBLEM;
	return r;
}

const struct capcert_acme_failure *capcert_acme_last(const capcert_acme *acme)
{
	return &acme->last;
}

const struct capcert_acme_meta *capcert_acme_meta(const capcert_acme *acme)
{
	return &acme->directory.meta;
}

uint32_t capcert_acme_requests(const capcert_acme *acme)
{
	return acme->requests;
}

int acme_check_url(capcert_acme *acme, const char *what, const char *url, struct acme_url *ret)
{
	const char *error;

	if (!url)
		return acme_fail(acme, -EPROTO, "%s: the CA's directory has no URL for it", what);
	if (!acme_url_parse(url, ret, &error))
		return acme_fail(acme, -EPROTO, "%s: the CA's URL %s", what, error);
	if (*acme->host && strcmp(ret->host, acme->host) &&
	    !(acme->flags & CAPCERT_ACME_OTHER_HOSTS))
		return acme_fail(acme, -EPROTO,
				 "%s: the CA's URL leads to the host %s; if that is right, allow "
				 "other hosts",
				 what, ret->host);
	return 0;
}

/* ---- one request ---- */

static void trace(capcert_acme *acme, const struct acme_exchange *x, int r, int64_t since)
{
	char line[512];
	const long long ms = (long long)(acme_clock() - since);

	if (!acme->trace)
		return;
	if (r < 0)
		snprintf(line, sizeof(line), "%s https://%s%.150s failed %lld ms", x->method,
			 x->url->host, x->url->target, ms);
	else
		snprintf(line, sizeof(line), "%s https://%s%.150s %u %lld ms", x->method,
			 x->url->host, x->url->target, acme->answer.status, ms);
	acme->trace(acme->ctx, line);
}

static void take_nonce(capcert_acme *acme)
{
	const char *nonce = acme->answer.nonce;
	size_t n = nonce ? strlen(nonce) : 0;

	*acme->nonce = '\0';
	/* RFC 8555 section 6.5.1: base64url, and anything else is to be left alone. */
	if (n && n <= ACME_NONCE_MAX &&
	    strspn(nonce, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n)
		memcpy(acme->nonce, nonce, n + 1);
}

static int exchange(capcert_acme *acme, const char *what, const char *url, const char *method,
		    const char *accept, const char *body, size_t max)
{
	struct acme_exchange x = { .method = method, .accept = accept, .body = body, .max = max };
	int64_t now = acme_clock();
	struct acme_url to;
	int r = acme_check_url(acme, what, url, &to);

	if (r < 0)
		return r;
	/* Answers may come so quickly that nothing is ever waited for. */
	if (acme_wait(-1, 0, acme->conn.cancel_fd, now) == -ECANCELED)
		return acme_fail(acme, -ECANCELED, "%s: given up", what);
	x.url = &to;
	x.deadline =
		now + acme->request_ms < acme->deadline ? now + acme->request_ms : acme->deadline;
	http_response_clear(&acme->answer);
	acme->requests++;
	r = acme_conn_exchange(&acme->conn, &x, &acme->answer);
	trace(acme, &x, r, now);
	if (r < 0) {
		acme->last.status = 0;
		return acme_fail(acme, r, "%s: %s", what, acme->conn.error);
	}
	acme->last.status = acme->answer.status;
	take_nonce(acme);
	return 0;
}

int64_t acme_retry_at(const capcert_acme *acme)
{
	int64_t at;

	if (!acme->answer.retry_after ||
	    !acme_time_retry(acme->answer.retry_after, time(NULL), &at))
		return 0;
	return at;
}

/* ---- waiting ---- */

static int wait_ms(capcert_acme *acme, int64_t ms)
{
	int64_t now = acme_clock();
	int r;

	if (now + ms > acme->deadline)
		return acme_fail(
			acme, -ETIMEDOUT,
			"the CA is not done, and the time of the call is over: go on later");
	r = acme_wait(-1, 0, acme->conn.cancel_fd, now + ms);
	return r == -ETIMEDOUT ? 0 : r;
}

int acme_pause(capcert_acme *acme, int64_t retry_at, uint32_t *step)
{
	int64_t ms = *step, now = time(NULL);

	if (!ms)
		ms = FIRST_PAUSE_MS;
	*step = ms * 3 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : (uint32_t)ms * 3;
	if (retry_at > now)
		ms = (retry_at - now) * 1000;
	acme->last.retry_at = retry_at;
	return wait_ms(acme, ms);
}

/* ---- answers that are none ---- */

static bool is_json(const struct http_response *a)
{
	return http_response_is(a, ACME_JSON) || http_response_is(a, "application/problem+json");
}

static int refuse(capcert_acme *acme, const char *what)
{
	struct capcert_acme_failure *f = &acme->last;

	memset(f, 0, sizeof(*f));
	f->status = acme->answer.status;
	f->retry_at = acme_retry_at(acme);
	if (f->status / 100 == 3)
		return acme_fail(acme, -EPROTO, "%s: status %u: redirects are not followed", what,
				 f->status);
	if (!is_json(&acme->answer)) {
		f->type = CAPCERT_ACME_OTHER_PROBLEM;
		snprintf(f->text, sizeof(f->text),
			 "%s: status %u without a reason: try again later, and look whether %s is "
			 "the CA's directory",
			 what, f->status, acme->url);
		return -EREMOTEIO;
	}
	acme_problem_parse(acme_body(acme), f);
	/* RFC 8555 section 7.3.3: where the terms to agree to are. */
	if (f->type == CAPCERT_ACME_USER_ACTION_REQUIRED) {
		char url[sizeof(f->url)];
		int n = http_response_link(&acme->answer, "terms-of-service", 0, url, sizeof(url));

		if (n > 0)
			acme_printable(url, (size_t)n, f->url, sizeof(f->url));
	}
	acme_problem_text(f, what);
	return -EREMOTEIO;
}

/* Is it worth to wait for what the CA asks? Return: 1 it was waited; 0 no; -errno. */
static int wait_as_asked(capcert_acme *acme)
{
	int64_t at = acme_retry_at(acme), now = time(NULL), ms = (at - now) * 1000;
	int r;

	if (!at || (acme->answer.status != 503 && acme->answer.status != 429) ||
	    ms > acme->wait_ms || acme_clock() + ms >= acme->deadline)
		return 0;
	r = wait_ms(acme, ms ? ms : FIRST_PAUSE_MS);
	return r < 0 ? r : 1;
}

/* Return: 0 it is one to use; 1 it was waited as the CA asked; -errno. */
static int judge(capcert_acme *acme, const struct acme_call *call)
{
	int r;

	if (acme->answer.status / 100 != 2) {
		r = wait_as_asked(acme);
		return r ? r : refuse(acme, call->what);
	}
	if (!acme->answer.body_len)
		return 0;
	if (!http_response_is(&acme->answer, call->accept ? call->accept : ACME_JSON))
		return acme_fail(acme, -EPROTO,
				 "%s: the answer is of type %.80s, not %s: is that an ACME server?",
				 call->what, acme->answer.type ? acme->answer.type : "(none)",
				 call->accept ? call->accept : ACME_JSON);
	return 0;
}

int acme_get(capcert_acme *acme, const struct acme_call *call)
{
	int r;

	do {
		r = exchange(acme, call->what, call->url, "GET",
			     call->accept ? call->accept : ACME_JSON, NULL,
			     call->max ? call->max : ACME_JSON_MAX);
		if (r == 0)
			r = judge(acme, call);
	} while (r == 1);
	return r;
}

/* ---- signed requests ---- */

static int fetch_nonce(capcert_acme *acme)
{
	int r = exchange(acme, "new nonce", acme->directory.new_nonce, "HEAD", "*/*", NULL, 0);

	if (r < 0)
		return r;
	if (acme->answer.status / 100 != 2)
		return refuse(acme, "new nonce");
	if (!*acme->nonce)
		return acme_fail(acme, -EPROTO, "new nonce: the CA gives none");
	return 0;
}

static int post_once(capcert_acme *acme, const struct acme_call *call)
{
	struct acme_signer signer = { call->key ? call->key : &acme->key,
				      call->key ? call->purpose : CAPCERT_KEY_ACME_ACCOUNT };
	char nonce[ACME_NONCE_MAX + 1], *jws;
	int r = *acme->nonce ? 0 : fetch_nonce(acme);

	if (r < 0)
		return r;
	memcpy(nonce, acme->nonce, sizeof(nonce));
	*acme->nonce = '\0';
	r = acme_jws(&signer, call->jwk ? NULL : acme->kid, nonce, call->url, call->payload, &jws);
	if (r < 0)
		return acme_fail(acme, r, "%s: the key does not sign: %s", call->what,
				 capcert_strerror(r));
	r = exchange(acme, call->what, call->url, "POST", call->accept ? call->accept : ACME_JSON,
		     jws, call->max ? call->max : ACME_JSON_MAX);
	free(jws);
	return r < 0 ? r : judge(acme, call);
}

/* Nonces may be refused as often as the CA likes; only time ends it. */
int acme_post(capcert_acme *acme, const struct acme_call *call)
{
	uint32_t refused = 0, step = 0;
	struct acme_url url;
	int r;

	if (!call->key && !acme_key_there(&acme->key))
		return acme_fail(acme, -EINVAL, "%s: there is no account key", call->what);
	if (!call->jwk && !acme->kid)
		return acme_fail(acme, -EINVAL, "%s: there is no account yet: register it first",
				 call->what);
	/* Before it is signed. */
	r = acme_check_url(acme, call->what, call->url, &url);
	while (r == 0) {
		r = post_once(acme, call);
		if (r == 0)
			break;
		if (r == -EREMOTEIO && acme->last.type == CAPCERT_ACME_BAD_NONCE) {
			r = ++refused > QUICK_NONCES ? acme_pause(acme, 0, &step) : 0;
			if (acme_clock() >= acme->deadline)
				r = -EREMOTEIO;
		} else if (r == 1) {
			r = 0;
		}
	}
	return r;
}

int acme_location(capcert_acme *acme, const char *what, char **ret)
{
	const char *url = acme->answer.location;
	struct acme_url parsed;
	char *copy;
	int r;

	if (!url)
		return acme_fail(acme, -EPROTO, "%s: the answer has no Location", what);
	r = acme_check_url(acme, what, url, &parsed);
	if (r < 0)
		return r;
	copy = strdup(url);
	if (!copy)
		return -ENOMEM;
	free(*ret);
	*ret = copy;
	return 0;
}

/* ---- opening and closing ---- */

static int read_directory(capcert_acme *acme)
{
	struct acme_call call = { .what = "directory", .url = acme->url };
	const char *error;
	int r;

	acme_begin(acme);
	r = acme_get(acme, &call);
	if (r == 0) {
		r = acme_directory_parse(acme_body(acme), &acme->directory, &error);
		if (r == -EPROTO)
			r = acme_fail(acme, r, "%s: %s: is that an ACME directory?", acme->url,
				      error);
	}
	return acme_end(acme, r);
}

static int make(const struct capcert_acme_options *o, capcert_acme *acme)
{
	const char *error;
	struct acme_url url;

	acme->flags = o->flags;
	acme->request_ms = o->request_ms ? o->request_ms : REQUEST_MS;
	acme->call_ms = o->call_ms ? o->call_ms : CALL_MS;
	acme->wait_ms = o->wait_ms ? o->wait_ms : WAIT_MS;
	acme->max_body = o->max_body ? o->max_body : MAX_BODY;
	acme->trace = o->trace;
	acme->ctx = o->ctx;
	acme->conn.fd = -1;
	acme->conn.tls = capcert_tls_context_ref(o->tls);
	acme->conn.dial = o->dial;
	acme->conn.ctx = o->ctx;
	acme->conn.cancel_fd = o->cancel_fd;
	acme->url = strdup(o->directory);
	if (!acme->url)
		return -ENOMEM;
	if (!acme_url_parse(acme->url, &url, &error))
		return -EINVAL;
	memcpy(acme->host, url.host, sizeof(acme->host));
	if (o->account.fd < 0 && !o->account.sign)
		return 0;
	return acme_key_open(&o->account, &acme->key);
}

int capcert_acme_open(const struct capcert_acme_options *o, capcert_acme **ret)
{
	capcert_acme *acme;
	int r;

	if (o->size != sizeof(*o) || !o->directory || !o->tls ||
	    (o->flags & ~CAPCERT_ACME_OTHER_HOSTS)) {
		*ret = NULL;
		return o->size > sizeof(*o) ? -E2BIG : -EINVAL;
	}
	acme = calloc(1, sizeof(*acme));
	*ret = acme;
	if (!acme)
		return -ENOMEM;
	r = make(o, acme);
	if (r < 0) {
		capcert_acme_close(acme);
		*ret = NULL;
		return r;
	}
	return read_directory(acme);
}

void capcert_acme_close(capcert_acme *acme)
{
	if (!acme)
		return;
	acme_conn_close(&acme->conn);
	capcert_tls_context_free(acme->conn.tls);
	http_response_clear(&acme->answer);
	acme_directory_clear(&acme->directory);
	acme_account_clear(&acme->document);
	acme_key_close(&acme->key);
	free(acme->kid);
	free(acme->url);
	free(acme);
}
