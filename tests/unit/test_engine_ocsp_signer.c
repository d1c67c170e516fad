// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who may sign an OCSP response, RFC 6960 section 4.2.2.2, on small honest hierarchies. */
#include "tests/unit/ocsp_fixture.h"

static const char not_known[] = "neither the certificate's issuer nor known to it";

/* A family with one that the CA lets sign responses. */
struct delegation {
	struct trial t;
	struct pki *signer;
};

static struct delegation make_delegation(const struct pki_spec *s)
{
	struct delegation d = { .t = ocsp_trial() };

	d.signer = pki_make(s, d.t.f.ca);
	return d;
}

static void end_delegation(struct delegation *d)
{
	pki_free(d->signer);
	end_trial(&d->t);
}

#define SIGNER .cn = "Signer", .eku = { OCSP_SIGNING }

#define expect_signer(want, words, told, by_key, ...)           \
	expect_signer_line(__LINE__, want, words, told, by_key, \
			   &(struct pki_spec){ .cn = "Signer", __VA_ARGS__ })

/* A response by a signer of this making, which it carries. */
static void expect_signer_line(int line, int32_t want, const char *words, uint32_t told,
			       bool by_key, const struct pki_spec *s)
{
	struct delegation d = make_delegation(s);
	struct response_spec r = { .issuer = d.t.f.ca,
				   .signer = d.signer,
				   .by_key = by_key,
				   .certs = { d.signer },
				   .answer[0] = { .about = d.t.f.leaf } };

	put_response(d.t.e, &r);
	expect_outcome(line, &d.t.q, want, words, told);
	r.answer[0].status = CC_OCSP_REVOKED;
	put_response(d.t.e, &r);
	expect_outcome(line, &d.t.q, want == VALID ? REVOKED : want, NULL,
		       want == VALID ? TOLD_REVOKED : told);
	end_delegation(&d);
}

static void delegates(void **state)
{
	(void)state;
	expect_signer(VALID, NULL, GOOD, false, .eku = { OCSP_SIGNING }, .ext = { NOCHECK });
	expect_signer(VALID, NULL, GOOD, true, .eku = { OCSP_SIGNING }, .ext = { NOCHECK });
	expect_signer(VALID, NULL, GOOD, true, .eku = { "1.3.6.1.5.5.7.3.1", OCSP_SIGNING });
	expect_signer(VALID, NULL, GOOD, false, .eku = { OCSP_SIGNING }, .usage = ~0u);
	expect_signer(VALID, NULL, GOOD, false, .eku = { OCSP_SIGNING }, .alg = PKI_P384);
	/* extended key usage, by name */
	expect_signer(UNKNOWN, "may not sign responses", TOLD_UNKNOWN, false,
		      .eku = { "1.3.6.1.5.5.7.3.1" });
	expect_signer(UNKNOWN, "may not sign responses", TOLD_UNKNOWN, true, .eku = { "-" });
	expect_signer(UNKNOWN, "may not sign responses", TOLD_UNKNOWN, false,
		      .eku = { "2.5.29.37.0" });
	/* key usage, where there is one */
	expect_signer(UNKNOWN, "may not sign (key usage)", TOLD_UNKNOWN, false,
		      .eku = { OCSP_SIGNING }, .usage = GNUTLS_KEY_KEY_AGREEMENT);
	/* valid now */
	expect_signer(UNKNOWN, "not valid at this time", TOLD_UNKNOWN, false,
		      .eku = { OCSP_SIGNING }, .from = -20 * PKI_DAY, .until = -1);
	expect_signer(UNKNOWN, "not valid at this time", TOLD_UNKNOWN, false,
		      .eku = { OCSP_SIGNING }, .from = 1, .until = PKI_DAY);
	/* in order */
	expect_signer(UNKNOWN, "not in order", TOLD_UNKNOWN, false, .eku = { OCSP_SIGNING },
		      .critical = "1.2.3.4");
	expect_signer(UNKNOWN, "does not allow", TOLD_UNKNOWN, false, .eku = { OCSP_SIGNING },
		      .alg = PKI_RSA1024);
}

