// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Heads signed by a real key, as STH and as checkpoint, and what alters them; proofs out of tiles. */
#include <errno.h>
#include <gnutls/abstract.h>
#include "tests/unit/der_build.h"
#include "tests/unit/merkle_reference.h"
#include "core/base64.h"
#include "core/checkpoint.h"
#include "core/tile.h"
#include "libcapcert/ctlog.h"
#include "libcapcert/loglist.h"

#define ORIGIN "log.example/2026"
#define DASH "\xe2\x80\x94 "
#define LEAVES 1030

static gnutls_privkey_t key, other_key;
static capcert_log *ec_log, *other_log;

static capcert_log *make_log(gnutls_pk_algorithm_t alg, unsigned int bits, gnutls_privkey_t *ret)
{
	struct capcert_log_info info = { .submission = "https://" ORIGIN "/",
					 .kind = CAPCERT_LOG_STATIC_CT };
	gnutls_pubkey_t pub;
	gnutls_datum_t spki;
	capcert_log *log;

	assert_int_equal(gnutls_privkey_init(ret), 0);
	assert_int_equal(gnutls_privkey_generate(*ret, alg, bits, 0), 0);
	gnutls_pubkey_init(&pub);
	assert_int_equal(gnutls_pubkey_import_privkey(pub, *ret, 0, 0), 0);
	assert_int_equal(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &spki), 0);
	info.key = spki.data;
	info.key_len = spki.size;
	assert_int_equal(capcert_log_new(&info, &log, NULL), 0);
	gnutls_free(spki.data);
	gnutls_pubkey_deinit(pub);
	return log;
}

static int setup(void **state)
{
	unsigned int bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

	ec_log = make_log(GNUTLS_PK_ECDSA, bits, &key);
	other_log = make_log(GNUTLS_PK_RSA, 2048, &other_key);
	return 0;
}

static int teardown(void **state)
{
	gnutls_privkey_deinit(key);
	gnutls_privkey_deinit(other_key);
	capcert_log_free(ec_log);
	capcert_log_free(other_log);
	return 0;
}

static void sign(gnutls_privkey_t with, uint8_t algorithm, struct capcert_sth *sth)
{
	struct cc_tree_head head = { sth->tree_size, sth->timestamp, { 0 } };
	uint8_t octets[CC_TREE_HEAD_SIGNED];
	gnutls_datum_t data = { octets, sizeof(octets) }, sig;

	memcpy(head.root, sth->root_hash, 32);
	cc_tree_head_signed(&head, octets);
	assert_int_equal(gnutls_privkey_sign_data(with, GNUTLS_DIG_SHA256, 0, &data, &sig), 0);
	sth->signature[0] = CC_TLS_HASH_SHA256;
	sth->signature[1] = algorithm;
	cc_tls_put(sth->signature + 2, 2, sig.size);
	memcpy(sth->signature + 4, sig.data, sig.size);
	sth->signature_len = 4 + sig.size;
	gnutls_free(sig.data);
}

static struct capcert_sth good_head(void)
{
	struct capcert_sth sth = { .tree_size = LEAVES, .timestamp = 1700000000000 };

	ref_root(0, LEAVES, sth.root_hash);
	sign(key, CC_TLS_SIGNATURE_ECDSA, &sth);
	return sth;
}

