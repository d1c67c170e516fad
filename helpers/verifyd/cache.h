/* SPDX-License-Identifier: GPL-2.0-only */
/* A bounded cache of immutable values, shared between threads; the least recently used goes. */
#ifndef VERIFYD_CACHE_H
#define VERIFYD_CACHE_H

#include <stddef.h>
#include <stdint.h>

#define CACHE_KEY 32

struct cache;
struct cache_entry;

/** cache_new() - @most entries of @most_bytes together (one larger than that is never kept).
 *  @drop frees a value. Return: 0 or -ENOMEM. */
int cache_new(size_t most, size_t most_bytes, void (*drop)(void *value), struct cache **ret);

/** cache_get() - a reference on the value of @key, NULL when it is not there. */
struct cache_entry *cache_get(struct cache *cache, const uint8_t key[CACHE_KEY]);

/** cache_put() - hand @value over and get a reference on the entry; when another thread was first,
 *  on its entry, and @value is dropped. NULL: no memory, and @value is dropped. */
struct cache_entry *cache_put(struct cache *cache, const uint8_t key[CACHE_KEY], void *value,
			      size_t bytes);

/** cache_value() - valid until cache_release(). */
void *cache_value(const struct cache_entry *entry);

/** cache_release() - NULL is fine. */
void cache_release(struct cache *cache, struct cache_entry *entry);

/** cache_free() - nobody may hold a reference any more. */
void cache_free(struct cache *cache);

#endif
