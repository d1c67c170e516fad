// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Revocation lists, RFC 5280 sections 5 and 6.3.3: one rule after the other, on small honest
 * hierarchies. Every test has a case that fails where its rule is not there. */
#include "tests/unit/crl_fixture.h"

static void listed_or_not(void **state)
{
	(void)state;
	expect_list(VALID, .entries = 0);
	expect_list(REVOKED, .entries = 1);
	expect_list(REVOKED, .entries = 1, .entry[0].reason = CC_CRL_REASON_KEY_COMPROMISE);
	expect_list(REVOKED, .entries = 1, .entry[0].reason = CC_CRL_REASON_HOLD);
	expect_list(REVOKED, .entries = 1, .entry[0].reason = 99);
	expect_list(REVOKED, .entries = 2, .entry[1].reason = 1);
}

static void modes(void **state)
{
	struct trial t = new_trial();

	(void)state;
	expect_reason(&t.q, UNKNOWN, 0);
	t.q.policy = SOFT;
	expect_valid(&t.q);
	put_list(t.e, &(struct list_spec){
			      .issuer = t.f.ca, .entries = 1, .entry[0] = { .cert = t.f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	t.q.policy = HARD;
	expect_reason(&t.q, REVOKED, 0);
	t.q.policy = LISTS "off";
	expect_valid(&t.q);
	/* Lists are not among the evidence that this policy accepts. */
	t.q.policy = RFC5280 ";revocation=ocsp;revocation_mode=soft";
	expect_valid(&t.q);
	t.q.policy = RFC5280 ";revocation=ocsp;revocation_mode=hard";
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
}

static void scopes_of_the_policy(void **state)
{
	struct trial t = new_trial();

	(void)state;
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	expect_valid(&t.q);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.root,
					   .from = -3600,
					   .until = PKI_DAY,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.ca } });
	expect_reason(&t.q, REVOKED, 1);
	t.q.policy = SOFT;
	expect_reason(&t.q, REVOKED, 1);
	t.q.policy = HARD_LEAF;
	expect_valid(&t.q);
	end_trial(&t);
	/* A CA's status that is not known, and a leaf's that is. */
	t = (struct trial){ .f = make_family(), .e = new_evidence() };
	t.q = (struct question){ .policy = HARD,
				 .chain = { t.f.leaf, t.f.ca },
				 .anchors = { t.f.root },
				 .evidence = t.e };
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	expect_reason(&t.q, UNKNOWN, 1);
	t.q.policy = HARD_LEAF;
	expect_valid(&t.q);
	end_trial(&t);
}

static void says_what_it_knows(void **state)
{
	struct trial t = new_trial();

	(void)state;
	expect_says(&t.q, "its revocation status, and none is known");
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .bad_signature = true });
	expect_says(&t.q, "the list is not signed by its issuer's key");
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf, .reason = 1 } });
	expect_says(&t.q, "revoked at 2026-05-30T00:00:00Z, keyCompromise, by the list of "
			  "O=Test,CN=CA of 2026-05-31T00:00:00Z");
	end_trial(&t);
}

/* A report says the same of each certificate. */
static void reports_what_it_knows(void **state)
{
	struct trial t = new_trial();
	struct capcert_params params = {
		.name = HOST, .have_time = 1, .time = PKI_NOW, .evidence = t.e
	};
	capcert_store *store = make_store(t.q.anchors, 1);
	capcert_chain *chain = make_chain(t.q.chain);
	const struct capcert_report_step *leaf;
	struct capcert_result result;
	capcert_report *report;
	capcert_policy *policy;
	int i;

	(void)state;
	assert_int_equal(capcert_policy_new(HARD, &policy, NULL), 0);
	params.chain = chain;
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .v1 = true });
	for (i = 0; i < 2; i++) {
		assert_int_equal(
			capcert_verify_local_report(policy, store, NULL, &params, &result, &report),
			0);
		leaf = &report->paths[0].steps[0];
		assert_int_equal(leaf->reason, i ? REVOKED : UNKNOWN);
		assert_non_null(leaf->detail);
		assert_non_null(strstr(leaf->detail, i ? "superseded, by the list of O=Test,CN=CA"
						       : "no cRLNumber"));
		capcert_report_free(report);
		put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
						   .entries = 1,
						   .entry[0] = { .cert = t.f.leaf, .reason = 4 } });
	}
	capcert_policy_free(policy);
	capcert_store_free(store);
	capcert_chain_free(chain);
	end_trial(&t);
}

