/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Chains made to be expensive to judge. Each has a leaf for www.example.com, and none is valid. */
#ifndef TESTS_BENCH_HOSTILE_H
#define TESTS_BENCH_HOSTILE_H

#include <capcert/report.h>
#include "tests/pki.h"

#define HOSTILE_CHAIN 64
#define HOSTILE_ANCHORS 500
#define HOSTILE_HOST "www.example.com"

struct hostile {
	const char *name, *policy;
	gnutls_datum_t chain[HOSTILE_CHAIN];
	gnutls_datum_t anchors[HOSTILE_ANCHORS];
	uint32_t chain_count, anchor_count;
};

/* What is said of one, and what the search for a path has spent. */
struct hostile_verdict {
	int32_t reason;
	char detail[256];
	uint32_t used[8], limit[8], budgets;
};

static inline gnutls_datum_t hostile_copy(const gnutls_datum_t *d)
{
	gnutls_datum_t ret = { malloc(d->size), d->size };

	if (!ret.data)
		abort();
	memcpy(ret.data, d->data, d->size);
	return ret;
}

/* A place in the chain for @p's bytes; @p itself goes when @keep is false. */
static inline void hostile_push(struct hostile *h, struct pki *p, bool keep)
{
	if (h->chain_count == HOSTILE_CHAIN)
		abort();
	h->chain[h->chain_count++] = hostile_copy(&p->der);
	if (!keep)
		pki_free(p);
}

static inline void hostile_anchor(struct hostile *h, struct pki *p, bool keep)
{
	if (h->anchor_count == HOSTILE_ANCHORS)
		abort();
	h->anchors[h->anchor_count++] = hostile_copy(&p->der);
	if (!keep)
		pki_free(p);
}

static inline size_t hostile_bytes(const struct hostile *h)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < h->chain_count; i++)
		n += h->chain[i].size;
	return n;
}

static inline void hostile_free(struct hostile *h)
{
	uint32_t i;

	for (i = 0; i < h->chain_count; i++)
		free(h->chain[i].data);
	for (i = 0; i < h->anchor_count; i++)
		free(h->anchors[i].data);
}

#define HOSTILE_LEAF .cn = HOSTILE_HOST, .dns = { HOSTILE_HOST }, .same_ids = true
#define HOSTILE_CA .org = "Test", .ca = true, .same_ids = true

static inline void hostile_root(struct hostile *h)
{
	hostile_anchor(h, pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Root" }, NULL), false);
}

/* @levels of @m CAs of one name; each key is certified by every key of the level above. */
static inline void hostile_levels(struct hostile *h, int levels, int m)
{
	struct pki *keys[8][8];
	struct pki_spec s = { HOSTILE_CA };
	char cn[32];
	int l, i, j;

	for (l = 0; l <= levels; l++) {
		snprintf(cn, sizeof(cn), "Level %d", l);
		s.cn = cn;
		for (i = 0; i < m; i++)
			keys[l][i] = pki_make(&s, NULL);
	}
	hostile_push(h, pki_make(&(struct pki_spec){ HOSTILE_LEAF }, keys[0][0]), false);
	for (l = 0; l < levels; l++) {
		snprintf(cn, sizeof(cn), "Level %d", l);
		for (i = 0; i < m; i++)
			for (j = 0; j < m; j++) {
				s.cn = cn;
				s.key_of = keys[l][i];
				hostile_push(h, pki_make(&s, keys[l + 1][j]), false);
			}
	}
	for (l = 0; l <= levels; l++)
		for (i = 0; i < m; i++)
			pki_free(keys[l][i]);
	hostile_root(h);
}

/* Every CA signs every other. */
static inline void hostile_mesh(struct hostile *h, int n)
{
	struct pki *self[8];
	struct pki_spec s = { HOSTILE_CA };
	char cn[32];
	int i, j;

	s.cn = cn;
	for (i = 0; i < n; i++) {
		snprintf(cn, sizeof(cn), "Mesh %d", i);
		self[i] = pki_make(&s, NULL);
	}
	hostile_push(h, pki_make(&(struct pki_spec){ HOSTILE_LEAF }, self[0]), false);
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			if (i == j)
				continue;
			snprintf(cn, sizeof(cn), "Mesh %d", i);
			s.key_of = self[i];
			hostile_push(h, pki_make(&s, self[j]), false);
		}
	for (i = 0; i < n; i++)
		pki_free(self[i]);
	hostile_root(h);
}

