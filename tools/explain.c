// SPDX-License-Identifier: GPL-2.0-only
/* Asks the engine again, in this process, with a report. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/anchors.h"
#include "tools/explain.h"
#include "tools/file.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/ref.h"
#include "tools/text.h"

#define DEBIAN_ROOTS "/etc/ssl/certs/ca-certificates.crt"

/* The policy, but with a time of one's choice: canonical text has "time=now" on a line. */
static int policy_any_time(const char *text, capcert_policy **ret)
{
	capcert_policy *policy;
	const char *canonical, *at;
	char *changed;
	int r = capcert_policy_new(text, &policy, NULL);

	if (r)
		return r;
	canonical = capcert_policy_text(policy);
	at = strstr(canonical, "time=now");
	if (!at) {
		*ret = policy;
		return 0;
	}
	changed = words_format("%.*stime=any%s", (int)(at - canonical), canonical, at + 8);
	r = changed ? capcert_policy_new(changed, ret, NULL) : -ENOMEM;
	free(changed);
	capcert_policy_free(policy);
	return r;
}

static bool same_digest(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, CAPCERT_DIGEST_SIZE) == 0;
}

/* The kernel knows more than this process: the distrust list, and the store as it was then. */
static char *difference(const struct explanation *e)
{
	const struct capcert_outcome *k = &e->result->outcome, *l = &e->here.outcome;
	const char *why;

	if (k->valid == l->valid && k->reason == l->reason)
		return NULL;
	if (!same_digest(k->store_digest, l->store_digest))
		why = "the store has changed since the verdict";
	else if (k->reason == CAPCERT_REASON_DISTRUSTED)
		why = "the system's distrust list, which cannot be read from here, names a "
		      "certificate of the path";
	else if (k->reason == CAPCERT_REASON_CLOCK_UNTRUSTED ||
		 l->reason == CAPCERT_REASON_CLOCK_UNTRUSTED)
		why = "the clock was worth something else to the kernel";
	else
		why = "the distrust list cannot be read from here, or the policy has changed since";
	return words_format("the kernel says %s, this process %s: %s",
			    k->valid ? "valid" : capcert_reason_name(k->reason),
			    l->valid ? "valid" : capcert_reason_name(l->reason), why);
}

int explain_run(struct explanation *e)
{
	struct capcert_params params = e->params;
	capcert_store *store;
	int r;

	if (!e->source.store)
		return EXIT_DONE;
	r = policy_any_time(e->source.policy, &e->policy);
	if (r)
		return fail_errno(r, "cannot explain: the policy");
	r = e->source.store(e->source.ctx, 0, &store);
	if (r)
		return fail_errno(r, "cannot explain: the store");
	params.have_time = 1;
	params.time = e->result->outcome.time;
	r = capcert_verify_local_report(e->policy, store, e->source.distrust, &params, &e->here,
					&e->report);
	capcert_store_free(store);
	if (r)
		return fail_errno(r, "cannot explain");
	if (!e->local)
		e->remark = difference(e);
	if (!e->result->outcome.valid && !e->here.outcome.valid && e->report->path_count)
		explain_what_if(e);
	return EXIT_DONE;
}

static void free_beyond(struct beyond *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		capcert_cert_free(b->certs[i]);
	free(b->certs);
}

void explain_free(struct explanation *e)
{
	size_t i;

	for (i = 0; i < e->beyond_count; i++)
		free_beyond(&e->beyond[i]);
	for (i = 0; i < e->advice_count; i++) {
		free(e->advice[i].text);
		free(e->advice[i].anchor);
	}
	capcert_report_free(e->report);
	capcert_policy_free(e->policy);
	free(e->remark);
}

/* ---- the handles of a verdict of the kernel ---- */

/* A handle to read from: a key is opened again with what it grants, an inherited one is what it
 * is. */
static int open_to_read(const char *word, uint32_t kind, int *ret_fd)
{
	int r = ref_try(word, kind, CAPCERT_RIGHT_READ | CAPCERT_RIGHT_INFO, ret_fd);

	return r == -EACCES ? ref_try(word, kind, CAPCERT_RIGHT_READ, ret_fd) : r;
}

static int kernel_store(void *ctx, uint32_t purposes, capcert_store **ret)
{
	const struct explain_kernel *k = ctx;

	return capcert_store_from_handle(k->store_fd, ret);
}

static int read_policy(const char *verifier, char **ret)
{
	uint8_t *data;
	size_t len;
	int fd, r = open_to_read(verifier, CAPCERT_KIND_VERIFIER, &fd);

	if (r)
		return r;
	r = capcert_read(fd, CAPCERT_READ_POLICY, 0, &data, &len);
	close(fd);
	if (r)
		return r;
	*ret = words_format("%.*s", (int)len, (const char *)data);
	free(data);
	return *ret ? 0 : -ENOMEM;
}

/* INFO may be missing: then nobody knows whether this is a view. */
static int read_store(struct explanation *e, struct explain_kernel *k, const char *store)
{
	struct capcert_store *probe;
	struct capcert_info info;
	int r = open_to_read(store, CAPCERT_KIND_STORE, &k->store_fd);

	if (r)
		return r;
	if (!capcert_get_info(k->store_fd, &info)) {
		e->view = info.view;
		e->parent_id = info.parent_id;
	}
	r = capcert_store_from_handle(k->store_fd, &probe);
	if (!r)
		capcert_store_free(probe);
	return r;
}

