// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening bundles: the envelope, its signature, and the whole of the content. */
#include <errno.h>
#include <stdlib.h>
#include "core/cms.h"
#include "core/der.h"
#include "libcapcert/bundle.h"
#include "libcapcert/sig.h"

#define KEY_BITS_MIN 2048
#define KEY_BITS_MAX 8192

void capcert_bundle_free(capcert_bundle *b)
{
	if (!b)
		return;
	free(b->anchors);
	free(b->content);
	free(b);
}

/* Every anchor: constraints known, purposes within the bundle's, fingerprints ascending. */
static int load_anchors(capcert_bundle *b, const char **ret_error)
{
	struct cc_span rest = b->head.anchors, choice;
	struct cc_trust_anchor ta;
	uint32_t purposes, i;
	int r;

	b->anchors = calloc(b->head.anchor_count ? b->head.anchor_count : 1, sizeof(*b->anchors));
	if (!b->anchors)
		return bundle_say(-ENOMEM, "no memory", ret_error);
	for (i = 0; cc_trust_anchor_next(&rest, &choice) == 1; i++) {
		struct bundle_anchor *a = &b->anchors[i];

		r = cc_bundle_anchor(&b->head, choice, &ta, &purposes);
		if (r)
			return bundle_say(-EBADMSG, cc_bundle_error_text(r), ret_error);
		if (!bundle_fingerprint(&ta, a->fingerprint))
			return bundle_say(-EBADMSG, "a log's keyId is not the hash of its key",
					  ret_error);
		if (i && memcmp(a[-1].fingerprint, a->fingerprint, 32) >= 0)
			return bundle_say(-EBADMSG, cc_bundle_error_text(CC_BUNDLE_E_ORDER),
					  ret_error);
		a->choice = choice;
		a->stated = ta.purposes;
	}
	return 0;
}

int bundle_load(struct cc_span content, capcert_bundle **ret, const char **ret_error)
{
	capcert_bundle *b = calloc(1, sizeof(*b));
	int r;

	if (b)
		b->content = malloc(content.n ? content.n : 1);
	if (!b || !b->content) {
		capcert_bundle_free(b);
		return bundle_say(-ENOMEM, "no memory", ret_error);
	}
	if (content.n)
		memcpy(b->content, content.p, content.n);
	b->content_len = content.n;
	b->signer = SIZE_MAX;
	r = cc_bundle_parse(cc_span(b->content, content.n), &b->head);
	r = r ? bundle_say(-EBADMSG, cc_bundle_error_text(r), ret_error)
	      : load_anchors(b, ret_error);
	if (r < 0) {
		capcert_bundle_free(b);
		return r;
	}
	memcpy(b->name, b->head.name.p, b->head.name.n);
	if (b->head.of.n)
		memcpy(b->of, b->head.of.p, b->head.of.n);
	*ret = b;
	return 0;
}

/* Which of them the bundle names, byte by byte; SIZE_MAX for none. */
static size_t find_signer(const struct cc_cms *cms, const capcert_cert *const *signers,
			  size_t count)
{
	size_t i, n;

	for (i = 0; i < count; i++) {
		const uint8_t *p = capcert_cert_issuer(signers[i], &n);

		if (!cc_span_equal(cms->issuer, cc_span(p, n)))
			continue;
		p = capcert_cert_serial(signers[i], &n);
		if (cc_span_equal(cms->serial, cc_span(p, n)))
			return i;
	}
	return SIZE_MAX;
}

static int check_signature(const struct cc_cms *cms, const capcert_cert *signer, int64_t time,
			   const char **ret_error)
{
	struct cc_cert cert;
	const uint8_t *der;
	size_t n;
	int r;

	der = capcert_cert_der(signer, &n);
	if (cc_cert_parse(cc_span(der, n), &cert) != CC_CERT_OK)
		return bundle_say(-EBADMSG, "the signer's certificate is malformed", ret_error);
	if (cert.key_alg != CC_KEY_RSA || cert.key_bits < KEY_BITS_MIN ||
	    cert.key_bits > KEY_BITS_MAX)
		return bundle_say(-EKEYREJECTED, "the signer's key is not RSA of 2048 to 8192 bits",
				  ret_error);
	if (time < cert.not_before)
		return bundle_say(-EKEYEXPIRED, "the signer's certificate is not valid yet",
				  ret_error);
	if (time > cert.not_after)
		return bundle_say(-EKEYEXPIRED, "the signer's certificate has expired", ret_error);
	r = sig_check_message(&cert, cms->scheme, cms->content, cms->signature);
	if (r == -ENOMEM)
		return bundle_say(r, "no memory", ret_error);
	return r == 1 ? 0 : bundle_say(-EKEYREJECTED, "the signature is wrong", ret_error);
}

