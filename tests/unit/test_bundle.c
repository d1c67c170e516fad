// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capcert/bundle.h: made, signed, opened, applied; and each thing that must not go through. */
#include "tests/unit/der_text.h"
#include "tests/unit/engine_fixture.h"
#include <capcert/bundle.h>
#include "core/trust_anchor.h"
#include "libcapcert/der_write.h"
#include "libcapcert/sha.h"

#define MASK(name) (1u << CAPCERT_PURPOSE_##name)

static struct pki *roots[3], *signer, *late, *other, *curve;
static char *key_pem;

static struct pki *make(const char *cn, enum pki_key alg, int64_t from, int64_t until)
{
	struct pki_spec s = { .cn = cn, .ca = true, .alg = alg, .from = from, .until = until };

	return pki_make(&s, NULL);
}

static char *pem_of(struct pki *p)
{
	gnutls_datum_t out;

	PKI(gnutls_x509_privkey_export2(p->key, GNUTLS_X509_FMT_PEM, &out));
	return (char *)out.data;
}

static int setup(void **state)
{
	roots[0] = make("root a", PKI_P256, 0, 0);
	roots[1] = make("root b", PKI_P256, 0, 0);
	roots[2] = make("root c", PKI_P256, 0, 0);
	signer = make("signer", PKI_RSA, 0, 0);
	late = make("late", PKI_RSA, -60 * PKI_DAY, -1 * PKI_DAY);
	other = make("signer", PKI_RSA, 0, 0);
	curve = make("curve", PKI_P256, 0, 0);
	key_pem = pem_of(signer);
	return 0;
}

static int teardown(void **state)
{
	size_t i;

	for (i = 0; i < 3; i++)
		pki_free(roots[i]);
	pki_free(signer);
	pki_free(late);
	pki_free(other);
	pki_free(curve);
	gnutls_free(key_pem);
	return 0;
}

static struct cc_span root(int i)
{
	return cc_span(roots[i]->der.data, roots[i]->der.size);
}

static void print_of(int i, uint8_t ret[32])
{
	sha256_of(root(i), ret);
}

static capcert_cert *cert_of(const struct pki *p)
{
	capcert_cert *cert;

	assert_int_equal(capcert_cert_new(p->der.data, p->der.size, &cert, NULL), 0);
	return cert;
}

static capcert_bundle_builder *begin(uint32_t kind, uint64_t number)
{
	capcert_bundle_builder *b;

	assert_int_equal(capcert_bundle_new(kind, "web", number, &b), 0);
	assert_int_equal(capcert_bundle_set_created(b, PKI_NOW), 0);
	return b;
}

static int add(capcert_bundle_builder *b, int i, const struct capcert_bundle_constraints *c)
{
	return capcert_bundle_add_certificate(b, root(i).p, root(i).n, c);
}

/* The content, in memory that lives on. */
static struct cc_span finish(capcert_bundle_builder *b)
{
	const char *error = "?";
	struct cc_span kept;
	uint8_t *der;
	size_t n;

	if (capcert_bundle_content(b, &der, &n, &error))
		fail_msg("%s", error);
	kept = der_exact(cc_span(der, n));
	free(der);
	capcert_bundle_builder_free(b);
	return kept;
}

static capcert_bundle *load(struct cc_span content)
{
	const char *error = "?";
	capcert_bundle *b;

	if (capcert_bundle_open_unsigned(content.p, content.n, &b, &error))
		fail_msg("%s", error);
	return b;
}

static capcert_bundle *store_of(uint64_t number, const int *which, size_t count)
{
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_STORE, number);
	size_t i;

	for (i = 0; i < count; i++)
		assert_int_equal(add(b, which[i], NULL), 0);
	return load(finish(b));
}

static void same_bytes(void **state)
{
	capcert_bundle_builder *a = begin(CAPCERT_BUNDLE_STORE, 3);
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_STORE, 3);
	capcert_bundle *opened;
	struct capcert_bundle_info info;
	struct cc_span first;
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(add(a, i, NULL), 0);
		assert_int_equal(add(b, 2 - i, NULL), 0);
	}
	assert_int_equal(add(a, 1, NULL), -EEXIST);
	first = finish(a);
	assert_true(cc_span_equal(first, finish(b)));
	opened = load(first);
	capcert_bundle_get(opened, &info);
	assert_true(info.kind == CAPCERT_BUNDLE_STORE && info.number == 3 && info.anchors == 3);
	assert_true(info.created == PKI_NOW && !info.have_expires && info.signer == SIZE_MAX);
	assert_string_equal(info.name, "web");
	assert_string_equal(info.of, "");
	assert_int_equal(info.purposes, MASK(TLS_SERVER_AUTH));
	assert_true(cc_span_equal(cc_span(info.content, info.content_len), first));
	capcert_bundle_free(opened);
	capcert_bundle_free(NULL);
	capcert_bundle_builder_free(NULL);
}

