// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* SCTs and lists of them: every length, every octet less, and what an SCT signs. */
#include "core/sct.h"
#include "tests/unit/der_text.h"

#define LOG_ID "*32(aa)"
#define TIME "00000190 12345678"
#define V1 "00" LOG_ID TIME "0000 0403 0004 30020101"

static int parse(const char *text, struct cc_sct *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	return cc_sct_parse(der_exact(der_text(text)), ret);
}

static void test_fields(void **state)
{
	struct cc_sct s;

	assert_int_equal(parse("00" LOG_ID TIME "0008 0000050000000007 0401 0003 010203", &s), 0);
	assert_int_equal(s.version, CC_SCT_V1);
	assert_int_equal(s.log_id.n, 32);
	assert_int_equal(s.log_id.p[31], 0xaa);
	assert_true(s.timestamp == 0x19012345678ULL);
	assert_int_equal(s.extensions.n, 8);
	assert_int_equal(s.hash_alg, CC_SCT_HASH_SHA256);
	assert_int_equal(s.sig_alg, CC_SCT_SIG_RSA);
	assert_int_equal(s.signature.n, 3);
	assert_int_equal(s.whole.n, 1 + 32 + 8 + 2 + 8 + 2 + 2 + 3);
	/* An empty signature is well formed, and will be a wrong one. */
	assert_int_equal(parse("00" LOG_ID "*8(ff) 0000 ffff 0000", &s), 0);
	assert_true(s.timestamp == UINT64_MAX);
	assert_int_equal(s.hash_alg, 0xff);
}

static void test_every_truncation(void **state)
{
	struct cc_span good = der_text(V1);
	struct cc_sct s;
	size_t n;

	for (n = 0; n < good.n; n++)
		assert_int_equal(cc_sct_parse(der_exact(cc_span(good.p, n)), &s),
				 CC_SCT_E_TRUNCATED);
	assert_int_equal(cc_sct_parse(good, &s), 0);
	assert_int_equal(parse(V1 "00", &s), CC_SCT_E_TRAILING);
	assert_int_equal(parse("00" LOG_ID TIME "0001", &s), CC_SCT_E_TRUNCATED);
	assert_int_equal(parse("00" LOG_ID TIME "0000 0403 ffff 00", &s), CC_SCT_E_TRUNCATED);
	assert_int_equal(parse("00 *65535(00)", &s), CC_SCT_E_TOO_LARGE);
}

static void test_versions(void **state)
{
	struct cc_sct s;

	assert_int_equal(parse("01", &s), CC_SCT_E_VERSION);
	assert_int_equal(s.version, 1);
	assert_int_equal(s.whole.n, 1);
	assert_int_equal(s.log_id.n, 0);
	assert_int_equal(parse("ff 00112233", &s), CC_SCT_E_VERSION);
	assert_int_equal(s.version, 255);
	assert_int_equal(s.whole.n, 5);
}

static int list(const char *text, uint32_t *ret_count)
{
	struct cc_span rest;

	*ret_count = 77;
	return cc_sct_list_open(der_exact(der_text(text)), &rest, ret_count);
}