static void issued_by_another(void **state)
{
	struct pki_spec ca2 = { CA_SPEC }, spec = { SIGNER, .ext = { NOCHECK } };
	struct trial t = ocsp_trial();
	struct pki *by_root = pki_make(&spec, t.f.root), *twin = pki_make(&ca2, t.f.root);
	struct pki *by_twin = pki_make(&spec, twin), *below;
	struct response_spec r = { .issuer = t.f.ca,
				   .signer = by_root,
				   .certs = { by_root },
				   .answer[0] = { .about = t.f.leaf } };
	struct pki_spec sub = { .cn = "Sub", .ca = true };
	struct pki *sub_ca = pki_make(&sub, t.f.ca);

	(void)state;
	put_response(t.e, &r);
	expect_outcome(__LINE__, &t.q, UNKNOWN, "was not issued by the certificate's issuer",
		       TOLD_UNKNOWN);
	/* Another CA of the same name, and its key. */
	r.signer = r.certs[0] = by_twin;
	put_response(t.e, &r);
	t.q.chain[2] = twin;
	expect_outcome(__LINE__, &t.q, UNKNOWN, "was not issued by", TOLD_UNKNOWN);
	r.signer = twin;
	r.certs[0] = NULL;
	put_response(t.e, &r);
	expect_outcome(__LINE__, &t.q, UNKNOWN, NULL, TOLD_UNKNOWN);
	/* Not directly, but by a CA below. */
	below = pki_make(&spec, sub_ca);
	r.signer = r.certs[0] = below;
	r.certs[1] = sub_ca;
	t.q.chain[3] = sub_ca;
	put_response(t.e, &r);
	expect_outcome(__LINE__, &t.q, UNKNOWN, NULL, TOLD_UNKNOWN);
	/* The root speaks for its CA only. */
	r = (struct response_spec){ .issuer = t.f.ca,
				    .signer = t.f.root,
				    .answer[0] = { .about = t.f.leaf } };
	put_response(t.e, &r);
	expect_outcome(__LINE__, &t.q, UNKNOWN, NULL, TOLD_UNKNOWN);
	/* One that is honest, at last. */
	r.signer = NULL;
	put_response(t.e, &r);
	expect_outcome(__LINE__, &t.q, VALID, NULL, GOOD);
	pki_free(below);
	pki_free(sub_ca);
	pki_free(by_twin);
	pki_free(twin);
	pki_free(by_root);
	end_trial(&t);
}

/* The leaf signs that it is good itself; it is not asked even if it may sign responses. */
static void signs_for_itself(void **state)
{
	struct pki_spec s = { LEAF_SPEC, .eku = { "1.3.6.1.5.5.7.3.1", OCSP_SIGNING } };
	struct family f = { .root = make_root() };
	struct response_spec r;
	struct trial t;

	(void)state;
	f.ca = make_ca(f.root);
	f.leaf = make_leaf(f.ca);
	t = ocsp_trial_of(f);
	r = (struct response_spec){ .issuer = f.ca,
				    .signer = f.leaf,
				    .certs = { f.leaf },
				    .answer[0] = { .about = f.leaf } };
	put_response(t.e, &r);
	expect_outcome(__LINE__, &t.q, UNKNOWN, "signed by the certificate that it is about",
		       TOLD_UNKNOWN);
	end_trial(&t);
	f = (struct family){ .root = make_root() };
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&s, f.ca);
	t = ocsp_trial_of(f);
	r = (struct response_spec){ .issuer = f.ca,
				    .signer = f.leaf,
				    .certs = { f.leaf },
				    .answer[0] = { .about = f.leaf, .status = CC_OCSP_GOOD } };
	put_response(t.e, &r);
	expect_outcome(__LINE__, &t.q, UNKNOWN, "signed by the certificate that it is about",
		       TOLD_UNKNOWN);
	end_trial(&t);
}

