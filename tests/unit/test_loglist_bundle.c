// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists of CT logs as bundles: what is written is what core reads, and reads as the same list. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <capcert/bundle.h>
#include "core/bundle.h"
#include "core/outcome.h"
#include "libcapcert/loglist.h"
#include "log_keys.h"

static const struct capcert_log_operator operators[] = { { "she", 0 }, { "me", 86400 } };
static const struct capcert_log_state states[] = { { CAPCERT_LOG_PENDING, 0 },
						   { CAPCERT_LOG_USABLE, 1700000000 },
						   { CAPCERT_LOG_RETIRED, 253402300799 } };
static const struct capcert_log_info full = {
	.kind = CAPCERT_LOG_STATIC_CT,
	.mmd = 0x7fffffff,
	.name = "K\xc3\xa4se",
	.operators = operators,
	.operator_count = 2,
	.states = states,
	.state_count = 3,
	.has_interval = 1,
	.interval_start = 1767225600,
	.interval_end = 1782864000,
	.submission = "https://a.example/",
	.monitoring = "https://b.example/",
};

static capcert_loglist *make_list(void)
{
	static const char *const keys[] = { KEY_P256_A, KEY_P256_B, KEY_P384, KEY_RSA_2048 };
	capcert_loglist *empty, *list, *dated;
	capcert_log *logs[4];

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(capcert_log_new_base64(keys[i], i ? NULL : &full, &logs[i], NULL),
				 0);
	assert_int_equal(capcert_loglist_new(&empty), 0);
	assert_int_equal(capcert_loglist_adding(empty, logs, 4, &list), 0);
	assert_int_equal(capcert_loglist_dated(list, 1767323045, &dated), 0);
	capcert_loglist_free(empty);
	capcert_loglist_free(list);
	for (size_t i = 0; i < 4; i++)
		capcert_log_free(logs[i]);
	return dated;
}

static void test_round_trip(void **state)
{
	capcert_loglist *list = make_list(), *again;
	const char *error = NULL;
	struct cc_bundle bundle;
	struct cc_span rest, choice;
	uint8_t *der, *anchors;
	size_t len;

	assert_int_equal(capcert_loglist_to_bundle(list, "ct-logs", 300, 1777777777, &der, &len),
			 0);
	assert_int_equal(cc_bundle_parse(cc_span(der, len), &bundle), CC_BUNDLE_OK);
	assert_int_equal(bundle.kind, CC_BUNDLE_STORE);
	assert_int_equal(bundle.number, 300);
	assert_int_equal(bundle.created, 1767323045);
	assert_true(bundle.has_expires);
	assert_int_equal(bundle.expires, 1777777777);
	assert_int_equal(bundle.purposes, 1u << CC_PURPOSE_CT_LOG);
	assert_int_equal(bundle.anchor_count, 4);
	for (rest = bundle.anchors; cc_trust_anchor_next(&rest, &choice) == 1;) {
		struct cc_trust_anchor ta;
		uint32_t purposes;

		assert_int_equal(cc_bundle_anchor(&bundle, choice, &ta, &purposes), CC_BUNDLE_OK);
		assert_int_equal(purposes, 1u << CC_PURPOSE_CT_LOG);
	}
	if (capcert_loglist_from_bundle(der, len, &again, &error))
		fail_msg("%s", error);
	assert_memory_equal(loglist_digest(list), loglist_digest(again), 32);
	capcert_loglist_free(again);

	/* The anchors by themselves, as a TrustAnchorList. */
	anchors = malloc(bundle.anchors.n + 4);
	assert_non_null(anchors);
	assert_true(bundle.anchors.n > 255 && bundle.anchors.n < 65536);
	anchors[0] = 0x30;
	anchors[1] = 0x82;
	anchors[2] = (uint8_t)(bundle.anchors.n >> 8);
	anchors[3] = (uint8_t)bundle.anchors.n;
	memcpy(anchors + 4, bundle.anchors.p, bundle.anchors.n);
	assert_int_equal(capcert_loglist_from_anchors(anchors, bundle.anchors.n + 4, 1767323045,
						      &again, NULL),
			 0);
	assert_memory_equal(loglist_digest(list), loglist_digest(again), 32);
	capcert_loglist_free(again);
	assert_int_equal(capcert_loglist_from_anchors(anchors, 5, 0, &again, &error), -EBADMSG);
	assert_string_equal(error, "not a TrustAnchorList");
	free(anchors);
	free(der);
	capcert_loglist_free(list);
}

