// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Trust anchors with constraints of their own (RFC 5914, RFC 5937), with and without certificate. */
#include "tests/unit/engine_fixture.h"
#include "tests/unit/trust_anchor_build.h"
#include "core/cert.h"
#include "libcapcert/anchors.h"
#include "libcapcert/sha.h"

#define POLICY_A "2a0304"
#define POLICY_A_TEXT "1.2.3.4"
#define POLICY_B "2a0305"
#define EXPLICIT RFC5280 ";explicit_policy=yes"
#define MASK (1u << TLS_SERVER)

static capcert_store *new_store(void)
{
	capcert_store *store;

	assert_int_equal(capcert_store_new(&store), 0);
	return store;
}

static struct cc_span pki_span(const struct pki *p)
{
	return cc_span(p->der.data, p->der.size);
}

/* A raw anchor of @p's name and key, @carried: with its certificate. */
static struct info_parts info_of(const struct pki *p, bool carried)
{
	struct info_parts parts = { 0 };
	struct cc_cert cert;

	assert_int_equal(cc_cert_parse(pki_span(p), &cert), CC_CERT_OK);
	parts.key = cert.spki;
	parts.key_id = der_wrap(0x04, cert.skid);
	parts.name = cert.subject;
	if (carried)
		parts.certificate = retag(0xa0, pki_span(p));
	return parts;
}

static int put(capcert_store *store, struct cc_span der)
{
	return capcert_store_put_anchor(store, der.p, der.n, MASK);
}

static void put_info(capcert_store *store, const struct info_parts *parts)
{
	struct cc_span der = info_choice(parts);

	assert_int_equal(put(store, der), 0);
}

static void fingerprint_of(struct cc_span der, uint8_t ret[32])
{
	sha256_of(der, ret);
}

struct query {
	const char *policy; /* RFC5280 */
	struct pki *chain[4];
	const capcert_distrust_list *distrust;
	uint32_t purpose;
	const char *name; /* HOST */
};

static struct capcert_result ask_store(const capcert_store *store, const struct query *q)
{
	struct capcert_params params = { .purpose = q->purpose,
					 .have_time = 1,
					 .time = PKI_NOW,
					 .name = q->name ? q->name : HOST };
	struct pki *certs[70] = { q->chain[0], q->chain[1], q->chain[2], q->chain[3] };
	capcert_chain *chain = make_chain(certs);
	struct capcert_result result, again;
	capcert_policy *policy;
	capcert_report *report;
	const char *error = "";

	if (capcert_policy_new(q->policy ? q->policy : RFC5280, &policy, &error))
		fail_msg("%s", error);
	params.chain = chain;
	memset(&result, 0, sizeof(result));
	memset(&again, 0, sizeof(again));
	assert_int_equal(capcert_verify_local(policy, store, q->distrust, &params, &result), 0);
	assert_int_equal(
		capcert_verify_local_report(policy, store, q->distrust, &params, &again, &report),
		0);
	assert_memory_equal(&result, &again, sizeof(result));
	capcert_report_free(report);
	capcert_policy_free(policy);
	capcert_chain_free(chain);
	return result;
}

static void expect_store(int line, const capcert_store *store, const struct query *q,
			 int32_t reason, uint32_t depth)
{
	struct capcert_result r = ask_store(store, q);

	if (r.outcome.reason != reason || r.outcome.depth != depth)
		fail_msg("line %d: %s at %u: %s", line, capcert_reason_name(r.outcome.reason),
			 r.outcome.depth, r.outcome.detail);
}

#define expect(store, q, reason, depth) expect_store(__LINE__, store, q, reason, depth)

/* The family's chain under one anchor made of its root and @parts. */
static void expect_info(int line, const struct family *f, const struct info_parts *parts,
			const struct query *extra, int32_t reason, uint32_t depth)
{
	struct query q = extra ? *extra : (struct query){ 0 };
	capcert_store *store = new_store();

	if (!q.chain[0]) {
		q.chain[0] = f->leaf;
		q.chain[1] = f->ca;
	}
	put_info(store, parts);
	expect_store(line, store, &q, reason, depth);
	capcert_store_free(store);
}

#define under(f, parts, q, reason, depth) expect_info(__LINE__, f, parts, q, reason, depth)