static void carried_or_not(void **state)
{
	struct pki_spec s = { SIGNER, .ext = { NOCHECK } }, other = { .cn = "Other" };
	struct delegation d = make_delegation(&s);
	struct pki *stranger = pki_make(&other, d.t.f.ca);
	struct response_spec r = { .issuer = d.t.f.ca,
				   .signer = d.signer,
				   .answer[0] = { .about = d.t.f.leaf } };

	(void)state;
	/* A signer that nobody shows. */
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, UNKNOWN, not_known, TOLD_UNKNOWN);
	/* It stands in the chain. */
	d.t.q.chain[2] = d.signer;
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	d.t.q.chain[2] = NULL;
	/* Among others. */
	r.certs[0] = stranger;
	r.certs[1] = d.t.f.ca;
	r.certs[2] = d.signer;
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	pki_free(stranger);
	end_delegation(&d);
}

/* responderID says who signed: it is not enough that somebody did who may. */
static void named_another(void **state)
{
	struct pki_spec s = { SIGNER, .ext = { NOCHECK } };
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct delegation d = make_delegation(&s);
		struct response_spec r = { .issuer = d.t.f.ca,
					   .signer = d.signer,
					   .named = d.t.f.ca,
					   .by_key = i,
					   .certs = { d.signer },
					   .answer[0] = { .about = d.t.f.leaf } };

		put_response(d.t.e, &r);
		expect_outcome(__LINE__, &d.t.q, UNKNOWN, "not signed by its signer's key",
			       TOLD_UNKNOWN);
		r.named = d.t.f.root;
		put_response(d.t.e, &r);
		expect_outcome(__LINE__, &d.t.q, UNKNOWN, NULL, TOLD_UNKNOWN);
		r.signer = NULL;
		r.named = d.signer;
		put_response(d.t.e, &r);
		expect_outcome(__LINE__, &d.t.q, UNKNOWN, NULL, TOLD_UNKNOWN);
		end_delegation(&d);
	}
}

static void signatures(void **state)
{
	struct pki_spec s = { SIGNER, .ext = { NOCHECK } };
	struct delegation d = make_delegation(&s);
	struct response_spec r = { .issuer = d.t.f.ca,
				   .signer = d.signer,
				   .certs = { d.signer },
				   .bad_signature = true,
				   .answer[0] = { .about = d.t.f.leaf } };

	(void)state;
	expect_response(UNKNOWN, "not signed by its signer's key", TOLD_UNKNOWN,
			.bad_signature = true);
	expect_response(UNKNOWN, NULL, TOLD_UNKNOWN, .bad_signature = true,
			.answer[0] = { .status = CC_OCSP_REVOKED });
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, UNKNOWN, "not signed by its signer's key", TOLD_UNKNOWN);
	r.bad_signature = false;
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	/* Algorithms that the policy does not allow. */
	d.t.q.policy = OCSP_HARD ";schemes=ecdsa-sha256";
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	end_delegation(&d);
	d = make_delegation(&s);
	r.issuer = d.t.f.ca;
	r.signer = r.certs[0] = d.signer;
	r.answer[0].about = d.t.f.leaf;
	r.sha384 = true;
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	d.t.q.policy = OCSP_HARD ";schemes=ecdsa-sha256";
	expect_outcome(__LINE__, &d.t.q, UNKNOWN, "an algorithm that the policy does not allow",
		       TOLD_UNKNOWN);
	end_delegation(&d);
}

