// SPDX-License-Identifier: GPL-2.0-only
/* The value of a certificate slot: its memory, and whether its parts belong together. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "core/cert.h"
#include "core/ocsp.h"
#include "core/sct.h"
#include "kmod/digest.h"
#include "kmod/handle.h"
#include "kmod/private_key.h"
#include "kmod/slot_value.h"

/* What a staple and a key are held against: spans into the chain. */
struct slot_facts {
	struct cc_span issuer;		/* of the leaf: Name */
	struct cc_span serial;
	struct cc_span spki;
	struct cc_span issuer_key;	/* empty: the issuer is not in the chain */
};

struct cc_slot_value *cc_slot_value_new(struct cc_span name, u32 chain_len, u32 staple_len,
					u32 scts_len)
{
	const size_t len = (size_t)chain_len + staple_len + scts_len;
	struct cc_slot_value *value;

	value = kvzalloc(struct_size(value, data, len), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!value)
		return ERR_PTR(-ENOMEM);
	refcount_set(&value->refs, 1);
	value->name_len = name.n;
	memcpy(value->name, name.p, name.n);
	value->chain_len = chain_len;
	value->staple_len = staple_len;
	value->scts_len = scts_len;
	return value;
}

size_t cc_slot_value_size(const struct cc_slot_value *value)
{
	return struct_size(value, data, (size_t)value->chain_len + value->staple_len +
			   value->scts_len);
}

void cc_slot_value_put(struct cc_slot_value *value)
{
	if (!value || !refcount_dec_and_test(&value->refs))
		return;
	/* Whoever finds the value now gets no reference to it, and none to its key. */
	cc_handle_put(value->key);
	kvfree_rcu(value, rcu);
}

/* The chain leaf first, each certificate followed by its issuer. */
static int check_chain(struct cc_slot_value *value, struct slot_facts *facts, const char **ret_why)
{
	struct cc_span rest = cc_slot_value_chain(value), issuer = {};
	struct cc_cert *cert = kmalloc(sizeof(*cert), GFP_KERNEL);
	int error = -EBADMSG;
	u32 i;

	if (!cert)
		return -ENOMEM;
	for (i = 0; rest.n; i++) {
		const size_t n = cc_cert_size(rest);

		*ret_why = "a certificate does not parse";
		if (!n || n > rest.n || cc_cert_parse(cc_span(rest.p, n), cert))
			goto out;
		*ret_why = "a certificate is not followed by its issuer";
		if (i && !cc_dn_equal(issuer, cert->subject))
			goto out;
		issuer = cert->issuer;
		if (!i) {
			facts->issuer = cert->issuer;
			facts->serial = cert->serial;
			facts->spki = cert->spki;
			value->not_after = cert->not_after;
			if (cc_cert_self_issued(cert))
				facts->issuer_key = cert->key;
		} else if (i == 1) {
			facts->issuer_key = cert->key;
		}
		rest = cc_span(rest.p + n, rest.n - n);
	}
	*ret_why = "other certificates than were given";
	if (i != value->chain_count)
		goto out;
	*ret_why = NULL;
	error = cc_sha256(value->data, cc_cert_size(cc_slot_value_chain(value)), value->leaf);
out:
	kfree(cert);
	return error;
}

/* The kernel's own SHA-1 only names an issuer here, as RFC 6960 has it: it protects nothing. */
static int check_hash(u32 hash, struct cc_span s, u8 ret[32])
{
	struct crypto_shash *tfm;
	int error;

	if (hash == CC_OCSP_HASH_SHA256)
		return cc_sha256(s.p, s.n, ret);
	tfm = crypto_alloc_shash("sha1", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm) == -ENOENT ? -ENOPKG : PTR_ERR(tfm);
	error = crypto_shash_tfm_digest(tfm, s.p, (unsigned int)s.n, ret);
	crypto_free_shash(tfm);
	return error;
}

/* 1: @want is the hash of @s, 0: it is not, or -errno. */
static int check_hashed(u32 hash, struct cc_span want, struct cc_span s)
{
	const size_t n = hash == CC_OCSP_HASH_SHA1 ? 20 : 32;
	u8 digest[32];
	int error = check_hash(hash, s, digest);

	return error ?: cc_span_equal(want, cc_span(digest, n));
}

/* Is the single response about the leaf? 1, 0, or -errno. */
static int check_about(const struct cc_ocsp_id *id, const struct slot_facts *facts)
{
	int r;

	if (id->hash == CC_OCSP_HASH_OTHER || !cc_span_equal(id->serial, facts->serial))
		return 0;
	r = check_hashed(id->hash, id->name_hash, facts->issuer);
	if (r == 1 && facts->issuer_key.n)
		r = check_hashed(id->hash, id->key_hash, facts->issuer_key);
	return r;
}

static int check_staple(struct cc_slot_value *value, const struct slot_facts *facts,
			const char **ret_why)
{
	struct cc_ocsp_single single;
	struct cc_span rest;
	struct cc_ocsp ocsp;
	int r;

	value->staple_until = 0;
	if (!value->staple_len)
		return 0;
	*ret_why = "the staple does not parse";
	if (cc_ocsp_parse(cc_slot_value_staple(value), &ocsp))
		return -EBADMSG;
	*ret_why = "the staple is no successful response";
	if (ocsp.status != CC_OCSP_STATUS_SUCCESSFUL)
		return -EBADMSG;
	*ret_why = "the staple is not about the leaf alone";
	rest = ocsp.singles;
	if (ocsp.single_count != 1 || cc_ocsp_single_next(&rest, &single) != 1)
		return -EBADMSG;
	r = check_about(&single.id, facts);
	if (r != 1)
		return r ?: -EBADMSG;
	*ret_why = NULL;
	value->staple_until = single.has_next_update ? single.next_update : S64_MAX;
	return 0;
}

/* Versions that nobody knows yet pass: what they say is for who reads them. */
static int check_scts(const struct cc_slot_value *value, const char **ret_why)
{
	struct cc_span rest, one;
	struct cc_sct sct;
	int error;

	if (!value->scts_len)
		return 0;
	*ret_why = "the SCTs are no list";
	if (cc_sct_list_open(cc_slot_value_scts(value), &rest, NULL))
		return -EBADMSG;
	*ret_why = "an SCT does not parse";
	while (cc_sct_next(&rest, &one) == 1) {
		error = cc_sct_parse(one, &sct);
		if (error && error != CC_SCT_E_VERSION)
			return -EBADMSG;
	}
	*ret_why = NULL;
	return 0;
}

static int check_key(const struct cc_slot_value *value, const struct slot_facts *facts,
		     const char **ret_why)
{
	const struct cc_private_key *key;

	if (!value->key)
		return 0;
	key = cc_private_key_of(value->key->object);
	if (cc_span_equal(cc_key_ref_spki(key->ref), facts->spki))
		return 0;
	*ret_why = "the key is not the leaf's";
	return -EKEYREJECTED;
}

int cc_slot_value_check(struct cc_slot_value *value, const char **ret_why)
{
	struct slot_facts facts = {};
	int error = check_chain(value, &facts, ret_why);

	if (!error)
		error = check_key(value, &facts, ret_why);
	if (!error)
		error = check_staple(value, &facts, ret_why);
	return error ?: check_scts(value, ret_why);
}
