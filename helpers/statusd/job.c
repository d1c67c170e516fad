// SPDX-License-Identifier: GPL-2.0-only
/* The addresses of a certificate, one after the other. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include <linux/capcert_agent.h>
#include <capcert/ocsp.h>
#include <capcert/x509_ext.h>
#include "helpers/statusd/job.h"
#include "helpers/statusd/sealed.h"

#define GET_MOST 255 /* octets of a URL that may be sent by GET, RFC 5019 section 5 */

struct target {
	enum judge_kind kind;
	char url[FETCH_URL_MAX + 1];
};

struct job {
	struct job_rules rules;
	struct judge_subject subject;
	uint8_t issuer_key[32]; /* SHA-256 of its SubjectPublicKeyInfo */
	uint8_t *request;	/* OCSPRequest without a nonce, NULL when OCSP is not wanted */
	size_t request_len;
	uint8_t *sent; /* the same with @nonce, NULL without one */
	size_t sent_len;
	uint8_t nonce[ASK_NONCE];
	bool fresh;
	bool waiting;
	bool over;
	bool judged; /* what came last was, by this job, */
	bool held;   /* and it holds: the verdict is about it */
	uint32_t at;
	uint32_t count;
	int64_t now;
	uint8_t *data;
	struct job_result result;
	struct target targets[JOB_TARGETS];
};

static bool is_ocsp(struct capcert_bytes method)
{
	static const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };

	return method.len == sizeof(oid) && memcmp(method.data, oid, sizeof(oid)) == 0;
}

static void add_target(struct job *job, enum judge_kind kind,
		       const struct capcert_general_name *name)
{
	struct target *target = &job->targets[job->count];
	size_t n = name->value.len;

	if (name->type != CAPCERT_GN_URI || n > FETCH_URL_MAX || job->count == JOB_TARGETS ||
	    memchr(name->value.data, 0, n))
		return;
	if (n < 5 || strncasecmp((const char *)name->value.data, "http", 4) != 0)
		return; /* ldap and the like */
	target->kind = kind;
	memcpy(target->url, name->value.data, n);
	target->url[n] = '\0';
	job->count++;
}

static int find_targets(struct job *job, capcert_cert *cert, bool ocsp, bool crl)
{
	const struct capcert_cert_view *view;
	int r = capcert_cert_view_new(cert, &view);

	if (r < 0)
		return r;
	for (size_t i = 0; ocsp && i < view->access_count; i++)
		if (is_ocsp(view->access[i].method))
			add_target(job, JUDGE_OCSP, &view->access[i].location);
	for (size_t i = 0; crl && i < view->crl_count; i++)
		add_target(job, JUDGE_CRL, &view->crls[i]);
	capcert_cert_view_free(view);
	return 0;
}

/* What is asked, and once more to be sent where it has a nonce: of 32 octets, as RFC 8954 allows and RFC 9654
 * wants, so that nobody is asked for what he may refuse. */
static int make_requests(struct job *job, capcert_cert *cert, capcert_cert *issuer)
{
	int r = capcert_ocsp_request(cert, issuer, 0, NULL, 0, &job->request, &job->request_len);

	if (r < 0 || job->rules.nonce == CAPCERT_NONCE_OFF)
		return r;
	if (getrandom(job->nonce, ASK_NONCE, 0) != ASK_NONCE)
		return -EIO;
	return capcert_ocsp_request(cert, issuer, 0, job->nonce, ASK_NONCE, &job->sent,
				    &job->sent_len);
}