void explain_kernel(struct explanation *e, struct explain_kernel *k, const char *store,
		    const char *verifier)
{
	const char *what = "store";
	int r;

	*k = (struct explain_kernel){ .store_fd = -1 };
	r = read_store(e, k, store);
	if (!r) {
		what = "verifier";
		r = read_policy(verifier, &k->policy);
	}
	if (r == -EACCES)
		e->remark = words_format("this is what the outcome tells; with the right READ on "
					 "the %s more could be said",
					 what);
	else if (r)
		e->remark =
			words_format("this is what the outcome tells; the %s cannot be read: %s",
				     what, capcert_strerror(r));
	if (r)
		return;
	e->source = (struct explain_source){
		.store = kernel_store, .ctx = k, .policy = k->policy, .own_purposes = true
	};
}

void explain_kernel_end(struct explain_kernel *k)
{
	if (k->store_fd >= 0)
		close(k->store_fd);
	free(k->policy);
}

/* ---- what else there is to trust ---- */

static bool is_store(const char *word)
{
	uint64_t number;

	return !strncmp(word, "fd:", 3) || !strncmp(word, "system:", 7) ||
	       ref_kind(word) == CAPCERT_KIND_STORE || text_number(word, INT32_MAX, &number);
}

static int beyond_store(const char *word, struct beyond *b)
{
	struct capcert_info info;
	struct anchors anchors;
	size_t i;
	int fd, r = ref_open(word, CAPCERT_KIND_STORE, CAPCERT_RIGHT_READ | CAPCERT_RIGHT_INFO,
			     &fd);

	if (r)
		return r;
	if (!capcert_get_info(fd, &info))
		b->id = info.id;
	r = anchors_read(fd, word, &anchors);
	close(fd);
	if (r)
		return r;
	b->certs = calloc(anchors.count + 1, sizeof(*b->certs));
	for (i = 0; b->certs && i < anchors.count; i++)
		if (anchors.certs[i])
			b->certs[b->count++] = capcert_cert_ref(anchors.certs[i]);
	anchors_free(&anchors);
	return b->certs ? EXIT_DONE : fail(EXIT_TROUBLE, "out of memory");
}

static int beyond_file(const char *word, struct beyond *b)
{
	struct cert_list list = { 0 };
	int r = certs_load(word, &list);

	if (r)
		certs_free(&list);
	b->certs = r ? NULL : list.certs;
	b->count = r ? 0 : list.count;
	return r;
}

int explain_beyond(struct explanation *e, const char *word)
{
	struct beyond *b = &e->beyond[e->beyond_count];
	int r;

	if (e->beyond_count == EXPLAIN_BEYOND)
		return fail(EXIT_USAGE, "--beyond at most %d times", EXPLAIN_BEYOND);
	memset(b, 0, sizeof(*b));
	b->word = word;
	r = is_store(word) ? beyond_store(word, b) : beyond_file(word, b);
	e->beyond_count += !r;
	return r;
}

void explain_beyond_default(struct explanation *e)
{
	if (access(DEBIAN_ROOTS, R_OK) == 0)
		explain_beyond(e, DEBIAN_ROOTS);
}

/* ---- paths, from the report or from the outcome alone ---- */

/* Without a report there is one path: the one that the outcome tells. */
uint32_t explain_path_count(const struct explanation *e)
{
	return e->report ? e->report->path_count : e->result->path_count > 0;
}

static uint32_t outcome_steps(const struct explanation *e,
			      struct explain_step steps[CAPCERT_MAX_PATH])
{
	const struct capcert_result *r = e->result;
	uint32_t i, n = r->path_count < CAPCERT_MAX_PATH ? r->path_count : CAPCERT_MAX_PATH;

	for (i = 0; i < n; i++) {
		const struct capcert_path_entry *entry = &r->path[i];
		struct explain_step *s = &steps[i];

		*s = (struct explain_step){ .number = CAPCERT_REPORT_NO_CERT,
					    .source = entry->source,
					    .index = entry->index,
					    .link = i + 1 < n ? CAPCERT_LINK_UNCHECKED
							      : CAPCERT_LINK_NONE,
					    .reason = entry->reason,
					    .text = entry->reason == CAPCERT_REASON_NONE
							    ? NULL
							    : capcert_reason_name(entry->reason) };
		if (entry->source == CAPCERT_SOURCE_CHAIN &&
		    entry->index < capcert_chain_count(e->params.chain))
			s->cert = capcert_chain_at(e->params.chain, entry->index);
	}
	return n;
}

bool explain_cross_signed(const struct capcert_report_cert *a, const struct capcert_report_cert *b)
{
	size_t a_len, b_len;
	const uint8_t *a_key = a->cert ? capcert_cert_spki(a->cert, &a_len) : NULL;
	const uint8_t *b_key = b->cert ? capcert_cert_spki(b->cert, &b_len) : NULL;

	return a_key && b_key && a_len == b_len && !memcmp(a_key, b_key, a_len) &&
	       !strcmp(a->subject, b->subject) && strcmp(a->issuer, b->issuer);
}

uint32_t explain_steps(const struct explanation *e, uint32_t at,
		       struct explain_step steps[CAPCERT_MAX_PATH])
{
	const struct capcert_report_path *p;
	uint32_t i;

	if (!e->report)
		return outcome_steps(e, steps);
	p = &e->report->paths[at];
	for (i = 0; i < p->count; i++) {
		const struct capcert_report_step *from = &p->steps[i];
		const struct capcert_report_cert *c = &e->report->certs[from->cert];

		steps[i] = (struct explain_step){ c->cert,    c->subject,  c->issuer,  from->cert,
						  c->source,  c->index,	   from->link, from->reason,
						  from->text, from->detail };
	}
	return p->count;
}
