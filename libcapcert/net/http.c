// SPDX-License-Identifier: LGPL-2.1-or-later
/* One request with libcurl: what may be tried again is, what is not as asked for is refused. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include "libcapcert/net/curl.h"
#include "libcapcert/net/http.h"

#define FIRST_WAIT_MS 500
#define LONGEST_STEP 8 /* doublings */

struct http {
	const struct curl_calls *calls;
	CURL *curl;
	struct curl_slist *post_headers;
	struct http_limits limits;
	char error[CURL_ERROR_SIZE];
};

/* The answer as it comes in. */
struct transfer {
	uint8_t *p;
	size_t n;
	size_t max;
	bool over;
	bool no_memory;
};

static size_t take(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t n = size * count;
	uint8_t *grown;

	if (n > t->max - t->n) {
		t->over = true;
		return 0;
	}
	grown = realloc(t->p, t->n + n + 1);
	if (!grown) {
		t->no_memory = true;
		return 0;
	}
	memcpy(grown + t->n, data, n);
	grown[t->n + n] = 0;
	t->p = grown;
	t->n += n;
	return n;
}

int http_new(const struct http_limits *limits, const char *ca_file, struct http **ret)
{
	const struct curl_calls *calls = curl_open();
	struct http *h;
	CURL *c;

	if (!calls)
		return -ELIBACC;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->calls = calls;
	h->limits = *limits;
	h->curl = c = calls->easy_init();
	h->post_headers = calls->slist_append(NULL, "Content-Type: application/json");
	if (!c || !h->post_headers) {
		http_free(h);
		return -ENOMEM;
	}
	calls->easy_setopt(c, CURLOPT_PROTOCOLS_STR,
			   limits->insecure_http ? "http,https" : "https");
	calls->easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	/* Neither proxies nor netrc from the environment: where we speak to is what the caller said. */
	calls->easy_setopt(c, CURLOPT_PROXY, "");
	calls->easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	calls->easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	calls->easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_timeout_ms);
	calls->easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)limits->timeout_ms);
	/* Tiles may be compressed; the limit holds for what comes out. */
	calls->easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
	calls->easy_setopt(c, CURLOPT_USERAGENT, "capcert/" CAPCERT_VERSION_STRING);
	calls->easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	calls->easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	if (ca_file)
		calls->easy_setopt(c, CURLOPT_CAINFO, ca_file);
	*ret = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	h->calls->easy_cleanup(h->curl);
	h->calls->slist_free_all(h->post_headers);
	free(h);
}

/* ---- one attempt ---- */

/* Parameters behind the type ("; charset=utf-8") do not matter. */
static bool type_is(struct http *h, const char *want)
{
	char *type = NULL;
	size_t n = strlen(want);

	h->calls->easy_getinfo(h->curl, CURLINFO_CONTENT_TYPE, &type);
	return type && !strncasecmp(type, want, n) &&
	       (!type[n] || type[n] == ';' || type[n] == ' ');
}

/* What came of an attempt; @ret_again: is another one worth it? */
static enum http_trouble judge(struct http *h, const struct http_request *q, CURLcode code,
			       const struct transfer *t, struct http_answer *ret, bool *ret_again)
{
	const int cap = sizeof(ret->detail);
	long status = 0;

	*ret_again = false;
	h->calls->easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	ret->status = (int32_t)status;
	if (t->no_memory || code == CURLE_OUT_OF_MEMORY)
		return HTTP_NO_MEMORY;
	if (t->over) {
		snprintf(ret->detail, (size_t)cap, "the answer is longer than %zu octets", q->max);
		return HTTP_MALFORMED;
	}
	if (code) {
		*ret_again = code != CURLE_UNSUPPORTED_PROTOCOL && code != CURLE_URL_MALFORMAT &&
			     code != CURLE_PEER_FAILED_VERIFICATION;
		snprintf(ret->detail, (size_t)cap, "%s",
			 *h->error ? h->error : h->calls->easy_strerror(code));
		return HTTP_UNREACHABLE;
	}
	if (status == 200 && type_is(h, q->type))
		return HTTP_OK;
	if (status == 200) {
		snprintf(ret->detail, (size_t)cap, "the answer is not of type %s", q->type);
		return HTTP_MALFORMED;
	}
	if (status / 100 == 3)
		snprintf(ret->detail, (size_t)cap, "status %ld: redirects are refused", status);
	else
		snprintf(ret->detail, (size_t)cap, "status %ld", status);
	*ret_again = status == 429 || status == 408 || status / 100 == 5;
	if (status == 429 || status == 503)
		return HTTP_BUSY;
	return status / 100 == 4 && status != 408 ? HTTP_REFUSED : HTTP_UNREACHABLE;
}

