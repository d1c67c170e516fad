// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CT logs and lists of them: which keys and facts are taken, histories at their boundaries, what a
 * merge keeps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "libcapcert/loglist.h"
#include "log_keys.h"

#define DAY 86400

static capcert_log *make(const char *key, const struct capcert_log_info *info)
{
	const char *error = NULL;
	capcert_log *log = NULL;

	if (capcert_log_new_base64(key, info, &log, &error))
		fail_msg("%s", error);
	return log;
}

static capcert_loglist *list_of(capcert_log *const *logs, size_t n, int64_t time)
{
	capcert_loglist *list;

	assert_int_equal(loglist_of(logs, n, time, &list), 0);
	return list;
}

static const struct {
	const char *title, *key;
	int result;
} keys[] = {
	{ "P-256", KEY_P256_A, 0 },
	{ "P-384", KEY_P384, 0 },
	{ "RSA-2048", KEY_RSA_2048, 0 },
	{ "RSA-1024", KEY_RSA_1024, -EOPNOTSUPP },
	{ "P-521", KEY_P521, -EOPNOTSUPP },
	{ "Ed25519", KEY_ED25519, -EOPNOTSUPP },
	{ "a point off its curve", KEY_P256_OFF, -EBADMSG },
	{ "a compressed point", KEY_P256_COMPRESSED, -EBADMSG },
	{ "nothing", "", -EBADMSG },
	{ "no base64", "?", -EBADMSG },
	{ "a blank", " " KEY_P256_A, -EBADMSG },
	{ "a line end", KEY_P256_A "\n", -EBADMSG },
	{ "padding missing", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+w", -EBADMSG },
	{ "an octet behind", "MCowBQYDK2VwAyEAFvRyiQH68V74uNxjRBiMWMcALBxUtqNG9NumeIQ2518A",
	  -EBADMSG },
	{ "no key", "QUJD", -EBADMSG },
};

static void test_keys(void **state)
{
	for (size_t i = 0; i < CC_ARRAY_SIZE(keys); i++) {
		const char *error = NULL;
		capcert_log *log = NULL;
		int r = capcert_log_new_base64(keys[i].key, NULL, &log, &error);

		if (r != keys[i].result || (r == 0) != (log != NULL) || (r < 0) != (error != NULL))
			fail_msg("%s: %d, %s", keys[i].title, r, error);
		capcert_log_free(log);
	}
	capcert_log_free(NULL);
}

static void test_long_keys(void **state)
{
	char text[4096];
	uint8_t der[2049] = { 0x30 };
	struct capcert_log_info info = { .key = der, .key_len = sizeof(der) };
	capcert_log *log;

	memset(text, 'A', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(capcert_log_new_base64(text, NULL, &log, NULL), -EBADMSG);
	assert_int_equal(capcert_log_new(&info, &log, NULL), -EBADMSG);
	info.key = NULL;
	info.key_len = 0;
	assert_int_equal(capcert_log_new(&info, &log, NULL), -EBADMSG);
}

/* Each octet of a key counts, and no shorter one is a key. */
static void test_truncated_key(void **state)
{
	struct capcert_log_info info;
	capcert_log *log = make(KEY_P256_A, NULL), *other;

	capcert_log_get(log, &info);
	for (size_t n = 0; n < info.key_len; n++) {
		struct capcert_log_info cut = info;

		cut.key_len = n;
		assert_int_equal(capcert_log_new(&cut, &other, NULL), -EBADMSG);
	}
	capcert_log_free(log);
}

static const struct capcert_log_operator one[] = { { "Google", 0 } };
static const struct capcert_log_operator empty_name[] = { { "", 0 } };
static const struct capcert_log_operator no_name[] = { { NULL, 0 } };
static const struct capcert_log_operator two[] = { { "Alpha", 7 }, { "Beta", 20 * DAY } };
static const struct capcert_log_operator equal_times[] = { { "Alpha", 5 }, { "Beta", 5 } };
static const struct capcert_log_operator from_ever_twice[] = { { "Alpha", INT64_MIN },
							       { "Beta", 0 } };
static const struct capcert_log_operator seventeen[17] = { { "x", 0 } };
static const struct capcert_log_state life[] = { { CAPCERT_LOG_PENDING, 10 * DAY },
						 { CAPCERT_LOG_QUALIFIED, 20 * DAY },
						 { CAPCERT_LOG_USABLE, 30 * DAY },
						 { CAPCERT_LOG_READONLY, 40 * DAY },
						 { CAPCERT_LOG_RETIRED, 50 * DAY } };
static const struct capcert_log_state unknown_state[] = { { 6, 5 } };
static const struct capcert_log_state descending[] = { { CAPCERT_LOG_USABLE, 9 },
						       { CAPCERT_LOG_RETIRED, 8 } };
static char long_text[600];

static const struct {
	const char *title;
	struct capcert_log_info info;
	int result;
} facts[] = {
	{ "none", { .kind = CAPCERT_LOG_RFC6962 }, 0 },
	{ "all",
	  { .kind = CAPCERT_LOG_STATIC_CT,
	    .mmd = 60,
	    .name = "Käse 2026h1",
	    .operators = one,
	    .operator_count = 1,
	    .states = life,
	    .state_count = 5,
	    .has_interval = 1,
	    .interval_start = 1,
	    .interval_end = 2,
	    .submission = "https://log.example/2026h1/",
	    .monitoring = "http://127.0.0.1:8080/",
	    .source = "somebody",
	    .source_date = 5 },
	  0 },
	{ "kind", { .kind = 2 }, -EINVAL },
	{ "mmd", { .mmd = 1u << 31 }, -EINVAL },
	{ "empty name", { .name = "" }, -EINVAL },
	{ "long name", { .name = long_text }, -EINVAL },
	{ "control in name", { .name = "a\nb" }, -EINVAL },
	{ "delete in name", { .name = "a\x7f" }, -EINVAL },
	{ "no UTF-8", { .name = "a\xff" }, -EINVAL },
	{ "empty interval",
	  { .has_interval = 1, .interval_start = 5, .interval_end = 5 },
	  -EINVAL },
	{ "interval backwards",
	  { .has_interval = 1, .interval_start = 5, .interval_end = 4 },
	  -EINVAL },
	{ "no scheme", { .submission = "log.example/" }, -EINVAL },
	{ "another scheme", { .submission = "ftp://log.example/" }, -EINVAL },
	{ "no host", { .submission = "https:///" }, -EINVAL },
	{ "no slash at the end", { .submission = "https://log.example" }, -EINVAL },
	{ "a blank in a URL", { .monitoring = "https://log.example/a b/" }, -EINVAL },
	{ "a quote in a URL", { .monitoring = "https://log.example/\"/" }, -EINVAL },
	{ "a query", { .monitoring = "https://log.example/?a/" }, -EINVAL },
	{ "beyond ASCII", { .monitoring = "https://lög.example/" }, -EINVAL },
	{ "long URL", { .monitoring = long_text }, -EINVAL },
	{ "empty source", { .source = "" }, -EINVAL },
	{ "empty operator", { .operators = empty_name, .operator_count = 1 }, -EINVAL },
	{ "no operator's name", { .operators = no_name, .operator_count = 1 }, -EINVAL },
	{ "operators", { .operators = two, .operator_count = 2 }, 0 },
	{ "operators of one time", { .operators = equal_times, .operator_count = 2 }, -EINVAL },
	{ "two from ever", { .operators = from_ever_twice, .operator_count = 2 }, -EINVAL },
	{ "too many operators", { .operators = seventeen, .operator_count = 17 }, -EINVAL },
	{ "unknown state", { .states = unknown_state, .state_count = 1 }, -EINVAL },
	{ "states descend", { .states = descending, .state_count = 2 }, -EINVAL },
	{ "too many states", { .states = life, .state_count = 17 }, -EINVAL },
};

static void test_facts(void **state)
{
	memset(long_text, 'a', sizeof(long_text) - 1);
	memcpy(long_text, "https://", 8);
	long_text[sizeof(long_text) - 2] = '/';
	for (size_t i = 0; i < CC_ARRAY_SIZE(facts); i++) {
		const char *error = NULL;
		capcert_log *log = NULL;
		int r = capcert_log_new_base64(KEY_P256_A, &facts[i].info, &log, &error);

		if (r != facts[i].result || (r < 0) != (error != NULL))
			fail_msg("%s: %d, %s", facts[i].title, r, error);
		capcert_log_free(log);
	}
}

/* What went in comes out, in memory of its own. */
static void test_get(void **state)
{
	struct capcert_log_info in = facts[1].info, out;
	char name[] = "my log";
	capcert_log *log;

	in.name = name;
	log = make(KEY_P384, &in);
	name[0] = 'x';
	capcert_log_get(log, &out);
	assert_string_equal(out.name, "my log");
	assert_int_equal(out.kind, CAPCERT_LOG_STATIC_CT);
	assert_int_equal(out.mmd, 60);
	assert_int_equal(out.operator_count, 1);
	assert_string_equal(out.operators[0].name, "Google");
	assert_int_equal(out.operators[0].since, CAPCERT_TIME_UNKNOWN);
	assert_int_equal(out.state_count, 5);
	assert_int_equal(out.states[4].state, CAPCERT_LOG_RETIRED);
	assert_int_equal(out.has_interval, 1);
	assert_int_equal(out.interval_start, 1);
	assert_int_equal(out.interval_end, 2);
	assert_string_equal(out.submission, "https://log.example/2026h1/");
	assert_string_equal(out.monitoring, "http://127.0.0.1:8080/");
	assert_string_equal(out.source, "somebody");
	assert_int_equal(out.source_date, 5);
	assert_int_equal(out.key_len, 120);
	capcert_log_free(log);

	log = make(KEY_P384, NULL);
	capcert_log_get(log, &out);
	assert_string_equal(out.name, "unnamed log");
	assert_string_equal(out.operators[0].name, "unknown");
	assert_int_equal(out.state_count, 0);
	assert_null(out.submission);
	assert_null(out.source);
	assert_int_equal(capcert_log_state_at(log, INT64_MIN, NULL), CAPCERT_LOG_USABLE);
	capcert_log_free(log);
}

static void test_histories(void **state)
{
	struct capcert_log_info info = {
		.operators = two, .operator_count = 2, .states = life, .state_count = 5
	};
	static const struct {
		int64_t time, since;
		uint32_t state;
	} rows[] = {
		{ INT64_MIN, INT64_MIN, CAPCERT_LOG_PENDING },
		{ 10 * DAY - 1, INT64_MIN, CAPCERT_LOG_PENDING },
		{ 10 * DAY, 10 * DAY, CAPCERT_LOG_PENDING },
		{ 20 * DAY - 1, 10 * DAY, CAPCERT_LOG_PENDING },
		{ 20 * DAY, 20 * DAY, CAPCERT_LOG_QUALIFIED },
		{ 30 * DAY - 1, 20 * DAY, CAPCERT_LOG_QUALIFIED },
		{ 30 * DAY, 30 * DAY, CAPCERT_LOG_USABLE },
		{ 40 * DAY, 40 * DAY, CAPCERT_LOG_READONLY },
		{ 50 * DAY - 1, 40 * DAY, CAPCERT_LOG_READONLY },
		{ 50 * DAY, 50 * DAY, CAPCERT_LOG_RETIRED },
		{ INT64_MAX, 50 * DAY, CAPCERT_LOG_RETIRED },
	};
	capcert_log *log = make(KEY_P256_A, &info);
	int64_t since;

	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		assert_int_equal(capcert_log_state_at(log, rows[i].time, &since), rows[i].state);
		assert_int_equal(since, rows[i].since);
	}
	assert_string_equal(capcert_log_operator_at(log, INT64_MIN), "Alpha");
	assert_string_equal(capcert_log_operator_at(log, 20 * DAY - 1), "Alpha");
	assert_string_equal(capcert_log_operator_at(log, 20 * DAY), "Beta");
	assert_string_equal(capcert_log_operator_at(log, INT64_MAX), "Beta");
	capcert_log_free(log);
}

/* What held before the first state that is known. */
static void test_before(void **state)
{
	static const uint32_t before[] = { CAPCERT_LOG_PENDING, CAPCERT_LOG_PENDING,
					   CAPCERT_LOG_PENDING, CAPCERT_LOG_USABLE,
					   CAPCERT_LOG_USABLE,	CAPCERT_LOG_PENDING };

	for (uint32_t i = 0; i < CC_ARRAY_SIZE(before); i++) {
		struct capcert_log_state s = { i, 100 };
		struct capcert_log_info info = { .states = &s, .state_count = 1 };
		capcert_log *log = make(KEY_P256_A, &info);
		int64_t since = 5;

		assert_int_equal(capcert_log_state_at(log, 99, &since), before[i]);
		assert_int_equal(since, CAPCERT_TIME_UNKNOWN);
		assert_int_equal(capcert_log_state_at(log, 100, &since), i);
		assert_int_equal(since, 100);
		capcert_log_free(log);
		s.since = 0; /* from ever */
		log = make(KEY_P256_A, &info);
		assert_int_equal(capcert_log_state_at(log, INT64_MIN, &since), i);
		assert_int_equal(since, CAPCERT_TIME_UNKNOWN);
		capcert_log_free(log);
	}
}

static void test_names(void **state)
{
	assert_string_equal(capcert_log_state_name(CAPCERT_LOG_READONLY), "readonly");
	assert_null(capcert_log_state_name(6));
	assert_string_equal(capcert_log_kind_name(CAPCERT_LOG_STATIC_CT), "static-ct");
	assert_null(capcert_log_kind_name(2));
}

static void test_mimics(void **state)
{
	static const uint8_t first[4] = { 0xf4, 0x41, 0x95, 0xd6 };
	uint8_t id[32] = { 0xf4, 0x41, 0x95, 0xd6, 0xf0, 0x0e, 0x2d, 0xb5, 0x54, 0x35, 0xca,
			   0xdd, 0x57, 0x78, 0x92, 0xe5, 0x3e, 0x15, 0xad, 0x41, 0x70, 0x58,
			   0xf8, 0x78, 0xe1, 0x4f, 0xf6, 0xb9, 0x18, 0x74, 0x15, 0x89 };

	assert_true(log_mimic(id));
	for (size_t i = 0; i < 32; i++) {
		id[i] ^= 1;
		assert_false(log_mimic(id));
		id[i] ^= 1;
	}
	assert_memory_equal(id, first, 4);
}

static void test_list(void **state)
{
	capcert_log *logs[3] = { make(KEY_P256_A, NULL), make(KEY_P256_B, NULL),
				 make(KEY_P384, NULL) };
	struct capcert_log_info named = { .name = "renamed" }, info;
	capcert_log *again = make(KEY_P256_B, &named);
	capcert_loglist *empty, *list, *more, *dated;
	uint8_t id[32] = { 0 };

	assert_int_equal(capcert_loglist_new(&empty), 0);
	assert_int_equal(capcert_loglist_count(empty), 0);
	assert_int_equal(capcert_loglist_time(empty), CAPCERT_TIME_UNKNOWN);
	assert_null(capcert_loglist_at(empty, 0));
	assert_null(capcert_loglist_find(empty, id));

	assert_int_equal(capcert_loglist_adding(empty, logs, 3, &list), 0);
	assert_int_equal(capcert_loglist_count(empty), 0);
	assert_int_equal(loglist_count(list), 3);
	assert_null(capcert_loglist_find(list, id));
	assert_null(loglist_find(list, id));
	for (uint32_t i = 0; i < 3; i++) {
		capcert_log_get(logs[i], &info);
		assert_ptr_equal(capcert_loglist_find(list, info.id), logs[i]);
		assert_ptr_equal(loglist_find(list, info.id), &logs[i]->facts);
		assert_ptr_equal(loglist_at(list, i), &capcert_loglist_at(list, i)->facts);
		assert_true(i == 0 ||
			    memcmp(loglist_at(list, i - 1)->id, loglist_at(list, i)->id, 32) < 0);
	}

	/* The later one of two with one id; in @list nothing changes. */
	assert_int_equal(
		capcert_loglist_adding(list, (capcert_log *[]){ logs[1], again }, 2, &more), 0);
	capcert_log_get(again, &info);
	assert_int_equal(capcert_loglist_count(more), 3);
	assert_ptr_equal(capcert_loglist_find(more, info.id), again);
	assert_ptr_equal(capcert_loglist_find(list, info.id), logs[1]);
	assert_memory_not_equal(loglist_digest(more), loglist_digest(list), 32);

	assert_int_equal(capcert_loglist_dated(list, 5, &dated), 0);
	assert_int_equal(loglist_time(dated), 5);
	assert_memory_not_equal(capcert_loglist_digest(dated), capcert_loglist_digest(list), 32);
	capcert_loglist_free(dated);
	assert_int_equal(capcert_loglist_dated(list, CAPCERT_TIME_UNKNOWN, &dated), 0);
	assert_memory_equal(loglist_digest(dated), loglist_digest(list), 32);

	assert_int_equal(capcert_loglist_adding(list, logs, CAPCERT_LOGLIST_MAX + 1, &more),
			 -EMSGSIZE);
	assert_int_equal(loglist_of(logs, CAPCERT_LOGLIST_MAX + 1, 0, &more), -EMSGSIZE);
	assert_ptr_equal(capcert_loglist_ref(more), more);
	capcert_loglist_free(more);
	capcert_loglist_free(more);
	capcert_loglist_free(dated);
	capcert_loglist_free(list);
	capcert_loglist_free(empty);
	capcert_loglist_free(NULL);
	for (size_t i = 0; i < 3; i++)
		capcert_log_free(logs[i]);
	capcert_log_free(again);
}

static void test_add_key(void **state)
{
	capcert_loglist *empty, *list, *more;
	struct capcert_log_info info;
	const char *error = NULL;

	assert_int_equal(capcert_loglist_new(&empty), 0);
	assert_int_equal(capcert_loglist_add_key(empty, KEY_P256_A, 0, "mine", "me", &list, &error),
			 0);
	capcert_log_get(capcert_loglist_at(list, 0), &info);
	assert_string_equal(info.name, "mine");
	assert_string_equal(info.operators[0].name, "me");
	assert_int_equal(
		capcert_loglist_add_key(empty, info.key, info.key_len, NULL, NULL, &more, NULL), 0);
	assert_non_null(capcert_loglist_find(more, info.id));
	capcert_loglist_free(more);
	assert_int_equal(capcert_loglist_add_key(list, "QUJD", 0, NULL, NULL, &more, &error),
			 -EBADMSG);
	assert_non_null(error);
	capcert_loglist_free(list);
	capcert_loglist_free(empty);
}

/* ---- merging ---- */

struct history {
	struct capcert_log_operator operators[16];
	struct capcert_log_state states[16];
};

/* Merges a list of one log as @old knew it with one of the same log as @new does. */
static int merge(const struct history *old, const struct history *new, int64_t new_time,
		 capcert_loglist **ret)
{
	const struct history *side[2] = { old, new };
	capcert_loglist *lists[2];
	int r;

	for (int i = 0; i < 2; i++) {
		struct capcert_log_info info = { .operators = side[i]->operators,
						 .states = side[i]->states };
		capcert_log *log;

		while (info.operator_count < 16 && side[i]->operators[info.operator_count].name)
			info.operator_count++;
		while (info.state_count < 16 && side[i]->states[info.state_count].since)
			info.state_count++;
		log = make(KEY_P256_A, &info);
		lists[i] = list_of(&log, 1, i ? new_time : 100);
		capcert_log_free(log);
	}
	/* In either order. */
	r = new_time > 100 ? capcert_loglist_merge(lists[1], lists[0], ret)
			   : capcert_loglist_merge(lists[0], lists[1], ret);
	capcert_loglist_free(lists[0]);
	capcert_loglist_free(lists[1]);
	return r;
}

static const struct {
	const char *title;
	struct history old, new;
	int64_t time;
	const char *operators; /* name@since, ... */
	const char *states;
} merges[] = {
	{ "the same",
	  { { { "A", 0 } }, { { 2, 50 } } },
	  { { { "A", 0 } }, { { 2, 50 } } },
	  200,
	  "A",
	  "2@50" },
	{ "retired meanwhile",
	  { { { "A", 0 } }, { { 2, 50 } } },
	  { { { "A", 0 } }, { { 4, 150 } } },
	  200,
	  "A",
	  "2@50 4@150" },
	{ "the later list goes further back",
	  { { { "A", 0 } }, { { 2, 50 } } },
	  { { { "A", 0 } }, { { 1, 40 }, { 2, 50 } } },
	  200,
	  "A",
	  "1@40 2@50" },
	{ "a date was mended",
	  { { { "A", 0 } }, { { 2, 60 } } },
	  { { { "A", 0 } }, { { 2, 50 } } },
	  200,
	  "A",
	  "2@50" },
	{ "a date was made later",
	  { { { "A", 0 } }, { { 2, 50 } } },
	  { { { "A", 0 } }, { { 2, 60 } } },
	  200,
	  "A",
	  "2@50" },
	{ "the later list knows no state",
	  { { { "A", 0 } }, { { 2, 50 }, { 4, 60 } } },
	  { { { "A", 0 } }, { { 0 } } },
	  200,
	  "A",
	  "2@50 4@60" },
	{ "another operator, nobody says since when",
	  { { { "A", 0 } }, { { 0 } } },
	  { { { "B", 0 } }, { { 0 } } },
	  200,
	  "A B@200",
	  "" },
	{ "another operator, in a list without time",
	  { { { "A", 0 } }, { { 0 } } },
	  { { { "B", 0 } }, { { 0 } } },
	  100,
	  "A B@100",
	  "" },
	{ "the older list knows more of the past",
	  { { { "A", 0 }, { "B", 50 } }, { { 0 } } },
	  { { { "B", 0 } }, { { 0 } } },
	  200,
	  "A B@50",
	  "" },
	{ "unknown tells nothing",
	  { { { "A", 0 }, { "B", 50 } }, { { 0 } } },
	  { { { NULL, 0 } }, { { 0 } } },
	  200,
	  "A B@50",
	  "" },
	{ "unknown is replaced",
	  { { { NULL, 0 } }, { { 0 } } },
	  { { { "B", 0 } }, { { 0 } } },
	  200,
	  "B",
	  "" },
	{ "the handover was mended",
	  { { { "A", 0 }, { "B", 50 } }, { { 0 } } },
	  { { { "A", 0 }, { "B", 60 } }, { { 0 } } },
	  200,
	  "A B@60",
	  "" },
	{ "the handover is earlier than we heard",
	  { { { "A", 0 }, { "C", 90 } }, { { 0 } } },
	  { { { "B", 0 }, { "C", 80 } }, { { 0 } } },
	  200,
	  "B C@80",
	  "" },
	{ "a third one",
	  { { { "A", 0 }, { "B", 50 } }, { { 0 } } },
	  { { { "A", 0 }, { "B", 50 }, { "C", 150 } }, { { 0 } } },
	  200,
	  "A B@50 C@150",
	  "" },
};

static void test_merge_histories(void **state)
{
	char text[200], *at;

	for (size_t i = 0; i < CC_ARRAY_SIZE(merges); i++) {
		capcert_loglist *list;
		const struct ct_log *log;

		assert_int_equal(merge(&merges[i].old, &merges[i].new, merges[i].time, &list), 0);
		assert_int_equal(loglist_time(list), merges[i].time);
		log = loglist_at(list, 0);
		at = text + sprintf(text, "%s", log->operators[0].name);
		for (uint32_t k = 1; k < log->operator_count; k++)
			at += sprintf(at, " %s@%d", log->operators[k].name,
				      (int)log->operators[k].since);
		if (strcmp(text, merges[i].operators) != 0)
			fail_msg("%s: operators %s", merges[i].title, text);
		at = text;
		*at = '\0';
		for (uint32_t k = 0; k < log->state_count; k++)
			at += sprintf(at, "%s%d@%d", k ? " " : "", (int)log->states[k].state,
				      (int)log->states[k].since);
		if (strcmp(text, merges[i].states) != 0)
			fail_msg("%s: states %s", merges[i].title, text);
		capcert_loglist_free(list);
	}
}

static void test_merge_too_long(void **state)
{
	struct history old = { .operators = { { "A", 0 } } }, new = { .operators = { { "A", 0 } } };
	capcert_loglist *list;

	for (uint32_t i = 0; i < 16; i++) {
		old.states[i] = (struct capcert_log_state){ i % 2, 1 + i };
		new.states[i] = (struct capcert_log_state){ 2 + i % 2, 101 + i };
	}
	assert_int_equal(merge(&old, &new, 200, &list), -EMSGSIZE);
}

static void test_merge_facts(void **state)
{
	struct capcert_log_info full = facts[1].info, got, want;
	capcert_log *a = make(KEY_P256_A, &full), *a_bare = make(KEY_P256_A, NULL);
	capcert_log *b = make(KEY_P256_B, NULL), *c = make(KEY_P256_C, NULL);
	capcert_loglist *old = list_of((capcert_log *[]){ a, b }, 2, 5);
	capcert_loglist *new = list_of((capcert_log *[]){ a_bare, c }, 2, 6), *both, *same;

	assert_int_equal(capcert_loglist_merge(old, new, &both), 0);
	assert_int_equal(capcert_loglist_count(both), 3);
	assert_int_equal(capcert_loglist_time(both), 6);
	/* What the later one leaves open. */
	capcert_log_get(a, &want);
	capcert_log_get(capcert_loglist_find(both, want.id), &got);
	assert_string_equal(got.name, want.name);
	assert_string_equal(got.submission, want.submission);
	assert_string_equal(got.monitoring, want.monitoring);
	assert_string_equal(got.source, want.source);
	assert_string_equal(got.operators[0].name, "Google");
	assert_int_equal(got.mmd, want.mmd);
	assert_int_equal(got.kind, want.kind);
	assert_int_equal(got.interval_end, want.interval_end);
	assert_int_equal(got.state_count, 5);
	/* Again: nothing new. */
	assert_int_equal(capcert_loglist_merge(both, new, &same), 0);
	assert_memory_equal(loglist_digest(both), loglist_digest(same), 32);
	capcert_loglist_free(same);
	capcert_loglist_free(both);
	capcert_loglist_free(old);
	capcert_loglist_free(new);
	capcert_log_free(a);
	capcert_log_free(a_bare);
	capcert_log_free(b);
	capcert_log_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_long_keys),
		cmocka_unit_test(test_truncated_key),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_histories),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_mimics),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_add_key),
		cmocka_unit_test(test_merge_histories),
		cmocka_unit_test(test_merge_too_long),
		cmocka_unit_test(test_merge_facts),
	};

	return cmocka_run_group_tests_name("loglist", tests, NULL, NULL);
}
