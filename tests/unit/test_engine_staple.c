// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Staples: where they count, where they must be (RFC 7633; the policy's stapling=required), and how
 * OCSP responses are put into evidence. */
#include "tests/unit/ocsp_fixture.h"

#define MISSING CAPCERT_REASON_MUST_STAPLE_MISSING

static struct family must_staple_family(bool ca_too)
{
	struct pki_spec leaf = { LEAF_SPEC, .extension = MUST_STAPLE };
	struct pki_spec ca = { CA_SPEC, .extension = ca_too ? MUST_STAPLE : NULL };
	struct family f = { .root = make_root() };

	f.ca = pki_make(&ca, f.root);
	f.leaf = pki_make(&leaf, f.ca);
	return f;
}

/* A staple is evidence of its own kind; a response that was asked for is another. */
static void kinds(void **state)
{
	static const struct {
		const char *accepted;
		bool staple, response;
	} rows[] = { { "staple", true, false },
		     { "ocsp", false, true },
		     { "staple,ocsp", true, true },
		     { "crl,short-lived", false, false } };
	char policy[200];
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct trial t = ocsp_trial();
		struct response_spec r = { .issuer = t.f.ca, .answer[0] = { .about = t.f.leaf } };
		capcert_evidence *e = new_evidence();

		snprintf(policy, sizeof(policy), RFC5280 ";revocation=%s;revocation_mode=hard",
			 rows[i].accepted);
		t.q.policy = policy;
		put_staple(t.e, &r);
		expect_outcome(__LINE__, &t.q, rows[i].staple ? VALID : UNKNOWN, NULL,
			       rows[i].staple ? GOOD : ABSENT);
		put_response(e, &r);
		t.q.evidence = e;
		expect_outcome(__LINE__, &t.q, rows[i].response ? VALID : UNKNOWN, NULL,
			       rows[i].response ? GOOD : ABSENT);
		capcert_evidence_free(e);
		end_trial(&t);
	}
}

static void for_the_leaf_alone(void **state)
{
	struct trial t = ocsp_trial();

	(void)state;
	t.q.policy = RFC5280 ";revocation=staple;revocation_mode=hard;revocation_scope=chain";
	put_staple(t.e,
		   &(struct response_spec){ .issuer = t.f.root, .answer[0] = { .about = t.f.ca } });
	put_response(t.e, &(struct response_spec){ .issuer = t.f.root,
						   .answer[0] = { .about = t.f.ca } });
	expect_reason(&t.q, UNKNOWN, 0);
	t.q.policy = RFC5280 ";revocation=ocsp;revocation_mode=hard;revocation_scope=chain";
	put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
						   .answer[0] = { .about = t.f.leaf } });
	expect_valid(&t.q);
	end_trial(&t);
}

static void must_staple(void **state)
{
	static const char *const policies[] = { RFC5280, OCSP_SOFT, OCSP_HARD,
						RFC5280 ";revocation=crl;revocation_mode=soft",
						"preset=webpki-lenient;profile=rfc5280;time=any" };
	struct capcert_result r;
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(policies); i++) {
		struct trial t = ocsp_trial_of(must_staple_family(i & 1));
		struct response_spec good = { .issuer = t.f.ca,
					      .answer[0] = { .about = t.f.leaf } };

		t.q.policy = policies[i];
		expect_outcome(__LINE__, &t.q, MISSING, "must be stapled (RFC 7633)", ABSENT);
		r = ask(&t.q);
		assert_true(r.path[0].missing & CAPCERT_MISSING_STAPLE);
		/* The same answer, but not stapled. */
		put_response(t.e, &good);
		r = ask(&t.q);
		assert_int_equal(r.outcome.reason, MISSING);
		put_staple(t.e, &good);
		r = ask(&t.q);
		assert_int_equal(r.outcome.reason, VALID);
		assert_int_equal(r.outcome.ocsp_status, GOOD);
		end_trial(&t);
	}
}

static void expect_staple(int line, int32_t want, const char *words, uint32_t told,
			  const struct response_spec *s)
{
	struct trial t = ocsp_trial_of(must_staple_family(false));
	struct response_spec r = *s;

	r.issuer = t.f.ca;
	r.answer[0].about = t.f.leaf;
	put_staple(t.e, &r);
	t.q.policy = RFC5280;
	expect_outcome(line, &t.q, want, words, told);
	/* Not even with another kind of evidence. */
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	t.q.policy = HARD_LEAF;
	expect_outcome(line, &t.q, want, words, told);
	end_trial(&t);
}

#define staple(want, words, told, ...) \
	expect_staple(__LINE__, want, words, told, &(struct response_spec){ __VA_ARGS__ })