static void time_of_a_list(void **state)
{
	struct trial t;
	struct capcert_result r;

	(void)state;
	expect_list(UNKNOWN, .from = 1, .until = 2 * PKI_DAY);
	expect_list(VALID, .from = 0, .until = 2 * PKI_DAY);
	expect_list(VALID, .from = -2 * PKI_DAY, .until = 0);
	expect_list(UNKNOWN, .from = -2 * PKI_DAY, .until = -1);
	expect_list(UNKNOWN, .from = -2 * PKI_DAY, .until = -1, .entries = 1);
	/* Without nextUpdate, as long as the policy says (10 days); with it, that is not asked. */
	expect_list(VALID, .from = -10 * PKI_DAY, .until = 1, .no_next = true);
	expect_list(UNKNOWN, .from = -10 * PKI_DAY - 1, .until = 1, .no_next = true);
	expect_list(VALID, .from = -20 * PKI_DAY, .until = PKI_DAY);

	t = new_trial();
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .from = -3600, .until = 7200 });
	r = ask(&t.q);
	assert_true(r.outcome.valid);
	assert_int_equal(r.outcome.valid_from, PKI_NOW - 3600);
	assert_int_equal(r.outcome.valid_until, PKI_NOW + 7200);
	t.q.at = 7200;
	expect_valid(&t.q);
	t.q.at = 7201;
	r = ask(&t.q);
	assert_int_equal(r.outcome.reason, UNKNOWN);
	assert_int_equal(r.outcome.valid_from, PKI_NOW + 7201);
	t.q.policy = HARD ";clock_skew=60s";
	expect_valid(&t.q);
	t.q.at = 7261;
	expect_reason(&t.q, UNKNOWN, 0);
	t.q.at = -3660;
	expect_valid(&t.q);
	t.q.at = -3661;
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
}

static void signatures_and_issuers(void **state)
{
	struct pki_spec ca = { CA_SPEC }, other = { .cn = "Other", .ca = true };
	struct pki_spec no_crl = { CA_SPEC, .usage = GNUTLS_KEY_KEY_CERT_SIGN };
	struct pki_spec any = { CA_SPEC, .usage = ~0u };
	struct trial t = new_trial();
	struct pki *stranger = pki_make(&other, t.f.root), *twin = pki_make(&ca, NULL);
	struct family f;

	(void)state;
	expect_list(UNKNOWN, .bad_signature = true);
	expect_list(UNKNOWN, .bad_signature = true, .entries = 1);
	/* The name of another, and the key of another. */
	t.q.chain[2] = stranger;
	put_list(t.e, &(struct list_spec){ .issuer = stranger });
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .signer = stranger });
	put_list(t.e, &(struct list_spec){ .issuer = stranger, .signer = t.f.ca });
	/* A CA of the same name that is nobody's. */
	t.q.chain[3] = twin;
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .signer = twin });
	expect_reason(&t.q, UNKNOWN, 0);
	expect_says(&t.q, "the list");
	end_trial(&t);
	pki_free(stranger);
	pki_free(twin);
	/* cRLSign, where there is a key usage (section 6.3.3 (f)). */
	f = (struct family){ .root = make_root() };
	f.ca = pki_make(&no_crl, f.root);
	f.leaf = make_leaf(f.ca);
	t = new_trial_of(f);
	put_list(t.e, &(struct list_spec){ .issuer = f.ca });
	expect_reason(&t.q, UNKNOWN, 0);
	expect_says(&t.q, "may not sign lists");
	end_trial(&t);
	f = (struct family){ .root = make_root() };
	f.ca = pki_make(&any, f.root);
	f.leaf = make_leaf(f.ca);
	t = new_trial_of(f);
	put_list(t.e, &(struct list_spec){ .issuer = f.ca });
	expect_valid(&t.q);
	end_trial(&t);
}

static void kinds_of_certificates(void **state)
{
	struct trial t = new_trial();

	(void)state;
	expect_list(VALID, .idp = idp_of(ONLY_USER));
	expect_list(REVOKED, .idp = idp_of(ONLY_USER), .entries = 1);
	expect_list(UNKNOWN, .idp = idp_of(ONLY_CA));
	expect_list(UNKNOWN, .idp = idp_of(ONLY_CA), .entries = 1);
	expect_list(UNKNOWN, .idp = idp_of(ONLY_ATTRIBUTE));
	expect_list(UNKNOWN, .idp = idp_of(ONLY_USER, ONLY_CA));
	end_trial(&t);
	t = (struct trial){ .f = make_family(), .e = new_evidence() };
	t.q = (struct question){ .policy = HARD,
				 .chain = { t.f.leaf, t.f.ca },
				 .anchors = { t.f.root },
				 .evidence = t.e };
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	put_list(t.e, &(struct list_spec){ .issuer = t.f.root, .idp = idp_of(ONLY_USER) });
	expect_reason(&t.q, UNKNOWN, 1);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.root, .idp = idp_of(ONLY_CA) });
	expect_valid(&t.q);
	end_trial(&t);
}