static enum http_trouble attempt(struct http *h, const struct http_request *q,
				 struct http_answer *ret, bool *ret_again)
{
	struct transfer t = { .max = q->max };
	enum http_trouble trouble;
	CURLcode code;

	*h->error = 0;
	h->calls->easy_setopt(h->curl, CURLOPT_URL, q->url);
	h->calls->easy_setopt(h->curl, CURLOPT_WRITEDATA, &t);
	if (q->post) {
		h->calls->easy_setopt(h->curl, CURLOPT_POSTFIELDS, q->post);
		h->calls->easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
				      (curl_off_t)strlen(q->post));
		h->calls->easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->post_headers);
	} else {
		h->calls->easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
		h->calls->easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	}
	code = h->calls->easy_perform(h->curl);
	trouble = judge(h, q, code, &t, ret, ret_again);
	if (trouble == HTTP_OK && !t.p)
		t.p = calloc(1, 1);
	if (trouble == HTTP_OK && !t.p)
		trouble = HTTP_NO_MEMORY;
	if (trouble == HTTP_OK) {
		ret->body = t.p;
		ret->len = t.n;
	} else {
		free(t.p);
	}
	return trouble;
}

/* ---- patience ---- */

/* Between half and one and a half of the step: clients that failed together do not come back so. */
static uint64_t jittered(uint32_t nth)
{
	uint64_t step = (uint64_t)FIRST_WAIT_MS << (nth < LONGEST_STEP ? nth : LONGEST_STEP);
	uint32_t dice = 0;

	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) != sizeof(dice))
		dice = 0x80000000;
	return step / 2 + (step * dice >> 32);
}

/* Retry-After, seconds or a date, in milliseconds; 0 = not there. */
static uint64_t asked_wait(struct http *h)
{
	curl_off_t seconds = 0;

	h->calls->easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds <= 0)
		return 0;
	return seconds > 1000000 ? 1000000000 : (uint64_t)seconds * 1000;
}

static void pause_ms(uint64_t ms)
{
	struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t))
		;
}

enum http_trouble http_run(struct http *h, const struct http_request *q, struct http_answer *ret)
{
	uint64_t waited = 0;
	uint32_t nth;

	memset(ret, 0, sizeof(*ret));
	for (nth = 0;; nth++) {
		bool again;
		enum http_trouble trouble = attempt(h, q, ret, &again);
		uint64_t wait;
		size_t n = strlen(ret->detail);

		if (trouble == HTTP_OK || !again)
			return trouble;
		if (nth + 1 >= h->limits.attempts) {
			snprintf(ret->detail + n, sizeof(ret->detail) - n, ", %u attempts",
				 (unsigned int)nth + 1);
			return trouble;
		}
		wait = asked_wait(h);
		if (wait > h->limits.max_wait_ms - waited) {
			snprintf(ret->detail + n, sizeof(ret->detail) - n,
				 ", and asks to wait %llu s", (unsigned long long)wait / 1000);
			return trouble;
		}
		if (!wait)
			wait = jittered(nth);
		if (wait > h->limits.max_wait_ms - waited)
			return trouble;
		pause_ms(wait);
		waited += wait;
	}
}
