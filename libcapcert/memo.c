// SPDX-License-Identifier: LGPL-2.1-or-later
/* Signature memo: a bounded set-associative table of digests of what was found good. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include "libcapcert/memo.h"

/* The key is a SHA-256 over everything the result depends on, so an entry can be neither wrong
 * nor stale, and the peer who fills the table can only push out entries, never place one. */
#define WAYS 4
#define SETS 1024
#define SHARDS 16

struct entry {
	uint8_t key[MEMO_KEY_SIZE];
	bool used;
};

struct shard {
	pthread_mutex_t lock; /* guards the sets whose number is ours modulo SHARDS */
	uint32_t turn;	      /* next way to replace */
	uint64_t misses;
};

static struct entry table[SETS][WAYS];
static struct shard shards[SHARDS] = {
	[0 ... SHARDS - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER },
};

static atomic_bool off;

static uint32_t set_of(const uint8_t key[MEMO_KEY_SIZE])
{
	return ((uint32_t)key[0] | (uint32_t)key[1] << 8) % SETS;
}

bool memo_find(const uint8_t key[MEMO_KEY_SIZE])
{
	uint32_t set = set_of(key);
	struct shard *s = &shards[set % SHARDS];
	bool found = false;
	int i;

	if (atomic_load_explicit(&off, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&s->lock);
	for (i = 0; i < WAYS; i++) {
		const struct entry *e = &table[set][i];

		if (e->used && memcmp(e->key, key, MEMO_KEY_SIZE) == 0) {
			found = true;
			break;
		}
	}
	s->misses += !found;
	pthread_mutex_unlock(&s->lock);
	return found;
}

uint64_t memo_misses(void)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&shards[i].lock);
		sum += shards[i].misses;
		pthread_mutex_unlock(&shards[i].lock);
	}
	return sum;
}

void memo_put(const uint8_t key[MEMO_KEY_SIZE])
{
	uint32_t set = set_of(key);
	struct shard *s = &shards[set % SHARDS];
	struct entry *e = NULL;
	int i;

	if (atomic_load_explicit(&off, memory_order_relaxed))
		return;
	pthread_mutex_lock(&s->lock);
	for (i = 0; i < WAYS && !e; i++)
		if (!table[set][i].used || memcmp(table[set][i].key, key, MEMO_KEY_SIZE) == 0)
			e = &table[set][i];
	if (!e)
		e = &table[set][s->turn++ % WAYS];
	memcpy(e->key, key, MEMO_KEY_SIZE);
	e->used = true;
	pthread_mutex_unlock(&s->lock);
}

void memo_clear(void)
{
	uint32_t i;

	for (i = 0; i < SETS; i++) {
		struct shard *s = &shards[i % SHARDS];

		pthread_mutex_lock(&s->lock);
		memset(table[i], 0, sizeof(table[i]));
		pthread_mutex_unlock(&s->lock);
	}
}

void memo_disable(bool disabled)
{
	atomic_store(&off, disabled);
}