/* @n CAs of one name, each signed by the one before: any may have signed any. */
static inline void hostile_namesakes(struct hostile *h, enum pki_key alg, int n)
{
	struct pki *many[HOSTILE_CHAIN];
	struct pki_spec s = { HOSTILE_CA, .cn = "Same", .alg = alg };
	int i;

	for (i = 0; i < n; i++)
		many[i] = pki_make(&s, i ? many[i - 1] : NULL);
	hostile_push(h, pki_make(&(struct pki_spec){ HOSTILE_LEAF }, many[n - 1]), false);
	for (i = 0; i < n; i++)
		hostile_push(h, many[i], false);
	hostile_root(h);
}

/* DER: @p is the end of a buffer that is filled backwards. */
static inline unsigned char *hostile_head(unsigned char *p, unsigned char tag, size_t n)
{
	*--p = (unsigned char)n;
	if (n > 0xff) {
		*--p = (unsigned char)(n >> 8);
		*--p = 0x82;
	} else if (n > 0x7f) {
		*--p = 0x81;
	}
	*--p = tag;
	return p;
}

/* The certificate of @p with @n octets of nothing for its signature. */
static inline void hostile_resign(struct pki *p, size_t n)
{
	static unsigned char buf[70000];
	unsigned char *end = buf + sizeof(buf), *at = end - n, *tbs = p->der.data + 4;
	size_t tbs_len = 4u + (size_t)(tbs[2] << 8 | tbs[3]);
	size_t alg_len = 2u + tbs[tbs_len + 1];

	memset(at, 0x55, n);
	*--at = 0;
	at = hostile_head(at, 0x03, n + 1);
	at -= tbs_len + alg_len;
	memcpy(at, tbs, tbs_len + alg_len);
	at = hostile_head(at, 0x30, (size_t)(end - at));
	gnutls_free(p->der.data);
	p->der.size = (unsigned int)(end - at);
	p->der.data = gnutls_malloc(p->der.size);
	memcpy(p->der.data, at, p->der.size);
}

/* Namesakes whose moduli of 8192 bits are noise, with the largest exponent that is computed with. */
static inline void hostile_rsa(struct hostile *h, int n)
{
	unsigned char m[1024], e[] = { 0xff, 0xff, 0xff, 0xff };
	gnutls_datum_t dm = { m, sizeof(m) }, de = { e, sizeof(e) };
	struct pki *signer = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Same", .alg = PKI_RSA },
				      NULL);
	struct pki *leaf = pki_make(&(struct pki_spec){ HOSTILE_LEAF }, signer);
	uint32_t x = 1;
	int i;
	size_t k;

	hostile_resign(leaf, sizeof(m));
	hostile_push(h, leaf, false);
	for (i = 0; i < n; i++) {
		struct pki *ca = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Same" }, signer);
		gnutls_pubkey_t key;

		for (k = 0; k < sizeof(m); k++) {
			x = x * 1664525 + 1013904223;
			m[k] = (unsigned char)(x >> 24);
		}
		m[0] |= 0x80;
		m[sizeof(m) - 1] |= 1;
		PKI(gnutls_pubkey_init(&key));
		PKI(gnutls_pubkey_import_rsa_raw(key, &dm, &de));
		PKI(gnutls_x509_crt_set_pubkey(ca->crt, key));
		gnutls_pubkey_deinit(key);
		PKI(gnutls_x509_crt_privkey_sign(ca->crt, signer->crt, signer->signer,
						 GNUTLS_DIG_SHA256, 0));
		gnutls_free(ca->der.data);
		PKI(gnutls_x509_crt_export2(ca->crt, GNUTLS_X509_FMT_DER, &ca->der));
		hostile_resign(ca, sizeof(m));
		hostile_push(h, ca, false);
	}
	pki_free(signer);
	hostile_root(h);
}