static void raw_key(void **state)
{
	struct family f = make_family();
	struct info_parts p = info_of(f.root, false);
	struct query q = { .chain = { f.leaf, f.ca } };
	capcert_store *store = new_store();
	struct capcert_result r;
	uint8_t fp[32];

	put_info(store, &p);
	assert_int_equal(capcert_store_count(store), 1);
	r = ask_store(store, &q);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_NONE);
	assert_int_equal(r.path_count, 3);
	assert_int_equal(r.path[2].source, CAPCERT_SOURCE_ANCHOR);
	fingerprint_of(info_der(&p), fp);
	assert_memory_equal(r.path[2].fingerprint, fp, 32);
	assert_memory_equal(r.outcome.anchor, fp, 32);
	assert_true(r.path[2].not_before == INT64_MIN && r.path[2].not_after == INT64_MAX);
	assert_true(r.outcome.chain_not_after == PKI_NOW + 60 * PKI_DAY);
	assert_true(r.outcome.valid_from > INT64_MIN && r.outcome.valid_until < INT64_MAX);
	q.policy = WEBPKI;
	r = ask_store(store, &q);
	assert_true(r.path_count == 3 && r.path[2].reason == CAPCERT_REASON_NONE);
	/* The root's certificate in the chain, or the key without the tag of the choice. */
	q = (struct query){ .chain = { f.leaf, f.ca, f.root } };
	expect(store, &q, CAPCERT_REASON_NONE, 0);
	assert_int_equal(put(store, info_der(&p)), 0); /* in already */
	assert_int_equal(capcert_store_count(store), 1);
	capcert_store_free(store);
	store = new_store();
	assert_int_equal(put(store, info_der(&p)), 0);
	expect(store, &q, CAPCERT_REASON_NONE, 0);
	capcert_store_free(store);
	free_family(&f);
}

/* No time at which a raw key is too young or too old; its own certificate has an end. */
static void validity(void **state)
{
	struct pki_spec old = { ROOT_SPEC, .from = -300 * PKI_DAY, .until = -200 * PKI_DAY };
	struct pki *root = pki_make(&old, NULL), *ca = make_ca(root), *leaf = make_leaf(ca);
	struct family f = { root, ca, leaf };
	struct info_parts p = info_of(root, false);

	under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
	p = info_of(root, true);
	under(&f, &p, NULL, CAPCERT_REASON_EXPIRED, 2);
	free_family(&f);
}

static void weak_key(void **state)
{
	struct pki_spec weak = { ROOT_SPEC, .alg = PKI_RSA1024 };
	struct pki *root = pki_make(&weak, NULL), *ca = make_ca(root), *leaf = make_leaf(ca);
	struct family f = { root, ca, leaf };
	struct info_parts p = info_of(root, false);

	under(&f, &p, NULL, CAPCERT_REASON_WEAK_ALGORITHM, 2);
	free_family(&f);
}

static void wrong_key(void **state)
{
	struct family f = make_family(), other = make_family();
	struct info_parts p = info_of(other.root, false), right = info_of(f.root, false);
	struct query q = { .chain = { f.leaf, f.ca } };
	capcert_store *store = new_store();
	struct capcert_result r;

	put_info(store, &p);
	r = ask_store(store, &q);
	assert_false(r.outcome.valid);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_UNKNOWN_ANCHOR);
	/* Without a fitting key identifier to rule it out, the signature says it. */
	p.key_id = right.key_id;
	put_info(store, &p);
	r = ask_store(store, &q);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_SIGNATURE_MISMATCH);
	/* Two of the name, and a third that signed. */
	put_info(store, &right);
	assert_int_equal(capcert_store_count(store), 3);
	expect(store, &q, CAPCERT_REASON_NONE, 0);
	capcert_store_free(store);
	free_family(&f);
	free_family(&other);
}

static void names(void **state)
{
	struct family f = make_family();
	int carried;

	for (carried = 0; carried < 2; carried++) {
		struct info_parts p = info_of(f.root, carried);

		p.names = name_controls(NULL, "example.com");
		under(&f, &p, NULL, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION, 0);
		p.names = name_controls(NULL, "example.org");
		under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
		p.names = name_controls("example.com", NULL);
		under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
		p.names = name_controls("example.org", NULL);
		under(&f, &p, NULL, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION, 0);
		p.names = name_controls("example.com", "www.example.com");
		under(&f, &p, NULL, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION, 0);
	}
	free_family(&f);
}

