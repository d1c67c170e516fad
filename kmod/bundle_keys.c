// SPDX-License-Identifier: GPL-2.0-only
/* The certificates that are built into the module, and the signatures of bundles under them. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/key.h>
#include <linux/slab.h>
#include <linux/verification.h>
#include <linux/capcert.h>

#include "core/alg.h"
#include "core/cert.h"
#include "core/cms.h"
#include "core/name.h"
#include "kmod/bundle_keys.h"
#include "kmod/clock.h"

#include "bundle_certs.h"

#define KEYS_RING ".capcert_bundle_keys"
#define KEYS_MIN_BITS 2048

/* What cc_cms_parse() lets through, without the content: the signer's Name is what varies. */
#define DETACHED_MAX_ISSUER 4096
#define DETACHED_MAX (DETACHED_MAX_ISSUER + 2048)

static struct key *keys_ring;
/* Parsed once; spans into bundle_certs. */
static struct cc_cert *keys_certs;

const struct bundle_floor *cc_bundle_floors(void)
{
	return bundle_floors;
}

/* ---- DER, written backwards from the end of a buffer ---- */

struct writer {
	u8 *start;
	u8 *at; /* of the last octet written; what is written stands from here on */
};

static void write_bytes(struct writer *w, const void *p, size_t n)
{
	if (!w->at || (size_t)(w->at - w->start) < n) {
		w->at = NULL;
		return;
	}
	w->at -= n;
	memcpy(w->at, p, n);
}

/* The head of an element that is everything from w->at to @end. */
static void write_head(struct writer *w, u8 tag, const u8 *end)
{
	const size_t n = w->at ? end - w->at : 0;
	const u8 one[] = { tag, (u8)n };
	const u8 two[] = { tag, 0x81, (u8)n };
	const u8 three[] = { tag, 0x82, (u8)(n >> 8), (u8)n };

	if (n < 0x80)
		write_bytes(w, one, sizeof(one));
	else if (n < 0x100)
		write_bytes(w, two, sizeof(two));
	else
		write_bytes(w, three, sizeof(three));
}