/* @n small elements of @size octets that end in three characters counting up, inside SEQUENCEs. */
static inline unsigned int hostile_list(char *out, const char *item, size_t size, int n,
					unsigned char outer)
{
	static unsigned char buf[70000];
	unsigned char *end = buf + sizeof(buf), *at = end;
	int i;

	for (i = 0; i < n; i++) {
		at -= size;
		memcpy(at, item, size);
		at[size - 1] = (unsigned char)('a' + i % 26);
		at[size - 2] = (unsigned char)('a' + i / 26 % 26);
		at[size - 3] = (unsigned char)('a' + i / 676 % 26);
	}
	if (outer)
		at = hostile_head(at, outer, (size_t)(end - at));
	at = hostile_head(at, 0x30, (size_t)(end - at));
	memcpy(out, at, (size_t)(end - at));
	return (unsigned int)(end - at);
}

/* 9,000 excluded subtrees against 9,000 names. */
static inline void hostile_constraints(struct hostile *h)
{
	static char nc[66000], san[66000];
	unsigned int nc_len = hostile_list(nc, "\x30\x05\x82\x03zzz", 7, 9000, 0xa1);
	unsigned int san_len = hostile_list(san, "\x82\x03nnn", 5, 9000, 0);
	struct pki *root = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Root" }, NULL);
	struct pki *ca = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "CA",
						      .ext = { { "2.5.29.30", nc, nc_len, true } } },
				  root);

	for (char *p = san + 4; p < san + san_len; p += 5)
		p[2] = '0'; /* no name is another's equal: 0aa is no subtree */
	hostile_push(h, pki_make(&(struct pki_spec){ .cn = HOSTILE_HOST, .same_ids = true,
						     .ext = { { "2.5.29.17", san, san_len, false } } },
				 ca), false);
	hostile_push(h, ca, false);
	hostile_anchor(h, root, false);
	h->policy = "profile=rfc5280;time=any";
}

/* Two policies, each mapped to both at every level (CVE-2023-0464; RFC 9618 section 1). */
static inline void hostile_policies(struct hostile *h, int levels)
{
	static const char policies[] = "\x30\x0e\x30\x05\x06\x03\x2a\x03\x01\x30\x05\x06\x03\x2a\x03\x02";
	static const char mappings[] =
		"\x30\x30"
		"\x30\x0a\x06\x03\x2a\x03\x01\x06\x03\x2a\x03\x01\x30\x0a\x06\x03\x2a\x03\x01\x06\x03\x2a\x03\x02"
		"\x30\x0a\x06\x03\x2a\x03\x02\x06\x03\x2a\x03\x01\x30\x0a\x06\x03\x2a\x03\x02\x06\x03\x2a\x03\x02";
	static const char explicit_policy[] = "\x30\x03\x80\x01\x00";
	struct pki *issuer = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Root" }, NULL), *ca;
	char cn[32];
	int i;

	struct pki *chain[32];

	hostile_anchor(h, issuer, true);
	for (i = 0; i < levels; i++) {
		snprintf(cn, sizeof(cn), "CA %d", i);
		ca = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = cn,
				.ext = { { "2.5.29.32", policies, sizeof(policies) - 1, false },
					 { "2.5.29.33", mappings, sizeof(mappings) - 1, true },
					 { "2.5.29.36", explicit_policy,
					   sizeof(explicit_policy) - 1, true } } }, issuer);
		if (!i)
			pki_free(issuer);
		chain[i] = issuer = ca;
	}
	/* The leaf has a policy of which nobody spoke. */
	hostile_push(h, pki_make(&(struct pki_spec){ HOSTILE_LEAF, .policy = "1.2.9" }, issuer), false);
	for (i = levels; i-- > 0;)
		hostile_push(h, chain[i], false);
}

