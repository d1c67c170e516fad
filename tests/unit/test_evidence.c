// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Evidence: what is taken, how entries are found, and what hostile lists may cost. */
#include <pthread.h>
#include <time.h>
#include <capcert/ct.h>
#include "libcapcert/engine.h"
#include "libcapcert/evidence.h"
#include "libcapcert/pem.h"
#include "libcapcert/sha.h"
#include "tests/unit/crl_fixture.h"

static int put(capcert_evidence *e, struct cc_span s)
{
	return capcert_evidence_put_crl(e, s.p, s.n);
}

static void takes_der_and_pem(void **state)
{
	struct family f = make_family();
	struct cc_span a = make_list(&(struct list_spec){ .issuer = f.ca });
	struct cc_span b = make_list(&(struct list_spec){ .issuer = f.root });
	capcert_evidence *e = new_evidence();
	char *text_a, *text_b, both[8192];
	size_t n;

	(void)state;
	assert_int_equal(pem_write(PEM_CRL, a, &text_a, &n), 0);
	assert_int_equal(pem_write(PEM_CRL, b, &text_b, &n), 0);
	assert_int_equal(put(e, a), 0);
	assert_int_equal(put(e, a), -EEXIST);
	assert_int_equal(put(e, der_str(text_a)), -EEXIST);
	snprintf(both, sizeof(both), "issuer:\n%s\n%s", text_a, text_b);
	assert_int_equal(put(e, der_str(both)), -EEXIST);
	assert_int_equal(put(e, b), -EEXIST); /* it was added all the same */
	capcert_evidence_free(e);
	e = new_evidence();
	snprintf(both, sizeof(both), "%s%s", text_a, text_b);
	assert_int_equal(put(e, der_str(both)), 0);
	capcert_evidence_free(e);
	free(text_a);
	free(text_b);
	free_family(&f);
	capcert_evidence_free(NULL);
}

static void refuses_what_is_no_list(void **state)
{
	struct family f = make_family();
	struct cc_span a = make_list(&(struct list_spec){ .issuer = f.ca });
	capcert_evidence *e = new_evidence();
	char *good, *bad, *cert, both[8192];
	uint8_t *large;
	size_t n;

	(void)state;
	assert_int_equal(pem_write(PEM_CRL, a, &good, &n), 0);
	assert_int_equal(pem_write(PEM_CRL, cc_span(a.p, a.n - 1), &bad, &n), 0);
	assert_int_equal(
		pem_write(PEM_CERTIFICATE, cc_span(f.ca->der.data, f.ca->der.size), &cert, &n), 0);
	assert_int_equal(put(e, NONE), -EBADMSG);
	assert_int_equal(put(e, der_str("nothing")), -EBADMSG);
	assert_int_equal(put(e, cc_span(a.p, a.n - 1)), -EBADMSG);
	assert_int_equal(put(e, cc_span(f.ca->der.data, f.ca->der.size)), -EBADMSG);
	assert_int_equal(put(e, der_str(cert)), -EBADMSG);
	/* All of a text, or nothing of it. */
	snprintf(both, sizeof(both), "%s%s", good, bad);
	assert_int_equal(put(e, der_str(both)), -EBADMSG);
	snprintf(both, sizeof(both), "%s-----BEGIN X509 CRL-----\n", good);
	assert_int_equal(put(e, der_str(both)), -EBADMSG);
	assert_int_equal(put(e, a), 0);
	large = calloc(1, (size_t)CC_CRL_MAX + 1);
	assert_non_null(large);
	assert_int_equal(capcert_evidence_put_crl(e, large, (size_t)CC_CRL_MAX + 1), -EMSGSIZE);
	free(large);
	capcert_evidence_free(e);
	free(good);
	free(bad);
	free(cert);
	free_family(&f);
}

