/* SPDX-License-Identifier: GPL-2.0-only */
/* Outcome cache: verdicts by everything they depend on. */
#ifndef KMOD_CACHE_H
#define KMOD_CACHE_H

#include <linux/capcert.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "kmod/fetched.h"

/**
 * struct cc_cache_key - everything a verdict depends on besides the time.
 *
 * Whole keys are compared, not digests of them. The fields before @name have no holes; of @name
 * @name_len bytes count.
 */
struct cc_cache_key {
	u8 chain[32];
	u8 policy[32];
	u8 store[32];
	u8 pins[32];		/* of the pin set; zero = none */
	u8 evidence[32];	/* the same */
	u8 logs[32];		/* of the list of CT logs, where SCTs matter; the same */
	s64 logs_created;	/* which its digest does not cover */
	u64 generation;		/* of the distrust list */
	u32 purpose;
	u32 clock;		/* provenance, where the policy demands one; else 0 */
	u32 name_type;
	u32 settled;		/* 1: by what was fetched, see struct cc_settled */
	u32 name_len;
	u8 name[CAPCERT_MAX_NAME];
};

/** struct cc_verdict - what an agent found, checked; a pure function of the cache key and time. */
struct cc_verdict {
	u32 valid;
	s32 reason;
	u32 depth;
	u32 sct_count;
	u32 ocsp_status;
	u32 path_count;
	u32 flags;		/* CAPCERT_OUTCOME_PIN* */
	s64 valid_from;
	s64 valid_until;
	s64 chain_not_after;
	u8 leaf[32];		/* SHA-256 of the chain's first certificate */
	char detail[256];
	struct capcert_path_entry path[];	/* @path_count */
};

#define CC_SETTLED_MOST 8	/* answers that a verdict may rest on */

/*
 * struct cc_settled - that fetched answers were the evidence of a verdict: it counts from @from
 * until @until, while they are what FETCH would answer.
 */
struct cc_settled {
	u8 evidence[32];	/* digest of all of it */
	s64 from;
	s64 until;
	u32 count;
	struct cc_fetched_mark mark[CC_SETTLED_MOST];
};

struct cc_cache_stats {
	u64 entries;
	u64 hits;
	u64 misses;
};

/**
 * cc_cache_find() - the verdict for @key whose interval covers @time.
 *
 * Call and use the answer inside rcu_read_lock(). Takes no lock, allocates nothing.
 */
const struct cc_verdict *cc_cache_find(const struct cc_cache_key *key, s64 time);

/** cc_cache_peek() - the same, and nobody used it: not counted. */
const struct cc_verdict *cc_cache_peek(const struct cc_cache_key *key, s64 time);

/** cc_cache_settled() - the same of a key that is settled. A hit counts; a miss is none, because
 *  the key that is not settled is asked for then. *@ret: inside rcu_read_lock() as well. */
const struct cc_verdict *cc_cache_settled(const struct cc_cache_key *key, s64 time,
					  const struct cc_settled **ret);

/** cc_cache_add() - keep a copy; on no memory or quota nothing is kept, and nobody is told.
 *  @settled: of a key that is; else NULL. */
void cc_cache_add(const struct cc_cache_key *key, const struct cc_verdict *verdict,
		  const struct cc_settled *settled, kuid_t uid);

/** cc_cache_flush() - forget everything; entries disappear after a grace period. */
void cc_cache_flush(void);

void cc_cache_stats(struct cc_cache_stats *ret);

int cc_cache_init(void);
void cc_cache_exit(void);

#endif
