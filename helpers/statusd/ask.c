// SPDX-License-Identifier: GPL-2.0-only
/* A table of questions: who waits, the answer and how long it counts, failures and when to try again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "helpers/common/log.h"
#include "helpers/statusd/ask.h"
#include "helpers/statusd/host.h"
#include "helpers/statusd/sealed.h"

struct waiter {
	struct waiter *next;
	ask_verify *verify;
	ask_done *done;
	void *ctx;
	bool as_file;
};

struct entry {
	uint8_t key[ASK_KEY];
	struct asker *asker;
	struct entry *next;  /* in its bucket */
	struct entry *newer; /* in order of use */
	struct entry *older;
	bool under_way;
	bool wants_disk;
	bool on_disk;	   /* and is there, or nowhere */
	struct host *host; /* while under way */
	struct pause pause;
	enum fetch_end why; /* of the last failure: FETCH_OK when what came did not hold */
	int64_t until;	    /* the last second at which the answer counts */
	int64_t fetched;
	uint8_t *data; /* the answer, when it is not on disk */
	size_t len;
	int file; /* the answer once more, for those who share it; -1: not made */
	size_t file_len;
	struct waiter *waiters;	  /* while under way */
	uint8_t nonce[ASK_NONCE]; /* of what is under way */
};

#define BUCKETS 1024

struct asker {
	struct ask_limits limits;
	struct fetcher *fetcher;
	struct disk *disk;
	struct hosts *hosts;
	int64_t now;
	uint64_t fetches;
	uint64_t bytes;
	uint64_t file_bytes;
	uint32_t files;
	uint32_t count;
	uint32_t under_way;
	uint32_t waiting;
	bool disk_fails; /* the last time that something was to be kept there */
	struct entry *buckets[BUCKETS];
	struct entry *newest;
	struct entry *oldest;
};

const char *ask_end_text(enum ask_end end)
{
	static const char *const texts[] = {
#define X(name, text) text,
		ASK_ENDS(X)
#undef X
	};

	return end < ASK_END_COUNT ? texts[end] : "?";
}

/* Keys are hashes. */
static struct entry **bucket(struct asker *a, const uint8_t key[ASK_KEY])
{
	return &a->buckets[(key[0] | (uint32_t)key[1] << 8) % BUCKETS];
}

static struct entry *find(struct asker *a, const uint8_t key[ASK_KEY])
{
	struct entry *entry = *bucket(a, key);

	while (entry && memcmp(entry->key, key, ASK_KEY) != 0)
		entry = entry->next;
	return entry;
}

static void take_out(struct asker *a, struct entry *entry)
{
	*(entry->newer ? &entry->newer->older : &a->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &a->oldest) = entry->newer;
}

static void put_first(struct asker *a, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = a->newest;
	*(a->newest ? &a->newest->newer : &a->oldest) = entry;
	a->newest = entry;
}

static void forget_data(struct asker *a, struct entry *entry)
{
	a->bytes -= entry->data ? entry->len : 0;
	free(entry->data);
	entry->data = NULL;
	entry->len = 0;
}

static void close_file(struct asker *a, struct entry *entry)
{
	if (entry->file < 0)
		return;
	close(entry->file);
	entry->file = -1;
	a->files--;
	a->file_bytes -= entry->file_len;
}

/* The least recently used go first; what the kernel holds of them lives on without us. */
static void make_file(struct asker *a, struct entry *entry, const uint8_t *data, size_t len)
{
	if (entry->file >= 0)
		return;
	for (struct entry *old = a->oldest; old; old = old->newer)
		if (a->files + 1 > a->limits.files || a->file_bytes + len > a->limits.file_bytes)
			close_file(a, old);
	if (a->files + 1 > a->limits.files || a->file_bytes + len > a->limits.file_bytes)
		return;
	entry->file = sealed_new(data, len);
	if (entry->file < 0)
		return;
	entry->file_len = len;
	a->files++;
	a->file_bytes += len;
}

static void remove_entry(struct asker *a, struct entry *entry)
{
	struct entry **at = bucket(a, entry->key);

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	take_out(a, entry);
	forget_data(a, entry);
	close_file(a, entry);
	a->count--;
	free(entry);
}

/* The least recently used that nobody waits for, until there is room for @bytes and an entry. */
static bool make_room(struct asker *a, uint32_t entries, uint64_t bytes, const struct entry *keep)
{
	struct entry *entry = a->oldest;

	while (entry &&
	       (a->count + entries > a->limits.entries || a->bytes + bytes > a->limits.bytes)) {
		struct entry *newer = entry->newer;

		if (entry != keep && !entry->under_way)
			remove_entry(a, entry);
		entry = newer;
	}
	return a->count + entries <= a->limits.entries && a->bytes + bytes <= a->limits.bytes;
}

