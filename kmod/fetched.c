// SPDX-License-Identifier: GPL-2.0-only
/* Answers of the status agent: one question for all who wait, the answer for who comes later. */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "kmod/clock.h"
#include "kmod/fetched.h"

/* All of it under fetched_lock, but for @wait. */
struct cc_fetched {
	struct hlist_node node;
	struct list_head used;		/* most recently first */
	u8 key[32];
	u32 users;			/* calls that hold a pointer */
	u32 round;			/* answers and errors so far */
	bool asking;			/* somebody's turn */
	int error;			/* of the last round, where it is everybody's */
	s64 asked;			/* when the answer was last confirmed */
	s64 again;			/* from this second on it is asked once more */
	struct cc_fetch_answer answer;	/* no evidence: none */
	wait_queue_head_t wait;
};

static DEFINE_SPINLOCK(fetched_lock);
static DEFINE_HASHTABLE(fetched_table, 8);
static LIST_HEAD(fetched_used);
static u32 fetched_count;
static u64 fetched_bytes;
static atomic64_t fetched_hits = ATOMIC64_INIT(0);

/* Moved on when an answer comes, changes or goes, by the question's key; written under the lock. */
static u32 fetched_marks[1024];

static u32 fetched_hash(const u8 key[32])
{
	u32 hash;

	memcpy(&hash, key, sizeof(hash));
	return hash;
}

static u32 *fetched_mark(const u8 key[32])
{
	return &fetched_marks[fetched_hash(key) % ARRAY_SIZE(fetched_marks)];
}

/* Under the lock. */
static void fetched_moved(const struct cc_fetched *entry)
{
	u32 *mark = fetched_mark(entry->key);

	WRITE_ONCE(*mark, *mark + 1);
}

static void fetched_hold(struct cc_evidence *evidence)
{
	if (!evidence->kept++)
		fetched_bytes += evidence->len;
}

/* Under the lock. Return: the reference, to be put without it. */
static struct cc_evidence *fetched_release(struct cc_fetched *entry)
{
	struct cc_evidence *evidence = entry->answer.evidence;

	entry->answer.evidence = NULL;
	if (evidence && !--evidence->kept)
		fetched_bytes -= evidence->len;
	return evidence;
}

/* Under the lock: off the table, with its evidence; fetched_free() it without. */
static void fetched_unlink(struct cc_fetched *entry, struct list_head *gone)
{
	fetched_moved(entry);
	hash_del(&entry->node);
	list_move(&entry->used, gone);
	fetched_count--;
	if (entry->answer.evidence && !--entry->answer.evidence->kept)
		fetched_bytes -= entry->answer.evidence->len;
}

static void fetched_free(struct list_head *gone)
{
	struct cc_fetched *entry, *next;

	list_for_each_entry_safe(entry, next, gone, used) {
		if (entry->answer.evidence)
			cc_object_put(&entry->answer.evidence->base);
		kfree(entry);
	}
}

/* Under the lock: the least recently used that nobody looks at, until there is room. */
static bool fetched_room(u32 entries, struct list_head *gone)
{
	struct cc_fetched *entry, *newer;

	list_for_each_entry_safe_reverse(entry, newer, &fetched_used, used) {
		if (fetched_count + entries <= CC_FETCHED_ENTRIES &&
		    fetched_bytes <= CC_FETCHED_BYTES)
			return true;
		if (!entry->users)
			fetched_unlink(entry, gone);
	}
	return fetched_count + entries <= CC_FETCHED_ENTRIES;
}

/* Under the lock. */
static struct cc_fetched *fetched_seek(const u8 key[32])
{
	struct cc_fetched *entry;

	hash_for_each_possible(fetched_table, entry, node, fetched_hash(key))
		if (!memcmp(entry->key, key, sizeof(entry->key)))
			return entry;
	return NULL;
}

/* Under the lock. */
static struct cc_fetched *fetched_find(const u8 key[32])
{
	struct cc_fetched *entry = fetched_seek(key);

	if (entry) {
		entry->users++;
		list_move(&entry->used, &fetched_used);
	}
	return entry;
}

