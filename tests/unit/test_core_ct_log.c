// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* core/ct_log.h: what a bundle says about a CT log, part by part. */
#include "tests/unit/der_text.h"
#include "core/ct_log.h"

struct parts {
	const char *kind, *description, *mmd, *operators, *states, *interval, *submission;
	const char *monitoring, *after;
};

static struct parts usual(void)
{
	struct parts p = { .kind = "0a0101",
			   .description = "0c{'Log'}",
			   .mmd = "020200ff",
			   .operators = "30{30{0c{'A'} 18{'20240101000000Z'}}"
					"30{0c{'B'} 18{'20250101000000Z'}}}",
			   .states = "30{30{0a0100 18{'20240101000000Z'}}"
				     "30{0a0102 18{'20240601000000Z'}}}",
			   .interval = "a0{18{'20250101000000Z'} 18{'20250701000000Z'}}",
			   .submission = "81{'https://s.example/'}",
			   .monitoring = "82{'https://m.example/x/'}",
			   .after = "" };

	return p;
}

static struct cc_span build(const struct parts *p)
{
	return der(0x30, der_text(p->kind), der_text(p->description), der_text(p->mmd),
		   der_text(p->operators), der_text(p->states), der_text(p->interval),
		   der_text(p->submission), der_text(p->monitoring), der_text(p->after));
}

static struct cc_ct_log good(const struct parts *p)
{
	struct cc_ct_log log;

	assert_true(cc_ct_log_parse(der_exact(build(p)), &log));
	return log;
}

static void as_it_should_be(void **state)
{
	struct parts p = usual();
	struct cc_ct_log log = good(&p);
	struct cc_span rest, name;
	int64_t since;
	uint32_t s;

	assert_int_equal(log.kind, CC_CT_LOG_STATIC);
	assert_true(cc_span_equal(log.description, der_str("Log")));
	assert_int_equal(log.mmd, 255);
	assert_int_equal(log.operator_count, 2);
	assert_int_equal(log.state_count, 2);
	assert_true(log.has_interval);
	assert_int_equal(log.interval_start, 1735689600);
	assert_int_equal(log.interval_end, 1751328000);
	assert_true(cc_span_equal(log.submission, der_str("https://s.example/")));
	assert_true(cc_span_equal(log.monitoring, der_str("https://m.example/x/")));
	rest = log.operators;
	assert_int_equal(cc_ct_log_operator_next(&rest, &name, &since), 1);
	assert_true(cc_span_equal(name, der_str("A")));
	assert_int_equal(since, 1704067200);
	assert_int_equal(cc_ct_log_operator_next(&rest, &name, &since), 1);
	assert_true(cc_span_equal(name, der_str("B")));
	assert_int_equal(cc_ct_log_operator_next(&rest, &name, &since), 0);
	rest = log.states;
	assert_int_equal(cc_ct_log_state_next(&rest, &s, &since), 1);
	assert_int_equal(s, CC_CT_LOG_PENDING);
	assert_int_equal(cc_ct_log_state_next(&rest, &s, &since), 1);
	assert_int_equal(s, CC_CT_LOG_USABLE);
	assert_int_equal(since, 1717200000);
	assert_int_equal(cc_ct_log_state_next(&rest, &s, &since), 0);
}

static void the_least(void **state)
{
	struct parts p = usual();
	struct cc_ct_log log;

	p.kind = "0a0100";
	p.mmd = "020100";
	p.operators = "30{30{0c{'A'} 18{'00000101000000Z'}}}";
	p.interval = p.submission = p.monitoring = "";
	log = good(&p);
	assert_false(log.has_interval);
	assert_int_equal(log.submission.n + log.monitoring.n + log.mmd, 0);
}

#define A_TIME "18{'20240101000000Z'}"

