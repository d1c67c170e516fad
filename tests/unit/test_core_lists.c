// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rights, kinds, reasons, purposes, digests: the lists agree with the UAPI, and with themselves. */
#include "tests/unit/der_build.h"
#include <linux/capcert.h>
#include "core/digest.h"
#include "core/name.h"
#include "core/outcome.h"
#include "core/policy.h"
#include "core/rights.h"

static void uapi_numbers(void **state)
{
#define SAME(name) assert_int_equal(CC_RIGHT_##name, CAPCERT_RIGHT_##name)
	SAME(INFO);
	SAME(READ);
	SAME(RESTRICT);
	SAME(TRANSFER);
	SAME(PUBLIC);
	SAME(VERIFY_SIG);
	SAME(VERIFY);
	SAME(ADD);
	SAME(REMOVE);
	SAME(FETCH);
	SAME(WATCH);
#undef SAME
#define SAME(name) assert_int_equal(CC_KIND_##name, CAPCERT_KIND_##name)
	SAME(CERT);
	SAME(STORE);
	SAME(VERIFIER);
	SAME(AUDIT);
	SAME(OUTCOME);
#undef SAME
#define X(nr, name, text)                                          \
	assert_int_equal(CC_REASON_##name, CAPCERT_REASON_##name); \
	assert_string_equal(cc_reason_name(nr), text);
	CC_REASONS(X)
#undef X
#define X(nr, name, text)                                            \
	assert_int_equal(CC_PURPOSE_##name, CAPCERT_PURPOSE_##name); \
	assert_int_equal(cc_purpose_parse(text, strlen(text)), nr);  \
	assert_string_equal(cc_purpose_name(nr), text);
	CC_PURPOSES(X)
#undef X
	assert_int_equal(CC_PURPOSE_COUNT, CAPCERT_PURPOSE_COUNT);
	assert_int_equal(CC_POLICY_TEXT_MAX, CAPCERT_MAX_POLICY_TEXT);
	assert_string_equal(cc_clock_name(CAPCERT_CLOCK_UNTRUSTED), "untrusted");
	assert_string_equal(cc_clock_name(CAPCERT_CLOCK_ATTESTED), "attested");
	assert_string_equal(cc_clock_name(4), "?");
	assert_string_equal(cc_origin_name(CAPCERT_ORIGIN_SYSTEM), "system");
	assert_string_equal(cc_origin_name(CAPCERT_ORIGIN_USER), "user");
	assert_string_equal(cc_origin_name(0), "?");
	assert_string_equal(cc_origin_name(4), "?");
	assert_string_equal(cc_ocsp_status_name(CAPCERT_OCSP_GOOD), "good");
	assert_string_equal(cc_ocsp_status_name(CAPCERT_OCSP_RESPONDER_UNREACHABLE),
			    "responderUnreachable");
	assert_string_equal(cc_ocsp_status_name(5), "?");
}

static void names(void **state)
{
	assert_string_equal(cc_reason_name(CC_REASON_NONE), "valid");
	assert_string_equal(cc_reason_name(-2), "?");
	assert_string_equal(cc_reason_name(22), "?");
	assert_string_equal(cc_purpose_name(8), "?");
	assert_int_equal(cc_purpose_parse("TLSserverAUTH", 13), 0);
	assert_int_equal(cc_purpose_parse("tlsServerAut", 12), -1);
	assert_int_equal(cc_purpose_parse("", 0), -1);
	assert_false(cc_reason_cacheable(CC_REASON_BUDGET_EXHAUSTED));
	assert_false(cc_reason_cacheable(CC_REASON_INTERNAL));
	assert_false(cc_reason_cacheable(CC_REASON_CLOCK_UNTRUSTED));
	assert_true(cc_reason_cacheable(CC_REASON_NONE));
	assert_true(cc_reason_cacheable(CC_REASON_EXPIRED));
	assert_string_equal(cc_right_name(11), "ENFORCE");
	assert_string_equal(cc_right_name(12), "SIGN");
	assert_null(cc_right_name(18));
	assert_null(cc_right_name(64));
	assert_null(cc_kind_name(0));
	assert_string_equal(cc_kind_key_type(CC_KIND_PINS), "cappin");
	assert_string_equal(cc_kind_key_type(CC_KIND_KEY), "capkey");
	assert_string_equal(cc_kind_key_type(CC_KIND_SLOT), "capslot");
	assert_string_equal(cc_kind_key_type(CC_KIND_TLS), "captls");
	assert_null(cc_kind_key_type(12));
	assert_string_equal(cc_kind_key_type(CC_KIND_STORE), "captrust");
	assert_string_equal(cc_kind_name(CC_KIND_VERIFIER), "verifier");
}

static void rights_by_kind(void **state)
{
	assert_int_equal(cc_rights_of_kind(0), 0);
	assert_int_equal(cc_rights_of_kind(12), 0);
	assert_false(cc_rights_subset(CC_RIGHT_READ, cc_rights_of_kind(CC_KIND_SLOT)));
	assert_true(cc_rights_subset(CC_RIGHT_USE, cc_rights_of_kind(CC_KIND_TLS)));
	assert_false(cc_rights_subset(CC_RIGHT_READ, cc_rights_of_kind(CC_KIND_KEY)));
	assert_int_equal(cc_rights_of_kind(CC_KIND_OUTCOME), CC_RIGHTS_ANY);
	assert_false(cc_rights_subset(CC_RIGHT_ADD, cc_rights_of_kind(CC_KIND_CERT)));
	assert_false(cc_rights_subset(CC_RIGHT_ADD, cc_rights_of_kind(CC_KIND_VERIFIER)));
	assert_true(cc_rights_subset(CC_RIGHT_ENFORCE, cc_rights_of_kind(CC_KIND_PINS)));
	assert_false(cc_rights_subset(CC_RIGHT_ENFORCE, cc_rights_of_kind(CC_KIND_STORE)));
	assert_true(cc_rights_subset(CC_RIGHT_ADD, cc_rights_of_kind(CC_KIND_STORE)));
	assert_true(cc_rights_subset(0, 0));
	assert_false(cc_rights_subset(1ULL << 63, ~0ULL >> 1));
}

static void rights_text(void **state)
{
	static const char *const bad[] = { "",		 "+",	 "INFO+",     "+INFO",
					   "INFO++READ", "INF",	 "INFO READ", "-+INFO",
					   "INFO,READ",	 "NONE", "0" };
	char text[CC_RIGHTS_TEXT_MAX], small[6];
	uint64_t r = 7;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_rights_parse(bad[i], strlen(bad[i]), CC_KIND_STORE, &r) != -1)
			fail_msg("%s", bad[i]);
	assert_int_equal(cc_rights_parse("ALL", 3, 0, &r), -1);
	assert_int_equal(r, 7);
	assert_int_equal(cc_rights_parse("all", 3, CC_KIND_STORE, &r), 0);
	assert_int_equal(r, cc_rights_of_kind(CC_KIND_STORE));
	assert_int_equal(cc_rights_parse("Verify+INFO+info", 16, CC_KIND_STORE, &r), 0);
	assert_int_equal(r, CC_RIGHT_VERIFY | CC_RIGHT_INFO);
	assert_int_equal(cc_rights_parse("-", 1, CC_KIND_STORE, &r), 0);
	assert_int_equal(r, 0);
	for (r = 0; r < 1 << 18; r++) {
		uint64_t back = 99;
		size_t n = cc_rights_format(r, text, sizeof(text));

		assert_int_equal(n, strlen(text));
		assert_int_equal(cc_rights_parse(text, n, CC_KIND_STORE, &back), 0);
		assert_int_equal(back, r);
	}
	assert_int_equal(cc_rights_format((1 << 18) - 1, text, sizeof(text)), strlen(text));
	assert_true(strstr(text, "SIGN+GET+PUT+LIST+DELETE+USE"));
	cc_rights_format(1 << 18 | 1, text, sizeof(text));
	assert_string_equal(text, "INFO+#18");
	assert_int_equal(cc_rights_format(3, small, sizeof(small)), 5);
	assert_string_equal(small, "INFO+");
}

struct sink {
	uint8_t buf[256];
	size_t n;
};

static void take(void *ctx, const void *p, size_t n)
{
	struct sink *s = ctx;

	memcpy(s->buf + s->n, p, n);
	s->n += n;
}

static void digests(void **state)
{
	static const uint8_t fingerprint[32] = { 1, 2, 3 };
	struct cc_absorb_dates dates = { .has_date = true, .date = 5 };
	struct sink s = { .n = 0 };

	cc_absorb_chain_head(take, &s, 0x01020304);
	cc_absorb_chain_cert(take, &s, der_str("abc"));
	assert_int_equal(s.n, 16 + 4 + 4 + 3);
	assert_memory_equal(s.buf,
			    "capcert-chain-v1\x01\x02\x03\x04\0\0\0\x03"
			    "abc",
			    s.n);
	s.n = 0;
	cc_absorb_store_head(take, &s, 1);
	cc_absorb_store_anchor(take, &s, fingerprint, 0x80000001);
	assert_int_equal(s.n, 16 + 4 + 32 + 4);
	assert_memory_equal(s.buf, "capcert-store-v1\0\0\0\x01\x01\x02\x03", 23);
	assert_memory_equal(s.buf + 52, "\x80\0\0\x01", 4);
	s.n = 0;
	cc_absorb_store_limited(take, &s, fingerprint, 1, fingerprint, &dates);
	assert_int_equal(s.n, 32 + 4 + 32 + 4 + 8);
	assert_memory_equal(s.buf + 32, "\x80\0\0\x01\x01\x02", 6);
	assert_memory_equal(s.buf + 68, "\0\0\0\x01\0\0\0\0\0\0\0\x05", 12);
	dates = (struct cc_absorb_dates){ .has_sct_date = true, .sct_date = 7 };
	s.n = 0;
	cc_absorb_store_limited(take, &s, fingerprint, 1, fingerprint, &dates);
	assert_int_equal(s.n, 32 + 4 + 32 + 4 + 8 + 8);
	assert_memory_equal(s.buf + 32, "\xc0\0\0\x01", 4);
	assert_memory_equal(s.buf + 68, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x07", 20);
	s.n = 0;
	cc_absorb_policy(take, &s, der_str("a=b\n"));
	assert_int_equal(s.n, 17 + 4 + 4);
	assert_memory_equal(s.buf,
			    "capcert-policy-v1\0\0\0\x04"
			    "a=b\n",
			    s.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uapi_numbers),	  cmocka_unit_test(names),
		cmocka_unit_test(rights_by_kind), cmocka_unit_test(rights_text),
		cmocka_unit_test(digests),
	};

	return cmocka_run_group_tests_name("core/lists", tests, NULL, NULL);
}
