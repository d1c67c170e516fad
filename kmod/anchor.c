// SPDX-License-Identifier: GPL-2.0-only
/* Trust anchors: a certificate's DER with what is looked up most. */
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

static int anchor_charge(struct cc_anchor *anchor)
{
	int error;

	anchor->user = cc_user_get(current_fsuid());
	if (!anchor->user)
		return -ENOMEM;
	error = cc_user_charge(anchor->user, anchor->charged);
	if (error)
		cc_user_put(anchor->user);
	return error;
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
		anchor->subject_off = (u32)(cert->subject.p - der.p);
		anchor->subject_len = (u32)cert->subject.n;
		anchor->subject_hash = cc_dn_hash(cert->subject);
		anchor->spki_off = (u32)(cert->spki.p - der.p);
		anchor->spki_len = (u32)cert->spki.n;
		error = cc_sha256(der.p, der.n, anchor->fingerprint);
		if (!error)
			error = cc_sha256(cert->spki.p, cert->spki.n, anchor->spki_hash);
	}
	kfree(cert);
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

struct cc_anchor *cc_anchor_new(const void *der, size_t len)
{
	struct cc_anchor *anchor;
	int error;

	if (len > CAPCERT_MAX_CERT)
		return ERR_PTR(-EMSGSIZE);
	if (!len)
		return ERR_PTR(-EBADMSG);
	anchor = anchor_alloc(der, len);
	if (IS_ERR(anchor))
		return anchor;
	error = anchor_charge(anchor);
	if (error) {
		anchor_free(anchor);
		return ERR_PTR(error);
	}
	refcount_set(&anchor->refs, 1);
	error = anchor_parse(anchor);
	if (error) {
		cc_anchor_put(anchor);
		return ERR_PTR(error);
	}
	return anchor;
}