static struct entry *add_entry(struct asker *a, const struct ask_question *question)
{
	struct entry **at = bucket(a, question->key), *entry;

	if (!make_room(a, 1, 0, NULL))
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	memcpy(entry->key, question->key, ASK_KEY);
	entry->asker = a;
	entry->wants_disk = entry->on_disk = question->on_disk && a->disk;
	entry->until = INT64_MIN;
	entry->file = -1;
	entry->next = *at;
	*at = entry;
	put_first(a, entry);
	a->count++;
	return entry;
}

static void tell(const struct ask_question *question, enum ask_end end, enum fetch_end why)
{
	const struct ask_answer answer = { .end = end, .fetch = why, .file = -1 };

	question->done(question->ctx, &answer);
}

/* The kept answer, if there is one that counts. */
static bool answer_kept(struct asker *a, struct entry *entry, const struct ask_question *question)
{
	struct ask_answer answer = {
		.end = ASK_ANSWERED, .cached = true, .file = -1, .fetched = entry->fetched
	};
	uint8_t *read = NULL;

	/* What was fetched later than now tells that the clock has been set back. */
	if (a->now > entry->until || a->now < entry->fetched ||
	    (question->fresh && entry->fetched != a->now))
		return false;
	answer.data = entry->data;
	answer.len = entry->len;
	if (question->as_file && entry->file >= 0) {
		answer.data = NULL;
		answer.len = entry->file_len;
	} else if (entry->on_disk) {
		if (disk_read(a->disk, entry->key, &read, &answer.len) < 0)
			return false;
		answer.data = read;
	}
	if (question->as_file) {
		if (answer.data)
			make_file(a, entry, answer.data, answer.len);
		answer.file = entry->file;
	}
	question->done(question->ctx, &answer);
	free(read);
	return true;
}

/* What the disk has kept from an earlier life becomes an entry like any other. */
static void remember_disk(struct asker *a, struct entry *entry)
{
	const struct disk_record *record = entry->on_disk ? disk_find(a->disk, entry->key) : NULL;

	if (!record || entry->until != INT64_MIN)
		return;
	entry->until = record->until;
	entry->fetched = record->fetched;
}

/* False: it cannot be kept there. Then nothing is, for what is there is older. */
static bool keep_on_disk(struct entry *entry, const struct fetch_answer *answer, int64_t until)
{
	struct asker *a = entry->asker;
	struct disk_record record = { .fetched = a->now, .until = until };
	int r;

	memcpy(record.key, entry->key, ASK_KEY);
	memcpy(record.etag, answer->etag, sizeof(answer->etag));
	memcpy(record.modified, answer->modified, sizeof(answer->modified));
	r = disk_put(a->disk, &record, answer->data, answer->len, a->now);
	if (r < 0) {
		disk_drop(a->disk, entry->key);
		if (!a->disk_fails)
			log_line(LOG_WARNING, "lists are kept in memory, not on disk: %s",
				 strerror(-r));
	} else if (a->disk_fails) {
		log_line(LOG_NOTICE, "lists are kept on disk again");
	}
	a->disk_fails = r < 0;
	return r == 0;
}

static int keep_answer(struct entry *entry, struct fetch_answer *answer, int64_t until)
{
	struct asker *a = entry->asker;
	int r = 0;

	forget_data(a, entry);
	close_file(a, entry);
	entry->on_disk = entry->wants_disk && keep_on_disk(entry, answer, until);
	if (entry->on_disk)
		return 0;
	if (make_room(a, 0, answer->len, entry)) {
		entry->data = answer->data;
		entry->len = answer->len;
		a->bytes += answer->len;
		answer->data = NULL; /* ours now */
	} else {
		r = -ENOSPC;
	}
	return r;
}

/* The first for whom it holds speaks for all: equal keys mean that it is verified against the same. */
static bool holds(const struct entry *entry, const uint8_t *data, size_t len, struct ask_span *ret)
{
	const struct waiter *waiter = entry->waiters;

	while (waiter &&
	       waiter->verify(waiter->ctx, data, len, entry->nonce, entry->asker->now, ret) < 0)
		waiter = waiter->next;
	return waiter != NULL;
}

