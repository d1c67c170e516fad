// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who signs revocation lists: other keys of the issuer, other issuers, and what becomes of a path
 * when one of them cannot be believed (RFC 5280 sections 5.2.5, 5.3.3 and 6.3.3 (f)). */
#include "tests/unit/crl_fixture.h"

#define CRL_SIGN .usage = GNUTLS_KEY_CRL_SIGN, .eku = { "-" }

/* cRLDistributionPoints whose one point names a cRLIssuer, and nothing else. */
static struct cc_span issued_by(struct cc_span dn)
{
	return crldp_of(der(0xa2, names_dn(dn)));
}

/* The CA of @t signs its lists with another key, certified by @issuer after @spec. */
static struct pki *second_key(struct trial *t, const struct pki_spec *spec, struct pki *issuer)
{
	struct pki *key = pki_make(spec, issuer);

	t->q.chain[2] = key;
	put_list(t->e, &(struct list_spec){ .issuer = t->f.ca, .signer = key, .akid = key });
	return key;
}

static void another_key_of_the_issuer(void **state)
{
	struct pki_spec spec = { .cn = "CA", .org = "Test", CRL_SIGN };
	struct trial t = new_trial();
	struct pki *key = second_key(&t, &spec, t.f.root);

	(void)state;
	expect_valid(&t.q);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .signer = key,
					   .from = -60,
					   .until = PKI_DAY,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	t.q.chain[2] = NULL;
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
	pki_free(key);
}

/* The certificate of that key, and what is wrong with it. */
static void expect_key_line(int line, int32_t reason, const struct pki_spec *spec)
{
	struct trial t = new_trial();
	struct pki *key = second_key(&t, spec, t.f.root);
	struct capcert_result r = ask(&t.q);

	if (r.outcome.reason != reason)
		fail_msg("line %d: %s", line, r.outcome.detail);
	end_trial(&t);
	pki_free(key);
}

#define expect_key(reason, ...)           \
	expect_key_line(__LINE__, reason, \
			&(struct pki_spec){ .org = "Test", .eku = { "-" }, __VA_ARGS__ })

static void certificates_of_list_signers(void **state)
{
	(void)state;
	expect_key(VALID, .cn = "CA", .usage = GNUTLS_KEY_CRL_SIGN);
	expect_key(VALID, .cn = "CA", .usage = ~0u);
	expect_key(VALID, .cn = "ca ", .usage = GNUTLS_KEY_CRL_SIGN);
	expect_key(UNKNOWN, .cn = "CB", .usage = GNUTLS_KEY_CRL_SIGN);
	expect_key(UNKNOWN, .cn = "CA", .usage = GNUTLS_KEY_DIGITAL_SIGNATURE);
	expect_key(UNKNOWN, .cn = "CA", .usage = GNUTLS_KEY_CRL_SIGN, .from = -2 * PKI_DAY,
		   .until = -PKI_DAY);
	expect_key(UNKNOWN, .cn = "CA", .usage = GNUTLS_KEY_CRL_SIGN, .from = PKI_DAY,
		   .until = 2 * PKI_DAY);
	expect_key(UNKNOWN, .cn = "CA", .usage = GNUTLS_KEY_CRL_SIGN, .critical = "1.2.3.4");
	expect_key(VALID, .cn = "CA", .usage = GNUTLS_KEY_CRL_SIGN, .extension = "1.2.3.4");
}