/* Since when the first operator has been that is not kept: it is from ever. */
static bool from_ever(const uint8_t *der, size_t len, size_t at)
{
	for (size_t i = at < 14 ? 0 : at - 14; i <= at && i + 15 <= len; i++)
		if (!memcmp(der + i, "19700101000000Z", 15))
			return true;
	return false;
}

/* Every beginning is refused, and most changes of one octet are; none is read past its end. */
static void test_damaged(void **state)
{
	capcert_loglist *list = make_list(), *again;
	uint8_t *der;
	size_t len;

	assert_int_equal(
		capcert_loglist_to_bundle(list, "ct-logs", 1, CAPCERT_TIME_UNKNOWN, &der, &len), 0);
	for (size_t n = 0; n < len; n++) {
		const char *error = NULL;
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, der, n);
		assert_int_equal(capcert_loglist_from_bundle(cut, n, &again, &error), -EBADMSG);
		assert_non_null(error);
		free(cut);
	}
	for (size_t i = 0; i < len; i++) {
		bool kept = i > 30 && !from_ever(der, len, i);

		der[i] ^= 1;
		if (capcert_loglist_from_bundle(der, len, &again, NULL) == 0) {
			/* Nothing counts that does not show. Its name and number are not the list's. */
			if (!memcmp(loglist_digest(list), loglist_digest(again), 32) && kept)
				fail_msg("octet %zu changes nothing", i);
			capcert_loglist_free(again);
		}
		der[i] ^= 1;
	}
	free(der);
	capcert_loglist_free(list);
}

static void test_refused(void **state)
{
	capcert_loglist *list = make_list(), *empty, *again;
	const char *error = NULL;
	uint8_t *der;
	size_t len;

	assert_int_equal(capcert_loglist_to_bundle(list, "No", 1, CAPCERT_TIME_UNKNOWN, &der, &len),
			 -EINVAL);
	assert_int_equal(capcert_loglist_to_bundle(list, "a", 0, CAPCERT_TIME_UNKNOWN, &der, &len),
			 -EINVAL);
	assert_int_equal(
		capcert_loglist_to_bundle(list, "a", 1ull << 63, CAPCERT_TIME_UNKNOWN, &der, &len),
		-EINVAL);
	assert_int_equal(capcert_loglist_to_bundle(list, "a", 1, 1767323045, &der, &len), -EINVAL);
	/* A list that does not say when it was made. */
	assert_int_equal(capcert_loglist_new(&empty), 0);
	assert_int_equal(capcert_loglist_to_bundle(empty, "a", 1, CAPCERT_TIME_UNKNOWN, &der, &len),
			 -EINVAL);
	capcert_loglist_free(empty);

	/* Another purpose, another kind; the octets that say so are near the beginning. */
	assert_int_equal(capcert_loglist_to_bundle(list, "a", 1, CAPCERT_TIME_UNKNOWN, &der, &len),
			 0);
	for (size_t i = 0; i + 4 < len; i++) {
		if (!memcmp(der + i, "\x03\x02\x02\x04", 4)) {
			memcpy(der + i, "\x03\x02\x07\x80", 4);
			break;
		}
	}
	assert_int_equal(capcert_loglist_from_bundle(der, len, &again, &error), -EBADMSG);
	assert_non_null(strstr(error, "ctLog"));
	free(der);
	capcert_loglist_free(list);
}