static void test_lists(void **state)
{
	struct cc_span good = der_text("0009 0003 010203 0002 0405"), rest, one;
	uint32_t count;
	size_t n;

	assert_int_equal(cc_sct_list_open(good, &rest, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(cc_sct_next(&rest, &one), 1);
	assert_int_equal(one.n, 3);
	assert_int_equal(cc_sct_next(&rest, &one), 1);
	assert_int_equal(one.n, 2);
	assert_int_equal(cc_sct_next(&rest, &one), 0);
	assert_int_equal(cc_sct_list_open(good, &rest, NULL), 0);
	for (n = 0; n < good.n; n++)
		assert_int_equal(cc_sct_list_open(der_exact(cc_span(good.p, n)), &rest, NULL),
				 CC_SCT_E_TRUNCATED);
	assert_int_equal(list("0000", &count), CC_SCT_E_EMPTY);
	assert_int_equal(list("0002 0000", &count), CC_SCT_E_EMPTY);
	assert_int_equal(list("0005 0001 01 0000", &count), CC_SCT_E_EMPTY);
	assert_int_equal(list("0003 0001 01 00", &count), CC_SCT_E_TRAILING);
	assert_int_equal(list("0003 0002 01", &count), CC_SCT_E_TRUNCATED);
	assert_int_equal(list("0004 0001 01 00", &count), CC_SCT_E_TRUNCATED);
	assert_int_equal(list("ffff fffd *65533(01) ", &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(list("ffff fffd *65534(01) ", &count), CC_SCT_E_TOO_LARGE);
	rest = der_text("0000");
	assert_int_equal(cc_sct_next(&rest, &one), -1);
	rest = der_text("00");
	assert_int_equal(cc_sct_next(&rest, &one), -1);
}

static int leaf_index(const char *text, uint64_t *ret)
{
	*ret = 77;
	return cc_sct_leaf_index(der_exact(der_text(text)), ret);
}

/* c2sp.org/static-ct-api, "SCT Extension". */
static void test_leaf_index(void **state)
{
	uint64_t at;

	assert_int_equal(leaf_index("", &at), 0);
	assert_int_equal(leaf_index("00 0005 0123456789", &at), 1);
	assert_true(at == 0x0123456789ULL);
	assert_int_equal(leaf_index("07 0001 ff 00 0005 0000000000 09 0000", &at), 1);
	assert_true(at == 0);
	assert_int_equal(leaf_index("07 0001 ff", &at), 0);
	assert_int_equal(leaf_index("00 0004 01234567", &at), -1);
	assert_int_equal(leaf_index("00 0006 012345678900", &at), -1);
	assert_int_equal(leaf_index("00 0005 01234567", &at), -1);
	assert_int_equal(leaf_index("00 0005 0123456789 00 0005 0123456789", &at), -1);
	assert_int_equal(leaf_index("00", &at), -1);
	assert_int_equal(leaf_index("00 00", &at), -1);
	assert_int_equal(leaf_index("00 0005 0123456789 01", &at), -1);
}

static struct cc_span flat(const struct cc_sct_signed *s)
{
	struct cc_span all = { NULL, 0 };
	uint32_t i;

	for (i = 0; i < s->count; i++)
		all = der_cat(all, s->span[i], DER_END);
	return all;
}

static void test_signed(void **state)
{
	struct cc_span parts[CC_SCT_PARTS_MAX + 1] = { der_text("010203"), der_text("0405") };
	struct cc_sct_entry entry = { .parts = parts, .part_count = 2 };
	struct cc_sct_signed out;
	struct cc_span large;
	struct cc_sct s;
	uint32_t i;

	assert_int_equal(parse("00" LOG_ID TIME "0002 beef 0403 0000", &s), 0);
	assert_true(cc_sct_signed(&s, &entry, &out));
	assert_true(cc_span_equal(flat(&out), der_text("00 00" TIME "0000 000005 0102030405"
						       "0002 beef")));
	entry.precert = true;
	memset(entry.issuer_key, 0xcc, sizeof(entry.issuer_key));
	entry.part_count = 1;
	assert_int_equal(parse(V1, &s), 0);
	assert_true(cc_sct_signed(&s, &entry, &out));
	assert_true(cc_span_equal(flat(&out),
				  der_text("00 00" TIME "0001 *32(cc) 000003 010203 0000")));
	entry.part_count = 0;
	assert_false(cc_sct_signed(&s, &entry, &out));
	entry.part_count = CC_SCT_PARTS_MAX + 1;
	assert_false(cc_sct_signed(&s, &entry, &out));
	/* One octet more than the length has room for; nothing of it is read. */
	large = cc_span(parts[0].p, 0xffffff);
	for (i = 0; i < CC_SCT_PARTS_MAX; i++)
		parts[i] = cc_span(NULL, 0);
	parts[3] = large;
	entry.part_count = CC_SCT_PARTS_MAX;
	assert_true(cc_sct_signed(&s, &entry, &out));
	parts[7] = cc_span(large.p, 1);
	assert_false(cc_sct_signed(&s, &entry, &out));
}

static void test_texts(void **state)
{
	int i;

	for (i = 0; i <= CC_SCT_E_TOO_LARGE; i++)
		assert_true(strlen(cc_sct_error_text(i)) > 3);
	assert_string_equal(cc_sct_error_text(i), "?");
	assert_string_equal(cc_sct_error_text(-1), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),	   cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_versions),   cmocka_unit_test(test_lists),
		cmocka_unit_test(test_leaf_index), cmocka_unit_test(test_signed),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests_name("core/sct", tests, NULL, NULL);
}