static void unknown_algorithm(void **state)
{
	struct trial t = ocsp_trial();
	struct response_spec s = { .issuer = t.f.ca, .answer[0] = { .about = t.f.leaf } };
	struct cc_span r = make_response(&s);
	/* ecdsa-with-SHA256 becomes ecdsa-with-SHA1, and one that nobody knows. */
	static const uint8_t from[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
	uint8_t *copy = der_alloc(r.n), *at;

	(void)state;
	memcpy(copy, r.p, r.n);
	at = memmem(copy, r.n, from, sizeof(from));
	assert_non_null(at);
	at[7] = 0x7f;
	assert_int_equal(capcert_evidence_put_ocsp(t.e, copy, r.n), 0);
	expect_outcome(__LINE__, &t.q, UNKNOWN, "the policy does not allow", TOLD_UNKNOWN);
	t.q.policy = OCSP_HARD ";schemes=all";
	expect_outcome(__LINE__, &t.q, UNKNOWN, "algorithm is not known", TOLD_UNKNOWN);
	end_trial(&t);
}

static void distrusted(void **state)
{
	struct pki_spec s = { SIGNER, .ext = { NOCHECK } };
	struct delegation d = make_delegation(&s);
	struct response_spec r = { .issuer = d.t.f.ca,
				   .signer = d.signer,
				   .certs = { d.signer },
				   .answer[0] = { .about = d.t.f.leaf } };
	capcert_distrust_list *list;
	uint8_t fingerprint[32];
	size_t n = sizeof(fingerprint);

	(void)state;
	put_response(d.t.e, &r);
	expect_valid(&d.t.q);
	PKI(gnutls_x509_crt_get_fingerprint(d.signer->crt, GNUTLS_DIG_SHA256, fingerprint, &n));
	assert_int_equal(capcert_distrust_list_new(&list), 0);
	assert_int_equal(
		capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, fingerprint, n), 0);
	d.t.q.distrust = list;
	expect_outcome(__LINE__, &d.t.q, UNKNOWN, "on the distrust list", TOLD_UNKNOWN);
	capcert_distrust_list_free(list);
	end_delegation(&d);
}

/* A signer without nocheck can be revoked, by a list; where it names an address and nothing is known,
 * it does not count where status must be known. */
static void signer_status(void **state)
{
	static const char both[] = RFC5280 ";revocation=ocsp,crl;revocation_mode=hard"
					   ";revocation_scope=leaf";
	static const char soft[] = RFC5280 ";revocation=ocsp,crl;revocation_mode=soft"
					   ";revocation_scope=leaf";
	struct cc_span point = crldp_of(point_full(names_uri("http://crl.example/ca")));
	struct pki_spec addressed = { SIGNER, .ext = { EXT_CRLDP(point) } };
	struct pki_spec nocheck = { SIGNER, .ext = { EXT_CRLDP(point), NOCHECK } };
	struct delegation d = make_delegation(&addressed);
	struct response_spec r = { .issuer = d.t.f.ca,
				   .signer = d.signer,
				   .certs = { d.signer },
				   .answer[0] = { .about = d.t.f.leaf } };

	(void)state;
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, UNKNOWN, "it has no nocheck, and its own status",
		       TOLD_UNKNOWN);
	d.t.q.policy = both;
	expect_outcome(__LINE__, &d.t.q, UNKNOWN, "it has no nocheck", TOLD_UNKNOWN);
	d.t.q.policy = soft;
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	put_list(d.t.e, &(struct list_spec){ .issuer = d.t.f.ca,
					     .entries = 1,
					     .entry[0] = { .cert = d.signer, .reason = 1 } });
	/* The list knows nothing against the leaf, but the signer is nobody any more. */
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, TOLD_UNKNOWN);
	r.answer[0].status = CC_OCSP_REVOKED;
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, TOLD_UNKNOWN);
	end_delegation(&d);

	d = make_delegation(&addressed);
	r = (struct response_spec){ .issuer = d.t.f.ca,
				    .signer = d.signer,
				    .certs = { d.signer },
				    .answer[0] = { .about = d.t.f.leaf } };
	d.t.q.policy = both;
	put_response(d.t.e, &r);
	put_list(d.t.e, &(struct list_spec){
				.issuer = d.t.f.ca,
				.idp = idp_of(point_full(names_uri("http://crl.example/ca"))) });
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	end_delegation(&d);

	d = make_delegation(&nocheck);
	r = (struct response_spec){ .issuer = d.t.f.ca,
				    .signer = d.signer,
				    .certs = { d.signer },
				    .answer[0] = { .about = d.t.f.leaf } };
	put_response(d.t.e, &r);
	expect_outcome(__LINE__, &d.t.q, VALID, NULL, GOOD);
	end_delegation(&d);
}