/* Two anchors that change places, and one that stands twice. */
static void test_order(void **state)
{
	capcert_loglist *list = make_list(), *again;
	struct cc_span rest, first, second;
	struct cc_trust_anchor ta;
	const char *error = NULL;
	struct cc_bundle bundle;
	uint8_t *der, *copy, *at;
	size_t len;

	assert_int_equal(capcert_loglist_to_bundle(list, "a", 1, CAPCERT_TIME_UNKNOWN, &der, &len),
			 0);
	assert_int_equal(cc_bundle_parse(cc_span(der, len), &bundle), CC_BUNDLE_OK);
	rest = bundle.anchors;
	assert_int_equal(cc_trust_anchor_next(&rest, &first), 1);
	assert_int_equal(cc_trust_anchor_next(&rest, &second), 1);
	copy = malloc(len);
	assert_non_null(copy);
	memcpy(copy, der, len);
	at = copy + (first.p - der);
	memcpy(at, second.p, second.n);
	memcpy(at + second.n, first.p, first.n);
	assert_int_equal(capcert_loglist_from_bundle(copy, len, &again, &error), -EBADMSG);
	assert_string_equal(error, "the anchors do not ascend by fingerprint");
	free(copy);

	copy = malloc(2 * first.n);
	assert_non_null(copy);
	memcpy(copy, first.p, first.n);
	memcpy(copy + first.n, first.p, first.n);
	assert_int_equal(loglist_from_choices(cc_span(copy, 2 * first.n), false, 0, &again, &error),
			 -EBADMSG);
	assert_string_equal(error, "a CT log stands twice");
	assert_int_equal(loglist_from_choices(cc_span(copy, first.n + 1), false, 0, &again, &error),
			 -EBADMSG);
	assert_string_equal(error, "the list of anchors is malformed");
	/* One octet of the key identifier. */
	assert_int_equal(cc_trust_anchor_parse(first, &ta), CC_CERT_OK);
	copy[ta.cert.skid.p - first.p] ^= 1;
	assert_int_equal(loglist_from_choices(cc_span(copy, first.n), false, 0, &again, &error),
			 -EBADMSG);
	assert_non_null(strstr(error, "SHA-256 of its key"));
	free(copy);
	free(der);
	capcert_loglist_free(list);
}

static void put_root(capcert_store *store, uint32_t purposes)
{
	uint8_t der[4096];
	FILE *f = fopen("tests/data/ec-root.der", "re");
	size_t n;

	assert_non_null(f);
	n = fread(der, 1, sizeof(der), f);
	fclose(f);
	assert_int_equal(capcert_store_put(store, der, n, purposes), 0);
}

/* A store that came of a bundle has its logs, and passes over what is no log of a list. */
static void test_store(void **state)
{
	capcert_loglist *list = make_list(), *again;
	const char *error = NULL;
	capcert_bundle *bundle;
	capcert_store *store;
	uint8_t *der;
	size_t len;

	assert_int_equal(capcert_loglist_to_bundle(list, "a", 1, CAPCERT_TIME_UNKNOWN, &der, &len),
			 0);
	assert_int_equal(capcert_bundle_open_unsigned(der, len, &bundle, NULL), 0);
	assert_int_equal(capcert_bundle_apply(bundle, NULL, &store), 0);
	assert_int_equal(capcert_loglist_from_store(store, 1767323045, &again, &error), 0);
	assert_memory_equal(loglist_digest(list), loglist_digest(again), 32);
	capcert_loglist_free(again);

	put_root(store, 0);
	assert_int_equal(capcert_loglist_from_store(store, 1767323045, &again, NULL), 0);
	assert_memory_equal(loglist_digest(list), loglist_digest(again), 32);
	capcert_loglist_free(again);
	capcert_store_free(store);

	/* A certificate is no log, whatever it was put for. */
	assert_int_equal(capcert_store_new(&store), 0);
	put_root(store, 1u << CAPCERT_PURPOSE_CT_LOG);
	assert_int_equal(capcert_loglist_from_store(store, 0, &again, &error), -EBADMSG);
	assert_string_equal(error, "an anchor is no CT log");
	capcert_store_free(store);
	capcert_bundle_free(bundle);
	free(der);
	capcert_loglist_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_order),
		cmocka_unit_test(test_store),
	};

	return cmocka_run_group_tests_name("loglist bundle", tests, NULL, NULL);
}