static const u8 oid_signed_data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
				      0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const u8 encap_data[] = { 0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48,
				 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const u8 version_one[] = { 0x02, 0x01, 0x01 };

static size_t write_hash(struct writer *w, u8 scheme)
{
	u8 alg[] = { 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0 };

	alg[12] = scheme == CC_SCHEME_RSA_PKCS1_SHA256 ? 1 :
		  scheme == CC_SCHEME_RSA_PKCS1_SHA384 ? 2 : 3;
	write_bytes(w, alg, sizeof(alg));
	return sizeof(alg);
}

/*
 * The kernel's parser of PKCS#7 takes at most 65,535 octets: it gets the signature by itself, as of
 * detached data, in a form that is made here and holds nothing but what cc_cms_parse() checked.
 */
static void write_detached(struct writer *w, struct cc_span bundle, const struct cc_cms *cms)
{
	const u8 *end = w->at;
	/* signerInfos: all that stands behind the content, to the end of the bundle. */
	const u8 *tail = cms->content.p + cms->content.n;

	write_bytes(w, tail, bundle.p + bundle.n - tail);
	write_bytes(w, encap_data, sizeof(encap_data));
	if (w->at) {
		const u8 *hash_end = w->at;

		write_hash(w, cms->scheme);
		write_head(w, 0x31, hash_end);
	}
	write_bytes(w, version_one, sizeof(version_one));
	write_head(w, 0x30, end);
	write_head(w, 0xa0, end);
	write_bytes(w, oid_signed_data, sizeof(oid_signed_data));
	write_head(w, 0x30, end);
}

static int keys_check(struct cc_span bundle, const struct cc_cms *cms)
{
	struct writer w;
	int error;

	w.start = kmalloc(DETACHED_MAX, GFP_KERNEL);
	if (!w.start)
		return -ENOMEM;
	w.at = w.start + DETACHED_MAX;
	write_detached(&w, bundle, cms);
	error = w.at ? verify_pkcs7_signature(cms->content.p, cms->content.n, w.at,
					      w.start + DETACHED_MAX - w.at, keys_ring,
					      VERIFYING_UNSPECIFIED_SIGNATURE, NULL, NULL) :
		       -EBADMSG;
	kfree(w.start);
	return error;
}

/* Whom the signature names; NULL: none of ours. */
static const struct cc_cert *keys_signer(const struct cc_cms *cms, u32 *ret_index)
{
	u32 i;

	for (i = 0; i < BUNDLE_CERT_COUNT; i++) {
		if (!cc_span_equal(keys_certs[i].serial, cms->serial) ||
		    !cc_span_equal(keys_certs[i].issuer, cms->issuer))
			continue;
		*ret_index = i;
		return &keys_certs[i];
	}
	return NULL;
}

static int why(const char **ret_why, const char *text, int error)
{
	*ret_why = text;
	return error;
}

int cc_bundle_open(struct cc_span bundle, s64 now, struct cc_signed *ret, const char **ret_why)
{
	const struct cc_cert *signer;
	struct cc_cms cms;
	u32 index;
	int error;

	if (!BUNDLE_CERT_COUNT)
		return why(ret_why, "this module was built without bundle certificates", -ENOKEY);
	error = cc_cms_parse(bundle, &cms);
	if (error)
		return why(ret_why, cc_cms_error_text(error), -EBADMSG);
	signer = keys_signer(&cms, &index);
	if (!signer)
		return why(ret_why, "signed by nobody this module knows", -EKEYREJECTED);
	error = keys_check(bundle, &cms);
	if (error == -ENOMEM || error == -ENOPKG)
		return why(ret_why, "the kernel could not check the signature", error);
	if (error)
		return why(ret_why, "the signature does not fit the content", -EKEYREJECTED);
	if (now < signer->not_before)
		return why(ret_why, "the signer's certificate is not valid yet", -EKEYEXPIRED);
	if (now > signer->not_after)
		return why(ret_why, "the signer's certificate has expired", -EKEYEXPIRED);
	ret->content = cms.content;
	ret->origin = bundle_certs[index].dev ? CAPCERT_ORIGIN_DEV : CAPCERT_ORIGIN_SYSTEM;
	memset(ret->signer, 0, sizeof(ret->signer));
	cc_dn_format(signer->subject, ret->signer, sizeof(ret->signer));
	return 0;
}

/* Why the certificate cannot be one of ours, or NULL. */
static const char *keys_refuse(u32 at)
{
	const struct bundle_cert *der = &bundle_certs[at];
	struct cc_cert *cert = &keys_certs[at];
	u32 i;

	if (cc_cert_parse(cc_span(der->der, der->len), cert) != CC_CERT_OK)
		return "is malformed";
	if (cert->key_alg != CC_KEY_RSA || cert->key_bits < KEYS_MIN_BITS)
		return "is not of an RSA key of 2048 bits or more";
	for (i = 0; i < at; i++)
		if (cc_span_equal(keys_certs[i].serial, cert->serial) &&
		    cc_span_equal(keys_certs[i].issuer, cert->issuer))
			return "has issuer and serial number of another one";
	return NULL;
}

static int keys_add(u32 at)
{
	const struct bundle_cert *cert = &bundle_certs[at];
	const char *wrong = keys_refuse(at);
	key_ref_t ref;

	if (wrong) {
		pr_err("built-in bundle certificate %u %s: not loading\n", at, wrong);
		return -EINVAL;
	}
	ref = key_create_or_update(make_key_ref(keys_ring, true), "asymmetric", NULL, cert->der,
				   cert->len, KEY_POS_SEARCH | KEY_POS_READ | KEY_POS_VIEW |
				   KEY_USR_VIEW | KEY_USR_READ,
				   KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_BUILT_IN |
				   KEY_ALLOC_BYPASS_RESTRICTION | KEY_ALLOC_SET_KEEP);
	if (IS_ERR(ref)) {
		pr_err("built-in bundle certificate %u: the kernel does not take it (%ld)\n", at,
		       PTR_ERR(ref));
		return PTR_ERR(ref);
	}
	key_ref_put(ref);
	return 0;
}

static void keys_announce(void)
{
	const s64 now = cc_clock_wall();
	char name[64];
	u32 i;

	if (!BUNDLE_CERT_COUNT)
		pr_notice("built without bundle certificates (BUNDLE_CERTS): no bundle is admitted\n");
	for (i = 0; i < BUNDLE_CERT_COUNT; i++) {
		cc_dn_format(keys_certs[i].subject, name, sizeof(name));
		if (bundle_certs[i].dev)
			pr_warn("bundles of the development key \"%s\" are admitted, as origin dev\n",
				name);
		else
			pr_info("bundles signed by \"%s\" are admitted%s\n", name,
				now > keys_certs[i].not_after ? " no more: it has expired" : "");
	}
}

int cc_bundle_keys_init(void)
{
	int error = 0;
	u32 i;

	/* Not for anybody but us: no permission for user and other, and no way into it. */
	keys_ring = keyring_alloc(KEYS_RING, GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, current_cred(),
				  KEY_POS_WRITE | KEY_POS_SEARCH | KEY_POS_VIEW | KEY_POS_READ |
				  KEY_USR_VIEW | KEY_USR_READ,
				  KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_SET_KEEP, NULL, NULL);
	if (IS_ERR(keys_ring)) {
		error = PTR_ERR(keys_ring);
		keys_ring = NULL;
		return error;
	}
	keys_certs = kcalloc(BUNDLE_CERT_COUNT + 1, sizeof(*keys_certs), GFP_KERNEL);
	if (!keys_certs)
		error = -ENOMEM;
	for (i = 0; !error && i < BUNDLE_CERT_COUNT; i++)
		error = keys_add(i);
	if (error) {
		cc_bundle_keys_exit();
		return error;
	}
	keys_announce();
	return 0;
}

void cc_bundle_keys_exit(void)
{
	kfree(keys_certs);
	keys_certs = NULL;
	key_put(keys_ring);
	keys_ring = NULL;
}