static void list_signers_need_a_path(void **state)
{
	struct pki_spec spec = { .cn = "CA", .org = "Test", CRL_SIGN };
	struct pki_spec other = { .cn = "Other Root", .ca = true };
	struct pki_spec mid_spec = { .cn = "Mid", .ca = true, .from = -9 * PKI_DAY };
	struct pki *root = pki_make(&other, NULL), *key, *mid;
	capcert_distrust_list *distrust;
	uint8_t serial[64];
	struct trial t;
	int i;

	(void)state;
	/* A path to an anchor is not enough: it must be the same anchor. */
	t = new_trial();
	t.q.anchors[1] = root;
	key = second_key(&t, &spec, root);
	put_list(t.e, &(struct list_spec){ .issuer = root });
	expect_reason(&t.q, UNKNOWN, 0);
	expect_says(&t.q, "no valid path to the same anchor");
	end_trial(&t);
	pki_free(key);
	/* By way of a CA that has expired, or one that has not. */
	for (i = 0; i < 2; i++) {
		mid_spec.until = i ? PKI_DAY : -PKI_DAY;
		t = new_trial();
		mid = pki_make(&mid_spec, t.f.root);
		key = second_key(&t, &spec, mid);
		t.q.chain[3] = mid;
		put_list(t.e, &(struct list_spec){ .issuer = mid });
		expect_reason(&t.q, i ? VALID : UNKNOWN, 0);
		end_trial(&t);
		pki_free(key);
		pki_free(mid);
	}
	/* Certified by the leaf, which is no CA. */
	t = new_trial();
	key = second_key(&t, &spec, t.f.leaf);
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
	pki_free(key);
	/* By nobody. */
	t = new_trial();
	key = second_key(&t, &spec, NULL);
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
	pki_free(key);
	/* Distrusted. */
	t = new_trial();
	key = second_key(&t, &spec, t.f.root);
	PKI(gnutls_fingerprint(GNUTLS_DIG_SHA256, &key->der, serial, &(size_t){ 32 }));
	assert_int_equal(capcert_distrust_list_new(&distrust), 0);
	assert_int_equal(
		capcert_distrust_list_add(distrust, CAPCERT_DISTRUST_FINGERPRINT, serial, 32), 0);
	expect_valid(&t.q);
	t.q.distrust = distrust;
	expect_reason(&t.q, UNKNOWN, 0);
	expect_says(&t.q, "distrust");
	capcert_distrust_list_free(distrust);
	end_trial(&t);
	pki_free(key);
	pki_free(root);
}

static void name_constraints_bind_list_signers(void **state)
{
	/* O=Test is permitted below the constrained CA, and the signer's name is another. */
	static const unsigned char test_org[] = { 0x30, 0x0f, 0x31, 0x0d, 0x30, 0x0b,
						  0x06, 0x03, 0x55, 0x04, 0x0a, 0x0c,
						  0x04, 'T',  'e',  's',  't' };
	gnutls_datum_t dn = { (unsigned char *)(uintptr_t)test_org, sizeof(test_org) };
	struct pki_spec narrow = { .cn = "Narrow", .ca = true, .permit_dn = &dn };
	struct pki_spec wide = { .cn = "Wide", .ca = true };
	struct pki_spec signer = { .cn = "Lists", CRL_SIGN };
	const struct pki_spec *above[] = { &narrow, &wide };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct family f = { .root = make_root() };
		struct pki *ca = pki_make(above[i], f.root), *lists = pki_make(&signer, ca);
		struct cc_span crldp = issued_by(subject_of(lists));
		struct pki_spec leaf = { LEAF_SPEC, .ext = { EXT_CRLDP(crldp) } };
		struct trial t;

		f.ca = make_ca(f.root);
		f.leaf = pki_make(&leaf, f.ca);
		t = new_trial_of(f);
		t.q.chain[2] = ca;
		t.q.chain[3] = lists;
		put_list(t.e, &(struct list_spec){ .issuer = ca });
		put_list(t.e, &(struct list_spec){ .issuer = lists, .idp = idp_of(INDIRECT) });
		expect_reason(&t.q, i ? VALID : UNKNOWN, 0);
		end_trial(&t);
		pki_free(lists);
		pki_free(ca);
	}
}

/* A leaf whose lists another one issues: in @lists. */
static struct trial indirect_trial(struct pki **lists)
{
	struct pki_spec signer = { .cn = "Lists", CRL_SIGN };
	struct family f = { .root = make_root() };
	struct pki_spec leaf = { LEAF_SPEC };
	struct cc_span crldp;
	struct trial t;

	*lists = pki_make(&signer, f.root);
	crldp = issued_by(subject_of(*lists));
	leaf.ext[0].oid = "2.5.29.31";
	leaf.ext[0].der = (const char *)crldp.p;
	leaf.ext[0].len = (unsigned int)crldp.n;
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&leaf, f.ca);
	t = new_trial_of(f);
	t.q.chain[2] = *lists;
	return t;
}