static void bad(void **state)
{
	static const struct {
		size_t part;
		const char *value;
	} rows[] = {
#define PART(name) offsetof(struct parts, name)
		{ PART(kind), "0a0102" },
		{ PART(kind), "0a020001" },
		{ PART(kind), "020101" },
		{ PART(kind), "" },
		{ PART(description), "0c00" },
		{ PART(description), "0c{*256(41)}" },
		{ PART(description), "0c{41 0a}" },
		{ PART(description), "0c{c2 85}" },
		{ PART(description), "0c{7f}" },
		{ PART(description), "0c{c3}" },
		{ PART(description), "13{'Log'}" },
		{ PART(mmd), "0201ff" },
		{ PART(mmd), "02050080000000" },
		{ PART(mmd), "0200" },
		{ PART(operators), "3000" },
		{ PART(operators), "30{30{0c00 " A_TIME "}}" },
		{ PART(operators), "30{30{0c{*128(41)} " A_TIME "}}" },
		{ PART(operators), "30{30{0c{'A'}}}" },
		{ PART(operators), "30{30{0c{'A'} " A_TIME "0500}}" },
		{ PART(operators), "30{30{0c{'A'} 17{'240101000000Z'}}}" },
		{ PART(operators), "30{30{0c{'A'} " A_TIME "} 30{0c{'B'} " A_TIME "}}" },
		{ PART(operators), "30{0500}" },
		{ PART(states), "3000" },
		{ PART(states), "30{30{0a0106 " A_TIME "}}" },
		{ PART(states), "30{30{0a0102 " A_TIME "} 30{0a0103 18{'20230101000000Z'}}}" },
		{ PART(states), "30{30{0a0102 18{'20241301000000Z'}}}" },
		{ PART(states), "30{30{0a0102 " A_TIME "0500}}" },
		{ PART(interval), "a0{" A_TIME A_TIME "}" },
		{ PART(interval), "a0{" A_TIME "}" },
		{ PART(interval), "a0{" A_TIME "18{'20250101000000Z'} 0500}" },
		{ PART(interval), "80{" A_TIME "}" },
		{ PART(submission), "8100" },
		{ PART(submission), "81{'a b'}" },
		{ PART(submission), "81{'a' 80}" },
		{ PART(submission), "81{*512(41)}" },
		{ PART(monitoring), "82{7f}" },
		{ PART(monitoring), "81{'b'}" },
		{ PART(after), "0500" },
#undef PART
	};
	struct cc_ct_log log;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct parts p = usual();

		memcpy((char *)&p + rows[i].part, &rows[i].value, sizeof(rows[i].value));
		if (cc_ct_log_parse(der_exact(build(&p)), &log))
			fail_msg("%zu: %s", i, rows[i].value);
	}
}

/* A history of @count states. */
static struct cc_span with_states(unsigned int count)
{
	struct parts p = usual();
	struct cc_span list = cc_span(NULL, 0);
	char one[64];
	unsigned int i;

	for (i = 0; i < count; i++) {
		snprintf(one, sizeof(one), "30{0a0102 18{'20%02u0101000000Z'}}", i);
		list = der_cat(list, der_text(one), DER_END);
	}
	return der(0x30, der_text(p.kind), der_text(p.description), der_text(p.mmd),
		   der_text(p.operators), der(0x30, list));
}

static void history_limit(void **state)
{
	struct cc_ct_log log;

	assert_true(cc_ct_log_parse(with_states(16), &log));
	assert_int_equal(log.state_count, 16);
	assert_false(cc_ct_log_parse(with_states(17), &log));
}

static void cut_off(void **state)
{
	struct parts p = usual();
	struct cc_span whole = build(&p);
	struct cc_ct_log log;
	size_t n;

	for (n = 0; n < whole.n; n++) {
		struct cc_span part = der_exact(cc_span(whole.p, n));

		assert_false(cc_ct_log_parse(part, &log));
		der_free(part);
	}
	assert_false(cc_ct_log_parse(der_cat(whole, der_hex("00"), DER_END), &log));
}

static void names(void **state)
{
	assert_string_equal(cc_ct_log_state_name(CC_CT_LOG_PENDING), "pending");
	assert_string_equal(cc_ct_log_state_name(CC_CT_LOG_REJECTED), "rejected");
	assert_string_equal(cc_ct_log_state_name(CC_CT_LOG_STATE_COUNT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_it_should_be),
		cmocka_unit_test(the_least),
		cmocka_unit_test(bad),
		cmocka_unit_test(history_limit),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("core/ct_log", tests, NULL, NULL);
}
