// SPDX-License-Identifier: LGPL-2.1-or-later
/* A list of CT logs: sorted by id, sharing its logs with the lists it was made from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/loglist.h"
#include "libcapcert/sha.h"

struct capcert_loglist {
	atomic_uint refs;
	uint32_t count;
	int64_t time;
	uint8_t digest[32];
	capcert_log *logs[]; /* ascending by id; a reference of each is ours */
};

/* Length first, so that no two lists are the same bytes. NULL is told from nothing. */
static void absorb_text(struct sha256_ctx *ctx, const char *text)
{
	uint64_t n = text ? strlen(text) + 1 : 0;

	sha256_update(ctx, sizeof(n), (const uint8_t *)&n);
	if (n)
		sha256_update(ctx, n, (const uint8_t *)text);
}

static void absorb_number(struct sha256_ctx *ctx, int64_t value)
{
	sha256_update(ctx, sizeof(value), (const uint8_t *)&value);
}

/* The id stands for the key. */
static void absorb_log(struct sha256_ctx *ctx, const struct ct_log *log)
{
	uint32_t i;

	sha256_update(ctx, 32, log->id);
	absorb_number(ctx, log->kind);
	absorb_text(ctx, log->description);
	absorb_number(ctx, log->mmd);
	absorb_number(ctx, log->operator_count);
	for (i = 0; i < log->operator_count; i++) {
		absorb_text(ctx, log->operators[i].name);
		absorb_number(ctx, log->operators[i].since);
	}
	absorb_number(ctx, log->state_count);
	for (i = 0; i < log->state_count; i++) {
		absorb_number(ctx, log->states[i].state);
		absorb_number(ctx, log->states[i].since);
	}
	absorb_number(ctx, log->has_interval);
	absorb_number(ctx, log->interval_start);
	absorb_number(ctx, log->interval_end);
	absorb_text(ctx, log->submission);
	absorb_text(ctx, log->monitoring);
}

static void set_digest(capcert_loglist *list)
{
	struct sha256_ctx ctx;
	uint32_t i;

	sha256_init(&ctx);
	absorb_text(&ctx, "capcert list of CT logs 1");
	absorb_number(&ctx, list->time);
	absorb_number(&ctx, list->count);
	for (i = 0; i < list->count; i++)
		absorb_log(&ctx, &list->logs[i]->facts);
	sha256_digest(&ctx, 32, list->digest);
}

static int by_id(const void *a, const void *b)
{
	const capcert_log *x = *(capcert_log *const *)a, *y = *(capcert_log *const *)b;

	return memcmp(x->facts.id, y->facts.id, 32);
}

int loglist_of(capcert_log *const *logs, size_t count, int64_t time, capcert_loglist **ret)
{
	capcert_loglist *list;
	uint32_t i;

	if (count > CAPCERT_LOGLIST_MAX)
		return -EMSGSIZE;
	list = malloc(sizeof(*list) + count * sizeof(list->logs[0]));
	if (!list)
		return -ENOMEM;
	atomic_init(&list->refs, 1);
	list->time = time;
	list->count = (uint32_t)count;
	for (i = 0; i < list->count; i++)
		list->logs[i] = capcert_log_ref(logs[i]);
	if (list->count)
		qsort(list->logs, list->count, sizeof(list->logs[0]), by_id);
	set_digest(list);
	*ret = list;
	return 0;
}

int capcert_loglist_new(capcert_loglist **ret)
{
	return loglist_of(NULL, 0, CAPCERT_TIME_UNKNOWN, ret);
}

capcert_loglist *capcert_loglist_ref(const capcert_loglist *const_list)
{
	capcert_loglist *list = (capcert_loglist *)(uintptr_t)const_list;

	atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
	return list;
}

void capcert_loglist_free(capcert_loglist *list)
{
	uint32_t i;

	if (!list || atomic_fetch_sub_explicit(&list->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (i = 0; i < list->count; i++)
		capcert_log_free(list->logs[i]);
	free(list);
}

/* Where the log with this id is or belongs. */
static uint32_t position(capcert_log *const *logs, uint32_t count, const uint8_t id[32],
			 bool *ret_found)
{
	uint32_t lo = 0, hi = count;

	*ret_found = false;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = memcmp(logs[mid]->facts.id, id, 32);

		if (c == 0) {
			*ret_found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int capcert_loglist_adding(const capcert_loglist *list, capcert_log *const *logs, size_t count,
			   capcert_loglist **ret)
{
	uint32_t n = list->count, at;
	capcert_log **all;
	bool found;
	size_t i;
	int r;

	if (count > CAPCERT_LOGLIST_MAX)
		return -EMSGSIZE;
	all = malloc((n + count + 1) * sizeof(capcert_log *));
	if (!all)
		return -ENOMEM;
	memcpy(all, list->logs, n * sizeof(capcert_log *));
	for (i = 0; i < count; i++) {
		at = position(all, n, logs[i]->facts.id, &found);
		if (!found) {
			memmove(all + at + 1, all + at, (n - at) * sizeof(capcert_log *));
			n++;
		}
		all[at] = logs[i];
	}
	r = loglist_of(all, n, list->time, ret);
	free(all);
	return r;
}

int capcert_loglist_dated(const capcert_loglist *list, int64_t time, capcert_loglist **ret)
{
	return loglist_of(list->logs, list->count, time, ret);
}

int capcert_loglist_add_key(const capcert_loglist *list, const void *key, size_t key_len,
			    const char *name, const char *operator_name, capcert_loglist **ret,
			    const char **ret_error)
{
	struct capcert_log_operator whose = { operator_name, CAPCERT_TIME_UNKNOWN };
	struct capcert_log_info info = { .name = name };
	capcert_log *log;
	int r;

	if (operator_name) {
		info.operators = &whose;
		info.operator_count = 1;
	}
	if (key_len) {
		info.key = key;
		info.key_len = key_len;
		r = capcert_log_new(&info, &log, ret_error);
	} else {
		r = capcert_log_new_base64(key, &info, &log, ret_error);
	}
	if (r < 0)
		return r;
	r = capcert_loglist_adding(list, &log, 1, ret);
	capcert_log_free(log);
	return r;
}

uint32_t loglist_count(const capcert_loglist *list)
{
	return list->count;
}

const struct ct_log *loglist_at(const capcert_loglist *list, uint32_t at)
{
	return &list->logs[at]->facts;
}

static capcert_log *find(const capcert_loglist *list, const uint8_t id[32])
{
	bool found;
	uint32_t at = position(list->logs, list->count, id, &found);

	return found ? list->logs[at] : NULL;
}

const struct ct_log *loglist_find(const capcert_loglist *list, const uint8_t id[32])
{
	const capcert_log *log = find(list, id);

	return log ? &log->facts : NULL;
}

int64_t loglist_time(const capcert_loglist *list)
{
	return list->time;
}

const uint8_t *loglist_digest(const capcert_loglist *list)
{
	return list->digest;
}

size_t capcert_loglist_count(const capcert_loglist *list)
{
	return list->count;
}

const capcert_log *capcert_loglist_at(const capcert_loglist *list, size_t index)
{
	return index < list->count ? list->logs[index] : NULL;
}

const capcert_log *capcert_loglist_find(const capcert_loglist *list, const uint8_t id[32])
{
	return find(list, id);
}

int64_t capcert_loglist_time(const capcert_loglist *list)
{
	return list->time;
}

const uint8_t *capcert_loglist_digest(const capcert_loglist *list)
{
	return list->digest;
}
