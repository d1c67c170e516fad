// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists of CT logs as text: each form, what is refused and how it is said, and that what is written
 * reads as it was. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "libcapcert/loglist.h"
#include "log_keys.h"

#define MIMIC "9EGV1vAOLbVUNcrdV3iS5T4VrUFwWPh44U/2uRh0FYk="
#define KEYS_A "\"id\":\"" ID_P256_A "\",\"key\":\"" KEY_P256_A "\","
#define OWN(log) \
	"{\"format\":\"capcert ct-logs 1\",\"created\":\"2026-01-02T03:04:05Z\",\"logs\":[" log "]}"
#define LOG(more)                                                                                 \
	"{\"name\":\"one\"," KEYS_A "\"kind\":\"rfc6962\",\"operators\":[{\"name\":\"me\"}]" more \
	"}"
#define V3_KEYS "\"log_id\":\"" ID_P256_A "\",\"key\":\"" KEY_P256_A "\""
#define V3(logs)                                                                                \
	"{\"version\":\"1.2\",\"log_list_timestamp\":\"2026-01-02T03:04:05Z\",\"operators\":[{" \
	"\"name\":\"me\"," logs "}]}"
#define V3_LOG(more) V3("\"logs\":[{\"description\":\"one\"," V3_KEYS more "}]")

static int import(uint32_t format, const char *text, capcert_loglist **ret, char *error)
{
	return capcert_loglist_import(format, text, strlen(text), ret, error);
}

