// SPDX-License-Identifier: GPL-2.0-only
/* Trust anchors: the bytes of each with what is looked up most. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "core/cert.h"
#include "kmod/digest.h"
#include "kmod/state.h"
#include "kmod/user.h"

static void anchor_free(struct cc_anchor *anchor)
{
	if (anchor->der != anchor->room)
		kvfree(anchor->der);
	kvfree(anchor);
}

/*
 * Slabs come in powers of two: a DER of 1,000 bytes takes 2,048 together with its head, and 1,152
 * in two pieces. Large ones come in pages either way.
 */
static struct cc_anchor *anchor_alloc(const void *der, size_t len)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN;
	const size_t head = kmalloc_size_roundup(sizeof(struct cc_anchor));
	const size_t whole = kmalloc_size_roundup(sizeof(struct cc_anchor) + len);
	const bool apart = head + kmalloc_size_roundup(len) < whole;
	struct cc_anchor *anchor;
	u8 *bytes;

	anchor = kvzalloc(sizeof(*anchor) + (apart ? 0 : len), gfp);
	if (!anchor)
		return ERR_PTR(-ENOMEM);
	bytes = apart ? kvmalloc(len, gfp) : anchor->room;
	if (!bytes) {
		kvfree(anchor);
		return ERR_PTR(-ENOMEM);
	}
	memcpy(bytes, der, len);
	anchor->der = bytes;
	anchor->der_len = (u32)len;
	anchor->charged = (u32)(apart ? head + kmalloc_size_roundup(len) : whole);
	return anchor;
}

static int anchor_charge(struct cc_anchor *anchor, kuid_t uid)
{
	int error;

	anchor->user = cc_user_get(uid);
	if (!anchor->user)
		return -ENOMEM;
	error = cc_user_charge(anchor->user, anchor->charged);
	if (error)
		cc_user_put(anchor->user);
	return error;
}

/* The parts of @cert, whose spans lie in anchor->der, and what is hashed of them. */
static int anchor_fill(struct cc_anchor *anchor, const struct cc_cert *cert)
{
	if (cert->subject.n) {
		anchor->subject_off = (u32)(cert->subject.p - anchor->der);
		anchor->subject_len = (u32)cert->subject.n;
		anchor->subject_hash = cc_dn_hash(cert->subject);
	}
	anchor->spki_off = (u32)(cert->spki.p - anchor->der);
	anchor->spki_len = (u32)cert->spki.n;
	return cc_sha256(cert->spki.p, cert->spki.n, anchor->spki_hash);
}

static int anchor_parse(struct cc_anchor *anchor)
{
	const struct cc_span der = cc_span(anchor->der, anchor->der_len);
	struct cc_cert *cert;
	int error = -EBADMSG;

	/* Too large for the stack, and no part of an anchor: the agents parse for themselves. */
	cert = kmalloc(sizeof(*cert), GFP_KERNEL_ACCOUNT);
	if (!cert)
		return -ENOMEM;
	if (cc_cert_parse(der, cert) == CC_CERT_OK) {
		error = anchor_fill(anchor, cert);
		if (!error)
			error = cc_sha256(der.p, der.n, anchor->fingerprint);
	}
	kfree(cert);
	return error;
}

/* Of the certificate as it is by itself: in a TrustAnchorInfo another tag stands first. */
static int certificate_hash(struct cc_span certificate, u8 ret[32])
{
	static const u8 sequence = 0x30;
	struct cc_digest digest;

	cc_digest_init(&digest);
	cc_digest_absorb(&digest, &sequence, 1);
	cc_digest_absorb(&digest, certificate.p + 1, certificate.n - 1);
	return cc_digest_final(&digest, ret);
}