static void fetched_add(struct cc_fetched *entry, const u8 key[32])
{
	memcpy(entry->key, key, sizeof(entry->key));
	init_waitqueue_head(&entry->wait);
	entry->users = 1;
	hash_add(fetched_table, &entry->node, fetched_hash(key));
	list_add(&entry->used, &fetched_used);
	fetched_count++;
}

struct cc_fetched *cc_fetched_enter(const u8 key[32])
{
	struct cc_fetched *entry, *mine;
	LIST_HEAD(gone);

	spin_lock(&fetched_lock);
	entry = fetched_find(key);
	spin_unlock(&fetched_lock);
	if (entry)
		return entry;
	mine = kzalloc(sizeof(*mine), GFP_KERNEL_ACCOUNT);
	if (!mine)
		return ERR_PTR(-ENOMEM);
	spin_lock(&fetched_lock);
	entry = fetched_find(key);
	if (!entry && fetched_room(1, &gone)) {
		fetched_add(mine, key);
		entry = mine;
		mine = NULL;
	}
	spin_unlock(&fetched_lock);
	fetched_free(&gone);
	kfree(mine);
	return entry ?: ERR_PTR(-EBUSY);
}

void cc_fetched_leave(struct cc_fetched *entry)
{
	LIST_HEAD(gone);

	spin_lock(&fetched_lock);
	/* Without an answer there is nothing to keep it for. */
	if (!--entry->users && !entry->answer.evidence)
		fetched_unlink(entry, &gone);
	spin_unlock(&fetched_lock);
	fetched_free(&gone);
}

/* Under the lock. A clock that was set back makes an answer doubtful: ask. */
static bool fetched_counts(const struct cc_fetched *entry, s64 now)
{
	return entry->answer.evidence && now >= entry->asked && now < entry->again &&
	       now <= entry->answer.until;
}

/* Under the lock. */
static void fetched_give(const struct cc_fetched *entry, struct cc_fetch_answer *ret)
{
	*ret = entry->answer;
	cc_object_get(&ret->evidence->base);
}

#define FETCHED_WAIT	2	/* somebody else is asking */

/* Under the lock. Return: as cc_fetched_turn(), or FETCHED_WAIT. */
static int fetched_look(struct cc_fetched *entry, const u32 *waited_for,
			struct cc_fetch_answer *ret)
{
	const bool waited = waited_for && *waited_for != entry->round;

	/* Who waited for an answer takes it, though it may not count for the next one to ask. */
	if (fetched_counts(entry, cc_clock_wall()) ||
	    (waited && !entry->error && entry->answer.evidence)) {
		fetched_give(entry, ret);
		ret->how |= CAPCERT_FETCHED_SHARED;
		return 0;
	}
	if (waited && entry->error)
		return entry->error;
	if (entry->asking)
		return FETCHED_WAIT;
	entry->asking = true;
	return 1;
}

int cc_fetched_turn(struct cc_fetched *entry, unsigned long deadline, struct cc_fetch_answer *ret)
{
	bool waited = false;
	u32 round = 0;
	long left;
	int r;

	for (;;) {
		spin_lock(&fetched_lock);
		r = fetched_look(entry, waited ? &round : NULL, ret);
		if (r == FETCHED_WAIT && !waited)
			round = entry->round;
		spin_unlock(&fetched_lock);
		if (!r)
			atomic64_inc(&fetched_hits);
		if (r != FETCHED_WAIT)
			return r;
		waited = true;
		left = (long)(deadline - jiffies);
		if (left <= 0)
			return -ETIMEDOUT;
		left = wait_event_killable_timeout(entry->wait,
						   READ_ONCE(entry->round) != round ||
						   !READ_ONCE(entry->asking), left);
		if (left < 0)
			return -EINTR;
	}
}

/* Is the failure only of who asked? Then somebody else tries. */
static bool fetched_own_error(int error)
{
	return error == -EINTR || error == -ETIMEDOUT || error == -EDQUOT || error == -ENOMEM ||
	       error == -EBUSY;
}

/* Under the lock: does what is there still count, and say more than @answer? */
static bool fetched_better(const struct cc_fetched *entry, const struct cc_fetch_answer *answer,
			   s64 now)
{
	const struct cc_fetch_answer *old = &entry->answer;

	if (!old->evidence || now > old->until || now < old->fetched ||
	    old->evidence->type == CAPCERT_EVIDENCE_UNREACHABLE)
		return false;
	return answer->evidence->type == CAPCERT_EVIDENCE_UNREACHABLE ||
	       (answer->evidence->type == old->evidence->type &&
		answer->this_update < old->this_update);
}

