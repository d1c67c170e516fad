// SPDX-License-Identifier: GPL-2.0-only
/* What a restricted view keeps of its parent store. Immutable. */
#include <linux/bitmap.h>
#include <linux/bsearch.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "kmod/filter.h"
#include "kmod/state.h"
#include "kmod/uaccess.h"

#define FILTER_MAX_SUBJECT_BYTES (1024 * 1024) /* of all subjects of one filter */

struct filter_subject {
	u32 hash; /* cc_dn_hash() */
	struct cc_span name;
};

/* Every list that is there must let an anchor pass: a filter only ever narrows. */
struct cc_filter {
	size_t bytes;
	u32 purposes; /* mask, never 0 */
	u32 allow_count;
	u32 deny_count;
	u32 subject_count;
	u8 (*allow)[32]; /* SHA-256 fingerprints, sorted; NULL = no such list */
	u8 (*deny)[32];
	struct filter_subject *subjects; /* sorted by hash; NULL = no such list */
	u8 *names;			 /* bytes of the subjects */
};

bool cc_filter_asked(const struct capcert_restrict *restriction)
{
	return restriction->purposes || restriction->fingerprint_count ||
	       restriction->exclude_count || restriction->subject_count ||
	       restriction->fingerprints || restriction->subjects;
}

size_t cc_filter_bytes(const struct cc_filter *filter)
{
	return filter ? filter->bytes : 0;
}

void cc_filter_free(struct cc_filter *filter)
{
	if (!filter)
		return;
	kvfree(filter->allow);
	kvfree(filter->deny);
	kvfree(filter->subjects);
	kvfree(filter->names);
	kfree(filter);
}