static struct capcert_bundle_constraints limits(void)
{
	struct capcert_bundle_constraints c = { .size = sizeof(c) };

	return c;
}

/* Back through the parser: every constraint says what it was given. */
static void constraints(void **state)
{
	static const char *const permitted[] = { "example.com",		  "ip:10.0.0.0/8",
						 "ip:2001:db8::/32",	  "email:example.com",
						 "uri:example.com",	  "email:a+b@example.com",
						 "dns:.example.com",	  "email:.example.com",
						 "uri:.a-b.example_1.com" };
	static const char *const excluded[] = { "dns:bad.example.com" };
	struct capcert_bundle_constraints c = limits();
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_STORE, 1);
	struct cc_trust_anchor ta;
	struct cc_general_name gn;
	struct cc_span rest;
	capcert_bundle *opened;
	const uint8_t *der;
	size_t n;
	unsigned int count = 0;

	c.purposes = MASK(TLS_SERVER_AUTH);
	c.have_distrust_after = c.have_sct_distrust_after = c.have_path_len = 1;
	c.distrust_after = PKI_NOW + 1;
	c.sct_distrust_after = PKI_NOW + 2;
	c.path_len = 300;
	c.permitted = permitted;
	c.permitted_count = CC_ARRAY_SIZE(permitted);
	c.excluded = excluded;
	c.excluded_count = 1;
	assert_int_equal(capcert_bundle_set_purposes(b, MASK(TLS_SERVER_AUTH) | MASK(EMAIL_SMIME)),
			 0);
	assert_int_equal(add(b, 0, &c), 0);
	opened = load(finish(b));
	assert_int_equal(capcert_bundle_anchor_at(opened, 1, &der, &n), -ENOENT);
	assert_int_equal(capcert_bundle_anchor_at(opened, 0, &der, &n), 0);
	assert_int_equal(cc_trust_anchor_parse(cc_span(der, n), &ta), 0);
	assert_int_equal(ta.purposes, MASK(TLS_SERVER_AUTH));
	assert_true(ta.has_distrust_after && ta.distrust_after == PKI_NOW + 1);
	assert_true(ta.has_sct_distrust_after && ta.sct_distrust_after == PKI_NOW + 2);
	assert_int_equal(ta.cert.path_len, 300);
	for (rest = ta.cert.permitted; cc_subtree_next(&rest, &gn) == 1; count++)
		if (gn.type == CC_GN_IP && gn.value.n == 8)
			assert_memory_equal(gn.value.p, "\x0a\0\0\0\xff\0\0\0", 8);
	assert_int_equal(count, CC_ARRAY_SIZE(permitted));
	rest = ta.cert.excluded;
	assert_int_equal(cc_subtree_next(&rest, &gn), 1);
	assert_true(cc_span_equal(gn.value, der_str("bad.example.com")));
	capcert_bundle_free(opened);
}