static void tell_all(struct entry *entry, const struct ask_answer *answer)
{
	struct waiter *waiter = entry->waiters;

	entry->waiters = NULL;
	while (waiter) {
		struct waiter *next = waiter->next;

		waiter->done(waiter->ctx, answer);
		entry->asker->waiting--;
		free(waiter);
		waiter = next;
	}
}

static void fail(struct entry *entry, enum ask_end end, enum fetch_end why, int64_t retry_after)
{
	const struct ask_answer answer = { .end = end, .fetch = why, .file = -1 };

	/* The answer before, if there is one, counts for as long as it said. */
	entry->why = why;
	pause_begin(&entry->pause, entry->asker->now, retry_after, PAUSE_BELIEVED);
	tell_all(entry, &answer);
}

static void succeed(struct entry *entry, const uint8_t *data, size_t len, int64_t until,
		    bool cached)
{
	struct ask_answer answer = { .end = ASK_ANSWERED,
				     .data = data,
				     .len = len,
				     .file = -1,
				     .fetched = entry->asker->now,
				     .cached = cached };

	for (const struct waiter *waiter = entry->waiters; waiter; waiter = waiter->next)
		if (waiter->as_file)
			make_file(entry->asker, entry, data, len);
	if (entry->file >= 0)
		answer.file = entry->file;
	entry->until = until;
	entry->fetched = entry->asker->now;
	pause_end(&entry->pause);
	tell_all(entry, &answer);
}

/* 304: what the disk has is what the server has. */
static void unchanged(struct entry *entry)
{
	struct asker *a = entry->asker;
	uint8_t *data = NULL;
	struct ask_span span;
	size_t len;

	if (!entry->on_disk || disk_read(a->disk, entry->key, &data, &len) < 0) {
		fail(entry, ASK_FETCH, FETCH_UNREACHABLE, -1);
		return;
	}
	if (holds(entry, data, len, &span)) {
		disk_touch(a->disk, entry->key, a->now, span.until);
		succeed(entry, data, len, span.until, false);
	} else {
		disk_drop(a->disk, entry->key);
		close_file(a, entry);
		entry->until = INT64_MIN;
		fail(entry, ASK_REFUSED, FETCH_OK, -1);
	}
	free(data);
}

/* Servers behind one name are not all of the same day, and an answer from before can be sent again: the
 * newest word stays, for as long as it counts. False: what is there is not newer than @since. */
static bool newer_is_there(struct entry *entry, int64_t since)
{
	struct asker *a = entry->asker;
	const uint8_t *data = entry->data;
	size_t len = entry->len;
	uint8_t *read = NULL;
	struct ask_span span;
	bool newer;

	if (a->now > entry->until || a->now < entry->fetched)
		return false;
	if (entry->on_disk) {
		if (disk_read(a->disk, entry->key, &read, &len) < 0)
			return false;
		data = read;
	}
	newer = data && holds(entry, data, len, &span) && span.since > since;
	if (newer) {
		if (entry->on_disk)
			disk_touch(a->disk, entry->key, a->now, span.until);
		succeed(entry, data, len, span.until, true);
	}
	free(read);
	return newer;
}

static void take_answer(struct entry *entry, struct fetch_answer *answer)
{
	uint8_t *data = answer->data;
	struct ask_span span;

	if (!holds(entry, data, answer->len, &span)) {
		fail(entry, ASK_REFUSED, FETCH_OK, -1);
		return;
	}
	if (newer_is_there(entry, span.since))
		return;
	/* Without room for it, it is for those who wait now. */
	if (keep_answer(entry, answer, span.until) < 0)
		span.until = INT64_MIN;
	succeed(entry, data, answer->len, span.until, false);
}

static void fetched(void *ctx, struct fetch_answer *answer)
{
	struct entry *entry = ctx;

	entry->asker->under_way--;
	entry->under_way = false;
	host_end(entry->host, answer, entry->asker->now);
	if (answer->end == FETCH_UNCHANGED)
		unchanged(entry);
	else if (answer->end != FETCH_OK)
		fail(entry, ASK_FETCH, answer->end, answer->retry_after);
	else if (entry->waiters) /* with nobody left to verify it: whoever comes next asks anew */
		take_answer(entry, answer);
}

static int start(struct entry *entry, const struct ask_question *question, struct host *host)
{
	struct asker *a = entry->asker;
	struct fetch_request request = question->fetch;
	const struct disk_record *record = entry->on_disk ? disk_find(a->disk, entry->key) : NULL;
	int r;

	request.etag = record ? record->etag : NULL;
	request.modified = record ? record->modified : NULL;
	r = fetcher_start(a->fetcher, &request, fetched, entry);
	if (r < 0)
		return r;
	host_begin(host);
	entry->host = host;
	a->under_way++;
	a->fetches++;
	entry->under_way = true;
	memcpy(entry->nonce, question->nonce, ASK_NONCE);
	return 0;
}

