// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The agent's cache: bounds, order of use, and values that live as long as somebody holds them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "helpers/verifyd/cache.h"

static atomic_int alive;

static int *value_new(int n)
{
	int *value = malloc(sizeof(*value));

	assert_non_null(value);
	*value = n;
	atomic_fetch_add(&alive, 1);
	return value;
}

static void value_drop(void *value)
{
	*(int *)value = -1;
	free(value);
	atomic_fetch_sub(&alive, 1);
}

static const uint8_t *key(int n)
{
	static _Thread_local uint8_t bytes[CACHE_KEY];

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, &n, sizeof(n));
	return bytes;
}

static void put(struct cache *cache, int n, size_t bytes)
{
	cache_release(cache, cache_put(cache, key(n), value_new(n), bytes));
}

static int get(struct cache *cache, int n)
{
	struct cache_entry *entry = cache_get(cache, key(n));
	int value = entry ? *(int *)cache_value(entry) : -1;

	cache_release(cache, entry);
	return value;
}

static void test_count(void **state)
{
	struct cache *cache;

	assert_int_equal(cache_new(3, 1000, value_drop, &cache), 0);
	assert_int_equal(get(cache, 1), -1);
	for (int i = 1; i <= 3; i++)
		put(cache, i, 1);
	assert_int_equal(get(cache, 1), 1); /* now 2 is the oldest */
	put(cache, 4, 1);
	assert_int_equal(get(cache, 2), -1);
	assert_int_equal(get(cache, 1), 1);
	assert_int_equal(get(cache, 3), 3);
	assert_int_equal(get(cache, 4), 4);
	assert_int_equal(alive, 3);
	cache_free(cache);
	assert_int_equal(alive, 0);
}

static void test_bytes(void **state)
{
	struct cache *cache;

	assert_int_equal(cache_new(100, 1000, value_drop, &cache), 0);
	put(cache, 1, 600);
	put(cache, 2, 300);
	put(cache, 3, 300);
	assert_int_equal(get(cache, 1), -1);
	assert_int_equal(get(cache, 2), 2);
	put(cache, 4, 1001); /* too large to keep, and it takes the others along */
	assert_int_equal(get(cache, 4), -1);
	assert_int_equal(alive, 0);
	cache_free(cache);
}

static void test_held(void **state)
{
	struct cache_entry *held, *same;
	struct cache *cache;

	assert_int_equal(cache_new(1, 1000, value_drop, &cache), 0);
	held = cache_put(cache, key(1), value_new(1), 1);
	put(cache, 2, 1);
	assert_int_equal(get(cache, 1), -1);
	assert_int_equal(*(int *)cache_value(held), 1); /* evicted, yet alive */
	assert_int_equal(alive, 2);
	cache_release(cache, held);
	assert_int_equal(alive, 1);
	/* Whoever comes second gets the first one's entry. */
	held = cache_get(cache, key(2));
	same = cache_put(cache, key(2), value_new(22), 1);
	assert_ptr_equal(held, same);
	assert_int_equal(*(int *)cache_value(same), 2);
	assert_int_equal(alive, 1);
	cache_release(cache, held);
	cache_release(cache, same);
	cache_release(cache, NULL);
	cache_free(cache);
	cache_free(NULL);
	assert_int_equal(alive, 0);
}

static void *shake(void *arg)
{
	struct cache *cache = arg;

	for (int i = 0; i < 20000; i++) {
		int n = (i * 7) % 5;
		struct cache_entry *entry = cache_get(cache, key(n));

		if (!entry)
			entry = cache_put(cache, key(n), value_new(n), 1);
		if (*(int *)cache_value(entry) != n)
			return arg;
		cache_release(cache, entry);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[4];
	struct cache *cache;
	void *bad;

	assert_int_equal(cache_new(3, 1000, value_drop, &cache), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, shake, cache), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
	assert_true(alive <= 3);
	cache_free(cache);
	assert_int_equal(alive, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