/* A leaf with this cRLDistributionPoints, and this list of its CA. */
static void expect_point_line(int line, int32_t reason, struct cc_span crldp,
			      const struct list_spec *s)
{
	struct pki_spec spec = { LEAF_SPEC, .ext = { EXT_CRLDP(crldp) } };
	struct list_spec list = *s;
	struct capcert_result r;
	struct family f = { .root = make_root() };
	struct trial t;

	f.ca = make_ca(f.root);
	f.leaf = pki_make(&spec, f.ca);
	t = new_trial_of(f);
	list.issuer = f.ca;
	list.entry[0].cert = f.leaf;
	put_list(t.e, &list);
	r = ask(&t.q);
	if (r.outcome.reason != reason)
		fail_msg("line %d: %s", line, r.outcome.detail);
	end_trial(&t);
}

#define expect_point(reason, crldp, ...) \
	expect_point_line(__LINE__, reason, crldp, &(struct list_spec){ __VA_ARGS__ })

static void distribution_points(void **state)
{
	struct cc_span a = crldp_of(point_full(names_uri("http://a/")));
	struct cc_span relative = crldp_of(point_relative("part"));
	struct pki_spec ca = { CA_SPEC };
	struct pki *named = pki_make(&ca, NULL); /* called as the CA is */
	struct cc_span dn = subject_of(named), whole, body = cc_span(dn.p + 2, dn.n - 2);

	(void)state;
	whole = der(0x30, body,
		    der(0x31, der(0x30, der_hex("0603550403"), der_hex("0c04 70617274"))));
	/* Without an issuingDistributionPoint a list is about everything of its issuer. */
	expect_point(VALID, a, .entries = 0);
	expect_point(REVOKED, a, .entries = 1);
	expect_point(VALID, a, .idp = idp_of(point_full(names_uri("http://a/"))));
	expect_point(REVOKED, a, .idp = idp_of(point_full(names_uri("http://a/"))), .entries = 1);
	expect_point(UNKNOWN, a, .idp = idp_of(point_full(names_uri("http://b/"))));
	expect_point(UNKNOWN, a, .idp = idp_of(point_full(names_uri("http://a"))));
	expect_point(UNKNOWN, a, .idp = idp_of(point_full(der(0x82, der_str("http://a/")))));
	/* One name in common is enough. */
	expect_point(VALID, a,
		     .idp = idp_of(point_full(
			     der_cat(names_uri("http://b/"), names_uri("http://a/"), DER_END))));
	/* Relative to the issuer, on one side or both; or the whole name. */
	expect_point(VALID, relative, .idp = idp_of(point_relative("PART")));
	expect_point(UNKNOWN, relative, .idp = idp_of(point_relative("other")));
	expect_point(VALID, relative, .idp = idp_of(point_full(names_dn(whole))));
	expect_point(VALID, crldp_of(point_full(names_dn(whole))),
		     .idp = idp_of(point_relative("part")));
	expect_point(UNKNOWN, relative, .idp = idp_of(point_full(names_dn(dn))), .number = -1);
	/* No point of the certificate: it is asked for by the issuer's name. */
	expect_list(UNKNOWN, .idp = idp_of(point_full(names_uri("http://a/"))));
	expect_list(VALID, .idp = idp_of(point_full(names_dn(dn))));
	expect_list(REVOKED, .idp = idp_of(point_full(names_dn(dn))), .entries = 1);
	/* Also when the certificate has points, but no list is there for them. */
	expect_point(VALID, a, .idp = idp_of(point_full(names_dn(dn))));
	pki_free(named);
}