/* RFC 5914 section 2.5: the constraints beside the certificate replace those in it. */
static void names_of_both(void **state)
{
	struct pki_spec narrow = { ROOT_SPEC, .permit_dns = "example.org" };
	struct pki *root = pki_make(&narrow, NULL), *ca = make_ca(root), *leaf = make_leaf(ca);
	struct family f = { root, ca, leaf };
	struct info_parts p = info_of(root, true);

	under(&f, &p, NULL, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION, 0);
	p.names = name_controls("example.com", NULL);
	under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
	free_family(&f);
}

static void path_length(void **state)
{
	struct family f = make_family();
	struct info_parts p = info_of(f.root, false);
	struct pki *direct = make_leaf(f.root);
	struct query q = { .chain = { direct } };

	p.path_len = der_hex("8401 00");
	under(&f, &p, NULL, CAPCERT_REASON_CHAIN_TOO_LONG, 1);
	under(&f, &p, &q, CAPCERT_REASON_NONE, 0);
	p.path_len = der_hex("8401 01");
	under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
	pki_free(direct);
	free_family(&f);
}

/* Chain with POLICY_A in CA and leaf. */
static void policy_set(void **state)
{
	struct pki_spec ca_spec = { CA_SPEC, .policy = POLICY_A_TEXT };
	struct pki_spec leaf_spec = { LEAF_SPEC, .policy = POLICY_A_TEXT };
	struct pki_spec any_spec = { CA_SPEC, .policy = "2.5.29.32.0" };
	struct pki_spec any_leaf_spec = { LEAF_SPEC, .policy = "2.5.29.32.0" };
	struct pki *root = make_root(), *ca = pki_make(&ca_spec, root);
	struct pki *leaf = pki_make(&leaf_spec, ca);
	struct pki *any_ca = pki_make(&any_spec, root),
		   *any_leaf = pki_make(&any_leaf_spec, any_ca);
	struct family f = { root, ca, leaf };
	struct info_parts p = info_of(root, false);
	struct query explicit = { .policy = EXPLICIT };
	struct query any = { .policy = EXPLICIT, .chain = { any_leaf, any_ca } };
	struct query disjoint = { .policy = EXPLICIT ";policies=1.2.3.5",
				  .chain = { any_leaf, any_ca } };

	under(&f, &p, &explicit, CAPCERT_REASON_NONE, 0);
	any.policy = EXPLICIT ";policies=none"; /* not even anyPolicy stands for one of none */
	under(&f, &p, &any, CAPCERT_REASON_POLICY_VIOLATION, 0);
	any.policy = EXPLICIT;
	p.policies = policy_control(POLICY_A);
	under(&f, &p, &explicit, CAPCERT_REASON_NONE, 0);
	under(&f, &p, &any, CAPCERT_REASON_NONE, 0);
	under(&f, &p, &disjoint, CAPCERT_REASON_POLICY_VIOLATION, 0);
	p.policies = policy_control(POLICY_B);
	under(&f, &p, &explicit, CAPCERT_REASON_POLICY_VIOLATION, 0);
	under(&f, &p, &any, CAPCERT_REASON_NONE, 0);
	under(&f, &p, &disjoint, CAPCERT_REASON_NONE, 0);
	/* Nobody asks for a policy, unless the anchor does. */
	under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
	p.flags = der_hex("8202 0640"); /* requireExplicitPolicy */
	under(&f, &p, NULL, CAPCERT_REASON_POLICY_VIOLATION, 0);
	p.policies = policy_control("551d2000"); /* anyPolicy */
	under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
	p.flags = der_hex("8202 0560"); /* and inhibitAnyPolicy */
	under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
	any.policy = NULL;
	under(&f, &p, &any, CAPCERT_REASON_POLICY_VIOLATION, 1);
	pki_free(any_leaf);
	pki_free(any_ca);
	free_family(&f);
}

static struct cc_span eku_exts(const char *oid_value)
{
	struct cc_span eku =
		der(0x30, der_hex("0603551d25"), der(0x04, der(0x30, der_hex(oid_value))));

	return der(0xa1, der(0x30, eku));
}

static void usage(void **state)
{
	struct family f = make_family();
	struct info_parts p = info_of(f.root, false);

	p.exts = eku_exts("06082b06010505070301"); /* serverAuth */
	under(&f, &p, NULL, CAPCERT_REASON_NONE, 0);
	p.exts = eku_exts("06082b06010505070304"); /* emailProtection */
	under(&f, &p, NULL, CAPCERT_REASON_BAD_EKU, 2);
	p = info_of(f.root, true);
	p.exts = eku_exts("06082b06010505070304");
	under(&f, &p, NULL, CAPCERT_REASON_BAD_EKU, 2);
	/* keyUsage without keyCertSign, basicConstraints without cA */
	p = info_of(f.root, false);
	p.exts = der_hex("a10f 300d 300b 0603551d0f 0404 03020780");
	under(&f, &p, NULL, CAPCERT_REASON_POLICY_VIOLATION, 2);
	p.exts = der_hex("a10d 300b 3009 0603551d13 0402 3000");
	under(&f, &p, NULL, CAPCERT_REASON_POLICY_VIOLATION, 2);
	free_family(&f);
}