static const struct {
	const char *title, *text;
	int result;
	const char *error; /* what the message has in it */
} rows[] = {
	{ "no log", OWN(""), 0, "" },
	{ "one log", OWN(LOG("")), 0, "" },
	{ "all of it",
	  OWN(LOG(",\"states\":[{\"state\":\"pending\"},{\"state\":\"usable\",\"since\":"
		  "\"2026-01-01T00:00:00Z\"}],\"interval\":{\"start\":\"2026-01-01T00:00:00Z\","
		  "\"end\":\"2027-01-01T00:00:00Z\"},\"mmd\":60,\"submission\":\"https://a.example/"
		  "\","
		  "\"monitoring\":\"https://b.example/\",\"source\":{\"name\":\"me\",\"date\":"
		  "\"2026-01-01T00:00:00Z\"}")),
	  0, "" },
	{ "nothing", "", -EBADMSG, "neither" },
	{ "blanks", " \n ", -EBADMSG, "neither" },
	{ "an array", "[]", -EBADMSG, "neither" },
	{ "not ended", "{\"format\":", -EBADMSG, "line 1" },
	{ "something behind", OWN("") "x", -EBADMSG, "line 1" },
	{ "a name twice", "{\"format\":\"a\",\"format\":\"a\"}", -EBADMSG, "duplicate" },
	{ "another format", "{\"format\":\"capcert ct-logs 2\"}", -EBADMSG, "format" },
	{ "a format that is no text", "{\"format\":1}", -EBADMSG, "format" },
	{ "no logs", "{\"format\":\"capcert ct-logs 1\"}", -EBADMSG, "logs" },
	{ "an unknown member", "{\"format\":\"capcert ct-logs 1\",\"x\":1,\"logs\":[]}", -EBADMSG,
	  "unknown member \"x\"" },
	{ "a day that is none",
	  "{\"format\":\"capcert ct-logs 1\",\"created\":\"2026-02-30T00:00:00Z\",\"logs\":[]}",
	  -EBADMSG, "created" },
	{ "a time with a blank",
	  "{\"format\":\"capcert ct-logs 1\",\"created\":\"2026-02-01T 0:00:00Z\",\"logs\":[]}",
	  -EBADMSG, "created" },
	{ "a log that is none", OWN("1"), -EBADMSG, "log 1" },
	{ "a log of unknown members", OWN(LOG(",\"x\":1")), -EBADMSG, "unknown member \"x\"" },
	{ "a name that is no text", OWN("{\"name\":1}"), -EBADMSG, "log 1: name" },
	{ "NUL in a name", OWN("{\"name\":\"a\\u0000b\"}"), -EBADMSG, "line 1" },
	{ "no id", OWN("{\"name\":\"one\"}"), -EBADMSG, "log 1 (one): id: missing" },
	{ "no key", OWN("{\"name\":\"one\",\"id\":\"\"}"), -EBADMSG, "log 1 (one): key: missing" },
	{ "a short id",
	  OWN("{\"name\":\"one\",\"id\":\"QUJD\",\"key\":\"" KEY_P256_A
	      "\",\"kind\":\"static-ct\",\"operators\":[{\"name\":\"me\"}]}"),
	  -EBADMSG, "log 1 (one): id" },
	{ "an id of another key",
	  OWN("{\"name\":\"one\",\"id\":\"" ID_P256_B "\",\"key\":\"" KEY_P256_A
	      "\",\"kind\":\"static-ct\",\"operators\":[{\"name\":\"me\"}]}"),
	  -EBADMSG, "log 1 (one): id: not the SHA-256" },
	{ "an id that is refused",
	  OWN("{\"name\":\"one\",\"id\":\"" MIMIC "\",\"key\":\"" KEY_P256_A
	      "\",\"kind\":\"static-ct\",\"operators\":[{\"name\":\"me\"}]}"),
	  -EPERM, "log 1 (one): id: its private key" },
	{ "a key of another kind",
	  OWN("{\"name\":\"one\",\"id\":\"" ID_P256_A "\",\"key\":\"" KEY_ED25519
	      "\",\"kind\":\"static-ct\",\"operators\":[{\"name\":\"me\"}]}"),
	  -EOPNOTSUPP, "log 1 (one): a log's key" },
	{ "twice", OWN(LOG("") "," LOG("")), -EBADMSG, "log 2 (one): key: it stands twice" },
	{ "kind", OWN("{\"name\":\"one\"," KEYS_A "\"kind\":\"x\"}"), -EBADMSG, "kind" },
	{ "no operator", OWN("{\"name\":\"one\"," KEYS_A "\"kind\":\"rfc6962\"}"), -EBADMSG,
	  "operators" },
	{ "operators are no array",
	  OWN("{\"name\":\"one\"," KEYS_A "\"kind\":\"rfc6962\",\"operators\":1}"), -EBADMSG,
	  "operators: not an array" },
	{ "an operator without a time",
	  OWN("{\"name\":\"one\"," KEYS_A
	      "\"kind\":\"rfc6962\",\"operators\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"),
	  -EBADMSG, "since" },
	{ "an unknown state", OWN(LOG(",\"states\":[{\"state\":\"x\"}]")), -EBADMSG, "states" },
	{ "a state without a name", OWN(LOG(",\"states\":[{}]")), -EBADMSG, "state: missing" },
	{ "states that descend",
	  OWN(LOG(",\"states\":[{\"state\":\"usable\",\"since\":\"2026-01-02T00:00:00Z\"},"
		  "{\"state\":\"retired\",\"since\":\"2026-01-01T00:00:00Z\"}]")),
	  -EBADMSG, "log 1 (one): the states do not ascend" },
	{ "17 states", OWN(LOG(",\"states\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]")),
	  -EBADMSG, "states: more than 16" },
	{ "half an interval", OWN(LOG(",\"interval\":{\"start\":\"2026-01-02T00:00:00Z\"}")),
	  -EBADMSG, "end: missing" },
	{ "an interval that is none", OWN(LOG(",\"interval\":7")), -EBADMSG, "interval" },
	{ "mmd", OWN(LOG(",\"mmd\":-1")), -EBADMSG, "mmd" },
	{ "mmd as text", OWN(LOG(",\"mmd\":\"1\"")), -EBADMSG, "mmd" },
	{ "mmd too large", OWN(LOG(",\"mmd\":2147483648")), -EBADMSG, "mmd" },
	{ "a URL without its slash", OWN(LOG(",\"submission\":\"https://a.example\"")), -EBADMSG,
	  "submission" },
	{ "a source of unknown members", OWN(LOG(",\"source\":{\"x\":1}")), -EBADMSG, "source" },
	{ "a control character in a name", OWN("{\"name\":\"a\\u001bb\"}"), -EBADMSG, "(a?b)" },

	{ "v3", V3_LOG(",\"mmd\":1,\"url\":\"https://a.example\",\"extra\":{}"), 0, "" },
	{ "v3, tiled",
	  V3("\"tiled_logs\":[{\"description\":\"one\"," V3_KEYS
	     ",\"submission_url\":\"https://a.example/\",\"monitoring_url\":\"https://b.example/"
	     "\"}]"),
	  0, "" },
	{ "v3, no log id", V3("\"logs\":[{\"key\":\"" KEY_P256_A "\"}]"), -EBADMSG,
	  "log 1: log_id" },
	{ "v3, two states", V3_LOG(",\"state\":{\"usable\":{},\"retired\":{}}"), -EBADMSG,
	  "state" },
	{ "v3, no state", V3_LOG(",\"state\":{}"), -EBADMSG, "state" },
	{ "v3, states in an array", V3_LOG(",\"state\":[]"), -EBADMSG, "state" },
	{ "v3, an unknown state", V3_LOG(",\"state\":{\"x\":{}}"), -EBADMSG, "unknown \"x\"" },
	{ "v3, a state without time", V3_LOG(",\"state\":{\"usable\":{}}"), -EBADMSG, "timestamp" },
	{ "v3, a log that is none", V3("\"logs\":[1]"), -EBADMSG, "log 1" },
	{ "v3, logs that are none", V3("\"logs\":1"), -EBADMSG, "logs" },
	{ "v3, an operator that is none", "{\"operators\":[1]}", -EBADMSG, "operators" },
	{ "v3, an operator without a name", "{\"operators\":[{}]}", -EBADMSG, "name" },
	{ "v3, a long URL", V3_LOG(",\"url\":\"https://%s/\""), -EBADMSG, "url: too long" },
	{ "v3, previous operators without an end",
	  V3_LOG(",\"previous_operators\":[{\"name\":\"b\"}]"), -EBADMSG, "end_time" },
	{ "v3, 16 previous operators",
	  V3_LOG(",\"previous_operators\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]"), -EBADMSG,
	  "more than 15" },
	{ "v3, a log that is refused is left out",
	  V3("\"logs\":[{\"log_id\":\"" MIMIC "\",\"key\":\"x\"},"
	     "{" V3_KEYS "}]"),
	  0, "left out 1 whose" },
	{ "Apple", "{\"assetVersion\":1,\"version\":3,\"operators\":[]}", 0, "" },

	{ "a table", "{\"" ID_P256_A "\":{\"key\":\"" KEY_P256_A "\",\"operator\":\"me\"}}", 0,
	  "" },
	{ "an empty table", "{}", 0, "" },
	{ "a table of something else", "{\"a\":1}", -EBADMSG, "log 1 (a): log" },
	{ "a table without keys", "{\"a\":{}}", -EBADMSG, "log 1 (a): key" },
	{ "a table with a wrong id", "{\"" ID_P256_B "\":{\"key\":\"" KEY_P256_A "\"}}", -EBADMSG,
	  "id" },
};