static void reasons_add_up(void **state)
{
	struct cc_span both =
		der(0x30, der(0x30, point_full(names_uri("http://a/")), der_hex("81020640")),
		    der(0x30, point_full(names_uri("http://b/")), der_hex("8103073f80")));
	struct trial t = new_trial();

	(void)state;
	expect_list(UNKNOWN, .idp = idp_of(ONLY_KEY_COMPROMISE));
	expect_list(UNKNOWN, .idp = idp_of(ALL_BUT_KEY_COMPROMISE));
	expect_list(REVOKED, .idp = idp_of(ONLY_KEY_COMPROMISE), .entries = 1);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .idp = idp_of(ONLY_KEY_COMPROMISE) });
	expect_says(&t.q, "not about every reason");
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .idp = idp_of(ALL_BUT_KEY_COMPROMISE),
					   .from = -3 * PKI_DAY,
					   .until = PKI_DAY });
	expect_valid(&t.q);
	/* An older list is not asked about reasons that a newer one has spoken of. */
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .idp = idp_of(ONLY_KEY_COMPROMISE),
					   .from = -2 * PKI_DAY,
					   .until = PKI_DAY,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf, .reason = 1 } });
	expect_valid(&t.q);
	/* One more, on which it stands, is not needed and yet the newest. */
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .idp = idp_of(ALL_BUT_KEY_COMPROMISE),
					   .from = -60,
					   .until = PKI_DAY,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf, .reason = 4 } });
	expect_reason(&t.q, REVOKED, 0);
	end_trial(&t);
	/* Reasons of distribution points: a list counts only for those it was asked for. */
	expect_point(UNKNOWN, both, .idp = idp_of(point_full(names_uri("http://a/"))));
	expect_point(REVOKED, both, .idp = idp_of(point_full(names_uri("http://a/"))),
		     .entries = 1);
	expect_point(VALID, both,
		     .idp = idp_of(point_full(
			     der_cat(names_uri("http://a/"), names_uri("http://b/"), DER_END))));
}

static void what_is_not_understood(void **state)
{
	struct cc_span odd = crl_ext("2a0304", true, der_hex("0500"));
	struct cc_span harmless = crl_ext("2a0304", false, der_hex("0500"));

	(void)state;
	/* Sections 5.2 and 5.3: not used, for nothing. */
	expect_list(UNKNOWN, .ext = odd);
	expect_list(UNKNOWN, .ext = odd, .entries = 1);
	expect_list(VALID, .ext = harmless);
	expect_list(UNKNOWN, .entries = 1, .entry[0].ext = odd);
	expect_list(UNKNOWN, .entries = 2, .entry[1].ext = odd);
	expect_list(REVOKED, .entries = 2, .entry[1].ext = harmless);
}

static void lists_that_do_not_conform(void **state)
{
	(void)state;
	/* They cannot clear a certificate, but they can revoke it. */
	expect_list(UNKNOWN, .number = -1);
	expect_list(REVOKED, .number = -1, .entries = 1);
	expect_list(UNKNOWN, .number_critical = true);
	expect_list(REVOKED, .number_critical = true, .entries = 1);
	expect_list(UNKNOWN,
		    .ext = crl_ext(OID_FRESHEST, true, der_hex("3008 3006 a004 a002 8600")));
	expect_list(VALID,
		    .ext = crl_ext(OID_FRESHEST, false, der_hex("3008 3006 a004 a002 8600")));
	expect_list(UNKNOWN, .v1 = true);
	expect_list(REVOKED, .v1 = true, .entries = 1);
	expect_list(UNKNOWN, .idp = idp_of(ONLY_USER), .idp_not_critical = true);
	expect_list(UNKNOWN, .idp = der_hex("3000"));
	expect_list(UNKNOWN, .idp = idp_of(ONLY_CA), .idp_not_critical = true, .entries = 1);
}

/* A newer list takes back what an older one, still current, says; never the other way round. */
static void the_newest_first(void **state)
{
	struct trial t = new_trial();

	(void)state;
	put_list(t.e, &(struct list_spec){
			      .issuer = t.f.ca,
			      .from = -3 * PKI_DAY,
			      .until = 3 * PKI_DAY,
			      .number = 1,
			      .entries = 1,
			      .entry[0] = { .cert = t.f.leaf, .reason = CC_CRL_REASON_HOLD } });
	expect_reason(&t.q, REVOKED, 0);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .from = -2 * PKI_DAY,
					   .until = 3 * PKI_DAY,
					   .number = 2 });
	expect_valid(&t.q);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .from = -PKI_DAY,
					   .until = 3 * PKI_DAY,
					   .number = 3,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	/* One that is forged, out of date or of the future changes nothing. */
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .from = -60,
					   .until = PKI_DAY,
					   .number = 4,
					   .bad_signature = true });
	put_list(t.e, &(struct list_spec){
			      .issuer = t.f.ca, .from = 60, .until = PKI_DAY, .number = 5 });
	expect_reason(&t.q, REVOKED, 0);
	end_trial(&t);
	/* The same time: the higher number. */
	t = new_trial();
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .number = 9 });
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .number = 10,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	end_trial(&t);
}

