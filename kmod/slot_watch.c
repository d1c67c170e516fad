// SPDX-License-Identifier: GPL-2.0-only
/* Watches of slots: SLOT_WATCH, poll(), SLOT_NEXT, out of what the store remembers. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/clock.h"
#include "kmod/dispatch.h"
#include "kmod/slots.h"
#include "kmod/uaccess.h"

#define NEXT_MAX 64	/* events of one call */

/* Watches take events from the store's log by number, so a slow reader holds no memory. */

static struct cc_slot_happened **log_place(struct cc_slot_store *store, u64 version)
{
	return &store->log[version % ARRAY_SIZE(store->log)];
}

/* Is the event after @seen forgotten? */
static bool log_lost(const struct cc_slot_store *store, u64 seen)
{
	return store->version - seen > ARRAY_SIZE(store->log);
}

static bool watch_wants(const struct cc_slot_watch *watch, const struct cc_slot_happened *event)
{
	return cc_slot_patterns_match(cc_slot_view_patterns(watch->view),
				      cc_span(event->name, event->name_len));
}

struct cc_slot_happened *cc_slot_remember(struct cc_slot_store *store,
					  struct cc_slot_happened *event)
{
	struct cc_slot_happened **place = log_place(store, event->version);
	struct cc_slot_happened *forgotten = *place;
	struct cc_slot_watch *watch;

	*place = event;
	store->version = event->version;
	list_for_each_entry(watch, &store->watches, in_store) {
		if (watch_wants(watch, event))
			wake_up_interruptible(&watch->wait);
		else if (watch->seen == event->version - 1)
			/* Others' events are no reason to fall behind. */
			watch->seen = event->version;
	}
	return forgotten;
}

void cc_slot_store_wake(struct cc_slot_store *store)
{
	struct cc_slot_watch *watch;

	spin_lock(&store->log_lock);
	list_for_each_entry(watch, &store->watches, in_store)
		wake_up_interruptible_poll(&watch->wait, EPOLLERR | EPOLLHUP);
	spin_unlock(&store->log_lock);
}

static void watch_destroy(struct cc_object *object)
{
	struct cc_slot_watch *watch = cc_slot_watch_of(object);
	struct cc_slot_store *store = watch->view->store;

	spin_lock(&store->log_lock);
	if (!list_empty(&watch->in_store)) {
		list_del(&watch->in_store);
		store->watch_count--;
	}
	spin_unlock(&store->log_lock);
	cc_object_put(&watch->view->base);
	mutex_destroy(&watch->reading);
	kfree(watch);
}

static int watch_info(struct cc_object *object, struct capcert_info *info)
{
	struct cc_slot_watch *watch = cc_slot_watch_of(object);

	spin_lock(&watch->view->store->log_lock);
	info->version = watch->seen;
	spin_unlock(&watch->view->store->log_lock);
	return 0;
}

/* Under log_lock: step over what is not for this watch. Return: is there something for it? */
static bool watch_seek(struct cc_slot_watch *watch, u64 *seen)
{
	struct cc_slot_store *store = watch->view->store;

	while (*seen < store->version) {
		if (log_lost(store, *seen) || watch_wants(watch, *log_place(store, *seen + 1)))
			return true;
		++*seen;
	}
	return false;
}

static __poll_t watch_poll(struct cc_object *object, struct file *file,
			   struct poll_table_struct *wait)
{
	struct cc_slot_watch *watch = cc_slot_watch_of(object);
	struct cc_slot_store *store = watch->view->store;
	bool some;

	poll_wait(file, &watch->wait, wait);
	spin_lock(&store->log_lock);
	some = watch_seek(watch, &watch->seen);
	spin_unlock(&store->log_lock);
	return some ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct cc_object_ops watch_ops = {
	.destroy = watch_destroy,
	.info = watch_info,
	.poll = watch_poll,
};

static struct cc_slot_watch *watch_new(struct cc_slot_view *view, struct cc_span patterns)
{
	struct cc_slot_watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
	int error = -ENOMEM;

