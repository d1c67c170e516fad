/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a trust store of a process is made of. For anchors.c and anchor_put.c. */
#ifndef LIBCAPCERT_STORE_H
#define LIBCAPCERT_STORE_H

#include <pthread.h>
#include <stdatomic.h>
#include "core/bundle.h"
#include "libcapcert/anchors.h"

struct capcert_store {
	struct anchor *anchors; /* ascending by fingerprint */
	uint32_t count;
	uint32_t room;
	uint8_t *state; /* bytes that anchors made from a serialised state point into */
	/* The bundle that it came of, for deltas; "" and 0 for none, and after any other change. */
	char bundle_name[CC_BUNDLE_NAME_MAX + 1];
	uint64_t bundle_number;

	/* Built by the first reader after the last change. A store that changes has one user. */
	pthread_mutex_t lock;
	atomic_bool ready;
	uint32_t *buckets; /* position + 1, 0 = empty */
	uint32_t bucket_mask;
	uint8_t digest[32];
};

/** store_put_choice() - put one TrustAnchorChoice of a bundle for @purposes, of those that it states
 *  itself; what is there with the same fingerprint is replaced. Unlike capcert_store_put_anchor()
 *  it takes bare keys, which no path ends in. 0; -EBADMSG; -EMSGSIZE; -ENOMEM. */
int store_put_choice(capcert_store *store, struct cc_span choice, uint32_t purposes);

/** store_take_out() - false when there is no such anchor. */
bool store_take_out(capcert_store *store, const uint8_t fingerprint[32]);

/** store_copy() - all anchors with their limits into the empty @to. 0; -ENOMEM. */
int store_copy(const capcert_store *from, capcert_store *to);

/** anchor_release() - free what it owns. */
void anchor_release(struct anchor *anchor);

/**
 * anchor_from_choice() - a TrustAnchorChoice (RFC 5914) out of a state of the module. The key of a
 * CT log has no name there: it stands in no path, and counts in the digest.
 * Return: 0, -EBADMSG, -ENOMEM; in every case @a is for anchor_release().
 */
int anchor_from_choice(struct anchor *a, struct cc_span choice, uint32_t purposes);

#endif