static void bad_constraints(void **state)
{
	static const char *const bad[] = {
		"",
		"ip:10.0.0.0",
		"ip:10.0.0.0/33",
		"ip:10.1.0.0/8",
		"ip:x/8",
		"dns:",
		"*.example.com",
		"exa mple.com",
		"ip:10.0.0.0/8x",
		"b\xc3\xbc",
		/* What would have meant something else than it says. */
		"DNS:example.com",
		"Dns:example.com",
		"IP:10.0.0.0/8",
		"dsn:example.com",
		"dns:dns:a",
		"10.0.0.0",
		"10.0.0.0/8",
		"dns:10.0.0.0",
		"2001:db8::/32",
		"dns:example.com/",
		"uri:https://example.com",
		"uri:example.com/path",
		"email:mailto:a@example.com",
		"email:@example.com",
		"email:a@b@example.com",
		"email:a@",
		"a@example.com",
		"uri:10.0.0.1",
	};
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_STORE, 1);
	struct capcert_bundle_constraints c;
	struct pki_spec s = { .cn = "named", .ca = true, .permit_dns = "example.org" };
	struct pki *named = pki_make(&s, NULL);
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++) {
		c = limits();
		c.excluded = &bad[i];
		c.excluded_count = 1;
		assert_int_equal(add(b, 0, &c), -EINVAL);
	}
	c = limits();
	c.purposes = 1u << 31;
	assert_int_equal(add(b, 0, &c), -EINVAL);
	c.purposes = 1;
	c.size--;
	assert_int_equal(add(b, 0, &c), -EINVAL);
	c = limits();
	c.have_path_len = 1;
	c.path_len = 0x80000000u;
	assert_int_equal(add(b, 0, &c), -EINVAL);
	c = limits();
	c.have_distrust_after = 1;
	c.distrust_after = INT64_MAX;
	assert_int_equal(add(b, 0, &c), -EINVAL);
	/* its own constraints would be replaced */
	c = limits();
	c.permitted = (const char *const[]){ "example.com" };
	c.permitted_count = 1;
	assert_int_equal(capcert_bundle_add_certificate(b, named->der.data, named->der.size, &c),
			 -EINVAL);
	assert_int_equal(capcert_bundle_add_certificate(b, (const uint8_t *)"x", 1, NULL),
			 -EBADMSG);
	assert_int_equal(capcert_bundle_add_anchor(b, (const uint8_t *)"x", 1), -EBADMSG);
	pki_free(named);
	capcert_bundle_builder_free(b);
}

static void heads(void **state)
{
	capcert_bundle_builder *b;
	const char *error;
	uint8_t *der;
	size_t n;

	assert_int_equal(capcert_bundle_new(4, "a", 1, &b), -EINVAL);
	assert_int_equal(capcert_bundle_new(0, "A", 1, &b), -EINVAL);
	assert_int_equal(capcert_bundle_new(0, "a", 0, &b), -EINVAL);
	assert_int_equal(capcert_bundle_new(CAPCERT_BUNDLE_DELTA, "a", 1, &b), -EINVAL);
	assert_int_equal(capcert_bundle_new(0, "a", 1ull << 63, &b), -EINVAL);
	assert_int_equal(capcert_bundle_new(CAPCERT_BUNDLE_OVERRIDE, "a", 1, &b), 0);
	assert_int_equal(capcert_bundle_content(b, &der, &n, &error), -EINVAL);
	assert_int_equal(capcert_bundle_set_created(b, INT64_MAX), -EINVAL);
	assert_int_equal(capcert_bundle_set_created(b, PKI_NOW), 0);
	assert_int_equal(capcert_bundle_content(b, &der, &n, NULL), -EINVAL);
	assert_int_equal(capcert_bundle_set_of(b, "no/name"), -EINVAL);
	assert_int_equal(capcert_bundle_set_of(b, "web"), 0);
	assert_int_equal(capcert_bundle_set_expires(b, INT64_MIN), -EINVAL);
	assert_int_equal(capcert_bundle_set_expires(b, PKI_NOW), 0);
	assert_int_equal(capcert_bundle_content(b, &der, &n, &error), -EINVAL);
	assert_int_equal(capcert_bundle_set_purposes(b, 0), -EINVAL);
	assert_int_equal(capcert_bundle_set_purposes(b, 1u << 8), -EINVAL);
	assert_int_equal(capcert_bundle_add_distrust(b, 1, error, 32), -EINVAL);
	capcert_bundle_builder_free(b);
	b = begin(CAPCERT_BUNDLE_STORE, 1);
	assert_int_equal(capcert_bundle_set_of(b, "web"), -EINVAL);
	assert_int_equal(capcert_bundle_remove(b, root(0).p), -EINVAL);
	capcert_bundle_builder_free(b);
	assert_string_equal(capcert_bundle_kind_name(CAPCERT_BUNDLE_DELTA), "delta");
	assert_null(capcert_bundle_kind_name(4));
}

