// SPDX-License-Identifier: GPL-2.0-only
/* The module's status agent: one job for each request. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/capcert_agent.h>
#include "helpers/common/log.h"
#include "helpers/common/request.h"
#include "helpers/statusd/serve.h"

#define WARNINGS_MOST 100
#define KINDS (CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL)

/* One request. The job borrows the certificates. */
struct call {
	struct call *next;
	uint64_t id;
	capcert_cert *cert;
	capcert_cert *issuer;
	capcert_chain *others;
	struct job *job;
};

struct reply {
	struct capcert_agent_reply head;
	struct capcert_agent_status status;
};

struct server {
	struct server_rules rules;
	int fd;
	struct asker *asker;
	struct call *calls;
	uint32_t count;
	uint32_t warnings;
	uint8_t *request;
	uint8_t *reply; /* of CAPCERT_AGENT_MAX_DATA behind its head */
};

struct server *server_new(const struct server_rules *rules, int fd, struct asker *asker)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->rules = *rules;
	s->fd = fd;
	s->asker = asker;
	s->request = malloc(rules->max_request);
	s->reply = malloc(sizeof(struct reply) + CAPCERT_AGENT_MAX_DATA);
	if (!s->request || !s->reply) {
		server_free(s);
		return NULL;
	}
	return s;
}

static void call_free(struct server *s, struct call *call)
{
	if (!call)
		return;
	job_free(call->job, s->asker);
	capcert_chain_free(call->others);
	capcert_cert_free(call->cert);
	capcert_cert_free(call->issuer);
	free(call);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	while (s->calls) {
		struct call *next = s->calls->next;

		call_free(s, s->calls);
		s->calls = next;
	}
	free(s->request);
	free(s->reply);
	free(s);
}

bool server_full(const struct server *s)
{
	return s->count >= SERVE_CALLS;
}

/* Never more than a bounded number of lines, whatever arrives. */
static void warn(struct server *s, const char *what, int error)
{
	if (s->warnings < WARNINGS_MOST)
		log_line(LOG_WARNING, "%s: %s", what, strerror(error));
	s->warnings++;
}

/* 0, or -errno when the device is gone. */
static int send_reply(struct server *s, const struct capcert_agent_reply *head)
{
	ssize_t n;

	do
		n = write(s->fd, head, head->size);
	while (n < 0 && errno == EINTR);
	if (n >= 0 || errno == ENOENT) /* nobody waits any more */
		return 0;
	if (errno == EPIPE || errno == ENODEV || errno == EBADF)
		return -errno;
	warn(s, "a reply was not taken", errno);
	return 0;
}

static int reply_error(struct server *s, uint64_t id, int error)
{
	const struct capcert_agent_reply head = {
		.size = sizeof(head),
		.id = id,
		.error = error,
		.reason = CAPCERT_REASON_INTERNAL,
	};

	warn(s, "no answer", -error);
	return send_reply(s, &head);
}

/* For people: what came from where, or why nothing did. Certificates name the addresses. */
static void describe(const struct job_result *result, char *ret, size_t size)
{
	const char *url = result->url ? result->url : "",
		   *why = result->found ? "" : result->verdict.why;

	snprintf(ret, size, "%.160s%s%.90s", url, *url && *why ? ": " : "", why);
	for (; *ret; ret++)
		if (*ret < ' ' || *ret > '~')
			*ret = '?';
}

