/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a verification through the kernel misses, fetched by the status agent. */
#ifndef LIBCAPCERT_KFETCH_H
#define LIBCAPCERT_KFETCH_H

#include <capcert/verify.h>
#include "libcapcert/kevidence.h"

struct kfetch {
	int verifier_fd;
	int store_fd;
	const capcert_chain *chain;
	struct capcert_fetches *report; /* the caller's, or NULL */
	int64_t deadline;		/* monotonic, milliseconds */
	uint32_t asked_count;		/* what was asked for is not asked for again */
	struct {
		uint8_t subject[32];
		uint8_t issuer[32];
	} asked[CAPCERT_MAX_FETCHES];
};

/** kfetch_begin() - the time that @params gives begins to run. Chain and report are borrowed. */
void kfetch_begin(struct kfetch *f, int verifier_fd, int store_fd,
		  const struct capcert_params *params);

/**
 * kfetch_missing() - fetch what @result misses, where that could make a difference, and was not asked
 * for before; add it to @evidence.
 * Return: pieces added; 0: nothing more is to be had; -EINTR.
 */
int kfetch_missing(struct kfetch *f, const struct capcert_result *result,
		   struct kevidence *evidence);

#endif