/* Piece by piece into another: the same evidence by the same digest. */
static void goes_by_pieces(void **state)
{
	static const uint8_t silent[32] = { 7 };
	struct family f = make_family();
	struct cc_span a = make_list(&(struct list_spec){ .issuer = f.ca });
	struct cc_span b = make_list(&(struct list_spec){ .issuer = f.root });
	capcert_evidence *e = new_evidence(), *copy = new_evidence();
	uint8_t scts[57] = { 0, 55, 0, 53 }, digest[32], other[32], hash[32];
	uint32_t i, types = 0;

	(void)state;
	evidence_digest(NULL, digest);
	evidence_digest(e, other);
	assert_memory_equal(digest, other, 32);
	assert_int_equal(put(e, a), 0);
	assert_int_equal(put(e, b), 0);
	assert_int_equal(capcert_evidence_put_unreachable(e, silent), 0);
	scts[47] = 4; /* SHA-256, ECDSA, 6 octets */
	scts[48] = 3;
	scts[50] = 6;
	assert_int_equal(capcert_evidence_put_scts(e, CAPCERT_SCT_TLS, scts, 57), 0);
	assert_int_equal(capcert_evidence_put_scts(e, CAPCERT_SCT_OCSP, scts, 57), 0);
	assert_int_equal(evidence_items(e), 5);
	evidence_digest(e, digest);
	assert_memory_not_equal(digest, other, 32);
	for (i = 0; i < 5; i++) {
		struct cc_span piece;
		uint32_t type;

		piece = evidence_item(e, i, &type);
		types |= 1u << type;
		sha256_of(piece, hash);
		assert_int_equal(engine_evidence_put(copy, type, piece.p, piece.n, hash), 0);
		if (type == CAPCERT_EVIDENCE_CRL) /* said twice is said once */
			assert_int_equal(engine_evidence_put(copy, type, piece.p, piece.n, hash),
					 0);
		hash[0] ^= 1;
		assert_int_equal(engine_evidence_put(copy, type, piece.p, piece.n, hash), -EPROTO);
	}
	assert_int_equal(types, 1u << CAPCERT_EVIDENCE_CRL | 1u << CAPCERT_EVIDENCE_UNREACHABLE |
					1u << CAPCERT_EVIDENCE_SCTS |
					1u << CAPCERT_EVIDENCE_OCSP_SCTS);
	assert_int_equal(evidence_items(copy), 5);
	evidence_digest(copy, other);
	assert_memory_equal(digest, other, 32);
	for (i = 0; i <= CAPCERT_EVIDENCE_LAST + 1; i++) {
		bool known = i && i <= CAPCERT_EVIDENCE_LAST;

		sha256_of(cc_span(silent, 31), hash);
		assert_int_equal(engine_evidence_put(copy, i, silent, 31, hash),
				 known ? -EBADMSG : -EOPNOTSUPP);
	}
	capcert_evidence_free(copy);
	capcert_evidence_free(e);
	free_family(&f);
}

/* A list of @count entries with the numbers 0x40000001 and on in steps of two, out of order, and
 * the leaf's in the middle; signed by the CA. malloc()ed. */
static struct cc_span long_list(const struct family *f, uint32_t count, bool with_leaf)
{
	struct cc_span time = time_of(-2 * PKI_DAY), serial = serial_of(f->leaf), head, tail, all;
	uint8_t *entries = malloc((size_t)count * 32), *p = entries;
	gnutls_datum_t in, sig;
	uint32_t i;

	assert_non_null(entries);
	for (i = 0; i < count; i++) {
		uint32_t number = 0x40000001 + 2 * (uint32_t)((uint64_t)i * 7919 % count);
		uint8_t octets[] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
				     (uint8_t)(number >> 8), (uint8_t)number };
		struct cc_span s = with_leaf && i == count / 2 ? serial : cc_span(octets, 4);

