// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Entries of logs, from get-entries and from data tiles; tree heads as they are signed. */
#include "tests/unit/der_build.h"
#include "tests/unit/merkle_reference.h"
#include "core/alg.h"
#include "core/log_entry.h"
#include "core/sct.h"
#include "core/tree_head.h"

#define CERT "000004 30020500"
#define EXT "0008 00 0005 0000bc614e"
#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define X509 "0000018000000001 0000 " CERT EXT
#define PRECERT "0000018000000002 0001 " HASH CERT "0000"

static struct cc_span head_of(struct cc_span s, size_t n)
{
	uint8_t *p = malloc(n ? n : 1); /* on the heap, for the sanitizer */

	memcpy(p, s.p, n);
	return cc_span(p, n);
}

static void free_head(struct cc_span s)
{
	free((uint8_t *)s.p);
}

static void leaf_x509(void **state)
{
	struct cc_span leaf = der_hex("00 00 " X509);
	struct cc_log_entry e;
	uint64_t index = 0;
	uint8_t got[32], want[32];
	size_t n;

	assert_true(cc_log_leaf_parse(leaf, &e));
	assert_int_equal(e.timestamp, 0x0000018000000001);
	assert_int_equal(e.type, CC_LOG_ENTRY_X509);
	assert_int_equal(e.issuer_hash.n, 0);
	assert_int_equal(e.certificate.n, 4);
	assert_ptr_equal(e.certificate.p, leaf.p + 15);
	assert_int_equal(cc_sct_leaf_index(e.extensions, &index), 1);
	assert_int_equal(index, 12345678);
	cc_log_leaf_hash(&ref_hasher, &e, got);
	cc_merkle_leaf(&ref_hasher, leaf, want);
	assert_memory_equal(got, want, 32);
	for (n = 0; n < leaf.n; n++) {
		struct cc_span cut = head_of(leaf, n);

		assert_false(cc_log_leaf_parse(cut, &e));
		free_head(cut);
	}
	assert_false(cc_log_leaf_parse(der_hex("00 00 " X509 "00"), &e));
}

static void leaf_precert(void **state)
{
	struct cc_span leaf = der_hex("00 00 " PRECERT);
	struct cc_log_entry e;
	size_t n;

	assert_true(cc_log_leaf_parse(leaf, &e));
	assert_int_equal(e.type, CC_LOG_ENTRY_PRECERT);
	assert_true(cc_span_equal(e.issuer_hash, der_hex(HASH)));
	assert_true(cc_span_equal(e.certificate, der_hex("30020500")));
	assert_int_equal(e.extensions.n, 0);
	for (n = 0; n < leaf.n; n++)
		assert_false(cc_log_leaf_parse(cc_span(leaf.p, n), &e));
}

static void leaf_refused(void **state)
{
	static const char *const bad[] = {
		"01 00 " X509,					   /* version */
		"00 01 " X509,					   /* leaf type */
		"00 00 0000018000000001 0002 " CERT "0000",	   /* entry type */
		"00 00 0000018000000001 0100 " CERT "0000",	   /* the same, high octet */
		"00 00 0000018000000001 0000 000000 0000",	   /* no certificate */
		"00 00 0000018000000001 0000 000005 30020500 0000" /* longer than there is */
	};
	struct cc_log_entry e;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_log_leaf_parse(der_hex(bad[i]), &e))
			fail_msg("%s", bad[i]);
}

static void extra(void **state)
{
	struct cc_span two = der_hex("00000e " CERT CERT), none = der_hex("000000");
	struct cc_span precert = der_hex(CERT "000007" CERT);
	struct cc_log_extra x;
	struct cc_span der;
	size_t n;

	assert_true(cc_log_extra_parse(two, CC_LOG_ENTRY_X509, &x));
	assert_int_equal(x.precertificate.n, 0);
	assert_int_equal(cc_log_chain_next(&x.chain, &der), 1);
	assert_true(cc_span_equal(der, der_hex("30020500")));
	assert_int_equal(cc_log_chain_next(&x.chain, &der), 1);
	assert_int_equal(cc_log_chain_next(&x.chain, &der), 0);
	assert_true(cc_log_extra_parse(none, CC_LOG_ENTRY_X509, &x));
	assert_int_equal(x.chain.n, 0);
	assert_true(cc_log_extra_parse(precert, CC_LOG_ENTRY_PRECERT, &x));
	assert_int_equal(x.precertificate.n, 4);
	for (n = 0; n < precert.n; n++)
		assert_false(cc_log_extra_parse(cc_span(precert.p, n), CC_LOG_ENTRY_PRECERT, &x));
	for (n = 0; n < two.n; n++)
		assert_false(cc_log_extra_parse(cc_span(two.p, n), CC_LOG_ENTRY_X509, &x));
	assert_false(cc_log_extra_parse(der_hex("00000e " CERT CERT "00"), CC_LOG_ENTRY_X509, &x));
	assert_false(cc_log_extra_parse(der_hex("000003 000000"), CC_LOG_ENTRY_X509, &x));
	assert_false(cc_log_extra_parse(der_hex("000002 0000"), CC_LOG_ENTRY_X509, &x));
}

