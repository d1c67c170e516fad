/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A fetcher without a network, in place of helpers/statusd/fetch.c: a test's function answers. */
#ifndef TESTS_UNIT_FAKE_FETCHER_H
#define TESTS_UNIT_FAKE_FETCHER_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/statusd/fetch.h"

/* What the network says; @ret is zero but for @end, OK, and @retry_after, -1. */
static void fake_answer(const struct fetch_request *request, struct fetch_answer *ret);

struct fake_fetch {
	struct fake_fetch *next;
	struct fetch_request request;
	char *url;
	void *body;
	fetch_done *done;
	void *ctx;
};

struct fetcher {
	struct fake_fetch *first;
	uint32_t count;
	uint32_t started; /* ever */
};

const char *fetch_end_text(enum fetch_end end)
{
	static const char *const texts[] = {
#define X(name, text) text,
		FETCH_ENDS(X)
#undef X
	};

	return texts[end];
}

struct fetcher *fetcher_new(const struct fetch_rules *rules)
{
	return calloc(1, sizeof(struct fetcher));
}

static void fake_free(struct fake_fetch *fetch)
{
	free(fetch->url);
	free(fetch->body);
	free(fetch);
}

void fetcher_free(struct fetcher *f)
{
	while (f && f->first) {
		struct fake_fetch *next = f->first->next;

		fake_free(f->first);
		f->first = next;
	}
	free(f);
}

int fetcher_start(struct fetcher *f, const struct fetch_request *request, fetch_done *done,
		  void *ctx)
{
	struct fake_fetch *fetch, **at = &f->first;

	if (strlen(request->url) > FETCH_URL_MAX || strchr(request->url, ' '))
		return -EINVAL;
	fetch = calloc(1, sizeof(*fetch));
	if (!fetch)
		abort();
	fetch->request = *request;
	fetch->url = strdup(request->url);
	fetch->request.url = fetch->url;
	if (request->body) {
		fetch->body = malloc(request->body_len + 1);
		if (!fetch->body)
			abort();
		memcpy(fetch->body, request->body, request->body_len);
		fetch->request.body = fetch->body;
	}
	fetch->done = done;
	fetch->ctx = ctx;
	while (*at)
		at = &(*at)->next;
	*at = fetch;
	f->count++;
	f->started++;
	return 0;
}

uint32_t fetcher_count(const struct fetcher *f)
{
	return f->count;
}

/* All that have been started, not those that are started meanwhile. */
int fetcher_step(struct fetcher *f, int fd, int timeout_ms)
{
	struct fake_fetch *fetch = f->first;

	f->first = NULL;
	while (fetch) {
		struct fake_fetch *next = fetch->next;
		struct fetch_answer answer = { .end = FETCH_OK, .retry_after = -1 };

		fake_answer(&fetch->request, &answer);
		f->count--;
		fetch->done(fetch->ctx, &answer);
		free(answer.data);
		fake_free(fetch);
		fetch = next;
	}
	return 0;
}

#endif