static void staples_that_do_not_count(void **state)
{
	(void)state;
	staple(VALID, NULL, GOOD, .by_key = true);
	staple(MISSING, "out of date", TOLD_UNKNOWN, .answer[0] = { .from = -60, .until = -30 });
	staple(MISSING, "not yet in force", TOLD_UNKNOWN, .answer[0] = { .from = 30, .until = 60 });
	staple(MISSING, "not signed by its signer's key", TOLD_UNKNOWN, .bad_signature = true);
	staple(MISSING, "about other certificates", ABSENT, .answer[0] = { .wrong_serial = true });
	staple(MISSING, "does not know the certificate", TOLD_UNKNOWN,
	       .answer[0] = { .status = CC_OCSP_UNKNOWN });
	staple(MISSING, "tryLater", UNREACHABLE, .error = CC_OCSP_STATUS_TRY_LATER);
	staple(REVOKED, "by the staple of", TOLD_REVOKED,
	       .answer[0] = { .status = CC_OCSP_REVOKED, .reason = 1 });
}

static void stapling_required(void **state)
{
	struct trial t = ocsp_trial();
	struct response_spec good = { .issuer = t.f.ca, .answer[0] = { .about = t.f.leaf } };

	(void)state;
	t.q.policy = RFC5280 ";stapling=required";
	expect_outcome(__LINE__, &t.q, MISSING, "the policy asks for a staple", ABSENT);
	put_response(t.e, &good);
	expect_outcome(__LINE__, &t.q, MISSING, "the policy asks for a staple", ABSENT);
	put_staple(t.e, &good);
	expect_outcome(__LINE__, &t.q, VALID, NULL, GOOD);
	t.q.policy = HARD_LEAF ";stapling=required";
	expect_outcome(__LINE__, &t.q, UNKNOWN, NULL, GOOD);
	end_trial(&t);
}

/* A CA whose certificate asks for the feature binds what it issues (RFC 7633 section 4.2.2). */
static void asked_by_the_issuer(void **state)
{
	struct pki_spec ca = { CA_SPEC, .extension = MUST_STAPLE };
	struct family f = { .root = make_root() };
	struct trial t;

	(void)state;
	f.ca = pki_make(&ca, f.root);
	f.leaf = make_leaf(f.ca);
	t = ocsp_trial_of(f);
	put_staple(t.e,
		   &(struct response_spec){ .issuer = f.ca, .answer[0] = { .about = f.leaf } });
	t.q.policy = RFC5280;
	expect_reason(&t.q, CAPCERT_REASON_POLICY_VIOLATION, 0);
	end_trial(&t);
}

/* A fault of another kind counts before a staple that is missing, and SCTs do (decide.h). */
static void order_of_reasons(void **state)
{
	struct pki_spec leaf = { LEAF_SPEC, .extension = MUST_STAPLE, .from = -20 * PKI_DAY,
				 .until = -1 };
	struct family f = { .root = make_root() };
	struct trial t;

	(void)state;
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&leaf, f.ca);
	t = ocsp_trial_of(f);
	t.q.policy = RFC5280;
	expect_reason(&t.q, CAPCERT_REASON_EXPIRED, 0);
	end_trial(&t);
	t = ocsp_trial_of(must_staple_family(false));
	t.q.policy = RFC5280 ";min_scts=1";
	expect_reason(&t.q, CAPCERT_REASON_INSUFFICIENT_SCTS, 0);
	t.q.policy = OCSP_HARD ";min_scts=1";
	expect_reason(&t.q, CAPCERT_REASON_INSUFFICIENT_SCTS, 0);
	t.q.policy = OCSP_HARD;
	expect_reason(&t.q, MISSING, 0);
	end_trial(&t);
}

/* Of two certificates of the CA, by two roots, only the one with the right key has the staple's
 * CertID: the path through it is found. */
static void cross_signed(void **state)
{
	struct pki_spec root = { ROOT_SPEC }, ca = { CA_SPEC };
	struct trial t = ocsp_trial_of(must_staple_family(false));
	struct pki *root2 = pki_make(&root, NULL), *cross;

	(void)state;
	ca.key_of = t.f.ca;
	cross = pki_make(&ca, root2);
	put_staple(t.e,
		   &(struct response_spec){ .issuer = t.f.ca, .answer[0] = { .about = t.f.leaf } });
	t.q = (struct question){ .chain = { t.f.leaf, cross, t.f.ca },
				 .anchors = { root2, t.f.root },
				 .evidence = t.e };
	expect_valid(&t.q);
	pki_free(cross);
	pki_free(root2);
	end_trial(&t);
}