static void distrust_lists(void **state)
{
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_DISTRUST, 1);
	struct cc_span pair = der_text("30{31{30{0603550403 0c{'A'}}}} 020105");
	capcert_distrust_list *list;
	static uint8_t large[2049];
	capcert_bundle *opened;
	const uint8_t *value;
	uint8_t hash[32];
	uint32_t what;
	size_t n;

	print_of(0, hash);
	assert_int_equal(capcert_bundle_set_purposes(b, 1), -EINVAL);
	assert_int_equal(capcert_bundle_add_distrust(b, 3, pair.p, pair.n), 0);
	assert_int_equal(capcert_bundle_add_distrust(b, 2, hash, 32), 0);
	assert_int_equal(capcert_bundle_add_distrust(b, 1, hash, 32), 0);
	assert_int_equal(capcert_bundle_add_distrust(b, 1, hash, 32), -EEXIST);
	assert_int_equal(capcert_bundle_add_distrust(b, 1, hash, 31), -EINVAL);
	assert_int_equal(capcert_bundle_add_distrust(b, 0, hash, 32), -EINVAL);
	assert_int_equal(capcert_bundle_add_distrust(b, 4, hash, 32), -EINVAL);
	assert_int_equal(capcert_bundle_add_distrust(b, 3, hash, 32), -EINVAL);
	assert_int_equal(capcert_bundle_add_distrust(b, 3, large, sizeof(large)), -EMSGSIZE);
	assert_int_equal(add(b, 0, NULL), -EINVAL);
	assert_int_equal(capcert_bundle_add_anchor(b, root(0).p, root(0).n), -EINVAL);
	opened = load(finish(b));
	assert_int_equal(capcert_bundle_entry_at(opened, 2, &what, &value, &n), 0);
	assert_true(what == 3 && cc_span_equal(cc_span(value, n), pair));
	assert_int_equal(capcert_bundle_entry_at(opened, 3, &what, &value, &n), -ENOENT);
	assert_int_equal(capcert_distrust_list_new(&list), 0);
	assert_int_equal(capcert_bundle_distrust(opened, list), 0);
	assert_int_equal(capcert_bundle_apply(opened, NULL, (capcert_store **)&value), -EINVAL);
	capcert_distrust_list_free(list);
	capcert_bundle_free(opened);
	opened = store_of(1, NULL, 0);
	assert_int_equal(capcert_bundle_distrust(opened, NULL), -EINVAL);
	assert_null(capcert_bundle_removed_at(opened, 0));
	capcert_bundle_free(opened);
}

/* ---- signing and opening ---- */

static int sign(struct cc_span content, struct pki *by, const char *pem, struct cc_span *ret)
{
	capcert_cert *cert = cert_of(by);
	const char *error = NULL;
	uint8_t *der;
	size_t n;
	int r = capcert_bundle_sign(content.p, content.n, cert, pem, PKI_NOW, &der, &n, &error);

	capcert_cert_free(cert);
	if (r == 0) {
		*ret = der_exact(cc_span(der, n));
		free(der);
	} else {
		assert_non_null(error);
	}
	return r;
}

static int open_at(struct cc_span der, struct pki *const *who, size_t count, int64_t time,
		   size_t *ret_signer)
{
	capcert_cert *certs[4] = { 0 };
	struct capcert_bundle_info info;
	const char *error = NULL;
	capcert_bundle *b;
	size_t i;
	int r;

	for (i = 0; i < count; i++)
		certs[i] = cert_of(who[i]);
	r = capcert_bundle_open(der.p, der.n, (const capcert_cert *const *)certs, count, time, &b,
				&error);
	for (i = 0; i < count; i++)
		capcert_cert_free(certs[i]);
	if (r < 0) {
		assert_non_null(error);
		return r;
	}
	capcert_bundle_get(b, &info);
	if (ret_signer)
		*ret_signer = info.signer;
	capcert_bundle_free(b);
	return 0;
}

static struct cc_span content_of_one(bool expires)
{
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_STORE, 1);

	assert_int_equal(add(b, 0, NULL), 0);
	if (expires)
		assert_int_equal(capcert_bundle_set_expires(b, PKI_NOW + PKI_DAY), 0);
	return finish(b);
}