static void test_json(void **state)
{
	char error[CAPCERT_LOGLIST_ERROR], text[8192], host[601];

	memset(host, 'a', 600);
	host[600] = '\0';
	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		capcert_loglist *list = NULL;
		const char *at = strstr(rows[i].text, "%s");
		int r;

		if (at)
			snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - rows[i].text),
				 rows[i].text, host, at + 2);
		r = import(CAPCERT_LOGLIST_ANY, at ? text : rows[i].text, &list, error);
		if (r != rows[i].result || !strstr(error, rows[i].error) ||
		    (!*rows[i].error && *error) || (r == 0) != (list != NULL))
			fail_msg("%s: %d, %s", rows[i].title, r, error);
		/* The same without a place for the message. */
		capcert_loglist_free(list);
		list = NULL;
		assert_int_equal(import(CAPCERT_LOGLIST_ANY, at ? text : rows[i].text, &list, NULL),
				 rows[i].result);
		capcert_loglist_free(list);
	}
}

/* No beginning of a list is a list. */
static void test_truncated(void **state)
{
	static const char text[] = OWN(LOG(",\"mmd\":60"));
	capcert_loglist *list;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *cut = malloc(n + 1); /* of just that size, for the sanitizer */

		memcpy(cut, text, n);
		assert_int_equal(capcert_loglist_import(0, cut, n, &list, NULL), -EBADMSG);
		assert_int_equal(capcert_loglist_from_json(cut, n, &list, NULL), -EBADMSG);
		free(cut);
	}
}

