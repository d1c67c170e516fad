// SPDX-License-Identifier: GPL-2.0-only
/* Slot staplers at work: a thread takes one step of one of them, because responders take their time. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/slot_keepers.h"
#include "tools/tool.h"

int keepers_open(struct keepers *all)
{
	return pipe2(all->done, O_CLOEXEC) < 0 ? -errno : 0;
}

static void keeper_free(struct keeper *k)
{
	capcert_slot_stapler_free(k->stapler);
	free(k);
}

void keepers_close(struct keepers *all)
{
	while (all->count)
		keeper_free(all->list[--all->count]);
	close(all->done[0]);
	close(all->done[1]);
}

struct keeper *keepers_find(const struct keepers *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (!all->list[i]->gone && !strcmp(all->list[i]->name, name))
			return all->list[i];
	return NULL;
}

static int fetch(void *ctx, const struct capcert_stapler_request *request,
		 struct capcert_stapler_answer *ret)
{
	struct keeper *k = ctx;
	int r = statusd_ask(k->all->args, request->chain, ASK_OCSP, &ret->data, &ret->len, k->why);

	return r ? -EHOSTUNREACH : 0;
}

int keepers_add(struct keepers *all, const char *name, bool named)
{
	struct keeper *k = keepers_find(all, name);
	struct capcert_stapler_options options = { .fetch = fetch };
	int r;

	if (k) {
		k->changed = true;
		return 0;
	}
	if (all->count == CAPCERT_SLOT_MAX_SLOTS)
		return -ENOSPC;
	k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	options.ctx = k;
	r = capcert_slot_stapler_new(all->slots, name, &options, all->issuers, &k->stapler);
	if (r < 0) {
		free(k);
		return r;
	}
	k->all = all;
	k->named = named;
	k->changed = true;
	strcpy(k->name, name);
	all->list[all->count++] = k;
	return 0;
}

static void *work(void *ctx)
{
	struct keeper *k = ctx;

	*k->why = '\0';
	capcert_slot_stapler_step(k->stapler, 0);
	/* A pointer is far below PIPE_BUF, and there is room for all that can be at work. */
	while (write(k->all->done[1], &k, sizeof(k)) < 0 && errno == EINTR)
		;
	return NULL;
}

static void start(struct keeper *k)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	k->busy = true;
	k->changed = false;
	k->all->at_work++;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attr, work, k);
	pthread_attr_destroy(&attr);
	if (r)
		work(k); /* no thread to be had: the others wait */
}

static bool wanted(const struct keeper *k, int64_t now)
{
	return !k->busy && !k->gone && (k->changed || capcert_slot_stapler_due(k->stapler) <= now);
}

void keepers_start(struct keepers *all, int64_t now)
{
	for (size_t i = 0; i < all->count && all->at_work < KEEPERS_AT_WORK; i++)
		if (wanted(all->list[i], now))
			start(all->list[i]);
}

static void take_out(struct keepers *all, struct keeper *k)
{
	size_t i = 0;

	while (all->list[i] != k)
		i++;
	all->list[i] = all->list[--all->count];
	keeper_free(k);
}

struct keeper *keepers_done(struct keepers *all)
{
	struct capcert_slot_stapler_info before;
	struct keeper *k;
	ssize_t n;

	do
		n = read(all->done[0], &k, sizeof(k));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(k))
		return NULL;
	all->at_work--;
	k->busy = false;
	before = k->info;
	capcert_slot_stapler_get(k->stapler, &k->info);
	k->news = !k->stepped || before.error != k->info.error || before.puts != k->info.puts ||
		  before.staple.until != k->info.staple.until ||
		  before.staple.have != k->info.staple.have ||
		  before.staple.due != k->info.staple.due;
	k->stepped = true;
	k->gone |= !k->named && k->info.error == -ENOENT && !k->changed;
	if (!k->gone)
		return k;
	take_out(all, k);
	return NULL;
}

int64_t keepers_due(const struct keepers *all)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < all->count; i++) {
		const struct keeper *k = all->list[i];
		int64_t at;

		if (k->busy || k->gone)
			continue;
		at = k->changed ? 0 : capcert_slot_stapler_due(k->stapler);
		due = at < due ? at : due;
	}
	/* Those that are at work make room. */
	return all->at_work == KEEPERS_AT_WORK ? INT64_MAX : due;
}