static void signatures(void **state)
{
	struct pki *const both[] = { other, signer }, *const wrong[] = { other, curve };
	struct cc_span der, bad, content = content_of_one(true);
	size_t which = 9, i;

	assert_int_equal(sign(content, signer, key_pem, &der), 0);
	assert_int_equal(open_at(der, both, 2, PKI_NOW, &which), 0);
	assert_int_equal(which, 1);
	assert_int_equal(open_at(der, wrong, 2, PKI_NOW, NULL), -ENOKEY);
	assert_int_equal(open_at(der, NULL, 0, PKI_NOW, NULL), -ENOKEY);
	assert_int_equal(open_at(der, both, 2, PKI_NOW + PKI_DAY, NULL), 0);
	assert_int_equal(open_at(der, both, 2, PKI_NOW + PKI_DAY + 1, NULL), -EKEYEXPIRED);
	assert_int_equal(open_at(der, both, 2, PKI_NOW + 61 * PKI_DAY, NULL), -EKEYEXPIRED);
	assert_int_equal(open_at(der, both, 2, PKI_NOW - 31 * PKI_DAY, NULL), -EKEYEXPIRED);
	/* Every octet counts. */
	for (i = 0; i < der.n; i++) {
		bad = der_exact(der);
		((uint8_t *)(uintptr_t)bad.p)[i] ^= 0x01;
		assert_true(open_at(bad, both, 2, PKI_NOW, NULL) < 0);
		der_free(bad);
		bad = der_exact(cc_span(der.p, i));
		assert_int_equal(open_at(bad, both, 2, PKI_NOW, NULL), -EBADMSG);
		der_free(bad);
	}
	assert_int_equal(open_at(der_cat(der, der_hex("00"), DER_END), both, 2, PKI_NOW, NULL),
			 -EBADMSG);
}

/* The same issuer and serial number, another key. */
static void borrowed_name(void **state)
{
	struct pki_spec s = { .cn = "twin", .ca = true, .alg = PKI_RSA, .serial = 7 };
	struct pki *a = pki_make(&s, NULL), *b = pki_make(&s, NULL);
	char *pem = pem_of(a);
	struct cc_span der;

	assert_int_equal(sign(content_of_one(false), a, pem, &der), 0);
	assert_int_equal(open_at(der, &a, 1, PKI_NOW, NULL), 0);
	assert_int_equal(open_at(der, &b, 1, PKI_NOW, NULL), -EKEYREJECTED);
	s.alg = PKI_P256;
	pki_free(b);
	b = pki_make(&s, NULL);
	assert_int_equal(open_at(der, &b, 1, PKI_NOW, NULL), -EKEYREJECTED);
	gnutls_free(pem);
	pki_free(a);
	pki_free(b);
}

static void signers_refused(void **state)
{
	char *curve_pem = pem_of(curve), *late_pem = pem_of(late);
	struct cc_span der, content = content_of_one(false);

	assert_int_equal(sign(content, late, late_pem, &der), -EKEYEXPIRED);
	assert_int_equal(sign(content, curve, curve_pem, &der), -EOPNOTSUPP);
	assert_int_equal(sign(content, signer, curve_pem, &der), -EOPNOTSUPP);
	assert_int_equal(sign(content, signer, late_pem, &der), -EKEYREJECTED);
	assert_int_equal(sign(content, signer, "no key", &der), -EINVAL);
	assert_int_equal(sign(cc_span(content.p, content.n - 1), signer, key_pem, &der), -EBADMSG);
	gnutls_free(curve_pem);
	gnutls_free(late_pem);
}

static void opened_unsigned(void **state)
{
	struct cc_span der, content = content_of_one(false);
	const char *error = NULL;
	capcert_bundle *b;
	size_t n;

	assert_int_equal(sign(content, signer, key_pem, &der), 0);
	capcert_bundle_free(load(der));
	capcert_bundle_free(load(content));
	for (n = 0; n < der.n; n++) {
		struct cc_span part = der_exact(cc_span(der.p, n));

		assert_int_equal(capcert_bundle_open_unsigned(part.p, n, &b, &error), -EBADMSG);
		assert_non_null(error);
		der_free(part);
	}
	/* lengths that no memory holds */
	for (n = 0; n < 20; n++) {
		struct cc_span noise = der_exact(der_text("*20(ff)"));

		noise.n = n;
		assert_int_equal(capcert_bundle_open_unsigned(noise.p, n, &b, &error), -EBADMSG);
	}
}

