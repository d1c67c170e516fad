// SPDX-License-Identifier: LGPL-2.1-or-later
/* The staple of one certificate: asked for in time, verified, kept until it expires. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <capcert/stapler.h>
#include <capcert/x509_ext.h>
#include "core/crl.h"
#include "core/ocsp.h"
#include "libcapcert/policy.h"
#include "libcapcert/sig.h"
#include "libcapcert/staple_plan.h"
#include "libcapcert/x509.h"

#define MIN_WAIT 60
#define MAX_WAIT 3600
#define NEVER INT64_MAX
#define POLICY "profile=rfc5280;clock_skew=60s"

/* Whom it is about, and what is asked: immutable, shared with a refresh under way. */
struct subject {
	unsigned int refs; /* under the stapler's lock */
	capcert_chain *chain;
	uint8_t *request;
	size_t request_len;
	char *url, *get_url; /* NULL: nobody to ask */
};

/* A response that was verified; @der NULL: none. */
struct staple {
	uint8_t *der;
	size_t len;
	uint32_t status;
	bool hold; /* REVOKED: certificateHold */
	int64_t this_update, until;
};

struct capcert_stapler {
	struct capcert_stapler_options options;
	struct staple_limits limits;
	const capcert_policy *policy;
	capcert_policy *own_policy;
	char *url;
	pthread_mutex_t lock;
	/* Under it: */
	struct subject *subject;
	struct staple staple;
	bool asking;
	int64_t planned, due; /* at @planned it was planned for @due */
	uint32_t failures;
	int error;
	const char *why;
};

static int64_t clock_now(const capcert_stapler *s)
{
	return s->options.now ? s->options.now(s->options.ctx) : (int64_t)time(NULL);
}

static uint32_t random_of(const capcert_stapler *s)
{
	uint32_t random = 0;

	if (s->options.random)
		return s->options.random(s->options.ctx);
	/* Without random numbers all servers ask at once; no more than that. */
	return getrandom(&random, sizeof(random), GRND_NONBLOCK) == sizeof(random) ? random : 0;
}

static void subject_free(struct subject *subject)
{
	if (!subject || --subject->refs)
		return;
	capcert_chain_free(subject->chain);
	free(subject->request);
	free(subject->url);
	free(subject->get_url);
	free(subject);
}

int capcert_stapler_new(const struct capcert_stapler_options *options, capcert_stapler **ret)
{
	capcert_stapler *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return -ENOMEM;
	s->options = *options;
	s->limits.min_wait = options->min_wait ? options->min_wait : MIN_WAIT;
	s->limits.max_wait = options->max_wait ? options->max_wait : MAX_WAIT;
	s->due = NEVER;
	s->policy = options->policy;
	pthread_mutex_init(&s->lock, NULL);
	if (s->limits.min_wait > s->limits.max_wait)
		r = -EINVAL;
	if (r == 0 && options->url && !(s->url = strdup(options->url)))
		r = -ENOMEM;
	if (r == 0 && !s->policy) {
		r = capcert_policy_new(POLICY, &s->own_policy, NULL);
		s->policy = s->own_policy;
	}
	if (r < 0)
		capcert_stapler_free(s);
	else
		*ret = s;
	return r;
}

void capcert_stapler_free(capcert_stapler *s)
{
	if (!s)
		return;
	subject_free(s->subject);
	capcert_policy_free(s->own_policy);
	pthread_mutex_destroy(&s->lock);
	free(s->staple.der);
	free(s->url);
	free(s);
}

/* ---- the certificate ---- */

static bool is_http(struct capcert_bytes url)
{
	return url.len > 8 &&
	       (memcmp(url.data, "http://", 7) == 0 || memcmp(url.data, "https://", 8) == 0);
}

