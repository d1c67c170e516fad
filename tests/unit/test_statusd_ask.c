// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One fetch for all who ask, answers kept while they count, failures for a while, bounds. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <nettle/sha2.h>
#include "helpers/statusd/ask.h"
#include "tests/unit/http_server.h"

#define NOW 5000
#define LIFE 100	  /* seconds that a good answer counts */
#define PATIENCE_MS 60000 /* whatever is waited for comes long before that */

struct asking {
	const char *want; /* what holds; NULL: nothing does */
	bool any;	  /* whatever it is: of how long ago, its length says */
	int verified;
	int calls;
	struct ask_answer answer;
	char data[16];
};

static int verify(void *ctx, const uint8_t *data, size_t len, const uint8_t nonce[ASK_NONCE],
		  int64_t now, struct ask_span *ret)
{
	struct asking *asking = ctx;

	asking->verified++;
	if (!asking->any &&
	    (!asking->want || len != strlen(asking->want) || memcmp(data, asking->want, len) != 0))
		return -EBADMSG;
	*ret = (struct ask_span){ .since = NOW - 100 + (int64_t)len, .until = NOW + LIFE };
	return now <= NOW + LIFE ? 0 : -EBADMSG;
}

static void done(void *ctx, const struct ask_answer *answer)
{
	struct asking *asking = ctx;

	asking->calls++;
	asking->answer = *answer;
	if (answer->end == ASK_ANSWERED && answer->len < sizeof(asking->data))
		memcpy(asking->data, answer->data, answer->len);
}

static struct address_range loopback;
static char folder[64];

struct world {
	struct fetcher *fetcher;
	struct disk *disk;
	struct asker *asker;
};

static void sha256(const void *p, size_t n, uint8_t ret[DISK_KEY])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, p);
	sha256_digest(&ctx, DISK_KEY, ret);
}

static struct world world_limited(struct ask_limits limits, bool with_disk)
{
	struct fetch_rules rules = { .ranges = &loopback,
				     .range_count = 1,
				     .any_port = true,
				     .per_host = 8,
				     .at_once = 16,
				     .connect_ms = PATIENCE_MS };
	struct world w = { 0 };

	assert_int_equal(address_range_parse("127.0.0.0/8", &loopback), 0);
	w.fetcher = fetcher_new(&rules);
	if (with_disk) {
		int dir = open(folder, O_RDONLY | O_DIRECTORY);

		assert_return_code(dir, errno);
		assert_int_equal(disk_open(dir, 1000, sha256, NOW, &w.disk), 0);
	}
	w.asker = asker_new(&limits, w.fetcher, w.disk);
	assert_non_null(w.fetcher);
	assert_non_null(w.asker);
	return w;
}

static struct world world(bool with_disk)
{
	return world_limited((struct ask_limits){ .entries = 100,
						  .under_way = 16,
						  .per_host = 16,
						  .hosts = 20,
						  .waiting = 1000,
						  .bytes = 1000 },
			     with_disk);
}

static void end(struct world *w)
{
	fetcher_free(w->fetcher);
	asker_free(w->asker);
	disk_close(w->disk);
}

static void ask_fresh(struct world *w, const char *path, uint8_t key, struct asking *asking,
		      int64_t now, bool fresh)
{
	struct ask_question question = { .on_disk = w->disk != NULL,
					 .fresh = fresh,
					 .verify = verify,
					 .done = done,
					 .ctx = asking };
	char url[64];

	memset(question.key, key, sizeof(question.key));
	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", server.port, path);
	question.fetch =
		(struct fetch_request){ .url = url, .max_bytes = 100, .timeout_ms = PATIENCE_MS };
	asker_ask(w->asker, &question, now);
}

static void ask(struct world *w, const char *path, uint8_t key, struct asking *asking, int64_t now)
{
	ask_fresh(w, path, key, asking, now, false);
}

static void settle(struct world *w)
{
	for (int i = 0; i < PATIENCE_MS && fetcher_count(w->fetcher) > 0; i++)
		assert_return_code(fetcher_step(w->fetcher, -1, 20), 0);
	assert_int_equal(fetcher_count(w->fetcher), 0);
}

static void want(const struct asking *asking, enum ask_end end, const char *data)
{
	assert_int_equal(asking->calls, 1);
	assert_int_equal(asking->answer.end, end);
	if (data)
		assert_string_equal(asking->data, data);
}

