// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts by what was fetched: the second verdict of a question stands for the whole of it. */
#include <linux/cred.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/broker.h"
#include "kmod/clock.h"
#include "kmod/question.h"
#include "kmod/settled.h"

/* The room for one note: what was missing at first, and what came of it. */
struct note {
	const struct cc_verify *verify;
	struct cc_cache_key key;
	struct cc_settled settled;
	struct cc_span certs[CAPCERT_MAX_CHAIN]; /* in the request */
	u32 first_count;
	struct capcert_path_entry first[CAPCERT_MAX_PATH];
	struct cc_verdict verdict;		/* last: it ends in an array */
};

/* May what others fetched count? A time of the caller's own has nothing to do with it. */
static bool settled_asked(const struct cc_verify *verify)
{
	return (verify->arg->flags & CAPCERT_VERIFY_FETCHED) &&
	       !(verify->arg->flags & CAPCERT_VERIFY_TIME) &&
	       (verify->call->handle->rights & CAPCERT_RIGHT_FETCH) &&
	       verify->verifier->policy.revocation_mode != CC_REVOCATION_OFF;
}

bool cc_settled_find(struct cc_verify *verify)
{
	const struct cc_settled *settled;
	const struct cc_verdict *verdict;

	if (verify->evidence || !settled_asked(verify))
		return false;
	verify->key.settled = 1;
	rcu_read_lock();
	verdict = cc_cache_settled(&verify->key, verify->time, &settled);
	if (verdict) {
		cc_verify_verdict(verify, verdict);
		memcpy(verify->outcome.evidence_digest, settled->evidence,
		       sizeof(settled->evidence));
		verify->outcome.flags |= CAPCERT_OUTCOME_CACHED | CAPCERT_OUTCOME_FETCHED;
	}
	rcu_read_unlock();
	verify->key.settled = 0;
	return verdict;
}

/* Would who reads this verdict fetch anything? */
static bool note_could_help(bool valid, s32 reason)
{
	return valid || reason == CAPCERT_REASON_OCSP_UNAVAILABLE;
}

/* Is the status of path[@i] missing, and could it be fetched? */
static bool note_missing(const struct capcert_path_entry *path, u32 count, u32 i)
{
	return i + 1 < count && (path[i].missing & CC_QUESTION_WANT) &&
	       path[i].source == CAPCERT_SOURCE_CHAIN;
}

/* What the verdict without evidence missed. */
static bool note_first(struct note *note)
{
	const struct cc_verify *verify = note->verify;
	const struct cc_verdict *first;

	note->key = verify->key;
	memset(note->key.evidence, 0, sizeof(note->key.evidence));
	rcu_read_lock();
	first = cc_cache_peek(&note->key, verify->time);
	if (first && note_could_help(first->valid, first->reason)) {
		note->first_count = first->path_count;
		memcpy(note->first, first->path, first->path_count * sizeof(first->path[0]));
	}
	rcu_read_unlock();
	return note->first_count;
}

static int note_question(struct note *note, const struct capcert_path_entry *path, u8 ret[32])
{
	const struct cc_verify *verify = note->verify;
	struct cc_question question = {
		.certs = note->certs,
		.count = verify->chain.count,
		.subject = path[0].index,
		.issuer = path[1].index,
		.want = path[0].missing & CC_QUESTION_WANT,
		.policy = &verify->verifier->policy,
	};
	const struct cc_entry *anchor;
	u8 *der = NULL;
	u32 len = 0;
	int error;

	if (path[1].source == CAPCERT_SOURCE_ANCHOR) {
		anchor = cc_state_find(verify->state, path[1].fingerprint);
		error = anchor ? cc_question_anchor(anchor->anchor, &der, &len) : -ENOENT;
		if (error)
			return error;
		question.anchor = cc_span(der, len);
	} else if (path[1].source != CAPCERT_SOURCE_CHAIN || path[1].index >= question.count) {
		return -EINVAL;
	}
	error = question.subject < question.count ? cc_question_key(&question, ret) : -EINVAL;
	kfree(der);
	return error;
}

/* Is the evidence what FETCH answers now for all that was missing, in this order, and no more? */
static bool note_answers(struct note *note)
{
	const struct cc_evidence_set *set = note->verify->evidence;
	struct cc_settled *settled = &note->settled;
	u8 key[32];
	u32 i;

	settled->from = S64_MIN;
	settled->until = S64_MAX;
	for (i = 0; i < note->first_count; i++) {
		const u32 n = settled->count;
		s64 from, until;

		if (!note_missing(note->first, note->first_count, i))
			continue;
		if (n >= min_t(u32, set->count, CC_SETTLED_MOST) ||
		    note_question(note, &note->first[i], key) ||
		    !cc_fetched_current(key, set->item[n], &settled->mark[n], &from, &until))
			return false;
		settled->from = max(settled->from, from);
		settled->until = min(settled->until, until);
		settled->count++;
	}
	return settled->count && settled->count == set->count;
}

/* Was the status of this certificate, by this issuer, asked for already? */
static bool note_was_asked(const struct note *note, const struct capcert_path_entry *path)
{
	u32 i;

	for (i = 0; i < note->first_count; i++)
		if (note_missing(note->first, note->first_count, i) &&
		    !memcmp(note->first[i].fingerprint, path[0].fingerprint, 32) &&
		    !memcmp(note->first[i + 1].fingerprint, path[1].fingerprint, 32))
			return true;
	return false;
}

/* The verdict, unless it makes one fetch something else. */
static bool note_last(struct note *note)
{
	const struct cc_verdict *verdict;
	u32 i;

	rcu_read_lock();
	verdict = cc_cache_peek(&note->verify->key, note->verify->time);
	if (verdict) {
		note->verdict = *verdict;
		memcpy(note->verdict.path, verdict->path,
		       verdict->path_count * sizeof(verdict->path[0]));
	}
	rcu_read_unlock();
	if (!verdict)
		return false;
	if (!note_could_help(note->verdict.valid, note->verdict.reason))
		return true;
	for (i = 0; i < note->verdict.path_count; i++)
		if (note_missing(note->verdict.path, note->verdict.path_count, i) &&
		    !note_was_asked(note, &note->verdict.path[i]))
			return false;
	return true;
}

static bool note_is_there(struct note *note)
{
	const struct cc_verdict *verdict;

	note->key.settled = 1;
	rcu_read_lock();
	verdict = cc_cache_peek(&note->key, note->verify->time);
	rcu_read_unlock();
	return verdict;
}

void cc_settled_note(struct cc_verify *verify)
{
	struct cc_span item;
	struct note *note;
	u32 i;

	if (!verify->evidence || !settled_asked(verify))
		return;
	note = kmalloc(struct_size(note, verdict.path, CAPCERT_MAX_PATH), GFP_KERNEL_ACCOUNT);
	if (!note)
		return;
	note->verify = verify;
	note->first_count = 0;
	note->settled.count = 0;
	if (!note_first(note) || note_is_there(note))
		goto out;
	item = cc_request_items(verify->request);
	for (i = 0; i < verify->chain.count; i++) {
		note->certs[i] = item;
		if (i + 1 < verify->chain.count)
			item = cc_request_next(item);
	}
	if (!note_answers(note) || !note_last(note))
		goto out;
	memcpy(note->settled.evidence, verify->evidence->digest, sizeof(note->settled.evidence));
	cc_cache_add(&note->key, &note->verdict, &note->settled, current_uid());
out:
	kfree(note);
}