static void deltas(void **state)
{
	struct trial t = new_trial();
	struct list_spec base = { .issuer = t.f.ca, .number = 5 }, delta;
	struct {
		int32_t reason;
		struct list_spec delta;
	} cases[] = {
		{ REVOKED, { .number = 6, .base = 5 + 1 } },
		{ REVOKED, { .number = 6, .base = 1 + 1 } },
		{ VALID, { .number = 7, .base = 6 + 1 } }, /* the base is too old */
		{ VALID, { .number = 5, .base = 1 + 1 } }, /* and this delta no newer */
		{ VALID, { .number = 4, .base = 1 + 1 } },
		{ VALID, { .number = -1, .base = 1 + 1 } },
		{ VALID, { .number = 6, .base = 5 + 1, .bad_signature = true } },
		{ VALID, { .number = 6, .base = 5 + 1, .signer = t.f.root } },
		{ VALID, { .number = 6, .base = 5 + 1, .from = -PKI_DAY, .until = -1 } },
		{ VALID, { .number = 6, .base = 5 + 1, .from = 1, .until = PKI_DAY } },
		{ VALID, { .number = 6, .base = 5 + 1, .idp = idp_of(ONLY_USER) } },
		{ VALID, { .number = 6, .base = 5 + 1, .number_critical = true } },
		{ VALID, { .number = 6, .base = 5 + 1, .base_not_critical = true } },
		{ VALID, { .number = 6, .base = 5 + 1, .akid = t.f.ca } },
		{ VALID, { .number = 6, .base = 5 + 1, .ext = crl_ext("2a0304", true, NONE) } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(cases); i++) {
		capcert_evidence *e = new_evidence();

		delta = cases[i].delta;
		delta.issuer = t.f.ca;
		delta.entries = 1;
		delta.entry[0].cert = t.f.leaf;
		put_list(e, &(struct list_spec){ .issuer = t.f.root });
		put_list(e, &delta);
		t.q.evidence = e;
		expect_reason(&t.q, UNKNOWN, 0); /* alone it says nothing */
		put_list(e, &base);
		if (ask(&t.q).outcome.reason != cases[i].reason)
			fail_msg("case %zu: %s", i, ask(&t.q).outcome.detail);
		capcert_evidence_free(e);
	}
	end_trial(&t);
}

static void deltas_take_back(void **state)
{
	struct trial t = new_trial();
	struct list_spec base = { .issuer = t.f.ca, .number = 5, .entries = 1 };
	struct list_spec delta = { .issuer = t.f.ca, .number = 6, .base = 5 + 1, .entries = 1 };

	(void)state;
	base.entry[0].cert = delta.entry[0].cert = t.f.leaf;
	base.entry[0].reason = CC_CRL_REASON_HOLD;
	put_list(t.e, &base);
	expect_reason(&t.q, REVOKED, 0);
	delta.entry[0].reason = CC_CRL_REASON_REMOVE_FROM_CRL;
	put_list(t.e, &delta);
	expect_valid(&t.q);
	/* The newer of two deltas. */
	delta.number = 7;
	delta.entry[0].reason = CC_CRL_REASON_KEY_COMPROMISE;
	put_list(t.e, &delta);
	expect_reason(&t.q, REVOKED, 0);
	expect_says(&t.q, "keyCompromise");
	end_trial(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed_or_not),
		cmocka_unit_test(modes),
		cmocka_unit_test(scopes_of_the_policy),
		cmocka_unit_test(says_what_it_knows),
		cmocka_unit_test(reports_what_it_knows),
		cmocka_unit_test(time_of_a_list),
		cmocka_unit_test(signatures_and_issuers),
		cmocka_unit_test(kinds_of_certificates),
		cmocka_unit_test(distribution_points),
		cmocka_unit_test(reasons_add_up),
		cmocka_unit_test(what_is_not_understood),
		cmocka_unit_test(lists_that_do_not_conform),
		cmocka_unit_test(the_newest_first),
		cmocka_unit_test(deltas),
		cmocka_unit_test(deltas_take_back),
	};

	return cmocka_run_group_tests_name("engine/crl", tests, NULL, NULL);
}