static bool add_waiter(struct entry *entry, const struct ask_question *question)
{
	struct waiter *waiter = malloc(sizeof(*waiter)), **at = &entry->waiters;

	if (!waiter)
		return false;
	*waiter = (struct waiter){ .verify = question->verify,
				   .done = question->done,
				   .ctx = question->ctx,
				   .as_file = question->as_file };
	while (*at)
		at = &(*at)->next;
	*at = waiter;
	entry->asker->waiting++;
	return true;
}

/* May it be fetched now? ANSWERED: yes, from @ret_host. */
static enum ask_end may_start(struct asker *a, const struct ask_question *question,
			      struct host **ret_host)
{
	struct host *host;

	if (a->under_way >= a->limits.under_way)
		return ASK_BUSY;
	host = hosts_get(a->hosts, question->fetch.url);
	if (!host)
		return ASK_MEMORY;
	if (host_waits(host, a->now))
		return ASK_HOST_WAITS;
	if (host_busy(host) >= a->limits.per_host)
		return ASK_BUSY;
	*ret_host = host;
	return ASK_ANSWERED;
}

/* The entry of a question. A new one is made for what is kept on disk, or can be fetched: what is refused
 * must not push out what is known. */
static struct entry *entry_for(struct asker *a, const struct ask_question *question,
			       enum ask_end may)
{
	struct entry *entry = find(a, question->key);

	if (entry) {
		take_out(a, entry);
		put_first(a, entry);
	} else if (may == ASK_ANSWERED ||
		   (question->on_disk && a->disk && disk_find(a->disk, question->key))) {
		entry = add_entry(a, question);
	}
	return entry;
}

/* Nothing that is kept will do: wait for a fetch. */
static void ask_network(struct entry *entry, const struct ask_question *question, enum ask_end may,
			struct host *host)
{
	struct asker *a = entry->asker;
	int r = 0;

	if (!entry->under_way && pause_on(&entry->pause, a->now)) {
		tell(question, ASK_WAITS, entry->why);
		return;
	}
	if (!entry->under_way && may != ASK_ANSWERED) {
		tell(question, may, FETCH_OK);
		return;
	}
	if (a->waiting >= a->limits.waiting) {
		tell(question, ASK_BUSY, FETCH_OK);
		return;
	}
	if (!entry->under_way)
		r = start(entry, question, host);
	if (r < 0)
		tell(question, r == -EINVAL ? ASK_FETCH : ASK_MEMORY, FETCH_URL);
	else if (!add_waiter(entry, question))
		tell(question, ASK_MEMORY, FETCH_OK);
}

void asker_ask(struct asker *a, const struct ask_question *question, int64_t now)
{
	struct host *host = NULL;
	struct entry *entry;
	enum ask_end may;

	a->now = now;
	may = may_start(a, question, &host);
	entry = entry_for(a, question, may);
	if (!entry) {
		tell(question, may == ASK_ANSWERED ? ASK_BUSY : may, FETCH_OK);
		return;
	}
	remember_disk(a, entry);
	if (!answer_kept(a, entry, question))
		ask_network(entry, question, may, host);
}

void asker_forget(struct asker *a, const void *ctx)
{
	for (struct entry *entry = a->newest; entry; entry = entry->older) {
		struct waiter **at = &entry->waiters;

		while (*at) {
			struct waiter *waiter = *at;

			if (waiter->ctx != ctx) {
				at = &waiter->next;
				continue;
			}
			*at = waiter->next;
			a->waiting--;
			free(waiter);
		}
	}
}

void asker_time(struct asker *a, int64_t now)
{
	a->now = now;
}

uint64_t asker_fetches(const struct asker *a)
{
	return a->fetches;
}

struct asker *asker_new(const struct ask_limits *limits, struct fetcher *fetcher, struct disk *disk)
{
	struct asker *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->limits = *limits;
	a->fetcher = fetcher;
	a->disk = disk;
	a->hosts = hosts_new(limits->hosts);
	if (!a->hosts) {
		free(a);
		return NULL;
	}
	return a;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	while (a->newest) {
		struct entry *entry = a->newest;

		while (entry->waiters) {
			struct waiter *next = entry->waiters->next;

			free(entry->waiters);
			entry->waiters = next;
		}
		remove_entry(a, entry);
	}
	hosts_free(a->hosts);
	free(a);
}