/* A CRL issuer of its own path, in scope chain: its status may come from OCSP too. */
static void for_a_crl_issuer(void **state)
{
	static const char both[] = RFC5280 ";revocation=ocsp,crl;revocation_mode=hard"
					   ";revocation_scope=chain";
	struct pki_spec crl_spec = { .cn = "Lists",
				     .ca = true,
				     .usage = GNUTLS_KEY_CRL_SIGN | GNUTLS_KEY_KEY_CERT_SIGN };
	struct pki_spec signer_spec = { SIGNER, .ext = { NOCHECK } };
	struct family f = { .root = make_root() };
	struct pki *lists = pki_make(&crl_spec, f.root), *signer;
	struct cc_span point = crldp_of(point_full(names_dn(subject_of(lists))),
					der(0xa2, names_dn(subject_of(lists))));
	struct pki_spec leaf = { LEAF_SPEC, .ext = { EXT_CRLDP(point) } };
	struct trial t;

	(void)state;
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&leaf, f.ca);
	signer = pki_make(&signer_spec, f.root);
	t = ocsp_trial_of(f);
	t.q.policy = both;
	t.q.chain[2] = lists;
	put_list(t.e, &(struct list_spec){
			      .issuer = lists,
			      .idp = idp_of(point_full(names_dn(subject_of(lists))), INDIRECT) });
	put_response(t.e,
		     &(struct response_spec){ .issuer = f.root, .answer[0] = { .about = f.ca } });
	expect_reason(&t.q, UNKNOWN, 0);
	put_response(t.e, &(struct response_spec){ .issuer = f.root,
						   .signer = signer,
						   .certs = { signer },
						   .answer[0] = { .about = lists } });
	expect_valid(&t.q);
	put_response(t.e, &(struct response_spec){
				  .issuer = f.root,
				  .answer[0] = { .about = lists, .status = CC_OCSP_REVOKED } });
	expect_reason(&t.q, UNKNOWN, 0);
	pki_free(signer);
	pki_free(lists);
	end_trial(&t);
}

/* An anchor that is a bare key, and one that answers for what it issued. */
static void by_the_anchor(void **state)
{
	struct family f = { .root = make_root() };
	struct trial t;

	(void)state;
	f.leaf = make_leaf(f.root);
	t = ocsp_trial_of(f);
	t.q.chain[1] = NULL;
	put_response(t.e, &(struct response_spec){ .issuer = f.root,
						   .by_key = true,
						   .answer[0] = { .about = f.leaf } });
	expect_outcome(__LINE__, &t.q, VALID, NULL, GOOD);
	end_trial(&t);
}

/* Every signature is charged: hundreds of responses with signatures that are none end the search. */
static void costs(void **state)
{
	struct trial t = ocsp_trial();
	struct capcert_result r;
	int i;

	(void)state;
	for (i = 0; i < 150; i++)
		put_response(t.e, &(struct response_spec){ .issuer = t.f.ca,
							   .bad_signature = true,
							   .answer[0] = { .about = t.f.leaf,
									  .from = -3600,
									  .until = PKI_DAY + i } });
	r = ask(&t.q);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_BUDGET_EXHAUSTED);
	end_trial(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delegates),	     cmocka_unit_test(issued_by_another),
		cmocka_unit_test(signs_for_itself),  cmocka_unit_test(carried_or_not),
		cmocka_unit_test(named_another),     cmocka_unit_test(signatures),
		cmocka_unit_test(unknown_algorithm), cmocka_unit_test(distrusted),
		cmocka_unit_test(signer_status),     cmocka_unit_test(for_a_crl_issuer),
		cmocka_unit_test(by_the_anchor),     cmocka_unit_test(costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