/* The first address of a responder. Return: 0 with *@ret perhaps NULL, -ENOMEM. */
static int responder_of(capcert_cert *cert, char **ret)
{
	static const uint8_t ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
	const struct capcert_cert_view *view;
	int r = capcert_cert_view_new(cert, &view);
	size_t i;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (i = 0; !*ret && r == 0 && i < view->access_count; i++) {
		const struct capcert_access *a = &view->access[i];

		if (a->method.len != sizeof(ocsp) ||
		    memcmp(a->method.data, ocsp, sizeof(ocsp)) != 0 ||
		    a->location.type != CAPCERT_GN_URI || !is_http(a->location.value))
			continue;
		*ret = strndup((const char *)a->location.value.data, a->location.value.len);
		if (!*ret)
			r = -ENOMEM;
	}
	capcert_cert_view_free(view);
	return r;
}

static int copy_chain(const capcert_chain *chain, capcert_chain **ret)
{
	int r = capcert_chain_new(ret);
	size_t i;

	for (i = 0; r == 0 && i < chain->count; i++)
		r = capcert_chain_push(*ret, chain->certs[i]);
	return r;
}

/* Its issuer by name and key: a request about anybody else's certificate would be of no use. */
static int signed_by_next(const capcert_chain *chain)
{
	struct sig_prepared signature;
	const struct cc_cert *leaf;
	int r;

	if (!chain || chain->count < 2)
		return -EINVAL;
	leaf = &chain->certs[0]->parsed;
	sig_prepare(leaf->scheme, leaf->tbs, leaf->signature, &signature);
	r = sig_check_prepared(&signature, &chain->certs[1]->parsed);
	return r == 1 ? 0 : r == -ENOMEM ? r : -EINVAL;
}

static int subject_new(const capcert_stapler *s, const capcert_chain *chain, struct subject **ret)
{
	struct subject *subject = calloc(1, sizeof(*subject));
	int r;

	if (!subject)
		return -ENOMEM;
	subject->refs = 1;
	r = copy_chain(chain, &subject->chain);
	if (r == 0)
		r = capcert_ocsp_request(chain->certs[0], chain->certs[1], 0, NULL, 0,
					 &subject->request, &subject->request_len);
	if (r == 0 && s->url)
		r = (subject->url = strdup(s->url)) ? 0 : -ENOMEM;
	else if (r == 0)
		r = responder_of(chain->certs[0], &subject->url);
	if (r == 0 && subject->url)
		r = capcert_ocsp_request_url(subject->url, subject->request, subject->request_len,
					     &subject->get_url);
	if (r < 0)
		subject_free(subject);
	else
		*ret = subject;
	return r;
}

static bool same_cert(const capcert_cert *a, const capcert_cert *b)
{
	return cc_span_equal(a->parsed.der, b->parsed.der);
}

static bool same_subject(const struct subject *a, const struct subject *b)
{
	return a && same_cert(a->chain->certs[0], b->chain->certs[0]) &&
	       same_cert(a->chain->certs[1], b->chain->certs[1]);
}

static void plan(capcert_stapler *s, int64_t now, int64_t due)
{
	s->planned = now;
	s->due = s->subject && s->subject->url && s->options.fetch ? due : NEVER;
}

int capcert_stapler_set_certificate(capcert_stapler *s, const capcert_chain *chain)
{
	struct subject *subject, *before;
	int r = signed_by_next(chain);

	if (r == 0)
		r = subject_new(s, chain, &subject);
	if (r < 0)
		return r;
	pthread_mutex_lock(&s->lock);
	before = s->subject;
	s->subject = subject;
	if (!same_subject(before, subject)) {
		int64_t now = clock_now(s);

		free(s->staple.der);
		s->staple = (struct staple){ 0 };
		s->failures = 0;
		s->error = 0;
		s->why = NULL;
		plan(s, now, now);
	}
	subject_free(before);
	pthread_mutex_unlock(&s->lock);
	return 0;
}

/* ---- answers ---- */