static void get(const capcert_loglist *list, struct capcert_log_info *ret)
{
	assert_int_equal(capcert_loglist_count(list), 1);
	capcert_log_get(capcert_loglist_at(list, 0), ret);
}

static void test_v3_facts(void **state)
{
	struct capcert_log_info info;
	capcert_loglist *list;

	assert_int_equal(
		import(CAPCERT_LOGLIST_GOOGLE,
		       V3_LOG(",\"mmd\":86400,\"url\":\"https://a.example/"
			      "x\",\"state\":{\"retired\":"
			      "{\"timestamp\":\"2026-01-01T00:00:00Z\"}},\"temporal_interval\":"
			      "{\"start_inclusive\":\"2025-01-01T00:00:00Z\",\"end_exclusive\":"
			      "\"2025-07-01T00:00:00Z\"},\"previous_operators\":[{\"name\":\"she\","
			      "\"end_time\":\"2024-01-01T00:00:00Z\"}]"),
		       &list, NULL),
		0);
	get(list, &info);
	assert_int_equal(capcert_loglist_time(list), 1767323045);
	assert_string_equal(info.name, "one");
	assert_int_equal(info.kind, CAPCERT_LOG_RFC6962);
	assert_string_equal(info.submission, "https://a.example/x/");
	assert_string_equal(info.monitoring, "https://a.example/x/");
	assert_int_equal(info.mmd, 86400);
	assert_int_equal(info.operator_count, 2);
	assert_string_equal(info.operators[0].name, "she");
	assert_string_equal(info.operators[1].name, "me");
	assert_int_equal(info.operators[1].since, 1704067200);
	assert_int_equal(info.state_count, 1);
	assert_int_equal(info.states[0].state, CAPCERT_LOG_RETIRED);
	assert_int_equal(info.states[0].since, 1767225600);
	assert_int_equal(info.interval_start, 1735689600);
	assert_int_equal(info.interval_end, 1751328000);
	assert_string_equal(info.source, "log list v3, version 1.2");
	assert_int_equal(info.source_date, 1767323045);
	capcert_loglist_free(list);
}

/* A log without a state, or one for tests, is nothing to rely on. */
static void test_v3_pending(void **state)
{
	static const char *const texts[] = {
		V3_LOG(""),
		V3_LOG(",\"log_type\":\"test\",\"state\":{\"usable\":{\"timestamp\":\"2026-01-"
		       "01T00:00:00Z\"}}"),
	};
	struct capcert_log_info info;
	capcert_loglist *list;

	for (size_t i = 0; i < CC_ARRAY_SIZE(texts); i++) {
		assert_int_equal(import(0, texts[i], &list, NULL), 0);
		get(list, &info);
		assert_int_equal(info.state_count, 1);
		assert_int_equal(info.states[0].state, CAPCERT_LOG_PENDING);
		capcert_loglist_free(list);
	}
}