static void head(void **state)
{
	struct capcert_sth sth = good_head(), bad;
	size_t i;

	assert_int_equal(capcert_sth_verify(ec_log, &sth), 0);
	assert_int_equal(capcert_sth_verify(other_log, &sth), -EOPNOTSUPP);
	bad = sth;
	bad.tree_size++;
	assert_int_equal(capcert_sth_verify(ec_log, &bad), -EKEYREJECTED);
	bad = sth;
	bad.timestamp--;
	assert_int_equal(capcert_sth_verify(ec_log, &bad), -EKEYREJECTED);
	for (i = 0; i < 32; i++) {
		bad = sth;
		bad.root_hash[i] ^= 1;
		assert_int_equal(capcert_sth_verify(ec_log, &bad), -EKEYREJECTED);
	}
	bad = sth;
	bad.signature[0] = 5;
	assert_int_equal(capcert_sth_verify(ec_log, &bad), -EOPNOTSUPP);
	bad = sth;
	bad.signature[1] = CC_TLS_SIGNATURE_RSA;
	assert_int_equal(capcert_sth_verify(ec_log, &bad), -EOPNOTSUPP);
	for (i = 0; i < sth.signature_len; i++) {
		bad = sth;
		bad.signature_len = i;
		assert_int_equal(capcert_sth_verify(ec_log, &bad), -EBADMSG);
	}
	bad = sth;
	bad.signature_len++;
	assert_int_equal(capcert_sth_verify(ec_log, &bad), -EBADMSG);
	bad.signature_len = sizeof(bad.signature) + 1;
	assert_int_equal(capcert_sth_verify(ec_log, &bad), -EBADMSG);
	bad = sth;
	bad.tree_size = (1ULL << 63) + 1;
	assert_int_equal(capcert_sth_verify(ec_log, &bad), -EBADMSG);
}

static void head_rsa(void **state)
{
	struct capcert_sth sth = good_head();

	sign(other_key, CC_TLS_SIGNATURE_RSA, &sth);
	assert_int_equal(capcert_sth_verify(other_log, &sth), 0);
	sth.signature[60] ^= 4;
	assert_int_equal(capcert_sth_verify(other_log, &sth), -EKEYREJECTED);
}

/* Writes the checkpoint of @sth as the log does. Return: its length. */
static size_t write_checkpoint(const struct capcert_sth *sth, const capcert_log *log,
			       const char *extension, char *ret)
{
	uint8_t raw[CC_NOTE_SIGNATURE_MAX], hash[32];
	const struct cc_span parts[] = { der_str(ORIGIN), der_hex("0a05"),
					 cc_span(log->facts.id, 32) };
	size_t n = (size_t)sprintf(ret, "%s\n%llu\n", ORIGIN, (unsigned long long)sth->tree_size);

	n += cc_base64_encode(cc_span(sth->root_hash, 32), ret + n);
	n += (size_t)sprintf(ret + n, "\n%s\n", extension);
	n += (size_t)sprintf(ret + n, DASH "witness.example VVVVVQE=\n" DASH ORIGIN " ");
	ref_sha256(NULL, parts, 3, hash);
	memcpy(raw, hash, 4);
	cc_tls_put(raw + 4, 8, sth->timestamp);
	memcpy(raw + 12, sth->signature, sth->signature_len);
	n += cc_base64_encode(cc_span(raw, 12 + sth->signature_len), ret + n);
	ret[n++] = '\n';
	return n;
}

