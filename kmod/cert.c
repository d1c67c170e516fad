// SPDX-License-Identifier: GPL-2.0-only
/* The certificate object: DER, parsed once, with its hashes. Immutable. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "kmod/cert.h"
#include "kmod/digest.h"

static void certificate_destroy(struct cc_object *object)
{
	kvfree(cc_certificate_of(object));
}

static int certificate_info(struct cc_object *object, struct capcert_info *info)
{
	memcpy(info->digest, cc_certificate_of(object)->fingerprint, sizeof(info->digest));
	info->count = 1;
	return 0;
}

static const struct cc_object_ops certificate_ops = {
	.destroy = certificate_destroy,
	.info = certificate_info,
};

static int certificate_fill(struct cc_certificate *cert, const void *der, size_t len)
{
	int error;

	cert->der_len = (u32)len;
	memcpy(cert->der, der, len);
	error = cc_cert_parse(cc_span(cert->der, len), &cert->cert);
	if (error) {
		pr_debug("not a certificate: %s\n", cc_cert_error_text(error));
		return -EBADMSG;
	}
	error = cc_sha256(cert->der, len, cert->fingerprint);
	if (!error)
		error = cc_sha256(cert->cert.spki.p, cert->cert.spki.n, cert->spki_hash);
	return error;
}

struct cc_certificate *cc_certificate_new(const void *der, size_t len)
{
	struct cc_certificate *cert;
	size_t size;
	int error;

	if (len > CAPCERT_MAX_CERT)
		return ERR_PTR(-EMSGSIZE);
	size = struct_size(cert, der, len);
	cert = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!cert)
		return ERR_PTR(-ENOMEM);
	error = certificate_fill(cert, der, len);
	if (!error)
		error = cc_object_init(&cert->base, CAPCERT_KIND_CERT, &certificate_ops);
	if (error) {
		kvfree(cert);
		return ERR_PTR(error);
	}
	error = cc_object_charge(&cert->base, (s64)size);
	if (error) {
		cc_certificate_put(cert);
		return ERR_PTR(error);
	}
	return cert;
}