int capcert_bundle_open(const uint8_t *der, size_t len, const capcert_cert *const *signers,
			size_t count, int64_t time, capcert_bundle **ret, const char **ret_error)
{
	capcert_bundle *b;
	struct cc_cms cms;
	size_t signer;
	int r = cc_cms_parse(cc_span(der, len), &cms);

	if (r)
		return bundle_say(-EBADMSG, cc_cms_error_text(r), ret_error);
	signer = find_signer(&cms, signers, count);
	if (signer == SIZE_MAX)
		return bundle_say(-ENOKEY, "signed by none of those who may sign", ret_error);
	r = check_signature(&cms, signers[signer], time, ret_error);
	if (r < 0)
		return r;
	r = bundle_load(cms.content, &b, ret_error);
	if (r < 0)
		return r;
	if (b->head.has_expires && time > b->head.expires) {
		capcert_bundle_free(b);
		return bundle_say(-EKEYEXPIRED, "the bundle has expired", ret_error);
	}
	b->signer = signer;
	*ret = b;
	return 0;
}

/* A content begins with an INTEGER, an envelope with its type. */
static bool like_envelope(struct cc_span der)
{
	size_t head, len;

	return der.n > 2 && !cc_der_head(der, &head, &len) && len && der.p[head] == CC_DER_OID;
}

int capcert_bundle_open_unsigned(const uint8_t *der, size_t len, capcert_bundle **ret,
				 const char **ret_error)
{
	struct cc_cms cms;
	int r = cc_cms_parse(cc_span(der, len), &cms);

	if (r == CC_CMS_OK)
		return bundle_load(cms.content, ret, ret_error);
	if (like_envelope(cc_span(der, len)))
		return bundle_say(-EBADMSG, cc_cms_error_text(r), ret_error);
	return bundle_load(cc_span(der, len), ret, ret_error);
}

/* ---- what is in it ---- */

void capcert_bundle_get(const capcert_bundle *b, struct capcert_bundle_info *ret)
{
	const struct cc_bundle *h = &b->head;

	*ret = (struct capcert_bundle_info){
		.kind = h->kind,
		.have_expires = h->has_expires,
		.created = h->created,
		.expires = h->expires,
		.number = h->number,
		.base = h->base,
		.purposes = h->purposes,
		.removed = h->remove_count,
		.anchors = h->anchor_count,
		.entries = h->entry_count,
		.name = b->name,
		.of = b->of,
		.signer = b->signer,
		.content = b->content,
		.content_len = b->content_len,
	};
}

const char *capcert_bundle_kind_name(uint32_t kind)
{
	return kind < CC_BUNDLE_KIND_COUNT ? cc_bundle_kind_name(kind) : NULL;
}

/* Each is an OCTET STRING of 32: they stand 34 apart. */
const uint8_t *capcert_bundle_removed_at(const capcert_bundle *b, uint32_t index)
{
	return index < b->head.remove_count ? b->head.remove.p + (size_t)index * 34 + 2 : NULL;
}

int capcert_bundle_entry_at(const capcert_bundle *b, uint32_t index, uint32_t *ret_what,
			    const uint8_t **ret_value, size_t *ret_len)
{
	struct cc_span rest = b->head.entries;
	struct cc_bundle_entry e;

	if (index >= b->head.entry_count)
		return -ENOENT;
	do {
		cc_bundle_entry_next(&rest, &e);
	} while (index--);
	*ret_what = e.what;
	*ret_value = e.bytes.p;
	*ret_len = e.bytes.n;
	return 0;
}

int capcert_bundle_anchor_at(const capcert_bundle *b, uint32_t index, const uint8_t **ret_der,
			     size_t *ret_len)
{
	if (index >= b->head.anchor_count)
		return -ENOENT;
	*ret_der = b->anchors[index].choice.p;
	*ret_len = b->anchors[index].choice.n;
	return 0;
}