static void tile(void **state)
{
	struct cc_span whole = der_hex(X509 "0020" HASH PRECERT CERT "0000");
	const size_t first = der_hex(X509 "0020" HASH).n;
	struct cc_span rest = whole;
	struct cc_tile_leaf leaf;
	size_t n;

	assert_int_equal(cc_tile_leaf_next(&rest, &leaf), 1);
	assert_int_equal(leaf.entry.type, CC_LOG_ENTRY_X509);
	assert_true(cc_span_equal(leaf.entry.body, der_hex(X509)));
	assert_true(cc_span_equal(leaf.fingerprints, der_hex(HASH)));
	assert_int_equal(leaf.precertificate.n, 0);
	assert_int_equal(cc_tile_leaf_next(&rest, &leaf), 1);
	assert_int_equal(leaf.entry.type, CC_LOG_ENTRY_PRECERT);
	assert_int_equal(leaf.precertificate.n, 4);
	assert_int_equal(leaf.fingerprints.n, 0);
	assert_int_equal(cc_tile_leaf_next(&rest, &leaf), 0);
	for (n = 1; n < whole.n; n++) {
		int r, count = 0;

		rest = cc_span(whole.p, n);
		while ((r = cc_tile_leaf_next(&rest, &leaf)) > 0)
			count++;
		assert_int_equal(r, n == first ? 0 : -1);
		assert_int_equal(count, n >= first);
	}
	rest = der_hex(X509 "0021" HASH "00");
	assert_int_equal(cc_tile_leaf_next(&rest, &leaf), -1);
	rest = der_hex(PRECERT "000000 0000");
	assert_int_equal(cc_tile_leaf_next(&rest, &leaf), -1);
}

static void signed_head(void **state)
{
	struct cc_tree_head head = { .size = 0x0102030405060708, .timestamp = 0x1112131415161718 };
	uint8_t got[CC_TREE_HEAD_SIGNED];

	memcpy(head.root, der_hex(HASH).p, 32);
	cc_tree_head_signed(&head, got);
	assert_memory_equal(got, der_hex("00 01 1112131415161718 0102030405060708" HASH).p,
			    sizeof(got));
}

static void digitally_signed(void **state)
{
	static const struct {
		const char *hex;
		uint32_t scheme;
	} cases[] = {
		{ "04 03 0001 00", CC_SCHEME_ECDSA_SHA256 },
		{ "04 01 0001 00", CC_SCHEME_RSA_PKCS1_SHA256 },
		{ "05 03 0001 00", CC_SCHEME_OTHER }, /* SHA-384: no log may */
		{ "02 03 0001 00", CC_SCHEME_OTHER }, /* SHA-1 */
		{ "04 02 0001 00", CC_SCHEME_OTHER }, /* DSA */
		{ "00 00 0001 00", CC_SCHEME_OTHER },
	};
	struct cc_digitally_signed s;
	struct cc_span in;
	size_t i, n;

	for (i = 0; i < CC_ARRAY_SIZE(cases); i++) {
		in = der_hex(cases[i].hex);
		assert_true(cc_digitally_signed_get(&in, &s));
		assert_int_equal(in.n, 0);
		assert_int_equal(s.signature.n, 1);
		assert_int_equal(cc_digitally_signed_scheme(&s), cases[i].scheme);
	}
	for (n = 0; n < 5; n++) {
		in = cc_span(der_hex(cases[0].hex).p, n);
		assert_false(cc_digitally_signed_get(&in, &s));
		assert_int_equal(in.n, n);
	}
	in = der_hex("04 03 0000 ff");
	assert_false(cc_digitally_signed_get(&in, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_x509),
		cmocka_unit_test(leaf_precert),
		cmocka_unit_test(leaf_refused),
		cmocka_unit_test(extra),
		cmocka_unit_test(tile),
		cmocka_unit_test(signed_head),
		cmocka_unit_test(digitally_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