/* Long names beyond ASCII that differ in the case of their letters. */
static inline void hostile_names(struct hostile *h, int n)
{
	static char ou[2][1901];
	struct pki *key = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Names" }, NULL);
	int i, k, part;

	hostile_root(h);
	for (i = 0; i < n; i++) {
		struct pki *p = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Names",
							     .key_of = i % 3 ? key : NULL }, NULL);

		if (!i) {
			pki_free(p);
			p = pki_make(&(struct pki_spec){ HOSTILE_LEAF }, NULL);
		}
		for (part = 0; part < 2; part++) {
			for (k = 0; k < 950; k++) {
				ou[part][2 * k] = (char)0xc3;
				ou[part][2 * k + 1] = (char)((k * 7 + i) % 5 ? 0xa4 : 0x84);
			}
			PKI(gnutls_x509_crt_set_issuer_dn_by_oid(
				p->crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, 0, ou[part], 1900));
			if (i)
				PKI(gnutls_x509_crt_set_dn_by_oid(
					p->crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, 0,
					ou[part], 1900));
		}
		if (!i)
			for (part = 0; part < 2; part++)
				PKI(gnutls_x509_crt_set_dn_by_oid(
					key->crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, 0,
					ou[part], 1900));
		PKI(gnutls_x509_crt_privkey_sign(p->crt, i ? p->crt : key->crt, key->signer,
						 GNUTLS_DIG_SHA256, 0));
		gnutls_free(p->der.data);
		PKI(gnutls_x509_crt_export2(p->crt, GNUTLS_X509_FMT_DER, &p->der));
		hostile_push(h, p, false);
	}
	pki_free(key);
}

/* The issuer, and copies of it whose signatures differ in some bits. */
static inline void hostile_copies(struct hostile *h, int n)
{
	struct pki *root = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Other Root" }, NULL);
	struct pki *ca = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "CA" }, root);
	int i;

	hostile_push(h, pki_make(&(struct pki_spec){ HOSTILE_LEAF }, ca), false);
	for (i = 0; i < n; i++) {
		hostile_push(h, ca, true);
		h->chain[h->chain_count - 1].data[ca->der.size - 1] = (unsigned char)i;
	}
	/* An anchor of the right name and key, so that each copy has somebody to ask. */
	hostile_anchor(h, pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Other Root" }, NULL), false);
	pki_free(ca);
	pki_free(root);
}

