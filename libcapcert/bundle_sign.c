// SPDX-License-Identifier: LGPL-2.1-or-later
/* The signer of bundles: the one form of SignedData that core/cms.h takes. Beside sig.c the only file
 * that asks GnuTLS about signatures; it alone makes some. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include "core/alg.h"
#include "core/cms.h"
#include "core/der.h"
#include "core/oid.h"
#include "libcapcert/bundle.h"
#include "libcapcert/sig.h"

#define KEY_BITS_MIN 2048
#define KEY_BITS_MAX 8192

static const uint8_t signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const uint8_t plain_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };

static void put_algorithm(struct der_out *out, enum cc_oid oid, bool null)
{
	size_t mark = der_mark(out);

	if (null)
		der_put_head(out, CC_DER_NULL, mark);
	der_put_bytes(out, CC_DER_OID, cc_oid_bytes(oid));
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

static void put_signer(struct der_out *out, const struct cc_cert *cert, struct cc_span signature)
{
	size_t mark = der_mark(out), id;

	der_put_bytes(out, CC_DER_OCTET_STRING, signature);
	put_algorithm(out, CC_OID_RSA, true);
	put_algorithm(out, CC_OID_SHA256, false);
	id = der_mark(out);
	der_put_bytes(out, CC_DER_INTEGER, cert->serial);
	der_put_raw(out, cert->issuer);
	der_put_head(out, CC_DER_SEQUENCE, id);
	der_put_number(out, CC_DER_INTEGER, 1);
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_SET, mark);
}

static int write_envelope(struct cc_span content, const struct cc_cert *cert,
			  struct cc_span signature, uint8_t **ret, size_t *ret_len)
{
	struct der_out out = { 0 };
	size_t mark;

	put_signer(&out, cert, signature);
	mark = der_mark(&out);
	der_put_bytes(&out, CC_DER_OCTET_STRING, content);
	der_put_head(&out, CC_DER_CONTEXT_CONS(0), mark);
	der_put_bytes(&out, CC_DER_OID, cc_span(plain_data, sizeof(plain_data)));
	der_put_head(&out, CC_DER_SEQUENCE, mark);
	mark = der_mark(&out);
	put_algorithm(&out, CC_OID_SHA256, false);
	der_put_head(&out, CC_DER_SET, mark);
	der_put_number(&out, CC_DER_INTEGER, 1);
	der_put_head(&out, CC_DER_SEQUENCE, 0);
	der_put_head(&out, CC_DER_CONTEXT_CONS(0), 0);
	der_put_bytes(&out, CC_DER_OID, cc_span(signed_data, sizeof(signed_data)));
	der_put_head(&out, CC_DER_SEQUENCE, 0);
	return der_finish(&out, ret, ret_len);
}

static int check_signer(const struct cc_cert *cert, int64_t time, const char **ret_error)
{
	if (cert->key_alg != CC_KEY_RSA || cert->key_bits < KEY_BITS_MIN ||
	    cert->key_bits > KEY_BITS_MAX)
		return bundle_say(
			-EOPNOTSUPP,
			"bundles are signed with RSA keys of 2048 to 8192 bits, no others",
			ret_error);
	if (time < cert->not_before)
		return bundle_say(-EKEYEXPIRED, "the signer's certificate is not valid yet",
				  ret_error);
	if (time > cert->not_after)
		return bundle_say(-EKEYEXPIRED, "the signer's certificate has expired", ret_error);
	return 0;
}

/* @ret: gnutls_free() its data. */
static int make_signature(const char *key_pem, struct cc_span content, gnutls_datum_t *ret,
			  const char **ret_error)
{
	gnutls_datum_t pem = { (unsigned char *)(uintptr_t)key_pem, 0 }, data = { NULL, 0 };
	gnutls_privkey_t key;
	size_t n = strlen(key_pem);
	int r;

	if (n > INT_MAX)
		return bundle_say(-EINVAL, "no private key in PEM", ret_error);
	pem.size = (unsigned int)n;
	data.data = (unsigned char *)(uintptr_t)content.p;
	data.size = (unsigned int)content.n;
	if (gnutls_privkey_init(&key))
		return bundle_say(-ENOMEM, "no memory", ret_error);
	r = gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (r < 0) {
		r = bundle_say(-EINVAL, "no private key in PEM, or one that is encrypted",
			       ret_error);
	} else if (gnutls_privkey_get_pk_algorithm(key, NULL) != GNUTLS_PK_RSA) {
		r = bundle_say(-EOPNOTSUPP, "the private key is not RSA", ret_error);
	} else {
		r = gnutls_privkey_sign_data2(key, GNUTLS_SIGN_RSA_SHA256, 0, &data, ret);
		if (r < 0)
			r = bundle_say(-EINVAL, "the private key does not sign", ret_error);
	}
	gnutls_privkey_deinit(key);
	return r;
}

int capcert_bundle_sign(const uint8_t *content, size_t len, const capcert_cert *signer,
			const char *key_pem, int64_t time, uint8_t **ret, size_t *ret_len,
			const char **ret_error)
{
	struct cc_span in = cc_span(content, len);
	gnutls_datum_t signature = { NULL, 0 };
	capcert_bundle *check;
	struct cc_cert cert;
	const uint8_t *der;
	size_t n;
	int r = bundle_load(in, &check, ret_error);

	if (r < 0)
		return r;
	capcert_bundle_free(check);
	der = capcert_cert_der(signer, &n);
	if (cc_cert_parse(cc_span(der, n), &cert) != CC_CERT_OK)
		return bundle_say(-EBADMSG, "the signer's certificate is malformed", ret_error);
	r = check_signer(&cert, time, ret_error);
	if (r == 0)
		r = make_signature(key_pem, in, &signature, ret_error);
	if (r < 0)
		return r;
	/* Is it the certificate's key? */
	r = sig_check_message(&cert, CC_SCHEME_RSA_PKCS1_SHA256, in,
			      cc_span(signature.data, signature.size));
	if (r == 1)
		r = write_envelope(in, &cert, cc_span(signature.data, signature.size), ret,
				   ret_len);
	else
		r = bundle_say(-EKEYREJECTED, "the private key is not the certificate's",
			       ret_error);
	gnutls_free(signature.data);
	return r;
}
