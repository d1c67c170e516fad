// SPDX-License-Identifier: GPL-2.0-only
/* Entries are few (a machine has few stores in use at a time): a list in order of use will do. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/verifyd/cache.h"

struct cache_entry {
	uint8_t key[CACHE_KEY];
	void *value;
	size_t bytes;
	size_t refs;		  /* cache's lock; one of them is the list's */
	struct cache_entry *next; /* cache's lock */
};

struct cache {
	pthread_mutex_t lock;
	struct cache_entry *newest;
	size_t count, most;
	size_t bytes, most_bytes;
	void (*drop)(void *value);
};

int cache_new(size_t most, size_t most_bytes, void (*drop)(void *value), struct cache **ret)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	pthread_mutex_init(&cache->lock, NULL);
	cache->most = most;
	cache->most_bytes = most_bytes;
	cache->drop = drop;
	*ret = cache;
	return 0;
}

/* Under the lock. The entry to free when this was the last reference, else NULL. */
static struct cache_entry *unref(struct cache_entry *entry)
{
	return --entry->refs ? NULL : entry;
}

static void destroy(struct cache *cache, struct cache_entry *entry)
{
	if (!entry)
		return;
	cache->drop(entry->value);
	free(entry);
}

/* Under the lock: take the entry of @key off the list. */
static struct cache_entry *unlist(struct cache *cache, const uint8_t key[CACHE_KEY])
{
	for (struct cache_entry **at = &cache->newest; *at; at = &(*at)->next) {
		struct cache_entry *entry = *at;

		if (memcmp(entry->key, key, CACHE_KEY) != 0)
			continue;
		*at = entry->next;
		cache->count--;
		cache->bytes -= entry->bytes;
		return entry;
	}
	return NULL;
}

/* Under the lock. */
static void list(struct cache *cache, struct cache_entry *entry)
{
	entry->next = cache->newest;
	cache->newest = entry;
	cache->count++;
	cache->bytes += entry->bytes;
}

struct cache_entry *cache_get(struct cache *cache, const uint8_t key[CACHE_KEY])
{
	struct cache_entry *entry;

	pthread_mutex_lock(&cache->lock);
	entry = unlist(cache, key);
	if (entry) {
		list(cache, entry);
		entry->refs++;
	}
	pthread_mutex_unlock(&cache->lock);
	return entry;
}

/* Under the lock: make room; what nobody uses any more goes onto *garbage. */
static void shrink(struct cache *cache, struct cache_entry **garbage)
{
	while (cache->newest && (cache->count > cache->most || cache->bytes > cache->most_bytes)) {
		struct cache_entry *oldest = cache->newest;

		while (oldest->next)
			oldest = oldest->next;
		unlist(cache, oldest->key);
		if (unref(oldest)) {
			oldest->next = *garbage;
			*garbage = oldest;
		}
	}
}

struct cache_entry *cache_put(struct cache *cache, const uint8_t key[CACHE_KEY], void *value,
			      size_t bytes)
{
	struct cache_entry *fresh = calloc(1, sizeof(*fresh)), *entry, *garbage = NULL;

	if (!fresh) {
		cache->drop(value);
		return NULL;
	}
	memcpy(fresh->key, key, CACHE_KEY);
	fresh->value = value;
	fresh->bytes = bytes;
	fresh->refs = 1;
	pthread_mutex_lock(&cache->lock);
	entry = unlist(cache, key);
	if (entry)
		garbage = fresh;
	else
		entry = fresh;
	entry->refs++;
	list(cache, entry);
	shrink(cache, &garbage);
	pthread_mutex_unlock(&cache->lock);
	while (garbage) {
		struct cache_entry *next = garbage->next;

		destroy(cache, garbage);
		garbage = next;
	}
	return entry;
}

void *cache_value(const struct cache_entry *entry)
{
	return entry->value;
}

void cache_release(struct cache *cache, struct cache_entry *entry)
{
	if (!entry)
		return;
	pthread_mutex_lock(&cache->lock);
	entry = unref(entry);
	pthread_mutex_unlock(&cache->lock);
	destroy(cache, entry);
}

void cache_free(struct cache *cache)
{
	if (!cache)
		return;
	while (cache->newest) {
		struct cache_entry *entry = cache->newest;

		cache->newest = entry->next;
		destroy(cache, entry);
	}
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}