		*p++ = 0x30;
		*p++ = (uint8_t)(2 + s.n + time.n);
		*p++ = 0x02;
		*p++ = (uint8_t)s.n;
		memcpy(p, s.p, s.n);
		p += s.n;
		memcpy(p, time.p, time.n);
		p += time.n;
	}
	head = der_cat(der_hex("020101"), der_hex(ECDSA_SHA256), subject_of(f->ca),
		       time_of(-PKI_DAY), time_of(PKI_DAY), DER_END);
	tail = crl_exts(crl_ext(OID_NUMBER, false, der_hex("020101")));
	all = cc_span(malloc((size_t)(p - entries) + 4096), 0);
	assert_non_null(all.p);
	{
		uint8_t *out = (uint8_t *)(uintptr_t)all.p;
		size_t n = (size_t)(p - entries), tbs = head.n + 5 + n + tail.n;
		uint8_t *body = out + 5 + 5;

		memcpy(body, head.p, head.n);
		memcpy(body + head.n,
		       (uint8_t[]){ 0x30, 0x83, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n },
		       5);
		memcpy(body + head.n + 5, entries, n);
		memcpy(body + head.n + 5 + n, tail.p, tail.n);
		memcpy(out + 5,
		       (uint8_t[]){ 0x30, 0x83, (uint8_t)(tbs >> 16), (uint8_t)(tbs >> 8),
				    (uint8_t)tbs },
		       5);
		in = (gnutls_datum_t){ out + 5, (unsigned int)(tbs + 5) };
		PKI(gnutls_privkey_sign_data(f->ca->signer, GNUTLS_DIG_SHA256, 0, &in, &sig));
		head = der_cat(der_hex(ECDSA_SHA256),
			       der(0x03, der_hex("00"), cc_span(sig.data, sig.size)), DER_END);
		memcpy(out + 5 + 5 + tbs, head.p, head.n);
		tbs += 5 + head.n;
		memcpy(out,
		       (uint8_t[]){ 0x30, 0x83, (uint8_t)(tbs >> 16), (uint8_t)(tbs >> 8),
				    (uint8_t)tbs },
		       5);
		all.n = tbs + 5;
		gnutls_free(sig.data);
	}
	free(entries);
	return all;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void long_lists(void **state)
{
	struct trial t = new_trial();
	struct cc_span with = long_list(&t.f, 300000, true),
		       without = long_list(&t.f, 300000, false);
	capcert_evidence *e[2] = { new_evidence(), new_evidence() };
	struct cc_span root = make_list(&(struct list_spec){ .issuer = t.f.root });
	double start;
	int i;

	(void)state;
	start = seconds();
	assert_int_equal(put(e[0], with), 0);
	print_message("# %zu octets, 300000 entries: taken in %.0f ms\n", with.n,
		      (seconds() - start) * 1e3);
	assert_int_equal(put(e[1], without), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(put(e[i], root), 0);
		t.q.evidence = e[i];
		expect_reason(&t.q, i ? VALID : REVOKED, 0);
		/* Three more verifications, twice over, do not read the list again: that alone
		 * would take more than ten times as long. */
		start = seconds();
		expect_reason(&t.q, i ? VALID : REVOKED, 0);
		print_message("# asked again: %.0f us for three verifications\n",
			      (seconds() - start) * 1e6);
		capcert_evidence_free(e[i]);
	}
	free((void *)(uintptr_t)with.p);
	free((void *)(uintptr_t)without.p);
	end_trial(&t);
}

/* Every entry is found, whatever numbers there are: long ones, with the same beginning, negative,
 * the same twice. */
static void finds_every_entry(void **state)
{
	static const char *const numbers[] = {
		"01",
		"00ff",
		"ff",
		"0100",
		"7fffffffffffff",
		"7fffffffffffff01",
		"7fffffffffffff02",
		"7fffffffffffff0203",
		"0102030405060708090a0b0c0d0e0f1011121314",
		"0102030405060708090a0b0c0d0e0f1011121315",
		"02",
		"01",
		"80",
	};
	struct cc_span entries = NONE;
	struct crl_parts p = crl_parts();
	struct cc_crl_entry entry;
	struct crl *crl;
	struct cc_span s;
	uint8_t *copy;
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(numbers); i++)
		entries = der_cat(entries, crl_entry(numbers[i], NONE), DER_END);
	p.entries = der_wrap(0x30, entries);
	s = crl_der(&p);
	copy = malloc(s.n);
	assert_non_null(copy);
	memcpy(copy, s.p, s.n);
	assert_int_equal(crl_new(copy, s.n, &crl), 0);
	for (i = 0; i < CC_ARRAY_SIZE(numbers); i++) {
		struct cc_span number = der_hex(numbers[i]);
		uint32_t from = 0, count = 0;

		for (; crl_find(crl, number, &from, &entry); count++)
			assert_true(cc_span_equal(entry.serial, number));
		assert_int_equal(count, strcmp(numbers[i], "01") ? 1 : 2);
	}
	assert_false(crl_find(crl, der_hex("03"), &(uint32_t){ 0 }, &entry));
	assert_false(crl_find(crl, der_hex("7fffffffffffff03"), &(uint32_t){ 0 }, &entry));
	crl_free(crl);
}