static int reply_result(struct server *s, const struct call *call, int64_t now)
{
	const struct job_result *result = job_result(call->job);
	struct reply *reply = (struct reply *)s->reply;
	struct capcert_agent_status *status = &reply->status;
	size_t bytes = result->found && result->file < 0 ? result->len : 0;

	if (bytes > CAPCERT_AGENT_MAX_DATA - sizeof(*status))
		return reply_error(s, call->id, -EMSGSIZE);
	memset(reply, 0, sizeof(*reply));
	status->size = sizeof(*status);
	status->fd = -1;
	if (result->found) {
		status->type =
			result->kind == JUDGE_OCSP ? CAPCERT_EVIDENCE_OCSP : CAPCERT_EVIDENCE_CRL;
		status->flags = result->cached ? CAPCERT_AGENT_STATUS_KEPT : 0;
		status->status = result->verdict.status;
		status->fd = result->file;
		status->fetched = result->fetched;
		status->this_update = result->verdict.this_update;
		status->until = result->verdict.until;
		if (bytes)
			memcpy(reply + 1, result->data, bytes);
	} else {
		status->type = CAPCERT_EVIDENCE_UNREACHABLE;
		status->status = CAPCERT_OCSP_RESPONDER_UNREACHABLE;
		status->fetched = status->this_update = now;
		status->until = now + SERVE_RETRY;
	}
	reply->head.id = call->id;
	reply->head.valid = 1;
	reply->head.reason = CAPCERT_REASON_NONE;
	reply->head.data_len = (uint32_t)(sizeof(*status) + bytes);
	reply->head.size = (uint32_t)(sizeof(reply->head) + reply->head.data_len);
	describe(result, reply->head.detail, sizeof(reply->head.detail));
	return send_reply(s, &reply->head);
}

static int parse_certs(const struct agent_request *request, struct call *call)
{
	int r = capcert_cert_new(request->items[0].p, request->items[0].n, &call->cert, NULL);

	if (r == 0)
		r = capcert_cert_new(request->items[1].p, request->items[1].n, &call->issuer, NULL);
	if (r == 0)
		r = capcert_chain_new(&call->others);
	for (uint32_t i = 2; r == 0 && i < request->head.item_count; i++) {
		capcert_cert *other;

		/* One that cannot be read has signed nothing that could be believed. */
		if (capcert_cert_new(request->items[i].p, request->items[i].n, &other, NULL) < 0)
			continue;
		r = capcert_chain_push(call->others, other);
		capcert_cert_free(other);
	}
	return r;
}

static int call_new(struct server *s, const struct agent_request *request, struct call **ret)
{
	const struct capcert_agent_request *head = &request->head;
	struct job_rules rules = s->rules.job;
	struct call *call;
	int r;

	if (head->op != CAPCERT_AGENT_OP_STATUS || head->item_count < 2 || head->evidence_count ||
	    !head->purpose || head->purpose & ~KINDS || head->scheme > CAPCERT_NONCE_REQUIRE)
		return -EPROTO;
	call = calloc(1, sizeof(*call));
	if (!call)
		return -ENOMEM;
	call->id = head->id;
	rules.max_age = head->max_age;
	rules.nonce = head->scheme;
	rules.as_file = true;
	r = parse_certs(request, call);
	if (r == 0)
		r = job_new(&rules, call->cert, call->issuer, call->others,
			    head->purpose & CAPCERT_MISSING_OCSP,
			    head->purpose & CAPCERT_MISSING_CRL, false, &call->job);
	if (r < 0) {
		call_free(s, call);
		return r;
	}
	*ret = call;
	return 0;
}

static int take(struct server *s, size_t len)
{
	struct agent_request request;
	struct call *call;
	int r = agent_request_parse(s->request, len, &request);

	if (r < 0 && len < sizeof(request.head)) {
		warn(s, "a request could not be read", -r);
		return 0;
	}
	r = r < 0 ? -EPROTO : call_new(s, &request, &call);
	if (r < 0)
		return reply_error(s, request.head.id, r);
	call->next = s->calls;
	s->calls = call;
	s->count++;
	return 0;
}

static int take_all(struct server *s)
{
	int r = 0;

	while (r == 0 && !server_full(s)) {
		ssize_t n = read(s->fd, s->request, s->rules.max_request);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		r = n == 0 ? -EPIPE : take(s, (size_t)n);
	}
	return r;
}

int server_run(struct server *s, int64_t now)
{
	int r = take_all(s);

	for (struct call **at = &s->calls; r == 0 && *at;) {
		struct call *call = *at;

		if (!job_run(call->job, s->asker, now)) {
			at = &call->next;
			continue;
		}
		*at = call->next;
		s->count--;
		r = reply_result(s, call, now);
		call_free(s, call);
	}
	return r;
}