	if (!watch)
		return ERR_PTR(error);
	INIT_LIST_HEAD(&watch->in_store);
	mutex_init(&watch->reading);
	init_waitqueue_head(&watch->wait);
	watch->view = cc_slot_view_new(view, patterns);
	if (IS_ERR(watch->view)) {
		error = PTR_ERR(watch->view);
		kfree(watch);
		return ERR_PTR(error);
	}
	error = cc_object_init(&watch->base, CAPCERT_KIND_WATCH, &watch_ops);
	if (error) {
		cc_object_put(&watch->view->base);
		kfree(watch);
		return ERR_PTR(error);
	}
	watch->base.parent_id = view->base.id;
	error = cc_object_charge(&watch->base, sizeof(*watch));
	if (error) {
		cc_object_put(&watch->base);
		return ERR_PTR(error);
	}
	return watch;
}

/* From now on it sees what happens. */
static int watch_begin(struct cc_slot_watch *watch, struct capcert_slot_watch *args)
{
	struct cc_slot_store *store = watch->view->store;
	int error = 0;

	spin_lock(&store->log_lock);
	if (args->flags & CAPCERT_SLOT_FROM && args->version > store->version) {
		error = -EINVAL;
	} else if (store->watch_count >= CAPCERT_SLOT_MAX_WATCHES) {
		error = -ENOSPC;
	} else {
		watch->seen = args->flags & CAPCERT_SLOT_FROM ? args->version : store->version;
		args->version = store->version;
		list_add_tail(&watch->in_store, &store->watches);
		store->watch_count++;
	}
	spin_unlock(&store->log_lock);
	return error;
}

int cc_slot_watch_ioctl(struct cc_call *call, void *arg)
{
	struct cc_slot_view *view = cc_slot_view_of(call->handle->object);
	const struct cc_handle *parent = call->handle;
	struct capcert_slot_watch *args = arg;
	struct cc_slot_watch *watch;
	struct cc_handle *handle;
	void *patterns;
	int error;

	error = cc_slot_patterns_in(view, args->patterns, args->patterns_len, &patterns);
	if (error)
		return error;
	watch = watch_new(view, cc_span(patterns, args->patterns_len));
	kvfree(patterns);
	if (IS_ERR(watch))
		return PTR_ERR(watch);
	error = watch_begin(watch, args);
	if (!error) {
		handle = cc_handle_new(&watch->base, CAPCERT_RIGHT_WATCH | CAPCERT_RIGHT_INFO |
				       (parent->rights & (CAPCERT_RIGHT_RESTRICT |
							  CAPCERT_RIGHT_TRANSFER)),
				       parent->keys, parent->key_count,
				       parent->rights & CAPCERT_RIGHT_TRANSFER ? NULL :
				       parent->bound);
		args->fd = IS_ERR(handle) ? PTR_ERR(handle) : cc_call_publish(call, handle);
		error = min(args->fd, 0);
		args->id = watch->base.id;
	}
	cc_object_put(&watch->base);
	return error;
}

/* Under log_lock: up to @count events behind *@seen, which moves. Return: how many. */
static u32 next_take(struct cc_slot_watch *watch, struct capcert_slot_event *out, u32 count,
		     u64 *seen)
{
	struct cc_slot_store *store = watch->view->store;
	const struct cc_slot_happened *event;
	u32 n;

	for (n = 0; n < count && watch_seek(watch, seen); n++) {
		if (log_lost(store, *seen)) {
			*seen = store->version;
			out[n].what = CAPCERT_SLOT_EVENT_RESYNC;
			out[n].version = store->version;
			out[n].time = (*log_place(store, store->version))->time;
			continue;
		}
		event = *log_place(store, ++*seen);
		out[n].version = event->version;
		out[n].time = event->time;
		out[n].what = event->what;
		memcpy(out[n].name, event->name, event->name_len);
	}
	return n;
}

int cc_slot_next_ioctl(struct cc_call *call, void *arg)
{
	struct cc_slot_watch *watch = cc_slot_watch_of(call->handle->object);
	struct cc_slot_store *store = watch->view->store;
	struct capcert_slot_next *args = arg;
	const u32 count = min_t(u32, args->count, NEXT_MAX);
	struct capcert_slot_event *out;
	int error;
	u64 seen;
	u32 n;

	if (args->event_size != sizeof(*out))
		return -EINVAL;
	out = kvcalloc(count ?: 1, sizeof(*out), GFP_KERNEL_ACCOUNT);
	if (!out)
		return -ENOMEM;
	error = mutex_lock_killable(&watch->reading);
	if (error) {
		kvfree(out);
		return error;
	}
	spin_lock(&store->log_lock);
	seen = watch->seen;
	n = next_take(watch, out, count, &seen);
	spin_unlock(&store->log_lock);
	error = cc_user_out(args->buf, out, n * sizeof(*out));
	/* What could not be written is told again. */
	if (!error) {
		args->count = n;
		spin_lock(&store->log_lock);
		watch->seen = max(watch->seen, seen);
		spin_unlock(&store->log_lock);
	}
	mutex_unlock(&watch->reading);
	kvfree(out);
	return error;
}