/* Under the lock: the same once more? */
static bool fetched_same(const struct cc_fetched *entry, const struct cc_fetch_answer *answer)
{
	const struct cc_evidence *old = entry->answer.evidence;

	return old && old->type == answer->evidence->type &&
	       !memcmp(old->digest, answer->evidence->digest, sizeof(old->digest));
}

/* Under the lock. Return: evidence to be put without it. */
static struct cc_evidence *fetched_take(struct cc_fetched *entry, struct cc_fetch_answer *answer)
{
	const bool failed = answer->evidence->type == CAPCERT_EVIDENCE_UNREACHABLE;
	const s64 now = cc_clock_wall();
	struct cc_evidence *old;

	entry->asked = now;
	entry->again = now + (failed ? CC_FETCHED_KEEP_FAILURE : CC_FETCHED_KEEP);
	if (fetched_better(entry, answer, now)) {
		old = answer->evidence;
		fetched_give(entry, answer);
		return old;
	}
	if (!fetched_same(entry, answer))
		fetched_moved(entry);
	old = fetched_release(entry);
	entry->answer = *answer;
	fetched_hold(answer->evidence);
	fetched_give(entry, answer);
	return old;
}

void cc_fetched_done(struct cc_fetched *entry, int error, struct cc_fetch_answer *answer)
{
	struct cc_evidence *old = NULL;
	LIST_HEAD(gone);

	spin_lock(&fetched_lock);
	if (!error) {
		old = fetched_take(entry, answer);
		fetched_room(0, &gone);
	}
	if (!error || !fetched_own_error(error)) {
		entry->error = error;
		WRITE_ONCE(entry->round, entry->round + 1);
	}
	WRITE_ONCE(entry->asking, false);
	spin_unlock(&fetched_lock);
	wake_up_all(&entry->wait);
	if (old)
		cc_object_put(&old->base);
	fetched_free(&gone);
}

bool cc_fetched_current(const u8 key[32], const struct cc_evidence *evidence,
			struct cc_fetched_mark *ret_mark, s64 *ret_from, s64 *ret_until)
{
	const struct cc_fetch_answer answer = { .evidence = (struct cc_evidence *)evidence };
	struct cc_fetched *entry;
	bool current_one = false;

	if (evidence->type == CAPCERT_EVIDENCE_UNREACHABLE)
		return false;
	spin_lock(&fetched_lock);
	entry = fetched_seek(key);
	if (entry && fetched_counts(entry, cc_clock_wall()) && fetched_same(entry, &answer)) {
		ret_mark->slot = fetched_mark(key) - fetched_marks;
		ret_mark->value = *fetched_mark(key);
		*ret_from = entry->asked;
		*ret_until = min(entry->again - 1, entry->answer.until);
		current_one = true;
	}
	spin_unlock(&fetched_lock);
	return current_one;
}

bool cc_fetched_unchanged(const struct cc_fetched_mark *mark)
{
	return READ_ONCE(fetched_marks[mark->slot]) == mark->value;
}

void cc_fetched_drop(kuid_t uid)
{
	struct cc_fetched *entry, *newer;
	LIST_HEAD(gone);

	spin_lock(&fetched_lock);
	list_for_each_entry_safe(entry, newer, &fetched_used, used)
		if (!entry->users && entry->answer.evidence &&
		    uid_eq(entry->answer.evidence->base.owner, uid))
			fetched_unlink(entry, &gone);
	spin_unlock(&fetched_lock);
	fetched_free(&gone);
}

void cc_fetched_stats(struct cc_fetched_stats *ret)
{
	ret->entries = READ_ONCE(fetched_count);
	ret->hits = atomic64_read(&fetched_hits);
}

void cc_fetched_exit(void)
{
	struct cc_fetched *entry, *next;
	LIST_HEAD(gone);

	/* Calls hold the module: nobody looks at an entry any more. */
	spin_lock(&fetched_lock);
	list_for_each_entry_safe(entry, next, &fetched_used, used)
		fetched_unlink(entry, &gone);
	spin_unlock(&fetched_lock);
	fetched_free(&gone);
}