static void checkpoint(void **state)
{
	struct capcert_sth sth = good_head(), got, bad;
	char text[4096];
	size_t n = write_checkpoint(&sth, ec_log, "", text), i;

	assert_int_equal(capcert_checkpoint_verify(ec_log, NULL, text, n, &got), 0);
	assert_int_equal(got.tree_size, sth.tree_size);
	assert_int_equal(got.timestamp, sth.timestamp);
	assert_memory_equal(got.root_hash, sth.root_hash, 32);
	assert_int_equal(got.signature_len, sth.signature_len);
	assert_int_equal(capcert_sth_verify(ec_log, &got), 0);
	assert_int_equal(capcert_checkpoint_verify(ec_log, ORIGIN, text, n, &got), 0);
	assert_int_equal(capcert_checkpoint_verify(ec_log, "log.example", text, n, &got), -EBADMSG);
	/* another log of the same name has another key id */
	assert_int_equal(capcert_checkpoint_verify(other_log, NULL, text, n, &got), -EKEYREJECTED);
	/* no octet of what is signed, nor of our line, may change */
	for (i = 0; i < n; i++) {
		const char *witness = strstr(text, DASH "witness");

		if (text + i >= witness &&
		    text + i < witness + sizeof(DASH "witness.example VVVVVQE=") - 1)
			continue;
		text[i] ^= 1;
		if (!capcert_checkpoint_verify(ec_log, NULL, text, n, &got))
			fail_msg("octet %zu", i);
		text[i] ^= 1;
	}
	for (i = 0; i < n; i++)
		assert_true(capcert_checkpoint_verify(ec_log, NULL, text, i, &got));
	bad = sth;
	bad.tree_size--;
	n = write_checkpoint(&bad, ec_log, "", text);
	assert_int_equal(capcert_checkpoint_verify(ec_log, NULL, text, n, &got), -EKEYREJECTED);
	bad = sth;
	bad.signature[3]++;
	n = write_checkpoint(&bad, ec_log, "", text);
	assert_int_equal(capcert_checkpoint_verify(ec_log, NULL, text, n, &got), -EBADMSG);
	n = write_checkpoint(&sth, ec_log, "extension\n", text);
	assert_int_equal(capcert_checkpoint_verify(ec_log, NULL, text, n, &got), -EBADMSG);
}

static void origins(void **state)
{
	struct capcert_log_info info = { 0 };
	struct capcert_sth got;
	capcert_log *log;

	assert_true(cc_span_equal(ctlog_origin("https://a.example/b/"), der_str("a.example/b")));
	assert_true(cc_span_equal(ctlog_origin("http://a.example"), der_str("a.example")));
	assert_int_equal(ctlog_origin("a.example").n, 0);
	assert_int_equal(ctlog_origin(NULL).n, 0);
	info.key = ec_log->facts.spki.p;
	info.key_len = ec_log->facts.spki.n;
	assert_int_equal(capcert_log_new(&info, &log, NULL), 0);
	assert_int_equal(capcert_checkpoint_verify(log, NULL, "", 0, &got), -EINVAL);
	capcert_log_free(log);
}

/* Tiles of the reference tree; with @spoil, the hashes of one path are altered. */
struct source {
	uint64_t size;
	unsigned int asked;
	const char *spoil;
	int error;
};

static int bring(void *ctx, const char *path, uint8_t *buf, size_t len)
{
	struct source *s = ctx;
	struct cc_tile tile, want;
	size_t i;

	s->asked++;
	if (s->error)
		return s->error;
	assert_true(cc_tile_path_parse(der_str(path), &tile));
	assert_true(cc_tile_at(tile.level, tile.index, s->size, &want));
	assert_int_equal(tile.width, want.width);
	assert_int_equal(len, tile.width * 32);
	for (i = 0; i < tile.width; i++) {
		size_t at = (size_t)tile.index * 256 + i;

		ref_root(at << 8 * tile.level, (at + 1) << 8 * tile.level, buf + 32 * i);
	}
	if (s->spoil && !strcmp(path, s->spoil))
		buf[5] ^= 1;
	return 0;
}

static void tiles_inclusion(void **state)
{
	static const uint64_t which[] = { 0, 1, 255, 256, 511, 700, 1023, 1024, 1029 };
	struct source s = { .size = LEAVES };
	struct capcert_sth sth = good_head();
	uint8_t leaf[32], proof[CAPCERT_CT_PROOF_MAX][32], want[CAPCERT_CT_PROOF_MAX][32];
	size_t count, i;

	for (i = 0; i < CC_ARRAY_SIZE(which); i++) {
		ref_leaf((size_t)which[i], leaf);
		assert_int_equal(
			capcert_ct_inclusion_proof(which[i], LEAVES, bring, &s, proof, &count), 0);
		assert_int_equal(count, ref_path((size_t)which[i], 0, LEAVES, want));
		assert_memory_equal(proof, want, count * 32);
		assert_int_equal(capcert_ct_included(&sth, leaf, which[i], bring, &s), 0);
		assert_int_equal(capcert_ct_included(&sth, leaf, which[i] ^ 1, bring, &s),
				 -EBADMSG);
	}
	assert_int_equal(capcert_ct_included(&sth, leaf, LEAVES, bring, &s), -EINVAL);
	s.spoil = "tile/0/000";
	ref_leaf(1, leaf);
	assert_int_equal(capcert_ct_included(&sth, leaf, 1, bring, &s), -EBADMSG);
	s.error = -EIO;
	assert_int_equal(capcert_ct_included(&sth, leaf, 1, bring, &s), -EIO);
}