/* Contents that the builder would not write. */
static void bad_contents(void **state)
{
	static const char head[] = "020101 0a0100 0c{'w'} 020101 18{'20260101000000Z'} 03020780";
	struct cc_span a = root(0), b = root(1), swap;
	uint8_t fa[32], fb[32];
	capcert_bundle *opened;
	const char *error;
	struct cc_span der;

	print_of(0, fa);
	print_of(1, fb);
	if (memcmp(fa, fb, 32) > 0) {
		swap = a;
		a = b;
		b = swap;
	}
	der = der(0x30, der_text(head), der(0xa4, a, b));
	capcert_bundle_free(load(der));
	der = der(0x30, der_text(head), der(0xa4, b, a));
	assert_int_equal(capcert_bundle_open_unsigned(der.p, der.n, &opened, &error), -EBADMSG);
	der = der(0x30, der_text(head), der(0xa4, a, a));
	assert_int_equal(capcert_bundle_open_unsigned(der.p, der.n, &opened, &error), -EBADMSG);
	der = der(0x30, der_text(head), der(0xa4, a, der_text("a2{3000}")));
	assert_int_equal(capcert_bundle_open_unsigned(der.p, der.n, &opened, &error), -EBADMSG);
}

/* ---- stores ---- */

static capcert_store *apply(const capcert_bundle *b, const capcert_store *base)
{
	capcert_store *store;

	assert_int_equal(capcert_bundle_apply(b, base, &store), 0);
	return store;
}

static void same_digest(const capcert_store *a, const capcert_store *b)
{
	uint8_t x[32], y[32];

	assert_int_equal(capcert_store_digest(a, x), 0);
	assert_int_equal(capcert_store_digest(b, y), 0);
	assert_memory_equal(x, y, 32);
}

/* A bundle of certificates makes the store that putting them makes. */
static void plain_store(void **state)
{
	struct pki *all[] = { roots[0], roots[1], roots[2], NULL };
	capcert_store *by_hand = make_store(all, MASK(TLS_SERVER_AUTH));
	capcert_bundle *b = store_of(1, (const int[]){ 0, 1, 2 }, 3);
	capcert_store *store = apply(b, NULL), *none;
	struct capcert_store_anchor a;

	same_digest(by_hand, store);
	assert_int_equal(capcert_store_at(store, 0, &a), 0);
	assert_true(a.plain && a.der_len && a.purposes == MASK(TLS_SERVER_AUTH));
	assert_int_equal(capcert_store_at(store, 3, &a), -ENOENT);
	assert_int_equal(capcert_bundle_apply(b, store, &none), -EINVAL);
	capcert_store_free(by_hand);
	capcert_store_free(store);
	capcert_bundle_free(b);
}

static void deltas(void **state)
{
	struct capcert_bundle_constraints c = limits();
	capcert_bundle_builder *builder = begin(CAPCERT_BUNDLE_STORE, 6);
	capcert_bundle *from = store_of(5, (const int[]){ 0, 1 }, 2), *to, *delta, *empty;
	capcert_store *old = apply(from, NULL), *new, *changed, *none;
	struct cc_span der;
	uint8_t *content;
	size_t n;

	c.have_distrust_after = 1;
	c.distrust_after = PKI_NOW;
	assert_int_equal(capcert_bundle_set_purposes(builder, 3), 0);
	assert_int_equal(add(builder, 1, &c), 0);
	assert_int_equal(add(builder, 2, NULL), 0);
	to = load(finish(builder));
	assert_int_equal(capcert_bundle_delta(from, to, &content, &n), 0);
	der = der_exact(cc_span(content, n));
	free(content);
	delta = load(der);
	assert_non_null(capcert_bundle_removed_at(delta, 0));
	assert_null(capcert_bundle_removed_at(delta, 1));
	changed = apply(delta, old);
	new = apply(to, NULL);
	same_digest(changed, new);
	/* once more, on what came of it, or on another store, or on none */
	assert_int_equal(capcert_bundle_apply(delta, changed, &none), -ESTALE);
	assert_int_equal(capcert_bundle_apply(delta, NULL, &none), -EINVAL);
	assert_int_equal(capcert_bundle_delta(to, from, &content, &n), -EINVAL);
	assert_int_equal(capcert_bundle_delta(from, delta, &content, &n), -EINVAL);
	/* a store that somebody touched is no longer the bundle's */
	assert_int_equal(capcert_store_put(old, root(2).p, root(2).n, 1), 0);
	assert_int_equal(capcert_bundle_apply(delta, old, &none), -ESTALE);
	empty = store_of(5, NULL, 0);
	capcert_store_free(old);
	old = apply(empty, NULL);
	assert_int_equal(capcert_bundle_apply(delta, old, &none), -ENOENT);
	capcert_store_free(old);
	capcert_store_free(new);
	capcert_store_free(changed);
	capcert_bundle_free(empty);
	capcert_bundle_free(from);
	capcert_bundle_free(to);
	capcert_bundle_free(delta);
}