static void test_formats(void **state)
{
	char error[CAPCERT_LOGLIST_ERROR];
	capcert_loglist *list;

	assert_int_equal(import(CAPCERT_LOGLIST_APPLE, V3_LOG(""), &list, error), -EBADMSG);
	assert_non_null(strstr(error, "form google, not apple"));
	assert_int_equal(import(CAPCERT_LOGLIST_CAPCERT, "kCTLogList", &list, error), -EBADMSG);
	assert_int_equal(import(6, "{}", &list, error), -EINVAL);
	assert_int_equal(capcert_loglist_from_json("[]", 2, &list, error), -EBADMSG);
	assert_int_equal(capcert_loglist_from_json("{}", 2, &list, error), 0);
	assert_int_equal(capcert_loglist_count(list), 0);
	capcert_loglist_free(list);
	assert_int_equal(capcert_loglist_format_parse("mozilla"), CAPCERT_LOGLIST_MOZILLA);
	assert_int_equal(capcert_loglist_format_parse("x"), -1);
	assert_string_equal(capcert_loglist_format_name(CAPCERT_LOGLIST_KNOWN), "known");
	assert_null(capcert_loglist_format_name(6));
}

static void test_too_large(void **state)
{
	size_t n = CAPCERT_LOGLIST_TEXT_MAX + 1;
	char *text = malloc(n), error[CAPCERT_LOGLIST_ERROR];
	capcert_loglist *list;

	assert_non_null(text);
	memset(text, ' ', n);
	text[0] = '{';
	assert_int_equal(capcert_loglist_import(0, text, n, &list, error), -EMSGSIZE);
	assert_int_equal(capcert_loglist_from_json(text, n, &list, error), -EMSGSIZE);
	assert_non_null(strstr(error, "larger than"));
	free(text);
}

/* Written and read again it is the same list, and the same text. */
static void test_round_trip(void **state)
{
	capcert_loglist *list, *again;
	char *text, *text_again;
	size_t len, len_again;

	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		if (rows[i].result || import(0, rows[i].text, &list, NULL))
			continue;
		assert_int_equal(capcert_loglist_to_json(list, &text, &len), 0);
		assert_int_equal(len, strlen(text));
		if (capcert_loglist_import(CAPCERT_LOGLIST_CAPCERT, text, len, &again, NULL))
			fail_msg("%s: %s", rows[i].title, text);
		assert_memory_equal(loglist_digest(list), loglist_digest(again), 32);
		assert_int_equal(capcert_loglist_to_json(again, &text_again, &len_again), 0);
		assert_string_equal(text, text_again);
		free(text);
		free(text_again);
		capcert_loglist_free(list);
		capcert_loglist_free(again);
	}
}

static void test_load(void **state)
{
	char path[] = "/tmp/loglist.XXXXXX", error[CAPCERT_LOGLIST_ERROR];
	int fd = mkstemp(path);
	capcert_loglist *list;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, V3_LOG(""), strlen(V3_LOG(""))), strlen(V3_LOG("")));
	close(fd);
	assert_int_equal(capcert_loglist_load(path, &list, error), 0);
	assert_int_equal(capcert_loglist_count(list), 1);
	capcert_loglist_free(list);
	unlink(path);
	assert_int_equal(capcert_loglist_load(path, &list, error), -ENOENT);
	assert_non_null(strstr(error, "No such file"));
	assert_int_equal(capcert_loglist_load("/tmp", &list, NULL), -EISDIR);
}