/* Two anchors of one name and key: what constrains one leaves the other alone. */
static void one_of_two(void **state)
{
	struct family f = make_family();
	struct info_parts p = info_of(f.root, false), free_one = info_of(f.root, false);
	struct query q = { .chain = { f.leaf, f.ca } };
	capcert_store *store = new_store();
	struct capcert_result r;
	uint8_t fp[32];

	p.names = name_controls(NULL, "example.com");
	p.path_len = der_hex("8401 00");
	put_info(store, &p);
	expect(store, &q, CAPCERT_REASON_CHAIN_TOO_LONG, 1);
	put_info(store, &free_one);
	r = ask_store(store, &q);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_NONE);
	fingerprint_of(info_der(&free_one), fp);
	assert_memory_equal(r.outcome.anchor, fp, 32);
	capcert_store_free(store);
	store = new_store();
	put_info(store, &p);
	assert_int_equal(capcert_store_put(store, f.root->der.data, f.root->der.size, MASK), 0);
	expect(store, &q, CAPCERT_REASON_NONE, 0);
	capcert_store_free(store);
	free_family(&f);
}

/* A leaf that is its own anchor is a path of one; below constraints it stands under them. */
static void leaf_is_anchor(void **state)
{
	struct pki_spec self = { LEAF_SPEC, .ca = true, .eku = { GNUTLS_KP_TLS_WWW_SERVER },
				 .usage = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_DIGITAL_SIGNATURE };
	struct pki *leaf = pki_make(&self, NULL);
	struct family f = { leaf, NULL, leaf };
	struct query q = { .chain = { leaf } };
	struct info_parts p = info_of(leaf, true), bare = info_of(leaf, false);
	capcert_store *store = new_store();
	struct capcert_result r;

	assert_int_equal(capcert_store_put(store, leaf->der.data, leaf->der.size, MASK), 0);
	r = ask_store(store, &q);
	assert_true(r.outcome.valid && r.path_count == 1);
	capcert_store_free(store);
	under(&f, &p, &q, CAPCERT_REASON_NONE, 0);
	under(&f, &bare, &q, CAPCERT_REASON_NONE, 0);
	p.names = name_controls(NULL, "example.com");
	under(&f, &p, &q, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION, 0);
	bare.names = p.names;
	under(&f, &bare, &q, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION, 0);
	pki_free(leaf);
}

static void distrust(void **state)
{
	struct family f = make_family();
	struct info_parts p = info_of(f.root, false);
	struct query q = { .chain = { f.leaf, f.ca } };
	uint8_t hash[32];
	int what;

	for (what = 0; what < 3; what++) {
		capcert_distrust_list *list;

		assert_int_equal(capcert_distrust_list_new(&list), 0);
		if (what == 0) {
			sha256_of(info_der(&p), hash);
			assert_int_equal(capcert_distrust_list_add(
						 list, CAPCERT_DISTRUST_FINGERPRINT, hash, 32),
					 0);
		} else if (what == 1) {
			sha256_of(p.key, hash);
			assert_int_equal(
				capcert_distrust_list_add(list, CAPCERT_DISTRUST_SPKI, hash, 32),
				0);
		} else {
			struct cc_span entry = der_cat(p.name, der_hex("0200"), DER_END);

			/* A raw key has no serial number that could be empty. */
			assert_int_equal(capcert_distrust_list_add(list,
								   CAPCERT_DISTRUST_ISSUER_SERIAL,
								   entry.p, entry.n),
					 0);
		}
		q.distrust = list;
		under(&f, &p, &q, what < 2 ? CAPCERT_REASON_DISTRUSTED : CAPCERT_REASON_NONE,
		      what < 2 ? 2 : 0);
		capcert_distrust_list_free(list);
	}
	free_family(&f);
}