static void tiles_consistency(void **state)
{
	static const uint64_t which[] = { 1, 2, 255, 256, 257, 512, 700, 1024, 1029, LEAVES };
	struct source s = { .size = LEAVES };
	uint8_t proof[CAPCERT_CT_PROOF_MAX][32], first[32], second[32];
	size_t count, i;

	ref_root(0, LEAVES, second);
	for (i = 0; i < CC_ARRAY_SIZE(which); i++) {
		const uint8_t(*p)[32] = (const uint8_t(*)[32])proof;

		ref_root(0, (size_t)which[i], first);
		assert_int_equal(
			capcert_ct_consistency_proof(which[i], LEAVES, bring, &s, proof, &count),
			0);
		assert_int_equal(
			capcert_ct_verify_consistency(which[i], LEAVES, first, second, p, count),
			0);
		first[9] ^= 1;
		assert_int_equal(
			capcert_ct_verify_consistency(which[i], LEAVES, first, second, p, count),
			-EBADMSG);
	}
	/* the whole of a path comes from a few tiles, each asked for once in a row */
	s.asked = 0;
	assert_int_equal(capcert_ct_consistency_proof(700, LEAVES, bring, &s, proof, &count), 0);
	assert_in_range(s.asked, 1, 4);
	assert_int_equal(capcert_ct_consistency_proof(0, LEAVES, bring, &s, proof, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(capcert_ct_consistency_proof(LEAVES + 1, LEAVES, bring, &s, proof, &count),
			 -EINVAL);
}

static void proofs(void **state)
{
	uint8_t proof[CAPCERT_CT_PROOF_MAX + 1][32] = { 0 }, leaf[32], root[32], got[32];
	const uint8_t(*p)[32] = (const uint8_t(*)[32])proof;

	ref_leaf(3, leaf);
	ref_root(0, 7, root);
	assert_int_equal(ref_path(3, 0, 7, proof), 3);
	assert_int_equal(capcert_ct_verify_inclusion(leaf, 3, 7, p, 3, root), 0);
	assert_int_equal(capcert_ct_verify_inclusion(leaf, 2, 7, p, 3, root), -EBADMSG);
	assert_int_equal(capcert_ct_verify_inclusion(leaf, 3, 7, p, 2, root), -EBADMSG);
	assert_int_equal(capcert_ct_verify_inclusion(leaf, 7, 7, p, 3, root), -EINVAL);
	assert_int_equal(capcert_ct_verify_inclusion(leaf, 3, 7, p, SIZE_MAX / 2, root), -EBADMSG);
	assert_int_equal(capcert_ct_verify_consistency(3, 2, root, root, p, 0), -EINVAL);
	assert_int_equal(capcert_ct_verify_consistency(2, 3, root, root, p, 65), -EBADMSG);
	capcert_ct_leaf_hash((const uint8_t *)"leaf 3", 6, got);
	assert_memory_equal(got, leaf, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head),
		cmocka_unit_test(head_rsa),
		cmocka_unit_test(checkpoint),
		cmocka_unit_test(origins),
		cmocka_unit_test(tiles_inclusion),
		cmocka_unit_test(tiles_consistency),
		cmocka_unit_test(proofs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