/* The compiled-in list is the one in data/, with its sources, and each log in it is one. */
static void test_bundled(void **state)
{
	static const char *const operators[] = { "Google", "Cloudflare", "DigiCert", "Sectigo",
						 "Let's Encrypt" };
	capcert_loglist *list, *again, *file;
	struct capcert_log_info info;
	char *text, *text_file;
	size_t len, i, k;

	assert_int_equal(capcert_loglist_bundled(&list), 0);
	assert_int_equal(capcert_loglist_bundled(&again), 0);
	assert_ptr_equal(list, again);
	capcert_loglist_free(again);
	assert_int_equal(capcert_loglist_load("data/ct-logs.json", &file, NULL), 0);
	assert_memory_equal(loglist_digest(list), loglist_digest(file), 32);
	assert_int_equal(capcert_loglist_to_json(list, &text, &len), 0);
	assert_int_equal(capcert_loglist_to_json(file, &text_file, &len), 0);
	assert_string_equal(text, text_file);
	for (k = 0; k < CC_ARRAY_SIZE(operators); k++) {
		for (i = 0; i < capcert_loglist_count(list); i++) {
			capcert_log_get(capcert_loglist_at(list, i), &info);
			assert_non_null(info.source);
			if (!strcmp(info.operators[info.operator_count - 1].name, operators[k]))
				break;
		}
		if (i == capcert_loglist_count(list))
			fail_msg("no log of %s", operators[k]);
	}
	free(text);
	free(text_file);
	capcert_loglist_free(file);
	capcert_loglist_free(list);
}

/* ---- CTKnownLogs.h ---- */

#define HEAD                                                                   \
	"/* a comment */\n#ifndef H\n#include \"x.h\"\n"                       \
	"static const PRTime kCTExpirationTime = INT64_C(1797797183000000);\n" \
	"struct CTLogInfo { const char* name; size_t operatorIndex; };\n"
#define ROW                                                                                      \
	"{\"one \\\"log\\\"\", CTLogState::Admissible, CTLogFormat::Tiled,\n 1727734767000, // " \
	"then\n 1, // me\n" HEX_P256_A ", 91},\n"
#define OPS                                                                                        \
	"const CTLogOperatorInfo kCTLogOperatorList[] = {\n {\"she\", 0},\n {\"me\", 1},\n#ifdef " \
	"DEBUG\n {\"Test\", 2},\n#endif // DEBUG\n};\n#endif\n"
#define HEADER(list) HEAD "const CTLogInfo kCTLogList[] = {\n" list "};\n" OPS

static const struct {
	const char *title, *text;
	int result;
	const char *error;
} headers[] = {
	{ "one", HEADER(ROW), 0, "" },
	{ "none", HEADER(""), 0, "" },
	{ "one for tests", HEADER("#ifdef DEBUG\n{what ever}\n#endif\n" ROW), 0, "" },
	{ "without formats",
	  HEADER("{\"one\", CTLogState::Retired, 1727734767000, 0, " HEX_P256_A ", 91}"), 0, "" },
	{ "not there", "static int kCTLogList;", -EBADMSG, "kCTLogOperatorList" },
	{ "no logs", "kCTLogList" OPS, -EBADMSG, "kCTLogList" },
	{ "not ended", HEAD "const CTLogInfo kCTLogList[] = {" ROW, -EBADMSG,
	  "kCTLogOperatorList" },
	{ "twice", HEADER(ROW ROW), -EBADMSG, "log 2 (one \"log\"): key" },
	{ "an unknown state", HEADER("{\"one\", CTLogState::Included,"), -EBADMSG,
	  "log 1: not a row" },
	{ "an unknown format", HEADER("{\"one\", CTLogState::Retired, CTLogFormat::X,"), -EBADMSG,
	  "log 1: not a row" },
	{ "an operator that is not there",
	  HEADER("{\"one\", CTLogState::Retired, 1, 2, " HEX_P256_A ", 91}"), -EBADMSG,
	  "log 1 (one): operator" },
	{ "another length", HEADER("{\"one\", CTLogState::Retired, 1, 1, " HEX_P256_A ", 90}"),
	  -EBADMSG, "not a row" },
	{ "no key", HEADER("{\"one\", CTLogState::Retired, 1, 1, \"ABC\", 3}"), -EBADMSG,
	  "log 1 (one): the key is no" },
	{ "a time out of range",
	  HEADER("{\"one\", CTLogState::Retired, 18000000000000000000, 1, " HEX_P256_A ", 91}"),
	  -EBADMSG, "1970 to 9999" },
	{ "a number out of range",
	  HEADER("{\"one\", CTLogState::Retired, 99999999999999999999999, 1, " HEX_P256_A ", 91}"),
	  -EBADMSG, "kCTLogOperatorList" },
	{ "an escape that we do not know", HEADER("{\"\\n\", CTLogState::Retired,"), -EBADMSG,
	  "kCTLogOperatorList" },
	{ "half an escape", HEADER("{\"\\xg0\", CTLogState::Retired,"), -EBADMSG,
	  "kCTLogOperatorList" },
	{ "NUL in a name", HEADER("{\"a\\x00\", CTLogState::Retired,"), -EBADMSG, "not a row" },
	{ "a long word",
	  HEADER("{\"a\", "
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "a"),
	  -EBADMSG, "kCTLogOperatorList" },
	{ "operators that are none", HEAD "kCTLogList[] = {};\nkCTLogOperatorList[] = {1};",
	  -EBADMSG, "kCTLogOperatorList: row 1" },
};