static const char *words(int r)
{
	switch (r) {
	case -ENOMEM:
		return "out of memory";
	case -EMSGSIZE:
		return "the answer is too large";
	case -EBADMSG:
		return "the answer is no OCSP response";
	default:
		return "the responder could not be asked, or did not answer";
	}
}

/* Does it count, and is it of use? Return: 0 with @ret filled but for its bytes; -errno, @ret_why. */
static int judge(const capcert_stapler *s, const struct subject *subject, const uint8_t *der,
		 size_t len, int64_t now, struct staple *ret, const char **ret_why)
{
	const capcert_chain *chain = subject->chain;
	struct capcert_ocsp_verdict v;
	int r = capcert_ocsp_check(s->policy, chain->certs[0], chain->certs[1], chain, der, len,
				   now, &v);

	*ret_why = words(r);
	if (r < 0)
		return r;
	*ret_why = v.why;
	if (!v.counts)
		return v.status == CAPCERT_OCSP_RESPONDER_UNREACHABLE ? -EAGAIN : -EKEYREJECTED;
	if (v.status == CAPCERT_OCSP_UNKNOWN) {
		*ret_why = "the responder does not know the certificate";
		return -ENOENT;
	}
	ret->status = v.status;
	ret->hold = v.reason == CC_CRL_REASON_HOLD;
	ret->this_update = v.this_update;
	ret->until = v.until;
	return 0;
}

/* An older word than ours may be a replay. A revocation is for good, whenever it was said, unless it
 * is a mere hold. */
static bool displaces(const struct staple *new, const struct staple *old)
{
	if (new->status == CAPCERT_OCSP_REVOKED && !new->hold)
		return true;
	if (old->status == CAPCERT_OCSP_REVOKED && new->status == CAPCERT_OCSP_GOOD)
		return old->hold && new->this_update > old->this_update;
	return new->this_update >= old->this_update;
}

/* Under the lock: what was judged of @subject becomes the staple. Takes @new->der on success. */
static int store(capcert_stapler *s, const struct subject *subject, const struct staple *new,
		 const char **ret_why)
{
	if (s->subject != subject && !same_subject(s->subject, subject)) {
		*ret_why = "the certificate was replaced meanwhile";
		return -ESTALE;
	}
	if (s->staple.der && !displaces(new, &s->staple)) {
		*ret_why = "the answer is older than the one that is there, or takes a revocation "
			   "back";
		return -ESTALE;
	}
	free(s->staple.der);
	s->staple = *new;
	*ret_why = NULL;
	return 0;
}

/* Under the lock. A put that is refused changes no plan. */
static void take(capcert_stapler *s, const struct subject *subject, int r, struct staple *new,
		 const char *why, bool asked, int64_t retry_after)
{
	int64_t now = clock_now(s);

	if (!same_subject(s->subject, subject))
		return; /* it is nobody's any more */
	s->error = r;
	s->why = why;
	if (r == 0) {
		s->failures = 0;
		plan(s, now,
		     staple_after_answer(&s->limits, new->this_update, new->until, now,
					 random_of(s)));
	} else if (asked) {
		if (s->failures < UINT32_MAX)
			s->failures++;
		plan(s, now,
		     staple_after_failure(&s->limits, s->failures, now, retry_after, random_of(s)));
	}
}

static int accept_answer(capcert_stapler *s, struct subject *subject, int r,
			 struct capcert_stapler_answer *answer, bool asked)
{
	struct staple new = { .der = answer->data, .len = answer->len };
	const char *why;