static void test_one_fetch(void **state)
{
	struct world w = world(false);
	struct asking many[500] = { 0 }, late = { .want = "ok" };

	for (int i = 0; i < 500; i++) {
		many[i].want = i % 2 ? "ok" : "other"; /* it is enough that one can vouch for it */
		ask(&w, "/slow", 1, &many[i], NOW);
	}
	settle(&w);
	assert_int_equal(asker_fetches(w.asker), 1);
	for (int i = 0; i < 500; i++)
		want(&many[i], ASK_ANSWERED, "ok");
	assert_int_equal(many[0].verified, 1);
	assert_int_equal(many[1].verified, 1);
	assert_int_equal(many[2].verified, 0);
	ask(&w, "/slow", 1, &late, NOW + LIFE);
	want(&late, ASK_ANSWERED, "ok");
	assert_true(late.answer.cached);
	assert_int_equal(late.answer.fetched, NOW);
	assert_int_equal(asker_fetches(w.asker), 1);
	end(&w);
}

/* What does not hold is not kept, and is not fetched again at once; fresh means fetched now. */
static void test_verified(void **state)
{
	struct world w = world(false);
	struct asking wrong = { .want = "hullo" }, waits = { .want = "hello" };
	struct asking anew = { .want = "hello" }, fresh = { .want = "hello" };

	ask(&w, "/ok", 1, &wrong, NOW);
	settle(&w);
	want(&wrong, ASK_REFUSED, NULL);
	ask(&w, "/ok", 1, &waits, NOW + 9);
	want(&waits, ASK_WAITS, NULL);
	ask(&w, "/ok", 1, &anew, NOW + 10);
	settle(&w);
	want(&anew, ASK_ANSWERED, "hello");
	assert_false(anew.answer.cached);
	ask_fresh(&w, "/ok", 1, &fresh, NOW + 11, true);
	settle(&w);
	want(&fresh, ASK_ANSWERED, "hello");
	assert_false(fresh.answer.cached);
	assert_int_equal(asker_fetches(w.asker), 3);
	end(&w);
}

/* A server that fails takes nothing away from the answer before. */
static void test_failed_refresh(void **state)
{
	struct world w = world(false);
	struct asking first = { .want = "well" }, second = { .want = "well" };
	struct asking third = { .want = "well" };

	atomic_store(&server.broken, 0);
	ask(&w, "/mends", 1, &first, NOW);
	settle(&w);
	want(&first, ASK_ANSWERED, "well");
	atomic_store(&server.broken, 1);
	ask_fresh(&w, "/mends", 1, &second, NOW + 1, true);
	settle(&w);
	want(&second, ASK_FETCH, NULL);
	ask(&w, "/mends", 1, &third, NOW + 2);
	want(&third, ASK_ANSWERED, "well");
	assert_int_equal(third.answer.fetched, NOW);
	end(&w);
}

/* "ok" is older than "well", and that than "hello": fresh or not, the newest word stays while it counts. */
static void newest(bool with_disk)
{
	struct world w = world(with_disk);
	struct asking well = { .any = true }, ok = { .any = true }, kept = { .any = true };
	struct asking hello = { .any = true }, last = { .any = true }, two[2] = { { .any = true } };

	atomic_store(&server.broken, 0);
	ask(&w, "/mends", 1, &well, NOW);
	settle(&w);
	want(&well, ASK_ANSWERED, "well");
	ask_fresh(&w, "/slow", 1, &ok, NOW + 1, true);
	settle(&w);
	want(&ok, ASK_ANSWERED, "well");
	assert_true(ok.answer.cached);
	assert_int_equal(ok.answer.fetched, NOW + 1);
	ask(&w, "/slow", 1, &kept, NOW + 2);
	want(&kept, ASK_ANSWERED, "well");
	assert_int_equal(kept.answer.fetched, NOW + 1);
	ask_fresh(&w, "/ok", 1, &hello, NOW + 3, true);
	settle(&w);
	want(&hello, ASK_ANSWERED, "hello");
	assert_false(hello.answer.cached);
	/* Two who wait, for one of whom what is there does not hold any more. */
	two[1].want = "ok";
	ask_fresh(&w, "/slow", 1, &two[1], NOW + 4, true);
	ask_fresh(&w, "/slow", 1, &two[0], NOW + 4, true);
	settle(&w);
	want(&two[0], ASK_ANSWERED, "hello");
	want(&two[1], ASK_ANSWERED, "hello");
	assert_int_equal(asker_fetches(w.asker), 4);
	/* Nothing counts from the future: the clock was set back. */
	ask_fresh(&w, "/slow", 1, &last, NOW - 50, true);
	settle(&w);
	want(&last, ASK_ANSWERED, "ok");
	end(&w);
}