/* The leaf is its own anchor: nobody is above it who could speak. */
static void own_anchor(void **state)
{
	struct pki_spec s = { LEAF_SPEC, .extension = MUST_STAPLE };
	struct pki *leaf = pki_make(&s, NULL);
	struct question q = { .chain = { leaf }, .anchors = { leaf } };
	capcert_evidence *e = new_evidence();

	(void)state;
	put_staple(e, &(struct response_spec){ .issuer = leaf, .answer[0] = { .about = leaf } });
	q.evidence = e;
	expect_reason(&q, MISSING, 0);
	capcert_evidence_free(e);
	pki_free(leaf);
}

/* ---- evidence ---- */

static void what_is_put(void **state)
{
	struct trial t = ocsp_trial();
	struct response_spec s = { .issuer = t.f.ca, .answer[0] = { .about = t.f.leaf } };
	struct cc_span r = make_response(&s), other = make_response(&s);
	uint8_t *big = calloc(1, CC_OCSP_MAX + 1);
	size_t n;

	(void)state;
	assert_non_null(big);
	assert_int_equal(capcert_evidence_put_ocsp(t.e, r.p, 0), -EBADMSG);
	for (n = 1; n < r.n; n += 7)
		assert_int_equal(capcert_evidence_put_ocsp(t.e, r.p, n), -EBADMSG);
	assert_int_equal(capcert_evidence_put_staple(t.e, r.p, r.n - 1), -EBADMSG);
	assert_int_equal(capcert_evidence_put_ocsp(t.e, big, CC_OCSP_MAX + 1), -EMSGSIZE);
	assert_int_equal(capcert_evidence_put_ocsp(t.e, big, CC_OCSP_MAX), -EBADMSG);
	assert_int_equal(capcert_evidence_put_ocsp(t.e, r.p, r.n), 0);
	assert_int_equal(capcert_evidence_put_ocsp(t.e, r.p, r.n), -EEXIST);
	/* A response may be both; there is one staple. */
	assert_int_equal(capcert_evidence_put_staple(t.e, r.p, r.n), 0);
	assert_int_equal(capcert_evidence_put_staple(t.e, other.p, other.n), -EEXIST);
	free(big);
	end_trial(&t);
}

static void how_many(void **state)
{
	static const uint8_t later[] = { 0x30, 3, 0x0a, 1, 3 };
	struct trial t = ocsp_trial();
	struct response_spec s = { .issuer = t.f.ca, .answer[0] = { .about = t.f.leaf } };
	uint8_t fingerprint[32] = { 0 };
	struct cc_span r;
	int i;

	(void)state;
	assert_int_equal(capcert_evidence_put_ocsp(t.e, later, sizeof(later)), 0);
	for (i = 1; i < 256; i++) {
		s.answer[0].from = -i;
		s.answer[0].until = PKI_DAY;
		put_response(t.e, &s);
	}
	s.answer[0].from = -i;
	r = make_response(&s);
	assert_int_equal(capcert_evidence_put_ocsp(t.e, r.p, r.n), -EMSGSIZE);
	assert_int_equal(capcert_evidence_put_staple(t.e, r.p, r.n), -EMSGSIZE);
	for (i = 0; i < 256; i++) {
		fingerprint[0] = (uint8_t)i;
		assert_int_equal(capcert_evidence_put_unreachable(t.e, fingerprint), 0);
	}
	fingerprint[1] = 1;
	assert_int_equal(capcert_evidence_put_unreachable(t.e, fingerprint), -EMSGSIZE);
	end_trial(&t);
}

/* Certificates of a response that cannot be read are not there; the others are. */
static void unreadable_certificates(void **state)
{
	struct pki_spec spec = { .cn = "Signer", .eku = { OCSP_SIGNING }, .ext = { NOCHECK } };
	struct trial t = ocsp_trial();
	struct pki *signer = pki_make(&spec, t.f.ca);
	struct pki broken = *signer;
	struct response_spec s = { .issuer = t.f.ca,
				   .signer = signer,
				   .certs = { &broken, signer },
				   .answer[0] = { .about = t.f.leaf } };

	(void)state;
	broken.der.data = memcpy(der_alloc(signer->der.size), signer->der.data, signer->der.size);
	broken.der.data[8] ^= 0x1f; /* the version's tag */
	put_response(t.e, &s);
	expect_outcome(__LINE__, &t.q, VALID, NULL, GOOD);
	pki_free(signer);
	end_trial(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(for_the_leaf_alone),
		cmocka_unit_test(must_staple),
		cmocka_unit_test(staples_that_do_not_count),
		cmocka_unit_test(stapling_required),
		cmocka_unit_test(asked_by_the_issuer),
		cmocka_unit_test(order_of_reasons),
		cmocka_unit_test(cross_signed),
		cmocka_unit_test(own_anchor),
		cmocka_unit_test(what_is_put),
		cmocka_unit_test(how_many),
		cmocka_unit_test(unreadable_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
