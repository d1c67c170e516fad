// SPDX-License-Identifier: LGPL-2.1-or-later
/* A client of one log: its state, and what it makes of answers that contradict each other. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "libcapcert/net/client.h"

#define DEFAULT(value, otherwise) ((value) ? (value) : (otherwise))
#define DAY 86400
#define SKEW_MS 300000

const char *capcert_ct_fault_name(uint32_t kind)
{
	static const char *const names[] = { "none",	     "unreachable", "bad-signature",
					     "inconsistent", "backlog",	    "malformed-entry",
					     "stale",	     "refused" };

	return kind < CC_ARRAY_SIZE(names) ? names[kind] : NULL;
}

static int errno_of(uint32_t kind)
{
	static const int errnos[] = { 0,      EHOSTUNREACH, EKEYREJECTED, EBADE,
				      EAGAIN, EBADMSG,	    ESTALE,	  EACCES };

	return -errnos[kind];
}

int client_fault(capcert_ctclient *c, uint32_t kind, const char *format, ...)
{
	va_list args;

	c->error.kind = kind;
	va_start(args, format);
	vsnprintf(c->error.detail, sizeof(c->error.detail), format, args);
	va_end(args);
	return errno_of(kind);
}

int client_malformed(capcert_ctclient *c, const char *what)
{
	return client_fault(c, CAPCERT_CT_MALFORMED_ENTRY, "malformed %s", what);
}

static bool url_fits(const char *url, bool insecure)
{
	return url && (!strncmp(url, "https://", 8) || (insecure && !strncmp(url, "http://", 7)));
}

int capcert_ctclient_new(const capcert_log *log, const struct capcert_ctclient_options *options,
			 capcert_ctclient **ret)
{
	static const struct capcert_ctclient_options defaults = { 0 };
	const struct capcert_ctclient_options *o = options ? options : &defaults;
	const struct http_limits limits = {
		.connect_timeout_ms = DEFAULT(o->connect_timeout_ms, 10000),
		.timeout_ms = DEFAULT(o->timeout_ms, 30000),
		.attempts = DEFAULT(o->attempts, 5),
		.max_wait_ms = DEFAULT(o->max_wait_ms, 60000),
		.insecure_http = o->insecure_http != 0,
	};
	capcert_ctclient *c;
	int r;

	if (!url_fits(log->facts.monitoring, limits.insecure_http) ||
	    (log->facts.submission && !url_fits(log->facts.submission, limits.insecure_http)))
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	r = http_new(&limits, o->ca_file, &c->http);
	if (r) {
		free(c);
		return r;
	}
	c->log = capcert_log_ref(log);
	c->facts = &c->log->facts;
	c->reads = c->facts->kind == LOG_STATIC_CT ? &reads_static_ct : &reads_rfc6962;
	c->stale_after = DEFAULT(o->stale_after, DEFAULT(c->facts->mmd, DAY));
	*ret = c;
	return 0;
}

void capcert_ctclient_free(capcert_ctclient *c)
{
	if (!c)
		return;
	http_free(c->http);
	capcert_log_free(c->log);
	free(c);
}

const struct capcert_ct_error *capcert_ctclient_error(const capcert_ctclient *c)
{
	return &c->error;
}

void capcert_ctclient_info(const capcert_ctclient *c, struct capcert_log_info *ret)
{
	capcert_log_get(c->log, ret);
}

/* ---- requests ---- */

static int run(capcert_ctclient *c, const char *url, const char *post, const char *type, size_t max,
	       struct http_answer *ret)
{
	static const uint32_t kinds[] = {
		[HTTP_UNREACHABLE] = CAPCERT_CT_UNREACHABLE,
		[HTTP_BUSY] = CAPCERT_CT_BACKLOG,
		[HTTP_REFUSED] = CAPCERT_CT_REFUSED,
		[HTTP_MALFORMED] = CAPCERT_CT_MALFORMED_ENTRY,
	};
	const struct http_request request = { url, post, type, max };
	enum http_trouble trouble = http_run(c->http, &request, ret);

	memset(&c->error, 0, sizeof(c->error));
	c->error.http = ret->status;
	if (trouble == HTTP_OK)
		return 0;
	if (trouble == HTTP_NO_MEMORY)
		return -ENOMEM;
	return client_fault(c, kinds[trouble], "%s", ret->detail);
}

static int run_below(capcert_ctclient *c, const char *base, const char *path, const char *post,
		     const char *type, size_t max, struct http_answer *ret)
{
	char url[URL_MAX];

	if ((size_t)snprintf(url, sizeof(url), "%s%s", base, path) >= sizeof(url))
		return -EINVAL;
	return run(c, url, post, type, max, ret);
}

int client_get(capcert_ctclient *c, const char *path, const char *type, size_t max,
	       struct http_answer *ret)
{
	return run_below(c, c->facts->monitoring, path, NULL, type, max, ret);
}

int client_post(capcert_ctclient *c, const char *path, const char *json, struct http_answer *ret)
{
	if (!c->facts->submission)
		return -EINVAL;
	return run_below(c, c->facts->submission, path, json, "application/json", MAX_SMALL, ret);
}