static void test_newest(void **state)
{
	newest(false);
}

static void test_newest_on_disk(void **state)
{
	newest(true);
}

static void ask_at(struct world *w, const char *path, int64_t now, enum ask_end end,
		   uint64_t fetches)
{
	struct asking asking = { .want = "well" };

	ask(w, path, 1, &asking, now);
	settle(w);
	want(&asking, end, NULL);
	assert_int_equal(asker_fetches(w->asker), fetches);
}

static void test_back_off(void **state)
{
	struct world w = world(false);

	atomic_store(&server.broken, 3);
	ask_at(&w, "/mends", NOW, ASK_FETCH, 1);
	ask_at(&w, "/mends", NOW + 9, ASK_WAITS, 1);
	ask_at(&w, "/mends", NOW + 10, ASK_FETCH, 2);
	ask_at(&w, "/mends", NOW + 39, ASK_WAITS, 2);
	ask_at(&w, "/mends", NOW + 40, ASK_FETCH, 3); /* the third: 90 seconds */
	ask_at(&w, "/mends", NOW + 100, ASK_WAITS, 3);
	end(&w);

	w = world(false);
	atomic_store(&server.broken, 1);
	ask_at(&w, "/mends", NOW, ASK_FETCH, 1);
	ask_at(&w, "/mends", NOW + 10, ASK_ANSWERED, 2);
	ask_at(&w, "/mends", NOW + LIFE, ASK_ANSWERED, 2);
	end(&w);

	w = world(false);
	ask_at(&w, "/busy", NOW, ASK_FETCH, 1); /* Retry-After: 17 */
	ask_at(&w, "/busy", NOW + 16, ASK_WAITS, 1);
	ask_at(&w, "/busy", NOW + 17, ASK_FETCH, 2);
	end(&w);
}

/* The same server under two names is two hosts. */
static void ask_of(struct world *w, const char *host, const char *path, uint8_t key,
		   struct asking *asking, int64_t now)
{
	struct ask_question question = { .verify = verify, .done = done, .ctx = asking };
	char url[64];

	memset(asking, 0, sizeof(*asking));
	asking->want = "hello";
	memset(question.key, key, sizeof(question.key));
	snprintf(url, sizeof(url), "http://%s:%u%s", host, server.port, path);
	question.fetch =
		(struct fetch_request){ .url = url, .max_bytes = 100, .timeout_ms = PATIENCE_MS };
	asker_ask(w->asker, &question, now);
	settle(w);
}

#define expect_of(host, path, key, at, end)                              \
	do {                                                             \
		struct asking eo_;                                       \
                                                                         \
		ask_of(&w, host, path, key, &eo_, at);                   \
		want(&eo_, end, (end) == ASK_ANSWERED ? "hello" : NULL); \
	} while (0)

/* A host that fails whatever it is asked is left alone, whoever asks; others are not. */
static void test_host(void **state)
{
	struct world w = world(false);

	expect_of("127.0.0.1", "/cut", 1, NOW, ASK_FETCH);
	expect_of("127.0.0.1", "/nothing", 2, NOW, ASK_FETCH); /* 404: it is not down */
	expect_of("127.0.0.1", "/cut", 3, NOW, ASK_FETCH);
	expect_of("127.0.0.1", "/garbage", 4, NOW, ASK_FETCH);
	expect_of("127.0.0.1", "/ok", 5, NOW, ASK_ANSWERED); /* two are not three */
	expect_of("127.0.0.1", "/cut", 6, NOW, ASK_FETCH);
	expect_of("127.0.0.1", "/cut", 7, NOW, ASK_FETCH);
	expect_of("127.0.0.1", "/cut", 8, NOW, ASK_FETCH);
	expect_of("127.0.0.1", "/ok", 9, NOW + 9, ASK_HOST_WAITS);
	expect_of("127.0.0.1", "/ok", 5, NOW + 9, ASK_ANSWERED); /* is known */
	expect_of("localhost", "/ok", 9, NOW + 9, ASK_ANSWERED);
	expect_of("127.0.0.1", "/cut", 10, NOW + 10, ASK_FETCH);
	expect_of("127.0.0.1", "/ok", 11, NOW + 39, ASK_HOST_WAITS); /* three times as long */
	expect_of("127.0.0.1", "/ok", 11, NOW + 40, ASK_ANSWERED);
	end(&w);

	w = world(false);
	expect_of("127.0.0.1", "/busy", 1, NOW, ASK_FETCH); /* Retry-After: 17 */
	expect_of("127.0.0.1", "/ok", 2, NOW + 16, ASK_HOST_WAITS);
	expect_of("127.0.0.1", "/ok", 2, NOW + 17, ASK_ANSWERED);
	end(&w);
}