/* @s is the list, by the indirect issuer; entries are about the leaf's number. */
static void expect_indirect_line(int line, int32_t reason, const struct list_spec *s, bool ca_first,
				 bool persist)
{
	struct pki *lists;
	struct trial t = indirect_trial(&lists);
	struct list_spec list = *s;
	struct capcert_result r;

	list.issuer = lists;
	if (list.entries) {
		list.entry[persist ? 1 : 0].cert = t.f.leaf;
		if (ca_first)
			list.entry[0].of = t.f.ca;
	}
	put_list(t.e, &list);
	r = ask(&t.q);
	if (r.outcome.reason != reason)
		fail_msg("line %d: %s", line, r.outcome.detail);
	end_trial(&t);
	pki_free(lists);
}

#define expect_indirect(reason, ca_first, persist, ...)                                      \
	expect_indirect_line(__LINE__, reason, &(struct list_spec){ __VA_ARGS__ }, ca_first, \
			     persist)

static void indirect_lists(void **state)
{
	struct pki_spec named = { .cn = "Lists", CRL_SIGN };
	struct pki *name = pki_make(&named, NULL);
	struct cc_span dn = subject_of(name);

	(void)state;
	expect_indirect(VALID, false, false, .idp = idp_of(INDIRECT));
	/* The issuer that the certificate names must call its list indirect. */
	expect_indirect(UNKNOWN, false, false, .entries = 0);
	expect_indirect(UNKNOWN, false, false, .idp = idp_of(ONLY_USER));
	/* An entry is about the list's issuer until another one is named, and then about that one. */
	expect_indirect(VALID, false, false, .idp = idp_of(INDIRECT), .entries = 1);
	expect_indirect(REVOKED, true, false, .idp = idp_of(INDIRECT), .entries = 1);
	expect_indirect(REVOKED, true, true, .idp = idp_of(INDIRECT), .entries = 2);
	expect_indirect(VALID, true, true, .idp = idp_of(INDIRECT), .entries = 2,
			.entry[1].of = name);
	/* The point has no name of its own: the list's may be that of the cRLIssuer. */
	expect_indirect(VALID, false, false, .idp = idp_of(point_full(names_dn(dn)), INDIRECT));
	expect_indirect(UNKNOWN, false, false,
			.idp = idp_of(point_full(names_uri("http://a/")), INDIRECT));
	expect_indirect(UNKNOWN, false, false, .idp = idp_of(ONLY_CA, INDIRECT));
	pki_free(name);
}

/* Entries of other issuers in a list that is not indirect: it contradicts itself. */
static void other_issuers_in_a_direct_list(void **state)
{
	struct trial t = new_trial();

	(void)state;
	put_list(t.e, &(struct list_spec){
			      .issuer = t.f.ca, .entries = 1, .entry[0] = { .of = t.f.root } });
	expect_reason(&t.q, UNKNOWN, 0);
	/* In an indirect one of the same issuer they are about others. */
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .idp = idp_of(INDIRECT),
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf, .of = t.f.root } });
	expect_valid(&t.q);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .idp = idp_of(INDIRECT),
					   .from = -60,
					   .until = PKI_DAY,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	end_trial(&t);
}

/* One who is not named as cRLIssuer cannot speak about the certificate. */
static void uninvited_issuers(void **state)
{
	struct pki_spec signer = { .cn = "Lists", CRL_SIGN };
	struct trial t = new_trial();
	struct pki *lists = pki_make(&signer, t.f.root);

	(void)state;
	t.q.chain[2] = lists;
	put_list(t.e, &(struct list_spec){ .issuer = lists,
					   .idp = idp_of(INDIRECT),
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf, .of = t.f.ca } });
	expect_reason(&t.q, UNKNOWN, 0);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	expect_valid(&t.q);
	end_trial(&t);
	pki_free(lists);
}

