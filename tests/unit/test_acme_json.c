// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What ACME servers send: URLs, times, names, documents (whole, spoiled, cut off at every octet), problems. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/time.h"
#include "libcapcert/acme_json.h"
#include "libcapcert/acme_url.h"

static struct cc_span span_of(const char *text)
{
	return cc_span(text, strlen(text));
}

/* ---- URLs and times ---- */

static void test_url(void **state)
{
	static const struct {
		const char *text, *host, *authority, *target;
		uint16_t port;
	} good[] = {
		{ "https://ca.example/dir?x=/../y", "ca.example", "ca.example", "/dir?x=/../y",
		  443 },
		{ "HTTPS://CA.Example:14000", "ca.example", "ca.example:14000", "", 14000 },
		{ "https://192.0.2.1:443/", "192.0.2.1", "192.0.2.1", "/", 443 },
		{ "https://[2001:DB8::1]:8443?a", "2001:db8::1", "[2001:db8::1]:8443", "?a", 8443 },
		{ "https://localhost/.well-known/..x/a.", "localhost", "localhost",
		  "/.well-known/..x/a.", 443 },
	};
	static const char *const bad[] = {
		"",
		"https://",
		"https:///x",
		"http://ca.example/",
		"ftp://ca.example/",
		"https:/ca.example/",
		"https://user@ca.example/",
		"https://ca.example/#x",
		"https://ca.example/\n",
		"https://ca.example/ x",
		"https://ca.example/\"",
		"https://ca.example/\\",
		"https://ca.example/\xc3\xa9",
		"https://ca.example:0/",
		"https://ca.example:65536/",
		"https://ca.example:1234567/",
		"https://ca.example:/",
		"https://ca.example:1x/",
		"https://ca.example/../x",
		"https://ca.example/a/./b",
		"https://ca.example/a/..",
		"https://[::1/",
		"https://[192.0.2.1]/",
		"https://[]/",
		"https://::1/",
		"https://-x-.example/",
		"https://[::1]x/",
		"https://ca..example/",
		"https://*.example/",
		"https://ca.example{}/",
	};
	struct acme_url url;
	const char *error;
	char text[2200];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(acme_url_parse(good[i].text, &url, &error));
		assert_string_equal(url.host, good[i].host);
		assert_string_equal(url.authority, good[i].authority);
		assert_string_equal(url.target, good[i].target);
		assert_int_equal(url.port, good[i].port);
		assert_null(error);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (acme_url_parse(bad[i], &url, &error))
			fail_msg("taken: %s", bad[i]);
		assert_non_null(error);
	}
	memset(text, 'a', sizeof(text));
	memcpy(text, "https://ca.example/", 19);
	text[ACME_URL_MAX + 1] = '\0';
	assert_false(acme_url_parse(text, &url, &error));
	text[ACME_URL_MAX] = '\0';
	assert_true(acme_url_parse(text, &url, &error));
	/* No host is as long as this. */
	memset(text + 8, 'a', 300);
	assert_false(acme_url_parse(text, &url, &error));
}

