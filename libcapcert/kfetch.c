// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a verification through the kernel misses, fetched by the status agent. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "libcapcert/device.h"
#include "libcapcert/kfetch.h"
#include "libcapcert/x509.h"

#define DEFAULT_MS 10000
#define FETCHED (CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL)

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void kfetch_begin(struct kfetch *f, int verifier_fd, int store_fd,
		  const struct capcert_params *params)
{
	*f = (struct kfetch){
		.verifier_fd = verifier_fd,
		.store_fd = store_fd,
		.chain = params->chain,
		.report = params->fetches,
		.deadline = now_ms() + (params->timeout_ms ? params->timeout_ms : DEFAULT_MS),
	};
}

/* Another verdict is not made better by knowing the status. */
static bool could_help(const struct capcert_outcome *outcome)
{
	return outcome->valid || outcome->reason == CAPCERT_REASON_OCSP_UNAVAILABLE;
}

static bool remember(struct kfetch *f, const struct capcert_path_entry *entry)
{
	for (uint32_t i = 0; i < f->asked_count; i++)
		if (memcmp(f->asked[i].subject, entry[0].fingerprint, 32) == 0 &&
		    memcmp(f->asked[i].issuer, entry[1].fingerprint, 32) == 0)
			return false;
	if (f->asked_count == CAPCERT_MAX_FETCHES)
		return false;
	memcpy(f->asked[f->asked_count].subject, entry[0].fingerprint, 32);
	memcpy(f->asked[f->asked_count].issuer, entry[1].fingerprint, 32);
	f->asked_count++;
	return true;
}

static void fill(struct capcert_fetched *out, const struct capcert_fetch *arg)
{
	out->type = arg->type;
	out->status = arg->status;
	out->how = arg->how;
	out->len = arg->len;
	out->fetched = arg->fetched;
	out->this_update = arg->this_update;
	out->until = arg->until;
	memcpy(out->digest, arg->digest, sizeof(out->digest));
	memcpy(out->detail, arg->detail, sizeof(out->detail));
}

static void report(const struct kfetch *f, uint32_t depth, const struct capcert_path_entry *entry,
		   const struct capcert_fetch *arg, int error)
{
	struct capcert_fetched *out;

	if (!f->report || f->report->count == CAPCERT_MAX_FETCHES)
		return;
	out = &f->report->item[f->report->count++];
	memset(out, 0, sizeof(*out));
	memcpy(out->subject, entry->fingerprint, sizeof(out->subject));
	out->depth = depth;
	out->error = error;
	if (error == 0)
		fill(out, arg);
}

/* @entry: the certificate's, and behind it its issuer's. */
static int fetch(const struct kfetch *f, const struct capcert_path_entry *entry,
		 struct capcert_blob *blobs, struct capcert_fetch *ret)
{
	const int64_t left = f->deadline - now_ms();
	const bool anchor = entry[1].source == CAPCERT_SOURCE_ANCHOR;

	if (left <= 0)
		return -ETIMEDOUT;
	*ret = (struct capcert_fetch){
		.size = sizeof(*ret),
		.store_fd = anchor ? f->store_fd : -1,
		.chain_count = (uint32_t)f->chain->count,
		.chain = (uint64_t)(uintptr_t)blobs,
		.subject = entry[0].index,
		.issuer = anchor ? CAPCERT_FETCH_ANCHOR : entry[1].index,
		.want = entry[0].missing & FETCHED,
		.timeout_ms = (uint32_t)left,
		.fd = -1,
	};
	if (anchor)
		memcpy(ret->anchor, entry[1].fingerprint, sizeof(ret->anchor));
	return handle_call(f->verifier_fd, CAPCERT_FETCH, ret);
}

static void add(struct kevidence *evidence, const struct capcert_fetch *arg)
{
	evidence->items[evidence->count++] = (struct capcert_evidence_item){
		.type = arg->type,
		.blob = { .fd = arg->fd },
	};
}

static void blobs_of(const capcert_chain *chain, struct capcert_blob *blobs)
{
	for (size_t i = 0; i < chain->count; i++) {
		struct cc_span der = chain->certs[i]->parsed.der;

		blobs[i] = (struct capcert_blob){ (uint64_t)(uintptr_t)der.p, (uint32_t)der.n, -1 };
	}
}

int kfetch_missing(struct kfetch *f, const struct capcert_result *result,
		   struct kevidence *evidence)
{
	struct capcert_blob blobs[CAPCERT_MAX_CHAIN];
	int added = 0;

	if (!could_help(&result->outcome))
		return 0;
	blobs_of(f->chain, blobs);
	for (uint32_t i = 0; i + 1 < result->path_count; i++) {
		const struct capcert_path_entry *entry = &result->path[i];
		struct capcert_fetch arg;
		int r;

		if (!(entry->missing & FETCHED) || entry->source != CAPCERT_SOURCE_CHAIN ||
		    evidence->count == CAPCERT_MAX_EVIDENCE || !remember(f, entry))
			continue;
		r = fetch(f, entry, blobs, &arg);
		report(f, i, entry, &arg, r);
		if (r == -EINTR)
			return r;
		if (r < 0)
			continue;
		add(evidence, &arg);
		added++;
	}
	return added;
}

int capcert_fetch_status(int verifier_fd, const capcert_chain *chain, uint32_t want,
			 uint32_t timeout_ms, struct capcert_fetched *ret, uint8_t **ret_data,
			 size_t *ret_len)
{
	struct capcert_blob blobs[CAPCERT_MAX_CHAIN];
	struct capcert_fetched out = { 0 };
	struct capcert_fetch arg;
	int r;

	if (chain->count < 2)
		return -EINVAL;
	blobs_of(chain, blobs);
	arg = (struct capcert_fetch){
		.size = sizeof(arg),
		.store_fd = -1,
		.chain_count = (uint32_t)chain->count,
		.chain = (uint64_t)(uintptr_t)blobs,
		.issuer = 1,
		.want = want,
		.timeout_ms = timeout_ms,
		.fd = -1,
	};
	r = handle_call(verifier_fd, CAPCERT_FETCH, &arg);
	if (r < 0)
		return r;
	*ret_data = NULL;
	*ret_len = 0;
	if (arg.type != CAPCERT_EVIDENCE_UNREACHABLE)
		r = capcert_read(arg.fd, CAPCERT_READ_EVIDENCE, 0, ret_data, ret_len);
	close(arg.fd);
	if (r < 0)
		return r;
	capcert_cert_fingerprint(chain->certs[0], CAPCERT_HASH_SHA256, out.subject);
	fill(&out, &arg);
	*ret = out;
	return 0;
}