/* ---- heads ---- */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int check_age(capcert_ctclient *c, const struct capcert_sth *sth)
{
	uint64_t now = now_ms();

	if (sth->timestamp > now + SKEW_MS)
		return client_fault(c, CAPCERT_CT_MALFORMED_ENTRY,
				    "the head is of the future, by %llu s",
				    (unsigned long long)(sth->timestamp - now) / 1000);
	if (sth->timestamp + (uint64_t)c->stale_after * 1000 < now)
		return client_fault(c, CAPCERT_CT_STALE,
				    "the head is %llu s old, at most %u allowed",
				    (unsigned long long)(now - sth->timestamp) / 1000,
				    (unsigned int)c->stale_after);
	return 0;
}

/* The smaller tree begins the larger one, or the log has shown two that cannot both be its. */
static int check_pair(capcert_ctclient *c, const struct capcert_sth *small,
		      const struct capcert_sth *large)
{
	uint8_t proof[CAPCERT_CT_PROOF_MAX][32];
	size_t count = 0;
	int r = 0;

	if (small->tree_size && small->tree_size != large->tree_size)
		r = c->reads->consistency(c, small->tree_size, large->tree_size, proof, &count);
	if (r)
		return r;
	if (!capcert_ct_verify_consistency(small->tree_size, large->tree_size, small->root_hash,
					   large->root_hash, (const uint8_t(*)[32])proof, count))
		return 0;
	return client_fault(c, CAPCERT_CT_INCONSISTENT,
			    "its trees of %llu and %llu entries contradict each other",
			    (unsigned long long)small->tree_size,
			    (unsigned long long)large->tree_size);
}

/* @sth against the last one. Several servers stand behind a log: one may lag behind, with a head
 * that is smaller and older. A smaller head that is newer takes entries back. */
static int check_last(capcert_ctclient *c, const struct capcert_sth *sth)
{
	const struct capcert_sth *last = &c->last;
	int r;

	if (!c->have_last)
		return 0;
	if (sth->tree_size >= last->tree_size)
		return check_pair(c, last, sth);
	if (sth->timestamp > last->timestamp)
		return client_fault(
			c, CAPCERT_CT_INCONSISTENT, "its tree went back from %llu to %llu entries",
			(unsigned long long)last->tree_size, (unsigned long long)sth->tree_size);
	r = check_pair(c, sth, last);
	if (r)
		return r;
	return client_fault(
		c, CAPCERT_CT_STALE, "an older head of %llu entries, %llu are known already",
		(unsigned long long)sth->tree_size, (unsigned long long)last->tree_size);
}

int capcert_ctclient_head(capcert_ctclient *c, struct capcert_sth *ret)
{
	struct capcert_sth sth;
	int r = c->reads->head(c, &sth);

	if (!r)
		r = check_age(c, &sth);
	if (!r)
		r = check_last(c, &sth);
	if (r)
		return r;
	/* The same tree, signed earlier, is no step back worth remembering. */
	if (!c->have_last || sth.tree_size > c->last.tree_size || sth.timestamp > c->last.timestamp)
		c->last = sth;
	c->have_last = true;
	*ret = sth;
	return 0;
}

int capcert_ctclient_resume(capcert_ctclient *c, const struct capcert_sth *last)
{
	int r = capcert_sth_verify(c->log, last);

	if (r)
		return r;
	c->last = *last;
	c->have_last = true;
	return 0;
}

static int need_head(capcert_ctclient *c)
{
	struct capcert_sth sth;

	return c->have_last ? 0 : capcert_ctclient_head(c, &sth);
}

int capcert_ctclient_consistency(capcert_ctclient *c, uint64_t first, uint64_t second,
				 uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	int r = need_head(c);

	if (r)
		return r;
	if (first > second)
		return -EINVAL;
	if (second > c->last.tree_size)
		return -ERANGE;
	if (first == 0 || first == second) {
		*ret_count = 0;
		return 0;
	}
	return c->reads->consistency(c, first, second, ret, ret_count);
}

/* ---- entries ---- */

int capcert_ctclient_entries(capcert_ctclient *c, uint64_t start, uint64_t count,
			     capcert_ct_entries **ret)
{
	capcert_ct_entries *all;
	int r;

	if (!count || count > CAPCERT_CT_ENTRIES_MAX)
		return -EINVAL;
	r = need_head(c);
	if (r)
		return r;
	if (start > c->last.tree_size || count > c->last.tree_size - start)
		return -ERANGE;
	all = calloc(1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	while (!r && all->count < count) {
		size_t before = all->count;

		r = c->reads->entries(c, start + before, count - before, all);
		if (!r && all->count == before)
			r = client_fault(c, CAPCERT_CT_BACKLOG,
					 "no entry %llu, though its head covers it",
					 (unsigned long long)(start + before));
	}
	if (r) {
		capcert_ct_entries_free(all);
		return r;
	}
	*ret = all;
	return 0;
}