int job_new(const struct job_rules *rules, capcert_cert *cert, capcert_cert *issuer,
	    const capcert_chain *others, bool ocsp, bool crl, bool fresh, struct job **ret)
{
	struct job *job = calloc(1, sizeof(*job));
	int r;

	if (!job)
		return -ENOMEM;
	job->rules = *rules;
	job->fresh = fresh;
	job->result.file = -1;
	r = judge_new(cert, issuer, others, rules->max_age, &job->subject);
	if (r == 0 && ocsp)
		r = make_requests(job, cert, issuer);
	if (r == 0)
		r = find_targets(job, cert, ocsp, crl);
	if (r < 0) {
		job_free(job, NULL);
		return r;
	}
	capcert_cert_spki_hash(issuer, CAPCERT_HASH_SHA256, job->issuer_key);
	snprintf(job->result.verdict.why, sizeof(job->result.verdict.why),
		 "the certificate names no address for it");
	*ret = job;
	return 0;
}

void job_free(struct job *job, struct asker *asker)
{
	if (!job)
		return;
	if (asker)
		asker_forget(asker, job);
	judge_free(&job->subject);
	if (job->result.file >= 0)
		close(job->result.file);
	free(job->request);
	free(job->sent);
	free(job->data);
	free(job);
}

/* The question is the URL, what is asked there, and whose signature counts; not the nonce, but whether one
 * counts. */
static void question_key(const struct job *job, const struct target *target, uint8_t ret[ASK_KEY])
{
	static const char *const kinds[] = { "ocsp", "ocsp nonce", "ocsp nonce!" };
	const char *kind = target->kind == JUDGE_OCSP ? kinds[job->rules.nonce] : "crl";
	size_t m = target->kind == JUDGE_OCSP ? job->request_len : 0;
	size_t n = strlen(target->url) + 1, k = strlen(kind) + 1;
	uint8_t bytes[8 + 32 + FETCH_URL_MAX + 1 + 2048];

	memset(ret, 0, ASK_KEY);
	if (k + 32 + n + m > sizeof(bytes))
		return; /* no request is that long */
	memcpy(bytes, kind, k);
	memcpy(bytes + k, job->issuer_key, 32);
	memcpy(bytes + k + 32, target->url, n);
	if (m)
		memcpy(bytes + k + 32 + n, job->request, m);
	capcert_hash(CAPCERT_HASH_SHA256, bytes, k + 32 + n + m, ret);
}

static int judge(struct job *job, const uint8_t *data, size_t len, int64_t now)
{
	return judge_evidence(&job->subject, job->targets[job->at].kind, data, len, now,
			      &job->result.verdict);
}

/* Is it the answer to what was sent, not to what somebody asked before? */
static int check_nonce(const struct job *job, const uint8_t *data, size_t len,
		       const uint8_t nonce[ASK_NONCE])
{
	struct capcert_ocsp_info info;
	capcert_ocsp *ocsp;
	bool good;
	int r;

	if (job->rules.nonce == CAPCERT_NONCE_OFF || job->targets[job->at].kind != JUDGE_OCSP)
		return 0;
	r = capcert_ocsp_new(data, len, &ocsp, NULL);
	if (r < 0)
		return r;
	capcert_ocsp_get(ocsp, &info);
	good = info.nonce.len == 0 ? job->rules.nonce == CAPCERT_NONCE_ASK
				   : info.nonce.len == ASK_NONCE &&
					     memcmp(info.nonce.data, nonce, ASK_NONCE) == 0;
	capcert_ocsp_free(ocsp);
	return good ? 0 : -EBADMSG;
}

static int verify(void *ctx, const uint8_t *data, size_t len, const uint8_t nonce[ASK_NONCE],
		  int64_t now, struct ask_span *ret)
{
	struct job *job = ctx;
	int r = judge(job, data, len, now);

	job->judged = true;
	if (r == 0) {
		r = check_nonce(job, data, len, nonce);
		if (r < 0)
			snprintf(job->result.verdict.why, sizeof(job->result.verdict.why),
				 "the response does not have the nonce of the request");
	}
	job->held = r == 0;
	*ret = (struct ask_span){ job->result.verdict.this_update, job->result.verdict.until };
	return r;
}