/* A delta that leaves an anchor with purposes the store no longer has. */
static void delta_takes_purposes(void **state)
{
	struct capcert_bundle_constraints c = limits();
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_STORE, 1);
	capcert_bundle *store_bundle, *delta;
	capcert_store *store, *none;

	c.purposes = MASK(CODE_SIGNING);
	assert_int_equal(capcert_bundle_set_purposes(b, MASK(CODE_SIGNING) | 1), 0);
	assert_int_equal(add(b, 0, &c), 0);
	store_bundle = load(finish(b));
	store = apply(store_bundle, NULL);
	delta = load(finish(begin(CAPCERT_BUNDLE_DELTA, 2)));
	assert_int_equal(capcert_bundle_apply(delta, store, &none), -EPERM);
	capcert_store_free(store);
	capcert_bundle_free(store_bundle);
	capcert_bundle_free(delta);
}

static void overrides(void **state)
{
	static const char *const permitted[] = { "corp.example" };
	struct capcert_bundle_constraints c = limits();
	capcert_bundle *below = store_of(1, (const int[]){ 0, 1 }, 2), *over;
	capcert_bundle_builder *b;
	capcert_store *base = apply(below, NULL), *store, *again;
	struct capcert_store_anchor a;
	uint8_t hash[32];
	size_t i, limited = 0;

	assert_int_equal(capcert_bundle_new(CAPCERT_BUNDLE_OVERRIDE, "corp", 1, &b), 0);
	assert_int_equal(capcert_bundle_set_created(b, PKI_NOW), 0);
	c.permitted = permitted;
	c.permitted_count = 1;
	assert_int_equal(capcert_bundle_set_of(b, "web"), 0);
	assert_int_equal(capcert_bundle_set_purposes(b, 1 | MASK(CODE_SIGNING)), 0);
	print_of(0, hash);
	assert_int_equal(capcert_bundle_remove(b, hash), 0);
	assert_int_equal(capcert_bundle_remove(b, hash), -EEXIST);
	print_of(2, hash); /* need not be there */
	hash[0] ^= 1;
	assert_int_equal(capcert_bundle_remove(b, hash), 0);
	assert_int_equal(add(b, 1, &c), 0);
	assert_int_equal(add(b, 2, NULL), 0);
	over = load(finish(b));
	store = apply(over, base);
	assert_int_equal(capcert_store_count(store), 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(capcert_store_at(store, i, &a), 0);
		assert_int_equal(a.purposes, 1 | MASK(CODE_SIGNING));
		limited += a.named_subtrees != 0;
	}
	assert_int_equal(limited, 1);
	assert_int_equal(capcert_store_count(base), 2);
	assert_int_equal(capcert_bundle_apply(over, store, &again), -ESTALE);
	capcert_bundle_free(over);
	/* Purposes that the override has not are lost, and with the last of them the anchor. */
	b = begin(CAPCERT_BUNDLE_OVERRIDE, 2);
	assert_int_equal(capcert_bundle_set_of(b, "web"), 0);
	assert_int_equal(capcert_bundle_set_purposes(b, MASK(CODE_SIGNING)), 0);
	over = load(finish(b));
	again = apply(over, base);
	assert_int_equal(capcert_store_count(again), 0);
	capcert_store_free(again);
	capcert_store_free(store);
	capcert_store_free(base);
	capcert_bundle_free(over);
	capcert_bundle_free(below);
}

#define CREATED "18{'20260101000000Z'}"
#define LOG "30{0a0100 0c{'L'} 020101 30{30{0c{'O'} " CREATED "}} 30{30{0a0102 " CREATED "}}}"