static void list_signers_can_be_revoked(void **state)
{
	struct pki *lists;
	struct trial t = indirect_trial(&lists);

	(void)state;
	put_list(t.e, &(struct list_spec){ .issuer = lists, .idp = idp_of(INDIRECT) });
	expect_valid(&t.q);
	put_list(t.e, &(struct list_spec){ .issuer = t.f.root,
					   .from = -60,
					   .until = PKI_DAY,
					   .entries = 1,
					   .entry[0] = { .cert = lists } });
	expect_reason(&t.q, UNKNOWN, 0);
	/* Its certificate is not asked about where only the leaf's is. */
	t.q.policy = HARD_LEAF;
	expect_valid(&t.q);
	end_trial(&t);
	pki_free(lists);
}

/* A CRL issuer whose own status stands in its own list: what is assumed is that it holds. */
static void lists_about_their_own_signer(void **state)
{
	struct pki_spec spec = { .cn = "CA", .org = "Test", CRL_SIGN };
	struct trial t = new_trial();
	struct pki *key = pki_make(&spec, t.f.ca); /* self-issued: the list covers it */
	struct list_spec list = { .issuer = t.f.ca, .signer = key };

	(void)state;
	t.q.chain[2] = key;
	put_list(t.e, &list);
	expect_valid(&t.q);
	/* It may say that it is revoked itself ... */
	list.from = -3600;
	list.until = PKI_DAY;
	list.entries = 1;
	list.entry[0].cert = key;
	put_list(t.e, &list);
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
	pki_free(key);
	/* ... but not deny what the CA says with its own key, however new its list is. */
	t = new_trial();
	t.q.chain[2] = key = pki_make(&spec, t.f.ca);
	put_list(t.e, &(struct list_spec){
			      .issuer = t.f.ca, .entries = 1, .entry[0] = { .cert = key } });
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca,
					   .signer = key,
					   .from = -60,
					   .until = PKI_DAY,
					   .entries = 1,
					   .entry[0] = { .cert = t.f.leaf } });
	expect_valid(&t.q); /* by the CA's own list, the older one */
	end_trial(&t);
	pki_free(key);
}

/* The policy's algorithms bind lists and their signers, too. */
static void algorithms_of_lists(void **state)
{
	struct pki_spec spec = { .cn = "CA", .org = "Test", .alg = PKI_P384, CRL_SIGN };
	struct trial t = new_trial();
	struct pki *key;

	(void)state;
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca, .sha384 = true });
	expect_valid(&t.q);
	t.q.policy = HARD ";schemes=ecdsa-sha256";
	expect_reason(&t.q, UNKNOWN, 0);
	expect_says(&t.q, "algorithm that the policy does not allow");
	end_trial(&t);
	t = new_trial();
	key = second_key(&t, &spec, t.f.root);
	expect_valid(&t.q);
	t.q.policy = HARD ";algs=p256";
	expect_reason(&t.q, UNKNOWN, 0);
	end_trial(&t);
	pki_free(key);
}