static void tbs_choice(void **state)
{
	struct family f = make_family();
	struct query q = { .chain = { f.leaf, f.ca } };
	capcert_store *store = new_store();
	struct capcert_result r;
	struct cc_cert cert;
	uint8_t fp[32];

	assert_int_equal(cc_cert_parse(pki_span(f.root), &cert), CC_CERT_OK);
	assert_int_equal(put(store, der_wrap(0xa1, cert.tbs)), 0);
	r = ask_store(store, &q);
	assert_int_equal(r.outcome.reason, CAPCERT_REASON_NONE);
	sha256_of(cert.tbs, fp);
	assert_memory_equal(r.outcome.anchor, fp, 32);
	assert_true(r.path[2].not_after == cert.not_after);
	capcert_store_free(store);
	free_family(&f);
}

static void list_all_or_none(void **state)
{
	struct family f = make_family(), g = make_family();
	struct info_parts p = info_of(f.root, true), q = info_of(f.root, true);
	struct info_parts nameless = info_of(g.root, false);
	struct cc_span cert = pki_span(g.root), list;
	capcert_store *store = new_store();

	p.names = name_controls("example.com", NULL);
	list = der(0x30, cert, info_choice(&p), cert);
	assert_int_equal(put(store, list), 0);
	assert_int_equal(capcert_store_count(store), 2);
	assert_int_equal(put(store, list), 0); /* all of it is there */
	assert_int_equal(capcert_store_count(store), 2);
	capcert_store_free(store);
	store = new_store();
	/* One that cannot be read, one without a name, one that contradicts another. */
	assert_int_equal(put(store, der(0x30, cert, info_choice(&p), der_hex("a2023000"))),
			 -EBADMSG);
	nameless.no_controls = true;
	assert_int_equal(put(store, info_choice(&nameless)), -EINVAL);
	assert_int_equal(put(store, der(0x30, cert, info_choice(&nameless))), -EINVAL);
	assert_int_equal(put(store, der(0x30, cert, info_choice(&p), info_choice(&q))), -EEXIST);
	assert_int_equal(capcert_store_count(store), 0);
	assert_int_equal(capcert_store_put_anchor(store, list.p, list.n, 1u << 31), -EINVAL);
	assert_int_equal(capcert_store_put_anchor(store, NULL, 0, 0), -EBADMSG);
	capcert_store_free(store);
	free_family(&f);
	free_family(&g);
}

static void digest_of(capcert_store *store, uint8_t ret[32])
{
	assert_int_equal(anchors_ready(store), 0);
	memcpy(ret, anchors_digest(store), 32);
}

/* The same certificate with other constraints is refused, and nothing changes. */
static void conflicts_and_digests(void **state)
{
	struct family f = make_family();
	struct info_parts p = info_of(f.root, true), other = info_of(f.root, true);
	struct query q = { .chain = { f.leaf, f.ca }, .purpose = CAPCERT_PURPOSE_TLS_CLIENT_AUTH };
	capcert_store *a = new_store(), *b = new_store(), *c = new_store();
	uint8_t da[32], db[32], dc[32], again[32];

	p.names = name_controls("example.com", NULL);
	other.names = name_controls("example.org", NULL);
	put_info(a, &p);
	put_info(b, &other);
	assert_int_equal(capcert_store_put(c, f.root->der.data, f.root->der.size, MASK), 0);
	digest_of(a, da);
	digest_of(b, db);
	digest_of(c, dc);
	assert_memory_not_equal(da, db, 32);
	assert_memory_not_equal(da, dc, 32);
	assert_memory_not_equal(db, dc, 32);
	assert_int_equal(put(a, info_choice(&other)), -EEXIST);
	assert_int_equal(put(c, info_choice(&p)), -EEXIST);
	/* Not even a purpose comes from the certificate without constraints. */
	assert_int_equal(capcert_store_put(a, f.root->der.data, f.root->der.size, 1u << q.purpose),
			 -EEXIST);
	digest_of(a, again);
	assert_memory_equal(da, again, 32);
	digest_of(c, again);
	assert_memory_equal(dc, again, 32);
	assert_false(ask_store(a, &q).outcome.valid);
	/* The same anchor for another purpose: purposes are united. */
	assert_int_equal(
		capcert_store_put_anchor(a, info_choice(&p).p, info_choice(&p).n, 1u << q.purpose),
		0);
	digest_of(a, again);
	assert_memory_not_equal(da, again, 32);
	capcert_store_free(a);
	capcert_store_free(b);
	capcert_store_free(c);
	free_family(&f);
}