/* Set back, the clock must neither keep a host waiting for years nor make an answer last longer. */
static void test_clock(void **state)
{
	struct world w = world(false);
	struct asking first = { .want = "well" };

	atomic_store(&server.broken, 1);
	ask_at(&w, "/mends", NOW + 1000000, ASK_FETCH, 1);
	ask_at(&w, "/mends", NOW, ASK_ANSWERED, 2);
	ask_at(&w, "/mends", NOW + LIFE, ASK_ANSWERED, 2);
	ask_at(&w, "/mends", NOW - 1000000, ASK_ANSWERED, 3); /* was fetched in the future */
	ask_at(&w, "/mends", NOW + LIFE + 1, ASK_REFUSED, 4);
	ask(&w, "/mends", 1, &first, NOW + 1);
	want(&first, ASK_ANSWERED, "well"); /* for as long as it said, still */
	end(&w);
}

/* What the server says of its answer is given back when it is asked again, over a restart. */
static void test_unchanged(void **state)
{
	struct world w = world(true);
	struct asking first = { .want = "hello" }, second = { .want = "hello" };
	struct asking third = { .want = "hello" };

	ask(&w, "/dated", 1, &first, NOW);
	settle(&w);
	want(&first, ASK_ANSWERED, "hello");
	assert_int_equal(atomic_load(&server.unchanged), 0);
	end(&w);
	w = world(true);
	ask_fresh(&w, "/dated", 1, &second, NOW + 2, true);
	settle(&w);
	want(&second, ASK_ANSWERED, "hello");
	assert_int_equal(atomic_load(&server.unchanged), 1);
	/* It is as old as it was: not modified is no new date. */
	ask(&w, "/dated", 1, &third, NOW + LIFE + 1);
	settle(&w);
	want(&third, ASK_REFUSED, NULL);
	assert_int_equal(atomic_load(&server.unchanged), 2);
	assert_int_equal(disk_count(w.disk), 0);
	end(&w);
}

/* A disk that takes nothing: the answer is kept in memory, until the disk takes it again. */
static void test_disk_full(void **state)
{
	struct world w = world(true);
	struct asking a[4] = { 0 };
	struct rlimit before, none;

	for (int i = 0; i < 4; i++)
		a[i].want = "hello";
	ask(&w, "/ok", 1, &a[0], NOW);
	settle(&w);
	assert_int_equal(disk_count(w.disk), 1);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 1;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	ask_fresh(&w, "/ok", 1, &a[1], NOW + 1, true);
	settle(&w);
	ask(&w, "/ok", 1, &a[2], NOW + 2);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	want(&a[1], ASK_ANSWERED, "hello");
	want(&a[2], ASK_ANSWERED, "hello");
	assert_true(a[2].answer.cached);
	assert_int_equal(a[2].answer.fetched, NOW + 1);
	assert_int_equal(disk_count(w.disk), 0); /* what was there is older */
	ask_fresh(&w, "/ok", 1, &a[3], NOW + 3, true);
	settle(&w);
	want(&a[3], ASK_ANSWERED, "hello");
	assert_int_equal(disk_count(w.disk), 1);
	assert_int_equal(asker_fetches(w.asker), 3);
	end(&w);
}

static void test_disk(void **state)
{
	struct world w = world(true);
	struct asking first = { .want = "hello" }, later = { .want = "hello" };
	struct asking changed = { .want = "hello" };

	ask(&w, "/ok", 1, &first, NOW);
	settle(&w);
	want(&first, ASK_ANSWERED, "hello");
	end(&w);
	w = world(true); /* a new life */
	ask(&w, "/ok", 1, &later, NOW + 1);
	want(&later, ASK_ANSWERED, "hello");
	assert_true(later.answer.cached);
	assert_int_equal(asker_fetches(w.asker), 0);
	/* Asked whether it changed, the server says no. */
	ask_fresh(&w, "/tagged", 1, &changed, NOW + 2, true);
	settle(&w);
	want(&changed, ASK_ANSWERED, "hello");
	assert_false(changed.answer.cached);
	assert_int_equal(changed.answer.fetched, NOW + 2);
	assert_int_equal(asker_fetches(w.asker), 1);
	end(&w);
}

