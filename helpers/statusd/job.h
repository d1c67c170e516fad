/* SPDX-License-Identifier: GPL-2.0-only */
/* One certificate whose status somebody wants to know: which addresses it names, asked in which order,
 * until one of them has said something that holds. */
#ifndef HELPERS_STATUSD_JOB_H
#define HELPERS_STATUSD_JOB_H

#include "helpers/statusd/ask.h"
#include "helpers/statusd/judge.h"

#define JOB_TARGETS 16 /* addresses of one certificate that are looked at */

struct job_rules {
	uint32_t timeout_ms;  /* of one fetch */
	size_t max_ocsp;      /* bytes */
	size_t max_crl;
	uint32_t max_age;     /* seconds, as judge_new() */
	uint32_t nonce;	      /* CAPCERT_NONCE_*, of OCSP requests */
	bool as_file;	      /* lists as sealed files */
};

/** What came out; @data belongs to the job. */
struct job_result {
	bool found;
	bool cached;	      /* nothing was fetched for it */
	enum judge_kind kind;
	const uint8_t *data;  /* NULL: @file has it */
	size_t len;
	int file;	      /* a list asked for as a file, the job's; else -1 */
	int64_t fetched;
	const char *url;      /* it came from there; not found: the last that was tried, or NULL */
	struct judge_verdict verdict; /* not found: why, what the last address came to */
};

struct job;

/**
 * job_new() - @cert, @issuer and @others (certificates that may have signed evidence, or NULL) outlive the
 * job. @ocsp, @crl: which kinds are wanted; OCSP is asked first.
 * Return: 0, -ENOMEM.
 */
int job_new(const struct job_rules *rules, capcert_cert *cert, capcert_cert *issuer,
	    const capcert_chain *others, bool ocsp, bool crl, bool fresh, struct job **ret);
void job_free(struct job *job, struct asker *asker);

/** job_run() - ask what can be asked now. Call again after fetcher_step() until it is over.
 *  Return: true when it is over. */
bool job_run(struct job *job, struct asker *asker, int64_t now);

const struct job_result *job_result(const struct job *job);

#endif
