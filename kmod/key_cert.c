// SPDX-License-Identifier: GPL-2.0-only
/* Key type capcert: one certificate, given as DER or PEM. */
#include <linux/err.h>
#include <linux/keyctl.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "core/name.h"
#include "core/signature.h"
#include "kmod/cert.h"
#include "kmod/key.h"
#include "kmod/pem.h"
#include "kmod/verify.h"

#define KEY_MAX_PEM (2 * CAPCERT_MAX_CERT)
#define KEY_SUBJECT 160

static struct cc_certificate *certificate_from_pem(const void *text, size_t len)
{
	struct cc_certificate *cert;
	ssize_t n;
	u8 *der;

	if (len > KEY_MAX_PEM)
		return ERR_PTR(-EMSGSIZE);
	der = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	if (!der)
		return ERR_PTR(-ENOMEM);
	n = cc_pem_certificate(text, len, der, len);
	cert = n < 0 ? ERR_PTR(n) : cc_certificate_new(der, n);
	kvfree(der);
	return cert;
}

static int cert_preparse(struct key_preparsed_payload *prep)
{
	const u8 *data = prep->data;
	struct cc_certificate *cert;

	if (!prep->datalen)
		return -EBADMSG;
	/* DER begins with a SEQUENCE, PEM with a hyphen or white space. */
	cert = data[0] == 0x30 ? cc_certificate_new(data, prep->datalen) :
				 certificate_from_pem(data, prep->datalen);
	if (IS_ERR(cert))
		return PTR_ERR(cert);
	prep->payload.data[0] = &cert->base;
	prep->quotalen = cert->der_len;
	return 0;
}

/* Under RCU: cert is immutable, nothing here sleeps. */
static void cert_describe(const struct key *key, struct seq_file *m)
{
	struct cc_object *object = cc_key_payload(key);
	char subject[KEY_SUBJECT];

	seq_puts(m, key->description);
	if (!object)
		return;
	cc_dn_format(cc_certificate_of(object)->cert.subject, subject, sizeof(subject));
	seq_printf(m, ": %s", subject);
}

static long cert_read(const struct key *key, char *buffer, size_t len)
{
	const struct cc_certificate *cert = cc_certificate_of(cc_key_payload(key));

	if (buffer && len >= cert->der_len)
		memcpy(buffer, cert->der, cert->der_len);
	return cert->der_len;
}

static int cert_query(const struct kernel_pkey_params *params, struct kernel_pkey_query *info)
{
	const struct cc_certificate *cert = cc_certificate_of(cc_key_payload(params->key));
	const u32 key_alg = cert->cert.key_alg;
	const size_t size = cc_signature_max(key_alg, cert->cert.key_bits);

	if (!size || size > CAPCERT_MAX_SIGNATURE)
		return -EOPNOTSUPP;
	memset(info, 0, sizeof(*info));
	info->supported_ops = KEYCTL_SUPPORTS_VERIFY;
	info->key_size = cert->cert.key_bits;
	/* A digest; EdDSA takes the message. */
	info->max_data_size = key_alg == CC_KEY_ED25519 || key_alg == CC_KEY_ED448 ? U16_MAX : 64;
	info->max_sig_size = (u16)size;
	return 0;
}

static int cert_verify_signature(struct kernel_pkey_params *params, const void *in,
				 const void *in2)
{
	return cc_verify_digest(cc_certificate_of(cc_key_payload(params->key)), params, in, in2);
}

/* No .update: a certificate is immutable, the same name again is a new key. */
struct key_type cc_key_cert = {
	.name = "capcert",
	.vet_description = cc_key_vet_description,
	.preparse = cert_preparse,
	.free_preparse = cc_key_free_preparse,
	.instantiate = cc_key_instantiate,
	.destroy = cc_key_destroy,
	.describe = cert_describe,
	.read = cert_read,
	.asym_query = cert_query,
	.asym_verify_signature = cert_verify_signature,
};