/* A CA whose anchors are many of one name, none of which signed. */
static inline void hostile_anchors(struct hostile *h)
{
	struct pki *other = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Same" }, NULL);
	int i;

	hostile_push(h, pki_make(&(struct pki_spec){ HOSTILE_LEAF }, other), false);
	for (i = 0; i < HOSTILE_ANCHORS; i++)
		hostile_anchor(h, pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Same" }, NULL), false);
	pki_free(other);
}

/* Common names that stand last among the addresses; or wildcards alone. */
static inline void hostile_common_names(struct hostile *h, bool wildcards)
{
	static char san[66000];
	unsigned int len = wildcards ? hostile_list(san, "\x82\x08*.cc.aaa", 10, 5500, 0) :
				       hostile_list(san, "\x87\x04\x01xyz", 6, 6000, 0);
	struct pki *root = pki_make(&(struct pki_spec){ HOSTILE_CA, .cn = "Root" }, NULL);
	struct pki *leaf = pki_make(&(struct pki_spec){ .cn = wildcards ? "*.0aa" : "1.97.97.97", .same_ids = true,
							.ext = { { "2.5.29.17", san, len, false } } },
				    root);
	int i;

	for (i = 0; i < (wildcards ? 0 : 800); i++)
		PKI(gnutls_x509_crt_set_dn_by_oid(leaf->crt, GNUTLS_OID_X520_COMMON_NAME, 0,
						  "1.97.97.97", 10));
	PKI(gnutls_x509_crt_privkey_sign(leaf->crt, root->crt, root->signer, GNUTLS_DIG_SHA256, 0));
	gnutls_free(leaf->der.data);
	PKI(gnutls_x509_crt_export2(leaf->crt, GNUTLS_X509_FMT_DER, &leaf->der));
	hostile_push(h, leaf, false);
	hostile_anchor(h, root, false);
	h->policy = "profile=webpki;time=any";
}

#define HOSTILE_CASES 12

static inline struct hostile hostile_make(size_t number)
{
	static const char *const names[HOSTILE_CASES] = {
		"3 levels of 4 namesakes", "mesh of 8 CAs", "63 namesakes in a row",
		"63 namesakes, P-521", "63 namesakes, RSA-8192", "9000 constraints x 9000 names",
		"30 levels of policy mappings", "long names beyond ASCII", "63 copies, bits flipped",
		"500 anchors of one name", "801 common names x 6000", "5500 wildcards",
	};
	struct hostile h = { .name = names[number], .policy = "profile=rfc5280;time=any" };

	switch (number) {
	case 0:
		hostile_levels(&h, 3, 4);
		break;
	case 1:
		hostile_mesh(&h, 8);
		break;
	case 2:
		hostile_namesakes(&h, PKI_P256, 63);
		break;
	case 3:
		hostile_namesakes(&h, PKI_P521, 63);
		break;
	case 4:
		hostile_rsa(&h, 63);
		break;
	case 5:
		hostile_constraints(&h);
		break;
	case 6:
		hostile_policies(&h, 30);
		break;
	case 7:
		hostile_names(&h, 31);
		break;
	case 8:
		hostile_copies(&h, 63);
		break;
	case 9:
		hostile_anchors(&h);
		break;
	case 10:
		hostile_common_names(&h, false);
		break;
	default:
		hostile_common_names(&h, true);
		break;
	}
	return h;
}

/* With reading and indexing, as a peer pays them. */
static inline void hostile_ask(const struct hostile *h, struct hostile_verdict *ret, bool report)
{
	struct capcert_params params = { .have_time = 1, .time = PKI_NOW, .name = HOSTILE_HOST };
	struct capcert_result result;
	capcert_policy *policy;
	capcert_report *r = NULL;
	capcert_chain *chain;
	capcert_store *store;
	uint32_t i;

	memset(ret, 0, sizeof(*ret));
	PKI(capcert_policy_new(h->policy, &policy, NULL));
	PKI(capcert_store_new(&store));
	PKI(capcert_chain_new(&chain));
	for (i = 0; i < h->anchor_count; i++)
		PKI(capcert_store_put(store, h->anchors[i].data, h->anchors[i].size, 0));
	for (i = 0; i < h->chain_count; i++) {
		capcert_cert *cert;

		PKI(capcert_cert_new(h->chain[i].data, h->chain[i].size, &cert, NULL));
		PKI(capcert_chain_push(chain, cert));
		capcert_cert_free(cert);
	}
	params.chain = chain;
	if (report)
		PKI(capcert_verify_local_report(policy, store, NULL, &params, &result, &r));
	else
		PKI(capcert_verify_local(policy, store, NULL, &params, &result));
	ret->reason = result.outcome.reason;
	memcpy(ret->detail, result.outcome.detail, sizeof(ret->detail));
	for (i = 0; r && i < r->budget_count && i < 8; i++) {
		ret->used[i] = r->budgets[i].used;
		ret->limit[i] = r->budgets[i].limit;
		ret->budgets++;
	}
	capcert_report_free(r);
	capcert_chain_free(chain);
	capcert_store_free(store);
	capcert_policy_free(policy);
}

#endif
