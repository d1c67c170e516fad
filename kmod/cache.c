// SPDX-License-Identifier: GPL-2.0-only
/* Outcome cache: verdicts by everything they depend on. */
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kmod/cache.h"
#include "kmod/user.h"

#define CACHE_BITS	12
#define CACHE_SECOND_CHANCES	64	/* entries looked at before one goes in any case */

static unsigned int cache_entries = 4096;
module_param(cache_entries, uint, 0444);
MODULE_PARM_DESC(cache_entries, "verdicts kept in the outcome cache (0 = none, at most 65536)");

static unsigned int cache_per_user = 1024;
module_param(cache_per_user, uint, 0444);
MODULE_PARM_DESC(cache_per_user, "of them kept for one user");

struct cache_entry {
	struct hlist_node node;		/* RCU; changed under cache_lock */
	struct list_head all;		/* cache_lock: oldest first */
	struct list_head own;		/* cache_lock: on user->entries, oldest first */
	struct cc_user *user;		/* who is charged */
	struct rcu_head rcu;
	struct cc_cache_key key;
	bool used;			/* since the clock hand last came by */
	struct cc_settled settled;	/* where the key is */
	struct cc_verdict verdict;	/* immutable; last: it ends in an array */
};

struct cache_counts {
	u64 hits;
	u64 misses;
};

static struct hlist_head *cache_table;
static siphash_key_t cache_secret;	/* nobody outside can aim at one bucket */
static struct cache_counts __percpu *cache_counts;
static DEFINE_SPINLOCK(cache_lock);
static LIST_HEAD(cache_all);
static unsigned int cache_count;	/* cache_lock */

static size_t cache_key_size(const struct cc_cache_key *key)
{
	return offsetof(struct cc_cache_key, name) + key->name_len;
}

/* Equal sizes follow from equal fields: @name_len is one of them. */
static bool cache_key_equal(const struct cc_cache_key *a, const struct cc_cache_key *b)
{
	return !memcmp(a, b, offsetof(struct cc_cache_key, name)) &&
	       !memcmp(a->name, b->name, a->name_len);
}

static struct hlist_head *cache_bucket(const struct cc_cache_key *key)
{
	u64 hash = siphash(key, cache_key_size(key), &cache_secret);

	return &cache_table[hash & ((1u << CACHE_BITS) - 1)];
}

static bool cache_covers(const struct cc_verdict *verdict, s64 time)
{
	return verdict->valid_from <= time && time <= verdict->valid_until;
}

/* Are the answers still those that FETCH would give? */
static bool cache_settled(const struct cc_settled *settled, s64 time)
{
	u32 i;

	if (time < settled->from || time > settled->until)
		return false;
	for (i = 0; i < settled->count; i++)
		if (!cc_fetched_unchanged(&settled->mark[i]))
			return false;
	return true;
}

static struct cache_entry *cache_entry(const struct cc_cache_key *key, s64 time)
{
	struct cache_entry *entry;

	hlist_for_each_entry_rcu(entry, cache_bucket(key), node)
		if (cache_covers(&entry->verdict, time) && cache_key_equal(&entry->key, key) &&
		    (!key->settled || cache_settled(&entry->settled, time)))
			return entry;
	return NULL;
}

static void cache_hit(struct cache_entry *entry)
{
	/* A shared line: written once per turn of the clock, not once per hit. */
	if (!READ_ONCE(entry->used))
		WRITE_ONCE(entry->used, true);
	this_cpu_inc(cache_counts->hits);
}

const struct cc_verdict *cc_cache_find(const struct cc_cache_key *key, s64 time)
{
	struct cache_entry *entry = cache_entry(key, time);

	if (!entry) {
		this_cpu_inc(cache_counts->misses);
		return NULL;
	}
	cache_hit(entry);
	return &entry->verdict;
}

const struct cc_verdict *cc_cache_peek(const struct cc_cache_key *key, s64 time)
{
	struct cache_entry *entry = cache_entry(key, time);

	return entry ? &entry->verdict : NULL;
}

const struct cc_verdict *cc_cache_settled(const struct cc_cache_key *key, s64 time,
					  const struct cc_settled **ret)
{
	struct cache_entry *entry = cache_entry(key, time);

	if (!entry)
		return NULL;
	cache_hit(entry);
	*ret = &entry->settled;
	return &entry->verdict;
}