/* A log is a bare key: it is in the store, and no path finds it. */
static void logs(void **state)
{
	struct cc_span key = der_text("30{30{06{2b6570}} 03{00 *32(07)}}"), choice;
	capcert_bundle_builder *b = begin(CAPCERT_BUNDLE_STORE, 1);
	capcert_store *store, *copy;
	struct capcert_store_anchor a;
	capcert_bundle *opened, *over;
	uint8_t id[32];

	sha256_of(key, id);
	choice = der(0xa2, der(0x30, key, der_wrap(0x04, cc_span(id, 32)),
			       der_text("a1{30{30{06{6981f89d9fc3caaab2ae9f9da0f09ffcf19ef51104}"
					"0101ff 04{" LOG "}}}}")));
	assert_int_equal(capcert_bundle_set_purposes(b, MASK(CT_LOG)), 0);
	assert_int_equal(capcert_bundle_add_anchor(b, choice.p, choice.n), 0);
	assert_int_equal(capcert_bundle_add_anchor(b, choice.p, choice.n), -EEXIST);
	opened = load(finish(b));
	store = apply(opened, NULL);
	assert_int_equal(capcert_store_at(store, 0, &a), 0);
	assert_true(!a.der && !a.subject && a.spki_len == key.n && !a.plain);
	b = begin(CAPCERT_BUNDLE_OVERRIDE, 1);
	assert_int_equal(capcert_bundle_set_of(b, "web"), 0);
	assert_int_equal(capcert_bundle_set_purposes(b, MASK(CT_LOG)), 0);
	over = load(finish(b));
	copy = apply(over, store);
	same_digest(copy, store);
	capcert_store_free(store);
	capcert_store_free(copy);
	capcert_bundle_free(opened);
	capcert_bundle_free(over);
	/* a key identifier that is not the key's hash */
	id[0] ^= 1;
	choice = der(0xa2, der(0x30, key, der_wrap(0x04, cc_span(id, 32)),
			       der_text("a1{30{30{06{6981f89d9fc3caaab2ae9f9da0f09ffcf19ef51104}"
					"0101ff 04{" LOG "}}}}")));
	b = begin(CAPCERT_BUNDLE_STORE, 1);
	assert_int_equal(capcert_bundle_add_anchor(b, choice.p, choice.n), -EBADMSG);
	capcert_bundle_builder_free(b);
}

/* ---- the writer ---- */

static void writer(void **state)
{
	struct der_out out = { 0 };
	uint8_t *der;
	size_t n;

	der_put_number(&out, 0x02, 0);
	der_put_number(&out, 0x02, 0x7f);
	der_put_number(&out, 0x02, 0x80);
	der_put_number(&out, 0x02, UINT64_MAX);
	der_put_flags(&out, 0x03, 0);
	der_put_flags(&out, 0x03, 1);
	der_put_flags(&out, 0x03, 1u << 31);
	der_put_time(&out, 0x18, 0);
	der_put_true(&out);
	assert_int_equal(der_finish(&out, &der, &n), 0);
	assert_true(cc_span_equal(
		cc_span(der, n), der_text("0101ff 18{'19700101000000Z'} 03050000000001 03020780"
					  "030100 020900ffffffffffffffff 02020080 02017f 020100")));
	free(der);
	der_put_time(&out, 0x18, INT64_MAX);
	der_put_true(&out);
	assert_int_equal(der_finish(&out, &der, &n), -EINVAL);
	/* lengths of one, two and three octets more */
	for (n = 0; n < 70000; n += 33333) {
		uint8_t *zeros = calloc(1, n + 1);
		size_t got;

		der_put_bytes(&out, 0x04, cc_span(zeros, n));
		assert_int_equal(der_finish(&out, &der, &got), 0);
		assert_true(cc_span_equal(cc_span(der, got), der_wrap(0x04, cc_span(zeros, n))));
		free(der);
		free(zeros);
	}
	der_put_bytes(&out, 0x04, cc_span("", 0));
	assert_int_equal(der_finish(&out, &der, &n), 0);
	assert_true(cc_span_equal(cc_span(der, n), der_hex("0400")));
	free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_bytes),
		cmocka_unit_test(constraints),
		cmocka_unit_test(bad_constraints),
		cmocka_unit_test(heads),
		cmocka_unit_test(distrust_lists),
		cmocka_unit_test(signatures),
		cmocka_unit_test(borrowed_name),
		cmocka_unit_test(signers_refused),
		cmocka_unit_test(opened_unsigned),
		cmocka_unit_test(bad_contents),
		cmocka_unit_test(plain_store),
		cmocka_unit_test(deltas),
		cmocka_unit_test(delta_takes_purposes),
		cmocka_unit_test(overrides),
		cmocka_unit_test(logs),
		cmocka_unit_test(writer),
	};

	return cmocka_run_group_tests_name("bundle", tests, setup, teardown);
}