static int anchor_limits(struct cc_anchor *anchor, const struct cc_trust_anchor *ta)
{
	int error = cc_sha256(ta->body.p, ta->body.n, anchor->body);

	anchor->own_purposes = ta->purposes;
	if (ta->kind != CC_ANCHOR_CERTIFICATE)
		anchor->flags |= CAPCERT_ANCHOR_LIMITED;
	if (ta->has_distrust_after) {
		anchor->flags |= CAPCERT_ANCHOR_DISTRUST_AFTER;
		anchor->distrust_after = ta->distrust_after;
	}
	if (ta->has_sct_distrust_after) {
		anchor->flags |= CAPCERT_ANCHOR_SCT_DISTRUST_AFTER;
		anchor->sct_distrust_after = ta->sct_distrust_after;
	}
	if (!error && ta->kind == CC_ANCHOR_INFO && ta->certificate.n)
		return certificate_hash(ta->certificate, anchor->fingerprint);
	memcpy(anchor->fingerprint, anchor->body, sizeof(anchor->fingerprint));
	return error;
}

static int anchor_parse_choice(struct cc_anchor *anchor, const struct cc_bundle *bundle,
			       struct cc_trust_anchor *ta, u32 *ret_purposes, int *ret_error)
{
	int error;

	*ret_error = cc_bundle_anchor(bundle, cc_span(anchor->der, anchor->der_len), ta,
				      ret_purposes);
	if (*ret_error)
		return -EBADMSG;
	error = anchor_fill(anchor, &ta->cert);
	if (!error)
		error = anchor_limits(anchor, ta);
	/* A log is known by the hash of its key (RFC 6962 section 3.2). */
	if (!error && ta->ct_log.n &&
	    !cc_span_equal(ta->cert.skid, cc_span(anchor->spki_hash, 32))) {
		*ret_error = CC_BUNDLE_E_ANCHOR;
		error = -EBADMSG;
	}
	return error;
}

void cc_anchor_put(struct cc_anchor *anchor)
{
	if (!anchor || !refcount_dec_and_test(&anchor->refs))
		return;
	cc_user_charge(anchor->user, -(s64)anchor->charged);
	cc_user_put(anchor->user);
	anchor_free(anchor);
}

/* @der copied and paid for by @uid, not looked into yet. */
static struct cc_anchor *anchor_copy(const void *der, size_t len, kuid_t uid)
{
	struct cc_anchor *anchor = anchor_alloc(der, len);
	int error;

	if (IS_ERR(anchor))
		return anchor;
	error = anchor_charge(anchor, uid);
	if (error) {
		anchor_free(anchor);
		return ERR_PTR(error);
	}
	refcount_set(&anchor->refs, 1);
	return anchor;
}

static struct cc_anchor *anchor_or_error(struct cc_anchor *anchor, int error)
{
	if (!error)
		return anchor;
	cc_anchor_put(anchor);
	return ERR_PTR(error);
}

struct cc_anchor *cc_anchor_new(const void *der, size_t len)
{
	struct cc_anchor *anchor;

	if (len > CAPCERT_MAX_CERT)
		return ERR_PTR(-EMSGSIZE);
	if (!len)
		return ERR_PTR(-EBADMSG);
	anchor = anchor_copy(der, len, current_fsuid());
	return IS_ERR(anchor) ? anchor : anchor_or_error(anchor, anchor_parse(anchor));
}

struct cc_anchor *cc_anchor_new_choice(const struct cc_bundle *bundle, struct cc_span choice,
				       struct cc_trust_anchor *scratch, u32 *ret_purposes,
				       int *ret_error)
{
	struct cc_anchor *anchor;

	*ret_error = CC_BUNDLE_OK;
	if (choice.n > CC_TRUST_ANCHOR_MAX)
		return ERR_PTR(-EMSGSIZE);
	anchor = anchor_copy(choice.p, choice.n, GLOBAL_ROOT_UID);
	if (IS_ERR(anchor))
		return anchor;
	return anchor_or_error(anchor, anchor_parse_choice(anchor, bundle, scratch, ret_purposes,
							   ret_error));
}