/* What others asked for has been verified for them: what does it say of this certificate? */
static int judge_again(struct job *job, const struct ask_answer *answer)
{
	const uint8_t *data = answer->data;
	size_t len = answer->len;
	int r = 0;

	if (job->held && !answer->cached)
		return 0;
	if (!data)
		r = sealed_map(answer->file, &data, &len);
	if (r < 0)
		return r;
	r = judge(job, data, len, job->now);
	if (!answer->data)
		munmap((void *)(uintptr_t)data, len);
	return r;
}

static int keep(struct job *job, const struct ask_answer *answer)
{
	struct job_result *result = &job->result;

	if (answer->file >= 0) {
		result->file = fcntl(answer->file, F_DUPFD_CLOEXEC, 0);
		return result->file < 0 ? -errno : 0;
	}
	job->data = malloc(answer->len ? answer->len : 1);
	if (!job->data)
		return -ENOMEM;
	memcpy(job->data, answer->data, answer->len);
	result->data = job->data;
	return 0;
}

static void found(struct job *job, const struct ask_answer *answer)
{
	struct job_result *result = &job->result;
	int r = judge_again(job, answer);

	if (r == -EBADMSG) {
		job->at++;
		return;
	}
	job->over = true;
	if (r == 0)
		r = keep(job, answer);
	if (r < 0) {
		snprintf(result->verdict.why, sizeof(result->verdict.why), "%s", strerror(-r));
		return;
	}
	result->found = true;
	result->cached = answer->cached;
	result->kind = job->targets[job->at].kind;
	result->len = answer->len;
	result->fetched = answer->fetched;
}

static void done(void *ctx, const struct ask_answer *answer)
{
	struct job *job = ctx;
	struct judge_verdict *verdict = &job->result.verdict;

	job->waiting = false;
	job->result.url = job->targets[job->at].url;
	if (answer->end == ASK_ANSWERED) {
		found(job, answer);
		return;
	}
	if (answer->end == ASK_FETCH)
		snprintf(verdict->why, sizeof(verdict->why), "%s", fetch_end_text(answer->fetch));
	else if (answer->end != ASK_REFUSED || !job->judged)
		snprintf(verdict->why, sizeof(verdict->why), "%s", ask_end_text(answer->end));
	job->at++;
}

static void ask_one(struct job *job, struct asker *asker, int64_t now)
{
	const struct target *target = &job->targets[job->at];
	bool ocsp = target->kind == JUDGE_OCSP;
	char *url = NULL;
	bool get =
		ocsp && !job->sent &&
		capcert_ocsp_request_url(target->url, job->request, job->request_len, &url) == 0 &&
		strlen(url) <= GET_MOST;
	struct ask_question question = {
		.fetch = {
			.url = get ? url : target->url,
			.max_bytes = ocsp ? job->rules.max_ocsp : job->rules.max_crl,
			.timeout_ms = job->rules.timeout_ms,
			.accept = ocsp ? "application/ocsp-response" : "application/pkix-crl",
		},
		.on_disk = !ocsp,
		.as_file = !ocsp && job->rules.as_file,
		.fresh = job->fresh,
		.verify = verify,
		.done = done,
		.ctx = job,
	};

	if (ocsp && !get) {
		question.fetch.body = job->sent ? job->sent : job->request;
		question.fetch.body_len = job->sent ? job->sent_len : job->request_len;
		question.fetch.content_type = "application/ocsp-request";
	}
	memcpy(question.nonce, job->nonce, ASK_NONCE);
	question_key(job, target, question.key);
	job->judged = job->held = false;
	job->now = now;
	job->waiting = true;
	asker_ask(asker, &question, now);
	free(url);
}

bool job_run(struct job *job, struct asker *asker, int64_t now)
{
	job->now = now;
	while (!job->over && !job->waiting && job->at < job->count)
		ask_one(job, asker, now);
	if (!job->waiting && job->at >= job->count)
		job->over = true;
	return job->over;
}

const struct job_result *job_result(const struct job *job)
{
	return &job->result;
}