static void test_headers(void **state)
{
	char error[CAPCERT_LOGLIST_ERROR];

	for (size_t i = 0; i < CC_ARRAY_SIZE(headers); i++) {
		capcert_loglist *list = NULL;
		int r = import(CAPCERT_LOGLIST_ANY, headers[i].text, &list, error);

		if (r != headers[i].result || !strstr(error, headers[i].error) ||
		    (!*headers[i].error && *error))
			fail_msg("%s: %d, %s", headers[i].title, r, error);
		capcert_loglist_free(list);
	}
}

static void test_header_facts(void **state)
{
	struct capcert_log_info info;
	capcert_loglist *list;

	assert_int_equal(import(CAPCERT_LOGLIST_MOZILLA, headers[0].text, &list, NULL), 0);
	assert_int_equal(capcert_loglist_time(list), 1797797183 - 70 * 86400);
	get(list, &info);
	assert_string_equal(info.name, "one \"log\"");
	assert_string_equal(info.operators[0].name, "me");
	assert_int_equal(info.kind, CAPCERT_LOG_STATIC_CT);
	assert_int_equal(info.states[0].state, CAPCERT_LOG_USABLE);
	assert_int_equal(info.states[0].since, 1727734767);
	assert_string_equal(info.source, "CTKnownLogs.h");
	capcert_loglist_free(list);
	assert_int_equal(import(CAPCERT_LOGLIST_MOZILLA, headers[3].text, &list, NULL), 0);
	get(list, &info);
	assert_int_equal(info.kind, CAPCERT_LOG_RFC6962);
	assert_int_equal(info.states[0].state, CAPCERT_LOG_RETIRED);
	assert_string_equal(info.operators[0].name, "she");
	capcert_loglist_free(list);
	/* Without a time, or with one that cannot be. */
	assert_int_equal(
		import(CAPCERT_LOGLIST_MOZILLA, strstr(headers[1].text, "struct"), &list, NULL), 0);
	assert_int_equal(capcert_loglist_time(list), CAPCERT_TIME_UNKNOWN);
	capcert_loglist_free(list);
}

/* Up to the end of the last table, no beginning of a header is one. */
static void test_header_truncated(void **state)
{
	const char *text = headers[0].text, *end = strstr(strstr(text, "OperatorList"), "};") + 1;
	capcert_loglist *list;

	for (size_t n = 0; n < (size_t)(end - text); n++) {
		char *cut = malloc(n + 1);

		memcpy(cut, text, n);
		assert_int_equal(
			capcert_loglist_import(CAPCERT_LOGLIST_MOZILLA, cut, n, &list, NULL),
			-EBADMSG);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),	     cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_v3_facts),     cmocka_unit_test(test_v3_pending),
		cmocka_unit_test(test_formats),	     cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_load),
		cmocka_unit_test(test_bundled),	     cmocka_unit_test(test_headers),
		cmocka_unit_test(test_header_facts), cmocka_unit_test(test_header_truncated),
	};

	return cmocka_run_group_tests_name("loglist text", tests, NULL, NULL);
}