static void test_bounds(void **state)
{
	struct world w = world_limited((struct ask_limits){ .entries = 3,
							    .under_way = 2,
							    .per_host = 2,
							    .hosts = 3,
							    .waiting = 4,
							    .bytes = 11 },
				       false);
	struct asking a[8] = { 0 };

	for (int i = 0; i < 8; i++)
		a[i].want = "hello";
	ask(&w, "/ok", 1, &a[0], NOW);
	ask(&w, "/ok", 2, &a[1], NOW);
	ask(&w, "/ok", 3, &a[2], NOW); /* a third fetch */
	want(&a[2], ASK_BUSY, NULL);
	ask(&w, "/ok", 1, &a[3], NOW);
	ask(&w, "/ok", 1, &a[4], NOW);
	ask(&w, "/ok", 1, &a[5], NOW); /* a fifth who waits */
	want(&a[5], ASK_BUSY, NULL);
	settle(&w);
	for (int i = 0; i < 5; i++)
		if (i != 2)
			want(&a[i], ASK_ANSWERED, "hello");
	ask(&w, "/ok", 3, &a[6], NOW); /* 15 bytes do not fit: the least recently used goes */
	settle(&w);
	want(&a[6], ASK_ANSWERED, "hello");
	ask(&w, "/ok", 1, &a[7], NOW);
	want(&a[7], ASK_ANSWERED, "hello");
	assert_int_equal(asker_fetches(w.asker), 3);
	end(&w);
}

/* Ten thousand questions: those beyond what is allowed are refused, and push out nothing that is known. */
static void test_many(void **state)
{
	struct world w = world_limited((struct ask_limits){ .entries = 50,
							    .under_way = 8,
							    .per_host = 5,
							    .hosts = 9,
							    .waiting = 100,
							    .bytes = 1000 },
				       false);
	static struct asking asking[10000], known[2];
	int busy = 0;

	known[0].want = known[1].want = "hello";
	ask(&w, "/ok", 200, &known[0], NOW);
	settle(&w);

	for (int i = 0; i < 10000; i++) {
		struct ask_question question = { .verify = verify,
						 .done = done,
						 .ctx = &asking[i] };

		asking[i].want = "hello";
		memcpy(question.key, &i, sizeof(i));
		question.fetch = (struct fetch_request){ .url = "http://127.0.0.1:1/",
							 .max_bytes = 100,
							 .timeout_ms = PATIENCE_MS };
		asker_ask(w.asker, &question, NOW);
		busy += asking[i].calls && asking[i].answer.end == ASK_BUSY;
	}
	assert_int_equal(busy, 10000 - 5); /* all of one host */
	ask(&w, "/ok", 200, &known[1], NOW);
	want(&known[1], ASK_ANSWERED, "hello");
	assert_int_equal(asker_fetches(w.asker), 1 + 5);
	settle(&w);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(asking[i].calls, 1);
	end(&w);
}

static void test_forget(void **state)
{
	struct world w = world(false);
	struct asking gone = { .want = "ok" }, stays = { .want = "ok" };

	ask(&w, "/slow", 1, &gone, NOW);
	ask(&w, "/slow", 1, &stays, NOW);
	asker_forget(w.asker, &gone);
	settle(&w);
	assert_int_equal(gone.calls, 0);
	want(&stays, ASK_ANSWERED, "ok");
	end(&w);

	w = world(false);
	stays.calls = 0;
	ask(&w, "/slow", 1, &gone, NOW);
	asker_forget(w.asker, &gone);
	settle(&w); /* nobody verified it: it is not kept */
	ask(&w, "/slow", 1, &stays, NOW);
	settle(&w);
	want(&stays, ASK_ANSWERED, "ok");
	assert_int_equal(asker_fetches(w.asker), 2);
	ask(&w, "/hang", 2, &gone, NOW);
	end(&w);
	assert_int_equal(gone.calls, 0);
}

static int folder_make(void **state)
{
	strcpy(folder, "/tmp/test-ask.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_fetch),
		cmocka_unit_test(test_verified),
		cmocka_unit_test(test_failed_refresh),
		cmocka_unit_test(test_newest),
		cmocka_unit_test_setup_teardown(test_newest_on_disk, folder_make, folder_remove),
		cmocka_unit_test(test_back_off),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_clock),
		cmocka_unit_test_setup_teardown(test_unchanged, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_disk_full, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_disk, folder_make, folder_remove),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
