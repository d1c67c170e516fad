// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pin sets of a process: made, changed, told, held against a path. */
#include "tests/unit/engine_fixture.h"

static const char text[] = "mode=report-only\nexpires=2026-06-02T00:00:00Z\nsha256:"
			   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";

static void test_text(void **state)
{
	struct capcert_pins_info info;
	const char *error = NULL;
	capcert_pins *pins, *again;
	char *longest = calloc(1, 1 << 20);

	assert_non_null(longest);
	assert_int_equal(capcert_pins_new(text, strlen(text), &pins, NULL), 0);
	assert_string_equal(capcert_pins_text(pins), text);
	assert_int_equal(capcert_pins_get_info(pins, &info), 0);
	assert_int_equal(info.mode, CAPCERT_PINS_REPORT_ONLY);
	assert_int_equal(info.expires, PKI_NOW + PKI_DAY);
	assert_int_equal(info.count, 1);
	assert_int_equal(info.version, 1);
	again = NULL;
	assert_int_equal(capcert_pins_new("expires=soon", 12, &again, &error), -EINVAL);
	assert_non_null(strstr(error, "never"));
	assert_int_equal(capcert_pins_new("expires=soon", 12, &again, NULL), -EINVAL);
	assert_int_equal(capcert_pins_new(longest, 1 << 20, &again, &error), -EMSGSIZE);
	assert_null(again);
	capcert_pins_free(pins);
	capcert_pins_free(NULL);
	free(longest);
	assert_string_equal(capcert_pin_mode_name(CAPCERT_PINS_ENFORCE), "enforce");
}

static void test_changes(void **state)
{
	static const uint8_t zero[64];
	struct capcert_pins_info before, after;
	capcert_pins *pins;
	uint8_t value[32];
	int i;

	assert_int_equal(capcert_pins_new(text, strlen(text), &pins, NULL), 0);
	assert_int_equal(capcert_pins_get_info(pins, &before), 0);
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA384, zero, 47), -EINVAL);
	assert_int_equal(capcert_pins_add(pins, 0, zero, 32), -EINVAL);
	assert_int_equal(capcert_pins_add(pins, 4, zero, 32), -EINVAL);
	assert_int_equal(capcert_pins_remove(pins, CAPCERT_HASH_SHA384, zero, 48), -ENOENT);
	assert_string_equal(capcert_pins_text(pins), text);
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA384, zero, 48), 0);
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA384, zero, 48), -EEXIST);
	assert_int_equal(capcert_pins_get_info(pins, &after), 0);
	assert_int_equal(after.count, 2);
	assert_memory_not_equal(before.digest, after.digest, 32);
	assert_int_equal(capcert_pins_remove(pins, CAPCERT_HASH_SHA384, zero, 48), 0);
	assert_int_equal(capcert_pins_get_info(pins, &after), 0);
	assert_memory_equal(&before, &after, sizeof(after));
	for (i = 1; i < CAPCERT_MAX_PINS; i++) {
		memset(value, i, sizeof(value));
		assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA256, value, 32), 0);
	}
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA256, zero, 32), -ENOSPC);
	capcert_pins_free(pins);
}

static void expect(const capcert_pins *pins, const capcert_chain *chain, int64_t at, uint32_t valid,
		   uint32_t flags, uint32_t depth)
{
	struct capcert_outcome outcome;

	assert_int_equal(capcert_pins_enforce(pins, chain, PKI_NOW + at, &outcome), 0);
	assert_int_equal(outcome.valid, valid);
	assert_int_equal(outcome.reason, valid ? CAPCERT_REASON_NONE : CAPCERT_REASON_PIN_MISMATCH);
	assert_int_equal(outcome.flags, flags);
	assert_int_equal(outcome.depth, depth);
	assert_true(outcome.valid_from <= outcome.time && outcome.time <= outcome.valid_until);
	assert_int_equal(outcome.valid_until,
			 flags & CAPCERT_OUTCOME_PINS_EXPIRED ? INT64_MAX : PKI_NOW + PKI_DAY);
	assert_true(outcome.detail[0] != '\0');
}

static void test_enforce(void **state)
{
	static const char *const modes[] = { "enforce", "report-only" };
	struct family f = make_family();
	struct pki *const certs[70] = { f.leaf, f.ca, f.root };
	capcert_chain *chain = make_chain(certs), *none;
	struct capcert_outcome outcome = { .size = 7 };
	capcert_pins *pins;
	uint8_t value[64];
	char head[64];
	uint32_t mode;
	int n;

	assert_int_equal(capcert_chain_new(&none), 0);
	for (mode = 0; mode < 2; mode++) {
		sprintf(head, "mode=%s;expires=2026-06-02T00:00:00Z", modes[mode]);
		assert_int_equal(capcert_pins_new(head, strlen(head), &pins, NULL), 0);
		expect(pins, chain, 0, mode, CAPCERT_OUTCOME_PIN_MISMATCH, 0);
		memset(value, 1, sizeof(value));
		assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA512, value, 64), 0);
		expect(pins, chain, 0, mode, CAPCERT_OUTCOME_PIN_MISMATCH, 0);
		n = capcert_cert_spki_hash(capcert_chain_at(chain, 1), CAPCERT_HASH_SHA384, value);
		assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA384, value, (size_t)n), 0);
		expect(pins, chain, PKI_DAY, 1, CAPCERT_OUTCOME_PINNED, 1);
		expect(pins, chain, PKI_DAY + 1, 1, CAPCERT_OUTCOME_PINS_EXPIRED, 0);
		assert_int_equal(capcert_pins_enforce(pins, none, PKI_NOW, &outcome), -EINVAL);
		assert_int_equal(outcome.size, 7);
		capcert_pins_free(pins);
	}
	capcert_chain_free(none);
	capcert_chain_free(chain);
	free_family(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_enforce),
	};

	return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