static void limits(void **state)
{
	struct family f = make_family();
	struct query q = { .chain = { f.leaf, f.ca } };
	struct capcert_anchor_limits l = { .size = sizeof(l) };
	capcert_store *store = new_store();
	uint8_t fp[32], plain[32], now[32];
	struct cc_cert leaf;

	assert_int_equal(cc_cert_parse(pki_span(f.leaf), &leaf), CC_CERT_OK);
	sha256_of(pki_span(f.root), fp);
	assert_int_equal(capcert_store_limit(store, fp, &l), -ENOENT);
	assert_int_equal(capcert_store_put(store, f.root->der.data, f.root->der.size, MASK), 0);
	digest_of(store, plain);
	l.have_distrust_after = 1;
	l.distrust_after = leaf.not_before;
	assert_int_equal(capcert_store_limit(store, fp, &l), 0);
	expect(store, &q, CAPCERT_REASON_NONE, 0);
	digest_of(store, now);
	assert_memory_not_equal(plain, now, 32);
	l.distrust_after--;
	assert_int_equal(capcert_store_limit(store, fp, &l), 0);
	expect(store, &q, CAPCERT_REASON_DISTRUSTED, 2);
	/* Putting it again does not help; taking the limits away does. */
	assert_int_equal(capcert_store_put(store, f.root->der.data, f.root->der.size, MASK),
			 -EEXIST);
	expect(store, &q, CAPCERT_REASON_DISTRUSTED, 2);
	l.have_distrust_after = 0;
	assert_int_equal(capcert_store_limit(store, fp, &l), 0);
	expect(store, &q, CAPCERT_REASON_NONE, 0);
	digest_of(store, now);
	assert_memory_equal(plain, now, 32);
	l.purposes = 1u << CAPCERT_PURPOSE_EMAIL_SMIME;
	assert_int_equal(capcert_store_limit(store, fp, &l), 0);
	assert_false(ask_store(store, &q).outcome.valid);
	assert_int_equal(capcert_store_put(store, f.root->der.data, f.root->der.size, MASK),
			 -EEXIST);
	assert_false(ask_store(store, &q).outcome.valid);
	l.purposes = 1u << 31;
	assert_int_equal(capcert_store_limit(store, fp, &l), -EINVAL);
	l.purposes = 0;
	l.size = sizeof(l) - 1;
	assert_int_equal(capcert_store_limit(store, fp, &l), -EINVAL);
	capcert_store_free(store);
	free_family(&f);
}

/* A leaf that is its own anchor, and a later version's limits. */
static void limits_of_leaf(void **state)
{
	struct pki_spec self = { LEAF_SPEC, .ca = true, .eku = { GNUTLS_KP_TLS_WWW_SERVER },
				 .usage = GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_DIGITAL_SIGNATURE };
	struct pki *leaf = pki_make(&self, NULL);
	struct query q = { .chain = { leaf } };
	struct {
		struct capcert_anchor_limits l;
		uint64_t later;
	} l = { { .size = sizeof(l), .have_distrust_after = 1, .distrust_after = 0 }, 0 };
	capcert_store *store = new_store();
	uint8_t fp[32];

	sha256_of(pki_span(leaf), fp);
	assert_int_equal(capcert_store_put(store, leaf->der.data, leaf->der.size, MASK), 0);
	expect(store, &q, CAPCERT_REASON_NONE, 0);
	assert_int_equal(capcert_store_limit(store, fp, &l.l), 0);
	assert_int_equal(ask_store(store, &q).outcome.reason, CAPCERT_REASON_DISTRUSTED);
	l.later = 1;
	l.l.have_distrust_after = 0;
	assert_int_equal(capcert_store_limit(store, fp, &l.l), -E2BIG);
	assert_int_equal(ask_store(store, &q).outcome.reason, CAPCERT_REASON_DISTRUSTED);
	capcert_store_free(store);
	pki_free(leaf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_key),
		cmocka_unit_test(validity),
		cmocka_unit_test(weak_key),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(names),
		cmocka_unit_test(names_of_both),
		cmocka_unit_test(path_length),
		cmocka_unit_test(policy_set),
		cmocka_unit_test(usage),
		cmocka_unit_test(one_of_two),
		cmocka_unit_test(leaf_is_anchor),
		cmocka_unit_test(distrust),
		cmocka_unit_test(tbs_choice),
		cmocka_unit_test(list_all_or_none),
		cmocka_unit_test(conflicts_and_digests),
		cmocka_unit_test(limits),
		cmocka_unit_test(limits_of_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