/* Hundreds of lists that might be it: the budget ends before the patience of the caller. */
static void many_forged_lists(void **state)
{
	struct trial t = new_trial();
	int i;

	(void)state;
	for (i = 0; i < 60; i++)
		put_list(t.e, &(struct list_spec){
				      .issuer = t.f.ca, .number = 1 + i, .bad_signature = true });
	expect_reason(&t.q, UNKNOWN, 0);
	for (; i < 120; i++)
		put_list(t.e, &(struct list_spec){
				      .issuer = t.f.ca, .number = 1 + i, .bad_signature = true });
	expect_reason(&t.q, CAPCERT_REASON_BUDGET_EXHAUSTED, 0);
	end_trial(&t);
}

/* CRL issuers in a ring: the lists of each are about the certificate of the next. */
static void rings_of_issuers(void **state)
{
	enum { RING = 8 };
	static const char *const names[RING] = { "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7" };
	struct pki *ring[RING], *called[RING];
	struct pki_spec leaf = { LEAF_SPEC };
	struct family f = { .root = make_root() };
	struct cc_span crldp;
	struct trial t;
	int size, i;

	(void)state;
	for (size = 1; size <= RING; size += size == 1 ? 1 : 6) {
		for (i = 0; i < size; i++) {
			struct pki_spec s = { .cn = names[i], .eku = { "-" } };

			called[i] = pki_make(&s, NULL);
		}
		for (i = 0; i < size; i++) {
			struct pki_spec s = { .cn = names[i],
					      .usage = GNUTLS_KEY_CRL_SIGN,
					      .eku = { "-" } };

			crldp = crldp_of(der(0xa2, names_dn(subject_of(called[(i + 1) % size]))));
			s.ext[0].oid = "2.5.29.31";
			s.ext[0].der = (const char *)crldp.p;
			s.ext[0].len = (unsigned int)crldp.n;
			ring[i] = pki_make(&s, f.root);
		}
		crldp = crldp_of(der(0xa2, names_dn(subject_of(ring[0]))));
		leaf.ext[0].oid = "2.5.29.31";
		leaf.ext[0].der = (const char *)crldp.p;
		leaf.ext[0].len = (unsigned int)crldp.n;
		f.ca = make_ca(f.root);
		f.leaf = pki_make(&leaf, f.ca);
		t = (struct trial){ .f = f, .e = new_evidence() };
		t.q = (struct question){ .policy = HARD,
					 .chain = { f.leaf, f.ca },
					 .anchors = { f.root },
					 .evidence = t.e };
		/* The root speaks of CAs only: the ring has but itself. */
		put_list(t.e, &(struct list_spec){ .issuer = f.root, .idp = idp_of(ONLY_CA) });
		for (i = 0; i < size; i++) {
			t.q.chain[2 + i] = ring[i];
			put_list(t.e,
				 &(struct list_spec){ .issuer = ring[i], .idp = idp_of(INDIRECT) });
		}
		/* Nothing is known against a ring of one or two; eight are too deep to be asked. */
		expect_reason(&t.q, size <= 2 ? VALID : UNKNOWN, 0);
		put_list(t.e, &(struct list_spec){ .issuer = ring[size == 1 ? 0 : 1],
						   .idp = idp_of(INDIRECT),
						   .from = -60,
						   .until = PKI_DAY,
						   .entries = 1,
						   .entry[0] = { .cert = ring[0], .of = f.root } });
		expect_reason(&t.q, UNKNOWN, 0);
		for (i = 0; i < size; i++) {
			pki_free(ring[i]);
			pki_free(called[i]);
		}
		capcert_evidence_free(t.e);
		pki_free(f.leaf);
		pki_free(f.ca);
	}
	pki_free(f.root);
}

static void *ask_often(void *ctx)
{
	int i;

	for (i = 0; i < 20; i++)
		expect_reason((const struct question *)ctx, VALID, 0);
	return NULL;
}

static void several_threads(void **state)
{
	struct trial t = new_trial();
	pthread_t threads[4];
	int i;

	(void)state;
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &t.q), 0);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	end_trial(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_der_and_pem), cmocka_unit_test(refuses_what_is_no_list),
		cmocka_unit_test(goes_by_pieces),    cmocka_unit_test(finds_every_entry),
		cmocka_unit_test(long_lists),	     cmocka_unit_test(many_forged_lists),
		cmocka_unit_test(rings_of_issuers),  cmocka_unit_test(several_threads),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