static void expect_time(const char *text, bool good, const char *want)
{
	char buf[CC_TIME_TEXT];
	int64_t time;

	if (acme_time_rfc3339(text, &time) != good)
		fail_msg("%s: %s", good ? "refused" : "taken", text);
	if (!good)
		return;
	cc_time_format(time, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void test_time(void **state)
{
	const char *text = "2026-01-31T23:59:59.123+01:30";
	char cut[40];

	expect_time("2026-01-31T23:59:59Z", true, "2026-01-31T23:59:59Z");
	expect_time("2026-01-31t23:59:59z", true, "2026-01-31T23:59:59Z");
	expect_time(text, true, "2026-01-31T22:29:59Z");
	expect_time("2026-01-31T23:59:59-01:00", true, "2026-02-01T00:59:59Z");
	expect_time("2016-12-31T23:59:60Z", true, "2016-12-31T23:59:59Z");
	for (size_t n = 0; n < strlen(text); n++) {
		snprintf(cut, sizeof(cut), "%.*s", (int)n, text);
		expect_time(cut, false, NULL);
	}
	expect_time("2026-02-30T00:00:00Z", false, NULL);
	expect_time("2026-01-31 23:59:59Z", false, NULL);
	expect_time("2026-01-31T24:59:59Z", false, NULL);
	expect_time("2026/01-31T23:59:59Z", false, NULL);
	expect_time("2026-01-31T23:59:59Zx", false, NULL);
	expect_time("2026-01-31T23:59:59+24:00", false, NULL);
	expect_time("2026-01-31T23:59:59+0100", false, NULL);
	expect_time("2026-01-31T23-59:59Z", false, NULL);
	expect_time("2026-01-31T23:59:59.Z", false, NULL);
	expect_time("-026-01-31T23:59:59Z", false, NULL);
	expect_time("2026-01-31T23:59:59.00000000000000000000000000000000000000000000000000Z",
		    false, NULL);
}

static void test_retry(void **state)
{
	static const char *const bad[] = { "",
					   "-1",
					   "1.5",
					   "soon",
					   "Sun, 06 Nov 1994 08:49:37 UTC",
					   "Sun, 06 Foo 1994 08:49:37 GMT",
					   "Sunday, 06-Nov-94 08:49:37 GMT",
					   "Sun, 36 Nov 1994 08:49:37 GMT",
					   "Sun  06 Nov 1994 08:49:37 GMT" };
	const int64_t now = 784111777 - 60, year = 365 * 86400; /* a minute before the date below */
	int64_t at;

	assert_true(acme_time_retry("120", now, &at));
	assert_int_equal(at, now + 120);
	assert_true(acme_time_retry("0", now, &at));
	assert_int_equal(at, now);
	assert_true(acme_time_retry("99999999999999999999", now, &at));
	assert_int_equal(at, now + year);
	assert_true(acme_time_retry("Sun, 06 Nov 1994 08:49:37 GMT", now, &at));
	assert_int_equal(at, now + 60);
	assert_true(acme_time_retry("Sun, 06 Nov 1994 08:49:37 GMT", now + 1000, &at));
	assert_int_equal(at, now + 1000);
	assert_true(acme_time_retry("Sun, 06 Nov 2994 08:49:37 GMT", now, &at));
	assert_int_equal(at, now + year);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(acme_time_retry(bad[i], now, &at));
}

/* ---- names ---- */

static void test_names(void **state)
{
	static const struct {
		uint32_t type;
		const char *in, *out;
	} good[] = {
		{ CAPCERT_ACME_DNS, "WWW.Example.org.", "www.example.org" },
		{ CAPCERT_ACME_DNS, "*.Example.org", "*.example.org" },
		{ CAPCERT_ACME_DNS,
		  "b\xc3\xbc"
		  "cher.example",
		  "xn--bcher-kva.example" },
		{ CAPCERT_ACME_IP, "192.0.2.1", "192.0.2.1" },
		{ CAPCERT_ACME_IP, "2001:DB8:0:0::1", "2001:db8::1" },
	};
	static const struct {
		uint32_t type;
		const char *in;
	} bad[] = { { CAPCERT_ACME_DNS, "" },
		    { CAPCERT_ACME_DNS, NULL },
		    { CAPCERT_ACME_DNS, "*" },
		    { CAPCERT_ACME_DNS, "*." },
		    { CAPCERT_ACME_DNS, "*.*.org" },
		    { CAPCERT_ACME_DNS, "a b" },
		    { CAPCERT_ACME_DNS, "192.0.2.1" },
		    { CAPCERT_ACME_IP, "www.example.org" },
		    { CAPCERT_ACME_IP, "192.0.2.256" },
		    { CAPCERT_ACME_IP, "*.192.0.2.1" },
		    { 3, "a.org" } };
	struct acme_name a[3], b[3];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(acme_name_set(a, good[i].type, good[i].in), 0);
		assert_string_equal(a->text, good[i].out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(acme_name_set(a, bad[i].type, bad[i].in), -EINVAL);
	acme_name_set(&a[0], CAPCERT_ACME_DNS, "a.org");
	acme_name_set(&a[1], CAPCERT_ACME_DNS, "*.b.org");
	assert_string_equal(acme_name_base(&a[1]), "b.org");
	acme_name_set(&b[0], CAPCERT_ACME_DNS, "*.B.org");
	acme_name_set(&b[1], CAPCERT_ACME_DNS, "A.org");
	assert_true(acme_names_same(a, 2, b, 2));
	assert_false(acme_names_same(a, 2, b, 1));
	b[0] = b[1];
	assert_false(acme_names_same(a, 2, b, 2));
	assert_false(acme_names_same(b, 2, a, 2));
}

/* ---- documents ---- */

static const char directory[] =
	"{\"newNonce\":\"https://ca.example/nonce\",\"newAccount\":\"https://ca.example/account\","
	"\"newOrder\":\"https://ca.example/order\",\"revokeCert\":\"https://ca.example/revoke\","
	"\"keyChange\":\"https://ca.example/key\",\"renewalInfo\":\"https://ca.example/"
	"ari\",\"newAuthz\":1,"
	"\"meta\":{\"termsOfService\":\"https://ca.example/terms\",\"website\":\"https://"
	"ca.example/\","
	"\"caaIdentities\":[\"ca.example\",7,\"\"],\"externalAccountRequired\":true,"
	"\"profiles\":{\"classic\":\"What you \\u00e9xpect\\n\",\"short "
	"lived\":\"\",\"shortlived\":5}}}";
static const char account[] =
	"{\"status\":\"valid\",\"contact\":[\"mailto:a@example.org\",\"mailto:\\u0007\"],"
	"\"termsOfServiceAgreed\":true,\"orders\":\"https://ca.example/orders\"}";
static const char order[] = "{\"status\":\"valid\",\"expires\":\"2026-01-31T23:59:59Z\","
			    "\"identifiers\":[{\"type\":\"dns\",\"value\":\"A.org\"},"
			    "{\"type\":\"ip\",\"value\":\"::1\"}],\"authorizations\":[\"https://"
			    "ca.example/a/1\",\"https://ca.example/a/2\"],"
			    "\"finalize\":\"https://ca.example/f\",\"certificate\":\"https://"
			    "ca.example/c\",\"profile\":\"classic\","
			    "\"replaces\":\"a.b\",\"error\":{\"type\":\"x\"}}";
static const char authorization[] = "{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\","
				    "\"value\":\"a.org\"},\"wildcard\":true,\"challenges\":["
				    "{\"type\":\"dns-01\",\"url\":\"https://ca.example/c/"
				    "1\",\"status\":\"pending\",\"token\":\"abc_-\",\"error\":{}},"
				    "{\"type\":\"new-01\",\"url\":5},"
				    "{\"type\":\"dns-persist-01\",\"url\":\"https://ca.example/c/"
				    "2\",\"accounturi\":\"https://ca.example/acct/1\","
				    "\"issuer-domain-names\":[\"ca.example\",\"other.example\"]}]}";
static const char renewal[] = "{\"suggestedWindow\":{\"start\":\"2026-01-01T00:00:00Z\",\"end\":"
			      "\"2026-01-02T00:00:00Z\"},"
			      "\"explanationURL\":\"https://ca.example/why\"}";
static const char page[] = "{\"orders\":[\"https://ca.example/o/1\",\"https://ca.example/o/2\"]}";

static int parse(int kind, struct cc_span body)
{
	static struct acme_order o;
	struct acme_directory d = { 0 };
	struct acme_account a = { 0 };
	struct acme_authorization z = { 0 };
	struct capcert_acme_renewal w;
	const char *error = NULL;
	json_t *j = NULL;
	int r;

	switch (kind) {
	case 0:
		r = acme_directory_parse(body, &d, &error);
		acme_directory_clear(&d);
		break;
	case 1:
		r = acme_account_parse(body, &a, &error);
		acme_account_clear(&a);
		break;
	case 2:
		r = acme_order_parse(body, &o, &error);
		acme_order_clear(&o);
		break;
	case 3:
		r = acme_authorization_parse(body, &z, &error);
		acme_authorization_clear(&z);
		break;
	case 4:
		r = acme_renewal_parse(body, &w, &error);
		break;
	default:
		r = acme_page_parse(body, &j, &error);
		json_decref(j);
	}
	assert_int_equal(r == -EPROTO, error != NULL);
	return r;
}

static const char *const documents[] = { directory, account, order, authorization, renewal, page };

static void test_truncated(void **state)
{
	for (int i = 0; i < 6; i++) {
		assert_int_equal(parse(i, span_of(documents[i])), 0);
		for (size_t n = 0; n < strlen(documents[i]); n++)
			assert_int_equal(parse(i, cc_span(documents[i], n)), -EPROTO);
	}
}

/* @from in the document replaced by @to: it is none any more. */
static void test_spoiled(void **state)
{
	static const struct {
		int kind;
		const char *from, *to;
		int r;
	} cases[] = {
		{ 0, "https://ca.example/nonce", "http://ca.example/nonce", -EPROTO },
		{ 0, "newAccount", "oldAccount", -EPROTO },
		{ 0, "\"https://ca.example/order\"", "7", -EPROTO },
		{ 0, "renewalInfo", "renewalinfo", 0 },
		{ 0, "\"newAuthz\":1", "\"newOrder\":1", -EPROTO },
		{ 1, "\"valid\"", "\"pending\"", -EPROTO },
		{ 1, "\"valid\"", "\"deactivated\"", 0 },
		{ 1, "\"valid\"", "\"revoked\"", 0 },
		{ 1, "status", "state", -EPROTO },
		{ 2, "\"valid\"", "\"revoked\"", -EPROTO },
		{ 2, "\"certificate\"", "\"certificat\"", -EPROTO },
		{ 2, "\"finalize\"", "\"finalise\"", -EPROTO },
		{ 2, "2026-01-31", "2026-01-32", -EPROTO },
		{ 2, "\"2026-01-31T23:59:59Z\"", "null", 0 },
		{ 2, "\"identifiers\"", "\"identifier\"", -EPROTO },
		{ 2, "\"dns\"", "\"email\"", -EPROTO },
		{ 2, "A.org", "-A.org", -EPROTO },
		{ 2, "\"value\":\"A.org\"", "\"value\":5", -EPROTO },
		{ 2, "https://ca.example/a/2", "//2", -EPROTO },
		{ 2, "\"profile\":\"classic\"", "\"profile\":5", 0 },
		{ 3, "\"status\":\"pending\",\"id", "\"status\":\"\",\"id", -EPROTO },
		{ 3, "a.org", "*.a.org", -EPROTO },
		{ 3, "\"identifier\"", "\"identity\"", -EPROTO },
		{ 3, "abc_-", "../x", -EPROTO },
		{ 3, "abc_-", "", -EPROTO },
		{ 3, "\"type\":\"new-01\"", "\"kind\":\"new-01\"", -EPROTO },
		{ 3, "https://ca.example/c/1", "https://ca.example:0/c/1", -EPROTO },
		{ 3, "\"ca.example\",\"other.example\"", "", -EPROTO },
		{ 4, "2026-01-02", "2026-01-01", -EPROTO },
		{ 4, "2026-01-02", "2025-01-01", -EPROTO },
		{ 4, "2026-01-02", "2026-13-01", -EPROTO },
		{ 4, "suggestedWindow", "window", -EPROTO },
		{ 5, "\"https://ca.example/o/2\"", "2", -EPROTO },
		{ 5, "orders", "order", -EPROTO },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = documents[cases[i].kind], *at = strstr(text, cases[i].from);
		char buf[2048];

		assert_non_null(at);
		snprintf(buf, sizeof(buf), "%.*s%s%s", (int)(at - text), text, cases[i].to,
			 at + strlen(cases[i].from));
		if (parse(cases[i].kind, span_of(buf)) != cases[i].r)
			fail_msg("%s", buf);
	}
	for (int i = 0; i < 6; i++) {
		assert_int_equal(parse(i, span_of("[]")), -EPROTO);
		assert_int_equal(parse(i, span_of("{}")), -EPROTO);
		assert_int_equal(parse(i, span_of("<html>")), -EPROTO);
	}
}

/* "[X,X,...]" in the place of an array that is called @name. */
static void expect_many(int kind, const char *name, const char *one, size_t n, int want)
{
	size_t cap = n * (strlen(one) + 1) + 4096, used;
	char *buf = malloc(cap);
	const char *text = documents[kind], *at = strstr(text, name), *end = strchr(at, ']');

	used = (size_t)snprintf(buf, cap, "%.*s%s\":[", (int)(at - text), text, name);
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(buf + used, cap - used, "%s%s", i ? "," : "", one);
	snprintf(buf + used, cap - used, "%s", end);
	assert_int_equal(parse(kind, span_of(buf)), want);
	free(buf);
}

static void test_many(void **state)
{
	const char *id = "{\"type\":\"dns\",\"value\":\"a.org\"}",
		   *url = "\"https://ca.example/x\"";

	expect_many(2, "identifiers", id, 100, 0);
	expect_many(2, "identifiers", id, 101, -EPROTO);
	expect_many(2, "identifiers", id, 0, -EPROTO);
	expect_many(2, "authorizations", url, 100, 0);
	expect_many(2, "authorizations", url, 101, -EPROTO);
	expect_many(5, "orders", url, 1000, 0);
	expect_many(5, "orders", url, 1001, -EPROTO);
	expect_many(1, "contact", "\"mailto:a@b.c\"", 1000, 0);
	expect_many(0, "caaIdentities", "\"ca.example\"", 1000, 0);
}

static void test_content(void **state)
{
	static struct acme_order o;
	struct acme_authorization z;
	struct acme_directory d;
	struct acme_account a;
	const char *error;

	assert_int_equal(acme_directory_parse(span_of(directory), &d, &error), 0);
	assert_string_equal(d.new_order, "https://ca.example/order");
	assert_true(d.meta.external_account_required && d.meta.renewal_info);
	assert_int_equal(d.meta.caa_count, 1);
	assert_int_equal(d.meta.profile_count, 2);
	assert_string_equal(d.meta.profiles[0], "classic");
	assert_string_equal(d.meta.profile_texts[0], "What you ?xpect?");
	assert_string_equal(d.meta.profile_texts[1], "");
	acme_directory_clear(&d);

	assert_int_equal(acme_account_parse(span_of(account), &a, &error), 0);
	assert_int_equal(a.contact_count, 1);
	assert_true(a.terms_agreed);
	acme_account_clear(&a);

	assert_int_equal(acme_order_parse(span_of(order), &o, &error), 0);
	assert_int_equal(o.name_count, 2);
	assert_string_equal(o.names[0].text, "a.org");
	assert_int_equal(o.names[1].ip_len, 16);
	assert_int_equal(o.expires, 1769903999);
	assert_non_null(o.error);
	acme_order_clear(&o);

	assert_int_equal(acme_authorization_parse(span_of(authorization), &z, &error), 0);
	assert_int_equal(z.challenge_count, 3);
	assert_int_equal(z.challenges[0].type, CAPCERT_ACME_DNS_01);
	assert_int_equal(z.challenges[1].type, -1);
	assert_int_equal(z.challenges[2].issuer_count, 2);
	assert_true(z.wildcard);
	acme_authorization_clear(&z);
}

/* ---- problems ---- */

static void test_problem(void **state)
{
	struct capcert_acme_failure f = { .status = 403 };
	char text[200];

	for (uint32_t i = CAPCERT_ACME_OTHER_PROBLEM + 1; i < CAPCERT_ACME_PROBLEM_TYPES; i++) {
		snprintf(text, sizeof(text),
			 "{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"why\"}",
			 capcert_acme_problem_name(i));
		memset(&f, 0, sizeof(f));
		acme_problem_parse(span_of(text), &f);
		assert_int_equal(f.type, i);
		acme_problem_text(&f, "order");
		assert_non_null(strstr(f.text, "order: the CA refuses ("));
		assert_non_null(strstr(f.text, "): why; "));
		assert_true(strlen(capcert_acme_problem_advice(i)) > 10);
	}
	assert_string_equal(capcert_acme_problem_name(CAPCERT_ACME_PROBLEM_TYPES), "?");
	assert_string_equal(capcert_acme_problem_advice(CAPCERT_ACME_PROBLEM_TYPES), "");
}

static void test_problem_odd(void **state)
{
	struct capcert_acme_failure f = { 0 };
	char *text = malloc(100000), *p;

	acme_problem_parse(span_of("{\"type\":\"urn:x\",\"status\":429,\"instance\":\"https://"
				   "ca.example/\\u001b[2J\"}"),
			   &f);
	assert_int_equal(f.type, CAPCERT_ACME_OTHER_PROBLEM);
	assert_int_equal(f.status, 429);
	assert_string_equal(f.detail, "urn:x");
	assert_string_equal(f.url, "https://ca.example/?[2J");
	memset(&f, 0, sizeof(f));
	acme_problem_parse(span_of("[1,2"), &f);
	assert_int_equal(f.type, CAPCERT_ACME_OTHER_PROBLEM);
	acme_problem_text(&f, "x");
	assert_non_null(strstr(f.text, "no reason given"));
	/* Anything as long as it likes: cut, and ended. */
	p = text + sprintf(text, "{\"type\":\"urn:ietf:params:acme:error:compound\",\"detail\":\"");
	memset(p, 'x', 3000);
	p += 3000;
	p += sprintf(p, "\",\"status\":1e99,\"subproblems\":[0");
	for (int i = 0; i < 40; i++)
		p += sprintf(p,
			     ",{\"type\":\"urn:ietf:params:acme:error:dns\",\"detail\":\"%0400d\","
			     "\"identifier\":{\"value\":\"%0300d\"}}",
			     i, i);
	strcpy(p, "]}");
	memset(&f, 0, sizeof(f));
	acme_problem_parse(span_of(text), &f);
	assert_int_equal(f.subproblem_count, CAPCERT_ACME_MAX_SUBPROBLEMS);
	assert_int_equal(f.subproblems[1].type, CAPCERT_ACME_DNS_PROBLEM);
	assert_int_equal(strlen(f.detail), sizeof(f.detail) - 1);
	assert_int_equal(strlen(f.subproblems[1].identifier), 255);
	acme_problem_text(&f, "order");
	assert_true(strlen(f.text) < sizeof(f.text));
	free(text);
	/* The one name's problem speaks for all. */
	memset(&f, 0, sizeof(f));
	acme_problem_parse(span_of("{\"type\":\"urn:ietf:params:acme:error:compound\","
				   "\"subproblems\":[{\"type\":"
				   "\"urn:ietf:params:acme:error:caa\",\"detail\":\"no\","
				   "\"identifier\":{\"value\":\"a.org\"}}]}"),
			   &f);
	acme_problem_text(&f, "order");
	assert_int_equal(f.type, CAPCERT_ACME_CAA);
	assert_non_null(strstr(f.text, "a.org: no; "));
}

static void test_words(void **state)
{
	assert_int_equal(acme_status_parse("processing"), CAPCERT_ACME_PROCESSING);
	assert_int_equal(acme_status_parse("unknown"), CAPCERT_ACME_STATUS_UNKNOWN);
	assert_int_equal(acme_status_parse(NULL), CAPCERT_ACME_STATUS_UNKNOWN);
	assert_string_equal(capcert_acme_status_name(99), "unknown");
	for (uint32_t i = 0; i < CAPCERT_ACME_CHALLENGE_TYPES; i++)
		assert_int_equal(capcert_acme_challenge_parse(capcert_acme_challenge_name(i)), i);
	assert_int_equal(capcert_acme_challenge_parse("http-02"), -1);
	assert_string_equal(capcert_acme_challenge_name(9), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),	  cmocka_unit_test(test_time),
		cmocka_unit_test(test_retry),	  cmocka_unit_test(test_names),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_many),	  cmocka_unit_test(test_content),
		cmocka_unit_test(test_problem),	  cmocka_unit_test(test_problem_odd),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