	if (r == 0 && !answer->data)
		r = -ENODATA;
	else if (r == 0 && answer->len > CC_OCSP_MAX)
		r = -EMSGSIZE;
	why = words(r);
	if (r == 0)
		r = judge(s, subject, answer->data, answer->len, clock_now(s), &new, &why);
	pthread_mutex_lock(&s->lock);
	if (r == 0)
		r = store(s, subject, &new, &why);
	if (r < 0)
		free(answer->data);
	take(s, subject, r, &new, why, asked, answer->retry_after);
	if (asked)
		s->asking = false;
	subject_free(subject);
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* One more reference, and nobody else asks meanwhile. */
static int begin(capcert_stapler *s, bool asking, struct subject **ret)
{
	int r = 0;

	pthread_mutex_lock(&s->lock);
	if (!s->subject || (asking && (!s->subject->url || !s->options.fetch)))
		r = -ENXIO;
	else if (asking && s->asking)
		r = -EALREADY;
	if (r == 0) {
		s->asking |= asking;
		s->subject->refs++;
		*ret = s->subject;
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

int capcert_stapler_refresh(capcert_stapler *s)
{
	struct capcert_stapler_request request = { .max_bytes = CC_OCSP_MAX };
	struct capcert_stapler_answer answer = { 0 };
	struct subject *subject;
	int r = begin(s, true, &subject);

	if (r < 0)
		return r;
	request.url = subject->url;
	request.get_url = subject->get_url;
	request.der = subject->request;
	request.len = subject->request_len;
	request.chain = subject->chain;
	r = s->options.fetch(s->options.ctx, &request, &answer);
	return accept_answer(s, subject, r, &answer, true);
}

int capcert_stapler_put(capcert_stapler *s, const uint8_t *der, size_t len)
{
	struct capcert_stapler_answer answer = { .len = len };
	struct subject *subject;
	int r = begin(s, false, &subject);

	if (r < 0)
		return r;
	answer.data = len > CC_OCSP_MAX ? NULL : malloc(len ? len : 1);
	if (!answer.data)
		r = len > CC_OCSP_MAX ? -EMSGSIZE : -ENOMEM;
	else if (len)
		memcpy(answer.data, der, len);
	return accept_answer(s, subject, r, &answer, false);
}

/* ---- looking ---- */

/* Under the lock. Not before its time either: then our clock has gone back. */
static bool in_force(const capcert_stapler *s, int64_t now)
{
	return s->staple.der && now <= s->staple.until &&
	       s->staple.this_update <= now + s->policy->policy.clock_skew;
}

static int64_t due(const capcert_stapler *s, int64_t now)
{
	if (s->due == NEVER)
		return NEVER;
	/* The clock went back: what was planned by it means nothing. */
	return now < s->planned ? now : s->due;
}

int64_t capcert_stapler_due(capcert_stapler *s)
{
	int64_t at;

	pthread_mutex_lock(&s->lock);
	at = due(s, clock_now(s));
	pthread_mutex_unlock(&s->lock);
	return at;
}

int capcert_stapler_current_response(capcert_stapler *s, uint8_t **ret, size_t *ret_len)
{
	uint8_t *copy = NULL;
	int r = 0;

	pthread_mutex_lock(&s->lock);
	if (!in_force(s, clock_now(s)))
		r = -ENODATA;
	else if (s->staple.status == CAPCERT_OCSP_REVOKED && s->options.withhold_revoked)
		r = -EKEYREVOKED;
	else if (!(copy = malloc(s->staple.len)))
		r = -ENOMEM;
	if (r == 0) {
		memcpy(copy, s->staple.der, s->staple.len);
		*ret = copy;
		*ret_len = s->staple.len;
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

void capcert_stapler_get(capcert_stapler *s, struct capcert_stapler_info *ret)
{
	int64_t now;

	pthread_mutex_lock(&s->lock);
	now = clock_now(s);
	*ret = (struct capcert_stapler_info){
		.due = due(s, now), .failures = s->failures, .error = s->error, .why = s->why
	};
	if (in_force(s, now)) {
		ret->have = 1;
		ret->status = s->staple.status;
		ret->this_update = s->staple.this_update;
		ret->until = s->staple.until;
	}
	pthread_mutex_unlock(&s->lock);
}