static int compare_fingerprint(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static int compare_subject(const void *a, const void *b)
{
	const struct filter_subject *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static int filter_read_list(struct cc_filter *filter, u64 ptr, u32 count, u8 (**ret)[32])
{
	void *list;

	if (!count)
		return 0;
	list = cc_user_in_array(ptr, count, 32, CAPCERT_MAX_FILTER);
	if (IS_ERR(list))
		return PTR_ERR(list);
	sort(list, count, 32, compare_fingerprint, NULL);
	filter->bytes += (size_t)count * 32;
	*ret = list;
	return 0;
}

static int subjects_size(const struct capcert_blob *blobs, u32 count, size_t *ret)
{
	size_t size = 0;
	u32 i;

	for (i = 0; i < count; i++) {
		if (blobs[i].fd != -1 || !blobs[i].len)
			return -EINVAL;
		if (blobs[i].len > FILTER_MAX_SUBJECT_BYTES - size)
			return -EMSGSIZE;
		size += blobs[i].len;
	}
	*ret = size;
	return 0;
}

static int subjects_read(struct cc_filter *filter, const struct capcert_blob *blobs, u32 count)
{
	u8 *at = filter->names;
	u32 i;

	for (i = 0; i < count; i++) {
		struct filter_subject *subject = &filter->subjects[i];

		if (cc_user_into(at, blobs[i].ptr, blobs[i].len))
			return -EFAULT;
		subject->name = cc_span(at, blobs[i].len);
		if (!cc_subject_valid(subject->name))
			return -EINVAL;
		subject->hash = cc_dn_hash(subject->name);
		at += blobs[i].len;
		cond_resched();
	}
	sort(filter->subjects, count, sizeof(*filter->subjects), compare_subject, NULL);
	filter->subject_count = count;
	return 0;
}

static int filter_read_subjects(struct cc_filter *filter, u64 ptr, u32 count)
{
	struct capcert_blob *blobs;
	size_t size = 0;
	int error;

	if (!count)
		return 0;
	blobs = cc_user_in_array(ptr, count, sizeof(*blobs), CAPCERT_MAX_FILTER);
	if (IS_ERR(blobs))
		return PTR_ERR(blobs);
	error = subjects_size(blobs, count, &size);
	if (!error) {
		filter->subjects = kvmalloc_array(count, sizeof(*filter->subjects),
						  GFP_KERNEL_ACCOUNT);
		filter->names = kvmalloc(size, GFP_KERNEL_ACCOUNT);
		filter->bytes += size + count * sizeof(*filter->subjects);
		error = filter->subjects && filter->names ? subjects_read(filter, blobs, count) :
							    -ENOMEM;
	}
	kvfree(blobs);
	return error;
}

struct cc_filter *cc_filter_read(const struct capcert_restrict *restriction)
{
	struct cc_filter *filter;
	int error;

	if (!cc_filter_asked(restriction))
		return NULL;
	if (restriction->purposes >> CAPCERT_PURPOSE_COUNT)
		return ERR_PTR(-EINVAL);
	/* An empty allow-list that somebody computed must not come to mean everything. */
	if ((restriction->fingerprints && !restriction->fingerprint_count) ||
	    (restriction->subjects && !restriction->subject_count))
		return ERR_PTR(-EINVAL);
	filter = kzalloc(sizeof(*filter), GFP_KERNEL_ACCOUNT);
	if (!filter)
		return ERR_PTR(-ENOMEM);
	filter->bytes = sizeof(*filter);
	filter->purposes = restriction->purposes ?: (1u << CAPCERT_PURPOSE_COUNT) - 1;
	filter->allow_count = restriction->fingerprint_count;
	filter->deny_count = restriction->exclude_count;
	error = filter_read_list(filter, restriction->fingerprints,
				 restriction->fingerprint_count, &filter->allow);
	if (!error)
		error = filter_read_list(filter, restriction->exclude,
					 restriction->exclude_count, &filter->deny);
	if (!error)
		error = filter_read_subjects(filter, restriction->subjects,
					     restriction->subject_count);
	if (error) {
		cc_filter_free(filter);
		return ERR_PTR(error);
	}
	return filter;
}

static bool filter_has_subject(const struct cc_filter *filter, const struct cc_anchor *anchor)
{
	u32 low = 0, high = filter->subject_count;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (filter->subjects[mid].hash < anchor->subject_hash)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < filter->subject_count; low++) {
		if (filter->subjects[low].hash != anchor->subject_hash)
			return false;
		if (cc_dn_equal(filter->subjects[low].name, cc_anchor_subject(anchor)))
			return true;
		cond_resched();
	}
	return false;
}

static bool list_has(const u8 (*list)[32], u32 count, const u8 fingerprint[32])
{
	return bsearch(fingerprint, list, count, 32, compare_fingerprint);
}

u32 cc_filter_purposes(const struct cc_filter *filter, u32 purposes)
{
	return filter ? purposes & filter->purposes : purposes;
}

u32 cc_filter_keep(const struct cc_filter *filter, const struct cc_anchor *anchor, u32 purposes)
{
	if (!filter)
		return purposes;
	if (filter->allow && !list_has(filter->allow, filter->allow_count, anchor->fingerprint))
		return 0;
	if (filter->deny && list_has(filter->deny, filter->deny_count, anchor->fingerprint))
		return 0;
	if (filter->subjects && !filter_has_subject(filter, anchor))
		return 0;
	return cc_filter_purposes(filter, purposes);
}

static void mark_subjects(const struct cc_filter *filter, const struct cc_state *state,
			  unsigned long *bits)
{
	u32 i, entry, at;

	for (i = 0; i < filter->subject_count; i++) {
		const u32 hash = filter->subjects[i].hash;

		/* The names are sorted by hash: one look for all that have the same. */
		if (i && hash == filter->subjects[i - 1].hash)
			continue;
		at = 0;
		while (cc_state_subject_next(state, hash, &at, &entry))
			__set_bit(entry, bits);
		cond_resched();
	}
}

static void mark_fingerprints(const struct cc_filter *filter, const struct cc_state *state,
			      unsigned long *bits)
{
	const struct cc_entry *entry;
	u32 i;

	for (i = 0; i < filter->allow_count; i++) {
		entry = cc_state_find(state, filter->allow[i]);
		if (entry)
			__set_bit(entry - state->entries, bits);
		cond_resched();
	}
}

void cc_filter_candidates(const struct cc_filter *filter, const struct cc_state *state,
			  unsigned long *bits)
{
	const u32 none = U32_MAX;
	const u32 subjects = filter && filter->subjects ? filter->subject_count : none;
	const u32 allow = filter && filter->allow ? filter->allow_count : none;

	if (min(subjects, allow) >= state->count)
		bitmap_fill(bits, state->count);
	else if (subjects <= allow)
		mark_subjects(filter, state, bits);
	else
		mark_fingerprints(filter, state, bits);
}
