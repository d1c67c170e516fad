/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers of the status agent: one question for all who wait, the answer for who comes later. */
#ifndef KMOD_FETCHED_H
#define KMOD_FETCHED_H

#include <linux/capcert.h>
#include <linux/types.h>

#include "kmod/evidence.h"

#define CC_FETCHED_ENTRIES	1024
#define CC_FETCHED_BYTES	(128u << 20)	/* of the evidence that answers hold */
#define CC_FETCHED_KEEP		3600		/* seconds until the agent is asked once more */
#define CC_FETCHED_KEEP_FAILURE	60		/* the same after nobody answered, at most */

struct cc_fetched;

struct cc_fetch_answer {
	struct cc_evidence *evidence;	/* counted */
	u32 status;			/* CAPCERT_OCSP_* */
	u32 how;			/* CAPCERT_FETCHED_* */
	s64 fetched;			/* seconds since the epoch, as all of them */
	s64 this_update;
	s64 until;
	char detail[sizeof_field(struct capcert_fetch, detail)];
};

/**
 * cc_fetched_enter() - the entry of a question, made when there is none.
 * Return: it, for cc_fetched_leave(); ERR_PTR: -EBUSY too many questions are under way, -ENOMEM.
 */
struct cc_fetched *cc_fetched_enter(const u8 key[32]);
void cc_fetched_leave(struct cc_fetched *entry);

/**
 * cc_fetched_turn() - wait for an answer that counts, or for one's turn to ask.
 * @deadline: in jiffies.
 * Return: 0 with @ret filled and a reference to its evidence; 1: the caller asks, and says with
 * cc_fetched_done() what came of it; the error of who asked, which is everybody's; -ETIMEDOUT;
 * -EINTR on a fatal signal.
 */
int cc_fetched_turn(struct cc_fetched *entry, unsigned long deadline, struct cc_fetch_answer *ret);

/**
 * cc_fetched_done() - the turn is over.
 * @error: 0 with @answer, whose reference is taken over. An answer that is not as new as the one
 * that is there, or none, does not displace one that still counts: @answer becomes that one
 * then, with a reference for the caller in every case.
 */
void cc_fetched_done(struct cc_fetched *entry, int error, struct cc_fetch_answer *answer);

/** cc_fetched_drop() - forget answers whose evidence is charged to @uid. */
void cc_fetched_drop(kuid_t uid);

/* struct cc_fetched_mark - that the answer to a question has not changed. */
struct cc_fetched_mark {
	u32 slot;
	u32 value;
};

/**
 * cc_fetched_current() - is @evidence what FETCH answers now to the question with this key? That
 * nobody could be asked is no such answer.
 * @ret_from, @ret_until: seconds from when until when it is.
 */
bool cc_fetched_current(const u8 key[32], const struct cc_evidence *evidence,
			struct cc_fetched_mark *ret_mark, s64 *ret_from, s64 *ret_until);

/** cc_fetched_unchanged() - no other answer came since, and that one is kept. Takes no lock. */
bool cc_fetched_unchanged(const struct cc_fetched_mark *mark);

struct cc_fetched_stats {
	u64 entries;
	u64 hits;
};

void cc_fetched_stats(struct cc_fetched_stats *ret);

void cc_fetched_exit(void);

#endif