/* The same CA below two roots, revoked by one of them: the other path holds. */
static void another_path_may_hold(void **state)
{
	struct pki_spec other = { .cn = "Other Root", .ca = true }, cross = { CA_SPEC };
	struct trial t = new_trial();
	struct pki *root = pki_make(&other, NULL), *ca;
	capcert_evidence *e = new_evidence();

	(void)state;
	cross.key_of = t.f.ca;
	ca = pki_make(&cross, root);
	t.q.evidence = e;
	put_list(e, &(struct list_spec){ .issuer = t.f.ca });
	put_list(e, &(struct list_spec){
			    .issuer = t.f.root, .entries = 1, .entry[0] = { .cert = t.f.ca } });
	put_list(e, &(struct list_spec){ .issuer = root });
	t.q.chain[2] = ca;
	expect_reason(&t.q, REVOKED, 1);
	t.q.anchors[1] = root;
	expect_valid(&t.q);
	/* The leaf, once revoked, is so on every path. */
	put_list(e, &(struct list_spec){ .issuer = t.f.ca,
					 .from = -60,
					 .until = PKI_DAY,
					 .entries = 1,
					 .entry[0] = { .cert = t.f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	capcert_evidence_free(e);
	end_trial(&t);
	pki_free(ca);
	pki_free(root);
}

/* decide.h: revoked before what else is wrong with the leaf; unknown only if nothing else is. */
static void order_of_reasons(void **state)
{
	struct pki_spec old = { LEAF_SPEC, .from = -20 * PKI_DAY, .until = -PKI_DAY };
	struct pki_spec old_ca = { CA_SPEC, .from = -20 * PKI_DAY, .until = -PKI_DAY };
	struct pki_spec staple = { LEAF_SPEC, .extension = "1.3.6.1.5.5.7.1.24" };
	struct family f = { .root = make_root() };
	struct trial t;

	(void)state;
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&old, f.ca);
	t = new_trial_of(f);
	expect_reason(&t.q, CAPCERT_REASON_EXPIRED, 0);
	put_list(t.e, &(struct list_spec){
			      .issuer = f.ca, .entries = 1, .entry[0] = { .cert = f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	end_trial(&t);
	f = (struct family){ .root = make_root() };
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&staple, f.ca);
	t = new_trial_of(f);
	expect_reason(&t.q, CAPCERT_REASON_MUST_STAPLE_MISSING, 0);
	put_list(t.e, &(struct list_spec){ .issuer = f.ca });
	expect_reason(&t.q, CAPCERT_REASON_MUST_STAPLE_MISSING, 0);
	end_trial(&t);
	/* What is not known is not said where something else is wrong. */
	t = (struct trial){ .f = make_family(), .e = new_evidence() };
	t.q = (struct question){ .policy = HARD,
				 .chain = { t.f.leaf, t.f.ca },
				 .anchors = { t.f.root },
				 .name = "other.example.com",
				 .evidence = t.e };
	put_list(t.e, &(struct list_spec){ .issuer = t.f.ca });
	expect_reason(&t.q, CAPCERT_REASON_NAME_MISMATCH, 0);
	assert_int_equal(ask(&t.q).path[1].reason, VALID);
	end_trial(&t);
	/* Below a CA that is not sound nobody can be asked. */
	f = (struct family){ .root = make_root() };
	f.ca = pki_make(&old_ca, f.root);
	f.leaf = make_leaf(f.ca);
	t = new_trial_of(f);
	put_list(t.e, &(struct list_spec){
			      .issuer = f.ca, .entries = 1, .entry[0] = { .cert = f.leaf } });
	expect_reason(&t.q, CAPCERT_REASON_EXPIRED, 1);
	end_trial(&t);
}

static void short_lived_leaves(void **state)
{
	struct pki_spec brief = { LEAF_SPEC, .from = -PKI_DAY, .until = PKI_DAY };
	struct family f = { .root = make_root() };
	struct trial t;

	(void)state;
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&brief, f.ca);
	t = new_trial_of(f);
	expect_reason(&t.q, UNKNOWN, 0);
	t.q.policy = RFC5280 ";revocation=crl,short-lived;revocation_mode=hard";
	expect_valid(&t.q);
	put_list(t.e, &(struct list_spec){
			      .issuer = f.ca, .entries = 1, .entry[0] = { .cert = f.leaf } });
	expect_reason(&t.q, REVOKED, 0);
	end_trial(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_key_of_the_issuer),
		cmocka_unit_test(certificates_of_list_signers),
		cmocka_unit_test(list_signers_need_a_path),
		cmocka_unit_test(name_constraints_bind_list_signers),
		cmocka_unit_test(indirect_lists),
		cmocka_unit_test(other_issuers_in_a_direct_list),
		cmocka_unit_test(uninvited_issuers),
		cmocka_unit_test(list_signers_can_be_revoked),
		cmocka_unit_test(lists_about_their_own_signer),
		cmocka_unit_test(algorithms_of_lists),
		cmocka_unit_test(another_path_may_hold),
		cmocka_unit_test(order_of_reasons),
		cmocka_unit_test(short_lived_leaves),
	};

	return cmocka_run_group_tests_name("engine/crl issuers", tests, NULL, NULL);
}