/* Under cache_lock. The user's reference goes to @drop: cc_user_put() is for after the lock. */
static void cache_unlink(struct cache_entry *entry, struct list_head *drop)
{
	hlist_del_rcu(&entry->node);
	list_move_tail(&entry->all, drop);
	list_del(&entry->own);
	entry->user->cached--;
	cache_count--;
}

static void cache_drop(struct list_head *drop)
{
	struct cache_entry *entry, *next;

	list_for_each_entry_safe(entry, next, drop, all) {
		cc_user_put(entry->user);
		kfree_rcu(entry, rcu);
	}
}

/* Under cache_lock: second chance for what was used since the hand last came by. */
static void cache_evict(struct list_head *drop)
{
	struct cache_entry *entry;
	int i;

	for (i = 0; i < CACHE_SECOND_CHANCES; i++) {
		entry = list_first_entry(&cache_all, struct cache_entry, all);
		if (!READ_ONCE(entry->used))
			break;
		WRITE_ONCE(entry->used, false);
		list_move_tail(&entry->all, &cache_all);
	}
	cache_unlink(list_first_entry(&cache_all, struct cache_entry, all), drop);
}

/* Under cache_lock: a verdict for a time that the new one speaks about as well is outdated. */
static void cache_displace(const struct cache_entry *new, struct list_head *drop)
{
	struct cache_entry *entry;
	struct hlist_node *next;

	hlist_for_each_entry_safe(entry, next, cache_bucket(&new->key), node) {
		if (cache_key_equal(&entry->key, &new->key) &&
		    entry->verdict.valid_from <= new->verdict.valid_until &&
		    new->verdict.valid_from <= entry->verdict.valid_until)
			cache_unlink(entry, drop);
	}
}

void cc_cache_add(const struct cc_cache_key *key, const struct cc_verdict *verdict,
		  const struct cc_settled *settled, kuid_t uid)
{
	struct cache_entry *entry;
	struct cc_user *user;
	LIST_HEAD(drop);

	if (!cache_entries || !cache_per_user)
		return;
	user = cc_user_get(uid);
	if (!user)
		return;
	entry = kzalloc(struct_size(entry, verdict.path, verdict->path_count),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!entry) {
		cc_user_put(user);
		return;
	}
	memcpy(&entry->key, key, cache_key_size(key));
	if (settled)
		entry->settled = *settled;
	entry->verdict = *verdict;
	memcpy(entry->verdict.path, verdict->path, verdict->path_count * sizeof(verdict->path[0]));
	entry->user = user;

	spin_lock(&cache_lock);
	cache_displace(entry, &drop);
	if (user->cached >= cache_per_user)
		cache_unlink(list_first_entry(&user->entries, struct cache_entry, own), &drop);
	else if (cache_count >= cache_entries)
		cache_evict(&drop);
	list_add_tail(&entry->all, &cache_all);
	list_add_tail(&entry->own, &user->entries);
	user->cached++;
	WRITE_ONCE(cache_count, cache_count + 1);
	hlist_add_head_rcu(&entry->node, cache_bucket(&entry->key));
	spin_unlock(&cache_lock);
	cache_drop(&drop);
}

void cc_cache_flush(void)
{
	struct cache_entry *entry, *next;
	LIST_HEAD(drop);

	spin_lock(&cache_lock);
	list_for_each_entry_safe(entry, next, &cache_all, all)
		cache_unlink(entry, &drop);
	spin_unlock(&cache_lock);
	cache_drop(&drop);
}

void cc_cache_stats(struct cc_cache_stats *ret)
{
	int cpu;

	memset(ret, 0, sizeof(*ret));
	ret->entries = READ_ONCE(cache_count);
	for_each_possible_cpu(cpu) {
		const struct cache_counts *counts = per_cpu_ptr(cache_counts, cpu);

		ret->hits += READ_ONCE(counts->hits);
		ret->misses += READ_ONCE(counts->misses);
	}
}

int cc_cache_init(void)
{
	cache_entries = min(cache_entries, 65536u);
	cache_per_user = min(cache_per_user, cache_entries);
	get_random_bytes(&cache_secret, sizeof(cache_secret));
	cache_table = kvcalloc(1u << CACHE_BITS, sizeof(*cache_table), GFP_KERNEL);
	cache_counts = alloc_percpu(struct cache_counts);
	if (cache_table && cache_counts)
		return 0;
	cc_cache_exit();
	return -ENOMEM;
}

void cc_cache_exit(void)
{
	cc_cache_flush();
	free_percpu(cache_counts);
	kvfree(cache_table);
	cache_counts = NULL;
	cache_table = NULL;
}
